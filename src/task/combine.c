/* combine.c - the rows of a task's slices become the row of the task. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "attest/base/hash.h"
#include "task_priv.h"

/* What the slices say of one thing: of their metrics (line == NULL), or of the
 * line of observations that line[i] is in slice i (NULL where it has none). */
struct entries {
    const struct att_row *part; /* n */
    const double *const *line;
    size_t n;
};

/* The columns that are being reduced. */
struct schema {
    const struct att_metric *metric;
    uint32_t n;
};

static struct att_value entry(const struct entries *e, size_t i,
                              uint32_t column)
{
    if (e->line == NULL)
        return e->part[i].metric[column];
    if (e->line[i] == NULL || isnan(e->line[i][column]))
        return att_none();
    return att_real(e->line[i][column]);
}

/* ---- reductions of one column ---------------------------------------------- */

/* Does b replace a?  Missing entries never do, NaN always. */
static bool beats(enum att_reduction how, struct att_value b,
                  struct att_value a)
{
    const double x = att_value_number(a), y = att_value_number(b);

    if (b.kind == ATT_NONE)
        return false;
    if (a.kind == ATT_NONE)
        return true;
    if (isnan(x) || isnan(y))
        return !isnan(x);
    return how == ATT_REDUCE_MIN ? y < x : y > x;
}

/* The slice with the winning entry; ties go to the lowest. */
static size_t winner(const struct entries *e, uint32_t column,
                     enum att_reduction how)
{
    size_t best = 0;

    for (size_t i = 1; i < e->n; i++) {
        if (beats(how, entry(e, i, column), entry(e, best, column)))
            best = i;
    }
    return best;
}

/* Integers add exactly; reals in slice order.  False on overflow. */
static bool add(struct att_value *total, struct att_value term)
{
    if (term.kind == ATT_NONE)
        return true;
    if (total->kind == ATT_NONE) {
        *total = term;
        return true;
    }
    if (total->kind == ATT_INTEGER && term.kind == ATT_INTEGER)
        return !__builtin_add_overflow(total->i, term.i, &total->i);
    *total = att_real(att_value_number(*total) + att_value_number(term));
    return true;
}

static att_status sum(const struct entries *e, uint32_t column,
                      const char *name, struct att_value *out,
                      struct att_error *err)
{
    struct att_value total = att_none();

    for (size_t i = 0; i < e->n; i++) {
        if (!add(&total, entry(e, i, column))) {
            return att_fail(err, ATT_E_OVERFLOW,
                            "the sum of %s over slices exceeds 64 bits", name);
        }
    }
    *out = total;
    return ATT_OK;
}

static att_status same(const struct entries *e, uint32_t column,
                       const char *name, struct att_value *out,
                       struct att_error *err)
{
    struct att_value all = att_none();

    for (size_t i = 0; i < e->n; i++) {
        const struct att_value v = entry(e, i, column);

        if (v.kind == ATT_NONE)
            continue;
        if (all.kind != ATT_NONE && !att_value_equal(all, v)) {
            return att_fail(err, ATT_E_MISMATCH,
                            "slice %zu does not agree with those before it on "
                            "%s",
                            i, name);
        }
        all = v;
    }
    *out = all;
    return ATT_OK;
}

static uint32_t find_column(const struct schema *s, const char *name)
{
    uint32_t i = 0;

    while (i < s->n && strcmp(s->metric[i].name, name) != 0)
        i++;
    return i;
}

static att_status reduce(const struct schema *s, uint32_t column,
                         const struct entries *e, struct att_value *out,
                         struct att_error *err)
{
    const struct att_metric *const m = &s->metric[column];
    uint32_t of = column;
    enum att_reduction how = m->reduction;

    if (how == ATT_REDUCE_SUM)
        return sum(e, column, m->name, out, err);
    if (how == ATT_REDUCE_SAME)
        return same(e, column, m->name, out, err);
    if (how == ATT_REDUCE_PLACE) {
        of = find_column(s, m->place_of);
        if (of == s->n) {
            return att_fail(err, ATT_E_ARG,
                            "%s stands beside %s, which is no "
                            "column",
                            m->name, m->place_of);
        }
        how = s->metric[of].reduction;
    }
    *out = entry(e, winner(e, of, how), column);
    return ATT_OK;
}

/* ---- observations ------------------------------------------------------------- */

/* The lines of all slices, gathered by equal axes. */
struct gathered {
    uint32_t width, n_axes;
    size_t n_parts;
    const double **line; /* [n, n_parts]: of each slice, or NULL */
    size_t n, most;
    size_t *slot; /* n_slots, a power of two: line + 1 by hash, or 0 */
    size_t n_slots;
};

static uint32_t count_axes(const struct att_construction *c)
{
    uint32_t n = 0;

    while (n < c->n_observations && c->observations[n].role == ATT_ROLE_AXIS)
        n++;
    return n;
}

static att_status init_gathered(struct gathered *g, struct att_arena *arena,
                                struct att_error *err)
{
    g->n_slots = 1;
    while (g->n_slots < 2 * g->most)
        g->n_slots *= 2;
    g->line = att_arena_zero(arena, g->most, g->n_parts * sizeof *g->line);
    g->slot = ATT_NEW0(arena, size_t, g->n_slots);
    if (g->line == NULL || g->slot == NULL)
        return att_arena_fail(arena, "the observations of slices", err);
    return ATT_OK;
}

/* Any line of the group; all have the same axes. */
static const double *sample_of(const struct gathered *g, size_t group)
{
    const double *const *const line = g->line + group * g->n_parts;
    size_t i = 0;

    while (line[i] == NULL)
        i++;
    return line[i];
}

/* The group of a line; a new one when its axes are new, or when the slice has
 * a line with them already. */
static size_t group_of(struct gathered *g, const double *line, size_t part)
{
    const size_t bytes = g->n_axes * sizeof *line;
    size_t i = (size_t)att_hash64(line, bytes) & (g->n_slots - 1);

    for (; g->slot[i] != 0; i = (i + 1) & (g->n_slots - 1)) {
        const size_t group = g->slot[i] - 1;

        if (memcmp(sample_of(g, group), line, bytes) == 0 &&
            g->line[group * g->n_parts + part] == NULL)
            return group;
    }
    g->slot[i] = ++g->n;
    return g->n - 1;
}

/* Without axes every line is a group of its own. */
static void gather(struct gathered *g, const struct att_row *part)
{
    for (size_t i = 0; i < g->n_parts; i++) {
        for (size_t k = 0; k < part[i].n_observed; k++) {
            const double *const line = part[i].observation + k * g->width;
            const size_t group = g->n_axes == 0 ? g->n++ : group_of(g, line, i);

            g->line[group * g->n_parts + i] = line;
        }
    }
}

static att_status reduce_line(const struct schema *s, const struct gathered *g,
                              size_t group, double *cell, struct att_error *err)
{
    const struct entries e = {.line = g->line + group * g->n_parts,
                              .n = g->n_parts};

    for (uint32_t column = 0; column < g->width; column++) {
        struct att_value v = att_none();

        if (column < g->n_axes) {
            v = att_real(sample_of(g, group)[column]);
        } else {
            ATT_TRY(reduce(s, column, &e, &v, err));
        }
        cell[column] = att_value_number(v);
    }
    return ATT_OK;
}

static att_status combine_lines(struct att_task_env *env,
                                const struct att_construction *c,
                                const struct att_row *part, size_t n,
                                struct att_row *row, struct att_error *err)
{
    const struct schema s = {c->observations, c->n_observations};
    struct gathered g = {
        .width = c->n_observations, .n_axes = count_axes(c), .n_parts = n};

    for (size_t i = 0; i < n; i++)
        g.most += part[i].n_observed;
    ATT_TRY(init_gathered(&g, env->results, err));
    gather(&g, part);
    double *const cell = ATT_NEW(env->results, double, g.n *g.width);

    if (cell == NULL)
        return att_arena_fail(env->results, "the observations of slices", err);
    for (size_t k = 0; k < g.n; k++)
        ATT_TRY(reduce_line(&s, &g, k, cell + k * g.width, err));
    row->observation = cell;
    row->n_observed = (uint32_t)g.n;
    return ATT_OK;
}

/* ---- the row --------------------------------------------------------------------- */

static att_status combine_metrics(struct att_task_env *env,
                                  const struct att_construction *c,
                                  const struct entries *e, struct att_row *row,
                                  struct att_error *err)
{
    const struct schema s = {c->metrics, c->n_metrics};
    struct att_value *const metric =
        ATT_NEW(env->results, struct att_value, c->n_metrics);

    if (metric == NULL)
        return att_arena_fail(env->results, "the metrics of a row", err);
    for (uint32_t m = 0; m < c->n_metrics; m++)
        ATT_TRY(reduce(&s, m, e, &metric[m], err));
    row->metric = metric;
    return ATT_OK;
}

static int badness(enum att_outcome_status status)
{
    static const int BAD[ATT_OUTCOMES] = {
        [ATT_INFEASIBLE] = 1, [ATT_SKIPPED] = 2, [ATT_FAILED] = 3,
        [ATT_TIMEOUT] = 4,    [ATT_OOM] = 5,     [ATT_CRASHED] = 6,
        [ATT_NOT_RUN] = 7,
    };

    return BAD[status];
}

/* Of equals the lowest slice. */
static const struct att_row *worst(const struct att_row *part, size_t n)
{
    const struct att_row *found = part;

    for (size_t i = 1; i < n; i++) {
        if (badness(part[i].status) > badness(found->status))
            found = &part[i];
    }
    return found;
}

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static void add_resources(const struct att_row *part, size_t n,
                          struct att_row *row)
{
    for (size_t i = 1; i < n; i++) {
        row->wall_s += part[i].wall_s;
        row->cpu_s += part[i].cpu_s;
        row->peak_rss_bytes =
            larger(row->peak_rss_bytes, part[i].peak_rss_bytes);
        row->arena_bytes = larger(row->arena_bytes, part[i].arena_bytes);
        row->attempt = (uint32_t)larger(row->attempt, part[i].attempt);
        row->start_time = fmin(row->start_time, part[i].start_time);
    }
}

/* Is it slice i of n of the task?  A row of a lost slice has all columns, too.
 */
static bool fits(const struct att_row *part, const struct att_row *blank,
                 size_t i, size_t n)
{
    return part->slice == i && part->n_slices == n &&
           part->columns == blank->columns &&
           att_key_equal(part->key, blank->key) &&
           part->n_params == blank->n_params &&
           part->n_metrics == blank->n_metrics &&
           part->n_observations == blank->n_observations;
}

static att_status check_parts(const struct att_row *part, size_t n,
                              const struct att_row *blank,
                              struct att_error *err)
{
    for (size_t i = 0; i < n; i++) {
        if (!fits(&part[i], blank, i, n)) {
            return att_fail(err, ATT_E_MISMATCH,
                            "row %zu of %zu is not that slice of task %" PRIu64,
                            i, n, blank->task);
        }
    }
    return ATT_OK;
}

static att_status decode_parts(struct att_task_env *env,
                               const void *const *bytes, const size_t *n_bytes,
                               size_t n, struct att_row **part,
                               struct att_error *err)
{
    *part = ATT_NEW(env->results, struct att_row, n);
    if (*part == NULL)
        return att_arena_fail(env->results, "the slices of a task", err);
    for (size_t i = 0; i < n; i++) {
        ATT_TRY(att_row_decode(bytes[i], n_bytes[i], env->results, &(*part)[i],
                               err));
    }
    return ATT_OK;
}

/* Slices whose results do not fit together are a fault of the construction:
 * the task has failed. */
static att_status fail_row(struct att_task_env *env,
                           const struct att_row *blank,
                           const struct att_error *why, struct att_row *row,
                           struct att_error *err)
{
    row->status = ATT_FAILED;
    row->metric = blank->metric;
    row->n_observed = 0;
    row->message = att_arena_strdup(env->results, why->text);
    if (row->message == NULL)
        return att_arena_fail(env->results, "the message of a row", err);
    return ATT_OK;
}

static att_status reduce_parts(struct att_task_env *env,
                               const struct att_task *task,
                               const struct att_row *part, size_t n,
                               struct att_row *row, struct att_error *err)
{
    const struct att_construction *const c = task->construction;
    const struct entries e = {.part = part, .n = n};
    const struct att_row blank = *row;
    struct att_error why = {0};
    att_status status = combine_metrics(env, c, &e, row, &why);

    if (status == ATT_OK)
        status = combine_lines(env, c, part, n, row, &why);
    if (status == ATT_OK)
        return att_task_settle(env, task, row, err);
    if (status == ATT_E_NOMEM)
        return att_fail(err, status, "%s", why.text);
    return fail_row(env, &blank, &why, row, err);
}

static att_status combine(struct att_task_env *env, const struct att_task *task,
                          const struct att_row *part, size_t n,
                          struct att_row *row, struct att_error *err)
{
    struct att_row blank;

    ATT_TRY(att_task_blank_row(env, task, &blank, err));
    ATT_TRY(check_parts(part, n, &blank, err));
    *row = part[0];
    row->n_slices = 1;
    row->status = worst(part, n)->status;
    row->message = worst(part, n)->message;
    add_resources(part, n, row);
    row->metric = blank.metric;
    row->verdict = blank.verdict;
    row->n_claims = blank.n_claims;
    row->n_observed = 0;
    if (row->status != ATT_DONE)
        return ATT_OK;
    return reduce_parts(env, task, part, n, row, err);
}

att_status att_task_combine(struct att_task_env *env, const void *const *bytes,
                            const size_t *n_bytes, size_t n,
                            struct att_buffer *out, struct att_error *err)
{
    struct att_row *part = NULL;
    struct att_task task;
    struct att_row row;

    att_arena_reset(env->results, 0);
    if (n == 0)
        return att_fail(err, ATT_E_ARG, "no slices to combine");
    ATT_TRY(decode_parts(env, bytes, n_bytes, n, &part, err));
    ATT_TRY(att_task_decode(env, part[0].task, &task, err));
    ATT_TRY(combine(env, &task, part, n, &row, err));
    return att_task_emit(&row, out, err);
}
