/* find_state.c - what a search has learnt, kept outside of its lane.
 *
 * The state is an encoded row (record/row.h) of the task: its observations are
 * the lines so far, and for each line a metric gives the candidate's number.
 * What comes back as another task's, as damaged, or as of other columns, is not
 * looked at: the search then starts anew. */
#include <string.h>

#include "find_priv.h"

void att_find_save(struct hunt *h)
{
    const size_t n = h->n_lines;
    struct att_arena *const arena = h->env->results;
    const struct att_arena_mark mark = att_arena_mark(arena);
    struct att_value *const metric = ATT_NEW(arena, struct att_value, n);
    struct att_row row = {
        .key = att_plan_key(h->env->plan, h->task),
        .columns = h->facts->columns_id,
        .n_slices = 1,
        .metric = metric,
        .n_metrics = (uint32_t)n,
        .n_observations = h->facts->columns.n_observations,
    };
    struct att_buffer bytes = {0};

    if (metric != NULL && att_find_lines(h, &row, NULL) == ATT_OK) {
        for (size_t i = 0; i < n; i++) /* in the order of the lines */
            metric[i] = att_int((int64_t)h->line[i].index);
        att_row_encode(&row, &bytes);
    }
    if (att_buffer_ok(&bytes) && bytes.size > 0)
        h->run->checkpoint(h->run->context, bytes.data, bytes.size);
    att_buffer_fini(&bytes);
    att_arena_rewind(arena, mark);
}

/* Is it a state of this very search? */
static bool fits(const struct hunt *h, const struct att_row *state)
{
    return att_key_equal(state->key, att_plan_key(h->env->plan, h->task)) &&
           state->columns == h->facts->columns_id &&
           state->n_observations == h->facts->columns.n_observations &&
           state->n_metrics == state->n_observed;
}

static att_status restore_line(struct hunt *h, uint64_t index,
                               const double *line, bool accepted,
                               struct att_error *err)
{
    double *cell = NULL;

    ATT_TRY(att_find_add_line(h, index, &cell, err));
    memcpy(cell, line, h->facts->columns.n_observations * sizeof *cell);
    h->any_feasible = true;
    return att_search_add(&h->search, index, accepted, err);
}

att_status att_find_restore(struct hunt *h, struct att_error *err)
{
    const size_t width = h->facts->columns.n_observations;
    const size_t accepted_at =
        h->facts->lines == FIND_LINES_PROFILE ? h->c->n_observations : 1;
    const struct att_task_run *const run = h->run;
    struct att_row state;

    if (run->saved == NULL ||
        att_row_decode(run->saved, run->saved_bytes, h->env->results, &state,
                       NULL) != ATT_OK ||
        !fits(h, &state))
        return ATT_OK;
    for (size_t i = 0; i < state.n_observed; i++) {
        const struct att_value index = state.metric[i];
        const double *const line = state.observation + i * width;

        if (index.kind != ATT_INTEGER || (uint64_t)index.i >= h->search.n)
            continue;
        ATT_TRY(restore_line(h, (uint64_t)index.i, line, line[accepted_at] == 1,
                             err));
    }
    return ATT_OK;
}
