/* specimen.h - run folders as a run leaves them, without running anything.
 *
 * Two constructions with columns of every kind, role and exactness, row,
 * group and timing claims, and observations.  Their rows are pure functions
 * of the point, so that a test can say what a cell must be.  Programs that
 * use this file have these constructions, and no others, in their registry. */
#pragma once

#include <stdbool.h>

#include "attest/config/study.h"
#include "attest/plan/plan.h"
#include "attest/record/journal.h"

enum { SPECIMEN_N, SPECIMEN_D, SPECIMEN_BETA, SPECIMEN_DATA, SPECIMEN_PARAMS };
enum {
    SPECIMEN_BLOCKS,
    SPECIMEN_BOUND,
    SPECIMEN_ERR,
    SPECIMEN_LABEL,
    SPECIMEN_RATE,
    SPECIMEN_METRICS
};

extern const struct att_construction specimen_alpha, specimen_beta;

/* Three sweeps: "wide" (alpha, 2 x 3 x 2 points, 3 replicates, a condition),
 * "zipped" (alpha, zipped and derived axes), "beta" (no observations). */
extern const char specimen_study[];

/* A study, its plan, and a journal view over a folder. */
struct specimen {
    struct att_study_file *file;
    struct att_plan *plan;
    struct att_journal *journal;
};
/* Failures end the test program: a specimen is the ground to stand on. */
void specimen_open(struct specimen *s, const char *dir);
void specimen_close(struct specimen *s);

/* What a run that is not perfect left behind. */
struct specimen_options {
    uint64_t skip_every; /* task numbers divisible by it have no row; 0 */
    uint64_t fail_every; /* ... have timed out; 0: none */
    double shift;        /* added to the rounded metric of every row */
    double shift_exact;  /* added to an exact one */
    double shift_loss;   /* added to the loss of every line */
    uint32_t drop_lines; /* bit i: rows have no line of step i */
    bool without_axis;   /* steps stand in a column that the build lacks */
    double start_time;   /* of all rows */
    const char *kernel;  /* NULL: "portable" */
};

/* Make dir with study.yaml and a journal. */
void specimen_write(const char *dir, const char *study,
                    const struct specimen_options *options);
/* Generate dir/results.h5, with two claims judged. */
void specimen_store(const char *dir);

/* The metrics of a point, as rows have them without shifts. */
int64_t specimen_blocks(const struct att_value *p, int64_t replicate);
double specimen_err(const struct att_value *p, int64_t replicate);
/* Lines of observations that a row has, and their loss. */
uint32_t specimen_lines(const struct att_value *p);
double specimen_loss(const struct att_value *p, uint32_t line);
