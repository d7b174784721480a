/* test_fit_rows.c - the curves in a sweep's rows. */
#include "attest/report/fit.h"
#include "fake_rows.h"
#include "unit.h"

static struct att_arena *arena;

static int open_arena(void)
{
    arena = att_arena_create(0);
    return arena == NULL;
}

static int close_arena(void)
{
    att_arena_destroy(arena);
    return 0;
}

/* y = 1 + 3 log2 N (free) or N^2 (band); two replicates; the largest free
 * rows ran into their limit. */
static void fill(struct fake_rows *f)
{
    begin_rows(f);
    for (int r = 0; r < 2; r++) {
        for (int64_t N = 2; N <= 64; N *= 2) {
            add_fake(f, N, "free", r, 1 + 3 * log2((double)N),
                     N == 64 ? ATT_TIMEOUT : ATT_DONE);
            add_fake(f, N, "band", r, (double)(N * N), ATT_DONE);
        }
    }
}

static int near(double a, double b)
{
    return fabs(a - b) <= 1e-12 * (1 + fabs(b)); /* logs and a small QR */
}

static struct att_laws laws_of(const struct fake_rows *f, const char *form)
{
    static const uint32_t by[] = {F_MODE};
    struct att_form law = {0};
    struct att_laws laws = {0};
    struct att_error err = {0};

    CU_ASSERT_EQUAL(att_form_parse(form, "N", &law, NULL), ATT_OK);
    const struct att_fit_query query = {.row = f->all,
                                        .n_rows = f->table.rows.n,
                                        .x = F_N,
                                        .y = F_Y,
                                        .by = by,
                                        .n_by = 1,
                                        .form = &law,
                                        .kind = ATT_FIT_MEANS};

    CU_ASSERT_EQUAL_FATAL(att_fit_rows(&f->table, &query, arena, &laws, &err),
                          ATT_OK);
    return laws;
}

static void every_group_has_its_law(void)
{
    struct fake_rows f;

    fill(&f);
    const struct att_laws laws = laws_of(&f, "auto");

    CU_ASSERT_EQUAL_FATAL(laws.n, 2);
    CU_ASSERT_STRING_EQUAL(laws.x, "N");
    CU_ASSERT_STRING_EQUAL(laws.y, "y");
    CU_ASSERT_STRING_EQUAL(laws.law[0].group, "mode=band");
    CU_ASSERT_STRING_EQUAL(laws.law[0].form.text, "a*x^b");
    CU_ASSERT(near(laws.law[0].coef[0], 1) && near(laws.law[0].coef[1], 2));
    CU_ASSERT_STRING_EQUAL(laws.law[1].group, "mode=free");
    CU_ASSERT_STRING_EQUAL(laws.law[1].form.text, "a + b*log2(x)");
    CU_ASSERT(near(laws.law[1].coef[0], 1) && near(laws.law[1].coef[1], 3));
}

static void the_theorem_comes_from_the_predicted_column(void)
{
    struct fake_rows f;

    fill(&f);
    const struct att_law *law = &laws_of(&f, "a + b*log2(N)").law[1];

    CU_ASSERT_TRUE(law->has_theorem);
    CU_ASSERT(near(law->theorem[0], 0) && near(law->theorem[1], 2));
}

static void rows_stopped_by_a_limit_are_counted(void)
{
    struct fake_rows f;

    fill(&f);
    const struct att_law *law = &laws_of(&f, "log").law[1];

    CU_ASSERT_EQUAL(law->n, 10);
    CU_ASSERT_EQUAL(law->n_planned, 12);
    CU_ASSERT_EQUAL(law->n_stopped, 2);
    CU_ASSERT_EQUAL(law->n_replicates, 2);
}

static void texts_have_no_law(void)
{
    struct fake_rows f;
    struct att_form law = {0};
    struct att_laws laws = {0};
    struct att_error err = {0};

    fill(&f);
    CU_ASSERT_EQUAL(att_form_parse("linear", NULL, &law, NULL), ATT_OK);
    const struct att_fit_query query = {.row = f.all,
                                        .n_rows = f.table.rows.n,
                                        .x = F_MODE,
                                        .y = F_Y,
                                        .form = &law};

    CU_ASSERT_EQUAL(att_fit_rows(&f.table, &query, arena, &laws, &err),
                    ATT_E_ARG);
    CU_ASSERT_STRING_EQUAL(err.text,
                           "column mode holds texts, a law needs numbers");
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"every group has its law", every_group_has_its_law},
        {"the theorem comes from the predicted column",
         the_theorem_comes_from_the_predicted_column},
        {"rows stopped by a limit are counted",
         rows_stopped_by_a_limit_are_counted},
        {"texts have no law", texts_have_no_law},
        CU_TEST_INFO_NULL,
    };

    return unit_run_with("fit_rows", open_arena, close_arena, tests);
}
