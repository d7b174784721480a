/* specimen.h - a small sound construction, and the same with one fault each. */
#pragma once

#include "attest/construction/construction.h"

enum { P_N, P_DATA, P_SCALE };
enum { M_SUM, M_MAX, M_ARGMAX, M_COUNT, M_USED, N_METRICS };

extern const struct att_construction specimen;

/* What the specimen builds. */
struct built {
    const double *x;
    double *y; /* n scaled numbers */
    size_t n;
};

struct broken {
    const char *rule;      /* sentence of the rule that must complain */
    const char *complaint; /* part of what it must say */
    struct att_construction c;
};

/* All broken ones, ended by a NULL rule.  The first call makes them. */
const struct broken *broken_specimens(void);
