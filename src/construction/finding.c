#include "attest/construction/finding.h"

#include <math.h>
#include <stdio.h>

#include "attest/base/text.h"

double att_row_metric(const struct att_row_view *row, uint32_t metric)
{
    return att_value_number(row->metric[metric]);
}

bool att_row_has(const struct att_row_view *row, uint32_t metric)
{
    return row->metric[metric].kind != ATT_NONE;
}

bool att_row_says(const struct att_row_view *row, uint32_t param,
                  const char *word)
{
    return att_text_same(row->param[param].s, word);
}

void att_finding_blank(struct att_finding *f)
{
    f->verdict = ATT_NOT_APPLICABLE;
    f->statistic = f->predicted = f->lo = f->hi = (double)NAN;
}

void att_finding_say(struct att_finding *f, double measured, double predicted,
                     bool holds)
{
    f->statistic = measured;
    f->predicted = predicted;
    f->verdict = holds ? ATT_HOLDS : ATT_VIOLATED;
}

static bool contains(struct att_interval i, double value)
{
    return i.lo <= value && value <= i.hi;
}

/* excess > 0: the wrong side of the bound. */
static void judge_excess(struct att_finding *f, double value, double bound,
                         double excess)
{
    const double floor = 1e-9 * fabs(bound);

    f->statistic = value;
    f->predicted = bound;
    if (isnan(excess) || (excess > 0 && excess <= floor)) {
        f->verdict = ATT_INCONCLUSIVE;
    } else {
        f->verdict = excess > 0 ? ATT_VIOLATED : ATT_HOLDS;
    }
}

void att_finding_at_most(struct att_finding *f, double value, double bound)
{
    judge_excess(f, value, bound, value - bound);
}

void att_finding_at_least(struct att_finding *f, double value, double bound)
{
    judge_excess(f, value, bound, bound - value);
}

void att_finding_equal(struct att_finding *f, double value, double expected)
{
    f->statistic = value;
    f->predicted = expected;
    f->verdict = value == expected ? ATT_HOLDS : ATT_VIOLATED;
    if (isnan(value) || isnan(expected))
        f->verdict = ATT_INCONCLUSIVE;
}

void att_finding_within(struct att_finding *f, double value,
                        struct att_interval holds,
                        struct att_interval tolerated)
{
    f->statistic = value;
    if (contains(holds, value)) {
        f->verdict = ATT_HOLDS;
    } else {
        f->verdict = isnan(value) || contains(tolerated, value)
                         ? ATT_INCONCLUSIVE
                         : ATT_VIOLATED;
    }
}

void att_finding_meets(struct att_finding *f, double value,
                       struct att_interval ci, struct att_interval band)
{
    const bool meets = ci.lo <= band.hi && ci.hi >= band.lo;

    f->statistic = value;
    f->lo = ci.lo;
    f->hi = ci.hi;
    if (isnan(value) || !isfinite(ci.lo) || !isfinite(ci.hi)) {
        f->verdict = ATT_INCONCLUSIVE;
    } else {
        f->verdict = meets ? ATT_HOLDS : ATT_VIOLATED;
    }
}

void att_finding_share(struct att_finding *f, uint64_t k, uint64_t n,
                       double share)
{
    const struct att_interval ci = att_wilson(k, n, 0.95);

    f->statistic = n == 0 ? (double)NAN : (double)k / (double)n;
    f->lo = ci.lo;
    f->hi = ci.hi;
    f->verdict = ATT_INCONCLUSIVE;
    if (n > 0 && ci.lo >= share)
        f->verdict = ATT_HOLDS;
    if (n > 0 && ci.hi < share)
        f->verdict = ATT_VIOLATED;
}

void att_finding_exponent(struct att_finding *f, const struct att_sample *s,
                          size_t min_distinct, struct att_interval band,
                          struct att_arena *scratch, struct att_fit *fit)
{
    const struct att_points points = att_sample_points(s);
    const size_t n_distinct = att_sample_distinct(s, 0, scratch);
    struct att_fit found = {0};
    struct att_error err = {0};

    f->verdict = ATT_INCONCLUSIVE;
    if (n_distinct < min_distinct) {
        (void)snprintf(f->note, sizeof f->note,
                       "%zu different values, %zu are needed", n_distinct,
                       min_distinct);
        return;
    }
    if (att_fit_power(&points, ATT_FIT_MEDIANS, scratch, &found, &err) !=
        ATT_OK) {
        (void)snprintf(f->note, sizeof f->note, "%.150s", err.text);
        return;
    }
    att_finding_meets(f, found.coef[1], found.ci[1], band);
    if (fit != NULL)
        *fit = found;
}

double *att_rows_metric(const struct att_rows *rows, uint32_t metric)
{
    double *value = ATT_NEW(rows->scratch, double, rows->n);

    for (size_t i = 0; value != NULL && i < rows->n; i++)
        value[i] = att_value_number(rows->row[i].metric[metric]);
    return value;
}

bool att_rows_sample(const struct att_rows *rows, uint32_t p,
                     att_row_point_fn point, struct att_sample *s)
{
    double x[ATT_FIT_COEFS];
    double y = 0.0;

    if (!att_sample_init(s, rows->scratch, rows->n, p))
        return false;
    for (size_t i = 0; i < rows->n; i++) {
        const struct att_row_view *row = &rows->row[i];

        if (point(row, x, &y))
            (void)att_sample_add(s, x, y, row->replicate);
    }
    return true;
}
