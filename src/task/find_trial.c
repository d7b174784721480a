/* find_trial.c - trials of a search, and whether its condition holds in them.
 *
 * Probes of a task share their seeds, and streams are nested, so a larger value
 * extends the instance of a smaller one.  Where the construction observes along
 * the searched parameter, one trial at the largest value of a stride answers
 * for all values in it. */
#include <string.h>

#include "find_priv.h"

static void stop(struct hunt *h, enum att_outcome_status status, uint64_t index)
{
    h->stopped = status;
    h->stopped_index = index;
}

/* ---- trials -------------------------------------------------------------------- */

/* Keep the metrics of a trial at exactly one value. */
static att_status keep_metrics(struct hunt *h, uint64_t index,
                               const struct att_value *metric,
                               struct att_error *err)
{
    struct att_arena *const arena = h->env->results;
    struct att_value *const copy =
        ATT_NEW(arena, struct att_value, h->facts->columns.n_metrics);

    for (uint32_t i = 0; copy != NULL && i < h->c->n_metrics; i++) {
        copy[i] = metric == NULL ? att_none() : metric[i];
        if (copy[i].kind == ATT_TEXT)
            copy[i].s = att_arena_strdup(arena, copy[i].s);
    }
    if (copy == NULL || att_arena_refused(arena) != 0)
        return att_arena_fail(arena, "the metrics of a search", err);
    h->metric = copy;
    h->metric_index = index;
    h->has_metric = true;
    return ATT_OK;
}

/* Does the condition hold?  A refusal that the theory foresees leaves metrics
 * missing; a condition that cannot be computed without them does not hold. */
static bool accepts(struct hunt *h, const struct att_value *metric,
                    const double *observation, uint64_t index)
{
    struct att_plan *const plan = h->env->plan;
    struct att_error why = {0};
    bool accepted = false;

    if (att_plan_accepts(plan, h->task, metric, observation, &accepted, &why) ==
        ATT_OK)
        return accepted;
    if (!att_plan_lacks(plan, h->task, metric, observation)) {
        stop(h, ATT_FAILED, index);
        h->why = why;
    }
    return false;
}

/* Run the construction at the task's point.  Returns false when the search
 * cannot go on; an infeasible point is refused, with no results. */
static bool try_point(struct hunt *h, uint64_t index,
                      const struct att_observe *observe, struct trial_end *end)
{
    const struct att_arena_mark empty = {NULL, 0};
    struct att_task_run run = *h->run;
    const struct trial trial = {
        .task = h->task, .run = &run, .slice = {0, 1}, .observe = *observe};

    run.checkpoint = NULL; /* a state would not say which probe it is of */
    run.saved = NULL;
    run.saved_bytes = 0;
    att_arena_rewind(h->env->work, empty);
    att_trial_run(h->env, &trial, end);
    if (end->status == ATT_INFEASIBLE && h->why.status == ATT_OK) {
        h->why = end->why;
        h->stopped_index = index;
    }
    h->any_feasible = h->any_feasible || end->status == ATT_DONE;
    if (end->status == ATT_DONE || end->status == ATT_INFEASIBLE)
        return true;
    stop(h, end->status, index);
    h->why = end->why;
    return false;
}

att_status att_find_observe(struct att_task_env *env,
                            const struct att_task *task, const double *value,
                            size_t n, struct att_observe *observe,
                            struct att_error *err)
{
    struct att_observe own;
    const struct sweep_facts *const facts = &env->sweep[task->sweep];
    const struct att_construction *const c = task->construction;

    ATT_TRY(att_plan_observe(env->plan, task, env->results, &own, err));
    *observe = own;
    if (facts->find == NULL || facts->profile < 0)
        return ATT_OK;
    const char *const name = c->observations[facts->profile].name;
    struct att_observe_axis *const axis =
        ATT_NEW(env->results, struct att_observe_axis, own.n + 1);

    if (axis == NULL)
        return att_arena_fail(env->results, "the values of a probe", err);
    *observe = (struct att_observe){.axis = axis};
    for (size_t i = 0; i < own.n; i++) {
        if (strcmp(own.axis[i].name, name) != 0)
            axis[observe->n++] = own.axis[i];
    }
    axis[observe->n++] =
        (struct att_observe_axis){.name = name, .value = value, .n = n};
    return ATT_OK;
}

/* Does the condition hold for a candidate, by a trial that observed it?  Where
 * several lines speak of one candidate, all must agree. */
static bool candidate_holds(struct hunt *h, uint64_t index,
                            const struct trial_end *end, bool *observed)
{
    const struct att_outcome *const out = &end->out;
    const double number = att_find_number(h, index);
    bool holds = true;

    *observed = false;
    att_find_set(h, index);
    for (size_t i = 0; h->facts->profile >= 0 && i < out->n_observed; i++) {
        const double *const line = out->observation + i * h->c->n_observations;

        if (line[h->facts->profile] != number)
            continue;
        *observed = true;
        holds = accepts(h, out->metric, line, index) && holds;
    }
    return holds && *observed;
}

/* A trial at one value. */
static att_status try_point_at(struct hunt *h, uint64_t index,
                               struct trial_end *end, bool *holds,
                               struct att_error *err)
{
    const double number = att_find_number(h, index);
    struct att_observe observe;
    bool observed = false;

    *holds = false;
    att_find_set(h, index);
    ATT_TRY(att_find_observe(h->env, h->task, &number, 1, &observe, err));
    if (!try_point(h, index, &observe, end) || end->status != ATT_DONE)
        return ATT_OK;
    *holds = candidate_holds(h, index, end, &observed);
    if (!observed)
        *holds = accepts(h, end->out.metric, NULL, index);
    return ATT_OK;
}

/* One value with all its metrics; a line and an answer, if it has none yet. */
static att_status try_value(struct hunt *h, uint64_t index,
                            struct att_error *err)
{
    struct trial_end end;
    bool holds = false;

    ATT_TRY(try_point_at(h, index, &end, &holds, err));
    if (h->stopped != ATT_DONE)
        return ATT_OK;
    const struct att_value *const metric =
        end.status == ATT_DONE ? end.out.metric : NULL;

    ATT_TRY(keep_metrics(h, index, metric, err));
    if (att_search_knows(&h->search, index))
        return ATT_OK;
    if (h->facts->lines == FIND_LINES_PROFILE) {
        ATT_TRY(att_find_add_profile(h, index, holds, &end.out, err));
    } else {
        ATT_TRY(att_find_add_metrics(h, index, holds, metric, err));
    }
    return att_search_add(&h->search, index, holds, err);
}

/* One value for all replicates; the metrics are those of the first. */
static att_status try_share(struct hunt *h, uint64_t index,
                            struct att_error *err)
{
    const uint64_t n = att_find_replicates(h);
    uint64_t n_held = 0;

    for (uint64_t r = n; r-- > 0 && h->stopped == ATT_DONE;) {
        struct trial_end end;
        bool holds = false;

        h->task->replicate = (int64_t)r;
        ATT_TRY(try_point_at(h, index, &end, &holds, err));
        n_held += holds;
        if (r == 0) {
            ATT_TRY(keep_metrics(
                h, index, end.status == ATT_DONE ? end.out.metric : NULL, err));
        }
    }
    h->task->replicate = 0;
    if (h->stopped != ATT_DONE || att_search_knows(&h->search, index))
        return ATT_OK;
    const bool accepted = (double)n_held >= h->facts->find->share * (double)n;

    ATT_TRY(att_find_add_share(h, index, accepted, n_held, err));
    return att_search_add(&h->search, index, accepted, err);
}

/* Up to FIND_PROFILE_LINES of the candidates from .. to, evenly spaced, both
 * ends among them. */
static size_t spread(const struct att_search_next *next,
                     uint64_t index[FIND_PROFILE_LINES])
{
    const uint64_t span = next->to - next->from;
    const size_t n = span < FIND_PROFILE_LINES ? (size_t)span + 1
                                               : (size_t)FIND_PROFILE_LINES;

    for (size_t k = 0; k < n; k++) {
        index[k] =
            next->from + (uint64_t)((double)span * (double)k / (double)(n - 1));
    }
    return n;
}

/* One trial at the largest value of a stride for many values in it. */
att_status att_find_try_stride(struct hunt *h,
                               const struct att_search_next *next,
                               struct att_error *err)
{
    uint64_t index[FIND_PROFILE_LINES];
    const size_t n = spread(next, index);
    double *const value = ATT_NEW(h->env->results, double, n);
    struct att_observe observe;
    struct trial_end end;

    if (value == NULL)
        return att_arena_fail(h->env->results, "the values of a probe", err);
    for (size_t k = 0; k < n; k++)
        value[k] = att_find_number(h, index[k]);
    ATT_TRY(att_find_observe(h->env, h->task, value, n, &observe, err));
    att_find_set(h, next->to);
    if (!try_point(h, next->to, &observe, &end) || end.status != ATT_DONE)
        return ATT_OK;
    for (size_t k = 0; k < n && h->stopped == ATT_DONE; k++) {
        bool observed = false;
        const bool holds = candidate_holds(h, index[k], &end, &observed);

        if (!observed || att_search_knows(&h->search, index[k]))
            continue;
        ATT_TRY(att_find_add_profile(h, index[k], holds, &end.out, err));
        ATT_TRY(att_search_add(&h->search, index[k], holds, err));
    }
    return ATT_OK;
}

att_status att_find_try(struct hunt *h, uint64_t index, struct att_error *err)
{
    return h->facts->lines == FIND_LINES_SHARE ? try_share(h, index, err)
                                               : try_value(h, index, err);
}
