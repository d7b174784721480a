/* test_text.c - names, sizes, times, hashes and error texts. */
#include "attest/base/text.h"

#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "attest/base/buffer.h"
#include "attest/base/clock.h"
#include "attest/base/hash.h"
#include "attest/base/schema.h"
#include "attest/base/size.h"

static void the_nearest_name_is_found(void)
{
    static const char *const names[] = {"replicates", "grid", "where",
                                        "zip",        NULL,   "construction"};
    static const struct {
        const char *word, *nearest;
    } rows[] = {
        {"replicate", "replicates"},
        {"gird", "grid"},
        {"wher", "where"},
        {"construcion", "construction"},
        {"zap", "zip"},
        {"xyzzy", NULL},
        {"", NULL},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CU_ASSERT_TRUE(att_text_same(att_text_nearest(rows[i].word, names, 6),
                                     rows[i].nearest));
    }
}

static void lists_are_read_word_by_word(void)
{
    static const struct {
        const char *list, *gaps, *words; /* words, each with a bar behind it */
    } cases[] = {{"a,bc,d", ",", "a|bc|d|"},
                 {"  a  b ", " ", "a|b|"},
                 {"a, b c", ", ", "a|b|c|"},
                 {"a b,c", ",", "a b|c|"},
                 {"longer,x", ",", "longe|x|"},
                 {",,", ",", ""},
                 {"", ",", ""},
                 {NULL, ",", ""}};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *at = cases[i].list;
        struct att_buffer all = {0};
        char word[6];

        att_buffer_text(&all, "");
        while (att_text_word(&at, cases[i].gaps, word, sizeof word))
            att_buffer_printf(&all, "%s|", word);
        CU_ASSERT_TRUE_FATAL(att_buffer_ok(&all));
        CU_ASSERT_STRING_EQUAL(all.data, cases[i].words);
        att_buffer_fini(&all);
    }
}

static void a_choice_is_the_place_of_its_word(void)
{
    static const char *const names[] = {"off", "on", "auto", NULL};

    CU_ASSERT_EQUAL(att_text_choice("off", names), 0);
    CU_ASSERT_EQUAL(att_text_choice("on", names), 1);
    CU_ASSERT_EQUAL(att_text_choice("auto", names), 2);
    CU_ASSERT_EQUAL(att_text_choice("never", names), 2);
    CU_ASSERT_EQUAL(att_text_choice(NULL, names), 2);
}

static void sizes_and_times_are_read(void)
{
    static const struct {
        const char *text;
        uint64_t bytes;
    } sizes[] = {{"512", 512},
                 {"4GiB", (uint64_t)4 << 30},
                 {"1.5 KiB", 1536},
                 {"2TiB", (uint64_t)2 << 40}};
    static const char *const bad[] = {"",    "4GB", "-1",  "4 G iB",
                                      "GiB", "nan", "inf", "1e300"};
    uint64_t bytes = 0;
    double seconds = 0;
    struct att_error err = {0};

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        CU_ASSERT_EQUAL(att_bytes_parse(sizes[i].text, &bytes, NULL), ATT_OK);
        CU_ASSERT_EQUAL(bytes, sizes[i].bytes);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CU_ASSERT_EQUAL(att_bytes_parse(bad[i], &bytes, NULL), ATT_E_PARSE);
    CU_ASSERT_EQUAL(att_seconds_parse("1.5h", &seconds, NULL), ATT_OK);
    CU_ASSERT_EQUAL(seconds, 5400);
    CU_ASSERT_EQUAL(att_seconds_parse("5 m", &seconds, &err), ATT_E_PARSE);
    CU_ASSERT_STRING_EQUAL(err.text, "'5 m' is no time: write a number and ms, "
                                     "s, min, h or d, as in 10min");
}

static void people_read_three_digits(void)
{
    char text[ATT_HUMAN_TEXT];

    CU_ASSERT_STRING_EQUAL(att_bytes_text(0, text), "0 B");
    CU_ASSERT_STRING_EQUAL(att_bytes_text(1536, text), "1.50 KiB");
    CU_ASSERT_STRING_EQUAL(att_bytes_text((uint64_t)12 << 30, text), "12 GiB");
    CU_ASSERT_STRING_EQUAL(att_seconds_text(0.0123, text), "12.3 ms");
    CU_ASSERT_STRING_EQUAL(att_seconds_text(90, text), "1.50 min");
    CU_ASSERT_STRING_EQUAL(att_count_text(1900, text), "1.90k");
    CU_ASSERT_STRING_EQUAL(att_count_text(1.28e16, text), "1.28e+16");
}

static void keys_print_and_read_back(void)
{
    const struct att_key key = att_hash128("attest", 6);
    char text[ATT_KEY_TEXT];
    struct att_key back;

    CU_ASSERT_TRUE(att_key_parse(att_key_text(key, text), &back));
    CU_ASSERT_TRUE(att_key_equal(key, back));
    text[31] = 'x';
    CU_ASSERT_FALSE(att_key_parse(text, &back));
    CU_ASSERT_FALSE(att_key_parse("00", &back));
}

static void the_first_failure_wins(void)
{
    struct att_error err = {0};

    CU_ASSERT_EQUAL(att_fail(&err, ATT_E_ARG, "axis '%s' is empty", "N"),
                    ATT_E_ARG);
    errno = ENOENT;
    CU_ASSERT_EQUAL(att_fail_errno(&err, "cannot open"), ATT_E_IO);
    CU_ASSERT_EQUAL(err.status, ATT_E_ARG);
    CU_ASSERT_STRING_EQUAL(err.text, "axis 'N' is empty");
    err = (struct att_error){0};
    errno = ENOENT;
    CU_ASSERT_EQUAL(att_fail_errno(&err, "cannot open x"), ATT_E_IO);
    CU_ASSERT_STRING_EQUAL(err.text,
                           "cannot open x: No such file or directory");
}

static void parameters_are_coerced_without_changing_meaning(void)
{
    static const char *const kinds[] = {"gauss", "vocab", NULL};
    const struct att_param n =
        ATT_PARAM_INTEGER("N", ATT_SEEDS_NOTHING, 8, 1, 64, "sequences");
    const struct att_param eps =
        ATT_PARAM_REAL("eps", ATT_SEEDS_INSTANCE, 0.1, 0, 1, "displacement");
    const struct att_param data =
        ATT_PARAM_CHOICE("data", ATT_SEEDS_INSTANCE, "gauss", kinds, "kind");
    struct att_value v = att_real(32);
    struct att_error err = {0};

    CU_ASSERT_EQUAL(att_param_coerce(&n, &v, NULL), ATT_OK);
    CU_ASSERT_TRUE(att_value_equal(v, att_int(32)));
    v = att_real(32.5);
    CU_ASSERT_EQUAL(att_param_coerce(&n, &v, &err), ATT_E_ARG);
    CU_ASSERT_STRING_EQUAL(err.text, "N = 32.5 is not an integer");
    err = (struct att_error){0};
    v = att_int(65);
    CU_ASSERT_EQUAL(att_param_coerce(&n, &v, &err), ATT_E_ARG);
    CU_ASSERT_STRING_EQUAL(err.text, "N = 65 is outside 1..64");
    v = att_int(1);
    CU_ASSERT_EQUAL(att_param_coerce(&eps, &v, NULL), ATT_OK);
    CU_ASSERT_TRUE(att_value_equal(v, att_real(1)));
    err = (struct att_error){0};
    v = att_text("gaus");
    CU_ASSERT_EQUAL(att_param_coerce(&data, &v, &err), ATT_E_ARG);
    CU_ASSERT_STRING_EQUAL(err.text,
                           "data = 'gaus' is no choice: did you mean 'gauss'?");
}

static void files_are_replaced_whole(void)
{
    struct att_buffer b = {0};
    const char *path = "test_text.file";

    CU_ASSERT_EQUAL(att_file_replace(path, "one", 3, true, NULL), ATT_OK);
    CU_ASSERT_EQUAL(att_file_replace(path, "second", 6, false, NULL), ATT_OK);
    CU_ASSERT_EQUAL(att_file_read(path, &b, NULL), ATT_OK);
    CU_ASSERT_STRING_EQUAL(b.data, "second");
    att_buffer_drop(&b, 3);
    CU_ASSERT_STRING_EQUAL(b.data, "ond");
    att_buffer_fini(&b);
    CU_ASSERT_EQUAL(remove(path), 0);
    CU_ASSERT_EQUAL(att_file_read(path, &b, NULL), ATT_E_IO);
    CU_ASSERT_EQUAL(att_file_replace("no/such/dir/x", "", 0, false, NULL),
                    ATT_E_IO);
    att_buffer_fini(&b);
}

static void time_is_written_in_utc(void)
{
    char text[ATT_TIME_TEXT];

    CU_ASSERT_STRING_EQUAL(att_time_text(0, text), "1970-01-01T00:00:00Z");
    CU_ASSERT_STRING_EQUAL(att_time_text(1e9, text), "2001-09-09T01:46:40Z");
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"lists are read word by word", lists_are_read_word_by_word},
        {"the nearest name is found", the_nearest_name_is_found},
        {"a choice is the place of its word",
         a_choice_is_the_place_of_its_word},
        {"sizes and times are read", sizes_and_times_are_read},
        {"people read three digits", people_read_three_digits},
        {"keys print and read back", keys_print_and_read_back},
        {"the first failure wins", the_first_failure_wins},
        {"parameters are coerced without changing meaning",
         parameters_are_coerced_without_changing_meaning},
        {"files are replaced whole", files_are_replaced_whole},
        {"time is written in UTC", time_is_written_in_utc},
        CU_TEST_INFO_NULL,
    };

    return unit_run("text", tests);
}
