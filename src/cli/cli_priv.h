/* cli_priv.h - what commands share: exit codes, options, words to people.
 *
 * A command is one file with one function cmd_<name>(argc, argv) that returns
 * an exit code, declares its options in a table, and prints: results to
 * stdout, everything else to stderr, one line and a hint each. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "attest/base/status.h"

/* Documented in README.md; 128 + n: ended by signal n. */
enum cli_exit {
    CLI_DONE = 0,     /* every task done */
    CLI_TROUBLE = 1,  /* infrastructure; a mismatch in verify, rebuild, diff */
    CLI_USAGE = 2,    /* command line or study file */
    CLI_FAILURES = 3, /* done, some tasks failed */
    CLI_VIOLATED = 4, /* check: a proved claim is violated */
    CLI_DRAINED = 75, /* work is left: run me again */
    CLI_SIGNAL = 128
};

/* ---- options.c --------------------------------------------------------- */

enum cli_kind {
    CLI_SWITCH,
    CLI_TEXT,
    CLI_COUNT,
    CLI_TIME,
    CLI_SIZE,
    CLI_WORDS
};

enum { CLI_MAX_WORDS = 64 };

/* Several values of one option (--reuse A --reuse B), or the operands. */
struct cli_words {
    const char *word[CLI_MAX_WORDS]; /* n, pointing into argv */
    int n;
};

struct cli_option {
    const char *name; /* "cores": spelt --cores */
    char letter;      /* 'o': spelt -o as well; 0: none */
    enum cli_kind kind;
    const char *value; /* "P" in the help; NULL for a switch */
    void *target;      /* bool, const char *, int64_t (>= 0), double (s),
                          uint64_t (bytes), struct cli_words */
    const char *help;  /* a few words */
};

struct cli_usage {
    const char *synopsis;            /* "plan STUDY [--cores P] [--json]" */
    const char *summary;             /* one line, in `attest --help` as well */
    const char *details;             /* a few lines, or "" */
    const char *example;             /* commands to try, one a line */
    const struct cli_option *option; /* n_options */
    size_t n_options;
    int min_operands, max_operands; /* max < 0: any number */
};

enum cli_parsed { CLI_GO, CLI_HELPED, CLI_WRONG };

/* The exit code of a command whose parse was not CLI_GO. */
#define CLI_PARSED_EXIT(parsed) ((parsed) == CLI_HELPED ? CLI_DONE : CLI_USAGE)

/* Parse argv[1 ..): options anywhere, operands in order.
 * --help prints and yields CLI_HELPED; what is wrong is said on stderr with
 * the nearest option's name and yields CLI_WRONG. */
enum cli_parsed cli_parse(const struct cli_usage *usage, int argc, char **argv,
                          struct cli_words *operands);

/* ---- say.c --------------------------------------------------------------- */

/* "attest: error: ..." and, unless NULL, "  hint: ..." on stderr. */
void cli_error(const char *hint, const char *fmt, ...) ATT_PRINTF(2, 3);
void cli_warn(const char *fmt, ...) ATT_PRINTF(1, 2);

/* Say what err holds and return the exit code that fits its status. */
int cli_fail(const struct att_error *err);

/* May colours be used on this stream?  A terminal and no NO_COLOR. */
bool cli_colour(FILE *stream);

/* Columns of the terminal behind a stream; 80 when it does not say, 0 when it
 * is none: as wide as it takes. */
uint32_t cli_width(FILE *stream);

/* Flush stdout; CLI_TROUBLE with a message when that fails (a full disk), else
 * `code`.  Every command ends with it. */
int cli_end(int code);

/* ---- the commands --------------------------------------------------------- */

#define COMMAND(suffix, name) int cmd_##suffix(int argc, char **argv);
#include "commands.def"
#undef COMMAND
