/* approximation_priv.h - what the files of `approximation` share: parameters,
 * metrics, the built thing, a sequence on its way through the layers. */
#pragma once

#include "attest/construction/construction.h"
#include "attest/problem/functions.h"
#include "memorization_priv.h"

enum {
    UA_G = ATT_FN_PARAMS,
    UA_LP,
    UA_RAMP,
    UA_RAMP_ORDER,
    UA_N_DIR,
    UA_PARAMS
};

enum {
    UA_M_M,
    UA_M_MULTISETS,
    UA_M_T,
    UA_M_T_COUNT,
    UA_M_KAPPA,
    UA_M_RHO,
    UA_M_MIN_GAP,
    UA_M_BITS,
    UA_M_SLACK,
    UA_M_ID_ACC,
    UA_M_SUP,
    UA_M_SUP_BOUND,
    UA_M_LP_ERR,
    UA_M_SUP_DROPPED,
    UA_M_LP_DROPPED,
    UA_M_DUP,
    UA_M_DUP_LAW,
    UA_M_RAMP_FRAC,
    UA_M_T_BUILD,
    UA_METRICS
};

enum { UA_CLAIMS = 5 };

extern const struct att_param att_ua_params[UA_PARAMS - ATT_FN_PARAMS];
extern const struct att_metric att_ua_metrics[UA_METRICS];
extern const struct att_claim att_ua_claims[UA_CLAIMS];

struct ua_built {
    size_t g, d, l, d_out;
    double ramp;         /* width in x */
    struct att_mat cell; /* [M, d] centres */
    struct mem_ids ids;
    struct mem_build scale;
    struct mem_lookup lookup;
    double *value; /* [T, d_out] target at the centres */
    bool found;
    double count; /* ids that theory expects */
    double build_s;
};

/* A sequence on its way through the three layers. */
struct ua_passage {
    const struct ua_built *b;
    double *q;          /* [L, d] quantised */
    double *p;          /* [L] */
    struct att_dd *row; /* [L] */
    uint32_t *cell;     /* [L] */
    uint32_t *sorted;   /* [L] */
    double *target;     /* [d_out] */
    bool repeated, in_ramp;
};

/* Centre of cell c of g, one coordinate. */
static inline double att_ua_centre(size_t c, size_t g)
{
    return ((double)c + 0.5) / (double)g;
}

/* Room for one sequence. */
ATT_CHECKED att_status att_ua_passage_init(const struct ua_built *b,
                                           struct att_arena *arena,
                                           struct ua_passage *t,
                                           struct att_error *err);
/* Quantise and project the tokens x [L, d]. */
void att_ua_enter(struct ua_passage *t, const double *x);
/* The id that the decoder finds for token i. */
uint32_t att_ua_recall(const struct ua_passage *t, size_t i);

/* The evaluate slot. */
ATT_CHECKED att_status att_ua_evaluate(struct att_workspace *ws,
                                       const struct att_case *c,
                                       struct att_outcome *out,
                                       struct att_error *err);

/* The export slot (approximation_export.c). */
ATT_CHECKED att_status att_ua_export(struct att_workspace *ws,
                                     const struct att_case *c,
                                     struct att_artifact *out,
                                     struct att_error *err);
