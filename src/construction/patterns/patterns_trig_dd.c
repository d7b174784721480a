/* patterns_trig_dd.c - patterns_trig.c in double-double: every angle is a
 * fraction of a turn, reduced in integers. */
#include "patterns_trig_priv.h"

static void put_keys(const struct att_pattern *a, size_t k, struct att_dd *y)
{
    for (size_t j = 0; j < a->n_cols; j++) {
        for (size_t m = 1; m <= k; m++) {
            struct att_dd *at = y + (j * k + m - 1) * 2;

            att_dd_turn(m * j, a->n_cols, &at[0], &at[1]);
        }
    }
}

/* prod over N(i) of 2 sin^2((t - t_l) / 2) at t = v / n_values of a turn. */
static struct att_dd product(const struct att_pattern *a, size_t i, size_t v,
                             size_t n_values)
{
    struct att_dd x = att_dd_from(1.0);

    for (size_t e = a->first[i]; e < a->first[i + 1]; e++) {
        const uint64_t den = 2 * (uint64_t)n_values * a->n_cols;
        /* (v / n_values - l / n_cols) / 2 of a turn, made positive */
        const uint64_t num =
            den + v * a->n_cols - (uint64_t)a->column[e] * n_values;
        struct att_dd cosine, sine;

        att_dd_turn(num, den, &cosine, &sine);
        const struct att_dd square = att_dd_mul(sine, sine);

        x = att_dd_mul(x, att_dd_add(square, square));
    }
    return x;
}

/* Coefficients 1 .. k of -factor product, by 2 k + 2 equidistant values. */
static void put_query(const struct att_pattern *a, size_t i, double factor,
                      struct att_dd *x)
{
    const size_t k = a->k_row;
    const size_t n = 2 * k + 2;
    const struct att_dd scale =
        att_dd_div(att_dd_from(-2.0 * factor), att_dd_from((double)n));

    for (size_t v = 0; v < n; v++) {
        const struct att_dd p = att_dd_mul(scale, product(a, i, v, n));

        for (size_t m = 1; m <= k; m++) {
            struct att_dd cosine, sine;

            att_dd_turn(m * v, n, &cosine, &sine);
            x[2 * m - 2] = att_dd_add(x[2 * m - 2], att_dd_mul(p, cosine));
            x[2 * m - 1] = att_dd_add(x[2 * m - 1], att_dd_mul(p, sine));
        }
    }
}

att_status att_pat_trig_dd(struct pat_explicit *e, const long double *factor,
                           struct att_arena *arena, struct att_error *err)
{
    const struct att_pattern *a = e->a;
    struct att_dd *x1 = ATT_NEW0(arena, struct att_dd, a->n_rows * e->d);
    struct att_dd *x2 = ATT_NEW(arena, struct att_dd, a->n_cols * e->d);

    if (x1 == NULL || x2 == NULL)
        return att_arena_fail(arena, "the curve in double-double", err);
    put_keys(a, a->k_row, x2);
    for (size_t i = 0; i < a->n_rows; i++)
        put_query(a, i, (double)factor[i], x1 + i * e->d);
    e->dd1 = x1;
    e->dd2 = x2;
    return ATT_OK;
}
