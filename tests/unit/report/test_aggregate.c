/* test_aggregate.c - rows as tables, and rows summed up. */
#include "attest/report/aggregate.h"

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

/* Groups free/4 (three values, one row stopped), free/8, band/4. */
static void fill(struct fake_rows *f)
{
    begin_rows(f);
    add_fake(f, 8, "free", 0, 10.5, ATT_DONE);
    add_fake(f, 4, "free", 0, 3, ATT_DONE);
    add_fake(f, 4, "free", 1, 1, ATT_DONE);
    add_fake(f, 4, "free", 2, 2, ATT_DONE);
    add_fake(f, 4, "free", 3, 0, ATT_TIMEOUT);
    add_fake(f, 4, "band", 0, 7, ATT_DONE);
}

static void check_csv(const struct att_text_table *t, const char *expected)
{
    struct att_buffer out = {0};

    att_text_table_csv(t, &out);
    CU_ASSERT_TRUE_FATAL(att_buffer_ok(&out));
    CU_ASSERT_STRING_EQUAL(out.data, expected);
    att_buffer_fini(&out);
}

static void rows_are_shown_in_words(void)
{
    static const uint32_t fields[] = {F_N, F_Y, F_CLAIM, F_STATUS};
    struct fake_rows f;
    struct att_text_table t;

    fill(&f);
    const struct att_selection selection = {
        .row = f.all + 3, .n_rows = 2, .field = fields, .n_fields = 4};

    CU_ASSERT_EQUAL(att_select_rows(&f.table, &selection, arena, &t, NULL),
                    ATT_OK);
    check_csv(&t, "N,y,claim_fake,status\r\n"
                  "4,2,holds,done\r\n"
                  "4,,holds,timeout\r\n");
    CU_ASSERT_STRING_EQUAL(t.column[1].unit, "bit");
    CU_ASSERT_PTR_NOT_NULL(t.column[3].tone);
}

static void groups_say_how_many_rows_they_rest_on(void)
{
    static const uint32_t by[] = {F_MODE, F_N};
    static const uint32_t fields[] = {F_Y};
    static const enum att_stat stats[] = {ATT_STAT_MIN, ATT_STAT_MEDIAN,
                                          ATT_STAT_MAX, ATT_STAT_COUNT};
    struct fake_rows f;
    struct att_text_table t;

    fill(&f);
    const struct att_aggregate query = {.row = f.all,
                                        .n_rows = 6,
                                        .by = by,
                                        .n_by = 2,
                                        .field = fields,
                                        .n_fields = 1,
                                        .stat = stats,
                                        .n_stats = 4};

    CU_ASSERT_EQUAL(att_aggregate_rows(&f.table, &query, arena, &t, NULL),
                    ATT_OK);
    check_csv(&t, "mode,N,done,planned,y min,y median,y max,y count\r\n"
                  "band,4,1,1,7,7,7,1\r\n"
                  "free,4,3,4,1,2,3,3\r\n"
                  "free,8,1,1,10.5,10.5,10.5,1\r\n");
}

static void one_statistic_keeps_the_name(void)
{
    static const uint32_t fields[] = {F_Y, F_PREDICTED};
    static const enum att_stat stats[] = {ATT_STAT_MEAN};
    struct fake_rows f;
    struct att_text_table t;

    fill(&f);
    const struct att_aggregate query = {.row = f.all + 1,
                                        .n_rows = 3,
                                        .field = fields,
                                        .n_fields = 2,
                                        .stat = stats,
                                        .n_stats = 1};

    CU_ASSERT_EQUAL(att_aggregate_rows(&f.table, &query, arena, &t, NULL),
                    ATT_OK);
    check_csv(&t, "done,planned,y,y_pred\r\n3,3,2,4\r\n");
}

static void every_statistic_is_what_its_name_says(void)
{
    static const uint32_t fields[] = {F_Y};
    static const struct {
        const char *name;
        double expected; /* of 1, 2, 3 */
    } cases[] = {{"count", 3},  {"min", 1},  {"q1", 1.5},
                 {"median", 2}, {"q3", 2.5}, {"max", 3},
                 {"iqr", 1},    {"mean", 2}, {"sd", 1}};
    struct fake_rows f;

    fill(&f);
    CU_ASSERT_EQUAL(sizeof cases / sizeof *cases, ATT_STATS);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        enum att_stat stat = ATT_STATS;
        struct att_text_table t;
        struct att_aggregate query = {.row = f.all + 1,
                                      .n_rows = 4,
                                      .field = fields,
                                      .n_fields = 1,
                                      .stat = &stat,
                                      .n_stats = 1};

        CU_ASSERT_EQUAL(att_stat_parse(cases[i].name, &stat, NULL), ATT_OK);
        CU_ASSERT_STRING_EQUAL(att_stat_text(stat), cases[i].name);
        CU_ASSERT_EQUAL_FATAL(
            att_aggregate_rows(&f.table, &query, arena, &t, NULL), ATT_OK);
        CU_ASSERT_EQUAL(att_value_number(t.cell[2]), cases[i].expected);
    }
}

static void what_cannot_be_summed_up_is_said(void)
{
    static const uint32_t fields[] = {F_MODE};
    static const enum att_stat stats[] = {ATT_STAT_MEAN};
    enum att_stat stat = ATT_STAT_MIN;
    struct fake_rows f;
    struct att_text_table t;
    struct att_error text = {0};
    struct att_error typo = {0};
    struct att_error alien = {0};

    fill(&f);
    const struct att_aggregate query = {.row = f.all,
                                        .n_rows = 6,
                                        .field = fields,
                                        .n_fields = 1,
                                        .stat = stats,
                                        .n_stats = 1};

    CU_ASSERT_EQUAL(att_aggregate_rows(&f.table, &query, arena, &t, &text),
                    ATT_E_ARG);
    CU_ASSERT_STRING_EQUAL(text.text,
                           "column mode holds texts, which have no statistics");
    CU_ASSERT_EQUAL(att_stat_parse("medain", &stat, &typo), ATT_E_ARG);
    CU_ASSERT_STRING_EQUAL(
        typo.text, "statistic 'medain' is unknown, did you mean median?");
    CU_ASSERT_EQUAL(att_stat_parse("kurtosis", &stat, &alien), ATT_E_ARG);
    CU_ASSERT_STRING_EQUAL(alien.text,
                           "statistic 'kurtosis' is unknown, try count, min, "
                           "q1, median, q3, max, iqr, mean or sd");
    CU_ASSERT_EQUAL(stat, ATT_STAT_MIN);
}

static void no_rows_make_no_groups(void)
{
    static const enum att_stat stats[] = {ATT_STAT_MEAN};
    struct fake_rows f;
    struct att_text_table t;

    begin_rows(&f);
    const struct att_aggregate query = {
        .row = f.all, .stat = stats, .n_stats = 1};

    CU_ASSERT_EQUAL(att_aggregate_rows(&f.table, &query, arena, &t, NULL),
                    ATT_OK);
    CU_ASSERT_EQUAL(t.n_rows, 0);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"rows are shown in words", rows_are_shown_in_words},
        {"groups say how many rows they rest on",
         groups_say_how_many_rows_they_rest_on},
        {"one statistic keeps the name", one_statistic_keeps_the_name},
        {"every statistic is what its name says",
         every_statistic_is_what_its_name_says},
        {"what cannot be summed up is said", what_cannot_be_summed_up_is_said},
        {"no rows make no groups", no_rows_make_no_groups},
        CU_TEST_INFO_NULL,
    };

    return unit_run_with("aggregate", open_arena, close_arena, tests);
}
