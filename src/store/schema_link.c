/* schema_link.c - where things stand among the columns, and the words that
 * enumerators have in attributes. */
#include "schema_priv.h"

#include "attest/base/text.h"
#include "attest/record/search_columns.h"

/* ---- words -------------------------------------------------------------- */

static int word_index(const char *const *word, int n, const char *text)
{
    int i = 0;

    while (i < n && !att_text_same(word[i], text))
        i++;
    return i < n ? i : -1;
}

static const char *const ROLES[ATT_FIELD_ROLES] = {
    [ATT_FIELD_TASK] = "task",
    [ATT_FIELD_KEY] = "key",
    [ATT_FIELD_PARAMETER] = "parameter",
    [ATT_FIELD_REPLICATE] = "replicate",
    [ATT_FIELD_METRIC] = "measured",
    [ATT_FIELD_CLAIM] = "claim",
    [ATT_FIELD_STATUS] = "status",
    [ATT_FIELD_RUNNER] = "runner",
    [ATT_FIELD_LINE] = "line",
    [ATT_FIELD_TASK_INDEX] = "task_index",
    [ATT_FIELD_AXIS] = "axis",
    [ATT_FIELD_OBSERVATION] = "observation",
    [ATT_FIELD_FINDING] = "finding",
};

const char *att_role_text(const struct att_field *field)
{
    if (field->role == ATT_FIELD_METRIC &&
        field->metric_role == ATT_ROLE_PREDICTED)
        return "predicted";
    return ROLES[field->role];
}

int att_role_parse(const char *text)
{
    if (att_text_same(text, "predicted"))
        return ROLE_PREDICTED;
    return word_index(ROLES, ATT_FIELD_ROLES, text);
}

int att_exactness_parse(const char *text)
{
    int e = ATT_EXACT;

    while (e <= ATT_TIMING &&
           !att_text_same(att_exactness_text((enum att_exactness)e), text))
        e++;
    return e <= ATT_TIMING ? e : -1;
}

int att_standing_parse(const char *text)
{
    int s = ATT_PROVED;

    while (s <= ATT_EMPIRICAL &&
           !att_text_same(att_standing_text((enum att_standing)s), text))
        s++;
    return s <= ATT_EMPIRICAL ? s : -1;
}

static const char *const KINDS[] = {
    [ATT_NONE] = "none",
    [ATT_INTEGER] = "integer",
    [ATT_REAL] = "real",
    [ATT_TEXT] = "text",
};

const char *att_kind_text(enum att_kind kind)
{
    return KINDS[kind];
}

int att_kind_parse(const char *text)
{
    return word_index(KINDS, ATT_TEXT + 1, text);
}

/* ---- places ------------------------------------------------------------- */

static uint32_t place_of(const struct att_frame *frame, const char *name,
                         enum att_field_role role)
{
    for (uint32_t f = 0; f < frame->n_fields; f++) {
        if (frame->field[f].role == role &&
            att_text_same(frame->field[f].id, name))
            return f;
    }
    return FIELD_ABSENT;
}

static att_status find_standard(struct att_table *table, struct att_error *err)
{
    const struct {
        enum att_field_role role;
        const char *name;
        uint32_t *place;
    } wanted[] = {
        {ATT_FIELD_TASK, "task", &table->task},
        {ATT_FIELD_KEY, "key", &table->key},
        {ATT_FIELD_REPLICATE, "replicate", &table->replicate},
        {ATT_FIELD_STATUS, "status", &table->status},
    };

    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        *wanted[i].place =
            place_of(&table->rows, wanted[i].name, wanted[i].role);
        if (*wanted[i].place == FIELD_ABSENT) {
            return att_fail(err, ATT_E_PARSE,
                            "sweep '%s' has no column '%s': not a results file",
                            table->name, wanted[i].name);
        }
    }
    return ATT_OK;
}

/* What a search asked for; its name has a prefix where the construction has a
 * metric of that name. */
static uint32_t find_found(const struct att_frame *rows)
{
    const char *name = att_find_metric[ATT_FIND_FOUND].name;
    const char *prefixed = "find_found";

    if (place_of(rows, att_find_metric[ATT_FIND_NOTE].name, ATT_FIELD_METRIC) ==
        FIELD_ABSENT)
        return FIELD_ABSENT;

    const uint32_t place = place_of(rows, prefixed, ATT_FIELD_METRIC);

    return place != FIELD_ABSENT ? place
                                 : place_of(rows, name, ATT_FIELD_METRIC);
}

/* All parameters must be there, of the right kind, for rows to be judged. */
static bool link_params(struct att_table *table, uint32_t *place)
{
    const struct att_construction *c = table->construction;
    bool all = true;

    for (uint32_t i = 0; i < att_construction_n_params(c); i++) {
        const struct att_param *param = att_construction_param(c, i);

        place[i] = place_of(&table->rows, param->name, ATT_FIELD_PARAMETER);
        all = all && place[i] != FIELD_ABSENT &&
              table->rows.field[place[i]].kind == att_param_default(param).kind;
    }
    return all;
}

static void link_metrics(const struct att_table *table, uint32_t *place)
{
    const struct att_construction *c = table->construction;

    for (uint32_t i = 0; i < c->n_metrics; i++) {
        place[i] = place_of(&table->rows, c->metrics[i].name, ATT_FIELD_METRIC);
        if (place[i] != FIELD_ABSENT &&
            (table->rows.field[place[i]].type == ATT_CELL_TEXT) !=
                (c->metrics[i].kind == ATT_TEXT))
            place[i] = FIELD_ABSENT;
    }
}

static void link_observations(const struct att_table *table, uint32_t *place)
{
    const struct att_construction *c = table->construction;

    for (uint32_t i = 0; i < c->n_observations; i++) {
        place[i] = place_of(&table->lines, c->observations[i].name,
                            c->observations[i].role == ATT_ROLE_AXIS
                                ? ATT_FIELD_AXIS
                                : ATT_FIELD_OBSERVATION);
    }
}

att_status att_schema_link(struct att_table *table, struct att_arena *arena,
                           struct att_error *err)
{
    const struct att_construction *c = table->construction;

    ATT_TRY(find_standard(table, err));
    table->found = find_found(&table->rows);
    if (c == NULL)
        return ATT_OK;

    uint32_t *param = ATT_NEW(arena, uint32_t, att_construction_n_params(c));
    uint32_t *metric = ATT_NEW(arena, uint32_t, c->n_metrics);
    uint32_t *claim = ATT_NEW(arena, uint32_t, c->n_claims);
    uint32_t *line = ATT_NEW(arena, uint32_t, c->n_observations);

    if (param == NULL || metric == NULL || claim == NULL || line == NULL)
        return att_arena_fail(arena, "the columns", err);
    if (!link_params(table, param)) {
        table->construction = NULL;
        return ATT_OK;
    }
    link_metrics(table, metric);
    link_observations(table, line);
    for (uint32_t i = 0; i < c->n_claims; i++)
        claim[i] = place_of(&table->rows, c->claims[i].id, ATT_FIELD_CLAIM);
    table->param_field = param;
    table->metric_field = metric;
    table->claim_field = claim;
    table->observation_field = line;
    return ATT_OK;
}
