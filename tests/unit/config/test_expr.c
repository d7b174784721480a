/* test_expr.c - expressions: what they may say, what they give, what stops
 * them. */
#include "attest/config/expr.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "attest/base/buffer.h"
#include "unit.h"

enum { V_N, V_L, V_D, V_DATA, V_BETA, V_NONE, N_VALUES };
static const char *const NAME[N_VALUES] = {"N",    "L",    "d",
                                           "data", "beta", "missing"};
static const struct att_names NAMES = {NAME, N_VALUES};

static void fill(struct att_value *v)
{
    v[V_N] = att_int(6);
    v[V_L] = att_int(64);
    v[V_D] = att_int(INT64_C(9007199254740993)); /* 2^53 + 1 */
    v[V_DATA] = att_text("gauss");
    v[V_BETA] = att_real(0.5);
    v[V_NONE] = att_none();
}

static struct att_engine *engine(void)
{
    struct att_engine *e = NULL;

    CU_ASSERT_EQUAL_FATAL(att_engine_create(&e, NULL), ATT_OK);
    return e;
}

static struct att_expr *compiled(struct att_engine *e, const char *text)
{
    struct att_expr *expr = NULL;
    struct att_error err = {0};

    if (att_expr_compile(e, text, &NAMES, &expr, &err) != ATT_OK)
        (void)printf("\n%s: %s\n", text, err.text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(expr);
    return expr;
}

/* ---- values ---------------------------------------------------------------- */

struct given {
    const char *text;
    double value;
};

static void expressions_give_numbers(void)
{
    static const struct given rows[] = {
        {"N", 6},
        {"N + L * 2", 134},
        {"N / 4", 1.5},
        {"N // 4", 1},
        {"L % N", 4},
        {"2 ^ N", 64},
        {"-N", -6},
        {"1 / 0", (double)INFINITY},
        {"inf", (double)INFINITY},
        {"pi", 3.141592653589793},
        {"ceil(4 * N * ln(L))", 100},
        {"floor(-0.5)", -1},
        {"round(2.5)", 3},
        {"round(-2.5)", -3},
        {"sqrt(L)", 8},
        {"abs(-3.5)", 3.5},
        {"min(N, L, 3)", 3},
        {"max(N, L, 3)", 64},
        {"pow(2, 10)", 1024},
        {"log2(L)", 6},
        {"log10(1000)", 3},
        {"qnorm(0.5)", 0},
        {"log(8, 2)", 3},
        {"exp(0)", 1},
        {"log(exp(1))", 1},
        {"data == 'gauss' and N or L", 6},
        {"missing == nil and 1 or 0", 1},
        {"#data", 5},
        {"0x10 + 1e1", 26},
        {"(function(x) return x * x end)(N)", 36},
        {"N -- the rest is a comment", 6},
        {"d - 9007199254740992", 1}, /* an integer beyond 2^53 stays whole */
        {"4611686018427387904.0 * N", 6 * 0x1p62}, /* no wrap-around */
        {"L * L * L * L * L * L * L * L * L * L * L", 0x1p66},
    };
    struct att_engine *e = engine();
    struct att_value v[N_VALUES];

    fill(v);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        double x = 0;

        CU_ASSERT_EQUAL(att_expr_number(compiled(e, rows[i].text), v, &x, NULL),
                        ATT_OK);
        if (x != rows[i].value)
            (void)printf("\n%s = %.17g\n", rows[i].text, x);
        CU_ASSERT_EQUAL(x, rows[i].value);
    }
    att_engine_destroy(e);
}

static void expressions_give_words_and_truths(void)
{
    struct att_engine *e = engine();
    struct att_value v[N_VALUES];
    struct att_value out;
    bool truth = false;

    fill(v);
    CU_ASSERT_EQUAL(
        att_expr_value(compiled(e, "N > 5 and 'vocab' or data"), v, &out, NULL),
        ATT_OK);
    CU_ASSERT_EQUAL_FATAL(out.kind, ATT_TEXT);
    CU_ASSERT_STRING_EQUAL(out.s, "vocab");
    CU_ASSERT_EQUAL(att_expr_value(compiled(e, "7 // 2"), v, &out, NULL),
                    ATT_OK);
    CU_ASSERT_TRUE(att_value_equal(out, att_int(3)));
    CU_ASSERT_EQUAL(att_expr_value(compiled(e, "N"), v, &out, NULL), ATT_OK);
    CU_ASSERT_TRUE(att_value_equal(out, att_real(6)));
    CU_ASSERT_EQUAL(
        att_expr_test(compiled(e, "N * L <= 384 and data ~= 'vocab'"), v,
                      &truth, NULL),
        ATT_OK);
    CU_ASSERT_TRUE(truth);
    CU_ASSERT_EQUAL(att_expr_test(compiled(e, "not (N < 7)"), v, &truth, NULL),
                    ATT_OK);
    CU_ASSERT_FALSE(truth);
    att_engine_destroy(e);
}

/* Computed wide and rounded once: these are the doubles nearest to the true
 * values, which were computed with 60 digits. */
static void functions_are_rounded_once(void)
{
    static const struct given rows[] = {
        {"ln(10)", 2.302585092994046},
        {"exp(1)", 2.718281828459045},
        {"log2(3)", 1.584962500721156},
        {"log10(2)", 0.3010299956639812},
        {"exp(-745.13)", 4.9406564584124654e-324},
        {"pow(10, -5)", 1e-5},
        {"pow(1.0000001, 1e7)", 2.7182816941320818},
    };
    struct att_engine *e = engine();

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        double x = 0;

        CU_ASSERT_EQUAL(
            att_expr_number(compiled(e, rows[i].text), NULL, &x, NULL), ATT_OK);
        if (x != rows[i].value)
            (void)printf("\n%s = %.17g\n", rows[i].text, x);
        CU_ASSERT_EQUAL(x, rows[i].value);
    }
    att_engine_destroy(e);
}

/* ---- names ------------------------------------------------------------------- */

static void an_expression_knows_which_names_it_uses(void)
{
    struct att_engine *e = engine();
    uint32_t n = 9;
    const uint32_t *used = att_expr_used(
        compiled(e, "L + L * N -- d\n + (data == 'beta' and 1 or 2)"), &n);

    CU_ASSERT_EQUAL_FATAL(n, 3);
    CU_ASSERT_EQUAL(used[0], V_N);
    CU_ASSERT_EQUAL(used[1], V_L);
    CU_ASSERT_EQUAL(used[2], V_DATA);
    (void)att_expr_used(compiled(e, "2 + pi"), &n);
    CU_ASSERT_EQUAL(n, 0);
    att_engine_destroy(e);
}

static void a_parameter_may_be_called_like_a_function(void)
{
    static const char *const name[] = {"exp", "N"};
    static const struct att_names names = {name, 2};
    const struct att_value v[] = {att_int(3), att_int(4)};
    struct att_engine *e = engine();
    struct att_expr *expr = NULL;
    double x = 0;

    CU_ASSERT_EQUAL_FATAL(att_expr_compile(e, "exp * N", &names, &expr, NULL),
                          ATT_OK);
    CU_ASSERT_EQUAL(att_expr_number(expr, v, &x, NULL), ATT_OK);
    CU_ASSERT_EQUAL(x, 12);
    att_engine_destroy(e);
}

/* ---- what does not compile ------------------------------------------------------ */

struct refused {
    const char *text, *error;
    size_t offset, length;
};

static void what_is_no_expression_is_refused(void)
{
    static const struct refused rows[] = {
        {"", "the expression is empty", 0, 0},
        {" -- nothing", "the expression is empty", 0, 0},
        {"N +", "unexpected symbol near <eof>", 0, 0},
        {"N N", "<eof> expected near 'N'", 0, 0},
        {"N, L", "not one expression", 0, 0},
        {"N = 3", "<eof> expected near '='", 0, 0},
        {"N) + (L", "<eof> expected near ')'", 0, 0},
        {"return N", "unexpected symbol near 'return'", 0, 0},
        {"'N", "unfinished string near <eof>", 0, 0},
        {"3 + betta", "unknown name 'betta': did you mean 'beta'?", 4, 5},
        {"Floor(N)", "unknown name 'Floor': did you mean 'floor'?", 0, 5},
        {"os.exit()", "unknown name 'os'", 0, 2},
        {"x", "unknown name 'x'", 0, 1},
        {"require('io')", "unknown name 'require'", 0, 7},
        {"_ENV", "unknown name '_ENV'", 0, 4},
        {"(function() _ENV = {} end)()", "unknown name '_ENV'", 12, 4},
    };
    struct att_engine *e = engine();

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct att_error err = {0};
        struct att_expr *expr = NULL;
        size_t offset = 99;
        size_t length = 99;

        CU_ASSERT_EQUAL(att_expr_compile(e, rows[i].text, &NAMES, &expr, &err),
                        ATT_E_PARSE);
        CU_ASSERT_PTR_NULL(expr);
        if (strcmp(err.text, rows[i].error) != 0)
            (void)printf("\n%s: %s\n", rows[i].text, err.text);
        CU_ASSERT_STRING_EQUAL(err.text, rows[i].error);
        att_engine_fault(e, &offset, &length);
        CU_ASSERT_EQUAL(offset, rows[i].offset);
        CU_ASSERT_EQUAL(length, rows[i].length);
    }
    att_engine_destroy(e);
}

/* Lua's own limits: 200 levels of syntax; ours: 65536 bytes. */
static void deep_and_long_expressions_are_refused(void)
{
    struct att_engine *e = engine();
    struct att_expr *expr = NULL;
    static char deep[2002];
    static char longer[65539];

    memset(deep, '(', 1000);
    deep[1000] = '1';
    memset(deep + 1001, ')', 1000);
    CU_ASSERT_EQUAL(att_expr_compile(e, deep, &NAMES, &expr, NULL),
                    ATT_E_PARSE);
    memset(longer, ' ', sizeof longer - 1);
    longer[0] = '1';
    CU_ASSERT_EQUAL(att_expr_compile(e, longer, &NAMES, &expr, NULL),
                    ATT_E_PARSE);
    longer[65536] = '\0';
    CU_ASSERT_EQUAL(att_expr_compile(e, longer, &NAMES, &expr, NULL), ATT_OK);
    att_engine_destroy(e);
}

/* ---- what does not run ------------------------------------------------------------- */

static void what_cannot_be_evaluated_says_why(void)
{
    static const struct refused rows[] = {
        {"data < 3", "attempt to compare string with number", 0, 0},
        {"missing + 1",
         "attempt to perform arithmetic on a nil value (local 'missing')", 0,
         0},
        {"data.x.y", "attempt to index a string value (local 'data')", 0, 0},
        {"('x'):rep(9)", "attempt to index a string value (constant 'x')", 0,
         0},
        {"N()", "attempt to call a number value (local 'N')", 0, 0},
        {"ln()", "bad argument #1 to 'ln' (number expected, got no value)", 0,
         0},
        {"max()", "bad argument #1 to 'max' (number expected, got no value)", 0,
         0},
        {"(function() x = 1 end)()", "'x' cannot be set", 0, 0},
        {"(function() ln = 1 end)()", "'ln' cannot be set", 0, 0},
        {"(function() return os end)()", "unknown name 'os'", 0, 0},
        {"(function() while true do end end)()",
         "more than 1000000 instructions: an endless loop?", 0, 0},
        {"(function() for i = 1, 1e9 do end return 1 end)()",
         "more than 1000000 instructions: an endless loop?", 0, 0},
        {"(function() local s = 'x' for i = 1, 99 do s = s .. s end end)()",
         "not enough memory", 0, 0},
        {"(function() local function f() return 1 + f() end return f() end)()",
         "more than 1000000 instructions: an endless loop?", 0, 0},
        {"N == 6", "must be a number, not boolean", 0, 0},
        {"missing", "must be a number, not nil", 0, 0},
        {"data", "must be a number, not string", 0, 0},
        {"ln", "must be a number, not function", 0, 0},
    };
    struct att_engine *e = engine();
    struct att_value v[N_VALUES];

    fill(v);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct att_error err = {0};
        double x = 0;

        CU_ASSERT_EQUAL(att_expr_number(compiled(e, rows[i].text), v, &x, &err),
                        ATT_E_ARG);
        if (strcmp(err.text, rows[i].error) != 0)
            (void)printf("\n%s: %s\n", rows[i].text, err.text);
        CU_ASSERT_STRING_EQUAL(err.text, rows[i].error);
    }
    att_engine_destroy(e);
}

/* An engine goes on after every failure, and gets its memory back. */
static void an_engine_survives_its_limits(void)
{
    struct att_engine *e = engine();
    struct att_value v[N_VALUES];
    struct att_expr *greedy = compiled(
        e, "(function() local s = data for i = 1, 99 do s = s .. s end end)()");
    struct att_expr *endless = compiled(e, "(function() while true do end "
                                           "end)()");
    struct att_expr *good = compiled(e, "#data + N");

    fill(v);
    for (int i = 0; i < 5; i++) {
        double x = 0;

        CU_ASSERT_EQUAL(att_expr_number(greedy, v, &x, NULL), ATT_E_ARG);
        CU_ASSERT_EQUAL(att_expr_number(endless, v, &x, NULL), ATT_E_ARG);
        CU_ASSERT_EQUAL(att_expr_number(good, v, &x, NULL), ATT_OK);
        CU_ASSERT_EQUAL(x, 11);
    }
    att_engine_destroy(e);
}

/* ---- spelling ------------------------------------------------------------------------ */

static void spellings_that_differ_in_space_are_one(void)
{
    static const struct {
        const char *text, *canonical;
    } rows[] = {
        {"accept==1", "accept == 1"},
        {"  accept   ==\n1 -- comment", "accept == 1"},
        {"a.b>=2 and'x  y'~=[[z ]]", "a . b >= 2 and 'x  y' ~= [[z ]]"},
        {"1e-5<x --[==[ a ]] ]==] or y", "1e-5 < x or y"},
        {"'it\\'s'..\"b\"", "'it\\'s' .. \"b\""},
        {"", ""},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct att_buffer out = {0};

        att_expr_canonical(rows[i].text, &out);
        CU_ASSERT_STRING_EQUAL(out.size > 0 ? out.data : "", rows[i].canonical);
        att_buffer_fini(&out);
    }
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"expressions give numbers", expressions_give_numbers},
        {"expressions give words and truths",
         expressions_give_words_and_truths},
        {"functions are rounded once", functions_are_rounded_once},
        {"an expression knows which names it uses",
         an_expression_knows_which_names_it_uses},
        {"a parameter may be called like a function",
         a_parameter_may_be_called_like_a_function},
        {"what is no expression is refused", what_is_no_expression_is_refused},
        {"deep and long expressions are refused",
         deep_and_long_expressions_are_refused},
        {"what cannot be evaluated says why",
         what_cannot_be_evaluated_says_why},
        {"an engine survives its limits", an_engine_survives_its_limits},
        {"spellings that differ in space are one",
         spellings_that_differ_in_space_are_one},
        CU_TEST_INFO_NULL,
    };

    return unit_run("expr", tests);
}
