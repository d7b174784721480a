/* bootstrap.h - intervals by resampling whole replicates.
 *
 * The random stream is seeded from the data themselves, by a hash that does
 * not see their order: an interval is the same in every run.
 *
 * With m >= 8 replicates an interval is the 95 % expanded percentile: the
 * level on either side is alpha' = Phi(-sqrt(m / (m - 1)) t_{0.975, m - 1}),
 * wider than 2.5 % as Student's t is wider than the normal.  The percentiles
 * of fewer replicates cannot reach 95 % (their range covers a median with
 * probability 1 - 2^(1-m)); there the interval is Student's around the
 * estimate, +- t_{0.975, m - 1} sqrt(m / (m - 1)) times the standard deviation
 * of the resamples, which for a mean is the textbook interval.
 *
 * Sources: Davison and Hinkley 1997, section 3.8 (resampling clusters);
 * Hesterberg 2015, "What teachers should know about the bootstrap" (expanded
 * percentile). */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "attest/base/arena.h"
#include "attest/base/statistics.h"

enum { ATT_RESAMPLES = 4000, ATT_PERCENTILE_CLUSTERS = 8 };

/* What is resampled.  statistic writes n_out numbers for a study in which
 * replicate c counts weight[c] times (the weights sum to n_clusters); NaN
 * where a number does not exist for these weights. */
struct att_resampling {
    void (*statistic)(void *context, const uint32_t *weight, double *out);
    void *context;
    size_t n_clusters;
    uint32_t n_out;
    uint64_t seed; /* a hash of the data that does not see their order */
};

/* ci [n_out]: a 95 % interval for each of the n_out numbers.  Resamples in
 * which a number is NaN are left out of its interval; the interval is NaN, NaN
 * when fewer than half remain, and -INFINITY .. INFINITY when n_clusters < 2.
 * Fails: ATT_E_NOMEM. */
ATT_CHECKED att_status att_bootstrap(const struct att_resampling *resampling,
                                     struct att_arena *arena,
                                     struct att_interval *ci,
                                     struct att_error *err);

/* Median of n sorted numbers of which x[i] counts weight[i] times; NaN when
 * the weights are all 0. */
double att_weighted_median(const double *sorted, const uint32_t *weight,
                           size_t n);
