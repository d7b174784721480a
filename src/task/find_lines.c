/* find_lines.c - the candidates of a search, and the lines that show them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "attest/base/statistics.h"
#include "find_priv.h"

static const double LEVEL = 0.95; /* of the interval of a share */

/* ---- candidates --------------------------------------------------------------- */

struct att_value att_find_candidate(const struct hunt *h, uint64_t index)
{
    return att_plan_probe(h->env->plan, h->task, index);
}

void att_find_set(struct hunt *h, uint64_t index)
{
    h->task->p[h->facts->find->param] = att_find_candidate(h, index);
}

/* The number that a line shows: the value, or the place of a choice. */
double att_find_number(const struct hunt *h, uint64_t index)
{
    const struct att_value v = att_find_candidate(h, index);

    return v.kind == ATT_TEXT ? (double)index : att_value_number(v);
}

/* Replicates that one search with a share spans. */
uint64_t att_find_replicates(const struct hunt *h)
{
    return att_plan_study(h->env->plan)->sweep[h->task->sweep].replicates;
}

/* ---- lines --------------------------------------------------------------------- */

att_status att_find_add_line(struct hunt *h, uint64_t index, double **cell,
                             struct att_error *err)
{
    const uint32_t width = h->facts->columns.n_observations;
    struct att_arena *const arena = h->env->results;

    if (h->n_lines == h->lines_capacity) {
        const size_t capacity = h->n_lines == 0 ? 64 : 2 * h->n_lines;
        struct find_line *const line =
            ATT_NEW(arena, struct find_line, capacity);

        if (line == NULL)
            return att_arena_fail(arena, "the probes of a search", err);
        if (h->n_lines > 0)
            memcpy(line, h->line, h->n_lines * sizeof *line);
        h->line = line;
        h->lines_capacity = capacity;
    }
    *cell = ATT_NEW(arena, double, width);
    if (*cell == NULL)
        return att_arena_fail(arena, "a probe of a search", err);
    for (uint32_t i = 0; i < width; i++)
        (*cell)[i] = (double)NAN;
    h->line[h->n_lines] =
        (struct find_line){.index = index, .order = h->n_lines, .cell = *cell};
    h->n_lines++;
    return ATT_OK;
}

/* Value, accepted, and the construction's numbers. */
att_status att_find_add_metrics(struct hunt *h, uint64_t index, bool accepted,
                                const struct att_value *metric,
                                struct att_error *err)
{
    double *cell = NULL;
    uint32_t at = 2;

    ATT_TRY(att_find_add_line(h, index, &cell, err));
    cell[0] = att_find_number(h, index);
    cell[1] = accepted;
    for (uint32_t i = 0; i < h->c->n_metrics; i++) {
        if (att_find_shows(&h->c->metrics[i])) {
            cell[at++] =
                metric == NULL ? (double)NAN : att_value_number(metric[i]);
        }
    }
    return ATT_OK;
}

/* The construction's own line, and whether its candidate was accepted. */
static att_status add_profile_line(struct hunt *h, uint64_t index,
                                   bool accepted, const double *observation,
                                   struct att_error *err)
{
    const uint32_t width = h->c->n_observations;
    double *cell = NULL;

    ATT_TRY(att_find_add_line(h, index, &cell, err));
    if (observation != NULL)
        memcpy(cell, observation, width * sizeof *cell);
    cell[h->facts->profile] = att_find_number(h, index);
    cell[width] = accepted;
    return ATT_OK;
}

/* Value, accepted, and how many of the replicates did. */
att_status att_find_add_share(struct hunt *h, uint64_t index, bool accepted,
                              uint64_t n_held, struct att_error *err)
{
    const uint64_t n = att_find_replicates(h);
    const struct att_interval interval = att_wilson(n_held, n, LEVEL);
    double *cell = NULL;

    ATT_TRY(att_find_add_line(h, index, &cell, err));
    cell[0] = att_find_number(h, index);
    cell[1] = accepted;
    cell[2] = (double)n_held / (double)n;
    cell[3] = interval.lo;
    cell[4] = interval.hi;
    cell[5] = (double)n;
    return ATT_OK;
}

/* Lines of a trial that speak of a candidate; one that only says whether it was
 * accepted when there are none. */
att_status att_find_add_profile(struct hunt *h, uint64_t index, bool accepted,
                                const struct att_outcome *out,
                                struct att_error *err)
{
    const double number = att_find_number(h, index);
    const size_t before = h->n_lines;

    for (size_t i = 0; i < out->n_observed; i++) {
        const double *const line = out->observation + i * h->c->n_observations;

        if (line[h->facts->profile] == number)
            ATT_TRY(add_profile_line(h, index, accepted, line, err));
    }
    if (h->n_lines > before)
        return ATT_OK;
    return add_profile_line(h, index, accepted, NULL, err);
}

static int compare_lines(const void *a, const void *b)
{
    const struct find_line *const x = a, *const y = b;

    if (x->index != y->index)
        return x->index < y->index ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

att_status att_find_lines(struct hunt *h, struct att_row *row,
                          struct att_error *err)
{
    const size_t width = row->n_observations;
    double *const cell = ATT_NEW(h->env->results, double, h->n_lines *width);

    if (cell == NULL)
        return att_arena_fail(h->env->results, "the probes of a search", err);
    if (h->n_lines > 0)
        qsort(h->line, h->n_lines, sizeof *h->line, compare_lines);
    for (size_t i = 0; i < h->n_lines; i++)
        memcpy(cell + i * width, h->line[i].cell, width * sizeof *cell);
    row->observation = cell;
    row->n_observed = (uint32_t)h->n_lines;
    return ATT_OK;
}
