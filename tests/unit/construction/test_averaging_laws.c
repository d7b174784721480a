/* test_averaging_laws.c - verdicts on groups of rows of sparse averaging: laws
 * that hold, laws that do not, and too few rows to tell. */
#include <math.h>

#include "../../../src/construction/averaging/averaging_columns_priv.h"
#include "one_group.h"
#include "unit.h"

/* A group whose rows are copies of a small run. */
static void open_group(struct one_group *g, const char *dual, const char *sets)
{
    one_group_open(g, "averaging", 3);
    one_task_int(&g->base, "L", 16);
    one_task_int(&g->base, "q", 2);
    one_task_int(&g->base, "d", 64);
    one_task_text(&g->base, "dual", dual);
    one_task_text(&g->base, "sets", sets);
    CU_ASSERT_TRUE_FATAL(one_task_run(&g->base));
}

static void add_point(struct one_group *g, int64_t L, int64_t q)
{
    one_group_add(g, 0);
    one_group_param(g, "L", att_int(L));
    one_group_param(g, "q", att_int(q));
}

/* ---- A q ln L + B q + C ------------------------------------------------------------ */

typedef double (*law_fn)(double L, double q);

static double linear(double L, double q)
{
    return 3.0 * q * log(L) + 2.0 * q + 5.0;
}

static double bent(double L, double q)
{
    return 3.0 * q * log(L / q) + 2.0 * q + 5.0;
}

/* Too rough for a line, and no faster than q. */
static double rough(double L, double q)
{
    return fmod(37.0 * (L + 5.0 * q), 101.0) + 20.0;
}

static double cubic(double L, double q)
{
    return q * q * q + 0.0 * L;
}

/* 3 L and 5 q, one column by a law and the other by none. */
static void add_law(struct one_group *g, const char *column, law_fn law)
{
    for (int64_t L = 64; L <= 1024; L *= 4) {
        for (int64_t q = 1; q <= 16; q *= 2) {
            add_point(g, L, q);
            one_group_metric(g, "m_err", att_real(rough((double)L, (double)q)));
            one_group_metric(g, "m_half",
                             att_real(rough((double)L, (double)q)));
            one_group_metric(g, column, att_real(law((double)L, (double)q)));
        }
    }
}

static struct att_finding judge_law(const char *dual, const char *claim,
                                    law_fn law)
{
    struct one_group g;

    open_group(&g, dual, "given");
    add_law(&g, strstr(claim, "width") != NULL ? "m_half" : "m_err", law);
    const struct att_finding f = one_group_judge(&g, claim);

    one_group_close(&g);
    return f;
}

static void widths_of_corrected_duals_are_linear(void)
{
    const char *const claim = "averaging.width-law";
    const struct att_finding f = judge_law("as", claim, linear);

    CU_ASSERT_EQUAL(f.verdict, ATT_HOLDS);
    CU_ASSERT_DOUBLE_EQUAL(f.statistic, 3.0, 1e-9);
    CU_ASSERT_PTR_NOT_NULL(strstr(f.note, "R2 1.0000"));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(judge_law("as", claim, bent).note, "R2 1.0000 in q ln(L/q)"));
    CU_ASSERT_EQUAL(judge_law("ct", claim, linear).verdict, ATT_HOLDS);
    CU_ASSERT_EQUAL(judge_law("as", claim, rough).verdict, ATT_INCONCLUSIVE);
    CU_ASSERT_EQUAL(judge_law("as", claim, cubic).verdict, ATT_VIOLATED);
    CU_ASSERT_EQUAL(judge_law("ls", claim, linear).verdict, ATT_NOT_APPLICABLE);
}

static void the_least_norm_dual_has_the_same_law(void)
{
    const char *const claim = "averaging.m-law";

    CU_ASSERT_EQUAL(judge_law("ls", claim, linear).verdict, ATT_HOLDS);
    CU_ASSERT_EQUAL(judge_law("ls", claim, rough).verdict, ATT_INCONCLUSIVE);
    CU_ASSERT_EQUAL(judge_law("as", claim, linear).verdict, ATT_NOT_APPLICABLE);
}

/* Columns that are used up follow another law. */
static void columns_have_no_line(void)
{
    struct one_group g;

    open_group(&g, "ls", "given");
    one_task_text(&g.base, "keys", "hadamard");
    add_law(&g, "m_err", linear);
    CU_ASSERT_EQUAL(one_group_judge(&g, "averaging.m-law").verdict,
                    ATT_NOT_APPLICABLE);
    one_group_close(&g);
}

static void one_length_has_no_law(void)
{
    struct one_group g;

    open_group(&g, "ls", "given");
    for (int64_t q = 1; q <= 64; q *= 2) {
        add_point(&g, 256, q);
        one_group_metric(&g, "m_err", att_real(linear(256.0, (double)q)));
    }
    CU_ASSERT_EQUAL(one_group_judge(&g, "averaging.m-law").verdict,
                    ATT_NOT_APPLICABLE);
    one_group_close(&g);
}

/* ---- m-pred -------------------------------------------------------------------------- */

/* One point of L and q: measured over predicted in three replicates, the last
 * of which is far off. */
static void add_ratio(struct one_group *g, int64_t L, int64_t q, double ratio)
{
    static const char *const pair[][2] = {{"m_hard", "m_pred_hard"},
                                          {"m_err", "m_pred"},
                                          {"m_half", "m_pred_half"}};

    for (int64_t replicate = 0; replicate < 3; replicate++) {
        const double off = replicate == 2 ? 3.0 : ratio;

        one_group_add(g, replicate);
        one_group_param(g, "L", att_int(L));
        one_group_param(g, "q", att_int(q));
        for (size_t k = 0; k < 3; k++) {
            one_group_metric(g, pair[k][0], att_real(100.0 * off));
            one_group_metric(g, pair[k][1], att_real(100.0));
        }
    }
}

/* n points, the first of ratio `first`, the others of ratio `rest`. */
static struct att_finding judge_ratios(size_t n, double first, double rest)
{
    struct one_group g;

    open_group(&g, "ls", "given");
    for (size_t i = 0; i < n; i++)
        add_ratio(&g, 256 << i, 4, i == 0 ? first : rest);
    /* Two replicates of three found no d: no ratio. */
    add_ratio(&g, 1 << 18, 4, 0.1);
    for (size_t i = g.n - 2; i < g.n; i++) {
        g.metric[i][AM_M_HARD] = g.metric[i][AM_M_ERR] =
            g.metric[i][AM_M_HALF] = att_none();
    }
    /* These two are outside the law. */
    add_ratio(&g, 128, 4, 9.0);
    add_ratio(&g, 512, 1, 9.0);
    const struct att_finding f = one_group_judge(&g, "averaging.m-pred");

    one_group_close(&g);
    return f;
}

static void closed_forms_are_judged_by_mean_and_extremes(void)
{
    const struct att_finding f = judge_ratios(4, 1.08, 1.0);

    CU_ASSERT_EQUAL(f.verdict, ATT_HOLDS);
    CU_ASSERT_DOUBLE_EQUAL(f.statistic, 1.02, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(f.hi, 1.08, 1e-12);
    CU_ASSERT_EQUAL(judge_ratios(4, .84, 1.05).verdict, ATT_INCONCLUSIVE);
    CU_ASSERT_EQUAL(judge_ratios(8, 1.31, 1.0).verdict, ATT_INCONCLUSIVE);
    CU_ASSERT_EQUAL(judge_ratios(4, 1.11, 1.11).verdict, ATT_INCONCLUSIVE);
    CU_ASSERT_EQUAL(judge_ratios(7, 1.21, 1.21).verdict, ATT_INCONCLUSIVE);
    CU_ASSERT_EQUAL(judge_ratios(8, 1.21, 1.21).verdict, ATT_VIOLATED);
    CU_ASSERT_EQUAL(judge_ratios(8, .89, .89).verdict, ATT_VIOLATED);
    CU_ASSERT_EQUAL(judge_ratios(0, 1.0, 1.0).verdict, ATT_NOT_APPLICABLE);
}

/* 64 columns of order 64: m = 100 comes to 100 64 / (64 + 100 - 8) = 41.03. */
static enum att_verdict verdict_of_columns(double d, const char *keys)
{
    struct one_group g;

    open_group(&g, "ls", "given");
    for (int64_t replicate = 0; replicate < 16; replicate++) {
        one_group_add(&g, replicate % 2);
        one_group_param(&g, "L", att_int(64 - replicate / 2));
        one_group_param(&g, "q", att_int(8));
        one_group_param(&g, "keys", att_text(keys));
        one_group_metric(&g, "m_err", att_real(d));
        one_group_metric(&g, "m_pred", att_real(100.0));
    }
    const struct att_finding f = one_group_judge(&g, "averaging.routing");

    if (f.verdict == ATT_HOLDS)
        CU_ASSERT_DOUBLE_EQUAL(f.statistic, d * 156.0 / 6400.0, 1e-12);
    one_group_close(&g);
    return f.verdict;
}

static void orthogonal_columns_are_used_up(void)
{
    CU_ASSERT_EQUAL(verdict_of_columns(41.0, "hadamard"), ATT_HOLDS);
    CU_ASSERT_EQUAL(verdict_of_columns(36.0, "hadamard"), ATT_INCONCLUSIVE);
    CU_ASSERT_EQUAL(verdict_of_columns(48.0, "hadamard"), ATT_INCONCLUSIVE);
    CU_ASSERT_EQUAL(verdict_of_columns(32.0, "hadamard"), ATT_VIOLATED);
    CU_ASSERT_EQUAL(verdict_of_columns(54.0, "hadamard"), ATT_VIOLATED);
    CU_ASSERT_EQUAL(verdict_of_columns(41.0, "sign"), ATT_NOT_APPLICABLE);
}

/* ---- phase --------------------------------------------------------------------------- */

/* 64 whole instances at L = 64, q = 4: c = d / (4 ln 64), one line just below
 * 3, one in 3.95 .. 4.05, one just above 5. */
static enum att_verdict verdict_of_phase(double low, double middle, double high)
{
    const double unit = 4.0 * log(64.0);
    const double share[3] = {low, middle, high};
    const double c[3] = {2.95, 4.01, 5.05};
    double cell[3][AVG_OBSERVATIONS] = {{0}};
    struct one_group g;

    open_group(&g, "ls", "given");
    for (int i = 0; i < 3; i++) {
        cell[i][AO_D] = c[i] * unit;
        cell[i][AO_OK] = share[i];
    }
    add_point(&g, 64, 4);
    one_group_param(&g, "samples", att_int(64));
    one_group_metric(&g, "n_pairs", att_int(64 * 64 * 64));
    one_group_observe(&g, cell[0], 3);
    const enum att_verdict v = one_group_judge(&g, "averaging.phase").verdict;

    one_group_param(&g, "keys", att_text("fourier")); /* are used up */
    CU_ASSERT_EQUAL(one_group_judge(&g, "averaging.phase").verdict,
                    ATT_NOT_APPLICABLE);
    one_group_param(&g, "keys", att_text("gauss"));
    CU_ASSERT_EQUAL(one_group_judge(&g, "averaging.phase").verdict, v);
    one_group_metric(&g, "n_pairs", att_int(64 * 64));
    CU_ASSERT_EQUAL(one_group_judge(&g, "averaging.phase").verdict,
                    ATT_NOT_APPLICABLE);
    one_group_close(&g);
    return v;
}

static void success_passes_one_half_between_three_and_five(void)
{
    CU_ASSERT_EQUAL(verdict_of_phase(.1, .5, .9), ATT_HOLDS);
    CU_ASSERT_EQUAL(verdict_of_phase(.1, .8, .9), ATT_INCONCLUSIVE);
    CU_ASSERT_EQUAL(verdict_of_phase(.1, .2, .9), ATT_INCONCLUSIVE);
    CU_ASSERT_EQUAL(verdict_of_phase(.7, .5, .9), ATT_VIOLATED);
    CU_ASSERT_EQUAL(verdict_of_phase(.1, .5, .3), ATT_VIOLATED);
}

/* ---- adversarial ------------------------------------------------------------------------ */

/* n values of q; m_err = q^a, m_half = q^b. */
static enum att_verdict verdict_of_adversary(const char *dual, int n, double a,
                                             double b)
{
    struct one_group g;

    open_group(&g, dual, "adversarial");
    for (int i = 0; i < n; i++) {
        const double q = exp2(i + 1);

        add_point(&g, 1024, (int64_t)q);
        one_group_metric(&g, "m_err", att_real(10.0 * pow(q, a)));
        one_group_metric(&g, "m_half", att_real(10.0 * pow(q, b)));
    }
    const enum att_verdict v =
        one_group_judge(&g, "averaging.adversarial").verdict;

    one_group_close(&g);
    return v;
}

static void exponents_tell_the_duals_apart(void)
{
    CU_ASSERT_EQUAL(verdict_of_adversary("ls", 4, 1.6, 0.0), ATT_HOLDS);
    CU_ASSERT_EQUAL(verdict_of_adversary("ls", 4, 1.4, 2.0), ATT_VIOLATED);
    CU_ASSERT_EQUAL(verdict_of_adversary("as", 4, 0.5, 1.1), ATT_HOLDS);
    CU_ASSERT_EQUAL(verdict_of_adversary("as", 4, 0.5, 1.3), ATT_VIOLATED);
    CU_ASSERT_EQUAL(verdict_of_adversary("ct", 4, 1.3, 0.5), ATT_VIOLATED);
    CU_ASSERT_EQUAL(verdict_of_adversary("ls", 3, 1.6, 0.0), ATT_INCONCLUSIVE);
    CU_ASSERT_EQUAL(verdict_of_adversary("ls", 1, 1.6, 0.0),
                    ATT_NOT_APPLICABLE);
    CU_ASSERT_EQUAL(verdict_of_adversary("matched", 4, 1.6, 0.0),
                    ATT_NOT_APPLICABLE);
}

/* ---- faces ------------------------------------------------------------------------------- */

/* Half of the sets are faces from d on, 20 are predicted. */
static enum att_verdict verdict_of_faces(double d, int64_t sets)
{
    double cell[2][AVG_OBSERVATIONS] = {{0}};
    struct one_group g;

    open_group(&g, "ls", "given");
    cell[0][AO_D] = d - 1.0;
    cell[0][AO_FACES] = .49;
    cell[1][AO_D] = d;
    cell[1][AO_FACES] = .5;
    add_point(&g, 64, 4);
    one_group_param(&g, "dual", att_text("lp"));
    one_group_param(&g, "keys", att_text("unit"));
    one_group_metric(&g, "m_pred_face", att_real(20.0));
    one_group_metric(&g, "n_pairs", att_int(64 * sets));
    one_group_observe(&g, cell[0], 2);
    const enum att_verdict v = one_group_judge(&g, "averaging.face").verdict;

    one_group_param(&g, "keys", att_text("sign"));
    CU_ASSERT_EQUAL(one_group_judge(&g, "averaging.face").verdict,
                    ATT_NOT_APPLICABLE);
    one_group_close(&g);
    return v;
}

static void faces_are_judged_by_the_polytope_threshold(void)
{
    CU_ASSERT_EQUAL(verdict_of_faces(21.0, 24), ATT_HOLDS);
    CU_ASSERT_EQUAL(verdict_of_faces(15.0, 24), ATT_HOLDS);
    CU_ASSERT_EQUAL(verdict_of_faces(25.0, 24), ATT_INCONCLUSIVE);
    CU_ASSERT_EQUAL(verdict_of_faces(31.0, 24), ATT_VIOLATED);
    CU_ASSERT_EQUAL(verdict_of_faces(31.0, 23), ATT_INCONCLUSIVE);
}

/* ---- sizes over L -------------------------------------------------------------------------- */

/* n lengths of a rival of the size table, its size L^exponent; attention has
 * ten times that, and is the larger one up to L^.9 = 10. */
static void add_sizes(struct one_group *g, const char *construction, int n,
                      double exponent)
{
    const double factor = strcmp(construction, "averaging") == 0 ? 200.0 : 20.0;

    one_group_open(g, construction, 3);
    CU_ASSERT_TRUE_FATAL(one_task_run(&g->base));
    for (int i = 0; i < n; i++) {
        const double L = exp2(i + 6);

        one_group_add(g, 0);
        one_group_param(g, "L", att_int((int64_t)L));
        one_group_metric(g, "size", att_real(factor * pow(L, exponent)));
    }
}

static struct att_finding judge_sizes(int n, double attention, double slots,
                                      double relu)
{
    static const char *const NAMES[] = {"averaging", "averaging_recurrent",
                                        "averaging_ffn"};
    const double exponent[] = {attention, slots, relu};
    struct one_group g[3];
    struct att_row_view row[3 * ONE_GROUP_ROWS];
    size_t n_rows = 0;

    for (int k = 0; k < 3; k++) {
        add_sizes(&g[k], NAMES[k], isnan(exponent[k]) ? 0 : n, exponent[k]);
        for (size_t i = 0; i < g[k].n; i++) {
            if (k == 0) {
                g[k].param[i]
                          [att_construction_find_param(g[k].base.c, "nested")] =
                    att_text("on");
            }
            row[n_rows++] = g[k].row[i];
        }
        if (k == 1 && g[k].n > 0) { /* the full state is no rival */
            one_group_add(&g[k], 0);
            one_group_metric(&g[k], "err_l1_max", att_real(0.0));
            one_group_metric(&g[k], "size", att_int(1));
            row[n_rows++] = g[k].row[g[k].n - 1];
        }
    }
    const struct att_rows rows = {
        .row = row, .n = n_rows, .scratch = g[0].base.arena};
    const int at = att_construction_find_claim(g[0].base.c, "averaging.size");
    struct att_finding f = {0};

    g[0].base.c->claims[at].judge(&rows, &f);
    for (int k = 0; k < 3; k++)
        one_group_close(&g[k]);
    return f;
}

static void the_size_table_is_judged_by_three_exponents(void)
{
    const double none = (double)NAN;
    const struct att_finding f = judge_sizes(5, .1, 1.0, 1.0);

    CU_ASSERT_EQUAL(f.verdict, ATT_HOLDS);
    CU_ASSERT_DOUBLE_EQUAL(f.statistic, .1, 1e-9);
    CU_ASSERT_PTR_NOT_NULL(strstr(f.note, "below L = 13"));
    CU_ASSERT_EQUAL(judge_sizes(5, .25, 1.0, 1.0).verdict, ATT_VIOLATED);
    CU_ASSERT_EQUAL(judge_sizes(5, .1, .94, 1.0).verdict, ATT_VIOLATED);
    CU_ASSERT_EQUAL(judge_sizes(5, .1, 1.0, 1.001).verdict, ATT_VIOLATED);
    CU_ASSERT_EQUAL(judge_sizes(4, .25, 1.0, 1.0).verdict, ATT_INCONCLUSIVE);
    CU_ASSERT_EQUAL(judge_sizes(5, .1, 1.0, none).verdict, ATT_INCONCLUSIVE);
    CU_ASSERT_EQUAL(judge_sizes(5, .1, none, none).verdict, ATT_NOT_APPLICABLE);
    CU_ASSERT_EQUAL(judge_sizes(5, none, 1.0, 1.0).verdict, ATT_NOT_APPLICABLE);
}

/* ---- certificates -------------------------------------------------------------------------- */

/* A certificate that no library is needed for, its rows named after another
 * bound. */
static void open_bound(struct one_group *g, const char *bound)
{
    one_group_open(g, "averaging_certificate", 3);
    one_task_text(&g->base, "bound", "memory");
    one_task_int(&g->base, "L", 9);
    one_task_int(&g->base, "q", 2);
    CU_ASSERT_TRUE_FATAL(one_task_run(&g->base));
    one_task_text(&g->base, "bound", bound);
}

static enum att_verdict verdict_of_slots(int n, double exponent)
{
    struct one_group g;

    open_bound(&g, "linear");
    for (int i = 0; i < n; i++) {
        const double L = exp2(i + 6);

        for (int64_t replicate = 0; replicate < 2; replicate++) {
            one_group_add(&g, replicate);
            one_group_param(&g, "L", att_int((int64_t)L));
            one_group_metric(&g, "size", att_real(pow(L, exponent)));
        }
    }
    const enum att_verdict v =
        one_group_judge(&g, "averaging.size-linear").verdict;

    one_group_close(&g);
    return v;
}

static void slots_grow_like_the_length(void)
{
    CU_ASSERT_EQUAL(verdict_of_slots(5, 1.0), ATT_HOLDS);
    CU_ASSERT_EQUAL(verdict_of_slots(5, .9), ATT_VIOLATED);
    CU_ASSERT_EQUAL(verdict_of_slots(4, .9), ATT_INCONCLUSIVE);
    CU_ASSERT_EQUAL(verdict_of_slots(1, 1.0), ATT_NOT_APPLICABLE);
}

/* Shares of separable pairs (2q = 4) at d = first, first + 1, .. */
static enum att_verdict verdict_of_census(int64_t first, const char *shares)
{
    struct one_group g;

    open_bound(&g, "census");
    for (int64_t i = 0; shares[i] != '\0'; i++) {
        one_group_add(&g, 0);
        one_group_param(&g, "d", att_int(first + i));
        one_group_param(&g, "keys", att_text("chebyshev"));
        one_group_metric(&g, "sep_share",
                         att_real(shares[i] == '1' ? 1.0 : .9));
    }
    const enum att_verdict v = one_group_judge(&g, "averaging.census").verdict;

    g.param[0][att_construction_find_param(g.base.c, "keys")] =
        att_text("gauss");
    CU_ASSERT_EQUAL(one_group_judge(&g, "averaging.census").verdict,
                    ATT_NOT_APPLICABLE);
    one_group_close(&g);
    return v;
}

static void a_census_jumps_at_twice_q_and_stays(void)
{
    CU_ASSERT_EQUAL(verdict_of_census(1, "...11"), ATT_HOLDS);
    CU_ASSERT_EQUAL(verdict_of_census(3, ".11"), ATT_HOLDS);
    CU_ASSERT_EQUAL(verdict_of_census(1, "..111"), ATT_VIOLATED);
    CU_ASSERT_EQUAL(verdict_of_census(1, "....1"), ATT_VIOLATED);
    CU_ASSERT_EQUAL(verdict_of_census(1, "...1."), ATT_VIOLATED);
    CU_ASSERT_EQUAL(verdict_of_census(4, "11"), ATT_INCONCLUSIVE);
    CU_ASSERT_EQUAL(verdict_of_census(1, "..."), ATT_INCONCLUSIVE);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"widths of corrected duals are linear",
         widths_of_corrected_duals_are_linear},
        {"the least-norm dual has the same law",
         the_least_norm_dual_has_the_same_law},
        {"columns have no line", columns_have_no_line},
        {"one length has no law", one_length_has_no_law},
        {"closed forms are judged by mean and extremes",
         closed_forms_are_judged_by_mean_and_extremes},
        {"orthogonal columns are used up", orthogonal_columns_are_used_up},
        {"success passes one half between three and five",
         success_passes_one_half_between_three_and_five},
        {"exponents tell the duals apart", exponents_tell_the_duals_apart},
        {"faces are judged by the polytope threshold",
         faces_are_judged_by_the_polytope_threshold},
        {"the size table is judged by three exponents",
         the_size_table_is_judged_by_three_exponents},
        {"slots grow like the length", slots_grow_like_the_length},
        {"a census jumps at twice q and stays",
         a_census_jumps_at_twice_q_and_stays},
        CU_TEST_INFO_NULL,
    };

    return unit_run("averaging_laws", tests);
}
