/* stop.c - ask a running job to drain, from any host that sees its folder. */
#include "cli_priv.h"
#include "folder.h"

#include "attest/base/buffer.h"

static int stop(const char *dir)
{
    struct cli_folder folder;
    struct att_error err = {0};

    if (cli_folder_open(&folder, dir, &err) != ATT_OK ||
        att_file_replace(folder.stop, "drain\n", 6, false, &err) != ATT_OK)
        return cli_fail(&err);
    (void)printf("%s: asked to drain; `attest status %s` shows when it has\n",
                 dir, dir);
    return CLI_DONE;
}

int cmd_stop(int argc, char **argv)
{
    const struct cli_usage usage = {
        .synopsis = "stop DIR...",
        .summary = "Ask running jobs to drain: finish what runs, keep all "
                   "rows, exit 75.",
        .details = "A coordinator looks for the request once a second.  "
                   "Without one nothing\nhappens: the next run removes the "
                   "request.",
        .example = "  attest stop runs/quickstart",
        .min_operands = 1,
        .max_operands = -1,
    };
    struct cli_words operands = {0};
    const enum cli_parsed parsed = cli_parse(&usage, argc, argv, &operands);
    int code = CLI_DONE;

    if (parsed != CLI_GO)
        return CLI_PARSED_EXIT(parsed);
    for (int i = 0; i < operands.n; i++) {
        const int one = stop(operands.word[i]);

        code = one != CLI_DONE ? one : code;
    }
    return code;
}
