/* test_crowd.c - a thousand workers, and everything that can happen to them. */
#include <math.h>
#include <stdlib.h>

#include "attest/schedule/schedule.h"
#include "unit.h"

enum { CROWD = 1000, CROWD_TASKS = 60000, CROWD_HELD = 64, CROWD_NODE = 8 };

static const double CROWD_MEMORY = 1e9; /* of a node */

struct crowd {
    struct att_schedule *s;
    struct att_grant held[CROWD][CROWD_HELD];
    size_t n_held[CROWD];
    bool here[CROWD];
    int over[CROWD_TASKS]; /* times that a task was counted */
    uint64_t random;
    double now;
};

static uint32_t draw(struct crowd *c, uint32_t below)
{
    c->random = c->random * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((c->random >> 33) % below);
}

static uint32_t n_lanes_of(uint32_t worker)
{
    return 1 + worker % 3;
}

static void crowd_fill(struct crowd *c, uint32_t w)
{
    c->n_held[w] += att_schedule_grant(
        c->s, w, c->now, &c->held[w][c->n_held[w]], CROWD_HELD - c->n_held[w]);
}

/* Remove the i-th unit that a worker holds. */
static struct att_unit crowd_take(struct crowd *c, uint32_t w, size_t i)
{
    const struct att_unit unit = c->held[w][i].unit;

    c->held[w][i] = c->held[w][--c->n_held[w]];
    return unit;
}

static void crowd_report(struct crowd *c, uint32_t w)
{
    const size_t i = draw(c, (uint32_t)c->n_held[w]);
    const double wall = c->held[w][i].predicted_s * (1 + draw(c, 100) / 100.0);
    const struct att_unit unit = crowd_take(c, w, i);
    const uint32_t dice = draw(c, 100);

    if (dice < 5) {
        const struct att_schedule_failure failure = {
            dice < 3 ? ATT_CRASHED : ATT_OOM, 1, wall};

        c->over[unit.task] += att_schedule_fail(c->s, w, &unit, &failure,
                                                c->now) == ATT_SCHEDULE_FINAL;
    } else {
        c->over[unit.task] +=
            att_schedule_done(c->s, w, &unit, ATT_DONE, wall, c->now);
    }
}

static void crowd_give_back(struct crowd *c, uint32_t w)
{
    struct att_unit unit[CROWD_HELD];
    size_t n = 0;

    while (c->n_held[w] > 1)
        unit[n++] = crowd_take(c, w, c->n_held[w] - 1);
    att_schedule_give_back(c->s, w, unit, n, c->now);
}

/* As a coordinator does it, who does not always know what was running. */
static void crowd_lose(struct crowd *c, uint32_t w)
{
    const struct att_schedule_failure crash = {ATT_CRASHED, 1, 0.1};
    struct att_unit unit;

    if (att_schedule_accuse(c->s, w, &unit)) {
        c->over[unit.task] += att_schedule_fail(c->s, w, &unit, &crash,
                                                c->now) == ATT_SCHEDULE_FINAL;
    }
    att_schedule_lose(c->s, w, c->now);
    c->n_held[w] = 0;
}

static void crowd_leave_or_join(struct crowd *c, uint32_t w)
{
    const struct att_schedule_worker about = {.n_lanes = n_lanes_of(w),
                                              .node = w / CROWD_NODE,
                                              .memory_bytes = CROWD_MEMORY};

    if (c->here[w] && draw(c, 2) == 0) {
        att_schedule_leave(c->s, w, c->now);
        c->n_held[w] = 0;
    } else if (c->here[w]) {
        crowd_lose(c, w);
    } else {
        CU_ASSERT_EQUAL_FATAL(att_schedule_join(c->s, w, &about, c->now, NULL),
                              ATT_OK);
    }
    c->here[w] = !c->here[w];
}

static void crowd_step(struct crowd *c)
{
    const uint32_t w = draw(c, CROWD);
    const uint32_t dice = draw(c, 1000);

    c->now += 1e-4;
    if (!c->here[w] || dice == 0) {
        crowd_leave_or_join(c, w);
    } else if (dice < 10) {
        crowd_give_back(c, w);
    } else if (dice < 200 && c->n_held[w] > 0) {
        att_schedule_started(c->s, w,
                             &c->held[w][draw(c, (uint32_t)c->n_held[w])].unit);
    } else if (c->n_held[w] > 0) {
        crowd_report(c, w);
    }
    if (c->here[w])
        crowd_fill(c, w);
}

static void crowd_add(struct crowd *c)
{
    for (uint64_t t = 0; t < CROWD_TASKS; t += 4) {
        const struct att_work work = {
            .class_id = t % 2,
            .n_slices = t % 40 == 0 ? 3 : 1,
            .flops = 1e9 * exp2(draw(c, 12) - 10.0),
            .bytes = 1e6 * (1 + draw(c, 400)),
        };

        CU_ASSERT_EQUAL_FATAL(att_schedule_add(c->s, t, 4, &work, NULL),
                              ATT_OK);
    }
}

/* ---- what must hold at any time ------------------------------------------- */

static int descending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return x > y ? -1 : x < y;
}

/* The most that the lanes of a worker can use at once: units that were called
 * off with their task are not charged any more. */
static double use_of(const struct crowd *c, uint32_t w)
{
    double bytes[CROWD_HELD], sum = 0;
    size_t n = 0;

    for (size_t i = 0; i < c->n_held[w]; i++) {
        if (att_schedule_holds(c->s, w, &c->held[w][i].unit))
            bytes[n++] = c->held[w][i].bytes;
    }
    qsort(bytes, n, sizeof *bytes, descending);
    for (size_t i = 0; i < n && i < n_lanes_of(w); i++)
        sum += bytes[i];
    return sum;
}

static bool memory_suffices(const struct crowd *c)
{
    for (uint32_t node = 0; node < CROWD / CROWD_NODE; node++) {
        double use = 0;

        for (uint32_t i = 0; i < CROWD_NODE; i++)
            use += use_of(c, node * CROWD_NODE + i);
        if (use > CROWD_MEMORY)
            return false;
    }
    return true;
}

static struct crowd *crowd_create(void)
{
    const struct att_schedule_options options = {.n_classes = 2};
    struct crowd *c = calloc(1, sizeof *c);

    if (c == NULL || att_schedule_create(&options, &c->s, NULL) != ATT_OK)
        abort();
    c->random = 11;
    crowd_add(c);
    return c;
}

static void crowd_destroy(struct crowd *c)
{
    att_schedule_destroy(c->s);
    free(c);
}

static void a_thousand_workers_finish_every_task_exactly_once(void)
{
    struct crowd *c = crowd_create();
    struct att_schedule_stats end;
    uint64_t steps = 0;

    while (!att_schedule_over(c->s, c->now) && steps++ < 4000000)
        crowd_step(c);
    CU_ASSERT_TRUE(att_schedule_over(c->s, c->now));
    for (uint32_t t = 0; t < CROWD_TASKS; t++)
        CU_ASSERT_EQUAL(c->over[t], 1);
    att_schedule_stats(c->s, c->now, &end);
    CU_ASSERT_EQUAL(end.n_over, CROWD_TASKS);
    CU_ASSERT_EQUAL(end.n_waiting, 0);
    CU_ASSERT_DOUBLE_EQUAL(end.cost_done_s, end.cost_s, 1e-9 * end.cost_s);
    crowd_destroy(c);
}

static void nodes_are_never_asked_for_more_memory_than_they_have(void)
{
    struct crowd *c = crowd_create();
    double most = 0;

    for (int i = 0; i < 40000; i++) {
        crowd_step(c);
        if (i % 500 == 0)
            CU_ASSERT_TRUE(memory_suffices(c));
        most = fmax(most, use_of(c, (uint32_t)i % CROWD));
    }
    CU_ASSERT_TRUE(most > CROWD_MEMORY / 4); /* the limit was felt */
    crowd_destroy(c);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"a thousand workers finish every task exactly once",
         a_thousand_workers_finish_every_task_exactly_once},
        {"nodes are never asked for more memory than they have",
         nodes_are_never_asked_for_more_memory_than_they_have},
        CU_TEST_INFO_NULL,
    };

    return unit_run("crowd", tests);
}
