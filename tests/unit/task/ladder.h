/* ladder.h - two constructions whose acceptance is a step in d, one of them
 * observing along d, and studies that search for the step. */
#pragma once

#include "attest/base/clock.h"
#include "bench_study.h"

/* ---- a ladder: accepted from some d on --------------------------------------- */

enum { P_SEED, P_D, P_MODE, P_STEP, P_KEYS };

static const char *const SEEDS[] = {"a", "b", NULL};
static const char *const MODES[] = {
    "up",    "down",    "dent", "never", "missing", "late", "broken",
    "heavy", "outside", "slow", "bulky", "pair",    NULL};
static const char *const KEYS[] = {"sign", "gauss", "hadamard", NULL};

static const struct att_param PROBLEM_PARAMS[] = {
    ATT_PARAM_CHOICE("seeds", ATT_SEEDS_INSTANCE, "a", SEEDS, "kind"),
};
static const struct att_param PARAMS[] = {
    ATT_PARAM_INTEGER("d", ATT_SEEDS_BUILDER, 4, 1, 100000, "dimension"),
    ATT_PARAM_CHOICE("mode", ATT_SEEDS_NOTHING, "up", MODES, "shape"),
    ATT_PARAM_INTEGER("step", ATT_SEEDS_NOTHING, 37, 0, 100000, "where"),
    ATT_PARAM_CHOICE("keys", ATT_SEEDS_NOTHING, "sign", KEYS, "of keys"),
};

enum { M_ACCEPT, M_DEV, M_WORD, M_PROBES, M_TIME, N_METRICS };

static const struct att_metric METRICS[] = {
    [M_ACCEPT] = {.name = "accept", .kind = ATT_INTEGER, .unit = "1"},
    [M_DEV] = {.name = "dev", .kind = ATT_REAL, .unit = "1"},
    [M_WORD] = {.name = "word", .kind = ATT_TEXT, .unit = "1"},
    [M_PROBES] = {.name = "probes", .kind = ATT_INTEGER, .unit = "1"},
    [M_TIME] = {.name = "t_eval",
                .kind = ATT_REAL,
                .unit = "s",
                .exactness = ATT_TIMING},
};

static void judge_accept(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_value accept = rows->row[0].metric[M_ACCEPT];

    if (accept.kind == ATT_INTEGER)
        f->verdict = accept.i == 1 ? ATT_HOLDS : ATT_VIOLATED;
}

static const struct att_claim CLAIMS[] = {{.id = "ladder.accept",
                                           .standing = ATT_PROVED,
                                           .scope = ATT_SCOPE_ROW,
                                           .judge = judge_accept}};

static att_status generate(struct att_workspace *ws, const struct att_value *p,
                           void **instance, struct att_error *err)
{
    double *const shift = ATT_NEW(ws->arena, double, 1);
    const struct att_stream s = att_instance_stream(ws, 1, 0, 0);

    (void)p;
    if (shift == NULL)
        return att_arena_fail(ws->arena, "the instance", err);
    *shift = att_stream_uniform(&s, 0);
    *instance = shift;
    return ATT_OK;
}

static att_status export_instance(const struct att_value *p,
                                  const void *instance, struct att_bundle *out,
                                  struct att_error *err)
{
    (void)p;
    (void)instance;
    (void)out;
    (void)err;
    return ATT_OK;
}

static const struct att_problem PROBLEM = {.name = "ladder",
                                           .params = PROBLEM_PARAMS,
                                           .n_params = 1,
                                           .generate = generate,
                                           .export_instance = export_instance};

static bool told(const struct att_value *p, const char *mode)
{
    return strcmp(p[P_MODE].s, mode) == 0;
}

static att_status admit(const struct att_value *p, struct att_error *err)
{
    if (told(p, "outside") || (told(p, "late") && p[P_D].i < 20))
        return att_fail(err, ATT_E_INFEASIBLE, "d is too small");
    return ATT_OK;
}

static struct att_cost cost(const struct att_value *p)
{
    const bool heavy = told(p, "heavy") && p[P_D].i > 100;

    return (struct att_cost){.flops = (double)p[P_D].i,
                             .bytes = heavy ? 0x1p40 : 1024};
}

static att_status build(struct att_workspace *ws, const struct att_case *c,
                        void **built, struct att_error *err)
{
    *built = NULL;
    ws->checkpoint(ws->context, "own", 3); /* says nothing to a search */
    if (told(c->p, "bulky") &&
        att_arena_alloc(ws->arena, (size_t)1 << 20, 1) == NULL)
        return att_arena_fail(ws->arena, "a block", err);
    if (told(c->p, "broken") && c->p[P_D].i >= 32)
        return att_fail(err, ATT_E_NUMERIC, "the residual is 3");
    return ATT_OK;
}

/* Is d accepted?  Half of the instances shift the step by one. */
static bool holds(const struct att_case *c, int64_t d)
{
    const int64_t step = c->p[P_STEP].i + (c->p[P_SEED].s[0] == 'b' &&
                                           *(const double *)c->instance > 0.5);

    if (told(c->p, "never"))
        return false;
    if (told(c->p, "down"))
        return d < step;
    if (told(c->p, "dent") && d == step + 1)
        return false;
    return d >= step && strcmp(c->p[P_KEYS].s, "sign") != 0 + (step == 0);
}

static att_status evaluate(struct att_workspace *ws, const struct att_case *c,
                           struct att_outcome *out, struct att_error *err)
{
    const int64_t d = c->p[P_D].i;
    int64_t *const trials = ws->context;

    (void)err;
    if (trials != NULL)
        ++*trials;
    if (told(c->p, "slow"))
        att_sleep_s(0.06); /* longer than what is worth keeping */
    if (told(c->p, "missing") && d < 10)
        return ATT_OK; /* a foreseen refusal: no metrics */
    att_out_int(out, M_ACCEPT, holds(c, d));
    att_out_real(out, M_DEV, 1 / (double)d);
    att_out_text(out, M_WORD, d < 10 ? "small" : "large");
    return ATT_OK;
}

static att_status export_artifact(struct att_workspace *ws,
                                  const struct att_case *c,
                                  struct att_artifact *out,
                                  struct att_error *err)
{
    (void)ws;
    (void)err;
    att_bundle_scalar(&out->witness, "d", (double)c->p[P_D].i);
    return ATT_OK;
}

static const struct att_construction LADDER = {.abi = ATT_CONSTRUCTION_ABI,
                                               .name = "ladder",
                                               .family = "ladder",
                                               .version = 1,
                                               .problem = &PROBLEM,
                                               .params = PARAMS,
                                               .n_params = 4,
                                               .metrics = METRICS,
                                               .n_metrics = N_METRICS,
                                               .claims = CLAIMS,
                                               .n_claims = 1,
                                               .admit = admit,
                                               .cost = cost,
                                               .slices = att_slices_one,
                                               .build = build,
                                               .evaluate = evaluate,
                                               .export_artifact =
                                                   export_artifact};

/* ---- the same with one pass for many d ------------------------------------------- */

enum { O_D, O_ACCEPT, O_TWICE, N_OBSERVATIONS };

static const struct att_metric OBSERVATIONS[] = {
    [O_D] = {.name = "d",
             .kind = ATT_INTEGER,
             .unit = "1",
             .role = ATT_ROLE_AXIS},
    [O_ACCEPT] = {.name = "accept", .kind = ATT_INTEGER, .unit = "1"},
    [O_TWICE] = {.name = "twice", .kind = ATT_REAL, .unit = "1"},
};

static att_status evaluate_profile(struct att_workspace *ws,
                                   const struct att_case *c,
                                   struct att_outcome *out,
                                   struct att_error *err)
{
    size_t n = 0;
    const double *const d = att_case_observe(c, "d", &n);
    const double step = (double)c->p[P_STEP].i;

    for (size_t i = 0; i < n && d[i] <= (double)c->p[P_D].i; i++) {
        const bool held = holds(c, (int64_t)d[i]);

        if (told(c->p, "pair")) { /* one more line, severe at the step */
            att_out_observe(
                out, (const double[]){d[i], held && d[i] > step, 2 * d[i] - 1});
        }
        att_out_observe(out, (const double[]){d[i], held, 2 * d[i]});
    }
    return evaluate(ws, c, out, err);
}

static const struct att_construction PROFILE = {
    .abi = ATT_CONSTRUCTION_ABI,
    .name = "profile",
    .family = "ladder",
    .version = 1,
    .problem = &PROBLEM,
    .params = PARAMS,
    .n_params = 4,
    .metrics = METRICS,
    .n_metrics = N_METRICS,
    .observations = OBSERVATIONS,
    .n_observations = N_OBSERVATIONS,
    .claims = CLAIMS,
    .n_claims = 1,
    .admit = admit,
    .cost = cost,
    .slices = att_slices_one,
    .build = build,
    .evaluate = evaluate_profile,
    .export_artifact = export_artifact};

static const struct att_construction *const KNOWN[] = {&LADDER, &PROFILE};

/* ---- studies ----------------------------------------------------------------------- */

static const char SMALLEST[] =
    "smallest: d, such_that: accept == 1, between: [2, 8192]";

/* One sweep: construction, grid and find as given. */
static inline void open_find(struct bench *b, const char *construction,
                             const char *grid, const char *find)
{
    char text[500];

    (void)snprintf(text, sizeof text,
                   "name: x\nseed: 5\nreplicates: 20\n"
                   "limits: {task_memory: 1GiB}\nsweeps:\n"
                   "  - construction: %s\n    grid: {keys: gauss, %s}\n"
                   "    find: {%s}\n",
                   construction, grid, find);
    bench_open(b, text, KNOWN, 2);
}
