/* averaging_recurrent.c - recurrent nets that average, built explicitly, C11.
 *
 *   full   the state has a place for every token: h[i] = z_i on reading token
 *          i, then the mean over y; L dv numbers, exact
 *   slots  H = sum_i g_i z_i^T in k slots of dv numbers, G orthonormal columns
 *          of a Gaussian matrix, and the best linear read-out of each set
 *
 * Both are one recurrent layer of form "slots".  Beside the error of the net
 * as built a row holds the least k whose error is within eps on its sets. */
#include <inttypes.h>
#include <string.h>

#include "attest/base/text.h"
#include "attest/construction/finding.h"
#include "attest/linalg/vector.h"
#include "averaging_columns_priv.h"
#include "averaging_slots_priv.h"

enum { RP_NET = ATT_AVG_PARAMS, RP_SLOTS, RP_EPS, RP_PARAMS };
enum { MOST_L = 4096 };

static const char *const NETS[] = {"full", "slots", NULL};

static const struct att_param PARAMS[RP_PARAMS - ATT_AVG_PARAMS] = {
    ATT_PARAM_CHOICE("net", ATT_SEEDS_NOTHING, "slots", NETS,
                     "a place for every token, or k slots and the best linear "
                     "read-out"),
    ATT_PARAM_INTEGER("slots", ATT_SEEDS_NOTHING, 16, 1, MOST_L,
                      "slots k of the state (net = slots)"),
    ATT_PARAM_REAL("eps", ATT_SEEDS_NOTHING, 0.1, 1e-12, 1.0, "allowed error"),
};

static bool is_full(const struct att_value *p)
{
    return att_text_same(p[RP_NET].s, "full");
}

static att_status admit(const struct att_value *p, struct att_error *err)
{
    ATT_TRY(att_averaging_admit(p, err));
    if (p[ATT_AVG_L].i > MOST_L) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "the slots of L = %" PRId64 " tokens are a matrix of "
                        "L^2 numbers: keep L <= %d",
                        p[ATT_AVG_L].i, MOST_L);
    }
    if (!is_full(p) && p[RP_SLOTS].i > p[ATT_AVG_L].i) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "slots = %" PRId64 " are more than L = %" PRId64
                        " tokens: lower slots",
                        p[RP_SLOTS].i, p[ATT_AVG_L].i);
    }
    return ATT_OK;
}

static struct att_cost cost(const struct att_value *p)
{
    const double n = (double)p[ATT_AVG_L].i;
    const double sets = (double)att_averaging_sets(p);
    const bool full = is_full(p);

    return (struct att_cost){
        .flops = full ? sets * n : att_avg_slots_flops(n, sets),
        .bytes = att_averaging_bytes(p) + 4096.0 +
                 (full ? 0.0 : att_avg_slots_bytes(n, sets))};
}

struct built {
    const struct att_averaging *a;
    size_t n_slots;
    double err;
    size_t least;
    struct att_mat basis; /* [n_slots, L]; data NULL: the identity */
};

static att_status build(struct att_workspace *ws, const struct att_case *c,
                        void **built, struct att_error *err)
{
    struct built *b = ATT_NEW0(ws->arena, struct built, 1);

    if (b == NULL)
        return att_arena_fail(ws->arena, "the recurrent net", err);
    b->a = c->instance;
    b->n_slots = b->least = b->a->L;
    if (!is_full(c->p)) {
        struct avg_slots slots = {.a = b->a,
                                  .n_slots = (size_t)c->p[RP_SLOTS].i,
                                  .eps = c->p[RP_EPS].r};

        ATT_TRY(att_avg_slots(ws, &slots, err));
        b->n_slots = slots.n_slots;
        b->err = slots.err;
        b->least = slots.least;
        b->basis = slots.basis;
    }
    *built = b;
    return ATT_OK;
}

/* Numbers of the layer: G [L, k] and R [n_sets, k]. */
static int64_t n_parameters(const struct built *b)
{
    return (int64_t)((b->a->L + b->a->n_sets) * b->n_slots);
}

static att_status evaluate(struct att_workspace *ws, const struct att_case *c,
                           struct att_outcome *out, struct att_error *err)
{
    const struct built *b = c->built;
    const double L = (double)b->a->L;
    const double q = (double)b->a->q;

    (void)ws, (void)err;
    att_out_real(out, AM_ERR_MAX, b->err);
    att_out_int(out, AM_OK, b->err <= c->p[RP_EPS].r);
    att_out_int(out, AM_H, 0);
    att_out_int(out, AM_STATE, (int64_t)(b->n_slots * b->a->dv));
    if (b->least > 0)
        att_out_int(out, AM_SIZE, (int64_t)b->least);
    att_out_real(out, AM_SIZE_LAW, 0.5 * (L - 1.0));
    att_out_real(out, AM_CERT_ERR,
                 sqrt(fmax(0.0, 1.0 - (double)b->n_slots / L) / q));
    att_out_int(out, AM_PARAMS, n_parameters(b));
    return ATT_OK;
}

/* ---- export ----------------------------------------------------------------- */

static double slot_of(const struct built *b, size_t s, size_t j)
{
    if (b->basis.data == NULL)
        return j == s ? 1.0 : 0.0;
    return att_mat_row(b->basis, s)[j];
}

/* g [L, k], r [n_sets, k]: the mean of the rows of g over each set. */
static void put_weights(const struct built *b, double *g, double *r)
{
    const size_t k = b->n_slots;
    const size_t q = b->a->q;

    for (size_t j = 0; j < b->a->L; j++) {
        for (size_t s = 0; s < k; s++)
            g[j * k + s] = slot_of(b, s, j);
    }
    for (size_t m = 0; m < b->a->n_sets * q; m++) {
        att_axpy(k, 1.0 / (double)q, g + b->a->y[m] * k, r + m / q * k);
    }
}

/* out [n_sets, dv] = R (G^T z): the state first, as the layer computes it. */
static void put_outputs(const struct built *b, const double *g, const double *r,
                        double *state, double *out)
{
    const struct att_averaging *a = b->a;
    const size_t k = b->n_slots;

    for (size_t j = 0; j < a->L; j++) {
        for (size_t s = 0; s < k; s++) {
            for (size_t c = 0; c < a->dv; c++)
                state[s * a->dv + c] += g[j * k + s] * a->z[j * a->dv + c];
        }
    }
    for (size_t i = 0; i < a->n_sets; i++) {
        for (size_t s = 0; s < k; s++) {
            for (size_t c = 0; c < a->dv; c++)
                out[i * a->dv + c] += r[i * k + s] * state[s * a->dv + c];
        }
    }
}

static att_status export_artifact(struct att_workspace *ws,
                                  const struct att_case *c,
                                  struct att_artifact *out,
                                  struct att_error *err)
{
    const struct built *b = c->built;
    const struct att_averaging *a = b->a;
    const uint64_t g_shape[2] = {a->L, b->n_slots};
    const uint64_t r_shape[2] = {a->n_sets, b->n_slots};
    const uint64_t out_shape[2] = {a->n_sets, a->dv};
    struct att_layer *l = att_model_add(&out->model, ATT_LAYER_RECURRENT);
    double *state = ATT_NEW0(ws->arena, double, b->n_slots * a->dv);

    if (l == NULL || state == NULL)
        return att_arena_fail(ws->arena, "the exported net", err);
    att_layer_text(l, "form", "slots");
    double *g = att_bundle_add(&l->tensors, "G", ATT_F64, 2, g_shape);
    double *r = att_bundle_add(&l->tensors, "R", ATT_F64, 2, r_shape);
    double *outputs =
        att_bundle_add(&out->expected, "outputs", ATT_F64, 2, out_shape);

    att_bundle_f64(&out->instance, "tokens", a->z, a->L, a->dv);
    if (g == NULL || r == NULL || outputs == NULL ||
        att_arena_refused(ws->arena) != 0)
        return att_arena_fail(ws->arena, "the exported net", err);
    put_weights(b, g, r);
    put_outputs(b, g, r, state, outputs);
    /* Sums of L and then of k products of numbers of size 1. */
    out->atol =
        4.0 * (double)(a->L + b->n_slots) * (double)b->n_slots * 0x1p-53;
    out->tolerance_reason = "roundings of sums of L and of k products";
    return ATT_OK;
}

/* ---- claims ----------------------------------------------------------------- */

static void judge_full(const struct att_rows *rows, struct att_finding *f)
{
    att_finding_blank(f);
    if (is_full(rows->row[0].param))
        att_finding_equal(f, att_row_metric(&rows->row[0], AM_ERR_MAX), 0.0);
}

static void judge_slots(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];
    const int64_t L = row->param[ATT_AVG_L].i;

    att_finding_blank(f);
    if (is_full(row->param) || row->param[RP_SLOTS].i >= L)
        return;
    /* For q = 1 the proof needs every token's row. */
    if (row->param[ATT_AVG_Q].i != 1) {
        f->statistic = att_row_metric(row, AM_ERR_MAX);
        f->predicted = att_row_metric(row, AM_CERT_ERR);
        f->verdict =
            f->statistic >= f->predicted ? ATT_HOLDS : ATT_INCONCLUSIVE;
    }
}

static const struct att_claim CLAIMS[] = {
    AVG_ROW_CLAIM("rnn-full", ATT_PROVED, AVG_HERE, judge_full,
                  "a place for every token gives error 0"),
    AVG_ROW_CLAIM("rnn-slots", ATT_EMPIRICAL, AVG_LAW, judge_slots,
                  "q > 1: k < L slots leave an error of at least "
                  "sqrt((1 - k/L)/q)"),
};

const struct att_construction att_construction_averaging_recurrent = {
    .abi = ATT_CONSTRUCTION_ABI,
    .name = "averaging_recurrent",
    .family = "averaging",
    .source = SANFORD_SOURCE,
    .summary = "sparse averaging by a recurrent net: full state, or k slots "
               "with the best linear read-out",
    .version = 1,
    .problem = &att_problem_averaging,
    .bibtex = SANFORD_BIBTEX,
    .params = PARAMS,
    .n_params = RP_PARAMS - ATT_AVG_PARAMS,
    .metrics = att_avg_metrics,
    .n_metrics = AVG_METRICS,
    .observations = NULL,
    .n_observations = 0,
    .claims = CLAIMS,
    .n_claims = sizeof CLAIMS / sizeof CLAIMS[0],
    .admit = admit,
    .cost = cost,
    .slices = att_slices_one,
    .build = build,
    .evaluate = evaluate,
    .export_artifact = export_artifact,
    .check = att_artifact_check,
};
