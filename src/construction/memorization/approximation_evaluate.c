/* approximation_evaluate.c - random sequences through quantiser, attention and
 * decoder: errors with repeated cells kept and dropped. */
#include "approximation_priv.h"

#include <math.h>
#include <string.h>

#include "attest/base/subset.h"
#include "attest/linalg/vector.h"

/* ---- evaluate ------------------------------------------------------------------------------- */

/* Sums of one row: errors to the power p, and counts. */
struct tally {
    double power;
    double sum_kept, sum_dropped, sup_kept, sup_dropped;
    uint64_t n, repeated, in_ramp, tokens, recalled;
};

static size_t cell_of(double x, size_t g)
{
    const double c = floor((double)g * x);

    return c < 0.0 ? 0 : c >= (double)g ? g - 1 : (size_t)c;
}

/* FFN1: the centre of the cell, with ramps across inner boundaries. */
static double quantise(const struct ua_passage *t, double x, size_t *cell,
                       bool *in_ramp)
{
    const size_t g = t->b->g;
    const double half = 0.5 * t->b->ramp;
    const double below = rint((double)g * x); /* nearest boundary */
    const double away = x - below / (double)g;

    *cell = cell_of(x, g);
    if (fabs(away) >= half || below < 0.5 || below > (double)g - 0.5)
        return att_ua_centre(*cell, g);
    *in_ramp = true;
    return below / (double)g + away / t->b->ramp / (double)g;
}

void att_ua_enter(struct ua_passage *t, const double *x)
{
    const struct ua_built *b = t->b;

    t->in_ramp = t->repeated = false;
    for (size_t i = 0; i < b->l; i++) {
        size_t index = 0, cell = 0;

        for (size_t k = 0; k < b->d; k++) {
            t->q[i * b->d + k] =
                quantise(t, x[i * b->d + k], &cell, &t->in_ramp);
            index = index * b->g + cell;
        }
        t->cell[i] = t->sorted[i] = (uint32_t)index;
    }
    att_subset_sort(t->sorted, b->l);
    for (size_t i = 1; i < b->l; i++)
        t->repeated = t->repeated || t->sorted[i] == t->sorted[i - 1];
    att_project(att_mat_view(t->q, b->l, b->d), b->scale.at.v, t->p);
    for (size_t i = 0; i < b->l; i++)
        t->row[i] = att_dd_from(t->p[i]);
}

uint32_t att_ua_recall(const struct ua_passage *t, size_t i)
{
    const struct mem_typed f64 = {MEM_F64, att_dd_from(t->b->scale.lambda),
                                  att_dd_from(t->b->scale.rho)};

    return att_mem_lookup_find(
        &t->b->lookup, att_mem_typed_z(&f64, t->row, t->b->l, t->row[i]));
}

static bool is_right(const struct ua_passage *t, size_t i, uint32_t id)
{
    const struct mem_ids *ids = &t->b->ids;

    return ids->token[id] == t->cell[i] &&
           memcmp(ids->member + ids->start[ids->context[id]], t->sorted,
                  t->b->l * sizeof *t->sorted) == 0;
}

static void add_errors(const struct ua_passage *t, const double *value,
                       struct tally *sum)
{
    for (size_t c = 0; c < t->b->d_out; c++) {
        const double kept = fabs(value[c] - t->target[c]);
        const double dropped = t->repeated ? fabs(t->target[c]) : kept;

        sum->sum_kept += pow(kept, sum->power);
        sum->sum_dropped += pow(dropped, sum->power);
        sum->sup_kept = fmax(sum->sup_kept, kept);
        sum->sup_dropped = fmax(sum->sup_dropped, dropped);
        sum->n++;
    }
}

static void pass(struct ua_passage *t, const struct att_functions *f,
                 const double *x, struct tally *sum)
{
    att_ua_enter(t, x);
    sum->repeated += t->repeated;
    sum->in_ramp += t->in_ramp;
    for (size_t i = 0; i < f->l; i++) {
        const uint32_t id = att_ua_recall(t, i);

        f->f->value(x, f->l, f->d, i, t->target);
        add_errors(t, t->b->value + id * t->b->d_out, sum);
        if (!t->in_ramp) {
            sum->tokens++;
            sum->recalled += is_right(t, i, id);
        }
    }
}

att_status att_ua_passage_init(const struct ua_built *b,
                               struct att_arena *arena, struct ua_passage *t,
                               struct att_error *err)
{
    *t = (struct ua_passage){.b = b,
                             .q = ATT_NEW(arena, double, b->l * b->d),
                             .p = ATT_NEW(arena, double, b->l),
                             .row = ATT_NEW(arena, struct att_dd, b->l),
                             .cell = ATT_NEW(arena, uint32_t, b->l),
                             .sorted = ATT_NEW(arena, uint32_t, b->l),
                             .target = ATT_NEW(arena, double, b->d_out)};
    if (t->q == NULL || t->p == NULL || t->row == NULL || t->cell == NULL ||
        t->sorted == NULL || t->target == NULL)
        return att_arena_fail(arena, "a sequence", err);
    return ATT_OK;
}

static void report_build(const struct ua_built *b, struct att_outcome *out)
{
    const double m = (double)b->cell.rows;
    double distinct = 1.0;

    att_out_int(out, UA_M_M, (int64_t)b->cell.rows);
    att_out_int(out, UA_M_MULTISETS, (int64_t)b->ids.n_contexts);
    att_out_int(out, UA_M_T, (int64_t)b->ids.n);
    att_out_real(out, UA_M_T_COUNT, b->count);
    att_out_real(out, UA_M_KAPPA, b->scale.kappa);
    att_out_real(out, UA_M_RHO, b->scale.rho);
    if (isfinite(b->scale.min_gap) && b->scale.min_gap > 0.0) {
        const double bits = -log2(b->scale.min_gap / b->scale.max_z);

        att_out_real(out, UA_M_MIN_GAP, b->scale.min_gap);
        att_out_real(out, UA_M_BITS, bits);
        att_out_real(out, UA_M_SLACK, 53.0 - bits);
    }
    for (size_t j = 1; j < b->l; j++)
        distinct *= fmax(0.0, 1.0 - (double)j / m);
    att_out_real(out, UA_M_DUP_LAW, 1.0 - distinct);
    att_out_real(out, UA_M_SUP_BOUND,
                 1.0 / (double)b->g -
                     1.0 / (4.0 * (double)b->g * (double)b->g));
    att_out_real(out, UA_M_T_BUILD, b->build_s);
}

static void report_tally(const struct tally *sum, size_t samples,
                         struct att_outcome *out)
{
    const double n = (double)sum->n, s = (double)samples;

    att_out_real(out, UA_M_SUP, sum->sup_kept);
    att_out_real(out, UA_M_SUP_DROPPED, sum->sup_dropped);
    att_out_real(out, UA_M_LP_ERR, pow(sum->sum_kept / n, 1.0 / sum->power));
    att_out_real(out, UA_M_LP_DROPPED,
                 pow(sum->sum_dropped / n, 1.0 / sum->power));
    att_out_real(out, UA_M_DUP, (double)sum->repeated / s);
    att_out_real(out, UA_M_RAMP_FRAC, (double)sum->in_ramp / s);
    if (sum->tokens > 0) {
        att_out_real(out, UA_M_ID_ACC,
                     (double)sum->recalled / (double)sum->tokens);
    }
}

att_status att_ua_evaluate(struct att_workspace *ws, const struct att_case *c,
                           struct att_outcome *out, struct att_error *err)
{
    const struct att_functions *f = c->instance;
    const struct ua_built *b = c->built;
    struct tally sum = {.power = c->p[UA_LP].r};
    struct ua_passage t;

    ATT_TRY(att_ua_passage_init(b, ws->arena, &t, err));
    report_build(b, out);
    for (size_t s = 0; s < f->samples; s++)
        pass(&t, f, f->x + s * f->l * f->d, &sum);
    report_tally(&sum, f->samples, out);
    return ATT_OK;
}
