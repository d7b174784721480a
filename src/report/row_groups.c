/* row_groups.c - rows sorted by fields, cut where the fields change. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report_priv.h"

struct order {
    const struct att_frame *rows;
    const uint32_t *by;
    uint32_t n_by;
};

static int compare_numbers(double a, double b)
{
    if (isnan(a) || isnan(b))
        return isnan(a) - isnan(b);
    return (a > b) - (a < b);
}

int att_compare_values(struct att_value a, struct att_value b)
{
    if (a.kind == ATT_TEXT && b.kind == ATT_TEXT)
        return strcmp(a.s, b.s);
    if (a.kind == ATT_INTEGER && b.kind == ATT_INTEGER)
        return (a.i > b.i) - (a.i < b.i);
    return compare_numbers(att_value_number(a), att_value_number(b));
}

static int compare_fields(const struct order *order, size_t a, size_t b)
{
    for (uint32_t k = 0; k < order->n_by; k++) {
        const int sign =
            att_compare_values(att_frame_cell(order->rows, a, order->by[k]),
                               att_frame_cell(order->rows, b, order->by[k]));

        if (sign != 0)
            return sign;
    }
    return 0;
}

static int compare_rows(const void *pa, const void *pb, void *context)
{
    const size_t a = *(const size_t *)pa;
    const size_t b = *(const size_t *)pb;
    const int sign = compare_fields(context, a, b);

    return sign != 0 ? sign : (a > b) - (a < b);
}

att_status att_group_by(const struct att_table *source,
                        const struct att_row_query *query,
                        struct att_arena *arena, struct att_row_groups *out)
{
    struct order order = {&source->rows, query->by, query->n_by};
    const size_t n = query->n_rows;

    *out = (struct att_row_groups){.row = ATT_NEW(arena, size_t, n + 1),
                                   .start = ATT_NEW(arena, size_t, n + 1)};
    if (out->row == NULL || out->start == NULL)
        return ATT_E_NOMEM;
    if (n > 0) {
        memcpy(out->row, query->row, n * sizeof *out->row);
        qsort_r(out->row, n, sizeof *out->row, compare_rows, &order);
    }
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || compare_fields(&order, out->row[i - 1], out->row[i]) != 0)
            out->start[out->n_groups++] = i;
    }
    out->start[out->n_groups] = n;
    return ATT_OK;
}
