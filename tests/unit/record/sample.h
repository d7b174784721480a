/* sample.h - a journal of a header and some rows, whose bytes tests change. */
#pragma once

#include "fixture.h"

enum { N_ROWS = 6, N_RECORDS = N_ROWS + 1, MARKER = 8, HEAD = 40 };

/* A journal of a header and N_ROWS rows, as bytes, with the place of each
 * record and of the end. */
struct sample {
    struct scratch scratch;
    char path[SCRATCH_PATH];
    struct att_buffer bytes;
    size_t start[N_RECORDS + 1];
};

static inline size_t file_size(const char *path)
{
    struct att_buffer bytes = {0};

    fixture_read(path, &bytes);
    const size_t size = bytes.size;

    att_buffer_fini(&bytes);
    return size;
}

static inline void sample_open(struct sample *s)
{
    *s = (struct sample){0};
    scratch_open(&s->scratch);
    (void)scratch_path(&s->scratch, "journal", s->path);
    struct att_append *const a = fixture_open(s->path);

    s->start[1] = file_size(s->path);
    for (uint64_t n = 0; n < N_ROWS; n++) {
        fixture_done(a, n);
        fixture_commit(a);
        s->start[n + 2] = file_size(s->path);
    }
    fixture_close(a);
    fixture_read(s->path, &s->bytes);
}

static inline void sample_close(struct sample *s)
{
    att_buffer_fini(&s->bytes);
    scratch_close(&s->scratch);
}

/* Load the journal with the given bytes in place of its own. */
static inline struct att_journal *load_as(const struct sample *s,
                                          const void *bytes, size_t n)
{
    fixture_write(s->path, bytes, n);
    return fixture_load(s->path);
}

/* Every row but those of records lost[i] is there. */
static inline void check_rows(const struct att_journal *journal,
                              const bool lost[N_RECORDS])
{
    for (uint64_t n = 0; n < N_ROWS; n++)
        CU_ASSERT_EQUAL(fixture_holds_done(journal, n), !lost[n + 1]);
}
