/* rebuild.c - remake exactly the transformer of a row, re-run it, compare. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "attest/config/inputs.h"
#include "attest/linalg/cpu.h"
#include "attest/store/compare.h"
#include "attest/store/model_file.h"
#include "attest/store/pattern_file.h"
#include "attest/task/task.h"
#include "cli_priv.h"
#include "remake.h"
#include "select.h"

struct remake {
    struct att_dataset *dataset;
    struct cli_choice choice;
    struct att_task_env *env;
    struct att_arena *arena;
    struct att_artifact artifact;
    struct att_outcome outcome;
    char kernel[ATT_KERNEL_NAME];
};

static att_status make_environment(struct remake *m, struct att_error *err)
{
    struct att_task_setup setup = {.plan = att_dataset_plan(m->dataset),
                                   .host = ""};

    setup.files =
        att_inputs_files(att_dataset_inputs(m->dataset), &setup.n_files);
    ATT_TRY(att_pattern_files(setup.files, setup.n_files, m->arena,
                              &setup.files, err));
    setup.kernel = att_kernel_name(m->kernel);
    return att_task_env_create(&setup, &m->env, err);
}

/* A metric as tables show it: an empty text is a missing one. */
static struct att_value as_cell(struct att_value v)
{
    return v.kind == ATT_TEXT && v.s[0] == '\0' ? att_none() : v;
}

/* Doubles in the order of the line, neighbours one apart. */
static uint64_t rung(double x)
{
    uint64_t bits = 0;

    memcpy(&bits, &x, sizeof bits);
    return bits >> 63 != 0 ? ~bits : bits | UINT64_C(1) << 63;
}

/* Doubles between two finite ones, in units of the last place. */
static uint64_t ulps_between(double a, double b)
{
    const uint64_t x = rung(a);
    const uint64_t y = rung(b);

    return x > y ? x - y : y - x;
}

static void print_apart(const struct att_field *f, struct att_value was,
                        struct att_value is)
{
    const double a = att_value_number(was);
    const double b = att_value_number(is);
    char text[2][ATT_NUMBER_TEXT];

    (void)printf("  %s: the row has %s, rebuilt %s", f->name,
                 att_value_text(was, text[0]), att_value_text(is, text[1]));
    if (isfinite(a) && isfinite(b))
        (void)printf(", %" PRIu64 " ulps apart", ulps_between(a, b));
    (void)puts("");
}

/* Columns of the remade task that are not, bit for bit, those of the row. */
static size_t compare_row(const struct remake *m)
{
    const struct att_table *t = m->choice.table;
    size_t n_apart = 0;

    for (uint32_t i = 0; i < t->rows.n_fields; i++) {
        const struct att_field *f = &t->rows.field[i];
        double distance = 0;

        if (f->role != ATT_FIELD_METRIC || !att_field_is_science(f) ||
            f->index >= t->construction->n_metrics)
            continue;
        const struct att_value was = att_frame_cell(&t->rows, m->choice.row, i);
        const struct att_value is = as_cell(m->outcome.metric[f->index]);

        if (att_compare_cells(f, was, is, &distance) == ATT_LEVEL_EQUAL)
            continue;
        print_apart(f, was, is);
        n_apart++;
    }
    return n_apart;
}

static const char *row_kernel(const struct remake *m)
{
    const int field = att_table_find(m->choice.table, "kernel");

    if (field < 0)
        return "";
    return att_frame_cell(&m->choice.table->rows, m->choice.row,
                          (uint32_t)field)
        .s;
}

/* Bits are promised between equal kernels only. */
static int report_row(const struct remake *m)
{
    const enum att_outcome_status status =
        att_table_status(m->choice.table, m->choice.row);

    if (status != ATT_DONE) {
        (void)printf("row: %s, so there is nothing to compare with\n",
                     att_outcome_text(status));
        return CLI_DONE;
    }
    const size_t n_apart = compare_row(m);
    const char *kernel = row_kernel(m);
    const bool same = strcmp(kernel, m->kernel) == 0;

    if (n_apart == 0) {
        (void)puts("row: every science column equals the rebuilt one, bit for "
                   "bit");
    } else {
        (void)printf("row: %zu columns differ\n", n_apart);
    }
    if (!same) {
        (void)printf("kernels: the row was made with %s, this is %s; bits are "
                     "promised between equal ones\n",
                     kernel, m->kernel);
    }
    return n_apart == 0 || !same ? CLI_DONE : CLI_TROUBLE;
}

static int report(const struct remake *m)
{
    const struct att_construction *c = m->choice.table->construction;
    struct att_check_report check = {0};
    struct att_error err = {0};

    if (c->check(&m->artifact, m->arena, &check, &err) != ATT_OK)
        return cli_fail(&err);
    if (m->artifact.model.n > 0) {
        (void)printf("layers: %zu, parameters: %" PRIu64 "\n",
                     m->artifact.model.n,
                     att_model_parameters(&m->artifact.model));
    } else {
        (void)puts("a witness, no network");
    }
    (void)printf("checked: %" PRIu64
                 " numbers against the independent verifier, largest "
                 "difference %g: %s\n",
                 check.n_compared, check.max_abs_error,
                 check.agrees ? "agrees" : check.note);
    const int code = report_row(m);

    return check.agrees ? code : CLI_TROUBLE;
}

static att_status remake(struct remake *m, const char *path, const char *task,
                         struct att_error *err)
{
    ATT_TRY(att_dataset_open(path, &m->dataset, err));
    if (!att_dataset_is_live(m->dataset)) {
        return att_fail(err, ATT_E_ARG,
                        "%s is a store: name the run folder that made it",
                        path);
    }
    ATT_TRY(cli_select(m->dataset, task, &m->choice, err));
    if (m->choice.table->construction == NULL) {
        return att_fail(err, ATT_E_UNSUPPORTED,
                        "this build has no construction '%s' of these columns",
                        m->choice.table->construction_name);
    }
    ATT_TRY(make_environment(m, err));
    const struct att_task_remake what =
        cli_remake_of(m->dataset, &m->choice, m->arena);

    return att_task_artifact(m->env, &what, &m->artifact, &m->outcome, err);
}

static att_status save(const struct remake *m, const char *file,
                       struct att_error *err)
{
    const struct att_table *t = m->choice.table;
    char key[ATT_KEY_TEXT];
    const struct att_model_label label = {
        .construction = t->construction_name,
        .key = att_key_text(att_table_key(t, m->choice.row), key),
        .point = cli_point_of(&m->choice, m->arena),
    };

    if (label.point == NULL)
        return att_arena_fail(m->arena, "the name of a point", err);
    return att_model_file_write(file, &m->artifact, &label, err);
}

struct wishes {
    const char *path, *task, *file, *kernel;
};

static att_status remake_and_save(struct remake *m, const struct wishes *w,
                                  struct att_error *err)
{
    if (w->kernel != NULL)
        ATT_TRY(att_kernel_pin(w->kernel, err));
    ATT_TRY(remake(m, w->path, w->task, err));
    return w->file == NULL ? ATT_OK : save(m, w->file, err);
}

static int rebuild(const struct wishes *w)
{
    struct remake m = {.arena = att_arena_create(0)};
    struct att_error err = {0};
    int code = CLI_TROUBLE;

    if (m.arena == NULL) {
        (void)att_fail(&err, ATT_E_NOMEM, "out of memory");
    } else if (remake_and_save(&m, w, &err) == ATT_OK) {
        code = report(&m);
    }
    if (err.status != ATT_OK) {
        code = cli_fail(&err);
    } else if (w->file != NULL) {
        (void)printf("written: %s\n", w->file);
    }
    att_task_env_destroy(m.env);
    att_dataset_close(m.dataset);
    att_arena_destroy(m.arena);
    return code;
}

int cmd_rebuild(int argc, char **argv)
{
    struct wishes w = {0};
    const char *where = NULL;
    const struct cli_option options[] = {
        {"output", 'o', CLI_TEXT, "M.h5", &w.file,
         "write instance, layers and expected outputs"},
        {"where", 0, CLI_TEXT, "COND", &where,
         "name the task by conditions: 'N=64 d=8 replicate=3'"},
        {"kernel", 0, CLI_TEXT, "NAME", &w.kernel,
         "pin the instruction set: portable, avx2, avx512"},
    };
    const struct cli_usage usage = {
        .synopsis = "rebuild DIR [TASK] [--where COND] [-o M.h5]",
        .summary = "Remake exactly the transformer of one row, re-run it, "
                   "compare.",
        .details =
            "TASK is a number, or a key: k and 8 or more of its hex digits.\n"
            "Exit code 1 when the rebuilt network is not, bit for bit, that of "
            "the row;\nmade with another kernel, differences are shown in "
            "ulps.\npython/rebuild_numpy.py runs M.h5 without attest.",
        .example = "  attest rebuild runs/quickstart 17 -o model.h5\n"
                   "  python3 rebuild_numpy.py model.h5",
        .option = options,
        .n_options = sizeof options / sizeof options[0],
        .min_operands = 1,
        .max_operands = 2,
    };
    struct cli_words operands = {0};
    const enum cli_parsed parsed = cli_parse(&usage, argc, argv, &operands);

    if (parsed != CLI_GO)
        return CLI_PARSED_EXIT(parsed);
    if ((operands.n == 2) == (where != NULL)) {
        cli_error("attest show DIR lists them with numbers and keys",
                  "name one task: by number, by key, or with --where");
        return CLI_USAGE;
    }
    w.path = operands.word[0];
    w.task = where != NULL ? where : operands.word[1];
    return rebuild(&w);
}
