/* averaging_reduction.c - counting: disjointness through one unit (LB1), and
 * states of a memory (LB4). */
#include <stdlib.h>
#include <string.h>

#include "attest/linalg/blas.h"
#include "averaging_certificate_priv.h"

/* ---- disjointness ------------------------------------------------------------------ */

struct disj {
    size_t q, n, d;
    struct att_mat u;       /* [n, d] normalised keys */
    struct att_mat queries; /* [2^q, d] coordinates of sqrt(d) w in units of the
                               last fractional bit */
    struct att_mat p;       /* [2^q, n] attention of the last token */
    double alpha;
    int frac_bits;
};

/* The least-norm query of the pointers a, rounded; then its attention. */
static att_status ask(struct disj *x, size_t a, struct att_arena *arena,
                      struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(arena);
    struct att_mat rows = att_mat_new(arena, x->q, x->d);
    struct att_mat ones = att_mat_new(arena, x->q, 1);
    struct att_mat w = {att_mat_row(x->queries, a), x->d, 1, 1};
    struct att_lstsq fit = {.a = rows, .b = ones, .x = w, .rcond = 1e-12};
    const double unit = ldexp(1.0, -x->frac_bits);
    const double root = sqrt((double)x->d);
    double *s = att_mat_row(x->p, a);
    double sum = 0.0;

    if (rows.data == NULL || ones.data == NULL)
        return att_arena_fail(arena, "a query", err);
    for (size_t i = 0; i < x->q; i++) {
        memcpy(att_mat_row(rows, i), att_mat_row(x->u, 2 * i + (a >> i & 1)),
               x->d * sizeof(double));
        ones.data[i] = 1.0;
    }
    ATT_TRY(att_lstsq(&fit, arena, err));
    for (size_t m = 0; m < x->d; m++)
        w.data[m] = rint(w.data[m] * root / unit);
    att_gemv(x->u, false, w.data, 0.0, s);
    for (size_t j = 0; j < x->n; j++) {
        s[j] = exp(x->alpha * (s[j] * unit / root - 1.0));
        sum += s[j];
    }
    for (size_t j = 0; j < x->n; j++)
        s[j] /= sum;
    att_arena_rewind(arena, mark);
    return ATT_OK;
}

/* The output coordinate for the bits b, and what it should be. */
static double answer(const struct disj *x, size_t a, size_t b)
{
    const double *p = att_mat_row(x->p, a);
    double out = 0.0;

    for (size_t i = 0; i < x->q; i++)
        out += p[2 * i + 1] * ((b >> i & 1) != 0 ? 1.0 : -1.0) - p[2 * i];
    return out - p[2 * x->q];
}

static double truth(const struct disj *x, size_t a, size_t b)
{
    const int common = __builtin_popcountll((unsigned long long)(a & b));

    return (2.0 * common - (double)x->q) / (double)x->q;
}

static int64_t count_wrong(const struct disj *x, double *worst)
{
    const size_t n = (size_t)1 << x->q;
    const double threshold = -1.0 + 1.0 / (double)x->q;
    int64_t wrong = 0;

    *worst = 0.0;
    for (size_t a = 0; a < n; a++) {
        for (size_t b = 0; b < n; b++) {
            const double out = answer(x, a, b);

            wrong += (out < threshold) != ((a & b) == 0) ? 1 : 0;
            *worst = fmax(*worst, fabs(out - truth(x, a, b)));
        }
    }
    return wrong;
}

static bool same_row(struct att_mat m, size_t a, size_t b)
{
    return memcmp(att_mat_row(m, a), att_mat_row(m, b),
                  m.cols * sizeof(double)) == 0;
}

/* Rows that no earlier row equals. */
static int64_t count_distinct(struct att_mat m)
{
    int64_t n = 0;

    for (size_t a = 0; a < m.rows; a++) {
        size_t b = 0;

        while (b < a && !same_row(m, a, b))
            b++;
        n += b == a ? 1 : 0;
    }
    return n;
}

/* Bits of a coordinate: of its largest magnitude, and a sign. */
static int64_t coordinate_bits(struct att_mat m)
{
    double most = 0.0;

    for (size_t i = 0; i < m.rows * m.cols; i++) {
        m.data[i] += 0.0; /* -0 is 0: equal messages have equal bits */
        most = fmax(most, fabs(m.data[i]));
    }
    return most >= 1.0 ? (int64_t)floor(log2(most)) + 2 : 1;
}

static att_status disj_init(struct disj *x, struct avg_bound_case *b,
                            struct att_error *err)
{
    const struct att_value *p = b->c->p;

    *x = (struct disj){.q = b->a->q,
                       .n = b->a->L,
                       .d = (size_t)p[CP_D].i,
                       .alpha = att_avg_alpha((double)b->a->L, p[CP_EPS].r),
                       .frac_bits = (int)p[CP_FRAC].i};
    ATT_TRY(att_avg_bound_keys(b, &x->u, err));
    x->queries = att_mat_new(b->ws->arena, (size_t)1 << x->q, x->d);
    x->p = att_mat_new(b->ws->arena, (size_t)1 << x->q, x->n);
    return att_arena_refused(b->ws->arena) == 0
               ? ATT_OK
               : att_arena_fail(b->ws->arena, "the queries", err);
}

att_status att_avg_bound_disj(struct avg_bound_case *b, struct att_error *err)
{
    struct disj x;
    struct att_mat count = att_mat_new(b->ws->arena, 1, 1);

    ATT_TRY(disj_init(&x, b, err));
    if (count.data == NULL)
        return att_arena_fail(b->ws->arena, "the witness", err);
    for (size_t a = 0; a < x.queries.rows; a++)
        ATT_TRY(ask(&x, a, b->ws->arena, err));
    b->found.msg_bits = coordinate_bits(x.queries) * (int64_t)x.d;
    b->found.distinct = count_distinct(x.queries);
    b->found.collisions = (int64_t)x.queries.rows - b->found.distinct;
    b->found.wrong = count_wrong(&x, &b->found.measured);
    count.data[0] = (double)b->found.distinct;
    att_avg_witness_add(b, "messages", x.queries);
    att_avg_witness_add(b, "distinct", count);
    return ATT_OK;
}

/* ---- memory -------------------------------------------------------------------------- */

static int by_state(const void *a, const void *b)
{
    const double *x = a;
    const double *y = b;

    return (x[0] > y[0]) - (x[0] < y[0]);
}

/* The state after the n bits of `prefix` of a shift register of `bits` bits,
 * the map that keeps most. */
static uint64_t state_after(uint64_t prefix, size_t n, size_t bits)
{
    const uint64_t mask = (UINT64_C(1) << bits) - 1;
    uint64_t h = 0;

    for (size_t i = 0; i < n; i++)
        h = (h << 1 | (prefix >> i & 1)) & mask;
    return h;
}

att_status att_avg_bound_memory(struct avg_bound_case *x, struct att_error *err)
{
    const size_t n = (x->a->L - 1) / 2;
    const size_t bits = (size_t)x->c->p[CP_STATE_BITS].i;
    const size_t n_prefix = (size_t)1 << n;
    struct att_mat table = att_mat_new(x->ws->arena, n_prefix, 2);
    struct att_mat shape = att_mat_new(x->ws->arena, 1, 3);

    if (table.data == NULL || shape.data == NULL)
        return att_arena_fail(x->ws->arena, "the states", err);
    for (size_t p = 0; p < n_prefix; p++) {
        att_mat_row(table, p)[0] = (double)state_after(p, n, bits);
        att_mat_row(table, p)[1] = (double)p;
    }
    qsort(table.data, n_prefix, 2 * sizeof(double), by_state);
    x->found.distinct = 1;
    for (size_t p = 1; p < n_prefix; p++) {
        x->found.distinct +=
            att_mat_row(table, p)[0] != att_mat_row(table, p - 1)[0] ? 1 : 0;
    }
    x->found.collisions = (int64_t)n_prefix - x->found.distinct;
    x->found.size = (int64_t)bits;
    x->found.size_law = (double)n;
    shape.data[0] = (double)n;
    shape.data[1] = (double)bits;
    shape.data[2] = (double)x->found.distinct;
    att_avg_witness_add(x, "states", table);
    att_avg_witness_add(x, "shape", shape);
    return ATT_OK;
}
