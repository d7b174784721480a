/* hardmax_layers_priv.h - the network in ambient space: blocks of the model
 * class, FF first and then SA,
 *
 *   FF: x_i <- eta x_i + W relu(U x_i + b)
 *   SA: x_i <- rho x_i + v1 <v2, mean of x_j over C_i>,
 *       C_i = argmax_j <a1, x_i> <a2, x_j>
 *
 * with hidden width n_hidden <= 4; without attention SA is x_i <- rho x_i. */
#pragma once

#include "hardmax_priv.h"

struct hm_block {
    size_t n_hidden;
    bool attends;
    double eta, rho;
    double *U;                 /* [n_hidden, d] */
    double *W;                 /* [d, n_hidden] */
    double b[HM_HIDDEN];       /* [n_hidden] */
    double *a1, *a2, *v1, *v2; /* [d], where it attends */
};

ATT_CHECKED att_status att_hm_block_init(size_t d, struct att_arena *arena,
                                         struct hm_block *block,
                                         struct att_error *err);
/* Block number 0 .. att_hm_blocks(net) - 1 in net->a. */
void att_hm_block_fill(const struct hm_net *net, size_t index,
                       struct hm_block *block);

/* Two layers per block, explicit factors as parameters. */
ATT_CHECKED att_status att_hm_export_layers(const struct hm_net *net,
                                            struct att_model *model,
                                            struct att_error *err);

/* Facts counted from exported layers. */
struct hm_counts {
    uint64_t blocks;
    uint64_t used;   /* explicit factors */
    uint64_t arch;   /* every block with four hidden units and rank one */
    uint64_t dense;  /* the same with A and V as d x d matrices */
    uint64_t shared; /* u and v kept once */
    uint64_t rank_A, rank_V; /* largest over active attention layers */
};

struct hm_counts att_hm_count(const struct att_model *model, size_t d);

att_status att_hm_eval_lowrank(const struct hm_net *net,
                               const struct hm_batch *batch,
                               struct hm_outputs out, struct att_arena *scratch,
                               struct att_error *err);
/* The definition with A, V and all scores as matrices.  f64 and f32 multiply by
 * BLAS, whose kernels round as they like; other arithmetics round every product
 * and sum in the order of att_dot. */
att_status att_hm_eval_dense(const struct hm_net *net,
                             const struct hm_batch *batch,
                             struct hm_outputs out, struct att_arena *scratch,
                             struct att_error *err);
