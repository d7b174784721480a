/* journal.h - the append-only file of rows, read as a table by key.
 *
 * The journal is the record of a run; the HDF5 store is a view of it.  It is
 * a sequence of records, each on its own recognisable and checkable:
 *
 *   offset  bytes
 *        0      8  marker, "\xA7" "ttest" "\x1E\x0A"
 *        8      8  XXH3 (64 bits) of everything after this field
 *       16      4  payload length
 *       20      2  type (enum att_record_type)
 *       22      2  journal format of the writer
 *       24      8  epoch: rises each time a process opens the journal to append
 *       32      8  sequence number: 1, 2, 3, ... through the whole file
 *       40         payload
 *
 * All numbers are little-endian.  A later format keeps these forty bytes, so
 * that every version can tell a newer journal from a damaged one.
 *
 * Reading goes from record to record.  Where the bytes make no valid record,
 * the reader goes on at the next marker that starts one, and counts what it
 * passed over: torn tails, zero-filled holes and flipped bits cost the records
 * they hit and nothing else.  Records of an epoch older than one already seen
 * come from a process that had lost its lock, records whose number is not
 * above the last one of their epoch from a duplicated tail: both are ignored.
 *
 * Of several rows with one key, the one that counts has the highest version of
 * its construction, then the better outcome (done; infeasible; the failures;
 * not run), then the later place in the file.  A tombstone (ATT_NOTE_FORGET)
 * removes the rows of its key that stand before it.
 *
 * A view can be made while another process appends: an unfinished record at
 * the end is left for the next att_journal_refresh.  Nothing is mapped, so a
 * file that is cut while it is read costs an error, never a signal. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attest/base/buffer.h"
#include "attest/base/hash.h"
#include "attest/base/outcome.h"
#include "attest/base/status.h"
#include "attest/record/payload.h"
#include "attest/record/row.h"

enum { ATT_JOURNAL_FORMAT = 1 };

enum att_record_type {
    ATT_RECORD_HEADER = 1,
    ATT_RECORD_PLAN,
    ATT_RECORD_COLUMNS,
    ATT_RECORD_ROW,
    ATT_RECORD_NOTE
};

/* What reading found, from the start of the file to now. */
struct att_journal_report {
    uint64_t n_bytes;       /* length of the file */
    uint64_t n_records;     /* accepted, all types */
    uint64_t n_rows;        /* accepted row records */
    uint64_t n_keys;        /* distinct keys that count now */
    uint64_t n_forgotten;   /* tombstones */
    uint64_t n_regions;     /* damaged regions passed over */
    uint64_t skipped_bytes; /* in them */
    uint64_t n_lost;        /* sequence numbers that are missing */
    uint64_t torn_bytes;    /* unfinished record at the end */
    uint64_t n_duplicates;  /* ignored: number seen before */
    uint64_t n_stale;       /* ignored: older epoch */
    uint64_t n_unreadable;  /* checksum right, payload not understood */
};

/* Where a row that counts stands. */
struct att_journal_row {
    struct att_key key;
    uint64_t offset;  /* of its record in the file */
    uint32_t n_bytes; /* of the encoded row */
    uint32_t columns; /* index for att_journal_columns */
    enum att_outcome_status status;
};

struct att_journal; /* opaque: the file, its table by key, its descriptions */

/* Read the whole journal.  Memory: per key 32 bytes and 5 to 11 of a table.
 * Fails: ATT_E_IO (with path), ATT_E_VERSION (a newer format), ATT_E_NOMEM. */
ATT_CHECKED att_status att_journal_load(const char *path,
                                        struct att_journal **journal,
                                        struct att_error *err);
void att_journal_destroy(struct att_journal *journal); /* NULL is allowed */

/* Read what has been appended since; *n_new (may be NULL) accepted records.
 * Fails: as att_journal_load; ATT_E_MISMATCH when the file is another one or
 * has become shorter than what was read. */
ATT_CHECKED att_status att_journal_refresh(struct att_journal *journal,
                                           uint64_t *n_new,
                                           struct att_error *err);

void att_journal_report(const struct att_journal *journal,
                        struct att_journal_report *report);

/* True when something was passed over or is missing. */
bool att_journal_damaged(const struct att_journal_report *report);
/* "2 damaged regions (412 bytes passed over); 3 records lost: their tasks run
 * again; 17 bytes of an unfinished record at the end"; "no damage". */
void att_journal_report_text(const struct att_journal_report *report,
                             struct att_buffer *out);

/* Rows that count have places 0 .. n-1, in the order in which their keys came
 * first; a place stays with its key as long as the view lives.  Some places
 * may be empty (forgotten keys): att_journal_row then returns false. */
size_t att_journal_places(const struct att_journal *journal);
bool att_journal_row(const struct att_journal *journal, size_t place,
                     struct att_journal_row *row);
bool att_journal_find(const struct att_journal *journal, struct att_key key,
                      struct att_journal_row *row);

/* The encoded row, appended to out; its checksum is verified again.
 * Fails: ATT_E_IO, ATT_E_MISMATCH (the file changed below), ATT_E_NOMEM. */
ATT_CHECKED att_status att_journal_bytes(const struct att_journal *journal,
                                         const struct att_journal_row *row,
                                         struct att_buffer *out,
                                         struct att_error *err);

/* The row at a place, decoded; texts and arrays of *row live in arena, bytes
 * is scratch.
 * Fails: as att_journal_bytes; ATT_E_MISMATCH (the place is empty); as
 * att_row_decode. */
ATT_CHECKED att_status att_journal_decode(
    const struct att_journal *journal, size_t place, struct att_buffer *bytes,
    struct att_arena *arena, struct att_row *row, struct att_error *err);

/* Descriptions of columns, each id once, 0 .. n-1; NULL for an id that rows
 * have and whose description was lost.  Pointers stay valid for the life of
 * the view. */
size_t att_journal_n_columns(const struct att_journal *journal);
const struct att_columns *att_journal_columns(const struct att_journal *journal,
                                              uint32_t index);

/* Plans (one per run), oldest first, and notes other than tombstones. */
size_t att_journal_n_plans(const struct att_journal *journal);
const struct att_journal_plan *att_journal_plan(const struct att_journal *j,
                                                size_t i);
size_t att_journal_n_notes(const struct att_journal *journal);
const struct att_journal_note *att_journal_note(const struct att_journal *j,
                                                size_t i);

/* attest_version of the last process that appended, "" when none is known. */
const char *att_journal_version(const struct att_journal *journal);

/* Where a new writer goes on: the highest epoch and sequence number. */
void att_journal_last(const struct att_journal *journal, uint64_t *epoch,
                      uint64_t *sequence);
