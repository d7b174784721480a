/* memorization_config_priv.h - parameters, the built thing, and the steps of
 * evaluating it: shared by the files of the construction `memorization`. */
#pragma once

#include "attest/construction/construction.h"
#include "memorization_columns_priv.h"
#include "memorization_network_priv.h"
#include "memorization_priv.h"

struct mem_config {
    struct mem_plan plan;
    struct mem_rules rules;
    enum mem_dtype dtype;
    enum mem_ffn_kind ffn;
    size_t head;    /* s: rows of W_Q, W_K, W_V, columns of W_O */
    size_t readout; /* m */
    bool window;
};

extern const struct att_param att_mem_params[MEM_PARAMS - ATT_TL_PARAMS];
void att_mem_config_read(const struct att_value *p, struct mem_config *out);

struct mem_built {
    struct mem_refusal refusal;
    struct mem_config config;
    struct mem_data data;
    struct mem_build build;
    struct mem_certificate certificate;
    double build_s, search_s;
};

/* ---- the model: step 14 ------------------------------------------------------------ */

struct mem_exported {
    double atol;         /* of the outputs */
    const bool *claimed; /* [N L] outputs that rounding cannot change */
};
ATT_CHECKED att_status att_mem_export_layers(const struct mem_built *b,
                                             const struct mem_knots *k,
                                             struct att_model *model,
                                             struct mem_exported *out,
                                             struct att_error *err);

/* Knots of the ids with their labels. */
ATT_CHECKED att_status att_mem_knots_label(const struct mem_built *b,
                                           const struct mem_lookup *lookup,
                                           struct att_arena *arena,
                                           struct mem_knots *out,
                                           struct att_error *err);

/* ---- evaluation --------------------------------------------------------------------- */

/* What the steps of an evaluation share. */
struct mem_trial {
    struct att_workspace *ws;
    const struct att_case *c;
    const struct mem_built *b;
    struct att_outcome *out;
    struct mem_typed typed;
    const struct att_dd *p; /* [M] in the arithmetic */
    const struct att_dd *z; /* [T] in the arithmetic, members ascending */
    struct mem_lookup lookup;
};
/* p, z and the look-up in the arithmetic of the row. */
ATT_CHECKED att_status att_mem_trial_init(struct mem_trial *t,
                                          struct att_error *err);

ATT_CHECKED att_status att_mem_evaluate(struct mem_trial *t,
                                        struct att_error *err);

/* Fresh orders of the tokens: accuracies, order noise, measured error. */
ATT_CHECKED att_status att_mem_measure_recall(const struct mem_trial *t,
                                              struct att_error *err);
/* fast, table and dense evaluators side by side; exponentials counted. */
ATT_CHECKED att_status att_mem_measure_evaluators(const struct mem_trial *t,
                                                  struct att_error *err);
/* Invariants of section 12.1 on up to 64 sequences. */
ATT_CHECKED att_status att_mem_measure_invariance(const struct mem_trial *t,
                                                  struct att_error *err);
/* Collisions, the hardmax floor, same-token distances. */
ATT_CHECKED att_status att_mem_measure_same_token(const struct mem_trial *t,
                                                  struct att_error *err);
/* The median bits of ids as points of R^m over eight choices. */
ATT_CHECKED att_status att_mem_measure_readout(const struct mem_trial *t,
                                               struct att_error *err);
/* One observation per kappa. */
ATT_CHECKED att_status att_mem_observe_window(const struct mem_trial *t,
                                              struct att_error *err);

/* Literal attention of the exported matrices by matrix products: z of every
 * position [N L].  Costs N L (d s + L) products. */
ATT_CHECKED att_status att_mem_dense(const struct mem_built *b, double *z,
                                     struct att_arena *scratch,
                                     struct att_error *err);
