/* hardmax_codes.c - step 3, the inner loop: what one landmark more would do
 * to the codes.
 *
 * A candidate adds the same number to all sets with the same leader, so the
 * known order of the codes survives within each such group: listing the codes
 * group by group gives few ascending runs, and merging them costs
 * N log(runs).  For the first landmark (all codes 0), and for data in which
 * nearly all sets share a leader, that is linear in N. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hardmax_build_priv.h"

static const double CODE_MIN = -1.125, CODE_MAX = 2.0;
static const double MARGIN_WEIGHT = 64.0;

att_status att_hm_codes_init(struct hm_codes *codes, size_t n,
                             const struct att_arithmetic *a, double tol,
                             struct att_arena *arena, struct att_error *err)
{
    *codes = (struct hm_codes){
        .a = a,
        .n = n,
        .tol = tol,
        .c = ATT_NEW0(arena, double, n),
        .order = ATT_NEW(arena, uint32_t, n),
        .value = {ATT_NEW(arena, double, n), ATT_NEW(arena, double, n)},
        .run = ATT_NEW(arena, size_t, n + 1),
        .bucket = ATT_NEW(arena, size_t, n),
        .rank = ATT_NEW(arena, struct hm_ranked, n),
    };
    if (codes->c == NULL || codes->order == NULL || codes->value[0] == NULL ||
        codes->value[1] == NULL || codes->run == NULL ||
        codes->bucket == NULL || codes->rank == NULL)
        return att_arena_fail(arena, "the codes", err);
    for (size_t j = 0; j < n; j++)
        codes->order[j] = (uint32_t)j;
    return ATT_OK;
}

bool att_hm_score_better(const struct hm_score *a, const struct hm_score *b)
{
    if (a->n_distinct != b->n_distinct)
        return a->n_distinct > b->n_distinct;
    if (a->in_range != b->in_range)
        return a->in_range;
    return a->quality > b->quality;
}

/* Where each group starts when groups are listed by ascending beta nn. */
static void place_groups(struct hm_codes *codes, const struct hm_column *column,
                         bool ascending)
{
    const size_t n_groups = column->n_groups;
    size_t at = 0;

    memset(codes->bucket, 0, n_groups * sizeof *codes->bucket);
    for (size_t j = 0; j < codes->n; j++)
        codes->bucket[column->group[j]]++;
    for (size_t g = 0; g < n_groups; g++) {
        size_t *bucket = &codes->bucket[ascending ? g : n_groups - 1 - g];
        const size_t size = *bucket;

        *bucket = at;
        at += size;
    }
}

static double add_leader(const struct att_arithmetic *a, double c, double beta,
                         double nn)
{
    if (a->kind == ATT_ARITHMETIC_F64)
        return c + beta * nn;
    return att_arithmetic_round(a, c + att_arithmetic_round(a, beta * nn));
}

/* Candidate codes, group by group, in value[0]. */
static void list_candidates(struct hm_codes *codes,
                            const struct hm_column *column, double beta)
{
    place_groups(codes, column, beta > 0.0);
    for (size_t i = 0; i < codes->n; i++) {
        const uint32_t j = codes->order[i];

        codes->value[0][codes->bucket[column->group[j]]++] =
            add_leader(codes->a, codes->c[j], beta, column->nn[j]);
    }
}

/* Starts of the ascending runs of x in run, closed by n; returns how many. */
static size_t find_runs(const double *x, size_t n, size_t *run)
{
    size_t n_runs = 0;

    run[n_runs++] = 0;
    for (size_t i = 1; i < n; i++) {
        if (x[i] < x[i - 1])
            run[n_runs++] = i;
    }
    run[n_runs] = n;
    return n_runs;
}

/* from[a, b) and from[b, c) are ascending; to[a, c) becomes their merge. */
static void merge(const double *from, size_t a, size_t b, size_t c, double *to)
{
    size_t i = a, j = b;

    for (size_t k = a; k < c; k++) {
        const bool left = j == c || (i < b && from[i] <= from[j]);

        to[k] = left ? from[i++] : from[j++];
    }
}

/* Sort value[0] by merging neighbouring runs until one is left. */
static void merge_runs(struct hm_codes *codes)
{
    size_t n_runs = find_runs(codes->value[0], codes->n, codes->run);

    while (n_runs > 1) {
        size_t kept = 0;

        for (size_t r = 0; r < n_runs; r += 2) {
            const size_t a = codes->run[r];
            const size_t b = codes->run[r + 1];
            const size_t c = r + 1 < n_runs ? codes->run[r + 2] : b;

            merge(codes->value[0], a, b, c, codes->value[1]);
            codes->run[kept++] = a;
        }
        codes->run[kept] = codes->n;
        n_runs = kept;
        double *const swapped = codes->value[0];

        codes->value[0] = codes->value[1];
        codes->value[1] = swapped;
    }
}

static struct hm_score score_sorted(const double *c, size_t n, double tol,
                                    double margin)
{
    struct hm_score score = {
        .n_distinct = 1,
        .in_range = c[0] > CODE_MIN && c[n - 1] < CODE_MAX,
        .gap = INFINITY,
    };

    for (size_t i = 1; i < n; i++) {
        const double gap = c[i] - c[i - 1];

        score.n_distinct += gap > tol;
        score.gap = gap > tol && gap < score.gap ? gap : score.gap;
    }
    score.quality = fmin(score.gap, MARGIN_WEIGHT * margin);
    return score;
}

struct hm_score att_hm_codes_try(struct hm_codes *codes,
                                 const struct hm_column *column, double beta,
                                 double margin)
{
    list_candidates(codes, column, beta);
    merge_runs(codes);
    return score_sorted(codes->value[0], codes->n, codes->tol,
                        fmin(margin, column->margin));
}

static int by_code(const void *a, const void *b)
{
    const struct hm_ranked *x = a;
    const struct hm_ranked *y = b;

    if (x->c != y->c)
        return x->c < y->c ? -1 : 1;
    return (x->j > y->j) - (x->j < y->j);
}

void att_hm_codes_apply(struct hm_codes *codes, const struct hm_column *column,
                        double beta)
{
    struct hm_ranked *rank = codes->rank;

    for (size_t j = 0; j < codes->n; j++) {
        codes->c[j] = add_leader(codes->a, codes->c[j], beta, column->nn[j]);
        rank[j] = (struct hm_ranked){codes->c[j], (uint32_t)j};
    }
    qsort(rank, codes->n, sizeof *rank, by_code);
    for (size_t i = 0; i < codes->n; i++)
        codes->order[i] = rank[i].j;
}
