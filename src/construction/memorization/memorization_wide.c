/* memorization_wide.c - distances far below any floating type, by MPFR with as
 * many bits as it takes: 256, doubled until the distance stands out. */
#include "memorization_priv.h"

#include <math.h>

#if ATT_HAVE_MPFR
#include <mpfr.h>

bool att_mem_wide_available(void)
{
    return true;
}

/* ---- numbers -------------------------------------------------------------- */

/* sum w_i p_i / sum w_i with w_i = exp(beta_a p_i), everything at the
 * precision of out; no maximum is subtracted, exponents are wide enough. */
struct sums {
    mpfr_t z, w, t;
};

static void sums_init(struct sums *s, mpfr_prec_t bits)
{
    mpfr_inits2(bits, s->z, s->w, s->t, (mpfr_ptr)NULL);
    mpfr_set_zero(s->z, 1);
    mpfr_set_zero(s->w, 1);
}

static void sums_fini(struct sums *s)
{
    mpfr_clears(s->z, s->w, s->t, (mpfr_ptr)NULL);
}

/* weight exp(x), value p */
static void sums_add(struct sums *s, const mpfr_t weight, double p)
{
    mpfr_add(s->z, s->z, weight, MPFR_RNDN);
    mpfr_mul_d(s->t, weight, p, MPFR_RNDN);
    mpfr_add(s->w, s->w, s->t, MPFR_RNDN);
}

enum { PRODUCT_BITS = 3 * 53 };

/* exp(lambda a b) of three doubles: the product is exact first. */
static void weight_of(mpfr_t out, double lambda, double a, double b)
{
    mpfr_t x;

    mpfr_init2(x, PRODUCT_BITS);
    mpfr_set_d(x, lambda, MPFR_RNDN);
    mpfr_mul_d(x, x, a, MPFR_RNDN);
    mpfr_mul_d(x, x, b, MPFR_RNDN);
    mpfr_exp(out, x, MPFR_RNDN);
    mpfr_clear(x);
}

/* Relative error of a weighted mean of n numbers of size `size`: (n + 4)
 * roundings each of weights and sums, in absolute terms 2^noise. */
static double noise_log2(size_t n, double size, mpfr_prec_t bits)
{
    return log2((4.0 * (double)n + 16.0) * size) - (double)bits;
}

static double log2_abs(const mpfr_t x)
{
    long exponent = 0;

    if (mpfr_zero_p(x))
        return -(double)INFINITY;
    const double m = mpfr_get_d_2exp(&exponent, x, MPFR_RNDN);

    return log2(fabs(m)) + (double)exponent;
}

/* ---- one id ---------------------------------------------------------------- */

enum { REFEREE_BITS = 320 };

/* z of an id. */
static void wide_z(const struct mem_query *q, double rho, uint32_t id,
                   mpfr_t out)
{
    const size_t from = q->ids->start[q->ids->context[id]];
    const size_t to = q->ids->start[q->ids->context[id] + 1];
    const double a = q->p[q->ids->token[id]];
    struct sums s;
    mpfr_t weight;

    sums_init(&s, REFEREE_BITS);
    mpfr_init2(weight, REFEREE_BITS);
    for (size_t i = from; i < to; i++) {
        weight_of(weight, q->lambda, a, q->p[q->ids->member[i]]);
        sums_add(&s, weight, q->p[q->ids->member[i]]);
    }
    mpfr_div(out, s.w, s.z, MPFR_RNDN);
    mpfr_mul_d(out, out, rho, MPFR_RNDN);
    mpfr_add_d(out, out, a, MPFR_RNDN);
    mpfr_clear(weight);
    sums_fini(&s);
}

bool att_mem_wide_gap(const struct mem_query *q, double rho, uint32_t id_a,
                      uint32_t id_b, double *gap)
{
    mpfr_t a, b;

    mpfr_inits2(REFEREE_BITS, a, b, (mpfr_ptr)NULL);
    wide_z(q, rho, id_a, a);
    wide_z(q, rho, id_b, b);
    const double size = fmax(fabs(mpfr_get_d(a, MPFR_RNDN)), 0x1p-1000);

    mpfr_sub(b, b, a, MPFR_RNDN);
    *gap = mpfr_get_d(b, MPFR_RNDN);
    if (fabs(*gap) < ldexp(size, 16 - REFEREE_BITS))
        *gap = 0.0; /* rounding of the referee itself */
    mpfr_clears(a, b, (mpfr_ptr)NULL);
    return true;
}

/* ---- same-token distances ----------------------------------------------------- */

struct table {
    mpfr_t *e; /* [M, M] weights of query a and token b */
    mpfr_t *s; /* [T] */
    size_t m, n;
};

static bool table_init(struct table *t, const struct mem_query *q,
                       mpfr_prec_t bits, struct att_arena *scratch)
{
    t->m = q->ids->n_tokens;
    t->n = q->ids->n;
    t->e = ATT_NEW(scratch, mpfr_t, t->m * t->m);
    t->s = ATT_NEW(scratch, mpfr_t, t->n);
    if (t->e == NULL || t->s == NULL)
        return false;
    for (size_t i = 0; i < t->m * t->m; i++) {
        mpfr_init2(t->e[i], bits);
        weight_of(t->e[i], q->lambda, q->p[i / t->m], q->p[i % t->m]);
    }
    for (size_t i = 0; i < t->n; i++)
        mpfr_init2(t->s[i], bits);
    return true;
}

static void table_fini(struct table *t)
{
    for (size_t i = 0; i < t->m * t->m; i++)
        mpfr_clear(t->e[i]);
    for (size_t i = 0; i < t->n; i++)
        mpfr_clear(t->s[i]);
    mpfr_free_cache();
}

static void table_fill(struct table *t, const struct mem_query *q,
                       mpfr_prec_t bits)
{
    for (size_t id = 0; id < t->n; id++) {
        const uint32_t c = q->ids->context[id], a = q->ids->token[id];
        struct sums s;

        sums_init(&s, bits);
        for (size_t i = q->ids->start[c]; i < q->ids->start[c + 1]; i++) {
            const uint32_t b = q->ids->member[i];

            sums_add(&s, t->e[a * t->m + b], q->p[b]);
        }
        mpfr_div(t->s[id], s.w, s.z, MPFR_RNDN);
        sums_fini(&s);
    }
}

struct closest {
    double log2_gap;
    int64_t violations;
    size_t n_pairs;
};

/* All pairs of ids of one token. */
static void compare_pairs(const struct table *t, const struct mem_query *q,
                          mpfr_prec_t bits, double *logits, struct closest *out)
{
    mpfr_t d;

    *out = (struct closest){.log2_gap = (double)INFINITY};
    mpfr_init2(d, bits);
    for (uint32_t a = 0; a < t->n; a++) {
        for (uint32_t b = 0; b < a; b++) {
            if (q->ids->token[a] != q->ids->token[b])
                continue;
            mpfr_sub(d, t->s[a], t->s[b], MPFR_RNDN);
            out->log2_gap = fmin(out->log2_gap, log2_abs(d));
            out->violations +=
                att_mem_lexicographic(q, a, b, logits) != mpfr_sgn(d);
            out->n_pairs++;
        }
    }
    mpfr_clear(d);
}

static size_t count_pairs(const struct mem_ids *ids)
{
    size_t n = 0;

    for (uint32_t a = 0; a < ids->n; a++) {
        for (uint32_t b = 0; b < a; b++)
            n += ids->token[a] == ids->token[b];
    }
    return n;
}

/* One precision; *out is set when every distance stands out of the noise. */
static bool try_bits(const struct mem_query *q, double rho, mpfr_prec_t bits,
                     struct att_arena *scratch, struct mem_wide *out)
{
    const struct att_arena_mark mark = att_arena_mark(scratch);
    double *logits = ATT_NEW(scratch, double, 2 * q->ids->longest);
    struct closest closest = {.log2_gap = -(double)INFINITY};
    struct table t;

    if (logits != NULL && table_init(&t, q, bits, scratch)) {
        table_fill(&t, q, bits);
        compare_pairs(&t, q, bits, logits, &closest);
        table_fini(&t);
    }
    att_arena_rewind(scratch, mark);
    const double size = att_mem_size(q->p, q->ids->n_tokens);

    if (closest.log2_gap <= 8.0 + noise_log2(q->ids->longest, size, bits))
        return false;
    out->same_token_bits = -closest.log2_gap - log2(rho);
    out->order_violations = closest.violations;
    out->bits = (long)bits;
    return true;
}

att_status att_mem_wide_same_token(const struct mem_query *q, double rho,
                                   struct att_arena *scratch,
                                   struct mem_wide *out, struct att_error *err)
{
    const double m = (double)q->ids->n_tokens;

    *out = (struct mem_wide){.same_token_bits = (double)NAN,
                             .order_violations = -1};
    if (m * m > MEM_WIDE_MOST_PAIRS || q->ids->n > MEM_WIDE_MOST_PAIRS / 8)
        return ATT_OK;
    const size_t n_pairs = count_pairs(q->ids);

    if (n_pairs == 0 || n_pairs > MEM_WIDE_MOST_PAIRS)
        return ATT_OK;
    /* beyond this work it would take minutes: left unresolved */
    const double most = MEM_WIDE_MOST_WORK / (m * m + (double)q->ids->n);

    for (mpfr_prec_t bits = 256; (double)bits <= most; bits *= 2) {
        if (try_bits(q, rho, bits, scratch, out))
            return ATT_OK;
        if (att_arena_refused(scratch) != 0)
            return att_arena_fail(scratch, "the wide numbers", err);
    }
    return ATT_OK;
}

/* ---- pairs of vectors ------------------------------------------------------------ */

static void boltz(mpfr_t out, const double *a, size_t n, mpfr_prec_t bits)
{
    struct sums s;
    mpfr_t weight;

    sums_init(&s, bits);
    mpfr_init2(weight, bits);
    for (size_t i = 0; i < n; i++) {
        mpfr_set_d(weight, a[i], MPFR_RNDN);
        mpfr_exp(weight, weight, MPFR_RNDN);
        sums_add(&s, weight, a[i]);
    }
    mpfr_div(out, s.w, s.z, MPFR_RNDN);
    mpfr_clear(weight);
    sums_fini(&s);
}

bool att_mem_wide_boltz_gap(const double *a, const double *b, size_t n,
                            struct mem_gap *out)
{
    const double size = fmax(att_mem_size(a, n), att_mem_size(b, n));
    bool resolved = false;

    for (mpfr_prec_t bits = 256; bits <= MEM_WIDE_MOST_BITS && !resolved;
         bits *= 2) {
        mpfr_t x, y;

        mpfr_inits2(bits, x, y, (mpfr_ptr)NULL);
        boltz(x, a, n, bits);
        boltz(y, b, n, bits);
        mpfr_sub(x, x, y, MPFR_RNDN);
        out->log2_size = log2_abs(x);
        out->sign = mpfr_sgn(x);
        resolved = out->log2_size > 8.0 + noise_log2(n, size, bits);
        mpfr_clears(x, y, (mpfr_ptr)NULL);
    }
    mpfr_free_cache();
    return resolved;
}

#else /* without MPFR: nothing is resolved, claims stay inconclusive */

bool att_mem_wide_available(void)
{
    return false;
}

bool att_mem_wide_gap(const struct mem_query *q, double rho, uint32_t id_a,
                      uint32_t id_b, double *gap)
{
    (void)q, (void)rho, (void)id_a, (void)id_b, (void)gap;
    return false;
}

att_status att_mem_wide_same_token(const struct mem_query *q, double rho,
                                   struct att_arena *scratch,
                                   struct mem_wide *out, struct att_error *err)
{
    (void)q, (void)rho, (void)scratch, (void)err;
    *out = (struct mem_wide){.same_token_bits = (double)NAN,
                             .order_violations = -1};
    return ATT_OK;
}

bool att_mem_wide_boltz_gap(const double *a, const double *b, size_t n,
                            struct mem_gap *out)
{
    (void)a, (void)b, (void)n, (void)out;
    return false;
}
#endif
