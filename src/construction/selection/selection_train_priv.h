/* selection_train_priv.h - a training, its curve, and what it leaves. */
#pragma once

#include "selection_probe_priv.h"

/* Parameters of the construction `selection`. */
enum {
    SP_MODEL = ATT_SEL_PARAMS,
    SP_PE,
    SP_QUERY,
    SP_DE,
    SP_DTYPE,
    SP_OPT,
    SP_ETA_V,
    SP_ETA_W,
    SP_WARM_UP,
    SP_DECAY,
    SP_BATCH,
    SP_STEPS,
    SP_ATTEND,
    SP_SIZES,
    SP_POOL,
    SP_SINGULAR,
    SP_SYMMETRISE,
    SP_TEST_DATA,
    SP_PARAMS
};

/* How a point makes its samples. */
struct sel_law att_sel_law(const struct att_workspace *ws,
                           const struct att_value *p,
                           const struct att_selection *task);

/* One line of the curve: weights after `step` steps, their loss on fresh
 * samples, loss and gradient of the batch of that step. */
struct sel_line {
    double step, loss, rel_err;
    struct sel_loss batch;
    struct sel_gauges gauges;
    struct sel_pair predicted; /* NaN where two numbers do not apply */
};

struct sel_trained {
    struct sel_law law;
    struct sel_net net;
    struct sel_observed_steps curve;
    const struct sel_line *line; /* [curve.n]; step NaN: never came */
    struct sel_line first, last; /* step 0 and the last */
    double alpha_max;
    double t_gamma1; /* NaN: gamma never passed 1 */
    int64_t n_redraw;
    double normals; /* drawn for tokens while training */
    double seconds; /* in this attempt */
};

/* The law of tests: encodings that a step shares become each sample's own, and
 * sets may be of any size. */
struct sel_law att_sel_test_law(const struct sel_law *law);

/* Train from zero, with lines at the steps observed.  Goes on from a checkpoint with the same bits.
 * Fails: ATT_E_NOMEM, ATT_E_INFEASIBLE (dependent encodings). */
ATT_CHECKED att_status att_sel_train(struct att_workspace *ws,
                                     const struct att_case *c,
                                     struct sel_trained **out,
                                     struct att_error *err);
/* Encodings a step of the two-number prediction averages over. */
enum { SEL_PREDICTION_DRAWS = 64 };
/* Are the weights matrices, in the arithmetic of the point? */
static inline bool att_sel_has_matrices(enum sel_model m)
{
    return m != SEL_POPULATION && m != SEL_RECURSION;
}

/* In which numbers matrices are trained. */
enum sel_dtype {
    SEL_F64,
    SEL_F32,
    SEL_BF16,       /* what is stored is bf16, weights too; sums are f32 */
    SEL_BF16_MIXED, /* the same, weights kept in f32 beside what is stored */
    SEL_DTYPES
};
extern const char *const att_sel_dtype_name[SEL_DTYPES + 1]; /* + NULL */
enum sel_dtype att_sel_dtype(const char *name);

/* What is put back on the line of two numbers after every step. */
enum sel_symmetrise {
    SEL_SYMMETRISE_NONE,
    SEL_SYMMETRISE_C,   /* C = (tr C/de) I */
    SEL_SYMMETRISE_ALL, /* V = (tr V1/d) [I 0] and Bx = 0 too */
    SEL_SYMMETRISES
};
extern const char *const att_sel_symmetrise_name[SEL_SYMMETRISES + 1];
enum sel_symmetrise att_sel_symmetrise(const char *name);

/* Flops of a step, and bytes of a training (selection_cost.c). */
double att_sel_step_flops(const struct att_value *p);
double att_sel_train_bytes(const struct att_value *p);
