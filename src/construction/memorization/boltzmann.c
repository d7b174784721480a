/* boltzmann.c - the separation lemma: boltz(a) = sum a_i softmax_i(a) tells
 * vectors apart that differ as sets, and orders them lexicographically.
 *
 * The lemma is a reconstruction, its sharper form and proof are ours:
 * docs/theory/memorization.md.  Gaps are measured with MPFR, without it the
 * claims stay open. */
#include <math.h>

#include "attest/construction/construction.h"
#include "attest/construction/finding.h"
#include "attest/problem/vector_pairs.h"
#include "memorization_metric_priv.h"
#include "memorization_priv.h"

enum {
    BZ_VIOLATIONS,
    BZ_UNRESOLVED,
    BZ_RATIO_BOUND,
    BZ_RATIO_INSTANCE,
    BZ_LOG2_GAP,
    BZ_DELTA,
    BZ_DELTA_NEEDED,
    BZ_R,
    BZ_METRICS
};

static const struct att_metric METRICS[BZ_METRICS] = {
    [BZ_VIOLATIONS] = MEM_COUNT("order_violations", "1", NULL,
                                "pairs whose order is not lexicographic"),
    [BZ_UNRESOLVED] = MEM_COUNT("unresolved", "1", NULL,
                                "pairs whose gap no precision resolved"),
    [BZ_RATIO_BOUND] =
        MEM_REAL("lemma_ratio_bound", "1", NULL,
                 "smallest gap over (ln L)^2 e^(-2 r) (at most 1e300)"),
    [BZ_RATIO_INSTANCE] =
        MEM_REAL("lemma_ratio_instance", "1", NULL,
                 "smallest gap over 0.9 delta, times e^-(a_1 - a_k) when the "
                 "vectors first differ at k > 1"),
    [BZ_LOG2_GAP] =
        MEM_REAL("log2_gap", "bit", NULL, "log2 of the smallest gap"),
    [BZ_DELTA] = MEM_REAL("delta", "1", "delta_needed",
                          "smallest distance of two different entries"),
    [BZ_DELTA_NEEDED] = MEM_LAW("delta_needed", "1", "2 * ln(L) + 3",
                                "the lemma needs a larger delta"),
    [BZ_R] = MEM_REAL("r", "1", NULL, "largest |entry|"),
};

/* ---- claims ------------------------------------------------------------------ */

/* The scale condition, and every gap seen. */
static bool applies(const struct att_rows *rows, struct att_finding *f)
{
    att_finding_blank(f);
    if (!(att_row_metric(rows->row, BZ_DELTA) >
          att_row_metric(rows->row, BZ_DELTA_NEEDED)))
        return false;
    f->verdict = ATT_INCONCLUSIVE;
    return att_row_metric(rows->row, BZ_UNRESOLVED) == 0.0;
}

static void judge_order(const struct att_rows *rows, struct att_finding *f)
{
    if (applies(rows, f))
        att_finding_equal(f, att_row_metric(rows->row, BZ_VIOLATIONS), 0.0);
}

static void judge_gap(const struct att_rows *rows, struct att_finding *f)
{
    if (applies(rows, f)) {
        att_finding_at_least(f, att_row_metric(rows->row, BZ_RATIO_INSTANCE),
                             1.0);
    }
}

static void judge_bound(const struct att_rows *rows, struct att_finding *f)
{
    if (applies(rows, f))
        att_finding_at_least(f, att_row_metric(rows->row, BZ_RATIO_BOUND), 1.0);
}

static const struct att_claim CLAIMS[] = {
    {.id = "memorization.lex-order",
     .statement = "delta > 2 ln L + 3: order_violations = 0",
     .source = "derived here, docs/theory/memorization.md",
     .standing = ATT_PROVED,
     .scope = ATT_SCOPE_ROW,
     .judge = judge_order},
    {.id = "memorization.boltz-gap",
     .statement = "delta > 2 ln L + 3: lemma_ratio_instance >= 1",
     .source = "derived here (sharper form of the reconstructed lemma)",
     .standing = ATT_PROVED,
     .scope = ATT_SCOPE_ROW,
     .judge = judge_gap},
    {.id = "memorization.boltz-bound",
     .statement = "delta > 2 ln L + 3: lemma_ratio_bound > 1",
     .source = "derived here (reconstructed statement)",
     .standing = ATT_PROVED,
     .scope = ATT_SCOPE_ROW,
     .judge = judge_bound},
};

/* ---- build: the lexicographic order ---------------------------------------------- */

static struct att_cost cost(const struct att_value *p)
{
    const double n = (double)p[ATT_VP_L].i;
    const double samples = (double)p[ATT_VP_SAMPLES].i;
    /* bits grow with r = L delta; an exponential of b bits costs about b^1.5 */
    const double bits =
        256.0 + 4.0 * n * p[ATT_VP_DELTA_MULT].r * (2.0 * log(n) + 3.0);

    return (struct att_cost){.flops = samples * n * (2e3 + pow(bits, 1.5)),
                             .bytes = samples * (24.0 * n + 32.0) + 64.0 * n +
                                      4096.0};
}

static att_status build(struct att_workspace *ws, const struct att_case *c,
                        void **built, struct att_error *err)
{
    const struct att_vector_pairs *v = c->instance;
    double *order = ATT_NEW(ws->arena, double, v->samples);

    if (order == NULL)
        return att_arena_fail(ws->arena, "the orders", err);
    for (size_t i = 0; i < v->samples; i++) {
        order[i] = (double)att_mem_lexicographic_order(v->a + i * v->n,
                                                       v->b + i * v->n, v->n);
    }
    *built = order;
    return ATT_OK;
}

/* ---- evaluate ---------------------------------------------------------------------- */

struct worst {
    int64_t violations, unresolved;
    double log2_gap, log2_bound, log2_instance;
};

/* log2 of 0.9 delta, e^-(a_1 - a_k) of it for a first difference at k > 1. */
static double instance_bound(const double *a, const double *b, size_t n,
                             double delta)
{
    size_t k = 0;

    while (k + 1 < n && a[k] == b[k])
        k++;
    const double later = k == 0 ? 0.0 : a[0] - fmax(a[k], b[k]);

    return log2(0.9 * delta) - later / log(2.0);
}

static void look_at(const struct att_vector_pairs *v, size_t i, double order,
                    struct worst *w)
{
    const double *a = v->a + i * v->n, *b = v->b + i * v->n;
    const double log_n = log((double)v->n);
    struct mem_gap gap;

    if (!att_mem_wide_boltz_gap(a, b, v->n, &gap)) {
        w->unresolved++;
        return;
    }
    const double bound = 2.0 * log2(log_n) - 2.0 * v->r[i] / log(2.0);

    w->violations += (double)(gap.sign > 0 ? 1 : -1) != order;
    w->log2_gap = fmin(w->log2_gap, gap.log2_size);
    w->log2_bound = fmin(w->log2_bound, gap.log2_size - bound);
    w->log2_instance = fmin(
        w->log2_instance, gap.log2_size - instance_bound(a, b, v->n, v->delta));
}

static double power(double log2_x)
{
    return log2_x > 996.0 ? 1e300 : exp2(log2_x);
}

static att_status evaluate(struct att_workspace *ws, const struct att_case *c,
                           struct att_outcome *out, struct att_error *err)
{
    const struct att_vector_pairs *v = c->instance;
    const double *order = c->built;
    const double far = (double)INFINITY;
    struct worst w = {0, 0, far, far, far};
    double r = 0.0;

    (void)err;
    for (size_t i = 0; i < v->samples; i++) {
        ws->progress(ws->context, "pairs", (double)i / (double)v->samples);
        look_at(v, i, order[i], &w);
        r = fmax(r, v->r[i]);
    }
    att_out_int(out, BZ_VIOLATIONS, w.violations);
    att_out_int(out, BZ_UNRESOLVED, w.unresolved);
    if (isfinite(w.log2_gap)) {
        att_out_real(out, BZ_RATIO_BOUND, power(w.log2_bound));
        att_out_real(out, BZ_RATIO_INSTANCE, power(w.log2_instance));
        att_out_real(out, BZ_LOG2_GAP, w.log2_gap);
    }
    att_out_real(out, BZ_DELTA, v->delta);
    att_out_real(out, BZ_DELTA_NEEDED, 2.0 * log((double)v->n) + 3.0);
    att_out_real(out, BZ_R, r);
    return ATT_OK;
}

/* ---- the witness ------------------------------------------------------------------------ */

/* order [samples]: the sign of boltz(a) - boltz(b) as the lemma has it. */
static att_status export_artifact(struct att_workspace *ws,
                                  const struct att_case *c,
                                  struct att_artifact *out,
                                  struct att_error *err)
{
    const struct att_vector_pairs *v = c->instance;

    att_bundle_vector(&out->witness, "order", c->built, v->samples);
    if (att_arena_refused(out->witness.arena) != 0)
        return att_arena_fail(ws->arena, "the orders", err);
    return ATT_OK;
}

/* boltz with the maximum subtracted, in double-double: enough to see the sign
 * where vectors differ early; a gap below its noise confirms nothing. */
static struct att_dd boltz(const double *a, size_t n)
{
    struct att_dd z = att_dd_from(0.0), w = z;

    for (size_t i = 0; i < n; i++) {
        const struct att_dd e =
            att_dd_exp(att_dd_sub(att_dd_from(a[i]), att_dd_from(a[0])));

        z = att_dd_add(z, e);
        w = att_dd_add(
            w, att_dd_mul(e, att_dd_sub(att_dd_from(a[i]), att_dd_from(a[0]))));
    }
    return att_dd_add(att_dd_div(w, z), att_dd_from(a[0]));
}

static att_status check(const struct att_artifact *art,
                        struct att_arena *scratch,
                        struct att_check_report *report, struct att_error *err)
{
    const struct att_tensor *a = att_bundle_find(&art->instance, "a");
    const struct att_tensor *b = att_bundle_find(&art->instance, "b");
    const struct att_tensor *order = att_bundle_find(&art->witness, "order");

    (void)scratch;
    if (a == NULL || b == NULL || order == NULL)
        return att_fail(err, ATT_E_ARG, "the witness lacks a, b or order");
    const size_t n = (size_t)a->shape[1];

    *report = (struct att_check_report){.agrees = true};
    for (uint64_t i = 0; i < a->shape[0]; i++) {
        const double *x = (const double *)a->data + i * n;
        const double *y = (const double *)b->data + i * n;
        const double gap = att_dd_sub(boltz(x, n), boltz(y, n)).hi;
        const double noise = 0x1p-90 * (fabs(x[0]) + fabs(y[0]) + 1.0);
        const double claimed = att_tensor_get(order, i);

        report->n_compared++;
        if (fabs(claimed) != 1.0 || (fabs(gap) > noise && gap * claimed < 0.0))
            report->agrees = false;
    }
    return ATT_OK;
}

const struct att_construction att_construction_boltzmann = {
    .abi = ATT_CONSTRUCTION_ABI,
    .name = "boltzmann",
    .family = "memorization",
    .source = "Kajitsuka, Sato 2024, arXiv 2307.14023 (reconstruction)",
    .summary = "orders sets by one softmax average, with certified gaps",
    .version = 1,
    .problem = &att_problem_vector_pairs,
    .bibtex = ATT_MEM_BIBTEX,
    .metrics = METRICS,
    .n_metrics = BZ_METRICS,
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
