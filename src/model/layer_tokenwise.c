/* layer_tokenwise.c - do the tensors of a token-wise function fit? */
#include "layer_priv.h"

#include <math.h>

#include "attest/base/text.h"

/* Each sets *w, the width of f. */
typedef att_status tokenwise_fn(const struct att_layer *l, struct att_shape in,
                                uint64_t *w, struct att_error *err);

static att_status check_encode(const struct att_layer *l, struct att_shape in,
                               uint64_t *w, struct att_error *err)
{
    return att_check_table(l, "E", in.rows, w, err);
}

static att_status check_lookup(const struct att_layer *l, struct att_shape in,
                               uint64_t *w, struct att_error *err)
{
    (void)in;
    return att_check_table(l, "T", 1, w, err);
}

static att_status check_step(const struct att_layer *l, struct att_shape in,
                             uint64_t *w, struct att_error *err)
{
    const struct att_tensor *t = att_layer_tensor(l, "t");

    if (t == NULL || t->rank != 1)
        return att_fail(err, ATT_E_ARG, "tensor t must be a vector");
    ATT_TRY(att_check_vector(l, "a", in.cols, err));
    return att_check_table(l, "Y", t->shape[0] + 1, w, err);
}

static att_status check_modulus(const struct att_layer *l,
                                struct att_error *err)
{
    const double m = att_layer_get(l, "modulus", 0.0);

    if (!(m >= 1.0 && m <= 0x1p53 && m == floor(m)))
        return att_fail(err, ATT_E_ARG, "modulus = %g is no integer > 0", m);
    return ATT_OK;
}

static att_status check_circle(const struct att_layer *l, struct att_shape in,
                               uint64_t *w, struct att_error *err)
{
    const struct att_tensor *h = att_layer_tensor(l, "h");

    (void)in;
    if (h == NULL || h->rank != 1)
        return att_fail(err, ATT_E_ARG, "tensor h must be a vector");
    *w = 2 * h->shape[0];
    return check_modulus(l, err);
}

static att_status check_columns(const struct att_layer *l, struct att_shape in,
                                uint64_t *w, struct att_error *err)
{
    const struct att_tensor *c = att_layer_tensor(l, "c");

    if (c == NULL || c->rank != 1)
        return att_fail(err, ATT_E_ARG, "tensor c must be a vector");
    *w = c->shape[0];
    for (uint64_t i = 0; i < *w; i++) {
        const double k = att_tensor_get(c, i);

        if (!(k >= 0.0 && k < (double)in.cols && k == floor(k)))
            return att_fail(err, ATT_E_ARG, "there is no column %g", k);
    }
    return ATT_OK;
}

static att_status check_scaled(const struct att_layer *l, struct att_shape in,
                               uint64_t *w, struct att_error *err)
{
    *w = in.cols;
    return att_check_positive(l, "scale", err);
}

static att_status check_modulo(const struct att_layer *l, struct att_shape in,
                               uint64_t *w, struct att_error *err)
{
    *w = in.cols;
    return check_modulus(l, err);
}

static att_status check_pair_sum(const struct att_layer *l, struct att_shape in,
                                 uint64_t *w, struct att_error *err)
{
    (void)in;
    *w = 1;
    return check_modulus(l, err);
}

enum att_tokenwise att_tokenwise_find(const struct att_layer *l)
{
#define NAME(id, name) name,
    static const char *const NAMES[] = {ATT_TOKENWISE_LIST(NAME)};
#undef NAME
    const char *name = att_layer_get_text(l, "function", "");
    int i = 0;

    while (i < ATT_TOKENWISE_FUNCTIONS && !att_text_same(NAMES[i], name))
        i++;
    return (enum att_tokenwise)i;
}

att_status att_check_tokenwise(const struct att_layer *l, struct att_shape in,
                               struct att_shape *out, struct att_error *err)
{
    static tokenwise_fn *const CHECK[ATT_TOKENWISE_FUNCTIONS] = {
        [ATT_TOKENWISE_ENCODE] = check_encode,
        [ATT_TOKENWISE_TABLE] = check_lookup,
        [ATT_TOKENWISE_STEP] = check_step,
        [ATT_TOKENWISE_CIRCLE] = check_circle,
        [ATT_TOKENWISE_COLUMNS] = check_columns,
        [ATT_TOKENWISE_ROUND] = check_scaled,
        [ATT_TOKENWISE_MODULO] = check_modulo,
        [ATT_TOKENWISE_CELL] = check_scaled,
        [ATT_TOKENWISE_PAIR_SUM] = check_pair_sum,
    };
    const enum att_tokenwise function = att_tokenwise_find(l);
    const double column = att_layer_get(l, "column", 0.0);

    if (function == ATT_TOKENWISE_FUNCTIONS) {
        return att_fail(err, ATT_E_ARG, "function = '%s' is not known",
                        att_layer_get_text(l, "function", ""));
    }
    if (!(column >= 0.0 && column < (double)in.cols && column == floor(column)))
        return att_fail(err, ATT_E_ARG, "there is no column %g", column);
    *out = in;
    ATT_TRY(CHECK[function](l, in, &out->cols, err));
    if (att_layer_get(l, "keep", 0.0) != 0.0)
        out->cols += in.cols;
    return ATT_OK;
}
