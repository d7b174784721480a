/* signs.h - products with a matrix of signs that is stored as bits.
 *
 * Row i of the matrix is bits 0 .. d-1 of its words word[i * stride ...]: bit
 * j mod 64 of word j / 64, 1 is +1 and 0 is -1; bits beyond d are 0.  One bit
 * a number: a product reads 1/32 of what a matrix of floats would take.
 *
 * Every function gives the same bits in every instruction set: the terms of a
 * sum are taken by fours in ascending order, the last four filled up with
 * zeros; of each four ((+-x0 +- x1) +- x2) +- x3 is one of 16 numbers that are
 * computed once and looked up. Sums over rows add them one after the other,
 * from 0. Sums over columns add the eight fours of 32 columns, the runs r0 to r3
 * of 128 columns as (r0 + r1) + (r2 + r3), and those one after the other. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct att_signs {
    const uint64_t *word; /* [n, stride] */
    size_t n, d;
    size_t stride; /* words of a row, >= ceil(d / 64) */
};

/* out[i] = scale sum_j s_ij p[j], i < n; the sum is rounded first. */
void att_signs_apply(const struct att_signs *s, double scale, const double *p,
                     double *out);
void att_signs_applyf(const struct att_signs *s, float scale, const float *p,
                      float *out);

/* out[j] = scale sum_i c[i] s_ij, j < d; the sum is rounded first. */
void att_signs_combine(const struct att_signs *s, double scale, const double *c,
                       double *out);
void att_signs_combinef(const struct att_signs *s, float scale, const float *c,
                        float *out);

/* out [n, d] = scale s, as numbers. */
void att_signs_spread(const struct att_signs *s, double scale, double *out);
void att_signs_spreadf(const struct att_signs *s, float scale, float *out);

/* <row i, row j>, exactly. */
int64_t att_signs_dot(const struct att_signs *s, size_t i, size_t j);
