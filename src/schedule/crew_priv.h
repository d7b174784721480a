/* crew_priv.h - workers, their lanes, and the memory of their nodes.
 *
 * The charge of a worker is the most that its lanes can use at once: the sum
 * of the n_lanes largest units it holds, running or waiting.  The charges of a
 * node's workers must stay within the node's memory. */
#pragma once

#include "bins_priv.h"

struct node {
    uint64_t id;
    double memory_bytes; /* 0: no limit */
    double charge_bytes;
    uint64_t n_held; /* units held by its workers */
    uint32_t n_workers;
};

struct worker {
    bool here;
    bool recalled; /* asked to give back, has not answered */
    bool on_trial; /* holds a suspect that is not known to run */
    uint32_t node; /* index */
    uint32_t n_lanes;
    uint32_t n_held;
    uint32_t n_started;  /* of these, known to run */
    uint64_t n_reported; /* units since it joined: how far it is trusted */
    double held_s;       /* predicted */
    double event_s;      /* last report, or grant while it held nothing */
    double charge_bytes;
    uint64_t levels[BYTES_LEVELS / 64]; /* which n_at are not 0 */
    uint32_t n_at[BYTES_LEVELS];        /* units held, by memory */
};

struct crew {
    struct worker **worker; /* n_workers; NULL where none ever was */
    uint32_t n_workers;
    struct node *node; /* n_nodes */
    uint32_t n_nodes;
    uint32_t n_here, n_lanes, n_busy; /* lanes there, lanes with a unit */
    uint32_t n_lanes_most;            /* that were ever there at once */
};

void att_crew_fini(struct crew *crew);
ATT_CHECKED att_status att_crew_join(struct crew *crew, uint32_t number,
                                     const struct att_schedule_worker *about,
                                     double now, struct att_error *err);
/* The worker must hold nothing. */
void att_crew_leave(struct crew *crew, struct worker *w);
/* NULL when it is not there. */
struct worker *att_crew_find(const struct crew *crew, uint32_t number);

/* May the worker hold one more unit of this size? */
bool att_crew_fits(const struct crew *crew, struct worker *w, int32_t level);
void att_crew_hold(struct crew *crew, struct worker *w, int32_t level,
                   double predicted_s);
void att_crew_release(struct crew *crew, struct worker *w, int32_t level,
                      double predicted_s);
bool att_worker_idle(const struct worker *w); /* one of its lanes, at least */
