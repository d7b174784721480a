/* provenance.h - where the numbers of a store come from.
 *
 * A list of named texts, each a dataset of /provenance.  Collected are facts
 * of the build (git commit and difference, compiler and flags, libraries) and
 * of the process (arguments, processor, Slurm ids, loaded modules, time); the
 * caller adds what only other rooms know (the library behind MPI, the BLAS
 * kernel, hosts of the ranks, the expanded plan). */
#pragma once

#include <stddef.h>

#include "attest/base/status.h"

struct att_fact {
    const char *name; /* an identifier: the name of the dataset */
    const char *text;
};

struct att_provenance; /* opaque; owns its texts */

/* argv may be NULL (argc 0).  Returns NULL when out of memory.  Facts:
 * attest_version, git_commit, git_diff ("" outside git or when clean),
 * compiler, compiler_flags, cpu, mpi, hdf5, blas, libraries, argv, slurm,
 * modules, host (this one), created.  The store adds study and hosts (those of
 * the rows). */
struct att_provenance *att_provenance_collect(int argc,
                                              const char *const *argv);
void att_provenance_destroy(struct att_provenance *p); /* NULL is allowed */

/* Add a fact, or replace the one of that name; texts are copied.
 * Fails: ATT_E_NOMEM; ATT_E_ARG when the name is not an identifier. */
ATT_CHECKED att_status att_provenance_set(struct att_provenance *p,
                                          const char *name, const char *text,
                                          struct att_error *err);
/* NULL when there is none of that name. */
const char *att_provenance_get(const struct att_provenance *p,
                               const char *name);
/* In the order they were added; valid until the next set. */
const struct att_fact *att_provenance_facts(const struct att_provenance *p,
                                            size_t *n);
/* The version of attest, for --version and root attributes. */
const char *att_version(void);
