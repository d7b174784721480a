/* running_priv.h - the parts of the nested pass that an instruction set has of
 * its own. */
#pragma once

#include <stdbool.h>

#include "attest/linalg/running.h"

/* R queries and C keys over coordinates 0 .. n - 1 of a chunk. */
struct att_running_tile {
    const float *x; /* [n, R] */
    const float *y; /* [n, C] */
    size_t n;
    const uint32_t *stop; /* [n_stops] ascending, base + 1 .. base + n */
    size_t n_stops, base;
    bool fresh;   /* sums start at 0, whatever sum holds */
    float *sum;   /* [R, C] continued */
    float *best;  /* [n_stops, R, W] raised to the sums */
    float *least; /* [R, W] lowered to the sums after the last coordinate that
                     are not -INFINITY; NULL: not wanted */
};

struct att_running_kernels {
    void (*tile)(const struct att_running_tile *t);
    /* out[i] = largest of best[i, W], i < n */
    void (*fold)(const float *best, size_t n, float *out);
    void (*chains)(const struct att_running *k, const float *x,
                   const float *const y[ATT_RUNNING_CHAINS], float *out);
};

extern const struct att_running_kernels att_running_portable;
#ifdef __x86_64__
extern const struct att_running_kernels att_running_avx2;
extern const struct att_running_kernels att_running_avx512;
#endif
