/* workspace.h - all that a problem or construction may touch while it runs.
 *
 * One workspace per lane.  Constructions do no I/O, keep no state, allocate
 * only from ws->arena, draw only from ws streams, and know nothing of ranks,
 * files or other tasks. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "attest/base/arena.h"
#include "attest/base/rng.h"
#include "attest/base/status.h"

/* A file that a user named in a `path` parameter, read before lanes exist. */
struct att_input_file {
    const char *path; /* as written in the study */
    const void *bytes;
    size_t n_bytes;
};

struct att_workspace {
    struct att_arena *arena;
    uint64_t instance_seed; /* study seed, problem, its seeding parameters,
                               replicate */
    uint64_t builder_seed;  /* that, plus construction and its seeding
                               parameters */

    const struct att_input_file *files; /* n_files, borrowed */
    size_t n_files;

    /* Hooks of the runner.  Never NULL: att_workspace_init fills in ones that
     * do nothing.  `context` is handed back to each. */
    void *context;
    /* Tell status what happens: phase is a string literal, done in 0..1. */
    void (*progress)(void *context, const char *phase, double done);
    /* Keep bytes so that a killed task can go on from here. */
    void (*checkpoint)(void *context, const void *bytes, size_t n);
    /* The last checkpoint of this very task, or NULL / 0. */
    const void *saved;
    size_t saved_bytes;
};

/* Quiet hooks, no files, seeds as given. */
void att_workspace_init(struct att_workspace *ws, struct att_arena *arena,
                        uint64_t instance_seed, uint64_t builder_seed);

/* Streams of the instance (problem rooms) and of the builder. */
struct att_stream att_instance_stream(const struct att_workspace *ws,
                                      uint32_t tag, uint32_t step,
                                      uint32_t item);
struct att_stream att_builder_stream(const struct att_workspace *ws,
                                     uint32_t tag, uint32_t step,
                                     uint32_t item);

/* The bytes of the file that a path parameter names.
 * Fails: ATT_E_ARG when it was not read (an empty path). */
ATT_CHECKED att_status att_workspace_file(const struct att_workspace *ws,
                                          const char *path,
                                          const struct att_input_file **file,
                                          struct att_error *err);
