/* hardmax_evaluate.c - every evaluator on a built network, and the columns
 * that come out. */
#include "hardmax_evaluate_priv.h"

#include <math.h>
#include <string.h>

#include "attest/base/clock.h"
#include "hardmax_layers_priv.h"

static const double DENSE_LIMIT = 3e8, LOWRANK_LIMIT = 3e9;

bool att_hm_dense_allowed(double n, double longest, double d)
{
    return n * n * longest * longest * d < DENSE_LIMIT;
}

bool att_hm_lowrank_allowed(double numbers, double landmarks, double readouts)
{
    return 24.0 * numbers * (landmarks + 1.0) + 4.0 * readouts < LOWRANK_LIMIT;
}

struct hm_marks att_hm_mark(const struct att_sequences *s, const double *r)
{
    struct hm_marks marks = {0.0, 0.0};
    size_t n_right = 0;

    for (size_t j = 0; j < s->n; j++) {
        const double e = fabs(r[j] - (double)s->label[j]);

        n_right += e < 0.5;
        marks.err_max = fmax(marks.err_max, isnan(e) ? (double)INFINITY : e);
    }
    marks.acc = (double)n_right / (double)s->n;
    return marks;
}

att_status att_hm_run_marked(hm_eval_fn eval, const struct hm_net *net,
                             const struct hm_tokens *tokens,
                             struct att_arena *arena, struct hm_marks *marks,
                             struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(arena);
    const struct att_sequences *s = tokens->s;
    const struct hm_batch batch = {tokens, NULL, s->n};
    const struct hm_outputs out = {ATT_NEW(arena, double, s->n),
                                   ATT_NEW(arena, double, s->n)};
    struct hm_net rounded;

    if (out.r == NULL || out.q == NULL)
        return att_arena_fail(arena, "the outputs", err);
    ATT_TRY(att_hm_net_round(net, &tokens->a, arena, &rounded, err));
    ATT_TRY(eval(&rounded, &batch, out, arena, err));
    *marks = att_hm_mark(s, out.r);
    att_arena_rewind(arena, mark);
    return ATT_OK;
}

/* ---- the evaluators side by side ------------------------------------------ */

struct evaluator {
    hm_eval_fn run;
    uint32_t acc, time; /* columns */
};

enum { DENSE, LOWRANK, PLANE, SORTED, EVALUATORS };

static const struct evaluator EVALUATOR[EVALUATORS] = {
    [DENSE] = {att_hm_eval_dense, HM_M_ACC_DENSE, HM_M_T_DENSE},
    [LOWRANK] = {att_hm_eval_lowrank, HM_M_ACC_LOWRANK, HM_M_T_LOWRANK},
    [PLANE] = {att_hm_eval_plane, HM_M_ACC_PLANE, HM_M_T_PLANE},
    [SORTED] = {att_hm_eval_sorted, HM_M_ACC_SORTED, HM_M_T_SORTED},
};

struct results {
    struct hm_outputs out[EVALUATORS];
    bool ran[EVALUATORS];
};

static bool allowed(const struct hm_trial *t, const struct hm_net *net, int e)
{
    const double n = (double)t->s->n, d = (double)t->s->d;
    const double total = (double)t->s->total;

    if (e == DENSE)
        return att_hm_dense_allowed(n, (double)t->s->longest, d);
    if (e == LOWRANK) {
        return att_hm_lowrank_allowed(total * d, (double)net->n_landmarks,
                                      n * d * (double)net->n_peel);
    }
    return true;
}

static att_status run_one(const struct hm_trial *t, const struct hm_net *net,
                          const struct hm_tokens *tokens, int e,
                          struct results *results, struct att_error *err)
{
    const struct hm_batch batch = {tokens, NULL, t->s->n};
    struct hm_outputs *out = &results->out[e];

    results->ran[e] = allowed(t, net, e);
    if (!results->ran[e])
        return ATT_OK;
    out->r = ATT_NEW(t->ws->arena, double, t->s->n);
    out->q = ATT_NEW(t->ws->arena, double, t->s->n);
    if (out->r == NULL || out->q == NULL)
        return att_arena_fail(t->ws->arena, "the outputs", err);
    const double start = att_clock_s();

    ATT_TRY(EVALUATOR[e].run(net, &batch, *out, t->ws->arena, err));
    att_out_real(t->out, EVALUATOR[e].time, att_clock_s() - start);
    const struct hm_marks marks = att_hm_mark(t->s, out->r);

    att_out_real(t->out, EVALUATOR[e].acc, marks.acc);
    if (e == PLANE)
        att_out_real(t->out, HM_M_OUT_ERR, marks.err_max);
    return ATT_OK;
}

/* Largest difference of r, and whether all round to the same labels. */
static void compare(const struct hm_trial *t, const struct results *results)
{
    double spread = 0.0;
    bool agree = true;

    for (size_t j = 0; j < t->s->n; j++) {
        double lo = INFINITY, hi = -INFINITY;

        for (int e = 0; e < EVALUATORS; e++) {
            if (!results->ran[e])
                continue;
            lo = fmin(lo, results->out[e].r[j]);
            hi = fmax(hi, results->out[e].r[j]);
            agree = agree && !isnan(results->out[e].r[j]);
        }
        spread = fmax(spread, hi - lo);
        agree = agree && rint(lo) == rint(hi);
    }
    att_out_real(t->out, HM_M_EVAL_SPREAD, spread);
    att_out_int(t->out, HM_M_LABELS_AGREE, agree);
}

static att_status run_all(const struct hm_trial *t, struct att_error *err)
{
    struct att_arena *arena = t->ws->arena;
    struct results results = {.ran = {false}};
    struct hm_tokens tokens;
    struct hm_net net;
    bool same = false;

    ATT_TRY(att_hm_tokens_make(t->s, &t->config->eval, arena, &tokens, err));
    ATT_TRY(att_hm_net_round(&t->built->net, &tokens.a, arena, &net, err));
    for (int e = 0; e < EVALUATORS; e++) {
        t->ws->progress(t->ws->context, "evaluate", (double)e / EVALUATORS);
        ATT_TRY(run_one(t, &net, &tokens, e, &results, err));
    }
    compare(t, &results);
    ATT_TRY(att_hm_check_invariance(&net, t->s, arena, &same, err));
    att_out_int(t->out, HM_M_SET_INVARIANT, same);
    return ATT_OK;
}

/* ---- columns ---------------------------------------------------------------- */

/* Infinite values (one code has no gap) stay missing. */
static void report_input(const struct hm_trial *t)
{
    const struct att_sequences *s = t->s;

    att_out_int(t->out, HM_M_N_DISTINCT, (int64_t)t->built->sets.n);
    att_out_int(t->out, HM_M_LONGEST, (int64_t)s->longest);
    att_out_int(t->out, HM_M_TOTAL, (int64_t)s->total);
    if (s->planted[0] != '\0') {
        att_out_text(t->out, HM_M_EXPECTED_KIND, s->planted);
        att_out_int(t->out, HM_M_EXPECTED_I, (int64_t)s->planted_i);
        att_out_int(t->out, HM_M_EXPECTED_J, (int64_t)s->planted_j);
    }
}

static void report_refusal(const struct hm_trial *t)
{
    const struct hm_verdict *v = &t->built->verdict;

    if (v->kind != HM_BUILT) {
        att_out_text(t->out, HM_M_ERR_KIND, att_hm_refusal_text(v->kind));
        att_out_int(t->out, HM_M_ERR_I, (int64_t)v->i);
        att_out_int(t->out, HM_M_ERR_J, (int64_t)v->j);
    }
    att_out_real(t->out, HM_M_T_BUILD, t->built->build_s);
}

static void report_predictions(const struct hm_trial *t)
{
    const double n = (double)t->s->n;
    const int64_t N = (int64_t)t->s->n, D = (int64_t)t->s->d;

    att_out_int(t->out, HM_M_BLOCKS_BOUND, N == 1 ? 4 : 2 * N + 1);
    att_out_int(t->out, HM_M_PARAMS_BOUND,
                N == 1 ? 20 * D + 14 : 14 * N * D + 9 * N - 6 * D - 1);
    att_out_int(t->out, HM_M_BLOCKS_REPORTED, 4 * N + 1);
    att_out_real(t->out, HM_M_GAP_TARGET, 1.0 / (8.0 * n * n));
}

static void report_cost(const struct hm_trial *t)
{
    const double n = (double)t->s->n, total = (double)t->s->total;
    const double log_l = log2(fmax((double)t->s->longest, 2.0));
    const double d = (double)t->s->d, k = (double)t->built->net.n_landmarks;

    att_out_real(t->out, HM_M_FLOPS,
                 2.0 * total * d + 2.0 * total * log_l + 4.0 * n * k * log_l +
                     n * log2(fmax(n, 2.0)));
    att_out_real(t->out, HM_M_BYTES, 8.0 * total * d + 16.0 * total);
}

static double largest_code(const struct hm_built *b)
{
    double largest = 0.0;

    for (size_t j = 0; j < b->sets.n; j++)
        largest = fmax(largest, fabs(b->code[j]));
    return largest;
}

static void report_geometry(const struct hm_trial *t)
{
    const struct hm_built *b = t->built;

    att_out_finite(t->out, HM_M_CODE_GAP, b->code_gap);
    att_out_finite(t->out, HM_M_PLAIN_GAP, b->plain_gap);
    att_out_real(t->out, HM_M_SCALE, b->net.scale);
    att_out_real(t->out, HM_M_SHIFT, b->net.shift);
    att_out_real(t->out, HM_M_CODE_MAX, largest_code(b));
    att_out_finite(t->out, HM_M_LEADER_MARGIN, b->leader_margin);
    att_out_real(t->out, HM_M_H_MIN, b->h_min);
    att_out_real(t->out, HM_M_W_MAX, b->w_max);
    att_out_real(t->out, HM_M_BQ, b->net.Bq);
    att_out_real(t->out, HM_M_KAPPA, b->net.kappa);
    att_out_int(t->out, HM_M_ON_GRID, b->on_grid);
    att_out_real(t->out, HM_M_TOLERANCE, b->tolerance);
    att_out_int(t->out, HM_M_DIRECTION, (int64_t)b->direction);
    att_out_finite(t->out, HM_M_TAU_BOUND,
                   b->leader_margin /
                       log(2.0 * (double)t->s->longest / b->plain_gap));
    att_out_finite(t->out, HM_M_NOISE_BOUND,
                   b->plain_gap / (2.0 * b->net.kappa));
}

static att_status report_counts(const struct hm_trial *t, struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(t->ws->arena);
    struct att_artifact a;

    att_artifact_init(&a, t->ws->arena);
    ATT_TRY(att_hm_export_layers(&t->built->net, &a.model, err));
    const struct hm_counts counts = att_hm_count(&a.model, t->s->d);

    att_arena_rewind(t->ws->arena, mark);
    att_out_int(t->out, HM_M_LANDMARKS, (int64_t)t->built->net.n_landmarks);
    att_out_int(t->out, HM_M_LABEL_RUNS, (int64_t)t->built->label_runs);
    att_out_int(t->out, HM_M_BLOCKS, (int64_t)counts.blocks);
    att_out_int(t->out, HM_M_PARAMS_USED, (int64_t)counts.used);
    att_out_int(t->out, HM_M_PARAMS_ARCH, (int64_t)counts.arch);
    att_out_int(t->out, HM_M_PARAMS_DENSE, (int64_t)counts.dense);
    att_out_int(t->out, HM_M_PARAMS_SHARED, (int64_t)counts.shared);
    att_out_int(t->out, HM_M_RANK_A, (int64_t)counts.rank_A);
    att_out_int(t->out, HM_M_RANK_V, (int64_t)counts.rank_V);
    return ATT_OK;
}

static att_status report_exactness(const struct hm_trial *t,
                                   struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(t->ws->arena);
    struct hm_tokens tokens;
    size_t n_exact = 0;

    ATT_TRY(
        att_hm_tokens_make(t->s, &t->built->net.a, t->ws->arena, &tokens, err));
    ATT_TRY(att_hm_count_exact(t->built, &tokens, t->ws->arena, &n_exact, err));
    att_arena_rewind(t->ws->arena, mark);
    att_out_int(t->out, HM_M_CODES_EXACT, (int64_t)n_exact);
    return ATT_OK;
}

att_status att_hm_evaluate(const struct hm_trial *t, struct att_error *err)
{
    report_input(t);
    report_refusal(t);
    report_predictions(t);
    if (t->built->verdict.kind != HM_BUILT)
        return ATT_OK;
    ATT_TRY(report_counts(t, err));
    report_geometry(t);
    report_cost(t);
    ATT_TRY(report_exactness(t, err));
    ATT_TRY(run_all(t, err));
    return att_hm_probe(t, err);
}
