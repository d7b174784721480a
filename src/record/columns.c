/* columns.c - the names that the values of a sweep's rows go by (row.h).
 *
 *   layout (1), construction (text), version (zigzag varint), varints:
 *   n_params, n_metrics, n_claims, n_observations; then each column: kind (1),
 *   name (text).  A column's role follows from its place. */
#include "attest/base/hash.h"
#include "attest/record/row.h"

#include "codec_priv.h"

enum { COLUMNS_LAYOUT = 1 };

static size_t columns_count(const struct att_columns *c)
{
    return (size_t)c->n_params + c->n_metrics + c->n_claims + c->n_observations;
}

/* Every part is hashed together with the hash of all before it. */
static uint64_t hash_on(uint64_t before, const void *bytes, size_t n)
{
    unsigned char packed[16];

    store_u64(packed, before);
    store_u64(packed + 8, att_hash64(bytes, n));
    return att_hash64(packed, sizeof packed);
}

static uint64_t hash_number(uint64_t before, uint64_t number)
{
    unsigned char packed[8];

    store_u64(packed, number);
    return hash_on(before, packed, sizeof packed);
}

uint64_t att_columns_id(const struct att_columns *c)
{
    const size_t n = columns_count(c);
    uint64_t id =
        hash_on(COLUMNS_LAYOUT, c->construction, text_size(c->construction));

    id = hash_number(id, (uint64_t)c->version);
    for (size_t i = 0; i < n; i++) {
        id = hash_on(id, c->column[i].name, text_size(c->column[i].name));
        id = hash_number(id, (uint64_t)c->column[i].role);
        id = hash_number(id, (uint64_t)c->column[i].kind);
    }
    return id;
}

static size_t columns_bound(const struct att_columns *c)
{
    const size_t n = columns_count(c);
    size_t bound = 1 + text_bound(c->construction) + 5 * (size_t)VARINT_MAX;

    for (size_t i = 0; i < n; i++)
        bound += 1 + text_bound(c->column[i].name);
    return bound;
}

void att_columns_encode(const struct att_columns *c, struct att_buffer *out)
{
    const size_t n = columns_count(c);
    struct pen pen = pen_open(out, columns_bound(c));

    if (pen.at == NULL)
        return;
    pen_u8(&pen, COLUMNS_LAYOUT);
    pen_text(&pen, c->construction);
    pen_signed(&pen, c->version);
    pen_varint(&pen, c->n_params);
    pen_varint(&pen, c->n_metrics);
    pen_varint(&pen, c->n_claims);
    pen_varint(&pen, c->n_observations);
    for (size_t i = 0; i < n; i++) {
        pen_u8(&pen, (uint8_t)c->column[i].kind);
        pen_text(&pen, c->column[i].name);
    }
    pen_close(pen, out);
}

static enum att_column_role role_of(const struct att_columns *c, size_t i)
{
    const size_t metrics = c->n_params;
    const size_t claims = metrics + c->n_metrics;
    const size_t observations = claims + c->n_claims;

    if (i < metrics)
        return ATT_COLUMN_PARAM;
    if (i < claims)
        return ATT_COLUMN_METRIC;
    return i < observations ? ATT_COLUMN_CLAIM : ATT_COLUMN_OBSERVATION;
}

static struct att_column get_column(struct reader *r,
                                    const struct att_columns *c, size_t i)
{
    const enum att_kind kind = (enum att_kind)reader_u8(r);

    if (kind < ATT_INTEGER || kind > ATT_TEXT)
        r->bad = true;
    return (struct att_column){
        .name = reader_text(r), .role = role_of(c, i), .kind = kind};
}

static void get_columns_head(struct reader *r, struct att_columns *c)
{
    c->construction = reader_text(r);
    c->version = (int32_t)reader_signed(r);
    c->n_params = reader_count(r, 2);
    c->n_metrics = reader_count(r, 2);
    c->n_claims = reader_count(r, 2);
    c->n_observations = reader_count(r, 2);
}

att_status att_columns_decode(const void *bytes, size_t n,
                              struct att_arena *arena, struct att_columns *out,
                              struct att_error *err)
{
    struct att_columns c = {0};
    unsigned char *const copy = ATT_NEW(arena, unsigned char, n);

    if (copy == NULL)
        return att_arena_fail(arena, "the names of columns", err);
    if (n > 0)
        memcpy(copy, bytes, n);
    struct reader r = reader_open(copy, n);
    const uint8_t layout = reader_u8(&r);

    if (layout > COLUMNS_LAYOUT) {
        return att_fail(err, ATT_E_VERSION,
                        "columns layout %d is newer than %d: use a newer "
                        "attest",
                        layout, COLUMNS_LAYOUT);
    }
    get_columns_head(&r, &c);
    const size_t n_columns = r.bad ? 0 : columns_count(&c);
    struct att_column *const column =
        ATT_NEW(arena, struct att_column, n_columns);

    if (column == NULL)
        return att_arena_fail(arena, "the columns of a sweep", err);
    for (size_t i = 0; i < n_columns; i++)
        column[i] = get_column(&r, &c, i);
    if (layout != COLUMNS_LAYOUT || !reader_done(&r)) {
        return att_fail(err, ATT_E_PARSE,
                        "the description of columns is damaged");
    }
    c.column = column;
    *out = c;
    return ATT_OK;
}
