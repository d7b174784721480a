/* memorization_config_priv.h - parameters, the built thing, and the steps of
 * evaluating it: shared by the files of the construction `memorization`. */
#pragma once

#include "attest/construction/construction.h"
#include "memorization_columns_priv.h"
#include "memorization_priv.h"

enum mem_ffn_kind { MEM_PLATEAU, MEM_INTERP };

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

/* ---- the feed-forward network: steps 15 to 17 --------------------------------- */

/* Knots ascending, one per different id; targets are the increments that the
 * layer adds (y - h with a skip, y without). */
struct mem_knots {
    size_t n;           /* T, less what rounding made equal */
    const double *z;    /* [n] */
    const uint32_t *id; /* [n] */
    double *y;          /* [n, d_out] labels */
    size_t d_out;
};
ATT_CHECKED att_status att_mem_knots_make(const struct mem_built *b,
                                          const struct mem_lookup *lookup,
                                          struct att_arena *arena,
                                          struct mem_knots *out,
                                          struct att_error *err);

/* Width of the ramp before knot j + 1: the largest power of two that is at
 * most an eighth of the gap; threshold in its middle. */
struct mem_ramp {
    double t, w;
};
struct mem_ramp att_mem_ramp(const struct mem_knots *k, size_t j);

/* Largest |f(z_j) - y_j| over knots and outputs: the sum of ReLU units in f64
 * or f32, and the fast forms (bisection; a clamp or one linear piece). */
double att_mem_relu_error(const struct mem_knots *k, enum mem_ffn_kind kind,
                          bool single);
double att_mem_fast_error(const struct mem_knots *k, enum mem_ffn_kind kind);
double att_mem_clamp_error(const struct mem_knots *k);

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
