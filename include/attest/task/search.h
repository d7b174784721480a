/* search.h - which candidate to try next, and what was found: a pure state
 * machine that never sees a construction.
 *
 * Candidates 0 .. n-1 stand in ascending order.  Looking for the smallest
 * that is accepted, the machine goes up in growing strides until one is, so
 * that it never pays for candidates far above the answer; then it bisects
 * between the last refused and the first accepted, and at last tries both
 * neighbours of the step.  Where acceptance is not monotone, a refusal above
 * the step sends the search on from there.  What is found is the start of the
 * run of accepted candidates that reaches up to the largest one tried:
 *
 *   refused  refused  accepted  refused  ACCEPTED  accepted  accepted
 *                     first              found
 *
 * Looking for the largest, everything is mirrored (accepted below, refused
 * above), but the strides still go up from the smallest candidate.
 *
 * For n monotone candidates at most 2 log2(n) + 5 are tried. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attest/base/arena.h"
#include "attest/base/status.h"

struct att_search_probe {
    uint64_t index;
    bool accepted;
};

struct att_search {
    uint64_t n; /* candidates, >= 1 */
    bool largest;
    uint64_t stride; /* >= 1: how many candidates the first stride covers */
    struct att_search_probe *probe; /* n_probes, ascending */
    size_t n_probes, capacity;
    struct att_arena *arena; /* borrowed; holds the probes */
};

enum att_search_step {
    ATT_SEARCH_TRY,    /* candidate `index` is wanted */
    ATT_SEARCH_FOUND,  /* `index` is the answer, its neighbours confirm it */
    ATT_SEARCH_NOTHING /* no candidate up to the end is accepted */
};

struct att_search_next {
    enum att_search_step step;
    uint64_t index;
    /* Where several can be tried at the price of one: all in from .. to help
     * as much (index is one of the two, or lies between). */
    uint64_t from, to;
};

/* What is wanted next, given all that was added. */
struct att_search_next att_search_next(const struct att_search *search);

/* Say what came of a candidate; one that is known already is left alone.
 * Fails: ATT_E_NOMEM. */
ATT_CHECKED att_status att_search_add(struct att_search *search, uint64_t index,
                                      bool accepted, struct att_error *err);

/* True when the candidate was added. */
bool att_search_knows(const struct att_search *search, uint64_t index);

struct att_search_summary {
    bool has_first, has_stable;
    uint64_t first;  /* the outermost accepted candidate that was tried */
    uint64_t stable; /* start of the accepted run; what FOUND reports */
    /* Neighbours among those tried that contradict monotony. */
    uint64_t n_violations;
};

struct att_search_summary att_search_summary(const struct att_search *search);
