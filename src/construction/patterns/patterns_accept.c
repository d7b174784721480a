/* patterns_accept.c - rows as combinations of keys, and what ACCEPT asks of
 * their logits. */
#include "patterns_priv.h"

/* ---- rows ------------------------------------------------------------------------ */

att_status att_pat_rows_init(struct pat_rows *r, const struct att_pattern *a,
                             struct att_arena *arena, struct att_error *err)
{
    r->a = a;
    r->in = ATT_NEW0(arena, bool, a->n_cols);
    r->at = ATT_NEW(arena, uint32_t, a->n_cols);
    r->terms = (struct pat_terms){.at = r->at,
                                  .unit = ATT_NEW(arena, double, a->n_cols),
                                  .lam = ATT_NEW(arena, double, a->n_cols)};
    if (att_arena_refused(arena) != 0)
        return att_arena_fail(arena, "a row of the pattern", err);
    return ATT_OK;
}

static void add_term(struct pat_rows *r, uint32_t at, double unit, double lam)
{
    struct pat_terms *t = &r->terms;

    r->at[t->n] = at;
    t->unit[t->n] = unit;
    t->lam[t->n] = lam;
    t->n++;
}

/* Has the row an entry before e whose column shares e's key? */
static bool is_repeated(const struct pat_rows *r, size_t begin, size_t e)
{
    for (size_t c = begin; r->id != NULL && c < e; c++) {
        if (r->id[r->a->column[c]] == r->id[r->a->column[e]])
            return true;
    }
    return false;
}

static void mark_support(struct pat_rows *r, size_t i, bool in)
{
    for (size_t e = r->a->first[i]; e < r->a->first[i + 1]; e++)
        r->in[r->a->column[e]] = in;
}

/* Weight -1 on every zero; the values stay. */
static void write_zeros(struct pat_rows *r)
{
    for (size_t j = 0; j < r->a->n_cols; j++) {
        if (!r->in[j])
            add_term(r, (uint32_t)j, -1.0, 0.0);
    }
}

/* The support: weight 1, or 0 where the zeros are written, and lam. */
static void write_support(struct pat_rows *r, size_t i, bool zeros)
{
    const struct att_pattern *a = r->a;

    for (size_t e = a->first[i]; e < a->first[i + 1]; e++) {
        const double lam = a->lam != NULL ? a->lam[e] : 0.0;

        if (lam > 0.0)
            r->terms.sign = 0;
        if ((!zeros || lam > 0.0) && !is_repeated(r, a->first[i], e))
            add_term(r, a->column[e], zeros ? 0.0 : 1.0, lam);
    }
}

void att_pat_row(struct pat_rows *r, size_t i)
{
    const struct att_pattern *a = r->a;
    const size_t n = a->first[i + 1] - a->first[i];
    const bool zeros = r->shift && 2 * n > a->n_cols;
    struct pat_terms *t = &r->terms;

    t->n = 0;
    t->zero = 0;
    t->sign = zeros ? -1 : 1;
    mark_support(r, i, true);
    while (t->zero < a->n_cols && r->in[t->zero])
        t->zero++;
    write_support(r, i, zeros);
    if (zeros)
        write_zeros(r);
    mark_support(r, i, false);
}

/* ---- the worst row ---------------------------------------------------------------- */

void att_pat_worst_init(struct pat_worst *w)
{
    *w = (struct pat_worst){
        .dev = -1.0, .gap = INFINITY, .lo = 0.0, .hi = INFINITY};
}

void att_pat_worst_add(struct pat_worst *w, size_t i, double dev, double gap)
{
    if (dev > w->dev) {
        w->dev = dev;
        w->dev_row = i;
    }
    if (gap < w->gap) {
        w->gap = gap;
        w->gap_row = i;
    }
}

/* slope * beta <= bound. */
static void meet(struct pat_worst *w, size_t i, double slope, double bound)
{
    if (slope > 0.0 && bound / slope < w->hi) {
        w->hi = bound / slope;
        w->dev_row = i;
    }
    if (slope < 0.0 && bound / slope > w->lo) {
        w->lo = bound / slope;
        w->gap_row = i;
    }
    if (slope == 0.0 && bound < 0.0)
        w->hi = -1.0;
}

/* A row of which the entries are given, and the columns that are zeros. */
struct general_row {
    const struct att_pattern *a;
    size_t i;
    const double *p, *lambda;
    const struct pat_tolerance *tolerance;
};

static void meet_ratios(struct pat_worst *w, const struct general_row *g)
{
    const size_t begin = g->a->first[g->i];
    const size_t end = g->a->first[g->i + 1];

    for (size_t e = begin; e < end; e++) {
        const size_t j = g->a->column[e];
        const double rest = g->lambda[j] - g->a->lam[e];

        for (size_t f = begin; f < end; f++) {
            const size_t other = g->a->column[f];

            meet(w, g->i, g->p[j] - g->p[other],
                 g->tolerance->d1 - rest + g->lambda[other] - g->a->lam[f]);
        }
    }
}

static void meet_zeros(struct pat_worst *w, const struct general_row *g)
{
    for (size_t j = 0; j < g->a->n_cols; j++) {
        if (!att_pat_is_zero(g->a, g->i, j))
            continue;
        for (size_t e = g->a->first[g->i]; e < g->a->first[g->i + 1]; e++) {
            const size_t nz = g->a->column[e];

            meet(w, g->i, g->p[j] - g->p[nz],
                 g->lambda[nz] - g->lambda[j] - g->tolerance->t2);
        }
    }
}

/* Spread and gap of S = beta P + Lambda. */
static void add_fixed(struct pat_worst *w, const struct general_row *g)
{
    const double beta = g->tolerance->beta;
    double e_max = -INFINITY;
    double e_min = INFINITY;
    double s_min = INFINITY;
    double z_max = -INFINITY;

    for (size_t e = g->a->first[g->i]; e < g->a->first[g->i + 1]; e++) {
        const size_t j = g->a->column[e];
        const double s = beta * g->p[j] + g->lambda[j];

        e_max = fmax(e_max, s - g->a->lam[e]);
        e_min = fmin(e_min, s - g->a->lam[e]);
        s_min = fmin(s_min, s);
    }
    for (size_t j = 0; j < g->a->n_cols; j++) {
        const double s = beta * g->p[j] + g->lambda[j];

        if (s > z_max && att_pat_is_zero(g->a, g->i, j))
            z_max = s;
    }
    att_pat_worst_add(w, g->i, e_max - e_min, s_min - z_max);
}

void att_pat_worst_general(struct pat_worst *w, const struct att_pattern *a,
                           size_t i, const double *p, const double *lambda,
                           const struct pat_tolerance *tolerance)
{
    const struct general_row g = {a, i, p, lambda, tolerance};

    if (tolerance->beta > 0.0) {
        add_fixed(w, &g);
    } else {
        meet_ratios(w, &g);
        meet_zeros(w, &g);
    }
}

/* ---- the verdict ------------------------------------------------------------------ */

static struct pat_verdict judge_uniform(const struct pat_worst *w,
                                        const struct pat_tolerance *t)
{
    struct pat_verdict v = {.beta = t->beta, .q = (double)NAN};

    v.lo = w->gap > 0.0 ? t->t2 / w->gap : (double)INFINITY;
    v.hi = w->dev > 0.0 ? t->d1 / w->dev : (double)INFINITY;
    if (t->beta <= 0.0)
        v.beta = w->gap > 0.0 && isfinite(w->gap) ? v.lo : (double)NAN;
    if (w->dev > 0.0 && isfinite(w->gap))
        v.q = w->gap / w->dev;
    v.dev = v.beta * w->dev;
    v.gap = v.beta * w->gap;
    v.accept =
        w->gap > 0.0 && (isinf(w->gap) || w->dev * t->t2 <= w->gap * t->d1);
    if (t->beta > 0.0)
        v.accept = v.dev <= t->d1 && v.gap >= t->t2;
    return v;
}

struct pat_verdict att_pat_judge(const struct pat_worst *w, bool uniform,
                                 const struct pat_tolerance *t)
{
    if (uniform)
        return judge_uniform(w, t);
    struct pat_verdict v = {.beta = t->beta,
                            .lo = (double)NAN,
                            .hi = (double)NAN,
                            .dev = (double)NAN,
                            .gap = (double)NAN,
                            .q = (double)NAN};

    if (t->beta > 0.0) {
        v.dev = w->dev;
        v.gap = w->gap;
        v.accept = w->dev <= t->d1 && w->gap >= t->t2;
        return v;
    }
    v.lo = w->lo;
    v.hi = w->hi;
    v.accept = w->lo <= w->hi;
    v.beta = v.accept ? w->lo : (double)NAN;
    return v;
}
