/* test_selection_optimiser.c - steps against their formulas. */
#include "../../../src/construction/selection/selection_priv.h"

#include <math.h>

#include "unit.h"

/* A unknown of one number with gradient 2 x. */
struct one {
    double x, g, first, second;
    struct sel_unknown u;
};

static void one_init(struct one *o, double eta)
{
    *o = (struct one){.x = 1.0};
    o->u = (struct sel_unknown){&o->x, &o->g, &o->first, &o->second, 1, eta};
}

static void one_step(struct one *o, const struct sel_schedule *s, int64_t t)
{
    o->g = 2.0 * o->x;
    att_sel_step(&o->u, s, t);
}

static void plain_descent_subtracts_the_gradient(void)
{
    const struct sel_schedule s = {.opt = SEL_GD};
    struct one o;

    one_init(&o, 0.1);
    one_step(&o, &s, 0);
    CU_ASSERT_DOUBLE_EQUAL(o.x, 0.8, 1e-15);
}

/* v = 2, x = 0.8; v = 0.9 * 2 + 1.6 = 3.4, x = 0.46 */
static void momentum_keeps_nine_tenths_of_its_speed(void)
{
    const struct sel_schedule s = {.opt = SEL_MOMENTUM};
    struct one o;

    one_init(&o, 0.1);
    one_step(&o, &s, 0);
    one_step(&o, &s, 1);
    CU_ASSERT_DOUBLE_EQUAL(o.x, 0.46, 1e-15);
}

/* The first step of Adam has length eta whatever the gradient, up to the
 * epsilon of 1e-8 beside |g| = 2. */
static void adams_first_step_has_length_eta(void)
{
    const struct sel_schedule s = {.opt = SEL_ADAM};
    struct one o;
    float xf = 1.0F, gf = 2.0F, first = 0.0F, second = 0.0F;
    struct sel_unknownf u = {&xf, &gf, &first, &second, 1, 0.1};

    one_init(&o, 0.1);
    one_step(&o, &s, 0);
    CU_ASSERT_DOUBLE_EQUAL(o.x, 0.9, 1e-9);
    att_sel_stepf(&u, &s, 0);
    CU_ASSERT_DOUBLE_EQUAL((double)xf, 0.9, 1e-6);
}

static void the_rate_warms_up_and_falls_on_a_cosine(void)
{
    const struct sel_schedule s = {
        .opt = SEL_ADAM, .warm_up = 10, .steps = 100, .last = 0.01};

    CU_ASSERT_DOUBLE_EQUAL(att_sel_rate(&s, 0), 0.1, 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(att_sel_rate(&s, 50), 0.505, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(att_sel_rate(&s, 100), 0.01, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(att_sel_rate(&s, 1000), 0.01, 1e-12);
}

/* Keeps the last checkpoint. */
struct keeper {
    unsigned char bytes[16];
    size_t n;
};

static void keep(void *context, const void *bytes, size_t n)
{
    struct keeper *k = context;

    for (size_t i = 0; i < n && i < sizeof k->bytes; i++)
        k->bytes[i] = ((const unsigned char *)bytes)[i];
    k->n = n;
}

static void a_state_comes_back_as_it_was_saved(void)
{
    struct att_arena *arena = att_arena_create(0);
    struct keeper keeper = {.n = 0};
    struct att_workspace ws;
    struct sel_state s, again;
    bool resumed = true;

    att_workspace_init(&ws, arena, 1, 1);
    ws.context = &keeper;
    ws.checkpoint = keep;
    CU_ASSERT_EQUAL_FATAL(att_sel_state_open(&ws, 16, &s, &resumed, NULL),
                          ATT_OK);
    CU_ASSERT_FALSE(resumed);
    *s.step = 5;
    s.step[1] = 77;
    att_sel_state_save(&ws, &s, 3);
    CU_ASSERT_EQUAL(keeper.n, 0);
    att_sel_state_save(&ws, &s, 5);
    CU_ASSERT_EQUAL_FATAL(keeper.n, 16);
    ws.saved = keeper.bytes;
    ws.saved_bytes = keeper.n;
    CU_ASSERT_EQUAL_FATAL(att_sel_state_open(&ws, 16, &again, &resumed, NULL),
                          ATT_OK);
    CU_ASSERT_TRUE(resumed && *again.step == 5 && again.step[1] == 77);
    CU_ASSERT_EQUAL_FATAL(att_sel_state_open(&ws, 24, &again, &resumed, NULL),
                          ATT_OK);
    CU_ASSERT_FALSE(resumed);
    att_arena_destroy(arena);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"plain descent subtracts the gradient",
         plain_descent_subtracts_the_gradient},
        {"momentum keeps nine tenths of its speed",
         momentum_keeps_nine_tenths_of_its_speed},
        {"Adam's first step has length eta", adams_first_step_has_length_eta},
        {"the rate warms up and falls on a cosine",
         the_rate_warms_up_and_falls_on_a_cosine},
        {"a state comes back as it was saved",
         a_state_comes_back_as_it_was_saved},
        CU_TEST_INFO_NULL};

    return unit_run("selection_optimiser", tests);
}
