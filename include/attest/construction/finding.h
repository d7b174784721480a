/* finding.h - the verdict rules that many claims share.
 *
 * Specs say "holds in [0.95, 1.10], violated outside [0.9, 1.2], else
 * inconclusive", "the 95 % interval meets [-2.4, -1.8]", "wilson_hi < 1/2":
 * each is one function here, so that every family reads the rule alike.  They
 * fill statistic, lo, hi and verdict; predicted, worst and note stay the
 * judge's.  ATT_VIOLATED becomes ATT_DEPARTS above when nothing is proved. */
#pragma once

#include "attest/base/sample.h"
#include "attest/base/statistics.h"
#include "attest/construction/construction.h"

/* ---- reading a row -------------------------------------------------- */

/* A metric as a number; NaN where it is text or missing. */
double att_row_metric(const struct att_row_view *row, uint32_t metric);
/* Was the metric set? */
bool att_row_has(const struct att_row_view *row, uint32_t metric);
/* Is the parameter, a choice, this word? */
bool att_row_says(const struct att_row_view *row, uint32_t param,
                  const char *word);

/* ---- rules ----------------------------------------------------------- */

/* What a judge starts from: not applicable, and nothing to show. */
void att_finding_blank(struct att_finding *f);

/* A fact that the judge has looked at: holds, or violated. */
void att_finding_say(struct att_finding *f, double measured, double predicted,
                     bool holds);

/* value <= bound, as proved of real numbers: violated when it is larger,
 * inconclusive when they are within 1e-9 of each other on the wrong side
 * (relative to bound) or one is not finite. */
void att_finding_at_most(struct att_finding *f, double value, double bound);
/* The same for value >= bound. */
void att_finding_at_least(struct att_finding *f, double value, double bound);

/* Counts and flags: holds when equal, violated when not, inconclusive when one
 * is NaN. */
void att_finding_equal(struct att_finding *f, double value, double expected);

/* Holds inside `holds`, violated outside `tolerated` (which contains it),
 * inconclusive between; NaN is inconclusive. */
void att_finding_within(struct att_finding *f, double value,
                        struct att_interval holds,
                        struct att_interval tolerated);

/* An estimate with its 95 % interval against a band: holds when the interval
 * meets the band, violated when it does not; inconclusive when the interval is
 * unbounded (too few points to know) or NaN. */
void att_finding_meets(struct att_finding *f, double value,
                       struct att_interval ci, struct att_interval band);

/* k successes of n against a share: holds when Wilson's 95 % interval lies at
 * or above it, violated when below, inconclusive when the share is inside. */
void att_finding_share(struct att_finding *f, uint64_t k, uint64_t n,
                       double share);

/* The exponent of a law in the sample's first coordinate (its others are
 * fitted along), over medians of the replicates, against a band as in
 * att_finding_meets; inconclusive with fewer than min_distinct different
 * values of that coordinate, or when there is no fit (the note says why).
 * *fit is filled unless NULL. */
void att_finding_exponent(struct att_finding *f, const struct att_sample *s,
                          size_t min_distinct, struct att_interval band,
                          struct att_arena *scratch, struct att_fit *fit);

/* A metric of all done rows, in the order of the rows (NaN where missing), in
 * rows->scratch; NULL when it has no memory. */
double *att_rows_metric(const struct att_rows *rows, uint32_t metric);

/* What a row says of a law: a point x [p] and y; false: nothing. */
typedef bool (*att_row_point_fn)(const struct att_row_view *row, double *x,
                                 double *y);
/* The points of all done rows, each with its replicate, in rows->scratch; one
 * with a number that is missing is left out.  p is at most ATT_FIT_COEFS - 1.
 * false: no memory. */
bool att_rows_sample(const struct att_rows *rows, uint32_t p,
                     att_row_point_fn point, struct att_sample *s);
