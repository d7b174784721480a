/* plan.c - what a study amounts to, before anything runs. */
#include "plan.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "attest/base/size.h"
#include "attest/comm/node.h"
#include "attest/schedule/simulate.h"
#include "attest/store/dataset.h"
#include "cli_priv.h"
#include "folder.h"
#include "json.h"
#include "workload.h"

/* Nobody has measured these constructions here yet: a flop of scalar code is
 * taken to last a nanosecond, and the output says so. */
static const double ASSUMED_NS_PER_FLOP = 1;

/* Simulating more tasks than this takes seconds; then the bounds speak. */
static const uint64_t MOST_SIMULATED = 200000;

struct prediction {
    struct att_summary *summary;
    struct att_makespan makespan;
    struct att_simulation simulation;
    bool simulated;
    uint32_t cores;
};

static att_status simulate(const struct cli_session *s, const double *ns,
                           struct prediction *p, struct att_error *err)
{
    const struct att_schedule_options options = {
        .n_classes = s->study->n_sweeps, .ns_per_flop = ns};
    const struct att_simulation_options workers = {
        .n_workers = p->cores, .lanes_per_worker = 1, .workers_per_node = 1};
    struct att_schedule *schedule = NULL;
    struct cli_workload workload;

    ATT_TRY(att_schedule_create(&options, &schedule, err));
    att_status status = cli_workload_fill(s->plan, &(struct cli_choosing){0},
                                          schedule, &workload, err);
    if (status == ATT_OK)
        status = att_simulate(schedule, &workers, &p->simulation, err);
    att_schedule_destroy(schedule);
    p->simulated = status == ATT_OK;
    return status;
}

static att_status predict(const struct cli_session *s, uint32_t cores,
                          struct prediction *p, struct att_error *err)
{
    const uint32_t n = s->study->n_sweeps;
    double *ns = calloc(n, sizeof *ns);
    att_status status = ATT_OK;

    *p = (struct prediction){.cores = cores};
    if (ns == NULL)
        return att_fail(err, ATT_E_NOMEM, "out of memory planning");
    for (uint32_t i = 0; i < n; i++)
        ns[i] = ASSUMED_NS_PER_FLOP;
    status = att_summary_create(s->plan, &p->summary, err);
    if (status == ATT_OK) {
        p->makespan = att_summary_makespan(p->summary, n, ns, cores);
        if (p->summary->total.n_tasks <= MOST_SIMULATED)
            status = simulate(s, ns, p, err);
    }
    free(ns);
    return status;
}

/* ---- text ---------------------------------------------------------------- */

static void print_axis(const struct att_sweep *sweep,
                       const struct att_axis *axis, uint32_t k)
{
    const char *name =
        att_construction_param(sweep->construction, axis->param[k])->name;
    char first[ATT_NUMBER_TEXT];
    char last[ATT_NUMBER_TEXT];

    if (axis->expr != NULL) {
        (void)printf("  %-14s = %s\n", name, axis->expr);
        return;
    }
    (void)printf("  %-14s %" PRIu64 " value%s  %s", name, axis->n,
                 axis->n == 1 ? " " : "s",
                 att_value_text(att_axis_value(axis, 0, k), first));
    if (axis->n > 1) {
        (void)printf(" .. %s", att_value_text(
                                   att_axis_value(axis, axis->n - 1, k), last));
    }
    if (axis->n_duplicates > 0)
        (void)printf("  (%" PRIu64 " written twice)", axis->n_duplicates);
    (void)puts(axis->n_params > 1 && k > 0 ? "  (zipped)" : "");
}

static void print_counts(const struct att_sweep *sweep,
                         const struct att_sweep_summary *t)
{
    (void)printf("  points         %" PRIu64, t->n_points);
    if (t->n_dropped > 0)
        (void)printf(", of which `where` drops %" PRIu64, t->n_dropped);
    (void)printf("\n  tasks          %" PRIu64 " (%" PRIu32 " replicate%s)",
                 t->n_tasks, sweep->replicates,
                 sweep->replicates == 1 ? "" : "s");
    if (t->n_coinciding > 0) {
        (void)printf("; %s%" PRIu64 " more coincide with an earlier sweep",
                     t->coinciding_exact ? "" : "about ", t->n_coinciding);
    }
    (void)puts("");
    if (t->n_infeasible > 0)
        (void)printf("  infeasible     %.0f\n", t->n_infeasible);
    if (t->n_too_large > 0) {
        (void)printf("  skipped        %.0f need more than task_memory\n",
                     t->n_too_large);
    }
    if (t->n_invalid > 0)
        (void)printf("  out of range   %.0f (derived values)\n", t->n_invalid);
}

static void print_cost(const struct att_sweep_summary *t)
{
    char flops[ATT_HUMAN_TEXT];
    char largest[ATT_HUMAN_TEXT];
    char bytes[ATT_HUMAN_TEXT];

    (void)printf("  cost           %s%s flops, largest task %s flops, "
                 "largest memory %s\n",
                 t->exact ? "" : "about ", att_count_text(t->flops, flops),
                 att_count_text(t->max_flops, largest),
                 att_bytes_text((uint64_t)fmin(t->max_bytes, 0x1p62), bytes));
    if (!t->exact) {
        (void)printf("                 (from a sample of %" PRIu64
                     " points; counts are exact)\n",
                     t->n_asked);
    }
}

static void print_sweep(const struct att_sweep *sweep,
                        const struct att_sweep_summary *t)
{
    (void)printf("\nsweep %s: %s\n", sweep->name, sweep->construction->name);
    for (uint32_t a = 0; a < sweep->n_axes; a++) {
        for (uint32_t k = 0; k < sweep->axis[a].n_params; k++)
            print_axis(sweep, &sweep->axis[a], k);
    }
    if (sweep->find.present) {
        (void)printf(
            "  find           %s %s such that %s\n",
            sweep->find.largest ? "largest" : "smallest",
            att_construction_param(sweep->construction, sweep->find.param)
                ->name,
            sweep->find.such_that);
    }
    print_counts(sweep, t);
    print_cost(t);
}

static void print_time(const struct prediction *p)
{
    char work[ATT_HUMAN_TEXT];
    char low[ATT_HUMAN_TEXT];
    char high[ATT_HUMAN_TEXT];

    (void)printf(
        "\ntotal: %" PRIu64 " task%s, %s of one core's work at an "
        "assumed %g ns per flop\n",
        p->summary->total.n_tasks, p->summary->total.n_tasks == 1 ? "" : "s",
        att_seconds_text(p->makespan.core_s, work), ASSUMED_NS_PER_FLOP);
    if (p->simulated) {
        (void)printf("on %" PRIu32 " cores: %s, efficiency %.0f %%\n", p->cores,
                     att_seconds_text(p->simulation.makespan_s, low),
                     100 * p->simulation.efficiency);
    } else {
        (void)printf("on %" PRIu32 " cores: %s to %s\n", p->cores,
                     att_seconds_text(p->makespan.low_s, low),
                     att_seconds_text(p->makespan.high_s, high));
    }
}

/* What the run folder of that name holds already. */
static void print_held(const char *dir)
{
    struct att_dataset *dataset = NULL;

    if (!cli_is_run_folder(dir) ||
        att_dataset_open(dir, &dataset, NULL) != ATT_OK)
        return;
    (void)printf(
        "%s holds %" PRIu64 " of %" PRIu64 " rows of its study already\n", dir,
        att_dataset_n_done(dataset), att_dataset_n_planned(dataset));
    att_dataset_close(dataset);
}

/* ---- json ----------------------------------------------------------------- */

static json_t *axes_json(const struct att_sweep *sweep)
{
    json_t *axes = json_array();

    for (uint32_t a = 0; a < sweep->n_axes; a++) {
        const struct att_axis *axis = &sweep->axis[a];

        for (uint32_t k = 0; k < axis->n_params; k++) {
            const char *name =
                att_construction_param(sweep->construction, axis->param[k])
                    ->name;
            json_t *row =
                json_pack("{s:s, s:I, s:I, s:s?}", "name", name, "values",
                          (json_int_t)axis->n, "duplicates",
                          (json_int_t)axis->n_duplicates, "expr", axis->expr);

            if (axis->expr == NULL) {
                json_object_set_new(row, "first",
                                    att_json_value(att_axis_value(axis, 0, k)));
                json_object_set_new(
                    row, "last",
                    att_json_value(att_axis_value(axis, axis->n - 1, k)));
            }
            json_array_append_new(axes, row);
        }
    }
    return axes;
}

static void counts_json(json_t *to, const struct att_sweep_summary *t)
{
    json_object_set_new(to, "points", json_integer((json_int_t)t->n_points));
    json_object_set_new(to, "dropped", json_integer((json_int_t)t->n_dropped));
    json_object_set_new(to, "tasks", json_integer((json_int_t)t->n_tasks));
    json_object_set_new(to, "coinciding",
                        json_integer((json_int_t)t->n_coinciding));
    json_object_set_new(to, "infeasible", json_real(t->n_infeasible));
    json_object_set_new(to, "too_large", json_real(t->n_too_large));
    json_object_set_new(to, "flops", json_real(t->flops));
    json_object_set_new(to, "largest_flops", json_real(t->max_flops));
    json_object_set_new(to, "largest_bytes", json_real(t->max_bytes));
    json_object_set_new(to, "exact", json_boolean(t->exact));
}

static json_t *sweeps_json(const struct att_study *study,
                           const struct att_summary *summary)
{
    json_t *sweeps = json_array();

    for (uint32_t i = 0; i < study->n_sweeps; i++) {
        const struct att_sweep *sweep = &study->sweep[i];
        json_t *row = json_pack("{s:s, s:s, s:i}", "name", sweep->name,
                                "construction", sweep->construction->name,
                                "replicates", (int)sweep->replicates);

        json_object_set_new(row, "axes", axes_json(sweep));
        counts_json(row, &summary->sweep[i]);
        json_array_append_new(sweeps, row);
    }
    return sweeps;
}

static json_t *prediction_json(const struct prediction *p)
{
    json_t *time = json_object();

    json_object_set_new(time, "cores", json_integer((json_int_t)p->cores));
    json_object_set_new(time, "assumed_ns_per_flop",
                        json_real(ASSUMED_NS_PER_FLOP));
    json_object_set_new(time, "core_s", att_json_real(p->makespan.core_s));
    json_object_set_new(time, "low_s", att_json_real(p->makespan.low_s));
    json_object_set_new(time, "high_s", att_json_real(p->makespan.high_s));
    if (p->simulated) {
        json_object_set_new(time, "simulated_s",
                            att_json_real(p->simulation.makespan_s));
        json_object_set_new(time, "efficiency",
                            att_json_real(p->simulation.efficiency));
    }
    return time;
}

static json_t *plan_json(const struct cli_session *s,
                         const struct prediction *p)
{
    json_t *root = cli_json_begin("plan");
    char seed[32];

    (void)snprintf(seed, sizeof seed, "%" PRIu64, s->study->seed);
    json_object_set_new(root, "name", json_string(s->study->name));
    json_object_set_new(root, "seed", json_string(seed));
    json_object_set_new(root, "study_hash", att_json_key(s->study->digest));
    json_object_set_new(root, "sweeps", sweeps_json(s->study, p->summary));
    counts_json(root, &p->summary->total);
    json_object_set_new(root, "time", prediction_json(p));
    return root;
}

json_t *cli_plan_json(const struct cli_session *session, uint32_t cores,
                      struct att_error *err)
{
    struct prediction p;
    json_t *root = NULL;

    if (predict(session, cores, &p, err) == ATT_OK && p.summary != NULL)
        root = plan_json(session, &p);
    att_summary_destroy(p.summary);
    return root;
}

/* ---- the command ----------------------------------------------------------- */

static int plan_text(const struct cli_session *s, const struct prediction *p)
{
    char dir[CLI_PATH];

    (void)printf("study %s: seed %" PRIu64 ", %" PRIu32 " sweep%s\n",
                 s->study->name, s->study->seed, s->study->n_sweeps,
                 s->study->n_sweeps == 1 ? "" : "s");
    for (uint32_t i = 0; i < s->study->n_sweeps; i++)
        print_sweep(&s->study->sweep[i], &p->summary->sweep[i]);
    print_time(p);
    (void)snprintf(dir, sizeof dir, "runs/%s", s->study->name);
    print_held(dir);
    return CLI_DONE;
}

static uint32_t default_cores(void)
{
    struct att_node node;

    att_node_read(&node);
    return node.n_cpus;
}

int cmd_plan(int argc, char **argv)
{
    int64_t cores = 0;
    bool json = false;
    const struct cli_option options[] = {
        {"cores", 0, CLI_COUNT, "P", &cores,
         "predict the time on P cores (default: this node's)"},
        {"json", 0, CLI_SWITCH, NULL, &json, "print JSON"},
    };
    const struct cli_usage usage = {
        .synopsis = "plan STUDY [--cores P] [--json]",
        .summary = "Tell what a study amounts to: points, tasks, cost, memory, "
                   "time.",
        .details = "Nothing is written and nothing runs.",
        .example = "  attest plan configs/quickstart.yaml --cores 64",
        .option = options,
        .n_options = 2,
        .min_operands = 1,
        .max_operands = 1,
    };
    struct cli_words operands = {0};
    const enum cli_parsed parsed = cli_parse(&usage, argc, argv, &operands);
    struct cli_session session;
    struct prediction p;
    struct att_error err = {0};

    if (parsed != CLI_GO)
        return CLI_PARSED_EXIT(parsed);
    int code = cli_session_open(&session, operands.word[0], NULL, true);
    if (code != CLI_DONE)
        return code;
    const uint32_t n =
        cores > 0 && cores <= UINT32_MAX ? (uint32_t)cores : default_cores();
    if (predict(&session, n, &p, &err) != ATT_OK || p.summary == NULL) {
        code = cli_fail(&err);
    } else {
        code = json ? cli_json_end(plan_json(&session, &p))
                    : plan_text(&session, &p);
    }
    att_summary_destroy(p.summary);
    cli_session_close(&session);
    return code;
}
