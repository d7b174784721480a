/* h5_table_priv.h - columns of one group that share a dimension: written in
 * blocks, read in parts or whole.
 *
 * The first column is the dimension scale; every other one is attached to it,
 * which is what makes xarray and netCDF4 see one table. */
#pragma once

#include "attest/store/table.h"
#include "frame_priv.h"
#include "h5_priv.h"
#include "schema_priv.h"

/* Rows per block: a chunk of eight-byte cells, two of texts, an eighth of one
 * of int8 cells. */
enum { H5_BLOCK_ROWS = 8192 };

struct h5_table {
    const struct att_field *field; /* n_fields; [0] is the scale */
    uint32_t n_fields;
    hid_t *set; /* n_fields */
    uint64_t n; /* rows written so far */
    bool growing;
};

/* n_rows is the final length, or where growing starts.
 * Fails: ATT_E_IO, ATT_E_NOMEM; table is closed then. */
struct h5_table_layout {
    const struct att_field *field;
    uint32_t n_fields;
    uint64_t n_rows;
    bool growing;
};
ATT_CHECKED att_status att_h5_table_create(hid_t group,
                                           const struct h5_table_layout *layout,
                                           struct h5_table *table,
                                           struct att_error *err);
/* Append the first n rows of a frame with the same fields. */
ATT_CHECKED att_status att_h5_table_append(struct h5_table *table,
                                           const struct att_frame *frame,
                                           size_t n, struct att_error *err);
void att_h5_table_close(struct h5_table *table);

/* The attributes of a column (h5_field.c), and a column from its attributes
 * and type; texts live in arena. */
ATT_CHECKED att_status att_h5_field_write(hid_t set,
                                          const struct att_field *field,
                                          struct att_error *err);
ATT_CHECKED att_status att_h5_field_read(hid_t group, const char *name,
                                         struct att_arena *arena,
                                         struct att_field *field,
                                         struct att_error *err);

/* The columns that the group's attribute "columns" names, and their common
 * length.  Fails: ATT_E_PARSE (no such attribute, a column that is not there,
 * not one-dimensional, of a type that is no column's, of another length). */
ATT_CHECKED att_status att_h5_table_describe(hid_t group,
                                             struct field_list *list,
                                             uint64_t *n_rows,
                                             struct att_error *err);
/* Rows first .. first + n - 1 of the n_all that a table was described with. */
struct h5_part {
    uint64_t first;
    size_t n;
    uint64_t n_all;
};
/* Read them into the first rows of a frame with the table's columns. */
ATT_CHECKED att_status att_h5_table_read(hid_t group,
                                         const struct h5_part *part,
                                         struct att_frame *frame,
                                         struct text_pool *pool,
                                         struct att_error *err);
