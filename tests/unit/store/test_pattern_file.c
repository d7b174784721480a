/* test_pattern_file.c - patterns in HDF5 become text; what is no pattern, is
 * cut off or damaged is an error that names the file, and never a crash. */
#include "attest/store/pattern_file.h"

#include <hdf5.h>
#include <math.h>
#include <string.h>

#include "attest/base/buffer.h"
#include "scratch.h"
#include "unit.h"

static struct scratch scratch;
static char path[SCRATCH_PATH];
static struct att_arena *arena;
static hid_t file;

static int start(void)
{
    scratch_open(&scratch);
    (void)scratch_path(&scratch, "p.h5", path);
    arena = att_arena_create(0);
    return arena == NULL;
}

static int stop(void)
{
    att_arena_destroy(arena);
    scratch_close(&scratch);
    return 0;
}

/* ---- making files ----------------------------------------------------------------- */

static void open_file(void)
{
    file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    CU_ASSERT_TRUE_FATAL(file >= 0);
}

static void put(const char *name, hid_t type, int rank, const hsize_t *extent,
                const void *data)
{
    const hid_t space = H5Screate_simple(rank, extent, NULL);
    const hid_t set = H5Dcreate2(file, name, type, space, H5P_DEFAULT,
                                 H5P_DEFAULT, H5P_DEFAULT);

    CU_ASSERT_TRUE(H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >=
                   0);
    (void)H5Dclose(set);
    (void)H5Sclose(space);
}

static void put_numbers(const char *name, hsize_t n, const int64_t *x)
{
    put(name, H5T_NATIVE_INT64, 1, &n, x);
}

static void put_shape_attribute(hsize_t n, const int64_t *shape)
{
    const hid_t space = H5Screate_simple(1, &n, NULL);
    const hid_t at = H5Acreate2(file, "shape", H5T_NATIVE_INT64, space,
                                H5P_DEFAULT, H5P_DEFAULT);

    CU_ASSERT_TRUE(H5Awrite(at, H5T_NATIVE_INT64, shape) >= 0);
    (void)H5Aclose(at);
    (void)H5Sclose(space);
}

/* A matrix that claims extents and stores nothing. */
static void put_hollow(hsize_t rows, hsize_t columns)
{
    const hsize_t extent[2] = {rows, columns};
    const hsize_t chunk[2] = {1024, 1024};
    const hid_t space = H5Screate_simple(2, extent, NULL);
    const hid_t how = H5Pcreate(H5P_DATASET_CREATE);

    (void)H5Pset_chunk(how, 2, chunk);
    (void)H5Pset_deflate(how, 6);
    const hid_t set = H5Dcreate2(file, "A", H5T_NATIVE_DOUBLE, space,
                                 H5P_DEFAULT, how, H5P_DEFAULT);

    CU_ASSERT_TRUE(set >= 0);
    (void)H5Dclose(set);
    (void)H5Pclose(how);
    (void)H5Sclose(space);
}

static void put_matrix(const double a[2][3])
{
    static const hsize_t extent[2] = {2, 3};

    put("A", H5T_NATIVE_DOUBLE, 2, extent, a);
}

/* Compressed rows of [[0.5, 0, 3], [0, 7, 0]], but for the numbers given. */
struct rows {
    int64_t column[3], first[3];
    double value[3];
};
static const struct rows ROWS = {{0, 2, 1}, {0, 2, 3}, {0.5, 3, 7}};

static void put_rows(const struct rows *r)
{
    static const hsize_t n = 3;

    put("data", H5T_NATIVE_DOUBLE, 1, &n, r->value);
    put_numbers("indices", n, r->column);
    put_numbers("indptr", n, r->first);
}

static struct att_buffer close_file(void)
{
    struct att_buffer bytes = {0};

    CU_ASSERT_TRUE(H5Fclose(file) >= 0);
    CU_ASSERT_EQUAL_FATAL(att_file_read(path, &bytes, NULL), ATT_OK);
    return bytes;
}

/* ---- reading them ----------------------------------------------------------------- */

static att_status read_bytes(const void *bytes, size_t n,
                             struct att_input_file *text, struct att_error *err)
{
    const struct att_input_file in = {path, bytes, n};
    const struct att_input_file *out = NULL;
    const att_status status = att_pattern_files(&in, 1, arena, &out, err);

    if (status == ATT_OK)
        *text = out[0];
    return status;
}

static const char TEXT[] = "%%MatrixMarket matrix coordinate real general\n"
                           "2 3 3\n1 1 0.5\n1 3 3\n2 2 7\n";

static bool is_text(const struct att_input_file *f)
{
    return f->path == path && f->n_bytes == sizeof TEXT - 1 &&
           memcmp(f->bytes, TEXT, f->n_bytes) == 0;
}

/* What was put since open_file is the pattern of TEXT. */
static void expect_text(void)
{
    struct att_buffer bytes = close_file();
    struct att_input_file out = {0};
    struct att_error err = {0};

    CU_ASSERT_EQUAL(read_bytes(bytes.data, bytes.size, &out, &err), ATT_OK);
    CU_ASSERT_STRING_EQUAL(err.text, "");
    CU_ASSERT_TRUE(is_text(&out));
    att_buffer_fini(&bytes);
}

/* It is refused with this text behind the path. */
static void expect_refusal(att_status status, const char *text)
{
    struct att_buffer bytes = close_file();
    struct att_input_file out = {0};
    struct att_error err = {0};

    CU_ASSERT_EQUAL(read_bytes(bytes.data, bytes.size, &out, &err), status);
    CU_ASSERT_EQUAL(strncmp(err.text, path, strlen(path)), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, text));
    CU_ASSERT_PTR_NULL(out.bytes); /* written only on success */
    att_buffer_fini(&bytes);
}

static void a_matrix_becomes_its_entries(void)
{
    static const double a[2][3] = {{0.5, 0, 3}, {0, 7, 0}};

    open_file();
    put_matrix(a);
    expect_text();
}

static void compressed_rows_become_the_same(void)
{
    static const int64_t shape[2] = {2, 3};

    open_file();
    put_rows(&ROWS);
    put_numbers("shape", 2, shape);
    expect_text();

    open_file();
    put_rows(&ROWS);
    put_shape_attribute(2, shape);
    expect_text();
}

/* Numbers of any type; a zero that is stored is left out like any other. */
static void narrow_types_are_read_as_numbers(void)
{
    static const float value[4] = {0.5F, 3, 0, 7};
    static const int16_t column[4] = {0, 2, 0, 1};
    static const uint8_t first[3] = {0, 2, 4};
    static const int32_t shape[2] = {2, 3};
    static const hsize_t two = 2, three = 3, four = 4;

    open_file();
    put("data", H5T_NATIVE_FLOAT, 1, &four, value);
    put("indices", H5T_NATIVE_INT16, 1, &four, column);
    put("indptr", H5T_NATIVE_UINT8, 1, &three, first);
    put("shape", H5T_NATIVE_INT32, 1, &two, shape);
    expect_text();
}

static void other_files_stay_as_they_are(void)
{
    static const char text[] = "%%MatrixMarket";
    struct att_input_file out = {0};
    const struct att_input_file *none = NULL;

    CU_ASSERT_EQUAL(read_bytes(text, sizeof text, &out, NULL), ATT_OK);
    CU_ASSERT_PTR_EQUAL(out.bytes, text);
    CU_ASSERT_EQUAL(out.n_bytes, sizeof text);
    CU_ASSERT_EQUAL(att_pattern_files(NULL, 0, arena, &none, NULL), ATT_OK);
}

static void values_that_are_none_are_named(void)
{
    static const double negative[2][3] = {{1, 0, 0}, {0, -0.5, 1}};
    static const double missing[2][3] = {{1, 0, (double)NAN}, {0, 1, 1}};
    static const double endless[2][3] = {{1, 0, 0}, {0, 0, INFINITY}};
    static const char *const word[2] = {"x", "y"};
    static const hsize_t one_two[2] = {1, 2};
    const hid_t type = H5Tcopy(H5T_C_S1);

    open_file();
    put_matrix(negative);
    expect_refusal(ATT_E_PARSE, ": entry [1, 1] is -0.5: a pattern has finite "
                                "values >= 0");
    open_file();
    put_matrix(missing);
    expect_refusal(ATT_E_PARSE, ": entry [0, 2] is nan");
    open_file();
    put_matrix(endless);
    expect_refusal(ATT_E_PARSE, ": entry [1, 2] is inf");
    open_file();
    (void)H5Tset_size(type, H5T_VARIABLE);
    put("A", type, 2, one_two, word);
    (void)H5Tclose(type);
    expect_refusal(ATT_E_IO, ": 'A' cannot be read as numbers");
}

static void rows_that_are_none_are_named(void)
{
    static const int64_t shape[2] = {2, 3};
    static const struct {
        struct rows rows;
        const char *text;
    } bad[] = {
        {{{0, 3, 1}, {0, 2, 3}, {1, 1, 1}},
         ": row 0 has an entry at column 3: columns are 0 .. 2"},
        {{{0, 2, -1}, {0, 2, 3}, {1, 1, 1}},
         ": row 1 has an entry at column -1: columns are 0 .. 2"},
        {{{0, 2, INT64_MAX}, {0, 2, 3}, {1, 1, 1}}, ": row 1 has an entry"},
        {{{0, 2, 1}, {0, 4, 3}, {1, 1, 1}},
         ": indptr[0] = 0 and the next, 4, are no range of the 3 entries"},
        {{{0, 2, 1}, {0, 2, 1}, {1, 1, 1}},
         ": indptr[1] = 2 and the next, 1, are no range of the 3 entries"},
        {{{0, 2, 1}, {-1, 2, 3}, {1, 1, 1}}, ": indptr[0] = -1 and the next"},
        {{{0, 2, 1}, {INT64_MIN, INT64_MAX, 3}, {1, 1, 1}}, ": indptr[0] = "},
        {{{0, 2, 1}, {1, 2, 3}, {1, 1, 1}},
         ": indptr runs from 1 to 3: rows have all 3 entries"},
        {{{0, 2, 1}, {0, 1, 2}, {1, 1, 1}},
         ": indptr runs from 0 to 2: rows have all 3 entries"},
    };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        open_file();
        put_rows(&bad[i].rows);
        put_numbers("shape", 2, shape);
        expect_refusal(ATT_E_PARSE, bad[i].text);
    }
}

static void shapes_that_do_not_fit_are_named(void)
{
    static const struct {
        hsize_t n;
        int64_t shape[3];
        const char *text;
    } bad[] = {
        {3, {2, 3, 1}, ": compressed rows need 'shape'"},
        {1, {2}, ": compressed rows need 'shape'"},
        {2, {0, 3}, ": compressed rows need 'shape'"},
        {2, {2, -3}, ": compressed rows need 'shape'"},
        {2, {3, 3}, ": 3 data, 3 indices and 3 indptr do not fit 3 rows"},
        {2, {INT64_MAX, 3}, "indptr do not fit 9223372036854775807 rows"},
    };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        open_file();
        put_rows(&ROWS);
        put_numbers("shape", bad[i].n, bad[i].shape);
        expect_refusal(ATT_E_PARSE, bad[i].text);
        open_file();
        put_rows(&ROWS);
        put_shape_attribute(bad[i].n, bad[i].shape);
        expect_refusal(ATT_E_PARSE, bad[i].text);
    }
    open_file();
    put_rows(&ROWS);
    expect_refusal(ATT_E_PARSE, ": compressed rows need 'shape'");
}

static void files_without_a_pattern_are_named(void)
{
    static const double vector[3] = {1, 2, 3};
    static const hsize_t n = 3;

    open_file();
    expect_refusal(ATT_E_PARSE, " holds no pattern: give a matrix 'A'");
    open_file(); /* of the wrong rank */
    put("A", H5T_NATIVE_DOUBLE, 1, &n, vector);
    expect_refusal(ATT_E_PARSE, " holds no pattern: give a matrix 'A'");
    open_file(); /* a group where data belong */
    (void)H5Gclose(
        H5Gcreate2(file, "A", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    expect_refusal(ATT_E_PARSE, " holds no pattern: give a matrix 'A'");
}

static void extents_that_are_not_stored_are_named(void)
{
    static const hsize_t extent[][2] = {
        {(hsize_t)1 << 20, (hsize_t)1 << 20},
        {(hsize_t)1 << 31, (hsize_t)1 << 31},
    };

    for (size_t i = 0; i < sizeof extent / sizeof extent[0]; i++) {
        open_file();
        put_hollow(extent[i][0], extent[i][1]);
        expect_refusal(ATT_E_PARSE,
                       ": 'A' claims more elements than the file holds");
    }
}

/* ---- damage -------------------------------------------------------------------------- */

/* A refusal names the file; what is accepted is some text. */
static void expect_an_end(const char *bytes, size_t n)
{
    const struct att_arena_mark mark = att_arena_mark(arena);
    struct att_input_file out = {0};
    struct att_error err = {0};

    CU_ASSERT_EQUAL_FATAL(att_file_replace(path, bytes, n, false, NULL),
                          ATT_OK); /* its size limits time and memory */
    if (read_bytes(bytes, n, &out, &err) == ATT_OK) {
        CU_ASSERT_TRUE(out.n_bytes > 0);
    } else {
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, path));
    }
    att_arena_rewind(arena, mark);
}

static struct att_buffer whole_rows(void)
{
    static const int64_t shape[2] = {2, 3};

    open_file();
    put_rows(&ROWS);
    put_numbers("shape", 2, shape);
    return close_file();
}

static void a_file_that_is_cut_off_is_an_error(void)
{
    struct att_buffer bytes = whole_rows();
    struct att_input_file out = {0};

    for (size_t n = 8; n + 8 <= bytes.size; n += 89) {
        CU_ASSERT_NOT_EQUAL(read_bytes(bytes.data, n, &out, NULL), ATT_OK);
        expect_an_end(bytes.data, n);
    }
    att_buffer_fini(&bytes);
}

static void a_file_with_a_wrong_byte_comes_to_an_end(void)
{
    struct att_buffer bytes = whole_rows();

    for (size_t at = 8; at < bytes.size; at += 31) {
        const char kept = bytes.data[at];

        bytes.data[at] = (char)(kept ^ (1 << (at % 8)));
        expect_an_end(bytes.data, bytes.size);
        bytes.data[at] = (char)~kept;
        expect_an_end(bytes.data, bytes.size);
        bytes.data[at] = kept;
    }
    att_buffer_fini(&bytes);
}

static void too_little_memory_is_said(void)
{
    struct att_buffer bytes = whole_rows();
    const struct att_input_file in = {path, bytes.data, bytes.size};
    const struct att_input_file *out = NULL;
    struct att_arena *small = att_arena_create(bytes.size + 200);
    struct att_error err = {0};

    CU_ASSERT_PTR_NOT_NULL_FATAL(small);
    CU_ASSERT_EQUAL(att_pattern_files(&in, 1, small, &out, &err), ATT_E_NOMEM);
    CU_ASSERT_PTR_NULL(out);
    att_arena_destroy(small);
    att_buffer_fini(&bytes);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"a matrix becomes its entries", a_matrix_becomes_its_entries},
        {"compressed rows become the same", compressed_rows_become_the_same},
        {"narrow types are read as numbers", narrow_types_are_read_as_numbers},
        {"other files stay as they are", other_files_stay_as_they_are},
        {"values that are none are named", values_that_are_none_are_named},
        {"rows that are none are named", rows_that_are_none_are_named},
        {"shapes that do not fit are named", shapes_that_do_not_fit_are_named},
        {"files without a pattern are named",
         files_without_a_pattern_are_named},
        {"extents that are not stored are named",
         extents_that_are_not_stored_are_named},
        {"a file that is cut off is an error",
         a_file_that_is_cut_off_is_an_error},
        {"a file with a wrong byte comes to an end",
         a_file_with_a_wrong_byte_comes_to_an_end},
        {"too little memory is said", too_little_memory_is_said},
        CU_TEST_INFO_NULL,
    };

    return unit_run_with("pattern_file", start, stop, tests);
}
