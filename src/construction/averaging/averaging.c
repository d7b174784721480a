/* averaging.c - one self-attention unit of fixed precision for sparse
 * averaging, C1 to C3.
 *
 * step 1: random keys u_j in R^d
 * step 2: for a query set y the dual vector w_y with <u_j, w> = 1 on y and
 *         small elsewhere; the token map is phi(x_i) = (z_i; w_{y_i}; u_i)
 * step 3: softmax of alpha <u_j, w_i>, alpha = ceil(2 ln(4 L / eps))
 *
 * Differs: the token map is a table made for the instance (any token-wise map
 * is allowed); the error is the supremum over values in the unit ball, which
 * is |P_i - 1_y / q|_1 and needs no values. */
#include <inttypes.h>

#include "attest/base/statistics.h"
#include "attest/base/text.h"
#include "averaging_network_priv.h"
#include "averaging_pass_priv.h"

static const char *const SETS[] = {[AVG_GIVEN] = "given",
                                   [AVG_ADVERSARIAL] = "adversarial",
                                   [AVG_CLIMBED] = "climbed",
                                   NULL};
static const char *const DTYPES[] = {"f64", "f32", "bf16", "f16", NULL};
static const char *const ATTENTIONS[] = {"softmax", "hardmax", NULL};
static const char *const SWITCH[] = {"off", "on", NULL};

static const struct att_param PARAMS[AP_PARAMS - ATT_AVG_PARAMS] = {
    ATT_PARAM_INTEGER("d", ATT_SEEDS_NOTHING, 128, 1, 65536,
                      "query/key dimension (paper: m'); the largest one of a "
                      "nested pass"),
    ATT_PARAM_CHOICE("keys", ATT_SEEDS_BUILDER, "sign", att_avg_kind_name,
                     "position embedding"),
    ATT_PARAM_CHOICE("dual", ATT_SEEDS_NOTHING, "ls", att_avg_dual_name,
                     "dual vector: least norm, corrected after Candes and "
                     "Tao, active set, linear program; matched filter"),
    ATT_PARAM_CHOICE("sets", ATT_SEEDS_NOTHING, "given", SETS,
                     "the instance's sets; the q keys most correlated with one "
                     "outsider; the instance's after 60 exchanges of a member, "
                     "each kept if it raises the largest score off the set"),
    ATT_PARAM_REAL("eps", ATT_SEEDS_NOTHING, 0.1, 1e-12, 1.0, "allowed error"),
    ATT_PARAM_REAL("alpha_scale", ATT_SEEDS_NOTHING, 1.0, 0.01, 100.0,
                   "factor on the scale of the logits"),
    ATT_PARAM_INTEGER("frac_bits", ATT_SEEDS_NOTHING, -1, -1, 52,
                      "fractional bits of the coordinates of sqrt(d) w; -1: "
                      "as dtype"),
    ATT_PARAM_CHOICE("dtype", ATT_SEEDS_NOTHING, "f64", DTYPES,
                     "format of w and of the logits"),
    ATT_PARAM_CHOICE("attention", ATT_SEEDS_NOTHING, "softmax", ATTENTIONS,
                     "softmax, or uniform on the largest scores"),
    ATT_PARAM_REAL("tie", ATT_SEEDS_NOTHING, 1e-9, 0.0, 1.0,
                   "scores this close to the largest count as ties (hardmax)"),
    ATT_PARAM_CHOICE("nested", ATT_SEEDS_NOTHING, "off", SWITCH,
                     "look at every smaller d of a grid of 4 % steps as well"),
    {.name = "fixed_bits",
     .doc = "bits of a coordinate of sqrt(d) w: a sign, ceil(lg 2q) whole bits "
            "and the rest; 0: as frac_bits",
     .unit = "bit",
     .type = ATT_TYPE_INTEGER,
     .seeds = ATT_SEEDS_NOTHING,
     .i_max = 64,
     .since = 2},
    {.name = "dither",
     .doc = "add a uniform number of one step before fixed point rounds",
     .unit = "1",
     .type = ATT_TYPE_CHOICE,
     .seeds = ATT_SEEDS_NOTHING,
     .choices = SWITCH,
     .s_default = "off",
     .since = 2},
};

int64_t att_avg_frac_bits(const struct att_value *p)
{
    const double whole = ceil(log2(2.0 * (double)p[ATT_AVG_Q].i));

    return p[AP_P_BITS].i > 0 ? p[AP_P_BITS].i - 1 - (int64_t)whole
                              : p[AP_FRAC].i;
}

bool att_avg_is_rounded(const struct att_value *p)
{
    return p[AP_FRAC].i >= 0 || p[AP_P_BITS].i > 0 ||
           !att_text_same(p[AP_DTYPE].s, "f64");
}

static att_status admit_format(const struct att_value *p, struct att_error *err)
{
    const int formats = (p[AP_FRAC].i >= 0 ? 1 : 0) +
                        (p[AP_P_BITS].i > 0 ? 1 : 0) +
                        (att_text_same(p[AP_DTYPE].s, "f64") ? 0 : 1);

    if (formats > 1) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "frac_bits = %" PRId64 ", fixed_bits = %" PRId64
                        " and dtype = %s are several formats: set one",
                        p[AP_FRAC].i, p[AP_P_BITS].i, p[AP_DTYPE].s);
    }
    if (p[AP_P_BITS].i > 0 && att_avg_frac_bits(p) < 0) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "fixed_bits = %" PRId64
                        " hold no sign and no 2q = %" PRId64 ": raise it",
                        p[AP_P_BITS].i, 2 * p[ATT_AVG_Q].i);
    }
    if (att_text_same(p[AP_DITHER].s, "on") && att_avg_frac_bits(p) < 0) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "dither = on needs fixed point: set frac_bits or "
                        "fixed_bits");
    }
    return ATT_OK;
}

static att_status admit(const struct att_value *p, struct att_error *err)
{
    ATT_TRY(att_averaging_admit(p, err));
    if (att_avg_is_rounded(p) && att_text_same(p[AP_NESTED].s, "on")) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "nested = on keeps queries unrounded: set frac_bits = "
                        "-1 and dtype = f64, or search d");
    }
    return admit_format(p, err);
}

static bool is_nested(const struct att_value *p)
{
    return att_text_same(p[AP_NESTED].s, "on");
}

/* Grid points of a nested pass up to d, about. */
static double n_grid(const struct att_value *p)
{
    const double d = (double)p[AP_D].i;

    if (!is_nested(p))
        return 1.0;
    return d < 25.0 ? d : 50.0 + 25.0 * log(d / 25.0);
}

static struct att_cost cost(const struct att_value *p)
{
    const double n = (double)p[ATT_AVG_L].i;
    const double d = (double)p[AP_D].i;
    const double q = (double)p[ATT_AVG_Q].i;
    const double sets =
        (double)p[ATT_AVG_SAMPLES].i * (double)att_averaging_sets(p);
    const enum avg_kind kind = att_avg_kind(p[AP_KEYS].s);
    const bool signs = kind == AVG_SIGN || kind == AVG_HADAMARD;
    const double grid = n_grid(p);
    double bytes = att_averaging_bytes(p) + att_avg_pass_bytes(p);

    bytes += signs ? n * (d / 4.0 + 8.0 * grid + 20.0) : 8.0 * n * d;
    bytes += kind == AVG_UNIT ? 8.0 * n * grid : 0.0;
    bytes += 8.0 * sets + 128.0 * grid + 16.0 * (n + d) + 40960.0;
    const double rows = signs ? q * d / 16.0 : 2.0 * q * d;
    const double tries =
        att_text_same(p[AP_SETS].s, SETS[AVG_CLIMBED]) ? AVG_SWAPS + 1.0 : 1.0;
    const double products = att_avg_is_rounded(p) ? 2.0 * d : 0.0;

    return (struct att_cost){
        .flops =
            sets * n * (tries * (rows + grid * (4.0 * q + 16.0)) + products),
        .bytes = bytes};
}

/* ---- build ------------------------------------------------------------------------ */

struct built {
    struct avg_task task;
    struct avg_keys keys; /* of sample 0 */
};

static att_status make_rounding(const struct att_value *p,
                                struct avg_rounding *out, struct att_error *err)
{
    *out = (struct avg_rounding){.on = att_avg_is_rounded(p),
                                 .frac_bits = (int)att_avg_frac_bits(p),
                                 .whole_bits = -1,
                                 .dither = att_text_same(p[AP_DITHER].s, "on")};
    if (p[AP_P_BITS].i > 0)
        out->whole_bits = (int)p[AP_P_BITS].i - 1 - out->frac_bits;
    return att_arithmetic_parse(p[AP_DTYPE].s, &out->arithmetic, err);
}

static att_status make_task(const struct att_case *c, struct att_arena *arena,
                            struct avg_task *t, struct att_error *err)
{
    const struct att_value *p = c->p;

    *t = (struct avg_task){
        .instance = c->instance,
        .kind = att_avg_kind(p[AP_KEYS].s),
        .dual = att_avg_dual(p[AP_DUAL].s),
        .sets = (enum avg_sets)att_text_choice(p[AP_SETS].s, SETS),
        .unit = {.alpha = p[AP_ALPHA_SCALE].r *
                          att_avg_alpha((double)p[ATT_AVG_L].i, p[AP_EPS].r),
                 .hardmax = att_text_same(p[AP_ATTENTION].s, "hardmax"),
                 .tie = p[AP_TIE].r},
        .eps = p[AP_EPS].r};
    ATT_TRY(make_rounding(p, &t->rounding, err));
    return att_nested_grid(c, (size_t)p[AP_D].i, is_nested(p), arena, &t->grid,
                           err);
}

static att_status build(struct att_workspace *ws, const struct att_case *c,
                        void **built, struct att_error *err)
{
    struct built *b = ATT_NEW0(ws->arena, struct built, 1);

    if (b == NULL)
        return att_arena_fail(ws->arena, "the unit", err);
    ATT_TRY(make_task(c, ws->arena, &b->task, err));
    const struct avg_key_spec spec = {b->task.kind, b->task.instance->L,
                                      b->task.grid};

    ATT_TRY(att_avg_keys_draw(ws, &spec, 0, &b->keys, err));
    *built = b;
    return ATT_OK;
}

/* ---- evaluate --------------------------------------------------------------------- */

/* The start of the last run of good grid points, which must reach the end. */
struct run {
    int64_t first, start; /* 0: none */
};

static void run_add(struct run *r, bool good, uint32_t d)
{
    if (good && r->first == 0)
        r->first = d;
    if (good && r->start == 0)
        r->start = d;
    if (!good)
        r->start = 0;
}

static void observe(const struct avg_pass *pass, size_t g,
                    struct att_outcome *out)
{
    const struct avg_worst *w = &pass->worst[g];
    const double n = (double)w->n_sets;
    const struct att_averaging *a = pass->task->instance;
    const struct att_interval share = att_wilson(w->n_good, a->samples, 0.95);
    const double d = pass->task->grid.d[g];
    const double line[AVG_OBSERVATIONS] = {
        [AO_D] = d,
        [AO_C] = d / ((double)a->q * log((double)a->L)),
        [AO_LO] = share.lo,
        [AO_HI] = share.hi,
        [AO_OFF_MAX] = w->unsolved ? (double)NAN : w->off_max,
        [AO_ERR] = w->err,
        [AO_ON_DEV] = w->unsolved ? (double)NAN : w->on_dev,
        [AO_OK] = (double)w->n_good / (double)a->samples,
        [AO_FACES] = (double)w->n_faces / n,
        [AO_HALVES] = (double)w->n_halves / n};

    if (pass->task->grid.asked[g])
        att_out_observe(out, line);
}

static void out_start(struct att_outcome *out, uint32_t metric, int64_t d)
{
    if (d > 0)
        att_out_int(out, metric, d);
}

static void out_grid(const struct avg_pass *pass, struct att_outcome *out)
{
    struct run hard = {0};
    struct run within = {0};
    struct run half = {0};

    for (size_t g = 0; g < pass->task->grid.n; g++) {
        const struct avg_worst *w = &pass->worst[g];
        const uint32_t d = pass->task->grid.d[g];

        observe(pass, g, out);
        run_add(&hard, !w->unsolved && w->off_max < 1.0, d);
        run_add(&within, w->err <= pass->task->eps, d);
        run_add(&half, w->n_halves == w->n_sets, d);
    }
    if (pass->task->grid.n == 1)
        return;
    out_start(out, AM_M_HARD, hard.start);
    out_start(out, AM_M_ERR, within.start);
    out_start(out, AM_M_ERR_FIRST, within.first);
    out_start(out, AM_M_HALF, half.start);
    out_start(out, AM_SIZE, within.start);
}

static void out_last(const struct avg_pass *pass, struct att_outcome *out)
{
    const struct avg_task *t = pass->task;
    const struct avg_worst *w = &pass->worst[t->grid.n - 1];
    const size_t n = t->instance->samples * t->instance->n_sets;
    const double sets = (double)w->n_sets;

    att_out_real(out, AM_ERR_MAX, w->err);
    att_out_real(out, AM_ERR_P50, att_median(pass->err, n));
    att_out_real(out, AM_ERR_VALUE, w->unsolved ? 2.0 : w->value_err);
    att_out_int(out, AM_OK, w->err <= t->eps);
    att_out_real(out, AM_FACES, (double)w->n_faces / sets);
    att_out_real(out, AM_HALVES, (double)w->n_halves / sets);
    if (!w->unsolved) {
        att_out_finite(out, AM_OFF_MAX, w->off_max);
        att_out_finite(out, AM_OFF_UNROUNDED, w->off_unrounded);
        att_out_finite(out, AM_ON_DEV, w->on_dev);
        if (t->dual != AVG_LP)
            att_out_finite(out, AM_BETA_L1, w->beta_l1);
    }
    if (t->dual == AVG_CT)
        att_out_int(out, AM_CT_ITERS, w->n_iterations);
    if (t->dual == AVG_AS)
        att_out_int(out, AM_ACT_SIZE, w->n_active);
    att_out_finite(out, AM_GRAM_MIN, pass->gram_min);
}

/* Bits before the point of a number this large. */
static int64_t whole_bits(double x)
{
    return x >= 1.0 ? (int64_t)floor(log2(x)) + 1 : 0;
}

static void out_bits(const struct avg_pass *pass, const struct att_value *p,
                     struct att_outcome *out)
{
    const struct avg_task *t = pass->task;
    const struct avg_rounding *r = &t->rounding;
    const struct avg_worst *w = &pass->worst[t->grid.n - 1];

    if (t->unit.alpha > 0.0) {
        att_out_int(out, AM_P_GUARANTEED,
                    att_avg_p_guaranteed(t->unit.alpha, t->eps,
                                         (double)t->instance->q));
    }
    if (r->on && w->norm1 > 0.0)
        att_out_real(out, AM_W_L1, log2(w->norm1));
    if (r->frac_bits < 0 || !r->on)
        return;
    const int64_t bits = p[AP_P_BITS].i > 0
                             ? p[AP_P_BITS].i
                             : whole_bits(w->coordinate) + r->frac_bits + 1;

    att_out_int(out, AM_FRAC, r->frac_bits);
    att_out_int(out, AM_P_BITS, bits);
    att_out_int(out, AM_MSG_BITS, bits * p[AP_D].i);
}

static void predict(const struct att_case *c, const struct avg_task *t,
                    struct att_outcome *out)
{
    const struct att_averaging *a = t->instance;
    const double q = (double)a->q;
    const double n = (double)a->samples * (double)a->n_sets * (double)a->L;
    const double d = (double)c->p[AP_D].i;

    att_out_int(out, AM_D_MODEL, (int64_t)a->dv + 2 * c->p[AP_D].i);
    att_out_int(out, AM_M,
                c->p[AP_D].i > (int64_t)a->dv ? c->p[AP_D].i : (int64_t)a->dv);
    att_out_int(out, AM_H, 1);
    att_out_int(out, AM_N_PAIRS, (int64_t)n);
    att_out_real(out, AM_ALPHA, t->unit.alpha);
    att_out_finite(out, AM_PRED_HARD, att_avg_m_pred(q, n, 1.0));
    att_out_finite(
        out, AM_PRED_ERR,
        att_avg_m_pred(q, n, att_avg_threshold_err(q, t->eps, t->unit.alpha)));
    att_out_finite(out, AM_PRED_HALF, att_avg_m_pred(q, n, 0.5));
    att_out_finite(out, AM_PRED_FACE, att_avg_face((double)a->L, q));
    att_out_int(out, AM_PARAMS,
                att_avg_network_parameters(c->p[AP_D].i, (int64_t)a->dv));
    att_out_real(out, AM_FLOPS, t->rounding.on ? 2.0 * d * n : 2.0 * q * n);
    att_out_real(out, AM_BYTES, (double)a->L * d / 8.0);
}

static att_status evaluate(struct att_workspace *ws, const struct att_case *c,
                           struct att_outcome *out, struct att_error *err)
{
    const struct built *b = c->built;
    struct avg_keys keys = b->keys; /* its scratch is written */
    struct avg_pass pass;

    ATT_TRY(att_avg_pass(ws, &b->task, &keys, &pass, err));
    out_grid(&pass, out);
    out_last(&pass, out);
    att_avg_out_success(out, pass.worst[b->task.grid.n - 1].n_good,
                        b->task.instance->samples);
    out_bits(&pass, c->p, out);
    predict(c, &b->task, out);
    att_out_real(out, AM_T_GRAM, pass.t.gram);
    att_out_real(out, AM_T_DUAL, pass.t.dual);
    att_out_real(out, AM_T_LOGIT, pass.t.logit);
    att_out_real(out, AM_T_EXP, pass.t.exp);
    att_out_real(out, AM_T_VALUE, pass.t.value);
    return ATT_OK;
}

/* ---- export ------------------------------------------------------------------------- */

static att_status export_artifact(struct att_workspace *ws,
                                  const struct att_case *c,
                                  struct att_artifact *out,
                                  struct att_error *err)
{
    const struct built *b = c->built;
    const size_t g = b->keys.grid.n - 1;
    struct avg_keys keys = b->keys; /* its scratch is written */
    struct avg_network n = {
        .instance = b->task.instance,
        .unit = b->task.unit,
        .u = att_avg_keys_matrix(&keys, g, ws->arena),
        .w = att_mat_new(ws->arena, b->task.instance->n_sets, b->keys.d)};
    double *s = ATT_NEW(ws->arena, double, b->keys.n);

    if (n.u.data == NULL || n.w.data == NULL || s == NULL)
        return att_arena_fail(ws->arena, "the exported network", err);
    for (size_t i = 0; i < n.w.rows; i++) {
        struct avg_one one = {
            .set = i, .g = g, .s = s, .w = att_mat_row(n.w, i)};

        ATT_TRY(att_avg_one(ws, &b->task, &keys, &one, err));
    }
    return att_avg_network_export(&n, out, ws->arena, err);
}

const struct att_construction att_construction_averaging = {
    .abi = ATT_CONSTRUCTION_ABI,
    .name = "averaging",
    .family = "averaging",
    .source = SANFORD_SOURCE,
    .summary = "sparse averaging by one unit of fixed precision, d = O(q log "
               "L), every d in one pass",
    .version = 2,
    .problem = &att_problem_averaging,
    .bibtex = SANFORD_BIBTEX,
    .params = PARAMS,
    .n_params = AP_PARAMS - ATT_AVG_PARAMS,
    .metrics = att_avg_metrics,
    .n_metrics = AVG_METRICS,
    .observations = att_avg_observations,
    .n_observations = AVG_OBSERVATIONS,
    .claims = att_avg_claims,
    .n_claims = AVG_CLAIMS,
    .admit = admit,
    .cost = cost,
    .slices = att_slices_one,
    .build = build,
    .evaluate = evaluate,
    .export_artifact = export_artifact,
    .check = att_artifact_check,
};
