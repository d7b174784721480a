/* test_hardmax_parts.c - sorting, leaders, candidate codes and thresholds of
 * the hardmax builder against their plain definitions. */
#include "../../../src/construction/hardmax/hardmax_build_priv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

enum { MOST = 700 };

static struct att_arithmetic arithmetic(const char *name)
{
    struct att_arithmetic a;

    CU_ASSERT_EQUAL_FATAL(att_arithmetic_parse(name, &a, NULL), ATT_OK);
    return a;
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Numbers in [1, 2) with `bits` bits, many of them equal when bits is low. */
static void draw(double *x, size_t n, int bits, uint32_t seed)
{
    const struct att_stream s = att_stream(seed, 1, 2, 3);
    const double scale = ldexp(1.0, bits);

    for (size_t i = 0; i < n; i++)
        x[i] = 1.0 + floor(att_stream_uniform(&s, i) * scale) / scale;
}

static void radix_sort_is_a_sort(void)
{
    static const size_t sizes[] = {0, 1, 2, 48, 49, 257, MOST};
    double x[MOST], y[MOST], scratch[MOST];

    for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
        const size_t n = sizes[k];

        draw(x, n, 40, (uint32_t)k);
        if (n > 2) {
            x[1] = 0.0;
            x[2] = 1e300;
        }
        memcpy(y, x, sizeof x);
        att_hm_sort(x, n, scratch);
        qsort(y, n, sizeof *y, ascending);
        CU_ASSERT_EQUAL(memcmp(x, y, n * sizeof *x), 0);
    }
}

static void unique_values_are_kept_once(void)
{
    double x[MOST], scratch[MOST];

    draw(x, MOST, 4, 9);
    CU_ASSERT_EQUAL(att_hm_sort_unique(x, MOST, scratch), 16);
    for (size_t i = 0; i < 16; i++)
        CU_ASSERT_EQUAL(x[i], 1.0 + (double)i / 16.0);
}

/* Nearest and margin by trying all. */
static struct hm_leader plain_leader(const double *p, size_t n, double theta)
{
    struct hm_leader leader = {p[0], INFINITY};

    for (size_t i = 1; i < n; i++) {
        if (fabs(p[i] - theta) < fabs(leader.p - theta))
            leader.p = p[i];
    }
    for (size_t i = 0; i < n; i++) {
        if (p[i] != leader.p) {
            leader.margin = fmin(leader.margin,
                                 fabs(p[i] - theta) - fabs(leader.p - theta));
        }
    }
    return leader;
}

static void leaders_are_the_nearest_tokens(void)
{
    double p[64], scratch[64], theta[64];

    for (uint32_t seed = 0; seed < 20; seed++) {
        draw(p, 64, 10, seed);
        draw(theta, 64, 9, seed + 100);
        const size_t n = att_hm_sort_unique(p, 1 + seed, scratch);

        for (size_t i = 0; i < 64; i++) {
            const struct hm_leader got = att_hm_leader(p, n, theta[i]);
            const struct hm_leader want = plain_leader(p, n, theta[i]);

            CU_ASSERT_EQUAL(got.margin, want.margin);
            if (want.margin > 0.0)
                CU_ASSERT_EQUAL(got.p, want.p);
        }
    }
}

/* ---- candidate codes ---------------------------------------------------- */

struct codes {
    struct att_arena *arena;
    struct att_arithmetic a;
    struct hm_codes codes;
    struct hm_column column;
    double scratch[2 * MOST];
};

static void codes_open(struct codes *t, size_t n, const char *name, double tol)
{
    t->arena = att_arena_create(0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(t->arena);
    t->a = arithmetic(name);
    CU_ASSERT_EQUAL_FATAL(
        att_hm_codes_init(&t->codes, n, &t->a, tol, t->arena, NULL), ATT_OK);
    CU_ASSERT_EQUAL_FATAL(att_hm_column_init(n, t->arena, &t->column, NULL),
                          ATT_OK);
}

/* Leaders drawn from few or many values. */
static void codes_leaders(struct codes *t, int bits, uint32_t seed)
{
    draw(t->column.nn, t->codes.n, bits, seed);
    t->column.margin = 0.5;
    att_hm_column_group(&t->column, t->codes.n, t->scratch);
}

/* The score by sorting everything. */
static struct hm_score plain_score(const struct codes *t, double beta)
{
    const size_t n = t->codes.n;
    struct hm_score score = {.n_distinct = 1, .gap = INFINITY};
    double c[MOST];

    for (size_t j = 0; j < n; j++) {
        c[j] = att_arithmetic_round(
            &t->a, t->codes.c[j] +
                       att_arithmetic_round(&t->a, beta * t->column.nn[j]));
    }
    qsort(c, n, sizeof *c, ascending);
    score.in_range = c[0] > -1.125 && c[n - 1] < 2.0;
    for (size_t i = 1; i < n; i++) {
        if (c[i] - c[i - 1] > t->codes.tol) {
            score.n_distinct++;
            score.gap = fmin(score.gap, c[i] - c[i - 1]);
        }
    }
    return score;
}

static void candidates_are_scored_as_by_sorting(void)
{
    static const double betas[] = {1.0, -1.0, 0.25, -0.75};
    static const char *const names[] = {"f64", "f32", "bits:9"};

    for (size_t name = 0; name < 3; name++) {
        struct codes t;

        codes_open(&t, 300, names[name], 1e-4);
        for (uint32_t step = 0; step < 12; step++) {
            codes_leaders(&t, step % 3 == 0 ? 3 : 20, step);
            for (size_t b = 0; b < 4; b++) {
                const struct hm_score got =
                    att_hm_codes_try(&t.codes, &t.column, betas[b], 0.25);
                const struct hm_score want = plain_score(&t, betas[b]);

                CU_ASSERT_EQUAL(got.n_distinct, want.n_distinct);
                CU_ASSERT_EQUAL(got.in_range, want.in_range);
                CU_ASSERT_EQUAL(got.gap, want.gap);
                CU_ASSERT_EQUAL(got.quality, fmin(want.gap, 64.0 * 0.25));
            }
            att_hm_codes_apply(&t.codes, &t.column, betas[step % 2]);
        }
        att_arena_destroy(t.arena);
    }
}

static void applied_codes_are_kept_in_order(void)
{
    struct codes t;

    codes_open(&t, 50, "f64", 0.0);
    codes_leaders(&t, 3, 1);
    att_hm_codes_apply(&t.codes, &t.column, -1.0);
    for (size_t i = 1; i < 50; i++) {
        CU_ASSERT_TRUE(t.codes.c[t.codes.order[i - 1]] <=
                       t.codes.c[t.codes.order[i]]);
    }
    att_arena_destroy(t.arena);
}

static void scores_compare_in_the_order_of_the_theory(void)
{
    const struct hm_score low = {3, true, 1.0, 1.0};
    const struct hm_score more = {4, false, 0.1, 0.1};
    const struct hm_score out = {3, false, 9.0, 9.0};
    const struct hm_score wide = {3, true, 2.0, 2.0};

    CU_ASSERT_TRUE(att_hm_score_better(&more, &low));
    CU_ASSERT_TRUE(att_hm_score_better(&low, &out));
    CU_ASSERT_TRUE(att_hm_score_better(&wide, &low));
    CU_ASSERT_FALSE(att_hm_score_better(&low, &low));
}

/* ---- inner products --------------------------------------------------------- */

static void projections_do_not_depend_on_neighbours(void)
{
    static const char *const names[] = {"f64", "f32", "bits:11"};
    static const size_t offset[] = {0, 7, 8};
    double token[8 * 5], both[8], one[8];
    struct att_sequences s = {.n = 2,
                              .d = 5,
                              .longest = 7,
                              .total = 8,
                              .offset = offset,
                              .token = token};

    draw(token, 40, 30, 5);
    memcpy(token + 35, token + 15, 5 * sizeof *token); /* 7 is token 3 */
    for (size_t name = 0; name < 3; name++) {
        struct att_arena *arena = att_arena_create(0);
        const struct att_arithmetic a = arithmetic(names[name]);
        struct hm_tokens tokens;
        struct hm_projector pr;

        CU_ASSERT_EQUAL_FATAL(att_hm_tokens_make(&s, &a, arena, &tokens, NULL),
                              ATT_OK);
        CU_ASSERT_EQUAL_FATAL(att_hm_projector_init(&tokens, arena, &pr, NULL),
                              ATT_OK);
        att_hm_projector_aim(&pr, token);
        att_hm_project(&pr, 0, both);
        att_hm_project(&pr, 1, one);
        CU_ASSERT_EQUAL(both[3], one[0]);
        CU_ASSERT_EQUAL(att_arithmetic_round(&a, one[0]), one[0]);
        att_arena_destroy(arena);
    }
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"radix sort is a sort", radix_sort_is_a_sort},
        {"unique values are kept once", unique_values_are_kept_once},
        {"leaders are the nearest tokens", leaders_are_the_nearest_tokens},
        {"candidates are scored as by sorting",
         candidates_are_scored_as_by_sorting},
        {"applied codes are kept in order", applied_codes_are_kept_in_order},
        {"scores compare in the order of the theory",
         scores_compare_in_the_order_of_the_theory},
        {"projections do not depend on neighbours",
         projections_do_not_depend_on_neighbours},
        CU_TEST_INFO_NULL,
    };

    return unit_run("hardmax parts", tests);
}
