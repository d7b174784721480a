/* test_lane_random.c - property: whatever units do to their lanes, and
 * whenever jobs are submitted and taken back, every unit ends exactly once,
 * in order, and as it deserves. */
#include "attest/base/rng.h"
#include "attest/lane/lane.h"

#include "lane_kit.h"

enum { UNITS = 2000, LANES = 3 };

/* What the test believes to be pending on a lane, oldest first. */
struct model {
    uint64_t task[UNITS];
    size_t first, end;
};

struct play {
    struct att_lanes *lanes;
    struct model lane[LANES];
    struct att_stream draw;
    uint64_t n_drawn, n_submitted, n_ended;
    uint64_t n_rows, n_lost, n_checkpoints;
};

static uint32_t draw_below(struct play *p, uint32_t n)
{
    return att_stream_below(&p->draw, p->n_drawn++, n);
}

/* Of 100 units, this many are of each kind; the rest are fine. */
static const uint32_t SHARE[KINDS] = {
    [SEGFAULT] = 4, [ABORT] = 2,   [EXIT] = 2,    [KILLED] = 2,
    [HANG] = 3,     [STOPPED] = 1, [REFUSAL] = 2, [SCRIBBLE] = 2,
    [EMPTY] = 1,    [FORGER] = 1,  [SAVER] = 5,   [LARGE] = 1,
};

static enum kind draw_kind(struct play *p)
{
    uint32_t x = draw_below(p, 100);

    for (enum kind k = FINE; k < KINDS; k++) {
        if (x < SHARE[k])
            return k;
        x -= SHARE[k];
    }
    return FINE;
}

/* Only units that hang have a limit: the others may be as slow as a crowded
 * machine makes them. */
static struct att_lane_job draw_job(struct play *p)
{
    const enum kind kind = draw_kind(p);
    struct att_lane_job job = kit_job(kind, p->n_submitted++);

    if (kind == HANG || kind == STOPPED)
        job.limits.task_time_s = 0.01;
    return job;
}

static void submit(struct play *p, uint32_t lane,
                   const struct att_lane_job *job, size_t n)
{
    struct model *m = &p->lane[lane];

    for (size_t i = 0; i < n; i++)
        m->task[m->end++ % UNITS] = job[i].unit.task;
    CU_ASSERT_EQUAL_FATAL(att_lanes_submit(p->lanes, lane, job, n, NULL),
                          ATT_OK);
}

static void submit_some(struct play *p)
{
    struct att_lane_job job[40];
    size_t n = draw_below(p, 40);

    if (n > UNITS - p->n_submitted)
        n = UNITS - p->n_submitted;
    for (size_t i = 0; i < n; i++)
        job[i] = draw_job(p);
    submit(p, draw_below(p, LANES), job, n);
}

/* Move what has not started from one lane to another. */
static void move_some(struct play *p)
{
    static struct att_lane_job back[UNITS];
    const uint32_t from = draw_below(p, LANES), to = draw_below(p, LANES);
    struct model *m = &p->lane[from];
    const size_t n = att_lanes_take_back(p->lanes, from, back);

    CU_ASSERT_FATAL(n <= m->end - m->first);
    m->end -= n;
    for (size_t i = 0; i < n; i++)
        CU_ASSERT_EQUAL(back[i].unit.task, m->task[(m->end + i) % UNITS]);
    submit(p, to, back, n);
}

static enum att_outcome_status deserved(uint64_t task)
{
    const enum kind kind = (enum kind)(task / KIND);

    if (kind == HANG || kind == STOPPED)
        return ATT_TIMEOUT;
    if (kind == FINE || kind == SAVER || kind == LARGE)
        return ATT_DONE;
    return ATT_CRASHED;
}

static void judge(void *context, const struct att_lane_event *event)
{
    struct play *p = context;
    struct model *m = &p->lane[event->lane];
    const uint64_t task = event->job.unit.task;

    CU_ASSERT_FATAL(m->first < m->end);
    CU_ASSERT_EQUAL_FATAL(task, m->task[m->first % UNITS]);
    if (event->kind == ATT_LANE_CHECKPOINT) {
        CU_ASSERT_EQUAL(task / KIND, SAVER);
        p->n_checkpoints++;
        return;
    }
    m->first++;
    p->n_ended++;
    CU_ASSERT_EQUAL(event->outcome, deserved(task));
    if (event->kind == ATT_LANE_ROW) {
        struct kit_row row;

        memcpy(&row, event->bytes, sizeof row);
        CU_ASSERT_EQUAL(row.job.unit.task, task);
        p->n_rows++;
    } else {
        p->n_lost++;
    }
}

static void look(struct play *p, double timeout_s)
{
    size_t n = 0;

    CU_ASSERT_EQUAL_FATAL(
        att_lanes_poll(p->lanes, timeout_s, judge, p, &n, NULL), ATT_OK);
}

static void act(struct play *p)
{
    const uint32_t what = draw_below(p, 8);

    if (what < 3) {
        submit_some(p);
    } else if (what < 4) {
        move_some(p);
    } else {
        look(p, what < 6 ? 0 : 0.002);
    }
    for (uint32_t i = 0; i < LANES; i++) {
        CU_ASSERT_EQUAL(att_lanes_pending(p->lanes, i),
                        p->lane[i].end - p->lane[i].first);
    }
}

static void every_unit_ends_exactly_once_as_it_deserves(void)
{
    const struct att_lane_options options = {.n_lanes = LANES,
                                             .work = kit_work};
    const double until = att_clock_s() + PATIENCE_S;
    static struct play play;
    struct play *p = &play;

    p->draw = att_stream(20261121, 1, 0, 0);
    CU_ASSERT_EQUAL_FATAL(att_lanes_start(&options, &p->lanes, NULL), ATT_OK);
    while (p->n_ended < UNITS && att_clock_s() < until)
        act(p);
    CU_ASSERT_EQUAL(p->n_ended, UNITS);
    CU_ASSERT_EQUAL(p->n_rows + p->n_lost, UNITS);
    CU_ASSERT(p->n_rows > UNITS / 2);
    CU_ASSERT(p->n_lost > UNITS / 10);
    CU_ASSERT(p->n_checkpoints > 0);
    att_lanes_stop(p->lanes, 1);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"every unit ends exactly once, as it deserves",
         every_unit_ends_exactly_once_as_it_deserves},
        CU_TEST_INFO_NULL,
    };

    return unit_run("lane random", tests);
}
