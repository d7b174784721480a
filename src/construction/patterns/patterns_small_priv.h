/* patterns_small_priv.h - what is decided exactly at d = 1, 2, 3. */
#pragma once

#include "patterns_explicit_priv.h"

/* d = 1: is every support a prefix or a suffix of one common order of the
 * columns?  support: one bit mask per row (at most 64 columns), n rows.
 * Decided by orientation: each support is a prefix or a suffix, each class a
 * chain, and a prefix and a suffix are disjoint or cover everything. */
bool att_pat_order_exists(const uint64_t *support, size_t n, size_t n_cols);
/* The same, and the order when there is one: order [n_cols]; n <= 64. */
bool att_pat_order_find(const uint64_t *support, size_t n, size_t n_cols,
                        uint32_t *order);
/* Is every support a prefix or a suffix of this order? */
bool att_pat_order_serves(const uint64_t *support, size_t n,
                          const uint32_t *order, size_t n_cols);
/* As att_pat_order_exists, by trying every order of at most 6 columns. */
bool att_pat_order_search(const uint64_t *support, size_t n, size_t n_cols);
/* How many of the n^n maps row -> column are feasible, by either. */
int64_t att_pat_count_orders(size_t n,
                             bool (*decide)(const uint64_t *, size_t, size_t));

/* Order of the columns along a cycle that has all edges (rows of a k = 2
 * pattern), order [n_cols]; false when a column has three neighbours or a
 * cycle closes too early.  Fails: ATT_E_NOMEM. */
ATT_CHECKED att_status att_pat_cycle(const struct att_pattern *a,
                                     struct att_arena *arena, uint32_t *order,
                                     bool *found, struct att_error *err);

/* X1, X2 [., 3] of an Apollonian network as a stacked polytope: a query is the
 * sum of the normals of an edge's two faces.  Fails: ATT_E_NOMEM. */
ATT_CHECKED att_status att_pat_stack(const struct att_pattern *a,
                                     struct att_arena *arena, long double *x1,
                                     long double *x2, struct att_error *err);

/* The affine dependence of five points y of R^3: sum w = 0, sum w y = 0. */
void att_pat_radon_weights(const double y[5][3], double w[5]);
/* Whether w is one, up to rounding, and not 0. */
bool att_pat_radon_is_dependence(const double y[5][3], const double w[5]);
/* An upper bound of Q = gap / dev over all queries for the complete graph on
 * five points with this dependence, from their Radon partition: 0 for two
 * against three, lambda / (1 - lambda) <= 1/3 with the least weight lambda for
 * one against four. */
double att_pat_radon_bound(const double w[5]);
