/* averaging_slots_priv.h - linear recurrent nets of k slots, C11:
 * H = sum_j g_j z_j^T, read out linearly.
 *
 * Only the span of the columns of G = (g_j) matters, and the best read-out of
 * 1_y / q is its projection on that span: with an orthonormal basis B [k, L],
 * row i of the read-out is the mean of B's columns over y_i, and what comes
 * out is the projection P (1_y / q).  k + 1 slots add one direction, so that
 * one pass serves every k. */
#pragma once

#include "averaging_priv.h"

struct avg_slots {
    const struct att_averaging *a; /* sample 0's sets are asked */
    size_t n_slots;
    double eps;

    double err;           /* out: worst-value error with n_slots */
    size_t least;         /* out: least slots within eps; 0: none, not even L */
    struct att_mat basis; /* out: [n_slots, L] orthonormal rows */
};

/* Normal numbers, row i from item i of the builder's stream tag. */
void att_avg_draw_rows(const struct att_workspace *ws, uint32_t tag,
                       struct att_mat m);

/* Fails: ATT_E_NOMEM, ATT_E_UNSUPPORTED (no LAPACKE). */
ATT_CHECKED att_status att_avg_slots(struct att_workspace *ws,
                                     struct avg_slots *slots,
                                     struct att_error *err);
double att_avg_slots_bytes(double n, double n_sets);
double att_avg_slots_flops(double n, double n_sets);

/* The mean of row b [L] over a set: a coordinate of a read-out. */
double att_avg_mean_over(const double *b, const uint32_t *y, size_t q);
