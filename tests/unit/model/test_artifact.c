/* test_artifact.c - bundles, layers, attributes, counted parameters. */
#include "attest/model/artifact.h"

#include <math.h>
#include <string.h>

#include "unit.h"

static struct att_arena *arena;

static int start(void)
{
    arena = att_arena_create(0);
    return arena == NULL;
}

static int stop(void)
{
    att_arena_destroy(arena);
    return 0;
}

static void a_bundle_finds_what_was_added_by_name(void)
{
    const double x[6] = {1, 2, 3, 4, 5, 6};
    const int64_t k[2] = {-7, INT64_C(1) << 40};
    struct att_bundle b;
    char name[] = "W";

    att_bundle_init(&b, arena);
    att_bundle_f64(&b, name, x, 2, 3);
    att_bundle_i64(&b, "k", k, 2);
    att_bundle_vector(&b, "v", x, 4);
    att_bundle_scalar(&b, "s", 2.5);
    name[0] = '?'; /* names are copied */

    const struct att_tensor *w = att_bundle_find(&b, "W");

    CU_ASSERT_PTR_NOT_NULL_FATAL(w);
    CU_ASSERT_EQUAL(w->rank, 2);
    CU_ASSERT_EQUAL(w->shape[0], 2);
    CU_ASSERT_EQUAL(w->shape[1], 3);
    CU_ASSERT_EQUAL(att_tensor_count(w), 6);
    CU_ASSERT_EQUAL(att_tensor_get(w, 5), 6.0);
    CU_ASSERT_EQUAL(att_tensor_get(att_bundle_find(&b, "k"), 1), 0x1p40);
    CU_ASSERT_EQUAL(att_bundle_find(&b, "v")->rank, 1);
    CU_ASSERT_EQUAL(att_tensor_count(att_bundle_find(&b, "s")), 1);
    CU_ASSERT_EQUAL(att_tensor_get(att_bundle_find(&b, "s"), 0), 2.5);
    CU_ASSERT_PTR_NULL(att_bundle_find(&b, "w"));
}

static void every_element_type_reads_as_a_number(void)
{
    const uint64_t n = 2;
    struct att_bundle b;

    att_bundle_init(&b, arena);
    float *f = att_bundle_add(&b, "f", ATT_F32, 1, &n);
    uint8_t *u = att_bundle_add(&b, "u", ATT_U8, 1, &n);

    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    CU_ASSERT_PTR_NOT_NULL_FATAL(u);
    CU_ASSERT_EQUAL(f[1], 0.0F); /* zero-filled */
    f[1] = 0.25F;
    u[1] = 255;
    CU_ASSERT_EQUAL(att_tensor_get(att_bundle_find(&b, "f"), 1), 0.25);
    CU_ASSERT_EQUAL(att_tensor_get(att_bundle_find(&b, "u"), 1), 255.0);
    CU_ASSERT_EQUAL(att_dtype_bytes(ATT_F64) + att_dtype_bytes(ATT_I64), 16);
}

static void a_bundle_grows_and_keeps_its_tensors(void)
{
    struct att_bundle b;
    char name[16];

    att_bundle_init(&b, arena);
    for (int i = 0; i < 100; i++) {
        (void)snprintf(name, sizeof name, "t%d", i);
        att_bundle_scalar(&b, name, i);
    }
    CU_ASSERT_EQUAL(b.n, 100);
    for (int i = 0; i < 100; i++) {
        (void)snprintf(name, sizeof name, "t%d", i);
        CU_ASSERT_EQUAL(att_tensor_get(att_bundle_find(&b, name), 0), i);
    }
}

static void a_refused_tensor_is_remembered_by_the_arena(void)
{
    struct att_arena *small = att_arena_create(4096);
    const uint64_t huge[2] = {UINT64_MAX / 2, 3};
    const double x[1] = {1};
    struct att_bundle b;

    CU_ASSERT_PTR_NOT_NULL_FATAL(small);
    att_bundle_init(&b, small);
    CU_ASSERT_PTR_NULL(att_bundle_add(&b, "huge", ATT_F64, 2, huge));
    CU_ASSERT_EQUAL(b.n, 0);
    CU_ASSERT_NOT_EQUAL(att_arena_refused(small), 0);
    att_bundle_vector(&b, "x", x, 1);
    CU_ASSERT_EQUAL(b.n, 1);
    att_arena_destroy(small);
}

/* One block of hardmax, section 3.1: 2 + p(2d+1) + 4d with p = 4, d = 3. */
static void parameters_are_counted_from_tensors_and_attributes(void)
{
    const double zero[12] = {0};
    struct att_artifact a;

    att_artifact_init(&a, arena);
    struct att_layer *l = att_model_add(&a.model, ATT_LAYER_FEED_FORWARD);

    CU_ASSERT_PTR_NOT_NULL_FATAL(l);
    att_bundle_f64(&l->tensors, "W1", zero, 4, 3);
    att_bundle_vector(&l->tensors, "b1", zero, 4);
    att_bundle_f64(&l->tensors, "W2", zero, 3, 4);
    att_layer_parameter(l, "residual", 1.0);
    l = att_model_add(&a.model, ATT_LAYER_ATTENTION);
    CU_ASSERT_PTR_NOT_NULL_FATAL(l);
    att_bundle_f64(&l->tensors, "Q", zero, 1, 3);
    att_bundle_f64(&l->tensors, "K", zero, 1, 3);
    att_bundle_f64(&l->tensors, "V", zero, 1, 3);
    att_bundle_f64(&l->tensors, "O", zero, 3, 1);
    att_bundle_f64(&l->tensors, "_notes", zero, 3, 4);
    att_layer_parameter(l, "residual", 1.0);
    att_layer_number(l, "tau", 0.5);
    CU_ASSERT_EQUAL(att_model_parameters(&a.model), 2 + 4 * 7 + 4 * 3);
    CU_ASSERT_EQUAL(att_layer_parameters(l), 1 + 4 * 3);
}

static void attributes_are_numbers_or_words(void)
{
    struct att_artifact a;

    att_artifact_init(&a, arena);
    struct att_layer *l = att_model_add(&a.model, ATT_LAYER_ATTENTION);

    CU_ASSERT_PTR_NOT_NULL_FATAL(l);
    att_layer_number(l, "tau", 0.5);
    att_layer_text(l, "weights", "softmax");
    CU_ASSERT_EQUAL(att_layer_get(l, "tau", 1.0), 0.5);
    CU_ASSERT_EQUAL(att_layer_get(l, "tie", 0.25), 0.25);
    CU_ASSERT_EQUAL(att_layer_get(l, "weights", -1.0), -1.0);
    CU_ASSERT_STRING_EQUAL(att_layer_get_text(l, "weights", "?"), "softmax");
    CU_ASSERT_STRING_EQUAL(att_layer_get_text(l, "tau", "?"), "?");
    CU_ASSERT_STRING_EQUAL(att_layer_kind_text(l->kind), "attention");
    CU_ASSERT_STRING_EQUAL(att_layer_kind_text(ATT_LAYER_KINDS), "unknown");
}

static void a_model_grows_and_keeps_its_layers(void)
{
    struct att_artifact a;

    att_artifact_init(&a, arena);
    for (int i = 0; i < 50; i++) {
        struct att_layer *l = att_model_add(&a.model, ATT_LAYER_READ_OUT);

        CU_ASSERT_PTR_NOT_NULL_FATAL(l);
        att_layer_number(l, "i", i);
    }
    for (int i = 0; i < 50; i++)
        CU_ASSERT_EQUAL(att_layer_get(&a.model.layer[i], "i", -1), i);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"a bundle finds what was added by name",
         a_bundle_finds_what_was_added_by_name},
        {"every element type reads as a number",
         every_element_type_reads_as_a_number},
        {"a bundle grows and keeps its tensors",
         a_bundle_grows_and_keeps_its_tensors},
        {"a refused tensor is remembered by the arena",
         a_refused_tensor_is_remembered_by_the_arena},
        {"parameters are counted from tensors and attributes",
         parameters_are_counted_from_tensors_and_attributes},
        {"attributes are numbers or words", attributes_are_numbers_or_words},
        {"a model grows and keeps its layers",
         a_model_grows_and_keeps_its_layers},
        CU_TEST_INFO_NULL,
    };

    return unit_run_with("artifact", start, stop, tests);
}
