/* index.c - which rows of a journal are tasks of a plan. */
#include "attest/store/index.h"

#include <stdlib.h>
#include <string.h>

#include "rows_priv.h"

static int by_number(const void *a, const void *b)
{
    const struct att_placed *x = a, *y = b;

    return x->number < y->number ? -1 : x->number > y->number;
}

const struct att_construction *planned_construction(const struct att_plan *plan,
                                                    const char *name)
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
        planned_construction(plan, reader->columns->construction);
    struct att_value p[ATT_PLAN_PARAMS];
    uint32_t sweep = 0;

    if (c == NULL || !row_params(reader, c, p))
        return false;

    const struct att_row_name name = {
        .construction = c->name,
        .p = p,
        .replicate = reader->row.replicate,
        .key = reader->row.key,
    };

    return att_plan_locate(plan, &name, &sweep, number);
}

static att_status place_rows(struct row_reader *reader, struct att_plan *plan,
                             struct att_index *index, struct att_error *err)
{
    const size_t n = att_journal_places(reader->journal);

    for (size_t place = 0; place < n; place++) {
        bool there = false;
        uint64_t number = 0;

        ATT_TRY(row_read(reader, place, &there, err));
        if (!there)
            continue;
        if (locate(reader, plan, &number)) {
            index->placed[index->n++] = (struct att_placed){number, place};
        } else {
            index->n_unplanned++;
        }
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

    att_status status = row_reader_init(&reader, journal, err);

    if (status == ATT_OK) {
        status = place_rows(&reader, plan, index, err);
        row_reader_fini(&reader);
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
    *index = (struct att_index){0};
}
