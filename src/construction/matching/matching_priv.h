/* matching_priv.h - units that match residues, and their fast paths.
 *
 * Notation: theta_i = 2 pi x_i / M, gap the distance of the best non-matching
 * cosine from 1, c the logit scale, order 2 (pairs), 3 (triples), up to 8.
 *
 * Streams of the builder: harmonics stand at (1, 0, 0), word = harmonic. */
#pragma once

#include <math.h>
#include <stdbool.h>

#include "attest/construction/construction.h"
#include "attest/model/arithmetic.h"
#include "attest/problem/matching.h"

#define MATCH_PI 3.14159265358979323846

/* One input, its unit, and the tokens that are asked. */
struct match_unit {
    struct att_match_input in;
    const uint64_t *key; /* [n_keys] residues that tokens of pairs look at: */
    size_t n_keys;       /* the tokens themselves, unless a layer made others */
    int order;
    double gap, c;
    const uint32_t *h; /* [R] harmonics; NULL: the unit of C5 or C7 */
    size_t R;          /* 1 without harmonics */
    bool others;       /* pairs: a token is no partner of itself */
    size_t from, to;   /* tokens from .. to-1 are asked */
    const struct att_arithmetic *arithmetic; /* of pairs on the naive path */
};

/* ---- theory (matching_theory.c) ------------------------------------------------- */

/* 2 sin^2(pi / M); 2 where M = 1 and nothing can fail to match. */
double att_match_gap(uint64_t M);
/* 1 - mean_r cos(2 pi h_r v / M). */
double att_match_deficit(const uint32_t *h, size_t R, uint64_t v, uint64_t M);
/* The least deficit of v = 1 .. M-1. */
double att_match_gap_harmonics(const uint32_t *h, size_t R, uint64_t M);
/* 2 ln(4 n^(order-1)) / gap. */
double att_match_scale(size_t n, int order, double gap);
/* 2 lg(M / pi): bits that the unit needs; pi 2^(t/2): the M that t bits
 * reach. */
double att_match_bits_law(double M);
double att_match_modulus_law(double t);
/* Largest relative error of a sum of weights, in logits, on the literal paths
 * of triples in f64 (c = 0: on integer residues) and of pairs in t bits; and
 * how far outputs of two paths can lie apart when they, or their distances
 * from 1, are at most `slack` (docs/theory/matching.md, "Roundings"). */
double att_match_triple_error(double c, double n);
double att_match_pair_error(double c, double n, double t);
double att_match_rounding(double c, double n, double slack);
/* The same of outputs of the Fourier series. */
double att_match_series_error(double c, double n, int order);

/* The unit of C5 or C7 that asks every token, without arithmetic. */
struct match_unit att_match_unit(struct att_match_input in, int order);

/* ---- paths ------------------------------------------------------------------------ */

enum match_path {
    MATCH_NAIVE,  /* every logit */
    MATCH_STREAM, /* triples: a rank-4 product per token */
    MATCH_HIST,   /* residues counted (pairs), convolved (more) */
    MATCH_SPARSE, /* triples: sorted residues, any M */
    MATCH_BESSEL, /* triples and more: Fourier series of exp(c cos) */
    MATCH_PATHS
};
extern const char *const att_match_path_name[MATCH_PATHS + 1]; /* + NULL */
enum match_path att_match_path(const char *name);
/* Is there such a path for units of this order? */
bool att_match_has_path(int order, enum match_path path);

/* out [n]: the mass on real tokens, entries from .. to-1 are written.  All but
 * the literal paths (naive, stream) work on integer residues and never form a
 * logit of size c.  Fails: ATT_E_NOMEM. */
ATT_CHECKED att_status att_match_run(const struct match_unit *u,
                                     enum match_path path, double *out,
                                     struct att_arena *scratch,
                                     struct att_error *err);

/* Multiplications, additions and exponentials of a path over the tokens that
 * are asked, and bytes of its scratch, as section 8 of the specification
 * counts them. */
struct att_cost att_match_cost(enum match_path path, int order, double n,
                               double M, double R);

/* ---- what paths share (matching_paths.c) --------------------------------------------- */

/* 2 pi (k mod M) / M. */
double att_match_angle(const struct match_unit *u, uint64_t k);
/* Weight of a sum that misses 0 by d, relative to a match. */
double att_match_weight(const struct match_unit *u, uint64_t d);
/* Offsets beyond this weigh nothing: exp underflows. */
uint64_t att_match_reach(const struct match_unit *u);
/* Output from the weights of real pairs or triples relative to a match. */
double att_match_finish(const struct match_unit *u, double real);

/* The paths themselves, as att_match_run calls them. */
typedef att_status (*match_path_fn)(const struct match_unit *u, double *out,
                                    struct att_arena *scratch,
                                    struct att_error *err);
att_status att_match2_naive(const struct match_unit *u, double *out,
                            struct att_arena *scratch, struct att_error *err);
att_status att_match2_hist(const struct match_unit *u, double *out,
                           struct att_arena *scratch, struct att_error *err);
att_status att_match3_naive(const struct match_unit *u, double *out,
                            struct att_arena *scratch, struct att_error *err);
att_status att_match3_stream(const struct match_unit *u, double *out,
                             struct att_arena *scratch, struct att_error *err);
att_status att_match3_hist(const struct match_unit *u, double *out,
                           struct att_arena *scratch, struct att_error *err);
att_status att_match3_sparse(const struct match_unit *u, double *out,
                             struct att_arena *scratch, struct att_error *err);
att_status att_match3_bessel(const struct match_unit *u, double *out,
                             struct att_arena *scratch, struct att_error *err);
