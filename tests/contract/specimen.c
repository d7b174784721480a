/* specimen.c - N seeded numbers, a network that doubles them, their sum in slices,
 * and the running sum at asked steps. */
#include "specimen.h"

#include <math.h>

#include "attest/base/text.h"

/* ---- the problem ------------------------------------------------------------ */

enum { N_PROBLEM_PARAMS = P_SCALE };

static const char *const DATA[] = {"gauss", "unif", NULL};

static const struct att_param PROBLEM_PARAMS[] = {
    [P_N] = ATT_PARAM_INTEGER("N", ATT_SEEDS_NOTHING, 12, 1, 1000, "numbers"),
    [P_DATA] = ATT_PARAM_CHOICE("data", ATT_SEEDS_INSTANCE, "gauss", DATA,
                                "how they are drawn"),
};

static att_status generate(struct att_workspace *ws, const struct att_value *p,
                           void **instance, struct att_error *err)
{
    const size_t n = (size_t)p[P_N].i;
    const struct att_stream s = att_instance_stream(ws, 1, 0, 0);
    double *x = ATT_NEW(ws->arena, double, n);

    if (x == NULL)
        return att_arena_fail(ws->arena, "the numbers", err);
    for (size_t i = 0; i < n; i++) {
        x[i] = att_text_same(p[P_DATA].s, "unif") ? att_stream_uniform(&s, i)
                                                  : att_stream_normal(&s, i);
    }
    *instance = x;
    return ATT_OK;
}

static att_status export_instance(const struct att_value *p,
                                  const void *instance, struct att_bundle *out,
                                  struct att_error *err)
{
    (void)err;
    att_bundle_f64(out, "tokens", instance, (uint64_t)p[P_N].i, 1);
    return ATT_OK;
}

static const struct att_problem PROBLEM = {
    .name = "numbers",
    .summary = "seeded numbers",
    .params = PROBLEM_PARAMS,
    .n_params = N_PROBLEM_PARAMS,
    .generate = generate,
    .export_instance = export_instance,
};

/* ---- the schema ---------------------------------------------------------------- */

static const struct att_param PARAMS[] = {
    ATT_PARAM_REAL("scale", ATT_SEEDS_NOTHING, 2, -4, 4, "factor"),
};

static const struct att_metric METRICS[] = {
    [M_SUM] = {.name = "sum",
               .unit = "1",
               .doc = "of the scaled numbers",
               .kind = ATT_REAL,
               .exactness = ATT_EXACT,
               .reduction = ATT_REDUCE_SUM},
    [M_MAX] = {.name = "largest",
               .unit = "1",
               .doc = "of the scaled numbers",
               .kind = ATT_REAL,
               .exactness = ATT_EXACT,
               .reduction = ATT_REDUCE_MAX},
    [M_ARGMAX] = {.name = "where",
                  .unit = "1",
                  .doc = "the largest stands",
                  .kind = ATT_INTEGER,
                  .exactness = ATT_EXACT,
                  .reduction = ATT_REDUCE_PLACE,
                  .place_of = "largest"},
    [M_COUNT] = {.name = "count_pred",
                 .unit = "1",
                 .doc = "numbers",
                 .kind = ATT_INTEGER,
                 .role = ATT_ROLE_PREDICTED,
                 .exactness = ATT_EXACT,
                 .formula = "N"},
    [M_USED] = {.name = "params_used",
                .unit = "1",
                .doc = "parameters of the network",
                .kind = ATT_INTEGER,
                .exactness = ATT_EXACT},
};

static const struct att_metric OBSERVATIONS[] = {
    {.name = "step",
     .unit = "1",
     .doc = "numbers so far",
     .kind = ATT_INTEGER,
     .role = ATT_ROLE_AXIS,
     .exactness = ATT_EXACT},
    {.name = "running",
     .unit = "1",
     .doc = "sum so far",
     .kind = ATT_REAL,
     .exactness = ATT_EXACT},
};

static void judge_place(const struct att_rows *rows, struct att_finding *f)
{
    const int64_t where = rows->row[0].metric[M_ARGMAX].i;

    f->statistic = (double)where;
    f->verdict = where >= 0 && where < rows->row[0].param[P_N].i ? ATT_HOLDS
                                                                 : ATT_VIOLATED;
}

static void judge_nothing(const struct att_rows *rows, struct att_finding *f)
{
    (void)rows;
    f->verdict = ATT_INCONCLUSIVE;
}

static const struct att_claim CLAIMS[] = {
    {.id = "specimens.place",
     .statement = "0 <= where < N",
     .source = "derived here",
     .standing = ATT_PROVED,
     .scope = ATT_SCOPE_ROW,
     .judge = judge_place},
    {.id = "specimens.law",
     .statement = "sum grows like N^(1/2)",
     .source = "derived here",
     .standing = ATT_EMPIRICAL,
     .scope = ATT_SCOPE_GROUP,
     .group_by = "*,!N",
     .pool = "replicate",
     .judge = judge_nothing},
};

/* ---- the construction ------------------------------------------------------------ */

static struct att_cost cost(const struct att_value *p)
{
    const double n = (double)p[P_N].i;

    return (struct att_cost){.flops = 2 * n, .bytes = 16 * n + 4096};
}

static uint32_t slices(const struct att_value *p)
{
    return p[P_N].i > 100 ? 4 : 1;
}

static att_status build(struct att_workspace *ws, const struct att_case *c,
                        void **built, struct att_error *err)
{
    struct built *b = ATT_NEW(ws->arena, struct built, 1);
    double *y = ATT_NEW(ws->arena, double, (size_t)c->p[P_N].i);

    if (b == NULL || y == NULL)
        return att_arena_fail(ws->arena, "the scaled numbers", err);
    *b = (struct built){.x = c->instance, .y = y, .n = (size_t)c->p[P_N].i};
    for (size_t i = 0; i < b->n; i++)
        y[i] = c->p[P_SCALE].r * b->x[i];
    *built = b;
    return ATT_OK;
}

static void observe(const struct att_case *c, const struct built *b,
                    struct att_outcome *out)
{
    size_t n = 0;
    const double *asked = att_case_observe(c, "step", &n);
    const double own[] = {1, (double)b->n};
    const double *step = asked != NULL ? asked : own;

    for (size_t k = 0; k < (asked != NULL ? n : 2); k++) {
        double sum = 0;

        for (size_t i = 0; i < b->n && (double)i < step[k]; i++)
            sum += b->y[i];
        att_out_observe(out, (const double[]){step[k], sum});
    }
}

static att_status evaluate(struct att_workspace *ws, const struct att_case *c,
                           struct att_outcome *out, struct att_error *err)
{
    const struct built *b = c->built;
    const size_t first = b->n * c->slice.index / c->slice.count;
    const size_t last = b->n * (c->slice.index + 1) / c->slice.count;
    double sum = 0;
    size_t best = first;

    (void)ws;
    (void)err;
    for (size_t i = first; i < last; i++) {
        sum += b->y[i];
        best = b->y[i] > b->y[best] ? i : best;
    }
    att_out_real(out, M_SUM, sum);
    if (first < last) {
        att_out_real(out, M_MAX, b->y[best]);
        att_out_int(out, M_ARGMAX, (int64_t)best);
    }
    att_out_int(out, M_COUNT, (int64_t)b->n);
    att_out_int(out, M_USED, 1);
    observe(c, b, out);
    return ATT_OK;
}

static att_status export_artifact(struct att_workspace *ws,
                                  const struct att_case *c,
                                  struct att_artifact *out,
                                  struct att_error *err)
{
    const struct built *b = c->built;
    struct att_layer *l = att_model_add(&out->model, ATT_LAYER_READ_OUT);

    if (l == NULL)
        return att_arena_fail(ws->arena, "the network", err);
    att_bundle_f64(&l->tensors, "U", &c->p[P_SCALE].r, 1, 1);
    att_bundle_f64(&out->expected, "outputs", b->y, b->n, 1);
    out->tolerance_reason = "one product";
    return ATT_OK;
}

const struct att_construction specimen = {
    .abi = ATT_CONSTRUCTION_ABI,
    .name = "specimen",
    .family = "specimens",
    .source = "a test",
    .summary = "scaled numbers",
    .version = 1,
    .problem = &PROBLEM,
    .bibtex = "",
    .params = PARAMS,
    .n_params = 1,
    .metrics = METRICS,
    .n_metrics = N_METRICS,
    .observations = OBSERVATIONS,
    .n_observations = 2,
    .claims = CLAIMS,
    .n_claims = 2,
    .admit = att_admit_all,
    .cost = cost,
    .slices = slices,
    .build = build,
    .evaluate = evaluate,
    .export_artifact = export_artifact,
    .check = att_artifact_check,
};
