/* artifact.h - what a construction hands over: a network as plain layers of
 * tensors, or the witness of an impossibility, with the inputs it was built
 * for and the outputs it must give.
 *
 * `attest rebuild` writes an artifact as HDF5: /instance/<tensor>,
 * /layers/000/<tensor> with the layer's attributes, /expected/<tensor>,
 * /witness/<tensor>.  What the tensors and attributes of each kind of layer
 * mean stands in model/layer.h; how a network artifact is run and compared
 * stands in model/run.h. */
#pragma once

#include <stdbool.h>
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

/* A named number or word of a layer: ("tau", 0.5), ("residual", 1.0),
 * ("activation", "relu").  Name and text are borrowed: string literals. */
struct att_attribute {
    const char *name;
    double number;
    const char *text; /* NULL: the number counts */
    bool counted;     /* a parameter of the network: att_layer_parameter */
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
    /* In which arithmetic the expected outputs were computed, as
     * att_arithmetic_parse reads it ("f64", "f32", "bf16", "bits:12"); the
     * oracle runs in it.  "f64" after att_artifact_init. */
    const char *arithmetic;
};

void att_artifact_init(struct att_artifact *a, struct att_arena *arena);

/* Append a layer of no tensors; NULL when out of memory.  The pointer is
 * valid until the next att_model_add. */
struct att_layer *att_model_add(struct att_model *m, enum att_layer_kind kind);

/* Add an attribute; a name at most once, at most ATT_LAYER_ATTRIBUTES. */
void att_layer_number(struct att_layer *l, const char *name, double x);
void att_layer_text(struct att_layer *l, const char *name, const char *text);
/* As att_layer_number, and counted as one parameter. */
void att_layer_parameter(struct att_layer *l, const char *name, double x);

/* The attribute's number, or fallback when it is absent. */
double att_layer_get(const struct att_layer *l, const char *name,
                     double fallback);
/* The attribute's text, or fallback. */
const char *att_layer_get_text(const struct att_layer *l, const char *name,
                               const char *fallback);
/* "attention", "feed_forward", ... */
const char *att_layer_kind_text(enum att_layer_kind kind);

/* Numbers stored in the layer's (layers') tensors that count as parameters:
 * every tensor whose name does not start with '_' plus one per attribute
 * added by att_layer_parameter. */
uint64_t att_layer_parameters(const struct att_layer *l);
uint64_t att_model_parameters(const struct att_model *m);
