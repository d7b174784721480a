/* session.h - a study, its input files and its plan, opened together. */
#pragma once

#include "attest/base/buffer.h"
#include "attest/config/inputs.h"
#include "attest/config/study.h"
#include "attest/plan/plan.h"

struct cli_session {
    struct att_study_file *file;
    const struct att_study *study;
    struct att_inputs *inputs;
    struct att_plan *plan;
    struct att_arena *arena; /* of what cli_session_files made */
};

/* Load a study file, or the study that a store was made from (provenance).
 * What is wrong is said on stderr when `speak` (rank 0):
 * diagnostics as they are, then one line.  Paths in the study start at its
 * folder; those of a run folder's copy may start where the study stood, which
 * that folder's journal knows (NULL: no copy).  Returns an exit code: CLI_DONE,
 * CLI_USAGE, CLI_TROUBLE. */
int cli_session_open(struct cli_session *s, const char *path,
                     const char *journal, bool speak);
void cli_session_close(struct cli_session *s);

/* The input files as constructions read them: HDF5 has become text
 * (store/pattern_file.h).  They live as long as the session. */
ATT_CHECKED att_status cli_session_files(struct cli_session *s,
                                         const struct att_input_file **files,
                                         size_t *n, struct att_error *err);

/* "hardmax N=64 d=8 replicate=3": the construction and what varies in the
 * task's sweep.  Appends. */
void cli_point_text(const struct cli_session *s, uint64_t number,
                    struct att_buffer *out);
