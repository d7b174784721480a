/* index.c - which rows of a journal are tasks of a plan. */
#include "attest/store/index.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rows_priv.h"

static int by_number(const void *a, const void *b)
{
    const struct att_placed *x = a, *y = b;

    return x->number < y->number ? -1 : x->number > y->number;
}

const struct att_construction *att_planned_construction(
    const struct att_plan *plan, const char *name)
{
    const struct att_study *study = att_plan_study(plan);

    for (uint32_t s = 0; s < study->n_sweeps; s++) {
        if (strcmp(study->sweep[s].construction->name, name) == 0)
            return study->sweep[s].construction;
    }
    return NULL;
}

/* Where the plan has the reader's row; false when it has not. */
static bool locate(struct row_reader *reader, struct att_plan *plan,
                   uint64_t *number)
{
    const struct att_construction *c =
        att_planned_construction(plan, reader->columns->construction);
    struct att_value p[ATT_PLAN_PARAMS];
    uint32_t sweep = 0;

    if (c == NULL || !att_row_params(reader, c, p))
        return false;

    const struct att_row_name name = {
        .construction = c->name,
        .p = p,
        .replicate = reader->row.replicate,
        .key = reader->row.key,
    };

    return att_plan_locate(plan, &name, &sweep, number);
}

/* The origin of the reader's row, added if it is new; UINT32_MAX when out of
 * memory. */
static uint32_t origin_of(const struct row_reader *reader,
                          struct att_plan *plan, struct att_index *index)
{
    const char *name = reader->columns->construction;
    const struct att_row *row = &reader->row;

    for (uint32_t i = 0; i < index->n_origins; i++) {
        struct att_row_origin *o = &index->origin[i];

        if (o->version == reader->columns->version &&
            strcmp(o->code_id, row->code_id) == 0 &&
            strcmp(o->construction->name, name) == 0) {
            o->n_rows++;
            return i;
        }
    }

    const size_t n = index->n_origins + (size_t)1;
    struct att_row_origin *grown =
        realloc(index->origin, n * sizeof *index->origin);

    if (grown == NULL)
        return UINT32_MAX;
    index->origin = grown;
    grown[n - 1] = (struct att_row_origin){
        .construction = att_planned_construction(plan, name),
        .version = reader->columns->version,
        .n_rows = 1,
    };
    (void)snprintf(grown[n - 1].code_id, ATT_CODE_ID, "%s", row->code_id);
    return index->n_origins++;
}

/* Is the value one of the row's in this observation column? */
static bool observed(const struct att_row *row, uint32_t column, double value)
{
    for (uint32_t i = 0; i < row->n_observed; i++) {
        if (row->observation[(size_t)i * row->n_observations + column] == value)
            return true;
    }
    return false;
}

static bool lacks(const struct row_reader *reader,
                  const struct att_observe_axis *axis)
{
    const uint32_t column =
        att_row_column(reader->columns, axis->name, ATT_COLUMN_OBSERVATION);

    for (size_t i = 0; i < axis->n; i++) {
        if (column >= reader->row.n_observations ||
            !observed(&reader->row, column, axis->value[i]))
            return true;
    }
    return false;
}

/* Does a done row lack an observation point that is asked of its task now?
 * The lines of a search are its probes: they lack nothing. */
static att_status look_for_gaps(struct row_reader *reader,
                                struct att_plan *plan, uint64_t number,
                                bool *partial, struct att_error *err)
{
    struct att_task task;
    struct att_observe observe;

    *partial = false;
    if (reader->row.status != ATT_DONE ||
        att_plan_task(plan, number, &task, NULL) != ATT_TASK_PLANNED ||
        att_plan_find(plan, &task) != NULL)
        return ATT_OK;
    ATT_TRY(att_plan_observe(plan, &task, reader->arena, &observe, err));
    for (size_t a = 0; a < observe.n && !*partial; a++)
        *partial = lacks(reader, &observe.axis[a]);
    return ATT_OK;
}

static att_status place_row(struct row_reader *reader, struct att_plan *plan,
                            size_t place, struct att_index *index,
                            struct att_error *err)
{
    uint64_t number = 0;

    if (!locate(reader, plan, &number)) {
        index->n_unplanned++;
        return ATT_OK;
    }

    const uint32_t origin = origin_of(reader, plan, index);
    bool partial = false;

    if (origin == UINT32_MAX)
        return att_fail(err, ATT_E_NOMEM, "no memory to place rows");
    ATT_TRY(look_for_gaps(reader, plan, number, &partial, err));
    index->placed[index->n++] = (struct att_placed){
        .number = number,
        .place = place,
        .status = reader->row.status,
        .origin = origin,
        .partial = partial,
    };
    return ATT_OK;
}

static att_status place_rows(struct row_reader *reader, struct att_plan *plan,
                             struct att_index *index, struct att_error *err)
{
    const size_t n = att_journal_places(reader->journal);

    for (size_t place = 0; place < n; place++) {
        bool there = false;

        ATT_TRY(att_row_read(reader, place, &there, err));
        if (there)
            ATT_TRY(place_row(reader, plan, place, index, err));
    }
    return ATT_OK;
}

att_status att_index_build(const struct att_journal *journal,
                           struct att_plan *plan, struct att_index *index,
                           struct att_error *err)
{
    const size_t n = att_journal_places(journal);
    struct row_reader reader;

    *index = (struct att_index){.placed = calloc(n + 1, sizeof *index->placed)};
    if (index->placed == NULL)
        return att_fail(err, ATT_E_NOMEM, "no memory to place %zu rows", n);

    att_status status = att_row_reader_init(&reader, journal, err);

    if (status == ATT_OK) {
        status = place_rows(&reader, plan, index, err);
        att_row_reader_fini(&reader);
    }
    if (status != ATT_OK) {
        att_index_fini(index);
        return status;
    }
    qsort(index->placed, index->n, sizeof *index->placed, by_number);
    return ATT_OK;
}

void att_index_fini(struct att_index *index)
{
    free(index->placed);
    free(index->origin);
    *index = (struct att_index){0};
}
