/* selection_step_priv.h - one step of a training: loss and gradient of a batch.
 *
 * With s = softmax(a), a_i = x_i . Bx et + e_i . C et, h = sum s_i z_i, f = V h,
 * r = f - target (forward), and u = V^T r, g_i = z_i . u, delta = s (g - s.g):
 *
 *     dL/dV = r h^T        dL/dW = (sum_i delta_i z_i) et^T
 *
 * With x_i normal and integrated out (V2 = Bx = 0, V1 = alpha I):
 *
 *     L = d/2 [sum_y (alpha s_i - 1/q)^2 + alpha^2 sum_off s_i^2]
 *     dL/dalpha = d (alpha |s|^2 - s.u)       u = 1_y / q
 *     g_i = d (alpha^2 s_i - alpha u_i)
 *
 * of which a step takes 1/d of dL/dalpha: that is what each diagonal entry of
 * V1 gets.
 *
 * Source: sections "training" and "Rao-Blackwell" of docs/theory/selection.md. */
#pragma once

#include "selection_model_priv.h"

enum sel_model {
    SEL_FULL,       /* V and W, samples drawn whole */
    SEL_POSONLY,    /* V2 = Bx = 0 */
    SEL_RB,         /* tokens integrated out */
    SEL_GRAM,       /* the same by products of a shared Gram matrix */
    SEL_POPULATION, /* alpha and gamma alone */
    SEL_RECURSION,  /* one-hot encodings, population: three numbers */
    SEL_MODELS
};
extern const char *const att_sel_model_name[SEL_MODELS + 1]; /* + NULL */
enum sel_model att_sel_model(const char *name);
/* Are tokens integrated out? */
static inline bool att_sel_is_out(enum sel_model m)
{
    return m != SEL_FULL && m != SEL_POSONLY;
}

struct sel_loss {
    double loss;             /* mean over the batch */
    double gnorm_V, gnorm_W; /* Frobenius norms */
};

#define REAL    double
#define NAME(x) x
#define MATRIX  struct att_mat
#include "selection_step_types.inc"
#undef REAL
#undef NAME
#undef MATRIX
#define REAL    float
#define NAME(x) x##f
#define MATRIX  struct att_matf
#include "selection_step_types.inc"
#undef REAL
#undef NAME
#undef MATRIX
