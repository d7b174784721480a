/* patterns_interp_rows.c - rows of interpolating queries: kernels K2 and K3,
 * Gram rows, blocks of products.
 *
 * Hadamard keys: one load, one permutation and one fma for 16 terms, whatever
 * d is.  Signs and Fourier keys: k exact (or tabulated) Gram rows, added in
 * double.  Other keys: blocks of queries times all keys. */
#include <float.h>
#include <string.h>

#include "attest/base/subset.h"
#include "attest/linalg/blas.h"
#include "attest/linalg/vector.h"
#include "patterns_interp_priv.h"
#include "patterns_nested_priv.h"

enum { WIDTH = 64, CROSS_ROWS = 4 };

struct rows_run {
    struct pat_interp *e;
    struct pat_query query;
    double *y, *p, *lambda; /* [n_cols] */
    float *coef;            /* [k_row] */
    uint32_t *skip;         /* [k_row] sorted columns of the row */
    struct att_matf keys;   /* [n_cols, d] blocks of products */
    struct att_matf x, s;   /* [block, d], [block, n_cols] */
    size_t block;
};

double att_pat_interp_u(enum pat_family family)
{
    return att_pat_is_bits(family) && family != PAT_HADAMARD ? 0x1p-53
           : family == PAT_FOURIER                           ? 0x1p-53
                                                             : 0x1p-24;
}

/* ---- what a row leaves ----------------------------------------------------------------- */

/* A row whose keys depend on each other has no query: gap -1. */
static void add_row(struct pat_interp *e, const struct pat_query *q, size_t i,
                    double dev, double gap)
{
    const struct pat_tolerance *t = &e->tolerance;
    const double beta = t->t2 / gap;
    const bool wide = gap > 0.0 && gap >= e->gap_wanted;
    const double k = (double)(e->a->first[i + 1] - e->a->first[i]);

    att_pat_worst_add(&e->worst, i, dev, gap);
    e->n_rows++;
    if (!(wide && dev * t->t2 <= gap * t->d1))
        e->n_rejected++;
    if (gap > 0.0 && isfinite(gap)) {
        e->beta = fmax(e->beta, beta);
        e->dev_nats = fmax(e->dev_nats, beta * dev);
        e->norm_q = fmax(e->norm_q, beta * sqrt(q->square));
    }
    if (isfinite(gap))
        e->margin_eff = fmin(e->margin_eff, gap * sqrt(k / q->square));
    e->gap_mu = fmin(e->gap_mu, 1.0 - e->gram->mu * q->norm1);
}

static void reject_row(struct pat_interp *e, size_t i)
{
    att_pat_worst_add(&e->worst, i, 0.0, -1.0);
    e->gap_mu = -1e300; /* nothing is certified of this row */
    e->n_rows++;
    e->n_rejected++;
}

/* ---- group keys: the XOR kernel ------------------------------------------------------------ */

/* Largest zero of columns from .. to - 1, a range that may hold nonzeros. */
static float max_between(const struct rows_run *r, const struct att_group *g,
                         const struct att_terms *t, size_t from, size_t to)
{
    float best = -INFINITY;

    for (size_t j = from; j < to; j++) {
        float s = 0.0F;

        if (att_subset_has(r->skip, t->n, j))
            continue;
        att_xor_row(g, t, j, 1, &s);
        best = s > best ? s : best;
    }
    return best;
}

/* Largest zero of the WIDTH columns from `from` on, nonzeros among them. */
static float max_beside(const struct rows_run *r, const struct att_group *g,
                        const struct att_terms *t, size_t from)
{
    float s[WIDTH];

    att_xor_row(g, t, from, WIDTH, s);
    for (size_t q = 0; q < t->n; q++) {
        if (r->skip[q] - from < WIDTH)
            s[r->skip[q] - from] = -INFINITY;
    }
    return att_maxf(WIDTH, s);
}

/* Whole vectors between the nonzeros' own. */
static float max_of_zeros(const struct rows_run *r, const struct att_group *g,
                          const struct att_terms *t, size_t n)
{
    const size_t whole = n - n % WIDTH;
    float best = max_between(r, g, t, whole, n);
    size_t from = 0;

    for (size_t q = 0; q <= t->n; q++) {
        const size_t at = q < t->n ? r->skip[q] - r->skip[q] % WIDTH : whole;
        const size_t stop = at < whole ? at : whole;

        if (stop > from)
            best = fmaxf(best, att_xor_max(g, t, from, stop - from));
        if (stop >= from && stop < whole)
            best = fmaxf(best, max_beside(r, g, t, stop));
        from = stop >= from ? stop + WIDTH : from;
    }
    return best;
}

static void xor_row(struct rows_run *r, size_t i)
{
    struct pat_interp *e = r->e;
    const struct pat_gram *gram = e->gram;
    const uint32_t *at = e->a->column + e->a->first[i];
    const size_t k = e->a->first[i + 1] - e->a->first[i];
    const struct att_group group = {gram->hf, gram->size, gram->sign};
    const struct att_terms terms = {at, r->coef, k};
    double most = -INFINITY;
    double least = INFINITY;

    for (size_t q = 0; q < k; q++) {
        const float s = gram->sign != NULL ? gram->sign[at[q]] : 1.0F;

        r->coef[q] = (float)r->query.unit[q] * s;
    }
    for (size_t q = 0; q < k; q++) {
        float s = 0.0F;

        att_xor_row(&group, &terms, at[q], 1, &s);
        most = fmax(most, (double)s);
        least = fmin(least, (double)s);
        r->skip[q] = at[q];
    }
    att_subset_sort(r->skip, k);
    const float zero = max_of_zeros(r, &group, &terms, e->a->n_cols);

    add_row(e, &r->query, i, most - least, least - (double)zero);
}

/* ---- any keys: rows of numbers --------------------------------------------------------------- */

/* Spread and gap of s [n_cols], whose nonzeros are overwritten. */
static void scan_row(struct rows_run *r, size_t i, double *s)
{
    const struct att_pattern *a = r->e->a;
    double most = -INFINITY;
    double least = INFINITY;
    double zero = 0.0;

    for (size_t e = a->first[i]; e < a->first[i + 1]; e++) {
        most = fmax(most, s[a->column[e]]);
        least = fmin(least, s[a->column[e]]);
        s[a->column[e]] = -DBL_MAX;
    }
    zero = att_max(a->n_cols, s);
    add_row(r->e, &r->query, i, most - least,
            zero > -DBL_MAX ? least - zero : (double)INFINITY);
}

static void add_grams(struct rows_run *r, size_t i)
{
    const struct att_pattern *a = r->e->a;
    const bool general = a->lam != NULL;

    memset(r->p, 0, a->n_cols * sizeof *r->p);
    memset(r->lambda, 0, a->n_cols * sizeof *r->lambda);
    for (size_t e = a->first[i]; e < a->first[i + 1]; e++) {
        att_pat_gram_row(r->e->gram, a->column[e], r->y);
        att_axpy(a->n_cols, r->query.unit[e - a->first[i]], r->y, r->p);
        if (general) {
            att_axpy(a->n_cols, r->query.lam[e - a->first[i]], r->y, r->lambda);
        }
    }
}

static void gram_row(struct rows_run *r, size_t i)
{
    struct pat_interp *e = r->e;

    add_grams(r, i);
    if (e->a->lam == NULL) {
        scan_row(r, i, r->p);
        return;
    }
    att_pat_worst_general(&e->worst, e->a, i, r->p, r->lambda, &e->tolerance);
    e->n_rows++;
}

/* ---- blocks of products ------------------------------------------------------------------------ */

static void put_query(struct rows_run *r, size_t i, float *x)
{
    const struct att_pattern *a = r->e->a;
    const size_t d = r->e->gram->spec.d;

    for (size_t m = 0; m < d; m++) {
        double sum = 0.0;

        for (size_t e = a->first[i]; e < a->first[i + 1]; e++) {
            sum += r->query.unit[e - a->first[i]] *
                   att_mat_row(r->e->gram->keys.y, a->column[e])[m];
        }
        x[m] = (float)(sum / (double)d);
    }
}

static bool solve(struct rows_run *r, size_t i)
{
    const bool regular = att_pat_query_solve(&r->query, r->e->gram, r->e->a, i);

    if (isfinite(r->query.cond))
        r->e->cond = fmax(r->e->cond, r->query.cond);
    if (!regular) {
        r->e->cond = fmax(r->e->cond, 1e300);
        reject_row(r->e, i);
    }
    return regular;
}

static bool is_over(const struct pat_interp *e)
{
    return e->early && e->n_rejected > 0;
}

/* Blocks start at multiples of their size, so that a slice computes the very
 * products that the whole does. */
static void block_rows(struct rows_run *r, size_t begin, size_t first,
                       size_t last)
{
    const size_t end = begin + r->block < last ? begin + r->block : last;

    memset(r->x.data, 0, r->block * r->x.cols * sizeof *r->x.data);
    for (size_t i = begin; i < begin + r->block && i < r->e->a->n_rows; i++) {
        if (att_pat_query_solve(&r->query, r->e->gram, r->e->a, i))
            put_query(r, i, att_matf_row(r->x, i - begin));
    }
    att_gemmf(r->x, false, r->keys, true, 0.0F, r->s);
    for (size_t i = begin > first ? begin : first; i < end; i++) {
        if (!solve(r, i))
            continue;
        for (size_t j = 0; j < r->e->a->n_cols; j++)
            r->p[j] = (double)att_matf_row(r->s, i - begin)[j];
        scan_row(r, i, r->p);
    }
}

static att_status run_blocks(struct rows_run *r, size_t first, size_t last,
                             struct att_arena *arena, struct att_error *err)
{
    const struct pat_gram *g = r->e->gram;

    r->block = att_pat_block_rows(g->spec.n);
    r->keys = att_matf_new(arena, g->spec.n, g->spec.d);
    r->x = att_matf_new(arena, r->block, g->spec.d);
    r->s = att_matf_new(arena, r->block, g->spec.n);
    if (att_arena_refused(arena) != 0)
        return att_arena_fail(arena, "blocks of logits", err);
    for (size_t e = 0; e < g->spec.n * g->spec.d; e++)
        r->keys.data[e] = (float)g->keys.y.data[e];
    for (size_t i = first - first % r->block; i < last && !is_over(r->e);
         i += r->block)
        block_rows(r, i, first, last);
    return ATT_OK;
}

/* ---- the whole --------------------------------------------------------------------------------- */

/* Largest difference to logits from keys that are written out. */
static void cross_row(struct rows_run *r, size_t i)
{
    const struct att_pattern *a = r->e->a;
    const size_t k = a->first[i + 1] - a->first[i];
    const struct pat_gram *gram = r->e->gram;
    const uint32_t *at = a->column + a->first[i];
    const struct att_group group = {gram->hf, gram->size, gram->sign};
    const struct att_terms terms = {at, r->coef, k};
    const struct pat_terms plain = {
        .at = at, .unit = r->query.unit, .lam = r->query.lam, .n = k};

    att_pat_logits_row(r->e->cross, &plain, r->p, NULL);
    for (size_t j = 0; j < a->n_cols; j++) {
        float s = 0.0F;

        att_xor_row(&group, &terms, j, 1, &s);
        r->e->cross_err = fmax(r->e->cross_err, fabs((double)s - r->p[j]));
    }
}

static att_status rows_init(struct rows_run *r, struct att_arena *arena,
                            struct att_error *err)
{
    const struct att_pattern *a = r->e->a;

    ATT_TRY(att_pat_query_init(&r->query, a->k_row, arena, err));
    r->y = ATT_NEW(arena, double, a->n_cols);
    r->p = ATT_NEW(arena, double, a->n_cols);
    r->lambda = ATT_NEW(arena, double, a->n_cols);
    r->coef = ATT_NEW(arena, float, a->k_row);
    r->skip = ATT_NEW(arena, uint32_t, a->k_row);
    if (att_arena_refused(arena) != 0)
        return att_arena_fail(arena, "rows of logits", err);
    return ATT_OK;
}

att_status att_pat_interp_rows(struct pat_interp *e, size_t first, size_t last,
                               struct att_arena *arena, struct att_error *err)
{
    const bool uniform = e->a->lam == NULL;
    struct rows_run r = {.e = e};

    ATT_TRY(rows_init(&r, arena, err));
    att_pat_worst_init(&e->worst);
    e->margin_eff = e->gap_mu = INFINITY;
    if (uniform && e->gram->h == NULL && e->gram->shift == NULL &&
        e->gram->keys.segment == NULL)
        return run_blocks(&r, first, last, arena, err);
    for (size_t i = first; i < last && !is_over(e); i++) {
        if (!solve(&r, i))
            continue;
        if (uniform && e->gram->h != NULL) {
            xor_row(&r, i);
        } else {
            gram_row(&r, i);
        }
        if (e->cross != NULL && uniform && e->gram->h != NULL && i < CROSS_ROWS)
            cross_row(&r, i);
    }
    return ATT_OK;
}
