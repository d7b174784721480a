/* matching_priv.h - units that match residues, and their fast paths.
 *
 * Notation: theta_i = 2 pi x_i / M, gap the distance of the best non-matching
 * cosine from 1, c the logit scale, r the order (2 or 3). */
#pragma once

#include <math.h>
#include <stdbool.h>

#include "attest/construction/construction.h"
#include "attest/model/arithmetic.h"
#include "attest/problem/matching.h"

/* One input and its unit; out [n] gets the mass on real tokens. */
struct match_unit {
    const uint64_t *x; /* [n] */
    size_t n;
    uint64_t M;
    double gap, c;
    const uint32_t *h; /* [R] harmonics; NULL: the unit of C5 or C7 */
    size_t R;
};

/* 2 sin^2(pi / M); 2 where M = 1 and nothing can fail to match. */
double att_match_gap(uint64_t M);
/* Over v = 1 .. M-1: 1 - max mean_r cos(2 pi h_r v / M). */
double att_match_gap_harmonics(const uint32_t *h, size_t R, uint64_t M);
/* 2 ln(4 n^(r-1)) / gap. */
double att_match_scale(size_t n, int order, double gap);

/* The paths.  All but the literal ones work on integer residues and never
 * form a logit of size c.  Fail: ATT_E_NOMEM. */
ATT_CHECKED att_status att_match2_naive(const struct match_unit *u,
                                        const struct att_arithmetic *a,
                                        double *out, struct att_arena *scratch,
                                        struct att_error *err);
ATT_CHECKED att_status att_match2_hist(const struct match_unit *u, double *out,
                                       struct att_arena *scratch,
                                       struct att_error *err);
ATT_CHECKED att_status att_match3_naive(const struct match_unit *u, double *out,
                                        struct att_arena *scratch,
                                        struct att_error *err);
ATT_CHECKED att_status att_match3_stream(const struct match_unit *u,
                                         double *out, struct att_arena *scratch,
                                         struct att_error *err);
ATT_CHECKED att_status att_match3_hist(const struct match_unit *u, double *out,
                                       struct att_arena *scratch,
                                       struct att_error *err);
ATT_CHECKED att_status att_match3_sparse(const struct match_unit *u,
                                         double *out, struct att_arena *scratch,
                                         struct att_error *err);
ATT_CHECKED att_status att_match3_bessel(const struct match_unit *u,
                                         double *out, struct att_arena *scratch,
                                         struct att_error *err);
