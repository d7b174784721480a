/* schema.c - the columns of a sweep, in the order in which they are stored. */
#include "list_priv.h"
#include "schema_priv.h"

#include <ctype.h>
#include <string.h>

#include "attest/base/text.h"
#include "attest/record/search_columns.h"
#include "attest/store/store.h"

struct att_field *att_field_find(const struct field_list *list,
                                 const char *name)
{
    for (uint32_t i = 0; i < list->n; i++) {
        if (att_text_same(list->field[i].name, name))
            return &list->field[i];
    }
    return NULL;
}

static const char *or_empty(const char *text)
{
    return text == NULL ? "" : text;
}

static bool may_add(struct field_list *list, const char *name)
{
    if (list->status != ATT_OK)
        return false;
    if (att_field_find(list, name) != NULL) {
        list->status = att_fail(list->err, ATT_E_ARG,
                                "two columns are called '%s': rename one of "
                                "them",
                                name);
    }
    return list->status == ATT_OK;
}

static struct att_field *next_field(struct field_list *list)
{
    struct att_field *longer =
        att_list_grow(list->arena, list->field, list->n, sizeof *longer);

    if (longer == NULL) {
        list->status = att_arena_fail(list->arena, "the columns", list->err);
        return NULL;
    }
    list->field = longer;
    return &list->field[list->n++];
}

void att_field_add(struct field_list *list, const struct att_field *field)
{
    struct att_field *f = may_add(list, field->name) ? next_field(list) : NULL;

    if (f == NULL)
        return;
    *f = *field;
    f->id = f->id == NULL ? f->name : f->id;
    f->unit = or_empty(f->unit);
    f->doc = or_empty(f->doc);
    f->formula = or_empty(f->formula);
    f->predicted_by = or_empty(f->predicted_by);
    f->statement = or_empty(f->statement);
    f->source = or_empty(f->source);
}

static enum att_cell_type cell_of(enum att_kind kind)
{
    return kind == ATT_TEXT ? ATT_CELL_TEXT : ATT_CELL_F64;
}

/* ---- columns that every sweep has ------------------------------------- */

static const struct att_field TASK = {
    .name = "task",
    .role = ATT_FIELD_TASK,
    .type = ATT_CELL_I64,
    .kind = ATT_INTEGER,
    .unit = "1",
    .doc = "number of the task in the plan",
};
static const struct att_field KEY = {
    .name = "key",
    .role = ATT_FIELD_KEY,
    .type = ATT_CELL_TEXT,
    .kind = ATT_TEXT,
    .doc = "lasting name of the row: a hash of what was computed",
};
static const struct att_field REPLICATE = {
    .name = "replicate",
    .role = ATT_FIELD_REPLICATE,
    .type = ATT_CELL_I64,
    .kind = ATT_INTEGER,
    .unit = "1",
    .doc = "which of the independent repetitions",
};
static const struct att_field STATUS = {
    .name = "status",
    .role = ATT_FIELD_STATUS,
    .type = ATT_CELL_I8,
    .kind = ATT_INTEGER,
    .doc = "how the task ended",
};

static const struct plain_column RUNNER_PLAIN[RUNNER_COLUMNS] = {
    [RUNNER_MESSAGE] = {"message", ATT_TEXT, "", "why the task ended so"},
    [RUNNER_ATTEMPT] = {"attempt", ATT_INTEGER, "1", "1 on the first try"},
    [RUNNER_WALL] = {"wall_s", ATT_REAL, "s", "elapsed time"},
    [RUNNER_CPU] = {"cpu_s", ATT_REAL, "s", "processor time"},
    [RUNNER_RSS] = {"peak_rss_bytes", ATT_INTEGER, "byte",
                    "largest resident size of the lane"},
    [RUNNER_ARENA] = {"arena_bytes", ATT_INTEGER, "byte",
                      "largest memory of the task itself"},
    [RUNNER_LIMIT_TIME] = {"limit_time_s", ATT_REAL, "s",
                           "time limit that it ran under; missing: none"},
    [RUNNER_LIMIT_MEMORY] = {"limit_memory_bytes", ATT_INTEGER, "byte",
                             "memory limit that it ran under; missing: none"},
    [RUNNER_RANK] = {"rank", ATT_INTEGER, "1", "MPI rank"},
    [RUNNER_LANE] = {"lane", ATT_INTEGER, "1", "lane of the rank"},
    [RUNNER_HOST] = {"host", ATT_TEXT, "", "machine"},
    [RUNNER_KERNEL] = {"kernel", ATT_TEXT, "",
                       "arithmetic kernels of the machine"},
    [RUNNER_CODE_ID] = {"code_id", ATT_TEXT, "",
                        "hash of the construction's sources"},
    [RUNNER_START_TIME] = {"start_time", ATT_REAL, "s",
                           "start of the task after 1970-01-01T00:00:00Z"},
};

static void add_runner(struct field_list *list)
{
    for (uint32_t i = 0; i < RUNNER_COLUMNS; i++) {
        const struct plain_column *plain = &RUNNER_PLAIN[i];

        att_field_add(list, &(struct att_field){
                                .name = plain->name,
                                .role = ATT_FIELD_RUNNER,
                                .type = cell_of(plain->kind),
                                .kind = plain->kind,
                                .unit = plain->unit,
                                .doc = plain->doc,
                                .exactness = ATT_TIMING,
                                .index = i,
                            });
    }
}

bool att_store_reserved(const char *name)
{
    static const char *const taken[] = {
        "task",       "key",         "replicate",    "status",     "claims",
        "provenance", "observation", "observations", "task_index",
    };

    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++) {
        if (att_text_same(taken[i], name))
            return true;
    }
    for (size_t i = 0; i < RUNNER_COLUMNS; i++) {
        if (att_text_same(RUNNER_PLAIN[i].name, name))
            return true;
    }
    return att_text_starts(name, "claim_");
}

/* ---- columns of the construction -------------------------------------- */

static void add_own(struct field_list *list, const struct att_field *field,
                    const struct att_construction *c)
{
    if (list->status == ATT_OK && att_store_reserved(field->name)) {
        list->status = att_fail(list->err, ATT_E_ARG,
                                "column '%s' of %s has a name of the runner's: "
                                "rename it",
                                field->name, c->name);
    }
    att_field_add(list, field);
}

static void add_params(struct field_list *list,
                       const struct att_construction *c)
{
    for (uint32_t i = 0; i < att_construction_n_params(c); i++) {
        const struct att_param *param = att_construction_param(c, i);
        const enum att_kind kind = att_param_default(param).kind;
        const struct att_field field = {
            .name = param->name,
            .role = ATT_FIELD_PARAMETER,
            .type = kind == ATT_INTEGER ? ATT_CELL_I64 : cell_of(kind),
            .kind = kind,
            .unit = kind == ATT_TEXT ? "" : param->unit,
            .doc = param->doc,
            .index = i,
        };

        add_own(list, &field, c);
    }
}

static struct att_field metric_field(const struct att_metric *m,
                                     const struct att_construction *c,
                                     uint32_t index)
{
    return (struct att_field){
        .name = m->name,
        .role = ATT_FIELD_METRIC,
        .type = cell_of(m->kind),
        .kind = m->kind,
        .unit = m->kind == ATT_TEXT ? "" : m->unit,
        .doc = m->doc,
        .metric_role = m->role,
        .exactness = m->exactness,
        .tolerance = m->tolerance,
        .formula = m->formula,
        .predicted_by = m->predicted_by,
        .source = c->source,
        .index = index,
    };
}

static void add_metrics(struct field_list *list,
                        const struct att_construction *c)
{
    for (uint32_t i = 0; i < c->n_metrics; i++) {
        const struct att_field field = metric_field(&c->metrics[i], c, i);

        add_own(list, &field, c);
    }
}

/* "hardmax.blocks-bound" becomes "claim_blocks_bound"; with `whole`, where two
 * claims would share that, "claim_hardmax_blocks_bound". */
static const char *claim_column(const char *id, bool whole,
                                struct att_arena *arena)
{
    const char *dot = whole ? NULL : strchr(id, '.');
    char *name =
        att_arena_printf(arena, "claim_%s", dot == NULL ? id : dot + 1);

    for (char *c = name; c != NULL && *c != '\0'; c++) {
        if (!isalnum((unsigned char)*c))
            *c = '_';
    }
    return name;
}

static void add_claim(struct field_list *list, const struct att_claim *claim,
                      uint32_t index)
{
    const char *name = claim_column(claim->id, false, list->arena);

    if (name != NULL && att_field_find(list, name) != NULL)
        name = claim_column(claim->id, true, list->arena);
    if (name == NULL) {
        list->status = att_arena_fail(list->arena, "the columns", list->err);
        return;
    }
    att_field_add(list, &(struct att_field){
                            .name = name,
                            .id = claim->id,
                            .role = ATT_FIELD_CLAIM,
                            .type = ATT_CELL_I8,
                            .kind = ATT_INTEGER,
                            .doc = claim->statement,
                            .statement = claim->statement,
                            .source = claim->source,
                            .standing = claim->standing,
                            .exactness = claim->timing ? ATT_TIMING : ATT_EXACT,
                            .index = index,
                        });
}

/* Group and study claims have no cell per row: they stand in /claims. */
static void add_claims(struct field_list *list,
                       const struct att_construction *c)
{
    for (uint32_t i = 0; i < c->n_claims; i++) {
        if (c->claims[i].scope == ATT_SCOPE_ROW)
            add_claim(list, &c->claims[i], i);
    }
}

/* ---- columns that only rows know --------------------------------------- */

static uint32_t columns_of_all_roles(const struct att_columns *c)
{
    return c->n_params + c->n_metrics + c->n_claims + c->n_observations;
}

/* What the construction declares under this name, else what a search does:
 * the lines of a search have the construction's metrics. */
static const struct att_metric *declared(const struct att_construction *c,
                                         const char *name)
{
    const int metric = att_construction_find_metric(c, name);
    const int observation = att_construction_find_observation(c, name);

    if (metric >= 0)
        return &c->metrics[metric];
    return observation >= 0 ? &c->observations[observation]
                            : att_find_column(name);
}

/* Names of the runner's are passed over: nobody can have meant them. */
static void add_described_column(struct field_list *list,
                                 const struct att_construction *c,
                                 const struct att_column *column)
{
    const struct att_metric *known = declared(c, column->name);
    struct att_metric metric = {.unit = "1"};

    if (known != NULL)
        metric = *known;
    metric.name = column->name;
    if (metric.kind == ATT_NONE)
        metric.kind = column->kind;

    struct att_field field = metric_field(&metric, c, FIELD_ABSENT);

    if (att_field_find(list, column->name) != NULL ||
        att_store_reserved(column->name))
        return;
    if (column->role == ATT_COLUMN_OBSERVATION) {
        field.role = ATT_FIELD_OBSERVATION;
        field.type = ATT_CELL_F64;
    }
    att_field_add(list, &field);
}

/* Columns of the wanted role that the list does not have yet. */
static void add_described(struct field_list *list,
                          const struct schema_source *source,
                          enum att_column_role wanted)
{
    for (size_t k = 0; k < source->n; k++) {
        const struct att_columns *c = source->columns[k];

        for (uint32_t i = 0; i < columns_of_all_roles(c); i++) {
            if (c->column[i].role == wanted)
                add_described_column(list, source->construction, &c->column[i]);
        }
    }
}

void att_schema_rows(const struct schema_source *source,
                     struct field_list *list)
{
    const struct att_construction *c = source->construction;

    att_field_add(list, &TASK);
    att_field_add(list, &KEY);
    add_params(list, c);
    att_field_add(list, &REPLICATE);
    add_metrics(list, c);
    add_described(list, source, ATT_COLUMN_METRIC);
    add_claims(list, c);
    att_field_add(list, &STATUS);
    add_runner(list);
}

/* ---- observations ------------------------------------------------------ */

static const struct att_field LINE = {
    .name = "observation",
    .role = ATT_FIELD_LINE,
    .type = ATT_CELL_I64,
    .kind = ATT_INTEGER,
    .unit = "1",
    .doc = "line of this table",
};
static const struct att_field TASK_INDEX = {
    .name = "task_index",
    .role = ATT_FIELD_TASK_INDEX,
    .type = ATT_CELL_I64,
    .kind = ATT_INTEGER,
    .unit = "1",
    .doc = "place of the row that the line belongs to, from 0",
};

static bool observes(const struct schema_source *source)
{
    bool any = source->construction->n_observations > 0;

    for (size_t k = 0; k < source->n; k++)
        any = any || source->columns[k]->n_observations > 0;
    return any;
}

static void add_observation(struct field_list *list,
                            const struct att_construction *c, uint32_t i)
{
    struct att_field field = metric_field(&c->observations[i], c, i);

    field.role = field.metric_role == ATT_ROLE_AXIS ? ATT_FIELD_AXIS
                                                    : ATT_FIELD_OBSERVATION;
    field.type = ATT_CELL_F64;
    add_own(list, &field, c);
}

void att_schema_lines(const struct schema_source *source,
                      struct field_list *list)
{
    if (!observes(source))
        return;
    att_field_add(list, &LINE);
    att_field_add(list, &TASK_INDEX);
    for (uint32_t i = 0; i < source->construction->n_observations; i++)
        add_observation(list, source->construction, i);
    add_described(list, source, ATT_COLUMN_OBSERVATION);
}
