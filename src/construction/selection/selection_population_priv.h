/* selection_population_priv.h - training without sampled tokens, and closed
 * forms: two numbers for random encodings, three for one-hot ones. */
#pragma once

#include "selection_step_priv.h"

/* ---- two numbers (V = alpha [I 0], W = gamma [0; I]) --------------------------- */

struct sel_pair {
    double alpha, gamma;
};

/* The gradient of the population's loss over the batch's encodings (its
 * samples stand for the expectation): what alpha and gamma get per unit of
 * eta_V and eta_W.  scratch has att_sel_pair_room numbers. */
struct sel_pair_step {
    double loss, d_alpha, d_gamma;
};
static inline size_t att_sel_pair_room(const struct sel_law *law)
{
    return 4 * att_sel_keys(law, law->task.L) + law->de;
}
struct sel_pair_step att_sel_pair_step(const struct sel_law *law,
                                       const struct sel_batch *batch,
                                       struct sel_pair at, double *scratch);

/* ---- one-hot encodings ----------------------------------------------------------- */

/* V = alpha [I 0], C = c_d I + c_o (1 1^T - I): population gradient descent
 * from zero never leaves this form. */
struct sel_triple {
    double alpha, c_d, c_o;
};

struct sel_onehot {
    double L, q, d;
};

/* Weights of a selected and another token at a difference `gap` of logits. */
void att_sel_onehot_weights(struct sel_onehot p, double gap, double *in,
                            double *out);
double att_sel_onehot_loss(struct sel_onehot p, double alpha, double gap);
/* The best alpha at a gap, and its loss, free of cancellation. */
double att_sel_onehot_best(struct sel_onehot p, double gap, double *alpha);
/* One exact step; returns the norm of the gradient of C. */
double att_sel_onehot_step(struct sel_onehot p, double eta_V, double eta_W,
                           struct sel_triple *at);

/* ---- any test length ------------------------------------------------------------- */

/* rel_err at L tokens of fresh signs at scales alpha, gamma: only the q
 * selected encodings are drawn, the other L - q are averaged in closed form
 * ("annealed").  A query that is a key takes e^(gamma |et|^2) of the mass.
 * Draws are items 0 .. n - 1 of ATT_SELECTION_FRESH + 2. */
struct sel_annealed {
    const struct sel_law *law; /* dual query, signs; task.q counts */
    size_t n;
    struct att_arena *scratch; /* given back */
};
ATT_CHECKED att_status att_sel_annealed(const struct sel_annealed *x,
                                        struct sel_pair at, double L,
                                        double *rel_err, struct att_error *err);

/* ---- predictions ----------------------------------------------------------------- */

/* t0 = L/eta_V + de L/(eta_W d). */
double att_sel_delay(double L, double d, double de, double eta_V, double eta_W);
/* kappa = 2 - 4 gamma q/de. */
double att_sel_kappa(double gamma, double q, double de);
/* C(L, q) / C(L', q): a q-subset of L' >= L positions lies in the first L. */
double att_sel_inside(double L, double longer, double q);
