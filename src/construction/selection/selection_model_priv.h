/* selection_model_priv.h - encodings, queries, networks and their training.
 *
 * Streams of the builder are named in problem/token_selection.h. */
#pragma once

#include <math.h>

#include "attest/linalg/signs.h"
#include "selection_priv.h"

/* ---- encodings (selection_codes.c) -------------------------------------------- */

enum sel_pe {
    SEL_SPE,       /* fresh signs / sqrt(de) for every sample */
    SEL_SPE_STEP,  /* ... for every step, shared by its samples */
    SEL_SPE_GAUSS, /* fresh normals / sqrt(de) for every sample */
    SEL_FIXED,     /* signs drawn once */
    SEL_ONEHOT,    /* e_i = unit vector i */
    SEL_SINUSOID,  /* sines and cosines of i / 10000^(2k/de), |e_i| = 1 */
    SEL_POOL,      /* signs drawn once, of which a sample gets some at random */
    SEL_PES
};
extern const char *const att_sel_pe_name[SEL_PES + 1]; /* + NULL */
enum sel_pe att_sel_pe(const char *name);

enum sel_query {
    SEL_DUAL, /* c = Gram(E_y)^-1 1: <e_i, et> = 1 for i in y */
    SEL_SUM,  /* c = 1 */
    SEL_MEAN, /* c = 1/q */
    SEL_QUERIES
};
extern const char *const att_sel_query_name[SEL_QUERIES + 1]; /* + NULL */
enum sel_query att_sel_query(const char *name);

/* How a sample is made: the task, its encodings and its query. */
struct sel_law {
    struct att_selection task;
    enum sel_pe pe;
    enum sel_query query;
    size_t de;
    uint64_t seed;      /* of the builder's streams */
    size_t pool;        /* encodings of a pool */
    bool least_norm;    /* a singular Gram matrix has a query of least norm */
    bool query_key;     /* the query is a key too: z_L = [0; et] */
    bool any_size;      /* a sample selects 1 .. q tokens, each as likely */
    bool test_any_size; /* samples of tests do */
    bool test_gauss;    /* ... have independent normal tokens */
};

/* Keys of L tokens. */
static inline size_t att_sel_keys(const struct sel_law *law, size_t L)
{
    return L + law->query_key;
}

/* Are the encodings signs?  Has every sample its own ones? */
bool att_sel_is_signs(enum sel_pe pe);
bool att_sel_is_own(enum sel_pe pe);

/* Encodings e_0 .. e_{n-1}; signs stand as bits, others as numbers. */
struct sel_codes {
    size_t n, de;
    double scale;           /* 1 / sqrt(de) of signs; 1 */
    struct att_signs signs; /* word NULL: dense is filled */
    uint64_t *word;         /* what signs.word points to */
    double *dense;          /* [n, de] */
    float *single;          /* [n, de] dense, rounded */
    uint32_t *raw;          /* scratch */
    uint64_t *taken;        /* scratch: encodings of the pool in use */
    size_t capacity;        /* rows there is room for */
};

/* Room for n encodings.  Fails: ATT_E_NOMEM. */
ATT_CHECKED att_status att_sel_codes_new(const struct sel_law *law, size_t n,
                                         struct att_arena *arena,
                                         struct sel_codes *out,
                                         struct att_error *err);
/* Encodings of the largest pool. */
enum { SEL_LARGEST_POOL = 65536 };
/* Bytes of that. */
double att_sel_codes_bytes(enum sel_pe pe, double n, double de);
/* The first n encodings of a sample (its item counts for laws whose samples
 * have their own). */
void att_sel_codes_draw(const struct sel_law *law, uint32_t step, uint32_t item,
                        uint32_t attempt, size_t n, struct sel_codes *codes);
double att_sel_codes_dot(const struct sel_codes *codes, size_t i, size_t j);
void att_sel_codes_row(const struct sel_codes *codes, size_t i, double *out);
/* All of them, one a row: out [n, de]. */
void att_sel_codes_all(const struct sel_codes *codes, struct att_mat out);
void att_sel_codes_allf(const struct sel_codes *codes, struct att_matf out);
/* out[i] = <e_i, p>; out = sum_i c_i e_i. */
void att_sel_codes_apply(const struct sel_codes *codes, const double *p,
                         double *out);
void att_sel_codes_combine(const struct sel_codes *codes, const double *c,
                           double *out);
void att_sel_codes_applyf(const struct sel_codes *codes, const float *p,
                          float *out);
void att_sel_codes_combinef(const struct sel_codes *codes, const float *c,
                            float *out);

/* ---- queries (selection_query.c) ------------------------------------------------ */

/* c [q], the parts of the query of q = gram.rows selected tokens y; gram is
 * scratch.  False for a dual query whose Gram matrix is nearly singular: a
 * pivot below 1e-6, or |c| above 1e3. */
bool att_sel_query_solve(const struct sel_law *law,
                         const struct sel_codes *codes, const uint32_t *y,
                         struct att_mat gram, double *c);

/* Scratch [q, q] and [q]. */
struct sel_least {
    struct att_mat gram, A, normal;
    double *z;
    uint32_t *basis;
};
/* c [q] of et = E_y^+ 1: of all queries that come nearest to <e_i, et> = 1 on
 * y, the shortest.  Encodings within a pivot of 1e-6 of the span of earlier
 * ones count as dependent. */
void att_sel_query_least(const struct sel_codes *codes, const uint32_t *y,
                         const struct sel_least *room, double *c);

/* ---- samples (selection_sample.c) ---------------------------------------------- */

/* n samples of L tokens without their tokens: encodings, subsets, queries. */
struct sel_batch {
    size_t n, L;
    uint32_t first; /* item of sample 0 */
    bool own;       /* codes [n], else codes [1] */
    struct sel_codes *codes;
    uint32_t *size;         /* [n] selected tokens of a sample: q, or fewer */
    uint32_t *y;            /* [n, q] ascending */
    double *c;              /* [n, q] */
    uint32_t *perm;         /* [L] scratch */
    struct att_mat gram;    /* [q, q] scratch */
    struct sel_least least; /* scratch of queries of least norm */
    uint64_t *pick;         /* [q, words of an encoding] scratch */
    void *weight;           /* [q] numbers of either type, scratch */
    int64_t n_redraw;       /* singular Gram matrices so far */
    bool ready;             /* encodings that never change are there */
};

ATT_CHECKED att_status att_sel_batch_new(const struct sel_law *law, size_t n,
                                         size_t L, struct att_arena *arena,
                                         struct sel_batch *out,
                                         struct att_error *err);
double att_sel_batch_bytes(enum sel_pe pe, double n, double L, double de,
                           double q);
/* Draw samples first .. first + n - 1 of a step.  A dual query whose Gram
 * matrix is nearly singular is refused: encodings of its own are drawn again,
 * the subset where they are shared; or it gets the query of least norm.
 * Fails: ATT_E_INFEASIBLE when 64 attempts in a row were refused. */
ATT_CHECKED att_status att_sel_batch_draw(const struct sel_law *law,
                                          uint32_t step, uint32_t first,
                                          struct sel_batch *batch,
                                          struct att_error *err);
static inline const struct sel_codes *att_sel_batch_codes(
    const struct sel_batch *batch, size_t b)
{
    return &batch->codes[batch->own ? b : 0];
}
/* The selected tokens of sample b and their parts of the query. */
struct sel_set {
    const uint32_t *y; /* [q] ascending */
    const double *c;   /* [q] */
    size_t q;
};
static inline struct sel_set att_sel_batch_set(const struct sel_law *law,
                                               const struct sel_batch *batch,
                                               size_t b)
{
    const size_t first = b * law->task.q;

    return (struct sel_set){batch->y + first, batch->c + first, batch->size[b]};
}
/* 1 / E[1/q] over the sizes q of sets: the target has E |g|^2 = d over it. */
double att_sel_set_size(const struct sel_law *law);
/* et [de] of sample b. */
void att_sel_batch_query(const struct sel_law *law,
                         const struct sel_batch *batch, size_t b, double *et);
void att_sel_batch_queryf(const struct sel_law *law,
                          const struct sel_batch *batch, size_t b, float *et);
