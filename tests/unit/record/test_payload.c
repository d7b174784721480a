/* test_payload.c - headers, plans and notes survive their bytes. */
#include "attest/record/payload.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

static const struct att_journal_code CODE[] = {{"hardmax", "0011", 1},
                                               {"patterns", "", -2}};
static const struct att_journal_plan PLAN = {.study_path = "a/study.yaml",
                                             .study_text = "x\0y",
                                             .n_study = 3,
                                             .digest = {7, 8},
                                             .start_time = 1e9 + 0.5,
                                             .host = "node1",
                                             .code = CODE,
                                             .n_code = 2};
static const struct att_journal_note NOTE = {.kind = ATT_NOTE_TAKE_OVER,
                                             .time = -0.0,
                                             .key = {1, 2},
                                             .subject = "s",
                                             .from = "f",
                                             .to = "",
                                             .text = "t"};
static const struct att_journal_header HEADER = {300, "0.1.0"};

static void a_header_comes_back(void)
{
    struct att_arena *const arena = att_arena_create(0);
    struct att_buffer bytes = {0};
    struct att_journal_header back;

    att_journal_header_encode(&HEADER, &bytes);
    CU_ASSERT_EQUAL_FATAL(
        att_journal_header_decode(bytes.data, bytes.size, arena, &back, NULL),
        ATT_OK);
    CU_ASSERT_EQUAL(back.format, 300);
    CU_ASSERT_STRING_EQUAL(back.attest_version, "0.1.0");
    att_buffer_fini(&bytes);
    att_arena_destroy(arena);
}

static void a_plan_comes_back_with_any_byte_in_its_study(void)
{
    struct att_arena *const arena = att_arena_create(0);
    struct att_buffer bytes = {0};
    struct att_journal_plan back;

    att_journal_plan_encode(&PLAN, &bytes);
    CU_ASSERT_EQUAL_FATAL(
        att_journal_plan_decode(bytes.data, bytes.size, arena, &back, NULL),
        ATT_OK);
    CU_ASSERT_STRING_EQUAL(back.study_path, PLAN.study_path);
    CU_ASSERT_EQUAL_FATAL(back.n_study, 3);
    CU_ASSERT_EQUAL(memcmp(back.study_text, "x\0y", 4), 0);
    CU_ASSERT(att_key_equal(back.digest, PLAN.digest));
    CU_ASSERT_EQUAL(back.start_time, PLAN.start_time);
    CU_ASSERT_STRING_EQUAL(back.host, "node1");
    CU_ASSERT_EQUAL_FATAL(back.n_code, 2);
    CU_ASSERT_STRING_EQUAL(back.code[0].construction, "hardmax");
    CU_ASSERT_STRING_EQUAL(back.code[0].code_id, "0011");
    CU_ASSERT_STRING_EQUAL(back.code[1].code_id, "");
    CU_ASSERT_EQUAL(back.code[1].version, -2);
    att_buffer_fini(&bytes);
    att_arena_destroy(arena);
}

static void a_note_comes_back(void)
{
    struct att_arena *const arena = att_arena_create(0);
    struct att_buffer bytes = {0};
    struct att_journal_note back;

    att_journal_note_encode(&NOTE, &bytes);
    CU_ASSERT_EQUAL_FATAL(
        att_journal_note_decode(bytes.data, bytes.size, arena, &back, NULL),
        ATT_OK);
    CU_ASSERT_EQUAL(back.kind, ATT_NOTE_TAKE_OVER);
    CU_ASSERT(back.time == 0 && signbit(back.time));
    CU_ASSERT(att_key_equal(back.key, NOTE.key));
    CU_ASSERT_STRING_EQUAL(back.subject, "s");
    CU_ASSERT_STRING_EQUAL(back.from, "f");
    CU_ASSERT_STRING_EQUAL(back.to, "");
    CU_ASSERT_STRING_EQUAL(back.text, "t");
    att_buffer_fini(&bytes);
    att_arena_destroy(arena);
}

typedef att_status (*decode_fn)(const void *bytes, size_t n,
                                struct att_arena *arena);

static att_status decode_header(const void *bytes, size_t n,
                                struct att_arena *arena)
{
    struct att_journal_header back;

    return att_journal_header_decode(bytes, n, arena, &back, NULL);
}

static att_status decode_plan(const void *bytes, size_t n,
                              struct att_arena *arena)
{
    struct att_journal_plan back;

    return att_journal_plan_decode(bytes, n, arena, &back, NULL);
}

static att_status decode_note(const void *bytes, size_t n,
                              struct att_arena *arena)
{
    struct att_journal_note back;

    return att_journal_note_decode(bytes, n, arena, &back, NULL);
}

/* A copy that ends where its memory ends, for the address sanitizer. */
static att_status decode_copy(decode_fn decode, const char *bytes, size_t n)
{
    struct att_arena *const arena = att_arena_create(1 << 20);
    char *const copy = malloc(n > 0 ? n : 1);
    att_status status = ATT_E_NOMEM;

    if (arena != NULL && copy != NULL) {
        memcpy(copy, bytes, n);
        status = decode(copy, n, arena);
    }
    free(copy);
    att_arena_destroy(arena);
    return status;
}

/* Cut at every byte; then with every byte changed, which must stay inside. */
static void check_hostile(decode_fn decode, struct att_buffer *bytes)
{
    for (size_t n = 0; n < bytes->size; n++)
        CU_ASSERT_EQUAL(decode_copy(decode, bytes->data, n), ATT_E_PARSE);
    CU_ASSERT_EQUAL(decode_copy(decode, bytes->data, bytes->size), ATT_OK);
    for (size_t i = 0; i < 255 * bytes->size; i++) {
        char *const at = bytes->data + i / 255;
        const char right = *at;

        *at = (char)(right ^ (char)(1 + i % 255));
        (void)decode_copy(decode, bytes->data, bytes->size);
        *at = right;
    }
    bytes->data[0] = 2;
    CU_ASSERT_EQUAL(decode_copy(decode, bytes->data, bytes->size),
                    ATT_E_VERSION);
    att_buffer_clear(bytes);
}

static void damaged_bytes_are_refused_within_their_bounds(void)
{
    struct att_buffer bytes = {0};

    att_journal_header_encode(&HEADER, &bytes);
    check_hostile(decode_header, &bytes);
    att_journal_plan_encode(&PLAN, &bytes);
    check_hostile(decode_plan, &bytes);
    att_journal_note_encode(&NOTE, &bytes);
    check_hostile(decode_note, &bytes);
    att_buffer_fini(&bytes);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"a header comes back", a_header_comes_back},
        {"a plan comes back with any byte in its study",
         a_plan_comes_back_with_any_byte_in_its_study},
        {"a note comes back", a_note_comes_back},
        {"damaged bytes are refused within their bounds",
         damaged_bytes_are_refused_within_their_bounds},
        CU_TEST_INFO_NULL,
    };

    return unit_run("payload", tests);
}
