/* test_memorization.c - whole tasks: every claim that applies must hold, on
 * every kind of data, in every arithmetic. */
#include "one_task.h"
#include "unit.h"

#include <math.h>

static const char *const PROVED[] = {
    "memorization.certificate",     "memorization.error-bound",
    "memorization.params",          "memorization.ffn-plateau",
    "memorization.equivariance",    "memorization.exp-count",
    "memorization.evaluators-agree"};

static void expect_proved(const struct one_task *t)
{
    for (size_t i = 0; i < sizeof PROVED / sizeof PROVED[0]; i++)
        CU_ASSERT_NOT_EQUAL(one_task_verdict(t, PROVED[i]), ATT_VIOLATED);
}

static void every_kind_is_memorised(void)
{
    static const struct {
        const char *data;
        int64_t n, d, l;
    } row[] = {{"shared", 16, 8, 8},  {"fresh", 8, 3, 4},    {"swap", 16, 8, 4},
               {"cluster", 8, 8, 4},  {"lattice", 16, 1, 4}, {"pte", 2, 1, 5},
               {"multiset", 16, 1, 3}};

    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct one_task t;

        one_task_open(&t, "memorization", i);
        one_task_text(&t, "data", row[i].data);
        one_task_int(&t, "N", row[i].n);
        one_task_int(&t, "d", row[i].d);
        one_task_int(&t, "L", row[i].l);
        CU_ASSERT_TRUE_FATAL(one_task_run(&t));
        CU_ASSERT_EQUAL(one_task_get(&t, "seq_acc").r, 1.0);
        CU_ASSERT_EQUAL(one_task_get(&t, "certified").i, 1);
        CU_ASSERT_EQUAL(one_task_verdict(&t, "memorization.exact"), ATT_HOLDS);
        CU_ASSERT_EQUAL(one_task_verdict(&t, "memorization.evaluators-agree"),
                        ATT_HOLDS);
        expect_proved(&t);
        one_task_close(&t);
    }
}

static void every_arithmetic_keeps_what_is_proved(void)
{
    static const char *const dtype[] = {"f64",  "f32", "f16",
                                        "bf16", "x80", "dd"};

    for (size_t i = 0; i < sizeof dtype / sizeof dtype[0]; i++) {
        struct one_task t;

        one_task_open(&t, "memorization", 5);
        one_task_text(&t, "dtype", dtype[i]);
        one_task_int(&t, "N", 4);
        CU_ASSERT_TRUE_FATAL(one_task_run(&t));
        CU_ASSERT_NOT_EQUAL(one_task_verdict(&t, "memorization.precision-rule"),
                            ATT_VIOLATED);
        expect_proved(&t);
        one_task_close(&t);
    }
}

static void prefixes_are_memorised_under_the_mask(void)
{
    struct one_task t;

    one_task_open(&t, "memorization", 9);
    one_task_text(&t, "mask", "causal");
    CU_ASSERT_TRUE_FATAL(one_task_run(&t));
    /* equal prefixes of different sequences have labels of their own */
    CU_ASSERT_STRING_EQUAL(one_task_get(&t, "err_kind").s, "inconsistent");
    one_task_text(&t, "data", "fresh");
    CU_ASSERT_TRUE_FATAL(one_task_run(&t));
    CU_ASSERT_EQUAL(one_task_get(&t, "id_acc").r, 1.0);
    CU_ASSERT_EQUAL(one_task_verdict(&t, "memorization.evaluators-agree"),
                    ATT_HOLDS);
    one_task_text(&t, "tier", "theorem");
    CU_ASSERT_FALSE(one_task_run(&t));
    CU_ASSERT_EQUAL(t.err.status, ATT_E_INFEASIBLE);
    one_task_close(&t);
}

static void hardmax_loses_what_softmax_keeps(void)
{
    const double kappa[] = {1.0, 65536.0};
    const struct att_observe_axis axis = {
        .name = "at_kappa", .value = kappa, .n = 2};
    struct one_task t;

    one_task_open(&t, "memorization", 4);
    one_task_int(&t, "N", 32);
    one_task_int(&t, "L", 8);
    t.at.observe = (struct att_observe){&axis, 1};
    CU_ASSERT_TRUE_FATAL(one_task_run(&t));
    CU_ASSERT_EQUAL_FATAL(t.out.n_observed, 2);
    CU_ASSERT_EQUAL(t.out.observation[1], 0.0);
    CU_ASSERT_EQUAL(t.out.observation[t.c->n_observations + 1],
                    (double)one_task_get(&t, "hardmax_floor").i);
    CU_ASSERT_TRUE(one_task_get(&t, "hardmax_floor").i > 0);
    CU_ASSERT_EQUAL(one_task_verdict(&t, "memorization.hardmax-floor"),
                    ATT_HOLDS);
    one_task_close(&t);
}

static void planted_faults_are_refused(void)
{
    static const char *const data[] = {"bad_duplicate", "bad_nonfinite",
                                       "bad_labels"};

    for (size_t i = 0; i < sizeof data / sizeof data[0]; i++) {
        struct one_task t;

        one_task_open(&t, "memorization", i);
        one_task_text(&t, "data", data[i]);
        CU_ASSERT_TRUE_FATAL(one_task_run(&t));
        CU_ASSERT_EQUAL(one_task_verdict(&t, "memorization.consistency"),
                        ATT_HOLDS);
        CU_ASSERT_EQUAL(one_task_verdict(&t, "memorization.exact"),
                        ATT_NOT_APPLICABLE);
        one_task_close(&t);
    }
}

/* Export what t built and run it. */
static struct att_check_report export_and_check(struct one_task *t,
                                                struct att_artifact *a)
{
    struct att_check_report report = {0};

    att_artifact_init(a, t->arena);
    CU_ASSERT_EQUAL_FATAL(t->c->problem->export_instance(t->p, t->at.instance,
                                                         &a->instance, &t->err),
                          ATT_OK);
    CU_ASSERT_EQUAL_FATAL(t->c->export_artifact(&t->ws, &t->at, a, &t->err),
                          ATT_OK);
    CU_ASSERT_EQUAL_FATAL(t->c->check(a, t->arena, &report, &t->err), ATT_OK);
    return report;
}

/* The exported layers, run by the oracle, give the labels. */
static void exported_networks_give_the_labels(void)
{
    static const struct {
        const char *ffn;
        int64_t d_out, head;
    } row[] = {{"plateau", 1, 1}, {"interp", 1, 3}, {"plateau", 8, 2}};

    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct att_artifact a;
        struct one_task t;

        one_task_open(&t, "memorization", i);
        one_task_text(&t, "ffn", row[i].ffn);
        one_task_int(&t, "d_out", row[i].d_out);
        one_task_int(&t, "head", row[i].head);
        CU_ASSERT_TRUE_FATAL(one_task_run(&t));
        CU_ASSERT_TRUE(export_and_check(&t, &a).agrees);
        CU_ASSERT_TRUE(a.atol < 1.0 || row[i].ffn[0] == 'i');
        one_task_close(&t);
    }
}

/* Quantiser and decoder are networks of ReLU units; outside ramps, and where
 * ids are far apart, they give the values at cell centres. */
static void exported_approximations_are_relu_networks(void)
{
    static const struct {
        int64_t g, L, d;
        const char *target;
        double ramp, least; /* share of outputs that are claimed */
    } row[] = {
        {1, 2, 1, "xmax", 0.0, 1.0},     {4, 2, 1, "xmax", 0.0, 0.99},
        {3, 3, 1, "sinmean", 0.0, 0.99}, {32, 2, 1, "root", 0.0, 0.99},
        {5, 2, 2, "pair", 0.0, 0.99},    {4, 2, 1, "xmax", 0.02, 0.8},
    };

    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct att_artifact a;
        struct one_task t;

        one_task_open(&t, "approximation", i);
        one_task_int(&t, "g", row[i].g);
        one_task_int(&t, "L", row[i].L);
        one_task_int(&t, "d", row[i].d);
        one_task_int(&t, "samples", 500);
        one_task_text(&t, "target", row[i].target);
        one_task_set(&t, "ramp", att_real(row[i].ramp));
        CU_ASSERT_TRUE_FATAL(one_task_run(&t));
        const struct att_check_report report = export_and_check(&t, &a);
        const struct att_tensor *y = att_bundle_find(&a.expected, "outputs");

        CU_ASSERT_TRUE(report.agrees);
        CU_ASSERT_TRUE(a.atol < 1e-5);
        CU_ASSERT_EQUAL_FATAL(a.model.n, 3);
        for (size_t l = 0; l < 3; l += 2) {
            CU_ASSERT_EQUAL(a.model.layer[l].kind, ATT_LAYER_FEED_FORWARD);
            CU_ASSERT_STRING_EQUAL(
                att_layer_get_text(&a.model.layer[l], "activation", ""),
                "relu");
        }
        CU_ASSERT_TRUE((double)report.n_compared >=
                       row[i].least * (double)(y->shape[0] * y->shape[1]));
        one_task_close(&t);
    }
}

static void too_many_ids_are_refused_in_words(void)
{
    struct one_task t;

    one_task_open(&t, "approximation", 1);
    one_task_int(&t, "g", 4096);
    one_task_int(&t, "L", 4);
    CU_ASSERT_FALSE(one_task_run(&t));
    CU_ASSERT_EQUAL(t.err.status, ATT_E_INFEASIBLE);
    CU_ASSERT_PTR_NOT_NULL(strstr(t.err.text, "too large for memory"));
    one_task_close(&t);
}

static void cells_are_decoded_within_the_closed_error(void)
{
    struct one_task t;

    one_task_open(&t, "approximation", 1);
    one_task_int(&t, "L", 3);
    CU_ASSERT_TRUE_FATAL(one_task_run(&t));
    CU_ASSERT_EQUAL(one_task_get(&t, "T").i, 288);
    CU_ASSERT_EQUAL(one_task_get(&t, "multisets").i, 120);
    CU_ASSERT_EQUAL(one_task_get(&t, "id_acc").r, 1.0);
    CU_ASSERT_EQUAL(one_task_verdict(&t, "memorization.ua-sup"), ATT_HOLDS);
    CU_ASSERT_EQUAL(one_task_verdict(&t, "memorization.ua-count"), ATT_HOLDS);
    one_task_close(&t);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"every kind is memorised", every_kind_is_memorised},
        {"every arithmetic keeps what is proved",
         every_arithmetic_keeps_what_is_proved},
        {"prefixes are memorised under the mask",
         prefixes_are_memorised_under_the_mask},
        {"hardmax loses what softmax keeps", hardmax_loses_what_softmax_keeps},
        {"planted faults are refused", planted_faults_are_refused},
        {"exported networks give the labels",
         exported_networks_give_the_labels},
        {"exported approximations are ReLU networks",
         exported_approximations_are_relu_networks},
        {"too many ids are refused in words",
         too_many_ids_are_refused_in_words},
        {"cells are decoded within the closed error",
         cells_are_decoded_within_the_closed_error},
        CU_TEST_INFO_NULL,
    };

    return unit_run("memorization", tests);
}
