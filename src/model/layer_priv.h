/* layer_priv.h - checks of tensors and attributes, and the token-wise
 * functions by number. */
#pragma once

#include "attest/model/layer.h"

enum { TENSOR_NAME = 40 };

#define ATT_TOKENWISE_LIST(X)                                                  \
    X(ENCODE, "encode")                                                        \
    X(TABLE, "table")                                                          \
    X(STEP, "step")                                                            \
    X(CIRCLE, "circle")                                                        \
    X(COLUMNS, "columns")                                                      \
    X(ROUND, "round")                                                          \
    X(MODULO, "modulo")                                                        \
    X(CELL, "cell")                                                            \
    X(PAIR_SUM, "pair_sum")

#define ATT_TOKENWISE_ENUM(id, name) ATT_TOKENWISE_##id,
enum att_tokenwise {
    ATT_TOKENWISE_LIST(ATT_TOKENWISE_ENUM) ATT_TOKENWISE_FUNCTIONS
};
#undef ATT_TOKENWISE_ENUM

/* ATT_TOKENWISE_FUNCTIONS when the layer's function is not known. */
enum att_tokenwise att_tokenwise_find(const struct att_layer *l);

/* Is the text attribute there, and this word? */
bool att_is_word(const struct att_layer *l, const char *name, const char *word);

/* An attribute that must be one of the words of a NULL-terminated list; the
 * first one is the default. */
ATT_CHECKED att_status att_check_word(const struct att_layer *l,
                                      const char *name,
                                      const char *const *words,
                                      struct att_error *err);
/* A number > 0; 1 by default. */
ATT_CHECKED att_status att_check_positive(const struct att_layer *l,
                                          const char *name,
                                          struct att_error *err);
/* A vector of n numbers, or none at all. */
ATT_CHECKED att_status att_check_vector(const struct att_layer *l,
                                        const char *name, uint64_t n,
                                        struct att_error *err);
/* A table with at least n rows; *cols is set. */
ATT_CHECKED att_status att_check_table(const struct att_layer *l,
                                       const char *name, uint64_t n,
                                       uint64_t *cols, struct att_error *err);
/* As att_layer_check for a token-wise layer. */
ATT_CHECKED att_status att_check_tokenwise(const struct att_layer *l,
                                           struct att_shape in,
                                           struct att_shape *out,
                                           struct att_error *err);
