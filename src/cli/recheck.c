#include "recheck.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "attest/base/log.h"
#include "attest/base/text.h"
#include "attest/record/search_columns.h"

enum { MOST_ROWS = 20 };
static const double MOST_COST = 0.01; /* of all rows of the origin */

struct sample {
    uint64_t number;
    size_t place;
    double flops;
    bool is_search;
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
    return att_journal_decode(r->k->journal, place, &r->old, r->arena, row,
                              err);
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

/* What checking a row takes; false when it is in slices: a row in one piece
 * comes from one lane. */
static bool can_sample(const struct recheck *r, const struct att_placed *placed,
                       struct sample *out)
{
    struct att_plan *plan = r->k->session->plan;
    struct att_task task;

    if (att_plan_task(plan, placed->number, &task, NULL) != ATT_TASK_PLANNED ||
        task.construction->slices(task.p) != 1)
        return false;
    *out = (struct sample){
        .number = placed->number,
        .place = placed->place,
        .flops = att_plan_cost(plan, &task).flops,
        .is_search = att_plan_find(plan, &task) != NULL,
    };
    return true;
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

        if (p->origin == origin && p->status == ATT_DONE && !p->partial)
            *n += can_sample(r, p, &all[*n]);
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

/* A search has its own metrics behind those of the construction. */
static const struct att_metric *metric_of(const struct recheck *r, uint32_t i)
{
    const uint32_t n = r->construction->n_metrics;

    return i < n ? &r->construction->metrics[i] : &att_find_metric[i - n];
}

static void compare_metrics(struct recheck *r, const struct att_row *old,
                            const struct att_row *now)
{
    for (uint32_t i = 0; i < now->n_metrics; i++) {
        const struct att_metric *m = metric_of(r, i);

        if (m->exactness != ATT_TIMING &&
            !att_value_equal(old->metric[i], now->metric[i]))
            differs(r, now->key, m->name, old->metric[i], now->metric[i]);
    }
}

static void compare_verdicts(struct recheck *r, const struct att_row *old,
                             const struct att_row *now)
{
    for (uint32_t i = 0; i < now->n_claims; i++) {
        const struct att_claim *c = &r->construction->claims[i];

        if (!c->timing && old->verdict[i] != now->verdict[i]) {
            differs(r, now->key, c->id,
                    att_text(att_verdict_text(old->verdict[i])),
                    att_text(att_verdict_text(now->verdict[i])));
        }
    }
}

/* Lines of a search are its probes, which show no timings. */
static void compare_observations(struct recheck *r, const struct att_row *old,
                                 const struct att_row *now, bool is_search)
{
    const uint32_t width = now->n_observations;
    const size_t cells = (size_t)now->n_observed * width;

    for (size_t i = 0; i < cells; i++) {
        const struct att_metric *m =
            is_search ? NULL : &r->construction->observations[i % width];
        const struct att_value before = att_real(old->observation[i]);
        const struct att_value after = att_real(now->observation[i]);

        if ((m == NULL || m->exactness != ATT_TIMING) &&
            !att_value_equal(before, after)) {
            differs(r, now->key, m != NULL ? m->name : "a probe", before,
                    after);
        }
    }
}

static bool same_shape(struct recheck *r, const struct att_row *old,
                       const struct att_row *now)
{
    const struct {
        const char *what;
        uint32_t before, after;
    } count[] = {
        {"the number of metrics", old->n_metrics, now->n_metrics},
        {"the number of claims", old->n_claims, now->n_claims},
        {"the number of observations", old->n_observations,
         now->n_observations},
        {"the number of observed lines", old->n_observed, now->n_observed},
    };
    bool same = true;

    for (size_t i = 0; i < sizeof count / sizeof *count; i++) {
        if (count[i].before == count[i].after)
            continue;
        differs(r, now->key, count[i].what, att_int(count[i].before),
                att_int(count[i].after));
        same = false;
    }
    return same;
}

static void compare_rows(struct recheck *r, const struct att_row *old,
                         const struct att_row *now, bool is_search)
{
    if (!same_shape(r, old, now))
        return;
    compare_metrics(r, old, now);
    compare_verdicts(r, old, now);
    compare_observations(r, old, now, is_search);
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
                       &r->failure) == ATT_OK)
        compare_rows(r, &old, &now, s->is_search);
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
