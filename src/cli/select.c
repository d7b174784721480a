#include "select.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attest/base/outcome.h"
#include "attest/base/text.h"

enum { WORD = 128, MAX_NAMES = 256 };

enum comparison { IS, IS_NOT, BELOW, AT_MOST, ABOVE, AT_LEAST };

/* One condition "name op value". */
struct condition {
    char name[WORD], value[WORD];
    enum comparison op;
};

static const struct {
    const char *text;
    enum comparison op;
} OPERATORS[] = {
    {"!=", IS_NOT}, {"<=", AT_MOST}, {">=", AT_LEAST}, {"==", IS},
    {"=", IS},      {"<", BELOW},    {">", ABOVE},
};

enum { N_OPERATORS = sizeof OPERATORS / sizeof OPERATORS[0] };

/* Cut one condition off the front of *at; false when it is malformed. */
static bool next_condition(const char **at, struct condition *c)
{
    const size_t name = strcspn(*at, "!=<> \t");
    const char *p = *at + name;

    if (name == 0 || name >= WORD)
        return false;
    (void)snprintf(c->name, WORD, "%.*s", (int)name, *at);
    for (size_t i = 0; i < N_OPERATORS; i++) {
        const size_t n = strlen(OPERATORS[i].text);

        if (strncmp(p, OPERATORS[i].text, n) == 0) {
            const size_t value = strcspn(p + n, " \t");

            if (value == 0 || value >= WORD)
                return false;
            (void)snprintf(c->value, WORD, "%.*s", (int)value, p + n);
            c->op = OPERATORS[i].op;
            *at = p + n + value;
            return true;
        }
    }
    return false;
}

static bool compare(int order, enum comparison op)
{
    switch (op) {
    case IS:
        return order == 0;
    case IS_NOT:
        return order != 0;
    case BELOW:
        return order < 0;
    case AT_MOST:
        return order <= 0;
    case ABOVE:
        return order > 0;
    case AT_LEAST:
        break;
    }
    return order >= 0;
}

/* A missing cell meets only "!=". */
static bool cell_meets(struct att_value cell, const struct condition *c)
{
    char text[ATT_NUMBER_TEXT];
    char *end = NULL;
    const double wanted = strtod(c->value, &end);

    if (cell.kind == ATT_NONE)
        return c->op == IS_NOT;
    if (cell.kind != ATT_TEXT && *end == '\0') {
        const double x = att_value_number(cell);

        return compare((x > wanted) - (x < wanted), c->op);
    }
    return compare(strcmp(att_value_text(cell, text), c->value), c->op);
}

att_status cli_unknown_column(const struct att_table *table, const char *name,
                              struct att_error *err)
{
    const char *names[MAX_NAMES];
    size_t n = 0;

    if (table->construction != NULL &&
        att_construction_find_observation(table->construction, name) >= 0) {
        return att_fail(err, ATT_E_ARG,
                        "sweep %s has no column '%s' of rows: it is observed "
                        "inside them (plot draws it, export writes it)",
                        table->name, name);
    }
    for (uint32_t i = 0; i < table->rows.n_fields && n < MAX_NAMES; i++)
        names[n++] = table->rows.field[i].name;
    const char *nearest = att_text_nearest(name, names, n);
    return att_fail(
        err, ATT_E_ARG, "sweep %s has no column '%s'%s%s%s", table->name, name,
        nearest != NULL ? ": did you mean '" : "",
        nearest != NULL ? nearest : "", nearest != NULL ? "'?" : "");
}

/* Statuses are given by name. */
static att_status check_status(const struct condition *c, struct att_error *err)
{
    const char *known[ATT_OUTCOMES];

    for (int i = 0; i < ATT_OUTCOMES; i++) {
        known[i] = att_outcome_text((enum att_outcome_status)i);
        if (att_text_same(c->value, known[i]))
            return ATT_OK;
    }
    const char *nearest = att_text_nearest(c->value, known, ATT_OUTCOMES);

    return att_fail(err, ATT_E_ARG,
                    "there is no status '%s': did you mean '%s'?", c->value,
                    nearest != NULL ? nearest : known[ATT_FAILED]);
}

/* A value that no cell of the column can have is a slip of the pen. */
static att_status check_value(const struct att_table *table, uint32_t field,
                              const struct condition *c, struct att_error *err)
{
    char *end = NULL;

    if (field == table->status)
        return check_status(c, err);
    (void)strtod(c->value, &end);
    if (table->rows.field[field].type == ATT_CELL_TEXT || *end == '\0')
        return ATT_OK;
    return att_fail(err, ATT_E_ARG, "%s is a number, '%s' is none", c->name,
                    c->value);
}

static struct att_value cell_of(const struct att_table *table, size_t row,
                                int field)
{
    if ((uint32_t)field == table->status)
        return att_text(att_outcome_text(att_table_status(table, row)));
    return att_frame_cell(&table->rows, row, (uint32_t)field);
}

att_status cli_row_meets(const struct att_table *table, size_t row,
                         const char *conditions, bool *meets,
                         struct att_error *err)
{
    const char *at = conditions;

    *meets = true;
    for (;;) {
        struct condition c;

        while (isspace((unsigned char)*at) || *at == ',')
            at++;
        if (*at == '\0')
            return ATT_OK;
        if (!next_condition(&at, &c)) {
            return att_fail(err, ATT_E_ARG,
                            "'%s' is no condition: write name=value, as in "
                            "'N=64 d=8 replicate=3'",
                            at);
        }
        const int field = att_table_find(table, c.name);
        if (field < 0)
            return cli_unknown_column(table, c.name, err);
        ATT_TRY(check_value(table, (uint32_t)field, &c, err));
        *meets = *meets && cell_meets(cell_of(table, row, field), &c);
    }
}

/* ---- one row ----------------------------------------------------------------- */

struct search {
    struct cli_choice found;
    size_t n;
};

static void note_match(struct search *s, const struct att_table *table,
                       size_t row, size_t n)
{
    if (s->n == 0)
        s->found = (struct cli_choice){table, row};
    s->n += n;
}

static att_status search_conditions(const struct att_table *table,
                                    const char *task, struct search *s,
                                    struct att_error *err)
{
    for (size_t row = 0; row < table->rows.n; row++) {
        bool meets = false;

        ATT_TRY(cli_row_meets(table, row, task, &meets, err));
        if (meets)
            note_match(s, table, row, 1);
    }
    return ATT_OK;
}

static bool is_number(const char *task)
{
    return task[0] != '\0' && strspn(task, "0123456789") == strlen(task);
}

static bool is_key(const char *task)
{
    const size_t n = strlen(task);

    return n >= 9 && n <= 33 && task[0] == 'k' &&
           strspn(task + 1, "0123456789abcdefABCDEF") == n - 1;
}

/* A key that is cut too short to be one. */
static bool is_short_key(const char *task)
{
    const size_t n = strlen(task);

    return n > 1 && n < 9 && task[0] == 'k' &&
           strspn(task + 1, "0123456789abcdefABCDEF") == n - 1;
}

bool cli_is_task_name(const char *word)
{
    return is_number(word) || is_key(word);
}

static att_status search_table(const struct att_table *table, const char *task,
                               struct search *s, struct att_error *err)
{
    size_t row = 0;
    size_t n = 0;

    if (is_number(task)) {
        if (att_table_find_task(table, strtoull(task, NULL, 10), &row))
            note_match(s, table, row, 1);
        return ATT_OK;
    }
    if (is_key(task)) {
        const bool one = att_table_find_key(table, task + 1, &row, &n);

        if (one || n > 0)
            note_match(s, table, row, one ? 1 : n);
        return ATT_OK;
    }
    if (is_short_key(task)) {
        return att_fail(err, ATT_E_ARG,
                        "'%s' is too short for a key: give k and 8 or more of "
                        "its digits",
                        task);
    }
    return search_conditions(table, task, s, err);
}

/* Conditions may name columns that only some sweeps have. */
static bool only_misses_columns(const struct att_error *err, uint32_t n_sweeps)
{
    return n_sweeps > 1 && err->status == ATT_E_ARG &&
           strstr(err->text, "has no column") != NULL;
}

att_status cli_select(struct att_dataset *dataset, const char *task,
                      struct cli_choice *choice, struct att_error *err)
{
    const uint32_t n_sweeps = att_dataset_n_sweeps(dataset);
    struct search s = {0};
    struct att_error missed = {0};

    for (uint32_t i = 0; i < n_sweeps; i++) {
        const struct att_table *table = NULL;
        struct att_error local = {0};

        ATT_TRY(att_dataset_load(dataset, i, true, &table, err));
        if (search_table(table, task, &s, &local) == ATT_OK)
            continue;
        if (!only_misses_columns(&local, n_sweeps))
            return att_fail(err, local.status, "%s", local.text);
        missed = local;
    }
    if (s.n == 1) {
        *choice = s.found;
        return ATT_OK;
    }
    if (s.n == 0 && missed.status != ATT_OK)
        return att_fail(err, missed.status, "%s", missed.text);
    if (s.n == 0)
        return att_fail(err, ATT_E_ARG, "no row is '%s'", task);
    return att_fail(err, ATT_E_ARG,
                    "%zu rows are '%s': add conditions, or name one by its "
                    "key or number",
                    s.n, task);
}
