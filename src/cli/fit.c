/* fit.c - scaling laws in the terminal. */
#include <string.h>

#include "attest/report/fit.h"
#include "cli_priv.h"
#include "json.h"
#include "pick.h"
#include "select.h"

struct fit {
    const char *path, *sweep, *where, *by, *x, *y, *model;
    bool medians, csv, json, latex;
    struct att_dataset *dataset;
    struct att_arena *arena;
    struct att_buffer out;
    json_t *laws; /* --json: an array of sweeps */
};

static att_status fit_table(const struct fit *f, const struct att_table *table,
                            struct att_laws *laws, struct att_error *err)
{
    struct cli_columns axes = {.n = 0};
    struct cli_columns by = {.n = 0};
    struct cli_rows rows = {0};
    struct att_form form = {0};

    ATT_TRY(cli_add_columns(table, f->x, &axes, err));
    ATT_TRY(cli_add_columns(table, f->y, &axes, err));
    if (axes.n != 2)
        return att_fail(err, ATT_E_ARG, "--x and --y name one column each");
    if (f->by != NULL)
        ATT_TRY(cli_add_columns(table, f->by, &by, err));
    ATT_TRY(att_form_parse(f->model, f->x, &form, err));
    ATT_TRY(cli_pick_rows(table, f->where, f->arena, &rows, err));
    const struct att_fit_query query = {
        .row = rows.row,
        .n_rows = rows.n,
        .x = axes.field[0],
        .y = axes.field[1],
        .by = by.field,
        .n_by = by.n,
        .form = &form,
        .kind = f->medians ? ATT_FIT_MEDIANS : ATT_FIT_MEANS,
    };

    return att_fit_rows(table, &query, f->arena, laws, err);
}

static att_status print_json(struct fit *f, const struct att_table *table,
                             const struct att_laws *laws, struct att_error *err)
{
    json_t *sweep = att_laws_json(laws);

    if (json_object_set_new(sweep, "sweep", json_string(table->name)) != 0 ||
        json_array_append_new(f->laws, sweep) != 0)
        return att_fail(err, ATT_E_NOMEM, "out of memory writing JSON");
    return ATT_OK;
}

static att_status print_laws(struct fit *f, const struct att_table *table,
                             const struct att_laws *laws, struct att_error *err)
{
    struct att_text_table t = {0};
    const struct att_text_style style = {cli_width(stdout), cli_colour(stdout)};

    if (f->json)
        return print_json(f, table, laws, err);
    ATT_TRY(att_laws_table(laws, f->arena, &t, err));
    if (f->csv) {
        att_text_table_csv(&t, &f->out);
    } else if (f->latex) {
        att_text_table_latex(&t, &f->out);
    } else {
        att_buffer_printf(&f->out, "%s (%s)\n", table->name,
                          table->construction_name);
        att_text_table_print(&t, &style, &f->out);
        att_laws_notes(laws, &f->out);
    }
    return ATT_OK;
}

static bool has_columns(const struct fit *f, const struct att_table *table)
{
    return att_table_find(table, f->x) >= 0 && att_table_find(table, f->y) >= 0;
}

static att_status fit_sweep(struct fit *f, uint32_t sweep,
                            struct att_error *err)
{
    const struct att_table *table = NULL;
    struct att_laws laws = {0};

    ATT_TRY(att_dataset_load(f->dataset, sweep, false, &table, err));
    ATT_TRY(fit_table(f, table, &laws, err));
    return print_laws(f, table, &laws, err);
}

/* The sweep that is named, or all that have both columns. */
static att_status fit_sweeps(struct fit *f, struct att_error *err)
{
    const uint32_t n = att_dataset_n_sweeps(f->dataset);
    uint32_t n_fitted = 0;

    ATT_TRY(cli_check_sweep(f->dataset, f->sweep, err));
    for (uint32_t i = 0; i < n; i++) {
        const struct att_table *table = att_dataset_sweep(f->dataset, i);
        const bool named =
            f->sweep != NULL && strcmp(f->sweep, table->name) == 0;

        if (!named && (f->sweep != NULL || !has_columns(f, table)))
            continue;
        ATT_TRY(fit_sweep(f, i, err));
        n_fitted++;
    }
    if (n_fitted > 0 || n == 0)
        return ATT_OK;
    return fit_sweep(f, 0, err); /* says which column is unknown */
}

static int print(const struct fit *f)
{
    json_t *root = NULL;

    if (f->json) {
        root = cli_json_begin("fit");
        json_object_set(root, "sweeps", f->laws);
        return cli_json_end(root);
    }
    if (!att_buffer_ok(&f->out)) {
        cli_error(NULL, "out of memory");
        return CLI_TROUBLE;
    }
    if (f->out.size > 0)
        (void)fwrite(f->out.data, 1, f->out.size, stdout);
    return CLI_DONE;
}

static int fit(struct fit *f)
{
    struct att_error err = {0};
    int code = CLI_DONE;

    f->arena = att_arena_create(0);
    f->laws = json_array();
    if (f->arena == NULL || f->laws == NULL) {
        (void)att_fail(&err, ATT_E_NOMEM, "out of memory");
    } else if (att_dataset_open(f->path, &f->dataset, &err) == ATT_OK) {
        (void)fit_sweeps(f, &err);
    }
    code = err.status != ATT_OK ? cli_fail(&err) : print(f);
    json_decref(f->laws);
    att_buffer_fini(&f->out);
    att_dataset_close(f->dataset);
    att_arena_destroy(f->arena);
    return code;
}

int cmd_fit(int argc, char **argv)
{
    struct fit f = {.model = "auto"};
    const struct cli_option options[] = {
        {"x", 0, CLI_TEXT, "COLUMN", &f.x, "what the law is in"},
        {"y", 0, CLI_TEXT, "COLUMN", &f.y, "what the law is about"},
        {"model", 0, CLI_TEXT, "LAW", &f.model,
         "'a + b*log2(x)', 'a*x^b', power, auto (default)"},
        {"by", 0, CLI_TEXT, "A,B", &f.by, "one law per group of equal A and B"},
        {"where", 0, CLI_TEXT, "COND", &f.where,
         "only rows that meet 'N>=8 data=gauss'"},
        {"sweep", 0, CLI_TEXT, "NAME", &f.sweep, "only this sweep"},
        {"medians", 0, CLI_SWITCH, NULL, &f.medians,
         "fit medians over replicates, not all points"},
        {"csv", 0, CLI_SWITCH, NULL, &f.csv, "print CSV"},
        {"latex", 0, CLI_SWITCH, NULL, &f.latex, "print a LaTeX table"},
        {"json", 0, CLI_SWITCH, NULL, &f.json, "print JSON"},
    };
    const struct cli_usage usage = {
        .synopsis = "fit DIR|FILE --x COLUMN --y COLUMN [OPTION...]",
        .summary = "Fit a scaling law, with the theorem's beside it.",
        .details =
            "Least squares; 95 % intervals resample whole replicates.  A law\n"
            "sums terms in x, x^p, ln(x), log2(x), log10(x), sqrt(x), exp(x).",
        .example = "  attest fit runs/quickstart --x N --y code_gap --by d "
                   "--model power\n"
                   "  attest fit results.h5 --x L --y d --model 'a + "
                   "b*log2(L)' --latex",
        .option = options,
        .n_options = sizeof options / sizeof options[0],
        .min_operands = 1,
        .max_operands = 1,
    };
    struct cli_words operands = {0};
    const enum cli_parsed parsed = cli_parse(&usage, argc, argv, &operands);

    if (parsed != CLI_GO)
        return CLI_PARSED_EXIT(parsed);
    if (f.x == NULL || f.y == NULL) {
        cli_error("try --x N --y params_used", "--x and --y are needed");
        return CLI_USAGE;
    }
    f.path = operands.word[0];
    return fit(&f);
}
