/* test_model_file.c - an artifact survives the way through HDF5; a damaged
 * file is an error and never a crash. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attest/base/buffer.h"
#include "attest/store/model_file.h"
#include "scratch.h"
#include "unit.h"

static const struct att_model_label LABEL = {
    .construction = "hardmax", .key = "0123", .point = "N=2 d=3"};

static struct scratch scratch;
static char path[SCRATCH_PATH];

static int make_folder(void)
{
    scratch_open(&scratch);
    (void)scratch_path(&scratch, "model.h5", path);
    return 0;
}

static int remove_folder(void)
{
    scratch_close(&scratch);
    return 0;
}

/* Two layers, every dtype, every rank up to 3, a scalar, an empty tensor. */
static void make_artifact(struct att_artifact *a, struct att_arena *arena)
{
    static const uint64_t cube[] = {2, 3, 4};
    static const uint64_t nothing[] = {0, 5};
    static const int64_t offsets[] = {0, INT64_C(1) << 60, -7};
    const double tokens[] = {0.1, -0.0, INFINITY, 5e-324, (double)NAN, 1e300};

    att_artifact_init(a, arena);
    a->atol = 1e-12;
    a->rtol = 0x1p-40;
    a->tolerance_reason = "a sum of six terms";
    a->arithmetic = "bits:12";
    att_bundle_f64(&a->instance, "tokens", tokens, 2, 3);
    att_bundle_i64(&a->instance, "offsets", offsets, 3);
    att_bundle_scalar(&a->expected, "outputs", 0.1);
    (void)att_bundle_add(&a->witness, "none", ATT_F64, 2, nothing);

    struct att_layer *l = att_model_add(&a->model, ATT_LAYER_ATTENTION);
    float *W = att_bundle_add(&l->tensors, "Z_first", ATT_F32, 3, cube);
    uint8_t *mask = att_bundle_add(&l->tensors, "A_second", ATT_U8, 1, cube);

    for (int i = 0; i < 24; i++)
        W[i] = (float)i / 3;
    mask[0] = 1;
    mask[1] = 255;
    att_layer_text(l, "weights", "hardmax");
    att_layer_parameter(l, "tau", 0.1);
    att_layer_number(l, "tie", 1e-9);

    l = att_model_add(&a->model, ATT_LAYER_READ_OUT);
    att_layer_text(l, "token", "last");
}

static bool same_tensor(const struct att_tensor *x, const struct att_tensor *y)
{
    const size_t bytes =
        (size_t)att_tensor_count(x) * att_dtype_bytes(x->dtype);

    return strcmp(x->name, y->name) == 0 && x->dtype == y->dtype &&
           x->rank == y->rank &&
           memcmp(x->shape, y->shape, sizeof x->shape) == 0 &&
           memcmp(x->data, y->data, bytes) == 0;
}

static bool same_bundle(const struct att_bundle *x, const struct att_bundle *y)
{
    bool same = x->n == y->n;

    for (size_t i = 0; same && i < x->n; i++)
        same = same_tensor(&x->tensor[i], &y->tensor[i]);
    return same;
}

static bool same_layer(const struct att_layer *x, const struct att_layer *y)
{
    bool same = x->kind == y->kind && x->n_attributes == y->n_attributes &&
                same_bundle(&x->tensors, &y->tensors);

    for (uint32_t i = 0; same && i < x->n_attributes; i++) {
        const struct att_attribute *a = &x->attribute[i];
        const struct att_attribute *b = &y->attribute[i];

        same = strcmp(a->name, b->name) == 0 && a->counted == b->counted &&
               (a->text == NULL) == (b->text == NULL) &&
               (a->text == NULL ? a->number == b->number
                                : strcmp(a->text, b->text) == 0);
    }
    return same;
}

static void an_artifact_comes_back_bit_for_bit(void)
{
    struct att_arena *arena = att_arena_create(0);
    struct att_artifact a, b;
    struct att_model_label label = {0};
    struct att_error err = {0};

    make_artifact(&a, arena);
    CU_ASSERT_EQUAL_FATAL(att_model_file_write(path, &a, &LABEL, &err), ATT_OK);
    CU_ASSERT_EQUAL_FATAL(att_model_file_read(path, arena, &b, &label, &err),
                          ATT_OK);
    CU_ASSERT_TRUE(same_bundle(&a.instance, &b.instance));
    CU_ASSERT_TRUE(same_bundle(&a.expected, &b.expected));
    CU_ASSERT_TRUE(same_bundle(&a.witness, &b.witness));
    CU_ASSERT_EQUAL_FATAL(b.model.n, 2);
    CU_ASSERT_TRUE(same_layer(&a.model.layer[0], &b.model.layer[0]));
    CU_ASSERT_TRUE(same_layer(&a.model.layer[1], &b.model.layer[1]));
    CU_ASSERT_EQUAL(att_model_parameters(&b.model),
                    att_model_parameters(&a.model));
    CU_ASSERT_EQUAL(b.atol, a.atol);
    CU_ASSERT_EQUAL(b.rtol, a.rtol);
    CU_ASSERT_STRING_EQUAL(b.arithmetic, "bits:12");
    CU_ASSERT_STRING_EQUAL(b.tolerance_reason, a.tolerance_reason);
    CU_ASSERT_STRING_EQUAL(label.construction, "hardmax");
    CU_ASSERT_STRING_EQUAL(label.key, "0123");
    CU_ASSERT_STRING_EQUAL(label.point, "N=2 d=3");
    att_arena_destroy(arena);
}

static void names_that_hdf5_cannot_hold_are_refused(void)
{
    struct att_arena *arena = att_arena_create(0);
    struct att_artifact a;
    struct att_error err = {0};

    make_artifact(&a, arena);
    att_bundle_scalar(&a.witness, "a/b", 1);
    CU_ASSERT_EQUAL(att_model_file_write(path, &a, &LABEL, &err), ATT_E_ARG);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "a/b"));
    att_arena_destroy(arena);
}

/* Read what stands at path; the status, or -1 when success gave nonsense. */
static att_status try_reading(char *text, size_t size)
{
    struct att_arena *arena = att_arena_create(0);
    struct att_artifact a;
    struct att_model_label label;
    struct att_error err = {0};
    const att_status status =
        att_model_file_read(path, arena, &a, &label, &err);

    (void)snprintf(text, size, "%s", err.text);
    att_arena_destroy(arena);
    return status;
}

static void write_bytes(const char *bytes, size_t n)
{
    FILE *file = fopen(path, "wb");

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_EQUAL(fwrite(bytes, 1, n, file), n);
    (void)fclose(file);
}

static void read_good_bytes(struct att_buffer *good)
{
    struct att_arena *arena = att_arena_create(0);
    struct att_artifact a;

    make_artifact(&a, arena);
    CU_ASSERT_EQUAL_FATAL(att_model_file_write(path, &a, &LABEL, NULL), ATT_OK);
    CU_ASSERT_EQUAL_FATAL(att_file_read(path, good, NULL), ATT_OK);
    att_arena_destroy(arena);
}

static void a_truncated_file_is_an_error_that_names_it(void)
{
    struct att_buffer good = {0};
    char text[ATT_ERROR_TEXT];

    read_good_bytes(&good);
    for (size_t n = 0; n < good.size; n += good.size / 23) {
        write_bytes(good.data, n);
        CU_ASSERT_NOT_EQUAL(try_reading(text, sizeof text), ATT_OK);
        CU_ASSERT_PTR_NOT_NULL(strstr(text, path));
    }
    att_buffer_fini(&good);
}

/* A flipped bit may hit nothing that is read, but never the reader. */
static void flipped_bits_never_crash_the_reader(void)
{
    struct att_buffer good = {0};
    char text[ATT_ERROR_TEXT];
    unsigned n_errors = 0;

    read_good_bytes(&good);
    for (size_t at = 8; at < good.size; at += good.size / 151) {
        good.data[at] = (char)(good.data[at] ^ 0x55);
        write_bytes(good.data, good.size);
        n_errors += try_reading(text, sizeof text) != ATT_OK;
        good.data[at] = (char)(good.data[at] ^ 0x55);
    }
    CU_ASSERT_TRUE(n_errors > 0);
    att_buffer_fini(&good);
}

static void a_file_that_is_missing_or_no_hdf5_says_so(void)
{
    char text[ATT_ERROR_TEXT];

    (void)unlink(path);
    CU_ASSERT_EQUAL(try_reading(text, sizeof text), ATT_E_IO);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "No such file"));
    write_bytes("hello", 5);
    CU_ASSERT_EQUAL(try_reading(text, sizeof text), ATT_E_IO);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "no whole HDF5 file"));
}

static void a_failed_writing_leaves_the_old_file_and_nothing_else(void)
{
    struct att_arena *arena = att_arena_create(0);
    struct att_artifact a;
    struct att_error err = {0};
    struct stat info;

    make_artifact(&a, arena);
    CU_ASSERT_EQUAL(
        att_model_file_write("/nonexistent/model.h5", &a, &LABEL, &err),
        ATT_E_IO);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "/nonexistent/model.h5"));
    CU_ASSERT_NOT_EQUAL(stat("/nonexistent", &info), 0);
    att_arena_destroy(arena);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"an artifact comes back bit for bit",
         an_artifact_comes_back_bit_for_bit},
        {"names that HDF5 cannot hold are refused",
         names_that_hdf5_cannot_hold_are_refused},
        {"a truncated file is an error that names it",
         a_truncated_file_is_an_error_that_names_it},
        {"flipped bits never crash the reader",
         flipped_bits_never_crash_the_reader},
        {"a file that is missing or no HDF5 says so",
         a_file_that_is_missing_or_no_hdf5_says_so},
        {"a failed writing leaves the old file and nothing else",
         a_failed_writing_leaves_the_old_file_and_nothing_else},
        CU_TEST_INFO_NULL,
    };

    return unit_run_with("model_file", make_folder, remove_folder, tests);
}
