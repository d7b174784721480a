/* make_models.c - models of every kind of layer, with what the oracle makes
 * of them, as files.
 *
 *     make_models FOLDER */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attest/base/rng.h"
#include "attest/model/run.h"
#include "attest/store/model_file.h"

enum { D = 4, TOKENS = 9 };

static struct att_artifact artifact;
static struct att_layer *layer; /* the last one added */
static uint32_t n_drawn;        /* tensors so far: the item of the next */

/* ---- building ---------------------------------------------------------------- */

static void add_layer(enum att_layer_kind kind)
{
    layer = att_model_add(&artifact.model, kind);
    if (layer == NULL)
        abort();
}

/* A tensor of normals; cols == 0: a vector. */
static double *draw_into(struct att_bundle *b, const char *name, uint64_t rows,
                         uint64_t cols)
{
    const struct att_stream s = att_stream(42, 1, 0, n_drawn++);
    const uint64_t shape[2] = {rows, cols};
    double *x = att_bundle_add(b, name, ATT_F64, cols > 0 ? 2 : 1, shape);

    if (x == NULL)
        abort();
    att_stream_normals(&s, 0, (size_t)(rows * (cols > 0 ? cols : 1)), x);
    return x;
}

static void draw(const char *name, uint64_t rows, uint64_t cols)
{
    (void)draw_into(&layer->tensors, name, rows, cols);
}

/* A tensor of integers 0 .. n-1, or a vector when cols == 0. */
static void draw_integers(struct att_bundle *b, const char *name, uint64_t rows,
                          uint64_t cols, uint32_t n)
{
    const uint32_t item = n_drawn;
    double *x = draw_into(b, name, rows, cols);
    const struct att_stream s = att_stream(43, 1, 0, item);

    for (uint64_t i = 0; i < rows * (cols > 0 ? cols : 1); i++)
        x[i] = att_stream_below(&s, i, n);
}

static void set(const char *name, double x)
{
    att_layer_number(layer, name, x);
}

static void say(const char *name, const char *word)
{
    att_layer_text(layer, name, word);
}

/* ---- models --------------------------------------------------------------------- */

static void softmax_heads(void)
{
    add_layer(ATT_LAYER_ATTENTION);
    set("heads", 2);
    set("tau", 0.7);
    set("residual", 0.5);
    draw("Q", 6, D);
    draw("_K_left", 6, 2);
    draw("K_right", 2, D);
    draw("V", 4, D);
    draw("O", D, 4);
    draw("blank_key", 6, 0);
    draw("blank_value", 4, 0);
}

static void hardmax_ties(void)
{
    add_layer(ATT_LAYER_ATTENTION);
    say("weights", "hardmax");
    say("mask", "causal");
    set("tie", 1.5);
    set("residual", 1);
}

static void mask_layer(const char *mask, const char *values)
{
    add_layer(ATT_LAYER_ATTENTION);
    say("mask", mask);
    say("values", values);
    draw("Q", 2, D);
    draw("K", 2, D);
    draw_integers(&layer->tensors, "_allowed", TOKENS, TOKENS, 2);
}

static void masks(void)
{
    mask_layer("others", "tokens");
    mask_layer("data", "tokens");
    mask_layer("tensor", "tokens");
}

/* One sequence only: the width of its output is its length. */
static void positions(void)
{
    artifact.instance.n = 0;
    (void)draw_into(&artifact.instance, "tokens", TOKENS, D);
    mask_layer("causal", "positions");
}

static void scores(void)
{
    add_layer(ATT_LAYER_ATTENTION);
    say("weights", "scores");
    draw("V", 3, D);
}

static void feed_forwards(void)
{
    static const char *const activation[] = {"relu", "clamp", "none"};

    for (int i = 0; i < 3; i++) {
        add_layer(ATT_LAYER_FEED_FORWARD);
        say("activation", activation[i]);
        set("residual", i == 0 ? 0 : 0.25);
        draw("W1", 5, D);
        draw("b1", 5, 0);
        draw("W2", D, 5);
        draw("b2", D, 0);
    }
    add_layer(ATT_LAYER_ATTENTION);
    set("heads", 0);
    set("residual", 3);
}

static void tokenwise(const char *function)
{
    add_layer(ATT_LAYER_TOKENWISE);
    say("function", function);
}

static void token_functions(void)
{
    tokenwise("encode");
    set("keep", 1);
    draw("E", TOKENS, 2);
    tokenwise("columns");
    draw_integers(&layer->tensors, "c", 5, 0, D + 2);
    tokenwise("cell");
    set("scale", 7);
    tokenwise("round");
    set("scale", 10);
    tokenwise("modulo");
    set("modulus", 4);
    tokenwise("table");
    set("column", 1);
    set("keep", 1);
    draw("T", 4, 3);
    tokenwise("step");
    draw("a", 8, 0);
    memcpy(att_bundle_add(&layer->tensors, "t", ATT_F64, 1, (uint64_t[]){3}),
           (const double[]){-1, 0.5, 4}, 3 * sizeof(double));
    draw("Y", 4, 2);
}

static void residues(void)
{
    artifact.instance.n = 0;
    draw_integers(&artifact.instance, "inputs", TOKENS, 3, 11);
    tokenwise("pair_sum");
    set("modulus", 11);
    tokenwise("circle");
    set("modulus", 11);
    memcpy(att_bundle_add(&layer->tensors, "h", ATT_I64, 1, (uint64_t[]){2}),
           (const int64_t[]){1, 5}, 2 * sizeof(int64_t));
}

static void third_order(void)
{
    add_layer(ATT_LAYER_THIRD_ORDER);
    set("residual", 1);
    set("tau", 2);
    draw("Q", 3, D);
    draw("K1", 3, D);
    draw("K2", 3, D);
    draw("V1", 2, D);
    draw("V2", 2, D);
    draw("O", D, 2);
    draw("blank_key1", 3, 0);
    draw("blank_key2", 3, 0);
    draw("blank_value1", 2, 0);
}

static void recurrent(void)
{
    add_layer(ATT_LAYER_RECURRENT);
    say("activation", "relu");
    draw("A", 3, 3);
    draw("B", 3, D);
    draw("C", D, 3);
    draw("b", 3, 0);
    draw("h0", 3, 0);
    add_layer(ATT_LAYER_RECURRENT);
    say("form", "slots");
    draw("G", TOKENS, 3);
    draw("R", 5, 3);
}

static void read_out(const char *token, const char *round)
{
    add_layer(ATT_LAYER_READ_OUT);
    say("token", token);
    say("round", round);
    draw("U", 3, D);
    draw("b", 3, 0);
}

static void mean_read(void)
{
    read_out("mean", "none");
}

static void last_rounded(void)
{
    read_out("last", "nearest");
}

static void first_chosen(void)
{
    read_out("first", "argmax");
}

static void all_decided(void)
{
    read_out("all", "threshold");
    set("threshold", 0.25);
}

static void single_precision(void)
{
    artifact.arithmetic = "f32";
    softmax_heads();
    artifact.atol = 1e-5; /* some hundred operations of 2^-24 on numbers < 10 */
}

static void spoiled(void)
{
    feed_forwards();
}

static const struct {
    const char *name;
    void (*make)(void);
} MODELS[] = {
    {"softmax_heads", softmax_heads},
    {"hardmax_ties", hardmax_ties},
    {"masks", masks},
    {"positions", positions},
    {"scores", scores},
    {"feed_forwards", feed_forwards},
    {"token_functions", token_functions},
    {"residues", residues},
    {"third_order", third_order},
    {"recurrent", recurrent},
    {"mean_read", mean_read},
    {"last_rounded", last_rounded},
    {"first_chosen", first_chosen},
    {"all_decided", all_decided},
    {"single_precision", single_precision},
    {"spoiled", spoiled},
};

/* ---- writing ------------------------------------------------------------------------ */

/* Two sequences of 4 and 5 tokens, unless the model brings its own. */
static void begin(struct att_arena *arena)
{
    static const int64_t offsets[] = {0, 4, TOKENS};

    att_arena_reset(arena, 0);
    att_artifact_init(&artifact, arena);
    artifact.atol = 1e-12; /* some hundred operations on numbers below 100 */
    artifact.rtol = 1e-12;
    artifact.tolerance_reason = "another order of summation";
    (void)draw_into(&artifact.instance, "tokens", TOKENS, D);
    att_bundle_i64(&artifact.instance, "offsets", offsets, 3);
}

static att_status write_model(const char *folder, const char *name,
                              struct att_arena *arena, struct att_error *err)
{
    const struct att_model_label label = {name, "", ""};
    struct att_mat out = {0};
    char path[4096];

    ATT_TRY(att_artifact_run(&artifact, arena, &out, err));
    if (strcmp(name, "spoiled") == 0)
        out.data[3] += 1e-6;
    att_bundle_f64(&artifact.expected, "outputs", out.data, out.rows, out.cols);
    (void)snprintf(path, sizeof path, "%s/%s.h5", folder, name);
    return att_model_file_write(path, &artifact, &label, err);
}

int main(int argc, char **argv)
{
    struct att_arena *arena = att_arena_create(0);
    struct att_error err = {0};

    if (argc != 2 || arena == NULL)
        return EXIT_FAILURE;
    for (size_t i = 0; i < sizeof MODELS / sizeof MODELS[0]; i++) {
        begin(arena);
        MODELS[i].make();
        if (write_model(argv[1], MODELS[i].name, arena, &err) != ATT_OK) {
            (void)fprintf(stderr, "%s: %s\n", MODELS[i].name, err.text);
            return EXIT_FAILURE;
        }
    }
    att_arena_destroy(arena);
    return EXIT_SUCCESS;
}
