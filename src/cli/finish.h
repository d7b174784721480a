/* finish.h - what happens after the last row: claims judged, the store
 * written, counterexamples saved, the summary printed. */
#pragma once

#include "attest/store/provenance.h"
#include "attest/store/store.h"
#include "attest/task/task.h"
#include "folder.h"

struct cli_finish {
    const struct cli_folder *folder;
    struct att_provenance *provenance; /* NULL: none */
    struct att_task_env *env; /* remakes counterexamples; NULL: none saved */
    const char *history;      /* "attest run study.yaml" */
    const struct att_store_mark *replaces; /* store.h; NULL: any */
};

/* Write results.h5 from the journal and the verdicts of the rows there are; a
 * store that another process wrote meanwhile stays.
 * Returns an exit code after saying what failed. */
int cli_finish_store(const struct cli_finish *f);

/* As cli_finish_store; then print the verdicts and where the store is. */
int cli_finish_run(const struct cli_finish *f);
