/* show.c - rows in the terminal: tables, groups, one task in full. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "attest/base/text.h"
#include "attest/report/aggregate.h"
#include "attest/report/text_table.h"
#include "cli_priv.h"
#include "json.h"
#include "pager.h"
#include "pick.h"
#include "select.h"
#include "show_task.h"

enum { DEFAULT_ROWS = 40, NO_LIMIT_GIVEN = -1 };

struct show {
    const char *path, *sweep, *where, *by, *stat, *sort;
    bool csv, json, sweeps, latex;
    int64_t limit; /* rows printed to a terminal; 0: all */
    struct cli_words columns;
    struct att_dataset *dataset;
    struct att_arena *arena;
};

static att_status parse_stats(const char *list, enum att_stat *stat,
                              uint32_t *n, struct att_error *err)
{
    char name[32];

    *n = 0;
    while (*n < ATT_STATS && att_text_word(&list, ",", name, sizeof name)) {
        ATT_TRY(att_stat_parse(name, &stat[*n], err));
        ++*n;
    }
    return ATT_OK;
}

/* The axes that vary, but for the replicate. */
static att_status axes_of(const struct att_table *table,
                          struct cli_columns *out, struct att_error *err)
{
    ATT_TRY(cli_add_columns(table, table->axes, out, err));
    if (out->n > 0 && out->field[out->n - 1] == table->replicate)
        out->n--;
    return ATT_OK;
}

/* Does the column say the same in every chosen row that is done? */
static bool is_constant(const struct att_table *table,
                        const struct cli_rows *rows, uint32_t field)
{
    struct att_value first = att_none();

    for (size_t i = 0; i < rows->n; i++) {
        const struct att_value v =
            att_frame_cell(&table->rows, rows->row[i], field);

        if (v.kind == ATT_NONE)
            continue;
        if (first.kind != ATT_NONE && !att_value_equal(first, v))
            return false;
        first = v;
    }
    return true;
}

/* Measured numbers that do not depend on the machine's mood. */
static bool is_measured(const struct att_field *f)
{
    return f->role == ATT_FIELD_METRIC && f->type == ATT_CELL_F64 &&
           f->metric_role == ATT_ROLE_MEASURED && f->exactness != ATT_TIMING;
}

/* What is shown when nothing is named: measured columns that vary. */
static void default_metrics(const struct att_table *table,
                            const struct cli_rows *rows,
                            struct cli_columns *out)
{
    for (uint32_t i = 0; i < table->rows.n_fields && out->n < CLI_MAX_COLUMNS;
         i++) {
        if (is_measured(&table->rows.field[i]) && !is_constant(table, rows, i))
            out->field[out->n++] = i;
    }
}

/* "the same in every row: acc_plane 1, rank_A_max 1" */
static void print_constants(const struct att_table *table,
                            const struct cli_rows *rows, struct att_buffer *out)
{
    const char *gap = "the same in every row: ";
    const char *end = "";

    for (uint32_t i = 0; rows->n > 0 && i < table->rows.n_fields; i++) {
        const struct att_value v =
            att_frame_cell(&table->rows, rows->row[0], i);
        char text[ATT_NUMBER_TEXT];

        if (!is_measured(&table->rows.field[i]) || v.kind == ATT_NONE ||
            !is_constant(table, rows, i))
            continue;
        att_buffer_printf(out, "%s%s %s", gap, table->rows.field[i].name,
                          att_value_text(v, text));
        gap = ", ";
        end = "\n";
    }
    att_buffer_text(out, end);
}

static att_status named_columns(const struct show *s,
                                const struct att_table *table,
                                struct cli_columns *out, struct att_error *err)
{
    for (int i = 0; i < s->columns.n; i++)
        ATT_TRY(cli_add_columns(table, s->columns.word[i], out, err));
    return ATT_OK;
}

static att_status make_groups(const struct show *s,
                              const struct att_table *table,
                              const struct cli_rows *rows,
                              struct att_text_table *out, struct att_error *err)
{
    struct cli_columns by = {.n = 0};
    struct cli_columns of = {.n = 0};
    enum att_stat stat[ATT_STATS];
    struct att_aggregate query = {
        .row = rows->row, .n_rows = rows->n, .digits = ATT_DIGITS_DEFAULT};

    if (s->by != NULL) {
        ATT_TRY(cli_add_columns(table, s->by, &by, err));
    } else {
        ATT_TRY(axes_of(table, &by, err));
    }
    ATT_TRY(named_columns(s, table, &of, err));
    if (s->columns.n == 0)
        default_metrics(table, rows, &of);
    ATT_TRY(parse_stats(s->stat, stat, &query.n_stats, err));
    query.by = by.field;
    query.n_by = by.n;
    query.field = of.field;
    query.n_fields = of.n;
    query.stat = stat;
    return att_aggregate_rows(table, &query, s->arena, out, err);
}

static att_status make_rows(const struct show *s, const struct att_table *table,
                            const struct cli_rows *rows,
                            struct att_text_table *out, struct att_error *err)
{
    struct cli_columns of = {.n = 0};

    of.field[of.n++] = table->task;
    ATT_TRY(cli_add_columns(table, table->axes, &of, err));
    if (of.n < CLI_MAX_COLUMNS)
        of.field[of.n++] = table->status;
    ATT_TRY(named_columns(s, table, &of, err));
    const struct att_selection selection = {
        .row = rows->row,
        .n_rows = rows->n,
        .field = of.field,
        .n_fields = of.n,
        .digits = s->csv || s->json ? ATT_DIGITS_ALL : ATT_DIGITS_DEFAULT,
    };
    return att_select_rows(table, &selection, s->arena, out, err);
}

/* --sort "a,-b": by a ascending, then b descending. */
static att_status sort_table(const struct show *s, struct att_text_table *t,
                             struct att_error *err)
{
    struct att_sort_key key[8];
    uint32_t n = 0;
    const char *list = s->sort;

    while (list != NULL && *list != '\0' && n < 8) {
        const bool down = *list == '-';
        const char *name = list + down;
        const size_t length = strcspn(name, ",");
        uint32_t c = 0;

        while (c < t->n_columns &&
               (strncmp(t->column[c].name, name, length) != 0 ||
                t->column[c].name[length] != '\0'))
            c++;
        if (c == t->n_columns) {
            return att_fail(err, ATT_E_ARG,
                            "--sort: the table has no column '%.*s'",
                            (int)length, name);
        }
        key[n++] = (struct att_sort_key){c, down};
        list = name + length + (name[length] == ',');
    }
    return n > 0 ? att_text_table_sort(t, key, n, err) : ATT_OK;
}

static void print_text(const struct show *s, const struct att_table *table,
                       struct att_text_table *t, struct att_buffer *out)
{
    const size_t n = t->n_rows;
    const struct att_text_style style = {cli_width(stdout), cli_colour(stdout)};

    if (s->limit > 0 && (uint64_t)s->limit < n)
        t->n_rows = (size_t)s->limit;
    att_buffer_printf(out, "%s (%s): %" PRIu64 " of %" PRIu64 " rows done\n",
                      table->name, table->construction_name, table->n_done,
                      table->n_planned);
    att_text_table_print(t, &style, out);
    if (t->n_rows < n) {
        att_buffer_printf(out, "... %zu more: --limit 0 shows all\n",
                          n - t->n_rows);
    }
    t->n_rows = n;
}

static att_status show_sweep(const struct show *s,
                             const struct att_table *table,
                             struct att_buffer *out, json_t *json,
                             struct att_error *err)
{
    struct att_text_table t = {0};
    struct cli_rows rows = {0};
    const bool grouped = s->by != NULL || s->columns.n == 0;

    ATT_TRY(cli_pick_rows(table, s->where, s->arena, &rows, err));
    if (grouped) {
        ATT_TRY(make_groups(s, table, &rows, &t, err));
    } else {
        ATT_TRY(make_rows(s, table, &rows, &t, err));
    }
    ATT_TRY(sort_table(s, &t, err));
    if (s->json) {
        json_object_set_new(json, table->name, att_text_table_json(&t));
    } else if (s->csv) {
        att_text_table_csv(&t, out);
    } else if (s->latex) {
        att_text_table_latex(&t, out);
    } else {
        print_text(s, table, &t, out);
        if (s->columns.n == 0 && !s->json && !s->csv && !s->latex)
            print_constants(table, &rows, out);
    }
    return ATT_OK;
}

static bool wanted(const struct show *s, const struct att_table *table)
{
    return s->sweep == NULL || strcmp(s->sweep, table->name) == 0;
}

static att_status show_sweeps(const struct show *s, struct att_buffer *out,
                              json_t *json, struct att_error *err)
{
    const uint32_t n = att_dataset_n_sweeps(s->dataset);
    uint32_t shown = 0;

    ATT_TRY(cli_check_sweep(s->dataset, s->sweep, err));
    for (uint32_t i = 0; i < n; i++) {
        const struct att_table *table = att_dataset_sweep(s->dataset, i);

        if (!wanted(s, table))
            continue;
        ATT_TRY(att_dataset_load(s->dataset, i, false, &table, err));
        if (shown++ > 0 && !s->json)
            att_buffer_text(out, "\n");
        ATT_TRY(show_sweep(s, table, out, json, err));
    }
    return ATT_OK;
}

static int print_all(const struct show *s)
{
    struct att_buffer out = {0};
    struct att_error err = {0};
    json_t *json = s->json ? json_object() : NULL;
    int code = CLI_DONE;

    if (show_sweeps(s, &out, json, &err) != ATT_OK) {
        code = cli_fail(&err);
        json_decref(json);
    } else if (s->json) {
        json_t *root = cli_json_begin("show");

        json_object_set_new(root, "sweeps", json);
        code = cli_json_end(root);
    } else {
        cli_print_pages(&out);
    }
    att_buffer_fini(&out);
    return code;
}

static int list_sweeps(const struct show *s)
{
    for (uint32_t i = 0; i < att_dataset_n_sweeps(s->dataset); i++)
        (void)puts(att_dataset_sweep(s->dataset, i)->name);
    return CLI_DONE;
}

/* A second operand that is a number or a key names one task. */
static bool names_task(const struct show *s)
{
    return s->columns.n == 1 && cli_is_task_name(s->columns.word[0]);
}

static int show(struct show *s)
{
    struct att_error err = {0};
    int code = CLI_TROUBLE;

    s->arena = att_arena_create(0);
    if (s->arena == NULL)
        (void)att_fail(&err, ATT_E_NOMEM, "out of memory");
    if (err.status != ATT_OK ||
        att_dataset_open(s->path, &s->dataset, &err) != ATT_OK) {
        code = cli_fail(&err);
    } else if (s->sweeps) {
        code = list_sweeps(s);
    } else if (names_task(s)) {
        code = cli_show_task(s->dataset, s->columns.word[0], s->json);
    } else {
        code = print_all(s);
    }
    att_dataset_close(s->dataset);
    att_arena_destroy(s->arena);
    return code;
}

int cmd_show(int argc, char **argv)
{
    struct show s = {.stat = "median", .limit = NO_LIMIT_GIVEN};
    const struct cli_option options[] = {
        {"sweep", 0, CLI_TEXT, "NAME", &s.sweep, "only this sweep"},
        {"where", 0, CLI_TEXT, "COND", &s.where,
         "only rows that meet 'N=64 d>8 status=done'"},
        {"by", 0, CLI_TEXT, "A,B", &s.by,
         "one line per group (default: the axes)"},
        {"stat", 0, CLI_TEXT, "S,T", &s.stat,
         "median, min, max, mean, sd, q1, q3, iqr, count"},
        {"sort", 0, CLI_TEXT, "A,-B", &s.sort, "by A, then B descending"},
        {"limit", 0, CLI_COUNT, "N", &s.limit,
         "lines shown (default: all in a pager, else 40)"},
        {"csv", 0, CLI_SWITCH, NULL, &s.csv, "print CSV"},
        {"latex", 0, CLI_SWITCH, NULL, &s.latex, "print a LaTeX table"},
        {"json", 0, CLI_SWITCH, NULL, &s.json, "print JSON"},
        {"sweeps", 0, CLI_SWITCH, NULL, &s.sweeps, "only list the sweeps"},
    };
    const struct cli_usage usage = {
        .synopsis = "show DIR|FILE [COLUMN...|TASK] [OPTION...]",
        .summary = "Print rows: named columns row by row, else medians by "
                   "axis.",
        .details = "TASK (a number, or k and 8 digits of a key) shows one row "
                   "in full.\nLong tables go through $PAGER; NO_COLOR leaves "
                   "colours out.",
        .example = "  attest show runs/quickstart blocks params_used\n"
                   "  attest show runs/quickstart --by N,d --stat median,max",
        .option = options,
        .n_options = sizeof options / sizeof options[0],
        .min_operands = 1,
        .max_operands = -1,
    };
    struct cli_words operands = {0};
    const enum cli_parsed parsed = cli_parse(&usage, argc, argv, &operands);

    if (parsed != CLI_GO)
        return CLI_PARSED_EXIT(parsed);
    s.path = operands.word[0];
    for (int i = 1; i < operands.n; i++)
        s.columns.word[s.columns.n++] = operands.word[i];
    if (s.limit == NO_LIMIT_GIVEN)
        s.limit = s.csv || s.latex || cli_can_page() ? 0 : DEFAULT_ROWS;
    return show(&s);
}
