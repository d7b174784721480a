#include "workload.h"

/* A run of consecutive tasks that cost the same. */
struct filler {
    struct att_schedule *schedule;
    struct att_work work;
    uint64_t first, count, kept;
    struct att_error *err;
};

static bool same_work(const struct att_work *a, const struct att_work *b)
{
    return a->class_id == b->class_id && a->n_slices == b->n_slices &&
           a->flops == b->flops && a->bytes == b->bytes;
}

static att_status flush(struct filler *f)
{
    if (f->count > 0) {
        ATT_TRY(att_schedule_add(f->schedule, f->first, f->count, &f->work,
                                 f->err));
    }
    if (f->kept > 0)
        ATT_TRY(att_schedule_keep(f->schedule, f->kept, &f->work, f->err));
    f->count = 0;
    f->kept = 0;
    return ATT_OK;
}

/* A search goes through its probes in one lane. */
static struct att_work work_of(struct att_plan *plan,
                               const struct att_task *task)
{
    const struct att_cost cost = att_plan_cost(plan, task);
    const bool search = att_plan_find(plan, task) != NULL;

    return (struct att_work){
        .class_id = task->sweep,
        .n_slices = search ? 1 : task->construction->slices(task->p),
        .flops = cost.flops,
        .bytes = cost.bytes,
    };
}

static att_status take(struct filler *f, uint64_t number,
                       const struct att_work *work, bool kept)
{
    const bool adjacent = f->count == 0 || f->first + f->count == number;

    if (!same_work(&f->work, work) || (!kept && !adjacent))
        ATT_TRY(flush(f));
    f->work = *work;
    if (kept) {
        f->kept++;
        return ATT_OK;
    }
    if (f->count++ == 0)
        f->first = number;
    return ATT_OK;
}

/* Does the sorted list hold number?  *at moves along with the numbers. */
static bool is_kept(const struct att_index *kept, uint64_t number, size_t *at)
{
    if (kept == NULL)
        return false;
    while (*at < kept->n && kept->placed[*at].number < number)
        ++*at;
    return *at < kept->n && kept->placed[*at].number == number;
}

att_status cli_workload_fill(struct att_plan *plan,
                             const struct att_index *kept,
                             struct att_schedule *schedule,
                             struct cli_workload *out, struct att_error *err)
{
    struct filler f = {.schedule = schedule, .err = err};
    const uint64_t size = att_plan_size(plan);
    size_t at = 0;

    *out = (struct cli_workload){0};
    for (uint64_t number = 0; number < size; number++) {
        struct att_task task;

        if (att_plan_task(plan, number, &task, NULL) != ATT_TASK_PLANNED)
            continue;
        const bool there = is_kept(kept, number, &at);
        const struct att_work work = work_of(plan, &task);
        ATT_TRY(take(&f, number, &work, there));
        out->n_kept += there;
        out->n_new += !there;
    }
    return flush(&f);
}
