/* export.c - a run as CSV files, for programs that read nothing else. */
#include <string.h>

#include "attest/base/writer.h"
#include "attest/report/aggregate.h"
#include "attest/store/pass.h"
#include "cli_priv.h"
#include "folder.h"
#include "pick.h"
#include "verdicts.h"

/* A CSV file of which some rows are written. */
struct csv_file {
    const char *what; /* the end of its name */
    bool begun;
    struct att_writer writer;
};

struct export_job {
    const char *path, *folder, *sweep;
    struct att_dataset *dataset;
    struct att_arena *arena; /* rewound after each part of a table */
    struct att_buffer text;  /* of that part */
    struct csv_file rows, lines;
    size_t n_files;
};

/* ---- files ----------------------------------------------------------------------- */

static att_status begin_file(const struct export_job *e, const char *name,
                             struct csv_file *file, struct att_error *err)
{
    char path[CLI_PATH];
    const int n =
        snprintf(path, sizeof path, "%s/%s%s.csv", e->folder, name, file->what);

    if (n < 0 || (size_t)n >= sizeof path) {
        return att_fail(err, ATT_E_ARG, "the name %s/%s is too long", e->folder,
                        name);
    }
    ATT_TRY(att_writer_open(path, &file->writer, err));
    file->begun = true;
    return ATT_OK;
}

/* Append a part of a table; the first one brings the heading. */
static att_status write_part(struct export_job *e, const char *name,
                             const struct att_text_table *t,
                             struct csv_file *file, struct att_error *err)
{
    const bool first = !file->begun;

    if (first)
        ATT_TRY(begin_file(e, name, file, err));
    att_buffer_clear(&e->text);
    if (first) {
        att_text_table_csv(t, &e->text);
    } else {
        att_text_table_csv_rows(t, &e->text);
    }
    if (!att_buffer_ok(&e->text))
        return att_fail(err, ATT_E_NOMEM, "out of memory writing %s", name);
    return att_writer_put(&file->writer, e->text.data, e->text.size, err);
}

static att_status end_file(struct export_job *e, struct csv_file *file,
                           struct att_error *err)
{
    if (!file->begun)
        return ATT_OK;
    file->begun = false;
    ATT_TRY(att_writer_finish(&file->writer, false, err));
    e->n_files++;
    return ATT_OK;
}

static void drop_file(struct csv_file *file)
{
    if (file->begun)
        att_writer_drop(&file->writer);
    file->begun = false;
}

/* ---- rows and lines ---------------------------------------------------------------- */

/* 0, 1, 2, ...; NULL when out of memory. */
static uint32_t *all_fields(struct att_arena *arena, uint32_t n)
{
    uint32_t *field = ATT_NEW(arena, uint32_t, n);

    for (uint32_t i = 0; field != NULL && i < n; i++)
        field[i] = i;
    return field;
}

static att_status export_rows(void *context, const struct att_table *table,
                              struct att_error *err)
{
    struct export_job *e = context;
    const struct att_arena_mark mark = att_arena_mark(e->arena);
    size_t *row = ATT_NEW(e->arena, size_t, table->rows.n);
    struct att_text_table t = {0};
    const struct att_selection selection = {
        .row = row,
        .n_rows = table->rows.n,
        .field = all_fields(e->arena, table->rows.n_fields),
        .n_fields = table->rows.n_fields,
        .digits = ATT_DIGITS_ALL,
    };

    if (row == NULL || selection.field == NULL)
        return att_arena_fail(e->arena, "the rows of a sweep", err);
    for (size_t i = 0; i < table->rows.n; i++)
        row[i] = i;
    ATT_TRY(att_select_rows(table, &selection, e->arena, &t, err));
    ATT_TRY(write_part(e, table->name, &t, &e->rows, err));
    att_arena_rewind(e->arena, mark);
    return ATT_OK;
}

/* Lines of observations; task_index is the row's place, counted from 0. */
static att_status export_lines(void *context, const struct att_table *table,
                               struct att_error *err)
{
    struct export_job *e = context;
    const struct att_arena_mark mark = att_arena_mark(e->arena);
    const struct att_frame *lines = &table->lines;
    struct att_text_column *column =
        ATT_NEW(e->arena, struct att_text_column, lines->n_fields);
    struct att_value *cell =
        ATT_NEW(e->arena, struct att_value, lines->n_fields);
    struct att_text_table t = {0};

    if (column == NULL || cell == NULL)
        return att_arena_fail(e->arena, "the observations of a sweep", err);
    for (uint32_t k = 0; k < lines->n_fields; k++)
        column[k] = (struct att_text_column){.name = lines->field[k].name};
    att_text_table_init(&t, e->arena, column, lines->n_fields);
    for (size_t i = 0; i < lines->n; i++) {
        for (uint32_t k = 0; k < lines->n_fields; k++)
            cell[k] = att_frame_cell(lines, i, k);
        ATT_TRY(att_text_table_add(&t, cell, err));
    }
    ATT_TRY(write_part(e, table->name, &t, &e->lines, err));
    att_arena_rewind(e->arena, mark);
    return ATT_OK;
}

/* A sweep without planned rows has a heading and nothing below it. */
static att_status export_heading(struct export_job *e,
                                 const struct att_table *table,
                                 struct att_error *err)
{
    struct att_table none = *table;

    none.rows.n = 0;
    return e->rows.begun ? ATT_OK : export_rows(e, &none, err);
}

static att_status export_sweep(struct export_job *e, uint32_t sweep,
                               struct att_error *err)
{
    const struct att_pass pass = {export_rows, export_lines, e};

    e->rows = (struct csv_file){.what = ""};
    e->lines = (struct csv_file){.what = ".observations"};
    att_status status = att_dataset_pass(e->dataset, sweep, &pass, err);

    if (status == ATT_OK)
        status = export_heading(e, att_dataset_sweep(e->dataset, sweep), err);
    if (status == ATT_OK)
        status = end_file(e, &e->rows, err);
    if (status == ATT_OK)
        status = end_file(e, &e->lines, err);
    drop_file(&e->rows);
    drop_file(&e->lines);
    return status;
}

/* ---- claims -------------------------------------------------------------------- */

enum {
    C_ID,
    C_SWEEP,
    C_GROUP,
    C_N,
    C_PLANNED,
    C_STATISTIC,
    C_LO,
    C_HI,
    C_PREDICTED,
    C_VERDICT,
    C_NOTE,
    N_C
};

static const struct att_text_column CLAIM_COLUMNS[N_C] = {
    [C_ID] = {.name = "id"},
    [C_SWEEP] = {.name = "sweep"},
    [C_GROUP] = {.name = "group"},
    [C_N] = {.name = "n"},
    [C_PLANNED] = {.name = "n_planned"},
    [C_STATISTIC] = {.name = "statistic"},
    [C_LO] = {.name = "lo"},
    [C_HI] = {.name = "hi"},
    [C_PREDICTED] = {.name = "predicted"},
    [C_VERDICT] = {.name = "verdict"},
    [C_NOTE] = {.name = "note"},
};

static att_status add_result(const struct att_claim_result *r,
                             struct att_text_table *t, struct att_error *err)
{
    const struct att_value cells[N_C] = {
        [C_ID] = att_text(r->claim->id),
        [C_SWEEP] = att_text(r->sweep),
        [C_GROUP] = att_text(r->group),
        [C_N] = att_int((int64_t)r->n),
        [C_PLANNED] = att_int((int64_t)r->n_planned),
        [C_STATISTIC] = att_real(r->finding.statistic),
        [C_LO] = att_real(r->finding.lo),
        [C_HI] = att_real(r->finding.hi),
        [C_PREDICTED] = att_real(r->finding.predicted),
        [C_VERDICT] = att_text(att_verdict_text(r->finding.verdict)),
        [C_NOTE] = att_text(r->finding.note),
    };

    return att_text_table_add(t, cells, err);
}

static att_status export_claims(struct export_job *e,
                                const struct att_claim_results *results,
                                struct att_error *err)
{
    struct att_text_table t = {0};

    att_text_table_init(&t, e->arena, CLAIM_COLUMNS, N_C);
    for (size_t i = 0; i < results->n; i++)
        ATT_TRY(add_result(&results->result[i], &t, err));
    e->rows = (struct csv_file){.what = ""};
    att_status status = write_part(e, "claims", &t, &e->rows, err);

    if (status == ATT_OK)
        status = end_file(e, &e->rows, err);
    drop_file(&e->rows);
    return status;
}

/* ---- all ------------------------------------------------------------------------ */

static att_status export_sweeps(struct export_job *e, struct att_error *err)
{
    const uint32_t n = att_dataset_n_sweeps(e->dataset);

    ATT_TRY(cli_check_sweep(e->dataset, e->sweep, err));
    for (uint32_t i = 0; i < n; i++) {
        const char *name = att_dataset_sweep(e->dataset, i)->name;

        if (e->sweep != NULL && strcmp(e->sweep, name) != 0)
            continue;
        ATT_TRY(export_sweep(e, i, err));
    }
    return ATT_OK;
}

static int export_judged(struct export_job *e)
{
    struct cli_verdicts verdicts = {0};
    struct att_error err = {0};
    int code = cli_verdicts_make(e->dataset, &verdicts);

    if (code == CLI_DONE && export_claims(e, &verdicts.results, &err) != ATT_OK)
        code = cli_fail(&err);
    cli_verdicts_fini(&verdicts);
    return code;
}

static int export_all(struct export_job *e)
{
    struct cli_folder folder;
    struct att_error err = {0};
    int code = CLI_DONE;

    e->arena = att_arena_create(0);
    if (e->arena == NULL) {
        (void)att_fail(&err, ATT_E_NOMEM, "out of memory");
    } else if (att_dataset_open(e->path, &e->dataset, &err) == ATT_OK &&
               cli_folder_name(&folder, e->folder, &err) == ATT_OK &&
               cli_folder_make(&folder, &err) == ATT_OK) {
        (void)export_sweeps(e, &err);
    }
    code = err.status != ATT_OK ? cli_fail(&err) : CLI_DONE;
    if (code == CLI_DONE && e->sweep == NULL)
        code = export_judged(e);
    if (code == CLI_DONE)
        (void)printf("written: %zu files in %s\n", e->n_files, e->folder);
    att_dataset_close(e->dataset);
    att_arena_destroy(e->arena);
    att_buffer_fini(&e->text);
    return code;
}

int cmd_export(int argc, char **argv)
{
    struct export_job e = {0};
    bool csv = false;
    const struct cli_option options[] = {
        {"output", 'o', CLI_TEXT, "FOLDER", &e.folder,
         "where the files go (made if need be)"},
        {"csv", 0, CLI_SWITCH, NULL, &csv, "as CSV (which is all there is)"},
        {"sweep", 0, CLI_TEXT, "NAME", &e.sweep, "only this sweep, no claims"},
    };
    const struct cli_usage usage = {
        .synopsis = "export DIR|FILE --csv -o FOLDER [--sweep NAME]",
        .summary = "Write all rows, observations and claims as CSV files.",
        .details = "SWEEP.csv has every column of every planned row,\n"
                   "SWEEP.observations.csv its lines (task_index: the row, "
                   "from 0),\nclaims.csv the verdicts on groups.  Numbers read "
                   "back exactly.",
        .example = "  attest export runs/quickstart --csv -o quickstart-csv",
        .option = options,
        .n_options = sizeof options / sizeof options[0],
        .min_operands = 1,
        .max_operands = 1,
    };
    struct cli_words operands = {0};
    const enum cli_parsed parsed = cli_parse(&usage, argc, argv, &operands);

    if (parsed != CLI_GO)
        return CLI_PARSED_EXIT(parsed);
    if (e.folder == NULL) {
        cli_error("try --csv -o csv", "-o FOLDER is needed");
        return CLI_USAGE;
    }
    e.path = operands.word[0];
    return export_all(&e);
}
