/* dataset.c - one face for run folders and stores. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attest/base/text.h"
#include "dataset_priv.h"

bool att_dataset_is_store(const char *path)
{
    static const char signature[8] = "\x89HDF\r\n\x1a\n";
    char start[sizeof signature] = "";
    struct stat info;

    if (stat(path, &info) != 0 || !S_ISREG(info.st_mode))
        return false;
    FILE *const file = fopen(path, "rb");

    if (file == NULL)
        return false;
    const size_t n = fread(start, 1, sizeof start, file);
    (void)fclose(file);
    return n == sizeof start && memcmp(start, signature, sizeof start) == 0;
}

static att_status open_kind(struct att_dataset *ds, struct att_error *err)
{
    struct stat info;

    if (stat(ds->path, &info) != 0)
        return att_fail_errno(err, "cannot read '%s'", ds->path);
    if (S_ISDIR(info.st_mode))
        return att_folder_open(ds, err);
    if (access(ds->path, R_OK) != 0)
        return att_fail_errno(err, "cannot read '%s'", ds->path);
    if (!att_dataset_is_store(ds->path)) {
        return att_fail(err, ATT_E_IO,
                        "'%s' is neither a run folder nor a store (an HDF5 "
                        "file, as results.h5)",
                        ds->path);
    }
    return att_store_open(ds, err);
}

static att_status open_filled(struct att_dataset *ds, struct att_error *err)
{
    if (ds->path == NULL || ds->arena == NULL)
        return att_fail(err, ATT_E_NOMEM, "no memory to open a data set");
    att_pool_init(&ds->pool, ds->arena);
    return open_kind(ds, err);
}

att_status att_dataset_open(const char *path, struct att_dataset **dataset,
                            struct att_error *err)
{
    struct att_dataset *ds = calloc(1, sizeof *ds);

    if (ds == NULL)
        return att_fail(err, ATT_E_NOMEM, "no memory to open a data set");
    ds->file = -1;
    ds->path = strdup(path);
    ds->arena = att_arena_create(0);

    const att_status status = open_filled(ds, err);

    if (status == ATT_OK) {
        *dataset = ds;
    } else {
        att_dataset_close(ds);
    }
    return status;
}

void att_dataset_close(struct att_dataset *ds)
{
    if (ds == NULL)
        return;
    for (uint32_t s = 0; s < ds->n_sweeps; s++) {
        att_frame_destroy(&ds->sweep[s].table.rows);
        att_frame_destroy(&ds->sweep[s].table.lines);
        free(ds->sweep[s].line_first);
    }
    att_frame_destroy(&ds->claims);
    att_folder_close(ds);
    att_store_close(ds);
    att_arena_destroy(ds->arena);
    free(ds->path);
    free(ds);
}

const char *att_dataset_path(const struct att_dataset *ds)
{
    return ds->path;
}

bool att_dataset_is_live(const struct att_dataset *ds)
{
    return ds->plan != NULL;
}

const char *att_dataset_name(const struct att_dataset *ds)
{
    return ds->name;
}

const struct att_study *att_dataset_study(const struct att_dataset *ds)
{
    return ds->study_file == NULL ? NULL : att_study_of(ds->study_file);
}

const struct att_inputs *att_dataset_inputs(const struct att_dataset *ds)
{
    return ds->inputs;
}

struct att_plan *att_dataset_plan(struct att_dataset *ds)
{
    return ds->plan;
}

uint64_t att_dataset_n_planned(const struct att_dataset *ds)
{
    return ds->n_planned;
}

uint64_t att_dataset_n_done(const struct att_dataset *ds)
{
    return ds->n_done;
}

uint64_t att_dataset_n_unplanned(const struct att_dataset *ds)
{
    return ds->n_unplanned;
}

uint32_t att_dataset_n_sweeps(const struct att_dataset *ds)
{
    return ds->n_sweeps;
}

const struct att_table *att_dataset_sweep(const struct att_dataset *ds,
                                          uint32_t sweep)
{
    return &ds->sweep[sweep].table;
}

int att_dataset_find(const struct att_dataset *ds, const char *sweep)
{
    for (uint32_t s = 0; s < ds->n_sweeps; s++) {
        if (att_text_same(ds->sweep[s].table.name, sweep))
            return (int)s;
    }
    return -1;
}

/* Count lines up to each row; *line stops where the order is broken. */
static bool index_lines(const struct att_frame *lines, size_t n_rows,
                        uint64_t *first, uint64_t *line)
{
    const int at = att_frame_find(lines, "task_index");

    *line = 0;
    for (size_t row = 0; row <= n_rows; row++) {
        first[row] = *line;
        while (at >= 0 && row < n_rows && *line < lines->n &&
               lines->cells[at].integer[*line] == (int64_t)row)
            ++*line;
    }
    return *line == lines->n;
}

/* Where the lines of each row begin, from the column task_index. */
static att_status find_lines(const struct att_dataset *ds,
                             struct dataset_sweep *sweep, struct att_error *err)
{
    struct att_table *table = &sweep->table;
    uint64_t line = 0;

    free(sweep->line_first);
    sweep->line_first = malloc((table->rows.n + 1) * sizeof(uint64_t));
    if (sweep->line_first == NULL)
        return att_fail(err, ATT_E_NOMEM, "no memory for observations");
    if (!index_lines(&table->lines, table->rows.n, sweep->line_first, &line)) {
        return att_fail(err, ATT_E_PARSE,
                        "'%s', %s: observation %" PRIu64
                        " belongs to no row, or is out of order",
                        ds->path, table->name, line);
    }
    table->line_first = sweep->line_first;
    return ATT_OK;
}

/* A run folder gives rows and lines in one pass, a file column by column. */
static att_status load_parts(struct att_dataset *ds, uint32_t s, bool rows,
                             bool lines, struct att_error *err)
{
    if (att_dataset_is_live(ds))
        return att_folder_load(ds, s, lines, err);
    if (rows)
        ATT_TRY(att_store_load_rows(ds, s, err));
    return lines ? att_store_load_lines(ds, s, err) : ATT_OK;
}

static att_status load(struct att_dataset *ds, uint32_t s, bool lines,
                       struct att_error *err)
{
    struct dataset_sweep *sweep = &ds->sweep[s];
    const bool wants_rows = !sweep->has_rows;
    const bool wants_lines = lines && !sweep->has_lines;

    if (!wants_rows && !wants_lines)
        return ATT_OK;
    ATT_TRY(load_parts(ds, s, wants_rows, wants_lines, err));
    sweep->has_rows = true;
    if (wants_lines)
        ATT_TRY(find_lines(ds, sweep, err));
    sweep->has_lines = sweep->has_lines || wants_lines;
    return ATT_OK;
}

att_status att_dataset_load(struct att_dataset *ds, uint32_t sweep,
                            bool observations, const struct att_table **table,
                            struct att_error *err)
{
    ATT_TRY(load(ds, sweep, observations, err));
    *table = &ds->sweep[sweep].table;
    return ATT_OK;
}

att_status att_dataset_load_all(struct att_dataset *ds, struct att_error *err)
{
    for (uint32_t s = 0; s < ds->n_sweeps; s++)
        ATT_TRY(load(ds, s, true, err));
    return ATT_OK;
}

static att_status no_claims(struct att_dataset *ds, struct att_error *err)
{
    struct field_list list = {.arena = ds->arena, .err = err};

    att_schema_claims(&list);
    if (list.status != ATT_OK)
        return list.status;
    return att_frame_create(&ds->claims, list.field, list.n, 0, err);
}

att_status att_dataset_claims(struct att_dataset *ds,
                              const struct att_frame **claims,
                              struct att_error *err)
{
    if (!ds->has_claims) {
        ATT_TRY(att_dataset_is_live(ds) ? no_claims(ds, err)
                                        : att_store_load_claims(ds, err));
        ds->has_claims = true;
    }
    *claims = &ds->claims;
    return ATT_OK;
}

const char *att_dataset_fact(const struct att_dataset *ds, const char *name)
{
    const char *text = NULL;

    if (!att_dataset_is_live(ds))
        return att_store_fact(ds, name, &text, NULL) == ATT_OK ? text : NULL;

    const struct att_study *study = att_dataset_study(ds);

    return study != NULL && att_text_same(name, "study") ? study->text : NULL;
}
