/* patterns_file.c - patterns that a user gives, in Matrix Market's coordinate
 * format. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attest/base/text.h"
#include "patterns_priv.h"

enum { LINE = 256 };

struct reader {
    const char *path;
    const char *at, *end; /* the bytes not read yet */
    size_t line;          /* number of the current one */
    char text[LINE];      /* without its end */
    bool symmetric, valued;
    size_t n_rows, n_cols, n_given;
};

struct entry {
    uint32_t row, column;
    double value;
    size_t line;
};

/* ---- lines ------------------------------------------------------------------- */

static att_status next_line(struct reader *r, struct att_error *err)
{
    const size_t left = (size_t)(r->end - r->at);
    const char *stop = left == 0 ? NULL : memchr(r->at, '\n', left);
    const size_t n = stop != NULL ? (size_t)(stop - r->at) : left;

    r->line++;
    if (left == 0) {
        return att_fail(err, ATT_E_PARSE, "%s:%zu: the file ends too early",
                        r->path, r->line);
    }
    if (n >= LINE) {
        return att_fail(err, ATT_E_PARSE,
                        "%s:%zu: a line of more than %d characters", r->path,
                        r->line, LINE - 1);
    }
    memcpy(r->text, r->at, n);
    r->text[n] = '\0';
    r->at += n + (stop != NULL ? 1 : 0);
    return ATT_OK;
}

/* The next line that is neither a comment nor empty. */
static att_status next_data(struct reader *r, struct att_error *err)
{
    const char *c = NULL;

    do {
        ATT_TRY(next_line(r, err));
        c = r->text + strspn(r->text, " \t\r");
    } while (*c == '%' || *c == '\0');
    return ATT_OK;
}

/* A whole number from *at on, which moves behind it. */
static bool read_count(const char **at, size_t *out)
{
    const char *c = *at + strspn(*at, " \t");
    char *stop = NULL;

    if (!isdigit((unsigned char)*c))
        return false;
    const unsigned long long x = strtoull(c, &stop, 10);

    *out = (size_t)x;
    *at = stop;
    return x <= 16777216ULL * 64ULL;
}

static bool is_over(const char *at)
{
    return at[strspn(at, " \t\r")] == '\0';
}

/* ---- header ------------------------------------------------------------------ */

/* "%%MatrixMarket matrix coordinate real general" */
static att_status read_banner(struct reader *r, struct att_error *err)
{
    char word[5][32] = {{0}};

    ATT_TRY(next_line(r, err));
    for (char *c = r->text; *c != '\0'; c++)
        *c = (char)tolower((unsigned char)*c);
    if (sscanf(r->text, "%31s %31s %31s %31s %31s", word[0], word[1], word[2],
               word[3], word[4]) != 5 ||
        strcmp(word[0], "%%matrixmarket") != 0) {
        return att_fail(err, ATT_E_PARSE,
                        "%s:1: no Matrix Market file: it starts with "
                        "'%%%%MatrixMarket matrix coordinate real general'",
                        r->path);
    }
    r->valued = strcmp(word[3], "pattern") != 0;
    r->symmetric = strcmp(word[4], "symmetric") == 0;
    if (strcmp(word[1], "matrix") != 0 || strcmp(word[2], "coordinate") != 0 ||
        (r->valued && strcmp(word[3], "real") != 0 &&
         strcmp(word[3], "integer") != 0) ||
        (!r->symmetric && strcmp(word[4], "general") != 0)) {
        return att_fail(err, ATT_E_PARSE,
                        "%s:1: '%s' is not read: write a matrix coordinate, "
                        "real, integer or pattern, general or symmetric",
                        r->path, r->text);
    }
    return ATT_OK;
}

static att_status read_size(struct reader *r, struct att_error *err)
{
    ATT_TRY(next_data(r, err));
    const char *at = r->text;

    if (!read_count(&at, &r->n_rows) || !read_count(&at, &r->n_cols) ||
        !read_count(&at, &r->n_given) || !is_over(at) || r->n_rows == 0 ||
        r->n_cols == 0 || r->n_rows > 16777216 || r->n_cols > 16777216 ||
        (r->symmetric && r->n_rows != r->n_cols)) {
        return att_fail(err, ATT_E_PARSE,
                        "%s:%zu: '%s' is no size 'rows columns entries' of a "
                        "%smatrix",
                        r->path, r->line, r->text,
                        r->symmetric ? "symmetric " : "");
    }
    return ATT_OK;
}

/* ---- entries ----------------------------------------------------------------- */

static att_status read_value(const struct reader *r, const char *at,
                             double *value, struct att_error *err)
{
    char *stop = NULL;

    *value = 1.0;
    if (r->valued) {
        *value = strtod(at, &stop);
        at = stop == at ? "?" : stop;
    }
    if (!is_over(at)) {
        return att_fail(err, ATT_E_PARSE, "%s:%zu: '%s' is no entry", r->path,
                        r->line, r->text);
    }
    if (!isfinite(*value) || *value < 0.0) {
        return att_fail(err, ATT_E_PARSE,
                        "%s:%zu: the value %g is %s: a pattern has finite "
                        "values >= 0",
                        r->path, r->line, *value,
                        *value < 0.0 ? "negative" : "not finite");
    }
    return ATT_OK;
}

static att_status read_entry(struct reader *r, struct entry *e,
                             struct att_error *err)
{
    size_t row = 0;
    size_t column = 0;

    ATT_TRY(next_data(r, err));
    const char *at = r->text;

    if (!read_count(&at, &row) || !read_count(&at, &column)) {
        return att_fail(err, ATT_E_PARSE, "%s:%zu: '%s' is no entry", r->path,
                        r->line, r->text);
    }
    if (row < 1 || row > r->n_rows || column < 1 || column > r->n_cols) {
        return att_fail(err, ATT_E_PARSE,
                        "%s:%zu: entry (%zu, %zu) is outside the %zu x %zu "
                        "matrix",
                        r->path, r->line, row, column, r->n_rows, r->n_cols);
    }
    *e = (struct entry){.row = (uint32_t)(row - 1),
                        .column = (uint32_t)(column - 1),
                        .line = r->line};
    return read_value(r, at, &e->value, err);
}

/* All entries, mirrored where the matrix is symmetric, zeros left out. */
static att_status read_entries(struct reader *r, struct entry *e, size_t *n,
                               struct att_error *err)
{
    *n = 0;
    for (size_t i = 0; i < r->n_given; i++) {
        struct entry one = {0};

        ATT_TRY(read_entry(r, &one, err));
        if (one.value == 0.0)
            continue;
        e[(*n)++] = one;
        if (r->symmetric && one.row != one.column) {
            e[*n] = one;
            e[*n].row = one.column;
            e[(*n)++].column = one.row;
        }
    }
    return ATT_OK;
}

/* ---- rows -------------------------------------------------------------------- */

static att_status check_rows(const struct reader *r, const size_t *first,
                             size_t most, struct att_error *err)
{
    for (size_t i = 0; i < r->n_rows; i++) {
        const size_t n = first[i + 1] - first[i];

        if (n == 0) {
            return att_fail(err, ATT_E_PARSE,
                            "%s: row %zu is empty: every row needs a nonzero",
                            r->path, i + 1);
        }
        if (n > most) {
            return att_fail(err, ATT_E_PARSE,
                            "%s: row %zu has %zu nonzeros, k = %zu: raise k",
                            r->path, i + 1, n, most);
        }
    }
    return ATT_OK;
}

/* Entry e goes to the next free place of its row, unless its column is there
 * already. */
static att_status place(const struct reader *r, const struct entry *e,
                        const size_t *first, const size_t *used,
                        uint32_t *column, struct att_error *err)
{
    const size_t begin = first[e->row];

    for (size_t c = begin; c < begin + used[e->row]; c++) {
        if (column[c] == e->column) {
            return att_fail(err, ATT_E_PARSE,
                            "%s:%zu: entry (%u, %u) is there twice", r->path,
                            e->line, e->row + 1, e->column + 1);
        }
    }
    column[begin + used[e->row]] = e->column;
    return ATT_OK;
}

struct rows {
    size_t *first, *used;
    uint32_t *column;
    double *lam;
};

static att_status fill_rows(const struct reader *r, const struct entry *e,
                            size_t n, size_t most, struct rows *rows,
                            struct att_error *err)
{
    for (size_t i = 0; i < n; i++)
        rows->first[e[i].row + 1]++;
    for (size_t i = 0; i < r->n_rows; i++)
        rows->first[i + 1] += rows->first[i];
    ATT_TRY(check_rows(r, rows->first, most, err));
    for (size_t i = 0; i < n; i++) {
        ATT_TRY(place(r, &e[i], rows->first, rows->used, rows->column, err));
        rows->lam[rows->first[e[i].row] + rows->used[e[i].row]++] =
            log(e[i].value);
    }
    return ATT_OK;
}

att_status att_pattern_read(const struct att_input_file *file, size_t most,
                            struct att_arena *arena, struct att_pattern *out,
                            struct att_error *err)
{
    struct reader r = {.path = file->path, .at = file->bytes};
    size_t n = 0;

    r.end = r.at + file->n_bytes;
    ATT_TRY(read_banner(&r, err));
    ATT_TRY(read_size(&r, err));
    if (r.n_given > file->n_bytes) {
        return att_fail(err, ATT_E_PARSE,
                        "%s:%zu: %zu entries are more than the file holds",
                        r.path, r.line, r.n_given);
    }
    if (r.n_rows > file->n_bytes) {
        return att_fail(err, ATT_E_PARSE,
                        "%s:%zu: %zu rows are more than the file holds: every "
                        "row needs a nonzero",
                        r.path, r.line, r.n_rows);
    }
    const size_t room = r.n_given * (r.symmetric ? 2 : 1);
    struct rows rows = {ATT_NEW0(arena, size_t, r.n_rows + 1),
                        ATT_NEW0(arena, size_t, r.n_rows),
                        ATT_NEW(arena, uint32_t, room),
                        ATT_NEW(arena, double, room)};
    struct entry *e = ATT_NEW(arena, struct entry, room);

    if (rows.first == NULL || rows.used == NULL || rows.column == NULL ||
        rows.lam == NULL || e == NULL)
        return att_arena_fail(arena, "the entries of a file", err);
    ATT_TRY(read_entries(&r, e, &n, err));
    ATT_TRY(fill_rows(&r, e, n, most, &rows, err));
    *out = (struct att_pattern){.n_rows = r.n_rows,
                                .n_cols = r.n_cols,
                                .nnz = n,
                                .first = rows.first,
                                .column = rows.column};
    att_pat_settle(out, rows.lam);
    return ATT_OK;
}
