/* build_facts_priv.h - what the build says of itself; the table is made by
 * cmake/build_facts.cmake. */
#pragma once

struct att_build_facts {
    const char *attest_version;
    const char *git_commit; /* "" outside git */
    const char *git_diff;   /* of the work tree, at most 64 KiB */
    const char *compiler, *compiler_flags;
    const char *mpi, *blas, *libraries;
};

extern const struct att_build_facts att_build_facts;
