/* row.c - one row as bytes: a fixed head that can be read and stamped in
 * place, then counts, texts, values, verdicts and observations.
 *
 *   offset  bytes                        offset  bytes
 *        0      1  layout                    56      8  replicate
 *        1      1  status                    64      8  start_time
 *        2      2  zero                      72      8  wall_s
 *        4      4  attempt                   80      8  cpu_s
 *        8     16  key, low word first       88      8  peak_rss_bytes
 *       24      8  columns                   96      8  arena_bytes
 *       32      8  task                     104      8  limit_time_s
 *       40      4  slice                    112      8  limit_memory_bytes
 *       44      4  n_slices                 120         varints: n_params,
 *       48      4  rank                                 n_metrics, n_claims,
 *       52      4  lane                                 n_observations,
 *                                                       n_observed
 *   texts       host, kernel, code_id, message: varint length, bytes, zero
 *   values      kind, then nothing | zigzag varint | 8 bytes | text
 *   verdicts    one byte each
 *   observed    8 bytes each
 *
 * Reals travel as their 64 bits, so that a NaN keeps its payload and -0.0 its
 * sign. */
#include "attest/record/row.h"

#include "codec_priv.h"

enum {
    ROW_LAYOUT = 1,
    AT_STATUS = 1,
    AT_ATTEMPT = 4,
    AT_KEY = 8,
    AT_COLUMNS = 24,
    AT_TASK = 32,
    AT_SLICE = 40,
    AT_N_SLICES = 44,
    AT_RANK = 48,
    AT_LANE = 52,
    AT_REPLICATE = 56,
    AT_START = 64,
    AT_WALL = 72,
    AT_CPU = 80,
    AT_RSS = 88,
    AT_ARENA = 96,
    AT_LIMIT_TIME = 104,
    AT_LIMIT_MEMORY = 112,
    ROW_HEAD = 120
};

/* ---- encoding ---------------------------------------------------------- */

static size_t value_bound(struct att_value v)
{
    return 1 + (v.kind == ATT_TEXT ? text_bound(v.s) : VARINT_MAX);
}

static size_t values_bound(const struct att_value *v, size_t n)
{
    size_t bound = 0;

    for (size_t i = 0; i < n; i++)
        bound += value_bound(v[i]);
    return bound;
}

static size_t row_bound(const struct att_row *row)
{
    const size_t n_cells = (size_t)row->n_observed * row->n_observations;

    return ROW_HEAD + 5 * (size_t)VARINT_MAX + text_bound(row->host) +
           text_bound(row->kernel) + text_bound(row->code_id) +
           text_bound(row->message) + values_bound(row->param, row->n_params) +
           values_bound(row->metric, row->n_metrics) + row->n_claims +
           n_cells * sizeof(double);
}

static void put_head(struct pen *pen, const struct att_row *row)
{
    unsigned char *const head = pen->at;

    head[0] = ROW_LAYOUT;
    head[AT_STATUS] = (unsigned char)row->status;
    store_u16(head + 2, 0);
    store_u32(head + AT_ATTEMPT, row->attempt);
    store_u64(head + AT_KEY, row->key.low);
    store_u64(head + AT_KEY + 8, row->key.high);
    store_u64(head + AT_COLUMNS, row->columns);
    store_u64(head + AT_TASK, row->task);
    store_u32(head + AT_SLICE, row->slice);
    store_u32(head + AT_N_SLICES, row->n_slices);
    store_u32(head + AT_RANK, row->rank);
    store_u32(head + AT_LANE, row->lane);
    store_u64(head + AT_REPLICATE, (uint64_t)row->replicate);
    store_f64(head + AT_START, row->start_time);
    store_f64(head + AT_WALL, row->wall_s);
    store_f64(head + AT_CPU, row->cpu_s);
    store_u64(head + AT_RSS, row->peak_rss_bytes);
    store_u64(head + AT_ARENA, row->arena_bytes);
    store_f64(head + AT_LIMIT_TIME, row->limit_time_s);
    store_u64(head + AT_LIMIT_MEMORY, row->limit_memory_bytes);
    pen->at += ROW_HEAD;
}

static void put_value(struct pen *pen, struct att_value v)
{
    pen_u8(pen, (uint8_t)v.kind);
    switch (v.kind) {
    case ATT_NONE:
        break;
    case ATT_INTEGER:
        pen_signed(pen, v.i);
        break;
    case ATT_REAL:
        pen_f64(pen, v.r);
        break;
    case ATT_TEXT:
        pen_text(pen, v.s);
        break;
    }
}

static void put_values(struct pen *pen, const struct att_value *v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        put_value(pen, v[i]);
}

void att_row_encode(const struct att_row *row, struct att_buffer *out)
{
    const size_t n_cells = (size_t)row->n_observed * row->n_observations;
    struct pen pen = pen_open(out, row_bound(row));

    if (pen.at == NULL)
        return;
    put_head(&pen, row);
    pen_varint(&pen, row->n_params);
    pen_varint(&pen, row->n_metrics);
    pen_varint(&pen, row->n_claims);
    pen_varint(&pen, row->n_observations);
    pen_varint(&pen, row->n_observed);
    pen_text(&pen, row->host);
    pen_text(&pen, row->kernel);
    pen_text(&pen, row->code_id);
    pen_text(&pen, row->message);
    put_values(&pen, row->param, row->n_params);
    put_values(&pen, row->metric, row->n_metrics);
    pen_bytes(&pen, row->verdict, row->n_claims);
    for (size_t i = 0; i < n_cells; i++)
        pen_f64(&pen, row->observation[i]);
    pen_close(pen, out);
}

/* ---- decoding ---------------------------------------------------------- */

/* The head of n bytes that hold a row, as far as the head can tell. */
static att_status check_head(const unsigned char *head, size_t n,
                             struct att_error *err)
{
    if (n < ROW_HEAD) {
        return att_fail(err, ATT_E_PARSE, "a row of %zu bytes lacks its head",
                        n);
    }
    if (head[0] > ROW_LAYOUT) {
        return att_fail(err, ATT_E_VERSION,
                        "row layout %d is newer than %d: use a newer attest",
                        head[0], ROW_LAYOUT);
    }
    if (head[0] != ROW_LAYOUT || head[AT_STATUS] >= ATT_OUTCOMES)
        return att_fail(err, ATT_E_PARSE, "the head of a row is damaged");
    const uint32_t slice = load_u32(head + AT_SLICE);
    const uint32_t n_slices = load_u32(head + AT_N_SLICES);

    if (slice >= n_slices) {
        return att_fail(err, ATT_E_PARSE, "a row says it is slice %u of %u",
                        slice, n_slices);
    }
    return ATT_OK;
}

static void get_head(const unsigned char *head, struct att_row *row)
{
    row->status = (enum att_outcome_status)head[AT_STATUS];
    row->attempt = load_u32(head + AT_ATTEMPT);
    row->key.low = load_u64(head + AT_KEY);
    row->key.high = load_u64(head + AT_KEY + 8);
    row->columns = load_u64(head + AT_COLUMNS);
    row->task = load_u64(head + AT_TASK);
    row->slice = load_u32(head + AT_SLICE);
    row->n_slices = load_u32(head + AT_N_SLICES);
    row->rank = load_u32(head + AT_RANK);
    row->lane = load_u32(head + AT_LANE);
    row->replicate = (int64_t)load_u64(head + AT_REPLICATE);
    row->start_time = load_f64(head + AT_START);
    row->wall_s = load_f64(head + AT_WALL);
    row->cpu_s = load_f64(head + AT_CPU);
    row->peak_rss_bytes = load_u64(head + AT_RSS);
    row->arena_bytes = load_u64(head + AT_ARENA);
    row->limit_time_s = load_f64(head + AT_LIMIT_TIME);
    row->limit_memory_bytes = load_u64(head + AT_LIMIT_MEMORY);
}

/* The counts, bad when they cannot be true of the bytes that follow. */
static void get_counts(struct reader *r, struct att_row *row)
{
    row->n_params = reader_count(r, 1);
    row->n_metrics = reader_count(r, 1);
    row->n_claims = reader_count(r, 1);
    row->n_observations = (uint32_t)reader_varint(r);
    const uint64_t n_observed = reader_varint(r);
    const uint64_t most = reader_left(r) / sizeof(double);

    if (n_observed > 0 &&
        (row->n_observations == 0 || n_observed > most / row->n_observations))
        r->bad = true;
    row->n_observed = r->bad ? 0 : (uint32_t)n_observed;
}

static struct att_value get_value(struct reader *r)
{
    switch (reader_u8(r)) {
    case ATT_NONE:
        return att_none();
    case ATT_INTEGER:
        return att_int(reader_signed(r));
    case ATT_REAL:
        return att_real(reader_f64(r));
    case ATT_TEXT:
        return att_text(reader_text(r));
    default:
        r->bad = true;
        return att_none();
    }
}

static const struct att_value *get_values(struct reader *r, size_t n,
                                          struct att_arena *arena)
{
    struct att_value *const v = ATT_NEW(arena, struct att_value, n);

    for (size_t i = 0; v != NULL && i < n; i++)
        v[i] = get_value(r);
    return v;
}

static const double *get_observations(struct reader *r,
                                      const struct att_row *row,
                                      struct att_arena *arena)
{
    const size_t n = (size_t)row->n_observed * row->n_observations;
    double *const cell = ATT_NEW(arena, double, n);

    for (size_t i = 0; cell != NULL && i < n; i++)
        cell[i] = reader_f64(r);
    return cell;
}

/* Everything behind the head; r reads a copy of the bytes in arena, so texts
 * and verdicts are pointers into it. */
static void get_body(struct reader *r, struct att_row *row,
                     struct att_arena *arena)
{
    get_counts(r, row);
    row->host = reader_text(r);
    row->kernel = reader_text(r);
    row->code_id = reader_text(r);
    row->message = reader_text(r);
    row->param = get_values(r, row->n_params, arena);
    row->metric = get_values(r, row->n_metrics, arena);
    row->verdict = (const int8_t *)reader_take(r, row->n_claims);
    row->observation = get_observations(r, row, arena);
}

att_status att_row_decode(const void *bytes, size_t n, struct att_arena *arena,
                          struct att_row *out, struct att_error *err)
{
    struct att_row row = {0};

    ATT_TRY(check_head(bytes, n, err));
    unsigned char *const copy = ATT_NEW(arena, unsigned char, n);

    if (copy == NULL)
        return att_arena_fail(arena, "a row", err);
    memcpy(copy, bytes, n);
    get_head(copy, &row);
    struct reader r = reader_open(copy + ROW_HEAD, n - ROW_HEAD);

    get_body(&r, &row, arena);
    if (row.param == NULL || row.metric == NULL || row.observation == NULL)
        return att_arena_fail(arena, "the values of a row", err);
    if (!reader_done(&r))
        return att_fail(err, ATT_E_PARSE, "the body of a row is damaged");
    *out = row;
    return ATT_OK;
}

/* ---- in place ----------------------------------------------------------- */

att_status att_row_peek(const void *bytes, size_t n, struct att_row_head *out,
                        struct att_error *err)
{
    const unsigned char *const head = bytes;

    ATT_TRY(check_head(head, n, err));
    out->key.low = load_u64(head + AT_KEY);
    out->key.high = load_u64(head + AT_KEY + 8);
    out->columns = load_u64(head + AT_COLUMNS);
    out->unit.task = load_u64(head + AT_TASK);
    out->unit.slice = load_u32(head + AT_SLICE);
    out->unit.n_slices = load_u32(head + AT_N_SLICES);
    out->status = (enum att_outcome_status)head[AT_STATUS];
    out->attempt = load_u32(head + AT_ATTEMPT);
    out->wall_s = load_f64(head + AT_WALL);
    return ATT_OK;
}

void att_row_stamp(void *bytes, size_t n, uint32_t rank, uint32_t lane)
{
    unsigned char *const head = bytes;

    if (n < ROW_HEAD)
        return;
    store_u32(head + AT_RANK, rank);
    store_u32(head + AT_LANE, lane);
}
