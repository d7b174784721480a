/* averaging_slots.c - the best read-out of every number of slots. */
#include "averaging_slots_priv.h"

#include "attest/linalg/blas.h"
#include "attest/linalg/random.h"
#include "attest/linalg/vector.h"

enum { STREAM_SLOTS = 9 };

void att_avg_draw_rows(const struct att_workspace *ws, uint32_t tag,
                       struct att_mat m)
{
    for (size_t i = 0; i < m.rows; i++) {
        const struct att_stream s = att_builder_stream(ws, tag, 0, (uint32_t)i);

        att_draw_normals(&s, 0, m.cols, att_mat_row(m, i));
    }
}

double att_avg_mean_over(const double *b, const uint32_t *y, size_t q)
{
    double sum = 0.0;

    for (size_t k = 0; k < q; k++)
        sum += b[y[k]];
    return sum / (double)q;
}

double att_avg_slots_bytes(double n, double n_sets)
{
    return 24.0 * n * n + 8.0 * n * n_sets + 65536.0;
}

double att_avg_slots_flops(double n, double n_sets)
{
    return 4.0 * n * n * n + 2.5 * n * n * n_sets;
}

/* rows += outer(mean of basis row k over a set, basis row k), set by set. */
static void add_slot(const struct att_averaging *a, const double *b,
                     struct att_mat rows)
{
    for (size_t i = 0; i < rows.rows; i++) {
        const double c = att_avg_mean_over(b, a->y + i * a->q, a->q);

        att_axpy(rows.cols, c, b, att_mat_row(rows, i));
    }
}

/* |read-out row - 1_y / q|_1: the worst-value error of a set. */
static double row_error(const double *r, size_t n, const uint32_t *y, size_t q)
{
    double sum = 0.0;
    size_t k = 0;

    for (size_t j = 0; j < n; j++) {
        const bool on = k < q && y[k] == j;

        sum += fabs(r[j] - (on ? 1.0 / (double)q : 0.0));
        k += on ? 1 : 0;
    }
    return sum;
}

/* The largest error, or the first one that exceeds enough. */
static double worst_row(const struct att_averaging *a, struct att_mat rows,
                        double enough)
{
    double worst = 0.0;

    for (size_t i = 0; i < rows.rows && !(worst > enough); i++) {
        worst = fmax(worst, row_error(att_mat_row(rows, i), rows.cols,
                                      a->y + i * a->q, a->q));
    }
    return worst;
}

static att_status orthonormal_slots(struct att_workspace *ws, size_t L,
                                    struct att_mat *out, struct att_error *err)
{
    struct att_mat g = att_mat_new(ws->arena, L, L);

    *out = att_mat_new(ws->arena, L, L);
    if (g.data == NULL || out->data == NULL)
        return att_arena_fail(ws->arena, "the slots", err);
    att_avg_draw_rows(ws, STREAM_SLOTS, g);
    ATT_TRY(att_orthonormalize(g, ws->arena, err));
    for (size_t i = 0; i < L; i++) {
        for (size_t j = 0; j < L; j++)
            att_mat_row(*out, j)[i] = att_mat_row(g, i)[j];
    }
    return ATT_OK;
}

att_status att_avg_slots(struct att_workspace *ws, struct avg_slots *slots,
                         struct att_error *err)
{
    const struct att_averaging *a = slots->a;
    struct att_mat rows = att_mat_new(ws->arena, a->n_sets, a->L);

    if (rows.data == NULL)
        return att_arena_fail(ws->arena, "the read-out", err);
    ATT_TRY(orthonormal_slots(ws, a->L, &slots->basis, err));
    slots->least = 0;
    for (size_t k = 1; k <= a->L; k++) {
        add_slot(a, att_mat_row(slots->basis, k - 1), rows);
        if (k == slots->n_slots)
            slots->err = worst_row(a, rows, (double)INFINITY);
        if (slots->least == 0 && worst_row(a, rows, slots->eps) <= slots->eps)
            slots->least = k;
    }
    slots->basis.rows = slots->n_slots;
    return ATT_OK;
}
