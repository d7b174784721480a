/* test_hardmax_claims.c - verdicts: a claim that cannot fail says nothing. */
#include "../../../src/construction/hardmax/hardmax_claims_priv.h"

#include <math.h>

#include "one_task.h"
#include "unit.h"

static void open_row(struct one_task *t, const char *data, const char *mode)
{
    one_task_open(t, "hardmax", 71);
    one_task_int(t, "N", 8);
    one_task_int(t, "d", 4);
    one_task_int(t, "L", 7);
    one_task_text(t, "data", data);
    one_task_text(t, "mode", mode);
    CU_ASSERT_TRUE_FATAL(one_task_run(t));
}

struct tampered {
    const char *claim;
    double value;
    uint32_t metric;
    enum att_verdict verdict;
};

/* What each claim says when one column is changed. */
static void changed_columns_change_verdicts(void)
{
    static const struct tampered rows[] = {
        {"hardmax.blocks", 18, HM_M_BLOCKS, ATT_VIOLATED},
        {"hardmax.landmarks", 8, HM_M_LANDMARKS, ATT_VIOLATED},
        {"hardmax.blocks-bound", 16, HM_M_BLOCKS, ATT_VIOLATED},
        {"hardmax.params", 1, HM_M_PARAMS_USED, ATT_VIOLATED},
        {"hardmax.params", 1, HM_M_PARAMS_SHARED, ATT_VIOLATED},
        {"hardmax.params-bound", 496, HM_M_PARAMS_USED, ATT_VIOLATED},
        {"hardmax.exact", 0.875, HM_M_ACC_PLANE, ATT_VIOLATED},
        {"hardmax.exact", 0.875, HM_M_ACC_DENSE, ATT_VIOLATED},
        {"hardmax.rank-one", 2, HM_M_RANK_V, ATT_VIOLATED},
        {"hardmax.grid-exact", 7, HM_M_CODES_EXACT, ATT_VIOLATED},
        {"hardmax.grid-exact", 0, HM_M_ON_GRID, ATT_NOT_APPLICABLE},
        {"hardmax.peel-scale", 1e-9, HM_M_H_MIN, ATT_VIOLATED},
        {"hardmax.peel-scale", 1e9, HM_M_W_MAX, ATT_VIOLATED},
        {"hardmax.out-error", 1e-3, HM_M_OUT_ERR, ATT_VIOLATED},
        {"hardmax.set-invariance", 0, HM_M_SET_INVARIANT, ATT_VIOLATED},
        {"hardmax.evaluators-agree", 0, HM_M_LABELS_AGREE, ATT_VIOLATED},
        {"hardmax.evaluators-agree", 0.4, HM_M_EVAL_SPREAD, ATT_INCONCLUSIVE},
        {"hardmax.reported-blocks", 34, HM_M_BLOCKS, ATT_INCONCLUSIVE},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct one_task t;

        open_row(&t, "gauss", "full");
        if (rows[i].verdict != ATT_NOT_APPLICABLE)
            CU_ASSERT_EQUAL(one_task_verdict(&t, rows[i].claim), ATT_HOLDS);
        struct att_value *v = &t.out.metric[rows[i].metric];

        *v = v->kind == ATT_INTEGER ? att_int((int64_t)rows[i].value)
                                    : att_real(rows[i].value);
        CU_ASSERT_EQUAL(one_task_verdict(&t, rows[i].claim), rows[i].verdict);
        one_task_close(&t);
    }
}

/* Small points see every evaluator, larger ones those that are worth it. */
static void evaluators_run_where_they_are_worth_it(void)
{
    struct one_task t;

    open_row(&t, "gauss", "adaptive");
    CU_ASSERT_TRUE(one_task_get(&t, "acc_dense").kind == ATT_REAL);
    CU_ASSERT_TRUE(one_task_get(&t, "acc_lowrank").kind == ATT_REAL);
    CU_ASSERT_TRUE(one_task_get(&t, "acc_sorted").kind == ATT_REAL);
    one_task_close(&t);
    one_task_open(&t, "hardmax", 71);
    one_task_int(&t, "N", 64);
    one_task_int(&t, "d", 64);
    one_task_int(&t, "L", 64);
    CU_ASSERT_TRUE_FATAL(one_task_run(&t));
    CU_ASSERT_TRUE(one_task_get(&t, "acc_dense").kind == ATT_NONE);
    CU_ASSERT_TRUE(one_task_get(&t, "acc_lowrank").kind == ATT_REAL);
    one_task_close(&t);
}

static void sub1_with_fewer_landmarks_is_violated(void)
{
    struct one_task t;

    open_row(&t, "sub1", "adaptive");
    CU_ASSERT_EQUAL(one_task_verdict(&t, "hardmax.sub1"), ATT_HOLDS);
    t.out.metric[HM_M_LANDMARKS] = att_int(6);
    CU_ASSERT_EQUAL(one_task_verdict(&t, "hardmax.sub1"), ATT_VIOLATED);
    one_task_close(&t);
}

static void a_narrower_kernel_is_inconclusive(void)
{
    struct one_task t;

    one_task_open(&t, "hardmax", 73);
    one_task_text(&t, "dtype", "f32");
    one_task_text(&t, "build_dtype", "f64");
    CU_ASSERT_TRUE_FATAL(one_task_run(&t));
    t.out.metric[HM_M_ACC_LOWRANK] = att_real(0.5);
    CU_ASSERT_EQUAL(one_task_verdict(&t, "hardmax.exact"), ATT_INCONCLUSIVE);
    one_task_close(&t);
}

/* Thresholds round at the size of the codes. */
static void large_codes_round_in_larger_steps(void)
{
    struct one_task t;

    open_row(&t, "gauss", "full");
    t.out.metric[HM_M_H_MIN] =
        att_real(0.5 * t.out.metric[HM_M_CODE_GAP].r + 100.0 * 0x1p-53);
    CU_ASSERT_EQUAL(one_task_verdict(&t, "hardmax.peel-scale"), ATT_VIOLATED);
    t.out.metric[HM_M_CODE_MAX] = att_real(64.0);
    CU_ASSERT_EQUAL(one_task_verdict(&t, "hardmax.peel-scale"), ATT_HOLDS);
    one_task_close(&t);
}

/* Off the grid a narrow format rounds distances, and tokens may tie. */
static void copies_may_count_where_sums_round(void)
{
    struct one_task t;

    one_task_open(&t, "hardmax", 71);
    one_task_text(&t, "dtype", "bits");
    CU_ASSERT_TRUE_FATAL(one_task_run(&t));
    CU_ASSERT_EQUAL(one_task_verdict(&t, "hardmax.set-invariance"), ATT_HOLDS);
    t.out.metric[HM_M_SET_INVARIANT] = att_int(0);
    CU_ASSERT_EQUAL(one_task_verdict(&t, "hardmax.set-invariance"),
                    ATT_VIOLATED);
    t.out.metric[HM_M_LEADER_MARGIN] = att_real(0x1p-11);
    CU_ASSERT_EQUAL(one_task_verdict(&t, "hardmax.set-invariance"),
                    ATT_VIOLATED); /* a tie is none on the grid */
    t.out.metric[HM_M_ON_GRID] = att_int(0);
    CU_ASSERT_EQUAL(one_task_verdict(&t, "hardmax.set-invariance"),
                    ATT_NOT_APPLICABLE);
    t.out.metric[HM_M_ON_GRID] = att_int(1);
    one_task_text(&t, "build_dtype", "f64"); /* the grid of another type */
    CU_ASSERT_EQUAL(one_task_verdict(&t, "hardmax.set-invariance"),
                    ATT_NOT_APPLICABLE);
    one_task_close(&t);
}

static void the_wrong_refusal_is_violated(void)
{
    struct one_task t;

    one_task_open(&t, "hardmax", 79);
    one_task_text(&t, "data", "bad_equal");
    CU_ASSERT_TRUE_FATAL(one_task_run(&t));
    CU_ASSERT_EQUAL(one_task_verdict(&t, "hardmax.refusal"), ATT_HOLDS);
    CU_ASSERT_EQUAL(one_task_verdict(&t, "hardmax.blocks"), ATT_NOT_APPLICABLE);
    t.out.metric[HM_M_ERR_KIND] = att_text("no_margin");
    CU_ASSERT_EQUAL(one_task_verdict(&t, "hardmax.refusal"), ATT_VIOLATED);
    t.out.metric[HM_M_ERR_KIND] = att_text("equal_sets");
    t.out.metric[HM_M_ERR_J].i++;
    CU_ASSERT_EQUAL(one_task_verdict(&t, "hardmax.refusal"), ATT_VIOLATED);
    t.out.metric[HM_M_ERR_KIND] = att_none(); /* a network was built */
    CU_ASSERT_EQUAL(one_task_verdict(&t, "hardmax.refusal"), ATT_VIOLATED);
    one_task_close(&t);
}

/* ---- thresholds that were observed ------------------------------------------- */

struct threshold_row {
    double star; /* NaN: none reached */
    enum att_verdict verdict;
};

static void temperatures_are_judged_to_half_a_decade(void)
{
    static const double tau[] = {1e-6, 1e-2};
    const struct att_observe_axis axis = {.name = "tau", .value = tau, .n = 2};
    const double bound = 1e-3;
    const struct threshold_row rows[] = {{2e-3, ATT_HOLDS},
                                         {5e-4, ATT_INCONCLUSIVE},
                                         {1e-4, ATT_VIOLATED},
                                         {NAN, ATT_VIOLATED}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct one_task t;

        one_task_open(&t, "hardmax", 83);
        t.at.observe = (struct att_observe){&axis, 1};
        CU_ASSERT_TRUE_FATAL(one_task_run(&t));
        t.out.metric[HM_M_TAU_BOUND] = att_real(bound);
        t.out.metric[HM_M_TAU_STAR] =
            isnan(rows[i].star) ? att_none() : att_real(rows[i].star);
        CU_ASSERT_EQUAL(one_task_verdict(&t, "hardmax.tau"), rows[i].verdict);
        one_task_close(&t);
    }
}

static void noise_above_the_bound_departs(void)
{
    static const double sigma[] = {1e-12};
    const struct att_observe_axis axis = {
        .name = "sigma", .value = sigma, .n = 1};
    struct one_task t;

    one_task_open(&t, "hardmax", 89);
    t.at.observe = (struct att_observe){&axis, 1};
    CU_ASSERT_TRUE_FATAL(one_task_run(&t));
    CU_ASSERT_EQUAL(one_task_verdict(&t, "hardmax.noise"), ATT_HOLDS);
    t.out.metric[HM_M_NOISE_STAR] = att_real(10.0);
    CU_ASSERT_EQUAL(one_task_verdict(&t, "hardmax.noise"), ATT_VIOLATED);
    t.out.metric[HM_M_NOISE_STAR] = att_none();
    CU_ASSERT_EQUAL(one_task_verdict(&t, "hardmax.noise"), ATT_INCONCLUSIVE);
    one_task_close(&t);
}

static void bits_far_from_the_rule_depart(void)
{
    struct one_task t;

    open_row(&t, "gauss", "adaptive");
    t.out.metric[HM_M_PLAIN_GAP] = att_real(0x1p-10);
    t.out.metric[HM_M_MIN_BITS] = att_int(13);
    CU_ASSERT_EQUAL(one_task_verdict(&t, "hardmax.bits"), ATT_HOLDS);
    t.out.metric[HM_M_MIN_BITS] = att_int(17);
    CU_ASSERT_EQUAL(one_task_verdict(&t, "hardmax.bits"), ATT_VIOLATED);
    one_task_close(&t);
}

/* ---- groups ---------------------------------------------------------------------- */

enum { N_SIZES = 5, N_REPLICATES = 4, N_ROWS = N_SIZES * N_REPLICATES };
enum { SOME_ROWS = 3 * N_REPLICATES }; /* three sizes */

struct group {
    struct one_task base; /* one real row, copied and changed */
    struct att_value param[N_ROWS][ONE_TASK_PARAMS];
    struct att_value metric[N_ROWS][HM_METRICS];
    struct att_row_view row[N_ROWS];
};

/* Rows N = 8, 16, .. 128, four replicates each. */
static void group_open(struct group *g)
{
    open_row(&g->base, "gauss", "adaptive");
    for (size_t i = 0; i < N_ROWS; i++) {
        const int64_t n = INT64_C(8) << (i / N_REPLICATES);

        memcpy(g->param[i], g->base.p, sizeof g->param[i]);
        memcpy(g->metric[i], g->base.out.metric, sizeof g->metric[i]);
        g->param[i][ATT_SEQ_N] = att_int(n);
        g->metric[i][HM_M_N_DISTINCT] = att_int(n);
        g->row[i] = (struct att_row_view){
            .construction = g->base.c,
            .param = g->param[i],
            .metric = g->metric[i],
            .replicate = (int64_t)(i % N_REPLICATES),
        };
    }
}

static enum att_verdict group_verdict(struct group *g, const char *claim,
                                      size_t n)
{
    const int at = att_construction_find_claim(g->base.c, claim);
    const struct att_rows rows = {
        .row = g->row, .n = n, .n_planned = n, .scratch = g->base.arena};
    struct att_finding finding = {.verdict = ATT_INCONCLUSIVE};

    CU_ASSERT_TRUE_FATAL(at >= 0);
    g->base.c->claims[at].judge(&rows, &finding);
    return finding.verdict;
}

/* y = N^slope, with some scatter between replicates. */
static void set_power(struct group *g, uint32_t metric, double slope)
{
    for (size_t i = 0; i < N_ROWS; i++) {
        const double n = (double)g->metric[i][HM_M_N_DISTINCT].i;
        const double scatter = 1.0 + 0.02 * (double)((i * 7) % 5);

        g->metric[i][metric] = att_real(scatter * pow(n, slope));
    }
}

static void gap_slopes_are_judged_by_their_interval(void)
{
    struct group g;

    group_open(&g);
    set_power(&g, HM_M_CODE_GAP, -2.0);
    CU_ASSERT_EQUAL(group_verdict(&g, "hardmax.gap-law", N_ROWS), ATT_HOLDS);
    CU_ASSERT_EQUAL(group_verdict(&g, "hardmax.gap-law", SOME_ROWS),
                    ATT_INCONCLUSIVE);
    set_power(&g, HM_M_CODE_GAP, -1.0);
    CU_ASSERT_EQUAL(group_verdict(&g, "hardmax.gap-law", N_ROWS), ATT_VIOLATED);
    g.param[0][HM_MODE] = att_text("full");
    CU_ASSERT_EQUAL(group_verdict(&g, "hardmax.gap-law", N_ROWS),
                    ATT_NOT_APPLICABLE);
    g.param[0][HM_MODE] = att_text("adaptive");
    g.param[0][ATT_SEQ_DATA] = att_text("near");
    CU_ASSERT_EQUAL(group_verdict(&g, "hardmax.gap-law", N_ROWS),
                    ATT_NOT_APPLICABLE);
    one_task_close(&g.base);
}

static void margin_exponents_are_judged_together(void)
{
    struct group g;

    group_open(&g);
    for (size_t i = 0; i < N_ROWS; i++) { /* two lengths */
        const double l = i % 2 == 0 ? 8.0 : 64.0;
        const double n = (double)g.metric[i][HM_M_N_DISTINCT].i;

        g.metric[i][HM_M_LONGEST] = att_int((int64_t)l);
        g.metric[i][HM_M_LEADER_MARGIN] = att_real(pow(n, -1.2) * pow(l, -0.4));
    }
    CU_ASSERT_EQUAL(group_verdict(&g, "hardmax.margin-law", N_ROWS), ATT_HOLDS);
    for (size_t i = 0; i < N_ROWS; i++) {
        g.metric[i][HM_M_LEADER_MARGIN].r *=
            (double)g.metric[i][HM_M_LONGEST].i;
    }
    CU_ASSERT_EQUAL(group_verdict(&g, "hardmax.margin-law", N_ROWS),
                    ATT_VIOLATED);
    for (size_t i = 0; i < N_ROWS; i++)
        g.metric[i][HM_M_LONGEST] = att_int(8);
    CU_ASSERT_EQUAL(group_verdict(&g, "hardmax.margin-law", N_ROWS),
                    ATT_INCONCLUSIVE);
    one_task_close(&g.base);
}

static void counts_that_depend_on_lengths_are_violated(void)
{
    struct group g;

    group_open(&g);
    CU_ASSERT_EQUAL(group_verdict(&g, "hardmax.length-free", N_ROWS),
                    ATT_INCONCLUSIVE);
    g.metric[3][HM_M_LONGEST] = att_int(900);
    CU_ASSERT_EQUAL(group_verdict(&g, "hardmax.length-free", N_ROWS),
                    ATT_HOLDS);
    g.metric[3][HM_M_PARAMS_ARCH].i++;
    CU_ASSERT_EQUAL(group_verdict(&g, "hardmax.length-free", N_ROWS),
                    ATT_VIOLATED);
    one_task_close(&g.base);
}

static void cost_slopes_are_never_violated(void)
{
    struct group g;

    group_open(&g);
    for (size_t i = 0; i < N_ROWS; i++) {
        const size_t size = 1 + i / N_REPLICATES;
        const double l = 100.0 * (double)size;

        g.metric[i][HM_M_LONGEST] = att_int((int64_t)l);
        g.metric[i][HM_M_TOTAL] = att_int((int64_t)(8.0 * l));
        g.metric[i][HM_M_T_SORTED] = att_real(1e-9 * l);
        g.metric[i][HM_M_T_DENSE] = att_real(1e-9 * l * l);
    }
    CU_ASSERT_EQUAL(group_verdict(&g, "hardmax.cost", N_ROWS), ATT_HOLDS);
    for (size_t i = 0; i < N_ROWS; i++)
        g.metric[i][HM_M_T_DENSE] = att_real(1e-3);
    CU_ASSERT_EQUAL(group_verdict(&g, "hardmax.cost", N_ROWS),
                    ATT_INCONCLUSIVE);
    one_task_close(&g.base);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"changed columns change verdicts", changed_columns_change_verdicts},
        {"evaluators run where they are worth it",
         evaluators_run_where_they_are_worth_it},
        {"sub1 with fewer landmarks is violated",
         sub1_with_fewer_landmarks_is_violated},
        {"a narrower kernel is inconclusive",
         a_narrower_kernel_is_inconclusive},
        {"large codes round in larger steps",
         large_codes_round_in_larger_steps},
        {"copies may count where sums round",
         copies_may_count_where_sums_round},
        {"the wrong refusal is violated", the_wrong_refusal_is_violated},
        {"temperatures are judged to half a decade",
         temperatures_are_judged_to_half_a_decade},
        {"noise above the bound departs", noise_above_the_bound_departs},
        {"bits far from the rule depart", bits_far_from_the_rule_depart},
        {"gap slopes are judged by their interval",
         gap_slopes_are_judged_by_their_interval},
        {"margin exponents are judged together",
         margin_exponents_are_judged_together},
        {"counts that depend on lengths are violated",
         counts_that_depend_on_lengths_are_violated},
        {"cost slopes are never violated", cost_slopes_are_never_violated},
        CU_TEST_INFO_NULL,
    };

    return unit_run("hardmax claims", tests);
}
