/* fixture.h - small rows and journals for the tests of this room. */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attest/base/buffer.h"
#include "attest/record/append.h"
#include "attest/record/journal.h"
#include "scratch.h"
#include "unit.h"

static const struct att_column FIXTURE_COLUMN[] = {
    {"N", ATT_COLUMN_PARAM, ATT_INTEGER},
    {"error", ATT_COLUMN_METRIC, ATT_REAL},
};

/* Columns of version v of a construction with one parameter and one metric. */
static inline struct att_columns fixture_columns(int32_t version)
{
    return (struct att_columns){.construction = "toy",
                                .version = version,
                                .column = FIXTURE_COLUMN,
                                .n_params = 1,
                                .n_metrics = 1};
}

/* The key of the row called n: distinct, and spread like a hash. */
static inline struct att_key fixture_key(uint64_t n)
{
    return att_hash128(&n, sizeof n);
}

struct fixture_row {
    uint64_t n;
    int32_t version;
    enum att_outcome_status status;
    double value;
    const char *message;
};

static inline void fixture_encode(const struct fixture_row *f,
                                  struct att_buffer *out)
{
    const struct att_columns columns = fixture_columns(f->version);
    const struct att_value param = att_int((int64_t)f->n);
    const struct att_value metric = att_real(f->value);
    const struct att_row row = {.key = fixture_key(f->n),
                                .columns = att_columns_id(&columns),
                                .task = f->n,
                                .n_slices = 1,
                                .status = f->status,
                                .attempt = 1,
                                .host = "node1",
                                .message = f->message,
                                .param = &param,
                                .metric = &metric,
                                .n_params = 1,
                                .n_metrics = 1};

    att_row_encode(&row, out);
}

static inline void fixture_put(struct att_append *a,
                               const struct fixture_row *row)
{
    struct att_buffer bytes = {0};

    fixture_encode(row, &bytes);
    att_append_row(a, bytes.data, bytes.size);
    att_buffer_fini(&bytes);
}

/* A done row whose value is its name. */
static inline void fixture_done(struct att_append *a, uint64_t n)
{
    fixture_put(a, &(struct fixture_row){
                       .n = n, .status = ATT_DONE, .value = (double)n});
}

static inline struct att_append *fixture_open(const char *path)
{
    const struct att_append_options options = {.attest_version = "0.1.0"};
    struct att_append *a = NULL;
    struct att_error err = {0};

    if (att_append_open(path, &options, &a, &err) != ATT_OK)
        (void)fprintf(stderr, "%s\n", err.text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(a);
    return a;
}

static inline void fixture_commit(struct att_append *a)
{
    CU_ASSERT_EQUAL_FATAL(att_append_commit(a, NULL), ATT_OK);
}

static inline void fixture_close(struct att_append *a)
{
    CU_ASSERT_EQUAL(att_append_close(a, NULL), ATT_OK);
}

static inline struct att_journal *fixture_load(const char *path)
{
    struct att_journal *journal = NULL;
    struct att_error err = {0};

    if (att_journal_load(path, &journal, &err) != ATT_OK)
        (void)fprintf(stderr, "%s\n", err.text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(journal);
    return journal;
}

static inline struct att_journal_report fixture_report(
    const struct att_journal *journal)
{
    struct att_journal_report report;

    att_journal_report(journal, &report);
    return report;
}

/* Is the row there, with exactly these bytes? */
static inline bool fixture_holds(const struct att_journal *journal,
                                 const struct fixture_row *row)
{
    struct att_buffer expected = {0}, found = {0};
    struct att_journal_row place;

    fixture_encode(row, &expected);
    const bool holds =
        att_journal_find(journal, fixture_key(row->n), &place) &&
        att_journal_bytes(journal, &place, &found, NULL) == ATT_OK &&
        found.size == expected.size &&
        memcmp(found.data, expected.data, found.size) == 0;

    att_buffer_fini(&expected);
    att_buffer_fini(&found);
    return holds;
}

static inline bool fixture_holds_done(const struct att_journal *journal,
                                      uint64_t n)
{
    return fixture_holds(
        journal,
        &(struct fixture_row){.n = n, .status = ATT_DONE, .value = (double)n});
}

static inline void fixture_read(const char *path, struct att_buffer *out)
{
    att_buffer_clear(out);
    CU_ASSERT_EQUAL_FATAL(att_file_read(path, out, NULL), ATT_OK);
}

static inline void fixture_write(const char *path, const void *bytes, size_t n)
{
    CU_ASSERT_EQUAL_FATAL(att_file_replace(path, bytes, n, false, NULL),
                          ATT_OK);
}
