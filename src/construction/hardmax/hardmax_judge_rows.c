/* hardmax_judge_rows.c - verdicts on rows: exactness, refusals, thresholds. */
#include "hardmax_judge_priv.h"

static bool dtype_is(const struct att_rows *rows, uint32_t param,
                     const char *name)
{
    const char *dtype = choice(rows, param);

    if (param == HM_BUILD_DTYPE && att_text_same(dtype, "dtype"))
        dtype = choice(rows, HM_DTYPE);
    return att_text_same(dtype, name);
}

/* Evaluated in the arithmetic for which it was built. */
static bool is_aware(const struct att_rows *rows)
{
    return att_row_says(rows->row, HM_BUILD_DTYPE, "dtype") ||
           att_text_same(choice(rows, HM_BUILD_DTYPE), choice(rows, HM_DTYPE));
}

/* (C + Bq) / h_min: how the last rounding is magnified. */
static double magnification(const struct att_rows *rows)
{
    const double classes = (double)rows->row[0].param[ATT_SEQ_C].i;

    return (classes + att_row_metric(rows->row, HM_M_BQ)) /
           att_row_metric(rows->row, HM_M_H_MIN);
}

/* Expected difference of evaluators in f64. */
static double f64_noise(const struct att_rows *rows)
{
    return 1e-16 * (double)rows->row[0].param[ATT_SEQ_D].i *
           magnification(rows);
}

static double worst_accuracy(const struct att_rows *rows)
{
    static const uint32_t columns[] = {HM_M_ACC_DENSE, HM_M_ACC_LOWRANK,
                                       HM_M_ACC_PLANE, HM_M_ACC_SORTED};
    double worst = 1.0;

    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        if (att_row_has(rows->row, columns[i]))
            worst = fmin(worst, att_row_metric(rows->row, columns[i]));
    }
    return worst;
}

void att_hm_judge_exact(const struct att_rows *rows, struct att_finding *f)
{
    if (!APPLIES(rows, f, HM_M_ACC_PLANE, HM_M_OUT_ERR))
        return;
    const double worst = worst_accuracy(rows);
    const bool certified = is_aware(rows);
    const bool clear_f64 =
        certified && dtype_is(rows, HM_DTYPE, "f64") && f64_noise(rows) < 0.5;

    att_finding_say(f, worst, 1.0,
                    worst >= 1.0 &&
                        att_row_metric(rows->row, HM_M_OUT_ERR) < 0.5);
    if (f->verdict == ATT_HOLDS)
        return;
    if (!clear_f64 &&
        !(certified && att_row_metric(rows->row, HM_M_ACC_PLANE) < 1.0))
        f->verdict = ATT_INCONCLUSIVE;
}

void att_hm_judge_grid_exact(const struct att_rows *rows, struct att_finding *f)
{
    if (!APPLIES(rows, f, HM_M_CODES_EXACT) ||
        count_of(rows, HM_M_ON_GRID) == 0)
        return;
    const int64_t exact = count_of(rows, HM_M_CODES_EXACT);
    const int64_t n = count_of(rows, HM_M_N_DISTINCT);

    att_finding_say(f, (double)exact, (double)n, exact == n);
}

/* Significant bits of an arithmetic. */
static int bits_of(const struct att_rows *rows, uint32_t param)
{
    if (dtype_is(rows, param, "bits"))
        return (int)rows->row[0].param[HM_BITS].i;
    if (dtype_is(rows, param, "f32"))
        return 24;
    if (dtype_is(rows, param, "f16"))
        return 11;
    return dtype_is(rows, param, "bf16") ? 8 : 53;
}

void att_hm_judge_peel_scale(const struct att_rows *rows, struct att_finding *f)
{
    if (!APPLIES(rows, f, HM_M_CODE_GAP, HM_M_H_MIN, HM_M_W_MAX, HM_M_BQ) ||
        !att_row_says(rows->row, HM_PEEL, "one"))
        return;
    const double u = ldexp(1.0, -bits_of(rows, HM_BUILD_DTYPE));
    const double half_gap = 0.5 * att_row_metric(rows->row, HM_M_CODE_GAP);
    const double h = att_row_metric(rows->row, HM_M_H_MIN);
    /* t rounds at the size of the codes, which the grid keeps below 2 */
    const double size = fmax(2.0, att_row_metric(rows->row, HM_M_CODE_MAX));
    const double reach = (double)rows->row[0].param[ATT_SEQ_C].i +
                         att_row_metric(rows->row, HM_M_BQ) + size;

    att_finding_say(f, h, half_gap,
                    fabs(h - half_gap) <= 4.0 * u * size &&
                        att_row_metric(rows->row, HM_M_W_MAX) <= reach / h);
    (void)snprintf(f->note, sizeof f->note, "w_max %.3g of at most %.3g",
                   att_row_metric(rows->row, HM_M_W_MAX), reach / h);
}

void att_hm_judge_out_error(const struct att_rows *rows, struct att_finding *f)
{
    if (!APPLIES(rows, f, HM_M_OUT_ERR, HM_M_H_MIN, HM_M_BQ) ||
        !dtype_is(rows, HM_BUILD_DTYPE, "f64") ||
        rows->row[0].param[ATT_SEQ_EPS].r < 1e-6)
        return;
    if (!dtype_is(rows, HM_DTYPE, "f64") && !dtype_is(rows, HM_DTYPE, "f32"))
        return;
    const double ulp = dtype_is(rows, HM_DTYPE, "f64") ? 0x1p-52 : 0x1p-23;
    const double k = (double)count_of(rows, HM_M_LANDMARKS);
    const double scale = ulp * fmax(k, 1.0) * magnification(rows);
    const double ratio = att_row_metric(rows->row, HM_M_OUT_ERR) / scale;

    att_finding_say(f, att_row_metric(rows->row, HM_M_OUT_ERR), scale,
                    ratio <= 4.0);
    if (ratio > 4.0 && ratio <= 64.0)
        f->verdict = ATT_INCONCLUSIVE;
}

void att_hm_judge_evaluators_agree(const struct att_rows *rows,
                                   struct att_finding *f)
{
    if (!APPLIES(rows, f, HM_M_EVAL_SPREAD, HM_M_LABELS_AGREE, HM_M_BQ))
        return;
    if (!dtype_is(rows, HM_DTYPE, "f64"))
        return;
    const double bound = f64_noise(rows);
    const double spread = att_row_metric(rows->row, HM_M_EVAL_SPREAD);
    const bool agree = count_of(rows, HM_M_LABELS_AGREE) == 1;

    att_finding_say(f, spread, bound, agree && spread <= 16.0 * bound);
    if (f->verdict != ATT_HOLDS && (agree || bound >= 0.5))
        f->verdict = ATT_INCONCLUSIVE;
}

void att_hm_judge_set_invariance(const struct att_rows *rows,
                                 struct att_finding *f)
{
    const double clear = 64.0 * ldexp(1.0, 1 - bits_of(rows, HM_DTYPE));

    const bool exact = is_aware(rows) && count_of(rows, HM_M_ON_GRID) == 1;

    /* Tokens that tie are averaged, and copies then count. */
    if (!APPLIES(rows, f, HM_M_SET_INVARIANT) ||
        !(exact || att_row_metric(rows->row, HM_M_LEADER_MARGIN) >= clear))
        return;
    const int64_t same = count_of(rows, HM_M_SET_INVARIANT);

    att_finding_say(f, (double)same, 1.0, same == 1);
}

/* Planted faults show in the arithmetic they were made for; equal sets are
 * equal in every one. */
void att_hm_judge_refusal(const struct att_rows *rows, struct att_finding *f)
{
    att_finding_blank(f);
    if (!att_row_has(rows->row, HM_M_EXPECTED_I))
        return;
    const char *expected = text_of(rows, HM_M_EXPECTED_KIND);
    const char *got = text_of(rows, HM_M_ERR_KIND);

    if (!dtype_is(rows, HM_BUILD_DTYPE, "f64") &&
        !att_text_same(expected, "equal_sets"))
        return;
    const bool named =
        att_row_has(rows->row, HM_M_ERR_I) &&
        count_of(rows, HM_M_ERR_I) == count_of(rows, HM_M_EXPECTED_I) &&
        count_of(rows, HM_M_ERR_J) == count_of(rows, HM_M_EXPECTED_J);

    att_finding_say(f, att_row_metric(rows->row, HM_M_ERR_I),
                    att_row_metric(rows->row, HM_M_EXPECTED_I),
                    att_text_same(expected, got) && named);
    (void)snprintf(f->note, sizeof f->note, "expected %s, got '%s'", expected,
                   got);
}

/* ---- observed thresholds ---------------------------------------------------------- */

void att_hm_judge_bits(const struct att_rows *rows, struct att_finding *f)
{
    if (!APPLIES(rows, f, HM_M_MIN_BITS, HM_M_PLAIN_GAP) ||
        !dtype_is(rows, HM_BUILD_DTYPE, "f64"))
        return;
    const double excess = att_row_metric(rows->row, HM_M_MIN_BITS) +
                          log2(att_row_metric(rows->row, HM_M_PLAIN_GAP));

    att_finding_say(f, excess, 3.5, excess >= 1.0 && excess <= 6.0);
    f->lo = 2.0;
    f->hi = 5.0;
}

/* The smallest value that was observed on one axis; NaN when none was. */
static double least_observed(const struct att_rows *rows, uint32_t axis)
{
    const struct att_lines *table = &rows->row[0].observations;
    double least = NAN;

    for (size_t i = 0; i < table->n_rows; i++)
        least = fmin(least, table->cell[i * table->n_columns + axis]);
    return least;
}

void att_hm_judge_tau(const struct att_rows *rows, struct att_finding *f)
{
    const double least = least_observed(rows, HM_O_TAU);

    if (!APPLIES(rows, f, HM_M_TAU_BOUND) || isnan(least))
        return;
    const double bound = att_row_metric(rows->row, HM_M_TAU_BOUND);
    const double star = att_row_has(rows->row, HM_M_TAU_STAR)
                            ? att_row_metric(rows->row, HM_M_TAU_STAR)
                            : 0.0;
    const double next = star > 0.0 ? star * sqrt(10.0) : least;

    att_finding_say(f, star, bound, star >= bound);
    if (star < bound && next >= bound)
        f->verdict = ATT_INCONCLUSIVE; /* the observed values are too coarse */
}

void att_hm_judge_noise(const struct att_rows *rows, struct att_finding *f)
{
    if (!APPLIES(rows, f, HM_M_NOISE_BOUND) ||
        isnan(least_observed(rows, HM_O_SIGMA)))
        return;
    const double bound = att_row_metric(rows->row, HM_M_NOISE_BOUND);

    att_finding_say(f, att_row_metric(rows->row, HM_M_NOISE_STAR), bound,
                    att_row_metric(rows->row, HM_M_NOISE_STAR) <= bound);
    if (!att_row_has(rows->row, HM_M_NOISE_STAR))
        f->verdict = ATT_INCONCLUSIVE;
}
