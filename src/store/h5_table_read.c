/* h5_table_read.c - reading columns that may be anything but columns. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "h5_table_priv.h"

static att_status column_length(hid_t group, const struct att_field *field,
                                uint64_t *n, struct att_error *err)
{
    const hid_t set = H5Dopen2(group, field->name, H5P_DEFAULT);
    const hid_t space = H5Dget_space(set);
    hsize_t extent = 0;
    const bool flat = space >= 0 && H5Sget_simple_extent_ndims(space) == 1 &&
                      H5Sget_simple_extent_dims(space, &extent, NULL) == 1;
    const bool plausible =
        flat && att_h5_is_plausible(set, extent, att_cell_bytes(field->type));

    att_h5_close(space);
    att_h5_close(set);
    if (!flat) {
        return att_h5_fail(err, ATT_E_PARSE,
                           "column '%s' is not one-dimensional", field->name);
    }
    if (!plausible) {
        return att_fail(err, ATT_E_PARSE,
                        "column '%s' claims %" PRIu64
                        " rows but has not the bytes for them",
                        field->name, (uint64_t)extent);
    }
    *n = extent;
    return ATT_OK;
}

static att_status describe_column(hid_t group, const char *name,
                                  struct field_list *list, uint64_t *n_rows,
                                  struct att_error *err)
{
    struct att_field field;
    uint64_t n = 0;

    ATT_TRY(att_h5_field_read(group, name, list->arena, &field, err));
    ATT_TRY(column_length(group, &field, &n, err));
    if (list->n == 0)
        *n_rows = n;
    if (n != *n_rows) {
        return att_fail(err, ATT_E_PARSE,
                        "column '%s' has %" PRIu64 " rows, '%s' has %" PRIu64,
                        name, n, list->field[0].name, *n_rows);
    }
    list->err = err;
    att_field_add(list, &field);
    return list->status;
}

att_status att_h5_table_describe(hid_t group, struct field_list *list,
                                 uint64_t *n_rows, struct att_error *err)
{
    struct h5_get get = {.object = group, .arena = list->arena, .err = err};
    const char *names = att_h5_get_text(&get, "columns", NULL);
    char *rest = NULL;

    if (get.status != ATT_OK)
        return get.status;
    if (names == NULL) {
        return att_fail(err, ATT_E_PARSE,
                        "there is no attribute 'columns': not a results file");
    }

    char *copy = att_arena_strdup(list->arena, names);

    if (copy == NULL)
        return att_arena_fail(list->arena, "the columns", err);
    *n_rows = 0;
    for (char *name = strtok_r(copy, " ", &rest); name != NULL;
         name = strtok_r(NULL, " ", &rest))
        ATT_TRY(describe_column(group, name, list, n_rows, err));
    if (list->n == 0)
        return att_fail(err, ATT_E_PARSE, "the attribute 'columns' is empty");
    return ATT_OK;
}

/* ---- cells ---------------------------------------------------------------- */

static hid_t memory_type(enum att_cell_type type)
{
    return type == ATT_CELL_F64   ? H5T_NATIVE_DOUBLE
           : type == ATT_CELL_I64 ? H5T_NATIVE_INT64
                                  : H5T_NATIVE_INT8;
}

/* Rows of a file, and the place in memory that they go to. */
struct stretch {
    uint64_t first;
    size_t n, at;
};

/* Select the rows of a stretch; memory is a list of its length. */
static bool select_rows(hid_t set, const struct stretch *s, hid_t *file,
                        hid_t *memory)
{
    const hsize_t start = s->first, count = s->n;

    *file = H5Dget_space(set);
    *memory = H5Screate_simple(1, &count, NULL);
    return *file >= 0 && *memory >= 0 &&
           H5Sselect_hyperslab(*file, H5S_SELECT_SET, &start, NULL, &count,
                               NULL) >= 0;
}

/* HDF5 allocates each text, the pool keeps one of each kind. */
static bool read_texts(hid_t set, const struct stretch *s, hid_t type,
                       const char **cell, struct text_pool *pool)
{
    char **raw = calloc(s->n, sizeof *raw);
    hid_t file = -1, memory = -1;
    bool read = raw != NULL && select_rows(set, s, &file, &memory) &&
                H5Dread(set, type, memory, file, H5P_DEFAULT, raw) >= 0;

    for (size_t i = 0; read && i < s->n; i++) {
        cell[s->at + i] = raw[i] == NULL ? "" : att_pool_text(pool, raw[i]);
        read = cell[s->at + i] != NULL;
    }
    if (raw != NULL)
        (void)H5Dvlen_reclaim(type, memory, H5P_DEFAULT, raw);
    free(raw);
    att_h5_close(memory);
    att_h5_close(file);
    return read;
}

static bool read_text_column(hid_t set, const struct h5_part *part,
                             const char **cell, struct text_pool *pool)
{
    const hid_t type = att_h5_text_type();
    bool read = true;

    for (size_t at = 0; read && at < part->n; at += H5_BLOCK_ROWS) {
        const size_t left = part->n - at;
        const struct stretch s = {
            .first = part->first + at,
            .n = left < H5_BLOCK_ROWS ? left : H5_BLOCK_ROWS,
            .at = at,
        };

        read = read_texts(set, &s, type, cell, pool);
    }
    att_h5_close(type);
    return read;
}

static bool read_numbers(hid_t set, const struct h5_part *part,
                         enum att_cell_type type, void *cell)
{
    const struct stretch s = {.first = part->first, .n = part->n};
    hid_t file = -1, memory = -1;
    const bool read =
        select_rows(set, &s, &file, &memory) &&
        H5Dread(set, memory_type(type), memory, file, H5P_DEFAULT, cell) >= 0;

    att_h5_close(memory);
    att_h5_close(file);
    return read;
}

/* Has the column still the length that was described? */
static bool has_length(hid_t set, uint64_t n)
{
    const hid_t space = H5Dget_space(set);
    const bool same =
        space >= 0 && H5Sget_simple_extent_npoints(space) == (hssize_t)n;

    att_h5_close(space);
    return same;
}

static att_status read_column(hid_t group, const struct h5_part *part,
                              struct att_frame *frame, uint32_t f,
                              struct text_pool *pool, struct att_error *err)
{
    const struct att_field *field = &frame->field[f];
    const hid_t set = H5Dopen2(group, field->name, H5P_DEFAULT);
    bool read = set >= 0 && has_length(set, part->n_all);

    if (read && part->n > 0) {
        read = field->type == ATT_CELL_TEXT
                   ? read_text_column(set, part, frame->cells[f].text, pool)
                   : read_numbers(set, part, field->type, frame->cells[f].tiny);
    }
    att_h5_close(set);
    if (!read) {
        return att_h5_fail(err, ATT_E_IO, "cannot read the column '%s'",
                           field->name);
    }
    return ATT_OK;
}

att_status att_h5_table_read(hid_t group, const struct h5_part *part,
                             struct att_frame *frame, struct text_pool *pool,
                             struct att_error *err)
{
    for (uint32_t f = 0; f < frame->n_fields; f++)
        ATT_TRY(read_column(group, part, frame, f, pool, err));
    return ATT_OK;
}
