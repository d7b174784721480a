/* patterns_interp_priv.h - the construction `patterns_interp`: parameters, what
 * is built, the evaluation of rows, export, claims. */
#pragma once

#include "patterns_columns_priv.h"
#include "patterns_gram_priv.h"
#include "patterns_nested_priv.h"

enum {
    IN_KEYS = PAT_OWN,
    IN_D,
    IN_GAP,
    IN_SIGNS,
    IN_EARLY,
    IN_CROSS,
    IN_MASS,
    IN_SHARED,
    IN_PARAMS
};

enum {
    IO_BETA,
    IO_MASS_MAX,
    IO_MASS_MEAN,
    IO_MASS_LAW,
    IO_KL,
    IN_OBSERVATIONS
};

enum {
    IN_C_INTERP,
    IN_C_LAW,
    IN_C_ZERO_MASS,
    IN_C_STRUCTURED,
    IN_C_COHERENCE,
    IN_C_FIXED_MODULE,
    IN_CLAIMS
};
extern const struct att_claim att_pat_in_claims[IN_CLAIMS];

/* Is a parameter that is a switch on? */
bool att_pat_in_on(const struct att_value *p, uint32_t param);

struct pat_in {
    struct pat_gram gram;
    struct pat_keys keys; /* written out, cross = on */
};

ATT_CHECKED att_status att_pat_in_evaluate(struct att_workspace *ws,
                                           const struct att_case *c,
                                           struct att_outcome *out,
                                           struct att_error *err);
ATT_CHECKED att_status att_pat_in_export(struct att_workspace *ws,
                                         const struct att_case *c,
                                         struct att_artifact *out,
                                         struct att_error *err);

/* What rows first .. last - 1 gave.  Each query has its own scale
 * beta_i = t2 / gap_i; the matrix works iff every row does. */
struct pat_interp {
    const struct pat_gram *gram;
    const struct att_pattern *a;
    struct pat_tolerance tolerance;
    double gap_wanted;
    bool early;                     /* stop at the first row that is rejected */
    const struct pat_logits *cross; /* the same keys written out, to compare
                                       the first rows with; NULL: none */

    struct pat_worst worst; /* at beta = 1; general values: lo and hi */
    size_t n_rejected, n_rows;
    double beta;     /* largest beta_i */
    double dev_nats; /* largest spread at its beta_i */
    double cond, norm_q, margin_eff, gap_mu, cross_err;
};

/* Evaluate rows first .. last - 1.  Fails: ATT_E_NOMEM. */
ATT_CHECKED att_status att_pat_interp_rows(struct pat_interp *e, size_t first,
                                           size_t last, struct att_arena *arena,
                                           struct att_error *err);

/* Unit roundoff of the sums: float where the XOR kernel or the BLAS adds. */
double att_pat_interp_u(enum pat_family family);
