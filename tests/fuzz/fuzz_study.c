/* fuzz_study.c - any bytes as a study.
 *
 * A refusal must be printable and say something; an accepted study must have a
 * plan, or a reason why not, and numbers that come back from their points. */
#include <string.h>

#include "attest/plan/plan.h"
#include "fuzz.h"
#include "toy.h"

enum { MOST_TASKS = 100000 }; /* a condition over more takes too long here */

/* No terminal obeys what a diagnostic prints. */
static void check_printable(const struct att_buffer *out)
{
    FUZZ_CHECK(out->size > 0 && out->data[out->size - 1] == '\n');
    for (size_t i = 0; i < out->size; i++) {
        const unsigned char c = (unsigned char)out->data[i];

        FUZZ_CHECK(c == '\n' || (c >= 0x20 && c != 0x7f));
    }
}

static void check_numbers(struct att_plan *plan)
{
    const uint64_t n = att_plan_size(plan);

    for (uint64_t i = 0; i < n; i += 1 + n / 16) {
        struct att_task task;
        uint64_t back = n;
        const enum att_task_state state = att_plan_task(plan, i, &task, NULL);

        if (state != ATT_TASK_PLANNED && state != ATT_TASK_COINCIDES)
            continue;
        FUZZ_CHECK(
            att_plan_number(plan, task.sweep, task.p, task.replicate, &back));
        FUZZ_CHECK(back == i);
    }
}

static uint64_t count_tasks(const struct att_study *study)
{
    double n = 0;

    for (uint32_t s = 0; s < study->n_sweeps; s++) {
        double product = study->sweep[s].replicates;

        for (uint32_t a = 0; a < study->sweep[s].n_axes; a++)
            product *= (double)study->sweep[s].axis[a].n;
        n += product;
    }
    return n < MOST_TASKS ? (uint64_t)n : MOST_TASKS;
}

static void try_plan(const struct att_study *study)
{
    struct att_plan *plan = NULL;
    struct att_error err = {0};

    if (count_tasks(study) == MOST_TASKS)
        return;
    if (att_plan_create(study, NULL, &plan, &err) != ATT_OK) {
        FUZZ_CHECK(strlen(err.text) > 0);
        return;
    }
    check_numbers(plan);
    att_plan_destroy(plan);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    const struct att_study_source source = {.path = "fuzz.yaml",
                                            .text = (const char *)bytes,
                                            .n = n,
                                            .known = toy_catalogue,
                                            .n_known = 2};
    struct att_study_file *file = NULL;
    struct att_buffer out = {0};
    struct att_error err = {0};

    if (att_study_parse(&source, &file, &out, &err) == ATT_OK) {
        try_plan(att_study_of(file));
    } else {
        FUZZ_CHECK(file == NULL && strlen(err.text) > 0);
        check_printable(&out);
    }
    att_study_destroy(file);
    att_buffer_fini(&out);
    return 0;
}
