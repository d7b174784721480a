/* patterns_explicit.c - plain evaluation of queries and keys. */
#include "patterns_explicit_priv.h"

#include "attest/base/text.h"
#include "attest/model/arithmetic.h"

enum pat_real att_pat_real(const char *dtype)
{
    if (att_text_same(dtype, "f32"))
        return PAT_REAL_F32;
    if (att_text_same(dtype, "bf16"))
        return PAT_REAL_BF16;
    if (att_text_same(dtype, "x80"))
        return PAT_REAL_X80;
    return att_text_same(dtype, "dd") ? PAT_REAL_DD : PAT_REAL_F64;
}

static int bits_of(enum pat_real real)
{
    static const int BITS[] = {[PAT_REAL_F64] = 53,
                               [PAT_REAL_F32] = 24,
                               [PAT_REAL_BF16] = 8,
                               [PAT_REAL_X80] = 64,
                               [PAT_REAL_DD] = 106};

    return BITS[real];
}

double att_pat_real_u(enum pat_real real)
{
    return ldexp(1.0, -bits_of(real));
}

/* x as it is stored; narrower types round once more on conversion, to the
 * same number. */
static long double stored(enum pat_real real, long double x)
{
    static const struct att_arithmetic BF16 = {ATT_ARITHMETIC_ROUNDED, 8, -126,
                                               127};

    if (real == PAT_REAL_BF16)
        return (long double)att_arithmetic_round(&BF16, (double)x);
    return x;
}

static void add_row(struct pat_explicit *e, size_t i, const long double *s)
{
    const struct att_pattern *a = e->a;
    long double e_max = -INFINITY;
    long double e_min = INFINITY;
    long double s_min = INFINITY;
    long double z_max = -INFINITY;
    long double low = INFINITY;
    long double high = -INFINITY;

    for (size_t j = 0; j < a->n_cols; j++) {
        const size_t c = att_pat_entry(a, i, j);

        if (c == a->first[i + 1]) {
            z_max = fmaxl(z_max, s[j]);
        } else {
            const long double x =
                s[j] - (a->lam != NULL ? (long double)a->lam[c] : 0.0L);

            e_max = fmaxl(e_max, x);
            e_min = fminl(e_min, x);
            s_min = fminl(s_min, s[j]);
        }
        low = fminl(low, s[j]);
        high = fmaxl(high, s[j]);
    }
    e->range = fmax(e->range, (double)(high - low));
    att_pat_worst_add(&e->worst, i, (double)(e_max - e_min),
                      (double)(s_min - z_max));
}

/* The logits themselves: the largest magnitude, the matrix. */
static void keep_row(struct pat_explicit *e, size_t i, const long double *s)
{
    for (size_t j = 0; j < e->a->n_cols; j++) {
        e->max_abs = fmax(e->max_abs, fabs((double)s[j]));
        if (e->s.data != NULL)
            att_mat_row(e->s, i)[j] = (double)s[j];
    }
}

#define REAL    double
#define NAME(x) x##_f64
#include "patterns_explicit.inc"
#undef REAL
#undef NAME
#define REAL    float
#define NAME(x) x##_f32
#include "patterns_explicit.inc"
#undef REAL
#undef NAME
#define REAL    long double
#define NAME(x) x##_x80
#include "patterns_explicit.inc"

/* A row in double-double.  ACCEPT asks for differences within the row: one
 * logit of the support is taken off before anything is rounded. */
static void dd_row(const struct pat_explicit *e, size_t i, struct att_dd *s)
{
    const struct att_dd *x = e->dd1 + i * e->d;

    for (size_t j = 0; j < e->a->n_cols; j++) {
        const struct att_dd *y = e->dd2 + j * e->d;
        struct att_dd sum = att_dd_from(0.0);

        for (size_t m = 0; m < e->d; m++)
            sum = att_dd_add(sum, att_dd_mul(x[m], y[m]));
        s[j] = sum;
    }
}

static att_status rows_dd(struct pat_explicit *e, struct att_arena *arena,
                          struct att_error *err)
{
    const size_t n = e->a->n_cols;
    struct att_dd *sum = ATT_NEW(arena, struct att_dd, n);
    long double *s = ATT_NEW(arena, long double, n);

    if (sum == NULL || s == NULL)
        return att_arena_fail(arena, "logits", err);
    for (size_t i = 0; i < e->a->n_rows; i++) {
        const uint32_t first = e->a->column[e->a->first[i]];

        dd_row(e, i, sum);
        for (size_t j = 0; j < n; j++)
            s[j] = (long double)sum[j].hi;
        keep_row(e, i, s);
        for (size_t j = 0; j < n; j++) {
            const struct att_dd rest = att_dd_sub(sum[j], sum[first]);

            s[j] = (long double)rest.hi + (long double)rest.lo;
        }
        add_row(e, i, s);
    }
    return ATT_OK;
}

static double largest_norm(const long double *x, size_t n, size_t d)
{
    double most = 0.0;

    for (size_t i = 0; i < n; i++) {
        double square = 0.0;

        for (size_t m = 0; m < d; m++)
            square += (double)(x[i * d + m] * x[i * d + m]);
        most = fmax(most, square);
    }
    return sqrt(most);
}

att_status att_pat_explicit(struct pat_explicit *e, struct att_arena *arena,
                            struct att_error *err)
{
    att_pat_worst_init(&e->worst);
    e->max_abs = e->range = 0.0;
    e->norm_q = largest_norm(e->x1, e->a->n_rows, e->d);
    e->norm_k = largest_norm(e->x2, e->a->n_cols, e->d);
    if (e->real == PAT_REAL_F64)
        return rows_f64(e, arena, err);
    if (e->real == PAT_REAL_DD)
        return rows_dd(e, arena, err);
    return e->real == PAT_REAL_X80 ? rows_x80(e, arena, err)
                                   : rows_f32(e, arena, err);
}

/* Rounding may leave a gap that was made to be exactly t2 a little below. */
static void forgive(const struct pat_explicit *e, const struct pat_tolerance *t,
                    struct pat_verdict *v)
{
    const double beta = isfinite(v->beta) ? v->beta : 1.0;

    v->accept = v->accept || (v->dev <= t->d1 &&
                              beta * e->worst.gap >= t->t2 * (1.0 - e->margin));
}

void att_pat_out_explicit(struct att_outcome *out, const struct pat_explicit *e,
                          const struct pat_tolerance *t)
{
    struct pat_verdict v = att_pat_judge(&e->worst, e->a->lam == NULL, t);
    const double scale = e->a->lam == NULL && isfinite(v.beta) ? v.beta : 1.0;

    if (e->margin > 0.0)
        forgive(e, t, &v);
    att_pat_out_shape(out, e->a, e->d);
    att_pat_out_verdict(out, &e->worst, &v);
    att_out_finite(out, PM_GAP_UNIT, e->worst.gap);
    att_out_finite(out, PM_LOGIT, scale * e->max_abs);
    att_out_finite(out, PM_RANGE, scale * e->range);
    att_out_finite(out, PM_NORM_Q, scale * e->norm_q);
    att_out_finite(out, PM_NORM_K, e->norm_k);
    att_out_finite(out, PM_MARGIN_EFF,
                   e->worst.gap * sqrt((double)e->a->k_row) /
                       (e->norm_q * e->norm_k));
    att_out_int(out, PM_BITS, bits_of(e->real));
    att_out_text(out, PM_CERTIFICATE, "full");
}

att_status att_pat_export_explicit(const struct pat_explicit *e,
                                   struct att_arena *arena,
                                   struct att_artifact *out,
                                   struct att_error *err)
{
    struct pat_explicit f64 = *e;
    struct pat_network n = {
        .a = e->a,
        .x1 = att_mat_new(arena, e->a->n_rows, e->d),
        .x2 = att_mat_new(arena, e->a->n_cols, e->d),
        .s = att_mat_new(arena, e->a->n_rows, e->a->n_cols),
        .reason = "roundings of d products of |x| |y|, through a softmax"};

    if (att_arena_refused(arena) != 0)
        return att_arena_fail(arena, "the exported network", err);
    for (size_t m = 0; m < e->a->n_rows * e->d; m++)
        n.x1.data[m] = (double)e->x1[m];
    for (size_t m = 0; m < e->a->n_cols * e->d; m++)
        n.x2.data[m] = (double)e->x2[m];
    f64.real = PAT_REAL_F64;
    f64.s = n.s;
    ATT_TRY(att_pat_explicit(&f64, arena, err));
    n.error = 4.0 * (double)(e->d + 2) * 0x1p-53 * f64.norm_q * f64.norm_k;
    return att_pat_export(&n, out, err);
}
