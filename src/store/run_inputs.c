/* run_inputs.c - where the files of a study may be. */
#include "attest/store/run_inputs.h"

#include <libgen.h>
#include <stdlib.h>
#include <string.h>

/* Are they in the folder of that study? */
static att_status read_beside(const struct att_study *study, const char *path,
                              struct att_inputs **inputs)
{
    char *copy = strdup(path);

    if (copy == NULL)
        return ATT_E_NOMEM;

    const att_status status =
        att_inputs_read(study, dirname(copy), inputs, NULL);

    free(copy);
    return status;
}

att_status att_run_inputs(const struct att_study *study,
                          const struct att_journal *journal,
                          struct att_inputs **inputs, struct att_error *err)
{
    struct att_error first = {0};
    att_status status = att_inputs_read(study, NULL, inputs, &first);

    for (size_t i = att_journal_n_plans(journal); i > 0 && status == ATT_E_IO;
         i--) {
        status = read_beside(
            study, att_journal_plan(journal, i - 1)->study_path, inputs);
    }
    if (status != ATT_OK && err != NULL)
        *err = first;
    return status;
}
