/* patterns_theory_priv.h - what theory says of sparse patterns, as closed
 * forms.  The constants are reconstructions: docs/theory/patterns.md. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* A point of the theory.  d1 = ln(1 + eps1), t2 = ln(1 / eps2). */
struct pat_point {
    double L, k;
    double ln_gamma;
    double d1, t2;
    double beta; /* of mode fixed; 0: t2 + d1 */
};

/* patterns T1: dimensions that suffice with probability 1 - p (rounded up);
 * svd: the variant for the symmetric split, sqrt(k) -> k. */
double att_pat_d_jl(const struct pat_point *x, double p, bool svd);

/* Variances of patterns T2, in units of beta^2 / d: of nonzero minus zero, of
 * nonzero minus nonzero. */
struct pat_noise {
    double vz, vr;
    bool group;    /* keys without replacement: 1/d -> 1/d + 1/L */
    bool one_draw; /* k = 1 on group keys: only L different products */
};
struct pat_noise att_pat_noise_gauss(double k);
struct pat_noise att_pat_noise_sign(double k);
struct pat_noise att_pat_noise_hadamard(double k);

/* patterns T2: the median of the smallest d that is accepted, at beta fixed or
 * free; NaN without zeros. */
double att_pat_d_sharp_fixed(const struct pat_point *x, struct pat_noise v);
double att_pat_d_sharp_free(const struct pat_point *x, struct pat_noise v);

/* patterns T2, C4: the same for interpolating queries and a required gap g. */
double att_pat_d_sharp_interp(const struct pat_point *x, double g);

/* ln P(Bin(n, 1/2) <= m); -INFINITY for m < 0. */
double att_pat_ln_binomial_tail(int64_t n, int64_t m);

/* patterns T2: probability that sign keys of dimension d serve a permutation.
 * *c, NULL allowed: the smallest inner product that spoils it. */
double att_pat_p_success(const struct pat_point *x, int64_t d, int64_t *c);

/* patterns T5: d times bits per coordinate that any scheme for all patterns
 * needs, (k / 2) log2(L / k). */
double att_pat_info_bits(double L, double k);

/* W0: mean softmax mass on zeros of a row, (L/k) exp(beta^2 k / (2 d) - beta). */
double att_pat_zero_mass(double L, double k, double d, double beta);
