/* test_task_nomem.c - memory runs out at every single allocation of a task: a
 * row comes out, or the runner says that it has no memory. */
#include "ladder.h"
#include "scarce.h"

enum { MANY_STEPS = 10000 };

/* Make an environment and run task 0 in it.  A row that came out is done, or
 * says that the task had no memory. */
static att_status run_all(const struct bench *b, struct att_error *err)
{
    const struct att_task_setup setup = {
        .plan = b->plan, .host = "node1", .kernel = "plain"};
    const struct att_task_run run = {.unit = {0, 0, 1}, .attempt = 1};
    struct att_task_env *env = NULL;
    struct att_buffer out = {0};
    struct att_row_head head = {.status = ATT_NOT_RUN};

    att_status status = att_task_env_create(&setup, &env, err);

    if (status == ATT_OK)
        status = att_task_run(env, &run, &out, err);
    if (status == ATT_OK)
        status = att_row_peek(out.data, out.size, &head, err);
    CU_ASSERT(status != ATT_OK || head.status == ATT_DONE ||
              head.status == ATT_OOM);
    att_buffer_fini(&out);
    att_task_env_destroy(env);
    return status;
}

static void check_study(const char *construction, const char *find)
{
    struct bench b;
    bool ran_out = true;
    uint64_t step = 0;

    open_find(&b, construction, "step: 300", find);
    for (; ran_out && step < MANY_STEPS; step++) {
        struct att_error err = {0};

        scarce_begin(step);
        const att_status status = run_all(&b, &err);

        ran_out = scarce_end();
        CU_ASSERT(status == ATT_OK || status == ATT_E_NOMEM);
        CU_ASSERT_EQUAL(err.status, status);
        CU_ASSERT(ran_out || status == ATT_OK);
    }
    CU_ASSERT(step > 5 && step < MANY_STEPS);
    bench_close(&b);
}

static void a_search_without_memory_ends_in_a_row_or_a_reason(void)
{
    check_study("ladder", SMALLEST);
    check_study("profile", SMALLEST);
    check_study("ladder", "smallest: d, such_that: accept == 1, "
                          "between: [2, 8192], share: 0.9");
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"a search without memory ends in a row or a reason",
         a_search_without_memory_ends_in_a_row_or_a_reason},
        CU_TEST_INFO_NULL,
    };

    return unit_run("task without memory", tests);
}
