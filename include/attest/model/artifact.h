/* artifact.h - what a construction hands over: a network as plain layers of
 * tensors, or the witness of an impossibility, with the inputs it was built
 * for and the outputs it must give.
 *
 * `attest rebuild` writes an artifact as HDF5: /instance/<tensor>,
 * /layers/000/<tensor> with the layer's attributes, /expected/<tensor>,
 * /witness/<tensor>. */
#pragma once

#include <stdint.h>

#include "attest/model/tensor.h"

/* The kinds of layers.  Their tensors and formulas are in model/layer.h. */
enum att_layer_kind {
    ATT_LAYER_ATTENTION,    /* softmax or hardmax, any factorisation */
    ATT_LAYER_FEED_FORWARD, /* ReLU network with a residual scalar */
    ATT_LAYER_TOKENWISE,    /* the theorem's arbitrary token-wise function */
    ATT_LAYER_THIRD_ORDER,  /* third-order (tensor) attention */
    ATT_LAYER_RECURRENT,
    ATT_LAYER_READ_OUT,
    ATT_LAYER_KINDS
};

/* A named number or word of a layer: ("tau", 0.0), ("residual", 1.0),
 * ("activation", "relu"). */
struct att_attribute {
    const char *name;
    double number;
    const char *text; /* NULL: the number counts */
};

enum { ATT_LAYER_ATTRIBUTES = 12 };

struct att_layer {
    enum att_layer_kind kind;
    struct att_bundle tensors;
    struct att_attribute attribute[ATT_LAYER_ATTRIBUTES];
    uint32_t n_attributes;
};

struct att_model {
    struct att_layer *layer; /* n */
    size_t n, capacity;
    struct att_arena *arena;
};

struct att_artifact {
    struct att_model model;     /* no layers: the artifact is a witness */
    struct att_bundle instance; /* inputs, labels, targets */
    struct att_bundle expected; /* outputs that evaluate() claims */
    struct att_bundle witness;  /* numbers a verifier checks by itself */
    /* |output - expected| <= atol + rtol |expected|, with the reason */
    double atol, rtol;
    const char *tolerance_reason;
};

void att_artifact_init(struct att_artifact *a, struct att_arena *arena);

/* Append a layer of no tensors; NULL when out of memory. */
struct att_layer *att_model_add(struct att_model *m, enum att_layer_kind kind);
void att_layer_number(struct att_layer *l, const char *name, double x);
void att_layer_text(struct att_layer *l, const char *name, const char *text);
/* The attribute's number, or fallback when it is absent. */
double att_layer_get(const struct att_layer *l, const char *name,
                     double fallback);
/* The attribute's text, or fallback. */
const char *att_layer_get_text(const struct att_layer *l, const char *name,
                               const char *fallback);
const char *att_layer_kind_text(enum att_layer_kind kind);

/* Numbers stored in the layers' tensors that count as parameters: every
 * tensor whose name does not start with '_' plus one per attribute declared
 * trainable by att_layer_parameter. */
uint64_t att_model_parameters(const struct att_model *m);

/* As att_layer_number, and counted as one parameter. */
void att_layer_parameter(struct att_layer *l, const char *name, double x);
