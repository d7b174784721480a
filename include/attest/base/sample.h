/* sample.h - points of a law, collected one by one.
 *
 * A judge walks over rows and keeps those that its law is about; what it kept
 * is then counted and fitted (regression.h). */
#pragma once

#include "attest/base/regression.h"

struct att_sample {
    double *x;        /* [n, p] row-major */
    double *y;        /* [n] */
    int64_t *cluster; /* [n] replicates */
    size_t n, capacity;
    uint32_t p;
};

/* Room for `capacity` points of p coordinates in arena; false when it has no
 * memory (the sample is then empty and takes no points). */
bool att_sample_init(struct att_sample *s, struct att_arena *arena,
                     size_t capacity, uint32_t p);

/* Keep a point (x has p entries) unless a coordinate is not finite or the
 * room is used up; says whether it was kept. */
bool att_sample_add(struct att_sample *s, const double *x, double y,
                    int64_t cluster);

/* How many different values a coordinate takes; scratch is given back, 0 when
 * it has no memory. */
size_t att_sample_distinct(const struct att_sample *s, uint32_t coordinate,
                           struct att_arena *scratch);

/* The points as regression.h wants them; borrowed. */
struct att_points att_sample_points(const struct att_sample *s);

/* Ratio of the largest to the smallest median of y over distinct x (all
 * coordinates): 1 for a law that is constant.  NaN without points or with a
 * median <= 0; *n_distinct says over how many. */
double att_sample_spread(const struct att_sample *s, struct att_arena *scratch,
                         size_t *n_distinct);
