/* frame.c - columns of typed cells. */
#include "frame_priv.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "attest/base/hash.h"
#include "attest/base/size.h"
#include "attest/base/text.h"
#include "utf8_priv.h"

/* ---- texts -------------------------------------------------------------- */

enum { POOL_BLOCK = 64 * 1024 };

void att_pool_init(struct text_pool *pool, struct att_arena *arena)
{
    *pool = (struct text_pool){.arena = arena};
}

static char *pool_carve(struct text_pool *pool, size_t n)
{
    if (n > pool->left) {
        const size_t block = n > POOL_BLOCK ? n : POOL_BLOCK;

        pool->free = att_arena_alloc(pool->arena, block, 1);
        pool->left = pool->free == NULL ? 0 : block;
        if (pool->free == NULL)
            return NULL;
    }

    char *place = pool->free;

    pool->free += n;
    pool->left -= n;
    return place;
}

const char *att_pool_text(struct text_pool *pool, const char *text)
{
    const size_t n = strlen(text);
    const char **recent = &pool->recent[att_hash64(text, n) % POOL_RECENT];

    if (n == 0)
        return "";
    if (*recent != NULL && strcmp(*recent, text) == 0)
        return *recent;

    char *copy = pool_carve(pool, n + 1);

    if (copy == NULL)
        return NULL;
    memcpy(copy, text, n + 1);
    att_utf8_clean_cell(copy);
    *recent = copy;
    return copy;
}

/* ---- cells -------------------------------------------------------------- */

size_t att_cell_bytes(enum att_cell_type type)
{
    return type == ATT_CELL_I8 ? 1 : 8;
}

static_assert(sizeof(char *) == 8 && sizeof(double) == 8,
              "cells other than int8 take eight bytes");

static void fill_missing(union att_cells *cells, enum att_cell_type type,
                         size_t first, size_t end)
{
    for (size_t i = first; i < end; i++) {
        if (type == ATT_CELL_F64) {
            cells->real[i] = (double)NAN;
        } else if (type == ATT_CELL_TEXT) {
            cells->text[i] = "";
        } else if (type == ATT_CELL_I64) {
            cells->integer[i] = 0;
        } else {
            cells->tiny[i] = 0;
        }
    }
}

static bool resize_column(union att_cells *cells, enum att_cell_type type,
                          size_t old, size_t n)
{
    size_t bytes = 0;

    if (!att_size_mul(n == 0 ? 1 : n, att_cell_bytes(type), &bytes))
        return false;

    void *grown = realloc(cells->tiny, bytes);

    if (grown == NULL)
        return false;
    cells->tiny = grown;
    fill_missing(cells, type, old, n);
    return true;
}

att_status att_frame_resize(struct att_frame *frame, size_t n,
                            struct att_error *err)
{
    for (uint32_t f = 0; f < frame->n_fields; f++) {
        if (!resize_column(&frame->cells[f], frame->field[f].type, frame->n,
                           n)) {
            return att_fail(err, ATT_E_NOMEM,
                            "no memory for %zu rows of %u columns", n,
                            frame->n_fields);
        }
    }
    frame->n = n;
    return ATT_OK;
}

att_status att_frame_create(struct att_frame *frame,
                            const struct att_field *field, uint32_t n_fields,
                            size_t n, struct att_error *err)
{
    *frame = (struct att_frame){.field = field, .n_fields = n_fields};
    frame->cells = calloc(n_fields == 0 ? 1 : n_fields, sizeof *frame->cells);
    if (frame->cells == NULL)
        return att_fail(err, ATT_E_NOMEM, "no memory for %u columns", n_fields);

    const att_status status = att_frame_resize(frame, n, err);

    if (status != ATT_OK)
        att_frame_destroy(frame);
    return status;
}

void att_frame_destroy(struct att_frame *frame)
{
    for (uint32_t f = 0; frame->cells != NULL && f < frame->n_fields; f++)
        free(frame->cells[f].tiny);
    free(frame->cells);
    frame->cells = NULL;
}

static int64_t as_integer(struct att_value v)
{
    if (v.kind == ATT_INTEGER)
        return v.i;
    if (v.kind == ATT_REAL && fabs(v.r) < 0x1p62)
        return (int64_t)v.r;
    return 0;
}

void att_frame_set(struct att_frame *frame, size_t i, uint32_t field,
                   struct att_value v, struct text_pool *pool)
{
    union att_cells *cells = &frame->cells[field];

    switch (frame->field[field].type) {
    case ATT_CELL_F64:
        cells->real[i] = att_value_number(v);
        break;
    case ATT_CELL_I64:
        cells->integer[i] = as_integer(v);
        break;
    case ATT_CELL_I8:
        cells->tiny[i] = (int8_t)as_integer(v);
        break;
    case ATT_CELL_TEXT:
        cells->text[i] =
            v.kind == ATT_TEXT && v.s != NULL ? att_pool_text(pool, v.s) : "";
        if (cells->text[i] == NULL) /* the arena remembers the refusal */
            cells->text[i] = "";
        break;
    }
}

int att_frame_find(const struct att_frame *frame, const char *name)
{
    for (uint32_t f = 0; f < frame->n_fields; f++) {
        if (att_text_same(frame->field[f].name, name))
            return (int)f;
    }
    return -1;
}

/* An integer that HDF5 keeps as float64. */
static struct att_value from_real(double r, enum att_kind kind)
{
    if (isnan(r))
        return att_none();
    if (kind == ATT_INTEGER && fabs(r) < 0x1p62)
        return att_int((int64_t)r);
    return att_real(r);
}

struct att_value att_frame_cell(const struct att_frame *frame, size_t i,
                                uint32_t field)
{
    const union att_cells *cells = &frame->cells[field];
    struct att_value v = att_none();

    switch (frame->field[field].type) {
    case ATT_CELL_F64:
        v = from_real(cells->real[i], frame->field[field].kind);
        break;
    case ATT_CELL_I64:
        v = att_int(cells->integer[i]);
        break;
    case ATT_CELL_I8:
        v = att_int(cells->tiny[i]);
        break;
    case ATT_CELL_TEXT:
        if (frame->field[field].role != ATT_FIELD_METRIC ||
            cells->text[i][0] != '\0')
            v = att_text(cells->text[i]);
        break;
    }
    return v;
}

double att_frame_number(const struct att_frame *frame, size_t i, uint32_t field)
{
    return att_value_number(att_frame_cell(frame, i, field));
}
