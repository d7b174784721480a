/* link.c - a rank's messages to itself, and the way to the others. */
#include "attest/comm/link.h"

#include <assert.h>
#include <stdlib.h>

static bool post_reserve(struct att_post *post)
{
    if (post->n < post->room)
        return true;
    const size_t room = post->room == 0 ? 16 : 2 * post->room;
    struct att_buffer *wide = calloc(room, sizeof *wide);

    if (wide == NULL)
        return false;
    for (size_t i = 0; i < post->n; i++)
        wide[i] = post->message[(post->first + i) & (post->room - 1)];
    free(post->message);
    post->message = wide;
    post->room = room;
    post->first = 0;
    return true;
}

bool att_post_push(struct att_post *post, struct att_buffer *message)
{
    if (!post_reserve(post))
        return false;
    post->message[(post->first + post->n++) & (post->room - 1)] = *message;
    *message = (struct att_buffer){0};
    return true;
}

bool att_post_pop(struct att_post *post, struct att_buffer *out)
{
    if (post->n == 0)
        return false;
    att_buffer_fini(out);
    *out = post->message[post->first];
    post->first = (post->first + 1) & (post->room - 1);
    post->n--;
    return true;
}

void att_post_fini(struct att_post *post)
{
    for (size_t i = 0; i < post->n; i++)
        att_buffer_fini(&post->message[(post->first + i) & (post->room - 1)]);
    free(post->message);
    *post = (struct att_post){0};
}

static att_status pass_on(struct att_link *link, uint32_t to,
                          struct att_buffer *message, struct att_error *err)
{
    if (!att_buffer_ok(message))
        return att_fail(err, ATT_E_NOMEM, "no memory for a message");
    if (to != link->rank)
        return link->ops->send(link->self, to, message, err);
    if (!att_post_push(&link->own, message))
        return att_fail(err, ATT_E_NOMEM, "no memory for a message");
    return ATT_OK;
}

att_status att_link_send(struct att_link *link, uint32_t to,
                         struct att_buffer *message, struct att_error *err)
{
    assert(to < link->size);
    const att_status status = pass_on(link, to, message, err);

    att_buffer_fini(message);
    return status;
}

att_status att_link_receive(struct att_link *link, uint32_t *from,
                            struct att_buffer *out, bool *got,
                            struct att_error *err)
{
    *got = att_post_pop(&link->own, out);
    *from = link->rank;
    if (*got || link->size == 1)
        return ATT_OK;
    return link->ops->receive(link->self, from, out, got, err);
}

void att_link_fini(struct att_link *link)
{
    att_post_fini(&link->own);
}
