/* hardmax_layers.c - the network as blocks with explicit factors (steps 1, 4,
 * 5 and 6), and as layers for export. */
#include "hardmax_layers_priv.h"

#include <string.h>

#include "attest/model/artifact.h"

att_status att_hm_block_init(size_t d, struct att_arena *arena,
                             struct hm_block *block, struct att_error *err)
{
    *block = (struct hm_block){
        .U = ATT_NEW0(arena, double, HM_HIDDEN *d),
        .W = ATT_NEW0(arena, double, HM_HIDDEN *d),
        .a1 = ATT_NEW0(arena, double, d),
        .a2 = ATT_NEW0(arena, double, d),
        .v1 = ATT_NEW0(arena, double, d),
        .v2 = ATT_NEW0(arena, double, d),
    };
    if (block->U == NULL || block->W == NULL || block->a1 == NULL ||
        block->a2 == NULL || block->v1 == NULL || block->v2 == NULL)
        return att_arena_fail(arena, "a block", err);
    return ATT_OK;
}

/* Hidden unit r: relu(row_scale <row, x> + b) -> out_scale * column. */
struct unit {
    const double *row, *column;
    double row_scale, out_scale, b;
};

static void set_units(size_t d, const struct unit *unit, size_t n,
                      struct hm_block *block)
{
    block->n_hidden = n;
    for (size_t r = 0; r < n; r++) {
        block->b[r] = unit[r].b;
        for (size_t k = 0; k < d; k++) {
            block->U[r * d + k] = unit[r].row_scale * unit[r].row[k];
            block->W[k * n + r] = unit[r].out_scale * unit[r].column[k];
        }
    }
}

static void set_attention(size_t d, const double *const factor[4], double beta,
                          struct hm_block *block)
{
    block->attends = true;
    memcpy(block->a1, factor[0], d * sizeof *block->a1);
    memcpy(block->a2, factor[1], d * sizeof *block->a2);
    memcpy(block->v2, factor[3], d * sizeof *block->v2);
    for (size_t k = 0; k < d; k++)
        block->v1[k] = beta * factor[2][k];
}

/* Step 1: p = relu(kappa <u, x> + b0), everything else forgotten. */
static void fill_prep(const struct hm_net *net, struct hm_block *block)
{
    const struct unit unit = {net->U, net->u, 1.0, 1.0, net->b0};

    block->eta = 0.0;
    set_units(net->d, &unit, 1, block);
}

/* Step 4: q += |p - theta_{k-1}| - |p - theta_k|; then every token adds
 * beta_k p of the token nearest theta_k. */
static void fill_sep(const struct hm_net *net, size_t k, struct hm_block *block)
{
    const double *u = net->u, *v = net->v;
    const double theta = net->theta[k];
    const double before = k > 0 ? net->theta[k - 1] : 0.0;
    const struct unit unit[HM_HIDDEN] = {{u, v, 1.0, -1.0, -theta},
                                         {u, v, -1.0, -1.0, theta},
                                         {u, v, 1.0, 1.0, -before},
                                         {u, v, -1.0, 1.0, before}};

    set_units(net->d, unit, k > 0 ? HM_HIDDEN : HM_HIDDEN / 2, block);
    set_attention(net->d, (const double *const[]){u, v, v, u}, net->beta[k],
                  block);
}

/* Step 5: undo the last scratch; every token becomes q_leader v.  Balanced
 * codes: a third unit, constant, subtracts the shift, and V scales. */
static void fill_collapse(const struct hm_net *net, struct hm_block *block)
{
    const double *u = net->u, *v = net->v;
    const double theta = net->theta[net->n_landmarks - 1];
    const struct unit unit[] = {{u, v, 1.0, 1.0, -theta},
                                {u, v, -1.0, 1.0, theta},
                                {u, v, 0.0, -net->shift, 1.0}};

    set_units(net->d, unit, net->balanced ? 3 : 2, block);
    set_attention(net->d, (const double *const[]){u, u, v, v}, net->scale,
                  block);
    block->rho = 0.0;
}

/* Step 6: what lies above the thresholds moves. */
static void fill_peel(const struct hm_net *net, const struct hm_peel *peel,
                      struct hm_block *block)
{
    const size_t n = peel->n_units, d = net->d;

    block->n_hidden = n;
    for (size_t m = 0; m < n; m++) {
        block->b[m] = -peel->t[m];
        for (size_t k = 0; k < d; k++) {
            block->U[m * d + k] = net->v[k];
            block->W[k * n + m] =
                peel->w_p[m] * net->u[k] + peel->w_q[m] * net->v[k];
        }
    }
}

/* Products of factors, as numbers of the arithmetic. */
static void round_block(const struct hm_net *net, struct hm_block *block)
{
    const struct att_arithmetic *a = &net->a;

    if (a->kind == ATT_ARITHMETIC_F64)
        return;
    for (size_t i = 0; i < block->n_hidden * net->d; i++)
        block->W[i] = att_arithmetic_round(a, block->W[i]);
    for (size_t k = 0; k < net->d; k++)
        block->v1[k] = att_arithmetic_round(a, block->v1[k]);
}

void att_hm_block_fill(const struct hm_net *net, size_t index,
                       struct hm_block *block)
{
    block->eta = block->rho = 1.0;
    block->attends = false;
    if (index == 0) {
        fill_prep(net, block);
    } else if (index <= net->n_landmarks) {
        fill_sep(net, index - 1, block);
    } else if (index == net->n_landmarks + 1) {
        fill_collapse(net, block);
    } else {
        fill_peel(net, &net->peel[index - net->n_landmarks - 2], block);
    }
    round_block(net, block);
}

/* ---- export ----------------------------------------------------------------- */

static void export_ff(const struct hm_block *block, size_t d,
                      struct att_layer *layer)
{
    const size_t n = block->n_hidden;

    att_bundle_f64(&layer->tensors, "W1", block->U, n, d);
    att_bundle_vector(&layer->tensors, "b1", block->b, n);
    att_bundle_f64(&layer->tensors, "W2", block->W, d, n);
    att_layer_text(layer, "activation", "relu");
    att_layer_parameter(layer, "residual", block->eta);
}

static void export_sa(const struct hm_block *block, size_t d,
                      struct att_layer *layer)
{
    att_layer_parameter(layer, "residual", block->rho);
    att_layer_number(layer, "heads", block->attends ? 1.0 : 0.0);
    if (!block->attends)
        return;
    att_layer_text(layer, "weights", "hardmax");
    att_bundle_f64(&layer->tensors, "Q", block->a1, 1, d);
    att_bundle_f64(&layer->tensors, "K", block->a2, 1, d);
    att_bundle_f64(&layer->tensors, "V", block->v2, 1, d);
    att_bundle_f64(&layer->tensors, "O", block->v1, d, 1);
}

att_status att_hm_export_layers(const struct hm_net *net,
                                struct att_model *model, struct att_error *err)
{
    struct hm_block block;

    ATT_TRY(att_hm_block_init(net->d, model->arena, &block, err));
    for (size_t i = 0; i < att_hm_blocks(net); i++) {
        att_hm_block_fill(net, i, &block);
        struct att_layer *ff = att_model_add(model, ATT_LAYER_FEED_FORWARD);

        if (ff == NULL)
            return att_arena_fail(model->arena, "a layer", err);
        export_ff(&block, net->d, ff);
        struct att_layer *sa = att_model_add(model, ATT_LAYER_ATTENTION);

        if (sa == NULL)
            return att_arena_fail(model->arena, "a layer", err);
        export_sa(&block, net->d, sa);
    }
    if (att_arena_refused(model->arena) != 0)
        return att_arena_fail(model->arena, "the exported layers", err);
    return ATT_OK;
}
