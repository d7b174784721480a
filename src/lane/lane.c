#include <string.h>
#include <sys/socket.h>

#include "lane_priv.h"

/* ---- orders to the zygote ----------------------------------------------- */

/* When the zygote is dead the next poll finds out. */
static void order(struct att_lanes *lanes, enum att_zygote_order what,
                  uint32_t i)
{
    const struct att_zygote_command command = {.order = (uint32_t)what,
                                               .lane = i};

    if (lanes->gone)
        return;
    if (send(lanes->control, &command, sizeof command,
             MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)sizeof command)
        lanes->n_unanswered++;
}

void att_lane_kill(struct att_lanes *lanes, uint32_t i, enum att_lane_doom why,
                   uint32_t number)
{
    struct att_lane *lane = &lanes->lane[i];

    if (!lane->exists || lane->doom != ATT_DOOM_NONE)
        return;
    lane->doom = why;
    lane->doomed_job = number;
    order(lanes, ATT_ZYGOTE_KILL, i);
}

/* To kill what is dead has no effect but the answer. */
void att_lanes_nudge(struct att_lanes *lanes, uint32_t i)
{
    if (lanes->n_unanswered == 0)
        order(lanes, ATT_ZYGOTE_KILL, i);
}

void att_lane_spawn(struct att_lanes *lanes, uint32_t i)
{
    struct att_lane *lane = &lanes->lane[i];

    att_lane_shared_reset(lane->shared);
    att_buffer_clear(&lane->in);
    lane->exists = true;
    lane->received = lane->published = 0;
    lane->consumed = 0;
    lane->fault[0] = '\0';
    lane->doom = ATT_DOOM_NONE;
    lane->watched = 0;
    lane->charged_s = 0;
    order(lanes, ATT_ZYGOTE_SPAWN, i);
    att_lane_feed(lane);
}

/* ---- jobs --------------------------------------------------------------- */

uint32_t att_lane_in_flight(const struct att_lane *lane)
{
    return lane->published - lane->received;
}

const struct att_lane_job *att_lane_running_job(const struct att_lane *lane,
                                                struct att_lane_page *page)
{
    att_lane_page_read(lane->shared, page);
    const uint32_t place = (uint32_t)(page->running - 1) - lane->received;

    if (!lane->exists || page->running == 0 ||
        place >= att_lane_in_flight(lane))
        return NULL;
    return att_lane_queue_at(&lane->queue, place);
}

struct att_lane_job att_lane_pop(struct att_lane *lane)
{
    if (lane->careful > 0)
        lane->careful--;
    return att_lane_queue_pop(&lane->queue);
}

/* How many more may be shown.  One slot stays free: that of the job which
 * may be running. */
static uint32_t room_for(const struct att_lane *lane, uint32_t shown)
{
    const uint32_t most = lane->careful > 0 ? 1 : ATT_LANE_SLOTS - 1;

    return shown < most ? most - shown : 0;
}

void att_lane_feed(struct att_lane *lane)
{
    const uint32_t shown = att_lane_in_flight(lane);
    const size_t more = lane->queue.n - shown;
    const uint32_t room = room_for(lane, shown);
    const uint32_t n = more < room ? (uint32_t)more : room;

    if (!lane->exists || lane->doom != ATT_DOOM_NONE || n == 0)
        return;
    for (uint32_t k = 0; k < n; k++) {
        lane->shared->job[(lane->published + k) % ATT_LANE_SLOTS] =
            *att_lane_queue_at(&lane->queue, shown + k);
    }
    lane->published += n;
    att_lane_publish(lane->shared, n);
    att_lane_wake(lane->shared, lane->pipe);
}

att_status att_lanes_submit(struct att_lanes *lanes, uint32_t lane,
                            const struct att_lane_job *job, size_t n,
                            struct att_error *err)
{
    if (lane >= lanes->n_lanes) {
        return att_fail(err, ATT_E_ARG, "lane %u is not below %u", lane,
                        lanes->n_lanes);
    }
    struct att_lane *l = &lanes->lane[lane];
    if (lanes->gone) {
        return att_fail(err, ATT_E_IO, "the zygote of the lanes died (%s)",
                        lanes->gone_text);
    }
    if (!att_lane_queue_push(&l->queue, job, n)) {
        return att_fail(err, ATT_E_NOMEM,
                        "out of memory queueing %zu jobs on lane %u", n, lane);
    }
    if (n > 0 && lanes->tick == ATT_TICK_NEVER)
        att_lanes_tick(lanes, ATT_TICK_OFTEN);
    if (l->exists) {
        att_lane_feed(l);
    } else if (l->queue.n > 0 && l->failed_forks == 0) {
        att_lane_spawn(lanes, lane);
    }
    return ATT_OK;
}

size_t att_lanes_pending(const struct att_lanes *lanes, uint32_t lane)
{
    return lanes->lane[lane].queue.n;
}

/* Jobs that the process has started and not been heard of. */
static uint32_t unpublish(struct att_lanes *lanes, uint32_t i)
{
    struct att_lane *lane = &lanes->lane[i];

    if (!lane->exists)
        return 0;
    const uint32_t started = att_lane_unpublish(lane->shared) - lane->received;
    if (started > att_lane_in_flight(lane)) {
        att_lane_kill(lanes, i, ATT_DOOM_DAMAGE, lane->received);
        return att_lane_in_flight(lane);
    }
    lane->published = lane->received + started;
    return started;
}

size_t att_lanes_take_back(struct att_lanes *lanes, uint32_t lane,
                           struct att_lane_job *out)
{
    struct att_lane_queue *queue = &lanes->lane[lane].queue;
    const size_t kept = unpublish(lanes, lane);
    const size_t n = queue->n - kept;

    for (size_t k = 0; k < n; k++)
        out[k] = *att_lane_queue_at(queue, kept + k);
    queue->n = kept;
    return n;
}

void att_lanes_state(const struct att_lanes *lanes, uint32_t lane,
                     struct att_lane_state *state)
{
    const struct att_lane *l = &lanes->lane[lane];
    struct att_lane_page page;
    const struct att_lane_job *job = att_lane_running_job(l, &page);

    *state = (struct att_lane_state){.rss_bytes = l->rss_bytes};
    if (job == NULL)
        return;
    state->running = true;
    state->unit = job->unit;
    state->since = page.since;
    state->done = page.done;
    memcpy(state->phase, page.phase, sizeof state->phase);
}

int att_lanes_descriptor(const struct att_lanes *lanes)
{
    return lanes->descriptor;
}
