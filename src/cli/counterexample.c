#include "counterexample.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attest/store/model_file.h"
#include "cli_priv.h"
#include "remake.h"

/* Does the row violate a proved claim? */
static bool violates(const struct att_table *table, size_t row)
{
    for (uint32_t i = 0; i < table->rows.n_fields; i++) {
        const struct att_field *f = &table->rows.field[i];

        if (f->role == ATT_FIELD_CLAIM && f->standing == ATT_PROVED &&
            table->rows.cells[i].tiny[row] == ATT_VIOLATED)
            return true;
    }
    return false;
}

static att_status remake(struct att_dataset *dataset,
                         const struct cli_choice *choice,
                         struct att_task_env *env, const char *path,
                         struct att_error *err)
{
    struct att_arena *arena = att_arena_create(0);
    struct att_artifact artifact;
    char key[ATT_KEY_TEXT];

    if (arena == NULL)
        return att_fail(err, ATT_E_NOMEM, "out of memory");
    const struct att_task_remake what = cli_remake_of(dataset, choice, arena);
    const struct att_model_label label = {
        .construction = choice->table->construction_name,
        .key = att_key_text(att_table_key(choice->table, choice->row), key),
        .point = cli_point_of(choice, arena),
    };
    att_status status =
        label.point == NULL
            ? att_arena_fail(arena, "the name of a point", err)
            : att_task_artifact(env, &what, &artifact, NULL, err);
    if (status == ATT_OK)
        status = att_model_file_write(path, &artifact, &label, err);
    att_arena_destroy(arena);
    return status;
}

static void save(const struct cli_folder *folder, struct att_dataset *dataset,
                 const struct cli_choice *choice, struct att_task_env *env)
{
    char path[CLI_PATH + ATT_KEY_TEXT + 8];
    char key[ATT_KEY_TEXT];
    struct att_error err = {0};

    (void)mkdir(folder->counterexamples, 0777);
    (void)snprintf(
        path, sizeof path, "%s/%s.h5", folder->counterexamples,
        att_key_text(att_table_key(choice->table, choice->row), key));
    if (access(path, F_OK) != 0 &&
        remake(dataset, choice, env, path, &err) != ATT_OK) {
        cli_warn("no model of the counterexample k%.12s: %s", key, err.text);
        return;
    }
    (void)printf("counterexample: %s\n", path);
}

void cli_save_counterexamples(const struct cli_folder *folder,
                              struct att_dataset *dataset,
                              struct att_task_env *env)
{
    int saved = 0;

    for (uint32_t i = 0; i < att_dataset_n_sweeps(dataset); i++) {
        const struct att_table *table = att_dataset_sweep(dataset, i);

        for (size_t row = 0; row < table->rows.n && saved < CLI_COUNTEREXAMPLES;
             row++) {
            if (!violates(table, row))
                continue;
            save(folder, dataset, &(struct cli_choice){table, row}, env);
            saved++;
        }
    }
}
