/* hardmax_evaluate_priv.h - measuring a built network. */
#pragma once

#include "hardmax_build_priv.h"
#include "hardmax_columns_priv.h"

/* What all measurements of one row start from. */
struct hm_trial {
    struct att_workspace *ws;
    const struct att_case *c;
    const struct hm_config *config;
    const struct hm_built *built;
    const struct att_sequences *s;
    struct att_outcome *out;
};

/* How an evaluator did on all sequences. */
struct hm_marks {
    double acc;     /* share with |r - y| < 1/2 */
    double err_max; /* largest |r - y|; infinity where r is no number */
};

struct hm_marks att_hm_mark(const struct att_sequences *s, const double *r);

/* Run eval on sequences s with `net` rounded to tokens->a; marks it. */
ATT_CHECKED att_status att_hm_run_marked(
    hm_eval_fn eval, const struct hm_net *net, const struct hm_tokens *tokens,
    struct att_arena *arena, struct hm_marks *marks, struct att_error *err);

/* Observations asked for: bits, temperature, noise; and their summaries. */
ATT_CHECKED att_status att_hm_probe(const struct hm_trial *t,
                                    struct att_error *err);

/* Plane evaluator with softmax attention of temperature tau (f64). */
ATT_CHECKED att_status att_hm_eval_softmax(const struct hm_net *net,
                                           const struct hm_batch *batch,
                                           double tau, struct hm_outputs out,
                                           struct att_arena *scratch,
                                           struct att_error *err);

/* *same = 1 if permuting tokens and adding copies leaves the outputs of the
 * plane and sorted evaluators equal bit for bit. */
ATT_CHECKED att_status att_hm_check_invariance(const struct hm_net *net,
                                               const struct att_sequences *s,
                                               struct att_arena *arena,
                                               bool *same,
                                               struct att_error *err);

/* The `evaluate` slot once the network stands. */
ATT_CHECKED att_status att_hm_evaluate(const struct hm_trial *t,
                                       struct att_error *err);

/* May the dense evaluator run?  N^2 L^2 d < 3e8. */
bool att_hm_dense_allowed(double n, double longest, double d);
/* May the low-rank one?  Its flops, of `numbers` in the tokens and `readouts`
 * (N d times the blocks of the last stage), stay below its limit. */
bool att_hm_lowrank_allowed(double numbers, double landmarks, double readouts);

/* The `cost` slot. */
struct att_cost att_hm_cost(const struct att_value *p);
