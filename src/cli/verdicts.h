/* verdicts.h - every claim of a data set judged, counted and printed: what
 * `check` shows and `run` ends with. */
#pragma once

#include <stdio.h>

#include "attest/judge/tally.h"
#include "attest/store/dataset.h"

struct cli_verdicts {
    struct att_arena *arena; /* owns what follows */
    struct att_claim_results results;
    struct att_claim_tallies tallies;
};

/* Judge every claim.  Sweeps with group or study claims are loaded with their
 * observations; rows of a run folder that only row claims speak of are read in
 * passing.  Sweeps of constructions that this build does not know are left
 * out, with a warning.
 * Returns an exit code after saying what failed. */
int cli_verdicts_make(struct att_dataset *dataset, struct cli_verdicts *v);
void cli_verdicts_fini(struct cli_verdicts *v);

/* One line per claim of a sweep, then the sum. */
void cli_verdicts_print(const struct cli_verdicts *v, FILE *out);
