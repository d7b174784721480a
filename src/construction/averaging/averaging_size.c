/* averaging_size.c - the size that reaches an error, over L: attention beside
 * linear recurrent nets and ReLU nets. */
#include <stdio.h>

#include "attest/base/text.h"
#include "attest/construction/finding.h"
#include "averaging_laws_priv.h"

enum { ATTENTION, SLOTS, RELU, SIZE_KINDS };

/* One rival's sizes over L. */
struct rival {
    struct att_sample s;
    struct att_fit fit;
    size_t n_lengths;
    bool fitted;
};

static bool is_attention(const struct att_row_view *row)
{
    return att_text_same(row->construction->name, "averaging") &&
           att_row_says(row, AP_DUAL, "ls") &&
           att_row_says(row, AP_SETS, "given") &&
           att_row_says(row, AP_NESTED, "on") && att_avg_is_theorem(row) &&
           att_avg_is_plain(row);
}

static bool put_size(const struct att_row_view *row, double *x, double *y)
{
    *x = (double)row->param[ATT_AVG_L].i;
    *y = att_row_metric(row, AM_SIZE);
    return true;
}

static bool attention_size(const struct att_row_view *row, double *x, double *y)
{
    return is_attention(row) && put_size(row, x, y);
}

/* Not the full state, which has no error. */
static bool slots_size(const struct att_row_view *row, double *x, double *y)
{
    return att_text_same(row->construction->name, "averaging_recurrent") &&
           att_row_metric(row, AM_ERR_MAX) > 0.0 && put_size(row, x, y);
}

static bool relu_size(const struct att_row_view *row, double *x, double *y)
{
    return att_text_same(row->construction->name, "averaging_ffn") &&
           put_size(row, x, y);
}

static void fit_rival(struct rival *r, struct att_arena *scratch)
{
    const struct att_points points = att_sample_points(&r->s);

    r->n_lengths = att_sample_distinct(&r->s, 0, scratch);
    r->fitted =
        r->n_lengths >= 2 && att_fit_power(&points, ATT_FIT_MEDIANS, scratch,
                                           &r->fit, NULL) == ATT_OK;
}

/* Where the fitted laws of two rivals meet: above it the first is smaller. */
static double crossover(const struct rival *a, const struct rival *b)
{
    return exp((a->fit.coef[0] - b->fit.coef[0]) /
               (b->fit.coef[1] - a->fit.coef[1]));
}

static bool in_band(const struct rival *r, double lo, double hi)
{
    return r->fit.coef[1] >= lo && r->fit.coef[1] <= hi;
}

static void tell(const struct rival *r, struct att_finding *f)
{
    const struct rival *a = &r[ATTENTION];

    if (!r[SLOTS].fitted && !r[RELU].fitted)
        return; /* a study of attention alone */
    f->verdict = ATT_INCONCLUSIVE;
    f->statistic = a->fit.coef[1];
    f->lo = a->fit.ci[1].lo;
    f->hi = a->fit.ci[1].hi;
    f->predicted = 0.08;
    if (!r[SLOTS].fitted || !r[RELU].fitted) {
        (void)snprintf(f->note, sizeof f->note,
                       "a rival is missing: sweep averaging_recurrent and "
                       "averaging_ffn over the same L");
        return;
    }
    if (f->statistic <= 0.2 && in_band(&r[SLOTS], 0.95, 1.05) &&
        in_band(&r[RELU], 1.0 - 1e-9, 1.0 + 1e-9)) {
        f->verdict = ATT_HOLDS;
    } else if (a->n_lengths >= 5) {
        f->verdict = ATT_VIOLATED;
    }
    (void)snprintf(
        f->note, sizeof f->note,
        "exponents: attention %.3f, slots %.3f, ReLU %.3f; attention "
        "is larger than slots below L = %.0f",
        a->fit.coef[1], r[SLOTS].fit.coef[1], r[RELU].fit.coef[1],
        crossover(a, &r[SLOTS]));
}

void att_avg_judge_size(const struct att_rows *rows, struct att_finding *f)
{
    static const att_row_point_fn POINT[SIZE_KINDS] = {
        [ATTENTION] = attention_size,
        [SLOTS] = slots_size,
        [RELU] = relu_size,
    };
    struct rival r[SIZE_KINDS] = {0};

    att_finding_blank(f);
    for (int k = 0; k < SIZE_KINDS; k++) {
        if (!att_rows_sample(rows, 1, POINT[k], &r[k].s))
            return;
        fit_rival(&r[k], rows->scratch);
    }
    if (r[ATTENTION].fitted && r[ATTENTION].n_lengths >= 3)
        tell(r, f);
}
