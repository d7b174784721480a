/* spin.c - a task of known cost and no theorem: it measures the runner.
 *
 * With flops = 0 a task is empty, and a sweep over i shows what dispatch,
 * lanes and the journal cost; with flops > 0 it keeps a core busy for a known
 * amount of arithmetic, which shows how well ranks are used.  The number it
 * leaves is a function of i and flops alone, so that runs can be compared bit
 * for bit.
 *
 *   x_0 = 1 / (1 + i mod 1000), or 1/2 where that is 1,
 *   x_{k+1} = 3.5 x_k (1 - x_k)
 *
 * Three flops a step.  The map is chaotic: a lost or doubled step shows. */
#include <math.h>

#include "attest/construction/construction.h"
#include "attest/problem/nothing.h"

enum { P_I, P_FLOPS, N_PARAMS };

static const struct att_param PARAMS[] = {
    [P_I] = ATT_PARAM_INTEGER("i", ATT_SEEDS_NOTHING, 0, 0, INT64_C(1) << 40,
                              "a number that tells tasks apart"),
    [P_FLOPS] = ATT_PARAM_REAL("flops", ATT_SEEDS_NOTHING, 0, 0, 1e15,
                               "arithmetic that the task does"),
};

enum { M_X, M_STEPS, N_METRICS };

static const struct att_metric METRICS[] = {
    [M_X] = {.name = "x",
             .unit = "1",
             .doc = "where the logistic map arrives",
             .kind = ATT_REAL,
             .role = ATT_ROLE_MEASURED,
             .exactness = ATT_EXACT},
    [M_STEPS] = {.name = "steps",
                 .unit = "1",
                 .doc = "steps of the map, three flops each",
                 .kind = ATT_INTEGER,
                 .role = ATT_ROLE_MEASURED,
                 .exactness = ATT_EXACT,
                 .formula = "ceil(flops / 3)"},
};

static void judge_range(const struct att_rows *rows, struct att_finding *f)
{
    const double x = rows->row[0].metric[M_X].r;

    f->statistic = x;
    f->predicted = 0.875; /* 3.5 / 4, the largest value of the map */
    f->verdict = x > 0 && x <= 1 ? ATT_HOLDS : ATT_VIOLATED;
}

static const struct att_claim CLAIMS[] = {
    {.id = "runner.range",
     .statement = "0 < x <= 1: the map 3.5 x (1 - x) keeps (0, 1] within "
                  "[0, 7/8]",
     .source = "elementary",
     .standing = ATT_PROVED,
     .scope = ATT_SCOPE_ROW,
     .group_by = "",
     .pool = "",
     .judge = judge_range},
};

static struct att_cost cost(const struct att_value *p)
{
    return (struct att_cost){.flops = p[P_FLOPS].r, .bytes = 4096};
}

static att_status build(struct att_workspace *ws, const struct att_case *c,
                        void **built, struct att_error *err)
{
    (void)ws;
    (void)c;
    (void)err;
    *built = NULL;
    return ATT_OK;
}

/* x after n steps; a start at 1 would fall to the fixed point 0. */
static double iterate(int64_t i, int64_t n)
{
    double x = 1.0 / (double)(1 + i % 1000);

    if (i % 1000 == 0)
        x = 0.5;
    for (int64_t k = 0; k < n; k++)
        x = 3.5 * x * (1.0 - x);
    return x;
}

static att_status evaluate(struct att_workspace *ws, const struct att_case *c,
                           struct att_outcome *out, struct att_error *err)
{
    const int64_t n = (int64_t)ceil(c->p[P_FLOPS].r / 3);

    (void)ws;
    (void)err;
    att_out_real(out, M_X, iterate(c->p[P_I].i, n));
    att_out_int(out, M_STEPS, n);
    return ATT_OK;
}

static att_status export_artifact(struct att_workspace *ws,
                                  const struct att_case *c,
                                  struct att_artifact *out,
                                  struct att_error *err)
{
    const int64_t n = (int64_t)ceil(c->p[P_FLOPS].r / 3);

    (void)ws;
    (void)err;
    att_bundle_scalar(&out->witness, "i", (double)c->p[P_I].i);
    att_bundle_scalar(&out->witness, "steps", (double)n);
    att_bundle_scalar(&out->witness, "x", iterate(c->p[P_I].i, n));
    out->tolerance_reason = "the same operations in the same order";
    return ATT_OK;
}

static att_status check(const struct att_artifact *a, struct att_arena *scratch,
                        struct att_check_report *report, struct att_error *err)
{
    const struct att_tensor *i = att_bundle_find(&a->witness, "i");
    const struct att_tensor *steps = att_bundle_find(&a->witness, "steps");
    const struct att_tensor *x = att_bundle_find(&a->witness, "x");

    (void)scratch;
    if (i == NULL || steps == NULL || x == NULL)
        return att_fail(err, ATT_E_ARG, "the witness lacks i, steps or x");
    const double again = iterate((int64_t) * (const double *)i->data,
                                 (int64_t) * (const double *)steps->data);
    report->n_compared = 1;
    report->max_abs_error = fabs(again - *(const double *)x->data);
    report->agrees = report->max_abs_error == 0;
    return ATT_OK;
}

const struct att_construction att_construction_spin = {
    .abi = ATT_CONSTRUCTION_ABI,
    .name = "spin",
    .family = "runner",
    .source = "no theorem: measures the runner",
    .summary = "a task of known cost, empty by default",
    .version = 1,
    .problem = &att_problem_nothing,
    .bibtex = "",
    .params = PARAMS,
    .n_params = N_PARAMS,
    .metrics = METRICS,
    .n_metrics = N_METRICS,
    .observations = NULL,
    .n_observations = 0,
    .claims = CLAIMS,
    .n_claims = sizeof CLAIMS / sizeof CLAIMS[0],
    .admit = att_admit_all,
    .cost = cost,
    .slices = att_slices_one,
    .build = build,
    .evaluate = evaluate,
    .export_artifact = export_artifact,
    .check = check,
};
