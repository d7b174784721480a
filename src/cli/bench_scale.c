/* bench_scale.c - a large run resumed, stored, asked; ranks against a rank. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "attest/base/clock.h"
#include "attest/base/statistics.h"
#include "attest/store/index.h"
#include "attest/store/store.h"
#include "bench_priv.h"
#include "cli_priv.h"
#include "session.h"

/* A run folder with its study, opened as `run` opens it. */
struct large {
    struct cli_folder folder;
    struct cli_session session;
};

static bool open_large(struct bench *b, struct large *l)
{
    char study[CLI_PATH];
    char run[CLI_PATH];
    char grid[64];

    (void)snprintf(grid, sizeof grid, "i: {from: 1, to: %" PRId64 ", step: 1}",
                   b->n_rows);
    return cli_bench_study(b, grid, study) &&
           snprintf(run, sizeof run, "%s/large", b->folder) < CLI_PATH &&
           cli_bench_run(b, study, run, b->cores) &&
           cli_folder_name(&l->folder, run, NULL) == ATT_OK &&
           cli_session_open(&l->session, study, NULL, true) == CLI_DONE;
}

/* What a second `run` does before it can grant: replay, and place each row. */
static bool time_resume(const struct large *l, double *seconds)
{
    struct att_journal *journal = NULL;
    struct att_index index = {0};
    const double start = att_clock_s();
    const bool good =
        att_journal_load(l->folder.journal, &journal, NULL) == ATT_OK &&
        att_index_build(journal, l->session.plan, &index, NULL) == ATT_OK;

    *seconds = att_clock_s() - start;
    att_index_fini(&index);
    att_journal_destroy(journal);
    return good;
}

static bool time_store(const struct large *l, double *seconds)
{
    struct att_journal *journal = NULL;
    struct att_store_summary summary;

    if (att_journal_load(l->folder.journal, &journal, NULL) != ATT_OK)
        return false;
    const struct att_store_input input = {
        .journal = journal,
        .study = l->session.study,
        .plan = l->session.plan,
        .history = "attest bench",
    };
    const double start = att_clock_s();
    const bool good =
        att_store_write(l->folder.store, &input, &summary, NULL) == ATT_OK;

    *seconds = att_clock_s() - start;
    att_journal_destroy(journal);
    return good;
}

static bool time_status(const struct bench *b, const struct large *l,
                        double *seconds)
{
    const char *const argv[] = {b->self, "status", l->folder.dir, NULL};
    double each[REPEATS];

    for (int i = 0; i < REPEATS; i++) {
        const double start = att_clock_s();

        if (!cli_bench_child(argv))
            return false;
        each[i] = att_clock_s() - start;
    }
    *seconds = att_median(each, REPEATS);
    return true;
}

static bool bench_large(struct bench *b)
{
    struct large l = {0};
    double resume_s = 0;
    double store_s = 0;
    double status_s = 0;
    char resume[48];
    char store[48];

    const bool good = open_large(b, &l) && time_resume(&l, &resume_s) &&
                      time_store(&l, &store_s) && time_status(b, &l, &status_s);
    cli_session_close(&l.session);
    if (!good)
        return false;
    (void)snprintf(resume, sizeof resume, "resume of %.2g rows",
                   (double)b->n_rows);
    (void)snprintf(store, sizeof store, "store of %.2g rows",
                   (double)b->n_rows);
    cli_bench_report(b, &(struct figure){resume, "s", resume_s,
                                         5e-6 * (double)b->n_rows,
                                         "the bar of 5 s for 10^6"});
    cli_bench_report(b, &(struct figure){store, "s", store_s,
                                         1e-5 * (double)b->n_rows,
                                         "the bar of 10 s for 10^6"});
    cli_bench_report(
        b, &(struct figure){"status", "s", status_s, 0.05, "the bar of 50 ms"});
    return true;
}

/* The compute-bound study on so many ranks, one lane each. */
static bool time_ranks(const struct bench *b, const char *study,
                       const char *ranks, double *seconds)
{
    double each[3];

    for (int i = 0; i < 3; i++) {
        char run[CLI_PATH];

        if (snprintf(run, sizeof run, "%s/ranks-%s-%d", b->folder, ranks, i) >=
            CLI_PATH)
            return false;
        const char *const argv[] = {
            "mpirun", "-n",      ranks, b->self,      "run",  study, "-o",
            run,      "--lanes", "1",   "--progress", "none", NULL};
        if (!cli_bench_child(argv))
            return false;
        each[i] = cli_bench_elapsed(run);
    }
    *seconds = att_median(each, 3);
    return true;
}

static bool bench_ranks(struct bench *b)
{
    const char *const probe[] = {"mpirun", "--version", NULL};
    char study[CLI_PATH];
    double one_s = 0;
    double two_s = 0;

    (void)setenv("OMPI_ALLOW_RUN_AS_ROOT", "1", 0);
    (void)setenv("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1", 0);
    if (!ATT_HAVE_MPI || b->cores < 2 || !cli_bench_child(probe)) {
        cli_warn("two ranks against one: needs MPI, mpirun and two cores");
        return true;
    }
    if (!cli_bench_study(b, "i: {from: 1, to: 400, step: 1}, flops: 2e7",
                         study) ||
        !time_ranks(b, study, "1", &one_s) ||
        !time_ranks(b, study, "2", &two_s))
        return false;
    cli_bench_report(b, &(struct figure){"two ranks against one", "times",
                                         one_s / two_s, 1.9, "the bar of 1.9"});
    return true;
}

bool cli_bench_scale(struct bench *b)
{
    return bench_large(b) && bench_ranks(b);
}
