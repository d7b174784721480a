/* vector_case.h - the order of sums that linalg/vector.h promises, and every
 * instruction set to hold against it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "attest/linalg/cpu.h"
#include "unit.h"

enum { LANES = 16, LANES_F = 32 };

/* Run test under every set that this processor has; leave the best. */
static inline void for_every_isa(void (*test)(void))
{
    for (int isa = 0; isa <= (int)att_isa_best(); isa++) {
        CU_ASSERT_EQUAL_FATAL(att_isa_pin((enum att_isa)isa, NULL), ATT_OK);
        test();
    }
}

/* The contract of linalg/vector.h, word for word. */
static inline double reference_dot(size_t n, const double *a, const double *b)
{
    double lane[LANES] = {0};

    for (size_t k = 0; k < n; k++) {
        const double product = a[k] * b[k];

        lane[k % LANES] += product;
    }
    for (size_t half = LANES / 2; half > 0; half /= 2) {
        for (size_t l = 0; l < half; l++)
            lane[l] += lane[l + half];
    }
    return lane[0];
}

static inline float reference_dotf(size_t n, const float *a, const float *b)
{
    float lane[LANES_F] = {0};

    for (size_t k = 0; k < n; k++) {
        const float product = a[k] * b[k];

        lane[k % LANES_F] += product;
    }
    for (size_t half = LANES_F / 2; half > 0; half /= 2) {
        for (size_t l = 0; l < half; l++)
            lane[l] += lane[l + half];
    }
    return lane[0];
}

static inline bool same(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

static inline bool samef(float a, float b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}
