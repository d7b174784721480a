/* test_hardmax_network.c - invariants of built networks: what each block
 * leaves alone, how the last stages compare, softmax against the oracle, and
 * tokens that were never seen. */
#include "../../../src/construction/hardmax/hardmax_evaluate_priv.h"
#include "../../../src/construction/hardmax/hardmax_layers_priv.h"

#include <math.h>
#include <string.h>

#include "attest/model/run.h"
#include "one_task.h"
#include "unit.h"

static const struct hm_built *built_of(const struct one_task *t)
{
    return t->at.built;
}

static void run_small(struct one_task *t, int64_t n, int64_t d, int64_t l)
{
    one_task_int(t, "N", n);
    one_task_int(t, "d", d);
    one_task_int(t, "L", l);
    CU_ASSERT_TRUE_FATAL(one_task_run(t));
    CU_ASSERT_EQUAL_FATAL(built_of(t)->verdict.kind, HM_BUILT);
}

/* The first `n_blocks` blocks as a model. */
static void export_blocks(const struct one_task *t, size_t n_blocks,
                          struct att_artifact *a)
{
    att_artifact_init(a, t->arena);
    CU_ASSERT_EQUAL_FATAL(
        att_hm_export_layers(&built_of(t)->net, &a->model, NULL), ATT_OK);
    a->model.n = 2 * n_blocks;
}

static struct att_mat run_model(const struct one_task *t,
                                const struct att_model *model, size_t sequence)
{
    const struct att_sequences *s = t->at.instance;
    const struct att_mat x = att_mat_view(
        att_sequence(s, sequence), att_sequence_length(s, sequence), s->d);
    struct att_arithmetic f64;
    struct att_mat out;

    CU_ASSERT_EQUAL_FATAL(att_arithmetic_parse("f64", &f64, NULL), ATT_OK);
    CU_ASSERT_EQUAL_FATAL(att_model_run(model, x, &f64, t->arena, &out, NULL),
                          ATT_OK);
    return out;
}

/* Sep blocks move tokens along v only: <u, x> stays what the prep block made
 * it, but for the rounding of d products each. */
static void sep_blocks_keep_the_identity_of_tokens(void)
{
    struct one_task t;
    struct att_artifact prep, sep;

    one_task_open(&t, "hardmax", 29);
    one_task_text(&t, "mode", "full");
    run_small(&t, 6, 4, 9);
    const struct hm_net *net = &built_of(&t)->net;

    export_blocks(&t, 1, &prep);
    export_blocks(&t, net->n_landmarks + 1, &sep);
    for (size_t j = 0; j < 6; j++) {
        const struct att_mat x = run_model(&t, &prep.model, j);
        const struct att_mat y = run_model(&t, &sep.model, j);

        for (size_t i = 0; i < x.rows; i++) {
            double p = 0.0, after = 0.0, q = 0.0;

            for (size_t k = 0; k < x.cols; k++) {
                p += net->u[k] * att_mat_row(x, i)[k];
                after += net->u[k] * att_mat_row(y, i)[k];
                q += net->v[k] * att_mat_row(y, i)[k];
            }
            CU_ASSERT_DOUBLE_EQUAL(after, p, 64.0 * 0x1p-52);
            CU_ASSERT_TRUE(fabs(q) > 64.0 * 0x1p-52);
        }
    }
    one_task_close(&t);
}

/* After the collapse block all tokens of a sequence are equal, bit for bit. */
static void collapse_leaves_one_point(void)
{
    struct one_task t;
    struct att_artifact a;

    one_task_open(&t, "hardmax", 31);
    run_small(&t, 6, 4, 9);
    export_blocks(&t, built_of(&t)->net.n_landmarks + 2, &a);
    for (size_t j = 0; j < 6; j++) {
        const struct att_mat x = run_model(&t, &a.model, j);

        for (size_t i = 1; i < x.rows; i++) {
            CU_ASSERT_EQUAL(memcmp(att_mat_row(x, i), att_mat_row(x, 0),
                                   x.cols * sizeof *x.data),
                            0);
        }
    }
    one_task_close(&t);
}

/* A peel block changes no bit of a point at or below its threshold. */
static void peel_blocks_leave_lower_clusters_alone(void)
{
    static const char *const stages[] = {"one", "runs", "steps", "four"};

    for (size_t e = 0; e < 4; e++) {
        struct one_task t;

        one_task_open(&t, "hardmax", 37);
        one_task_text(&t, "peel", stages[e]);
        run_small(&t, 16, 3, 5);
        const struct hm_built *b = built_of(&t);

        for (size_t i = 0; i < b->net.n_peel; i++) {
            const struct hm_peel *peel = &b->net.peel[i];

            for (size_t j = 0; j < 16; j++) {
                double r = 0.0, q = b->code[j];

                att_hm_peel_block(&b->net.a, peel, &r, &q);
                if (b->code[j] <= peel->lowest) {
                    CU_ASSERT_EQUAL(r, 0.0);
                    CU_ASSERT_EQUAL(q, b->code[j]);
                }
            }
        }
        one_task_close(&t);
    }
}

struct stage_row {
    const char *peel, *codes;
};

/* Every stage labels everything, with the blocks and parameters it claims. */
static void shorter_stages_keep_their_counts(void)
{
    static const struct stage_row rows[] = {
        {"one", "balanced"},  {"runs", "plain"},     {"runs", "balanced"},
        {"steps", "plain"},   {"steps", "balanced"}, {"four", "plain"},
        {"four", "balanced"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (int64_t n = 1; n <= 33; n += 8) {
            struct one_task t;

            one_task_open(&t, "hardmax", 41);
            one_task_text(&t, "peel", rows[i].peel);
            one_task_text(&t, "codes", rows[i].codes);
            run_small(&t, n, 3, 6);
            CU_ASSERT_EQUAL(one_task_verdict(&t, "hardmax.exact"), ATT_HOLDS);
            CU_ASSERT_EQUAL(one_task_verdict(&t, "hardmax.packed-blocks"),
                            ATT_HOLDS);
            CU_ASSERT_EQUAL(one_task_verdict(&t, "hardmax.packed-params"),
                            ATT_HOLDS);
            CU_ASSERT_EQUAL(one_task_verdict(&t, "hardmax.blocks"),
                            ATT_NOT_APPLICABLE);
            one_task_close(&t);
        }
    }
}

static void balanced_codes_scale_gaps_exactly(void)
{
    struct one_task t;

    one_task_open(&t, "hardmax", 43);
    one_task_text(&t, "codes", "balanced");
    run_small(&t, 12, 4, 48);
    const double scale = one_task_get(&t, "code_scale").r;
    int exponent = 0;

    CU_ASSERT_TRUE(scale > 1.0);
    CU_ASSERT_EQUAL(frexp(scale, &exponent), 0.5);
    CU_ASSERT_EQUAL(one_task_get(&t, "code_gap").r,
                    scale * one_task_get(&t, "plain_gap").r);
    CU_ASSERT_EQUAL(one_task_verdict(&t, "hardmax.balanced"), ATT_HOLDS);
    one_task_close(&t);
}

/* Relabelling changes the outputs of the peel blocks and nothing else. */
static void labels_only_enter_the_peel_weights(void)
{
    struct one_task a, b;

    one_task_open(&a, "hardmax", 47);
    one_task_open(&b, "hardmax", 47);
    one_task_int(&b, "C", 9);
    run_small(&a, 8, 3, 5);
    run_small(&b, 8, 3, 5);
    const struct hm_net *x = &built_of(&a)->net, *y = &built_of(&b)->net;

    CU_ASSERT_EQUAL_FATAL(x->n_peel, y->n_peel);
    CU_ASSERT_EQUAL_FATAL(x->n_landmarks, y->n_landmarks);
    CU_ASSERT_EQUAL(
        memcmp(x->theta, y->theta, x->n_landmarks * sizeof *x->theta), 0);
    for (size_t i = 0; i < x->n_peel; i++) {
        CU_ASSERT_EQUAL(x->peel[i].t[0], y->peel[i].t[0]);
        CU_ASSERT_EQUAL(x->peel[i].w_q[0], y->peel[i].w_q[0]);
    }
    one_task_close(&a);
    one_task_close(&b);
}

/* ---- softmax ------------------------------------------------------------- */

/* The plane evaluator at tau against the oracle with softmax attention. */
static void softmax_in_the_plane_agrees_with_the_oracle(void)
{
    static const double tau = 1e-2;
    struct one_task t;
    struct att_artifact a;
    struct hm_tokens tokens;
    double r[6], q[6];

    one_task_open(&t, "hardmax", 53);
    run_small(&t, 6, 4, 7);
    const struct hm_net *net = &built_of(&t)->net;

    export_blocks(&t, net->n_landmarks + net->n_peel + 2, &a);
    for (size_t i = 1; i < a.model.n; i += 2) {
        struct att_layer *layer = &a.model.layer[i];

        if (att_layer_get(layer, "heads", 1.0) > 0.0) {
            for (uint32_t k = 0; k < layer->n_attributes; k++) {
                if (strcmp(layer->attribute[k].name, "weights") == 0)
                    layer->attribute[k].text = "softmax";
            }
            att_layer_number(layer, "tau", tau);
        }
    }
    CU_ASSERT_EQUAL_FATAL(
        att_hm_tokens_make(t.at.instance, &net->a, t.arena, &tokens, NULL),
        ATT_OK);
    const struct hm_batch batch = {&tokens, NULL, 6};
    const struct hm_outputs out = {r, q};

    CU_ASSERT_EQUAL_FATAL(
        att_hm_eval_softmax(net, &batch, tau, out, t.arena, NULL), ATT_OK);
    for (size_t j = 0; j < 6; j++) {
        const struct att_mat x = run_model(&t, &a.model, j);
        double at_u = 0.0;

        for (size_t k = 0; k < x.cols; k++)
            at_u += net->u[k] * x.data[k];
        /* d roundings, magnified by the peel weights; softmax sums of L */
        CU_ASSERT_DOUBLE_EQUAL(r[j], at_u,
                               64.0 * 0x1p-52 * 4.0 * built_of(&t)->w_max);
    }
    one_task_close(&t);
}

/* ---- the literal evaluator --------------------------------------------------- */

/* Matrix products against the oracle's plain loops: 700 tokens are more than
 * the rows of scores that are computed together; 53 bits are doubles whose
 * operations are rounded by hand. */
static void dense_agrees_with_the_oracle(void)
{
    static const char *const dtypes[] = {"f64", "f32", "bits"};

    for (size_t e = 0; e < 3; e++) {
        struct one_task t;
        struct att_artifact a;
        struct hm_tokens tokens;
        double r[3], q[3];

        one_task_open(&t, "hardmax", 59);
        one_task_text(&t, "dtype", dtypes[e]);
        one_task_int(&t, "bits", 53);
        run_small(&t, 3, 4, 700);
        const struct hm_net *net = &built_of(&t)->net;

        export_blocks(&t, att_hm_blocks(net), &a);
        CU_ASSERT_EQUAL_FATAL(
            att_hm_tokens_make(t.at.instance, &net->a, t.arena, &tokens, NULL),
            ATT_OK);
        const struct hm_batch batch = {&tokens, NULL, 3};
        const struct hm_outputs out = {r, q};

        CU_ASSERT_EQUAL_FATAL(
            att_hm_eval_dense(net, &batch, out, t.arena, NULL), ATT_OK);
        for (size_t j = 0; j < 3; j++) {
            const struct att_mat x = run_model(&t, &a.model, j);
            double at_u = 0.0;

            for (size_t k = 0; k < x.cols; k++)
                at_u += net->u[k] * x.data[k];
            /* d roundings in each of four products, magnified by the peel */
            CU_ASSERT_DOUBLE_EQUAL(
                r[j], at_u, 16.0 * att_hm_ulp(&net->a) * built_of(&t)->w_max);
        }
        one_task_close(&t);
    }
}

/* Few clusters leave room for the rounding of another kernel. */
static void dense_labels_in_narrow_formats(void)
{
    static const char *const dtypes[] = {"f16", "bf16", "bits"};

    for (size_t e = 0; e < 3; e++) {
        struct one_task t;

        one_task_open(&t, "hardmax", 59);
        one_task_text(&t, "dtype", dtypes[e]);
        run_small(&t, 2, 4, 5);
        CU_ASSERT_EQUAL(one_task_get(&t, "acc_dense").r, 1.0);
        one_task_close(&t);
    }
}

/* ---- observations ------------------------------------------------------------ */

static void observe(struct one_task *t, const struct att_observe_axis *axis)
{
    t->at.observe.axis = axis;
    t->at.observe.n = 1;
}

static void thresholds_of_observations_are_consistent(void)
{
    static const double bits[] = {4, 20, 30, 53};
    static const double tau[] = {1e-12, 1e-9, 10.0};
    static const double sigma[] = {1e-14, 1e-13, 10.0};
    const struct att_observe_axis axes[] = {
        {.name = "bits_unaware", .value = bits, .n = 4},
        {.name = "tau", .value = tau, .n = 3},
        {.name = "sigma", .value = sigma, .n = 3},
    };
    static const char *const summary[] = {"min_bits", "tau_star", "noise_star"};

    for (size_t i = 0; i < 3; i++) {
        struct one_task t;

        one_task_open(&t, "hardmax", 61);
        observe(&t, &axes[i]);
        run_small(&t, 16, 4, 8);
        CU_ASSERT_EQUAL(t.out.n_observed, axes[i].n);
        const double got = att_value_number(one_task_get(&t, summary[i]));

        CU_ASSERT_EQUAL(got, axes[i].value[1]);
        one_task_close(&t);
    }
}

static void bits_out_of_range_are_refused(void)
{
    static const double bits[] = {1.0};
    const struct att_observe_axis axis = {
        .name = "bits_aware", .value = bits, .n = 1};
    struct one_task t;

    one_task_open(&t, "hardmax", 67);
    observe(&t, &axis);
    CU_ASSERT_FALSE(one_task_run(&t));
    CU_ASSERT_STRING_EQUAL(t.err.text,
                           "observe: bits = 1 is no integer in 2..53");
    one_task_close(&t);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"sep blocks keep the identity of tokens",
         sep_blocks_keep_the_identity_of_tokens},
        {"collapse leaves one point", collapse_leaves_one_point},
        {"peel blocks leave lower clusters alone",
         peel_blocks_leave_lower_clusters_alone},
        {"shorter stages keep their counts", shorter_stages_keep_their_counts},
        {"balanced codes scale gaps exactly",
         balanced_codes_scale_gaps_exactly},
        {"labels only enter the peel weights",
         labels_only_enter_the_peel_weights},
        {"softmax in the plane agrees with the oracle",
         softmax_in_the_plane_agrees_with_the_oracle},
        {"dense agrees with the oracle", dense_agrees_with_the_oracle},
        {"dense labels in narrow formats", dense_labels_in_narrow_formats},
        {"thresholds of observations are consistent",
         thresholds_of_observations_are_consistent},
        {"bits out of range are refused", bits_out_of_range_are_refused},
        CU_TEST_INFO_NULL,
    };

    return unit_run("hardmax network", tests);
}
