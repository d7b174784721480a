#include "learn.h"

#include "attest/record/row.h"
#include "workload.h"

enum { SAMPLE = 500 }; /* rows that are looked at, at most */

struct learner {
    struct att_plan *plan;
    const struct att_journal *journal;
    struct att_schedule *schedule;
    struct att_arena *arena;
    struct att_buffer bytes;
};

static att_status learn_from(struct learner *l, const struct att_placed *placed,
                             struct att_error *err)
{
    const struct att_arena_mark empty = {NULL, 0};
    struct att_row row = {0};
    struct att_task task;

    if (placed->status != ATT_DONE ||
        att_plan_task(l->plan, placed->number, &task, NULL) != ATT_TASK_PLANNED)
        return ATT_OK;
    att_arena_rewind(l->arena, empty);
    ATT_TRY(att_journal_decode(l->journal, placed->place, &l->bytes, l->arena,
                               &row, err));
    if (row.n_slices > 1 || !(row.wall_s > 0))
        return ATT_OK;

    const struct att_work work = cli_work_of(l->plan, &task);

    return att_schedule_learn(l->schedule, &work, row.wall_s, err);
}

att_status cli_learn(struct att_plan *plan, const struct att_journal *journal,
                     const struct att_index *kept,
                     struct att_schedule *schedule, struct att_error *err)
{
    struct learner l = {.plan = plan,
                        .journal = journal,
                        .schedule = schedule,
                        .arena = att_arena_create(0)};
    const size_t step = kept->n / SAMPLE + 1;
    att_status status = ATT_OK;

    if (l.arena == NULL)
        return att_fail(err, ATT_E_NOMEM, "no memory to read kept rows");
    for (size_t i = 0; i < kept->n && status == ATT_OK; i += step)
        status = learn_from(&l, &kept->placed[i], err);
    att_buffer_fini(&l.bytes);
    att_arena_destroy(l.arena);
    return status;
}
