/* test_task.c - every way a unit can end becomes the row that says so. */
#include "attest/task/task.h"

#include <math.h>
#include <sys/mman.h>

#include "attest/base/resident.h"
#include "attest/base/text.h"
#include "attest/construction/registry.h"
#include "bench_study.h"

/* ---- a problem and a construction that do as they are told -------------------- */

enum { P_DATA, P_I, P_WHAT, P_SLICES };

static const char *const DATA[] = {"gauss", "unif", NULL};
static const char *const WHAT[] = {"fine", "refuse", "infeasible", "numeric",
                                   "mute", "touch",  "hungry",     "greedy",
                                   "huge", "large",  "wrong",      NULL};

static const struct att_param PROBLEM_PARAMS[] = {
    ATT_PARAM_CHOICE("data", ATT_SEEDS_INSTANCE, "gauss", DATA, "kind"),
};
static const struct att_param PARAMS[] = {
    ATT_PARAM_INTEGER("i", ATT_SEEDS_NOTHING, 0, 0, 1000, "tells tasks apart"),
    ATT_PARAM_CHOICE("what", ATT_SEEDS_BUILDER, "fine", WHAT, "what to do"),
    ATT_PARAM_INTEGER("slices", ATT_SEEDS_NOTHING, 1, 1, 64, "row blocks"),
};

enum { M_DRAW, M_BUILT, M_TEXT, M_PHASES, N_METRICS };

static const struct att_metric METRICS[] = {
    [M_DRAW] = {.name = "draw", .kind = ATT_REAL, .unit = "1"},
    [M_BUILT] = {.name = "built", .kind = ATT_INTEGER, .unit = "1"},
    [M_TEXT] = {.name = "err_kind", .kind = ATT_TEXT, .unit = "1"},
    [M_PHASES] = {.name = "asked", .kind = ATT_INTEGER, .unit = "1"},
};

static const struct att_metric OBSERVATIONS[] = {
    {.name = "step", .kind = ATT_INTEGER, .unit = "1", .role = ATT_ROLE_AXIS},
    {.name = "square", .kind = ATT_REAL, .unit = "1"},
};

static void judge_built(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_value built = rows->row[0].metric[M_BUILT];

    if (built.kind == ATT_INTEGER)
        f->verdict = built.i == 42 ? ATT_HOLDS : ATT_VIOLATED;
}

/* Of what was observed, if anything was. */
static void judge_squares(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_lines *const t = &rows->row[0].observations;

    for (size_t i = 0; i < t->n_rows; i++) {
        const double *const line = t->cell + i * t->n_columns;

        f->verdict = line[1] == line[0] * line[0] ? ATT_HOLDS : ATT_VIOLATED;
    }
}

static const struct att_claim CLAIMS[] = {
    {.id = "toy.built-right",
     .standing = ATT_PROVED,
     .scope = ATT_SCOPE_ROW,
     .judge = judge_built},
    {.id = "toy.over-all",
     .standing = ATT_PROVED,
     .scope = ATT_SCOPE_GROUP,
     .judge = judge_built},
    {.id = "other.built-right",
     .standing = ATT_EMPIRICAL,
     .scope = ATT_SCOPE_ROW,
     .judge = judge_built},
    {.id = "toy.squares",
     .standing = ATT_PROVED,
     .scope = ATT_SCOPE_ROW,
     .judge = judge_squares},
};

static att_status generate(struct att_workspace *ws, const struct att_value *p,
                           void **instance, struct att_error *err)
{
    const struct att_stream s = att_instance_stream(ws, 1, 0, 0);
    double *const x = ATT_NEW(ws->arena, double, 1);

    (void)p;
    if (x == NULL)
        return att_arena_fail(ws->arena, "the instance", err);
    *x = att_stream_normal(&s, 0);
    *instance = x;
    return ATT_OK;
}

static att_status export_instance(const struct att_value *p,
                                  const void *instance, struct att_bundle *out,
                                  struct att_error *err)
{
    (void)p;
    (void)err;
    att_bundle_scalar(out, "x", *(const double *)instance);
    return ATT_OK;
}

static const struct att_problem PROBLEM = {.name = "toy",
                                           .params = PROBLEM_PARAMS,
                                           .n_params = 1,
                                           .generate = generate,
                                           .export_instance = export_instance};

static bool told(const struct att_value *p, const char *what)
{
    return att_text_same(p[P_WHAT].s, what);
}

static att_status admit(const struct att_value *p, struct att_error *err)
{
    if (p[P_I].i > 999)
        return att_fail(err, ATT_E_INFEASIBLE, "i is above 999");
    return ATT_OK;
}

static struct att_cost cost(const struct att_value *p)
{
    const double large = told(p, "large") ? 12 * 0x1p30 : 4096;

    return (struct att_cost){.flops = 1,
                             .bytes = told(p, "huge") ? 1e300 : large};
}

static uint32_t slices(const struct att_value *p)
{
    return (uint32_t)p[P_SLICES].i;
}

/* Hold n bytes for a moment, behind the back of every allocator. */
static bool touch_pages(size_t n)
{
    void *const pages = mmap(NULL, n, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (pages == MAP_FAILED)
        return false;
    memset(pages, 1, n);
    return munmap(pages, n) == 0;
}

static att_status build(struct att_workspace *ws, const struct att_case *c,
                        void **built, struct att_error *err)
{
    int64_t *const forty_two = ATT_NEW(ws->arena, int64_t, 1);

    if (told(c->p, "infeasible"))
        return att_fail(err, ATT_E_INFEASIBLE, "no such network");
    if (told(c->p, "numeric"))
        return att_fail(err, ATT_E_NUMERIC, "the residual is 3");
    if (told(c->p, "mute"))
        return ATT_E_NUMERIC;
    if (told(c->p, "hungry") &&
        att_arena_alloc(ws->arena, (size_t)1 << 24, 1) == NULL)
        return att_arena_fail(ws->arena, "a large block", err);
    if (told(c->p, "touch") && !touch_pages((size_t)64 << 20))
        return att_fail(err, ATT_E_IO, "no pages to touch");
    ws->checkpoint(ws->context, "half", 4);
    *forty_two = told(c->p, "wrong") ? 41 : 42;
    *built = forty_two;
    return ATT_OK;
}

static void observe(const struct att_case *c, struct att_outcome *out)
{
    size_t n = 0;
    const double *const step = att_case_observe(c, "step", &n);

    att_out_int(out, M_PHASES, (int64_t)n);
    for (size_t i = 0; i < n; i++)
        att_out_observe(out, (const double[]){step[i], step[i] * step[i]});
}

static att_status evaluate(struct att_workspace *ws, const struct att_case *c,
                           struct att_outcome *out, struct att_error *err)
{
    (void)err;
    if (told(c->p, "refuse")) {
        att_out_text(out, M_TEXT, "equal_sets");
        return ATT_OK;
    }
    if (told(c->p, "greedy")) /* refused, and not noticed */
        (void)att_arena_alloc(ws->arena, (size_t)1 << 24, 1);
    att_out_real(out, M_DRAW, *(const double *)c->instance);
    att_out_int(out, M_BUILT, *(const int64_t *)c->built);
    observe(c, out);
    return ATT_OK;
}

static att_status export_artifact(struct att_workspace *ws,
                                  const struct att_case *c,
                                  struct att_artifact *out,
                                  struct att_error *err)
{
    (void)ws;
    (void)err;
    att_bundle_scalar(&out->witness, "built",
                      (double)*(const int64_t *)c->built);
    return ATT_OK;
}

static att_status check(const struct att_artifact *a, struct att_arena *scratch,
                        struct att_check_report *report, struct att_error *err)
{
    (void)scratch;
    (void)err;
    report->agrees = att_bundle_find(&a->witness, "built") != NULL;
    return ATT_OK;
}

static const struct att_construction TOY = {.abi = ATT_CONSTRUCTION_ABI,
                                            .name = "toy",
                                            .family = "toy",
                                            .version = 3,
                                            .problem = &PROBLEM,
                                            .params = PARAMS,
                                            .n_params = 3,
                                            .metrics = METRICS,
                                            .n_metrics = N_METRICS,
                                            .observations = OBSERVATIONS,
                                            .n_observations = 2,
                                            .claims = CLAIMS,
                                            .n_claims = 4,
                                            .admit = admit,
                                            .cost = cost,
                                            .slices = slices,
                                            .build = build,
                                            .evaluate = evaluate,
                                            .export_artifact = export_artifact,
                                            .check = check};
static const struct att_construction *const KNOWN[] = {&TOY};

static void open_toy(struct bench *b, const char *text)
{
    bench_open(b, text, KNOWN, 1);
}

/* A study of one task that is told what to do, within 1 MiB. */
static void open_one(struct bench *b, const char *what)
{
    char text[300];

    (void)snprintf(text, sizeof text,
                   "name: x\nseed: 1\nlimits: {task_memory: 1MiB}\n"
                   "sweeps:\n  - construction: toy\n    grid: {what: %s}\n",
                   what);
    open_toy(b, text);
}

/* ---- columns ------------------------------------------------------------------- */

static void the_columns_of_a_sweep_stand_in_order(void)
{
    static const struct att_column EXPECTED[] = {
        {"data", ATT_COLUMN_PARAM, ATT_TEXT},
        {"i", ATT_COLUMN_PARAM, ATT_INTEGER},
        {"what", ATT_COLUMN_PARAM, ATT_TEXT},
        {"slices", ATT_COLUMN_PARAM, ATT_INTEGER},
        {"draw", ATT_COLUMN_METRIC, ATT_REAL},
        {"built", ATT_COLUMN_METRIC, ATT_INTEGER},
        {"err_kind", ATT_COLUMN_METRIC, ATT_TEXT},
        {"asked", ATT_COLUMN_METRIC, ATT_INTEGER},
        {"claim_built_right", ATT_COLUMN_CLAIM, ATT_INTEGER},
        {"claim_over_all", ATT_COLUMN_CLAIM, ATT_INTEGER},
        {"claim_other_built_right", ATT_COLUMN_CLAIM, ATT_INTEGER},
        {"claim_squares", ATT_COLUMN_CLAIM, ATT_INTEGER},
        {"step", ATT_COLUMN_OBSERVATION, ATT_REAL},
        {"square", ATT_COLUMN_OBSERVATION, ATT_REAL},
    };
    struct bench b;

    open_one(&b, "fine");
    const struct att_columns *const c = att_task_columns(b.env, 0);

    CU_ASSERT_STRING_EQUAL(c->construction, "toy");
    CU_ASSERT_EQUAL(c->version, 3);
    CU_ASSERT_EQUAL(c->n_params, 4);
    CU_ASSERT_EQUAL(c->n_metrics, 4);
    CU_ASSERT_EQUAL(c->n_claims, 4);
    CU_ASSERT_EQUAL(c->n_observations, 2);
    for (size_t i = 0; i < sizeof EXPECTED / sizeof EXPECTED[0]; i++) {
        CU_ASSERT_STRING_EQUAL(c->column[i].name, EXPECTED[i].name);
        CU_ASSERT_EQUAL(c->column[i].role, EXPECTED[i].role);
        CU_ASSERT_EQUAL(c->column[i].kind, EXPECTED[i].kind);
    }
    bench_close(&b);
}

/* ---- rows ---------------------------------------------------------------------- */

static void a_done_task_leaves_a_full_row(void)
{
    struct bench b;
    struct att_task task;

    open_toy(&b, "name: x\nseed: 9\nreplicates: 2\n"
                 "limits: {task_time: 5s, task_memory: 1MiB}\n"
                 "sweeps:\n"
                 "  - construction: toy\n    grid: {i: [4, 7], data: unif}\n"
                 "    observe: {step: [1, 3]}\n");
    CU_ASSERT_EQUAL_FATAL(att_plan_task(b.plan, 3, &task, NULL),
                          ATT_TASK_PLANNED);
    const struct att_row row = bench_run(&b, 3);

    CU_ASSERT_EQUAL(row.status, ATT_DONE);
    CU_ASSERT(att_key_equal(row.key, att_plan_key(b.plan, &task)));
    CU_ASSERT_EQUAL(row.columns, att_columns_id(att_task_columns(b.env, 0)));
    CU_ASSERT_EQUAL(row.task, 3);
    CU_ASSERT_EQUAL(row.replicate, 1);
    CU_ASSERT_EQUAL(row.slice, 0);
    CU_ASSERT_EQUAL(row.n_slices, 1);
    CU_ASSERT_EQUAL(row.attempt, 1);
    CU_ASSERT_STRING_EQUAL(row.host, "node1");
    CU_ASSERT_STRING_EQUAL(row.kernel, "plain");
    CU_ASSERT_STRING_EQUAL(row.code_id, att_construction_code_id(&TOY));
    CU_ASSERT_STRING_EQUAL(row.message, "");
    CU_ASSERT_EQUAL(row.limit_time_s, 5);
    CU_ASSERT_EQUAL(row.limit_memory_bytes, 1 << 20);
    CU_ASSERT(row.start_time > 1.7e9 && row.wall_s > 0 && row.cpu_s > 0);
    CU_ASSERT(row.arena_bytes > 0 && row.arena_bytes < 1 << 20);
    CU_ASSERT(row.peak_rss_bytes > 1 << 20);
    CU_ASSERT_EQUAL(row.n_params, 4);
    CU_ASSERT_STRING_EQUAL(row.param[P_DATA].s, "unif");
    CU_ASSERT_EQUAL(row.param[P_I].i, 7);
    CU_ASSERT_EQUAL(bench_metric(&b, &row, "built").i, 42);
    CU_ASSERT_EQUAL(bench_metric(&b, &row, "err_kind").kind, ATT_NONE);
    CU_ASSERT_EQUAL(row.verdict[0], ATT_HOLDS);
    CU_ASSERT_EQUAL(row.verdict[1], ATT_NOT_APPLICABLE);
    CU_ASSERT_EQUAL(row.verdict[3], ATT_HOLDS);
    CU_ASSERT_EQUAL_FATAL(row.n_observed, 2);
    CU_ASSERT_EQUAL(bench_cell(&b, &row, 1, "step"), 3);
    CU_ASSERT_EQUAL(bench_cell(&b, &row, 1, "square"), 9);
    bench_close(&b);
}

static void the_instance_depends_on_seed_kind_and_replicate_only(void)
{
    static const char STUDY[] =
        "name: x\nseed: %d\nreplicates: 2\nsweeps:\n"
        "  - construction: toy\n    grid: {data: [gauss, unif], i: [1, 2]}\n";
    double draw[2][8];

    for (int seed = 0; seed < 2; seed++) {
        char text[300];
        struct bench b;

        (void)snprintf(text, sizeof text, STUDY, seed);
        open_toy(&b, text);
        for (uint64_t k = 8; k-- > 0;) { /* in any order */
            const struct att_row row = bench_run(&b, k);

            draw[seed][k] = bench_metric(&b, &row, "draw").r;
        }
        bench_close(&b);
    }
    /* data, i, replicate: numbers 4 data + 2 i + replicate */
    CU_ASSERT_EQUAL(draw[0][0], draw[0][2]);
    CU_ASSERT_NOT_EQUAL(draw[0][0], draw[0][1]);
    CU_ASSERT_NOT_EQUAL(draw[0][0], draw[0][4]);
    CU_ASSERT_NOT_EQUAL(draw[0][0], draw[1][0]);
}

static void every_end_of_a_task_has_its_status_and_sentence(void)
{
    static const struct {
        const char *what;
        enum att_outcome_status status;
        const char *message;
    } CASE[] = {
        {"fine", ATT_DONE, ""},
        {"refuse", ATT_DONE, ""},
        {"infeasible", ATT_INFEASIBLE, "no such network"},
        {"numeric", ATT_FAILED, "the residual is 3"},
        {"mute", ATT_FAILED, "result is not finite or misses its tolerance"},
        {"hungry", ATT_OOM, "a large block"},
        {"greedy", ATT_OOM, "the results of the task"},
        {"large", ATT_SKIPPED, "needs 12 GiB > 1 MiB"},
        {"huge", ATT_SKIPPED, "TiB > 1 MiB"},
        {"fine, i: 1000", ATT_INFEASIBLE, "i is above 999"},
    };

    for (size_t k = 0; k < sizeof CASE / sizeof CASE[0]; k++) {
        struct bench b;

        open_one(&b, CASE[k].what);
        const struct att_row row = bench_run(&b, 0);
        const bool done = CASE[k].status == ATT_DONE;

        CU_ASSERT_EQUAL(row.status, CASE[k].status);
        CU_ASSERT_PTR_NOT_NULL(strstr(row.message, CASE[k].message));
        CU_ASSERT_EQUAL(strlen(row.message) == 0, done);
        CU_ASSERT_EQUAL(row.n_metrics, N_METRICS);
        CU_ASSERT_EQUAL(row.n_claims, 4);
        CU_ASSERT_EQUAL(row.verdict[0] == ATT_HOLDS, k == 0);
        for (uint32_t m = 0; m < row.n_metrics && !done; m++)
            CU_ASSERT_EQUAL(row.metric[m].kind, ATT_NONE);
        bench_close(&b);
    }
}

static void a_foreseen_refusal_is_a_result(void)
{
    struct bench b;

    open_one(&b, "refuse");
    const struct att_row row = bench_run(&b, 0);

    CU_ASSERT_STRING_EQUAL(bench_metric(&b, &row, "err_kind").s, "equal_sets");
    CU_ASSERT_EQUAL(row.verdict[0], ATT_NOT_APPLICABLE);
    bench_close(&b);
}

static void a_violated_claim_departs_where_it_is_not_proved(void)
{
    struct bench b;

    open_one(&b, "wrong");
    const struct att_row row = bench_run(&b, 0);

    CU_ASSERT_EQUAL(row.verdict[0], ATT_VIOLATED);
    CU_ASSERT_EQUAL(row.verdict[1], ATT_NOT_APPLICABLE);
    CU_ASSERT_EQUAL(row.verdict[2], ATT_DEPARTS);
    bench_close(&b);
}

static void a_task_that_ran_out_of_memory_leaves_room_for_the_next(void)
{
    struct bench b;

    open_toy(&b, "name: x\nseed: 1\nlimits: {task_memory: 1MiB}\nsweeps:\n"
                 "  - construction: toy\n    grid: {what: [hungry, fine]}\n");
    for (int round = 0; round < 3; round++) {
        CU_ASSERT_EQUAL(bench_run(&b, 0).status, ATT_OOM);
        CU_ASSERT_EQUAL(bench_run(&b, 1).status, ATT_DONE);
    }
    bench_close(&b);
}

static void the_peak_of_a_task_is_its_own(void)
{
    struct bench b;

    open_toy(&b, "name: x\nseed: 1\nsweeps:\n"
                 "  - construction: toy\n    grid: {what: [touch, fine]}\n");
    const uint64_t large = bench_run(&b, 0).peak_rss_bytes;
    const uint64_t small = bench_run(&b, 1).peak_rss_bytes;

    CU_ASSERT(large > (uint64_t)64 << 20);
    /* where the kernel cannot forget a peak, it stays */
    CU_ASSERT(small + ((uint64_t)32 << 20) < large || !att_resident_forget());
    bench_close(&b);
}

/* ---- hooks --------------------------------------------------------------------- */

struct heard {
    char phases[100];
    char checkpoint[8];
};

static void hear_phase(void *context, const char *phase, double done)
{
    struct heard *const heard = context;
    const size_t used = strlen(heard->phases);

    (void)done;
    (void)snprintf(heard->phases + used, sizeof heard->phases - used, "%s ",
                   phase);
}

static void hear_checkpoint(void *context, const void *bytes, size_t n)
{
    struct heard *const heard = context;

    memcpy(heard->checkpoint, bytes, n);
}

static void phases_and_checkpoints_reach_the_lane(void)
{
    struct bench b;
    struct heard heard = {{0}, {0}};
    const struct att_task_run both = {.unit = {0, 0, 1},
                                      .attempt = 2,
                                      .context = &heard,
                                      .progress = hear_phase,
                                      .checkpoint = hear_checkpoint};
    struct att_task_run one = both;

    open_one(&b, "fine");
    const struct att_row row = bench_run_as(&b, &both);

    CU_ASSERT_EQUAL(row.attempt, 2);
    CU_ASSERT_STRING_EQUAL(heard.phases, "instance build evaluate ");
    CU_ASSERT_STRING_EQUAL(heard.checkpoint, "half");
    heard = (struct heard){{0}, {0}};
    one.progress = NULL; /* each may be missing */
    (void)bench_run_as(&b, &one);
    CU_ASSERT_STRING_EQUAL(heard.phases, "");
    CU_ASSERT_STRING_EQUAL(heard.checkpoint, "half");
    bench_close(&b);
}

/* ---- what is no task ------------------------------------------------------------- */

static void a_number_without_task_or_slice_is_refused(void)
{
    static const struct {
        struct att_unit unit;
        const char *why;
    } CASE[] = {
        {{3, 0, 1}, "task 3 is beyond the plan"},
        {{1, 0, 1}, "task 1 is dropped by the condition of its sweep"},
        {{2, 0, 1}, "task 2 is computed by an earlier sweep"},
        {{0, 0, 4}, "task 0 has no slice 0 of 4"},
        {{0, 3, 3}, "task 0 has no slice 3 of 3"},
    };
    struct bench b;

    open_toy(&b, "name: x\nseed: 1\nsweeps:\n"
                 "  - construction: toy\n    grid: {i: [1, 2], slices: 3}\n"
                 "    where: i < 2\n"
                 "  - construction: toy\n    name: again\n"
                 "    grid: {i: 1, slices: 3}\n");
    for (size_t k = 0; k < sizeof CASE / sizeof CASE[0]; k++) {
        const struct att_task_run run = {.unit = CASE[k].unit};
        struct att_buffer out = {0};
        struct att_error err = {0};

        CU_ASSERT_EQUAL(att_task_run(b.env, &run, &out, &err), ATT_E_ARG);
        CU_ASSERT_STRING_EQUAL(err.text, CASE[k].why);
        CU_ASSERT_EQUAL(out.size, 0);
        att_buffer_fini(&out);
    }
    bench_close(&b);
}

static void a_lost_unit_has_a_row_with_its_point(void)
{
    const struct att_task_loss loss = {
        .unit = {1, 0, 1},
        .attempt = 2,
        .limits = {.task_time_s = 3, .task_memory_bytes = 1 << 20},
        .status = ATT_CRASHED,
        .wall_s = 0.5,
        .peak_rss_bytes = 77,
        .rank = 4,
        .lane = 5,
        .host = "node9",
        .message = "crashed (SIGSEGV) in phase build"};
    struct att_buffer bytes = {0};
    struct att_task task;
    struct bench b;

    open_toy(&b, "name: x\nseed: 1\nsweeps:\n"
                 "  - construction: toy\n    grid: {i: [1, 2]}\n");
    CU_ASSERT_EQUAL_FATAL(att_plan_task(b.plan, 1, &task, NULL),
                          ATT_TASK_PLANNED);
    CU_ASSERT_EQUAL_FATAL(att_task_lost(b.env, &loss, &bytes, NULL), ATT_OK);
    const struct att_row row = bench_decode(&b, &bytes);

    CU_ASSERT(att_key_equal(row.key, att_plan_key(b.plan, &task)));
    CU_ASSERT_EQUAL(row.status, ATT_CRASHED);
    CU_ASSERT_EQUAL(row.attempt, 2);
    CU_ASSERT_EQUAL(row.param[P_I].i, 2);
    CU_ASSERT_EQUAL(row.metric[M_BUILT].kind, ATT_NONE);
    CU_ASSERT_EQUAL(row.verdict[0], ATT_NOT_APPLICABLE);
    CU_ASSERT_EQUAL(row.wall_s, 0.5);
    CU_ASSERT_EQUAL(row.peak_rss_bytes, 77);
    CU_ASSERT_EQUAL(row.rank, 4);
    CU_ASSERT_EQUAL(row.lane, 5);
    CU_ASSERT_EQUAL(row.limit_time_s, 3);
    CU_ASSERT_STRING_EQUAL(row.host, "node9");
    CU_ASSERT_STRING_EQUAL(row.message, loss.message);
    att_buffer_fini(&bytes);
    bench_close(&b);
}

/* ---- artifacts -------------------------------------------------------------------- */

static void a_task_is_remade_with_its_instance_and_its_metrics(void)
{
    struct bench b;
    struct att_artifact artifact;
    struct att_outcome outcome;

    open_one(&b, "fine");
    const struct att_row row = bench_run(&b, 0);
    const struct att_task_remake what = {.number = 0, .arena = b.arena};

    CU_ASSERT_EQUAL_FATAL(
        att_task_artifact(b.env, &what, &artifact, &outcome, NULL), ATT_OK);
    const struct att_tensor *const x = att_bundle_find(&artifact.instance, "x");

    CU_ASSERT_PTR_NOT_NULL_FATAL(x);
    if (x != NULL)
        CU_ASSERT_EQUAL(*(const double *)x->data, row.metric[M_DRAW].r);
    CU_ASSERT_PTR_NOT_NULL(att_bundle_find(&artifact.witness, "built"));
    for (uint32_t m = 0; m < N_METRICS; m++)
        CU_ASSERT(att_value_equal(outcome.metric[m], row.metric[m]));
    bench_close(&b);
}

static void what_cannot_be_built_cannot_be_remade(void)
{
    struct bench b;
    struct att_artifact artifact;
    struct att_error err = {0};

    open_one(&b, "infeasible");
    const struct att_task_remake what = {.number = 0, .arena = b.arena};

    CU_ASSERT_EQUAL(att_task_artifact(b.env, &what, &artifact, NULL, &err),
                    ATT_E_INFEASIBLE);
    CU_ASSERT_STRING_EQUAL(err.text, "no such network");
    bench_close(&b);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"the columns of a sweep stand in order",
         the_columns_of_a_sweep_stand_in_order},
        {"a done task leaves a full row", a_done_task_leaves_a_full_row},
        {"the instance depends on seed, kind and replicate only",
         the_instance_depends_on_seed_kind_and_replicate_only},
        {"every end of a task has its status and sentence",
         every_end_of_a_task_has_its_status_and_sentence},
        {"a foreseen refusal is a result", a_foreseen_refusal_is_a_result},
        {"a violated claim departs where it is not proved",
         a_violated_claim_departs_where_it_is_not_proved},
        {"a task that ran out of memory leaves room for the next",
         a_task_that_ran_out_of_memory_leaves_room_for_the_next},
        {"the peak of a task is its own", the_peak_of_a_task_is_its_own},
        {"phases and checkpoints reach the lane",
         phases_and_checkpoints_reach_the_lane},
        {"a number without task or slice is refused",
         a_number_without_task_or_slice_is_refused},
        {"a lost unit has a row with its point",
         a_lost_unit_has_a_row_with_its_point},
        {"a task is remade with its instance and its metrics",
         a_task_is_remade_with_its_instance_and_its_metrics},
        {"what cannot be built cannot be remade",
         what_cannot_be_built_cannot_be_remade},
        CU_TEST_INFO_NULL,
    };

    return unit_run("task", tests);
}
