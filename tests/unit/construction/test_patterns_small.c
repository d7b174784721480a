/* test_patterns_small.c - decisions at d = 1, 2, 3, and what must not change a
 * result. */
#include "../../../src/construction/patterns/patterns_small_priv.h"

#include "one_task.h"
#include "unit.h"

/* V12. */
static void orders_are_decided_as_in_v12(void)
{
    static const struct {
        uint64_t support[4];
        size_t n, n_cols;
        bool feasible;
    } v[] = {{{1, 2}, 2, 2, true},
             {{1, 2, 4}, 3, 3, false},
             {{3, 6, 5}, 3, 3, false},
             {{1, 3, 4, 3}, 4, 3, true}};

    for (size_t i = 0; i < 4; i++) {
        CU_ASSERT_EQUAL(att_pat_order_exists(v[i].support, v[i].n, v[i].n_cols),
                        v[i].feasible);
        CU_ASSERT_EQUAL(att_pat_order_search(v[i].support, v[i].n, v[i].n_cols),
                        v[i].feasible);
    }
}

static void maps_to_a_line_are_counted_twice(void)
{
    static const int64_t count[] = {0, 0, 4, 21, 88};

    for (size_t n = 2; n <= 4; n++) {
        CU_ASSERT_EQUAL(att_pat_count_orders(n, att_pat_order_exists),
                        count[n]);
        CU_ASSERT_EQUAL(att_pat_count_orders(n, att_pat_order_search),
                        count[n]);
    }
}

/* Any two masks of four columns: the test and the search agree. */
static void tests_and_searches_agree_on_all_pairs_and_triples(void)
{
    for (uint64_t a = 1; a < 16; a++) {
        for (uint64_t b = 1; b < 16; b++) {
            for (uint64_t c = 1; c < 16; c++) {
                const uint64_t s[] = {a, b, c};

                CU_ASSERT_EQUAL(att_pat_order_exists(s, 3, 4),
                                att_pat_order_search(s, 3, 4));
            }
        }
    }
}

static int64_t accept_of(const char *data, int64_t L, int64_t d)
{
    struct one_task t;

    one_task_open(&t, "patterns_small", 3);
    one_task_text(&t, "data", data);
    one_task_int(&t, "L", L);
    one_task_int(&t, "k", 2);
    one_task_int(&t, "d", d);
    CU_ASSERT_TRUE_FATAL(one_task_run(&t));
    const int64_t accept = one_task_get(&t, "accept").i;

    CU_ASSERT_NOT_EQUAL(one_task_verdict(&t, "patterns.k2-small-d"),
                        ATT_VIOLATED);
    one_task_close(&t);
    return accept;
}

static void cycles_fit_the_plane_and_triangles_do_not(void)
{
    CU_ASSERT_EQUAL(accept_of("hamiltonian", 9, 2), 1);
    CU_ASSERT_EQUAL(accept_of("band", 6, 2), 1);
    CU_ASSERT_EQUAL(accept_of("triangles", 6, 2), 0);
    CU_ASSERT_EQUAL(accept_of("triangles", 3, 2), 1);
}

static void planar_networks_fit_space_and_k5_does_not(void)
{
    CU_ASSERT_EQUAL(accept_of("planar", 6, 3), 1);
    CU_ASSERT_EQUAL(accept_of("planar", 21, 3), 1);
    CU_ASSERT_EQUAL(accept_of("complete", 10, 3), 0);
}

static void radon_bounds_are_those_of_simple_points(void)
{
    /* The middle of a tetrahedron: four weights of 1/4. */
    static const double middle[5][3] = {
        {0, 0, 0}, {1, 1, 1}, {1, -1, -1}, {-1, 1, -1}, {-1, -1, 1}};
    /* A segment through a triangle. */
    static const double crossing[5][3] = {
        {0, 0, 1}, {0, 0, -1}, {1, 0, 0}, {-1, 1, 0}, {-1, -1, 0}};

    double w[5];

    att_pat_radon_weights(middle, w);
    CU_ASSERT_DOUBLE_EQUAL(att_pat_radon_bound(w), 1.0 / 3.0, 1e-15);
    CU_ASSERT_TRUE(att_pat_radon_is_dependence(middle, w));
    CU_ASSERT_FALSE(att_pat_radon_is_dependence(crossing, w));
    w[2] *= 1.0 + 1e-9;
    CU_ASSERT_FALSE(att_pat_radon_is_dependence(middle, w));
    att_pat_radon_weights(crossing, w);
    CU_ASSERT_EQUAL(att_pat_radon_bound(w), 0.0);
    CU_ASSERT_TRUE(att_pat_radon_is_dependence(crossing, w));
    memset(w, 0, sizeof w);
    CU_ASSERT_FALSE(att_pat_radon_is_dependence(crossing, w));
}

/* ---- witnesses ------------------------------------------------------------------------ */

static bool agrees(const struct one_task *t, const struct att_artifact *a)
{
    struct att_check_report report = {0};

    CU_ASSERT_EQUAL(t->c->check(a, t->arena, &report, NULL), ATT_OK);
    CU_ASSERT_EQUAL(report.n_compared, 1);
    return report.agrees;
}

static void open_witness(struct one_task *t, struct att_artifact *a,
                         const char *data, int64_t L, int64_t d)
{
    one_task_open(t, "patterns_small", 3);
    one_task_text(t, "data", data);
    one_task_int(t, "L", L);
    one_task_int(t, "k", d == 1 ? 1 : 2);
    one_task_int(t, "d", d);
    CU_ASSERT_TRUE_FATAL(one_task_run(t));
    att_artifact_init(a, t->arena);
    CU_ASSERT_EQUAL_FATAL(t->c->problem->export_instance(t->p, t->at.instance,
                                                         &a->instance, NULL),
                          ATT_OK);
    CU_ASSERT_EQUAL_FATAL(t->c->export_artifact(&t->ws, &t->at, a, NULL),
                          ATT_OK);
    CU_ASSERT_TRUE(agrees(t, a));
}

static double *numbers_of(struct att_artifact *a, const char *name)
{
    const struct att_tensor *t = att_bundle_find(&a->witness, name);

    CU_ASSERT_PTR_NOT_NULL_FATAL(t);
    CU_ASSERT_EQUAL_FATAL(t->dtype, ATT_F64);
    return t->data;
}

/* Keys, weights and bound hang together; a bound alone proves nothing. */
static void a_radon_witness_that_was_tampered_with_is_found_out(void)
{
    static const char *const name[] = {"keys", "weights", "q_bound"};

    for (size_t i = 0; i < 3; i++) {
        struct one_task t;
        struct att_artifact a;

        open_witness(&t, &a, "complete", 10, 3);
        numbers_of(&a, name[i])[0] *= 1.0 + 1e-6;
        CU_ASSERT_FALSE(agrees(&t, &a));
        one_task_close(&t);
    }
}

/* Two columns are served by an order, the sixteen of a permutation by none. */
static void an_order_proves_itself_and_a_refusal_is_decided_anew(void)
{
    struct one_task t;
    struct att_artifact a;

    open_witness(&t, &a, "perm", 2, 1);
    CU_ASSERT_EQUAL(*numbers_of(&a, "decided"), 1.0);
    *numbers_of(&a, "decided") = 0.0;
    CU_ASSERT_FALSE(agrees(&t, &a));
    one_task_close(&t);

    open_witness(&t, &a, "perm", 16, 1);
    CU_ASSERT_EQUAL(*numbers_of(&a, "decided"), 0.0);
    *numbers_of(&a, "decided") = 1.0;
    CU_ASSERT_FALSE(agrees(&t, &a));
    one_task_close(&t);
}

static void open_certificate(struct one_task *t, struct att_artifact *a,
                             const char *keys)
{
    one_task_open(t, "patterns_certificate", 3);
    one_task_text(t, "data", "band");
    one_task_text(t, "keys", keys);
    CU_ASSERT_TRUE_FATAL(one_task_run(t));
    att_artifact_init(a, t->arena);
    CU_ASSERT_EQUAL_FATAL(t->c->problem->export_instance(t->p, t->at.instance,
                                                         &a->instance, NULL),
                          ATT_OK);
    CU_ASSERT_EQUAL_FATAL(t->c->export_artifact(&t->ws, &t->at, a, NULL),
                          ATT_OK);
    CU_ASSERT_TRUE(agrees(t, a));
}

/* A certificate without one of its tensors is no certificate. */
static void a_certificate_with_a_part_missing_is_refused(void)
{
    static const char *const parts[2][4] = {
        {"columns", "gap", "size", "k"},
        {"columns", "gap", "period", "period"}};
    static const char *const keys[] = {"hadamard", "fourier"};

    for (size_t i = 0; i < 8; i++) {
        struct att_check_report report;
        struct one_task t;
        struct att_artifact a;

        open_certificate(&t, &a, keys[i / 4]);
        for (size_t n = 0; n < a.witness.n; n++) {
            if (strcmp(a.witness.tensor[n].name, parts[i / 4][i % 4]) == 0)
                a.witness.tensor[n].name = "lost";
        }
        CU_ASSERT_EQUAL(t.c->check(&a, t.arena, &report, NULL), ATT_E_ARG);
        one_task_close(&t);
    }
}

/* 2 of 3 is enough to hold, 1 of 3 and 4 of 10 say nothing (Wilson's upper
 * ends are 0.79 and 0.69), 0 of 10 speaks against (0.28). */
static void a_share_of_one_half_is_judged_by_its_interval(void)
{
    static const struct {
        uint64_t k, n;
        enum att_verdict verdict;
    } v[] = {{2, 3, ATT_HOLDS},
             {5, 10, ATT_HOLDS},
             {1, 3, ATT_INCONCLUSIVE},
             {4, 10, ATT_INCONCLUSIVE},
             {0, 10, ATT_VIOLATED}};

    for (size_t i = 0; i < sizeof v / sizeof v[0]; i++) {
        struct att_finding f = {0};

        att_pat_judge_half(&f, v[i].k, v[i].n);
        CU_ASSERT_EQUAL(f.verdict, v[i].verdict);
        CU_ASSERT_EQUAL(f.statistic, (double)v[i].k / (double)v[i].n);
    }
}

/* Every family of three supports of four columns. */
static void orders_that_are_found_serve(void)
{
    size_t n_found = 0;

    for (uint64_t code = 0; code < 4096; code++) {
        const uint64_t s[] = {code & 15, code >> 4 & 15, code >> 8};
        uint32_t order[4];
        const bool found = att_pat_order_find(s, 3, 4, order);

        CU_ASSERT_EQUAL(found, att_pat_order_search(s, 3, 4));
        CU_ASSERT_TRUE(!found || att_pat_order_serves(s, 3, order, 4));
        n_found += found;
    }
    CU_ASSERT_TRUE(n_found > 0 && n_found < 4096);
}

/* ---- invariants ----------------------------------------------------------------------- */

struct gaps {
    double dev, gap;
};

/* dev and gap of the last line of a nested pass. */
static struct gaps nested_at(const char *keys, int64_t d, double asked)
{
    const struct att_observe_axis axis = {.name = "d", .value = &asked, .n = 1};
    struct gaps g = {0};
    struct one_task t;

    one_task_open(&t, "patterns", 5);
    one_task_text(&t, "keys", keys);
    one_task_int(&t, "L", 64);
    one_task_int(&t, "k", 4);
    one_task_int(&t, "d", d);
    t.at.observe = (struct att_observe){&axis, 1};
    CU_ASSERT_TRUE_FATAL(one_task_run(&t));
    CU_ASSERT_EQUAL_FATAL(t.out.n_observed, 1);
    CU_ASSERT_EQUAL(t.out.observation[0], asked);
    g.dev = t.out.observation[2];
    g.gap = t.out.observation[3];
    one_task_close(&t);
    return g;
}

static void a_nested_curve_is_the_direct_evaluation(void)
{
    static const char *const keys[] = {"sign", "hadamard", "portable", "gauss"};

    for (size_t f = 0; f < 4; f++) {
        const struct gaps nested = nested_at(keys[f], 64, 37);
        const struct gaps direct = nested_at(keys[f], 37, 37);

        CU_ASSERT_EQUAL(nested.dev, direct.dev);
        CU_ASSERT_EQUAL(nested.gap, direct.gap);
    }
}

static void permutations_are_accepted_alike(void)
{
    double gap = 0;

    for (uint64_t seed = 1; seed <= 5; seed++) {
        struct one_task t;

        one_task_open(&t, "patterns_interp", 1);
        t.ws.instance_seed = seed;
        one_task_text(&t, "data", "perm");
        one_task_int(&t, "L", 128);
        one_task_int(&t, "d", 40);
        CU_ASSERT_TRUE_FATAL(one_task_run(&t));
        if (seed > 1)
            CU_ASSERT_EQUAL(one_task_get(&t, "gap_unit").r, gap);
        gap = one_task_get(&t, "gap_unit").r;
        one_task_close(&t);
    }
}

/* Hadamard signs as bits (exact) and as a table of floats. */
static void whole_hadamard_matrices_give_b_back(void)
{
    struct one_task t;

    one_task_open(&t, "patterns", 1);
    one_task_text(&t, "keys", "hadamard");
    one_task_text(&t, "data", "rand");
    one_task_int(&t, "k", 4);
    CU_ASSERT_TRUE_FATAL(one_task_run(&t));
    CU_ASSERT_EQUAL(one_task_get(&t, "cross_err").r, 0.0);
    CU_ASSERT_EQUAL(one_task_get(&t, "gap_unit").r, 1.0);
    CU_ASSERT_EQUAL(one_task_verdict(&t, "patterns.hadamard-exact"), ATT_HOLDS);
    one_task_close(&t);
}

static void what_cannot_be_is_named(void)
{
    static const struct {
        const char *construction, *param;
        int64_t value;
        const char *text;
    } bad[] = {
        {"patterns_interp", "d", 65,
         "keys = hadamard have at most 64 columns (got d = 65)"},
        {"patterns_certificate", "d", 65,
         "keys = hadamard have at most 64 columns (got d = 65)"},
        {"patterns_code", "L", 8192, "keys = code serve L <= 4096 (got 8192)"},
        {"patterns_small", "d", 3, "d = 2 and 3 are decided for k = 2"},
        {"patterns_trig", "L", 32768,
         "logits of about (L^2 / 10)^k / k!^2 leave every arithmetic here: "
         "keep L <= "
         "16384, k <= 16"},
    };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct one_task t;

        one_task_open(&t, bad[i].construction, 1);
        one_task_int(&t, bad[i].param, bad[i].value);
        CU_ASSERT_FALSE(one_task_run(&t));
        CU_ASSERT_STRING_EQUAL(t.err.text, bad[i].text);
        one_task_close(&t);
    }
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"orders are decided as in V12", orders_are_decided_as_in_v12},
        {"maps to a line are counted twice", maps_to_a_line_are_counted_twice},
        {"tests and searches agree on all pairs and triples",
         tests_and_searches_agree_on_all_pairs_and_triples},
        {"cycles fit the plane and triangles do not",
         cycles_fit_the_plane_and_triangles_do_not},
        {"planar networks fit space and K5 does not",
         planar_networks_fit_space_and_k5_does_not},
        {"Radon bounds are those of simple points",
         radon_bounds_are_those_of_simple_points},
        {"a Radon witness that was tampered with is found out",
         a_radon_witness_that_was_tampered_with_is_found_out},
        {"an order proves itself and a refusal is decided anew",
         an_order_proves_itself_and_a_refusal_is_decided_anew},
        {"orders that are found serve", orders_that_are_found_serve},
        {"a certificate with a part missing is refused",
         a_certificate_with_a_part_missing_is_refused},
        {"a share of one half is judged by its interval",
         a_share_of_one_half_is_judged_by_its_interval},
        {"a nested curve is the direct evaluation",
         a_nested_curve_is_the_direct_evaluation},
        {"permutations are accepted alike", permutations_are_accepted_alike},
        {"whole Hadamard matrices give B back",
         whole_hadamard_matrices_give_b_back},
        {"what cannot be is named", what_cannot_be_is_named},
        CU_TEST_INFO_NULL,
    };

    return unit_run("patterns_small", tests);
}
