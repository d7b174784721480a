/* test_averaging_claims.c - verdicts on rows of sparse averaging: a claim that
 * cannot fail says nothing. */
#include <math.h>

#include "one_task.h"
#include "unit.h"

/* What a claim says of a run with one metric written over. */
struct change {
    const char *metric;
    struct att_value v;
    enum att_verdict verdict;
};

static void check_changes(struct one_task *t, const char *claim,
                          const struct change *change, size_t n)
{
    CU_ASSERT_EQUAL(one_task_verdict(t, claim), ATT_HOLDS);
    for (size_t i = 0; i < n; i++) {
        CU_ASSERT_EQUAL(
            one_task_verdict_with(t, claim, change[i].metric, change[i].v),
            change[i].verdict);
    }
}

#define CHECK_CHANGES(t, claim, ...)                                           \
    do {                                                                       \
        const struct change changes_[] = {__VA_ARGS__};                        \
                                                                               \
        check_changes(t, claim, changes_, sizeof changes_ / sizeof *changes_); \
    } while (0)

/* What a claim says of a run at another point. */
static enum att_verdict verdict_at(struct one_task *t, const char *claim,
                                   const char *param, struct att_value v)
{
    const int i = att_construction_find_param(t->c, param);
    const struct att_value old = t->p[i];

    t->p[i] = v;
    const enum att_verdict verdict = one_task_verdict(t, claim);

    t->p[i] = old;
    return verdict;
}

/* ---- the unit of fixed precision ------------------------------------------------- */

/* d far beyond 16 q ln L: every score off a set stays below 1/2. */
static void open_wide(struct one_task *t)
{
    one_task_open(t, "averaging", 3);
    one_task_int(t, "L", 16);
    one_task_int(t, "q", 2);
    one_task_int(t, "d", 1024);
}

static void errors_are_judged_where_scores_keep_their_margin(void)
{
    const char *const claim = "averaging.error";
    struct one_task t;

    open_wide(&t);
    CU_ASSERT_TRUE_FATAL(one_task_run(&t));
    /* eps / (2q) = .025 */
    CHECK_CHANGES(&t, claim, {"err_l1_max", att_real(.0249), ATT_HOLDS},
                  {"err_l1_max", att_real(.0251), ATT_VIOLATED},
                  {"err_l1_max", att_none(), ATT_INCONCLUSIVE},
                  {"off_max", att_real(.51), ATT_NOT_APPLICABLE},
                  {"off_max", att_none(), ATT_NOT_APPLICABLE},
                  {"on_dev", att_real(2e-9), ATT_NOT_APPLICABLE});
    /* exp(2 13 1e-9) - 1 = 2.6e-8 more where scores on a set are that far off */
    one_task_change(&t, "on_dev", att_real(1e-9));
    CHECK_CHANGES(&t, claim, {"err_l1_max", att_real(.025 + 2e-8), ATT_HOLDS},
                  {"err_l1_max", att_real(.025 + 4e-8), ATT_VIOLATED});
    CU_ASSERT_EQUAL(verdict_at(&t, claim, "dtype", att_text("f32")),
                    ATT_NOT_APPLICABLE);
    CU_ASSERT_EQUAL(verdict_at(&t, claim, "frac_bits", att_int(8)),
                    ATT_NOT_APPLICABLE);
    CU_ASSERT_EQUAL(verdict_at(&t, claim, "alpha_scale", att_real(.5)),
                    ATT_NOT_APPLICABLE);
    CU_ASSERT_EQUAL(verdict_at(&t, claim, "attention", att_text("hardmax")),
                    ATT_NOT_APPLICABLE);
    one_task_close(&t);
}

/* ceil(lg(8 13 / .1)) + ceil(lg 4) + 1 = 14 bits are guaranteed. */
static void bits_are_judged_from_the_guarantee_on(void)
{
    const char *const claim = "averaging.precision";
    struct one_task t;

    open_wide(&t);
    one_task_int(&t, "fixed_bits", 14);
    CU_ASSERT_TRUE_FATAL(one_task_run(&t));
    CU_ASSERT_EQUAL(one_task_number(&t, "p_guaranteed"), 14.0);
    CU_ASSERT_EQUAL(one_task_number(&t, "p_bits"), 14.0);
    CHECK_CHANGES(&t, claim, {"err_l1_max", att_real(.0999), ATT_HOLDS},
                  {"err_l1_max", att_real(.1001), ATT_VIOLATED},
                  {"p_bits", att_int(13), ATT_NOT_APPLICABLE},
                  {"beta_l1", att_real(4.01), ATT_NOT_APPLICABLE},
                  {"beta_l1", att_none(), ATT_NOT_APPLICABLE},
                  {"off_max_unrounded", att_real(.51), ATT_NOT_APPLICABLE});
    CU_ASSERT_EQUAL(one_task_verdict(&t, "averaging.error"),
                    ATT_NOT_APPLICABLE);
    one_task_close(&t);
}

static void margins_are_asked_of_corrected_duals(void)
{
    const char *const claim = "averaging.width";
    struct one_task t;

    open_wide(&t);
    one_task_text(&t, "dual", "as");
    CU_ASSERT_TRUE_FATAL(one_task_run(&t));
    CHECK_CHANGES(&t, claim, {"half_share", att_real(.9), ATT_INCONCLUSIVE});
    CU_ASSERT_EQUAL(verdict_at(&t, claim, "dual", att_text("ct")), ATT_HOLDS);
    CU_ASSERT_EQUAL(verdict_at(&t, claim, "dual", att_text("ls")),
                    ATT_NOT_APPLICABLE);
    one_task_close(&t);
}

/* ---- moment curves ----------------------------------------------------------------- */

static void curves_are_judged_by_their_product_form(void)
{
    struct one_task t;

    one_task_open(&t, "averaging_moment", 3);
    one_task_int(&t, "q", 2);
    CU_ASSERT_TRUE_FATAL(one_task_run(&t));
    CHECK_CHANGES(&t, "averaging.moment",
                  {"err_l1_product", att_real(.0249), ATT_HOLDS},
                  {"err_l1_product", att_real(.0251), ATT_VIOLATED},
                  {"err_l1_product", att_real((double)NAN), ATT_INCONCLUSIVE});
    one_task_close(&t);
}

/* L = 64, q = 2 in f64: lg |w|_1 = 15.7 of hard sets beside 17.4, and 47 bits
 * to spare. */
static void weights_are_judged_by_law_and_by_format(void)
{
    const char *const claim = "averaging.moment-bits";
    struct one_task t;

    one_task_open(&t, "averaging_moment", 3);
    one_task_int(&t, "q", 2);
    one_task_int(&t, "n_sets", 4);
    one_task_text(&t, "data", "hard");
    CU_ASSERT_TRUE_FATAL(one_task_run(&t));
    const double law = one_task_number(&t, "w_l1_law");

    CHECK_CHANGES(&t, claim, {"w_l1_log2", att_real(law + 3.4), ATT_HOLDS},
                  {"w_l1_log2", att_real(law + 3.6), ATT_INCONCLUSIVE},
                  {"w_l1_log2", att_real(law - 3.6), ATT_INCONCLUSIVE},
                  {"ok", att_int(0), ATT_VIOLATED});
    one_task_change(&t, "ok", att_int(0));
    one_task_change(&t, "w_l1_law", att_real(47.5));
    /* 53 less 6 are accepted: beyond them an error is no surprise */
    CU_ASSERT_EQUAL(
        one_task_verdict_with(&t, claim, "w_l1_log2", att_real(46.9)),
        ATT_VIOLATED);
    CU_ASSERT_EQUAL(
        one_task_verdict_with(&t, claim, "w_l1_log2", att_real(47.1)),
        ATT_HOLDS);
    t.p[att_construction_find_param(t.c, "data")] = att_text("random");
    CU_ASSERT_EQUAL(
        one_task_verdict_with(&t, claim, "w_l1_log2", att_real(47.1)),
        ATT_NOT_APPLICABLE);
    one_task_close(&t);
}

/* alpha = ceil(2 ln 2560) = 16, eps = .1, q = 2: 7.3 bits of scores, 7.9 more
 * that are enough. */
static void bits_are_judged_by_what_scores_may_be_off(void)
{
    struct one_task t;

    one_task_open(&t, "averaging_moment", 3);
    one_task_int(&t, "q", 2);
    one_task_text(&t, "referee", "on");
    if (one_task_run(&t)) {
        const double lg = one_task_number(&t, "w_l1_log2");

        /* 53 - 7.32 - 7.91 */
        one_task_change(&t, "w_l1_log2", att_real(37.7));
        CHECK_CHANGES(&t, "averaging.moment-room",
                      {"err_l1_max", att_real(.11), ATT_VIOLATED},
                      {"w_l1_log2", att_real(37.8), ATT_NOT_APPLICABLE},
                      {"p_bits", att_int(52), ATT_NOT_APPLICABLE});
        CU_ASSERT_EQUAL(
            verdict_at(&t, "averaging.moment-room", "eps", att_real(9e-7)),
            ATT_NOT_APPLICABLE);
        one_task_change(&t, "w_l1_log2", att_real(lg));
        CHECK_CHANGES(
            &t, "averaging.moment-slack",
            {"bits_needed", att_int((int64_t)floor(lg + 8.3)), ATT_HOLDS},
            {"bits_needed", att_int((int64_t)floor(lg + 8.3) + 1),
             ATT_VIOLATED},
            {"w_l1_log2", att_none(), ATT_INCONCLUSIVE},
            {"bits_needed", att_none(), ATT_NOT_APPLICABLE});
    }
    one_task_close(&t);
}

/* ---- certificates -------------------------------------------------------------------- */

/* false: this build lacks a library that the bound needs. */
static bool run_bound(struct one_task *t, const char *bound, int64_t L,
                      int64_t q)
{
    one_task_text(t, "bound", bound);
    one_task_int(t, "L", L);
    one_task_int(t, "q", q);
    return one_task_run_supported(t);
}

static void certified_sets_must_err(void)
{
    struct one_task t;

    one_task_open(&t, "averaging_certificate", 3);
    one_task_int(&t, "d", 3);
    if (run_bound(&t, "radon", 12, 2)) {
        CHECK_CHANGES(&t, "averaging.radon",
                      {"err_l1_max", att_real(.5), ATT_HOLDS},
                      {"err_l1_max", att_real(.499), ATT_VIOLATED},
                      {"cert_residual", att_real(1e-8), ATT_INCONCLUSIVE},
                      {"cert_residual", att_none(), ATT_INCONCLUSIVE});
        CU_ASSERT_EQUAL(one_task_verdict(&t, "averaging.disj"),
                        ATT_NOT_APPLICABLE);
    }
    one_task_close(&t);
}

static void messages_must_be_long_or_wrong(void)
{
    const char *const claim = "averaging.disj";
    struct one_task t;

    one_task_open(&t, "averaging_certificate", 3);
    one_task_int(&t, "d", 32);
    if (run_bound(&t, "disj", 5, 2)) {
        CU_ASSERT_EQUAL(one_task_number(&t, "collisions"), 0.0);
        CHECK_CHANGES(&t, claim, {"msg_bits", att_int(1), ATT_VIOLATED},
                      {"wrong", att_int(1), ATT_NOT_APPLICABLE});
        one_task_change(&t, "collisions", att_int(1));
        CU_ASSERT_EQUAL(
            one_task_verdict_with(&t, claim, "err_l1_max", att_real(.49)),
            ATT_VIOLATED);
        CU_ASSERT_EQUAL(
            one_task_verdict_with(&t, claim, "err_l1_max", att_real(.51)),
            ATT_HOLDS);
    }
    one_task_close(&t);
}

static void short_states_must_collide(void)
{
    const char *const claim = "averaging.rnn-memory";
    struct one_task t;

    one_task_open(&t, "averaging_certificate", 3);
    one_task_int(&t, "state_bits", 3);
    CU_ASSERT_TRUE_FATAL(run_bound(&t, "memory", 9, 1));
    CU_ASSERT_EQUAL(one_task_number(&t, "collisions"), 8.0); /* 16 in 8 */
    CHECK_CHANGES(&t, claim, {"collisions", att_int(0), ATT_VIOLATED},
                  {"collisions", att_none(), ATT_INCONCLUSIVE},
                  {"size", att_none(), ATT_INCONCLUSIVE},
                  {"size", att_int(4), ATT_HOLDS});
    one_task_change(&t, "size", att_int(4)); /* room for all, or not used */
    CU_ASSERT_EQUAL(one_task_verdict_with(&t, claim, "collisions", att_int(0)),
                    ATT_HOLDS);
    one_task_close(&t);
}

static void narrow_layers_must_be_fooled(void)
{
    const char *const claim = "averaging.ffn-width";
    struct one_task t;

    one_task_open(&t, "averaging_certificate", 3);
    one_task_int(&t, "slots", 8);
    if (run_bound(&t, "kernel", 32, 4)) {
        CHECK_CHANGES(&t, claim, {"cert_err", att_real(.11), ATT_HOLDS},
                      {"cert_err", att_real(.09), ATT_INCONCLUSIVE});
        CU_ASSERT_EQUAL(verdict_at(&t, claim, "slots", att_int(15)), ATT_HOLDS);
        CU_ASSERT_EQUAL(verdict_at(&t, claim, "slots", att_int(16)),
                        ATT_NOT_APPLICABLE);
        CU_ASSERT_EQUAL(verdict_at(&t, claim, "q", att_int(16)), ATT_HOLDS);
        CU_ASSERT_EQUAL(verdict_at(&t, claim, "q", att_int(17)),
                        ATT_NOT_APPLICABLE);
    }
    one_task_close(&t);
}

/* sqrt(1 - 8/32) = .866 */
static void few_slots_must_err(void)
{
    const char *const claim = "averaging.rnn-linear";
    struct one_task t;

    one_task_open(&t, "averaging_certificate", 3);
    one_task_int(&t, "slots", 8);
    if (run_bound(&t, "linear", 32, 1)) {
        CHECK_CHANGES(&t, claim, {"err_l1_max", att_real(.867), ATT_HOLDS},
                      {"err_l1_max", att_real(.865), ATT_VIOLATED});
        CU_ASSERT_EQUAL(verdict_at(&t, claim, "q", att_int(2)),
                        ATT_NOT_APPLICABLE);
        CU_ASSERT_EQUAL(verdict_at(&t, claim, "slots", att_int(32)),
                        ATT_NOT_APPLICABLE);
    }
    one_task_close(&t);
}

/* ---- rivals --------------------------------------------------------------------------- */

static void exact_rivals_must_be_exact(void)
{
    struct one_task t;

    one_task_open(&t, "averaging_ffn", 3);
    CU_ASSERT_TRUE_FATAL(one_task_run(&t));
    CHECK_CHANGES(&t, "averaging.ffn-exact",
                  {"err_value", att_real(9e-13), ATT_HOLDS},
                  {"err_value", att_real(2e-12), ATT_VIOLATED});
    one_task_close(&t);

    one_task_open(&t, "averaging_recurrent", 3);
    one_task_text(&t, "net", "full");
    CU_ASSERT_TRUE_FATAL(one_task_run(&t));
    CHECK_CHANGES(&t, "averaging.rnn-full",
                  {"err_l1_max", att_real(1e-300), ATT_VIOLATED});
    CU_ASSERT_EQUAL(
        verdict_at(&t, "averaging.rnn-full", "net", att_text("slots")),
        ATT_NOT_APPLICABLE);
    CU_ASSERT_EQUAL(one_task_verdict(&t, "averaging.rnn-slots"),
                    ATT_NOT_APPLICABLE);
    one_task_close(&t);
}

static void slots_of_larger_sets_have_a_law(void)
{
    const char *const claim = "averaging.rnn-slots";
    struct one_task t;

    one_task_open(&t, "averaging_recurrent", 3);
    if (one_task_run(&t)) {
        const double law = one_task_number(&t, "cert_err");

        CHECK_CHANGES(&t, claim,
                      {"err_l1_max", att_real(1.01 * law), ATT_HOLDS},
                      {"err_l1_max", att_real(.99 * law), ATT_INCONCLUSIVE});
        CU_ASSERT_EQUAL(verdict_at(&t, claim, "q", att_int(1)),
                        ATT_NOT_APPLICABLE);
        CU_ASSERT_EQUAL(verdict_at(&t, claim, "slots", att_int(64)),
                        ATT_NOT_APPLICABLE);
    }
    one_task_close(&t);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"errors are judged where scores keep their margin",
         errors_are_judged_where_scores_keep_their_margin},
        {"bits are judged from the guarantee on",
         bits_are_judged_from_the_guarantee_on},
        {"margins are asked of corrected duals",
         margins_are_asked_of_corrected_duals},
        {"curves are judged by their product form",
         curves_are_judged_by_their_product_form},
        {"weights are judged by law and by format",
         weights_are_judged_by_law_and_by_format},
        {"bits are judged by what scores may be off",
         bits_are_judged_by_what_scores_may_be_off},
        {"certified sets must err", certified_sets_must_err},
        {"messages must be long or wrong", messages_must_be_long_or_wrong},
        {"short states must collide", short_states_must_collide},
        {"narrow layers must be fooled", narrow_layers_must_be_fooled},
        {"few slots must err", few_slots_must_err},
        {"exact rivals must be exact", exact_rivals_must_be_exact},
        {"slots of larger sets have a law", slots_of_larger_sets_have_a_law},
        CU_TEST_INFO_NULL,
    };

    return unit_run("averaging_claims", tests);
}
