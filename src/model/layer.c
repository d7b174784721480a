/* layer.c - do the tensors of a layer fit each other and its input? */
#include "attest/model/layer.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "attest/base/text.h"
#include "layer_priv.h"

const struct att_tensor *att_layer_tensor(const struct att_layer *l,
                                          const char *name)
{
    char hidden[TENSOR_NAME];
    const struct att_tensor *t = att_bundle_find(&l->tensors, name);

    if (t != NULL)
        return t;
    const int n = snprintf(hidden, sizeof hidden, "_%s", name);
    return n < (int)sizeof hidden ? att_bundle_find(&l->tensors, hidden) : NULL;
}

/* ---- shapes of tensors ------------------------------------------------- */

/* A matrix [m, n] with the n that is asked for; *m is set. */
static att_status check_matrix(const struct att_tensor *t, uint64_t n,
                               uint64_t *m, struct att_error *err)
{
    if (t->rank != 2) {
        return att_fail(err, ATT_E_ARG, "tensor %s has rank %" PRIu32 ", not 2",
                        t->name, t->rank);
    }
    if (t->shape[1] != n) {
        return att_fail(err, ATT_E_ARG,
                        "tensor %s has %" PRIu64 " columns for %" PRIu64
                        " coordinates",
                        t->name, t->shape[1], n);
    }
    *m = t->shape[0];
    return ATT_OK;
}

/* A map from n to *m coordinates (layer.h): dense, low-rank or identity. */
static att_status check_map(const struct att_layer *l, const char *name,
                            uint64_t n, uint64_t *m, struct att_error *err)
{
    char factor[TENSOR_NAME];
    const struct att_tensor *dense = att_layer_tensor(l, name);

    (void)snprintf(factor, sizeof factor, "%s_left", name);
    const struct att_tensor *left = att_layer_tensor(l, factor);

    (void)snprintf(factor, sizeof factor, "%s_right", name);
    const struct att_tensor *right = att_layer_tensor(l, factor);

    if ((left == NULL) != (right == NULL) || (dense != NULL && left != NULL)) {
        return att_fail(err, ATT_E_ARG,
                        "map %s needs a matrix or both factors, not a mixture",
                        name);
    }
    if (dense != NULL)
        return check_matrix(dense, n, m, err);
    if (left != NULL) {
        uint64_t rank = 0;

        ATT_TRY(check_matrix(right, n, &rank, err));
        return check_matrix(left, rank, m, err);
    }
    *m = n;
    return ATT_OK;
}

/* A vector of n numbers, or none at all. */
att_status att_check_vector(const struct att_layer *l, const char *name,
                            uint64_t n, struct att_error *err)
{
    const struct att_tensor *t = att_layer_tensor(l, name);

    if (t != NULL && (t->rank != 1 || t->shape[0] != n)) {
        return att_fail(err, ATT_E_ARG,
                        "tensor %s is not a vector of %" PRIu64 " numbers",
                        t->name, n);
    }
    return ATT_OK;
}

/* A table with at least n rows; *cols is set. */
att_status att_check_table(const struct att_layer *l, const char *name,
                           uint64_t n, uint64_t *cols, struct att_error *err)
{
    const struct att_tensor *t = att_layer_tensor(l, name);

    if (t == NULL || t->rank != 2 || t->shape[0] < n) {
        return att_fail(err, ATT_E_ARG,
                        "tensor %s must have at least %" PRIu64
                        " rows of numbers",
                        name, n);
    }
    *cols = t->shape[1];
    return ATT_OK;
}

/* ---- attributes --------------------------------------------------------- */

/* An attribute that must be one of the words of a NULL-terminated list. */
att_status att_check_word(const struct att_layer *l, const char *name,
                          const char *const *words, struct att_error *err)
{
    const char *word = att_layer_get_text(l, name, words[0]);

    for (const char *const *w = words; *w != NULL; w++) {
        if (att_text_same(*w, word))
            return ATT_OK;
    }
    return att_fail(err, ATT_E_ARG, "%s = '%s' is not known", name, word);
}

/* A residual needs an input as wide as the output. */
static att_status check_residual(const struct att_layer *l, uint64_t in,
                                 uint64_t out, struct att_error *err)
{
    const double residual = att_layer_get(l, "residual", 0.0);

    if (residual != 0.0 && in != out) {
        return att_fail(err, ATT_E_ARG,
                        "residual %g adds %" PRIu64 " coordinates to %" PRIu64,
                        residual, in, out);
    }
    return ATT_OK;
}

att_status att_check_positive(const struct att_layer *l, const char *name,
                              struct att_error *err)
{
    const double x = att_layer_get(l, name, 1.0);

    if (!(x > 0.0))
        return att_fail(err, ATT_E_ARG, "%s = %g is not positive", name, x);
    return ATT_OK;
}

bool att_is_word(const struct att_layer *l, const char *name, const char *word)
{
    return att_text_same(att_layer_get_text(l, name, ""), word);
}

static bool has(const struct att_layer *l, const char *name)
{
    return att_layer_tensor(l, name) != NULL;
}

/* ---- kinds of layers ------------------------------------------------------ */

static att_status check_attention_words(const struct att_layer *l, uint64_t L,
                                        struct att_error *err)
{
    static const char *const WEIGHTS[] = {"softmax", "hardmax", "scores", NULL};
    static const char *const VALUES[] = {"tokens", "positions", NULL};
    static const char *const MASK[] = {"none", "causal", "others",
                                       "data", "tensor", NULL};
    uint64_t cols = L;

    ATT_TRY(att_check_word(l, "weights", WEIGHTS, err));
    ATT_TRY(att_check_word(l, "values", VALUES, err));
    ATT_TRY(att_check_word(l, "mask", MASK, err));
    ATT_TRY(att_check_positive(l, "tau", err));
    if (att_is_word(l, "mask", "tensor"))
        ATT_TRY(att_check_table(l, "allowed", L, &cols, err));
    if (cols < L)
        return att_fail(err, ATT_E_ARG, "tensor allowed has too few columns");
    if (!(att_layer_get(l, "tie", 0.0) >= 0.0))
        return att_fail(err, ATT_E_ARG, "tie is negative");
    return ATT_OK;
}

static att_status check_heads(double heads, uint64_t keys, uint64_t values,
                              struct att_error *err)
{
    if (!(heads >= 1.0 && heads <= 1e6 && heads == floor(heads)))
        return att_fail(err, ATT_E_ARG, "heads = %g is not a number", heads);
    if (keys % (uint64_t)heads != 0 || values % (uint64_t)heads != 0) {
        return att_fail(err, ATT_E_ARG,
                        "%g heads do not divide %" PRIu64 " key and %" PRIu64
                        " value coordinates",
                        heads, keys, values);
    }
    return ATT_OK;
}

static att_status check_positions(const struct att_layer *l,
                                  struct att_error *err)
{
    if (att_layer_get(l, "heads", 1.0) != 1.0 ||
        att_layer_get(l, "residual", 0.0) != 0.0 || has(l, "V") ||
        has(l, "O") || has(l, "V_left") || has(l, "O_left") ||
        has(l, "blank_key")) {
        return att_fail(err, ATT_E_ARG,
                        "values = 'positions' takes one head and no V, O, "
                        "blank or residual");
    }
    return ATT_OK;
}

static att_status check_attention(const struct att_layer *l,
                                  struct att_shape in, struct att_shape *out,
                                  struct att_error *err)
{
    const double heads = att_layer_get(l, "heads", 1.0);
    uint64_t q = 0;
    uint64_t k = 0;
    uint64_t v = 0;
    uint64_t o = 0;

    *out = in;
    if (heads == 0.0)
        return ATT_OK;
    ATT_TRY(check_attention_words(l, in.rows, err));
    ATT_TRY(check_map(l, "Q", in.cols, &q, err));
    ATT_TRY(check_map(l, "K", in.cols, &k, err));
    if (q != k)
        return att_fail(err, ATT_E_ARG, "queries and keys differ in length");
    if (att_is_word(l, "values", "positions")) {
        out->cols = in.rows;
        return check_positions(l, err);
    }
    ATT_TRY(check_map(l, "V", in.cols, &v, err));
    ATT_TRY(check_heads(heads, k, v, err));
    ATT_TRY(att_check_vector(l, "blank_key", k, err));
    ATT_TRY(att_check_vector(l, "blank_value", v, err));
    ATT_TRY(check_map(l, "O", v, &o, err));
    out->cols = o;
    return check_residual(l, in.cols, o, err);
}

static const char *const ACTIVATION[] = {"relu", "clamp", "none", NULL};

static att_status check_feed_forward(const struct att_layer *l,
                                     struct att_shape in, struct att_shape *out,
                                     struct att_error *err)
{
    uint64_t hidden = 0;

    *out = in;
    ATT_TRY(att_check_word(l, "activation", ACTIVATION, err));
    ATT_TRY(check_map(l, "W1", in.cols, &hidden, err));
    ATT_TRY(att_check_vector(l, "b1", hidden, err));
    ATT_TRY(check_map(l, "W2", hidden, &out->cols, err));
    ATT_TRY(att_check_vector(l, "b2", out->cols, err));
    return check_residual(l, in.cols, out->cols, err);
}

static att_status check_third_order(const struct att_layer *l,
                                    struct att_shape in, struct att_shape *out,
                                    struct att_error *err)
{
    static const char *const KEYS[] = {"Q", "K1", "K2"};
    static const char *const VALUES[] = {"V1", "V2"};
    uint64_t m[3];
    uint64_t v[2];

    for (int i = 0; i < 3; i++)
        ATT_TRY(check_map(l, KEYS[i], in.cols, &m[i], err));
    for (int i = 0; i < 2; i++)
        ATT_TRY(check_map(l, VALUES[i], in.cols, &v[i], err));
    if (m[0] != m[1] || m[0] != m[2] || v[0] != v[1]) {
        return att_fail(err, ATT_E_ARG,
                        "Q, K1, K2 or V1, V2 differ in their rows");
    }
    ATT_TRY(att_check_positive(l, "tau", err));
    ATT_TRY(att_check_vector(l, "blank_key1", m[0], err));
    ATT_TRY(att_check_vector(l, "blank_key2", m[0], err));
    ATT_TRY(att_check_vector(l, "blank_value1", v[0], err));
    ATT_TRY(att_check_vector(l, "blank_value2", v[0], err));
    *out = in;
    ATT_TRY(check_map(l, "O", v[0], &out->cols, err));
    return check_residual(l, in.cols, out->cols, err);
}

static att_status check_slots(const struct att_layer *l, struct att_shape in,
                              struct att_shape *out, struct att_error *err)
{
    uint64_t k = 0;

    *out = in;
    ATT_TRY(att_check_table(l, "G", in.rows, &k, err));
    return check_map(l, "R", k, &out->rows, err);
}

static att_status check_recurrent(const struct att_layer *l,
                                  struct att_shape in, struct att_shape *out,
                                  struct att_error *err)
{
    static const char *const FORM[] = {"dense", "slots", NULL};
    uint64_t state = 0;
    uint64_t next = 0;

    ATT_TRY(att_check_word(l, "form", FORM, err));
    if (att_is_word(l, "form", "slots"))
        return check_slots(l, in, out, err);
    ATT_TRY(att_check_word(l, "activation", ACTIVATION, err));
    ATT_TRY(check_map(l, "B", in.cols, &state, err));
    ATT_TRY(check_map(l, "A", state, &next, err));
    if (next != state)
        return att_fail(err, ATT_E_ARG, "map A is not square");
    ATT_TRY(att_check_vector(l, "b", state, err));
    ATT_TRY(att_check_vector(l, "h0", state, err));
    *out = in;
    return check_map(l, "C", state, &out->cols, err);
}

static att_status check_read_out(const struct att_layer *l, struct att_shape in,
                                 struct att_shape *out, struct att_error *err)
{
    static const char *const TOKEN[] = {"all", "first", "last", "mean", NULL};
    static const char *const ROUND[] = {"none", "nearest", "threshold",
                                        "argmax", NULL};
    uint64_t w = 0;

    ATT_TRY(att_check_word(l, "token", TOKEN, err));
    ATT_TRY(att_check_word(l, "round", ROUND, err));
    ATT_TRY(check_map(l, "U", in.cols, &w, err));
    ATT_TRY(att_check_vector(l, "b", w, err));
    if (att_is_word(l, "round", "argmax") && w == 0)
        return att_fail(err, ATT_E_ARG, "argmax of no coordinates");
    out->rows = att_text_same(att_layer_get_text(l, "token", "all"), "all")
                    ? in.rows
                    : 1;
    out->cols = att_is_word(l, "round", "argmax") ? 1 : w;
    return ATT_OK;
}

att_status att_layer_check(const struct att_layer *l, struct att_shape in,
                           struct att_shape *out, struct att_error *err)
{
    struct att_shape shape = in;

    switch (l->kind) {
    case ATT_LAYER_ATTENTION:
        ATT_TRY(check_attention(l, in, &shape, err));
        break;
    case ATT_LAYER_FEED_FORWARD:
        ATT_TRY(check_feed_forward(l, in, &shape, err));
        break;
    case ATT_LAYER_TOKENWISE:
        ATT_TRY(att_check_tokenwise(l, in, &shape, err));
        break;
    case ATT_LAYER_THIRD_ORDER:
        ATT_TRY(check_third_order(l, in, &shape, err));
        break;
    case ATT_LAYER_RECURRENT:
        ATT_TRY(check_recurrent(l, in, &shape, err));
        break;
    case ATT_LAYER_READ_OUT:
        ATT_TRY(check_read_out(l, in, &shape, err));
        break;
    case ATT_LAYER_KINDS:
        return att_fail(err, ATT_E_ARG, "a layer has no kind");
    }
    *out = shape;
    return ATT_OK;
}
