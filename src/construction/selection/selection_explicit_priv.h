/* selection_explicit_priv.h - the network that training finds, written down. */
#pragma once

#include "selection_probe_priv.h"

enum { SE_PE = ATT_SEL_PARAMS, SE_QUERY, SE_DE, SE_SCALE, SE_EPS, SE_PARAMS };

enum {
    SEM_LOSS,
    SEM_REL_ERR,
    SEM_MEDIAN,
    SEM_P99,
    SEM_DRAWS,
    SEM_MASS,
    SEM_MASS_MIN,
    SEM_CV,
    SEM_EXACT,
    SEM_HARD,
    SEM_REFIT,
    SEM_MARGIN,
    SEM_OVERLAP,
    SEM_REDRAW,
    SEM_PARAMS,
    SEM_MIN,
    SEM_BEST,
    SEM_AT_32,
    SEM_BOUND,
    SEM_ANNEALED,
    SEM_FLOOR,
    SEM_BEST_PRED,
    SEM_DE_PRED,
    SEL_EXPLICIT_METRICS
};

enum {
    SEO_SCALE,
    SEO_REL_ERR,
    SEO_MEDIAN,
    SEO_P99,
    SEO_ANNEALED,
    SEL_EXPLICIT_OBSERVATIONS
};

enum {
    SEC_EXPRESSIVITY,
    SEC_DUAL_EXACT,
    SEC_FLOOR,
    SEC_DE_LAW,
    SEC_SUM_FAILS,
    SEL_EXPLICIT_CLAIMS
};
extern const struct att_claim att_sel_explicit_claims[SEL_EXPLICIT_CLAIMS];
