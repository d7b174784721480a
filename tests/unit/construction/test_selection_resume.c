/* test_selection_resume.c - every model of the transformer goes on from a
 * checkpoint with the same bits, and begins again where one does not fit. */
#include <math.h>
#include <stdlib.h>

#include "one_task.h"
#include "unit.h"

/* The first checkpoint that a training offers. */
struct keeper {
    unsigned char *bytes;
    size_t n;
};

static void keep(void *context, const void *bytes, size_t n)
{
    struct keeper *k = context;

    if (k->bytes != NULL)
        return;
    k->bytes = malloc(n);
    if (k->bytes != NULL) {
        memcpy(k->bytes, bytes, n);
        k->n = n;
    }
}

/* A model, with steps enough for a checkpoint. */
struct kind {
    const char *model, *pe, *dtype;
    int64_t steps;
};

static const struct kind KINDS[] = {
    {"full", "spe", "f64", 160},        {"posonly", "fixed", "f32", 300},
    {"rb", "spe", "f64", 250},          {"gram", "spe_step", "f32", 1900},
    {"population", "spe", "f64", 1800},
};

static void open_kind(struct one_task *t, const struct kind *k)
{
    one_task_open(t, "selection", 17);
    one_task_text(t, "model", k->model);
    one_task_text(t, "pe", k->pe);
    one_task_text(t, "dtype", k->dtype);
    one_task_int(t, "steps", k->steps);
    one_task_int(t, "samples", 16);
}

static bool same_number(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

/* Science columns and lines of two finished tasks. */
static void compare(const struct one_task *a, const struct one_task *b)
{
    const uint32_t n = a->c->n_observations;

    for (uint32_t i = 0; i < a->c->n_metrics; i++) {
        if (a->c->metrics[i].exactness != ATT_TIMING &&
            !att_value_equal(a->out.metric[i], b->out.metric[i]))
            CU_FAIL(a->c->metrics[i].name);
    }
    CU_ASSERT_EQUAL_FATAL(a->out.n_observed, b->out.n_observed);
    for (size_t i = 0; i < a->out.n_observed * n; i++) {
        if (a->c->observations[i % n].exactness != ATT_TIMING &&
            !same_number(a->out.observation[i], b->out.observation[i]))
            CU_FAIL(a->c->observations[i % n].name);
    }
}

static void check_kind(const struct kind *k)
{
    struct keeper keeper = {0};
    struct one_task whole, resumed;

    open_kind(&whole, k);
    whole.ws.context = &keeper;
    whole.ws.checkpoint = keep;
    CU_ASSERT_TRUE_FATAL(one_task_run(&whole));
    CU_ASSERT_PTR_NOT_NULL_FATAL(keeper.bytes);
    open_kind(&resumed, k);
    resumed.ws.saved = keeper.bytes;
    resumed.ws.saved_bytes = keeper.n;
    CU_ASSERT_TRUE_FATAL(one_task_run(&resumed));
    compare(&whole, &resumed);
    one_task_close(&resumed);
    one_task_close(&whole);
    free(keeper.bytes);
}

static void every_model_goes_on_with_the_same_bits(void)
{
    for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++)
        check_kind(&KINDS[i]);
}

/* Two steps are asked in both studies, others than the checkpoint knows in the
 * second. */
static void check_other_question(const struct kind *k)
{
    static const double FIRST[2] = {3, 40}, SECOND[2] = {7, 40};
    const struct att_observe_axis first = {
        .name = "step", .value = FIRST, .n = 2};
    const struct att_observe_axis second = {
        .name = "step", .value = SECOND, .n = 2};
    struct keeper keeper = {0};
    struct one_task t, fresh, resumed;

    open_kind(&t, k);
    t.ws.context = &keeper;
    t.ws.checkpoint = keep;
    t.at.observe = (struct att_observe){&first, 1};
    CU_ASSERT_TRUE_FATAL(one_task_run(&t));
    CU_ASSERT_PTR_NOT_NULL_FATAL(keeper.bytes);
    open_kind(&fresh, k);
    fresh.at.observe = (struct att_observe){&second, 1};
    CU_ASSERT_TRUE_FATAL(one_task_run(&fresh));
    open_kind(&resumed, k);
    resumed.ws.saved = keeper.bytes;
    resumed.ws.saved_bytes = keeper.n;
    resumed.at.observe = (struct att_observe){&second, 1};
    CU_ASSERT_TRUE_FATAL(one_task_run(&resumed));
    compare(&fresh, &resumed);
    one_task_close(&resumed);
    one_task_close(&fresh);
    one_task_close(&t);
    free(keeper.bytes);
}

static void other_questions_begin_again(void)
{
    check_other_question(&KINDS[0]);
    check_other_question(&KINDS[4]);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"every model goes on with the same bits",
         every_model_goes_on_with_the_same_bits},
        {"other questions begin again", other_questions_begin_again},
        CU_TEST_INFO_NULL};

    return unit_run("selection_resume", tests);
}
