/* patterns_export_priv.h - a pattern's network as tensors, and what its
 * softmax does with zeros. */
#pragma once

#include "patterns_columns_priv.h"

/* One head over X = [X1 | X2] whose output is the attention matrix itself.
 *   x1  [n_rows, d] queries, x2 [n_cols, d] keys
 *   s   [n_rows, n_cols] logits of the fast path; their softmax is what is
 *       expected of the network
 *   error  bound on |S - X1 X2^T|, and why
 * Rectangular patterns get tokens without a query or without a key; a mask
 * hides the latter.  Fails: ATT_E_NOMEM. */
struct pat_network {
    const struct att_pattern *a;
    struct att_mat x1, x2, s;
    double error;
    const char *reason;
};
ATT_CHECKED att_status att_pat_export(const struct pat_network *n,
                                      struct att_artifact *out,
                                      struct att_error *err);

/* What the softmax of rows puts on zeros, and how far it is from A. */
struct pat_mass {
    double max, sum, kl;
    size_t n;
};
/* Add row i with logits s [n_cols]. */
void att_pat_mass_add(struct pat_mass *m, const struct att_pattern *a, size_t i,
                      const double *s);
