#include "finish.h"

#include <inttypes.h>

#include "attest/base/size.h"
#include "attest/store/dataset.h"
#include "attest/store/store.h"
#include "cli_priv.h"
#include "counterexample.h"
#include "verdicts.h"

static int write_store(const struct cli_finish *f,
                       const struct att_dataset *dataset,
                       const struct cli_verdicts *verdicts,
                       struct att_store_summary *summary)
{
    struct att_store_input input = {
        .replaces = f->replaces,
        .claims = &verdicts->results,
        .provenance = f->provenance,
        .history = f->history,
    };
    struct att_error err = {0};

    att_store_input_of(dataset, &input);
    if (att_store_write(f->folder->store, &input, summary, &err) == ATT_OK)
        return CLI_DONE;
    cli_error("every row is safe in the journal: attest store writes it again",
              "%s", err.text);
    return CLI_TROUBLE;
}

/* Rows that violate a proved claim are remade; there are none most times, and
 * then no row has to be in memory. */
static int save_counterexamples(const struct cli_finish *f,
                                struct att_dataset *dataset,
                                const struct cli_verdicts *verdicts)
{
    struct att_error err = {0};

    if (f->env == NULL ||
        !att_tally_fails(&verdicts->tallies, ATT_FAIL_ON_PROVED))
        return CLI_DONE;
    if (att_dataset_load_all(dataset, &err) != ATT_OK)
        return cli_fail(&err);
    cli_save_counterexamples(f->folder, dataset, f->env);
    return CLI_DONE;
}

static void print_summary(const struct cli_finish *f,
                          const struct att_store_summary *s)
{
    char bytes[ATT_HUMAN_TEXT];

    (void)printf("rows: %" PRIu64 " done of %" PRIu64 " planned", s->n_done,
                 s->n_planned);
    if (s->n_unplanned > 0) {
        (void)printf("; %" PRIu64 " no longer planned, kept in the journal and "
                     "left out of the store",
                     s->n_unplanned);
    }
    (void)printf("\nresults: %s (%s)\n", f->folder->store,
                 att_bytes_text(s->n_bytes, bytes));
}

static int finish(const struct cli_finish *f, bool print)
{
    struct att_dataset *dataset = NULL;
    struct cli_verdicts verdicts = {0};
    struct att_store_summary summary = {0};
    struct att_error err = {0};

    if (att_dataset_open(f->folder->dir, &dataset, &err) != ATT_OK)
        return cli_fail(&err);
    int code = cli_verdicts_make(dataset, &verdicts);
    if (code == CLI_DONE)
        code = write_store(f, dataset, &verdicts, &summary);
    if (code == CLI_DONE && print) {
        cli_verdicts_print(&verdicts, stdout);
        code = save_counterexamples(f, dataset, &verdicts);
        print_summary(f, &summary);
    }
    cli_verdicts_fini(&verdicts);
    att_dataset_close(dataset);
    return code;
}

/* Whoever runs the study may end it meanwhile: its store is the newer one. */
int cli_finish_store(const struct cli_finish *f)
{
    struct cli_finish yielding = *f;
    struct att_store_mark mark;

    att_store_look(f->folder->store, &mark);
    yielding.replaces = &mark;
    return finish(&yielding, false);
}

int cli_finish_run(const struct cli_finish *f)
{
    return finish(f, true);
}
