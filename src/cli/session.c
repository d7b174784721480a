#include "session.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "attest/construction/registry.h"
#include "attest/store/dataset.h"
#include "attest/store/pattern_file.h"
#include "attest/store/run_inputs.h"
#include "cli_priv.h"

/* The study that a store was made from. */
static att_status load_from_store(struct cli_session *s, const char *path,
                                  struct att_buffer *diagnostics,
                                  struct att_error *err)
{
    struct att_dataset *store = NULL;
    struct att_study_source source = {.path = path};
    att_status status = ATT_OK;

    ATT_TRY(att_dataset_open(path, &store, err));
    source.text = att_dataset_fact(store, "study");
    source.known = att_constructions(&source.n_known);
    if (source.text == NULL) {
        status = att_fail(err, ATT_E_ARG,
                          "%s does not hold the study it was made from", path);
    } else {
        source.n = strlen(source.text);
        status = att_study_parse(&source, &s->file, diagnostics, err);
    }
    att_dataset_close(store);
    return status;
}

static int load_study(struct cli_session *s, const char *path, bool speak)
{
    struct att_buffer diagnostics = {0};
    struct att_error err = {0};
    int code = CLI_DONE;
    const att_status status =
        att_dataset_is_store(path)
            ? load_from_store(s, path, &diagnostics, &err)
            : att_study_load(path, &s->file, &diagnostics, &err);

    if (status != ATT_OK) {
        if (speak && diagnostics.size > 0)
            (void)fputs(diagnostics.data, stderr);
        code = speak ? cli_fail(&err) : CLI_USAGE;
    }
    att_buffer_fini(&diagnostics);
    return code;
}

/* The copy in a run folder names files as the study did where it stood. */
static att_status read_inputs(struct cli_session *s, const char *journal,
                              struct att_error *err)
{
    struct att_journal *view = NULL;
    struct att_error local = {0};
    const att_status beside =
        att_inputs_read(s->study, NULL, &s->inputs, &local);

    if (beside == ATT_OK)
        return ATT_OK;
    if (beside != ATT_E_IO || journal == NULL ||
        att_journal_load(journal, &view, NULL) != ATT_OK)
        return att_fail(err, beside, "%s", local.text);

    const att_status status = att_run_inputs(s->study, view, &s->inputs, err);

    att_journal_destroy(view);
    return status;
}

static int make_plan(struct cli_session *s, const char *journal, bool speak)
{
    struct att_error err = {0};

    s->study = att_study_of(s->file);
    if (read_inputs(s, journal, &err) == ATT_OK &&
        att_plan_create(s->study, s->inputs, &s->plan, &err) == ATT_OK)
        return CLI_DONE;
    if (!speak)
        return CLI_USAGE;
    (void)cli_fail(&err);
    return err.status == ATT_E_NOMEM ? CLI_TROUBLE : CLI_USAGE;
}

/* A sweep without tasks is no mistake of the file, and hardly what was meant. */
static void warn_of_nothing(const struct cli_session *s)
{
    for (uint32_t i = 0; i < s->study->n_sweeps; i++) {
        const struct att_sweep *sweep = &s->study->sweep[i];

        if (att_plan_is_empty(s->plan, i)) {
            cli_warn("%s:%" PRIu32 ": `where` drops every point of sweep '%s'",
                     s->study->path, sweep->where_line, sweep->name);
        }
    }
}

int cli_session_open(struct cli_session *s, const char *path,
                     const char *journal, bool speak)
{
    *s = (struct cli_session){0};
    int code = load_study(s, path, speak);
    if (code == CLI_DONE)
        code = make_plan(s, journal, speak);
    if (code == CLI_DONE && speak)
        warn_of_nothing(s);
    if (code != CLI_DONE)
        cli_session_close(s);
    return code;
}

void cli_session_close(struct cli_session *s)
{
    att_arena_destroy(s->arena);
    att_plan_destroy(s->plan);
    att_inputs_destroy(s->inputs);
    att_study_destroy(s->file);
    *s = (struct cli_session){0};
}

att_status cli_session_files(struct cli_session *s,
                             const struct att_input_file **files, size_t *n,
                             struct att_error *err)
{
    const struct att_input_file *given = att_inputs_files(s->inputs, n);

    s->arena = att_arena_create(0);
    if (s->arena == NULL)
        return att_fail(err, ATT_E_NOMEM, "out of memory for input files");
    return att_pattern_files(given, *n, s->arena, files, err);
}

/* Does a parameter of the sweep take more than one value? */
static bool varies(const struct att_sweep *sweep, uint32_t param)
{
    for (uint32_t a = 0; a < sweep->n_axes; a++) {
        const struct att_axis *axis = &sweep->axis[a];

        for (uint32_t k = 0; k < axis->n_params; k++) {
            if (axis->param[k] == param)
                return axis->n > 1 || axis->expr != NULL;
        }
    }
    return false;
}

void cli_point_text(const struct cli_session *s, uint64_t number,
                    struct att_buffer *out)
{
    struct att_task task;

    if (att_plan_task(s->plan, number, &task, NULL) == ATT_TASK_INVALID) {
        att_buffer_printf(out, "task %" PRIu64, number);
        return;
    }
    const struct att_sweep *sweep = &s->study->sweep[task.sweep];
    att_buffer_text(out, task.construction->name);
    for (uint32_t i = 0; i < att_construction_n_params(task.construction);
         i++) {
        char text[ATT_NUMBER_TEXT];

        if (varies(sweep, i)) {
            att_buffer_printf(
                out, " %s=%s",
                att_construction_param(task.construction, i)->name,
                att_value_text(task.p[i], text));
        }
    }
    if (att_plan_replicates(s->plan, task.sweep) > 1)
        att_buffer_printf(out, " replicate=%" PRId64, task.replicate);
}
