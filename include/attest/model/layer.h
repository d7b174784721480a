/* layer.h - what each kind of layer computes from its tensors and attributes.
 *
 * A model takes the tokens of one sequence, X [L, d] (row = token x_i), and
 * hands them from layer to layer.  This page is the whole definition: the
 * oracle (model/run.h) and python/rebuild_numpy.py follow it to the letter.
 * A tensor or attribute that is not named here is ignored.
 *
 * A *map* W is one of
 *     W        [m, n]               W x
 *     W_left   [m, r], W_right [r, n]   W_left (W_right x)
 *     absent                        x itself
 * and a *vector* b [m] that is absent is 0.  Every tensor may be stored under
 * its name with a leading underscore (_W_left): it then holds fixed numbers
 * that do not count as parameters of the network.  Attributes are written
 * name = default; words in quotes.
 *
 * attention
 *     maps Q K V O, vectors blank_key blank_value, heads = 1, tau = 1,
 *     tie = 0, residual = 0, weights = "softmax", values = "tokens",
 *     mask = "none", tensor allowed
 *
 *     The rows of Q x, K x and V x are cut into `heads` equal blocks; block h:
 *     s_ij = <(Q x_i)_h, (K x_j)_h>   for every token j that the mask allows,
 *     and, when blank_key is there, for one key more, blank_key, whose value
 *     is blank_value; then
 *     "softmax"  w_ij = exp((s_ij - max_j s_ij) / tau) / sum of these
 *     "hardmax"  w_ij = 1 / |C_i| on C_i = {j : s_ij >= max_j s_ij - tie},
 *                with the mean taken as v_0 + mean(v_j - v_0), v_0 the first
 *                value of C_i: equal values give exactly that value
 *     "scores"   w_ij = s_ij
 *     out_i = residual x_i + O [ sum_j w_ij (V x_j)_h ]_h
 *     values = "positions": v_j = unit vector j of R^L, so that out is the
 *     attention matrix itself (one head, no V, O, blank or residual).
 *     A token without a key to look at gets residual x_i.  heads = 0 leaves
 *     the attention out: out_i = residual x_i.
 *     mask  "none" all j; "causal" j <= i; "others" j != i; "data" j < L - 1
 *     (the last token only asks); "tensor" those with
 *     allowed[i][j] != 0, allowed [>= L, >= L].
 *
 * feed_forward
 *     maps W1 W2, vectors b1 b2, residual = 0, activation = "relu"
 *     out_i = residual x_i + W2 act(W1 x_i + b1) + b2
 *     act  "relu" max(0, t); "clamp" min(1, max(0, t)); "none" t
 *
 * tokenwise: the arbitrary token-wise functions of the theorems; computed in
 * double (long double for x80) and rounded once.
 *     function (no default), column = 0, keep = 0, modulus, scale = 1
 *     Below, z = x_i[column]; keep = 1 makes out_i = [x_i, f].
 *     "encode"   f = E_i               E [>= L, w], i the position
 *     "table"    f = T_z               T [n, w], z an integer in 0 .. n-1
 *     "step"     f = Y_k               k = #{j : t_j <= z}, t [n] ascending,
 *                                      Y [n+1, w]; with a vector a [d],
 *                                      z = <a, x_i>
 *     "circle"   f = (cos 2 pi h_r z / M, sin 2 pi h_r z / M)_r, h [R]
 *                integers, M = modulus, h_r z reduced modulo M exactly
 *     "columns"  f = (x_i[c_0], x_i[c_1], ...)     c [w]
 *     "round"    f = rint(scale x_i)               every coordinate
 *     "modulo"   f = x_i - M floor(x_i / M)        every coordinate
 *     "cell"     f = (min(max(floor(g x_i), 0), g - 1) + 1/2) / g, g = scale
 *     "pair_sum" f = 1 if r + a + b = 0 modulo M for r = x_i[0] and some a, b
 *                (possibly the same) among the other coordinates that are
 *                >= 0, else 0
 *
 * third_order
 *     maps Q K1 K2 V1 V2 O, vectors blank_key1 blank_key2 blank_value1
 *     blank_value2, tau = 1, residual = 0
 *     s_i,ab = sum_c (Q x_i)_c (K1 x_a)_c (K2 x_b)_c, w = softmax over (a, b)
 *     out_i = residual x_i + O sum_ab w_i,ab (V1 x_a) * (V2 x_b) elementwise;
 *     a and b run over the tokens and then the blank.
 *
 * recurrent
 *     form = "dense"
 *     "dense"  maps A B C, vectors h0 b, activation = "none":
 *              h_i = act(A h_{i-1} + B x_i + b), h_{-1} = h0, out_i = C h_i;
 *              h has as many coordinates as B x
 *     "slots"  G [>= L, k], map R: H = sum_i G_i x_i^T  [k, d], out = R H, one
 *              token for every row of R
 *
 * read_out
 *     token = "all", map U, vector b, round = "none", threshold = 0.5
 *     token  "all"; "first"; "last"; "mean" of the tokens: x
 *     y = U x + b; then "none"; "nearest" rint(y); "threshold" 1 where
 *     y >= threshold, else 0; "argmax" the index of the largest coordinate,
 *     the lowest one of equals */
#pragma once

#include "attest/model/artifact.h"

/* The tensor of that name, or of that name after '_'; NULL: neither. */
const struct att_tensor *att_layer_tensor(const struct att_layer *l,
                                          const char *name);

/* Tokens between two layers: rows of cols coordinates. */
struct att_shape {
    uint64_t rows, cols;
};

/* Does every tensor have a shape that fits the others, the attributes, and
 * tokens of shape `in`?  On success *out is the shape of the layer's output.
 * Fails: ATT_E_ARG naming the tensor or attribute. */
ATT_CHECKED att_status att_layer_check(const struct att_layer *l,
                                       struct att_shape in,
                                       struct att_shape *out,
                                       struct att_error *err);
