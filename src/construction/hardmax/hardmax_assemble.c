/* hardmax_assemble.c - a direction and its landmarks become a network: codes
 * by the evaluator's own arithmetic, peel stage, certificate. */
#include <math.h>
#include <string.h>

#include "attest/base/statistics.h"
#include "hardmax_build_priv.h"

att_status att_hm_landmarks_measure(const struct hm_view *view,
                                    struct att_arena *arena,
                                    struct hm_landmarks *out,
                                    struct hm_verdict *verdict,
                                    struct att_error *err)
{
    const size_t n = view->sets->n;
    const struct att_arena_mark mark = att_arena_mark(arena);
    double *margin = ATT_NEW(arena, double, n);
    struct hm_column column;

    if (margin == NULL)
        return att_arena_fail(arena, "the leader margins", err);
    ATT_TRY(att_hm_column_init(n, arena, &column, err));
    out->margin = INFINITY;
    for (size_t k = 0; k < out->n; k++) {
        att_hm_column_fill(view, out->theta[k], &column, NULL);
        out->margin = fmin(out->margin, column.margin);
        if (column.margin <= att_hm_margin_tolerance(view->a)) {
            const size_t j = view->sets->rep[column.tightest];

            att_hm_refuse(verdict, HM_NO_MARGIN, j, j,
                          "landmark tie: leader margin %g", column.margin);
        }
    }
    att_arena_rewind(arena, mark);
    return ATT_OK;
}

static void set_net(const struct hm_tokens *tokens,
                    const struct hm_direction *dir,
                    const struct hm_landmarks *landmarks, struct hm_net *net)
{
    *net = (struct hm_net){
        .a = tokens->a,
        .d = tokens->s->d,
        .n_landmarks = landmarks->n,
        .u = dir->u,
        .v = dir->v,
        .U = dir->U,
        .kappa = dir->kappa,
        .b0 = dir->b0,
        .theta = landmarks->theta,
        .beta = landmarks->beta,
        .scale = 1.0,
    };
}

static bool betas_are_units(const struct hm_landmarks *landmarks)
{
    for (size_t k = 0; k < landmarks->n; k++) {
        if (fabs(landmarks->beta[k]) != 1.0)
            return false;
    }
    return true;
}

/* Step 7: every sequence ends within 1/2 of its label. */
static void certify(const struct hm_net *net, struct hm_built *built)
{
    const struct hm_sets *sets = &built->sets;

    for (size_t j = 0; j < sets->n; j++) {
        const size_t sequence = sets->rep[j];
        double r = NAN, q = NAN;

        att_hm_plane_peel(net, built->code[j], &r, &q);
        if (!(fabs(r - (double)sets->s->label[sequence]) < 0.5)) {
            att_hm_refuse(&built->verdict, HM_NOT_SEPARABLE, sequence, sequence,
                          "certificate: sequence %zu ends at %g instead of its "
                          "label %d in the target arithmetic",
                          sequence, r, (int)sets->s->label[sequence]);
            return;
        }
    }
}

static double smallest_gap(const double *code, size_t n, double *scratch)
{
    double gap = INFINITY;

    memcpy(scratch, code, n * sizeof *scratch);
    (void)att_sort(scratch, n);
    for (size_t i = 1; i < n; i++)
        gap = fmin(gap, scratch[i] - scratch[i - 1]);
    return gap;
}

/* The code nearest the middle becomes the shift: it is on the grid, so all
 * differences are exact.  The power of two brings the farthest of them into
 * [1/2, 1). */
static void balance(struct hm_net *net, const double *sorted, size_t n)
{
    const double middle = 0.5 * (sorted[0] + sorted[n - 1]);
    int exponent = 0;

    net->shift = sorted[0];
    for (size_t i = 1; i < n; i++) {
        if (fabs(sorted[i] - middle) < fabs(net->shift - middle))
            net->shift = sorted[i];
    }
    (void)frexp(fmax(sorted[n - 1] - net->shift, net->shift - sorted[0]),
                &exponent);
    net->scale = ldexp(1.0, -exponent);
    net->balanced = true;
}

/* Codes by the plane evaluator; twice when they are to be balanced. */
static att_status make_codes(const struct hm_tokens *tokens,
                             struct att_arena *arena, struct hm_built *built,
                             struct att_error *err)
{
    const size_t n = built->sets.n;
    const struct hm_batch batch = {tokens, built->sets.rep, n};
    double *code = ATT_NEW(arena, double, n);
    double *sorted = ATT_NEW(arena, double, n);

    if (code == NULL || sorted == NULL)
        return att_arena_fail(arena, "the codes", err);
    built->code = code;
    ATT_TRY(att_hm_plane_codes(&built->net, &batch, code, arena, err));
    built->plain_gap = smallest_gap(code, n, sorted);
    if (!built->config->balanced)
        return ATT_OK;
    balance(&built->net, sorted, n);
    return att_hm_plane_codes(&built->net, &batch, code, arena, err);
}

att_status att_hm_assemble(const struct hm_tokens *tokens,
                           const struct hm_direction *dir,
                           const struct hm_landmarks *landmarks,
                           struct att_arena *arena, struct hm_built *built,
                           struct att_error *err)
{
    set_net(tokens, dir, landmarks, &built->net);
    built->leader_margin = landmarks->margin;
    built->on_grid = landmarks->in_range && betas_are_units(landmarks);
    ATT_TRY(make_codes(tokens, arena, built, err));
    ATT_TRY(att_hm_peel_make(built, arena, err));
    if (built->verdict.kind == HM_BUILT)
        certify(&built->net, built);
    return ATT_OK;
}
