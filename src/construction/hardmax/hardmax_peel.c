/* hardmax_peel.c - step 6: thresholds between the codes, and the weights that
 * move one cluster after the other to its label. */
#include <math.h>
#include <stdlib.h>

#include "hardmax_build_priv.h"

static const double TAIL = 0x1p-6; /* least denominator of the last cluster */

struct cluster {
    double c;
    size_t set;
};

static int by_code_descending(const void *a, const void *b)
{
    const struct cluster *x = a;
    const struct cluster *y = b;

    if (x->c != y->c)
        return x->c > y->c ? -1 : 1;
    return (x->set > y->set) - (x->set < y->set);
}

/* The threshold between neighbours: c > t >= below after rounding. */
static double threshold(const struct att_arithmetic *a, double c, double below)
{
    const double t = att_arithmetic_round(a, 0.5 * (c + below));

    return t < c && t >= below ? t : below;
}

static void refuse_pair(const struct hm_sets *sets, const struct cluster *x,
                        const char *why, struct hm_verdict *verdict)
{
    const size_t i = sets->rep[x[0].set];
    const size_t j = sets->rep[x[1].set];

    att_hm_refuse(verdict, HM_NOT_SEPARABLE, i, j,
                  "codes of sequences %zu and %zu are %g apart: %s",
                  i < j ? i : j, i < j ? j : i, x[0].c - x[1].c, why);
}

/* Thresholds and denominators; false when two codes coincide. */
static bool set_thresholds(const struct hm_sets *sets,
                           const struct cluster *cluster, struct hm_net *net,
                           struct hm_peel *peel, struct hm_verdict *verdict)
{
    const size_t n = sets->n;
    double gap = n > 1 ? (double)INFINITY : 2.0;

    for (size_t i = 0; i < n; i++) {
        peel[i].c = cluster[i].c;
        peel[i].label = sets->s->label[sets->rep[cluster[i].set]];
        if (i + 1 == n)
            break;
        if (!(cluster[i].c > cluster[i + 1].c)) {
            refuse_pair(sets, &cluster[i],
                        "not separable in the target arithmetic", verdict);
            return false;
        }
        gap = fmin(gap, cluster[i].c - cluster[i + 1].c);
        peel[i].t = threshold(&net->a, cluster[i].c, cluster[i + 1].c);
    }
    peel[n - 1].t =
        att_arithmetic_round(&net->a, cluster[n - 1].c - fmax(0.5 * gap, TAIL));
    net->Bq = att_arithmetic_round(&net->a, fmax(0.0, -peel[n - 1].t) + 2.0);
    return true;
}

double att_hm_largest_weight(const struct hm_net *net,
                             const struct hm_peel *peel)
{
    double largest = 0.0;

    for (size_t k = 0; k < net->d; k++) {
        largest =
            fmax(largest, fabs(peel->w_p * net->u[k] + peel->w_q * net->v[k]));
    }
    return largest;
}

static void set_weights(struct hm_net *net, struct hm_peel *peel)
{
    const struct att_arithmetic *a = &net->a;
    const double down = att_arithmetic_round(a, net->Bq + peel->c);

    peel->h = att_arithmetic_round(a, peel->c - peel->t);
    peel->w_p = att_arithmetic_round(a, (double)peel->label / peel->h);
    peel->w_q = att_arithmetic_round(a, -down / peel->h);
}

/* Descending codes; one spare place, so that every cluster has a next. */
static struct cluster *sort_clusters(const struct hm_built *built,
                                     struct att_arena *arena)
{
    const size_t n = built->sets.n;
    struct cluster *cluster = ATT_NEW(arena, struct cluster, n + 1);

    if (cluster == NULL)
        return NULL;
    for (size_t j = 0; j < n; j++)
        cluster[j] = (struct cluster){built->code[j], j};
    qsort(cluster, n, sizeof *cluster, by_code_descending);
    cluster[n] = cluster[n - 1];
    return cluster;
}

att_status att_hm_peel_make(struct hm_built *built, struct att_arena *arena,
                            struct att_error *err)
{
    const size_t n = built->sets.n;
    struct hm_net *net = &built->net;
    struct cluster *cluster = sort_clusters(built, arena);
    struct hm_peel *peel = ATT_NEW0(arena, struct hm_peel, n);

    if (cluster == NULL || peel == NULL)
        return att_arena_fail(arena, "the peel stage", err);
    if (!set_thresholds(&built->sets, cluster, net, peel, &built->verdict))
        return ATT_OK;
    for (size_t i = 0; i < n; i++) {
        set_weights(net, &peel[i]);
        if (!(att_hm_largest_weight(net, &peel[i]) <= built->w_cap)) {
            refuse_pair(&built->sets, &cluster[i], "their weights pass w_cap",
                        &built->verdict);
            return ATT_OK;
        }
    }
    net->peel = peel;
    net->n_peel = n;
    return ATT_OK;
}
