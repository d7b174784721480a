/* hardmax_priv.h - what the files of the hardmax family share.
 *
 * Notation: N distinct sets of tokens, d coordinates, L tokens, S tokens in
 * all, C classes, K landmarks, B blocks.  p = <u, x> and q = <v, x> are a
 * token's coordinates in the plane span{u, v}; theta_k, beta_k the landmarks
 * and their weights; c_j the code of set j; t_i, h_i, Bq thresholds,
 * denominators and resting place of the peel stage.
 *
 * The construction is a reconstruction (own proof): docs/theory/hardmax.md.
 *
 * Reading order: hardmax_config.c, hardmax_sets.c (step 0), hardmax_project.c,
 * hardmax_direction.c (step 1), hardmax_pool.c (2), hardmax_codes.c and
 * hardmax_greedy.c (3), hardmax_peel.c (6), hardmax_build.c (the ladder and
 * the certificate of step 7); the evaluators, which run steps 4 to 6;
 * hardmax_layers.c, hardmax_claims.c, hardmax.c. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attest/base/arena.h"
#include "attest/base/workspace.h"
#include "attest/model/arithmetic.h"
#include "attest/problem/sequences.h"

/* ---- parameters --------------------------------------------------------- */

enum {
    HM_MODE = ATT_SEQ_PARAMS,
    HM_LADDER,
    HM_DTYPE,
    HM_BUILD_DTYPE,
    HM_BITS,
    HM_N_DIR,
    HM_DIRECTIONS,
    HM_PEEL,
    HM_CODES,
    HM_W_CAP,
    HM_PARAMS
};

enum hm_mode { HM_ADAPTIVE, HM_MIN, HM_FULL };

/* How the last stage reads the codes; hardmax_peel_packed.c. */
enum hm_peeling {
    HM_PEEL_ONE,   /* one cluster per block */
    HM_PEEL_RUNS,  /* one run of equal labels per block */
    HM_PEEL_STEPS, /* two runs per block, nothing moves */
    HM_PEEL_FOUR   /* four clusters per block */
};

/* The construction's own parameters in usable form. */
struct hm_config {
    enum hm_mode mode;
    bool ladder;
    struct att_arithmetic eval, build; /* dtype, build_dtype */
    uint32_t n_dir;
    enum hm_peeling peeling;
    bool balanced; /* codes recentred and scaled by a power of two */
    bool first;    /* the first direction that reaches the target wins */
    double w_cap;
};

extern const struct att_param att_hm_params[HM_PARAMS - ATT_SEQ_PARAMS];

/* Fails: ATT_E_ARG, never for values that passed the schema. */
ATT_CHECKED att_status att_hm_config_read(const struct att_value *p,
                                          struct hm_config *out,
                                          struct att_error *err);

/* One unit in the last place of numbers in [1, 2). */
double att_hm_ulp(const struct att_arithmetic *a);
bool att_hm_same_arithmetic(const struct att_arithmetic *a,
                            const struct att_arithmetic *b);

/* ---- refusals ------------------------------------------------------------ */

enum hm_refusal { HM_BUILT, HM_EQUAL_SETS, HM_NO_MARGIN, HM_NOT_SEPARABLE };

/* Why no network was built: data for the row, not an error. */
struct hm_verdict {
    enum hm_refusal kind;
    size_t i, j; /* sequences of the input, i <= j; equal when the fault lies
                    inside one sequence */
    char text[ATT_ERROR_TEXT];
};

/* "", "equal_sets", "no_margin", "not_separable". */
const char *att_hm_refusal_text(enum hm_refusal kind);
void att_hm_refuse(struct hm_verdict *v, enum hm_refusal kind, size_t i,
                   size_t j, const char *fmt, ...) ATT_PRINTF(5, 6);

/* ---- step 0: sets --------------------------------------------------------- */

/* The input with set-equal sequences merged. */
struct hm_sets {
    const struct att_sequences *s;
    size_t n;          /* N, distinct sets */
    const size_t *rep; /* [n] the first sequence that is this set */
};

/* Equal sets with different labels: verdict->kind is HM_EQUAL_SETS.
 * Fails: ATT_E_ARG (a token is not finite), ATT_E_NOMEM. */
ATT_CHECKED att_status att_hm_sets_make(const struct att_sequences *s,
                                        struct att_arena *arena,
                                        struct hm_sets *out,
                                        struct hm_verdict *verdict,
                                        struct att_error *err);

/* ---- tokens in an arithmetic ---------------------------------------------- */

/* All tokens rounded to an arithmetic: xf for f32, x for all others. */
struct hm_tokens {
    struct att_arithmetic a;
    const struct att_sequences *s;
    const double *x; /* [S, d] */
    const float *xf; /* [S, d] */
};

ATT_CHECKED att_status att_hm_tokens_make(const struct att_sequences *s,
                                          const struct att_arithmetic *a,
                                          struct att_arena *arena,
                                          struct hm_tokens *out,
                                          struct att_error *err);

/* att_dot with every product and sum rounded to the arithmetic. */
double att_hm_rounded_dot(const struct att_arithmetic *a, size_t n,
                          const double *x, const double *y);

/* Inner products <w, x_i> of the tokens of one sequence, in the tokens'
 * arithmetic and in the one order of att_dot: the builder and every plane
 * evaluator see the same bits. */
struct hm_projector {
    const struct hm_tokens *tokens;
    double *w;  /* [d] */
    float *wf;  /* [d], f32 only */
    float *out; /* [longest], f32 only */
};

ATT_CHECKED att_status att_hm_projector_init(const struct hm_tokens *tokens,
                                             struct att_arena *arena,
                                             struct hm_projector *pr,
                                             struct att_error *err);
/* w [d], rounded to the arithmetic. */
void att_hm_projector_aim(struct hm_projector *pr, const double *w);
/* out [L] for a sequence; att_hm_projectf for f32 tokens, att_hm_project for all. */
void att_hm_project(const struct hm_projector *pr, size_t sequence,
                    double *out);
void att_hm_projectf(const struct hm_projector *pr, size_t sequence,
                     float *out);
/* The rest of the prep block: p[i] := relu(p[i] + b0). */
void att_hm_prep(const struct att_arithmetic *a, double b0, size_t n,
                 double *p);

/* Sort numbers >= 0; scratch [n].  The second keeps each value once and
 * returns how many there are. */
void att_hm_sort(double *x, size_t n, double *scratch);
size_t att_hm_sort_unique(double *x, size_t n, double *scratch);

/* ---- the network ------------------------------------------------------------ */

enum { HM_HIDDEN = 4 }; /* hidden units of a block, at most */

/* x += sum over units of relu(q - t) (w_p u + w_q v). */
struct hm_peel {
    size_t n_units;
    double lowest; /* of t: at or below it the block changes nothing */
    double t[HM_HIDDEN], w_p[HM_HIDDEN], w_q[HM_HIDDEN];
};

/* The network in plane coordinates; every number representable in a. */
struct hm_net {
    struct att_arithmetic a;
    size_t d, n_landmarks, n_peel; /* d, K, N when each peels alone */
    const double *u, *v;           /* [d], orthonormal */
    const double *U;               /* [d], kappa u */
    double kappa, b0;
    const double *theta, *beta; /* [K] */
    double shift, scale;        /* the collapse block gives scale (c - shift) */
    bool balanced;              /* it has a hidden unit for the shift */
    const struct hm_peel *peel; /* [n_peel], thresholds descending */
    double Bq;                  /* finished clusters rest at -Bq along v; what
                                   they are moved by where runs move as one; 0
                                   where nothing moves */
};

static inline size_t att_hm_blocks(const struct hm_net *net)
{
    return net->n_landmarks + net->n_peel + 2;
}

/* The same network with every number rounded to another arithmetic. */
ATT_CHECKED att_status att_hm_net_round(const struct hm_net *net,
                                        const struct att_arithmetic *a,
                                        struct att_arena *arena,
                                        struct hm_net *out,
                                        struct att_error *err);

/* ---- evaluators ---------------------------------------------------------------- */

/* Which sequences to run on which tokens. */
struct hm_batch {
    const struct hm_tokens *tokens;
    const size_t *which; /* [n] sequences; NULL: 0 .. n-1 */
    size_t n;
};

static inline size_t att_hm_batch_at(const struct hm_batch *b, size_t i)
{
    return b->which == NULL ? i : b->which[i];
}

/* What a network says of each sequence, in plane coordinates: token 0 ends
 * at r u + q v.  r is NaN where an evaluator finds a code unclassified. */
struct hm_outputs {
    double *r, *q; /* [n] */
};

/* Run net (rounded to the tokens' arithmetic) on a batch.  scratch is
 * rewound.  Fails: ATT_E_NOMEM. */
typedef att_status (*hm_eval_fn)(const struct hm_net *net,
                                 const struct hm_batch *batch,
                                 struct hm_outputs out,
                                 struct att_arena *scratch,
                                 struct att_error *err);

att_status att_hm_eval_plane(const struct hm_net *net,
                             const struct hm_batch *batch,
                             struct hm_outputs out, struct att_arena *scratch,
                             struct att_error *err);

att_status att_hm_eval_sorted(const struct hm_net *net,
                              const struct hm_batch *batch,
                              struct hm_outputs out, struct att_arena *scratch,
                              struct att_error *err);

/* One block of the peel stage on the point r u + q v. */
void att_hm_peel_block(const struct att_arithmetic *a,
                       const struct hm_peel *peel, double *r, double *q);

/* The peel stage on the code of one sequence: its end in the plane. */
void att_hm_plane_peel(const struct hm_net *net, double code, double *r,
                       double *q);

/* The codes c_j after the collapse block, by the plane evaluator. */
ATT_CHECKED att_status att_hm_plane_codes(const struct hm_net *net,
                                          const struct hm_batch *batch,
                                          double *code,
                                          struct att_arena *scratch,
                                          struct att_error *err);
