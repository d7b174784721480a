/* vector_priv.h - one table of kernels for each instruction set.
 *
 * vector.inc defines the reductions for a given vector width; the file of the
 * instruction set includes it and adds the elementary functions. */
#pragma once

#include <stddef.h>

#include "attest/linalg/matrix.h"

typedef void att_map_fn(size_t n, const double *x, double *out);

struct att_vector_kernels {
    double (*dot)(size_t n, const double *x, const double *y);
    float (*dotf)(size_t n, const float *x, const float *y);
    double (*sum)(size_t n, const double *x);
    float (*sumf)(size_t n, const float *x);
    double (*max)(size_t n, const double *x);
    float (*maxf)(size_t n, const float *x);
    size_t (*count_equal)(size_t n, const double *x, double v);
    size_t (*count_equalf)(size_t n, const float *x, float v);
    void (*project)(struct att_mat a, const double *u, double *out);
    void (*projectf)(struct att_matf a, const float *u, float *out);
    void (*project_add)(struct att_mat a, const double *u, double *out);
    void (*project_addf)(struct att_matf a, const float *u, float *out);
    void (*axpy)(size_t n, double c, const double *x, double *y);
    void (*axpyf)(size_t n, float c, const float *x, float *y);
    void (*combine)(struct att_mat m, const double *c, double *out);
    void (*combinef)(struct att_matf m, const float *c, float *out);
    void (*mix)(struct att_mat m, const uint32_t *row, const double *c,
                size_t n, double *out);
    void (*mixf)(struct att_matf m, const uint32_t *row, const double *c,
                 size_t n, float *out);
    void (*exp_sums)(size_t n, const double *a, double *e, double sums[2]);
    void (*exp_sumsf)(size_t n, const float *a, float *e, float sums[2]);
    void (*parabola)(size_t n, const double *x, double slope, double level,
                     double *out);
    void (*parabolaf)(size_t n, const float *x, float slope, float level,
                      float *out);
    double (*softmax)(size_t n, const double *a, double *s);
    float (*softmaxf)(size_t n, const float *a, float *s);
    att_map_fn *exp, *log, *sin, *cos;
};

extern const struct att_vector_kernels att_vector_portable;
#ifdef __x86_64__
extern const struct att_vector_kernels att_vector_avx2;
extern const struct att_vector_kernels att_vector_avx512;
#endif
