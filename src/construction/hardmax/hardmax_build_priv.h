/* hardmax_build_priv.h - steps 1 to 7 of the builder. */
#pragma once

#include "hardmax_priv.h"

/* ---- step 1: a direction --------------------------------------------------- */

/* Sets seen along one direction: P_j sorted, without repetition. */
struct hm_direction {
    double *u, *v, *U; /* [d] */
    double kappa, b0;
    double *p;     /* [S of the distinct sets] */
    size_t *first; /* [n] P_j starts at p[first[j]] ... */
    size_t *count; /* [n] ... and has count[j] numbers */
};

/* Room for a direction of these sets. */
ATT_CHECKED att_status att_hm_direction_init(const struct hm_sets *sets,
                                             struct att_arena *arena,
                                             struct hm_direction *dir,
                                             struct att_error *err);
/* u, v := direction number `index` of the builder's stream. */
void att_hm_direction_draw(const struct att_workspace *ws, uint32_t index,
                           size_t d, struct hm_direction *dir);
/* kappa, b0, U and all P_j of the given u.  Fails: ATT_E_NOMEM. */
ATT_CHECKED att_status att_hm_direction_project(const struct hm_sets *sets,
                                                const struct hm_tokens *tokens,
                                                struct hm_direction *dir,
                                                struct att_arena *scratch,
                                                struct att_error *err);

/* ---- step 2: the pool --------------------------------------------------------- */

struct hm_leader {
    double p;
    double margin; /* second minus first distance; infinity when alone */
};

/* The number of p [n], sorted without repetition, nearest theta. */
struct hm_leader att_hm_leader(const double *p, size_t n, double theta);

/* The leaders of every set at one landmark. */
struct hm_column {
    double theta;
    double margin;   /* leader margin: minimum over sets */
    size_t tightest; /* the set that has it */
    double *nn;      /* [n] the p nearest theta */
    uint32_t *group; /* [n] rank of nn[j] among its n_groups values */
    uint32_t n_groups;
};

/* What every column is made from. */
struct hm_view {
    const struct hm_sets *sets;
    const struct hm_direction *dir;
    const struct att_arithmetic *a;
};

/* Room for a column. */
ATT_CHECKED att_status att_hm_column_init(size_t n, struct att_arena *arena,
                                          struct hm_column *column,
                                          struct att_error *err);
/* The column of theta.  best [n], or NULL, is raised to each set's margin. */
void att_hm_column_fill(const struct hm_view *view, double theta,
                        struct hm_column *column, double *best);

/* Ranks of the leaders, for att_hm_codes_try; scratch [2 n]. */
void att_hm_column_group(struct hm_column *column, size_t n, double *scratch);

struct hm_pool {
    struct hm_column *column; /* n, margins above the tolerance */
    size_t n;
    size_t worst; /* the set whose best margin is smallest */
    double worst_margin;
};

ATT_CHECKED att_status att_hm_pool_make(const struct att_workspace *ws,
                                        const struct hm_view *view,
                                        uint32_t index, struct hm_pool *pool,
                                        struct att_error *err);

/* A leader margin at or below this is a tie. */
double att_hm_margin_tolerance(const struct att_arithmetic *a);

/* ---- step 3: codes --------------------------------------------------------------- */

struct hm_score {
    size_t n_distinct; /* codes more than tol above the next lower one */
    bool in_range;     /* -1.125 < c < 2 for all */
    double gap;        /* smallest distance above tol; infinity for one code */
    double quality;    /* min(gap, 64 margin) */
};

/* Lexicographic: number of distinct codes, range, quality. */
bool att_hm_score_better(const struct hm_score *a, const struct hm_score *b);

struct hm_ranked {
    double c;
    uint32_t j;
};

/* The codes so far, with room to try one landmark more. */
struct hm_codes {
    const struct att_arithmetic *a;
    size_t n;
    double tol;             /* codes this close count as one */
    double *c;              /* [n] */
    uint32_t *order;        /* [n] sets by ascending code */
    double *value[2];       /* [n] scratch: candidate codes, merging */
    size_t *run;            /* [n + 1] scratch: where ascending runs start */
    size_t *bucket;         /* [n] scratch: where groups start */
    struct hm_ranked *rank; /* [n] scratch */
};

/* All codes 0. */
ATT_CHECKED att_status att_hm_codes_init(struct hm_codes *codes, size_t n,
                                         const struct att_arithmetic *a,
                                         double tol, struct att_arena *arena,
                                         struct att_error *err);
/* The score of c + beta nn; margin is the smallest of all landmarks. */
struct hm_score att_hm_codes_try(struct hm_codes *codes,
                                 const struct hm_column *column, double beta,
                                 double margin);
/* c := c + beta nn. */
void att_hm_codes_apply(struct hm_codes *codes, const struct hm_column *column,
                        double beta);

struct hm_landmarks {
    double *theta, *beta; /* [max(1, N - 1)] */
    size_t n;             /* K */
    size_t n_distinct;    /* N on success */
    double gap, margin;
    bool in_range; /* codes stayed in (-1.125, 2) throughout */
};

struct hm_search {
    const struct hm_view *view;
    const struct hm_pool *pool;
    double tol; /* codes this close count as one */
    enum hm_mode mode;
};

/* Landmarks until all codes are more than tol apart, and on as mode says.
 * A failure that the theory foresees goes to verdict. */
ATT_CHECKED att_status att_hm_greedy(const struct hm_search *search,
                                     struct att_arena *arena,
                                     struct hm_landmarks *out,
                                     struct hm_verdict *verdict,
                                     struct att_error *err);

/* Leader margins of given landmarks: sets out->margin, and verdict when one of
 * them is a tie.  For landmarks that did not come from att_hm_greedy. */
ATT_CHECKED att_status att_hm_landmarks_measure(const struct hm_view *view,
                                                struct att_arena *arena,
                                                struct hm_landmarks *out,
                                                struct hm_verdict *verdict,
                                                struct att_error *err);

/* ---- steps 6 and 7 ------------------------------------------------------ */

/* What the builder hands over. */
struct hm_built {
    struct hm_verdict verdict; /* kind != HM_BUILT: no network */
    struct hm_sets sets;
    const struct hm_config *config; /* valid while building */
    struct hm_net net;
    const double *code; /* [N] codes of the sets in the arithmetic of net */
    size_t label_runs;  /* R, runs of equal labels in code order */
    double plain_gap;   /* smallest distance of two codes before balancing */
    double code_gap, leader_margin, h_min, w_max;
    bool on_grid;       /* all beta = +-1 and all codes stayed in range */
    double tolerance;   /* the rung of the ladder that succeeded */
    uint32_t direction; /* which draw won */
    double build_s;
};

/* One set and its code. */
struct hm_cluster {
    double c;
    size_t set;
    int64_t label;
};

/* Codes in descending order, with the thresholds below each. */
struct hm_order {
    struct hm_cluster *cluster; /* [n + 1], the last one doubled */
    double *t;                  /* [n] */
    size_t n;
};

/* Step 6: thresholds and weights for built->code, rounded to built->net.a, as
 * config->peeling says; fills the peel stage, gaps and weights.  Weights above
 * w_cap, or codes that the arithmetic cannot tell apart, go to verdict. */
ATT_CHECKED att_status att_hm_peel_make(struct hm_built *built,
                                        struct att_arena *arena,
                                        struct att_error *err);

/* The stages that treat several clusters at once; peel has room for n blocks.
 * Sets net->n_peel, Bq, and h_min. */
void att_hm_peel_runs(const struct hm_order *order, struct hm_peel *peel,
                      struct hm_built *built);
void att_hm_peel_steps(const struct hm_order *order, struct hm_peel *peel,
                       struct hm_built *built);
void att_hm_peel_four(const struct hm_order *order, struct hm_peel *peel,
                      struct hm_built *built);

/* Steps 4 to 7 for a direction (u, v, U, kappa, b0) and its landmarks, both
 * borrowed: codes by the plane evaluator, peel, certificate.  built->sets and
 * config are set before; built->verdict tells whether the certificate
 * passed. */
ATT_CHECKED att_status att_hm_assemble(const struct hm_tokens *tokens,
                                       const struct hm_direction *dir,
                                       const struct hm_landmarks *landmarks,
                                       struct att_arena *arena,
                                       struct hm_built *built,
                                       struct att_error *err);

/* All steps.  Refusals are in out->verdict.
 * Fails: ATT_E_ARG (input not finite), ATT_E_NOMEM. */
ATT_CHECKED att_status att_hm_build(struct att_workspace *ws,
                                    const struct att_sequences *s,
                                    const struct hm_config *config,
                                    struct hm_built *out,
                                    struct att_error *err);

/* How many codes equal the exact sums of beta_k p_leader bit for bit; tokens
 * in the arithmetic of built->net. */
ATT_CHECKED att_status att_hm_count_exact(const struct hm_built *built,
                                          const struct hm_tokens *tokens,
                                          struct att_arena *scratch,
                                          size_t *n_exact,
                                          struct att_error *err);
