#include "workload.h"

#include <math.h>

#include "attest/base/hash.h"

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
           a->flops == b->flops && a->bytes == b->bytes && a->first == b->first;
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

struct att_work cli_work_of(struct att_plan *plan, const struct att_task *task)
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

/* The kept row of a task, NULL if there is none.  *at moves along with the
 * numbers. */
static const struct att_placed *find_kept(const struct att_index *kept,
                                          uint64_t number, size_t *at)
{
    if (kept == NULL)
        return NULL;
    while (*at < kept->n && kept->placed[*at].number < number)
        ++*at;
    return *at < kept->n && kept->placed[*at].number == number
               ? &kept->placed[*at]
               : NULL;
}

static void count(const struct att_placed *there, struct cli_workload *out)
{
    if (there == NULL) {
        out->n_new++;
        return;
    }
    out->n_kept++;
    out->n_failed += there->status == ATT_FAILED ||
                     there->status == ATT_TIMEOUT || there->status == ATT_OOM ||
                     there->status == ATT_CRASHED;
}

/* Numbers spread over 0 .. 2^64 - 1. */
static uint64_t spread(uint64_t number)
{
    return att_hash64(&number, sizeof number);
}

static bool in_shard(const struct cli_choosing *c, uint64_t number)
{
    return c->n_shards <= 1 || spread(number) % c->n_shards == c->shard;
}

/* Another hash than the shards', or a shard would be all pilot or none. */
static bool in_pilot(const struct cli_choosing *c, uint64_t number)
{
    return c->pilot > 0 && ldexp((double)spread(~number), -64) < c->pilot;
}

att_status cli_workload_fill(struct att_plan *plan,
                             const struct cli_choosing *choosing,
                             struct att_schedule *schedule,
                             struct cli_workload *out, struct att_error *err)
{
    struct filler f = {.schedule = schedule, .err = err};
    const uint64_t size = att_plan_size(plan);
    size_t at = 0;

    *out = (struct cli_workload){0};
    for (uint64_t number = 0; number < size; number++) {
        struct att_task task;

        if (!in_shard(choosing, number) ||
            att_plan_task(plan, number, &task, NULL) != ATT_TASK_PLANNED)
            continue;
        const struct att_placed *there = find_kept(choosing->kept, number, &at);
        struct att_work work = cli_work_of(plan, &task);
        work.first = in_pilot(choosing, number);
        ATT_TRY(take(&f, number, &work, there != NULL));
        count(there, out);
    }
    return flush(&f);
}
