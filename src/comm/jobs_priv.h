/* jobs_priv.h - units on their way through a rank, in order. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attest/base/outcome.h"
#include "attest/base/status.h"

struct job {
    struct att_unit unit;
    uint32_t attempt;
    double predicted_s;
};

/* A ring. */
struct jobs {
    struct job *job; /* room entries, a power of two */
    size_t room, first, n;
    double predicted_s; /* sum over n */
};

ATT_CHECKED bool att_jobs_reserve(struct jobs *jobs, size_t n); /* n more */
/* Room must have been reserved. */
void att_jobs_push(struct jobs *jobs, const struct job *job);
void att_jobs_push_front(struct jobs *jobs, const struct job *job);
struct job att_jobs_pop(struct jobs *jobs); /* there must be one */
/* Remove a unit, found fastest near the front; false when it is not there. */
bool att_jobs_remove(struct jobs *jobs, const struct att_unit *unit,
                     struct job *out);
void att_jobs_clear(struct jobs *jobs);
void att_jobs_fini(struct jobs *jobs);
