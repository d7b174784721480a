/* find.c - the smallest (largest) value of one parameter for which a condition
 * on metrics holds: the row of a search. */
#include "attest/base/clock.h"
#include "attest/record/search_columns.h"
#include "find_priv.h"

static const double WORTH_KEEPING_S = 0.05; /* a trial that took so long */

/* Learn something about what is wanted: of a whole stride where one trial does,
 * else, or when that taught nothing, of the candidate itself. */
static att_status learn(struct hunt *h, const struct att_search_next *next,
                        struct att_error *err)
{
    const size_t before = h->search.n_probes;

    if (h->facts->lines == FIND_LINES_PROFILE && next->from < next->to)
        ATT_TRY(att_find_try_stride(h, next, err));
    if (h->search.n_probes > before || h->stopped != ATT_DONE)
        return ATT_OK;
    return att_find_try(h, next->index, err);
}

/* Search until it is found, or nothing is, or a trial ends the search.  What
 * took long to learn is kept, so that a killed search goes on from there. */
static att_status pursue(struct hunt *h, struct att_search_next *next,
                         struct att_error *err)
{
    ATT_TRY(att_find_restore(h, err));
    for (;;) {
        const double start = att_clock_s();

        *next = att_search_next(&h->search);
        if (next->step != ATT_SEARCH_TRY)
            return ATT_OK;
        ATT_TRY(learn(h, next, err));
        if (h->stopped != ATT_DONE)
            return ATT_OK;
        if (h->run->checkpoint != NULL && h->any_feasible &&
            att_clock_s() - start >= WORTH_KEEPING_S)
            att_find_save(h);
    }
}

/* The row's metrics are those of one value: what was found, or the last one
 * that might have been. */
static att_status settle_metrics(struct hunt *h, uint64_t index,
                                 struct att_error *err)
{
    if (h->has_metric && h->metric_index == index)
        return ATT_OK;
    return att_find_try(h, index, err);
}

/* ---- the row ------------------------------------------------------------------ */

static const char *value_text(const struct hunt *h, uint64_t index,
                              char out[ATT_NUMBER_TEXT])
{
    return att_value_text(att_find_candidate(h, index), out);
}

/* What a number alone does not say: the answer lies at, or beyond, an end of
 * what could be tried. */
static const char *note(const struct hunt *h,
                        const struct att_search_next *next)
{
    struct att_arena *const arena = h->env->results;
    const struct att_search *const s = &h->search;
    const uint64_t end = s->largest ? s->n - 1 : 0;
    char text[ATT_NUMBER_TEXT];

    if (next->step == ATT_SEARCH_FOUND && next->index == end) {
        return att_arena_printf(arena, "holds at %s, the %s end of the range",
                                value_text(h, end, text),
                                s->largest ? "upper" : "lower");
    }
    if (next->step == ATT_SEARCH_FOUND || s->n_probes == 0 ||
        att_search_summary(s).has_stable)
        return "";
    const size_t last = s->largest ? 0 : s->n_probes - 1;

    return att_arena_printf(arena, "not found %s to %s",
                            s->largest ? "down" : "up",
                            value_text(h, s->probe[last].index, text));
}

/* The search's own metrics, behind the construction's. */
static att_status add_findings(struct hunt *h,
                               const struct att_search_next *next,
                               struct att_value *metric, struct att_error *err)
{
    const struct att_search_summary sum = att_search_summary(&h->search);
    struct att_value *const own = metric + h->c->n_metrics;
    const char *const text = note(h, next);

    if (text == NULL)
        return att_arena_fail(h->env->results, "the note of a search", err);
    for (int i = 0; i < ATT_FIND_METRICS; i++)
        own[i] = att_none();
    if (next->step == ATT_SEARCH_FOUND)
        own[ATT_FIND_FOUND] = att_find_candidate(h, next->index);
    if (sum.has_first)
        own[ATT_FIND_FIRST] = att_find_candidate(h, sum.first);
    if (sum.has_stable)
        own[ATT_FIND_STABLE] = att_find_candidate(h, sum.stable);
    own[ATT_FIND_PROBES] = att_int((int64_t)h->search.n_probes);
    own[ATT_FIND_VIOLATIONS] = att_int((int64_t)sum.n_violations);
    own[ATT_FIND_NOTE] = att_text(text);
    return ATT_OK;
}

/* How the search ended, in the row's words. */
static att_status settle_status(struct hunt *h, struct att_row *row,
                                struct att_error *err)
{
    struct att_arena *const arena = h->env->results;
    const char *const name =
        att_construction_param(h->c, h->facts->find->param)->name;
    char text[ATT_NUMBER_TEXT];

    row->status = h->stopped;
    if (h->stopped == ATT_DONE && !h->any_feasible)
        row->status = ATT_INFEASIBLE;
    if (row->status != ATT_DONE) {
        row->message = att_arena_printf(arena, "%s = %s: %s", name,
                                        value_text(h, h->stopped_index, text),
                                        h->why.text);
    }
    if (row->message == NULL)
        return att_arena_fail(arena, "the message of a row", err);
    return ATT_OK;
}

/* Everything that the search left.  A search that was stopped keeps its probes
 * and has no metrics of the construction. */
static att_status fill_row(struct hunt *h, const struct att_search_next *next,
                           struct att_row *row, struct att_error *err)
{
    const bool done = row->status == ATT_DONE;
    struct att_value *const metric =
        ATT_NEW(h->env->results, struct att_value, row->n_metrics);

    if (metric == NULL)
        return att_arena_fail(h->env->results, "the metrics of a row", err);
    for (uint32_t i = 0; i < h->c->n_metrics; i++)
        metric[i] = done ? h->metric[i] : att_none();
    ATT_TRY(add_findings(h, next, metric, err));
    ATT_TRY(att_find_lines(h, row, err));
    row->metric = metric;
    att_find_set(h, h->stopped == ATT_DONE ? next->index : h->stopped_index);
    return done ? att_task_judge(h->env, h->task, row, err) : ATT_OK;
}

att_status att_task_find(struct att_task_env *env,
                         const struct att_task_run *run, struct att_task *task,
                         struct att_row *row, struct att_error *err)
{
    const struct sweep_facts *const facts = &env->sweep[task->sweep];
    struct hunt h = {.env = env,
                     .run = run,
                     .task = task,
                     .facts = facts,
                     .c = task->construction,
                     .search = {.n = facts->find->range.n,
                                .largest = facts->find->largest,
                                .stride = facts->lines == FIND_LINES_PROFILE
                                              ? FIND_PROFILE_STRIDE
                                              : 1,
                                .arena = env->results},
                     .stopped = ATT_DONE};
    struct att_search_next next;

    ATT_TRY(pursue(&h, &next, err));
    if (h.stopped == ATT_DONE && h.any_feasible)
        ATT_TRY(settle_metrics(&h, next.index, err));
    ATT_TRY(settle_status(&h, row, err));
    return fill_row(&h, &next, row, err);
}
