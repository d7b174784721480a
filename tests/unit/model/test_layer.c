/* test_layer.c - layers whose tensors do not fit are refused by name. */
#include "attest/model/layer.h"

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

/* A tensor or attribute of a layer under test. */
struct part {
    const char *name;
    const char *word; /* text attribute */
    uint32_t rank;    /* with a shape: a tensor of zeros */
    uint64_t shape[2];
    double number;
};

#define MATRIX(n, r, c)                                                        \
    {                                                                          \
        .name = (n), .rank = 2, .shape = {(r), (c) }                           \
    }
#define VECTOR(n, r)                                                           \
    {                                                                          \
        .name = (n), .rank = 1, .shape = {(r) }                                \
    }
#define WORD(n, w)                                                             \
    {                                                                          \
        .name = (n), .word = (w)                                               \
    }
#define NUMBER(n, x)                                                           \
    {                                                                          \
        .name = (n), .number = (x)                                             \
    }

enum { PARTS = 6 };

struct row {
    enum att_layer_kind kind;
    struct part part[PARTS];
    const char *refusal; /* NULL: fits */
    struct att_shape out;
};

static struct att_layer make(const struct row *row)
{
    struct att_layer l = {.kind = row->kind};

    att_bundle_init(&l.tensors, arena);
    for (int i = 0; i < PARTS && row->part[i].name != NULL; i++) {
        const struct part *p = &row->part[i];

        if (p->word != NULL) {
            att_layer_text(&l, p->name, p->word);
        } else if (p->rank > 0) {
            CU_ASSERT_PTR_NOT_NULL(att_bundle_add(&l.tensors, p->name, ATT_F64,
                                                  p->rank, p->shape));
        } else {
            att_layer_number(&l, p->name, p->number);
        }
    }
    return l;
}

/* Everything is asked for 5 tokens of 3 coordinates. */
static const struct row ROWS[] = {
    {ATT_LAYER_ATTENTION, {{0}}, NULL, {5, 3}},
    {ATT_LAYER_ATTENTION,
     {NUMBER("heads", 0), MATRIX("Q", 9, 9)},
     NULL,
     {5, 3}},
    {ATT_LAYER_ATTENTION, {MATRIX("Q", 2, 3), MATRIX("K", 2, 3)}, NULL, {5, 3}},
    {ATT_LAYER_ATTENTION,
     {MATRIX("Q", 2, 3), MATRIX("K", 2, 3), MATRIX("V", 4, 3),
      MATRIX("O", 7, 4), NUMBER("heads", 2)},
     NULL,
     {5, 7}},
    {ATT_LAYER_ATTENTION,
     {MATRIX("Q_left", 2, 1), MATRIX("_Q_right", 1, 3), MATRIX("K", 2, 3)},
     NULL,
     {5, 3}},
    {ATT_LAYER_ATTENTION, {WORD("values", "positions")}, NULL, {5, 5}},
    {ATT_LAYER_ATTENTION, {MATRIX("Q", 2, 3)}, "queries and keys", {0, 0}},
    {ATT_LAYER_ATTENTION,
     {MATRIX("Q", 3, 4)},
     "tensor Q has 4 columns",
     {0, 0}},
    {ATT_LAYER_ATTENTION, {VECTOR("Q", 3)}, "rank 1", {0, 0}},
    {ATT_LAYER_ATTENTION, {MATRIX("V_left", 3, 1)}, "map V needs", {0, 0}},
    {ATT_LAYER_ATTENTION,
     {MATRIX("V_left", 3, 2), MATRIX("V_right", 1, 3)},
     "tensor V_left has 2 columns for 1",
     {0, 0}},
    {ATT_LAYER_ATTENTION, {NUMBER("heads", 2)}, "do not divide", {0, 0}},
    {ATT_LAYER_ATTENTION, {NUMBER("heads", 1.5)}, "heads = 1.5", {0, 0}},
    {ATT_LAYER_ATTENTION, {NUMBER("tau", 0)}, "tau = 0", {0, 0}},
    {ATT_LAYER_ATTENTION, {NUMBER("tie", -1)}, "tie is negative", {0, 0}},
    {ATT_LAYER_ATTENTION, {WORD("weights", "max")}, "weights = 'max'", {0, 0}},
    {ATT_LAYER_ATTENTION, {WORD("mask", "x")}, "mask = 'x'", {0, 0}},
    {ATT_LAYER_ATTENTION, {WORD("mask", "tensor")}, "tensor allowed", {0, 0}},
    {ATT_LAYER_ATTENTION,
     {WORD("mask", "tensor"), MATRIX("_allowed", 5, 4)},
     "too few columns",
     {0, 0}},
    {ATT_LAYER_ATTENTION, {VECTOR("blank_key", 2)}, "blank_key", {0, 0}},
    {ATT_LAYER_ATTENTION,
     {MATRIX("O", 2, 3), NUMBER("residual", 1)},
     "residual 1 adds 3 coordinates to 2",
     {0, 0}},
    {ATT_LAYER_ATTENTION,
     {WORD("values", "positions"), MATRIX("V", 3, 3)},
     "takes one head",
     {0, 0}},
    {ATT_LAYER_FEED_FORWARD,
     {MATRIX("W1", 4, 3), VECTOR("b1", 4), MATRIX("W2", 2, 4), VECTOR("b2", 2)},
     NULL,
     {5, 2}},
    {ATT_LAYER_FEED_FORWARD, {VECTOR("b1", 4)}, "tensor b1", {0, 0}},
    {ATT_LAYER_FEED_FORWARD, {WORD("activation", "tanh")}, "'tanh'", {0, 0}},
    {ATT_LAYER_FEED_FORWARD, {MATRIX("W2", 2, 4)}, "tensor W2", {0, 0}},
    {ATT_LAYER_TOKENWISE, {{0}}, "function = ''", {0, 0}},
    {ATT_LAYER_TOKENWISE, {WORD("function", "sine")}, "'sine'", {0, 0}},
    {ATT_LAYER_TOKENWISE,
     {WORD("function", "encode"), MATRIX("_E", 5, 4), NUMBER("keep", 1)},
     NULL,
     {5, 7}},
    {ATT_LAYER_TOKENWISE,
     {WORD("function", "encode"), MATRIX("E", 4, 4)},
     "tensor E",
     {0, 0}},
    {ATT_LAYER_TOKENWISE,
     {WORD("function", "table"), MATRIX("T", 9, 2)},
     NULL,
     {5, 2}},
    {ATT_LAYER_TOKENWISE,
     {WORD("function", "table"), MATRIX("T", 9, 2), NUMBER("column", 3)},
     "no column 3",
     {0, 0}},
    {ATT_LAYER_TOKENWISE,
     {WORD("function", "step"), VECTOR("t", 3), MATRIX("Y", 4, 1),
      VECTOR("a", 3)},
     NULL,
     {5, 1}},
    {ATT_LAYER_TOKENWISE,
     {WORD("function", "step"), VECTOR("t", 4), MATRIX("Y", 4, 1)},
     "tensor Y",
     {0, 0}},
    {ATT_LAYER_TOKENWISE,
     {WORD("function", "circle"), VECTOR("h", 2), NUMBER("modulus", 7)},
     NULL,
     {5, 4}},
    {ATT_LAYER_TOKENWISE,
     {WORD("function", "circle"), VECTOR("h", 2), NUMBER("modulus", 0.5)},
     "modulus = 0.5",
     {0, 0}},
    {ATT_LAYER_TOKENWISE,
     {WORD("function", "columns"), VECTOR("c", 2)},
     NULL,
     {5, 2}},
    {ATT_LAYER_TOKENWISE, {WORD("function", "columns")}, "tensor c", {0, 0}},
    {ATT_LAYER_TOKENWISE, {WORD("function", "round")}, NULL, {5, 3}},
    {ATT_LAYER_TOKENWISE,
     {WORD("function", "cell"), NUMBER("scale", 0)},
     "scale = 0",
     {0, 0}},
    {ATT_LAYER_TOKENWISE, {WORD("function", "modulo")}, "modulus", {0, 0}},
    {ATT_LAYER_TOKENWISE,
     {WORD("function", "pair_sum"), NUMBER("modulus", 7)},
     NULL,
     {5, 1}},
    {ATT_LAYER_THIRD_ORDER, {{0}}, NULL, {5, 3}},
    {ATT_LAYER_THIRD_ORDER, {MATRIX("K2", 2, 3)}, "differ in", {0, 0}},
    {ATT_LAYER_THIRD_ORDER, {VECTOR("blank_value2", 2)}, "blank", {0, 0}},
    {ATT_LAYER_RECURRENT,
     {MATRIX("B", 6, 3), MATRIX("A", 6, 6), MATRIX("C", 2, 6)},
     NULL,
     {5, 2}},
    {ATT_LAYER_RECURRENT, {MATRIX("A", 4, 3)}, "not square", {0, 0}},
    {ATT_LAYER_RECURRENT, {VECTOR("h0", 4)}, "tensor h0", {0, 0}},
    {ATT_LAYER_RECURRENT,
     {WORD("form", "slots"), MATRIX("G", 5, 2), MATRIX("R", 5, 2)},
     NULL,
     {5, 3}},
    {ATT_LAYER_RECURRENT,
     {WORD("form", "slots"), MATRIX("G", 4, 2)},
     "tensor G",
     {0, 0}},
    {ATT_LAYER_READ_OUT, {MATRIX("U", 1, 3)}, NULL, {5, 1}},
    {ATT_LAYER_READ_OUT,
     {WORD("token", "last"), WORD("round", "argmax")},
     NULL,
     {1, 1}},
    {ATT_LAYER_READ_OUT, {WORD("token", "second")}, "'second'", {0, 0}},
    {ATT_LAYER_READ_OUT,
     {WORD("round", "argmax"), MATRIX("U", 0, 3)},
     "argmax of no",
     {0, 0}},
    {ATT_LAYER_KINDS, {{0}}, "no kind", {0, 0}},
};

static void layers_fit_or_are_refused_by_name(void)
{
    const struct att_shape in = {5, 3};

    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        const struct att_layer l = make(&ROWS[i]);
        struct att_shape out = {99, 99};
        struct att_error err = {0};
        const att_status status = att_layer_check(&l, in, &out, &err);

        if (ROWS[i].refusal == NULL) {
            CU_ASSERT_EQUAL(status, ATT_OK);
            CU_ASSERT_EQUAL(out.rows, ROWS[i].out.rows);
            CU_ASSERT_EQUAL(out.cols, ROWS[i].out.cols);
        } else {
            CU_ASSERT_EQUAL(status, ATT_E_ARG);
            CU_ASSERT_PTR_NOT_NULL(strstr(err.text, ROWS[i].refusal));
            CU_ASSERT_EQUAL(out.rows, 99); /* written on success only */
        }
    }
}

static void a_hidden_tensor_is_found_by_its_plain_name(void)
{
    const struct row row = {.kind = ATT_LAYER_ATTENTION,
                            .part = {MATRIX("_Q", 3, 3)}};
    const struct att_layer l = make(&row);

    CU_ASSERT_PTR_NOT_NULL_FATAL(att_layer_tensor(&l, "Q"));
    CU_ASSERT_STRING_EQUAL(att_layer_tensor(&l, "Q")->name, "_Q");
    CU_ASSERT_PTR_NULL(att_layer_tensor(&l, "K"));
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"layers fit or are refused by name",
         layers_fit_or_are_refused_by_name},
        {"a hidden tensor is found by its plain name",
         a_hidden_tensor_is_found_by_its_plain_name},
        CU_TEST_INFO_NULL,
    };

    return unit_run_with("layer", start, stop, tests);
}
