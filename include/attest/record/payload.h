/* payload.h - what the records of a journal say besides rows and columns. */
#pragma once

#include "attest/base/arena.h"
#include "attest/base/buffer.h"
#include "attest/base/hash.h"
#include "attest/base/status.h"

/* The first record of each process that opened the journal to append. */
struct att_journal_header {
    uint32_t format;            /* ATT_JOURNAL_FORMAT of the writer */
    const char *attest_version; /* "0.1.0" */
};

/* The sources that one construction's rows were computed with. */
struct att_journal_code {
    const char *construction;
    const char *code_id; /* att_construction_code_id */
    int32_t version;
};

/* One per run: what was asked, where and when. */
struct att_journal_plan {
    const char *study_path; /* as given on the command line */
    const char *study_text; /* n_study bytes, zero-terminated */
    size_t n_study;
    struct att_key digest; /* of the text */
    double start_time;     /* seconds since 1970, UTC */
    const char *host;
    const struct att_journal_code *code; /* n_code */
    uint32_t n_code;
};

/* Stored as these numbers; only append. */
enum att_note_kind {
    ATT_NOTE_TEXT,      /* for people */
    ATT_NOTE_TAKE_OVER, /* the lock was taken from another process */
    ATT_NOTE_FORGET,    /* tombstone: earlier rows of `key` do not count */
    ATT_NOTE_CHECKED,   /* rows of `subject` (a construction) made by code id
                           `from` were recomputed by code id `to` and agree */
    ATT_NOTE_LIMITS     /* limits were changed for what follows */
};

struct att_journal_note {
    enum att_note_kind kind;
    double time;         /* seconds since 1970, UTC */
    struct att_key key;  /* ATT_NOTE_FORGET; else zero */
    const char *subject; /* "" where none, as the texts below */
    const char *from, *to;
    const char *text; /* a sentence */
};

/* Encoders append to out; a NULL text counts as "".  Decoders put everything
 * into arena and never read past bytes + n.
 * Fails: ATT_E_PARSE, ATT_E_VERSION (a newer layout), ATT_E_NOMEM. */
void att_journal_header_encode(const struct att_journal_header *h,
                               struct att_buffer *out);
ATT_CHECKED att_status att_journal_header_decode(const void *bytes, size_t n,
                                                 struct att_arena *arena,
                                                 struct att_journal_header *out,
                                                 struct att_error *err);
void att_journal_plan_encode(const struct att_journal_plan *p,
                             struct att_buffer *out);
ATT_CHECKED att_status att_journal_plan_decode(const void *bytes, size_t n,
                                               struct att_arena *arena,
                                               struct att_journal_plan *out,
                                               struct att_error *err);
void att_journal_note_encode(const struct att_journal_note *note,
                             struct att_buffer *out);
ATT_CHECKED att_status att_journal_note_decode(const void *bytes, size_t n,
                                               struct att_arena *arena,
                                               struct att_journal_note *out,
                                               struct att_error *err);
