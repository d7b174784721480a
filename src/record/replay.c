/* replay.c - what each record of a journal means for the view. */
#include "journal_priv.h"

#include <inttypes.h>
#include <stdlib.h>

static att_status no_memory(const struct att_journal *j, struct att_error *err)
{
    return att_fail(err, ATT_E_NOMEM, "no memory to read %s", j->path);
}

static att_status list_add(const struct att_journal *j, struct list *list,
                           const void *item, struct att_error *err)
{
    if (list->n == list->capacity) {
        const size_t capacity = list->capacity == 0 ? 16 : 2 * list->capacity;
        const void **const grown =
            realloc(list->item, capacity * sizeof *list->item);

        if (grown == NULL)
            return no_memory(j, err);
        list->item = grown;
        list->capacity = capacity;
    }
    list->item[list->n++] = item;
    return ATT_OK;
}

/* A payload that its decoder refused: the record counts as unreadable, but a
 * newer layout and a lack of memory stop the reading. */
static att_status unreadable(struct att_journal *j, att_status status,
                             struct att_error *err)
{
    if (status != ATT_E_PARSE)
        return status;
    if (err != NULL)
        *err = (struct att_error){0};
    j->report.n_unreadable++;
    return ATT_OK;
}

/* ---- columns --------------------------------------------------------------- */

static bool find_described(const struct att_journal *j, uint64_t id,
                           uint32_t *index)
{
    size_t i = 0;

    while (i < j->n_described && j->described[i].id != id)
        i++;
    *index = (uint32_t)i;
    return i < j->n_described;
}

/* The index of an id, which is entered without a description if it is new. */
static att_status describe(struct att_journal *j, uint64_t id, uint32_t *index,
                           struct att_error *err)
{
    if (find_described(j, id, index))
        return ATT_OK;
    if (j->n_described > PLACE_COLUMNS_MAX) {
        return att_fail(err, ATT_E_OVERFLOW, "more than %d kinds of rows in %s",
                        PLACE_COLUMNS_MAX, j->path);
    }
    if (j->n_described == j->described_capacity) {
        const size_t capacity =
            j->described_capacity == 0 ? 16 : 2 * j->described_capacity;
        struct described *const grown =
            realloc(j->described, capacity * sizeof *grown);

        if (grown == NULL)
            return no_memory(j, err);
        j->described = grown;
        j->described_capacity = capacity;
    }
    j->described[j->n_described++] = (struct described){.id = id};
    return ATT_OK;
}

static att_status accept_columns(struct att_journal *j,
                                 const struct frame *frame,
                                 struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(j->arena);
    struct att_columns *const c = ATT_NEW(j->arena, struct att_columns, 1);
    uint32_t index = 0;

    if (c == NULL)
        return no_memory(j, err);
    const att_status status =
        att_columns_decode(frame->payload, frame->n, j->arena, c, err);

    if (status != ATT_OK)
        return unreadable(j, status, err);
    ATT_TRY(describe(j, att_columns_id(c), &index, err));
    if (j->described[index].description != NULL) {
        att_arena_rewind(j->arena, mark);
        return ATT_OK;
    }
    j->described[index].description = c;
    return ATT_OK;
}

/* ---- rows ------------------------------------------------------------------ */

static int version_of(const struct att_journal *j, uint32_t columns)
{
    const struct att_columns *const c = j->described[columns].description;

    return c == NULL ? INT32_MIN : c->version;
}

/* How much an outcome is worth: a result, the theorem's no, an attempt. */
static int worth(enum att_outcome_status status)
{
    switch (status) {
    case ATT_DONE:
        return 3;
    case ATT_INFEASIBLE:
        return 2;
    case ATT_FAILED:
    case ATT_TIMEOUT:
    case ATT_OOM:
    case ATT_CRASHED:
    case ATT_SKIPPED:
        return 1;
    case ATT_NOT_RUN:
    case ATT_OUTCOMES:
        break;
    }
    return 0;
}

/* Does a row that comes later in the file replace the one at place? */
static bool replaces(const struct att_journal *j, const struct place *place,
                     const struct att_row_head *head, uint32_t columns)
{
    if (place->n_bytes == 0)
        return true;
    const int before = version_of(j, place->columns);
    const int now = version_of(j, columns);

    if (now != before)
        return now > before;
    return worth(head->status) >= worth((enum att_outcome_status)place->status);
}

static att_status place_row(struct att_journal *j, const struct frame *frame,
                            uint64_t offset, const struct att_row_head *head,
                            struct att_error *err)
{
    struct place *place = NULL;
    uint32_t columns = 0;

    ATT_TRY(describe(j, head->columns, &columns, err));
    ATT_TRY(att_keytable_add(&j->table, head->key, &place, err));
    if (!replaces(j, place, head, columns))
        return ATT_OK;
    if (place->n_bytes == 0)
        j->report.n_keys++;
    place->offset = offset;
    place->n_bytes = (uint32_t)frame->n;
    place->columns = columns & PLACE_COLUMNS_MAX;
    place->status = (unsigned)head->status & 0xFF;
    return ATT_OK;
}

static att_status accept_row(struct att_journal *j, const struct frame *frame,
                             uint64_t offset, struct att_error *err)
{
    struct att_row_head head;
    const att_status status =
        att_row_peek(frame->payload, frame->n, &head, err);

    if (status != ATT_OK)
        return unreadable(j, status, err);
    j->report.n_rows++;
    if (head.unit.n_slices > 1) /* a part: no row of the store */
        return ATT_OK;
    return place_row(j, frame, offset, &head, err);
}

/* ---- the rest -------------------------------------------------------------- */

static att_status accept_header(struct att_journal *j,
                                const struct frame *frame,
                                struct att_error *err)
{
    struct att_journal_header h;
    const att_status status =
        att_journal_header_decode(frame->payload, frame->n, j->arena, &h, err);

    if (status != ATT_OK)
        return unreadable(j, status, err);
    j->version = h.attest_version;
    return ATT_OK;
}

static att_status accept_plan(struct att_journal *j, const struct frame *frame,
                              struct att_error *err)
{
    struct att_journal_plan *const p =
        ATT_NEW(j->arena, struct att_journal_plan, 1);

    if (p == NULL)
        return no_memory(j, err);
    const att_status status =
        att_journal_plan_decode(frame->payload, frame->n, j->arena, p, err);

    return status == ATT_OK ? list_add(j, &j->plans, p, err)
                            : unreadable(j, status, err);
}

static void forget(struct att_journal *j, struct att_key key)
{
    struct place *const place = att_keytable_find(&j->table, key);

    j->report.n_forgotten++;
    if (place == NULL || place->n_bytes == 0)
        return;
    place->n_bytes = 0;
    j->report.n_keys--;
}

static att_status accept_note(struct att_journal *j, const struct frame *frame,
                              struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(j->arena);
    struct att_journal_note *const note =
        ATT_NEW(j->arena, struct att_journal_note, 1);

    if (note == NULL)
        return no_memory(j, err);
    const att_status status =
        att_journal_note_decode(frame->payload, frame->n, j->arena, note, err);

    if (status != ATT_OK)
        return unreadable(j, status, err);
    if (note->kind != ATT_NOTE_FORGET)
        return list_add(j, &j->notes, note, err);
    forget(j, note->key);
    att_arena_rewind(j->arena, mark);
    return ATT_OK;
}

/* False for records of a writer that had lost its lock, and for copies. */
static bool in_order(struct att_journal *j, const struct frame *frame)
{
    if (frame->epoch < j->epoch) {
        j->report.n_stale++;
        return false;
    }
    if (frame->epoch == j->epoch && frame->sequence <= j->sequence) {
        j->report.n_duplicates++;
        return false;
    }
    if (frame->sequence > j->sequence)
        j->report.n_lost += frame->sequence - j->sequence - 1;
    j->epoch = frame->epoch;
    j->sequence = frame->sequence;
    return true;
}

static att_status dispatch(struct att_journal *j, const struct frame *frame,
                           uint64_t offset, struct att_error *err)
{
    switch (frame->type) {
    case ATT_RECORD_HEADER:
        return accept_header(j, frame, err);
    case ATT_RECORD_PLAN:
        return accept_plan(j, frame, err);
    case ATT_RECORD_COLUMNS:
        return accept_columns(j, frame, err);
    case ATT_RECORD_ROW:
        return accept_row(j, frame, offset, err);
    case ATT_RECORD_NOTE:
        return accept_note(j, frame, err);
    default:
        j->report.n_unreadable++;
        return ATT_OK;
    }
}

att_status att_journal_accept(struct att_journal *j, const struct frame *frame,
                              uint64_t offset, struct att_error *err)
{
    if (frame->format > ATT_JOURNAL_FORMAT) {
        return att_fail(err, ATT_E_VERSION,
                        "%s at byte %" PRIu64 " has journal format %d, newer "
                        "than %d: use a newer attest",
                        j->path, offset, frame->format, ATT_JOURNAL_FORMAT);
    }
    if (!in_order(j, frame))
        return ATT_OK;
    j->report.n_records++;
    return dispatch(j, frame, offset, err);
}
