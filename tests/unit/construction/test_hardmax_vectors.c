/* test_hardmax_vectors.c - small networks computed by hand: u = (1, 0),
 * v = (0, 1), explicit landmarks, no random numbers. */
#include "../../../src/construction/hardmax/hardmax_build_priv.h"
#include "../../../src/construction/hardmax/hardmax_layers_priv.h"

#include <math.h>

#include "unit.h"

enum { D = 2, MOST = 8 };

struct net {
    struct att_arena *arena;
    struct att_sequences s;
    size_t offset[MOST];
    struct hm_direction dir;
    struct hm_tokens tokens;
    struct hm_config config;
    struct hm_built built;
    struct hm_landmarks landmarks;
    double u[D], v[D], theta[MOST], beta[MOST];
};

/* Sequences one after the other in x; lengths end with 0. */
static void net_open(struct net *t, const double *x, const size_t *length,
                     const int64_t *label)
{
    *t = (struct net){
        .u = {1.0, 0.0},
        .v = {0.0, 1.0},
    };
    t->config.w_cap = 1e9;
    t->built.config = &t->config;
    t->arena = att_arena_create(0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(t->arena);
    for (size_t j = 0; length[j] != 0; j++) {
        t->offset[j + 1] = t->offset[j] + length[j];
        t->s.longest = length[j] > t->s.longest ? length[j] : t->s.longest;
        t->s.n++;
    }
    t->s.d = D;
    t->s.n_classes = 4;
    t->s.total = t->offset[t->s.n];
    t->s.offset = t->offset;
    t->s.token = x;
    t->s.label = label;
    t->s.planted = "";
}

static void net_close(struct net *t)
{
    att_arena_destroy(t->arena);
}

static void net_build(struct net *t, const double *theta, const double *beta,
                      size_t k)
{
    struct att_arithmetic f64;
    struct hm_verdict *verdict = &t->built.verdict;

    CU_ASSERT_EQUAL_FATAL(att_arithmetic_parse("f64", &f64, NULL), ATT_OK);
    CU_ASSERT_EQUAL_FATAL(
        att_hm_sets_make(&t->s, t->arena, &t->built.sets, verdict, NULL),
        ATT_OK);
    if (verdict->kind != HM_BUILT)
        return;
    CU_ASSERT_EQUAL_FATAL(
        att_hm_tokens_make(&t->s, &f64, t->arena, &t->tokens, NULL), ATT_OK);
    CU_ASSERT_EQUAL_FATAL(
        att_hm_direction_init(&t->built.sets, t->arena, &t->dir, NULL), ATT_OK);
    for (size_t i = 0; i < D; i++) {
        t->dir.u[i] = t->u[i];
        t->dir.v[i] = t->v[i];
    }
    CU_ASSERT_EQUAL_FATAL(att_hm_direction_project(&t->built.sets, &t->tokens,
                                                   &t->dir, t->arena, NULL),
                          ATT_OK);
    for (size_t i = 0; i < k; i++) {
        t->theta[i] = theta[i];
        t->beta[i] = beta[i];
    }
    t->landmarks = (struct hm_landmarks){
        .theta = t->theta, .beta = t->beta, .n = k, .in_range = true};
    const struct hm_view view = {&t->built.sets, &t->dir, &f64};

    CU_ASSERT_EQUAL_FATAL(
        att_hm_landmarks_measure(&view, t->arena, &t->landmarks, verdict, NULL),
        ATT_OK);
    if (verdict->kind == HM_BUILT) {
        CU_ASSERT_EQUAL_FATAL(att_hm_assemble(&t->tokens, &t->dir,
                                              &t->landmarks, t->arena,
                                              &t->built, NULL),
                              ATT_OK);
    }
}

/* Every evaluator gives exactly (r, q) for every sequence. */
static void expect_outputs(struct net *t, const double *r, const double *q)
{
    static const hm_eval_fn evaluators[] = {
        att_hm_eval_plane, att_hm_eval_sorted, att_hm_eval_lowrank,
        att_hm_eval_dense};
    const struct hm_batch batch = {&t->tokens, NULL, t->s.n};

    for (size_t e = 0; e < sizeof evaluators / sizeof evaluators[0]; e++) {
        double got_r[MOST] = {0}, got_q[MOST] = {0};
        const struct hm_outputs out = {got_r, got_q};

        CU_ASSERT_EQUAL_FATAL(
            evaluators[e](&t->built.net, &batch, out, t->arena, NULL), ATT_OK);
        for (size_t j = 0; j < t->s.n; j++) {
            CU_ASSERT_EQUAL(got_r[j], r[j]);
            CU_ASSERT_EQUAL(got_q[j], q[j]);
        }
    }
}

static void expect_size(struct net *t, uint64_t blocks, uint64_t used)
{
    struct att_artifact a;

    att_artifact_init(&a, t->arena);
    CU_ASSERT_EQUAL_FATAL(att_hm_export_layers(&t->built.net, &a.model, NULL),
                          ATT_OK);
    const struct hm_counts counts = att_hm_count(&a.model, D);

    CU_ASSERT_EQUAL(counts.blocks, blocks);
    CU_ASSERT_EQUAL(counts.used, used);
    CU_ASSERT_EQUAL(counts.rank_A, 1);
    CU_ASSERT_EQUAL(counts.rank_V, 1);
}

/* code[j] of sequence j; thresholds in the order of the blocks. */
static void expect_codes(const struct net *t, const double *code,
                         const double *thresholds)
{
    for (size_t j = 0; j < t->built.sets.n; j++)
        CU_ASSERT_EQUAL(t->built.code[j], code[j]);
    for (size_t i = 0; i < t->built.net.n_peel; i++)
        CU_ASSERT_EQUAL(t->built.net.peel[i].t[0], thresholds[i]);
}

static void two_single_tokens(void)
{
    static const double x[] = {0, 0, 1, 0};
    struct net t;

    net_open(&t, x, (const size_t[]){1, 1, 0}, (const int64_t[]){0, 1});
    net_build(&t, (const double[]){1.0}, (const double[]){1.0}, 1);
    CU_ASSERT_EQUAL_FATAL(t.built.verdict.kind, HM_BUILT);
    CU_ASSERT_EQUAL(t.dir.kappa, 0.75);
    CU_ASSERT_EQUAL(t.dir.b0, 1.125);
    expect_codes(&t, (const double[]){1.125, 1.875},
                 (const double[]){1.5, 0.75});
    CU_ASSERT_EQUAL(t.built.h_min, 0.375);
    CU_ASSERT_EQUAL(t.built.net.Bq, 2.0);
    expect_outputs(&t, (const double[]){0, 1}, (const double[]){-2, -2});
    expect_size(&t, 5, 61);
    net_close(&t);
}

/* a = (0,0), b = (2,1), c = (4,-1): {a, b}, {c, a, b}, {a}. */
static const double THREE_SETS[] = {0, 0, 2, 1, 4, -1, 0, 0, 2, 1, 0, 0};

static void three_sets_of_different_lengths(void)
{
    struct net t;

    net_open(&t, THREE_SETS, (const size_t[]){2, 3, 1, 0},
             (const int64_t[]){1, 0, 2});
    net_build(&t, (const double[]){2.0}, (const double[]){1.0}, 1);
    CU_ASSERT_EQUAL_FATAL(t.built.verdict.kind, HM_BUILT);
    expect_codes(&t, (const double[]){1.5, 1.875, 1.125},
                 (const double[]){1.6875, 1.3125, 0.9375});
    expect_outputs(&t, (const double[]){1, 0, 2}, (const double[]){-2, -2, -2});
    expect_size(&t, 6, 68);
    net_close(&t);
}

/* The same network on (b, b, c, a, a, a, c, c): the same bits. */
static void order_and_copies_change_no_bit(void)
{
    static const double shuffled[] = {2, 1, 2, 1, 4, -1, 0, 0,
                                      0, 0, 0, 0, 4, -1, 4, -1};
    struct net t, other;

    net_open(&t, THREE_SETS, (const size_t[]){2, 3, 1, 0},
             (const int64_t[]){1, 0, 2});
    net_build(&t, (const double[]){2.0}, (const double[]){1.0}, 1);
    net_open(&other, shuffled, (const size_t[]){8, 0}, (const int64_t[]){0});
    other.built = t.built;
    CU_ASSERT_EQUAL_FATAL(att_hm_tokens_make(&other.s, &t.built.net.a,
                                             other.arena, &other.tokens, NULL),
                          ATT_OK);
    expect_outputs(&other, (const double[]){0}, (const double[]){-2});
    net_close(&other);
    net_close(&t);
}

/* A token far below the range is clipped to p = 0: its query is 0, and it
 * averages over all tokens.  {(-100, 0), (2, 1)}: p = 0, 1.5; after the sep
 * block q = -2 + 3/4, 1; token 0 collapses to the mean of 3/4 and 3/2, which
 * is the code of {a}. */
static void clipped_tokens_average_over_all(void)
{
    static const double far[] = {-100, 0, 2, 1};
    struct net t, other;

    net_open(&t, THREE_SETS, (const size_t[]){2, 3, 1, 0},
             (const int64_t[]){1, 0, 2});
    net_build(&t, (const double[]){2.0}, (const double[]){1.0}, 1);
    net_open(&other, far, (const size_t[]){2, 0}, (const int64_t[]){0});
    other.built = t.built;
    CU_ASSERT_EQUAL_FATAL(att_hm_tokens_make(&other.s, &t.built.net.a,
                                             other.arena, &other.tokens, NULL),
                          ATT_OK);
    expect_outputs(&other, (const double[]){2}, (const double[]){-2});
    net_close(&other);
    net_close(&t);
}

static void equal_sets_with_different_labels_are_refused(void)
{
    static const double copies[] = {0, 0, 2, 1, 2, 1, 2, 1, 0, 0};
    static const double zeros[] = {0, 1, -0.0, 1};
    struct net t;

    net_open(&t, copies, (const size_t[]){3, 2, 0}, (const int64_t[]){0, 1});
    net_build(&t, (const double[]){2.0}, (const double[]){1.0}, 1);
    CU_ASSERT_EQUAL(t.built.verdict.kind, HM_EQUAL_SETS);
    CU_ASSERT_STRING_EQUAL(t.built.verdict.text,
                           "sequences 0 and 1 are equal as sets of tokens but "
                           "have labels 0 and 1");
    net_close(&t);
    net_open(&t, zeros, (const size_t[]){1, 1, 0}, (const int64_t[]){0, 1});
    net_build(&t, (const double[]){2.0}, (const double[]){1.0}, 1);
    CU_ASSERT_EQUAL(t.built.verdict.kind, HM_EQUAL_SETS);
    net_close(&t);
}

/* Three sequences, two of them one set with one label: N = 2, B = 5. */
static void equal_sets_with_equal_labels_are_merged(void)
{
    static const double x[] = {0, 0, 1, 0, 1, 0, 1, 0};
    struct net t;

    net_open(&t, x, (const size_t[]){1, 1, 2, 0}, (const int64_t[]){0, 1, 1});
    net_build(&t, (const double[]){1.0}, (const double[]){1.0}, 1);
    CU_ASSERT_EQUAL_FATAL(t.built.verdict.kind, HM_BUILT);
    CU_ASSERT_EQUAL(t.built.sets.n, 2);
    expect_outputs(&t, (const double[]){0, 1, 1}, (const double[]){-2, -2, -2});
    expect_size(&t, 5, 61);
    net_close(&t);
}

static void an_exact_tie_is_refused(void)
{
    static const double x[] = {0, 0, 2, 0, 0, 0, 4, 0};
    struct net t;

    net_open(&t, x, (const size_t[]){2, 2, 0}, (const int64_t[]){0, 1});
    net_build(&t, (const double[]){1.3125}, (const double[]){1.0}, 1);
    CU_ASSERT_EQUAL(t.built.verdict.kind, HM_NO_MARGIN);
    CU_ASSERT_EQUAL(t.built.verdict.i, 0);
    CU_ASSERT_STRING_EQUAL(t.built.verdict.text,
                           "landmark tie: leader margin 0");
    net_close(&t);
}

/* Base 0, 1, 3, 6 on the first axis, each sequence without one of them: the
 * worst case K = N - 1, with the equality of both bounds. */
static void all_but_one_needs_a_landmark_each(void)
{
    static const double x[] = {1, 0, 3, 0, 6, 0, 0, 0, 3, 0, 6, 0,
                               0, 0, 1, 0, 6, 0, 0, 0, 1, 0, 3, 0};
    struct net t;

    net_open(&t, x, (const size_t[]){3, 3, 3, 3, 0},
             (const int64_t[]){0, 1, 0, 1});
    net_build(&t, (const double[]){1.125, 1.25, 1.5},
              (const double[]){1.0, 0.5, -1.0}, 3);
    CU_ASSERT_EQUAL_FATAL(t.built.verdict.kind, HM_BUILT);
    expect_codes(&t, (const double[]){0.375, 0.1875, 0.5, 0.25},
                 (const double[]){0.4375, 0.3125, 0.21875, 0.15625});
    CU_ASSERT_EQUAL(t.built.code_gap, 0.0625);
    CU_ASSERT_EQUAL(t.built.leader_margin, 0.125);
    expect_outputs(&t, (const double[]){0, 1, 0, 1},
                   (const double[]){-2, -2, -2, -2});
    expect_size(&t, 9, 135);
    net_close(&t);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"two single tokens", two_single_tokens},
        {"three sets of different lengths", three_sets_of_different_lengths},
        {"order and copies change no bit", order_and_copies_change_no_bit},
        {"clipped tokens average over all", clipped_tokens_average_over_all},
        {"equal sets with different labels are refused",
         equal_sets_with_different_labels_are_refused},
        {"equal sets with equal labels are merged",
         equal_sets_with_equal_labels_are_merged},
        {"an exact tie is refused", an_exact_tie_is_refused},
        {"all but one needs a landmark each",
         all_but_one_needs_a_landmark_each},
        CU_TEST_INFO_NULL,
    };

    return unit_run("hardmax vectors", tests);
}
