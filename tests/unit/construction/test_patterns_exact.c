/* test_patterns_exact.c - small cases that are known exactly: V3, V7, V10 and
 * the roundings of V12; the moment curve in double-double. */
#include "../../../src/construction/patterns/patterns_explicit_priv.h"
#include "../../../src/construction/patterns/patterns_nested_priv.h"

#include "one_task.h"
#include "unit.h"

static double real(const struct one_task *t, const char *metric)
{
    return att_value_number(one_task_get(t, metric));
}

static void open_at(struct one_task *t, const char *construction,
                    const char *data, int64_t L, int64_t k)
{
    one_task_open(t, construction, 1);
    one_task_text(t, "data", data);
    one_task_int(t, "L", L);
    one_task_int(t, "k", k);
}

/* ---- V3 ------------------------------------------------------------------------- */

/* The query at the middle key has Q = 1 + 2 cos(2 pi / L): 2.73 at L = 12, 2.99
 * at L = 64. */
static void bands_of_three_are_accepted_up_to_their_q(void)
{
    static const struct {
        int64_t L;
        double wanted; /* Q that the tolerances ask for */
        int64_t accept;
    } v[] = {{12, 2.72, 1}, {12, 2.74, 0}, {64, 2.99, 1}, {64, 2.991, 0}};

    for (size_t i = 0; i < 4; i++) {
        struct one_task t;

        open_at(&t, "patterns_code", "band", v[i].L, 3);
        one_task_text(&t, "keys", "circle");
        one_task_set(&t, "eps1", att_real(expm1(log(10.0) / v[i].wanted)));
        CU_ASSERT_TRUE_FATAL(one_task_run(&t));
        CU_ASSERT_EQUAL(one_task_get(&t, "accept").i, v[i].accept);
        one_task_close(&t);
    }
}

/* ---- V7 ------------------------------------------------------------------------- */

static double logit(const struct pat_explicit *e, size_t i, size_t j)
{
    long double sum = 0.0L;

    for (size_t m = 0; m < e->d; m++)
        sum += e->x1[i * e->d + m] * e->x2[j * e->d + m];
    return (double)sum;
}

/* V7 has factors c_i = 1; here c_i = 1.1 t2 / gap_i.  Row 0 is the pair (0, 1)
 * with the largest gap, row 1 the pair (0, 2) with the smallest. */
static void k5_on_the_curve_has_the_logits_of_v7(void)
{
    static const double row[] = {1.154508, 1.154508, -.095492, -2.118034,
                                 -.095492};
    const double widest = 1.25;
    const double smallest = .4774575141;
    const double level = 1.1 * log(10.0);
    struct one_task t;

    open_at(&t, "patterns_trig", "complete", 10, 2);
    CU_ASSERT_TRUE_FATAL(one_task_run(&t));
    const struct pat_explicit *e = t.at.built;

    for (size_t j = 0; j < 5; j++) {
        CU_ASSERT_DOUBLE_EQUAL(logit(e, 0, j) * widest / level, row[j], 5e-7);
    }
    CU_ASSERT_DOUBLE_EQUAL((logit(e, 1, 0) - logit(e, 1, 1)) / level, 1.0,
                           1e-14); /* the gap of row 1 is at column 1 */
    CU_ASSERT_DOUBLE_EQUAL(
        (logit(e, 1, 0) - logit(e, 1, 3)) * smallest / level,
        (1.0 - cos(acos(-1.0) * 0.8)) * (1.0 - cos(acos(-1.0) * 0.4)), 1e-9);
    CU_ASSERT_TRUE(real(&t, "dev_nats") < 1e-13);
    one_task_close(&t);
}

#if ATT_HAVE_CLP
/* Of so many draws of keys, how many have queries for the pattern? */
static int64_t count_feasible(const char *data, int64_t L, int64_t d,
                              uint64_t draws)
{
    int64_t n = 0;

    for (uint64_t seed = 1; seed <= draws; seed++) {
        struct one_task t;

        open_at(&t, "patterns_lp", data, L, 2);
        t.ws.builder_seed = seed;
        one_task_text(&t, "keys", "gauss");
        one_task_int(&t, "d", d);
        CU_ASSERT_TRUE_FATAL(one_task_run(&t));
        n += one_task_get(&t, "accept").i;
        one_task_close(&t);
    }
    return n;
}

static int64_t accept_on_curve(const char *data, int64_t L, int64_t d)
{
    struct one_task t;
    int64_t accept = 0;

    open_at(&t, "patterns_lp", data, L, 2);
    one_task_text(&t, "keys", "curve");
    one_task_int(&t, "d", d);
    CU_ASSERT_TRUE_FATAL(one_task_run(&t));
    accept = one_task_get(&t, "accept").i;
    one_task_close(&t);
    return accept;
}

/* Keys in general position span R^d, so that whole spaces decide nothing: what
 * is infeasible is so by the pattern. */
static void programs_decide_the_graphs_of_v7(void)
{
    CU_ASSERT_EQUAL(count_feasible("complete", 10, 3, 300), 0); /* K5 */
    CU_ASSERT_EQUAL(count_feasible("complete", 15, 3, 100), 0); /* K6 */
    CU_ASSERT_EQUAL(accept_on_curve("complete", 15, 4), 1);
    CU_ASSERT_EQUAL(count_feasible("triangles", 6, 2, 500), 0);
    CU_ASSERT_TRUE(count_feasible("triangles", 6, 3, 500) > 0);
    CU_ASSERT_EQUAL(accept_on_curve("band", 6, 2), 1); /* a hexagon */
}
#endif

/* ---- V10 ------------------------------------------------------------------------ */

static void exact_logits_are_those_of_v10(void)
{
    static const size_t first[] = {0, 2, 4, 6};
    static const uint32_t column[] = {0, 1, 1, 2, 2, 0};
    static const double s[] = {2.0, 3.0986123, 0.0};
    static const double m[] = {.24181836, .72545508, .03272656};
    const double lam[] = {0.0, log(3.0), 0.0, log(3.0), 0.0, log(3.0)};
    const struct att_pattern a = {.n_rows = 3,
                                  .n_cols = 3,
                                  .nnz = 6,
                                  .first = first,
                                  .column = column,
                                  .lam = lam,
                                  .k_row = 2,
                                  .k_col = 2,
                                  .ln_gamma = lam[1]};
    const struct pat_key_spec spec = {
        .family = PAT_HADAMARD, .n = 3, .d = 4, .plus = true};
    uint32_t d = 4;
    struct att_arena *arena = att_arena_create(0);
    struct att_workspace ws;
    struct pat_keys keys;
    struct pat_rows rows = {0};
    struct pat_logits logits;
    struct pat_worst worst;
    double p[3], lambda[3], z = 0.0;
    struct pat_pass pass = {.keys = &keys,
                            .rows = &rows,
                            .tolerance = {log(1.5), log(10.0), 2.0},
                            .worst = &worst,
                            .arena = arena};

    CU_ASSERT_PTR_NOT_NULL_FATAL(arena);
    att_workspace_init(&ws, arena, 1, 1);
    CU_ASSERT_EQUAL_FATAL(att_pat_keys_draw(&ws, &spec,
                                            (struct att_nested){&d, NULL, 1},
                                            &keys, NULL),
                          ATT_OK);
    CU_ASSERT_EQUAL_FATAL(att_pat_rows_init(&rows, &a, arena, NULL), ATT_OK);
    CU_ASSERT_EQUAL_FATAL(att_pat_logits_init(&logits, &keys, arena, NULL),
                          ATT_OK);
    att_pat_row(&rows, 0);
    att_pat_logits_row(&logits, &rows.terms, p, lambda);
    for (size_t j = 0; j < 3; j++) {
        CU_ASSERT_DOUBLE_EQUAL(2.0 * p[j] + lambda[j], s[j], 5e-8);
        z += exp(2.0 * p[j] + lambda[j]);
    }
    for (size_t j = 0; j < 3; j++)
        CU_ASSERT_DOUBLE_EQUAL(exp(2.0 * p[j] + lambda[j]) / z, m[j], 5e-9);
    CU_ASSERT_EQUAL_FATAL(att_pat_pass(&pass, NULL), ATT_OK);
    CU_ASSERT_DOUBLE_EQUAL(worst.dev, 0.0, 1e-15); /* ln 3 off and on again */
    CU_ASSERT_EQUAL(worst.gap, 2.0);
    att_arena_destroy(arena);
}

/* ---- V12 ------------------------------------------------------------------------ */

static void bf16_rounds_as_in_v12(void)
{
    static const double v[][2] = {
        {1.00390625, 1.0}, {1.01171875, 1.015625}, {3.14159265, 3.140625}};
    struct att_arithmetic bf16;

    CU_ASSERT_EQUAL_FATAL(att_arithmetic_parse("bf16", &bf16, NULL), ATT_OK);
    for (size_t i = 0; i < 3; i++)
        CU_ASSERT_EQUAL(att_arithmetic_round(&bf16, v[i][0]), v[i][1]);
}

/* ---- double-double ------------------------------------------------------------------ */

/* Two dimensions more for each k; x87's 64 bits end first. */
static void double_double_carries_curves_that_long_double_does_not(void)
{
    static const struct {
        const char *dtype;
        int64_t k, accept;
    } v[] = {{"x80", 4, 1}, {"dd", 4, 1}, {"x80", 8, 0}, {"dd", 8, 1}};

    for (size_t i = 0; i < 4; i++) {
        struct one_task t;

        open_at(&t, "patterns_trig", "band", 256, v[i].k);
        one_task_text(&t, "dtype", v[i].dtype);
        CU_ASSERT_TRUE_FATAL(one_task_run(&t));
        CU_ASSERT_EQUAL(one_task_get(&t, "accept").i, v[i].accept);
        CU_ASSERT_NOT_EQUAL(one_task_verdict(&t, "patterns.trig"),
                            ATT_VIOLATED);
        one_task_close(&t);
    }
}

/* The same curve: where long double is enough, both see the same logits. */
static void double_double_and_long_double_build_one_curve(void)
{
    struct one_task t;

    open_at(&t, "patterns_trig", "band", 64, 3);
    one_task_text(&t, "dtype", "dd");
    CU_ASSERT_TRUE_FATAL(one_task_run(&t));
    const struct pat_explicit *e = t.at.built;

    for (size_t m = 0; m < 64 * e->d; m++) {
        /* Long double's own roundings: some 50 of numbers up to |x|. */
        CU_ASSERT_DOUBLE_EQUAL(e->dd1[m].hi, (double)e->x1[m],
                               50.0 * 0x1p-53 * real(&t, "max_row_norm_q"));
        CU_ASSERT_DOUBLE_EQUAL(e->dd2[m].hi, (double)e->x2[m], 4.0 * 0x1p-53);
    }
    one_task_close(&t);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"bands of three are accepted up to their Q",
         bands_of_three_are_accepted_up_to_their_q},
        {"K5 on the curve has the logits of V7",
         k5_on_the_curve_has_the_logits_of_v7},
#if ATT_HAVE_CLP
        {"programs decide the graphs of V7", programs_decide_the_graphs_of_v7},
#endif
        {"exact logits are those of V10", exact_logits_are_those_of_v10},
        {"bf16 rounds as in V12", bf16_rounds_as_in_v12},
        {"double-double carries curves that long double does not",
         double_double_carries_curves_that_long_double_does_not},
        {"double-double and long double build one curve",
         double_double_and_long_double_build_one_curve},
        CU_TEST_INFO_NULL,
    };

    return unit_run("patterns_exact", tests);
}
