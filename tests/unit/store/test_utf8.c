/* test_utf8.c - texts of files that anybody may have written. */
#include "../../../src/store/utf8_priv.h"

#include <stdio.h>
#include <string.h>

#include "unit.h"

static void what_is_no_text_becomes_question_marks(void)
{
    static const struct {
        const char *text, *clean;
    } cases[] = {{"plain", "plain"},
                 {"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
                  "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"},
                 {"a\xff"
                  "b",
                  "a?b"},
                 {"\xc3", "?"},                /* cut short */
                 {"\xc0\xaf", "??"},           /* longer than need be */
                 {"\xed\xa0\x80", "???"},      /* a surrogate */
                 {"\xf4\x90\x80\x80", "????"}, /* beyond the last */
                 {"\x1b[31m", "\x1b[31m"}};
    char text[32];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        (void)snprintf(text, sizeof text, "%s", cases[i].text);
        CU_ASSERT_EQUAL(att_utf8_is_valid(text),
                        strcmp(cases[i].text, cases[i].clean) == 0);
        att_utf8_clean(text);
        CU_ASSERT_STRING_EQUAL(text, cases[i].clean);
        CU_ASSERT_TRUE(att_utf8_is_valid(text));
    }
}

static void no_cell_commands_a_terminal(void)
{
    static const struct {
        const char *text, *clean;
    } cases[] = {{"\x1b[31mred", "?[31mred"},
                 {"a\tb\nc\rd", "a b c d"},
                 {"bell\x07 del\x7f", "bell? del?"},
                 {"\xc2\x9b"
                  "31m",
                  "??31m"}, /* U+009B begins a command, too */
                 {"\xc2\x80\xc2\x9f", "????"},
                 {"\xc2\xa0\xc2\xb5", "\xc2\xa0\xc2\xb5"}, /* U+00A0, U+00B5 */
                 {"\xff\x1b", "??"}};
    char text[32];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        (void)snprintf(text, sizeof text, "%s", cases[i].text);
        att_utf8_clean_cell(text);
        CU_ASSERT_STRING_EQUAL(text, cases[i].clean);
    }
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"what is no text becomes question marks",
         what_is_no_text_becomes_question_marks},
        {"no cell commands a terminal", no_cell_commands_a_terminal},
        CU_TEST_INFO_NULL,
    };

    return unit_run("utf8", tests);
}
