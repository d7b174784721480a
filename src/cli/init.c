/* init.c - a commented study to start from. */
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "cli_priv.h"
#include "known.h"

/* ---- parameters ------------------------------------------------------------- */

/* The first extent is shown as an axis of two values, all else as it is. */
static void put_param(struct att_buffer *out, const struct att_param *p,
                      bool as_axis)
{
    const struct att_value value = att_param_default(p);
    char text[ATT_NUMBER_TEXT];

    att_buffer_printf(out, "      # %s\n      # ", p->doc);
    cli_range_text(p, out);
    att_buffer_printf(
        out, "\n      %s%s: ", p->type == ATT_TYPE_PATH ? "# " : "", p->name);
    if (as_axis) {
        att_buffer_printf(out, "[%" PRId64 ", %" PRId64 "]\n", value.i,
                          2 * value.i);
    } else if (p->type == ATT_TYPE_PATH) {
        att_buffer_text(out, "file.mtx\n");
    } else if (p->type == ATT_TYPE_CHOICE) {
        att_buffer_printf(out, "\"%s\"\n", value.s);
    } else {
        att_buffer_printf(out, "%s\n", att_value_text(value, text));
    }
}

static bool can_double(const struct att_param *p)
{
    return p->type == ATT_TYPE_INTEGER && p->i_default >= p->i_min &&
           p->i_default > 0 && p->i_default <= p->i_max / 2;
}

static void put_params(struct att_buffer *out, const struct att_construction *c)
{
    bool has_axis = false;

    for (uint32_t i = 0; i < att_construction_n_params(c); i++) {
        const struct att_param *p = att_construction_param(c, i);
        const bool as_axis = !has_axis && can_double(p);

        put_param(out, p, as_axis);
        has_axis = has_axis || as_axis;
    }
}

static void put_observations(struct att_buffer *out,
                             const struct att_construction *c)
{
    for (uint32_t i = 0; i < c->n_observations; i++) {
        const struct att_metric *m = &c->observations[i];

        if (m->role == ATT_ROLE_AXIS) {
            att_buffer_printf(out, "    # observe: {%s: [1, 2, 4]}   # %s\n",
                              m->name, m->doc);
        }
    }
}

/* ---- the file ------------------------------------------------------------------ */

static void put_study(struct att_buffer *out, const struct att_construction *c)
{
    att_buffer_printf(
        out,
        "# %s: %s\n# from: %s\n#\n"
        "#     attest plan STUDY             what it will cost\n"
        "#     attest run  STUDY             or: mpirun -n 4 attest run STUDY\n"
        "#     attest show   runs/%s-example\n"
        "#     attest check  runs/%s-example\n"
        "#     attest report runs/%s-example -o page.html\n\n",
        c->name, c->summary, c->source, c->name, c->name, c->name);
    att_buffer_printf(
        out,
        "name: %s-example   # results go to runs/%s-example\n"
        "seed: 20261121     # everything random follows from this number\n"
        "replicates: 3      # every point is drawn so often\n"
        "limits: {task_time: 10min, task_memory: 4GiB}\n\n"
        "sweeps:\n"
        "  - construction: %s\n"
        "    # An axis is a value, a list, {from: 2, to: 64, factor: 2}, "
        "{from: "
        "0, to: 1,\n"
        "    # points: 11}, or {expr: \"2 * N\"} over others. Shown are the "
        "defaults:\n"
        "    # leave out what you do not change.\n"
        "    grid:\n",
        c->name, c->name, c->name);
    put_params(out, c);
    att_buffer_printf(out, "    # where: %s < 1000   # a condition on points\n",
                      att_construction_param(c, 0)->name);
    put_observations(out, c);
}

static int write_study(const struct att_construction *c, const char *path)
{
    struct att_buffer text = {0};
    struct att_error err = {0};
    att_status status = ATT_OK;

    put_study(&text, c);
    if (!att_buffer_ok(&text)) {
        status = att_fail(&err, ATT_E_NOMEM, "out of memory");
    } else if (path == NULL) {
        (void)fwrite(text.data, 1, text.size, stdout);
    } else if (access(path, F_OK) == 0) {
        status =
            att_fail(&err, ATT_E_ARG,
                     "%s is there already: name another file with -o", path);
    } else {
        status = att_file_replace(path, text.data, text.size, false, &err);
    }
    att_buffer_fini(&text);
    if (status != ATT_OK)
        return cli_fail(&err);
    if (path != NULL)
        (void)fprintf(stderr, "written: %s\n", path);
    return CLI_DONE;
}

int cmd_init(int argc, char **argv)
{
    const char *name = NULL;
    const char *path = NULL;
    const struct cli_option options[] = {
        {"example", 0, CLI_TEXT, "NAME", &name, "the construction to study"},
        {"output", 'o', CLI_TEXT, "FILE", &path,
         "the study (default: to the terminal)"},
    };
    const struct cli_usage usage = {
        .synopsis = "init --example NAME [-o STUDY.yaml]",
        .summary = "Write a commented study of one construction.",
        .details = "Every parameter is there with its meaning, range and "
                   "default.",
        .example = "  attest init --example hardmax -o study.yaml\n"
                   "  attest plan study.yaml",
        .option = options,
        .n_options = sizeof options / sizeof options[0],
        .min_operands = 0,
        .max_operands = 0,
    };
    struct cli_words operands = {0};
    const enum cli_parsed parsed = cli_parse(&usage, argc, argv, &operands);

    if (parsed != CLI_GO)
        return CLI_PARSED_EXIT(parsed);
    if (name == NULL) {
        cli_error("attest list names them; try --example hardmax",
                  "--example NAME is needed");
        return CLI_USAGE;
    }
    const struct att_construction *c = cli_construction(name);
    return c == NULL ? CLI_USAGE : write_study(c, path);
}
