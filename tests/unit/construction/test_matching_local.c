/* test_matching_local.c - windows are read back exactly, answers are the
 * truth's, and points that cannot be say why. */
#include "attest/construction/registry.h"
#include "attest/problem/matching.h"

#include "unit.h"

static struct att_arena *arena;
static const struct att_construction *local;

static int begin(void)
{
    arena = att_arena_create(0);
    local = att_construction_find("matching_local");
    return arena == NULL || local == NULL;
}

static int end(void)
{
    att_arena_destroy(arena);
    return 0;
}

enum { MOST_PARAMS = 16 };

/* The defaults, then what the test asks for. */
static void set_defaults(struct att_value *p)
{
    for (uint32_t i = 0; i < att_construction_n_params(local); i++)
        p[i] = att_param_default(att_construction_param(local, i));
}

static void set(struct att_value *p, const char *name, struct att_value v)
{
    const int i = att_construction_find_param(local, name);

    CU_ASSERT_FATAL(i >= 0 && i < MOST_PARAMS);
    CU_ASSERT_EQUAL_FATAL(
        att_param_coerce(att_construction_param(local, (uint32_t)i), &v, NULL),
        ATT_OK);
    p[i] = v;
}

static void set_extents(struct att_value *p, int64_t L, int64_t M, int64_t K,
                        int64_t d)
{
    set(p, "L", att_int(L));
    set(p, "M", att_int(M));
    set(p, "K", att_int(K));
    set(p, "d", att_int(d));
    set(p, "samples", att_int(3));
}

static void run(const struct att_value *p, struct att_slice slice,
                struct att_outcome *out)
{
    struct att_workspace ws;
    void *instance = NULL;
    void *built = NULL;

    att_workspace_init(&ws, arena, 41, 42);
    CU_ASSERT_EQUAL_FATAL(local->admit(p, NULL), ATT_OK);
    CU_ASSERT_EQUAL_FATAL(local->problem->generate(&ws, p, &instance, NULL),
                          ATT_OK);
    struct att_case c = {.p = p, .instance = instance, .slice = slice};

    CU_ASSERT_EQUAL_FATAL(local->build(&ws, &c, &built, NULL), ATT_OK);
    c.built = built;
    CU_ASSERT_EQUAL_FATAL(att_outcome_init(out, local, arena, NULL), ATT_OK);
    CU_ASSERT_EQUAL_FATAL(local->evaluate(&ws, &c, out, NULL), ATT_OK);
}

static double metric(const struct att_outcome *out, const char *name)
{
    const int i = att_construction_find_metric(local, name);

    CU_ASSERT_FATAL(i >= 0);
    return att_value_number(out->metric[i]);
}

static const struct att_slice WHOLE = {0, 1};

/* 16 q ln L coordinates are far more than enough, at every window. */
static void windows_are_read_and_answers_are_true(void)
{
    static const int64_t K[] = {0, 1, 3, 15};

    for (size_t k = 0; k < sizeof K / sizeof K[0]; k++) {
        struct att_value p[MOST_PARAMS];
        struct att_outcome out;

        set_defaults(p);
        set_extents(p, 31, 53, K[k], 2048);
        run(p, WHOLE, &out);
        CU_ASSERT_EQUAL(metric(&out, "recovered"), 1.0);
        CU_ASSERT_EQUAL(metric(&out, "wrong"), 0.0);
        CU_ASSERT_EQUAL(metric(&out, "tokens"), 93.0);
        CU_ASSERT_TRUE(metric(&out, "slot_dev") < 0.25);
        CU_ASSERT_EQUAL(metric(&out, "q"), (double)(2 * K[k] + 1));
    }
}

static void two_layers_find_neighbours(void)
{
    struct att_value p[MOST_PARAMS];
    struct att_outcome out;

    set_defaults(p);
    set_extents(p, 64, 67, 0, 67);
    set(p, "kind", att_text("match3bigram"));
    run(p, WHOLE, &out);
    CU_ASSERT_EQUAL(metric(&out, "wrong"), 0.0);
    CU_ASSERT_EQUAL(metric(&out, "layers"), 2.0);
    CU_ASSERT_TRUE(metric(&out, "matches") > 0.0);
    /* the margins of C5 */
    CU_ASSERT_TRUE(metric(&out, "out_min_match") >= 256.0 / 257.0 - 1e-9);
    CU_ASSERT_TRUE(metric(&out, "out_max_none") <= 0.2);
}

/* d < q leaves the Gram matrix of a window singular: nothing is read. */
static void too_few_coordinates_read_nothing(void)
{
    struct att_value p[MOST_PARAMS];
    struct att_outcome out;

    set_defaults(p);
    set_extents(p, 64, 101, 4, 3);
    run(p, WHOLE, &out);
    CU_ASSERT_EQUAL(metric(&out, "recovered"), 0.0);
    CU_ASSERT_TRUE(isnan(metric(&out, "m_min")));
    CU_ASSERT_TRUE(metric(&out, "err_l1_max") > 1.0);
}

static void slices_make_up_the_whole(void)
{
    struct att_value p[MOST_PARAMS];
    struct att_outcome whole;
    struct att_outcome part[3];
    double tokens = 0.0;
    double worst = 0.0;

    set_defaults(p);
    set_extents(p, 50, 53, 2, 96);
    run(p, WHOLE, &whole);
    for (uint32_t s = 0; s < 3; s++) {
        run(p, (struct att_slice){s, 3}, &part[s]);
        tokens += metric(&part[s], "tokens");
        worst = fmax(worst, metric(&part[s], "err_l1_max"));
    }
    CU_ASSERT_EQUAL(tokens, metric(&whole, "tokens"));
    CU_ASSERT_EQUAL(worst, metric(&whole, "err_l1_max"));
}

static void impossible_points_say_why(void)
{
    struct att_value p[MOST_PARAMS];
    struct att_error err = {0};

    set_defaults(p);
    set_extents(p, 4, 101, 2, 16);
    CU_ASSERT_EQUAL(local->admit(p, &err), ATT_E_INFEASIBLE);
    CU_ASSERT_STRING_EQUAL(err.text,
                           "a window of 2K + 1 = 5 positions is longer than L "
                           "= 4: lower K");
    err = (struct att_error){0};
    set_extents(p, 1, 101, 0, 16);
    set(p, "kind", att_text("match3bigram"));
    CU_ASSERT_EQUAL(local->admit(p, &err), ATT_E_INFEASIBLE);
    CU_ASSERT_STRING_EQUAL(err.text, "L = 1 has no neighbours: raise L");
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"windows are read and answers are true",
         windows_are_read_and_answers_are_true},
        {"two layers find neighbours", two_layers_find_neighbours},
        {"too few coordinates read nothing", too_few_coordinates_read_nothing},
        {"slices make up the whole", slices_make_up_the_whole},
        {"impossible points say why", impossible_points_say_why},
        CU_TEST_INFO_NULL,
    };

    return unit_run_with("matching_local", begin, end, tests);
}
