/* hardmax_precursor_priv.h - one step of the clustering dynamics,
 *
 *   z_i <- z_i + rate (mean of z_j over C_i - z_i),
 *   C_i = argmax_j <A z_i, z_j>,  rate = alpha / (1 + alpha). */
#pragma once

#include <stdbool.h>

#include "attest/problem/sequences.h"

struct hm_dynamics {
    const struct att_sequences *s;
    double rate;
    const double *A;         /* [d, d], NULL: identity */
    double *z, *next, *mean; /* [S, d]; mean: what each token attended to */
    double *score;           /* [longest] */
    double *query;           /* [d] */
};

/* z = the tokens of s; rate and A are the caller's to set. */
ATT_CHECKED att_status att_hm_dynamics_init(struct hm_dynamics *y,
                                            const struct att_sequences *s,
                                            struct att_arena *arena,
                                            struct att_error *err);
/* One step of all sequences; returns the largest displacement. */
double att_hm_dynamics_step(struct hm_dynamics *y);

/* Does token i of sequence j attend to itself alone? */
bool att_hm_dynamics_leads(struct hm_dynamics *y, size_t j, size_t i);
