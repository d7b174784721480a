/* run.c - the main job: a study, on as many ranks as there are.
 *
 * Every rank reads the study, forks its lanes, and only then initialises MPI.
 * Rank 0 owns the run folder; the others compute. */
#include "run_priv.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attest/base/clock.h"
#include "attest/base/log.h"
#include "attest/base/size.h"
#include "attest/linalg/cpu.h"
#include "finish.h"
#include "plan.h"

/* A rank beats at least four times before it counts as lost, and rank 0, whose
 * death ends the run, gets four times the patience of others. */
static const double HEARTBEAT_S = 1;
static const double ORPHAN_FACTOR = 4;

/* The rank that a launcher gave this process, before MPI is up. */
static uint32_t rank_of_environment(void)
{
    static const char *const names[] = {"OMPI_COMM_WORLD_RANK", "PMIX_RANK",
                                        "PMI_RANK", "SLURM_PROCID"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *text = getenv(names[i]);

        if (text != NULL)
            return (uint32_t)strtoul(text, NULL, 10);
    }
    return 0;
}

/* STUDY names a file; a run folder stands for its own study.yaml. */
static int name_folder(struct cli_run *r, const char **study)
{
    struct att_error err = {0};
    char runs[CLI_PATH];
    const char *dir = r->options.dir;
    const char *journal = NULL;

    *study = r->options.study;
    if (cli_is_run_folder(r->options.study)) {
        if (cli_folder_name(&r->folder, r->options.study, &err) != ATT_OK)
            return cli_fail(&err);
        *study = r->folder.study;
        journal = r->folder.journal;
        dir = dir != NULL ? dir : r->options.study;
    }
    const int code =
        cli_session_open(&r->session, *study, journal, r->rank == 0);
    if (code != CLI_DONE)
        return code;
    if (dir == NULL) {
        (void)snprintf(runs, sizeof runs, "runs/%s", r->session.study->name);
        dir = runs;
    }
    return cli_folder_name(&r->folder, dir, &err) == ATT_OK ? CLI_DONE
                                                            : cli_fail(&err);
}

static int make_environment(struct cli_run *r)
{
    struct att_error err = {0};
    struct att_task_setup setup = {.plan = r->session.plan,
                                   .host = r->node.host};

    if (r->options.kernel != NULL &&
        att_kernel_pin(r->options.kernel, &err) != ATT_OK)
        return cli_fail(&err);
    setup.kernel = att_kernel_name(r->kernel);
    if (cli_session_files(&r->session, &setup.files, &setup.n_files, &err) !=
            ATT_OK ||
        att_task_env_create(&setup, &r->env, &err) != ATT_OK)
        return cli_fail(&err);
    return CLI_DONE;
}

int cli_run_prepare(struct cli_run *r)
{
    const char *study = NULL;

    att_launch_detect(&r->launch);
    att_launch_environment();
    r->rank = r->launch.mpi ? rank_of_environment() : 0;
    att_node_read(&r->node);
    cli_logfile_start(&r->log, r->rank, false);
    if (!cli_signals_open(&r->signals)) {
        cli_error(NULL, "cannot block signals");
        return CLI_TROUBLE;
    }
    const int code = name_folder(r, &study);
    return code != CLI_DONE ? code : make_environment(r);
}

static int start_comm(struct cli_run *r)
{
    struct att_error err = {0};
    const struct att_comm_options options = {
        .launch = r->launch,
        .node = r->node,
        .plan = att_plan_digest(r->session.plan),
        .n_lanes = cli_run_n_lanes(r),
        .dedicated = r->options.dedicated,
        .heartbeat_s = fmin(HEARTBEAT_S, r->options.lost_after_s / 4),
        .lost_after_s = r->options.lost_after_s,
        .orphan_after_s = ORPHAN_FACTOR * r->options.lost_after_s,
    };

    if (att_comm_init(&options, &r->comm, &err) != ATT_OK)
        return cli_fail(&err);
    r->rank = att_comm_rank(r->comm);
    (void)snprintf(r->library, sizeof r->library, "%s",
                   att_comm_library(r->comm));
    return CLI_DONE;
}

/* ---- rank 0 ----------------------------------------------------------------- */

static void write_plan(struct cli_run *r)
{
    json_t *plan = cli_plan_json(
        &r->session, att_comm_size(r->comm) * cli_run_n_lanes(r), NULL);
    char *text = plan != NULL ? json_dumps(plan, JSON_INDENT(2)) : NULL;
    struct att_error err = {0};

    if (text != NULL && att_file_replace(r->folder.plan, text, strlen(text),
                                         false, &err) != ATT_OK)
        att_log(ATT_LOG_WARNING, "%s", err.text);
    free(text);
    json_decref(plan);
}

static void say_start(const struct cli_run *r)
{
    const struct cli_workload *w = &r->ledger.workload;
    struct att_buffer line = {0};

    att_buffer_printf(&line,
                      "%" PRIu64 " planned: %" PRIu64 " kept, %" PRIu64 " new",
                      w->n_kept + w->n_new, w->n_kept, w->n_new);
    if (r->ledger.n_reused > 0) {
        att_buffer_printf(&line, ", %" PRIu64 " of them from other runs",
                          r->ledger.n_reused);
    }
    if (r->ledger.n_unplanned > 0) {
        att_buffer_printf(&line,
                          ", %" PRIu64 " no longer planned (kept in the "
                          "journal, left out of the store)",
                          r->ledger.n_unplanned);
    }
    if (att_buffer_ok(&line)) {
        att_log(ATT_LOG_INFO, "run of %s on %u ranks: %s",
                r->session.study->name, att_comm_size(r->comm), line.data);
        if (w->n_kept > 0 || r->ledger.n_unplanned > 0)
            (void)fprintf(stderr, "attest: %s\n", line.data);
    }
    att_buffer_fini(&line);
}

static att_status open_run(struct cli_run *r, struct att_error *err)
{
    const struct att_schedule_options options = {
        .n_classes = r->session.study->n_sweeps};
    const struct cli_wishes wishes = {
        .reuse = &r->options.reuse,
        .stale = r->options.stale,
        .retry = r->options.retry,
        .shard = r->options.shard,
        .n_shards = r->options.n_shards,
        .pilot = r->options.pilot,
        .lanes = r->lanes,
        .kernel = r->kernel,
    };

    ATT_TRY(att_schedule_create(&options, &r->schedule, err));
    ATT_TRY(cli_folder_make(&r->folder, err));
    const bool logs = cli_logfile_open(&r->log, r->folder.log);
    ATT_TRY(cli_ledger_open(&r->ledger, &r->folder, &r->session, r->env, err));
    (void)unlink(r->folder.stop); /* meant for an earlier run */
    if (!logs)
        cli_warn("cannot append to %s", r->folder.log);
    write_plan(r);
    ATT_TRY(cli_ledger_fill(&r->ledger, &wishes, r->schedule, err));
    if (r->options.until_s > 0) {
        att_schedule_until(r->schedule, att_clock_s() + r->options.until_s);
    }
    cli_reporter_init(&r->reporter, &r->session, r->folder.dir,
                      r->folder.status, r->options.progress);
    cli_snapshot_init(&r->snapshot, r->folder.dir, r->folder.store,
                      r->options.store_every_s, att_clock_s());
    cli_comment_init(&r->comment, att_clock_s());
    say_start(r);
    r->opened = true;
    return ATT_OK;
}

/* An empty schedule lets the other ranks go home when rank 0 cannot start. */
static int open_or_release(struct cli_run *r)
{
    struct att_error err = {0};

    if (r->rank != 0 || open_run(r, &err) == ATT_OK)
        return CLI_DONE;
    const int code = cli_fail(&err);
    att_schedule_destroy(r->schedule);
    r->schedule = NULL;
    if (att_schedule_create(&(struct att_schedule_options){.n_classes = 1},
                            &r->schedule, NULL) != ATT_OK)
        r->schedule = NULL;
    return code == CLI_USAGE ? CLI_TROUBLE : code;
}

static int outcome_code(const struct cli_run *r, enum att_comm_end end,
                        att_status status)
{
    const struct att_schedule_stats *s = &r->last.stats;

    if (status != ATT_OK || end == ATT_COMM_DESERTED)
        return CLI_TROUBLE;
    if (end == ATT_COMM_QUIT)
        return CLI_SIGNAL + r->signals.ended_by;
    if (end == ATT_COMM_DRAINED)
        return CLI_DRAINED;
    return r->ledger.workload.n_failed + s->n_by[ATT_FAILED] +
                       s->n_by[ATT_TIMEOUT] + s->n_by[ATT_OOM] +
                       s->n_by[ATT_CRASHED] >
                   0
               ? CLI_FAILURES
               : CLI_DONE;
}

static enum cli_run_state state_of(int code)
{
    if (code == CLI_DONE || code == CLI_FAILURES)
        return CLI_STATE_FINISHED;
    if (code == CLI_DRAINED)
        return CLI_STATE_DRAINED;
    return code >= CLI_SIGNAL ? CLI_STATE_ENDED : CLI_STATE_TROUBLE;
}

static char *history_line(const struct cli_run *r)
{
    struct att_buffer line = {0};
    char time[ATT_TIME_TEXT];

    att_buffer_printf(&line, "%s", att_time_text(att_clock_wall_s(), time));
    for (int i = 0; i < r->argc; i++)
        att_buffer_printf(&line, " %s", i == 0 ? "attest run" : r->argv[i]);
    return line.data; /* NULL when out of memory */
}

/* What only the run knows of where its rows come from. */
static att_status add_facts(const struct cli_run *r, struct att_provenance *p,
                            struct att_error *err)
{
    struct att_buffer plan = {0};
    att_status status = att_provenance_set(p, "mpi", r->library, err);

    if (status == ATT_OK)
        status = att_provenance_set(p, "kernel", r->kernel, err);
    if (status == ATT_OK)
        status = att_file_read(r->folder.plan, &plan, err);
    if (status == ATT_OK && plan.data != NULL)
        status = att_provenance_set(p, "plan", plan.data, err);
    att_buffer_fini(&plan);
    return status;
}

static int finish(struct cli_run *r)
{
    struct att_provenance *p =
        att_provenance_collect(r->argc, (const char *const *)r->argv);
    char *history = history_line(r);
    struct att_error err = {0};
    struct cli_finish f = {
        .folder = &r->folder,
        .provenance = p,
        .env = r->env,
        .history = history != NULL ? history : "",
    };

    if (p != NULL && add_facts(r, p, &err) != ATT_OK)
        cli_warn("provenance: %s", err.text);
    const int code = cli_finish_run(&f);
    free(history);
    att_provenance_destroy(p);
    return code;
}

static void say_end(const struct cli_run *r)
{
    const struct att_schedule_stats *s = &r->last.stats;
    char time[ATT_HUMAN_TEXT];
    char tail[ATT_HUMAN_TEXT];

    if (s->n_over == 0)
        return;
    (void)printf("%" PRIu64 " tasks in %s", s->n_over,
                 att_seconds_text(r->last.elapsed_s, time));
    if (isfinite(s->efficiency)) {
        (void)printf(", efficiency %.0f %%, idle tail %s per lane",
                     100 * s->efficiency,
                     att_seconds_text(fmax(s->idle_tail_s, 0), tail));
    }
    (void)puts("");
    for (int i = ATT_FAILED; i < ATT_NOT_RUN; i++) {
        if (s->n_by[i] > 0) {
            (void)printf("  %" PRIu64 " %s\n", s->n_by[i],
                         att_outcome_text((enum att_outcome_status)i));
        }
    }
}

static void comment_end(struct cli_run *r, int code)
{
    struct att_buffer text = {0};

    cli_progress_text(&r->last, &text);
    att_buffer_printf(&text, ", exit code %d", code);
    if (att_buffer_ok(&text))
        cli_comment_end(&r->comment, text.data);
    att_buffer_fini(&text);
}

/* Close the journal first: whatever fails later, the rows are safe. */
static int close_run(struct cli_run *r, int code)
{
    struct att_error err = {0};

    cli_snapshot_end(&r->snapshot);
    if (cli_ledger_close(&r->ledger, &err) != ATT_OK) {
        (void)cli_fail(&err);
        code = CLI_TROUBLE;
    }
    if (code == CLI_DONE || code == CLI_FAILURES || code == CLI_DRAINED) {
        say_end(r);
        const int finished = finish(r);
        if (finished != CLI_DONE)
            code = finished;
    }
    cli_reporter_end(&r->reporter, &r->last, state_of(code), code);
    comment_end(r, code);
    if (code == CLI_DRAINED)
        (void)fputs("attest: drained; run it again to go on\n", stderr);
    return code;
}

/* A worker that rank 0 sent home has told it what was wrong: with another code
 * a launcher would kill rank 0 while that writes the store. */
static int worker_code(enum att_comm_end end, att_status status)
{
    return status != ATT_OK && end == ATT_COMM_QUIT ? CLI_TROUBLE : CLI_DONE;
}

/* ---- all ranks ---------------------------------------------------------------- */

static int work_together(struct cli_run *r)
{
    const struct att_comm_calls calls = cli_run_calls(r);
    const struct att_comm_job job = {
        .lanes = r->lanes,
        .schedule = r->schedule,
        .calls = &calls,
        .drain_grace_s = r->options.grace_s,
    };
    enum att_comm_end end = ATT_COMM_QUIT;
    struct att_error err = {0};

    const att_status status = att_comm_run(r->comm, &job, &end, &err);
    if (status != ATT_OK)
        (void)cli_fail(&err);
    return r->rank == 0 ? outcome_code(r, end, status)
                        : worker_code(end, status);
}

/* What rank 0 does when the others are gone; what others return. */
static int end_rank(struct cli_run *r, int opened, int code)
{
    struct att_error err = {0};

    if (r->rank != 0)
        return code;
    if (opened == CLI_DONE)
        return close_run(r, code);
    if (cli_ledger_close(&r->ledger, &err) != ATT_OK)
        (void)cli_fail(&err);
    return opened;
}

static int run_ranks(struct cli_run *r)
{
    int code = start_comm(r);

    if (code != CLI_DONE)
        return code;
    const int opened = open_or_release(r);
    code = work_together(r);
    att_lanes_stop(r->lanes, 1);
    r->lanes = NULL;
    const bool clean = att_comm_clean(r->comm);
    att_comm_fini(r->comm);
    r->comm = NULL;
    code = end_rank(r, opened, code);
    if (!clean) { /* a dead peer would hang MPI's own exit handlers */
        (void)fflush(NULL);
        _exit(code);
    }
    return code;
}

static void fini(struct cli_run *r)
{
    if (r->lanes != NULL)
        att_lanes_stop(r->lanes, 0);
    att_schedule_destroy(r->schedule);
    att_task_env_destroy(r->env);
    cli_session_close(&r->session);
    cli_signals_close(&r->signals);
    cli_logfile_stop(&r->log);
}

int cli_run(struct cli_run *r)
{
    int code = cli_run_prepare(r);

    if (code == CLI_DONE)
        code = cli_run_start_lanes(r);
    if (code == CLI_DONE)
        code = run_ranks(r);
    fini(r);
    return code;
}

int cmd_run(int argc, char **argv)
{
    struct cli_run r = {.argc = argc, .argv = argv};
    const enum cli_parsed parsed = cli_run_parse(argc, argv, &r.options);

    return parsed == CLI_GO ? cli_run(&r) : CLI_PARSED_EXIT(parsed);
}
