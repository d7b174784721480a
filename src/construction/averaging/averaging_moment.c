/* averaging_moment.c - one self-attention unit of high precision, C4.
 *
 *   step 1  keys u_j on a moment curve, d = 2 q coordinates for every L
 *   step 2  P_y >= 0 vanishes on y alone; the query holds the coefficients of
 *           -P_y / (2 gap): the score is 1 on y, <= 1/2 elsewhere
 *   step 3  softmax of alpha <u_j, w_i>, alpha as for the unit of fixed
 *           precision
 *
 * Two paths: the product form of P, which is the theorem, and the sum over
 * coordinates in the arithmetic of dtype, which is what a unit computes.  The
 * referee looks for the least significand with which the second gets all sets
 * of the row within eps. */
#include <inttypes.h>

#include "attest/base/clock.h"
#include "attest/base/statistics.h"
#include "attest/base/text.h"
#include "averaging_columns_priv.h"
#include "averaging_curve_priv.h"
#include "averaging_moment_priv.h"
#include "averaging_network_priv.h"

static const char *const DTYPES[] = {"f64", "f32", "x80", "dd", NULL};
static const char *const SWITCH[] = {"off", "on", NULL};

static const struct att_param PARAMS[MP_PARAMS - ATT_AVG_PARAMS] = {
    ATT_PARAM_CHOICE("basis", ATT_SEEDS_NOTHING, "trig", att_avg_basis_name,
                     "moment curve of the keys"),
    ATT_PARAM_REAL("eps", ATT_SEEDS_NOTHING, 0.1, 1e-12, 1.0, "allowed error"),
    ATT_PARAM_CHOICE("dtype", ATT_SEEDS_NOTHING, "f64", DTYPES,
                     "arithmetic of keys, coefficients and scores (dd: 106 "
                     "bits, by MPFR)"),
    ATT_PARAM_CHOICE("referee", ATT_SEEDS_NOTHING, "off", SWITCH,
                     "search for the bits that are needed, by MPFR"),
};

enum { MOST_LG = 960, MOST_REFEREE_BITS = 1024 };

static att_status admit(const struct att_value *p, struct att_error *err)
{
    const double lg =
        att_avg_moment_bits((double)p[ATT_AVG_L].i, (double)p[ATT_AVG_Q].i);

    ATT_TRY(att_averaging_admit(p, err));
    if (p[ATT_AVG_L].i < 3 || lg > MOST_LG) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "weights of some %.0f bits for L = %" PRId64
                        ", q = %" PRId64 " leave the range of f64 (%d): lower "
                        "q",
                        lg, p[ATT_AVG_L].i, p[ATT_AVG_Q].i, MOST_LG);
    }
    return ATT_OK;
}

static bool has_referee(const struct att_value *p)
{
    return att_text_same(p[MP_REFEREE].s, "on");
}

static struct att_cost cost(const struct att_value *p)
{
    const double n = (double)p[ATT_AVG_L].i;
    const double q = (double)p[ATT_AVG_Q].i;
    const double sets =
        (double)p[ATT_AVG_SAMPLES].i * (double)att_averaging_sets(p);
    const double one = n * (30.0 * q + 60.0);
    /* A referee tries some 20 significands, at 50 times a double's price. */
    const double referee = has_referee(p) ? 20.0 * 50.0 : 0.0;

    return (struct att_cost){
        .flops = sets * one * (1.0 + referee),
        .bytes = att_averaging_bytes(p) + 24.0 * n + 8.0 * sets + 32.0 * q +
                 2.0 * att_avg_machine_bytes(n, q) + 65536.0};
}

/* ---- build ------------------------------------------------------------------ */

struct built {
    const struct att_averaging *instance;
    struct avg_curve curve;
    struct avg_unit unit;
    double eps;
    struct avg_machine machine;
};

static att_status build(struct att_workspace *ws, const struct att_case *c,
                        void **built, struct att_error *err)
{
    const struct att_averaging *a = c->instance;
    struct built *b = ATT_NEW0(ws->arena, struct built, 1);

    if (b == NULL)
        return att_arena_fail(ws->arena, "the unit", err);
    b->instance = a;
    b->curve = (struct avg_curve){att_avg_basis(c->p[MP_BASIS].s), a->L, a->q};
    b->eps = c->p[MP_EPS].r;
    b->unit.alpha = att_avg_alpha((double)a->L, b->eps);
    b->machine = att_avg_machine(b->curve, c->p[MP_DTYPE].s);
    ATT_TRY(att_avg_machine_open(&b->machine, ws->arena, err));
    *built = b;
    return ATT_OK;
}

/* ---- evaluate --------------------------------------------------------------- */

/* The worst of all sets. */
struct pass {
    const struct built *b;
    double *s, *w, *err; /* [L], [2 q], [sets] */
    double off_max, on_dev, err_max, product_max, value_max;
    double lg_gap, lg_norm1;
    uint64_t n_good;
    double t_dual, t_exp, t_value;
};

static att_status pass_init(struct pass *x, const struct built *b,
                            struct att_arena *arena, struct att_error *err)
{
    const struct att_averaging *a = b->instance;

    *x = (struct pass){.b = b,
                       .s = ATT_NEW(arena, double, a->L),
                       .w = ATT_NEW(arena, double, 2 * a->q),
                       .err = ATT_NEW(arena, double, a->samples * a->n_sets),
                       .off_max = -(double)INFINITY,
                       .lg_gap = (double)INFINITY,
                       .lg_norm1 = -(double)INFINITY};
    return att_arena_refused(arena) == 0
               ? ATT_OK
               : att_arena_fail(arena, "the scores of a set", err);
}

static const uint32_t *set_of(const struct built *b, size_t i)
{
    return b->instance->y + i * b->instance->q;
}

/* NaN of one set is NaN of all: fmax would drop it. */
static double worse(double a, double b)
{
    return isnan(a) || isnan(b) ? (double)NAN : fmax(a, b);
}

static att_status run_set(struct pass *x, size_t i, struct att_arena *arena,
                          struct att_error *err)
{
    const struct built *b = x->b;
    const struct att_averaging *a = b->instance;
    const double start = att_clock_s();
    struct avg_dot dot = {.y = set_of(b, i),
                          .lg_gap = att_avg_curve_gap(&b->curve, set_of(b, i)),
                          .s = x->s,
                          .w = x->w};

    ATT_TRY(att_avg_machine_dot(&b->machine, &dot, arena, err));
    const double middle = att_clock_s();
    const struct avg_scores m = att_avg_measure(
        x->s, a->L, dot.y, a->q, &b->unit, i < a->n_sets ? a : NULL);

    x->err[i] = m.err;
    x->off_max = worse(x->off_max, m.off_max);
    x->on_dev = worse(x->on_dev, m.on_dev);
    x->err_max = fmax(x->err_max, m.err);
    x->value_max = fmax(x->value_max, m.value_err);
    x->lg_gap = fmin(x->lg_gap, dot.lg_gap);
    x->lg_norm1 = worse(x->lg_norm1, dot.lg_norm1);
    att_avg_curve_product(&b->curve, dot.y, dot.lg_gap, x->s);
    x->product_max =
        fmax(x->product_max,
             att_avg_measure(x->s, a->L, dot.y, a->q, &b->unit, NULL).err);
    x->t_dual += middle - start;
    x->t_exp += att_clock_s() - middle - m.value_s;
    x->t_value += m.value_s;
    return ATT_OK;
}

/* Do all sets come within eps with so many bits? */
static att_status is_enough(struct pass *x, int bits, struct att_arena *arena,
                            bool *enough, struct att_error *err)
{
    const struct built *b = x->b;
    const struct att_averaging *a = b->instance;
    const struct att_arena_mark mark = att_arena_mark(arena);
    struct avg_machine m = att_avg_machine_wide(b->curve, bits);

    ATT_TRY(att_avg_machine_open(&m, arena, err));
    *enough = true;
    for (size_t i = 0; *enough && i < a->samples * a->n_sets; i++) {
        struct avg_dot dot = {.y = set_of(b, i),
                              .lg_gap =
                                  att_avg_curve_gap(&b->curve, set_of(b, i)),
                              .s = x->s,
                              .w = x->w};

        ATT_TRY(att_avg_machine_dot(&m, &dot, arena, err));
        *enough =
            att_avg_measure(x->s, a->L, dot.y, a->q, &b->unit, NULL).err <=
            b->eps;
    }
    att_arena_rewind(arena, mark);
    return ATT_OK;
}

/* The least significand from which on all are enough, up to a start well above
 * the conditioning: error need not fall at every step.  0: none was found. */
static att_status bits_needed(struct pass *x, struct att_arena *arena,
                              int64_t *out, struct att_error *err)
{
    int bits = 16 + (isfinite(x->lg_norm1) ? (int)ceil(fmax(0, x->lg_norm1))
                                           : MOST_LG);
    bool enough = false;

    for (; bits <= MOST_REFEREE_BITS; bits += 16) {
        ATT_TRY(is_enough(x, bits, arena, &enough, err));
        if (enough)
            break;
    }
    *out = 0;
    while (enough && bits >= 2) {
        *out = bits--;
        ATT_TRY(is_enough(x, bits, arena, &enough, err));
    }
    return ATT_OK;
}

static void out_pass(struct pass *x, struct att_outcome *out)
{
    const struct att_averaging *a = x->b->instance;

    att_out_real(out, AM_ERR_MAX, x->err_max);
    att_out_real(out, AM_ERR_PRODUCT, x->product_max);
    att_out_real(out, AM_ERR_VALUE, x->value_max);
    att_out_int(out, AM_OK, x->err_max <= x->b->eps);
    att_out_finite(out, AM_OFF_MAX, x->off_max);
    att_out_finite(out, AM_ON_DEV, x->on_dev);
    att_out_finite(out, AM_GAP, exp2(x->lg_gap));
    att_out_finite(out, AM_W_L1, x->lg_norm1);
    att_out_real(out, AM_T_DUAL, x->t_dual);
    att_out_real(out, AM_T_EXP, x->t_exp);
    att_out_real(out, AM_T_VALUE, x->t_value);
    att_avg_out_success(out, x->n_good, a->samples);
    /* Sorts them: last. */
    att_out_real(out, AM_ERR_P50, att_median(x->err, a->samples * a->n_sets));
}

static void predict(const struct built *b, struct att_outcome *out)
{
    const struct att_averaging *a = b->instance;
    const int64_t d = 2 * (int64_t)a->q;
    const int64_t dv = (int64_t)a->dv;

    att_out_int(out, AM_D_MODEL, dv + 2 * d);
    att_out_int(out, AM_M, d > dv ? d : dv);
    att_out_int(out, AM_H, 1);
    att_out_int(out, AM_N_PAIRS,
                (int64_t)(a->samples * a->n_sets) * (int64_t)a->L);
    att_out_real(out, AM_ALPHA, b->unit.alpha);
    att_out_real(out, AM_W_L1_LAW,
                 att_avg_moment_bits((double)a->L, (double)a->q));
    att_out_int(out, AM_SIZE, d);
    att_out_int(out, AM_P_BITS, b->machine.bits);
    att_out_int(out, AM_MSG_BITS, b->machine.bits * d);
    att_out_int(out, AM_PARAMS, att_avg_network_parameters(d, dv));
    att_out_real(out, AM_FLOPS,
                 4.0 * (double)(a->samples * a->n_sets * a->L * a->q));
    att_out_real(out, AM_BYTES,
                 att_avg_machine_bytes((double)a->L, (double)a->q));
}

static att_status evaluate(struct att_workspace *ws, const struct att_case *c,
                           struct att_outcome *out, struct att_error *err)
{
    const struct built *b = c->built;
    const struct att_averaging *a = b->instance;
    struct pass x;

    ATT_TRY(pass_init(&x, b, ws->arena, err));
    for (size_t s = 0; s < a->samples; s++) {
        double worst = 0.0;

        for (size_t i = s * a->n_sets; i < (s + 1) * a->n_sets; i++) {
            ATT_TRY(run_set(&x, i, ws->arena, err));
            worst = fmax(worst, x.err[i]);
        }
        x.n_good += worst <= b->eps ? 1 : 0;
    }
    if (has_referee(c->p)) {
        int64_t bits = 0;

        ATT_TRY(bits_needed(&x, ws->arena, &bits, err));
        if (bits > 0)
            att_out_int(out, AM_BITS_NEEDED, bits);
    }
    out_pass(&x, out);
    predict(b, out);
    return ATT_OK;
}

/* ---- export ----------------------------------------------------------------- */

/* Keys and queries as the f64 unit has them. */
static att_status export_artifact(struct att_workspace *ws,
                                  const struct att_case *c,
                                  struct att_artifact *out,
                                  struct att_error *err)
{
    const struct built *b = c->built;
    const struct att_averaging *a = b->instance;
    struct avg_machine m = att_avg_machine(b->curve, "f64");
    struct avg_network n = {.instance = a,
                            .unit = b->unit,
                            .u = att_mat_new(ws->arena, a->L, 2 * a->q),
                            .w = att_mat_new(ws->arena, a->n_sets, 2 * a->q)};
    double *s = ATT_NEW(ws->arena, double, a->L);

    if (n.u.data == NULL || n.w.data == NULL || s == NULL)
        return att_arena_fail(ws->arena, "the exported network", err);
    ATT_TRY(att_avg_machine_open(&m, ws->arena, err));
    att_avg_curve_matrix(&m, n.u);
    for (size_t i = 0; i < a->n_sets; i++) {
        struct avg_dot dot = {.y = set_of(b, i),
                              .lg_gap =
                                  att_avg_curve_gap(&b->curve, set_of(b, i)),
                              .s = s,
                              .w = att_mat_row(n.w, i)};

        ATT_TRY(att_avg_machine_dot(&m, &dot, ws->arena, err));
    }
    return att_avg_network_export(&n, out, ws->arena, err);
}

const struct att_construction att_construction_averaging_moment = {
    .abi = ATT_CONSTRUCTION_ABI,
    .name = "averaging_moment",
    .family = "averaging",
    .source = SANFORD_SOURCE,
    .summary = "sparse averaging by one unit of high precision, d = 2q on a "
               "moment curve",
    .version = 1,
    .problem = &att_problem_averaging,
    .bibtex = SANFORD_BIBTEX,
    .params = PARAMS,
    .n_params = MP_PARAMS - ATT_AVG_PARAMS,
    .metrics = att_avg_metrics,
    .n_metrics = AVG_METRICS,
    .observations = NULL,
    .n_observations = 0,
    .claims = att_avg_moment_claims,
    .n_claims = AVG_MOMENT_CLAIMS,
    .admit = admit,
    .cost = cost,
    .slices = att_slices_one,
    .build = build,
    .evaluate = evaluate,
    .export_artifact = export_artifact,
    .check = att_artifact_check,
};
