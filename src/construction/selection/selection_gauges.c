/* selection_gauges.c - scales, norms and directions of a network. */
#include "selection_probe_priv.h"

static double square_of(struct att_mat m, size_t rows, size_t first,
                        size_t cols)
{
    double sum = 0.0;

    for (size_t i = 0; i < rows; i++) {
        for (size_t j = first; j < first + cols; j++)
            sum += att_mat_row(m, i)[j] * att_mat_row(m, i)[j];
    }
    return sum;
}

size_t att_sel_used(const struct sel_law *law)
{
    return law->pe == SEL_ONEHOT ? law->task.L : law->de;
}

double att_sel_rows(const struct sel_law *law)
{
    if (law->pe == SEL_POOL)
        return (double)law->pool;
    return law->pe == SEL_FIXED ? (double)law->task.L : (double)INFINITY;
}

/* Of C, rows `first` on: its sum of squares, and over its first `used`
 * coordinates the mean diagonal and the mean off it. */
struct block {
    double diagonal, other, square;
};

static struct block block_of(struct att_mat m, size_t first, size_t used)
{
    const double n = (double)used;
    struct block r = {0};

    for (size_t i = 0; i < m.cols; i++) {
        const double *row = att_mat_row(m, first + i);

        for (size_t j = 0; j < m.cols; j++) {
            r.square += row[j] * row[j];
            if (i >= used || j >= used)
                continue;
            if (i == j) {
                r.diagonal += row[j] / n;
            } else {
                r.other += row[j] / (n * (n - 1.0));
            }
        }
    }
    return r;
}

struct sel_gauges att_sel_gauges(const struct sel_net *net,
                                 const struct sel_law *law)
{
    const double d = (double)net->d, de = (double)net->de;
    const double used = (double)att_sel_used(law);
    const struct block c =
        block_of(net->W, net->out ? 0 : net->d, att_sel_used(law));
    const double trace = used * c.diagonal;
    struct sel_gauges r = {.alpha = net->alpha, .gamma = c.diagonal};
    double v_square = d * net->alpha * net->alpha;

    if (!net->out) {
        r.alpha = 0.0;
        for (size_t a = 0; a < net->d; a++)
            r.alpha += att_mat_row(net->V, a)[a] / d;
        r.V2 = sqrt(square_of(net->V, net->d, net->d, net->de));
        r.Bx = sqrt(square_of(net->W, net->d, 0, net->de));
        v_square = square_of(net->V, net->d, 0, net->d + net->de);
    }
    r.Coff = sqrt(fmax(0.0, c.square - trace * trace / de));
    r.cosV = r.alpha * sqrt(d) / sqrt(v_square);
    r.cosW = trace / sqrt(de * (c.square + r.Bx * r.Bx));
    if (law->pe == SEL_ONEHOT)
        r.gamma = c.diagonal - c.other;
    return r;
}
