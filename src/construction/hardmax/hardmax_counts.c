/* hardmax_counts.c - blocks, parameters and ranks, counted from the layers
 * that are handed over.
 *
 * Four ways of counting parameters, never to be mixed: what stands in the
 * tensors (used); every block filled up to the widest one (arch); the same
 * with A and V as full matrices (dense); and the directions u and v kept once
 * for all blocks (shared), where a block has what is left: its scalars. */
#include "hardmax_layers_priv.h"

static uint64_t rows_of(const struct att_layer *layer, const char *name)
{
    const struct att_tensor *t = att_bundle_find(&layer->tensors, name);

    return t == NULL ? 0 : t->shape[0];
}

static bool is_zero(const struct att_layer *layer, const char *name)
{
    const struct att_tensor *t = att_bundle_find(&layer->tensors, name);

    for (uint64_t i = 0; t != NULL && i < att_tensor_count(t); i++) {
        if (att_tensor_get(t, i) != 0.0)
            return false;
    }
    return true;
}

/* Rank of left^T right for factors of one row each: 1 unless one is zero;
 * more rows bound the rank from above. */
static uint64_t product_rank(const struct att_layer *layer, const char *left,
                             const char *right)
{
    if (is_zero(layer, left) || is_zero(layer, right))
        return 0;
    return rows_of(layer, right);
}

static void count_attention(const struct att_layer *layer,
                            struct hm_counts *counts)
{
    const uint64_t rank_A = product_rank(layer, "Q", "K");
    const uint64_t rank_V = product_rank(layer, "O", "V");

    counts->rank_A = rank_A > counts->rank_A ? rank_A : counts->rank_A;
    counts->rank_V = rank_V > counts->rank_V ? rank_V : counts->rank_V;
}

/* Scalars of a block beside u and v: kappa and b0 of the input block, theta
 * and beta of a landmark, t, y, c, h of a peeled cluster; the collapse block
 * has none of its own but the shift and the scale of balanced codes. */
static uint64_t scalars(const struct att_layer *ff, const struct att_layer *sa)
{
    const bool input = att_layer_get(ff, "residual", 0.0) == 0.0;
    const bool attends = att_layer_get(sa, "heads", 1.0) > 0.0;
    const bool collapses = att_layer_get(sa, "residual", 0.0) == 0.0;

    if (input)
        return 2;
    if (!attends)
        return 4 * rows_of(ff, "W1");
    if (collapses)
        return rows_of(ff, "W1") > 2 ? 2 : 0;
    return 2;
}

struct hm_counts att_hm_count(const struct att_model *model, size_t d)
{
    struct hm_counts counts = {.used = att_model_parameters(model),
                               .shared = 2 * (uint64_t)d};
    const uint64_t residuals = 2;
    const uint64_t ff = HM_HIDDEN * (2 * (uint64_t)d + 1);

    for (size_t i = 0; i + 1 < model->n; i += 2) {
        const struct att_layer *sa = &model->layer[i + 1];

        counts.blocks++;
        counts.arch += residuals + ff + 4 * (uint64_t)d;
        counts.dense += residuals + ff + 2 * (uint64_t)d * d;
        counts.shared += scalars(&model->layer[i], sa);
        if (att_layer_get(sa, "heads", 1.0) > 0.0)
            count_attention(sa, &counts);
    }
    return counts;
}
