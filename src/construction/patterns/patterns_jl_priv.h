/* patterns_jl_priv.h - the construction `patterns`: parameters, what is built,
 * evaluation, export, claims. */
#pragma once

#include "patterns_columns_priv.h"
#include "patterns_nested_priv.h"

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

/* Is a parameter that is a switch on; is beta fixed beforehand? */
bool att_pat_jl_on(const struct att_value *p, uint32_t param);
bool att_pat_jl_fixed(const struct att_value *p);
struct pat_tolerance att_pat_jl_tolerance(const struct att_value *p);

struct pat_jl {
    struct pat_keys keys;
    struct pat_rows rows;
};

ATT_CHECKED att_status att_pat_jl_evaluate(struct att_workspace *ws,
                                           const struct att_case *c,
                                           struct att_outcome *out,
                                           struct att_error *err);
ATT_CHECKED att_status att_pat_jl_export(struct att_workspace *ws,
                                         const struct att_case *c,
                                         struct att_artifact *out,
                                         struct att_error *err);

/* One row of logits after another at the last d. */
struct pat_jl_rows {
    struct pat_logits logits;
    double *p, *lambda; /* [n_cols] */
};
/* b outlives r.  Fails: ATT_E_NOMEM. */
ATT_CHECKED att_status att_pat_jl_rows_init(struct pat_jl_rows *r,
                                            const struct pat_jl *b,
                                            struct att_arena *arena,
                                            struct att_error *err);
/* r->p := beta P + Lambda of row i; b->rows is scratch. */
void att_pat_jl_row(struct pat_jl_rows *r, struct pat_jl *b, size_t i,
                    double beta);
