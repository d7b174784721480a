/* link.h - how messages get from rank to rank.
 *
 * One interface, two worlds: MPI ranks in earnest, queues between pretended
 * ranks in tests.  What a rank sends to itself goes through memory in both.
 * Messages of one pair of ranks arrive in the order in which they were sent;
 * nobody waits for anybody. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attest/base/buffer.h"
#include "attest/base/status.h"

struct att_link_ops {
    /* Take the bytes (message is left empty) and send them when possible. */
    att_status (*send)(void *self, uint32_t to, struct att_buffer *message,
                       struct att_error *err);
    /* The next message, if there is one, replaces what out holds. */
    att_status (*receive)(void *self, uint32_t *from, struct att_buffer *out,
                          bool *got, struct att_error *err);
};

/* A ring of messages. */
struct att_post {
    struct att_buffer *message; /* room entries, a power of two */
    size_t room, first, n;
};

struct att_link {
    uint32_t rank, size;
    const struct att_link_ops *ops; /* may be NULL when size is 1 */
    void *self;                     /* handed to ops */
    struct att_post own;            /* from this rank to itself */
};

/* Steal message.  Fails: ATT_E_NOMEM (also when an append to the message had
 * failed), ATT_E_COMM.  The message is empty afterwards in every case. */
ATT_CHECKED att_status att_link_send(struct att_link *link, uint32_t to,
                                     struct att_buffer *message,
                                     struct att_error *err);
/* Own messages first.  out keeps its memory from call to call. */
ATT_CHECKED att_status att_link_receive(struct att_link *link, uint32_t *from,
                                        struct att_buffer *out, bool *got,
                                        struct att_error *err);
void att_link_fini(struct att_link *link); /* messages not received are lost */

/* The ring on its own, for pretended links. */
ATT_CHECKED bool att_post_push(struct att_post *post,
                               struct att_buffer *message);
bool att_post_pop(struct att_post *post, struct att_buffer *out);
void att_post_fini(struct att_post *post);
