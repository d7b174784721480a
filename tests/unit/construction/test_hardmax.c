/* test_hardmax.c - what a hardmax row promises, cell by cell. */
#include <math.h>

#include "one_task.h"
#include "unit.h"

static const char *const EVALUATORS[] = {"acc_dense", "acc_lowrank",
                                         "acc_plane", "acc_sorted"};
static const char *const COUNT_CLAIMS[] = {
    "hardmax.blocks",        "hardmax.landmarks", "hardmax.blocks-bound",
    "hardmax.params",        "hardmax.rank-one",  "hardmax.params-bound",
    "hardmax.set-invariance"};

static void set_cell(struct one_task *t, int64_t n, int64_t d, int64_t l)
{
    one_task_int(t, "N", n);
    one_task_int(t, "d", d);
    one_task_int(t, "L", l);
}

static void expect_all_right(const struct one_task *t)
{
    for (size_t e = 0; e < 4; e++) {
        const struct att_value acc = one_task_get(t, EVALUATORS[e]);

        if (acc.kind != ATT_NONE)
            CU_ASSERT_EQUAL(acc.r, 1.0);
    }
}

static void expect_counts(const struct one_task *t)
{
    for (size_t i = 0; i < sizeof COUNT_CLAIMS / sizeof COUNT_CLAIMS[0]; i++)
        CU_ASSERT_EQUAL(one_task_verdict(t, COUNT_CLAIMS[i]), ATT_HOLDS);
}

static void run_cell(int64_t n, int64_t d, int64_t l, const char *dtype)
{
    struct one_task t;

    one_task_open(&t, "hardmax", 7);
    set_cell(&t, n, d, l);
    one_task_text(&t, "dtype", dtype);
    CU_ASSERT_TRUE_FATAL(one_task_run(&t));
    CU_ASSERT_EQUAL(one_task_get(&t, "err_kind").kind, ATT_NONE);
    expect_counts(&t);
    expect_all_right(&t);
    CU_ASSERT_EQUAL(one_task_verdict(&t, "hardmax.exact"), ATT_HOLDS);
    one_task_close(&t);
}

static void every_cell_is_labelled_exactly(void)
{
    static const int64_t lengths[] = {1, 2, 8, 64};

    for (int64_t n = 2; n <= 64; n *= 2) {
        for (size_t l = 0; l < 4; l++) {
            run_cell(n, 2, lengths[l], "f64");
            run_cell(n, 8, lengths[l], "f64");
            run_cell(n, 2, lengths[l], "f32");
            run_cell(n, 8, lengths[l], "f32");
        }
    }
}

struct full_row {
    int64_t n, d;
    int64_t blocks, used, arch, dense, shared;
};

/* mode = full: the exact counts of the worst case. */
static void full_mode_gives_the_counts_of_the_bound(void)
{
    static const struct full_row rows[] = {
        {2, 2, 5, 61, 150, 150, 16},         {2, 8, 5, 193, 510, 990, 28},
        {8, 2, 17, 283, 510, 510, 52},       {8, 8, 17, 919, 1734, 3366, 64},
        {32, 8, 65, 3823, 6630, 12870, 208},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct one_task t;

        one_task_open(&t, "hardmax", 3);
        set_cell(&t, rows[i].n, rows[i].d, 8);
        one_task_text(&t, "mode", "full");
        CU_ASSERT_TRUE_FATAL(one_task_run(&t));
        CU_ASSERT_EQUAL(one_task_get(&t, "blocks").i, rows[i].blocks);
        CU_ASSERT_EQUAL(one_task_get(&t, "params_used").i, rows[i].used);
        CU_ASSERT_EQUAL(one_task_get(&t, "params_arch").i, rows[i].arch);
        CU_ASSERT_EQUAL(one_task_get(&t, "params_dense").i, rows[i].dense);
        CU_ASSERT_EQUAL(one_task_get(&t, "params_shared").i, rows[i].shared);
        expect_counts(&t);
        expect_all_right(&t);
        one_task_close(&t);
    }
}

static void sub1_needs_all_landmarks(void)
{
    static const char *const dtypes[] = {"f64", "f32"};

    for (size_t i = 0; i < 2; i++) {
        struct one_task t;

        one_task_open(&t, "hardmax", 5);
        set_cell(&t, 16, 8, 15);
        one_task_text(&t, "data", "sub1");
        one_task_text(&t, "dtype", dtypes[i]);
        CU_ASSERT_TRUE_FATAL(one_task_run(&t));
        CU_ASSERT_EQUAL(one_task_get(&t, "landmarks").i, 15);
        CU_ASSERT_EQUAL(one_task_verdict(&t, "hardmax.sub1"), ATT_HOLDS);
        CU_ASSERT_EQUAL(one_task_verdict(&t, "hardmax.exact"), ATT_HOLDS);
        one_task_close(&t);
    }
}

struct kind_row {
    const char *data;
    int64_t n, l;
};

static void every_kind_of_data_is_labelled_exactly(void)
{
    static const struct kind_row rows[] = {
        {"mixed", 24, 16},   {"unif", 24, 16},   {"vocab", 24, 16},
        {"powerset", 24, 5}, {"nested", 24, 24}, {"collinear", 24, 16},
        {"dup", 24, 16},     {"origin", 24, 16}, {"grid", 24, 16},
        {"near", 24, 16},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct one_task t;

        one_task_open(&t, "hardmax", 11);
        set_cell(&t, rows[i].n, 3, rows[i].l);
        one_task_text(&t, "data", rows[i].data);
        CU_ASSERT_TRUE_FATAL(one_task_run(&t));
        expect_all_right(&t);
        expect_counts(&t);
        one_task_close(&t);
    }
}

struct bad_row {
    const char *data, *kind;
};

static void planted_faults_are_refused_by_name(void)
{
    static const struct bad_row rows[] = {{"bad_equal", "equal_sets"},
                                          {"bad_tie", "no_margin"},
                                          {"bad_unseparable", "not_separable"}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct one_task t;

        one_task_open(&t, "hardmax", 13);
        set_cell(&t, 12, 5, 6);
        one_task_text(&t, "data", rows[i].data);
        CU_ASSERT_TRUE_FATAL(one_task_run(&t));
        CU_ASSERT_STRING_EQUAL(one_task_get(&t, "err_kind").s, rows[i].kind);
        CU_ASSERT_EQUAL(one_task_verdict(&t, "hardmax.refusal"), ATT_HOLDS);
        CU_ASSERT_EQUAL(one_task_verdict(&t, "hardmax.exact"),
                        ATT_NOT_APPLICABLE);
        one_task_close(&t);
    }
}

static void codes_on_the_grid_are_exact_sums(void)
{
    static const char *const dtypes[] = {"f64", "f32", "bits"};

    for (size_t i = 0; i < 3; i++) {
        struct one_task t;

        one_task_open(&t, "hardmax", 17);
        set_cell(&t, 16, 4, 8);
        one_task_text(&t, "dtype", dtypes[i]);
        one_task_int(&t, "bits", 16);
        CU_ASSERT_TRUE_FATAL(one_task_run(&t));
        CU_ASSERT_EQUAL(one_task_get(&t, "codes_exact").i, 16);
        CU_ASSERT_EQUAL(one_task_verdict(&t, "hardmax.grid-exact"), ATT_HOLDS);
        one_task_close(&t);
    }
}

/* The oracle, which sees the exported tensors alone, finds the outputs. */
static void the_oracle_agrees_with_the_exported_outputs(void)
{
    static const char *const dtypes[] = {"f64", "f32"};

    for (size_t i = 0; i < 2; i++) {
        struct one_task t;
        struct att_artifact a;
        struct att_check_report report;

        one_task_open(&t, "hardmax", 19);
        set_cell(&t, 8, 5, 6);
        one_task_text(&t, "data", "mixed");
        one_task_text(&t, "dtype", dtypes[i]);
        CU_ASSERT_TRUE_FATAL(one_task_run(&t));
        att_artifact_init(&a, t.arena);
        CU_ASSERT_EQUAL_FATAL(t.c->problem->export_instance(t.p, t.at.instance,
                                                            &a.instance, NULL),
                              ATT_OK);
        CU_ASSERT_EQUAL_FATAL(t.c->export_artifact(&t.ws, &t.at, &a, NULL),
                              ATT_OK);
        CU_ASSERT_EQUAL_FATAL(t.c->check(&a, t.arena, &report, NULL), ATT_OK);
        CU_ASSERT_TRUE(report.agrees);
        CU_ASSERT_TRUE(report.n_compared > 0);
        CU_ASSERT_TRUE(a.atol < 0.5);
        one_task_close(&t);
    }
}

static void bits_of_a_row(struct one_task *t, size_t padding)
{
    one_task_open(t, "hardmax", 23);
    (void)att_arena_alloc(t->arena, 1, padding);
    set_cell(t, 16, 5, 9);
    CU_ASSERT_TRUE_FATAL(one_task_run(t));
}

static void a_point_gives_the_same_bits_wherever_it_runs(void)
{
    struct one_task a, b;

    bits_of_a_row(&a, 1);
    bits_of_a_row(&b, 4321);
    for (uint32_t m = 0; m < a.c->n_metrics; m++) {
        if (a.c->metrics[m].exactness != ATT_TIMING)
            CU_ASSERT_TRUE(att_value_equal(a.out.metric[m], b.out.metric[m]));
    }
    one_task_close(&a);
    one_task_close(&b);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"every cell is labelled exactly", every_cell_is_labelled_exactly},
        {"full mode gives the counts of the bound",
         full_mode_gives_the_counts_of_the_bound},
        {"sub1 needs all landmarks", sub1_needs_all_landmarks},
        {"every kind of data is labelled exactly",
         every_kind_of_data_is_labelled_exactly},
        {"planted faults are refused by name",
         planted_faults_are_refused_by_name},
        {"the oracle agrees with the exported outputs",
         the_oracle_agrees_with_the_exported_outputs},
        {"a point gives the same bits wherever it runs",
         a_point_gives_the_same_bits_wherever_it_runs},
        {"codes on the grid are exact sums", codes_on_the_grid_are_exact_sums},
        CU_TEST_INFO_NULL,
    };

    return unit_run("hardmax", tests);
}
