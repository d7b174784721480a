/* forget.c - rows that shall not count: tombstones in the journal. */
#include <inttypes.h>

#include "attest/base/clock.h"
#include "attest/record/append.h"
#include "attest/store/dataset.h"
#include "attest/store/provenance.h"
#include "cli_priv.h"
#include "folder.h"
#include "pick.h"
#include "select.h"

/* A run folder that this process owns for a moment. */
struct owned {
    struct att_lock *lock;
    struct att_append *append;
};

static att_status own(const struct cli_folder *folder, struct owned *o,
                      struct att_error *err)
{
    ATT_TRY(att_lock_acquire(folder->dir, NULL, &o->lock, err));
    const struct att_append_options options = {.attest_version = att_version(),
                                               .lock = o->lock};
    return att_append_open(folder->journal, &options, &o->append, err);
}

static att_status disown(struct owned *o, struct att_error *err)
{
    att_status status = ATT_OK;

    if (o->append != NULL)
        status = att_append_close(o->append, err);
    att_lock_release(o->lock);
    *o = (struct owned){0};
    return status;
}

static void bury(struct att_append *append, struct att_key key,
                 const char *where)
{
    att_append_note(append, &(struct att_journal_note){
                                .kind = ATT_NOTE_FORGET,
                                .time = att_clock_wall_s(),
                                .key = key,
                                .subject = "",
                                .from = "",
                                .to = "",
                                .text = where,
                            });
}

static att_status forget_table(const struct att_table *table, const char *where,
                               struct att_append *append, uint64_t *n,
                               struct att_error *err)
{
    for (size_t i = 0; i < table->rows.n; i++) {
        bool meets = false;

        ATT_TRY(cli_row_meets(table, i, where, &meets, err));
        if (!meets || att_table_status(table, i) == ATT_NOT_RUN)
            continue;
        bury(append, att_table_key(table, i), where);
        ++*n;
    }
    return ATT_OK;
}

static att_status forget_all(struct att_dataset *dataset, const char *sweep,
                             const char *where, struct att_append *append,
                             uint64_t *n, struct att_error *err)
{
    ATT_TRY(cli_check_sweep(dataset, sweep, err));
    for (uint32_t i = 0; i < att_dataset_n_sweeps(dataset); i++) {
        const struct att_table *table = NULL;

        ATT_TRY(att_dataset_load(dataset, i, false, &table, err));
        if (sweep == NULL || att_dataset_find(dataset, sweep) == (int)i)
            ATT_TRY(forget_table(table, where, append, n, err));
    }
    return att_append_commit(append, err);
}

static int forget(const char *dir, const char *sweep, const char *where)
{
    struct cli_folder folder;
    struct att_dataset *dataset = NULL;
    struct owned owned = {0};
    struct att_error err = {0};
    uint64_t n = 0;
    int code = CLI_DONE;

    if (cli_folder_name(&folder, dir, &err) == ATT_OK &&
        own(&folder, &owned, &err) == ATT_OK &&
        att_dataset_open(dir, &dataset, &err) == ATT_OK)
        (void)forget_all(dataset, sweep, where, owned.append, &n, &err);
    if (err.status != ATT_OK)
        code = cli_fail(&err);
    att_dataset_close(dataset);
    struct att_error closing = {0};
    if (disown(&owned, &closing) != ATT_OK)
        code = cli_fail(&closing);
    if (code == CLI_DONE && n == 0) {
        (void)puts("no row meets the condition: nothing forgotten");
    } else if (code == CLI_DONE) {
        (void)printf("%" PRIu64 " rows forgotten; `attest run %s` computes "
                     "them again\n",
                     n, dir);
    }
    return code;
}

int cmd_forget(int argc, char **argv)
{
    const char *where = NULL;
    const char *sweep = NULL;
    const struct cli_option options[] = {
        {"where", 0, CLI_TEXT, "COND", &where,
         "which rows: 'N=64 d=8', 'status=failed'"},
        {"sweep", 0, CLI_TEXT, "NAME", &sweep, "only of this sweep"},
    };
    const struct cli_usage usage = {
        .synopsis = "forget DIR --where COND [--sweep NAME]",
        .summary = "Make rows not count any more, so that a run computes them "
                   "again.",
        .details = "The journal keeps the rows and a tombstone that says when "
                   "and why.",
        .example = "  attest forget runs/quickstart --where 'N=64 dtype=f32'",
        .option = options,
        .n_options = 2,
        .min_operands = 1,
        .max_operands = 1,
    };
    struct cli_words operands = {0};
    const enum cli_parsed parsed = cli_parse(&usage, argc, argv, &operands);

    if (parsed != CLI_GO)
        return CLI_PARSED_EXIT(parsed);
    if (where == NULL) {
        cli_error("--where 'status=failed', or 'N>0' for all",
                  "say which rows: --where");
        return CLI_USAGE;
    }
    return forget(operands.word[0], sweep, where);
}
