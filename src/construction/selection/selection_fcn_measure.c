/* selection_fcn_measure.c - errors of a net on fresh samples. */
#include <math.h>

#include "selection_fcn_priv.h"

/* Sums and sums of squares of what samples say. */
struct sums {
    double err, err2; /* |f - g|^2 */
    double gap, gap2; /* loss against the noisy target minus loss */
    uint64_t n_exceed;
};

static double number(const struct fcn_net *net, const void *block, size_t i)
{
    return net->kernels->get(block, i);
}

/* |f - g|^2 of row r, and <f - g, noise>, |noise|^2. */
static void add_sample(const struct fcn_net *net, const struct fcn_batch *b,
                       size_t r, uint32_t item, struct sums *sums)
{
    const struct att_selection *s = b->law;
    const struct att_stream noise =
        att_stream(s->seed, ATT_SEL_TAG_NOISE, ATT_SELECTION_FRESH, item);
    double err = 0.0;
    double gap = 0.0;

    for (size_t a = 0; a < s->d; a++) {
        const size_t i = r * s->d + a;
        const double x =
            number(net, b->h[net->shape.n_maps], i) - number(net, b->target, i);
        const double e = s->noise_sd > 0.0
                             ? s->noise_sd * att_stream_normal(&noise, a)
                             : 0.0;

        err += x * x;
        gap += e * (0.5 * e - x);
    }
    sums->err += err;
    sums->err2 += err * err;
    sums->gap += gap;
    sums->gap2 += gap * gap;
}

static uint64_t count_beyond(const struct fcn_net *net,
                             const struct fcn_batch *b, size_t r, double gate)
{
    const size_t n = b->law->L * b->law->d;
    const size_t row = r * net->shape.width[0];
    uint64_t count = 0;

    for (size_t j = 0; j < n; j++) {
        const bool out = number(net, b->h[0], row + n + j / b->law->d) == 0.0;

        count += out && fabs(number(net, b->h[0], row + j)) > gate ? 1 : 0;
    }
    return count;
}

/* Standard error of a mean of n numbers with these sums. */
static double standard_error(double sum, double sum2, double n)
{
    const double mean = sum / n;

    return n > 1.0 ? sqrt(fmax(0.0, sum2 / n - mean * mean) / (n - 1.0)) : 0.0;
}

void att_fcn_measure(const struct fcn_net *net, struct fcn_batch *b,
                     double gate, struct fcn_measure *out)
{
    const struct att_selection *s = b->law;
    const double n = (double)s->samples;
    const double trivial = (double)s->d / (double)s->q;
    struct sums sums = {0};

    for (size_t first = 0; first < s->samples; first += b->capacity) {
        const size_t left = s->samples - first;

        b->rows = left < b->capacity ? left : b->capacity;
        net->kernels->fill(b, ATT_SELECTION_FRESH, (uint32_t)first, false);
        net->kernels->forward(net, b);
        for (size_t r = 0; r < b->rows; r++) {
            add_sample(net, b, r, (uint32_t)(first + r), &sums);
            if (gate > 0.0)
                sums.n_exceed += count_beyond(net, b, r, gate);
        }
    }
    b->rows = b->capacity;
    *out = (struct fcn_measure){
        .rel_err = sums.err / n / trivial,
        .rel_err_se = standard_error(sums.err, sums.err2, n) / trivial,
        .noise_gap = sums.gap / n,
        .noise_gap_se = standard_error(sums.gap, sums.gap2, n),
        .n_exceed = sums.n_exceed,
    };
}
