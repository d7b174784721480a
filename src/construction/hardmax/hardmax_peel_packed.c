/* hardmax_peel_packed.c - last stages with fewer blocks, beyond the source;
 * proofs in docs/theory/hardmax.md.
 *
 *   step(q) = (relu(q - T) - relu(q - c)) / (c - T)
 *
 * is 0 up to T and 1 from c on: with c the lowest code of a run of equal
 * labels and T below it, it sees a run as one.
 *
 *   runs   block r adds step_r (Y_r u - M v): all codes of run r get their
 *          label and fall below every later threshold     R blocks
 *   steps  p = sum_r (Y_r - Y_{r+1}) step_r(q); nothing moves, two runs fit
 *          into four hidden units                         ceil(R / 2) blocks
 *   four   four clusters by piecewise linear interpolation with knots at the
 *          codes themselves, so that slopes stay label / gap
 *                                                         ceil(N / 4) blocks
 */
#include <math.h>

#include "hardmax_build_priv.h"

/* A run is order->cluster[first .. last], labels all equal. */
struct run {
    size_t first, last;
};

static struct run run_at(const struct hm_order *order, size_t first)
{
    struct run run = {first, first};

    while (run.last + 1 < order->n &&
           order->cluster[run.last + 1].label == order->cluster[first].label)
        run.last++;
    return run;
}

/* Two units that add `p` u + `q` v as a step at the foot of a run. */
static void add_step(const struct hm_order *order, struct run run,
                     const double by[2], struct hm_peel *peel,
                     struct hm_built *built)
{
    const struct att_arithmetic *a = &built->net.a;
    const double foot = order->t[run.last];
    const double c = order->cluster[run.last].c;
    const double h = att_arithmetic_round(a, c - foot);
    const size_t m = peel->n_units;

    peel->lowest = foot;
    peel->t[m] = foot;
    peel->t[m + 1] = c;
    for (size_t k = 0; k < 2; k++) {
        const double sign = k == 0 ? 1.0 : -1.0;

        peel->w_p[m + k] = sign * att_arithmetic_round(a, by[0] / h);
        peel->w_q[m + k] = sign * att_arithmetic_round(a, by[1] / h);
    }
    peel->n_units += 2;
    built->h_min = fmin(built->h_min, h);
}

void att_hm_peel_runs(const struct hm_order *order, struct hm_peel *peel,
                      struct hm_built *built)
{
    struct hm_net *net = &built->net;
    const double span = order->cluster[0].c - order->t[order->n - 1];

    net->Bq = att_arithmetic_round(&net->a, span + 1.0);
    net->n_peel = 0;
    for (size_t i = 0; i < order->n;) {
        const struct run run = run_at(order, i);
        const double by[] = {(double)order->cluster[i].label, -net->Bq};

        add_step(order, run, by, &peel[net->n_peel++], built);
        i = run.last + 1;
    }
}

void att_hm_peel_steps(const struct hm_order *order, struct hm_peel *peel,
                       struct hm_built *built)
{
    struct hm_net *net = &built->net;
    size_t n_runs = 0;

    net->Bq = 0.0;
    for (size_t i = 0; i < order->n; n_runs++) {
        const struct run run = run_at(order, i);
        const bool is_last = run.last + 1 == order->n;
        const int64_t next = is_last ? 0 : order->cluster[run.last + 1].label;
        const double by[] = {(double)(order->cluster[i].label - next), 0.0};

        add_step(order, run, by, &peel[n_runs / 2], built);
        i = run.last + 1;
    }
    net->n_peel = (n_runs + 1) / 2;
}

/* Slopes of the interpolation from `foot` (displacement 0) through clusters
 * last, last - 1, .., first; each unit adds the change of slope at its knot. */
static void interpolate(const struct hm_order *order, struct run group,
                        struct hm_peel *peel, struct hm_built *built)
{
    const struct att_arithmetic *a = &built->net.a;
    double knot = order->t[group.last];
    double at[2] = {0, 0}, slope[2] = {0, 0};

    peel->lowest = knot;
    for (size_t i = group.last + 1; i-- > group.first;) {
        const struct hm_cluster *x = &order->cluster[i];
        const double h = att_arithmetic_round(a, x->c - knot);
        const double to[2] = {(double)x->label, -(built->net.Bq + x->c)};
        const double next[2] = {(to[0] - at[0]) / h, (to[1] - at[1]) / h};
        const size_t m = peel->n_units++;

        peel->t[m] = knot;
        peel->w_p[m] = att_arithmetic_round(a, next[0] - slope[0]);
        peel->w_q[m] = att_arithmetic_round(a, next[1] - slope[1]);
        built->h_min = fmin(built->h_min, h);
        knot = x->c;
        for (size_t k = 0; k < 2; k++) {
            at[k] = to[k];
            slope[k] = next[k];
        }
    }
}

void att_hm_peel_four(const struct hm_order *order, struct hm_peel *peel,
                      struct hm_built *built)
{
    struct hm_net *net = &built->net;
    const double lowest = order->t[order->n - 1];

    net->Bq = att_arithmetic_round(&net->a, fmax(0.0, -lowest) + 2.0);
    net->n_peel = (order->n + HM_HIDDEN - 1) / HM_HIDDEN;
    for (size_t b = 0; b < net->n_peel; b++) {
        const size_t first = HM_HIDDEN * b;
        const size_t end =
            first + HM_HIDDEN < order->n ? first + HM_HIDDEN : order->n;

        interpolate(order, (struct run){first, end - 1}, &peel[b], built);
    }
}
