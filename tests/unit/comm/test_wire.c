/* test_wire.c - messages survive the way, damaged ones do not get in. */
#include "attest/comm/wire.h"

#include <stdlib.h>
#include <string.h>

#include "unit.h"

static struct att_wire_message read_ok(const struct att_buffer *b)
{
    struct att_wire_message m = {0};

    CU_ASSERT_EQUAL_FATAL(att_wire_read(b->data, b->size, &m, NULL), ATT_OK);
    return m;
}

static void fixed_entries_come_back_as_they_were(void)
{
    struct att_buffer b = {0};

    att_wire_begin(&b, ATT_WIRE_GRANT);
    for (uint32_t i = 0; i < 100; i++) {
        const struct att_wire_grant grant = {
            .unit = {.task = UINT64_MAX - i, .slice = i, .n_slices = 100},
            .predicted_s = 0.5 * i,
            .attempt = i + 1,
        };

        att_wire_put(&b, &grant, sizeof grant);
    }
    const struct att_wire_message m = read_ok(&b);

    CU_ASSERT_EQUAL(m.kind, ATT_WIRE_GRANT);
    CU_ASSERT_EQUAL_FATAL(m.count, 100);
    for (uint32_t i = 0; i < 100; i++) {
        struct att_wire_grant grant;

        att_wire_get(&m, i, &grant, sizeof grant);
        const struct att_unit unit = att_wire_to_unit(&grant.unit);

        CU_ASSERT_EQUAL(unit.task, UINT64_MAX - i);
        CU_ASSERT_EQUAL(unit.slice, i);
        CU_ASSERT_EQUAL(unit.n_slices, 100);
        CU_ASSERT_EQUAL(grant.attempt, i + 1);
        CU_ASSERT_DOUBLE_EQUAL(grant.predicted_s, 0.5 * i, 0);
    }
    att_buffer_fini(&b);
}

/* Golden bytes: the layout must not change within a protocol. */
static void a_recall_is_sixteen_bytes(void)
{
    static const unsigned char expected[16] = {'A', 'T', 'T', 'C', 1, 0, 9, 0};
    struct att_buffer b = {0};

    att_wire_begin(&b, ATT_WIRE_RECALL);
    CU_ASSERT_EQUAL_FATAL(b.size, 16);
    CU_ASSERT_EQUAL(memcmp(b.data, expected, 16), 0);
    att_buffer_fini(&b);
}

static void a_unit_is_little_endian(void)
{
    static const unsigned char expected[16] = {8, 7, 6, 5, 4, 3, 2, 1,
                                               4, 3, 2, 1, 5, 0, 0, 0};
    const struct att_unit unit = {0x0102030405060708, 0x01020304, 5};
    const struct att_wire_unit wire = att_wire_from_unit(&unit);

    CU_ASSERT_EQUAL(memcmp(&wire, expected, 16), 0);
}

static void put_row(struct att_buffer *b, uint32_t lane, const char *text,
                    size_t n)
{
    const struct att_wire_row row = {(uint32_t)n, lane};

    att_wire_put(b, &row, sizeof row);
    att_wire_pad(b, text, n);
}

static void rows_of_every_length_come_back(void)
{
    static const char text[] = "abcdefghijklmnopqrstuvwxyz";
    struct att_buffer b = {0};
    size_t at = 0;

    att_wire_begin(&b, ATT_WIRE_ROWS);
    for (uint32_t n = 0; n <= 26; n++)
        put_row(&b, n, text, n);
    const struct att_wire_message m = read_ok(&b);

    CU_ASSERT_EQUAL(m.n_body % 8, 0);
    CU_ASSERT_EQUAL_FATAL(m.count, 27);
    for (uint32_t n = 0; n <= 26; n++) {
        struct att_wire_row row = {0};
        const unsigned char *bytes = NULL;

        CU_ASSERT_EQUAL_FATAL(att_wire_next_row(&m, &at, &row, &bytes, NULL),
                              ATT_OK);
        CU_ASSERT_EQUAL(row.n_bytes, n);
        CU_ASSERT_EQUAL(row.lane, n);
        CU_ASSERT_EQUAL(memcmp(bytes, text, n), 0);
    }
    CU_ASSERT_EQUAL(at, m.n_body);
    att_buffer_fini(&b);
}

static void put_lost(struct att_buffer *b, const char *text)
{
    const struct att_wire_lost lost = {
        .unit = {77, 1, 3},
        .wall_s = 2.5,
        .cpu_s = 1.5,
        .peak_rss_bytes = 1 << 20,
        .status = ATT_TIMEOUT,
        .lane = 4,
        .attempt = 2,
        .n_bytes = (uint32_t)strlen(text),
    };

    att_wire_begin(b, ATT_WIRE_LOST);
    att_wire_put(b, &lost, sizeof lost);
    att_wire_pad(b, text, strlen(text));
}

static void a_loss_comes_back_with_its_message(void)
{
    struct att_buffer b = {0};
    struct att_wire_lost lost = {0};
    char text[ATT_ERROR_TEXT];

    put_lost(&b, "timeout in phase build");
    const struct att_wire_message m = read_ok(&b);

    CU_ASSERT_EQUAL_FATAL(att_wire_get_lost(&m, &lost, text, NULL), ATT_OK);
    CU_ASSERT_STRING_EQUAL(text, "timeout in phase build");
    CU_ASSERT_EQUAL(lost.unit.task, 77);
    CU_ASSERT_EQUAL(lost.status, ATT_TIMEOUT);
    CU_ASSERT_EQUAL(lost.attempt, 2);
    CU_ASSERT_DOUBLE_EQUAL(lost.wall_s, 2.5, 0);
    att_buffer_fini(&b);
}

static void a_long_message_is_cut(void)
{
    struct att_buffer b = {0};
    struct att_wire_lost lost = {0};
    char text[ATT_ERROR_TEXT];
    char longer[2 * ATT_ERROR_TEXT];

    memset(longer, 'x', sizeof longer);
    longer[sizeof longer - 1] = '\0';
    put_lost(&b, longer);
    const struct att_wire_message m = read_ok(&b);

    CU_ASSERT_EQUAL_FATAL(att_wire_get_lost(&m, &lost, text, NULL), ATT_OK);
    CU_ASSERT_EQUAL(strlen(text), ATT_ERROR_TEXT - 1);
    att_buffer_fini(&b);
}

static void a_checkpoint_comes_back(void)
{
    const struct att_wire_unit wire = {5, 0, 1};
    const struct att_wire_row length = {3, 0};
    struct att_buffer b = {0};
    struct att_unit unit = {0};
    const unsigned char *bytes = NULL;
    size_t n = 0;

    att_wire_begin(&b, ATT_WIRE_CHECKPOINT);
    att_wire_put(&b, &wire, sizeof wire);
    att_buffer_append(&b, &length, sizeof length);
    att_wire_pad(&b, "abc", 3);
    const struct att_wire_message m = read_ok(&b);

    CU_ASSERT_EQUAL_FATAL(att_wire_get_checkpoint(&m, &unit, &bytes, &n, NULL),
                          ATT_OK);
    CU_ASSERT_EQUAL(unit.task, 5);
    CU_ASSERT_EQUAL_FATAL(n, 3);
    CU_ASSERT_EQUAL(memcmp(bytes, "abc", 3), 0);
    att_buffer_fini(&b);
}

static void other_protocols_and_strangers_are_named(void)
{
    struct att_buffer b = {0};
    struct att_wire_message m;
    struct att_error err = {0};

    att_wire_begin(&b, ATT_WIRE_PING);
    b.data[4] = 2;
    CU_ASSERT_EQUAL(att_wire_read(b.data, b.size, &m, &err), ATT_E_COMM);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "protocol 2"));
    err = (struct att_error){0};
    b.data[0] = 'B';
    CU_ASSERT_EQUAL(att_wire_read(b.data, b.size, &m, &err), ATT_E_COMM);
    CU_ASSERT_STRING_EQUAL(err.text, "a message that is not of attest");
    err = (struct att_error){0};
    CU_ASSERT_EQUAL(att_wire_read(b.data, 15, &m, &err), ATT_E_COMM);
    CU_ASSERT_STRING_EQUAL(err.text, "a message of 15 bytes");
    att_buffer_fini(&b);
}

/* Read a message to its last byte, whatever it says. */
static void read_all(const unsigned char *bytes, size_t n)
{
    struct att_wire_message m;
    struct att_wire_row row;
    struct att_wire_lost lost;
    struct att_unit unit;
    const unsigned char *at_bytes = NULL;
    char text[ATT_ERROR_TEXT];
    size_t at = 0, n_bytes = 0;

    if (att_wire_read(bytes, n, &m, NULL) != ATT_OK)
        return;
    if (m.kind == ATT_WIRE_ROWS) {
        for (uint32_t i = 0; i < m.count; i++) {
            if (att_wire_next_row(&m, &at, &row, &at_bytes, NULL) != ATT_OK)
                return;
            CU_ASSERT_TRUE(at_bytes + row.n_bytes <= bytes + n);
        }
    } else if (m.kind == ATT_WIRE_LOST) {
        (void)!att_wire_get_lost(&m, &lost, text, NULL);
    } else if (m.kind == ATT_WIRE_CHECKPOINT &&
               att_wire_get_checkpoint(&m, &unit, &at_bytes, &n_bytes, NULL) ==
                   ATT_OK) {
        CU_ASSERT_TRUE(at_bytes + n_bytes <= bytes + n);
    }
}

/* Every prefix, and every byte set to every power of two: the sanitizers see
 * a read past the end, since each case is a block of its own. */
static void mangle(const struct att_buffer *b)
{
    for (size_t n = 0; n <= b->size; n++) {
        unsigned char *copy = malloc(n + (n == 0));

        if (copy == NULL)
            abort();
        memcpy(copy, b->data, n);
        read_all(copy, n);
        for (size_t i = 0; n == b->size && i < n; i++) {
            for (int bit = 0; bit < 8; bit++) {
                copy[i] ^= (unsigned char)(1 << bit);
                read_all(copy, n);
                copy[i] ^= (unsigned char)(1 << bit);
            }
        }
        free(copy);
    }
}

static void damaged_messages_are_never_read_past_their_end(void)
{
    const struct att_wire_unit wire = {5, 0, 1};
    const struct att_wire_row length = {3, 0};
    struct att_buffer b = {0};

    att_wire_begin(&b, ATT_WIRE_ROWS);
    put_row(&b, 0, "one", 3);
    put_row(&b, 1, "seventeen letters", 17);
    mangle(&b);
    put_lost(&b, "crashed (SIGSEGV)");
    mangle(&b);
    att_wire_begin(&b, ATT_WIRE_CHECKPOINT);
    att_wire_put(&b, &wire, sizeof wire);
    att_buffer_append(&b, &length, sizeof length);
    att_wire_pad(&b, "abc", 3);
    mangle(&b);
    att_buffer_fini(&b);
}

static void counts_that_do_not_fit_the_length_are_refused(void)
{
    const struct att_wire_unit unit = {1, 0, 1};
    struct att_buffer b = {0};
    struct att_wire_message m;

    att_wire_begin(&b, ATT_WIRE_GIVE_BACK);
    att_wire_put(&b, &unit, sizeof unit);
    for (int count = 0; count < 4; count++) {
        b.data[8] = (char)count;
        CU_ASSERT_EQUAL(att_wire_read(b.data, b.size, &m, NULL),
                        count == 1 ? ATT_OK : ATT_E_COMM);
    }
    att_buffer_fini(&b);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"fixed entries come back as they were",
         fixed_entries_come_back_as_they_were},
        {"a recall is sixteen bytes", a_recall_is_sixteen_bytes},
        {"a unit is little-endian", a_unit_is_little_endian},
        {"rows of every length come back", rows_of_every_length_come_back},
        {"a loss comes back with its message",
         a_loss_comes_back_with_its_message},
        {"a long message is cut", a_long_message_is_cut},
        {"a checkpoint comes back", a_checkpoint_comes_back},
        {"other protocols and strangers are named",
         other_protocols_and_strangers_are_named},
        {"damaged messages are never read past their end",
         damaged_messages_are_never_read_past_their_end},
        {"counts that do not fit the length are refused",
         counts_that_do_not_fit_the_length_are_refused},
        CU_TEST_INFO_NULL,
    };

    return unit_run("wire", tests);
}
