/* diagnose_priv.h - messages about places in a study file. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "attest/base/buffer.h"
#include "attest/config/study.h"

/* Bytes offset .. offset + length - 1 of the text, in a line from 1. */
struct place {
    size_t offset, length;
    uint32_t line;
};

struct diagnostics {
    const struct att_study_source *source;
    struct att_buffer *out;
    uint64_t n; /* found; only the first ATT_STUDY_ERRORS are printed */
};

/* Append "path:line:column: message", the source line and a caret line. */
void att_diagnose(struct diagnostics *d, struct place at, const char *fmt, ...)
    ATT_PRINTF(3, 4);

/* A list of legal names, for messages that suggest one. */
struct names {
    const char *const *name;
    size_t n;
};

/* Diagnose "<what> '<word>'" followed by the nearest legal name or, when there
 * is none, by the names themselves. */
void att_diagnose_unknown(struct diagnostics *d, struct place at,
                          const char *what, const char *word,
                          struct names legal);

/* As diagnose for a failure that another room described in err->text; clears
 * err for the next one. */
void att_diagnose_error(struct diagnostics *d, struct place at,
                        struct att_error *err);

/* The place of a line and column, both from 1, column in characters. */
struct place att_place_find(const struct att_study_source *source,
                            uint32_t line, uint32_t column);

/* Bytes of the UTF-8 character that starts a text of n > 0 bytes; 0 when there
 * is none. */
size_t att_utf8_length(const char *text, size_t n);
