/* tally.h - what became of each claim: counts of verdicts and the worst row.
 *
 * `check`, the end of `run`, and the report read this; nobody else counts. */
#pragma once

#include "attest/judge/groups.h"

/* Verdicts in order of severity, the index of att_claim_tally.count. */
enum att_tally_slot {
    ATT_TALLY_NOT_APPLICABLE,
    ATT_TALLY_HOLDS,
    ATT_TALLY_INCONCLUSIVE,
    ATT_TALLY_DEPARTS,
    ATT_TALLY_VIOLATED,
    ATT_TALLY_SLOTS
};

struct att_claim_tally {
    const struct att_construction *construction;
    const struct att_claim *claim;
    const char *sweep; /* "" for study claims */
    size_t n_planned;  /* rows of the sweep; groups for other scopes */
    size_t n_judged;   /* rows with a verdict; groups */
    size_t count[ATT_TALLY_SLOTS];
    enum att_verdict verdict; /* the worst that occurred */
    bool has_worst; /* row claims: some verdict is worse than holds; others:
                       some group was judged */
    struct att_key worst_key; /* the row that decides: of the worst rows the
                                 one with the smallest parameters, in schema
                                 order; of the first of the worst groups */
    const char *group;        /* of the worst group; "" for row claims */
    const char *note;         /* of the worst group's finding; "" */
};

struct att_claim_tallies {
    struct att_claim_tally *tally; /* n: sweep by sweep in declared order of
                                      the claims, study claims last */
    size_t n;
};

/* Count the stored verdicts of row claims and the given results.  Everything
 * lives in arena.  Fails: ATT_E_NOMEM. */
ATT_CHECKED att_status att_judge_tally(const struct att_row_source *source,
                                       size_t n,
                                       const struct att_claim_results *results,
                                       struct att_arena *arena,
                                       struct att_claim_tallies *out,
                                       struct att_error *err);

enum att_fail_on {
    ATT_FAIL_ON_NOTHING,
    ATT_FAIL_ON_PROVED, /* a proved claim is violated */
    ATT_FAIL_ON_ANY     /* violated or departs */
};

/* Does the claim say anything of some row or group that was judged? */
bool att_tally_applies(const struct att_claim_tally *t);

/* What `attest check --fail-on` asks. */
bool att_tally_fails(const struct att_claim_tallies *tallies,
                     enum att_fail_on policy);

/* Sums over all claims, for the line that ends a run. */
void att_tally_total(const struct att_claim_tallies *tallies,
                     size_t count[ATT_TALLY_SLOTS]);
