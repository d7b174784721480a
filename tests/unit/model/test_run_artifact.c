/* test_run_artifact.c - artifacts against the oracle. */
#include "attest/model/run.h"

#include <math.h>
#include <string.h>

#include "unit.h"

static struct att_arena *arena;
static struct att_layer *layer; /* of the artifact under test */

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

#define NUMBERS(...) ((const double[]){__VA_ARGS__})

/* y = 2 x per token, two sequences of 2 and 1 tokens. */
static void make_artifact(struct att_artifact *a)
{
    att_arena_reset(arena, 0);
    att_artifact_init(a, arena);
    layer = att_model_add(&a->model, ATT_LAYER_READ_OUT);
    CU_ASSERT_PTR_NOT_NULL_FATAL(layer);
    att_bundle_f64(&layer->tensors, "U", NUMBERS(2), 1, 1);
    att_bundle_f64(&a->instance, "tokens", NUMBERS(1, 2, 3), 3, 1);
    att_bundle_i64(&a->instance, "offsets", (const int64_t[]){0, 2, 3}, 3);
}

static struct att_check_report check(const struct att_artifact *a)
{
    struct att_check_report report = {0};

    CU_ASSERT_EQUAL_FATAL(att_artifact_check(a, arena, &report, NULL), ATT_OK);
    return report;
}

static void an_artifact_agrees_with_its_oracle(void)
{
    struct att_artifact a;

    make_artifact(&a);
    att_bundle_f64(&a.expected, "outputs", NUMBERS(2, NAN, 6), 3, 1);
    const struct att_check_report report = check(&a);

    CU_ASSERT(report.agrees);
    CU_ASSERT_EQUAL(report.n_compared, 2); /* nothing is claimed of NaN */
    CU_ASSERT_EQUAL(report.max_abs_error, 0.0);
    CU_ASSERT_STRING_EQUAL(report.note, "");
}

static void a_disagreement_is_reported_where_it_is_worst(void)
{
    struct att_artifact a;

    make_artifact(&a);
    att_bundle_f64(&a.expected, "outputs", NUMBERS(2.25, 5, 6), 3, 1);
    a.atol = 0.125;
    const struct att_check_report report = check(&a);

    CU_ASSERT_FALSE(report.agrees);
    CU_ASSERT_EQUAL(report.max_abs_error, 1.0);
    CU_ASSERT_STRING_EQUAL(report.note,
                           "outputs[1, 0] = 4, expected 5 within 0.125");
    a.atol = 0.0;
    a.rtol = 0.2;
    CU_ASSERT(check(&a).agrees);
}

static void an_output_that_is_no_number_disagrees(void)
{
    struct att_artifact a;

    make_artifact(&a);
    a.atol = 100.0;
    ((double *)a.instance.tensor[0].data)[0] = NAN;
    att_bundle_f64(&a.expected, "outputs", NUMBERS(2, 4, 6), 3, 1);
    CU_ASSERT_FALSE(check(&a).agrees);
}

static void nothing_compared_is_no_agreement(void)
{
    struct att_artifact a;

    make_artifact(&a);
    att_bundle_f64(&a.expected, "outputs", NUMBERS(NAN, NAN, NAN), 3, 1);
    CU_ASSERT_FALSE(check(&a).agrees);
}

/* One number for each sequence; inputs stand before tokens. */
static void inputs_are_run_instead_of_tokens(void)
{
    struct att_artifact a;

    make_artifact(&a);
    att_layer_text(layer, "token", "last");
    att_bundle_f64(&a.instance, "inputs", NUMBERS(5, 6, 7), 3, 1);
    att_bundle_vector(&a.expected, "outputs", NUMBERS(12, 14), 2);
    CU_ASSERT(check(&a).agrees);
    CU_ASSERT_EQUAL(check(&a).n_compared, 2);
}

static void the_oracle_runs_in_the_arithmetic_of_the_artifact(void)
{
    struct att_artifact a;

    make_artifact(&a);
    a.instance.n = 0;
    att_bundle_f64(&a.instance, "tokens", NUMBERS(1.25), 1, 1);
    att_bundle_f64(&a.expected, "outputs", NUMBERS(2), 1, 1);
    CU_ASSERT_FALSE(check(&a).agrees);
    a.arithmetic = "bits:2";
    CU_ASSERT(check(&a).agrees);
}

static void artifacts_that_cannot_be_run_are_refused(void)
{
    static const struct {
        int64_t offsets[3];
        size_t n_expected;
        const char *arithmetic, *refusal;
    } row[] = {
        {{0, 2, 4}, 3, "f64", "sequence 1 is rows 2 to 4 of 3"},
        {{0, 0, 3}, 3, "f64", "sequence 0 is rows 0 to 0 of 3"},
        {{-1, 2, 3}, 3, "f64", "sequence 0 is rows -1 to 2 of 3"},
        {{0, 2, 3}, 4, "f64", "the model gives 3 x 1 outputs, 4 are expected"},
        {{0, 2, 3}, 0, "f64", "the artifact expects no 'outputs'"},
        {{0, 2, 3},
         3,
         "f8",
         "arithmetic 'f8' is none of f64, f32, x80, bf16, "
         "f16 and bits:2 to bits:53"},
    };

    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct att_artifact a;
        struct att_check_report report = {0};
        struct att_error err = {0};

        make_artifact(&a);
        memcpy(a.instance.tensor[1].data, row[i].offsets,
               sizeof row[i].offsets);
        a.arithmetic = row[i].arithmetic;
        if (row[i].n_expected > 0) {
            att_bundle_f64(&a.expected, "outputs", NUMBERS(2, 4, 6, 8),
                           row[i].n_expected, 1);
        }
        CU_ASSERT_EQUAL(att_artifact_check(&a, arena, &report, &err),
                        ATT_E_ARG);
        CU_ASSERT_STRING_EQUAL(err.text, row[i].refusal);
    }
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"an artifact agrees with its oracle",
         an_artifact_agrees_with_its_oracle},
        {"a disagreement is reported where it is worst",
         a_disagreement_is_reported_where_it_is_worst},
        {"an output that is no number disagrees",
         an_output_that_is_no_number_disagrees},
        {"nothing compared is no agreement", nothing_compared_is_no_agreement},
        {"inputs are run instead of tokens", inputs_are_run_instead_of_tokens},
        {"the oracle runs in the arithmetic of the artifact",
         the_oracle_runs_in_the_arithmetic_of_the_artifact},
        {"artifacts that cannot be run are refused",
         artifacts_that_cannot_be_run_are_refused},
        CU_TEST_INFO_NULL,
    };

    return unit_run_with("run_artifact", start, stop, tests);
}
