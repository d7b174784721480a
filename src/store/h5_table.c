/* h5_table.c - writing columns.
 *
 * Why each property is as it is (all measured, docs/architecture.md):
 *   - text is variable-length UTF-8: netCDF4 crashes on fixed-length text;
 *   - small codes are int8 with flag_values: netCDF4 drops enum columns;
 *   - no fill value on integers: xarray would turn them into floats;
 *   - chunks of 64 KiB that blocks fill whole, so that each is compressed once;
 *   - checksums (fletcher32) on numbers: HDF5 refuses them on text. */
#include "h5_table_priv.h"

#include <hdf5_hl.h>
#include <stdlib.h>

enum { CHUNK_BYTES = 64 * 1024 };

static hid_t cell_type(enum att_cell_type type, bool memory)
{
    switch (type) {
    case ATT_CELL_F64:
        return H5Tcopy(memory ? H5T_NATIVE_DOUBLE : H5T_IEEE_F64LE);
    case ATT_CELL_I64:
        return H5Tcopy(memory ? H5T_NATIVE_INT64 : H5T_STD_I64LE);
    case ATT_CELL_I8:
        return H5Tcopy(memory ? H5T_NATIVE_INT8 : H5T_STD_I8LE);
    case ATT_CELL_TEXT:
        break;
    }
    return att_h5_text_type();
}

/* 64 KiB in the file, where a text takes 16 bytes beside its letters. */
static hsize_t chunk_rows(const struct h5_table_layout *layout,
                          enum att_cell_type type)
{
    const hsize_t rows = type == ATT_CELL_I8     ? CHUNK_BYTES
                         : type == ATT_CELL_TEXT ? CHUNK_BYTES / 16
                                                 : CHUNK_BYTES / 8;

    return layout->n_rows < rows && !layout->growing ? layout->n_rows : rows;
}

static hid_t creation_list(const struct h5_table_layout *layout,
                           enum att_cell_type type)
{
    const hid_t list = H5Pcreate(H5P_DATASET_CREATE);
    const hsize_t chunk = chunk_rows(layout, type);

    if (list < 0 || chunk == 0) /* an empty column has no chunks */
        return list;
    if (H5Pset_chunk(list, 1, &chunk) < 0 || H5Pset_shuffle(list) < 0 ||
        H5Pset_deflate(list, 1) < 0 ||
        (type != ATT_CELL_TEXT && H5Pset_fletcher32(list) < 0)) {
        att_h5_close(list);
        return -1;
    }
    return list;
}

static hid_t create_column(hid_t group, const struct h5_table_layout *layout,
                           const struct att_field *field)
{
    const hsize_t extent = layout->n_rows;
    const hsize_t most = layout->growing ? H5S_UNLIMITED : layout->n_rows;
    const hid_t space = H5Screate_simple(1, &extent, &most);
    const hid_t type = cell_type(field->type, false);
    const hid_t list = creation_list(layout, field->type);
    const hid_t set = H5Dcreate2(group, field->name, type, space, H5P_DEFAULT,
                                 list, H5P_DEFAULT);

    att_h5_close(list);
    att_h5_close(type);
    att_h5_close(space);
    return set;
}

static att_status add_column(hid_t group, const struct h5_table_layout *layout,
                             struct h5_table *table, uint32_t f,
                             struct att_error *err)
{
    const struct att_field *field = &layout->field[f];

    table->set[f] = create_column(group, layout, field);
    if (table->set[f] < 0) {
        return att_h5_fail(err, ATT_E_IO, "cannot create the column '%s'",
                           field->name);
    }

    const herr_t scaled =
        f == 0 ? H5DSset_scale(table->set[0], field->name)
               : H5DSattach_scale(table->set[f], table->set[0], 0);

    if (scaled < 0) {
        return att_h5_fail(err, ATT_E_IO, "cannot give '%s' its dimension",
                           field->name);
    }
    return att_h5_field_write(table->set[f], field, err);
}

att_status att_h5_table_create(hid_t group,
                               const struct h5_table_layout *layout,
                               struct h5_table *table, struct att_error *err)
{
    *table = (struct h5_table){
        .field = layout->field,
        .n_fields = layout->n_fields,
        .set = malloc(layout->n_fields * sizeof *table->set),
        .growing = layout->growing,
    };
    if (table->set == NULL) {
        return att_fail(err, ATT_E_NOMEM, "no memory for %u columns",
                        layout->n_fields);
    }
    for (uint32_t f = 0; f < layout->n_fields; f++)
        table->set[f] = -1;

    att_status status = ATT_OK;

    for (uint32_t f = 0; f < layout->n_fields && status == ATT_OK; f++)
        status = add_column(group, layout, table, f, err);
    if (status != ATT_OK)
        att_h5_table_close(table);
    return status;
}

void att_h5_table_close(struct h5_table *table)
{
    for (uint32_t f = 0; table->set != NULL && f < table->n_fields; f++)
        att_h5_close(table->set[f]);
    free(table->set);
    *table = (struct h5_table){0};
}

/* Write cells [0, n) to rows [at, at + n). */
static herr_t write_cells(hid_t set, hid_t type, const void *cells, uint64_t at,
                          size_t n)
{
    const hsize_t start = at, count = n;
    const hid_t file = H5Dget_space(set);
    const hid_t memory = H5Screate_simple(1, &count, NULL);
    herr_t result =
        H5Sselect_hyperslab(file, H5S_SELECT_SET, &start, NULL, &count, NULL);

    if (result >= 0)
        result = H5Dwrite(set, type, memory, file, H5P_DEFAULT, cells);
    att_h5_close(memory);
    att_h5_close(file);
    return result;
}

static att_status append_column(struct h5_table *table, uint32_t f,
                                const struct att_frame *frame, size_t n,
                                struct att_error *err)
{
    const hid_t type = cell_type(table->field[f].type, true);
    const hsize_t extent = table->n + n;
    herr_t result = 0;

    if (table->growing)
        result = H5Dset_extent(table->set[f], &extent);
    if (result >= 0) {
        result =
            write_cells(table->set[f], type, frame->cells[f].tiny, table->n, n);
    }
    att_h5_close(type);
    if (result < 0) {
        return att_h5_fail(err, ATT_E_IO, "cannot write the column '%s'",
                           table->field[f].name);
    }
    return ATT_OK;
}

att_status att_h5_table_append(struct h5_table *table,
                               const struct att_frame *frame, size_t n,
                               struct att_error *err)
{
    if (n == 0)
        return ATT_OK;
    for (uint32_t f = 0; f < table->n_fields; f++)
        ATT_TRY(append_column(table, f, frame, n, err));
    table->n += n;
    return ATT_OK;
}
