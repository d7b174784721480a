/* test_fit.c - laws found in points whose law is known. */
#include "attest/report/fit.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

#include "attest/base/rng.h"
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

enum { REPLICATES = 10, SIZES = 6, POINTS = REPLICATES * SIZES };

struct points {
    double x[POINTS], y[POINTS], predicted[POINTS];
    int64_t replicate[POINTS];
};

/* y = form(coef) with relative noise, x = 4, 8, ..., 128; the theorem says
 * coef with the first coefficient doubled. */
static struct att_curve simulate(const char *form, const double *coef,
                                 double noise, struct points *p)
{
    const struct att_stream stream = att_stream(7, 7, 7, 7);
    const double theorem[] = {2 * coef[0], coef[1]};
    struct att_form law = {0};

    CU_ASSERT_EQUAL(att_form_parse(form, NULL, &law, NULL), ATT_OK);
    for (uint32_t i = 0; i < POINTS; i++) {
        const double z = noise * att_stream_normal(&stream, i);

        p->x[i] = ldexp(4, (int)(i % SIZES));
        p->y[i] = att_form_value(&law, coef, p->x[i]) * (1 + z);
        p->predicted[i] = att_form_value(&law, theorem, p->x[i]);
        p->replicate[i] = i / SIZES;
    }
    return (struct att_curve){.group = "k=2",
                              .x = p->x,
                              .y = p->y,
                              .predicted = p->predicted,
                              .replicate = p->replicate,
                              .n = POINTS,
                              .n_planned = POINTS};
}

static struct att_law fit(const struct att_curve *curve, const char *form)
{
    struct att_form law = {0};
    struct att_law out = {0};
    struct att_error err = {0};

    CU_ASSERT_EQUAL(att_form_parse(form, NULL, &law, NULL), ATT_OK);
    CU_ASSERT_EQUAL(att_fit_law(curve, &law, ATT_FIT_MEANS, arena, &out, &err),
                    ATT_OK);
    CU_ASSERT_STRING_EQUAL(err.text, "");
    return out;
}

static int near(double a, double b)
{
    return fabs(a - b) <= 1e-12 * (1 + fabs(b)); /* logs and a small QR */
}

static void exact_laws_are_found_exactly(void)
{
    static const char *const forms[] = {"a + b*log2(x)", "a*x^b", "a*b^x",
                                        "a*x + b/x", "a + b*x*ln(x)"};
    static const double coef[] = {3, 1.5};

    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct points p;
        const struct att_curve curve = simulate(forms[i], coef, 0, &p);
        const struct att_law law = fit(&curve, forms[i]);

        CU_ASSERT_PTR_NULL(law.why);
        CU_ASSERT(near(law.coef[0], 3) && near(law.coef[1], 1.5));
        CU_ASSERT(near(law.theorem[0], 6) && near(law.theorem[1], 1.5));
        CU_ASSERT(law.has_theorem && law.resampled);
        CU_ASSERT(near(law.r2, 1));
    }
}

static void intervals_hold_the_truth(void)
{
    static const double coef[] = {3, -2};
    struct points p;
    const struct att_curve curve = simulate("power", coef, 0.1, &p);
    const struct att_law law = fit(&curve, "power");

    for (int k = 0; k < 2; k++) {
        CU_ASSERT(law.ci[k].lo < coef[k] && coef[k] < law.ci[k].hi);
        CU_ASSERT(law.ci[k].lo < law.coef[k] && law.coef[k] < law.ci[k].hi);
    }
    CU_ASSERT_EQUAL(law.n_replicates, REPLICATES);
    CU_ASSERT_EQUAL(law.n_distinct, SIZES);
}

static void auto_finds_the_law_that_made_the_points(void)
{
    static const char *const forms[] = {"a + b*log2(x)", "a + b*x", "a*x^b",
                                        "a*b^x"};
    static const double coef[][2] = {{3, 10}, {5, 2}, {3, 1.5}, {2, 1.05}};

    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct points p;
        const struct att_curve curve = simulate(forms[i], coef[i], 0.02, &p);
        const struct att_law law = fit(&curve, "auto");

        CU_ASSERT_STRING_EQUAL(law.form.text, forms[i]);
        CU_ASSERT(isfinite(law.aicc));
    }
}

/* The density of y is that of ln y over y: with y scaled by s, every form's
 * criterion grows by the same 2 n ln s, so the choice cannot depend on the
 * unit. */
static void the_choice_does_not_depend_on_the_unit(void)
{
    static const double coef[] = {3, 1.5};
    struct points p;
    const struct att_curve curve = simulate("power", coef, 0.1, &p);
    const double linear = fit(&curve, "linear").aicc;
    const double power = fit(&curve, "power").aicc;

    for (int i = 0; i < POINTS; i++)
        p.y[i] *= 1000;
    const double shift = 2 * POINTS * log(1000);

    CU_ASSERT(fabs(fit(&curve, "linear").aicc - linear - shift) < 1e-8);
    CU_ASSERT(fabs(fit(&curve, "power").aicc - power - shift) < 1e-8);
}

static void curves_without_a_fit_say_why(void)
{
    static const double coef[] = {3, 1.5};
    struct points p;
    struct att_curve curve = simulate("linear", coef, 0, &p);

    curve.n = 1;
    const struct att_law law = fit(&curve, "linear");

    CU_ASSERT_PTR_NOT_NULL_FATAL(law.why);
    CU_ASSERT_STRING_EQUAL(
        law.why == NULL ? "" : law.why,
        "2 coefficients need as many different x, there are 1");
}

static void laws_are_shown_with_all_that_they_rest_on(void)
{
    static const double coef[] = {4, 1};
    struct points p;
    struct att_curve curve = simulate("linear", coef, 0, &p);
    struct att_law law[2];
    struct att_laws laws = {
        .x = "L", .y = "d_min", .predicted_by = "d_sharp", .law = law, .n = 2};
    struct att_text_table t;
    struct att_buffer out = {0};
    const struct att_text_style style = {0};

    curve.n_planned = POINTS + 3;
    curve.n_stopped = 2;
    law[0] = fit(&curve, "linear");
    law[0].ci[0] = (struct att_interval){3.5, 4.5};
    law[0].ci[1] = (struct att_interval){0.9, 1.1};
    curve.n = 0;
    curve.group = "";
    law[1] = fit(&curve, "linear");
    CU_ASSERT_EQUAL(att_laws_table(&laws, arena, &t, NULL), ATT_OK);
    att_text_table_print(&t, &style, &out);
    CU_ASSERT_STRING_EQUAL(
        out.data,
        "group  law              coefficient  estimate  95 % from   to  "
        "theorem  R2  rows  planned\n"
        "-----  ---------------  -----------  --------  ---------  ---  "
        "-------  --  ----  -------\n"
        "k=2    d_min = a + b*L  a                   4        3.5  4.5  "
        "      8   1    60       63\n"
        "k=2    d_min = a + b*L  b                   1        0.9  1.1  "
        "      1   1    60       63\n");
    att_buffer_clear(&out);
    att_laws_notes(&laws, &out);
    CU_ASSERT_STRING_EQUAL(
        out.data,
        "theorem: the same law through d_sharp at the same points\n"
        "k=2: rests on 60 of 63 planned rows\n"
        "k=2: 2 rows were stopped by a limit or found no value; a law in what "
        "remains may be too small\n"
        "all rows: no fit: 2 coefficients need as many different x, there "
        "are 0\n"
        "all rows: 2 rows were stopped by a limit or found no value\n");
    att_buffer_fini(&out);
}

static void laws_are_told_to_programs(void)
{
    static const double coef[] = {4, 1};
    struct points p;
    const struct att_curve curve = simulate("linear", coef, 0.01, &p);
    struct att_law law = fit(&curve, "linear");
    const struct att_laws laws = {.x = "L", .y = "d_min", .law = &law, .n = 1};
    json_t *root = att_laws_json(&laws);

    CU_ASSERT_PTR_NOT_NULL_FATAL(root);
    const json_t *first = json_array_get(json_object_get(root, "laws"), 0);
    const json_t *b = json_array_get(json_object_get(first, "coefficients"), 1);

    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(root, "y")),
                           "d_min");
    CU_ASSERT_TRUE(json_is_null(json_object_get(root, "predicted_by")));
    CU_ASSERT_TRUE(json_is_null(json_object_get(first, "no_fit")));
    CU_ASSERT_EQUAL(json_real_value(json_object_get(b, "estimate")),
                    law.coef[1]);
    CU_ASSERT_EQUAL(json_real_value(json_object_get(b, "hi")), law.ci[1].hi);
    json_decref(root);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"exact laws are found exactly", exact_laws_are_found_exactly},
        {"intervals hold the truth", intervals_hold_the_truth},
        {"auto finds the law that made the points",
         auto_finds_the_law_that_made_the_points},
        {"the choice does not depend on the unit",
         the_choice_does_not_depend_on_the_unit},
        {"curves without a fit say why", curves_without_a_fit_say_why},
        {"laws are shown with all that they rest on",
         laws_are_shown_with_all_that_they_rest_on},
        {"laws are told to programs", laws_are_told_to_programs},
        CU_TEST_INFO_NULL,
    };

    return unit_run_with("fit", open_arena, close_arena, tests);
}
