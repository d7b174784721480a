/* averaging_sets.c - the query sets that are tried: given, adversarial to the
 * least-norm dual, or climbed against whatever dual the task has. */
#include <string.h>

#include "attest/base/clock.h"
#include "attest/base/subset.h"
#include "averaging_work_priv.h"

enum { STREAM_CLIMB = 4 };

void att_avg_take_largest(const double *x, size_t n, uint32_t *y, size_t q)
{
    size_t have = 0;

    for (size_t j = 0; j < n; j++) {
        if (have == q && !(x[j] > x[y[q - 1]]))
            continue;
        size_t k = have < q ? have++ : q - 1;

        for (; k > 0 && x[j] > x[y[k - 1]]; k--)
            y[k] = y[k - 1];
        y[k] = (uint32_t)j;
    }
}

/* ---- adversarial sets -------------------------------------------------------- */

/* Rows of the set in y, from scratch. */
static void fetch_rows(struct avg_work *x, const uint32_t *y, size_t g)
{
    struct avg_query *z = &x->query;

    z->g = g;
    z->y = y;
    for (size_t k = 0; k < z->q; k++) {
        z->at[k] = y[k];
        att_avg_row(z->keys, y[k], g, att_mat_row(z->rows, k));
    }
}

static void fetch_adversarial(struct avg_work *x, size_t i, size_t g)
{
    struct avg_query *z = &x->query;
    const size_t n = z->keys->n;
    const size_t outsider = i * n / x->task->instance->n_sets;

    /* The q keys most correlated with one outsider. */
    att_avg_row(z->keys, outsider, g, x->spare);
    x->spare[outsider] = -(double)INFINITY;
    att_avg_take_largest(x->spare, n, x->y, z->q);
    att_subset_sort(x->y, z->q);
    fetch_rows(x, x->y, g);
}

/* ---- climbing ------------------------------------------------------------------ */

/* The largest score off the set y by the task's dual: what a climb raises;
 * infinite where there is no dual vector. */
static att_status margin(struct avg_work *x, const uint32_t *y, size_t g,
                         double *out, struct att_error *err)
{
    bool solved = false;

    fetch_rows(x, y, g);
    ATT_TRY(att_avg_dual_solve(&x->query, x->task->dual, &solved, err));
    *out = solved ? att_avg_off_max(x->query.s, x->query.keys->n, y, x->query.q)
                  : (double)INFINITY;
    return ATT_OK;
}

/* trial := y with one member exchanged for a token outside. */
static void swap_member(struct avg_work *x, const struct att_stream *s,
                        uint64_t word)
{
    const size_t q = x->query.q;
    const size_t n = x->query.keys->n;
    const size_t out = att_stream_below(s, word, (uint32_t)q);
    /* The j-th token that is no member. */
    uint32_t in = att_stream_below(s, word + 1, (uint32_t)(n - q));

    for (size_t k = 0; k < q && x->y[k] <= in; k++)
        in++;
    memcpy(x->trial, x->y, q * sizeof *x->y);
    memmove(x->trial + out, x->trial + out + 1,
            (q - out - 1) * sizeof *x->trial);
    x->trial[q - 1] = in;
    att_subset_sort(x->trial, q);
}

static att_status climb(struct avg_work *x, size_t i, size_t g,
                        struct att_error *err)
{
    const struct att_stream s = att_builder_stream(
        x->ws, STREAM_CLIMB, (uint32_t)x->sample, (uint32_t)i);
    double height = 0.0;

    ATT_TRY(margin(x, x->y, g, &height, err));
    for (uint64_t swap = 0; swap < AVG_SWAPS && height < (double)INFINITY;
         swap++) {
        double other = 0.0;

        swap_member(x, &s, 2 * swap);
        ATT_TRY(margin(x, x->trial, g, &other, err));
        if (!(other > height))
            continue;
        height = other;
        memcpy(x->y, x->trial, x->query.q * sizeof *x->y);
    }
    fetch_rows(x, x->y, g);
    return ATT_OK;
}

/* ---- given sets ------------------------------------------------------------------ */

static void take_given(struct avg_work *x, size_t i)
{
    const struct att_averaging *a = x->task->instance;

    memcpy(x->y, a->y + (x->sample * a->n_sets + i) * a->q,
           a->q * sizeof *x->y);
}

/* Rows of the given set, extended by the segment of grid point g. */
static void extend_rows(struct avg_work *x, size_t g)
{
    struct avg_query *z = &x->query;
    const size_t n = z->keys->n;

    z->g = g;
    z->y = x->y;
    if (g == 0 && x->distance != NULL)
        memset(x->distance, 0, z->q * n * sizeof *x->distance);
    if (g == 0 && x->product != NULL)
        memset(x->product, 0, z->q * n * sizeof *x->product);
    for (size_t k = 0; k < z->q; k++) {
        const struct avg_row_sum sum = {
            x->distance != NULL ? x->distance + k * n : NULL,
            x->product != NULL ? x->product + k * n : NULL};

        z->at[k] = x->y[k];
        att_avg_row_add(z->keys, x->y[k], g, sum);
        att_avg_row_scale(z->keys, x->y[k], g, sum, att_mat_row(z->rows, k));
    }
}

att_status att_avg_fetch(struct avg_work *x, size_t i, size_t g,
                         struct att_error *err)
{
    const double start = att_clock_s();
    att_status status = ATT_OK;

    if (x->task->sets == AVG_ADVERSARIAL) {
        fetch_adversarial(x, i, g);
    } else {
        take_given(x, i);
        if (x->task->sets == AVG_CLIMBED) {
            status = climb(x, i, g, err);
        } else {
            extend_rows(x, g);
        }
    }
    x->t->gram += att_clock_s() - start;
    return status;
}
