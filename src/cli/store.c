/* store.c - results.h5 from the rows there are, without computing any. */
#include "attest/base/clock.h"
#include "attest/base/size.h"
#include "cli_priv.h"
#include "finish.h"

static int store(const char *dir, int argc, char **argv)
{
    struct cli_folder folder;
    struct att_error err = {0};
    struct att_buffer history = {0};
    char time[ATT_TIME_TEXT];

    if (cli_folder_open(&folder, dir, &err) != ATT_OK)
        return cli_fail(&err);
    struct att_provenance *p =
        att_provenance_collect(argc, (const char *const *)argv);
    att_buffer_printf(&history, "%s attest store %s",
                      att_time_text(att_clock_wall_s(), time), dir);
    const int code = cli_finish_store(&(struct cli_finish){
        .folder = &folder,
        .provenance = p,
        .history = att_buffer_ok(&history) ? history.data : "",
    });
    if (code == CLI_DONE)
        (void)printf("results: %s\n", folder.store);
    att_buffer_fini(&history);
    att_provenance_destroy(p);
    return code;
}

int cmd_store(int argc, char **argv)
{
    const struct cli_usage usage = {
        .synopsis = "store DIR",
        .summary = "Write results.h5 from the rows that a run has so far.",
        .details = "Works while the run goes on and after it was killed.  A "
                   "run writes the file\nby itself every few minutes and at "
                   "its end.",
        .example = "  attest store runs/quickstart",
        .min_operands = 1,
        .max_operands = 1,
    };
    struct cli_words operands = {0};
    const enum cli_parsed parsed = cli_parse(&usage, argc, argv, &operands);

    return parsed == CLI_GO ? store(operands.word[0], argc, argv)
                            : CLI_PARSED_EXIT(parsed);
}
