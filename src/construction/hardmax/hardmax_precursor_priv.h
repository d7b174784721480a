/* hardmax_precursor_priv.h - one step of the clustering dynamics,
 *
 *   z_i <- z_i + rate (mean of z_j over C_i - z_i),
 *   C_i = argmax_j <A z_i, z_j>,  rate = alpha / (1 + alpha). */
#pragma once

#include <stdbool.h>

#include "attest/construction/construction.h"
#include "attest/problem/sequences.h"

enum {
    PREC_ALPHA = ATT_SEQ_PARAMS,
    PREC_TOL,
    PREC_MATRIX,
    PREC_MOST_STEPS,
    PREC_PARAMS
};

enum {
    PREC_M_STEPS,
    PREC_M_STEPS_PREDICTED,
    PREC_M_CONVERGED,
    PREC_M_CLUSTERS,
    PREC_M_LEADERS,
    PREC_M_TOKENS,
    PREC_M_LEADER_MOVE,
    PREC_M_HULL_EXCESS,
    PREC_METRICS
};

enum { PREC_CLAIMS = 3 };
extern const struct att_claim att_hm_precursor_claims[PREC_CLAIMS];

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
