/* combine.c - the rows of a task's slices become the row of the task. */
#include <string.h>

#include "task_priv.h"

/* Is a the better entry under min (max)?  Missing entries never are. */
static bool wins(enum att_reduction how, struct att_value a, struct att_value b)
{
    const double x = att_value_number(a);
    const double y = att_value_number(b);

    return how == ATT_REDUCE_MIN ? x < y : x > y;
}

/* Index of the slice with the winning entry; ties go to the lowest slice. */
static size_t winner(const struct att_row *part, size_t n, uint32_t metric,
                     enum att_reduction how)
{
    size_t best = 0;

    for (size_t i = 1; i < n; i++) {
        if (part[best].metric[metric].kind == ATT_NONE ||
            wins(how, part[i].metric[metric], part[best].metric[metric]))
            best = i;
    }
    return best;
}

/* Integers add exactly; reals in slice order. */
static struct att_value sum(const struct att_row *part, size_t n,
                            uint32_t metric)
{
    struct att_value total = part[0].metric[metric];

    for (size_t i = 1; i < n; i++) {
        const struct att_value term = part[i].metric[metric];

        if (total.kind == ATT_INTEGER && term.kind == ATT_INTEGER) {
            total.i += term.i;
        } else {
            total = att_real(att_value_number(total) + att_value_number(term));
        }
    }
    return total;
}

static att_status same(const struct att_row *part, size_t n, uint32_t metric,
                       const char *name, struct att_error *err)
{
    for (size_t i = 1; i < n; i++) {
        if (!att_value_equal(part[0].metric[metric], part[i].metric[metric])) {
            return att_fail(err, ATT_E_MISMATCH,
                            "slices 0 and %zu do not agree on %s", i, name);
        }
    }
    return ATT_OK;
}

static att_status reduce(const struct att_construction *c,
                         const struct att_row *part, size_t n, uint32_t metric,
                         struct att_value *out, struct att_error *err)
{
    const struct att_metric *m = &c->metrics[metric];

    switch (m->reduction) {
    case ATT_REDUCE_SAME:
        ATT_TRY(same(part, n, metric, m->name, err));
        *out = part[0].metric[metric];
        break;
    case ATT_REDUCE_SUM:
        *out = sum(part, n, metric);
        break;
    case ATT_REDUCE_MIN:
    case ATT_REDUCE_MAX:
        *out = part[winner(part, n, metric, m->reduction)].metric[metric];
        break;
    case ATT_REDUCE_PLACE: {
        const int of = att_construction_find_metric(c, m->place_of);
        const enum att_reduction how = c->metrics[of].reduction;

        *out = part[winner(part, n, (uint32_t)of, how)].metric[metric];
        break;
    }
    }
    return ATT_OK;
}

/* The slice that ended worst; its status and message are the task's. */
static const struct att_row *worst(const struct att_row *part, size_t n)
{
    const struct att_row *found = &part[0];

    for (size_t i = 1; i < n; i++) {
        if (part[i].status != ATT_DONE && found->status == ATT_DONE)
            found = &part[i];
    }
    return found;
}

static void add_resources(const struct att_row *part, size_t n,
                          struct att_row *row)
{
    for (size_t i = 1; i < n; i++) {
        row->wall_s += part[i].wall_s;
        row->cpu_s += part[i].cpu_s;
        if (part[i].peak_rss_bytes > row->peak_rss_bytes)
            row->peak_rss_bytes = part[i].peak_rss_bytes;
        if (part[i].arena_bytes > row->arena_bytes)
            row->arena_bytes = part[i].arena_bytes;
        if (part[i].attempt > row->attempt)
            row->attempt = part[i].attempt;
        if (part[i].start_time < row->start_time)
            row->start_time = part[i].start_time;
    }
}

static att_status join_observations(struct att_task_env *env,
                                    const struct att_row *part, size_t n,
                                    struct att_row *row, struct att_error *err)
{
    const size_t width = row->n_observations;
    size_t lines = 0;

    for (size_t i = 0; i < n; i++)
        lines += part[i].n_observed;
    double *cell = ATT_NEW(env->results, double, lines *width);
    if (cell == NULL)
        return att_arena_fail(env->results, "observations", err);
    row->observation = cell;
    row->n_observed = (uint32_t)lines;
    for (size_t i = 0; i < n; i++) {
        const size_t count = part[i].n_observed * width;

        if (count > 0)
            memcpy(cell, part[i].observation, count * sizeof *cell);
        cell += count;
    }
    return ATT_OK;
}

static att_status reduce_all(struct att_task_env *env,
                             const struct att_task *task,
                             const struct att_row *part, size_t n,
                             struct att_row *row, struct att_error *err)
{
    struct att_value *metric =
        ATT_NEW(env->results, struct att_value, row->n_metrics);

    if (metric == NULL)
        return att_arena_fail(env->results, "the metrics of a row", err);
    for (uint32_t m = 0; m < row->n_metrics; m++)
        ATT_TRY(reduce(task->construction, part, n, m, &metric[m], err));
    row->metric = metric;
    ATT_TRY(join_observations(env, part, n, row, err));
    return att_task_judge(env, task, row, err);
}

static att_status decode_all(struct att_task_env *env, const void *const *bytes,
                             const size_t *n_bytes, size_t n,
                             struct att_row *part, struct att_error *err)
{
    for (size_t i = 0; i < n; i++) {
        ATT_TRY(
            att_row_decode(bytes[i], n_bytes[i], env->results, &part[i], err));
    }
    return ATT_OK;
}

att_status att_task_combine(struct att_task_env *env, const void *const *bytes,
                            const size_t *n_bytes, size_t n,
                            struct att_buffer *out, struct att_error *err)
{
    struct att_task task;
    struct att_row row;

    att_arena_reset(env->results, 0);
    struct att_row *part = ATT_NEW(env->results, struct att_row, n);
    if (part == NULL)
        return att_arena_fail(env->results, "slices", err);
    ATT_TRY(decode_all(env, bytes, n_bytes, n, part, err));
    if (att_plan_task(env->plan, part[0].task, &task, err) == ATT_TASK_INVALID)
        return ATT_E_ARG;
    row = part[0];
    row.slice = 0;
    row.n_slices = 1;
    row.status = worst(part, n)->status;
    row.message = worst(part, n)->message;
    add_resources(part, n, &row);
    if (row.status == ATT_DONE)
        ATT_TRY(reduce_all(env, &task, part, n, &row, err));
    att_row_encode(&row, out);
    return att_buffer_ok(out)
               ? ATT_OK
               : att_fail(err, ATT_E_NOMEM, "out of memory encoding a row");
}
