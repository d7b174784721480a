/* memorization_network_priv.h - step 14, the attention layer of a build, and
 * steps 15 to 17, feed-forward networks that read one scalar z = <v, x> and give
 * every id its values. */
#pragma once

#include "attest/model/artifact.h"
#include "memorization_priv.h"

/* W_Q = lambda e_1 v^T, W_K = W_V = e_1 v^T [head, d], W_O = rho v e_1^T, the
 * input added. */
ATT_CHECKED att_status att_mem_attention_write(const struct mem_build *b,
                                               size_t d, size_t head,
                                               struct att_layer *layer,
                                               struct att_error *err);

enum mem_ffn_kind { MEM_PLATEAU, MEM_INTERP };

/* Knots ascending, one per different id, and the values wanted there. */
struct mem_knots {
    size_t n;           /* T, less what rounding made equal */
    const double *z;    /* [n] */
    const uint32_t *id; /* [n] */
    double *y;          /* [n, d_out], for the caller to fill */
    size_t d_out;
};
/* Equal ids become one, NaN none. */
ATT_CHECKED att_status att_mem_knots_make(const struct mem_lookup *lookup,
                                          size_t d_out, struct att_arena *arena,
                                          struct mem_knots *out,
                                          struct att_error *err);
/* safe[id] for ids at least `least` from both neighbours; safe [T]. */
void att_mem_knots_apart(const struct mem_knots *k, double least, bool *safe);

/* Width of the ramp before knot j + 1: the largest power of two that is at
 * most an eighth of the gap; threshold in its middle. */
struct mem_ramp {
    double t, w;
};
struct mem_ramp att_mem_ramp(const struct mem_knots *k, size_t j);

/* Largest |f(z_j) - y_j| over knots and outputs: the sum of ReLU units in f64
 * or f32, and the fast forms (bisection; a clamp or one linear piece). */
double att_mem_relu_error(const struct mem_knots *k, enum mem_ffn_kind kind,
                          bool single);
double att_mem_fast_error(const struct mem_knots *k, enum mem_ffn_kind kind);
double att_mem_clamp_error(const struct mem_knots *k);

/* A network that is to be written down. */
struct mem_network {
    const struct mem_knots *k;
    enum mem_ffn_kind kind;
    size_t per_step; /* ReLU units of a step: 2, a pair, 1 apart; 1: one unit of
                        the interpolator, or one clamped unit of a plateau */
    double noise;    /* of its outputs, see att_mem_network_plan */
};
/* Pairs of ReLU units, or clamped units where the sum of pairs could round by
 * `most` or more.  A pair rounds at the size of its argument: noise is 8 u
 * (2 max|z| / w + 1) 2 max|y| for every pair, u the unit roundoff of the
 * evaluation; clamps: only the sum rounds; interp: a piece is as steep as
 * 2 max|y| / gap. */
struct mem_rounding {
    double u, max_z, most;
};
struct mem_network att_mem_network_plan(const struct mem_knots *k,
                                        enum mem_ffn_kind kind,
                                        const struct mem_rounding *r);

/* Tensors and activation of a feed-forward layer on tokens of d coordinates:
 * act(scale <v, x> + b) with the column of scales as fixed numbers.  residual:
 * the layer's input is added, and y are increments. */
ATT_CHECKED att_status att_mem_network_write(const struct mem_network *net,
                                             const double *v, size_t d,
                                             bool residual,
                                             struct att_layer *layer,
                                             struct att_error *err);
