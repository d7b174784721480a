/* memorization_judge_rows.c - verdicts on single rows. */
#include "memorization_claims_priv.h"

#include <math.h>
#include <stdio.h>

#include "attest/base/text.h"
#include "attest/construction/finding.h"
#include "memorization_priv.h"

/* ---- reading a row ------------------------------------------------------------ */

static const struct att_value *metric(const struct att_rows *rows, uint32_t m)
{
    return &rows->row[0].metric[m];
}

static double size(const struct att_rows *rows, uint32_t param)
{
    return (double)rows->row[0].param[param].i;
}

/* Blank the finding; false for a refused row or a missing column. */
static bool applies(const struct att_rows *rows, uint32_t column,
                    struct att_finding *f)
{
    att_finding_blank(f);
    return att_row_has(rows->row, MEM_M_ERR_KIND) &&
           metric(rows, MEM_M_ERR_KIND)->s[0] == '\0' &&
           att_row_has(rows->row, column);
}

static int dtype_bits(const struct att_rows *rows)
{
    return att_mem_dtype_bits(att_mem_dtype(rows->row[0].param[MEM_DTYPE].s));
}

/* ---- recall --------------------------------------------------------------------- */

/* All right: holds; not all right: excused below two bits of slack (a gap of
 * 0 has none). */
static void judge_recall(const struct att_rows *rows, double worst,
                         struct att_finding *f)
{
    const bool slack = att_row_has(rows->row, MEM_M_SLACK) &&
                       att_row_metric(rows->row, MEM_M_SLACK) >= 2.0;

    att_finding_say(f, worst, 1.0, worst >= 1.0);
    if (worst < 1.0 && !slack)
        f->verdict = ATT_INCONCLUSIVE;
}

void att_mem_judge_exact(const struct att_rows *rows, struct att_finding *f)
{
    if (!applies(rows, MEM_M_ID_ACC, f) ||
        !att_row_says(rows->row, MEM_TIER, "search"))
        return;
    judge_recall(rows,
                 fmin(att_row_metric(rows->row, MEM_M_ID_ACC),
                      fmin(att_row_metric(rows->row, MEM_M_LABEL_ACC),
                           att_row_metric(rows->row, MEM_M_SEQ_ACC))),
                 f);
}

void att_mem_judge_duplicates(const struct att_rows *rows,
                              struct att_finding *f)
{
    if (!applies(rows, MEM_M_ID_ACC, f) ||
        !att_row_says(rows->row, ATT_TL_DATA, "multiset"))
        return;
    judge_recall(rows, att_row_metric(rows->row, MEM_M_ID_ACC), f);
}

void att_mem_judge_precision_rule(const struct att_rows *rows,
                                  struct att_finding *f)
{
    if (!applies(rows, MEM_M_SLACK, f))
        return;
    const double slack = att_row_metric(rows->row, MEM_M_SLACK);
    const bool all = att_row_metric(rows->row, MEM_M_ID_ACC) >= 1.0;

    f->statistic = slack;
    f->predicted = 2.0;
    f->verdict = ATT_INCONCLUSIVE;
    if ((slack >= 2.0 && all) || (slack < 0.0 && !all))
        f->verdict = ATT_HOLDS;
    if (slack >= 2.0 && !all)
        f->verdict = ATT_VIOLATED;
}

/* ---- theory ------------------------------------------------------------------------ */

void att_mem_judge_lex_order(const struct att_rows *rows, struct att_finding *f)
{
    if (!applies(rows, MEM_M_ORDER_VIOLATIONS, f))
        return;
    att_finding_equal(f, att_row_metric(rows->row, MEM_M_ORDER_VIOLATIONS),
                      0.0);
}

/* Distances of one token's ids against a bound of the row. */
static void judge_bound(const struct att_rows *rows, const char *tier,
                        uint32_t column, double sign, struct att_finding *f)
{
    if (!applies(rows, column, f) || !att_row_says(rows->row, MEM_TIER, tier) ||
        rows->row[0].param[ATT_TL_L].i == 1 ||
        att_row_says(rows->row, ATT_TL_DATA, "multiset"))
        return;
    if (att_row_metric(rows->row, MEM_M_T) <=
        att_row_metric(rows->row, MEM_M_M))
        return; /* no token is in two sets */
    const bool own_gain = att_row_says(rows->row, MEM_GAIN, "tier") ||
                          att_row_says(rows->row, MEM_GAIN, "theorem");

    if (!own_gain && att_text_same(tier, "theorem"))
        return; /* T2 is about its own gain */
    f->verdict = ATT_INCONCLUSIVE;
    f->predicted = sign * att_row_metric(rows->row, column);
    if (att_row_has(rows->row, MEM_M_SAME_TOKEN_BITS)) {
        att_finding_at_most(f, att_row_metric(rows->row, MEM_M_SAME_TOKEN_BITS),
                            f->predicted);
        return;
    }
    const double m = att_row_metric(rows->row, MEM_M_M);

    (void)snprintf(f->note, sizeof f->note,
                   "distances not resolved: %.0f bits are the most for "
                   "M^2 + T = %.0f numbers",
                   MEM_WIDE_MOST_WORK /
                       (m * m + att_row_metric(rows->row, MEM_M_T)),
                   m * m + att_row_metric(rows->row, MEM_M_T));
}

void att_mem_judge_context_T2(const struct att_rows *rows,
                              struct att_finding *f)
{
    judge_bound(rows, "theorem", MEM_M_LOG2_DELTA_T2, -1.0, f);
}

void att_mem_judge_instance_bound(const struct att_rows *rows,
                                  struct att_finding *f)
{
    judge_bound(rows, "instance", MEM_M_BITS_CERTIFIED, 1.0, f);
}

void att_mem_judge_bits_law(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_interval holds = {-2.5, 2.5}, tolerated = {-4.0, 4.0};

    if (!applies(rows, MEM_M_BITS, f) || !att_mem_is_generic(rows->row))
        return;
    att_finding_within(f,
                       att_row_metric(rows->row, MEM_M_BITS) -
                           att_row_metric(rows->row, MEM_M_BITS_LAW),
                       holds, tolerated);
    f->predicted = 0.0;
}

void att_mem_judge_readout(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_interval holds = {-3.0, 3.0}, tolerated = {-5.0, 5.0};

    if (!applies(rows, MEM_M_BITS_READOUT, f) ||
        !att_row_says(rows->row, ATT_TL_DATA, "shared") ||
        !att_row_says(rows->row, MEM_MASK, "none"))
        return;
    const double law = 2.0 / size(rows, MEM_READOUT) *
                       log2(att_row_metric(rows->row, MEM_M_T));

    att_finding_within(f, att_row_metric(rows->row, MEM_M_BITS_READOUT) - law,
                       holds, tolerated);
    f->predicted = 0.0;
}

/* ---- precision ------------------------------------------------------------------------ */

void att_mem_judge_certificate(const struct att_rows *rows,
                               struct att_finding *f)
{
    if (!applies(rows, MEM_M_CERTIFIED, f) ||
        att_row_metric(rows->row, MEM_M_CERTIFIED) < 1.0)
        return;
    att_finding_say(f, att_row_metric(rows->row, MEM_M_ID_ACC), 1.0,
                    att_row_metric(rows->row, MEM_M_ID_ACC) >= 1.0);
}

void att_mem_judge_error_bound(const struct att_rows *rows,
                               struct att_finding *f)
{
    if (!applies(rows, MEM_M_E_MEASURED, f))
        return;
    const double u = ldexp(1.0, -dtype_bits(rows));

    /* first order: nothing is said once kappa u is no longer small */
    if (att_row_metric(rows->row, MEM_M_KAPPA) * u > 0x1p-5)
        return;
    att_finding_at_most(f, att_row_metric(rows->row, MEM_M_E_MEASURED),
                        att_row_metric(rows->row, MEM_M_E_BOUND));
}

void att_mem_judge_order_noise(const struct att_rows *rows,
                               struct att_finding *f)
{
    const struct att_interval holds = {0.0, 2.0}, tolerated = {0.0, 4.0};

    if (!applies(rows, MEM_M_ORDER_NOISE, f))
        return;
    att_finding_within(f, att_row_metric(rows->row, MEM_M_ORDER_NOISE), holds,
                       tolerated);
    f->predicted = 2.0;
}

void att_mem_judge_equivariance(const struct att_rows *rows,
                                struct att_finding *f)
{
    if (!applies(rows, MEM_M_BIT_EQUIVARIANT, f))
        return;
    const double both = fmin(att_row_metric(rows->row, MEM_M_BIT_EQUIVARIANT),
                             att_row_metric(rows->row, MEM_M_SCALE_EXACT));

    att_finding_equal(f, both, 1.0);
}

/* E of f64 with the deeper of the sums, and d more products for <v, h> and
 * W x of the dense one. */
void att_mem_judge_evaluators_agree(const struct att_rows *rows,
                                    struct att_finding *f)
{
    if (!applies(rows, MEM_M_EVAL_SPREAD, f))
        return;
    const double p_high = sqrt(att_row_metric(rows->row, MEM_M_KAPPA) /
                               att_row_metric(rows->row, MEM_M_LOGIT_SCALE));
    const double d = size(rows, ATT_TL_D),
                 r_max = att_row_metric(rows->row, MEM_M_R_MAX);
    const double kappa = att_row_metric(rows->row, MEM_M_KAPPA);
    const double rho = att_row_metric(rows->row, MEM_M_RHO);
    const struct mem_noise noise = {0x1p-53,
                                    kappa,
                                    rho,
                                    p_high,
                                    att_row_metric(rows->row, MEM_M_MAX_Z),
                                    size(rows, ATT_TL_L)};
    /* a projection rounds by d u |x|; it enters z, and s through lambda p p */
    const double projected = d * 0x1p-53 * r_max;
    const double through = 1.0 + rho * (1.0 + 4.0 * kappa) + d * rho;

    if (kappa * 0x1p-53 > 0x1p-5)
        return;
    att_finding_at_most(f, att_row_metric(rows->row, MEM_M_EVAL_SPREAD),
                        2.0 * att_mem_error_bound(&noise) +
                            2.0 * projected * through);
}

/* ---- counts ------------------------------------------------------------------------------ */

void att_mem_judge_params(const struct att_rows *rows, struct att_finding *f)
{
    if (!applies(rows, MEM_M_PARAMS_FFN, f))
        return;
    const double d = size(rows, ATT_TL_D), d_out = size(rows, ATT_TL_D_OUT);
    const double steps = att_row_metric(rows->row, MEM_M_IDS_DISTINCT) - 1.0;
    const char *kind = metric(rows, MEM_M_FFN_KIND)->s;
    const double per = att_text_same(kind, "plateau") ? 2.0 : 1.0;
    const double ffn = d + per * steps + per * d_out * steps + d_out;
    const double attn = 4.0 * (size(rows, MEM_HEAD) + d);

    if (att_row_says(rows->row, MEM_DTYPE, "dd") ||
        att_row_says(rows->row, MEM_DTYPE, "x80"))
        return; /* exported knots are doubles: equal ones are merged */
    att_finding_say(f, att_row_metric(rows->row, MEM_M_PARAMS_USED), attn + ffn,
                    att_row_metric(rows->row, MEM_M_PARAMS_FFN) == ffn &&
                        att_row_metric(rows->row, MEM_M_PARAMS_ATTN) == attn);
}

void att_mem_judge_params_law(const struct att_rows *rows,
                              struct att_finding *f)
{
    if (!applies(rows, MEM_M_PARAMS_FFN, f) ||
        !att_row_says(rows->row, MEM_FFN, "interp") ||
        rows->row[0].param[ATT_TL_D_OUT].i != rows->row[0].param[ATT_TL_D].i)
        return;
    att_finding_at_most(f, att_row_metric(rows->row, MEM_M_PARAMS_USED),
                        att_row_metric(rows->row, MEM_M_PARAMS_THEOREM));
}

void att_mem_judge_exp_count(const struct att_rows *rows, struct att_finding *f)
{
    if (!applies(rows, MEM_M_EXP_COUNT, f) ||
        !att_row_says(rows->row, MEM_MASK, "none"))
        return;
    const double m = att_row_metric(rows->row, MEM_M_M);
    const double expected =
        att_row_metric(rows->row, MEM_M_T) * size(rows, ATT_TL_L);
    const bool table =
        !att_row_has(rows->row, MEM_M_EXP_COUNT_TABLE) ||
        att_row_metric(rows->row, MEM_M_EXP_COUNT_TABLE) == m * m;

    att_finding_say(f, att_row_metric(rows->row, MEM_M_EXP_COUNT), expected,
                    att_row_metric(rows->row, MEM_M_EXP_COUNT) == expected &&
                        table);
}

void att_mem_judge_consistency(const struct att_rows *rows,
                               struct att_finding *f)
{
    att_finding_blank(f);
    if (!att_row_has(rows->row, MEM_M_EXPECTED_A))
        return;
    const char *expected = metric(rows, MEM_M_EXPECTED_KIND)->s;
    const char *got = metric(rows, MEM_M_ERR_KIND)->s;

    if (att_text_same(expected, "duplicate") &&
        att_row_says(rows->row, MEM_REPEATS, "allow"))
        return;
    att_finding_say(f, att_row_metric(rows->row, MEM_M_ERR_A),
                    att_row_metric(rows->row, MEM_M_EXPECTED_A),
                    att_text_same(expected, got) &&
                        att_row_metric(rows->row, MEM_M_ERR_A) ==
                            att_row_metric(rows->row, MEM_M_EXPECTED_A) &&
                        att_row_metric(rows->row, MEM_M_ERR_B) ==
                            att_row_metric(rows->row, MEM_M_EXPECTED_B));
    (void)snprintf(f->note, sizeof f->note, "expected %s, got '%s'", expected,
                   got);
}

/* ---- the feed-forward network ----------------------------------------------------------- */

void att_mem_judge_ffn_plateau(const struct att_rows *rows,
                               struct att_finding *f)
{
    if (!applies(rows, MEM_M_FFN_ERR_CLAMP, f))
        return;
    const double gap = att_row_has(rows->row, MEM_M_GAP_DTYPE)
                           ? att_row_metric(rows->row, MEM_M_GAP_DTYPE)
                           : att_row_metric(rows->row, MEM_M_MAX_Z);
    double worst = att_row_metric(rows->row, MEM_M_FFN_ERR_FAST);

    /* a ramp needs numbers around its threshold: 16 of them in a gap (clamps
     * are doubles); a ReLU pair needs z - t < 2 max|z| = 2^(bits + 5) ramps
     * of gap / 16 to be exact */
    if (gap >= 0x1p-49 * att_row_metric(rows->row, MEM_M_MAX_Z))
        worst = fmax(worst, att_row_metric(rows->row, MEM_M_FFN_ERR_CLAMP));
    if (att_row_has(rows->row, MEM_M_FFN_MAX_ERR) &&
        gap >=
            ldexp(att_row_metric(rows->row, MEM_M_MAX_Z), 5 - dtype_bits(rows)))
        worst = fmax(worst, att_row_metric(rows->row, MEM_M_FFN_MAX_ERR));
    att_finding_equal(f, worst, 0.0);
}

void att_mem_judge_ffn_interp(const struct att_rows *rows,
                              struct att_finding *f)
{
    if (!applies(rows, MEM_M_FFN_MAX_ERR, f) ||
        !att_row_says(rows->row, MEM_FFN, "interp") ||
        !att_row_has(rows->row, MEM_M_SLACK) ||
        att_row_metric(rows->row, MEM_M_SLACK) <= 0.0)
        return;
    const double u = ldexp(1.0, -dtype_bits(rows));
    const double rise = fmax(size(rows, ATT_TL_C) - 1.0, 0.0);

    att_finding_at_most(f, att_row_metric(rows->row, MEM_M_FFN_MAX_ERR),
                        u * att_row_metric(rows->row, MEM_M_T) *
                            exp2(att_row_metric(rows->row, MEM_M_BITS)) * rise);
}

/* ---- observations -------------------------------------------------------------------------- */

static double cell(const struct att_rows *rows, size_t line, uint32_t column)
{
    const struct att_lines *t = &rows->row[0].observations;

    return t->cell[line * t->n_columns + column];
}

static size_t n_lines(const struct att_rows *rows)
{
    return rows->row[0].observations.n_rows;
}

void att_mem_judge_hardmax_floor(const struct att_rows *rows,
                                 struct att_finding *f)
{
    if (!applies(rows, MEM_M_HARDMAX_FLOOR, f) ||
        !att_row_says(rows->row, MEM_DTYPE, "f64"))
        return;
    const double floor = att_row_metric(rows->row, MEM_M_HARDMAX_FLOOR);
    bool equal = true;

    for (size_t i = 0; i < n_lines(rows); i++) {
        if (cell(rows, i, MEM_O_KAPPA) < 0x1p16)
            continue;
        f->statistic = cell(rows, i, MEM_O_COLLISIONS);
        equal = equal && f->statistic == floor;
        att_finding_say(f, f->statistic, floor, equal);
    }
}

void att_mem_judge_kappa_observed(const struct att_rows *rows,
                                  struct att_finding *f)
{
    if (!applies(rows, MEM_M_KAPPA, f) ||
        !att_row_says(rows->row, MEM_DTYPE, "f64"))
        return;
    double most = -1.0;

    for (size_t i = 0; i < n_lines(rows); i++) {
        const double kappa = cell(rows, i, MEM_O_KAPPA);

        if (kappa >= 0.25 && kappa <= 16.0)
            most = fmax(most, cell(rows, i, MEM_O_COLLISIONS));
    }
    if (most >= 0.0)
        att_finding_equal(f, most, 0.0);
}

void att_mem_judge_kappa_window(const struct att_rows *rows,
                                struct att_finding *f)
{
    if (!applies(rows, MEM_M_COLLISIONS, f) ||
        !att_row_says(rows->row, MEM_TIER, "search") ||
        !att_row_says(rows->row, MEM_DTYPE, "f64"))
        return;
    const double kappa = att_row_metric(rows->row, MEM_M_KAPPA);
    const bool inside = kappa >= 0.25 && kappa <= 16.0 * (1.0 + 1e-12);
    const bool clean = att_row_metric(rows->row, MEM_M_COLLISIONS) == 0.0;

    att_finding_say(f, kappa, 16.0, inside && clean);
    if (!inside || !att_row_has(rows->row, MEM_M_SLACK) ||
        att_row_metric(rows->row, MEM_M_SLACK) < 2.0)
        f->verdict = f->verdict == ATT_HOLDS ? ATT_HOLDS : ATT_INCONCLUSIVE;
}

/* log2 of the gap against log2 of kappa, where kappa is small. */
static bool collect_gaps(const struct att_rows *rows, struct att_sample *s)
{
    if (!att_sample_init(s, rows->scratch, n_lines(rows), 1))
        return false;
    for (size_t i = 0; i < n_lines(rows); i++) {
        const double x = log2(cell(rows, i, MEM_O_KAPPA));

        if (x >= -16.0 && x <= -8.0)
            (void)att_sample_add(s, &x, cell(rows, i, MEM_O_GAP), 0);
    }
    return true;
}

void att_mem_judge_pte_slope(const struct att_rows *rows, struct att_finding *f)
{
    struct att_sample s;
    struct att_fit fit;

    if (!applies(rows, MEM_M_KAPPA, f) ||
        !att_row_says(rows->row, ATT_TL_DATA, "pte"))
        return;
    const double j = log2(size(rows, ATT_TL_L) - 1.0);

    /* kappa^j must stand out of double-double: 2^(-16 j) > 2^-80 */
    if (j > 5.0 || n_lines(rows) < 2 || !collect_gaps(rows, &s))
        return;
    const struct att_points points = att_sample_points(&s);

    if (att_fit_linear(&points, ATT_FIT_MEANS, rows->scratch, &fit, NULL) ==
        ATT_OK)
        att_finding_say(f, fit.coef[1], j, fabs(fit.coef[1] - j) <= 0.05);
}
