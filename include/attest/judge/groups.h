/* groups.h - group and study claims: rows with equal columns, judged as one.
 *
 * A claim's group_by lists columns that are held fixed.  Besides names of
 * parameters and metrics and "replicate" it may say
 *
 *     "*"      every parameter of the construction
 *     "*,!N"   every parameter but N (and L, with "*,!N,!L")
 *
 * Rows that agree in those columns form a group.  Columns neither fixed nor
 * pooled are what the law is about (the N of a slope in N): the judge sees
 * them vary.
 *
 * What a judge is given, in this order whatever the order of the source:
 *   rows->row       done rows, sorted by the varying parameters in schema
 *                   order, then by the pooled columns, then replicate and
 *                   key: rows to be pooled are neighbours
 *   rows->censored  rows stopped by a limit (timeout, oom, skipped) and
 *                   searches that did not find, sorted alike: what they would
 *                   have said is unknown, not absent
 *   rows->n_planned all rows of the plan that belong to the group, or might
 *                   (a metric in group_by is unknown until the row is done);
 *                   infeasible ones are none of the theorem's and not counted
 *
 * A group claim is judged per sweep of its construction.  A study claim is
 * judged once over all sweeps of constructions of the same problem or family
 * that have all columns of group_by; rows of earlier sweeps come first, and a
 * row that two sweeps share counts once. */
#pragma once

#include "attest/judge/source.h"

struct att_claim_result {
    const struct att_construction *construction; /* owner of the claim */
    const struct att_claim *claim;
    const char *sweep; /* "" for study claims */
    const char *group; /* "N=64 d=8"; "" when nothing is held fixed */
    size_t n;          /* done rows that it rests on ... */
    size_t n_censored; /* ... and stopped or without a find, as above ... */
    size_t n_planned;  /* ... of so many planned */
    struct att_finding finding;
    bool has_worst; /* false when the group has no done row */
    struct att_key worst_key;
};

struct att_claim_results {
    struct att_claim_result *result; /* n */
    size_t n;
};

/* Judge every group and study claim of the constructions of the n sources
 * (sweeps in study order).  Results come by sweep, claim, and group in the
 * order of the held columns' values; study claims last.  They live in arena;
 * scratch is rewound and needs some 40 bytes per row of the largest sweep (of
 * all sweeps for a study claim) and the views of the largest group.
 * Results do not depend on the order of the rows in a source.  A group without
 * a done row is not judged: not applicable, or inconclusive when limits stopped
 * its rows.
 * Fails: ATT_E_NOMEM; ATT_E_ARG names a group_by or pool column that the
 * construction does not have; what source->row reports. */
ATT_CHECKED att_status att_judge_groups(const struct att_row_source *source,
                                        size_t n, struct att_arena *arena,
                                        struct att_arena *scratch,
                                        struct att_claim_results *out,
                                        struct att_error *err);
