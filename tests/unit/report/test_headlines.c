/* test_headlines.c - the figures of the page name what constructions have. */
#include <string.h>

#include "attest/config/expr.h"
#include "attest/construction/registry.h"
#include "attest/report/law_form.h"
#include "unit.h"

enum { MAX_NAMES = 256, LINES = 2 };

struct headline {
    const char *construction, *title, *x, *y;
    const char *colour, *by, *line[LINES], *law, *only;
    bool observed, means;
    int scale;
};

enum { ATT_SCALE_AUTO, ATT_SCALE_LINEAR, ATT_SCALE_LOG };
#define HEADLINE(construction_, title_, x_, y_, ...)                           \
    {.construction = (construction_),                                          \
     .title = (title_),                                                        \
     .x = (x_),                                                                \
     .y = (y_),                                                                \
     __VA_ARGS__},
static const struct headline HEADLINES[] = {
#include "../../../src/report/headlines.def"
};

enum { N_HEADLINES = sizeof HEADLINES / sizeof HEADLINES[0] };

/* Every name that rows and observations of a construction have. */
static struct att_names names_of(const struct att_construction *c,
                                 const char *name[MAX_NAMES])
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < att_construction_n_params(c); i++)
        name[n++] = att_construction_param(c, i)->name;
    for (uint32_t i = 0; i < c->n_metrics; i++)
        name[n++] = c->metrics[i].name;
    for (uint32_t i = 0; i < c->n_observations; i++)
        name[n++] = c->observations[i].name;
    CU_ASSERT_TRUE_FATAL(n < MAX_NAMES);
    return (struct att_names){name, n};
}

static void must_compile(const struct headline *h, const char *text)
{
    const struct att_construction *c = att_construction_find(h->construction);
    const char *name[MAX_NAMES];
    struct att_engine *engine = NULL;
    struct att_expr *expr = NULL;
    struct att_error err = {0};

    if (text == NULL)
        return;
    CU_ASSERT_PTR_NOT_NULL(c);
    if (c == NULL)
        return;
    const struct att_names names = names_of(c, name);

    CU_ASSERT_EQUAL_FATAL(att_engine_create(&engine, NULL), ATT_OK);
    if (att_expr_compile(engine, text, &names, &expr, &err) != ATT_OK) {
        (void)fprintf(stderr, "\n%s, %s: %s\n", h->construction, h->title,
                      err.text);
        CU_FAIL("a name that the construction does not have");
    }
    att_engine_destroy(engine);
}

static void every_headline_is_of_a_known_construction(void)
{
    for (size_t i = 0; i < N_HEADLINES; i++) {
        const struct headline *h = &HEADLINES[i];

        if (att_construction_find(h->construction) == NULL)
            (void)fprintf(stderr, "\nno construction %s\n", h->construction);
        CU_ASSERT_PTR_NOT_NULL(att_construction_find(h->construction));
        CU_ASSERT_TRUE(h->title[0] != '\0');
    }
}

static void axes_colours_and_lines_are_its_columns(void)
{
    for (size_t i = 0; i < N_HEADLINES; i++) {
        const struct headline *h = &HEADLINES[i];

        must_compile(h, h->x);
        must_compile(h, h->y);
        must_compile(h, h->colour);
        must_compile(h, h->only);
        for (int k = 0; k < LINES; k++)
            must_compile(h, h->line[k]);
    }
}

static void what_tells_curves_apart_are_its_parameters(void)
{
    for (size_t i = 0; i < N_HEADLINES; i++) {
        const struct headline *h = &HEADLINES[i];
        const char *at = h->by;

        while (at != NULL && *at != '\0') {
            char word[64];
            const size_t n = strcspn(at, ",");

            (void)snprintf(word, sizeof word, "%.*s", (int)n, at);
            must_compile(h, word);
            at += n + (at[n] == ',');
        }
    }
}

static void laws_are_laws(void)
{
    for (size_t i = 0; i < N_HEADLINES; i++) {
        struct att_form form;

        if (HEADLINES[i].law != NULL) {
            CU_ASSERT_EQUAL(
                att_form_parse(HEADLINES[i].law, HEADLINES[i].x, &form, NULL),
                ATT_OK);
        }
    }
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"every headline is of a known construction",
         every_headline_is_of_a_known_construction},
        {"axes, colours and lines are its columns",
         axes_colours_and_lines_are_its_columns},
        {"what tells curves apart are its parameters",
         what_tells_curves_apart_are_its_parameters},
        {"laws are laws", laws_are_laws},
        CU_TEST_INFO_NULL,
    };

    return unit_run("headlines", tests);
}
