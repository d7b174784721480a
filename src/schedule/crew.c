/* crew.c - who is there, what they hold, and whether it fits. */
#include "crew_priv.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

void att_crew_fini(struct crew *crew)
{
    for (uint32_t i = 0; i < crew->n_workers; i++)
        free(crew->worker[i]);
    free(crew->worker);
    free(crew->node);
    *crew = (struct crew){0};
}

struct worker *att_crew_find(const struct crew *crew, uint32_t number)
{
    if (number >= crew->n_workers || crew->worker[number] == NULL ||
        !crew->worker[number]->here)
        return NULL;
    return crew->worker[number];
}

static att_status crew_reserve(struct crew *crew, uint32_t number,
                               struct att_error *err)
{
    if (number >= crew->n_workers) {
        struct worker **wide = realloc(
            crew->worker, ((size_t)number + 1) * sizeof(struct worker *));

        if (wide == NULL) {
            return att_fail(err, ATT_E_NOMEM, "no memory for worker %u",
                            number);
        }
        while (crew->n_workers <= number)
            wide[crew->n_workers++] = NULL;
        crew->worker = wide;
    }
    if (crew->worker[number] == NULL)
        crew->worker[number] = calloc(1, sizeof *crew->worker[number]);
    if (crew->worker[number] == NULL)
        return att_fail(err, ATT_E_NOMEM, "no memory for worker %u", number);
    return ATT_OK;
}

/* The node of this id, made when there is none; its memory is what the last
 * arrival says. */
static att_status node_place(struct crew *crew,
                             const struct att_schedule_worker *about,
                             uint32_t *index, struct att_error *err)
{
    uint32_t i = 0;

    while (i < crew->n_nodes && crew->node[i].id != about->node)
        i++;
    if (i == crew->n_nodes) {
        struct node *wide = realloc(crew->node, (i + 1) * sizeof *wide);

        if (wide == NULL)
            return att_fail(err, ATT_E_NOMEM, "no memory for node %u", i);
        crew->node = wide;
        crew->node[crew->n_nodes++] = (struct node){.id = about->node};
    }
    crew->node[i].memory_bytes = about->memory_bytes;
    *index = i;
    return ATT_OK;
}

att_status att_crew_join(struct crew *crew, uint32_t number,
                         const struct att_schedule_worker *about, double now,
                         struct att_error *err)
{
    uint32_t node = 0;

    if (number >= ATT_SCHEDULE_WORKERS || about->n_lanes == 0) {
        return att_fail(err, ATT_E_ARG, "worker %u with %u lanes", number,
                        about->n_lanes);
    }
    if (att_crew_find(crew, number) != NULL)
        return att_fail(err, ATT_E_ARG, "worker %u is there already", number);
    ATT_TRY(crew_reserve(crew, number, err));
    ATT_TRY(node_place(crew, about, &node, err));
    *crew->worker[number] = (struct worker){
        .here = true,
        .node = node,
        .n_lanes = about->n_lanes,
        .event_s = now,
    };
    crew->node[node].n_workers++;
    crew->n_here++;
    crew->n_lanes += about->n_lanes;
    if (crew->n_lanes_most < crew->n_lanes)
        crew->n_lanes_most = crew->n_lanes;
    return ATT_OK;
}

void att_crew_leave(struct crew *crew, struct worker *w)
{
    assert(w->here && w->n_held == 0);
    w->here = false;
    crew->node[w->node].n_workers--;
    crew->n_here--;
    crew->n_lanes -= w->n_lanes;
}

bool att_worker_idle(const struct worker *w)
{
    return w->n_held < w->n_lanes;
}

static void level_add(struct worker *w, int32_t level)
{
    w->n_at[level]++;
    w->levels[level / 64] |= UINT64_C(1) << (level % 64);
}

static void level_remove(struct worker *w, int32_t level)
{
    assert(w->n_at[level] > 0);
    if (--w->n_at[level] == 0)
        w->levels[level / 64] &= ~(UINT64_C(1) << (level % 64));
}

/* The sum of the n_lanes largest. */
static double charge_of(const struct worker *w)
{
    uint32_t lanes = w->n_lanes;
    double bytes = 0;

    for (int word = BYTES_LEVELS / 64 - 1; word >= 0 && lanes > 0; word--) {
        uint64_t bits = w->levels[word];

        while (bits != 0 && lanes > 0) {
            const int bit = 63 - __builtin_clzll(bits);
            const uint32_t n = w->n_at[64 * word + bit];
            const uint32_t use = n < lanes ? n : lanes;

            bytes += use * att_level_bytes((int32_t)(64 * word + bit));
            lanes -= use;
            bits &= ~(UINT64_C(1) << bit);
        }
    }
    return bytes;
}

bool att_crew_fits(const struct crew *crew, struct worker *w, int32_t level)
{
    const struct node *node = &crew->node[w->node];

    if (node->memory_bytes <= 0 || node->n_held == 0)
        return true;
    level_add(w, level);
    const double charge = node->charge_bytes - w->charge_bytes + charge_of(w);

    level_remove(w, level);
    return charge <= node->memory_bytes;
}

static void crew_charge(struct crew *crew, struct worker *w)
{
    struct node *node = &crew->node[w->node];
    const double charge = charge_of(w);

    node->charge_bytes += charge - w->charge_bytes;
    w->charge_bytes = charge;
    if (node->n_held == 0)
        node->charge_bytes = 0;
}

void att_crew_hold(struct crew *crew, struct worker *w, int32_t level,
                   double predicted_s)
{
    crew->n_busy += att_worker_idle(w);
    w->n_held++;
    w->held_s += predicted_s;
    crew->node[w->node].n_held++;
    level_add(w, level);
    crew_charge(crew, w);
}

void att_crew_release(struct crew *crew, struct worker *w, int32_t level,
                      double predicted_s)
{
    assert(w->n_held > 0);
    w->n_held--;
    w->held_s = w->n_held == 0 ? 0 : fmax(0, w->held_s - predicted_s);
    crew->n_busy -= att_worker_idle(w);
    crew->node[w->node].n_held--;
    level_remove(w, level);
    crew_charge(crew, w);
}
