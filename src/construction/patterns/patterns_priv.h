/* patterns_priv.h - what the constructions of sparse patterns share.
 *
 * Notation: X = [X1 | X2] [L, 2 d], W_Q = [I; 0], W_K = [0; I], so that the
 * logits are S = X1 X2^T; X2 holds keys, X1 queries.  Keys Y with
 * E[Y Y^T] = d I are drawn, X2 = Y / sqrt(d).  A query is a sparse combination
 * of keys, so S_ij = sum_q c_iq K(a_iq, j) / d with K = Y Y^T.
 *
 * Everything that ACCEPT asks is linear in beta: S = beta P + Lambda, where P
 * has weight 1 on the support and Lambda the logarithms lam.  A row asks
 *
 *   RATIO  e_ij = S_ij - lam_ij varies by at most d1 over N(i)
 *   ZERO   S on zeros stays t2 below S on N(i)
 *
 * Streams of the builder: keys sit at item = key, word = coordinate. */
#pragma once

#include <math.h>

#include "attest/construction/nested.h"
#include "attest/problem/patterns.h"
#include "patterns_theory_priv.h"

enum {
    PAT_KEY = 1,  /* item key, word coordinate: signs or normals */
    PAT_COLUMNS,  /* word place: which columns of the Hadamard matrix */
    PAT_ROW_SIGN, /* word l / 32, bit l mod 32: sign of key l */
    PAT_FREQUENCY /* word place: which frequencies of Z_L */
};

/* ---- keys -------------------------------------------------------------------- */

enum pat_family {
    PAT_GAUSS,    /* independent normals */
    PAT_SIGN,     /* independent signs */
    PAT_HADAMARD, /* d random columns of Sylvester's matrix */
    PAT_HAAR,     /* sqrt(n) times columns of a random orthogonal matrix */
    PAT_FOURIER,  /* d / 2 random frequencies of Z_n, sqrt(2) cos and sin */
    PAT_PORTABLE, /* signs that any language reproduces, splitmix64 */
    PAT_FAMILIES
};

extern const char *const att_pat_family_name[PAT_FAMILIES + 1]; /* + NULL */
enum pat_family att_pat_family(const char *name);
/* Are the keys signs, with inner products that are exact integers? */
bool att_pat_is_bits(enum pat_family family);

struct pat_key_spec {
    enum pat_family family;
    size_t n, d;
    bool plus;          /* Hadamard rows without random signs */
    const uint32_t *id; /* [n] key j is key id[j]; NULL: itself */
    uint64_t seed;      /* of portable keys */
};

struct pat_keys {
    struct pat_key_spec spec;
    struct att_nested grid;
    struct att_bits *segment; /* [grid.n] signs d_{g-1} .. d_g - 1, or NULL */
    struct att_mat y;         /* [n, d] of the other families */
};

/* Are there n keys of dimension d in this family?  Fails: ATT_E_INFEASIBLE. */
ATT_CHECKED att_status att_pat_keys_admit(enum pat_family family, size_t n,
                                          size_t d, struct att_error *err);

/* Draw keys, cut along the grid.  Fails: ATT_E_NOMEM, ATT_E_NUMERIC,
 * ATT_E_UNSUPPORTED (Haar keys without LAPACKE). */
ATT_CHECKED att_status att_pat_keys_draw(const struct att_workspace *ws,
                                         const struct pat_key_spec *spec,
                                         struct att_nested grid,
                                         struct pat_keys *out,
                                         struct att_error *err);
/* The same in one piece: a grid of d alone. */
ATT_CHECKED att_status att_pat_keys_draw_whole(const struct att_workspace *ws,
                                               const struct pat_key_spec *spec,
                                               struct pat_keys *out,
                                               struct att_error *err);

/* The number of column m of the Hadamard matrix that is drawn m-th; column
 * [n], n a power of two; the first d places do not depend on d. */
void att_pat_columns(const struct att_workspace *ws, size_t n, size_t d,
                     uint32_t *column);
/* The random sign of key l, +1 or -1. */
int att_pat_row_sign(const struct att_workspace *ws, size_t l);
/* Word w of key l of portable keys: bit b set means that coordinate 64 w + b
 * is -1. */
uint64_t att_pat_portable_word(uint64_t seed, uint64_t l, uint64_t w);
uint64_t att_pat_splitmix(uint64_t x);
/* Smallest power of two >= n. */
size_t att_pat_power_of_two(size_t n);
/* Coordinate m of key j, unscaled. */
double att_pat_key_at(const struct pat_keys *keys, size_t j, size_t m);
/* x [n, d] := scale times all keys. */
void att_pat_keys_write(const struct pat_keys *keys, double scale,
                        struct att_mat x);
/* id[j]: the first column with the same rows as column j (twin merge).
 * Fails: ATT_E_NOMEM. */
ATT_CHECKED att_status att_pat_twins(const struct att_pattern *a,
                                     struct att_arena *arena, uint32_t *id,
                                     struct att_error *err);

/* ---- rows -------------------------------------------------------------------- */

/* Where column j stands among the entries of row i; first[i + 1]: it is a
 * zero. */
static inline size_t att_pat_entry(const struct att_pattern *a, size_t i,
                                   size_t j)
{
    size_t e = a->first[i];

    while (e < a->first[i + 1] && a->column[e] != j)
        e++;
    return e;
}

static inline bool att_pat_is_zero(const struct att_pattern *a, size_t i,
                                   size_t j)
{
    return att_pat_entry(a, i, j) == a->first[i + 1];
}

/* Query i as a combination of keys: P has weights unit, Lambda weights lam. */
struct pat_terms {
    const uint32_t *at; /* [n] keys */
    double *unit, *lam;
    size_t n;
    size_t zero; /* a column that is a zero of the row; n_cols: none */
    int sign;    /* all unit are this and all lam 0; 0: they are not */
};

/* Turns rows of a pattern into combinations of keys. */
struct pat_rows {
    const struct att_pattern *a;
    const uint32_t *id; /* twins share a key; NULL: none do */
    bool shift;         /* a row that is more than half full is written by its
                           zeros: a constant added to a row changes nothing */
    bool *in;           /* [n_cols] scratch, all false between calls */
    uint32_t *at;       /* [n_cols] what terms.at points to */
    struct pat_terms terms;
};

ATT_CHECKED att_status att_pat_rows_init(struct pat_rows *r,
                                         const struct att_pattern *a,
                                         struct att_arena *arena,
                                         struct att_error *err);
/* r->terms of row i. */
void att_pat_row(struct pat_rows *r, size_t i);

/* ---- acceptance --------------------------------------------------------------- */

struct pat_tolerance {
    double d1, t2;
    double beta; /* of mode fixed; 0: free */
};

/* The worst of all rows seen.  Equal rows (lam = 0 everywhere): dev and gap
 * are those of P, beta = 1.  Else, beta fixed: those of S; beta free: lo and
 * hi bound the beta that every row accepts. */
struct pat_worst {
    double dev, gap; /* largest RATIO spread, smallest ZERO gap (INFINITY:
                            no zeros) */
    size_t dev_row, gap_row;
    double lo, hi;
};

void att_pat_worst_init(struct pat_worst *w);
/* Row i has this spread and gap; rows come in ascending order. */
void att_pat_worst_add(struct pat_worst *w, size_t i, double dev, double gap);
/* Row i of general values: p and lambda [n_cols] are its P and Lambda.
 * tolerance->beta fixed: adds S's spread and gap; else narrows lo and hi. */
void att_pat_worst_general(struct pat_worst *w, const struct att_pattern *a,
                           size_t i, const double *p, const double *lambda,
                           const struct pat_tolerance *tolerance);

/* What ACCEPT says of the worst, and the beta it is said at. */
struct pat_verdict {
    bool accept;
    double beta, lo, hi; /* beta NaN: none is admissible */
    double dev, gap;     /* in nat, at beta; NaN: unknown */
    double q;            /* gap / dev of P; NaN: no such ratio */
};
struct pat_verdict att_pat_judge(const struct pat_worst *w, bool uniform,
                                 const struct pat_tolerance *tolerance);
