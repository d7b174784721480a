/* rows.c - reading the rows of a journal. */
#include "rows_priv.h"

#include <ctype.h>
#include <string.h>

#include "attest/base/text.h"
#include "list_priv.h"

att_status att_row_reader_init(struct row_reader *reader,
                               const struct att_journal *journal,
                               struct att_error *err)
{
    *reader =
        (struct row_reader){.journal = journal, .arena = att_arena_create(0)};
    if (reader->arena == NULL)
        return att_fail(err, ATT_E_NOMEM, "no memory to read rows");
    return ATT_OK;
}

void att_row_reader_fini(struct row_reader *reader)
{
    att_arena_destroy(reader->arena);
    att_buffer_fini(&reader->bytes);
    *reader = (struct row_reader){0};
}

/* Rows of tasks that did not come back have parameters and nothing else. */
static bool fits(const struct att_row *row, const struct att_columns *c)
{
    return c != NULL && row->n_params == c->n_params &&
           (row->n_metrics == 0 || row->n_metrics == c->n_metrics) &&
           (row->n_claims == 0 || row->n_claims == c->n_claims) &&
           (row->n_observed == 0 || row->n_observations == c->n_observations);
}

att_status att_row_read(struct row_reader *reader, size_t place, bool *there,
                        struct att_error *err)
{
    const struct att_arena_mark empty = {NULL, 0};
    struct att_journal_row at;

    *there = false;
    if (!att_journal_row(reader->journal, place, &at))
        return ATT_OK;
    att_arena_rewind(reader->arena, empty);
    att_buffer_clear(&reader->bytes);
    ATT_TRY(att_journal_bytes(reader->journal, &at, &reader->bytes, err));

    const att_status decoded =
        att_row_decode(reader->bytes.data, reader->bytes.size, reader->arena,
                       &reader->row, NULL);

    if (decoded == ATT_E_NOMEM)
        return att_arena_fail(reader->arena, "a row", err);
    reader->columns = att_journal_columns(reader->journal, at.columns);
    *there = decoded == ATT_OK && fits(&reader->row, reader->columns);
    return ATT_OK;
}

uint32_t att_row_column(const struct att_columns *c, const char *name,
                        enum att_column_role role)
{
    const uint32_t first[] = {
        [ATT_COLUMN_PARAM] = 0,
        [ATT_COLUMN_METRIC] = c->n_params,
        [ATT_COLUMN_CLAIM] = c->n_params + c->n_metrics,
        [ATT_COLUMN_OBSERVATION] = c->n_params + c->n_metrics + c->n_claims,
    };
    const uint32_t count[] = {
        [ATT_COLUMN_PARAM] = c->n_params,
        [ATT_COLUMN_METRIC] = c->n_metrics,
        [ATT_COLUMN_CLAIM] = c->n_claims,
        [ATT_COLUMN_OBSERVATION] = c->n_observations,
    };

    for (uint32_t i = 0; i < count[role]; i++) {
        if (att_text_same(c->column[first[role] + i].name, name))
            return i;
    }
    return UINT32_MAX;
}

static void learn_params(struct row_reader *reader,
                         const struct att_construction *c)
{
    const uint32_t n = att_construction_n_params(c);

    for (uint32_t i = 0; i < n && i < ATT_PLAN_PARAMS; i++) {
        reader->param_at[i] =
            att_row_column(reader->columns, att_construction_param(c, i)->name,
                           ATT_COLUMN_PARAM);
    }
    reader->known = c;
    reader->known_columns = reader->columns;
}

bool att_row_params(struct row_reader *reader, const struct att_construction *c,
                    struct att_value *p)
{
    const uint32_t n = att_construction_n_params(c);

    if (n > ATT_PLAN_PARAMS)
        return false;
    if (reader->known != c || reader->known_columns != reader->columns)
        learn_params(reader, c);
    for (uint32_t i = 0; i < n; i++) {
        const struct att_param *param = att_construction_param(c, i);
        const uint32_t at = reader->param_at[i];

        p[i] =
            at == UINT32_MAX ? att_param_default(param) : reader->row.param[at];
        if (att_param_coerce(param, &p[i], NULL) != ATT_OK)
            return false;
    }
    return true;
}

/* ---- maps --------------------------------------------------------------- */

static int word_letter(char c)
{
    return isalnum((unsigned char)c) ? c : '_';
}

/* Equal once everything but letters and digits has become '_'? */
static bool same_words(const char *a, const char *b)
{
    while (*a != '\0' && *b != '\0' && word_letter(*a) == word_letter(*b)) {
        a++;
        b++;
    }
    return *a == *b;
}

/* Claims stand in rows by id or by the name of a column made from it: with or
 * without "claim_" before, with or without what precedes the dot.  The whole
 * id goes first. */
static uint32_t described_claim(const struct att_columns *c, const char *id)
{
    const struct att_column *claim = c->column + c->n_params + c->n_metrics;
    const char *dot = strchr(id, '.');
    uint32_t found = UINT32_MAX;

    for (uint32_t i = 0; i < c->n_claims; i++) {
        const bool marked = att_text_starts(claim[i].name, "claim_");
        const char *name = claim[i].name + (marked ? strlen("claim_") : 0);

        if (same_words(name, id))
            return i;
        if (dot != NULL && same_words(name, dot + 1))
            found = i;
    }
    return found;
}

static uint32_t place_in_row(const struct att_columns *c,
                             const struct att_field *field)
{
    if (field->role == ATT_FIELD_CLAIM)
        return described_claim(c, field->id);
    return att_row_column(c, field->name,
                          field->role == ATT_FIELD_METRIC
                              ? ATT_COLUMN_METRIC
                              : ATT_COLUMN_OBSERVATION);
}

const struct row_map *att_row_map_get(struct row_maps *maps,
                                      const struct att_columns *columns)
{
    for (size_t i = 0; i < maps->n; i++) {
        if (maps->map[i].columns == columns)
            return &maps->map[i];
    }

    struct row_map *longer =
        att_list_grow(maps->arena, maps->map, maps->n, sizeof *longer);

    if (longer == NULL)
        return NULL;
    maps->map = longer;

    const struct att_frame *frame = maps->frame;
    struct row_map *map = &maps->map[maps->n];

    *map = (struct row_map){columns,
                            ATT_NEW(maps->arena, uint32_t, frame->n_fields)};
    if (map->at == NULL)
        return NULL;
    for (uint32_t f = 0; f < frame->n_fields; f++)
        map->at[f] = place_in_row(columns, &frame->field[f]);
    maps->n++;
    return map;
}
