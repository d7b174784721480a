/* merge.c - the union of runs, again a run folder. */
#include "attest/store/merge.h"

#include <inttypes.h>

#include "cli_priv.h"
#include "finish.h"

static void print_report(const struct att_merge_report *r, const char *target)
{
    (void)printf("%s: %" PRIu64 " rows from %" PRIu64 " folders", target,
                 r->n_rows, r->n_folders);
    if (r->n_shared > 0)
        (void)printf("; %" PRIu64 " in several, all agree", r->n_shared);
    if (r->n_replaced > 0)
        (void)printf("; %" PRIu64 " failures replaced", r->n_replaced);
    (void)puts("");
    if (r->n_studies > 1) {
        (void)printf("%" PRIu64 " different studies: the first one's is kept, "
                     "rows that it does not plan stay in the journal\n",
                     r->n_studies);
    }
}

/* results.h5 of the merged folder. */
static int make_store(const char *target)
{
    struct cli_folder folder;
    struct att_error err = {0};

    if (cli_folder_name(&folder, target, &err) != ATT_OK)
        return cli_fail(&err);
    return cli_finish_run(
        &(struct cli_finish){.folder = &folder, .history = "attest merge"});
}

static int merge(const struct cli_words *dirs, const char *target)
{
    struct att_merge_report report = {0};
    struct att_buffer conflicts = {0};
    struct att_error err = {0};
    int code = CLI_DONE;

    if (att_merge(dirs->word, (size_t)dirs->n, target, &report, &conflicts,
                  &err) != ATT_OK) {
        if (conflicts.size > 0)
            (void)fputs(conflicts.data, stderr);
        code = cli_fail(&err);
    } else {
        print_report(&report, target);
        code = make_store(target);
    }
    att_buffer_fini(&conflicts);
    return code;
}

int cmd_merge(int argc, char **argv)
{
    const char *target = NULL;
    const struct cli_option options[] = {
        {"output", 'o', CLI_TEXT, "DIR", &target,
         "the folder to make (must not exist)"},
    };
    const struct cli_usage usage = {
        .synopsis = "merge DIR... -o DIR",
        .summary = "Unite runs (shards, retries, other machines) by key.",
        .details = "Success beats failure, and more lines of observations beat "
                   "fewer of them.\nRows that do not agree are named, and "
                   "nothing is written (exit code 1).",
        .example = "  attest merge runs/scaling.shard-* -o runs/scaling",
        .option = options,
        .n_options = 1,
        .min_operands = 1,
        .max_operands = -1,
    };
    struct cli_words operands = {0};
    const enum cli_parsed parsed = cli_parse(&usage, argc, argv, &operands);

    if (parsed != CLI_GO)
        return CLI_PARSED_EXIT(parsed);
    if (target == NULL) {
        cli_error("attest merge A B -o MERGED", "name the folder to make: -o");
        return CLI_USAGE;
    }
    return merge(&operands, target);
}
