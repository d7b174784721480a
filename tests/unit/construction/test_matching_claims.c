/* test_matching_claims.c - verdicts of the matching family: a claim that cannot
 * fail says nothing. */
#include "../../../src/construction/matching/matching_columns_priv.h"

#include <math.h>

#include "one_group.h"
#include "unit.h"

/* ---- rows ---------------------------------------------------------------------- */

/* One column changed after a run: the claim says so. */
static void check_change(struct one_task *t, const char *claim,
                         const char *column, struct att_value v)
{
    CU_ASSERT_EQUAL(one_task_verdict(t, claim), ATT_HOLDS);
    CU_ASSERT_EQUAL(one_task_verdict_with(t, claim, column, v), ATT_VIOLATED);
}

static void ask_all_families(struct one_task *t, const char *kind)
{
    one_task_text(t, "kind", kind);
    one_task_int(t, "samples", 6);
    one_task_text(t, "data", "mixed2");
}

static void open_kind(struct one_task *t, const char *kind)
{
    one_task_open(t, "matching", 3);
    ask_all_families(t, kind);
}

static void pairs_are_judged_by_answers_and_margins(void)
{
    struct one_task t;

    open_kind(&t, "match2");
    CU_ASSERT_TRUE_FATAL(one_task_run(&t));
    check_change(&t, "matching.match2", "wrong", att_int(1));
    check_change(&t, "matching.match2", "out_max_none", att_real(0.21));
    check_change(&t, "matching.match2", "out_min_match",
                 att_real(256.0 / 257.0 - 1e-6));
    /* bf16 at M = 101 lies beyond what is proved */
    t.p[MP_DTYPE] = att_text("bf16");
    CU_ASSERT_EQUAL(one_task_verdict(&t, "matching.match2"),
                    ATT_NOT_APPLICABLE);
    CU_ASSERT_EQUAL(one_task_verdict(&t, "matching.match3"),
                    ATT_NOT_APPLICABLE);
    CU_ASSERT_EQUAL(one_task_verdict(&t, "matching.deep"), ATT_NOT_APPLICABLE);
    one_task_close(&t);
}

static void harmonics_are_judged_where_their_gap_is_wide(void)
{
    struct one_task t;

    open_kind(&t, "match2h");
    one_task_int(&t, "R", 24);
    CU_ASSERT_TRUE_FATAL(one_task_run(&t));
    CU_ASSERT_TRUE(one_task_number(&t, "gap") >= 0.5);
    check_change(&t, "matching.harmonics", "wrong", att_int(2));
    check_change(&t, "matching.harmonics", "out_max_none", att_real(0.3));
    one_task_change(&t, "gap", att_real(0.4));
    CU_ASSERT_EQUAL(one_task_verdict(&t, "matching.harmonics"),
                    ATT_NOT_APPLICABLE);
    one_task_close(&t);
}

static void triples_and_their_paths_are_judged(void)
{
    struct one_task t;

    open_kind(&t, "match3");
    one_task_text(&t, "path", "hist");
    one_task_text(&t, "data", "mixed3");
    CU_ASSERT_TRUE_FATAL(one_task_run(&t));
    check_change(&t, "matching.match3", "wrong", att_int(1));
    check_change(&t, "matching.match3", "out_min_match", att_real(0.99));
    check_change(&t, "matching.paths", "path_dev", att_real(1e-9));
    one_task_change(&t, "path_dev", att_none());
    CU_ASSERT_EQUAL(one_task_verdict(&t, "matching.paths"), ATT_NOT_APPLICABLE);
    /* a logit of this size is nothing but roundings on the literal path */
    one_task_change(&t, "path_dev", att_real(0.5));
    one_task_change(&t, "c", att_real(1e17));
    CU_ASSERT_EQUAL(one_task_verdict(&t, "matching.paths"), ATT_NOT_APPLICABLE);
    one_task_close(&t);
}

static void more_tokens_are_judged(void)
{
    struct one_task t;

    open_kind(&t, "matchr");
    one_task_text(&t, "path", "hist");
    one_task_int(&t, "L", 24);
    one_task_text(&t, "data", "mixed3");
    CU_ASSERT_TRUE_FATAL(one_task_run(&t));
    CU_ASSERT_EQUAL(one_task_number(&t, "d"), 9.0);
    check_change(&t, "matching.match-r", "wrong", att_int(1));
    check_change(&t, "matching.match-r", "out_min_match", att_real(0.99));
    check_change(&t, "matching.paths", "path_dev", att_real(0.3));
    t.p[MP_PATH] = att_text("sparse");
    CU_ASSERT_FALSE(one_task_run(&t));
    CU_ASSERT_STRING_EQUAL(t.err.text,
                           "more than three tokens have the paths hist and "
                           "bessel (got path = sparse, L = 24, M = 101)");
    one_task_close(&t);
}

static void local_networks_are_judged_within_their_premise(void)
{
    struct one_task t;

    one_task_open(&t, "matching_local", 5);
    one_task_int(&t, "d", 256);
    CU_ASSERT_TRUE_FATAL(one_task_run(&t));
    CU_ASSERT_TRUE(one_task_number(&t, "err_l1_max") <=
                   one_task_number(&t, "eps"));
    check_change(&t, "matching.local", "wrong", att_int(1));
    check_change(&t, "matching.local", "slot_dev", att_real(0.26));
    one_task_change(&t, "err_l1_max", att_real(0.1));
    CU_ASSERT_EQUAL(one_task_verdict(&t, "matching.local"), ATT_HOLDS);
    one_task_change(&t, "wrong", att_int(1));
    CU_ASSERT_EQUAL(one_task_verdict(&t, "matching.local"), ATT_NOT_APPLICABLE);
    one_task_close(&t);

    one_task_open(&t, "matching_local", 5);
    one_task_text(&t, "kind", "match3bigram");
    CU_ASSERT_TRUE_FATAL(one_task_run(&t));
    check_change(&t, "matching.bigram", "wrong", att_int(3));
    CU_ASSERT_EQUAL(one_task_verdict(&t, "matching.local"), ATT_NOT_APPLICABLE);
    one_task_close(&t);
}

static void collisions_must_leave_a_wrong_answer(void)
{
    struct one_task t;

    one_task_open(&t, "matching_disjointness", 5);
    one_task_int(&t, "p", 2);
    CU_ASSERT_TRUE_FATAL(one_task_run(&t));
    CU_ASSERT_TRUE(one_task_number(&t, "collisions") > 0.0);
    check_change(&t, "matching.match3-lower", "separated", att_int(0));
    check_change(&t, "matching.match3-lower", "wrong", att_int(1));
    check_change(&t, "matching.match3-lower", "miscoded", att_int(1));
    check_change(&t, "matching.match3-lower", "msg_bits", att_int(0));
    one_task_change(&t, "collisions", att_int(0));
    CU_ASSERT_EQUAL(one_task_verdict(&t, "matching.match3-lower"),
                    ATT_NOT_APPLICABLE);
    one_task_close(&t);
}

static int64_t wrong_in(struct one_task *t, int64_t bits)
{
    one_task_text(t, "probe", "off");
    one_task_int(t, "bits", bits);
    CU_ASSERT_TRUE_FATAL(one_task_run(t));
    return one_task_get(t, "wrong").i;
}

/* The first of five numbers of bits in a row without a wrong token; *lucky
 * counts shorter rows before it. */
static int64_t first_of_five(struct one_task *t, int *lucky)
{
    int64_t row = 0;
    int64_t bits = 2;

    for (; row < 5; bits++) {
        const bool right = wrong_in(t, bits) == 0;

        *lucky += row > 0 && !right ? 1 : 0;
        row = right ? row + 1 : 0;
    }
    return bits - 5;
}

static void a_probe_finds_the_first_bits_of_five_in_a_row(void)
{
    static const int64_t M[] = {5, 20, 23, 31, 40, 64, 80, 101};
    int lucky = 0;

    for (size_t m = 0; m < sizeof M / sizeof M[0]; m++) {
        struct one_task t;

        open_kind(&t, "match2");
        one_task_int(&t, "L", 16);
        one_task_int(&t, "M", M[m]);
        one_task_int(&t, "samples", 3);
        one_task_text(&t, "data", "near");
        const int64_t first = first_of_five(&t, &lucky);

        one_task_int(&t, "bits", 0);
        one_task_text(&t, "probe", "on");
        CU_ASSERT_TRUE_FATAL(one_task_run(&t));
        CU_ASSERT_EQUAL(one_task_get(&t, "p_bits").i, first);
        one_task_close(&t);
    }
    CU_ASSERT_TRUE(lucky > 0);
}

/* The Fourier series is off by more than nothing. */
static void a_path_is_compared_with_another(void)
{
    struct one_task t;

    open_kind(&t, "match3");
    one_task_text(&t, "path", "bessel");
    one_task_text(&t, "data", "mixed3");
    CU_ASSERT_TRUE_FATAL(one_task_run(&t));
    CU_ASSERT_TRUE(one_task_number(&t, "path_dev") > 0.0);
    CU_ASSERT_TRUE(one_task_number(&t, "path_dev") < 1e-6);
    one_task_close(&t);
}

/* f16 ends at 65504: the scale of M = 1009 is infinite there, and every output
 * is not a number.  Nothing matches, but nothing is answered either. */
static void what_is_not_a_number_is_wrong(void)
{
    struct one_task t;

    open_kind(&t, "match2");
    one_task_text(&t, "data", "none2");
    one_task_text(&t, "dtype", "f16");
    one_task_int(&t, "M", 1009);
    CU_ASSERT_TRUE_FATAL(one_task_run(&t));
    CU_ASSERT_EQUAL(one_task_number(&t, "wrong"), 6.0 * 64.0);
    CU_ASSERT_TRUE(isnan(one_task_number(&t, "m_max_fmt")));
    one_task_close(&t);
}

/* ---- groups --------------------------------------------------------------------- */

static void group_open(struct one_group *g, const char *kind)
{
    one_group_open(g, "matching", 3);
    ask_all_families(&g->base, kind);
    CU_ASSERT_TRUE_FATAL(one_task_run(&g->base));
}

/* A row at a modulus in t bits with so many wrong tokens. */
static void group_add(struct one_group *g, int64_t M, int64_t bits,
                      int64_t wrong, int64_t replicate)
{
    one_group_add(g, replicate);
    one_group_param(g, "M", att_int(M));
    one_group_param(g, "bits", att_int(bits));
    one_group_metric(g, "wrong", att_int(wrong));
    one_group_metric(g, "p_bits_law", att_real(att_match_bits_law((double)M)));
    one_group_metric(g, "m_max_law",
                     att_real(att_match_modulus_law((double)bits)));
}

/* 24 bits reach pi 2^12 = 12868: right up to 8192, by luck at 32768, and in one
 * of two replicates at 16384. */
static void the_reach_of_a_format_ends_at_its_first_failure(void)
{
    struct one_group g;

    group_open(&g, "match2");
    for (int64_t M = 1024; M <= 65536; M *= 2) {
        group_add(&g, M, 24, 0, 0);
        group_add(&g, M, 24, M == 16384 || M == 65536, 1);
    }
    const struct att_finding f = one_group_judge(&g, "matching.match2-format");

    CU_ASSERT_EQUAL(f.verdict, ATT_HOLDS);
    CU_ASSERT_DOUBLE_EQUAL(f.statistic, 8192.0 / 12868.0, 1e-4);
    CU_ASSERT_PTR_NOT_NULL(strstr(f.note, "3 rows beyond"));
    g.param[3][ATT_MATCH_DATA] = att_text("near"); /* asks one thing only */
    CU_ASSERT_EQUAL(one_group_judge(&g, "matching.match2-format").verdict,
                    ATT_NOT_APPLICABLE);
    one_group_close(&g);
}

static void formats_far_from_the_law_depart(void)
{
    static const struct {
        int64_t last;
        enum att_verdict verdict;
    } cases[] = {{512, ATT_VIOLATED},
                 {2048, ATT_INCONCLUSIVE},
                 {4096, ATT_HOLDS},
                 {65536, ATT_INCONCLUSIVE},
                 {1048576, ATT_VIOLATED}};

    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        struct one_group g;

        group_open(&g, "match2");
        for (int64_t M = 256; M <= 2 * cases[k].last; M *= 2)
            group_add(&g, M, 24, M > cases[k].last, 0);
        CU_ASSERT_EQUAL(one_group_judge(&g, "matching.match2-format").verdict,
                        cases[k].verdict);
        one_group_close(&g);
    }
}

/* Reaches 2^(slope t + 1) for t = 8, 12, .., 24; rows by ascending M. */
static void add_reaches(struct one_group *g, double slope)
{
    for (int64_t M = 2; M <= 1 << 24; M *= 2) {
        for (int64_t t = 8; t <= 24; t += 4) {
            const bool right = (double)M <= exp2(slope * (double)t + 1.01);

            for (int64_t replicate = 0; replicate < 2; replicate++)
                group_add(g, M, t, right ? 0 : 1, replicate);
        }
    }
}

static void the_exponent_of_the_reach_is_judged(void)
{
    struct one_group g;

    group_open(&g, "match2");
    add_reaches(&g, 0.5);
    const struct att_finding half =
        one_group_judge(&g, "matching.match2-modulus");

    CU_ASSERT_EQUAL(half.verdict, ATT_HOLDS);
    CU_ASSERT_DOUBLE_EQUAL(half.statistic, 0.5, 1e-6);
    g.n = 0;
    add_reaches(&g, 0.75);
    CU_ASSERT_EQUAL(one_group_judge(&g, "matching.match2-modulus").verdict,
                    ATT_VIOLATED);
    g.n = 30; /* three formats: too few for a law */
    for (size_t i = 0; i < g.n; i++)
        g.param[i][MP_BITS] = att_int(8 + 4 * (int64_t)(i % 3));
    CU_ASSERT_EQUAL(one_group_judge(&g, "matching.match2-modulus").verdict,
                    ATT_NOT_APPLICABLE);
    one_group_close(&g);
}

/* p_bits = 2 lg(M / pi) + excess at one modulus, + 1 elsewhere. */
static enum att_verdict verdict_of_bits(double excess)
{
    static const int64_t M[] = {7, 127, 2039};
    struct one_group g;

    group_open(&g, "match2");
    for (size_t k = 0; k < 3; k++) {
        for (int64_t replicate = 0; replicate < 3; replicate++) {
            const double more = k == 1 ? excess : 1.0;

            group_add(&g, M[k], 0, 0, replicate);
            g.metric[g.n - 1][MM_P_BITS] = att_real(
                att_match_bits_law((double)M[k]) + more +
                (replicate == 2 ? 40.0 : 0.0)); /* the median holds it off */
        }
    }
    const enum att_verdict v =
        one_group_judge(&g, "matching.match2-bits").verdict;

    one_group_close(&g);
    return v;
}

static void bits_are_judged_by_their_worst_modulus(void)
{
    CU_ASSERT_EQUAL(verdict_of_bits(2.5), ATT_HOLDS);
    CU_ASSERT_EQUAL(verdict_of_bits(-0.9), ATT_HOLDS);
    CU_ASSERT_EQUAL(verdict_of_bits(4.0), ATT_INCONCLUSIVE);
    CU_ASSERT_EQUAL(verdict_of_bits(6.0), ATT_VIOLATED);
    CU_ASSERT_EQUAL(verdict_of_bits(-3.0), ATT_VIOLATED);
}

/* The least R with a gap of 1/2, and its bits. */
static enum att_verdict verdict_of_harmonics(int64_t R, int64_t bits)
{
    struct one_group g;

    group_open(&g, "match2h");
    for (int64_t k = 0; k < 3; k++) {
        group_add(&g, 2039, 0, 0, k);
        g.param[g.n - 1][MP_R] = att_int(k == 0 ? R / 2 : R * k);
        g.metric[g.n - 1][MM_GAP] = att_real(k == 0 ? 0.4 : 0.6);
        g.metric[g.n - 1][MM_P_BITS] = att_int(bits);
    }
    const enum att_verdict v =
        one_group_judge(&g, "matching.harmonics-law").verdict;

    one_group_close(&g);
    return v;
}

static void harmonics_may_be_few_and_need_few_bits(void)
{
    CU_ASSERT_EQUAL(verdict_of_harmonics(24, 5), ATT_HOLDS);
    CU_ASSERT_EQUAL(verdict_of_harmonics(24, 8), ATT_INCONCLUSIVE);
    CU_ASSERT_EQUAL(verdict_of_harmonics(24, 10), ATT_VIOLATED);
    CU_ASSERT_EQUAL(verdict_of_harmonics(60, 5), ATT_INCONCLUSIVE);
    CU_ASSERT_EQUAL(verdict_of_harmonics(100, 5), ATT_VIOLATED);
}

/* Searches over d: q ln L = 5 ln 64 = 20.8, so that 8 q ln L = 166. */
static enum att_verdict verdict_of_width(int64_t found, int64_t failed)
{
    struct one_group g;

    one_group_open(&g, "matching_local", 5);
    CU_ASSERT_TRUE_FATAL(one_task_run(&g.base));
    for (int64_t k = 0; k < 2; k++) {
        one_group_add(&g, k);
        one_group_param(&g, "d", att_int(k == 0 ? found : failed));
        one_group_metric(&g, "m_min", k == 0 ? att_int(found) : att_none());
        one_group_metric(&g, "m_min_law", att_real(4.0 * 5.0 * log(64.0)));
    }
    const enum att_verdict v =
        one_group_judge(&g, "matching.local-law").verdict;

    one_group_close(&g);
    return v;
}

static void windows_are_read_below_eight_q_ln_l(void)
{
    CU_ASSERT_EQUAL(verdict_of_width(120, 100), ATT_HOLDS);
    CU_ASSERT_EQUAL(verdict_of_width(166, 100), ATT_HOLDS);
    CU_ASSERT_EQUAL(verdict_of_width(168, 100), ATT_INCONCLUSIVE);
    CU_ASSERT_EQUAL(verdict_of_width(120, 168), ATT_VIOLATED);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"pairs are judged by answers and margins",
         pairs_are_judged_by_answers_and_margins},
        {"harmonics are judged where their gap is wide",
         harmonics_are_judged_where_their_gap_is_wide},
        {"triples and their paths are judged",
         triples_and_their_paths_are_judged},
        {"more tokens are judged", more_tokens_are_judged},
        {"local networks are judged within their premise",
         local_networks_are_judged_within_their_premise},
        {"collisions must leave a wrong answer",
         collisions_must_leave_a_wrong_answer},
        {"a probe finds the first bits of five in a row",
         a_probe_finds_the_first_bits_of_five_in_a_row},
        {"a path is compared with another", a_path_is_compared_with_another},
        {"what is not a number is wrong", what_is_not_a_number_is_wrong},
        {"the reach of a format ends at its first failure",
         the_reach_of_a_format_ends_at_its_first_failure},
        {"formats far from the law depart", formats_far_from_the_law_depart},
        {"the exponent of the reach is judged",
         the_exponent_of_the_reach_is_judged},
        {"bits are judged by their worst modulus",
         bits_are_judged_by_their_worst_modulus},
        {"harmonics may be few and need few bits",
         harmonics_may_be_few_and_need_few_bits},
        {"windows are read below eight q ln L",
         windows_are_read_below_eight_q_ln_l},
        CU_TEST_INFO_NULL,
    };

    return unit_run("matching_claims", tests);
}
