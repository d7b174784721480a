/* test_selection_variants.c - trainings of other laws: the query as a key, sets of
 * any size, pools, too few coordinates, weights put back, bf16, rounded logits. */
#include "attest/model/arithmetic.h"
#include "attest/model/run.h"
#include "selection_task.h"

/* ---- variants of the task ------------------------------------------------------------ */

/* The exported layers give the outputs of the fast path. */
static void check_export(struct one_task *t)
{
    struct att_check_report report = {0};
    struct att_artifact artifact;

    att_artifact_init(&artifact, t->arena);
    CU_ASSERT_EQUAL_FATAL(t->c->problem->export_instance(t->p, t->at.instance,
                                                         &artifact.instance,
                                                         &t->err),
                          ATT_OK);
    CU_ASSERT_EQUAL_FATAL(
        t->c->export_artifact(&t->ws, &t->at, &artifact, &t->err), ATT_OK);
    CU_ASSERT_EQUAL_FATAL(t->c->check(&artifact, t->arena, &report, &t->err),
                          ATT_OK);
    CU_ASSERT_TRUE(report.agrees && report.n_compared > 0);
}

/* A query that is a key takes attention and has no token: training raises
 * alpha for what it takes, and rel_err stays above what it is without. */
static void a_query_among_the_keys_is_seen_everywhere(void)
{
    static const char *const model[] = {"full", "rb", "population"};

    for (size_t i = 0; i < 3; i++) {
        struct one_task without, with;

        open_small(&without, model[i], "spe");
        open_small(&with, model[i], "spe");
        one_task_text(&with, "attend", "with_query");
        CU_ASSERT_TRUE_FATAL(one_task_run(&without));
        CU_ASSERT_TRUE_FATAL(one_task_run(&with));
        CU_ASSERT_TRUE(metric(&with, "alpha") >
                       1.5 * metric(&without, "alpha"));
        CU_ASSERT_TRUE(metric(&with, "rel_err") >
                       2.0 * metric(&without, "rel_err"));
        CU_ASSERT_EQUAL(one_task_verdict(&with, "selection.two-param"),
                        ATT_HOLDS);
        CU_ASSERT_EQUAL(one_task_verdict(&with, "selection.symmetry"),
                        ATT_HOLDS);
        CU_ASSERT_EQUAL(one_task_verdict(&with, "selection.rate"),
                        ATT_NOT_APPLICABLE);
        check_export(&with);
        one_task_close(&without);
        one_task_close(&with);
    }
}

/* Sets of 1 .. q tokens in the tests alone, or in the training too. */
static void sets_of_any_size_are_tested_and_trained(void)
{
    static const char *const sizes[] = {"test", "any"};

    for (size_t i = 0; i < 2; i++) {
        struct one_task t;

        open_small(&t, "rb", "spe");
        one_task_int(&t, "q", 3);
        one_task_int(&t, "de", 64);
        one_task_int(&t, "samples", 2048);
        one_task_set(&t, "eta_W", att_real(16.0));
        one_task_text(&t, "sizes", sizes[i]);
        CU_ASSERT_TRUE_FATAL(one_task_run(&t));
        CU_ASSERT_TRUE(metric(&t, "topq_exact") > 0.99);
        CU_ASSERT_EQUAL(one_task_verdict(&t, "selection.annealed"), ATT_HOLDS);
        CU_ASSERT_EQUAL(one_task_verdict(&t, "selection.rb"), ATT_HOLDS);
        CU_ASSERT_EQUAL(one_task_verdict(&t, "selection.hard-error"),
                        ATT_HOLDS);
        CU_ASSERT_EQUAL(one_task_verdict(&t, "selection.rate"),
                        ATT_NOT_APPLICABLE);
        check_export(&t);
        one_task_close(&t);
    }
}

/* Tokens that correlate are integrated out by their covariance: what is drawn
 * agrees, the two numbers follow, and the formulas of independent tokens keep
 * silent. */
static void correlated_tokens_are_integrated_out(void)
{
    static const char *const model[] = {"rb", "population"};

    for (size_t i = 0; i < 2; i++) {
        struct one_task t;

        open_small(&t, model[i], "spe");
        one_task_text(&t, "data", "ar1");
        one_task_int(&t, "samples", 2048);
        CU_ASSERT_TRUE_FATAL(one_task_run(&t));
        CU_ASSERT_EQUAL(one_task_verdict(&t, "selection.rb"), ATT_HOLDS);
        CU_ASSERT_EQUAL(one_task_verdict(&t, "selection.two-param"), ATT_HOLDS);
        CU_ASSERT_EQUAL(one_task_verdict(&t, "selection.annealed"),
                        ATT_NOT_APPLICABLE);
        CU_ASSERT_EQUAL(one_task_get(&t, "rel_pred_annealed").kind, ATT_NONE);
        CU_ASSERT_EQUAL(one_task_verdict(&t, "selection.hard-error"),
                        ATT_NOT_APPLICABLE);
        CU_ASSERT_DOUBLE_EQUAL(metric(&t, "gamma") / metric(&t, "gamma_pred"),
                               1.0, 0.02);
        spoil(&t, SM_LOSS_MC, 1.5 * metric(&t, "loss"));
        CU_ASSERT_EQUAL(one_task_verdict(&t, "selection.rb"), ATT_VIOLATED);
        one_task_close(&t);
    }
}

/* Trained on tokens that correlate, tested on those and on independent ones:
 * the weights are the same, and the formula of independent tokens holds there. */
static void tests_may_have_independent_tokens(void)
{
    static const char *const tested[] = {"same", "gauss"};
    double gamma[2], loss[2];

    for (size_t i = 0; i < 2; i++) {
        struct one_task t;

        open_small(&t, "rb", "spe");
        one_task_text(&t, "data", "ar1");
        one_task_text(&t, "test_data", tested[i]);
        one_task_int(&t, "samples", 1024);
        CU_ASSERT_TRUE_FATAL(one_task_run(&t));
        gamma[i] = metric(&t, "gamma");
        loss[i] = metric(&t, "rel_err");
        if (i == 1) {
            CU_ASSERT_EQUAL(one_task_verdict(&t, "selection.hard-error"),
                            ATT_HOLDS);
            CU_ASSERT_DOUBLE_EQUAL(loss[1] / metric(&t, "rel_pred_annealed"),
                                   1.0, 0.15);
        }
        one_task_close(&t);
    }
    CU_ASSERT_EQUAL(gamma[0], gamma[1]);
    CU_ASSERT_TRUE(loss[1] > 1.05 * loss[0]);
}

/* A pool twice as large as de serves every length up to its own, as fixed
 * encodings do not, and no other. */
static void a_pool_serves_every_length_up_to_its_own(void)
{
    struct one_task t;
    double at_24 = 0.0;

    open_small(&t, "rb", "pool");
    one_task_int(&t, "de", 64);
    one_task_int(&t, "pool", 128);
    one_task_set(&t, "eta_W", att_real(16.0));
    CU_ASSERT_TRUE_FATAL(one_task_run(&t));
    CU_ASSERT_EQUAL(one_task_verdict(&t, "selection.pool"), ATT_HOLDS);
    CU_ASSERT_EQUAL(one_task_verdict(&t, "selection.prefix"), ATT_HOLDS);
    CU_ASSERT_EQUAL(one_task_verdict(&t, "selection.symmetry-law"),
                    ATT_NOT_APPLICABLE);
    for (size_t line = 0; line < t.out.n_observed; line++) {
        const double *x = t.out.observation + line * SEL_OBSERVATIONS;

        if (x[SO_L_TEST] == 24.0)
            at_24 = x[SO_EXACT];
        CU_ASSERT_TRUE(!(x[SO_L_TEST] > 128.0) || isnan(x[SO_EXACT]));
        t.out.observation[line * SEL_OBSERVATIONS + SO_EXACT] = 0.5;
    }
    CU_ASSERT_TRUE(at_24 > 0.99);
    CU_ASSERT_EQUAL(one_task_verdict(&t, "selection.pool"), ATT_VIOLATED);
    check_export(&t);
    one_task_close(&t);
}

/* With fewer coordinates than selected tokens nothing can be selected, and
 * the row says so instead of failing. */
static void too_few_coordinates_are_a_row(void)
{
    struct one_task t;

    open_small(&t, "full", "spe");
    one_task_int(&t, "q", 4);
    one_task_int(&t, "de", 3);
    one_task_text(&t, "singular", "least_norm");
    CU_ASSERT_TRUE_FATAL(one_task_run(&t));
    CU_ASSERT_TRUE(metric(&t, "rel_err") > 0.5);
    CU_ASSERT_TRUE(metric(&t, "topq_exact") < 0.1);
    CU_ASSERT_TRUE(metric(&t, "n_redraw") > 64.0 * 300.0);
    check_export(&t);
    one_task_close(&t);
}

/* ---- weights that are put back ----------------------------------------------------------- */

/* At a step size at which the noise of Bx stalls the whole model, the model
 * that is put back on the line of two numbers follows them; so far from it, C
 * alone makes no difference. */
static void weights_put_back_follow_the_two_numbers(void)
{
    static const char *const how[] = {"none", "C", "all"};
    static const char *const dtype[] = {"f64", "f32"};
    double off[3];

    for (size_t i = 0; i < 6; i++) {
        struct one_task t;

        open_small(&t, "full", "spe");
        one_task_text(&t, "symmetrise", how[i / 2]);
        one_task_text(&t, "dtype", dtype[i % 2]);
        one_task_set(&t, "eta_W", att_real(24.0));
        CU_ASSERT_TRUE_FATAL(one_task_run(&t));
        off[i / 2] = fabs(metric(&t, "gamma") / metric(&t, "gamma_pred") - 1.0);
        CU_ASSERT_EQUAL(metric(&t, "Coff_fro") < 1e-5, i >= 2);
        CU_ASSERT_EQUAL(metric(&t, "Bx_fro") == 0.0, i >= 4);
        CU_ASSERT_EQUAL(metric(&t, "V2_fro") == 0.0, i >= 4);
        one_task_close(&t);
        if (i >= 4)
            CU_ASSERT_TRUE(off[2] < 0.03 && off[2] < 0.2 * off[0]);
    }
}

/* The claim compares replicates: one row of each kind. */
static void a_training_put_back_farther_off_is_no_support(void)
{
    static const char *const how[] = {"none", "all"};
    struct one_task t[2];
    struct att_row_view view[2];
    struct att_rows rows = {.row = view, .n = 2, .n_planned = 2};
    struct att_finding finding = {0};
    const struct att_claim *claim = &att_sel_claims[SC_SYMMETRISED];

    for (size_t i = 0; i < 2; i++) {
        open_small(&t[i], "full", "spe");
        one_task_set(&t[i], "eta_W", att_real(24.0));
        one_task_text(&t[i], "symmetrise", how[i]);
        CU_ASSERT_TRUE_FATAL(one_task_run(&t[i]));
        view[i] = (struct att_row_view){
            .construction = t[i].c, .param = t[i].p, .metric = t[i].out.metric};
    }
    claim->judge(&rows, &finding);
    CU_ASSERT_EQUAL(finding.verdict, ATT_HOLDS);
    spoil(&t[1], SM_GAMMA, 40.0);
    claim->judge(&rows, &finding);
    CU_ASSERT_EQUAL(finding.verdict, ATT_VIOLATED);
    rows.n = 1;
    claim->judge(&rows, &finding);
    CU_ASSERT_EQUAL(finding.verdict, ATT_NOT_APPLICABLE);
    one_task_close(&t[0]);
    one_task_close(&t[1]);
}

/* ---- bf16 ------------------------------------------------------------------------------ */

static bool is_bf16(double x)
{
    float y = (float)x;

    att_arithmetic_round_bf16(1, &y);
    return (double)y == x;
}

/* Weights that are bf16 take no step below half an ulp: gamma stays behind
 * the two numbers, as it does not where f32 copies of them add up. */
static void weights_of_bf16_stop_where_steps_are_too_short(void)
{
    static const char *const dtype[] = {"f32", "bf16_mixed", "bf16"};
    double behind[3];

    for (size_t i = 0; i < 3; i++) {
        struct one_task t;

        open_small(&t, "rb", "spe");
        one_task_text(&t, "dtype", dtype[i]);
        CU_ASSERT_TRUE_FATAL(one_task_run(&t));
        const struct sel_trained *made = t.at.built;

        for (size_t j = 0; j < (size_t)32 * 32 && i > 0; j++)
            CU_ASSERT_TRUE(is_bf16(made->net.W.data[j]));
        CU_ASSERT_TRUE(is_bf16(made->net.alpha) == (i > 0));
        behind[i] = metric(&t, "gamma") / metric(&t, "gamma_pred");
        one_task_close(&t);
    }
    CU_ASSERT_DOUBLE_EQUAL(behind[0], 1.0, 0.02);
    CU_ASSERT_DOUBLE_EQUAL(behind[1], 1.0, 0.02);
    CU_ASSERT_TRUE(behind[2] < 0.9);
}

/* Logits of 8 bits change the error, by no more than they can. */
static void rounded_logits_stay_within_their_bound(void)
{
    struct one_task t;

    open_small(&t, "rb", "spe");
    CU_ASSERT_TRUE_FATAL(one_task_run(&t));
    CU_ASSERT_EQUAL(one_task_verdict(&t, "selection.rounded-logits"),
                    ATT_HOLDS);
    for (size_t line = 0; line < t.out.n_observed; line++) {
        double *x = t.out.observation + line * SEL_OBSERVATIONS;

        if (isnan(x[SO_L_TEST]))
            continue;
        CU_ASSERT_TRUE(x[SO_BF16] != x[SO_REL_ERR]);
        CU_ASSERT_TRUE(x[SO_INT8] != x[SO_BF16] && x[SO_INT8] != x[SO_REL_ERR]);
        CU_ASSERT_DOUBLE_EQUAL(x[SO_BF16] / x[SO_REL_ERR], 1.0, 0.05);
        CU_ASSERT_TRUE(x[SO_INT8_BOUND] < 3.0 * x[SO_REL_ERR]);
        x[SO_INT8] = 1.01 * x[SO_INT8_BOUND];
    }
    CU_ASSERT_EQUAL(one_task_verdict(&t, "selection.rounded-logits"),
                    ATT_VIOLATED);
    one_task_close(&t);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"a query among the keys is seen everywhere",
         a_query_among_the_keys_is_seen_everywhere},
        {"sets of any size are tested and trained",
         sets_of_any_size_are_tested_and_trained},
        {"correlated tokens are integrated out",
         correlated_tokens_are_integrated_out},
        {"tests may have independent tokens",
         tests_may_have_independent_tokens},
        {"a pool serves every length up to its own",
         a_pool_serves_every_length_up_to_its_own},
        {"too few coordinates are a row", too_few_coordinates_are_a_row},
        {"weights put back follow the two numbers",
         weights_put_back_follow_the_two_numbers},
        {"a training put back farther off is no support",
         a_training_put_back_farther_off_is_no_support},
        {"weights of bf16 stop where steps are too short",
         weights_of_bf16_stop_where_steps_are_too_short},
        {"rounded logits stay within their bound",
         rounded_logits_stay_within_their_bound},
        CU_TEST_INFO_NULL};

    return unit_run("selection_variants", tests);
}
