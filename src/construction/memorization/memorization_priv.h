/* memorization_priv.h - what the files of the memorization family share.
 *
 * Notation: N sequences of L tokens in R^d (L is the paper's n), M distinct
 * tokens, T distinct ids.  A *context* is what a query sees: the set (multiset)
 * of its sequence, or of its prefix under the causal mask.  An *id* is a
 * context with one of its tokens.  v is a unit vector, p_t = <v, x_t>,
 *
 *     s = sum_l softmax_l(lambda p_k p_l) p_l,    z = p_k + rho s,
 *     kappa = lambda max p^2.
 *
 * Streams of the builder: tag MEM_PROJECTION, item = draw, word = coordinate.
 * The statements, constants and proofs are reconstructions:
 * docs/theory/memorization.md.
 *
 * Reading order: memorization_ingest.c (steps 1 to 6), memorization_project.c
 * (7, 8), memorization_attend.c (18, 19), memorization_scale.c (9 to 11),
 * memorization_typed.c (other arithmetics), memorization_certify.c and
 * memorization_wide.c (12, 13), memorization_ffn.c (15 to 17),
 * memorization_layers.c (14). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attest/base/statistics.h"
#include "attest/base/workspace.h"
#include "attest/linalg/dd.h"
#include "attest/linalg/matrix.h"
#include "attest/model/arithmetic.h"
#include "attest/problem/token_labels.h"

/* The paper behind the family. */
#define ATT_MEM_BIBTEX                                                         \
    "@inproceedings{kajitsuka2024transformers,\n"                              \
    "  author = {Tokio Kajitsuka and Issei Sato},\n"                           \
    "  title = {Are Transformers with One Layer Self-Attention Using "         \
    "Low-Rank Weight Matrices Universal Approximators?},\n"                    \
    "  booktitle = {International Conference on Learning "                     \
    "Representations},\n"                                                      \
    "  year = {2024},\n"                                                       \
    "  note = {arXiv:2307.14023}\n"                                            \
    "}\n"

enum mem_tag { MEM_PROJECTION, MEM_PERMUTATION, MEM_SAMPLE };

/* ---- ingest: steps 1 to 6 ------------------------------------------------- */

enum mem_refusal_kind {
    MEM_BUILT,
    MEM_NON_FINITE,
    MEM_DUPLICATE,
    MEM_INCONSISTENT,
    MEM_TOO_CLOSE
};

/* Why nothing was built: data for the row, not an error.  a and b are
 * positions (sequence * L + token); of non_finite b is the coordinate. */
struct mem_refusal {
    enum mem_refusal_kind kind;
    size_t a, b;
    char text[ATT_ERROR_TEXT];
};

/* "", "non_finite", "duplicate", "inconsistent", "vocabulary_close". */
const char *att_mem_refusal_text(enum mem_refusal_kind kind);

/* Contexts and ids over tokens 0 .. n_tokens-1.  The tokens of a context are
 * ascending (repeated in a multiset); ids are sorted by context, then token. */
struct mem_ids {
    size_t n_tokens; /* M */
    size_t n_contexts;
    const size_t *start;     /* [n_contexts + 1] into member */
    const uint32_t *member;  /* tokens of all contexts */
    const size_t *first;     /* [n_contexts + 1] into context, token */
    size_t n;                /* T */
    const uint32_t *context; /* [T] */
    const uint32_t *token;   /* [T] */
    size_t longest;          /* members of the largest context */
    uint64_t n_pairs;        /* sum over ids of the members of its context */
};

/* Labelled sequences with their vocabulary and ids. */
struct mem_data {
    const struct att_token_labels *in;
    bool causal;
    const double *vocab;   /* [M, d], lexicographic, -0.0 folded to 0.0 */
    const uint32_t *tid;   /* [N L] token of a position */
    const uint32_t *id_of; /* [N L] id of a position */
    const size_t *place;   /* [T] the first position that has this id */
    struct mem_ids ids;
    double r_min, r_max, eps; /* as measured; eps = infinity for M = 1 */
};

struct mem_rules {
    bool causal;  /* a query sees the tokens up to its own */
    bool repeats; /* duplicate tokens are no fault */
};

/* A fault in the data: *refusal says which, and *out is not complete.
 * Fails: ATT_E_NOMEM. */
ATT_CHECKED att_status att_mem_ingest(const struct att_token_labels *in,
                                      const struct mem_rules *rules,
                                      struct att_arena *arena,
                                      struct mem_data *out,
                                      struct mem_refusal *refusal,
                                      struct att_error *err);

/* Ids of contexts that are given: fills first, context, token, n, longest and
 * n_pairs from n_contexts, start and member. */
ATT_CHECKED att_status att_mem_ids_number(struct mem_ids *ids,
                                          struct att_arena *arena,
                                          struct att_error *err);

/* |a - b|, or |a| where b is NULL, of vectors [d]. */
double att_mem_distance(const double *a, const double *b, size_t d);

/* ---- projection: steps 7 and 8 --------------------------------------------- */

enum { MEM_MOST_DRAWS = 1000 };

struct mem_projection {
    const double *v;     /* [d] unit */
    const double *p;     /* [M] */
    double p_min, p_max; /* smallest and largest p */
    double low, high;    /* smallest and largest |p| */
    double gap;          /* smallest distance of two p; infinity for M = 1 */
};

/* Inner products of the vocabulary with v, in the fixed order of att_dot. */
ATT_CHECKED att_status att_mem_project(struct att_mat vocab, const double *v,
                                       struct att_arena *arena,
                                       struct mem_projection *out,
                                       struct att_error *err);

struct mem_draw {
    uint32_t at;    /* in: first draw to try; out: the one that was taken */
    uint32_t tries; /* draws until one was taken */
    bool lemma;     /* demand L3 on V and 0, not only p distinct and not 0 */
};

/* The first acceptable direction from draw->at on; *found is false after
 * MEM_MOST_DRAWS of them. */
ATT_CHECKED att_status att_mem_draw(struct att_workspace *ws,
                                    struct att_mat vocab, struct mem_draw *draw,
                                    struct mem_projection *out, bool *found,
                                    struct att_error *err);

/* ---- attention: steps 18 and 19 --------------------------------------------- */

/* s of every id in f64, members in ascending order.
 *   p [M], s [T]; *n_exp counts exponentials, NULL allowed
 * fast: every context by itself, max subtracted; n_exp = ids->n_pairs.
 * table: exp(lambda p_a p_b) for all pairs of tokens first, max over the
 * vocabulary subtracted; n_exp = M^2. */
struct mem_query {
    const struct mem_ids *ids;
    const double *p;
    double lambda;
};
ATT_CHECKED att_status att_mem_attend_fast(const struct mem_query *q, double *s,
                                           uint64_t *n_exp,
                                           struct att_arena *scratch,
                                           struct att_error *err);
ATT_CHECKED att_status att_mem_attend_table(const struct mem_query *q,
                                            double *s, uint64_t *n_exp,
                                            struct att_arena *scratch,
                                            struct att_error *err);
/* May the table be used?  Its weights must not underflow (600 < 745 leaves
 * 2^-200 for a context far from the vocabulary's maximum) and its M^2 numbers
 * must be no more than the work they save. */
bool att_mem_table_fits(const struct mem_query *q);
/* The faster of the two that is safe. */
ATT_CHECKED att_status att_mem_attend(const struct mem_query *q, double *s,
                                      struct att_arena *scratch,
                                      struct att_error *err);

/* Rounding of one z, step 12, for sums of the given depth: u (rho max|p|
 * (6 kappa + 2 depth + 5) + 3 max|z|). */
struct mem_noise {
    double u, kappa, rho, p_high, z_high;
    double depth; /* roundings on the longest way through a sum */
};
double att_mem_error_bound(const struct mem_noise *n);
/* Depth of att_sum over n numbers; of a sum one after the other. */
double att_mem_depth_lanes(size_t n);
double att_mem_depth_plain(size_t n);

/* ---- sorting ------------------------------------------------------------------ */

/* Sort x [n] ascending (no NaN); scratch [n]. */
void att_mem_sort(double *x, double *scratch, size_t n);

/* Smallest and largest of x [n]; infinity and -infinity for n = 0. */
struct att_interval att_mem_range(const double *x, size_t n);
/* Their distance. */
double att_mem_spread(const double *x, size_t n);
/* Largest |x|; 0 for n = 0. */
double att_mem_size(const double *x, size_t n);

/* Smallest distance of neighbours in sorted x; infinity for n < 2. */
double att_mem_least_gap(const double *sorted, size_t n);

/* ---- scale: steps 9 to 11 ------------------------------------------------------ */

enum mem_tier { MEM_SEARCH, MEM_INSTANCE, MEM_THEOREM };
enum mem_gain { MEM_GAIN_TIER, MEM_GAIN_SEARCH, MEM_GAIN_BANDED, MEM_GAIN_T2 };

/* What T2 says of the data (natural logarithms inside, log2 outside). */
struct mem_theory {
    double log2_lambda, max_logit, log2_delta, r;
};
struct mem_extent {
    size_t L, d, M;
    double eps, r_min, r_max;
};
/* D1 is strict: eps and r_min are lowered, r_max raised by a relative 1e-9
 * unless `exact`. */
struct mem_theory att_mem_theory(const struct mem_extent *e, bool exact);

struct mem_plan {
    enum mem_tier tier;
    enum mem_gain gain;
    uint32_t n_dir;
};

struct mem_build {
    struct mem_projection at;
    double lambda, kappa, rho, rho_mult;
    double bits_certified; /* -log2 of rho times the gap of step 9; NaN: none */
    uint32_t n_draws;      /* directions searched */
    uint32_t v_tries;      /* draws until L3 held; 0: not asked */
    double *s, *z;         /* [T] in f64 */
    double min_gap, max_z;
};

/* Directions, lambda and rho of the tier; *found is false when no direction
 * separates the vocabulary. */
ATT_CHECKED att_status att_mem_scale(struct att_workspace *ws,
                                     const struct mem_data *data,
                                     const struct mem_plan *plan,
                                     struct mem_build *out, bool *found,
                                     struct att_error *err);

/* Search over the n_dir directions, all kappa and q (step 11) of ids over any
 * vocabulary. */
struct mem_search {
    struct att_workspace *ws;
    struct att_mat vocab;
    const struct mem_ids *ids;
    uint32_t n_dir;
    bool lemma; /* demand L3 of every direction */
};
ATT_CHECKED att_status att_mem_search(const struct mem_search *search,
                                      struct mem_build *out, bool *found,
                                      struct att_error *err);

/* s, z, min_gap and max_z of a build whose direction, lambda and rho stand. */
ATT_CHECKED att_status att_mem_finish(const struct mem_ids *ids,
                                      struct att_arena *arena,
                                      struct mem_build *b,
                                      struct att_error *err);

/* ---- other arithmetics ------------------------------------------------------------ */

enum mem_dtype { MEM_F64, MEM_F32, MEM_F16, MEM_BF16, MEM_X80, MEM_DD };
enum { MEM_DTYPES = MEM_DD + 1 };

extern const char *const att_mem_dtypes[MEM_DTYPES + 1];
enum mem_dtype att_mem_dtype(const char *name);
int att_mem_dtype_bits(enum mem_dtype t);

/* One query in an arithmetic: p in the order of the sums, all numbers of the
 * arithmetic (an x80 number is the sum of hi and lo). */
struct mem_typed {
    enum mem_dtype dtype;
    struct att_dd lambda, rho;
};
/* z of query pk over p [n]; NaN where the arithmetic overflows. */
struct att_dd att_mem_typed_z(const struct mem_typed *t, const struct att_dd *p,
                              size_t n, struct att_dd pk);
/* s alone. */
struct att_dd att_mem_typed_s(const struct mem_typed *t, const struct att_dd *p,
                              size_t n, struct att_dd pk);
/* Either of the two of every id, out [T]; p [M], row [longest] scratch. */
typedef struct att_dd (*mem_typed_fn)(const struct mem_typed *t,
                                      const struct att_dd *p, size_t n,
                                      struct att_dd pk);
struct mem_walk {
    const struct mem_typed *t;
    const struct mem_ids *ids;
    const struct att_dd *p;
    struct att_dd *row;
};
void att_mem_typed_ids(const struct mem_walk *walk, mem_typed_fn value,
                       struct att_dd *out);
/* <v, x> one after the other, factors rounded first. */
struct att_dd att_mem_typed_dot(enum mem_dtype t, const double *v,
                                const double *x, size_t n);
/* The nearest number of the arithmetic. */
struct att_dd att_mem_typed_round(enum mem_dtype t, struct att_dd x);

/* ---- ids in an arithmetic, and how they are told apart --------------------------- */

struct mem_code {
    struct att_dd z;
    uint32_t id;
};

/* The look-up of step 17: ids ascending in z, thresholds between them. */
struct mem_lookup {
    struct mem_code *code;    /* [n] ascending, NaN last */
    struct att_dd *threshold; /* [n - 1]: code j + 1 starts at threshold j */
    size_t n;
};
ATT_CHECKED att_status att_mem_lookup_make(enum mem_dtype t,
                                           const struct att_dd *z, size_t n,
                                           struct att_arena *arena,
                                           struct mem_lookup *out,
                                           struct att_error *err);
uint32_t att_mem_lookup_find(const struct mem_lookup *l, struct att_dd z);

/* Pairs of contexts that give one token the same z. */
ATT_CHECKED att_status att_mem_collisions(const struct mem_ids *ids,
                                          const struct att_dd *z,
                                          struct att_arena *scratch,
                                          int64_t *pairs,
                                          struct att_error *err);
/* Smallest distance of two ids of one token; infinity without such a pair. */
ATT_CHECKED att_status att_mem_same_token_gap(const struct mem_ids *ids,
                                              const struct att_dd *s,
                                              struct att_arena *scratch,
                                              double *gap,
                                              struct att_error *err);

/* ---- certificate: steps 12 and 13 ------------------------------------------------ */

struct mem_certificate {
    uint32_t pair_a, pair_b; /* the closest ids */
    double gap;              /* their distance, in wider precision */
    double e_bound;          /* step 12, for the f64 build */
    size_t n_checked;        /* pairs seen by the referee */
    bool agrees;             /* the referee gives them the same order */
    size_t n_resolved;       /* ids when those closer than 4 E are one */
    const char *referee;     /* "dd" or "mpfr" */
};
ATT_CHECKED att_status att_mem_certify(const struct mem_ids *ids,
                                       const struct mem_build *b,
                                       struct att_arena *arena,
                                       struct mem_certificate *out,
                                       struct att_error *err);

/* Distances far below any floating type (memorization_wide.c).  Numbers live
 * on the heap of MPFR and are given back before the functions return. */
enum {
    MEM_WIDE_MOST_BITS = 1 << 18, /* of a pair of vectors */
    MEM_WIDE_MOST_PAIRS = 20000,
    MEM_WIDE_MOST_WORK = 12 << 20 /* bits times (M^2 + T) numbers */
};

struct mem_wide {
    double same_token_bits;   /* -log2 of the smallest same-token distance of s
                                times rho; NaN: not resolved */
    int64_t order_violations; /* same-token pairs whose order is not the
                                 lexicographic one; -1: not resolved */
    long bits;                /* precision that was enough */
};
bool att_mem_wide_available(void);
ATT_CHECKED att_status att_mem_wide_same_token(const struct mem_query *q,
                                               double rho,
                                               struct att_arena *scratch,
                                               struct mem_wide *out,
                                               struct att_error *err);
/* boltz(a) - boltz(b); false when not resolved. */
struct mem_gap {
    double log2_size; /* log2 of its absolute value */
    int sign;
};
ATT_CHECKED bool att_mem_wide_boltz_gap(const double *a, const double *b,
                                        size_t n, struct mem_gap *out);
/* z(id_b) - z(id_a) with 320 bits, 0 where those do not tell. */
ATT_CHECKED bool att_mem_wide_gap(const struct mem_query *q, double rho,
                                  uint32_t id_a, uint32_t id_b, double *gap);

/* The order that L1 gives to boltz(a) and boltz(b) of descending a, b [n]: the
 * larger leading entry wins, a larger later entry loses; -1, 0, 1. */
int att_mem_lexicographic_order(const double *a, const double *b, size_t n);

/* The sign of s(id_a) - s(id_b) of two ids of one token under L1's condition,
 * without an exponential; 0 when they are equal or of different lengths.
 * scratch [2 ids->longest]. */
int att_mem_lexicographic(const struct mem_query *q, uint32_t id_a,
                          uint32_t id_b, double *scratch);
