/* test_law_form.c - laws read from text. */
#include "attest/report/law_form.h"

#include <math.h>
#include <string.h>

#include "unit.h"

static void forms_have_a_canonical_spelling(void)
{
    static const struct {
        const char *text, *expected;
        uint32_t n_coefs;
    } cases[] = {
        {"linear", "a + b*x", 2},
        {"log", "a + b*log2(x)", 2},
        {"power", "a*x^b", 2},
        {"exponential", "a*b^x", 2},
        {"proportional", "a*x", 1},
        {"auto", "auto", 0},
        {" a+b * log2( x )", "a + b*log2(x)", 2},
        {"a * N ^ b", "a*x^b", 2},
        {"a + b*N*ln(N) + c*N", "a + b*x*ln(x) + c*x", 3},
        {"a/x", "a/x", 1},
        {"a + b/sqrt(N)^3", "a + b/sqrt(x)^3", 2},
        {"a*x^(-0.5)", "a/x^0.5", 1},
        {"a + b*exp(x)*log10(x)", "a + b*exp(x)*log10(x)", 2},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct att_form form = {0};
        struct att_form again = {0};
        struct att_error err = {0};

        CU_ASSERT_EQUAL(att_form_parse(cases[i].text, "N", &form, &err),
                        ATT_OK);
        CU_ASSERT_STRING_EQUAL(err.text, "");
        CU_ASSERT_STRING_EQUAL(form.text, cases[i].expected);
        CU_ASSERT_EQUAL(att_form_n_coefs(&form), cases[i].n_coefs);
        /* what is printed can be given back */
        CU_ASSERT_EQUAL(att_form_parse(form.text, NULL, &again, NULL), ATT_OK);
        CU_ASSERT_STRING_EQUAL(again.text, form.text);
    }
}

static void forms_can_name_their_variable(void)
{
    static const char *const texts[] = {"a + b*log2(L)^2/L", "a*L^b", "a*b^L"};

    for (int i = 0; i < 3; i++) {
        struct att_form form = {0};
        struct att_buffer out = {0};

        CU_ASSERT_EQUAL(att_form_parse(texts[i], "L", &form, NULL), ATT_OK);
        att_form_spell(&form, "L", &out);
        CU_ASSERT_STRING_EQUAL(out.data, texts[i]);
        att_buffer_fini(&out);
    }
}

static void wrong_forms_say_where(void)
{
    static const struct {
        const char *text, *at;
    } cases[] = {
        {"", "expected the coefficient a at 'the end'"},
        {"quadratic", "expected the coefficient a at 'quadratic'"},
        {"a + c*x", "expected the next coefficient (a, b, c in order) at "
                    "'c*x'"},
        {"a + b*tan(x)", "expected x, ln, log2, log10, sqrt or exp at "
                         "'tan(x)'"},
        {"a + b*log2(y)", "expected (x) at 'y)'"},
        {"a + b*log2 x", "expected (x) at 'x'"},
        {"a + b*x^", "expected a number at 'the end'"},
        {"a + b*x^nan", "expected a number at 'nan'"},
        {"a + b*x - c", "expected +, *, / or the end at '- c'"},
        {"a + b", "expected the lone coefficient only in front at 'the end'"},
        {"a", "expected a term in x at 'the end'"},
        {"a*x*x*x*x*x", "expected at most 4 factors in a term at 'x'"},
        {"os.execute('rm')", "expected the coefficient a at 'os.execute("
                             "'rm')'"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct att_form form = {0};
        struct att_error err = {0};

        CU_ASSERT_EQUAL(att_form_parse(cases[i].text, "N", &form, &err),
                        ATT_E_PARSE);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, cases[i].at));
        if (strstr(err.text, cases[i].at) == NULL)
            (void)printf("\n%s: %s\n", cases[i].text, err.text);
    }
}

static void values_follow_the_text(void)
{
    static const double coef[] = {2, 3, 5};
    static const struct {
        const char *text;
        double expected; /* at x = 16 */
    } cases[] = {
        {"a + b*log2(x)", 2 + 3 * 4},
        {"a*x^b", 2 * 4096.0},
        {"a*b^x", 2 * 43046721.0},
        {"a/x + b*x*sqrt(x) + c*log2(x)^2", 2 / 16.0 + 3 * 64 + 5 * 16},
        {"a*x/log2(x)", 8},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct att_form form = {0};

        CU_ASSERT_EQUAL(att_form_parse(cases[i].text, NULL, &form, NULL),
                        ATT_OK);
        CU_ASSERT_EQUAL(att_form_value(&form, coef, 16), cases[i].expected);
    }
}

static void undefined_terms_are_nan(void)
{
    struct att_form form = {0};

    CU_ASSERT_EQUAL(att_form_parse("a + b*log2(x)", NULL, &form, NULL), ATT_OK);
    CU_ASSERT(isnan(att_term_value(&form.term[1], 0)));
    CU_ASSERT(isnan(att_term_value(&form.term[1], -1)));
    CU_ASSERT_EQUAL(att_term_value(&form.term[0], 0), 1);
}

static void candidates_are_forms(void)
{
    uint32_t n = 0;
    const char *const *text = att_form_candidates(&n);

    CU_ASSERT(n >= 4);
    for (uint32_t i = 0; i < n; i++) {
        struct att_form form = {0};

        CU_ASSERT_EQUAL(att_form_parse(text[i], NULL, &form, NULL), ATT_OK);
        CU_ASSERT_STRING_EQUAL(form.text, text[i]);
    }
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"forms have a canonical spelling", forms_have_a_canonical_spelling},
        {"forms can name their variable", forms_can_name_their_variable},
        {"wrong forms say where", wrong_forms_say_where},
        {"values follow the text", values_follow_the_text},
        {"undefined terms are NaN", undefined_terms_are_nan},
        {"candidates are forms", candidates_are_forms},
        CU_TEST_INFO_NULL,
    };

    return unit_run("law_form", tests);
}
