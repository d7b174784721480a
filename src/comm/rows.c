/* rows.c - rows on their way from a message to the sink and the count. */
#include <inttypes.h>

#include "attest/base/log.h"
#include "coordinator_priv.h"

/* The sink keeps all rows at once; only then are they counted. */
att_status att_coordinator_flush(struct att_coordinator *c,
                                 struct att_error *err)
{
    struct pending *p = c->pending;

    if (p->n > 0) {
        ATT_TRY(c->o.calls->sink(c->o.calls->context, p->row, p->n, err));
        c->finished_s = c->now;
    }
    for (size_t i = 0; i < p->n; i++) {
        const struct att_row_head *head = &p->row[i].head;

        (void)att_schedule_done(c->o.schedule, p->arrival[i].from, &head->unit,
                                head->status, head->wall_s, c->now);
        c->peer[p->arrival[i].from].waits = true;
    }
    att_post_fini(&p->messages);
    p->n = p->n_bytes = 0;
    return ATT_OK;
}

/* Rows of units that the worker does not hold came late: they are dropped. */
static att_status keep(struct att_coordinator *c, uint32_t from,
                       const struct att_wire_row *wire,
                       const unsigned char *bytes, struct att_error *err)
{
    struct pending *p = c->pending;
    struct att_comm_row row = {.bytes = bytes, .n = wire->n_bytes};

    ATT_TRY(att_row_peek(bytes, wire->n_bytes, &row.head, err));
    if (!att_schedule_claim(c->o.schedule, from, &row.head.unit)) {
        att_log(ATT_LOG_INFO,
                "rank %u: a late row of task %" PRIu64 " was dropped", from,
                row.head.unit.task);
        return ATT_OK;
    }
    p->row[p->n] = row;
    p->arrival[p->n] = (struct arrival){from, wire->lane};
    p->n++;
    return ATT_OK;
}

/* A message that is larger than what is pending at most is kept in parts,
 * while it is still in our hands. */
static att_status keep_all(struct att_coordinator *c, uint32_t from,
                           const struct att_wire_message *m,
                           struct att_error *err)
{
    size_t at = 0;

    for (uint32_t i = 0; i < m->count; i++) {
        struct att_wire_row wire;
        const unsigned char *bytes = NULL;

        ATT_TRY(att_wire_next_row(m, &at, &wire, &bytes, err));
        if (c->pending->n == PENDING_ROWS)
            ATT_TRY(att_coordinator_flush(c, err));
        ATT_TRY(keep(c, from, &wire, bytes, err));
    }
    return ATT_OK;
}

att_status att_coordinator_rows(struct att_coordinator *c, uint32_t from,
                                const struct att_wire_message *m,
                                struct att_buffer *bytes, struct att_error *err)
{
    const size_t n_bytes = bytes->size;

    ATT_TRY(keep_all(c, from, m, err));
    if (!att_post_push(&c->pending->messages, bytes))
        return att_fail(err, ATT_E_NOMEM, "no memory for a message of rows");
    c->pending->n_bytes += n_bytes;
    return c->pending->n_bytes < PENDING_BYTES ? ATT_OK
                                               : att_coordinator_flush(c, err);
}
