/* test_hardmax_precursor.c - the clustering dynamics, step by step. */
#include "../../../src/construction/hardmax/hardmax_precursor_priv.h"

#include <math.h>

#include "one_task.h"
#include "unit.h"

enum { D = 2, N_TOKENS = 3 };

struct dynamics {
    struct att_arena *arena;
    size_t offset[2];
    struct att_sequences s;
    struct hm_dynamics y;
};

/* Three tokens, alpha = 1, A = I. */
static void dynamics_open(struct dynamics *t, const double *x)
{
    *t = (struct dynamics){.offset = {0, N_TOKENS}};
    t->arena = att_arena_create(0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(t->arena);
    t->s = (struct att_sequences){.n = 1,
                                  .d = D,
                                  .longest = N_TOKENS,
                                  .total = N_TOKENS,
                                  .offset = t->offset,
                                  .token = x};
    CU_ASSERT_EQUAL_FATAL(att_hm_dynamics_init(&t->y, &t->s, t->arena, NULL),
                          ATT_OK);
    t->y.rate = 0.5;
}

static void dynamics_close(struct dynamics *t)
{
    att_arena_destroy(t->arena);
}

static void a_token_follows_its_leader(void)
{
    static const double x[] = {1, 0, -1, 0, 0.5, 0};
    static const double expected[] = {0.75, 0.875, 0.9375};
    struct dynamics t;

    dynamics_open(&t, x);
    CU_ASSERT_TRUE(att_hm_dynamics_leads(&t.y, 0, 0));
    CU_ASSERT_TRUE(att_hm_dynamics_leads(&t.y, 0, 1));
    CU_ASSERT_FALSE(att_hm_dynamics_leads(&t.y, 0, 2));
    for (size_t step = 0; step < 3; step++) {
        CU_ASSERT_EQUAL(att_hm_dynamics_step(&t.y), 0.25 / (1 << step));
        CU_ASSERT_EQUAL(t.y.z[0], 1.0);
        CU_ASSERT_EQUAL(t.y.z[2], -1.0);
        CU_ASSERT_EQUAL(t.y.z[4], expected[step]);
        CU_ASSERT_EQUAL(t.y.z[5], 0.0);
    }
    dynamics_close(&t);
}

/* A zero query ties all three tokens; the next step ties the two leaders. */
static void the_origin_sees_ties(void)
{
    static const double x[] = {1, 0, 0, 1, 0, 0};
    const double sixth = 0.5 * (1.0 / 3.0);
    struct dynamics t;

    dynamics_open(&t, x);
    (void)att_hm_dynamics_step(&t.y);
    CU_ASSERT_EQUAL(t.y.z[4], sixth);
    CU_ASSERT_EQUAL(t.y.z[5], sixth);
    (void)att_hm_dynamics_step(&t.y);
    /* 1/6 is rounded: the step adds half of 1/2 - 1/6 */
    CU_ASSERT_DOUBLE_EQUAL(t.y.z[4], 1.0 / 3.0, 0x1p-53);
    CU_ASSERT_EQUAL(t.y.z[4], t.y.z[5]);
    CU_ASSERT_EQUAL(t.y.z[0], 1.0);
    dynamics_close(&t);
}

struct rate_row {
    double alpha;
    int64_t predicted;
};

/* ceil(ln 1e-6 / ln(1 / (1 + alpha))) and at most 35 % more. */
static void updates_shrink_at_the_predicted_rate(void)
{
    static const struct rate_row rows[] = {
        {0.25, 62}, {0.5, 35}, {1, 20}, {2, 13}, {4, 9}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct one_task t;

        one_task_open(&t, "hardmax_precursor", 1);
        one_task_int(&t, "N", 1);
        one_task_int(&t, "L", 64);
        one_task_int(&t, "d", 3);
        one_task_set(&t, "alpha", att_real(rows[i].alpha));
        CU_ASSERT_TRUE_FATAL(one_task_run(&t));
        CU_ASSERT_EQUAL(one_task_get(&t, "steps_predicted").i,
                        rows[i].predicted);
        CU_ASSERT_EQUAL(one_task_verdict(&t, "hardmax.precursor-rate"),
                        ATT_HOLDS);
        CU_ASSERT_EQUAL(one_task_verdict(&t, "hardmax.precursor-leaders"),
                        ATT_HOLDS);
        CU_ASSERT_EQUAL(one_task_verdict(&t, "hardmax.precursor-hull"),
                        ATT_HOLDS);
        one_task_close(&t);
    }
}

/* Far beyond convergence followers reach their leaders and tie with them. */
static void leaders_stay_within_rounding(void)
{
    struct one_task t;

    one_task_open(&t, "hardmax_precursor", 2);
    one_task_int(&t, "N", 4);
    one_task_int(&t, "L", 64);
    one_task_int(&t, "d", 2);
    one_task_set(&t, "tol", att_real(1e-14));
    CU_ASSERT_TRUE_FATAL(one_task_run(&t));
    CU_ASSERT_EQUAL(one_task_verdict(&t, "hardmax.precursor-leaders"),
                    ATT_HOLDS);
    const int leaders = att_construction_find_metric(t.c, "leader_move");

    CU_ASSERT_TRUE_FATAL(leaders >= 0);
    t.out.metric[leaders] = att_real(1e-6);
    CU_ASSERT_EQUAL(one_task_verdict(&t, "hardmax.precursor-leaders"),
                    ATT_VIOLATED);
    one_task_close(&t);
}

static void giving_up_is_said(void)
{
    struct one_task t;

    one_task_open(&t, "hardmax_precursor", 1);
    one_task_int(&t, "max_steps", 3);
    CU_ASSERT_TRUE_FATAL(one_task_run(&t));
    CU_ASSERT_EQUAL(one_task_get(&t, "converged").i, 0);
    CU_ASSERT_EQUAL(one_task_get(&t, "prec_steps").kind, ATT_NONE);
    CU_ASSERT_EQUAL(one_task_verdict(&t, "hardmax.precursor-rate"),
                    ATT_INCONCLUSIVE);
    one_task_close(&t);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"a token follows its leader", a_token_follows_its_leader},
        {"the origin sees ties", the_origin_sees_ties},
        {"updates shrink at the predicted rate",
         updates_shrink_at_the_predicted_rate},
        {"leaders stay within rounding", leaders_stay_within_rounding},
        {"giving up is said", giving_up_is_said},
        CU_TEST_INFO_NULL,
    };

    return unit_run("hardmax precursor", tests);
}
