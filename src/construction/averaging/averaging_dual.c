/* averaging_dual.c - the dual vector of a query set, C2. */
#include <string.h>

#include "attest/base/subset.h"
#include "attest/base/text.h"
#include "attest/linalg/blas.h"
#include "attest/linalg/solve.h"
#include "attest/linalg/vector.h"
#include "averaging_priv.h"

const char *const att_avg_dual_name[AVG_DUALS + 1] = {
    [AVG_LS] = "ls", [AVG_CT] = "ct",           [AVG_AS] = "as",
    [AVG_LP] = "lp", [AVG_MATCHED] = "matched",
};

enum avg_dual att_avg_dual(const char *name)
{
    return (enum avg_dual)att_text_choice(name, att_avg_dual_name);
}

/* ---- a query --------------------------------------------------------------------- */

size_t att_avg_dual_rows(enum avg_dual dual, size_t q, size_t d, size_t n)
{
    if (dual == AVG_CT)
        return 2 * q;
    return dual == AVG_AS ? q + (d < n ? d : n) : q;
}

att_status att_avg_query_init(struct avg_query *x, struct avg_keys *keys,
                              size_t q, enum avg_dual dual,
                              struct att_arena *arena, struct att_error *err)
{
    const size_t n = keys->n;
    const size_t room = att_avg_dual_rows(dual, q, keys->d, n);

    *x = (struct avg_query){.keys = keys,
                            .q = q,
                            .arena = arena,
                            .rows = att_mat_new(arena, room, n),
                            .gram = att_mat_new(arena, room, room),
                            .at = ATT_NEW(arena, uint32_t, room),
                            .rhs = ATT_NEW(arena, double, room),
                            .s = ATT_NEW(arena, double, n),
                            .coef = ATT_NEW(arena, double, n)};
    if (dual == AVG_LP)
        x->w = ATT_NEW(arena, double, keys->d);
    return att_arena_refused(arena) == 0
               ? ATT_OK
               : att_arena_fail(arena, "the rows of a query", err);
}

void att_avg_query_combine(const struct avg_query *x, double *spare, double *w)
{
    const size_t d = x->keys->grid.d[x->g];

    memset(w, 0, d * sizeof *w);
    for (size_t j = 0; j < x->keys->n; j++) {
        if (x->coef[j] == 0.0)
            continue;
        att_avg_key_row(x->keys, j, x->g, spare);
        att_axpy(d, x->coef[j], spare, w);
    }
}

/* ---- systems --------------------------------------------------------------------- */

/* Pivots of a Gram matrix of unit keys below this are rounding: its entries
 * are off by at most a few units in the last place, and q of them add up. */
static double pivot_floor(size_t n)
{
    return 64.0 * (double)n * 0x1p-53;
}

/* rhs := Gram(rows)^-1 rhs over the first n rows; false when singular. */
static bool solve_gram(struct avg_query *x, size_t n)
{
    struct att_mat a = x->gram;

    a.rows = a.cols = n;
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k <= i; k++)
            att_mat_row(a, i)[k] = att_mat_row(x->rows, i)[x->at[k]];
    }
    if (att_cholesky(a, pivot_floor(n), NULL, NULL) != ATT_OK)
        return false;
    att_cholesky_solve(a, x->rhs);
    return true;
}

/* s and coef += c times what rhs says of the first n rows. */
static void add_rows(struct avg_query *x, size_t n, double c)
{
    for (size_t k = 0; k < n; k++) {
        x->coef[x->at[k]] += c * x->rhs[k];
        att_axpy(x->keys->n, c * x->rhs[k], att_mat_row(x->rows, k), x->s);
    }
}

static void clear(struct avg_query *x)
{
    memset(x->s, 0, x->keys->n * sizeof *x->s);
    memset(x->coef, 0, x->keys->n * sizeof *x->coef);
}

static void fetch_row(struct avg_query *x, size_t k, uint32_t j)
{
    x->at[k] = j;
    att_avg_row(x->keys, j, x->g, att_mat_row(x->rows, k));
}

/* ---- least norm ------------------------------------------------------------------ */

static bool solve_ls(struct avg_query *x)
{
    clear(x);
    for (size_t k = 0; k < x->q; k++)
        x->rhs[k] = 1.0;
    if (!solve_gram(x, x->q))
        return false;
    add_rows(x, x->q, 1.0);
    return true;
}

static void solve_matched(struct avg_query *x)
{
    clear(x);
    for (size_t k = 0; k < x->q; k++)
        x->rhs[k] = 1.0;
    add_rows(x, x->q, 1.0);
}

/* ---- the worst outsiders ------------------------------------------------------------ */

/* The outsider (no row among the first n) with the largest size(s) above
 * floor; keys->n when there is none. */
static size_t worst_outsider(const struct avg_query *x, size_t n, double floor,
                             bool two_sided)
{
    size_t worst = x->keys->n;
    double most = floor;

    for (size_t j = 0; j < x->keys->n; j++) {
        const double size = two_sided ? fabs(x->s[j]) : x->s[j];

        if (size > most && !att_subset_has(x->at, n, j)) {
            most = size;
            worst = j;
        }
    }
    return worst;
}

/* Append up to `more` rows of the worst outsiders; how many. */
static size_t take_worst(struct avg_query *x, size_t more, double floor,
                         bool two_sided)
{
    size_t n = x->n_rows;

    while (n < x->n_rows + more && n < x->rows.rows) {
        const size_t j = worst_outsider(x, n, floor, two_sided);

        if (j == x->keys->n)
            break;
        x->at[n++] = (uint32_t)j;
    }
    for (size_t k = x->n_rows; k < n; k++)
        fetch_row(x, k, x->at[k]);
    return n - x->n_rows;
}

/* ---- corrections after Candes and Tao ------------------------------------------------ */

/* Half, with room for the roundings of a sum of q scores. */
static const double HALF = 0.5 + 1e-12;

static bool solve_ct(struct avg_query *x)
{
    if (!solve_ls(x))
        return false;
    for (x->n_iterations = 0; x->n_iterations < 30; x->n_iterations++) {
        x->n_rows = x->q;
        if (worst_outsider(x, x->q, HALF, true) == x->keys->n)
            return true;
        x->n_rows += take_worst(x, x->q, 0.25, true);
        for (size_t k = 0; k < x->n_rows; k++)
            x->rhs[k] = k < x->q ? 0.0 : x->s[x->at[k]];
        if (!solve_gram(x, x->n_rows))
            return false;
        add_rows(x, x->n_rows, -1.0);
    }
    return true; /* the scores say how far it came */
}

/* ---- active set ------------------------------------------------------------------------ */

static void move_row(struct avg_query *x, size_t to, size_t from)
{
    if (to == from)
        return;
    x->at[to] = x->at[from];
    memcpy(att_mat_row(x->rows, to), att_mat_row(x->rows, from),
           x->keys->n * sizeof(double));
}

/* Drop active members that pull the wrong way; how many were dropped. */
static size_t drop_active(struct avg_query *x)
{
    size_t n = x->q;

    for (size_t k = x->q; k < x->n_rows; k++) {
        if (x->rhs[k] <= 0.0)
            move_row(x, n++, k);
    }
    const size_t dropped = x->n_rows - n;

    x->n_rows = n;
    return dropped;
}

/* The least-norm w with 1 on y and 1/2 on the active members that it needs. */
static bool solve_active(struct avg_query *x)
{
    do {
        if (x->n_rows > x->keys->grid.d[x->g])
            return false;
        for (size_t k = 0; k < x->n_rows; k++)
            x->rhs[k] = k < x->q ? 1.0 : 0.5;
        if (!solve_gram(x, x->n_rows))
            return false;
    } while (drop_active(x) > 0);
    clear(x);
    add_rows(x, x->n_rows, 1.0);
    return true;
}

static bool solve_as(struct avg_query *x)
{
    const size_t more = x->q > 2 ? x->q : 2;

    x->n_rows = x->q;
    /* Each round either ends or adds members; it cannot cycle for long. */
    for (int round = 0; round < 200; round++) {
        if (!solve_active(x))
            return false;
        x->n_active = (int32_t)(x->n_rows - x->q);
        const size_t added = take_worst(x, more, HALF, false);

        if (added == 0)
            return worst_outsider(x, x->n_rows, HALF, false) == x->keys->n;
        x->n_rows += added;
    }
    return false;
}

/* ---- linear program ---------------------------------------------------------------------- */

/* The program meets its rows to some 1e-5; the smallest change of w makes the
 * scores on y exactly 1. */
static bool polish_lp(struct avg_query *x)
{
    att_gemv(x->u, false, x->w, 0.0, x->s);
    for (size_t k = 0; k < x->q; k++)
        x->rhs[k] = 1.0 - x->s[x->y[k]];
    if (!solve_gram(x, x->q))
        return false;
    for (size_t k = 0; k < x->q; k++)
        att_axpy(x->u.cols, x->rhs[k], att_mat_row(x->u, x->y[k]), x->w);
    att_gemv(x->u, false, x->w, 0.0, x->s);
    return true;
}

att_status att_avg_dual_solve(struct avg_query *query, enum avg_dual dual,
                              bool *solved, struct att_error *err)
{
    *solved = true;
    query->n_iterations = query->n_active = 0;
    query->n_rows = query->q;
    switch (dual) {
    case AVG_CT:
        *solved = solve_ct(query);
        break;
    case AVG_AS:
        *solved = solve_as(query);
        break;
    case AVG_LP:
        ATT_TRY(att_avg_dual_lp(query, solved, err));
        *solved = *solved && polish_lp(query);
        break;
    case AVG_MATCHED:
        solve_matched(query);
        break;
    case AVG_LS:
    case AVG_DUALS:
        *solved = solve_ls(query);
        break;
    }
    return ATT_OK;
}
