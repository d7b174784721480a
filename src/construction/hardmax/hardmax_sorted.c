/* hardmax_sorted.c - the production evaluator: project, sort p once, find
 * each landmark's leader by binary search, and one more for the peel stage.
 *
 * With few landmarks a scan per landmark is cheaper than sorting and gives the
 * same leaders.  Either way the codes are the sums c += beta p_leader, which
 * is what the plane evaluator gets wherever its scratch is undone exactly. */
#include <math.h>

#include "hardmax_priv.h"

enum { FEW_LANDMARKS = 6 }; /* a scan costs about a radix pass */

struct sorted {
    const struct hm_net *net;
    struct hm_projector projector;
    double *p, *scratch; /* [longest] */
};

static double round_to(const struct att_arithmetic *a, double x)
{
    return a->kind == ATT_ARITHMETIC_F64 ? x : att_arithmetic_round(a, x);
}

/* Copies of x in sorted p [n] from place `at` on. */
static size_t run_length(const double *p, size_t n, size_t at)
{
    size_t end = at;

    while (end < n && p[end] == p[at])
        end++;
    return end - at;
}

/* n_low copies of low and n_high of high, as x_0 + mean(x_j - x_0). */
static double tie_mean(const struct att_arithmetic *a, const double value[2],
                       const size_t count[2])
{
    const double apart = round_to(a, value[1] - value[0]);
    const double sum = round_to(a, apart * (double)count[1]);

    return round_to(a, value[0] +
                           round_to(a, sum / (double)(count[0] + count[1])));
}

static double leader_sorted(const struct att_arithmetic *a, const double *p,
                            size_t n, double theta)
{
    size_t lo = 0, hi = n;

    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;

        if (p[mid] < theta) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    if (lo == 0 || lo == n)
        return p[lo == 0 ? 0 : n - 1];
    const double below = round_to(a, theta - p[lo - 1]);
    const double above = round_to(a, p[lo] - theta);

    if (below != above)
        return below < above ? p[lo - 1] : p[lo];
    size_t start = lo - 1;

    while (start > 0 && p[start - 1] == p[lo - 1])
        start--;
    return tie_mean(a, (const double[]){p[lo - 1], p[lo]},
                    (const size_t[]){lo - start, run_length(p, n, lo)});
}

static double leader_scanned(const struct att_arithmetic *a, const double *p,
                             size_t n, double theta)
{
    double best = INFINITY, at = NAN;
    double other = NAN;
    size_t count[2] = {0, 0};

    for (size_t i = 0; i < n; i++) {
        const double distance = round_to(a, fabs(p[i] - theta));

        if (distance > best)
            continue;
        if (distance < best) {
            best = distance;
            at = p[i];
            count[0] = 1;
            count[1] = 0;
        } else if (p[i] == at) {
            count[0]++;
        } else {
            other = p[i];
            count[1]++;
        }
    }
    if (count[1] == 0)
        return at;
    return tie_mean(a, (const double[]){at, other}, count);
}

/* A clipped token asks a zero query, which this evaluator does not know. */
static bool has_zero_query(const double *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (p[i] == 0.0)
            return true;
    }
    return false;
}

static double code_of(const struct sorted *e, size_t n)
{
    const struct hm_net *net = e->net;
    const struct att_arithmetic *a = &net->a;
    const bool few = net->n_landmarks <= FEW_LANDMARKS;
    double c = 0.0;

    if (!few)
        att_hm_sort(e->p, n, e->scratch);
    for (size_t k = 0; k < net->n_landmarks; k++) {
        const double theta = net->theta[k];
        const double leader = few ? leader_scanned(a, e->p, n, theta)
                                  : leader_sorted(a, e->p, n, theta);

        c = round_to(a, c + round_to(a, net->beta[k] * leader));
    }
    return round_to(a, net->scale * round_to(a, c - net->shift));
}

/* First block at or after `from` whose threshold lies below q. */
static size_t first_active(const struct hm_net *net, size_t from, double q)
{
    size_t lo = from, hi = net->n_peel;

    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;

        if (net->peel[mid].lowest < q) {
            hi = mid;
        } else {
            lo = mid + 1;
        }
    }
    return lo;
}

/* Blocks whose ReLU is 0 change nothing: jump from one active block to the
 * next.  A code below every threshold is unclassified. */
static void peel(const struct hm_net *net, double code, double *r, double *q)
{
    size_t i = first_active(net, 0, code);

    *r = i < net->n_peel ? 0.0 : (double)NAN;
    *q = code;
    for (; i < net->n_peel; i = first_active(net, i + 1, *q))
        att_hm_peel_block(&net->a, &net->peel[i], r, q);
}

static att_status evaluate_one(const struct sorted *e, size_t sequence,
                               double *code, struct att_arena *scratch,
                               struct att_error *err)
{
    const struct hm_tokens *tokens = e->projector.tokens;
    const size_t n = att_sequence_length(tokens->s, sequence);

    att_hm_project(&e->projector, sequence, e->p);
    att_hm_prep(&e->net->a, e->net->b0, n, e->p);
    if (has_zero_query(e->p, n)) {
        const struct hm_batch one = {tokens, &sequence, 1};

        return att_hm_plane_codes(e->net, &one, code, scratch, err);
    }
    *code = code_of(e, n);
    return ATT_OK;
}

att_status att_hm_eval_sorted(const struct hm_net *net,
                              const struct hm_batch *batch,
                              struct hm_outputs out, struct att_arena *scratch,
                              struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(scratch);
    const size_t longest = batch->tokens->s->longest;
    struct sorted e = {.net = net,
                       .p = ATT_NEW(scratch, double, longest),
                       .scratch = ATT_NEW(scratch, double, longest)};

    if (e.p == NULL || e.scratch == NULL)
        return att_arena_fail(scratch, "the sorted evaluator", err);
    ATT_TRY(att_hm_projector_init(batch->tokens, scratch, &e.projector, err));
    att_hm_projector_aim(&e.projector, net->U);
    for (size_t i = 0; i < batch->n; i++) {
        double code = NAN;

        ATT_TRY(
            evaluate_one(&e, att_hm_batch_at(batch, i), &code, scratch, err));
        peel(net, code, &out.r[i], &out.q[i]);
    }
    att_arena_rewind(scratch, mark);
    return ATT_OK;
}
