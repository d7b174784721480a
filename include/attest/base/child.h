/* spawn.h - other programs, started beside a run and not waited for. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

enum { CLI_SPAWN_WORDS = 16 };

/* Start a program with no output.  words: name first, NULL last, fewer than
 * CLI_SPAWN_WORDS; a name without a slash is looked up in PATH; `program`
 * replaces that name when it is not NULL.  Signals that this process blocks
 * reach the other one.  False when it cannot be started. */
bool cli_spawn(const char *program, const char *const *words, pid_t *pid);

/* Has it ended?  *good: with exit code 0. */
bool cli_spawn_over(pid_t pid, bool *good);
