/* rebuild.c - remake exactly the transformer of a row, re-run it, compare. */
#include <inttypes.h>
#include <string.h>

#include "attest/config/inputs.h"
#include "attest/linalg/cpu.h"
#include "attest/store/compare.h"
#include "attest/store/model_file.h"
#include "attest/task/task.h"
#include "cli_priv.h"
#include "remake.h"
#include "select.h"

struct remake {
    struct att_dataset *dataset;
    struct cli_choice choice;
    struct att_inputs *inputs;
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

    ATT_TRY(
        att_inputs_read(att_dataset_study(m->dataset), NULL, &m->inputs, err));
    setup.files = att_inputs_files(m->inputs, &setup.n_files);
    setup.kernel = att_kernel_name(m->kernel);
    return att_task_env_create(&setup, &m->env, err);
}

/* A metric as tables show it: an empty text is a missing one. */
static struct att_value as_cell(struct att_value v)
{
    return v.kind == ATT_TEXT && v.s[0] == '\0' ? att_none() : v;
}

/* Compare the metrics of the remade task with the row, column by column. */
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
        const enum att_level level =
            att_compare_cells(f, att_frame_cell(&t->rows, m->choice.row, i),
                              as_cell(m->outcome.metric[f->index]), &distance);
        if (level == ATT_LEVEL_EQUAL)
            continue;
        (void)printf("  %s: %s (relative difference %g)\n", f->name,
                     att_level_text(level), distance);
        n_apart += level != ATT_LEVEL_WITHIN;
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

static int report(const struct remake *m)
{
    const struct att_construction *c = m->choice.table->construction;
    struct att_check_report check = {0};
    struct att_error err = {0};

    if (c->check(&m->artifact, m->arena, &check, &err) != ATT_OK)
        return cli_fail(&err);
    (void)printf("layers: %zu, parameters: %" PRIu64 "\n", m->artifact.model.n,
                 att_model_parameters(&m->artifact.model));
    (void)printf("checked: %" PRIu64
                 " numbers against the independent verifier, largest "
                 "difference %g: %s\n",
                 check.n_compared, check.max_abs_error,
                 check.agrees ? "agrees" : check.note);
    const size_t n_apart = compare_row(m);
    const bool same = strcmp(row_kernel(m), m->kernel) == 0;
    (void)printf("row: %s\n",
                 n_apart == 0 ? "every science column equals the rebuilt one"
                              : "columns differ");
    if (!same) {
        (void)printf("kernels: the row was made with %s, this is %s\n",
                     row_kernel(m), m->kernel);
    }
    return check.agrees && (n_apart == 0 || !same) ? CLI_DONE : CLI_TROUBLE;
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
        .point = t->axes,
    };

    return att_model_file_write(file, &m->artifact, &label, err);
}

static int rebuild(const char *path, const char *task, const char *file)
{
    struct remake m = {.arena = att_arena_create(0)};
    struct att_error err = {0};
    int code = CLI_TROUBLE;

    if (m.arena == NULL) {
        (void)att_fail(&err, ATT_E_NOMEM, "out of memory");
    } else if (remake(&m, path, task, &err) == ATT_OK &&
               (file == NULL || save(&m, file, &err) == ATT_OK)) {
        code = report(&m);
    }
    if (err.status != ATT_OK) {
        code = cli_fail(&err);
    } else if (file != NULL) {
        (void)printf("written: %s\n", file);
    }
    att_task_env_destroy(m.env);
    att_inputs_destroy(m.inputs);
    att_dataset_close(m.dataset);
    att_arena_destroy(m.arena);
    return code;
}

int cmd_rebuild(int argc, char **argv)
{
    const char *file = NULL;
    const char *where = NULL;
    const struct cli_option options[] = {
        {"output", 'o', CLI_TEXT, "M.h5", &file,
         "write instance, layers and expected outputs"},
        {"where", 0, CLI_TEXT, "COND", &where,
         "name the task by conditions: 'N=64 d=8 replicate=3'"},
    };
    const struct cli_usage usage = {
        .synopsis = "rebuild DIR [TASK] [--where COND] [-o M.h5]",
        .summary = "Remake exactly the transformer of one row, re-run it, "
                   "compare.",
        .details =
            "TASK is a number, or a key: k and 8 or more of its hex digits.\n"
            "Exit code 1 when the rebuilt network does not give the row again.",
        .example = "  attest rebuild runs/quickstart 17 -o model.h5",
        .option = options,
        .n_options = 2,
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
    return rebuild(operands.word[0], where != NULL ? where : operands.word[1],
                   file);
}
