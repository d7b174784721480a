/* test_run.c - the oracle on models computed by hand or printed in specs. */
#include "attest/model/run.h"

#include <math.h>
#include <string.h>

#include "unit.h"

static struct att_arena *arena;
static struct att_model model;
static struct att_layer *layer; /* the last one added */

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

/* ---- building models -------------------------------------------------------- */

static void new_model(void)
{
    att_arena_reset(arena, 0);
    model = (struct att_model){.arena = arena};
}

static void add_layer(enum att_layer_kind kind)
{
    layer = att_model_add(&model, kind);
    CU_ASSERT_PTR_NOT_NULL_FATAL(layer);
}

static void matrix(const char *name, uint64_t rows, uint64_t cols,
                   const double *x)
{
    att_bundle_f64(&layer->tensors, name, x, rows, cols);
}

static void vector(const char *name, uint64_t n, const double *x)
{
    att_bundle_vector(&layer->tensors, name, x, n);
}

#define NUMBERS(...) ((const double[]){__VA_ARGS__})

static struct att_mat run_in(const char *arithmetic, const double *tokens,
                             size_t rows, size_t cols)
{
    struct att_mat in = att_mat_new(arena, rows, cols);
    struct att_mat out = {0};
    struct att_arithmetic a = {0};
    struct att_error err = {0};

    CU_ASSERT_PTR_NOT_NULL_FATAL(in.data);
    memcpy(in.data, tokens, rows * cols * sizeof *tokens);
    CU_ASSERT_EQUAL_FATAL(att_arithmetic_parse(arithmetic, &a, NULL), ATT_OK);
    CU_ASSERT_EQUAL(att_model_run(&model, in, &a, arena, &out, &err), ATT_OK);
    CU_ASSERT_STRING_EQUAL(err.text, "");
    CU_ASSERT_PTR_NOT_NULL_FATAL(out.data);
    return out;
}

/* Run in f64 and compare each number within tolerance (0: bit for bit). */
static void expect(const double *tokens, size_t rows, size_t cols,
                   const double *expected, size_t n, double tolerance)
{
    const struct att_mat out = run_in("f64", tokens, rows, cols);

    CU_ASSERT_EQUAL_FATAL(out.rows * out.cols, n);
    for (size_t i = 0; i < n; i++)
        CU_ASSERT(fabs(out.data[i] - expected[i]) <= tolerance);
}

/* The reason why the model refuses these tokens. */
static const char *refusal(const char *arithmetic, double *tokens, size_t rows,
                           size_t cols, att_status status)
{
    static struct att_error err;
    struct att_arithmetic a = {0};
    struct att_mat out = {0};

    err = (struct att_error){0};
    CU_ASSERT_EQUAL_FATAL(att_arithmetic_parse(arithmetic, &a, NULL), ATT_OK);
    CU_ASSERT_EQUAL(att_model_run(&model,
                                  (struct att_mat){tokens, rows, cols, cols},
                                  &a, arena, &out, &err),
                    status);
    CU_ASSERT_PTR_NULL(out.data);
    return err.text;
}

/* ---- hardmax: the spec's test vector 1 ------------------------------------------ */

static void rank_one_attention(double rho, const double *a1, const double *a2,
                               const double *v2, const double *v1)
{
    add_layer(ATT_LAYER_ATTENTION);
    att_layer_text(layer, "weights", "hardmax");
    att_layer_parameter(layer, "residual", rho);
    matrix("Q", 1, 2, a1);
    matrix("K", 1, 2, a2);
    matrix("V", 1, 2, v2);
    matrix("O", 2, 1, v1);
}

static void no_attention(void)
{
    add_layer(ATT_LAYER_ATTENTION);
    att_layer_number(layer, "heads", 0);
    att_layer_parameter(layer, "residual", 1);
}

static void feed_forward(double eta, uint64_t p, const double *u,
                         const double *b, const double *w)
{
    add_layer(ATT_LAYER_FEED_FORWARD);
    att_layer_parameter(layer, "residual", eta);
    matrix("W1", p, 2, u);
    vector("b1", p, b);
    matrix("W2", 2, p, w);
}

/* hardmax.md 12.2, vector 1: B = 5, params_used = 61, outputs exact. */
static void make_hardmax_vector_1(void)
{
    const double h = 0.375;
    const double *u = NUMBERS(1, 0);
    const double *v = NUMBERS(0, 1);

    new_model();
    feed_forward(0, 1, NUMBERS(0.75, 0), NUMBERS(1.125), NUMBERS(1, 0));
    no_attention();
    feed_forward(1, 2, NUMBERS(1, 0, -1, 0), NUMBERS(-1, 1),
                 NUMBERS(0, 0, -1, -1));
    rank_one_attention(1, u, v, u, v);
    feed_forward(1, 2, NUMBERS(1, 0, -1, 0), NUMBERS(-1, 1),
                 NUMBERS(0, 0, 1, 1));
    rank_one_attention(0, u, u, v, v);
    feed_forward(1, 1, NUMBERS(0, 1), NUMBERS(-1.5),
                 NUMBERS(1 / h, (-2 - 1.875) / h));
    no_attention();
    feed_forward(1, 1, NUMBERS(0, 1), NUMBERS(-0.75),
                 NUMBERS(0, (-2 - 1.125) / h));
    no_attention();
}

static void the_hardmax_vector_comes_out_exactly(void)
{
    static const char *const arithmetic[] = {"f64", "f32", "x80", "bits:24"};

    for (size_t i = 0; i < sizeof arithmetic / sizeof arithmetic[0]; i++) {
        make_hardmax_vector_1();
        CU_ASSERT_EQUAL(att_model_parameters(&model), 61);
        const struct att_mat one = run_in(arithmetic[i], NUMBERS(0, 0), 1, 2);
        const struct att_mat two = run_in(arithmetic[i], NUMBERS(1, 0), 1, 2);

        CU_ASSERT_EQUAL(one.data[0], 0.0);
        CU_ASSERT_EQUAL(one.data[1], -2.0);
        CU_ASSERT_EQUAL(two.data[0], 1.0);
        CU_ASSERT_EQUAL(two.data[1], -2.0);
    }
}

static void copies_of_a_token_change_no_bit(void)
{
    make_hardmax_vector_1();
    expect(NUMBERS(1, 0, 1, 0, 1, 0), 3, 2, NUMBERS(1, -2, 1, -2, 1, -2), 6,
           0.0);
}

/* (0.1 + 0.1 + 0.1) / 3 is not 0.1 in double. */
static void the_mean_of_equal_values_is_that_value(void)
{
    new_model();
    add_layer(ATT_LAYER_ATTENTION);
    att_layer_text(layer, "weights", "hardmax");
    matrix("Q", 1, 1, NUMBERS(0));
    matrix("K", 1, 1, NUMBERS(0));
    expect(NUMBERS(0.1, 0.1, 0.1), 3, 1, NUMBERS(0.1, 0.1, 0.1), 3, 0.0);
    expect(NUMBERS(1, 2, 6), 3, 1, NUMBERS(3, 3, 3), 3, 0.0);
}

static void ties_within_the_tolerance_are_averaged(void)
{
    new_model();
    add_layer(ATT_LAYER_ATTENTION);
    att_layer_text(layer, "weights", "hardmax");
    att_layer_number(layer, "tie", 0.5);
    matrix("Q", 1, 2, NUMBERS(0, 1)); /* query 1, keys x_0 */
    matrix("K", 1, 2, NUMBERS(1, 0));
    matrix("V", 1, 2, NUMBERS(1, 0));
    expect(NUMBERS(4, 1, 3.5, 1, 3, 1), 3, 2, NUMBERS(3.75, 3.75, 3.75), 3,
           0.0);
}

/* ---- softmax ---------------------------------------------------------------------- */

/* memorization.md 12.2, vectors 3 and 7: s(token) of a set and a scale. */
static void soft_means_have_the_printed_digits(void)
{
    static const struct {
        double lambda;
        size_t n, token;
        double set[4], s;
    } row[] = {
        {0.25, 3, 1, {1, 2, 4}, 3.1168190552574364},
        {0.25, 3, 1, {3, 2, 4}, 3.3201566678298065},
        {0.25, 3, 2, {1, 2, 4}, 3.6455794028286128},
        {0.05, 4, 0, {1, 3, 6, 8}, 4.860840879387},
        {0.05, 4, 3, {1, 4, 5, 8}, 6.633647891033},
        {-0.05, 4, 3, {1, 3, 6, 8}, 2.216065647855},
        {0.0, 4, 0, {1, 3, 6, 8}, 4.5},
    };

    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        new_model();
        add_layer(ATT_LAYER_ATTENTION);
        matrix("Q", 1, 1, &row[i].lambda);
        const struct att_mat out = run_in("f64", row[i].set, row[i].n, 1);

        /* half a unit of the last printed digit */
        CU_ASSERT(fabs(out.data[row[i].token] - row[i].s) <= 5e-13);
    }
}

static void a_temperature_divides_the_scores(void)
{
    new_model();
    add_layer(ATT_LAYER_ATTENTION);
    att_layer_number(layer, "tau", 4);
    const struct att_mat out = run_in("f64", NUMBERS(1, 2, 4), 3, 1);

    CU_ASSERT(fabs(out.data[1] - 3.1168190552574364) <= 5e-16 * 4);
}

/* matching.md 13, T5: M = 7, blank token, four coordinates printed. */
static void match2_has_the_printed_outputs(void)
{
    const double sine = sin(M_PI / 7);
    const double gap = 2 * sine * sine;
    const double c = 2 * log(20) / gap;

    new_model();
    add_layer(ATT_LAYER_TOKENWISE);
    att_layer_text(layer, "function", "circle");
    att_layer_number(layer, "modulus", 7);
    vector("h", 1, NUMBERS(1));
    add_layer(ATT_LAYER_FEED_FORWARD); /* (cos, sin, 1) */
    att_layer_text(layer, "activation", "none");
    matrix("W2", 3, 2, NUMBERS(1, 0, 0, 1, 0, 0));
    vector("b2", 3, NUMBERS(0, 0, 1));
    add_layer(ATT_LAYER_ATTENTION);
    matrix("Q", 3, 3, NUMBERS(c, 0, 0, 0, c, 0, 0, 0, c));
    matrix("K", 3, 3, NUMBERS(1, 0, 0, 0, -1, 0, 0, 0, 0));
    matrix("V", 1, 3, NUMBERS(0, 0, 1));
    vector("blank_key", 3, NUMBERS(0, 0, 1 - gap / 2));
    vector("blank_value", 1, NUMBERS(0));
    expect(NUMBERS(1, 6, 2, 3, 0), 5, 1,
           NUMBERS(.9524940619, .9526066354, .0476191767, .0476191767,
                   .9526066352),
           5, 6e-11);
    add_layer(ATT_LAYER_READ_OUT);
    att_layer_text(layer, "round", "threshold");
    expect(NUMBERS(1, 6, 2, 3, 0), 5, 1, NUMBERS(1, 1, 0, 0, 1), 5, 0.0);
}

/* matching.md 13, T6: M = 11, third order with a blank. */
static void match3_has_the_printed_outputs(void)
{
    const double sine = sin(M_PI / 11);
    const double gap = 2 * sine * sine;
    const double c = 2 * log(64) / gap;

    new_model();
    add_layer(ATT_LAYER_TOKENWISE);
    att_layer_text(layer, "function", "circle");
    att_layer_number(layer, "modulus", 11);
    vector("h", 1, NUMBERS(1));
    add_layer(ATT_LAYER_FEED_FORWARD);
    att_layer_text(layer, "activation", "none");
    matrix("W2", 3, 2, NUMBERS(1, 0, 0, 1, 0, 0));
    vector("b2", 3, NUMBERS(0, 0, 1));
    add_layer(ATT_LAYER_THIRD_ORDER);
    matrix("Q", 5, 3, NUMBERS(c, 0, 0, -c, 0, 0, 0, -c, 0, 0, -c, 0, 0, 0, c));
    matrix("K1", 5, 3, NUMBERS(1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0));
    matrix("K2", 5, 3, NUMBERS(1, 0, 0, 0, 1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0));
    matrix("V1", 1, 3, NUMBERS(0, 0, 1));
    matrix("V2", 1, 3, NUMBERS(0, 0, 1));
    vector("blank_key1", 5, NUMBERS(0, 0, 0, 0, 1 - gap / 2));
    vector("blank_key2", 5, NUMBERS(0, 0, 0, 0, 1));
    expect(NUMBERS(1, 4, 6, 2), 4, 1,
           NUMBERS(.9922480620, .9922527539, .9922508778, .0724637681), 4,
           6e-11);
}

static void masks_hide_tokens(void)
{
    static const struct {
        const char *mask;
        double weight[9];
    } row[] = {
        {"none",
         {1 / 3., 1 / 3., 1 / 3., 1 / 3., 1 / 3., 1 / 3., 1 / 3., 1 / 3.,
          1 / 3.}},
        {"causal", {1, 0, 0, .5, .5, 0, 1 / 3., 1 / 3., 1 / 3.}},
        {"others", {0, .5, .5, .5, 0, .5, .5, .5, 0}},
        {"data", {.5, .5, 0, .5, .5, 0, .5, .5, 0}},
        {"tensor", {0, 0, 1, 0, 0, 0, .5, 0, .5}},
    };

    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        for (int hard = 0; hard < 2; hard++) {
            new_model();
            add_layer(ATT_LAYER_ATTENTION);
            att_layer_text(layer, "values", "positions");
            att_layer_text(layer, "mask", row[i].mask);
            att_layer_text(layer, "weights", hard ? "hardmax" : "softmax");
            matrix("Q", 1, 1, NUMBERS(0));
            matrix("K", 1, 1, NUMBERS(0));
            matrix("_allowed", 3, 3, NUMBERS(0, 0, 1, 0, 0, 0, 1, 0, 1));
            expect(NUMBERS(5, 6, 7), 3, 1, row[i].weight, 9, 0.0);
        }
    }
}

static void a_token_that_sees_nothing_keeps_its_residual(void)
{
    static const char *const weights[] = {"softmax", "hardmax", "scores"};

    for (int i = 0; i < 3; i++) {
        new_model();
        add_layer(ATT_LAYER_ATTENTION);
        att_layer_text(layer, "mask", "others");
        att_layer_text(layer, "weights", weights[i]);
        att_layer_number(layer, "residual", 0.5);
        expect(NUMBERS(6, 8), 1, 2, NUMBERS(3, 4), 2, 0.0);
    }
}

static void scores_are_the_products_themselves(void)
{
    new_model();
    add_layer(ATT_LAYER_ATTENTION);
    att_layer_text(layer, "values", "positions");
    att_layer_text(layer, "weights", "scores");
    matrix("Q", 1, 2, NUMBERS(1, 0));
    matrix("K", 1, 2, NUMBERS(0, 1));
    expect(NUMBERS(2, 3, 5, 7), 2, 2, NUMBERS(6, 14, 15, 35), 4, 0.0);
}

/* Head 0 looks for the largest x_0, head 1 for the largest x_1. */
static void heads_read_their_own_rows(void)
{
    new_model();
    add_layer(ATT_LAYER_ATTENTION);
    att_layer_text(layer, "weights", "hardmax");
    att_layer_number(layer, "heads", 2);
    matrix("Q", 2, 3, NUMBERS(0, 0, 1, 0, 0, 1));
    matrix("K", 2, 3, NUMBERS(1, 0, 0, 0, 1, 0));
    matrix("V", 2, 3, NUMBERS(1, 0, 0, 0, 1, 0));
    matrix("O", 1, 2, NUMBERS(10, 1));
    expect(NUMBERS(1, 7, 1, 4, 2, 1), 2, 3, NUMBERS(47, 47), 2, 0.0);
}

static void factors_act_as_their_product(void)
{
    new_model();
    add_layer(ATT_LAYER_FEED_FORWARD);
    att_layer_text(layer, "activation", "none");
    matrix("_W1_left", 2, 1, NUMBERS(2, -1));
    matrix("W1_right", 1, 3, NUMBERS(1, 2, 3));
    CU_ASSERT_EQUAL(att_model_parameters(&model), 3);
    expect(NUMBERS(1, 1, 1), 1, 3, NUMBERS(12, -6), 2, 0.0);
}

/* ---- the other layers ---------------------------------------------------------- */

static void activations_do_what_their_names_say(void)
{
    static const struct {
        const char *activation;
        double out[3];
    } row[] = {
        {"relu", {0, .5, 3}}, {"clamp", {0, .5, 1}}, {"none", {-2, .5, 3}}};

    for (size_t i = 0; i < 3; i++) {
        new_model();
        add_layer(ATT_LAYER_FEED_FORWARD);
        att_layer_text(layer, "activation", row[i].activation);
        expect(NUMBERS(-2, .5, 3), 1, 3, row[i].out, 3, 0.0);
    }
}

static void tokenwise(const char *function)
{
    new_model();
    add_layer(ATT_LAYER_TOKENWISE);
    att_layer_text(layer, "function", function);
}

static void token_wise_functions_map_tokens(void)
{
    tokenwise("encode");
    att_layer_number(layer, "keep", 1);
    matrix("E", 3, 1, NUMBERS(10, 20, 30));
    expect(NUMBERS(1, 2), 2, 1, NUMBERS(1, 10, 2, 20), 4, 0.0);

    tokenwise("table");
    att_layer_number(layer, "column", 1);
    matrix("T", 3, 2, NUMBERS(0, 1, 10, 11, 20, 21));
    expect(NUMBERS(9, 2, 9, 0), 2, 2, NUMBERS(20, 21, 0, 1), 4, 0.0);

    tokenwise("step");
    vector("t", 2, NUMBERS(1, 2));
    vector("a", 2, NUMBERS(1, -1));
    matrix("Y", 3, 1, NUMBERS(5, 6, 7));
    expect(NUMBERS(3, 1, 1, 0, 0, 0), 3, 2, NUMBERS(7, 6, 5), 3, 0.0);

    tokenwise("columns");
    vector("c", 3, NUMBERS(1, 1, 0));
    expect(NUMBERS(3, 4), 1, 2, NUMBERS(4, 4, 3), 3, 0.0);

    tokenwise("round");
    att_layer_number(layer, "scale", 2);
    expect(NUMBERS(0.75, -0.75, 1.2), 1, 3, NUMBERS(2, -2, 2), 3, 0.0);

    tokenwise("modulo");
    att_layer_number(layer, "modulus", 7);
    expect(NUMBERS(15, -1, 7), 1, 3, NUMBERS(1, 6, 0), 3, 0.0);

    tokenwise("cell");
    att_layer_number(layer, "scale", 4);
    expect(NUMBERS(0.3, 1.0, -0.1), 1, 3, NUMBERS(.375, .875, .125), 3, 0.0);

    tokenwise("pair_sum");
    att_layer_number(layer, "modulus", 5);
    expect(NUMBERS(1, 2, -1, 1, 2, 3, 1, 1, 1, 0, -1, -1), 4, 3,
           NUMBERS(1, 1, 0, 0), 4, 0.0);
}

/* Angles whose sine and cosine are known; a product beyond 2^53. */
static void the_circle_reduces_exactly(void)
{
    const double root = sqrt(0.5);

    tokenwise("circle");
    att_layer_number(layer, "modulus", 8);
    vector("h", 2, NUMBERS(1, -2));
    expect(NUMBERS(1, 8 * 0x1p40 + 2), 2, 1,
           NUMBERS(root, root, 0, -1, 0, 1, -1, 0), 8, 1e-15);

    tokenwise("circle");
    att_layer_number(layer, "modulus", 0x1p52);
    vector("h", 1, NUMBERS(0x1p51 + 1));
    expect(NUMBERS(0x1p50 + 0x1p51), 1, 1, NUMBERS(0, -1), 2, 1e-15);
}

/* h <- h / 2 + x from h0 = 8; running sums clamped at 0. */
static void recurrent_layers_remember(void)
{
    new_model();
    add_layer(ATT_LAYER_RECURRENT);
    matrix("A", 1, 1, NUMBERS(0.5));
    vector("h0", 1, NUMBERS(8));
    vector("b", 1, NUMBERS(1));
    matrix("C", 2, 1, NUMBERS(1, -1));
    expect(NUMBERS(0, 3), 2, 1, NUMBERS(5, -5, 6.5, -6.5), 4, 0.0);

    new_model();
    add_layer(ATT_LAYER_RECURRENT);
    att_layer_text(layer, "activation", "relu");
    expect(NUMBERS(2, -5, 1), 3, 1, NUMBERS(2, 0, 1), 3, 0.0);
}

/* Two slots hold three tokens; read the sum of slots and their difference. */
static void slots_add_up_outer_products(void)
{
    new_model();
    add_layer(ATT_LAYER_RECURRENT);
    att_layer_text(layer, "form", "slots");
    matrix("G", 3, 2, NUMBERS(1, 0, 0, 1, 1, 1));
    matrix("R", 2, 2, NUMBERS(1, 1, 1, -1));
    expect(NUMBERS(1, 10, 2, 20, 3, 30), 3, 2, NUMBERS(9, 90, -1, -10), 4, 0.0);
}

static void read_outs_pick_and_round(void)
{
    static const struct {
        const char *token, *round;
        size_t n;
        double out[4];
    } row[] = {
        {"all", "none", 4, {0.25, 0.5, 2.5, 0.75}},
        {"first", "none", 2, {0.25, 0.5}},
        {"last", "nearest", 2, {2, 1}},
        {"mean", "none", 2, {1.375, 0.625}},
        {"all", "threshold", 4, {0, 1, 1, 1}},
        {"all", "argmax", 2, {1, 0}},
    };

    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        new_model();
        add_layer(ATT_LAYER_READ_OUT);
        att_layer_text(layer, "token", row[i].token);
        att_layer_text(layer, "round", row[i].round);
        expect(NUMBERS(0.25, 0.5, 2.5, 0.75), 2, 2, row[i].out, row[i].n, 0.0);
    }
}

/* ---- arithmetics and refusals ----------------------------------------------------- */

/* In three bits 4 + 0.5 is 4; in double 4.5. */
static void every_operation_is_rounded(void)
{
    new_model();
    add_layer(ATT_LAYER_READ_OUT);
    matrix("U", 1, 2, NUMBERS(1, 1));
    CU_ASSERT_EQUAL(run_in("bits:3", NUMBERS(4, 0.5), 1, 2).data[0], 4.0);
    CU_ASSERT_EQUAL(run_in("bits:4", NUMBERS(4, 0.5), 1, 2).data[0], 4.5);
    CU_ASSERT_EQUAL(run_in("f32", NUMBERS(1, 0x1p-24), 1, 2).data[0], 1.0);
    CU_ASSERT_EQUAL(run_in("f64", NUMBERS(1, 0x1p-24), 1, 2).data[0],
                    1.0 + 0x1p-24);
}

/* Rounding to the 24 bits and exponents of float is the float oracle, except
 * for exp, which one rounds from double: hardmax has none. */
static void rounding_to_float_is_the_float_oracle(void)
{
    const struct att_arithmetic hand = {ATT_ARITHMETIC_ROUNDED, 24, -126, 127};
    struct att_mat out = {0};
    double tokens[8];

    make_hardmax_vector_1();
    for (size_t i = 0; i < 8; i++)
        tokens[i] = sin((double)i);
    const struct att_mat f32 = run_in("f32", tokens, 4, 2);

    CU_ASSERT_EQUAL_FATAL(att_model_run(&model,
                                        (struct att_mat){tokens, 4, 2, 2},
                                        &hand, arena, &out, NULL),
                          ATT_OK);
    CU_ASSERT_EQUAL(memcmp(out.data, f32.data, 8 * sizeof *out.data), 0);
}

static void refusals_name_the_layer(void)
{
    double big[2] = {1e4, 1e4};
    double half[1] = {0.5};
    double not_a_number[1] = {NAN};

    new_model();
    add_layer(ATT_LAYER_FEED_FORWARD);
    add_layer(ATT_LAYER_ATTENTION);
    CU_ASSERT_STRING_EQUAL(refusal("f16", big, 2, 1, ATT_E_NUMERIC),
                           "layer 1 (attention): a score is not finite");
    CU_ASSERT_STRING_EQUAL(refusal("f64", not_a_number, 1, 1, ATT_E_NUMERIC),
                           "layer 1 (attention): a score is not finite");
    matrix("Q", 1, 2, NUMBERS(1, 1));
    CU_ASSERT_STRING_EQUAL(
        refusal("f64", half, 1, 1, ATT_E_ARG),
        "layer 1 (attention): tensor Q has 2 columns for 1 coordinates");
    CU_ASSERT_STRING_EQUAL(refusal("f64", half, 0, 1, ATT_E_ARG),
                           "a sequence has no tokens");

    tokenwise("table");
    matrix("T", 2, 1, NUMBERS(1, 2));
    CU_ASSERT_STRING_EQUAL(
        refusal("f64", half, 1, 1, ATT_E_ARG),
        "layer 0 (tokenwise): 0.5 is no index of a table of 2 rows");
    tokenwise("pair_sum");
    att_layer_number(layer, "modulus", 3);
    CU_ASSERT_STRING_EQUAL(refusal("f64", not_a_number, 1, 1, ATT_E_ARG),
                           "layer 0 (tokenwise): nan is not an integer");
}

static void an_empty_model_hands_its_tokens_on(void)
{
    new_model();
    expect(NUMBERS(1, 2, 3, 4), 2, 2, NUMBERS(1, 2, 3, 4), 4, 0.0);
}

/* A limit below what the run needs, at every size: refused, never a crash. */
static void the_oracle_without_memory_says_so(void)
{
    struct att_arithmetic a = {0};
    double tokens[8] = {0};
    size_t refused = 0;

    CU_ASSERT_EQUAL_FATAL(att_arithmetic_parse("f64", &a, NULL), ATT_OK);
    make_hardmax_vector_1();
    for (uint64_t limit = 64; limit < 8192; limit += 64) {
        struct att_arena *small = att_arena_create(limit);
        struct att_mat out = {0};
        struct att_error err = {0};

        CU_ASSERT_PTR_NOT_NULL_FATAL(small);
        const att_status status = att_model_run(
            &model, (struct att_mat){tokens, 4, 2, 2}, &a, small, &out, &err);

        CU_ASSERT(status == ATT_OK || status == ATT_E_NOMEM);
        refused += status == ATT_E_NOMEM;
        att_arena_destroy(small);
    }
    CU_ASSERT(refused > 0);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"the hardmax vector comes out exactly",
         the_hardmax_vector_comes_out_exactly},
        {"copies of a token change no bit", copies_of_a_token_change_no_bit},
        {"the mean of equal values is that value",
         the_mean_of_equal_values_is_that_value},
        {"ties within the tolerance are averaged",
         ties_within_the_tolerance_are_averaged},
        {"soft means have the printed digits",
         soft_means_have_the_printed_digits},
        {"a temperature divides the scores", a_temperature_divides_the_scores},
        {"match2 has the printed outputs", match2_has_the_printed_outputs},
        {"match3 has the printed outputs", match3_has_the_printed_outputs},
        {"masks hide tokens", masks_hide_tokens},
        {"a token that sees nothing keeps its residual",
         a_token_that_sees_nothing_keeps_its_residual},
        {"scores are the products themselves",
         scores_are_the_products_themselves},
        {"heads read their own rows", heads_read_their_own_rows},
        {"factors act as their product", factors_act_as_their_product},
        {"activations do what their names say",
         activations_do_what_their_names_say},
        {"token-wise functions map tokens", token_wise_functions_map_tokens},
        {"the circle reduces exactly", the_circle_reduces_exactly},
        {"recurrent layers remember", recurrent_layers_remember},
        {"slots add up outer products", slots_add_up_outer_products},
        {"read-outs pick and round", read_outs_pick_and_round},
        {"every operation is rounded", every_operation_is_rounded},
        {"rounding to float is the float oracle",
         rounding_to_float_is_the_float_oracle},
        {"refusals name the layer", refusals_name_the_layer},
        {"an empty model hands its tokens on",
         an_empty_model_hands_its_tokens_on},
        {"the oracle without memory says so",
         the_oracle_without_memory_says_so},
        CU_TEST_INFO_NULL,
    };

    return unit_run_with("run", start, stop, tests);
}
