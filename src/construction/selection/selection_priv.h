/* selection_priv.h - what the constructions of token selection share.
 *
 * Notation: tokens x_i in R^d (i < L), encodings e_i in R^de, the q selected
 * ones y, query et = sum_k c_k e_{y_k}; V = [V1 | V2] [d, d + de], W = [Bx; C]
 * [d + de, de]; alpha = tr V1 / d, gamma = tr C / de.  C is the encoding
 * block, no number of classes.
 *
 * Differs: every detail of the model, its constants and rates are
 * reconstructions (docs/theory/selection.md). */
#pragma once

#include "attest/construction/construction.h"
#include "attest/linalg/matrix.h"
#include "attest/problem/token_selection.h"

#define SEL_BIBTEX                                                             \
    "@inproceedings{wang2024selection,\n"                                      \
    "  author = {Zixuan Wang and Stanley Wei and Daniel Hsu and Jason D. "     \
    "Lee},\n"                                                                  \
    "  title = {Transformers Provably Learn Sparse Token Selection While "     \
    "Fully-Connected Nets Cannot},\n"                                          \
    "  booktitle = {Proceedings of the 41st International Conference on "      \
    "Machine Learning},\n"                                                     \
    "  series = {PMLR},\n"                                                     \
    "  volume = {235},\n"                                                      \
    "  year = {2024},\n"                                                       \
    "  note = {arXiv:2406.06893}\n"                                            \
    "}\n"

/* ---- optimisers (selection_optimiser.c) ------------------------------------- */

/* gd is the optimiser of the theorem; sgd is the same step on fresh samples. */
enum sel_opt { SEL_GD, SEL_SGD, SEL_MOMENTUM, SEL_ADAM, SEL_OPTS };
extern const char *const att_sel_opt_name[SEL_OPTS + 1]; /* + NULL */
enum sel_opt att_sel_opt(const char *name);

/* How long a step is over the time of a training. */
struct sel_schedule {
    enum sel_opt opt;
    int64_t warm_up; /* steps of linear growth; 0: none */
    int64_t steps;   /* cosine from 1 to `last` over so many; 0: constant */
    double last;
};

/* The factor of the step size at step t = 0, 1, ...: min(1, (t + 1)/warm_up)
 * times last + (1 - last)(1 + cos(pi t / steps))/2. */
double att_sel_rate(const struct sel_schedule *s, int64_t t);

/* Weights under an optimiser; moments are not used by gd and sgd.
 *   momentum   first = 0.9 first + g;  x -= eta first
 *   adam       0.9, 0.999, 1e-8 (Kingma and Ba 2015) */
struct sel_unknown {
    double *x, *gradient, *first, *second; /* [n] */
    size_t n;
    double eta;
};
struct sel_unknownf {
    float *x, *gradient, *first, *second; /* [n] */
    size_t n;
    double eta;
};

/* Step t = 0, 1, ... */
void att_sel_step(struct sel_unknown *u, const struct sel_schedule *s,
                  int64_t t);
void att_sel_stepf(struct sel_unknownf *u, const struct sel_schedule *s,
                   int64_t t);

/* ---- checkpoints (selection_optimiser.c) -------------------------------------- */

/* All that a training changes, as one block: its first number is the count of
 * steps done.  What was saved belongs to this very task, so its size says
 * whether it fits. */
struct sel_state {
    int64_t *step; /* the block's first eight bytes */
    void *block;
    size_t bytes;
};

/* A block of `bytes` (>= 8) in the arena, as it was last saved or zero.
 * *resumed says which.  Fails: ATT_E_NOMEM. */
ATT_CHECKED att_status att_sel_state_open(struct att_workspace *ws,
                                          size_t bytes, struct sel_state *s,
                                          bool *resumed, struct att_error *err);
/* Hand it to the runner, every `every` steps. */
void att_sel_state_save(struct att_workspace *ws, const struct sel_state *s,
                        int64_t every);

/* ---- observations (selection_steps.c) ------------------------------------------- */

struct sel_observed_steps {
    const double *step; /* [n] ascending */
    size_t n;
};

/* What `observe: step` asks for, or 1, 2, 5, 10, ... and the last step.
 * Borrowed from the case or in arena.  Fails: ATT_E_NOMEM. */
ATT_CHECKED att_status att_sel_observed_steps(const struct att_case *c,
                                              int64_t steps,
                                              struct att_arena *arena,
                                              struct sel_observed_steps *out,
                                              struct att_error *err);
