/* patterns_jl_priv.h - the construction `patterns`: its own parameters and
 * what its judges share. */
#pragma once

#include "patterns_columns_priv.h"

enum {
    JL_KEYS = PAT_OWN,
    JL_MODE,
    JL_D,
    JL_BETA,
    JL_SIGNS,
    JL_SHIFT,
    JL_TWINS,
    JL_DTYPE,
    JL_MASS,
    JL_PARAMS
};

enum {
    JL_C_JL,
    JL_C_D_LAW,
    JL_C_POISSON,
    JL_C_EPS_LAW,
    JL_C_HADAMARD_EXACT,
    JL_C_ZERO_MASS,
    JL_CLAIMS
};
extern const struct att_claim att_pat_jl_claims[JL_CLAIMS];
