/* test_selection.c - trainings as tasks: what they learn, how they go on after
 * a kill, what they refuse, and claims that can fail. */
#include "selection_task.h"

static void every_model_learns_to_select(void)
{
    static const char *const model[][2] = {
        {"full", "spe"},      {"posonly", "spe"},    {"rb", "spe"},
        {"gram", "spe_step"}, {"population", "spe"}, {"recursion", "onehot"}};

    for (size_t i = 0; i < 6; i++) {
        struct one_task t;

        open_small(&t, model[i][0], model[i][1]);
        CU_ASSERT_TRUE_FATAL(one_task_run(&t));
        CU_ASSERT_TRUE(metric(&t, "rel_err") < 0.2);
        CU_ASSERT_EQUAL(metric(&t, "gnorm_W0"), 0.0);
        CU_ASSERT_TRUE(metric(&t, "topq_exact") > 0.9);
        CU_ASSERT_EQUAL(one_task_verdict(&t, "selection.two-param"), ATT_HOLDS);
        CU_ASSERT_EQUAL(one_task_verdict(&t, "selection.symmetry"), ATT_HOLDS);
        CU_ASSERT_EQUAL(one_task_verdict(&t, "selection.prefix"), ATT_HOLDS);
        one_task_close(&t);
    }
}

/* ---- checkpoints ---------------------------------------------------------------- */

/* The n-th checkpoint, kept beyond the task's arena. */
struct keeper {
    unsigned char bytes[1 << 18];
    size_t n, left;
};

static void keep(void *context, const void *bytes, size_t n)
{
    struct keeper *k = context;

    if (k->left == 0 || n > sizeof k->bytes)
        return;
    memcpy(k->bytes, bytes, n);
    k->n = n;
    k->left--;
}

static void compare_tasks(const struct one_task *a, const struct one_task *b)
{
    for (uint32_t m = 0; m < a->c->n_metrics; m++) {
        if (a->c->metrics[m].exactness != ATT_TIMING) {
            CU_ASSERT_TRUE(att_value_equal(a->out.metric[m], b->out.metric[m]));
        }
    }
    CU_ASSERT_EQUAL_FATAL(a->out.n_observed, b->out.n_observed);
    CU_ASSERT_EQUAL(
        memcmp(a->out.observation, b->out.observation,
               a->out.n_observed * SEL_OBSERVATIONS * sizeof(double)),
        0);
}

/* Adam has moments, f32 another layout, bf16_mixed weights beside its state; the batch is large so that a second's
 * work is less than the training. */
static void a_killed_training_goes_on_with_the_same_bits(void)
{
    static const char *const dtype[] = {"f64", "f32", "bf16", "bf16_mixed"};
    static struct keeper keeper;

    for (size_t i = 0; i < 4; i++) {
        struct one_task whole, again;

        open_small(&whole, "full", "spe");
        open_small(&again, "full", "spe");
        struct one_task *const both[] = {&whole, &again};

        for (size_t k = 0; k < 2; k++) {
            one_task_text(both[k], "dtype", dtype[i]);
            one_task_text(both[k], "opt", "adam");
            one_task_set(both[k], "eta_V", att_real(0.01));
            one_task_set(both[k], "eta_W", att_real(0.01));
            one_task_int(both[k], "batch", 2048);
        }
        keeper = (struct keeper){.left = 1};
        whole.ws.context = &keeper;
        whole.ws.checkpoint = keep;
        CU_ASSERT_TRUE_FATAL(one_task_run(&whole));
        CU_ASSERT_TRUE_FATAL(keeper.n > 0);
        again.ws.saved = keeper.bytes;
        again.ws.saved_bytes = keeper.n;
        int64_t step;

        memcpy(&step, keeper.bytes, sizeof step);
        CU_ASSERT_TRUE(step > 0 && step < 300);
        CU_ASSERT_TRUE_FATAL(one_task_run(&again));
        compare_tasks(&whole, &again);
        one_task_close(&whole);
        one_task_close(&again);
    }
}

/* ---- refusals ------------------------------------------------------------------------ */

static void impossible_points_are_refused_with_a_remedy(void)
{
    static const struct {
        const char *param, *choice, *text;
    } v[] = {
        {"model", "gram",
         "the Gram trick needs encodings that a batch shares: pe = spe_step "
         "or fixed (got spe)"},
        {"model", "recursion",
         "the recursion is about one-hot encodings: pe = onehot (got spe)"},
    };
    struct one_task t;

    for (size_t i = 0; i < 2; i++) {
        one_task_open(&t, "selection", 1);
        one_task_text(&t, v[i].param, v[i].choice);
        CU_ASSERT_EQUAL(t.c->admit(t.p, &t.err), ATT_E_INFEASIBLE);
        CU_ASSERT_STRING_EQUAL(t.err.text, v[i].text);
        one_task_close(&t);
    }
    one_task_open(&t, "selection", 1);
    one_task_text(&t, "model", "recursion");
    one_task_text(&t, "pe", "onehot");
    one_task_text(&t, "attend", "with_query");
    CU_ASSERT_EQUAL(t.c->admit(t.p, &t.err), ATT_E_INFEASIBLE);
    CU_ASSERT_STRING_EQUAL(t.err.text,
                           "the recursion is about q selected tokens, no other "
                           "keys and its own symmetry: attend = tokens, sizes "
                           "= q, symmetrise = none (got with_query, q, none)");
    one_task_close(&t);
    one_task_open(&t, "selection", 1);
    one_task_int(&t, "de", 2);
    CU_ASSERT_EQUAL(t.c->admit(t.p, &t.err), ATT_E_INFEASIBLE);
    CU_ASSERT_STRING_EQUAL(t.err.text,
                           "q = 3 encodings of de = 2 coordinates have no "
                           "dual: take de >= q, or singular = least_norm");
    one_task_text(&t, "singular", "least_norm");
    CU_ASSERT_EQUAL(t.c->admit(t.p, &t.err), ATT_OK);
    one_task_close(&t);
    one_task_open(&t, "selection", 1);
    one_task_text(&t, "pe", "pool");
    one_task_int(&t, "pool", 19);
    CU_ASSERT_EQUAL(t.c->admit(t.p, &t.err), ATT_E_INFEASIBLE);
    CU_ASSERT_STRING_EQUAL(t.err.text, "a pool of 19 encodings for L = 20 "
                                       "tokens: take pool >= L");
    one_task_close(&t);
}

/* ---- claims that can fail ---------------------------------------------------------------- */

static void claims_of_spoiled_rows_fail(void)
{
    static const struct {
        double value;
        const char *claim;
        uint32_t metric;
        enum att_verdict verdict;
    } v[] = {
        {1e-9, "selection.zero-grad", SM_GNORM_W0, ATT_VIOLATED},
        {1e-3, "selection.two-param", SM_PAIR_GAP, ATT_VIOLATED},
        {1e-3, "selection.symmetry", SM_MIRROR_GAP, ATT_VIOLATED},
        {0.5, "selection.symmetry-law", SM_COS_W, ATT_VIOLATED},
        {9.0, "selection.rb", SM_LOSS_MC, ATT_VIOLATED},
        {1e6, "selection.t0", SM_T_GAMMA1, ATT_VIOLATED},
        {0.9, "selection.alpha-overshoot", SM_ALPHA_MAX, ATT_VIOLATED},
    };

    for (size_t i = 0; i < sizeof v / sizeof v[0]; i++) {
        struct one_task t;

        open_small(&t, "rb", "spe");
        CU_ASSERT_TRUE_FATAL(one_task_run(&t));
        CU_ASSERT_EQUAL(one_task_verdict(&t, v[i].claim), ATT_HOLDS);
        spoil(&t, v[i].metric, v[i].value);
        CU_ASSERT_EQUAL(one_task_verdict(&t, v[i].claim), v[i].verdict);
        one_task_close(&t);
    }
}

/* Lines are judged too: a loss ten times the law's, a test ten times the
 * formula's, a selector that loses its set. */
static void claims_of_spoiled_lines_fail(void)
{
    static const struct {
        uint32_t column;
        double factor;
        const char *claim;
    } v[] = {{SO_ANNEALED, 10.0, "selection.annealed"},
             {SO_TEMP_PRED, 10.0, "selection.temperature"},
             {SO_L_PRED, 10.0, "selection.rate"},
             {SO_GAMMA_PRED, 1.5, "selection.two-param-law"}};

    for (size_t i = 0; i < 4; i++) {
        struct one_task t;

        open_small(&t, "population", "spe");
        one_task_text(&t, "model", i == 3 ? "rb" : "population");
        CU_ASSERT_TRUE_FATAL(one_task_run(&t));
        for (size_t line = 0; line < t.out.n_observed; line++) {
            t.out.observation[line * SEL_OBSERVATIONS + v[i].column] *=
                v[i].factor;
        }
        CU_ASSERT_EQUAL(one_task_verdict(&t, v[i].claim), ATT_VIOLATED);
        one_task_close(&t);
    }
}

static void fixed_encodings_fail_beyond_their_length(void)
{
    struct one_task t;

    open_small(&t, "gram", "fixed");
    CU_ASSERT_TRUE_FATAL(one_task_run(&t));
    CU_ASSERT_EQUAL(one_task_verdict(&t, "selection.fixed-fails"), ATT_HOLDS);
    CU_ASSERT_EQUAL(one_task_verdict(&t, "selection.symmetry-law"),
                    ATT_NOT_APPLICABLE);
    for (size_t line = 0; line < t.out.n_observed; line++)
        t.out.observation[line * SEL_OBSERVATIONS + SO_EXACT] = 1.0;
    CU_ASSERT_EQUAL(one_task_verdict(&t, "selection.fixed-fails"),
                    ATT_VIOLATED);
    one_task_close(&t);
}

/* ---- the explicit network ----------------------------------------------------------------- */

static void the_explicit_network_keeps_its_bound(void)
{
    struct one_task t;

    one_task_open(&t, "selection_explicit", 3);
    one_task_int(&t, "de", 128);
    CU_ASSERT_TRUE_FATAL(one_task_run(&t));
    CU_ASSERT_EQUAL(one_task_verdict(&t, "selection.expressivity"), ATT_HOLDS);
    CU_ASSERT_EQUAL(one_task_verdict(&t, "selection.dual-exact"), ATT_HOLDS);
    CU_ASSERT_EQUAL(one_task_verdict(&t, "selection.floor"), ATT_HOLDS);
    CU_ASSERT_TRUE(metric(&t, "rel_err") <= metric(&t, "rel_bound_expr"));
    one_task_close(&t);
    one_task_open(&t, "selection_explicit", 3);
    one_task_text(&t, "query", "sum");
    CU_ASSERT_TRUE_FATAL(one_task_run(&t));
    CU_ASSERT_EQUAL(one_task_verdict(&t, "selection.sum-fails"), ATT_HOLDS);
    CU_ASSERT_EQUAL(one_task_verdict(&t, "selection.dual-exact"),
                    ATT_NOT_APPLICABLE);
    one_task_close(&t);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"every model learns to select", every_model_learns_to_select},
        {"a killed training goes on with the same bits",
         a_killed_training_goes_on_with_the_same_bits},
        {"impossible points are refused with a remedy",
         impossible_points_are_refused_with_a_remedy},
        {"claims of spoiled rows fail", claims_of_spoiled_rows_fail},
        {"claims of spoiled lines fail", claims_of_spoiled_lines_fail},
        {"fixed encodings fail beyond their length",
         fixed_encodings_fail_beyond_their_length},
        {"the explicit network keeps its bound",
         the_explicit_network_keeps_its_bound},
        CU_TEST_INFO_NULL};

    return unit_run("selection", tests);
}
