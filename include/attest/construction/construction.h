/* construction.h - the one interface that grows.
 *
 * One construction = one source file in its family's folder + one line in
 * families.def.  A construction builds a transformer (or a baseline, or a
 * certificate of impossibility) for one problem, from one theorem, and
 * measures the theorem's claims beside its predictions.
 *
 * Every slot is filled; the helpers at the end serve where a family has
 * nothing special to say.  The struct is plain and versioned. */
#pragma once

#include "attest/base/outcome.h"
#include "attest/base/schema.h"
#include "attest/base/workspace.h"
#include "attest/model/artifact.h"
#include "attest/model/run.h"
#include "attest/problem/problem.h"

enum { ATT_CONSTRUCTION_ABI = 1 };

/* ---- claims --------------------------------------------------------- */

enum att_standing {
    ATT_PROVED, /* in the paper or here; the only one that can be violated */
    ATT_PUBLIC, /* stated in public sources, or a known result */
    ATT_SECOND_HAND,
    ATT_UNVERIFIED,
    ATT_EMPIRICAL
};

enum att_scope { ATT_SCOPE_ROW, ATT_SCOPE_GROUP, ATT_SCOPE_STUDY };

/* Stored in rows and HDF5 as these numbers. */
enum att_verdict {
    ATT_HOLDS = 1,
    ATT_INCONCLUSIVE = 0,
    ATT_VIOLATED = -1, /* said only of what is proved */
    ATT_DEPARTS = -2,  /* the same of any other standing */
    ATT_NOT_APPLICABLE = -9
};

struct att_construction;

/* Observations of one row: a small tidy table. */
struct att_lines {
    const double *cell; /* [n_rows, n_columns] row-major, NaN: missing */
    size_t n_rows;
    uint32_t n_columns; /* = construction->n_observations */
};

/* One finished row as claims and reports see it; all borrowed. */
struct att_row_view {
    const struct att_construction *construction;
    const struct att_value *param;  /* all parameters, problem's first */
    const struct att_value *metric; /* construction->n_metrics */
    struct att_lines observations;
    int64_t replicate;
    enum att_outcome_status status;
};

/* What a judge is given; the order is part of the contract (judge/groups.h).
 * Only done rows stand in row; rows stopped by a limit are censored. */
struct att_rows {
    const struct att_row_view *row; /* n; for row claims n == 1 */
    size_t n;
    const struct att_row_view *censored; /* n_censored: timeout, oom, skipped;
                                            their metrics may be missing */
    size_t n_censored;
    size_t n_planned;          /* rows the plan has in this group */
    struct att_arena *scratch; /* for the judge; rewound after it returns */
};

enum { ATT_FINDING_NOTE = 160 };

struct att_finding {
    enum att_verdict verdict; /* a judge may say ATT_VIOLATED of anything;
                                 the runner turns it into ATT_DEPARTS when
                                 the claim is not proved */
    double statistic, lo, hi; /* what was measured, with its interval */
    double predicted;         /* NaN where there is nothing to show */
    size_t worst;             /* index of the row that decides */
    char note[ATT_FINDING_NOTE];
};

struct att_claim {
    const char *id;        /* "hardmax.blocks-bound" */
    const char *statement; /* one sentence or formula over columns */
    const char *source;    /* paper and statement, or "derived here" */
    enum att_standing standing;
    enum att_scope scope;
    bool timing; /* judges timing columns: reported apart */
    /* Comma-separated column names; group and study claims only.  group_by:
     * held fixed in a group; "*" means every parameter, "!N" takes one out.
     * pool: averaged over ("" means replicate).  See judge/groups.h. */
    const char *group_by, *pool;
    void (*judge)(const struct att_rows *rows, struct att_finding *finding);
};

/* ---- what a task asks for ------------------------------------------- */

struct att_cost {
    double flops; /* of build and evaluation together */
    double bytes; /* peak memory, arena */
};

struct att_slice {
    uint32_t index, count; /* index in 0 .. count-1 */
};

/* Values asked for on one observation axis (`observe:` in the study).  Every
 * one of them gets a line: where evaluate leaves none, the runner adds one of
 * NaN.  A row that lacks an asked value is computed again. */
struct att_observe_axis {
    const char *name;
    const double *value; /* n ascending; n == 0: the construction's own grid */
    size_t n;
    bool own; /* the construction's own grid beside the values, since another
                 sweep with this point asks for it */
    bool log; /* that grid as `log`: 1, 2, 5, 10, 20, ... and the last */
};

struct att_observe {
    const struct att_observe_axis *axis;
    size_t n;
};

/* Two ascending lists as one, each value once; out has room for both.  Returns
 * how many there are. */
size_t att_observe_merge(const double *a, size_t n_a, const double *b,
                         size_t n_b, double *out);

struct att_case {
    const struct att_value *p; /* all parameters: problem's, then own */
    const void *instance;      /* from problem->generate */
    const void *built;         /* from build; NULL while building */
    struct att_slice slice;
    struct att_observe observe;
};

/* The asked values of an observation axis; *n = 0 and NULL when not asked. */
const double *att_case_observe(const struct att_case *c, const char *axis,
                               size_t *n);

/* The values to observe on an axis that has a grid of its own (n_own values,
 * ascending): those asked, or own where none are, or both.  *n of them,
 * ascending, each once; borrowed from the case or from own, or in arena.
 * NULL: the arena refused. */
struct att_own_grid {
    const double *value;
    size_t n;
};
const double *att_case_observe_or(const struct att_case *c, const char *axis,
                                  struct att_own_grid own,
                                  struct att_arena *arena, size_t *n);

/* ---- what a task leaves --------------------------------------------- */

struct att_outcome {
    const struct att_construction *construction;
    struct att_arena *arena;
    struct att_value *metric; /* n_metrics, ATT_NONE until set */
    double *observation;      /* [n_observed, n_observations] */
    size_t n_observed, capacity;
};

ATT_CHECKED att_status att_outcome_init(struct att_outcome *out,
                                        const struct att_construction *c,
                                        struct att_arena *arena,
                                        struct att_error *err);
/* Set a metric by its enum; kind as declared.  Text is copied into the arena.
 * Running out of memory in these is remembered by the arena: whoever called
 * evaluate() asks att_arena_refused afterwards. */
void att_out_int(struct att_outcome *out, uint32_t metric, int64_t i);
void att_out_real(struct att_outcome *out, uint32_t metric, double r);
void att_out_text(struct att_outcome *out, uint32_t metric, const char *s);
/* As att_out_real, but a number that is not finite leaves it missing. */
void att_out_finite(struct att_outcome *out, uint32_t metric, double r);
/* Append one observation line: n_observations numbers, NaN for missing. */
void att_out_observe(struct att_outcome *out, const double *line);

/* ---- the construction ------------------------------------------------ */

struct att_construction {
    uint32_t abi; /* ATT_CONSTRUCTION_ABI */
    const char *name, *family, *source, *summary;
    int32_t version; /* raised by hand when the meaning of rows changes */
    const struct att_problem *problem;
    const char *bibtex; /* the paper behind it */

    const struct att_param *params; /* own ones; the problem's come first */
    uint32_t n_params;
    const struct att_metric *metrics;
    uint32_t n_metrics;
    const struct att_metric *observations; /* ATT_ROLE_AXIS columns first */
    uint32_t n_observations;
    const struct att_claim *claims;
    uint32_t n_claims;

    /* Can this point exist?  Pure, no memory, called before anything runs.
     * Fails: ATT_E_INFEASIBLE with the reason. */
    att_status (*admit)(const struct att_value *p, struct att_error *err);

    /* Closed form, pure, cheap: a plan asks it millions of times. */
    struct att_cost (*cost)(const struct att_value *p);

    /* 1, or the number of row blocks a very large task may be cut into. */
    uint32_t (*slices)(const struct att_value *p);

    /* The theorem's steps, numbered as in its spec; *built in ws->arena.
     * A refusal that the theory foresees is a built thing that says so (its
     * evaluate sets err_kind and the row is done).
     * Fails: ATT_E_INFEASIBLE, ATT_E_NOMEM, ATT_E_NUMERIC. */
    att_status (*build)(struct att_workspace *ws, const struct att_case *c,
                        void **built, struct att_error *err);

    /* Fast path: fill metrics and observations. */
    att_status (*evaluate)(struct att_workspace *ws, const struct att_case *c,
                           struct att_outcome *out, struct att_error *err);

    /* The network as plain tensors and layers with expected outputs, or the
     * witness.  `instance` is filled by the caller from the problem. */
    att_status (*export_artifact)(struct att_workspace *ws,
                                  const struct att_case *c,
                                  struct att_artifact *out,
                                  struct att_error *err);

    /* Independent verifier of an exported artifact: the dense oracle
     * (att_artifact_check of model/run.h fits this slot), or the witness's
     * own; sees nothing but the artifact. */
    att_status (*check)(const struct att_artifact *a, struct att_arena *scratch,
                        struct att_check_report *report, struct att_error *err);
};

/* Slots for families with nothing special to say. */
att_status att_admit_all(const struct att_value *p, struct att_error *err);
uint32_t att_slices_one(const struct att_value *p);

/* ---- schema of the whole (problem's parameters, then own) ------------ */

uint32_t att_construction_n_params(const struct att_construction *c);
const struct att_param *att_construction_param(const struct att_construction *c,
                                               uint32_t i);
/* Index of a parameter (metric, observation, claim), or -1. */
int att_construction_find_param(const struct att_construction *c,
                                const char *name);
int att_construction_find_metric(const struct att_construction *c,
                                 const char *name);
int att_construction_find_observation(const struct att_construction *c,
                                      const char *name);
int att_construction_find_claim(const struct att_construction *c,
                                const char *id);

/* Names of enumerators as shown to people and stored as flag_meanings. */
const char *att_standing_text(enum att_standing s);
const char *att_verdict_text(enum att_verdict v);
const char *att_scope_text(enum att_scope s);
