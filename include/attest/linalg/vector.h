/* vector.h - reductions in a fixed order, and elementary functions.
 *
 * Every function gives the same bits in every instruction set of cpu.h, for
 * every address and alignment: nothing depends on the machine but speed.
 * (Without SLEEF the elementary functions are those of libm, whose bits may
 * differ from one system to the next.)
 *
 * The order of a reduction over n numbers with W lanes (W = 16 for double, 32
 * for float): lane l adds x_l, x_{l+W}, x_{l+2W}, ... in this order, starting
 * from 0; then the upper half of the lanes is added to the lower half until
 * one is left.  Products are rounded before they are added (no fma). */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "attest/linalg/matrix.h"

/* sum_k x[k] y[k] */
double att_dot(size_t n, const double *x, const double *y);
float att_dotf(size_t n, const float *x, const float *y);

/* sum_k x[k] */
double att_sum(size_t n, const double *x);
float att_sumf(size_t n, const float *x);

/* out[i] = att_dot(a.cols, row i of a, u), the same bits, for all rows. */
void att_project(struct att_mat a, const double *u, double *out);
void att_projectf(struct att_matf a, const float *u, float *out);

/* out[i] += the same. */
void att_project_add(struct att_mat a, const double *u, double *out);
void att_project_addf(struct att_matf a, const float *u, float *out);

/* out[j] = sum_i c[i] m_ij over all rows; i = 0, 4, 8, ..., i = 1, 5, 9, ... and
 * so on are added up apart, and then (0 + 2) + (1 + 3). */
void att_combine(struct att_mat m, const double *c, double *out);
void att_combinef(struct att_matf m, const float *c, float *out);

/* out = sum over k < n of c[k] times row row[k] of m, k ascending from 0; c is
 * rounded to the type of m first. */
void att_mix(struct att_mat m, const uint32_t *row, const double *c, size_t n,
             double *out);
void att_mixf(struct att_matf m, const uint32_t *row, const double *c, size_t n,
              float *out);

/* e = exp(a - max a) of n >= 1 numbers; sums[0] their sum, sums[1] the sum of
 * their squares, in the order of att_sum; e may be a.  Single precision:
 * exponentials within 2 ulp, 0 where a lies more than 87 below the largest. */
void att_exp_sums(size_t n, const double *a, double *e, double sums[2]);
void att_exp_sumsf(size_t n, const float *a, float *e, float sums[2]);

/* s = softmax(a), those times 1 / sums[0] rounded; returns the sum of squares
 * of s, sums[1] times that twice; s may be a. */
double att_softmax(size_t n, const double *a, double *s);
float att_softmaxf(size_t n, const float *a, float *s);

/* out[k] = x[k] (slope x[k] - level), products rounded first; out may be x. */
void att_parabola(size_t n, const double *x, double slope, double level,
                  double *out);
void att_parabolaf(size_t n, const float *x, float slope, float level,
                   float *out);

/* out[k] = f(x[k]) with an error of at most 1 ulp; out may be x.  exp gives 0
 * below -745 and infinity above 709.79; log of a negative number is NaN; sin
 * and cos for |x| <= 1e14. */
void att_vexp(size_t n, const double *x, double *out);
void att_vlog(size_t n, const double *x, double *out);
void att_vsin(size_t n, const double *x, double *out);
void att_vcos(size_t n, const double *x, double *out);

/* y[k] += c x[k], product rounded first. */
void att_axpy(size_t n, double c, const double *x, double *y);
void att_axpyf(size_t n, float c, const float *x, float *y);

/* The largest of n >= 1 numbers, none of them NaN; exact in any order. */
double att_max(size_t n, const double *x);
float att_maxf(size_t n, const float *x);

/* How many of n < 2^31 numbers equal v (none when v is NaN). */
size_t att_count_equal(size_t n, const double *x, double v);
size_t att_count_equalf(size_t n, const float *x, float v);
