/* payload.c - headers, plans and notes of a journal as bytes.
 *
 *   header  layout (1), format (varint), attest_version
 *   plan    layout (1), study_path, study (varint length, bytes, zero), digest
 *           (16, low word first), start_time (8), host, n_code (varint); each:
 *           construction, code_id, version (zigzag varint)
 *   note    layout (1), kind (1), time (8), key (16), subject, from, to, text
 *
 * Texts are varint length, bytes, zero. */
#include "attest/record/payload.h"

#include "codec_priv.h"

enum { PAYLOAD_LAYOUT = 1 };

/* Copy the bytes into arena, where texts will point, and read the layout.
 * *r stands behind it. */
static att_status open_copy(const void *bytes, size_t n,
                            struct att_arena *arena, struct reader *r,
                            struct att_error *err)
{
    unsigned char *const copy = ATT_NEW(arena, unsigned char, n);

    if (copy == NULL)
        return att_arena_fail(arena, "a record of the journal", err);
    if (n > 0)
        memcpy(copy, bytes, n);
    *r = reader_open(copy, n);
    const uint8_t layout = reader_u8(r);

    if (layout > PAYLOAD_LAYOUT) {
        return att_fail(err, ATT_E_VERSION,
                        "record layout %d is newer than %d: use a newer attest",
                        layout, PAYLOAD_LAYOUT);
    }
    if (layout != PAYLOAD_LAYOUT)
        return att_fail(err, ATT_E_PARSE, "a record has no layout number");
    return ATT_OK;
}

static void put_key(struct pen *pen, struct att_key key)
{
    pen_u64(pen, key.low);
    pen_u64(pen, key.high);
}

static struct att_key get_key(struct reader *r)
{
    struct att_key key;

    key.low = reader_u64(r);
    key.high = reader_u64(r);
    return key;
}

/* ---- header -------------------------------------------------------------- */

void att_journal_header_encode(const struct att_journal_header *h,
                               struct att_buffer *out)
{
    struct pen pen =
        pen_open(out, 1 + VARINT_MAX + text_bound(h->attest_version));

    if (pen.at == NULL)
        return;
    pen_u8(&pen, PAYLOAD_LAYOUT);
    pen_varint(&pen, h->format);
    pen_text(&pen, h->attest_version);
    pen_close(pen, out);
}

att_status att_journal_header_decode(const void *bytes, size_t n,
                                     struct att_arena *arena,
                                     struct att_journal_header *out,
                                     struct att_error *err)
{
    struct att_journal_header h;
    struct reader r = {0};

    ATT_TRY(open_copy(bytes, n, arena, &r, err));
    h.format = (uint32_t)reader_varint(&r);
    h.attest_version = reader_text(&r);
    if (!reader_done(&r))
        return att_fail(err, ATT_E_PARSE, "a header record is damaged");
    *out = h;
    return ATT_OK;
}

/* ---- plan ---------------------------------------------------------------- */

static size_t plan_bound(const struct att_journal_plan *p)
{
    size_t bound = 1 + text_bound(p->study_path) + VARINT_MAX + p->n_study + 1 +
                   16 + 8 + text_bound(p->host) + VARINT_MAX;

    for (uint32_t i = 0; i < p->n_code; i++) {
        bound += text_bound(p->code[i].construction) +
                 text_bound(p->code[i].code_id) + VARINT_MAX;
    }
    return bound;
}

void att_journal_plan_encode(const struct att_journal_plan *p,
                             struct att_buffer *out)
{
    struct pen pen = pen_open(out, plan_bound(p));

    if (pen.at == NULL)
        return;
    pen_u8(&pen, PAYLOAD_LAYOUT);
    pen_text(&pen, p->study_path);
    pen_varint(&pen, p->n_study);
    pen_bytes(&pen, p->study_text, p->n_study);
    pen_u8(&pen, 0);
    put_key(&pen, p->digest);
    pen_f64(&pen, p->start_time);
    pen_text(&pen, p->host);
    pen_varint(&pen, p->n_code);
    for (uint32_t i = 0; i < p->n_code; i++) {
        pen_text(&pen, p->code[i].construction);
        pen_text(&pen, p->code[i].code_id);
        pen_signed(&pen, p->code[i].version);
    }
    pen_close(pen, out);
}

/* The study's bytes and the zero behind them. */
static void get_study(struct reader *r, struct att_journal_plan *p)
{
    p->n_study = reader_count(r, 1);
    const unsigned char *const text = reader_take(r, p->n_study + 1);

    if (text == NULL || text[p->n_study] != 0)
        r->bad = true;
    p->study_text = (const char *)text;
}

static void get_code(struct reader *r, struct att_journal_code *code)
{
    code->construction = reader_text(r);
    code->code_id = reader_text(r);
    code->version = (int32_t)reader_signed(r);
}

static att_status get_codes(struct reader *r, struct att_journal_plan *p,
                            struct att_arena *arena, struct att_error *err)
{
    p->n_code = reader_count(r, 5); /* two empty texts and a version */
    struct att_journal_code *const code =
        ATT_NEW(arena, struct att_journal_code, p->n_code);

    if (code == NULL)
        return att_arena_fail(arena, "the code ids of a plan record", err);
    for (uint32_t i = 0; i < p->n_code; i++)
        get_code(r, &code[i]);
    p->code = code;
    return ATT_OK;
}

att_status att_journal_plan_decode(const void *bytes, size_t n,
                                   struct att_arena *arena,
                                   struct att_journal_plan *out,
                                   struct att_error *err)
{
    struct att_journal_plan p;
    struct reader r = {0};

    ATT_TRY(open_copy(bytes, n, arena, &r, err));
    p.study_path = reader_text(&r);
    get_study(&r, &p);
    p.digest = get_key(&r);
    p.start_time = reader_f64(&r);
    p.host = reader_text(&r);
    ATT_TRY(get_codes(&r, &p, arena, err));
    if (!reader_done(&r))
        return att_fail(err, ATT_E_PARSE, "a plan record is damaged");
    *out = p;
    return ATT_OK;
}

/* ---- note ---------------------------------------------------------------- */

void att_journal_note_encode(const struct att_journal_note *note,
                             struct att_buffer *out)
{
    struct pen pen = pen_open(
        out, 2 + 8 + 16 + text_bound(note->subject) + text_bound(note->from) +
                 text_bound(note->to) + text_bound(note->text));

    if (pen.at == NULL)
        return;
    pen_u8(&pen, PAYLOAD_LAYOUT);
    pen_u8(&pen, (uint8_t)note->kind);
    pen_f64(&pen, note->time);
    put_key(&pen, note->key);
    pen_text(&pen, note->subject);
    pen_text(&pen, note->from);
    pen_text(&pen, note->to);
    pen_text(&pen, note->text);
    pen_close(pen, out);
}

att_status att_journal_note_decode(const void *bytes, size_t n,
                                   struct att_arena *arena,
                                   struct att_journal_note *out,
                                   struct att_error *err)
{
    struct att_journal_note note;
    struct reader r = {0};

    ATT_TRY(open_copy(bytes, n, arena, &r, err));
    note.kind = (enum att_note_kind)reader_u8(&r);
    note.time = reader_f64(&r);
    note.key = get_key(&r);
    note.subject = reader_text(&r);
    note.from = reader_text(&r);
    note.to = reader_text(&r);
    note.text = reader_text(&r);
    if (!reader_done(&r))
        return att_fail(err, ATT_E_PARSE, "a note is damaged");
    *out = note;
    return ATT_OK;
}
