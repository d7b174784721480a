/* plot.c - one figure, and its numbers. */
#include <string.h>

#include "attest/base/buffer.h"
#include "attest/base/text.h"
#include "attest/report/figure.h"
#include "cli_priv.h"
#include "pick.h"

struct plot {
    const char *path, *sweep, *where, *by, *band, *log, *title;
    const char *picture, *data;
    struct cli_words lines;
    struct att_figure_query query;
    struct att_dataset *dataset;
    struct att_arena *arena;
};

/* ---- what was asked ----------------------------------------------------------- */

static att_status split_by(struct plot *p, struct att_error *err)
{
    const char *at = p->by;
    char name[128];

    while (att_text_word(&at, ", ", name, sizeof name)) {
        if (p->query.n_by == ATT_FIGURE_BY) {
            return att_fail(err, ATT_E_ARG, "--by: more than %d columns",
                            ATT_FIGURE_BY);
        }
        p->query.by[p->query.n_by] = att_arena_strdup(p->arena, name);
        if (p->query.by[p->query.n_by++] == NULL)
            return att_arena_fail(p->arena, "--by", err);
    }
    return ATT_OK;
}

static att_status take_lines(struct plot *p, struct att_error *err)
{
    if (p->lines.n > ATT_FIGURE_LINES) {
        return att_fail(err, ATT_E_ARG, "--line: more than %d lines",
                        ATT_FIGURE_LINES);
    }
    for (int i = 0; i < p->lines.n; i++)
        p->query.line[p->query.n_lines++] = p->lines.word[i];
    return ATT_OK;
}

static att_status take_scales(struct plot *p, struct att_error *err)
{
    static const struct {
        const char *word;
        enum att_scale x, y;
    } known[] = {{"auto", ATT_SCALE_AUTO, ATT_SCALE_AUTO},
                 {"none", ATT_SCALE_LINEAR, ATT_SCALE_LINEAR},
                 {"x", ATT_SCALE_LOG, ATT_SCALE_LINEAR},
                 {"y", ATT_SCALE_LINEAR, ATT_SCALE_LOG},
                 {"xy", ATT_SCALE_LOG, ATT_SCALE_LOG}};

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(p->log, known[i].word) == 0) {
            p->query.x_scale = known[i].x;
            p->query.y_scale = known[i].y;
            return ATT_OK;
        }
    }
    return att_fail(err, ATT_E_ARG,
                    "--log '%s' is unknown: choose x, y, xy, none or auto",
                    p->log);
}

static att_status read_options(struct plot *p, struct att_error *err)
{
    ATT_TRY(split_by(p, err));
    ATT_TRY(take_lines(p, err));
    ATT_TRY(take_scales(p, err));
    return att_band_parse(p->band, &p->query.band, err);
}

/* ---- the sweep ------------------------------------------------------------------ */

/* The one that is named; the only one; or the only one that has x and y. */
static att_status choose_sweep(const struct plot *p, uint32_t *sweep,
                               struct att_error *err)
{
    const uint32_t n = att_dataset_n_sweeps(p->dataset);
    uint32_t n_fitting = 0;

    if (p->sweep != NULL) {
        ATT_TRY(cli_check_sweep(p->dataset, p->sweep, err));
        *sweep = (uint32_t)att_dataset_find(p->dataset, p->sweep);
        return ATT_OK;
    }
    *sweep = 0;
    for (uint32_t i = 0; i < n; i++) {
        const struct att_table *t = att_dataset_sweep(p->dataset, i);

        if (att_table_find(t, p->query.x) < 0 ||
            att_table_find(t, p->query.y) < 0)
            continue;
        *sweep = i;
        n_fitting++;
    }
    if (n == 1 || n_fitting == 1)
        return ATT_OK;
    return att_fail(err, ATT_E_ARG,
                    "%s has %u sweeps: choose one with --sweep (attest show "
                    "%s --sweeps lists them)",
                    p->path, n, p->path);
}

static const char *run_name(const struct plot *p)
{
    const char *name = att_dataset_name(p->dataset);

    return name != NULL && name[0] != '\0' ? name : p->path;
}

static att_status make_figure(struct plot *p, struct att_figure *figure,
                              struct att_error *err)
{
    uint32_t sweep = 0;
    struct cli_rows rows = {0};

    ATT_TRY(read_options(p, err));
    ATT_TRY(att_dataset_open(p->path, &p->dataset, err));
    ATT_TRY(choose_sweep(p, &sweep, err));
    ATT_TRY(att_dataset_load(p->dataset, sweep, true, &p->query.table, err));
    ATT_TRY(cli_pick_rows(p->query.table, p->where, p->arena, &rows, err));
    p->query.row = rows.row;
    p->query.n_rows = rows.n;
    p->query.title = p->title;
    p->query.run = run_name(p);
    return att_figure_make(&p->query, p->arena, figure, err);
}

/* ---- the files ------------------------------------------------------------------- */

static att_status write_data(const struct plot *p,
                             const struct att_figure *figure,
                             struct att_error *err)
{
    struct att_buffer csv = {0};
    att_status status = ATT_OK;

    att_figure_csv(figure, &csv);
    if (!att_buffer_ok(&csv)) {
        status =
            att_fail(err, ATT_E_NOMEM, "out of memory writing %s", p->data);
    } else if (strcmp(p->data, "-") == 0) {
        (void)fwrite(csv.data, 1, csv.size, stdout);
    } else {
        status = att_file_replace(p->data, csv.data, csv.size, false, err);
    }
    att_buffer_fini(&csv);
    return status;
}

static att_status write_picture(const struct plot *p, enum att_picture picture,
                                const struct att_figure *figure,
                                struct att_error *err)
{
    struct att_buffer bytes = {0};
    att_status status = att_figure_draw(figure, picture, &bytes, err);

    if (status == ATT_OK) {
        status =
            att_file_replace(p->picture, bytes.data, bytes.size, false, err);
    }
    att_buffer_fini(&bytes);
    return status;
}

static att_status plot_all(struct plot *p, struct att_error *err)
{
    struct att_figure figure = {0};
    enum att_picture picture = ATT_PICTURE_SVG;

    if (p->picture != NULL) /* before any work */
        ATT_TRY(att_picture_of_file(p->picture, &picture, err));
    ATT_TRY(make_figure(p, &figure, err));
    if (p->data != NULL)
        ATT_TRY(write_data(p, &figure, err));
    if (p->picture != NULL)
        ATT_TRY(write_picture(p, picture, &figure, err));
    return ATT_OK;
}

static int plot(struct plot *p)
{
    struct att_error err = {0};

    p->arena = att_arena_create(0);
    if (p->arena == NULL) {
        (void)att_fail(&err, ATT_E_NOMEM, "out of memory");
    } else {
        (void)plot_all(p, &err);
    }
    att_dataset_close(p->dataset);
    att_arena_destroy(p->arena);
    if (err.status != ATT_OK)
        return cli_fail(&err);
    if (p->picture != NULL)
        (void)fprintf(stderr, "written: %s\n", p->picture);
    return CLI_DONE;
}

int cmd_plot(int argc, char **argv)
{
    struct plot p = {.band = "iqr", .log = "auto"};
    const struct cli_option options[] = {
        {"x", 0, CLI_TEXT, "COLUMN", &p.query.x, "across; also 'q*ln(L)'"},
        {"y", 0, CLI_TEXT, "COLUMN", &p.query.y, "upwards"},
        {"by", 0, CLI_TEXT, "A,B", &p.by, "a curve per group of equal A and B"},
        {"colour", 0, CLI_TEXT, "COLUMN", &p.query.colour,
         "a heat map of this column's means"},
        {"observed", 0, CLI_SWITCH, NULL, &p.query.of_lines,
         "a name means the observation of that name"},
        {"line", 0, CLI_WORDS, "LAW", &p.lines,
         "a predicted column or '2*N+1' (again: more)"},
        {"band", 0, CLI_TEXT, "BAND", &p.band,
         "iqr (default), range, ci, none"},
        {"means", 0, CLI_SWITCH, NULL, &p.query.means,
         "means with 95 % intervals, for shares"},
        {"log", 0, CLI_TEXT, "AXES", &p.log, "x, y, xy, none, auto (default)"},
        {"where", 0, CLI_TEXT, "COND", &p.where,
         "only rows that meet 'N>=8 data=gauss'"},
        {"sweep", 0, CLI_TEXT, "NAME", &p.sweep, "which sweep"},
        {"title", 0, CLI_TEXT, "TEXT", &p.title, "instead of 'y against x'"},
        {"output", 'o', CLI_TEXT, "FILE", &p.picture,
         "picture: .svg, .pdf or .png (drawn by gnuplot)"},
        {"data", 0, CLI_TEXT, "F.csv", &p.data, "its numbers; - : to stdout"},
    };
    const struct cli_usage usage = {
        .synopsis = "plot DIR|FILE --x A --y B -o FIG.svg [OPTION...]",
        .summary = "Draw one figure: points with bands, the theorem as a line.",
        .details = "Hollow points: some of their rows have no value.",
        .example = "  attest plot runs/quickstart --sweep worst --x N --y "
                   "blocks --by d \\\n"
                   "      --line blocks_bound -o blocks.svg --data blocks.csv",
        .option = options,
        .n_options = sizeof options / sizeof options[0],
        .min_operands = 1,
        .max_operands = 1,
    };
    struct cli_words operands = {0};
    const enum cli_parsed parsed = cli_parse(&usage, argc, argv, &operands);

    if (parsed != CLI_GO)
        return CLI_PARSED_EXIT(parsed);
    if (p.query.x == NULL || p.query.y == NULL) {
        cli_error("try --x N --y params_used", "--x and --y are needed");
        return CLI_USAGE;
    }
    if (p.picture == NULL && p.data == NULL) {
        cli_error("try -o figure.svg, or --data - for its numbers",
                  "nowhere to write");
        return CLI_USAGE;
    }
    p.path = operands.word[0];
    return plot(&p);
}
