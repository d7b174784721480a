#include "lane_queue_priv.h"

#include <assert.h>
#include <stdlib.h>

#include "attest/base/size.h"

void att_lane_queue_fini(struct att_lane_queue *q)
{
    free(q->job);
    *q = (struct att_lane_queue){0};
}

static size_t place(const struct att_lane_queue *q, size_t i)
{
    return (q->first + i) % q->capacity;
}

/* Move to a block of at least need jobs, the first at its beginning. */
static bool make_room(struct att_lane_queue *q, size_t need)
{
    size_t capacity = q->capacity < 64 ? 64 : 2 * q->capacity;

    if (capacity < need)
        capacity = need;
    struct att_lane_job *job = calloc(capacity, sizeof *job);
    if (job == NULL)
        return false;
    for (size_t i = 0; i < q->n; i++)
        job[i] = q->job[place(q, i)];
    free(q->job);
    q->job = job;
    q->capacity = capacity;
    q->first = 0;
    return true;
}

bool att_lane_queue_push(struct att_lane_queue *q,
                         const struct att_lane_job *job, size_t n)
{
    size_t need = 0;

    if (!att_size_add(q->n, n, &need) ||
        (need > q->capacity && !make_room(q, need)))
        return false;
    for (size_t i = 0; i < n; i++)
        q->job[place(q, q->n + i)] = job[i];
    q->n = need;
    return true;
}

const struct att_lane_job *att_lane_queue_at(const struct att_lane_queue *q,
                                             size_t i)
{
    assert(i < q->n);
    return &q->job[place(q, i)];
}

struct att_lane_job att_lane_queue_pop(struct att_lane_queue *q)
{
    const struct att_lane_job job = *att_lane_queue_at(q, 0);

    q->first = place(q, 1);
    q->n--;
    return job;
}
