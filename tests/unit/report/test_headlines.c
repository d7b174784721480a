/* test_headlines.c - the figures of the page name what constructions have. */
#include "../../../src/report/headlines_priv.h"

#include <string.h>

#include "attest/base/text.h"
#include "attest/config/expr.h"
#include "attest/construction/registry.h"
#include "attest/report/law_form.h"
#include "fake_rows.h"
#include "unit.h"

enum { MAX_NAMES = 256 };

#define HEADLINE(construction_, title_, x_, y_, ...)                           \
    {.construction = (construction_),                                          \
     .title = (title_),                                                        \
     .x = (x_),                                                                \
     .y = (y_),                                                                \
     __VA_ARGS__},
static const struct att_headline HEADLINES[] = {
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

static void must_compile(const struct att_headline *h, const char *text)
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
        const struct att_headline *h = &HEADLINES[i];

        if (att_construction_find(h->construction) == NULL)
            (void)fprintf(stderr, "\nno construction %s\n", h->construction);
        CU_ASSERT_PTR_NOT_NULL(att_construction_find(h->construction));
        CU_ASSERT_TRUE(h->title[0] != '\0');
    }
}

static void axes_colours_and_lines_are_its_columns(void)
{
    for (size_t i = 0; i < N_HEADLINES; i++) {
        const struct att_headline *h = &HEADLINES[i];

        must_compile(h, h->x);
        must_compile(h, h->y);
        must_compile(h, h->colour);
        must_compile(h, h->only);
        for (int k = 0; k < ATT_HEADLINE_LINES; k++)
            must_compile(h, h->line[k]);
    }
}

static void what_tells_curves_apart_are_its_parameters(void)
{
    for (size_t i = 0; i < N_HEADLINES; i++) {
        const struct att_headline *h = &HEADLINES[i];
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

static void fill(struct fake_rows *f, const char *construction)
{
    begin_rows(f);
    f->table.construction_name = construction;
    f->table.axes = "N mode replicate";
    for (int64_t n = 2; n <= 8; n *= 2) {
        add_fake(f, n, "free", 0, 1, ATT_DONE);
        add_fake(f, n, "band", 1, 2, ATT_DONE);
    }
}

static void a_measured_column_is_drawn_beside_its_prediction(void)
{
    struct att_arena *arena = att_arena_create(0);
    const struct att_headline *list = NULL;
    struct fake_rows f;
    size_t n = 0;

    fill(&f, "of another build");
    CU_ASSERT_EQUAL_FATAL(att_headlines(&f.table, arena, &list, &n, NULL),
                          ATT_OK);
    CU_ASSERT_EQUAL_FATAL(n, 1);
    CU_ASSERT_STRING_EQUAL(list[0].title, "y beside y_pred");
    CU_ASSERT_STRING_EQUAL(list[0].x, "N"); /* the axis of most values */
    CU_ASSERT_STRING_EQUAL(list[0].y, "y");
    CU_ASSERT_STRING_EQUAL(list[0].line[0], "y_pred");
    att_arena_destroy(arena);
}

static size_t n_of(const char *construction)
{
    size_t n = 0;

    for (size_t i = 0; i < N_HEADLINES; i++)
        n += strcmp(HEADLINES[i].construction, construction) == 0;
    return n;
}

static void headlines_of_a_construction_leave_room_for_predictions(void)
{
    struct att_arena *arena = att_arena_create(0);
    const struct att_headline *list = NULL;
    struct fake_rows f;
    size_t n = 0;

    CU_ASSERT_TRUE(n_of("hardmax") > ATT_PREDICTIONS_SHOWN);
    fill(&f, "hardmax");
    CU_ASSERT_EQUAL_FATAL(att_headlines(&f.table, arena, &list, &n, NULL),
                          ATT_OK);
    CU_ASSERT_EQUAL_FATAL(n, n_of("hardmax") + 1);
    CU_ASSERT_STRING_EQUAL(list[n - 1].title, "y beside y_pred");
    att_arena_destroy(arena);
}

static void what_varies_tells_curves_apart(void)
{
    static const struct {
        const char *x, *by, *column; /* NULL: one curve */
    } cases[] = {{"N", "*", "mode"},       {"N", "mode", "mode"},
                 {"N", "replicate", NULL}, {"N", "no,mode", "mode"},
                 {"N", NULL, NULL},        {"mode", "N", "N"}};
    struct att_arena *arena = att_arena_create(0);
    struct fake_rows f;

    fill(&f, "fake");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct att_headline h = {
            .title = "", .x = cases[i].x, .y = "y", .by = cases[i].by};
        struct att_figure_query q;
        bool usable = false;

        CU_ASSERT_EQUAL_FATAL(
            att_headline_query(&h, &f.table, arena, &q, &usable, NULL), ATT_OK);
        CU_ASSERT_TRUE(usable);
        CU_ASSERT_EQUAL(q.n_rows, f.table.rows.n);
        CU_ASSERT_TRUE(q.n_by <= 1);
        CU_ASSERT_TRUE(
            att_text_same(q.n_by == 0 ? NULL : q.by[0], cases[i].column));
    }
    att_arena_destroy(arena);
}

static void only_chosen_rows_make_a_headline(void)
{
    static const struct {
        const char *x, *only;
        size_t n_rows;
        bool usable;
    } cases[] = {
        {"N", "mode == 'free' and 1 or 0", 3, true},
        {"N", "N > 4 and mode == 'free' and 1 or 0", 1, false},
        {"mode", "mode == 'free' and 1 or 0", 3, false}, /* does not vary */
        {"N", "unknown == 1", 6, true}};
    struct att_arena *arena = att_arena_create(0);
    struct fake_rows f;

    fill(&f, "fake");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct att_headline h = {
            .title = "", .x = cases[i].x, .y = "y", .only = cases[i].only};
        struct att_figure_query q;
        bool usable = !cases[i].usable;

        CU_ASSERT_EQUAL_FATAL(
            att_headline_query(&h, &f.table, arena, &q, &usable, NULL), ATT_OK);
        CU_ASSERT_EQUAL(q.n_rows, cases[i].n_rows);
        CU_ASSERT_EQUAL(usable, cases[i].usable);
    }
    att_arena_destroy(arena);
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
        {"a measured column is drawn beside its prediction",
         a_measured_column_is_drawn_beside_its_prediction},
        {"headlines of a construction leave room for predictions",
         headlines_of_a_construction_leave_room_for_predictions},
        {"what varies tells curves apart", what_varies_tells_curves_apart},
        {"only chosen rows make a headline", only_chosen_rows_make_a_headline},
        CU_TEST_INFO_NULL,
    };

    return unit_run("headlines", tests);
}
