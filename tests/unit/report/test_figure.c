/* test_figure.c - what a figure shows, as numbers and as a picture. */
#include "attest/report/figure.h"

#include <stdlib.h>

#include "attest/base/buffer.h"
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

/* band: N = 4 and 8; free: N = 4 with one row stopped, 8, 64. */
static void fill(struct fake_rows *f)
{
    begin_rows(f);
    add_fake(f, 8, "free", 0, 10, ATT_DONE);
    add_fake(f, 4, "free", 0, 3, ATT_DONE);
    add_fake(f, 4, "free", 1, 1, ATT_DONE);
    add_fake(f, 4, "free", 2, 2, ATT_DONE);
    add_fake(f, 4, "free", 3, 0, ATT_TIMEOUT);
    add_fake(f, 64, "free", 0, 0, ATT_INFEASIBLE);
    add_fake(f, 4, "band", 0, 7, ATT_DONE);
    add_fake(f, 8, "band", 0, 7.5, ATT_DONE);
}

static struct att_figure_query query_of(const struct fake_rows *f)
{
    return (struct att_figure_query){.table = &f->table,
                                     .row = f->all,
                                     .n_rows = f->table.rows.n,
                                     .x = "N",
                                     .y = "y",
                                     .by = {"mode"},
                                     .n_by = 1,
                                     .band = ATT_BAND_IQR};
}

static struct att_figure make(const struct att_figure_query *q)
{
    struct att_figure figure = {0};
    struct att_error err = {0};

    CU_ASSERT_EQUAL(att_figure_make(q, arena, &figure, &err), ATT_OK);
    CU_ASSERT_STRING_EQUAL_FATAL(err.text, "");
    return figure;
}

static void points_are_medians_with_quartiles(void)
{
    struct fake_rows f;

    fill(&f);
    const struct att_figure_query q = query_of(&f);
    const struct att_figure figure = make(&q);

    CU_ASSERT_EQUAL_FATAL(figure.n_series, 2);
    CU_ASSERT_STRING_EQUAL(figure.series[0].label, "mode=band");
    CU_ASSERT_EQUAL_FATAL(figure.series[1].n, 2); /* infeasible: no point */
    const struct att_figure_point *p = &figure.series[1].point[0];
    CU_ASSERT_EQUAL(p->x, 4);
    CU_ASSERT_EQUAL(p->y, 2);
    CU_ASSERT_EQUAL(p->lo, 1.5);
    CU_ASSERT_EQUAL(p->hi, 2.5);
    CU_ASSERT_EQUAL(p->n, 3);
    CU_ASSERT_EQUAL(p->n_rows, 4);
    CU_ASSERT_PTR_NOT_NULL(strstr(figure.caption, "Hollow: rows without"));
    CU_ASSERT_PTR_NOT_NULL(strstr(figure.caption, "6 of 7 rows done"));
    CU_ASSERT_PTR_NOT_NULL(strstr(figure.caption, "k0123456789ab"));
    CU_ASSERT_STRING_EQUAL(figure.y.label, "y (bit)");
}

/* 1, 2, 3: mean 2, standard deviation 1, three of them; the normal quantile is
 * that of tables.  0, 1: Wilson's interval of one in two. */
static void means_have_intervals_of_95_percent(void)
{
    static const double QUANTILE = 1.959964; /* to 7 digits */
    struct fake_rows f;

    fill(&f);
    struct att_figure_query q = query_of(&f);
    q.means = true;
    const struct att_figure figure = make(&q);
    const struct att_figure_point *p = &figure.series[1].point[0];

    CU_ASSERT_EQUAL(p->y, 2);
    CU_ASSERT_DOUBLE_EQUAL(p->lo, 2 - QUANTILE / sqrt(3), 1e-6);
    CU_ASSERT_DOUBLE_EQUAL(p->hi, 2 + QUANTILE / sqrt(3), 1e-6);

    begin_rows(&f);
    add_fake(&f, 4, "free", 0, 0, ATT_DONE);
    add_fake(&f, 4, "free", 1, 1, ATT_DONE);
    q = query_of(&f);
    q.means = true;
    const struct att_figure share = make(&q);
    const double half = QUANTILE * sqrt(0.5 / 4 + QUANTILE * QUANTILE / 16) /
                        (1 + QUANTILE * QUANTILE / 2);

    CU_ASSERT_EQUAL(share.series[0].point[0].y, 0.5);
    CU_ASSERT_DOUBLE_EQUAL(share.series[0].point[0].lo, 0.5 - half, 1e-6);
    CU_ASSERT_DOUBLE_EQUAL(share.series[0].point[0].hi, 0.5 + half, 1e-6);
}

static void a_closed_form_goes_beyond_the_points(void)
{
    struct fake_rows f;

    fill(&f);
    struct att_figure_query q = query_of(&f);
    q.line[0] = "3 * N + 1";
    q.n_lines = 1;
    const struct att_figure figure = make(&q);
    const struct att_figure_curve *c = &figure.series[0].curve[0];

    CU_ASSERT_TRUE(figure.shared[0]);
    CU_ASSERT_EQUAL(figure.series[1].curve[0].n, 0);
    CU_ASSERT_TRUE_FATAL(c->n > 2);
    CU_ASSERT_TRUE(c->x[0] < 4 && c->x[c->n - 1] > 8);
    for (size_t i = 0; i < c->n; i++)
        CU_ASSERT_EQUAL(c->y[i], 3 * c->x[i] + 1);
}

static void a_column_without_a_form_joins_the_points(void)
{
    struct fake_rows f;

    fill(&f);
    struct att_figure_query q = query_of(&f);
    q.line[0] = "y_pred";
    q.n_lines = 1;
    const struct att_figure figure = make(&q);
    const struct att_figure_curve *c = &figure.series[0].curve[0];

    CU_ASSERT_TRUE(figure.shared[0]); /* both modes predict the same */
    CU_ASSERT_EQUAL_FATAL(c->n, 2);
    CU_ASSERT_EQUAL(c->x[1], 8);
    CU_ASSERT_EQUAL(c->y[1], 6);
}

/* An expression over a column that varies within a series may not leave the
 * points: it has no value between them. */
static void a_form_that_needs_more_joins_the_points(void)
{
    struct fake_rows f;

    fill(&f);
    struct att_figure_query q = query_of(&f);
    q.line[0] = "N + replicate";
    q.n_lines = 1;
    const struct att_figure figure = make(&q);

    CU_ASSERT_FALSE(figure.shared[0]);
    CU_ASSERT_EQUAL_FATAL(figure.series[1].curve[0].n, 2);
    CU_ASSERT_EQUAL(figure.series[1].curve[0].y[0], 5.5);
}

static void axes_are_logarithmic_where_numbers_span_much(void)
{
    struct fake_rows f;

    begin_rows(&f);
    for (int64_t n = 2; n <= 32; n *= 2)
        add_fake(&f, n, "free", 0, 1 + 0.01 * (double)n, ATT_DONE);
    struct att_figure_query q = query_of(&f);
    struct att_figure figure = make(&q);

    CU_ASSERT_TRUE(figure.x.log);
    CU_ASSERT_FALSE(figure.y.log);
    CU_ASSERT_EQUAL(figure.x.n_ticks, 5);
    q.x_scale = ATT_SCALE_LINEAR;
    q.y_scale = ATT_SCALE_LOG;
    figure = make(&q);
    CU_ASSERT_FALSE(figure.x.log);
    CU_ASSERT_TRUE(figure.y.log);
}

static void an_axis_may_be_an_expression(void)
{
    struct fake_rows f;

    fill(&f);
    struct att_figure_query q = query_of(&f);
    q.x = "log2(N)";
    q.y = "2 * y";
    q.n_by = 0;
    const struct att_figure figure = make(&q);

    CU_ASSERT_EQUAL_FATAL(figure.n_series, 1);
    CU_ASSERT_STRING_EQUAL(figure.series[0].label, "");
    CU_ASSERT_EQUAL(figure.series[0].point[0].x, 2);
    CU_ASSERT_EQUAL(figure.series[0].point[0].y, 5); /* of 6, 2, 4, 14 */
}

static void a_heat_map_has_cells_without_gaps(void)
{
    struct fake_rows f;

    begin_rows(&f);
    for (int64_t n = 1; n <= 64; n *= 4) {
        for (int64_t k = 0; k < 3; k++)
            add_fake(&f, n, "free", k, (double)(n * k), ATT_DONE);
    }
    add_fake(&f, 64, "band", 2, 0, ATT_DONE); /* mean with 128: 64 */
    struct att_figure_query q = query_of(&f);
    q.n_by = 0;
    q.y = "replicate";
    q.colour = "y";
    const struct att_figure figure = make(&q);

    CU_ASSERT_EQUAL_FATAL(figure.n_cells, 12);
    CU_ASSERT_EQUAL(figure.cell[11].value, 64);
    CU_ASSERT_EQUAL(figure.cell[11].n, 2);
    for (size_t i = 0; i < 12; i++) {
        const struct att_figure_cell *c = &figure.cell[i];

        CU_ASSERT_EQUAL(c->y_lo, c->y - 0.5);
        CU_ASSERT_EQUAL(c->y_hi, c->y + 0.5);
        CU_ASSERT_DOUBLE_EQUAL(c->x_lo, c->x / 2, 1e-12 * c->x);
        CU_ASSERT_DOUBLE_EQUAL(c->x_hi, c->x * 2, 1e-12 * c->x);
    }
    CU_ASSERT_EQUAL(figure.colour.hi, 64);
}

static void what_cannot_be_drawn_is_said(void)
{
    static const struct {
        const char *x, *y, *by, *line, *words;
    } cases[] = {
        {"mode", "y", "mode", NULL, "column mode holds texts"},
        {"M", "y", "mode", NULL, "'M' is no column"},
        {"N", "y_perd", "mode", NULL, "y_pred"},
        {"N", "y", "mode", "3 *", "'3 *' is no column"},
        {"N", "y", "y", NULL, NULL},
        {"N", "y / 0 - y / 0", "mode", NULL, "nothing to draw"},
    };
    struct fake_rows f;

    fill(&f);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct att_figure_query q = query_of(&f);
        struct att_figure figure = {0};
        struct att_error err = {0};

        q.x = cases[i].x;
        q.y = cases[i].y;
        q.by[0] = cases[i].by;
        q.line[0] = cases[i].line;
        q.n_lines = cases[i].line != NULL;
        const att_status status = att_figure_make(&q, arena, &figure, &err);

        if (cases[i].words == NULL) {
            CU_ASSERT_EQUAL(status, ATT_OK);
            continue;
        }
        CU_ASSERT_EQUAL(status, ATT_E_ARG);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, cases[i].words));
    }
}

static void too_many_curves_are_refused(void)
{
    struct fake_rows f;
    struct att_figure figure = {0};
    struct att_error err = {0};

    begin_rows(&f);
    for (int64_t k = 0; k < ATT_FIGURE_SERIES + 1; k++)
        add_fake(&f, 4, "free", k, 1, ATT_DONE);
    struct att_figure_query q = query_of(&f);
    q.by[0] = "replicate";

    CU_ASSERT_EQUAL(att_figure_make(&q, arena, &figure, &err), ATT_E_ARG);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "17 curves"));
}

static void the_numbers_go_out_as_csv(void)
{
    struct fake_rows f;
    struct att_buffer csv = {0};

    begin_rows(&f);
    add_fake(&f, 2, "free", 0, 3, ATT_DONE);
    add_fake(&f, 2, "free", 1, 0, ATT_TIMEOUT);
    add_fake(&f, 4, "free", 0, 5, ATT_DONE);
    struct att_figure_query q = query_of(&f);
    q.line[0] = "y_pred";
    q.n_lines = 1;
    const struct att_figure figure = make(&q);

    att_figure_csv(&figure, &csv);
    CU_ASSERT_TRUE_FATAL(att_buffer_ok(&csv));
    CU_ASSERT_STRING_EQUAL(csv.data, "kind,series,N,y,lo,hi,,n,rows\r\n"
                                     "point,mode=free,2,3,3,3,,1,2\r\n"
                                     "point,mode=free,4,5,5,5,,1,1\r\n"
                                     "y_pred,,2,2,,,,,\r\n"
                                     "y_pred,,4,4,,,,,\r\n");
    att_buffer_fini(&csv);
}

static void a_picture_holds_the_texts_as_they_are(void)
{
    struct fake_rows f;
    struct att_buffer svg = {0};
    struct att_error err = {0};

    fill(&f);
    struct att_figure_query q = query_of(&f);
    q.title = "it's `hostname` \\n {/Bold x} $(id) _a^b";
    const struct att_figure figure = make(&q);
    const att_status status =
        att_figure_draw(&figure, ATT_PICTURE_SVG, &svg, &err);

    if (status == ATT_E_UNSUPPORTED) { /* a machine without gnuplot */
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "gnuplot-nox"));
        return;
    }
    CU_ASSERT_EQUAL_FATAL(status, ATT_OK);
    CU_ASSERT_PTR_NOT_NULL(svg.data);
    if (svg.data == NULL)
        return;
    CU_ASSERT_PTR_NOT_NULL(strstr(svg.data, "</svg>"));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(svg.data, "it's  hostname  \\n {/Bold x} $(id) _a^b"));
    CU_ASSERT_PTR_NOT_NULL(strstr(svg.data, "mode=free"));
    att_buffer_fini(&svg);
}

static void without_gnuplot_the_remedy_is_named(void)
{
    struct fake_rows f;
    struct att_buffer svg = {0};
    struct att_error err = {0};
    const char *const found = getenv("PATH");
    char *const path = strdup(found != NULL ? found : "/usr/bin:/bin");

    CU_ASSERT_PTR_NOT_NULL(path);
    if (path == NULL)
        return;
    fill(&f);
    const struct att_figure_query q = query_of(&f);
    const struct att_figure figure = make(&q);

    CU_ASSERT_EQUAL(setenv("PATH", "/nowhere", 1), 0);
    CU_ASSERT_EQUAL(att_figure_draw(&figure, ATT_PICTURE_PNG, &svg, &err),
                    ATT_E_UNSUPPORTED);
    CU_ASSERT_EQUAL(setenv("PATH", path, 1), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "install gnuplot-nox"));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "--data"));
    CU_ASSERT_EQUAL(svg.size, 0);
    free(path);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"points are medians with quartiles, hollow where rows are missing",
         points_are_medians_with_quartiles},
        {"means have intervals of 95 percent",
         means_have_intervals_of_95_percent},
        {"a closed form goes beyond the points",
         a_closed_form_goes_beyond_the_points},
        {"a column without a closed form joins the points",
         a_column_without_a_form_joins_the_points},
        {"a form that needs other columns joins the points",
         a_form_that_needs_more_joins_the_points},
        {"axes are logarithmic where numbers span much",
         axes_are_logarithmic_where_numbers_span_much},
        {"an axis may be an expression", an_axis_may_be_an_expression},
        {"a heat map has cells without gaps",
         a_heat_map_has_cells_without_gaps},
        {"what cannot be drawn is said", what_cannot_be_drawn_is_said},
        {"too many curves are refused", too_many_curves_are_refused},
        {"the numbers go out as CSV", the_numbers_go_out_as_csv},
        {"a picture holds the texts as they are",
         a_picture_holds_the_texts_as_they_are},
        {"without gnuplot the remedy is named",
         without_gnuplot_the_remedy_is_named},
        CU_TEST_INFO_NULL,
    };

    return unit_run_with("figure", open_arena, close_arena, tests);
}
