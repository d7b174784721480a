/* hardmax_peel.c - step 6: thresholds between the codes, and the weights that
 * move one cluster after the other to its label. */
#include <math.h>
#include <stdlib.h>

#include "hardmax_build_priv.h"

static const double TAIL = 0x1p-6; /* least denominator of the last cluster */

static int by_code_descending(const void *a, const void *b)
{
    const struct hm_cluster *x = a;
    const struct hm_cluster *y = b;

    if (x->c != y->c)
        return x->c > y->c ? -1 : 1;
    return (x->set > y->set) - (x->set < y->set);
}

static att_status sort_codes(const struct hm_built *built,
                             struct att_arena *arena, struct hm_order *order,
                             struct att_error *err)
{
    const struct hm_sets *sets = &built->sets;
    const size_t n = sets->n;

    order->n = n;
    order->cluster = ATT_NEW(arena, struct hm_cluster, n + 1);
    order->t = ATT_NEW(arena, double, n);
    if (order->cluster == NULL || order->t == NULL)
        return att_arena_fail(arena, "the order of the codes", err);
    for (size_t j = 0; j < n; j++) {
        order->cluster[j] = (struct hm_cluster){built->code[j], j,
                                                sets->s->label[sets->rep[j]]};
    }
    qsort(order->cluster, n, sizeof *order->cluster, by_code_descending);
    order->cluster[n] = order->cluster[n - 1];
    return ATT_OK;
}

static void refuse_pair(const struct hm_cluster *x, const char *why,
                        struct hm_built *built)
{
    const size_t i = built->sets.rep[x[0].set];
    const size_t j = built->sets.rep[x[1].set];

    att_hm_refuse(&built->verdict, HM_NOT_SEPARABLE, i, j,
                  "codes of sequences %zu and %zu are %g apart: %s",
                  i < j ? i : j, i < j ? j : i, x[0].c - x[1].c, why);
}

/* The threshold between neighbours: c > t >= below after rounding. */
static double threshold(const struct att_arithmetic *a, double c, double below)
{
    const double t = att_arithmetic_round(a, 0.5 * (c + below));

    return t < c && t >= below ? t : below;
}

/* Thresholds, the code gap and the number of label runs; a verdict when two
 * codes coincide. */
static void set_thresholds(struct hm_order *order, struct hm_built *built)
{
    const struct att_arithmetic *a = &built->net.a;
    const struct hm_cluster *cluster = order->cluster;
    const size_t last = order->n - 1;

    built->code_gap = INFINITY;
    built->label_runs = 1;
    for (size_t i = 0; i < last; i++) {
        if (!(cluster[i].c > cluster[i + 1].c)) {
            refuse_pair(&cluster[i], "not separable in the target arithmetic",
                        built);
            return;
        }
        built->code_gap =
            fmin(built->code_gap, cluster[i].c - cluster[i + 1].c);
        built->label_runs += cluster[i].label != cluster[i + 1].label;
        order->t[i] = threshold(a, cluster[i].c, cluster[i + 1].c);
    }
    const double gap = last > 0 ? built->code_gap : 2.0;

    order->t[last] =
        att_arithmetic_round(a, cluster[last].c - fmax(0.5 * gap, TAIL));
}

/* Block i moves the top cluster that is left to y u - Bq v. */
static void peel_one(const struct hm_order *order, struct hm_peel *peel,
                     struct hm_built *built)
{
    struct hm_net *net = &built->net;
    const struct att_arithmetic *a = &net->a;

    net->n_peel = order->n;
    net->Bq = att_arithmetic_round(a, fmax(0.0, -order->t[order->n - 1]) + 2.0);
    for (size_t i = 0; i < order->n; i++) {
        const struct hm_cluster *x = &order->cluster[i];
        const double h = att_arithmetic_round(a, x->c - order->t[i]);
        const double down = att_arithmetic_round(a, net->Bq + x->c);

        peel[i].n_units = 1;
        peel[i].lowest = peel[i].t[0] = order->t[i];
        peel[i].w_p[0] = att_arithmetic_round(a, (double)x->label / h);
        peel[i].w_q[0] = att_arithmetic_round(a, -down / h);
        built->h_min = fmin(built->h_min, h);
    }
}

/* Largest entry of the columns w_p u + w_q v of a block. */
static double largest_weight(const struct hm_net *net,
                             const struct hm_peel *peel)
{
    double largest = 0.0;

    for (size_t m = 0; m < peel->n_units; m++) {
        for (size_t k = 0; k < net->d; k++) {
            const double w =
                peel->w_p[m] * net->u[k] + peel->w_q[m] * net->v[k];

            if (!(fabs(w) <= largest)) /* infinities and NaN stay */
                largest = fabs(w);
        }
    }
    return largest;
}

/* The block with the largest weight must stay below the cap. */
static void weigh(const struct hm_order *order, const struct hm_peel *peel,
                  struct hm_built *built)
{
    built->w_max = 0.0;
    for (size_t i = 0; i < built->net.n_peel; i++) {
        const double largest = largest_weight(&built->net, &peel[i]);

        if (!(largest <= built->config->w_cap)) {
            size_t at = 0;

            while (at + 1 < order->n &&
                   order->cluster[at].c - order->cluster[at + 1].c >
                       built->code_gap)
                at++;
            refuse_pair(&order->cluster[at], "a weight passes w_cap", built);
            return;
        }
        built->w_max = fmax(built->w_max, largest);
    }
}

att_status att_hm_peel_make(struct hm_built *built, struct att_arena *arena,
                            struct att_error *err)
{
    static void (*const stage[])(const struct hm_order *, struct hm_peel *,
                                 struct hm_built *) = {
        [HM_PEEL_ONE] = peel_one,
        [HM_PEEL_RUNS] = att_hm_peel_runs,
        [HM_PEEL_STEPS] = att_hm_peel_steps,
        [HM_PEEL_FOUR] = att_hm_peel_four,
    };
    struct hm_peel *peel = ATT_NEW0(arena, struct hm_peel, built->sets.n);
    struct hm_order order;

    if (peel == NULL)
        return att_arena_fail(arena, "the peel stage", err);
    ATT_TRY(sort_codes(built, arena, &order, err));
    set_thresholds(&order, built);
    if (built->verdict.kind != HM_BUILT)
        return ATT_OK;
    built->h_min = INFINITY;
    stage[built->config->peeling](&order, peel, built);
    built->net.peel = peel;
    weigh(&order, peel, built);
    return ATT_OK;
}
