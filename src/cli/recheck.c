#include "recheck.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "attest/base/log.h"
#include "attest/base/text.h"

enum { MOST_ROWS = 20 };
static const double MOST_COST = 0.01; /* of the plan's */

struct sample {
    uint64_t number;
    size_t place;
    double flops;
    bool compared;
};

struct recheck {
    const struct cli_keeping *k;
    const struct att_construction *construction;
    struct sample sample[MOST_ROWS];
    size_t n, n_back;
    struct att_arena *arena;
    struct att_buffer old;
    struct att_error failure; /* the first difference */
};

static int by_flops(const void *a, const void *b)
{
    const struct sample *x = a;
    const struct sample *y = b;

    if (x->flops != y->flops)
        return x->flops < y->flops ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

/* Read the row of a sample into r->arena. */
static att_status read_row(struct recheck *r, size_t place, struct att_row *row,
                           struct att_error *err)
{
    struct att_journal_row where;

    if (!att_journal_row(r->k->journal, place, &where))
        return att_fail(err, ATT_E_MISMATCH, "a row is gone from the journal");
    att_buffer_clear(&r->old);
    ATT_TRY(att_journal_bytes(r->k->journal, &where, &r->old, err));
    return att_row_decode(r->old.data, r->old.size, r->arena, row, err);
}

static bool same_kernel(struct recheck *r, size_t place)
{
    struct att_row row = {0};
    const struct att_arena_mark mark = att_arena_mark(r->arena);
    const bool same = read_row(r, place, &row, NULL) == ATT_OK &&
                      att_text_same(row.kernel, r->k->kernel);

    att_arena_rewind(r->arena, mark);
    return same;
}

static double flops_of(const struct recheck *r, uint64_t number)
{
    struct att_task task;

    if (att_plan_task(r->k->session->plan, number, &task, NULL) !=
        ATT_TASK_PLANNED)
        return 0;
    return att_plan_cost(r->k->session->plan, &task).flops;
}

/* A task in one piece: its row comes from one lane. */
static bool is_whole(const struct recheck *r, uint64_t number)
{
    struct att_task task;

    return att_plan_task(r->k->session->plan, number, &task, NULL) ==
               ATT_TASK_PLANNED &&
           task.construction->slices(task.p) == 1;
}

/* All done rows of the origin with their costs; the caller frees. */
static struct sample *list_rows(const struct recheck *r,
                                const struct att_index *index, uint32_t origin,
                                size_t *n)
{
    struct sample *all = calloc(index->n + 1, sizeof *all);

    *n = 0;
    for (size_t i = 0; all != NULL && i < index->n; i++) {
        const struct att_placed *p = &index->placed[i];

        if (p->origin == origin && p->status == ATT_DONE && !p->partial &&
            is_whole(r, p->number)) {
            all[(*n)++] = (struct sample){p->number, p->place,
                                          flops_of(r, p->number), false};
        }
    }
    return all;
}

static att_status choose(struct recheck *r, const struct att_index *index,
                         uint32_t origin, struct att_error *err)
{
    size_t n = 0;
    double total = 0;
    double used = 0;
    struct sample *all = list_rows(r, index, origin, &n);

    if (all == NULL)
        return att_fail(err, ATT_E_NOMEM, "out of memory choosing rows");
    for (size_t i = 0; i < n; i++)
        total += all[i].flops;
    qsort(all, n, sizeof *all, by_flops);
    for (size_t i = 0; i < n && r->n < MOST_ROWS; i++) {
        used += all[i].flops;
        if (r->n > 0 && used > MOST_COST * total)
            break;
        if (same_kernel(r, all[i].place))
            r->sample[r->n++] = all[i];
    }
    free(all);
    return ATT_OK;
}

static void differs(struct recheck *r, struct att_key key, const char *column,
                    struct att_value before, struct att_value after)
{
    char text[ATT_KEY_TEXT];
    char a[ATT_NUMBER_TEXT];
    char b[ATT_NUMBER_TEXT];

    (void)att_fail(&r->failure, ATT_E_MISMATCH,
                   "the code of %s has changed and gives other rows: %s of "
                   "k%.12s was %s, is %s (--stale redo computes its rows "
                   "again, --stale keep leaves them)",
                   r->construction->name, column, att_key_text(key, text),
                   att_value_text(before, a), att_value_text(after, b));
}

static void compare_rows(struct recheck *r, const struct att_row *old,
                         const struct att_row *now)
{
    const struct att_construction *c = r->construction;

    if (old->n_metrics != now->n_metrics || now->n_metrics != c->n_metrics) {
        differs(r, now->key, "the number of metrics", att_int(old->n_metrics),
                att_int(now->n_metrics));
        return;
    }
    for (uint32_t i = 0; i < now->n_metrics; i++) {
        if (c->metrics[i].exactness != ATT_TIMING &&
            !att_value_equal(old->metric[i], now->metric[i])) {
            differs(r, now->key, c->metrics[i].name, old->metric[i],
                    now->metric[i]);
        }
    }
    const size_t cells = (size_t)now->n_observed * now->n_observations;
    if (old->n_observed != now->n_observed ||
        old->n_observations != now->n_observations ||
        (cells > 0 && memcmp(old->observation, now->observation,
                             cells * sizeof *now->observation) != 0)) {
        differs(r, now->key, "an observation", att_int(old->n_observed),
                att_int(now->n_observed));
    }
}

static struct sample *sample_of(struct recheck *r, uint64_t number)
{
    for (size_t i = 0; i < r->n; i++) {
        if (r->sample[i].number == number)
            return &r->sample[i];
    }
    return NULL;
}

static void compare(struct recheck *r, const struct att_lane_event *event)
{
    struct sample *s = sample_of(r, event->job.unit.task);
    const struct att_arena_mark mark = att_arena_mark(r->arena);
    struct att_row old = {0};
    struct att_row now = {0};

    if (s != NULL && read_row(r, s->place, &old, &r->failure) == ATT_OK &&
        att_row_decode(event->bytes, event->n_bytes, r->arena, &now,
                       &r->failure) == ATT_OK) {
        compare_rows(r, &old, &now);
        s->compared = true;
    }
    att_arena_rewind(r->arena, mark);
}

static void on_event(void *context, const struct att_lane_event *event)
{
    struct recheck *r = context;

    if (event->kind == ATT_LANE_CHECKPOINT)
        return;
    r->n_back++;
    if (event->kind == ATT_LANE_ROW) {
        compare(r, event);
        return;
    }
    (void)att_fail(&r->failure, ATT_E_MISMATCH,
                   "the code of %s has changed and a row that was done now "
                   "ends so: %s",
                   r->construction->name, event->message);
}

static att_status run_sample(struct recheck *r, struct att_error *err)
{
    for (size_t i = 0; i < r->n; i++) {
        struct att_task task;
        struct att_lane_job job = {
            .unit = {.task = r->sample[i].number, .n_slices = 1},
            .attempt = 1,
        };

        if (att_plan_task(r->k->session->plan, job.unit.task, &task, err) !=
                ATT_TASK_PLANNED ||
            att_plan_limits(r->k->session->plan, &task, &job.limits, err) !=
                ATT_OK)
            return err != NULL ? err->status : ATT_E_ARG;
        ATT_TRY(att_lanes_submit(r->k->lanes, 0, &job, 1, err));
    }
    while (r->n_back < r->n) {
        size_t n_events = 0;

        ATT_TRY(att_lanes_poll(r->k->lanes, 1, on_event, r, &n_events, err));
    }
    if (r->failure.status != ATT_OK)
        return att_fail(err, r->failure.status, "%s", r->failure.text);
    return ATT_OK;
}

att_status cli_recheck(const struct cli_keeping *k,
                       const struct att_index *index, uint32_t origin,
                       uint64_t *n, struct att_error *err)
{
    struct recheck r = {
        .k = k,
        .construction = index->origin[origin].construction,
        .arena = att_arena_create(0),
    };
    att_status status = ATT_OK;

    if (r.arena == NULL)
        return att_fail(err, ATT_E_NOMEM, "out of memory checking rows");
    status = choose(&r, index, origin, err);
    if (status == ATT_OK && r.n == 0) {
        status = att_fail(
            err, ATT_E_MISMATCH,
            "the code of %s has changed, and none of its %" PRIu64
            " rows was computed with kernel %s, so they cannot be checked "
            "here (--stale redo computes them again, --stale keep leaves them)",
            r.construction->name, index->origin[origin].n_rows, k->kernel);
    }
    if (status == ATT_OK) {
        att_log(ATT_LOG_WARNING,
                "the code of %s has changed: checking %zu of its rows",
                r.construction->name, r.n);
        status = run_sample(&r, err);
    }
    *n = r.n;
    att_buffer_fini(&r.old);
    att_arena_destroy(r.arena);
    return status;
}
