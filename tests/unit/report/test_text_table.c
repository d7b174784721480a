/* test_text_table.c - one table, four ways out. */
#include "attest/report/text_table.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

#include "attest/report/json_value.h"
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

static const struct att_text_column COLUMNS[] = {
    {.name = "N"},
    {.name = "wall_s", .unit = "s", .digits = 3},
    {.name = "status", .tone = att_tone_status},
    {.name = "message", .unit = "1"},
};

static void add(struct att_text_table *t, struct att_value n,
                struct att_value wall, const char *status, const char *message)
{
    const struct att_value cells[] = {n, wall, att_text(status),
                                      att_text(message)};

    CU_ASSERT_EQUAL(att_text_table_add(t, cells, NULL), ATT_OK);
}

static struct att_text_table example(void)
{
    struct att_text_table t;

    att_text_table_init(&t, arena, COLUMNS, 4);
    add(&t, att_int(64), att_real(0.0123456), "done", "");
    add(&t, att_int(1024), att_real(NAN), "timeout", "stopped after 10 min");
    add(&t, att_int(8), att_real(12345.6), "done", "");
    return t;
}

static void check_text(struct att_buffer *out, const char *expected)
{
    CU_ASSERT_TRUE_FATAL(att_buffer_ok(out));
    CU_ASSERT_STRING_EQUAL(out->data, expected);
    if (strcmp(out->data, expected) != 0)
        (void)printf("\n[%s]\n[%s]\n", out->data, expected);
    att_buffer_fini(out);
}

static void numbers_stand_right_and_texts_left(void)
{
    const struct att_text_table t = example();
    const struct att_text_style style = {0};
    struct att_buffer out = {0};

    att_text_table_print(&t, &style, &out);
    check_text(&out, "   N  wall_s  status   message\n"
                     "           s\n"
                     "----  ------  -------  --------------------\n"
                     "  64  0.0123  done     -\n"
                     "1024       -  timeout  stopped after 10 min\n"
                     "   8   12346  done     -\n");
}

static void wide_tables_cut_texts_then_columns(void)
{
    const struct att_text_table t = example();
    const struct att_text_style cut = {.width = 38};
    const struct att_text_style narrow = {.width = 24};
    struct att_buffer out = {0};

    att_text_table_print(&t, &cut, &out);
    check_text(&out, "   N  wall_s  status   message\n"
                     "           s\n"
                     "----  ------  -------  ---------------\n"
                     "  64  0.0123  done     -\n"
                     "1024       -  timeout  stopped afte...\n"
                     "   8   12346  done     -\n");
    att_text_table_print(&t, &narrow, &out);
    check_text(&out, "   N  wall_s  status\n"
                     "           s\n"
                     "----  ------  -------\n"
                     "  64  0.0123  done\n"
                     "1024       -  timeout\n"
                     "   8   12346  done\n"
                     "not shown, too wide: message\n");
}

static void colours_do_not_move_columns(void)
{
    static const struct att_text_column columns[] = {
        {.name = "claim", .tone = att_tone_verdict}, {.name = "n"}};
    const struct att_value row[] = {att_text("violated"), att_int(3)};
    const struct att_text_style style = {.colour = true};
    struct att_text_table t;
    struct att_buffer out = {0};

    att_text_table_init(&t, arena, columns, 2);
    CU_ASSERT_EQUAL(att_text_table_add(&t, row, NULL), ATT_OK);
    att_text_table_print(&t, &style, &out);
    check_text(&out, "\033[1mclaim\033[0m     \033[1mn\033[0m\n"
                     "--------  -\n"
                     "\033[1;31mviolated\033[0m  3\n");
}

static void terminals_are_not_commanded_by_texts(void)
{
    static const struct att_text_column columns[] = {{.name = "m"}};
    const struct att_value row[] = {att_text("a\033[2Jb\nc \303\251")};
    const struct att_text_style style = {0};
    struct att_text_table t;
    struct att_buffer out = {0};

    att_text_table_init(&t, arena, columns, 1);
    CU_ASSERT_EQUAL(att_text_table_add(&t, row, NULL), ATT_OK);
    att_text_table_print(&t, &style, &out);
    check_text(&out, "m\n----------\na?[2Jb?c \303\251\n");
}

static void numbers_keep_their_significant_digits(void)
{
    static const struct {
        double r;
        uint32_t digits;
        const char *expected;
    } cases[] = {
        {0.012345678, 4, "0.01235"},
        {1.2e-7, 4, "1.2e-07"},
        {123456.7, 4, "123457"},
        {-1234.5, 4, "-1234"}, /* ties to even, as printf rounds */
        {999.96, 4, "1000"},
        {1e20, 4, "1e+20"},
        {0.1, ATT_DIGITS_ALL, "0.1"},
        {-0.0, 4, "0"},
        {-INFINITY, 4, "-inf"},
    };
    char text[ATT_NUMBER_TEXT];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CU_ASSERT_STRING_EQUAL(
            att_number_text(cases[i].r, cases[i].digits, text),
            cases[i].expected);
    }
}

static void sorting_is_stable_and_puts_missing_last(void)
{
    static const struct att_sort_key by_wall[] = {{1, false}};
    static const struct att_sort_key down[] = {{2, true}, {0, false}};
    struct att_text_table t = example();

    CU_ASSERT_EQUAL(att_text_table_sort(&t, by_wall, 1, NULL), ATT_OK);
    CU_ASSERT_EQUAL(t.cell[0].i, 64);
    CU_ASSERT_EQUAL(t.cell[4].i, 8);
    CU_ASSERT_EQUAL(t.cell[8].i, 1024);
    CU_ASSERT_EQUAL(att_text_table_sort(&t, down, 2, NULL), ATT_OK);
    CU_ASSERT_EQUAL(t.cell[0].i, 1024); /* timeout, then done by N */
    CU_ASSERT_EQUAL(t.cell[4].i, 8);
    CU_ASSERT_EQUAL(t.cell[8].i, 64);
    add(&t, att_int(2), att_none(), "done", "");
    CU_ASSERT_EQUAL(t.cell[12].i, 2); /* and it can still grow */
}

static void csv_quotes_what_it_must(void)
{
    static const struct att_text_column columns[] = {{.name = "a,b"},
                                                     {.name = "c"}};
    const struct att_value rows[][2] = {
        {att_text("say \"x\""), att_real(0.1)},
        {att_text("two\nlines"), att_none()},
        {att_int(INT64_MIN), att_real(INFINITY)},
    };
    struct att_text_table t;
    struct att_buffer out = {0};

    att_text_table_init(&t, arena, columns, 2);
    for (int i = 0; i < 3; i++)
        CU_ASSERT_EQUAL(att_text_table_add(&t, rows[i], NULL), ATT_OK);
    att_text_table_csv(&t, &out);
    check_text(&out, "\"a,b\",c\r\n"
                     "\"say \"\"x\"\"\",0.1\r\n"
                     "\"two\nlines\",\r\n"
                     "-9223372036854775808,inf\r\n");
}

static void json_keeps_kinds_and_marks_what_is_missing(void)
{
    const struct att_text_table t = example();
    json_t *rows = att_text_table_json(&t);

    CU_ASSERT_PTR_NOT_NULL_FATAL(rows);
    CU_ASSERT_EQUAL(json_array_size(rows), 3);
    const json_t *first = json_array_get(rows, 0);
    const json_t *second = json_array_get(rows, 1);

    CU_ASSERT_EQUAL(json_integer_value(json_object_get(first, "N")), 64);
    CU_ASSERT_EQUAL(json_real_value(json_object_get(first, "wall_s")),
                    0.0123456);
    CU_ASSERT_TRUE(json_is_null(json_object_get(second, "wall_s")));
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(second, "status")),
                           "timeout");
    json_decref(rows);
}

static void json_never_loses_a_value(void)
{
    json_t *infinite = att_json_real(-INFINITY);
    json_t *foreign = att_json_value(att_text("caf\351"));
    json_t *key = att_json_key((struct att_key){1, 0x20});

    CU_ASSERT_STRING_EQUAL(json_string_value(infinite), "-inf");
    CU_ASSERT_STRING_EQUAL(json_string_value(foreign), "caf?");
    CU_ASSERT_STRING_EQUAL(json_string_value(key),
                           "00000000000000010000000000000020");
    json_decref(infinite);
    json_decref(foreign);
    json_decref(key);
}

static void latex_escapes_and_sets_powers_of_ten(void)
{
    static const struct att_text_column columns[] = {
        {.name = "code_gap"}, {.name = "y", .digits = 3}};
    const struct att_value rows[][2] = {
        {att_text("50 % \\ x^2"), att_real(1.5e-7)},
        {att_text("-"), att_none()},
    };
    struct att_text_table t;
    struct att_buffer out = {0};

    att_text_table_init(&t, arena, columns, 2);
    for (int i = 0; i < 2; i++)
        CU_ASSERT_EQUAL(att_text_table_add(&t, rows[i], NULL), ATT_OK);
    att_text_table_latex(&t, &out);
    check_text(&out, "\\begin{tabular}{lr}\n\\toprule\n"
                     "code\\_gap & y \\\\\n\\midrule\n"
                     "50 \\% \\textbackslash{} x\\^{}2 & "
                     "$1.5\\cdot10^{-7}$ \\\\\n"
                     "- & -- \\\\\n"
                     "\\bottomrule\n\\end{tabular}\n");
}

static void empty_tables_have_headings(void)
{
    const struct att_text_style style = {0};
    struct att_text_table t;
    struct att_buffer out = {0};

    att_text_table_init(&t, arena, COLUMNS, 1);
    att_text_table_print(&t, &style, &out);
    check_text(&out, "N\n-\n");
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"numbers stand right and texts left",
         numbers_stand_right_and_texts_left},
        {"wide tables cut texts, then columns",
         wide_tables_cut_texts_then_columns},
        {"colours do not move columns", colours_do_not_move_columns},
        {"terminals are not commanded by texts",
         terminals_are_not_commanded_by_texts},
        {"numbers keep their significant digits",
         numbers_keep_their_significant_digits},
        {"sorting is stable and puts missing last",
         sorting_is_stable_and_puts_missing_last},
        {"CSV quotes what it must", csv_quotes_what_it_must},
        {"JSON keeps kinds and marks what is missing",
         json_keeps_kinds_and_marks_what_is_missing},
        {"JSON never loses a value", json_never_loses_a_value},
        {"LaTeX escapes and sets powers of ten",
         latex_escapes_and_sets_powers_of_ten},
        {"empty tables have headings", empty_tables_have_headings},
        CU_TEST_INFO_NULL,
    };

    return unit_run_with("text_table", open_arena, close_arena, tests);
}
