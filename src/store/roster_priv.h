/* roster_priv.h - the rows that a sweep shows: every task that has one, and
 * planned tasks without one while they are not too many. */
#pragma once

#include "attest/plan/plan.h"
#include "attest/store/index.h"

#define ROSTER_NO_ROW   SIZE_MAX
#define ROSTER_LIST_MAX UINT64_C(1000000)

struct roster_sweep {
    struct att_placed *entry; /* n, by number; place may be ROSTER_NO_ROW */
    size_t n;
    uint64_t n_planned;
};

struct roster {
    struct roster_sweep *sweep; /* n_sweeps of the study */
    uint32_t n_sweeps;
    uint64_t n_planned;    /* over all sweeps */
    uint64_t n_not_listed; /* planned, without a row, left out */
    uint64_t n_unplanned;  /* rows that the plan no longer has */
};

/* Fails: ATT_E_NOMEM, and as att_index_build. */
ATT_CHECKED att_status att_roster_build(const struct att_journal *journal,
                                        struct att_plan *plan,
                                        struct roster *roster,
                                        struct att_error *err);
void att_roster_fini(struct roster *roster);
