/* averaging_network_priv.h - the unit as a network: tokens (z_j; w_j; u_j) and
 * one head whose Q picks alpha w, K picks u and V picks z, C3. */
#pragma once

#include "attest/model/artifact.h"
#include "averaging_priv.h"

struct avg_network {
    const struct att_averaging *instance; /* sample 0 */
    struct avg_unit unit;
    struct att_mat u; /* [L, d] keys */
    struct att_mat w; /* [n_sets, d] queries; 0: no dual vector, so that the
                         token attends uniformly */
};

/* Numbers stored in Q [d, dv + 2d], K and V [dv, dv + 2d]. */
int64_t att_avg_network_parameters(int64_t d, int64_t dv);

/* The artifact: layer, tokens, outputs, tolerance.  Fails: ATT_E_NOMEM. */
ATT_CHECKED att_status att_avg_network_export(const struct avg_network *n,
                                              struct att_artifact *out,
                                              struct att_arena *arena,
                                              struct att_error *err);
