/* test_finding.c - rules of specs as tables of verdicts. */
#include "attest/construction/finding.h"

#include <math.h>
#include <string.h>

#include "unit.h"

static struct att_arena *arena;

static int open_arena(void)
{
    arena = att_arena_create(0);
    return arena == NULL;
}

static int close_arena(void)
{
    att_arena_destroy(arena);
    return 0;
}

static void rows_say_what_stands_in_them(void)
{
    const struct att_value param[] = {att_text("sign"), att_int(4)};
    const struct att_value metric[] = {att_int(3), att_none(), att_real(0.5),
                                       att_text("word")};
    const struct att_row_view row = {.param = param, .metric = metric};

    CU_ASSERT_EQUAL(att_row_metric(&row, 0), 3.0);
    CU_ASSERT_EQUAL(att_row_metric(&row, 2), 0.5);
    CU_ASSERT_TRUE(isnan(att_row_metric(&row, 1)));
    CU_ASSERT_TRUE(isnan(att_row_metric(&row, 3)));
    CU_ASSERT_TRUE(att_row_has(&row, 0) && att_row_has(&row, 3));
    CU_ASSERT_FALSE(att_row_has(&row, 1));
    CU_ASSERT_TRUE(att_row_says(&row, 0, "sign"));
    CU_ASSERT_FALSE(att_row_says(&row, 0, "signs"));
}

static void facts_are_said_as_they_are(void)
{
    struct att_finding f = {.lo = 1.0};

    att_finding_blank(&f);
    CU_ASSERT_EQUAL(f.verdict, ATT_NOT_APPLICABLE);
    CU_ASSERT_TRUE(isnan(f.statistic) && isnan(f.predicted));
    CU_ASSERT_TRUE(isnan(f.lo) && isnan(f.hi));
    att_finding_say(&f, 3.0, 4.0, false);
    CU_ASSERT_EQUAL(f.verdict, ATT_VIOLATED);
    CU_ASSERT_EQUAL(f.statistic, 3.0);
    CU_ASSERT_EQUAL(f.predicted, 4.0);
    att_finding_say(&f, 3.0, 3.0, true);
    CU_ASSERT_EQUAL(f.verdict, ATT_HOLDS);
}

static void bounds_are_judged_with_a_rounding_floor(void)
{
    static const struct {
        double value, bound;
        enum att_verdict at_most, at_least;
    } cases[] = {
        {1, 2, ATT_HOLDS, ATT_VIOLATED},
        {2, 2, ATT_HOLDS, ATT_HOLDS},
        {3, 2, ATT_VIOLATED, ATT_HOLDS},
        {2 + 1e-9, 2, ATT_INCONCLUSIVE, ATT_HOLDS},
        {2 - 1e-9, 2, ATT_HOLDS, ATT_INCONCLUSIVE},
        {2 + 1e-8, 2, ATT_VIOLATED, ATT_HOLDS},
        {1e-300, 0, ATT_VIOLATED, ATT_HOLDS},
        {NAN, 2, ATT_INCONCLUSIVE, ATT_INCONCLUSIVE},
        {1, NAN, ATT_INCONCLUSIVE, ATT_INCONCLUSIVE},
        {-3, -2, ATT_HOLDS, ATT_VIOLATED},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct att_finding f = {0};

        att_finding_at_most(&f, cases[i].value, cases[i].bound);
        CU_ASSERT_EQUAL(f.verdict, cases[i].at_most);
        att_finding_at_least(&f, cases[i].value, cases[i].bound);
        CU_ASSERT_EQUAL(f.verdict, cases[i].at_least);
    }
}

static void counts_are_equal_or_not(void)
{
    struct att_finding f = {0};

    att_finding_equal(&f, 5, 5);
    CU_ASSERT_EQUAL(f.verdict, ATT_HOLDS);
    att_finding_equal(&f, 5, 6);
    CU_ASSERT_EQUAL(f.verdict, ATT_VIOLATED);
    CU_ASSERT_EQUAL(f.statistic, 5);
    CU_ASSERT_EQUAL(f.predicted, 6);
    att_finding_equal(&f, NAN, 6);
    CU_ASSERT_EQUAL(f.verdict, ATT_INCONCLUSIVE);
}

/* "holds: ratio in [0.7, 1.5]; inconclusive: [0.5, 2]; violated: outside" */
static void bands_have_a_zone_of_doubt(void)
{
    static const struct {
        double value;
        enum att_verdict verdict;
    } cases[] = {
        {0.4, ATT_VIOLATED},     {0.5, ATT_INCONCLUSIVE}, {0.7, ATT_HOLDS},
        {1.5, ATT_HOLDS},        {2, ATT_INCONCLUSIVE},   {2.1, ATT_VIOLATED},
        {NAN, ATT_INCONCLUSIVE},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct att_finding f = {0};

        att_finding_within(&f, cases[i].value, (struct att_interval){0.7, 1.5},
                           (struct att_interval){0.5, 2});
        CU_ASSERT_EQUAL(f.verdict, cases[i].verdict);
    }
}

static void intervals_meet_bands_or_do_not(void)
{
    static const struct {
        struct att_interval ci;
        enum att_verdict verdict;
    } cases[] = {
        {{-2.5, -2.41}, ATT_VIOLATED},
        {{-2.5, -2.4}, ATT_HOLDS},
        {{-2.1, -1.9}, ATT_HOLDS},
        {{-1.8, 0}, ATT_HOLDS},
        {{-1.7, 0}, ATT_VIOLATED},
        {{-3, 3}, ATT_HOLDS},
        {{NAN, 3}, ATT_INCONCLUSIVE},
        {{-INFINITY, INFINITY}, ATT_INCONCLUSIVE},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct att_finding f = {0};

        att_finding_meets(&f, -2, cases[i].ci,
                          (struct att_interval){-2.4, -1.8});
        CU_ASSERT_EQUAL(f.verdict, cases[i].verdict);
    }
}

/* Wilson's interval of 18 of 20 is [0.699, 0.972], of 2 of 20 its mirror. */
static void shares_need_an_interval_on_one_side(void)
{
    static const struct {
        uint64_t k, n;
        double share;
        enum att_verdict verdict;
    } cases[] = {
        {18, 20, 0.5, ATT_HOLDS},         {18, 20, 0.69, ATT_HOLDS},
        {18, 20, 0.71, ATT_INCONCLUSIVE}, {18, 20, 0.98, ATT_VIOLATED},
        {2, 20, 0.5, ATT_VIOLATED},       {10, 20, 0.5, ATT_INCONCLUSIVE},
        {0, 0, 0.5, ATT_INCONCLUSIVE},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct att_finding f = {0};

        att_finding_share(&f, cases[i].k, cases[i].n, cases[i].share);
        CU_ASSERT_EQUAL(f.verdict, cases[i].verdict);
    }
}

/* y = x^-2 over n sizes and three replicates that differ by a factor. */
static struct att_sample power_law(int n)
{
    struct att_sample s;

    CU_ASSERT_TRUE_FATAL(att_sample_init(&s, arena, 64, 1));
    for (int i = 0; i < n; i++) {
        for (int r = 0; r < 3; r++) {
            const double x = ldexp(1, i);
            const double factor = 1 + 0.1 * r * (i % 2);

            CU_ASSERT_TRUE(att_sample_add(&s, &x, factor / (x * x), r));
        }
    }
    return s;
}

static void exponents_are_judged_by_their_interval(void)
{
    const struct att_sample s = power_law(6);
    struct att_finding right = {0};
    struct att_finding wrong = {0};
    struct att_fit fit = {0};

    att_finding_exponent(&right, &s, 4, (struct att_interval){-2.4, -1.8},
                         arena, &fit);
    CU_ASSERT_EQUAL(right.verdict, ATT_HOLDS);
    CU_ASSERT_EQUAL(right.statistic, fit.coef[1]);
    CU_ASSERT(right.lo <= -2 && -2 <= right.hi && right.hi < -1.5);
    att_finding_exponent(&wrong, &s, 4, (struct att_interval){-1.2, -0.8},
                         arena, NULL);
    CU_ASSERT_EQUAL(wrong.verdict, ATT_VIOLATED);
}

static void too_few_sizes_are_said(void)
{
    const struct att_sample s = power_law(3);
    struct att_finding f = {.verdict = ATT_HOLDS};

    att_finding_exponent(&f, &s, 4, (struct att_interval){-2.4, -1.8}, arena,
                         NULL);
    CU_ASSERT_EQUAL(f.verdict, ATT_INCONCLUSIVE);
    CU_ASSERT_STRING_EQUAL(f.note, "3 different values, 4 are needed");
}

static void metrics_of_rows_keep_their_order(void)
{
    const struct att_value a[] = {att_int(3), att_real(0.5)};
    const struct att_value b[] = {att_none(), att_real(1.5)};
    const struct att_row_view row[] = {{.metric = a}, {.metric = b}};
    const struct att_rows rows = {.row = row, .n = 2, .scratch = arena};
    const double expected[2][2] = {{3, NAN}, {0.5, 1.5}};

    for (uint32_t m = 0; m < 2; m++) {
        const double *value = att_rows_metric(&rows, m);

        for (int i = 0; value != NULL && i < 2; i++)
            CU_ASSERT(value[i] == expected[m][i] || isnan(expected[m][i]));
        CU_ASSERT_PTR_NOT_NULL(value);
        CU_ASSERT_EQUAL(m == 0 && value != NULL && isnan(value[1]), m == 0);
    }
}

/* (q, value) of rows whose word is "sign". */
static bool point_of_signs(const struct att_row_view *row, double *x, double *y)
{
    x[0] = (double)row->param[1].i;
    x[1] = 1.0;
    *y = att_row_metric(row, 0);
    return att_row_says(row, 0, "sign");
}

static void samples_hold_the_points_that_rows_give(void)
{
    const struct att_value param[4][2] = {{att_text("sign"), att_int(4)},
                                          {att_text("gauss"), att_int(5)},
                                          {att_text("sign"), att_int(6)},
                                          {att_text("sign"), att_int(7)}};
    const struct att_value metric[4] = {att_int(3), att_int(4), att_none(),
                                        att_real(0.5)};
    struct att_row_view row[4];
    const struct att_rows rows = {.row = row, .n = 4, .scratch = arena};
    struct att_sample s;

    for (size_t i = 0; i < 4; i++) {
        row[i] = (struct att_row_view){
            .param = param[i], .metric = &metric[i], .replicate = (int64_t)i};
    }
    CU_ASSERT_TRUE_FATAL(att_rows_sample(&rows, 2, point_of_signs, &s));
    CU_ASSERT_EQUAL_FATAL(s.n, 2);
    CU_ASSERT_EQUAL(s.x[0], 4.0);
    CU_ASSERT_EQUAL(s.x[1], 1.0);
    CU_ASSERT_EQUAL(s.y[0], 3.0);
    CU_ASSERT_EQUAL(s.x[2], 7.0);
    CU_ASSERT_EQUAL(s.y[1], 0.5);
    CU_ASSERT_EQUAL(s.cluster[1], 3);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"rows say what stands in them", rows_say_what_stands_in_them},
        {"facts are said as they are", facts_are_said_as_they_are},
        {"bounds are judged with a rounding floor",
         bounds_are_judged_with_a_rounding_floor},
        {"counts are equal or not", counts_are_equal_or_not},
        {"bands have a zone of doubt", bands_have_a_zone_of_doubt},
        {"intervals meet bands or do not", intervals_meet_bands_or_do_not},
        {"shares need an interval on one side",
         shares_need_an_interval_on_one_side},
        {"exponents are judged by their interval",
         exponents_are_judged_by_their_interval},
        {"too few sizes are said", too_few_sizes_are_said},
        {"metrics of rows keep their order", metrics_of_rows_keep_their_order},
        {"samples hold the points that rows give",
         samples_hold_the_points_that_rows_give},
        CU_TEST_INFO_NULL,
    };

    return unit_run_with("finding", open_arena, close_arena, tests);
}
