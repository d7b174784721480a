/* token_selection.h - sparse token selection: average the q tokens of L that
 * the query names.
 *
 * A sample is L tokens x_i in R^d and a uniform q-subset y of 0 .. L-1; the
 * target is u = (1/q) sum over y of x_i (plus label noise).  A training takes
 * fresh samples at every step, so an instance is the law, not a list: samples
 * are pure functions of (step, item).
 *
 * Streams of the instance, tag as below, item = sample:
 *     X      normal i d + a is coordinate a of token i: a longer sample
 *            extends a shorter one
 *     Y      words 0 .. q-1 make the subset (base/rng.h)
 *     NOISE  normal a is the noise of coordinate a of the target
 *     SIZE   word 0 chooses how many tokens are selected, where that varies
 * Streams of the builder:
 *     E      bit i de + j is the sign of coordinate j of encoding i; attempt
 *            k of a sample that was refused adds 256 k to the tag
 *     EFIX   the same at step 0, item 0: encodings drawn once
 *     POOL   words 0 .. L-1 choose which encodings of a pool a sample gets;
 *            the pool itself is EFIX
 *     INIT   initial weights
 * Training takes steps 0, 1, 2, ...; evaluations take the steps from
 * ATT_SELECTION_FRESH on, which no training reaches.
 *
 * Source: Wang, Wei, Hsu, Lee 2024, arXiv 2406.06893 (the task); the streams
 * are attest's own. */
#pragma once

#include <stdbool.h>

#include "attest/problem/problem.h"

enum {
    ATT_SEL_L,
    ATT_SEL_D,
    ATT_SEL_Q,
    ATT_SEL_DATA,
    ATT_SEL_RHO,
    ATT_SEL_NOISE_SD,
    ATT_SEL_SAMPLES,
    ATT_SEL_PARAMS
};

enum att_selection_tag {
    ATT_SEL_TAG_X = 1,
    ATT_SEL_TAG_Y,
    ATT_SEL_TAG_E,
    ATT_SEL_TAG_INIT,
    ATT_SEL_TAG_NOISE,
    ATT_SEL_TAG_EFIX,
    ATT_SEL_TAG_SIZE,
    ATT_SEL_TAG_POOL
};

#define ATT_SELECTION_FRESH UINT32_C(0x80000000)

enum att_selection_data {
    ATT_SELECTION_GAUSS, /* independent normals */
    ATT_SELECTION_AR1,   /* x_i = rho x_{i-1} + sqrt(1 - rho^2) z_i */
    ATT_SELECTION_HEAVY  /* z |z| / sqrt 3: variance 1, kurtosis 35/3 */
};

/* The law of the samples. */
struct att_selection {
    size_t L, d, q;
    enum att_selection_data data;
    double rho, noise_sd;
    size_t samples; /* fresh samples of an evaluation */
    uint64_t seed;  /* of the instance's streams */
};

/* The point's law; the seed is the workspace's. */
struct att_selection att_selection_law(const struct att_workspace *ws,
                                       const struct att_value *p);

/* Fails: ATT_E_INFEASIBLE unless q < L. */
att_status att_selection_admit(const struct att_value *p,
                               struct att_error *err);

/* y [q] ascending: the subset of a sample of L tokens, which may differ from
 * the law's own length (a test length).  perm has L entries, scratch. */
void att_selection_subset(const struct att_selection *s, uint32_t step,
                          uint32_t item, size_t L, uint32_t *perm, uint32_t *y);

/* x [L, d]: the first L tokens of a sample. */
void att_selection_tokens(const struct att_selection *s, uint32_t step,
                          uint32_t item, size_t L, double *x);
/* The same with normals made in single precision (att_draw_normals_single):
 * another arithmetic, not the doubles rounded. */
void att_selection_tokensf(const struct att_selection *s, uint32_t step,
                           uint32_t item, size_t L, float *x);

/* g [d]: the mean of the q tokens y of x [.., d]. */
void att_selection_target(const struct att_selection *s, const double *x,
                          const uint32_t *y, double *g);
/* g += the label noise of a sample, if the law has some. */
void att_selection_noise(const struct att_selection *s, uint32_t step,
                         uint32_t item, double *g);

extern const struct att_problem att_problem_token_selection;
