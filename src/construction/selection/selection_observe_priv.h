/* selection_observe_priv.h - lines of a row, and what theory says beside them. */
#pragma once

#include "selection_columns_priv.h"

/* The longest test that is made unasked: so many times L, and tokens. */
enum { SEL_LONGEST = 16, SEL_LONGEST_TOKENS = 65536 };

/* t0 of the point. */
double att_sel_t0(const struct att_case *c, const struct sel_trained *t);
/* de / (eta_W kappa^2 (step - t0)); NaN before t0 and past the best scale. */
double att_sel_predicted_loss(const struct att_case *c,
                              const struct sel_trained *t, double step,
                              double gamma);
/* A loss as a relative error. */
double att_sel_over_unit(const struct sel_trained *t, double loss);

/* A test and its predictions; law is set by who tests. */
struct sel_test {
    const struct att_case *c;
    const struct sel_trained *t;
    struct att_arena *arena;
    struct sel_law law;
};

/* The annealed formula at this scale; NaN where it says nothing. */
ATT_CHECKED att_status att_sel_predict(const struct sel_test *x, double gamma,
                                       double *rel_err, struct att_error *err);

/* Lines of the training, of L_test, of q_test. */
void att_sel_observe_steps(const struct att_case *c,
                           const struct sel_trained *t,
                           struct att_outcome *out);
ATT_CHECKED att_status att_sel_observe_lengths(struct sel_test *x,
                                               struct att_outcome *out,
                                               struct att_error *err);
ATT_CHECKED att_status att_sel_observe_sets(struct sel_test *x,
                                            struct att_outcome *out,
                                            struct att_error *err);
