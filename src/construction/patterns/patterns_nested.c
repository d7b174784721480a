/* patterns_nested.c - the nested pass over keys that are signs, and single
 * rows of logits. */
#include "patterns_nested_priv.h"

#include <string.h>

#include "attest/linalg/vector.h"

enum { CHUNK = 64 };

/* distance[j] += places in which key a and key j differ, within a segment. */
static void add_distance(const struct att_bits *b, size_t a, uint32_t *distance)
{
    uint64_t row[CHUNK];

    for (size_t first = 0; first < b->n_words; first += CHUNK) {
        const size_t left = b->n_words - first;
        const size_t n = left < CHUNK ? left : CHUNK;

        att_bits_row(b, a, first, n, row);
        att_bits_distance(b, row, first, n, distance);
    }
}

void att_pat_pass_last(struct pat_pass *pass, const double *p,
                       const double *lambda)
{
    const struct pat_terms *t = &pass->rows->terms;
    const double beta = lambda != NULL ? pass->tolerance.beta : 1.0;
    double square = 0.0;

    for (size_t j = 0; j < pass->rows->a->n_cols; j++) {
        const double s = beta * p[j] + (lambda != NULL ? lambda[j] : 0.0);

        pass->max_p = fmax(pass->max_p, fabs(s));
    }
    for (size_t q = 0; q < t->n; q++) {
        const size_t j = t->at[q];
        const double s = beta * p[j] + (lambda != NULL ? lambda[j] : 0.0);

        square += (beta * t->unit[q] + t->lam[q]) * s;
    }
    pass->max_query = fmax(pass->max_query, square);
}

/* ---- uniform rows in integers ------------------------------------------------------ */

struct bits_pass {
    struct pat_pass *pass;
    uint32_t *sum;      /* [n_cols] distances to all terms together */
    uint32_t *saved;    /* [n_cols] those of the support */
    uint32_t *each;     /* [n terms, n_cols] distances to each term */
    double *p, *lambda; /* [n_cols] */
};

/* d P of a column from its summed distance. */
static int64_t scaled(const struct pat_terms *t, int64_t d, uint32_t sum)
{
    return t->sign * ((int64_t)t->n * d - 2 * (int64_t)sum);
}

/* Spread and gap of row i; its nonzeros are hidden behind a zero meanwhile. */
static void scan_uniform(struct bits_pass *b, size_t i, size_t g)
{
    const struct att_pattern *a = b->pass->rows->a;
    const struct pat_terms *t = &b->pass->rows->terms;
    const int64_t d = b->pass->keys->grid.d[g];
    const size_t begin = a->first[i];
    const size_t n = a->first[i + 1] - begin;
    int64_t most = INT64_MIN;
    int64_t least = INT64_MAX;
    double gap = INFINITY;

    for (size_t e = 0; e < n; e++) {
        const int64_t s = scaled(t, d, b->sum[a->column[begin + e]]);

        most = s > most ? s : most;
        least = s < least ? s : least;
    }
    if (t->zero < a->n_cols) {
        for (size_t e = 0; e < n; e++) {
            b->saved[e] = b->sum[a->column[begin + e]];
            b->sum[a->column[begin + e]] = b->sum[t->zero];
        }
        const struct att_bits_range r = att_bits_range(b->sum, a->n_cols);

        gap = (double)(least - scaled(t, d, t->sign > 0 ? r.least : r.most)) /
              (double)d;
        for (size_t e = 0; e < n; e++)
            b->sum[a->column[begin + e]] = b->saved[e];
    }
    att_pat_worst_add(&b->pass->worst[g], i, (double)(most - least) / (double)d,
                      gap);
}

static void uniform_row(struct bits_pass *b, size_t i)
{
    const struct pat_keys *keys = b->pass->keys;
    const struct pat_terms *t = &b->pass->rows->terms;
    const size_t n_cols = keys->spec.n;
    const uint32_t d = keys->grid.d[keys->grid.n - 1];

    memset(b->sum, 0, n_cols * sizeof *b->sum);
    for (size_t g = 0; g < keys->grid.n; g++) {
        for (size_t q = 0; q < t->n; q++)
            add_distance(&keys->segment[g], t->at[q], b->sum);
        scan_uniform(b, i, g);
    }
    for (size_t j = 0; j < n_cols; j++)
        b->p[j] = (double)scaled(t, d, b->sum[j]) / d;
    att_pat_pass_last(b->pass, b->p, NULL);
}

/* ---- general rows -------------------------------------------------------------------- */

static void weigh(struct bits_pass *b, double d)
{
    const struct pat_terms *t = &b->pass->rows->terms;
    const size_t n_cols = b->pass->keys->spec.n;

    memset(b->p, 0, n_cols * sizeof *b->p);
    memset(b->lambda, 0, n_cols * sizeof *b->lambda);
    for (size_t q = 0; q < t->n; q++) {
        for (size_t j = 0; j < n_cols; j++) {
            const double k = (d - 2.0 * b->each[q * n_cols + j]) / d;

            b->p[j] += t->unit[q] * k;
            b->lambda[j] += t->lam[q] * k;
        }
    }
}

static void general_row(struct bits_pass *b, size_t i)
{
    const struct pat_keys *keys = b->pass->keys;
    const struct pat_terms *t = &b->pass->rows->terms;
    const size_t n_cols = keys->spec.n;

    memset(b->each, 0, t->n * n_cols * sizeof *b->each);
    for (size_t g = 0; g < keys->grid.n; g++) {
        for (size_t q = 0; q < t->n; q++) {
            add_distance(&keys->segment[g], t->at[q], b->each + q * n_cols);
        }
        weigh(b, keys->grid.d[g]);
        att_pat_worst_general(&b->pass->worst[g], b->pass->rows->a, i, b->p,
                              b->lambda, &b->pass->tolerance);
    }
    att_pat_pass_last(b->pass, b->p, b->lambda);
}

/* Rows whose values are all equal within a pattern of other values too go the
 * general way: the worst of all rows is kept in one unit. */
static att_status pass_bits(struct pat_pass *pass, struct att_error *err)
{
    const struct att_pattern *a = pass->rows->a;
    const bool uniform = a->lam == NULL;
    /* a row that is written by its zeros may have a term for every column */
    const bool zeros = pass->rows->shift && 2 * a->k_row > a->n_cols;
    struct bits_pass b = {
        .pass = pass,
        .sum = ATT_NEW(pass->arena, uint32_t, a->n_cols),
        .saved = ATT_NEW(pass->arena, uint32_t, a->n_cols),
        .each = uniform ? NULL
                        : ATT_NEW(pass->arena, uint32_t,
                                  a->n_cols * (zeros ? a->n_cols : a->k_row)),
        .p = ATT_NEW(pass->arena, double, a->n_cols),
        .lambda = ATT_NEW(pass->arena, double, a->n_cols)};

    if (att_arena_refused(pass->arena) != 0)
        return att_arena_fail(pass->arena, "rows of logits", err);
    pass->max_key = 1.0;
    for (size_t i = 0; i < a->n_rows; i++) {
        att_pat_row(pass->rows, i);
        if (uniform) {
            uniform_row(&b, i);
        } else {
            general_row(&b, i);
        }
    }
    return ATT_OK;
}

att_status att_pat_pass(struct pat_pass *pass, struct att_error *err)
{
    for (size_t g = 0; g < pass->keys->grid.n; g++)
        att_pat_worst_init(&pass->worst[g]);
    if (pass->keys->segment != NULL)
        return pass_bits(pass, err);
    if (pass->storage != PAT_F64 &&
        (pass->rows->a->lam == NULL || pass->tolerance.beta > 0.0))
        return att_pat_pass_running(pass, err);
    return pass->storage == PAT_F64 ? att_pat_pass_f64(pass, err)
                                    : att_pat_pass_f32(pass, err);
}

/* ---- single rows ----------------------------------------------------------------------- */

att_status att_pat_logits_init(struct pat_logits *l,
                               const struct pat_keys *keys,
                               struct att_arena *arena, struct att_error *err)
{
    l->keys = keys;
    l->gram = ATT_NEW(arena, int32_t, keys->spec.n);
    l->y = ATT_NEW(arena, double, keys->spec.n);
    if (l->gram == NULL || l->y == NULL)
        return att_arena_fail(arena, "a row of logits", err);
    return ATT_OK;
}

/* y[j] = <key a, key j> / d. */
static void gram_row(const struct pat_logits *l, size_t a)
{
    const struct pat_keys *keys = l->keys;
    const double d = (double)keys->spec.d;

    if (keys->segment == NULL) {
        att_project(keys->y, att_mat_row(keys->y, a), l->y);
        for (size_t j = 0; j < keys->spec.n; j++)
            l->y[j] /= d;
        return;
    }
    memset(l->y, 0, keys->spec.n * sizeof *l->y);
    for (size_t g = 0; g < keys->grid.n; g++) {
        att_bits_gram_row(&keys->segment[g], a, l->gram);
        for (size_t j = 0; j < keys->spec.n; j++)
            l->y[j] += l->gram[j];
    }
    for (size_t j = 0; j < keys->spec.n; j++)
        l->y[j] /= d;
}

void att_pat_logits_row(const struct pat_logits *l, const struct pat_terms *t,
                        double *p, double *lambda)
{
    const size_t n = l->keys->spec.n;

    memset(p, 0, n * sizeof *p);
    if (lambda != NULL)
        memset(lambda, 0, n * sizeof *lambda);
    for (size_t q = 0; q < t->n; q++) {
        gram_row(l, t->at[q]);
        att_axpy(n, t->unit[q], l->y, p);
        if (lambda != NULL)
            att_axpy(n, t->lam[q], l->y, lambda);
    }
}
