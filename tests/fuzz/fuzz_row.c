/* fuzz_row.c - any bytes as a row, as columns, as the payloads of a journal.
 *
 * Whatever a decoder accepts must survive being encoded again. */
#include <string.h>

#include "attest/record/payload.h"
#include "attest/record/row.h"
#include "fuzz.h"

static void try_row(const uint8_t *bytes, size_t n, struct att_arena *arena)
{
    struct att_row row, again;
    struct att_row_head head;
    struct att_buffer once = {0}, twice = {0};

    if (att_row_decode(bytes, n, arena, &row, NULL) != ATT_OK)
        return;
    FUZZ_CHECK(att_row_peek(bytes, n, &head, NULL) == ATT_OK);
    FUZZ_CHECK(att_key_equal(head.key, row.key));
    att_row_encode(&row, &once);
    FUZZ_CHECK(att_row_decode(once.data, once.size, arena, &again, NULL) ==
               ATT_OK);
    att_row_encode(&again, &twice);
    FUZZ_CHECK(once.size == twice.size &&
               memcmp(once.data, twice.data, once.size) == 0);
    att_buffer_fini(&once);
    att_buffer_fini(&twice);
}

static void try_columns(const uint8_t *bytes, size_t n, struct att_arena *arena)
{
    struct att_columns columns, again;
    struct att_buffer once = {0};

    if (att_columns_decode(bytes, n, arena, &columns, NULL) != ATT_OK)
        return;
    att_columns_encode(&columns, &once);
    FUZZ_CHECK(att_columns_decode(once.data, once.size, arena, &again, NULL) ==
               ATT_OK);
    FUZZ_CHECK(att_columns_id(&columns) == att_columns_id(&again));
    att_buffer_fini(&once);
}

static void try_payloads(const uint8_t *bytes, size_t n,
                         struct att_arena *arena)
{
    struct att_journal_header header;
    struct att_journal_plan plan;
    struct att_journal_note note;

    if (att_journal_header_decode(bytes, n, arena, &header, NULL) == ATT_OK)
        FUZZ_CHECK(strlen(header.attest_version) < n);
    if (att_journal_plan_decode(bytes, n, arena, &plan, NULL) == ATT_OK)
        FUZZ_CHECK(plan.n_study < n && plan.study_text[plan.n_study] == 0);
    if (att_journal_note_decode(bytes, n, arena, &note, NULL) == ATT_OK)
        FUZZ_CHECK(strlen(note.text) < n);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct att_arena *const arena = att_arena_create(0);

    FUZZ_CHECK(arena != NULL);
    try_row(bytes, n, arena);
    try_columns(bytes, n, arena);
    try_payloads(bytes, n, arena);
    /* what a decoder allocates is bounded by what it was given */
    FUZZ_CHECK(att_arena_peak(arena) < 4096 + 400 * (uint64_t)n);
    att_arena_destroy(arena);
    return 0;
}
