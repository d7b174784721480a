/* matching_claims.c - what is claimed of one unit for pairs and triples. */
#include "matching_columns_priv.h"

#include <stdio.h>

/* Significant bits of a row's numbers. */
static double bits_of(const struct att_row_view *row)
{
    struct att_arithmetic a;

    if (row->param[MP_BITS].i > 1)
        return (double)row->param[MP_BITS].i;
    return att_arithmetic_parse(row->param[MP_DTYPE].s, &a, NULL) == ATT_OK
               ? (double)a.bits
               : (double)NAN;
}

static double modulus(const struct att_row_view *row)
{
    return (double)row->param[ATT_MATCH_M].i;
}

static bool is_kind(const struct att_row_view *row, const char *kind)
{
    return att_row_says(row, MP_KIND, kind);
}

/* ---- margins of a unit ----------------------------------------------------------------- */

/* How far the series may be off: 1e-6 is the specification's for triples. */
static double series_error(const struct att_row_view *row)
{
    const int order = att_match_order(row->param);

    return order == 3
               ? 1e-6
               : att_match_series_error(att_row_metric(row, MM_C),
                                        (double)row->param[ATT_MATCH_L].i,
                                        order);
}

/* Do the roundings of a row's path stay proved away from its answers? */
static double logit_error(const struct att_row_view *row)
{
    const char *path = row->param[MP_PATH].s;
    const double c = att_row_metric(row, MM_C);
    const double n = (double)row->param[ATT_MATCH_L].i;

    switch (att_match_path(path)) {
    case MATCH_NAIVE:
        return is_kind(row, "match3")
                   ? att_match_triple_error(c, n)
                   : att_match_pair_error(c, n, bits_of(row));
    case MATCH_STREAM:
        return att_match_triple_error(c, n);
    case MATCH_BESSEL: /* what moves outputs by that much */
        return log1p(4.0 * series_error(row));
    case MATCH_HIST:
    case MATCH_SPARSE:
    case MATCH_PATHS:
        break;
    }
    return att_match_triple_error(0.0, n);
}

/* Weights are off by a factor of at most e^error: outputs by (e^error - 1)/4,
 * and no answer flips below ln 4 (docs/theory/matching.md, "Roundings"). */
static void judge_unit(const struct att_row_view *row, double least,
                       struct att_finding *f)
{
    const double error = logit_error(row);
    const double tau = 0.25 * expm1(error) + 1e-12;
    const double min = att_row_metric(row, MM_OUT_MIN);
    const double max = att_row_metric(row, MM_OUT_MAX);
    const bool within =
        (isnan(min) || min >= least - tau) && (isnan(max) || max <= 0.2 + tau);

    if (!(error < log(4.0)))
        return;
    f->statistic = att_row_metric(row, MM_WRONG);
    f->predicted = 0.0;
    f->lo = min;
    f->hi = max;
    f->verdict = f->statistic == 0.0 && (within || tau > 0.05) ? ATT_HOLDS
                                                               : ATT_VIOLATED;
}

/* 4L/(4L+1): a match against the blank. */
static double least_of_pairs(const struct att_row_view *row)
{
    const double n = 4.0 * (double)row->param[ATT_MATCH_L].i;

    return n / (n + 1.0);
}

static void judge_match2(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];

    att_finding_blank(f);
    if (is_kind(row, "match2"))
        judge_unit(row, least_of_pairs(row), f);
}

static void judge_match3(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];
    const double n = (double)row->param[ATT_MATCH_L].i;
    const double mixed = 2.0 * n * exp(-att_row_metric(row, MM_C));

    att_finding_blank(f);
    if (!is_kind(row, "match3"))
        return;
    judge_unit(row, 1.0 / (1.0 + 1.0 / (4.0 * n * n) + mixed), f);
}

/* 1/(1 + 1/(4 L^(r-1)) + mixed e^(-c)): mixed choices are fewer than
 * (L + 1)^(r-1). */
static void judge_more(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];
    const double n = (double)row->param[ATT_MATCH_L].i;
    const double m = (double)(att_match_order(row->param) - 1);
    const double mixed = pow(n + 1.0, m) * exp(-att_row_metric(row, MM_C));

    att_finding_blank(f);
    if (is_kind(row, "matchr"))
        judge_unit(row, 1.0 / (1.0 + 0.25 * pow(n, -m) + mixed), f);
}

/* ---- bits and formats --------------------------------------------------------------------- */

static bool tells_bits(const struct att_row_view *row)
{
    return is_kind(row, "match2") && modulus(row) >= 7.0 &&
           att_row_has(row, MM_P_BITS);
}

/* Median over replicates of p_bits - 2 lg(M / pi) for the modulus of row i;
 * diff has room for all rows, *next is the first row of another modulus. */
static double median_excess(const struct att_rows *rows, size_t i, double *diff,
                            size_t *next)
{
    const double M = modulus(&rows->row[i]);
    size_t n = 0;

    for (*next = i; *next < rows->n && modulus(&rows->row[*next]) == M;
         ++*next) {
        const struct att_row_view *row = &rows->row[*next];

        if (tells_bits(row)) {
            diff[n++] =
                att_row_metric(row, MM_P_BITS) - att_row_metric(row, MM_P_LAW);
        }
    }
    return att_median(diff, n);
}

/* Every modulus: the one farthest from the middle of the band decides. */
static void judge_bits(const struct att_rows *rows, struct att_finding *f)
{
    double *diff = ATT_NEW(rows->scratch, double, rows->n);
    double worst = (double)NAN;

    att_finding_blank(f);
    for (size_t i = 0, next = 0; diff != NULL && i < rows->n; i = next) {
        const double excess = median_excess(rows, i, diff, &next);

        if (isnan(excess) || fabs(excess - 1.0) <= fabs(worst - 1.0))
            continue;
        worst = excess;
        f->worst = i;
    }
    if (isnan(worst))
        return;
    att_finding_within(f, worst, (struct att_interval){-1.0, 3.0},
                       (struct att_interval){-2.0, 5.0});
    f->predicted = 1.0;
}

/* How far a format reaches: rows of one format, by ascending M. */
struct reach {
    double most;  /* largest M below the first failure */
    double next;  /* the one below it */
    double fails; /* least M with a wrong token */
    size_t lucky; /* rows beyond it without one */
    size_t at;    /* the row of `most` */
};

static void reach_add(struct reach *r, const struct att_row_view *row, size_t i)
{
    const double M = modulus(row);

    if (att_row_metric(row, MM_WRONG) > 0.0) {
        r->fails = fmin(r->fails, M);
        if (M == r->most) /* another replicate was right */
            r->most = r->next;
    } else if (M >= r->fails) {
        r->lucky++;
    } else if (M > r->most) {
        r->next = r->most;
        r->most = M;
        r->at = i;
    }
}

/* A single family of inputs asks one thing only, and wrong features may
 * answer it by luck at any M: all six are asked. */
static bool tells_reach(const struct att_row_view *row)
{
    return is_kind(row, "match2") && att_row_says(row, MP_PATH, "naive") &&
           att_row_says(row, ATT_MATCH_DATA, "mixed2") &&
           row->param[ATT_MATCH_SAMPLES].i >= 6;
}

static void judge_format(const struct att_rows *rows, struct att_finding *f)
{
    struct reach r = {.fails = INFINITY};

    att_finding_blank(f);
    for (size_t i = 0; i < rows->n; i++) {
        if (!tells_reach(&rows->row[i]))
            return;
        reach_add(&r, &rows->row[i], i);
    }
    if (rows->n < 3 || !isfinite(r.fails) || r.most <= 0.0)
        return;
    att_finding_within(f, r.most / att_row_metric(&rows->row[0], MM_M_LAW),
                       (struct att_interval){0.25, 4.0},
                       (struct att_interval){0.0625, 16.0});
    f->predicted = 1.0;
    f->worst = r.at;
    (void)snprintf(f->note, sizeof f->note,
                   "right up to M = %.0f, wrong at %.0f; %zu rows beyond are "
                   "right by luck",
                   r.most, r.fails, r.lucky);
}

static bool is_same_series(const struct att_row_view *a,
                           const struct att_row_view *b)
{
    return bits_of(a) == bits_of(b) && a->replicate == b->replicate;
}

/* The reach of the format and replicate of row `first`. */
static struct reach reach_of(const struct att_rows *rows, size_t first)
{
    struct reach r = {.fails = INFINITY};

    for (size_t i = first; i < rows->n; i++) {
        if (is_same_series(&rows->row[i], &rows->row[first]))
            reach_add(&r, &rows->row[i], i);
    }
    return r;
}

static bool is_first_of_series(const struct att_rows *rows, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (is_same_series(&rows->row[k], &rows->row[i]))
            return false;
    }
    return true;
}

/* The reach grows as (2^t)^(1/2). */
static void judge_modulus(const struct att_rows *rows, struct att_finding *f)
{
    struct att_sample s;

    att_finding_blank(f);
    if (!att_sample_init(&s, rows->scratch, rows->n, 1))
        return;
    for (size_t i = 0; i < rows->n; i++) {
        const struct att_row_view *row = &rows->row[i];

        if (!tells_reach(row))
            return;
        if (!is_first_of_series(rows, i))
            continue;
        const struct reach r = reach_of(rows, i);
        const double x = exp2(bits_of(row));

        if (isfinite(r.fails) && r.most > 0.0)
            (void)att_sample_add(&s, &x, r.most, row->replicate);
    }
    if (att_sample_distinct(&s, 0, rows->scratch) < 4)
        return;
    att_finding_exponent(f, &s, 4, (struct att_interval){0.45, 0.55},
                         rows->scratch, NULL);
    f->predicted = 0.5;
}

/* ---- harmonics ------------------------------------------------------------------------------- */

/* Harmonics whose gap is at least 1/2. */
static bool has_wide_gap(const struct att_row_view *row)
{
    return is_kind(row, "match2h") && modulus(row) >= 31.0 &&
           att_row_metric(row, MM_GAP) >= 0.5;
}

static void judge_harmonics(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];

    att_finding_blank(f);
    if (!has_wide_gap(row) || bits_of(row) < 53.0)
        return;
    f->statistic = att_row_metric(row, MM_WRONG);
    f->predicted = 0.0;
    const bool margin =
        !(att_row_metric(row, MM_OUT_MIN) < least_of_pairs(row) - 1e-9) &&
        !(att_row_metric(row, MM_OUT_MAX) > 0.2 + 1e-9);

    f->verdict = f->statistic == 0.0 && margin ? ATT_HOLDS : ATT_VIOLATED;
}

/* The least R of a modulus that reaches a gap of 1/2, and its bits. */
static void judge_harmonics_law(const struct att_rows *rows,
                                struct att_finding *f)
{
    const struct att_row_view *best = NULL;

    att_finding_blank(f);
    for (size_t i = 0; i < rows->n; i++) {
        const struct att_row_view *row = &rows->row[i];

        if (has_wide_gap(row) && modulus(row) <= 32749.0 &&
            att_row_has(row, MM_P_BITS) &&
            (best == NULL || row->param[MP_R].i < best->param[MP_R].i)) {
            best = row;
            f->worst = i;
        }
    }
    if (best == NULL)
        return;
    const double per_ln = (double)best->param[MP_R].i / log(modulus(best));
    const double bits = att_row_metric(best, MM_P_BITS);

    att_finding_within(f, per_ln, (struct att_interval){0.0, 5.0},
                       (struct att_interval){0.0, 10.0});
    f->predicted = 5.0;
    if (bits > 9.0 || bits >= att_row_metric(best, MM_P_LAW)) {
        f->verdict = ATT_VIOLATED;
    } else if (bits > 6.0 && f->verdict == ATT_HOLDS) {
        f->verdict = ATT_INCONCLUSIVE;
    }
    (void)snprintf(f->note, sizeof f->note,
                   "R = %lld reaches a gap of 1/2 and needs %.0f bits",
                   (long long)best->param[MP_R].i, bits);
}

/* ---- paths ------------------------------------------------------------------------------------- */

/* 1e-11, or what roundings of a logit of size c can do to these outputs; where
 * they can flip an answer, the literal path is no reference. */
static void judge_paths(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];
    const bool series =
        att_row_says(row, MP_PATH, "bessel") || is_kind(row, "matchr");
    const double n = (double)row->param[ATT_MATCH_L].i;
    const double c = att_row_metric(row, MM_C);
    const double slack = fmax(fmax(att_row_metric(row, MM_OUT_MAX),
                                   1.0 - att_row_metric(row, MM_OUT_MIN)),
                              0.0);

    att_finding_blank(f);
    if (!att_row_has(row, MM_PATH_DEV) || bits_of(row) < 53.0 ||
        !(att_match_triple_error(c, n) < log(4.0)))
        return;
    att_finding_at_most(f, att_row_metric(row, MM_PATH_DEV),
                        fmax(series ? series_error(row) : 1e-11,
                             att_match_rounding(c, n, slack)));
}

/* A conjecture on networks of any depth: no row can speak of it. */
static void judge_deep(const struct att_rows *rows, struct att_finding *f)
{
    (void)rows;
    att_finding_blank(f);
}

const struct att_claim att_match_claims[MATCH_CLAIMS] = {
    MATCH_CLAIM("match2", ATT_PROVED, ATT_SCOPE_ROW, "", judge_match2,
                MATCH_HERE,
                "d = 3: out_min_match >= 4L/(4L+1), out_max_none <= 1/5, wrong "
                "= 0 while (8c + L) 2^-t < ln 4 for t bits"),
    MATCH_CLAIM("match2-bits", ATT_EMPIRICAL, ATT_SCOPE_GROUP, "*,!M",
                judge_bits, MATCH_LAW,
                "p_bits - 2 lg(M/pi) in [-1, 3] for every M (median over "
                "replicates)"),
    MATCH_CLAIM("match2-format", ATT_EMPIRICAL, ATT_SCOPE_GROUP, "*,!M",
                judge_format, MATCH_LAW,
                "the largest M below the first wrong token, over all families "
                "of inputs, is pi 2^(t/2) up to a factor 4"),
    MATCH_CLAIM("match2-modulus", ATT_EMPIRICAL, ATT_SCOPE_GROUP,
                "*,!M,!bits,!dtype", judge_modulus, MATCH_LAW,
                "that M grows as (2^t)^(1/2)"),
    MATCH_CLAIM("harmonics", ATT_PROVED, ATT_SCOPE_ROW, "", judge_harmonics,
                MATCH_HERE,
                "gap >= 1/2 gives the margins of one harmonic and wrong = 0"),
    MATCH_CLAIM("harmonics-law", ATT_EMPIRICAL, ATT_SCOPE_GROUP, "*,!R",
                judge_harmonics_law, MATCH_LAW,
                "some R <= 5 ln M harmonics have gap >= 1/2 and need at most 6 "
                "bits, fewer than one harmonic"),
    MATCH_CLAIM("match3", ATT_PROVED, ATT_SCOPE_ROW, "", judge_match3,
                MATCH_HERE,
                "d = 5: out_min_match >= 1/(1 + 1/(4L^2) + 2L exp(-c)), "
                "out_max_none <= 1/5, wrong = 0"),
    MATCH_CLAIM("match-r", ATT_PROVED, ATT_SCOPE_ROW, "", judge_more,
                MATCH_HERE,
                "the unit of order r: out_min_match >= 1/(1 + 1/(4L^(r-1)) + "
                "(L+1)^(r-1) exp(-c)), out_max_none <= 1/5, wrong = 0"),
    MATCH_CLAIM("paths", ATT_PROVED, ATT_SCOPE_ROW, "", judge_paths, MATCH_HERE,
                "fast paths agree with the literal one within 1e-11, bessel "
                "within 1e-6, or within the roundings of a logit of size c"),
    MATCH_CLAIM("deep", ATT_PUBLIC, ATT_SCOPE_ROW, "", judge_deep,
                "conjecture, stated in public sources",
                "deep standard transformers need L^Omega(1) of width, depth, d "
                "or p for Match3 (never judged)"),
};
