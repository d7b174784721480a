/* pattern_file.c - a pattern in HDF5 becomes Matrix Market text. */
#include "attest/store/pattern_file.h"

#include <hdf5_hl.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "attest/base/buffer.h"
#include "guard_priv.h"
#include "h5_priv.h"

static const char SIGNATURE[] = "\x89HDF\r\n\x1a\n";

struct pattern {
    const struct att_input_file *file;
    struct att_arena *arena;
    hid_t root;
    uint64_t rows, columns, n;
    struct att_buffer entries; /* lines "row column value" */
};

/* ---- datasets ------------------------------------------------------------------ */

/* The extents of a dataset of this rank; false when there is none. */
static bool extents(const struct pattern *p, const char *name, int rank,
                    hsize_t *extent)
{
    bool fits = H5Lexists(p->root, name, H5P_DEFAULT) > 0;
    const hid_t set = fits ? H5Dopen2(p->root, name, H5P_DEFAULT) : -1;
    const hid_t space = set >= 0 ? H5Dget_space(set) : -1;

    fits = space >= 0 && H5Sget_simple_extent_ndims(space) == rank &&
           H5Sget_simple_extent_dims(space, extent, NULL) == rank;
    att_h5_close(space);
    att_h5_close(set);
    return fits;
}

/* n elements as `type`, into the arena. */
static att_status read_set(const struct pattern *p, const char *name,
                           hid_t type, uint64_t n, void **out,
                           struct att_error *err)
{
    const hid_t set = H5Dopen2(p->root, name, H5P_DEFAULT);
    const bool fits = att_h5_is_plausible(set, n, 8);
    att_status status = ATT_OK;

    *out = fits ? att_arena_alloc(p->arena, n, 8) : NULL;
    if (!fits) {
        status = att_fail(err, ATT_E_PARSE,
                          "%s: '%s' claims more elements than the file holds",
                          p->file->path, name);
    } else if (*out == NULL) {
        status =
            att_fail(err, ATT_E_NOMEM, "out of memory for %s", p->file->path);
    } else if (H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, *out) < 0) {
        status =
            att_h5_fail(err, ATT_E_IO, "%s: '%s' cannot be read as numbers",
                        p->file->path, name);
    }
    att_h5_close(set);
    return status;
}

/* ---- entries ------------------------------------------------------------------- */

static att_status add_entry(struct pattern *p, uint64_t row, int64_t column,
                            double value, struct att_error *err)
{
    if (column < 0 || (uint64_t)column >= p->columns) {
        return att_fail(err, ATT_E_PARSE,
                        "%s: row %" PRIu64 " has an entry at column %" PRId64
                        ": columns are 0 .. %" PRIu64,
                        p->file->path, row, column, p->columns - 1);
    }
    if (!isfinite(value) || value < 0.0) {
        return att_fail(err, ATT_E_PARSE,
                        "%s: entry [%" PRIu64 ", %" PRId64
                        "] is %g: a pattern has finite values >= 0",
                        p->file->path, row, column, value);
    }
    if (value > 0.0) {
        att_buffer_printf(&p->entries, "%" PRIu64 " %" PRId64 " %.17g\n",
                          row + 1, column + 1, value);
        p->n++;
    }
    return ATT_OK;
}

static att_status read_dense(struct pattern *p, const hsize_t extent[2],
                             struct att_error *err)
{
    void *data = NULL;
    const double *a = NULL;

    p->rows = extent[0];
    p->columns = extent[1];
    if (p->columns > 0 && p->rows > UINT64_MAX / p->columns) {
        return att_fail(err, ATT_E_PARSE, "%s: 'A' is too large",
                        p->file->path);
    }
    ATT_TRY(
        read_set(p, "A", H5T_NATIVE_DOUBLE, p->rows * p->columns, &data, err));
    a = data;
    for (uint64_t i = 0; i < p->rows; i++) {
        for (uint64_t j = 0; j < p->columns; j++) {
            ATT_TRY(add_entry(p, i, (int64_t)j, a[i * p->columns + j], err));
        }
    }
    return ATT_OK;
}

static att_status read_shape(struct pattern *p, struct att_error *err)
{
    int64_t shape[2] = {0, 0};
    hsize_t n = 0;
    int rank = 0;
    bool known = false;

    if (extents(p, "shape", 1, &n) && n == 2) {
        known =
            H5LTread_dataset(p->root, "shape", H5T_NATIVE_INT64, shape) >= 0;
    } else if (H5LTget_attribute_ndims(p->root, ".", "shape", &rank) >= 0 &&
               rank == 1) {
        H5T_class_t class = H5T_NO_CLASS;
        size_t size = 0;

        known = H5LTget_attribute_info(p->root, ".", "shape", &n, &class,
                                       &size) >= 0 &&
                n == 2 &&
                H5LTget_attribute(p->root, ".", "shape", H5T_NATIVE_INT64,
                                  shape) >= 0;
    }
    if (!known || shape[0] < 1 || shape[1] < 1) {
        return att_fail(err, ATT_E_PARSE,
                        "%s: compressed rows need 'shape', a dataset or an "
                        "attribute of two numbers >= 1: rows, columns",
                        p->file->path);
    }
    p->rows = (uint64_t)shape[0];
    p->columns = (uint64_t)shape[1];
    return ATT_OK;
}

static att_status add_rows(struct pattern *p, const int64_t *first,
                           const int64_t *column, const double *value,
                           uint64_t n, struct att_error *err)
{
    for (uint64_t i = 0; i < p->rows; i++) {
        if (first[i] < 0 || first[i] > first[i + 1] ||
            (uint64_t)first[i + 1] > n) {
            return att_fail(err, ATT_E_PARSE,
                            "%s: indptr[%" PRIu64 "] = %" PRId64
                            " and the next, %" PRId64
                            ", are no range of the %" PRIu64 " entries",
                            p->file->path, i, first[i], first[i + 1], n);
        }
        for (int64_t e = first[i]; e < first[i + 1]; e++)
            ATT_TRY(add_entry(p, i, column[e], value[e], err));
    }
    if (first[0] != 0 || (uint64_t)first[p->rows] != n) {
        return att_fail(err, ATT_E_PARSE,
                        "%s: indptr runs from %" PRId64 " to %" PRId64
                        ": rows have all %" PRIu64 " entries",
                        p->file->path, first[0], first[p->rows], n);
    }
    return ATT_OK;
}

static att_status read_rows(struct pattern *p, const hsize_t n[3],
                            struct att_error *err)
{
    void *value = NULL;
    void *column = NULL;
    void *first = NULL;

    ATT_TRY(read_shape(p, err));
    if (n[0] != n[1] || n[2] != p->rows + 1) {
        return att_fail(err, ATT_E_PARSE,
                        "%s: %" PRIu64 " data, %" PRIu64 " indices and %" PRIu64
                        " indptr do not fit %" PRIu64 " rows",
                        p->file->path, (uint64_t)n[0], (uint64_t)n[1],
                        (uint64_t)n[2], p->rows);
    }
    ATT_TRY(read_set(p, "data", H5T_NATIVE_DOUBLE, n[0], &value, err));
    ATT_TRY(read_set(p, "indices", H5T_NATIVE_INT64, n[1], &column, err));
    ATT_TRY(read_set(p, "indptr", H5T_NATIVE_INT64, n[2], &first, err));
    return add_rows(p, first, column, value, n[0], err);
}

/* ---- a file -------------------------------------------------------------------- */

static att_status read_form(struct pattern *p, struct att_error *err)
{
    hsize_t extent[3] = {0};

    if (extents(p, "A", 2, extent))
        return read_dense(p, extent, err);
    if (extents(p, "data", 1, &extent[0]) &&
        extents(p, "indices", 1, &extent[1]) &&
        extents(p, "indptr", 1, &extent[2]))
        return read_rows(p, extent, err);
    return att_fail(err, ATT_E_PARSE,
                    "%s holds no pattern: give a matrix 'A' [rows, columns], "
                    "or 'data', 'indices', 'indptr' and 'shape' of "
                    "compressed rows",
                    p->file->path);
}

static att_status read_pattern(struct pattern *p, struct att_error *err)
{
    void *image = att_arena_alloc(p->arena, p->file->n_bytes, 1);

    if (image == NULL) {
        return att_fail(err, ATT_E_NOMEM, "out of memory for %s",
                        p->file->path);
    }
    memcpy(image, p->file->bytes, p->file->n_bytes);
    p->root = H5LTopen_file_image(image, p->file->n_bytes, 0);
    if (p->root < 0)
        return att_h5_fail(err, ATT_E_IO, "%s is no HDF5 file", p->file->path);
    const att_status status = read_form(p, err);

    att_h5_close(p->root);
    return status;
}

/* The text behind the entries' lines. */
static att_status put_text(struct pattern *p, struct att_input_file *out,
                           struct att_error *err)
{
    struct att_buffer text = {0};
    char *copy = NULL;

    att_buffer_printf(&text,
                      "%%%%MatrixMarket matrix coordinate real general\n"
                      "%" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
                      p->rows, p->columns, p->n);
    att_buffer_append(&text, p->entries.data, p->entries.size);
    if (att_buffer_ok(&text) && att_buffer_ok(&p->entries))
        copy = att_arena_alloc(p->arena, text.size, 1);
    if (copy != NULL) {
        memcpy(copy, text.data, text.size);
        *out = (struct att_input_file){p->file->path, copy, text.size};
    }
    att_buffer_fini(&text);
    return copy != NULL ? ATT_OK
                        : att_fail(err, ATT_E_NOMEM, "out of memory for %s",
                                   p->file->path);
}

struct work {
    const struct att_input_file *file;
    struct att_arena *arena;
    struct att_input_file out;
};

static att_status convert(void *context, struct att_error *err)
{
    struct work *w = context;
    struct pattern p = {.file = w->file, .arena = w->arena, .root = -1};
    const struct h5_quiet quiet = att_h5_quiet_begin();
    att_status status = read_pattern(&p, err);

    if (status == ATT_OK)
        status = put_text(&p, &w->out, err);
    att_buffer_fini(&p.entries);
    att_h5_quiet_end(quiet);
    return status;
}

static bool is_h5(const struct att_input_file *file)
{
    return file->n_bytes >= sizeof SIGNATURE - 1 &&
           memcmp(file->bytes, SIGNATURE, sizeof SIGNATURE - 1) == 0;
}

att_status att_pattern_files(const struct att_input_file *files, size_t n,
                             struct att_arena *arena,
                             const struct att_input_file **out,
                             struct att_error *err)
{
    struct att_input_file *all = ATT_NEW(arena, struct att_input_file, n);

    if (all == NULL)
        return att_fail(err, ATT_E_NOMEM, "out of memory for input files");
    for (size_t i = 0; i < n; i++) {
        struct work w = {&files[i], arena, files[i]};

        if (is_h5(&files[i])) {
            ATT_TRY(att_guard_run(files[i].path, convert, &w, err));
            ATT_TRY(convert(&w, err));
        }
        all[i] = w.out;
    }
    *out = all;
    return ATT_OK;
}
