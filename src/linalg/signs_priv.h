/* signs_priv.h - the kernels of each instruction set. */
#pragma once

#include "attest/linalg/signs.h"

struct att_signs_kernels {
    void (*apply)(const struct att_signs *s, double scale, const double *p,
                  double *out);
    void (*combine)(const struct att_signs *s, double scale, const double *c,
                    double *out);
    void (*applyf)(const struct att_signs *s, float scale, const float *p,
                   float *out);
    int64_t (*dot)(const struct att_signs *s, size_t i, size_t j);
    void (*spread)(const struct att_signs *s, double scale, double *out);
    void (*spreadf)(const struct att_signs *s, float scale, float *out);
    void (*combinef)(const struct att_signs *s, float scale, const float *c,
                     float *out);
};

extern const struct att_signs_kernels att_signs_portable;
#ifdef __x86_64__
extern const struct att_signs_kernels att_signs_avx2, att_signs_avx512;
#endif
