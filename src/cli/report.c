/* report.c - the HTML page of a run. */
#include <string.h>

#include "attest/report/page.h"
#include "cli_priv.h"
#include "folder.h"
#include "verdicts.h"

struct report {
    const char *path, *file;
    struct att_dataset *dataset;
    struct att_dataset *store; /* of a run folder: what knows the provenance */
    struct cli_verdicts verdicts;
    struct att_buffer html;
    size_t n_figures;
};

/* results.h5 of a run folder, or nothing. */
static struct att_dataset *open_store(const char *dir)
{
    struct att_dataset *store = NULL;
    struct cli_folder folder;

    return cli_folder_name(&folder, dir, NULL) == ATT_OK &&
                   att_dataset_open(folder.store, &store, NULL) == ATT_OK
               ? store
               : NULL;
}

static att_status write_page(struct report *r, struct att_error *err)
{
    struct att_buffer command = {0};

    att_buffer_printf(&command, "attest report %s -o %s", r->path, r->file);
    const struct att_page page = {
        .dataset = r->dataset,
        .facts = r->store != NULL ? r->store : r->dataset,
        .results = &r->verdicts.results,
        .tallies = &r->verdicts.tallies,
        .command = att_buffer_ok(&command) ? command.data : "attest report",
    };
    att_status status = att_page_write(&page, &r->html, &r->n_figures, err);

    if (status == ATT_OK) {
        status =
            att_file_replace(r->file, r->html.data, r->html.size, false, err);
    }
    att_buffer_fini(&command);
    return status;
}

static int report(struct report *r)
{
    struct att_error err = {0};
    int code = CLI_DONE;

    if (att_dataset_open(r->path, &r->dataset, &err) != ATT_OK)
        return cli_fail(&err);
    if (att_dataset_is_live(r->dataset))
        r->store = open_store(r->path);
    code = cli_verdicts_make(r->dataset, &r->verdicts);
    if (code == CLI_DONE &&
        /* judging reads only the rows that claims are about */
        (att_dataset_load_all(r->dataset, &err) != ATT_OK ||
         write_page(r, &err) != ATT_OK))
        code = cli_fail(&err);
    if (code == CLI_DONE) {
        if (r->n_figures == 0) {
            cli_warn("no figure was drawn: gnuplot (gnuplot-nox) is missing, "
                     "or nothing varies");
        }
        (void)fprintf(stderr, "written: %s (%zu figures)\n", r->file,
                      r->n_figures);
    }
    cli_verdicts_fini(&r->verdicts);
    att_buffer_fini(&r->html);
    att_dataset_close(r->store);
    att_dataset_close(r->dataset);
    return code;
}

int cmd_report(int argc, char **argv)
{
    struct report r = {.file = "report.html"};
    const struct cli_option options[] = {
        {"output", 'o', CLI_TEXT, "FILE", &r.file,
         "the page (default: report.html)"},
    };
    const struct cli_usage usage = {
        .synopsis = "report DIR|FILE [-o PAGE.html]",
        .summary = "Write a run as one HTML page, for a screen and for paper.",
        .details =
            "Claims, figures with the theorem's lines, fitted laws, rows\n"
            "without a result, the cost model beside the clock, provenance.\n"
            "The page needs no network; its figures are drawn by gnuplot.",
        .example = "  attest report runs/quickstart -o quickstart.html",
        .option = options,
        .n_options = 1,
        .min_operands = 1,
        .max_operands = 1,
    };
    struct cli_words operands = {0};
    const enum cli_parsed parsed = cli_parse(&usage, argc, argv, &operands);

    if (parsed != CLI_GO)
        return CLI_PARSED_EXIT(parsed);
    r.path = operands.word[0];
    return report(&r);
}
