/* trial.c - which unit took a worker down.
 *
 * A lost worker held units of which some had begun since it was last heard.
 * One of these may have killed it, and will kill whoever gets it next.  Each is
 * tried where nothing else has just begun.  Workers hold more than they run,
 * so one of them, the ward, is given nothing until all that it holds is known
 * to run; then it gets a suspect, and nothing beside it until that one is
 * known to run or has come back.  Worker 0 is where the coordinator lives: its
 * loss ends the run, so suspects go there only when nobody else is left. */
#include "schedule_priv.h"

static bool all_run(const struct worker *w)
{
    return w->n_held == w->n_started;
}

static bool may_host(const struct att_schedule *s, uint32_t worker)
{
    return worker != 0 || s->crew.n_here == 1;
}

bool att_trial_may_begin(const struct att_schedule *s, uint32_t worker,
                         const struct worker *w)
{
    return s->n_suspects > 0 && may_host(s, worker) && all_run(w) &&
           att_worker_idle(w);
}

/* Is there a suspect that this worker could get, once all that it holds runs?
 */
static bool has_suspect_for(const struct att_schedule *s, struct worker *w)
{
    for (size_t i = 0; i < s->n_returned; i++) {
        if (s->returned[i].suspect &&
            att_schedule_suits(s, w, s->returned[i].bin))
            return true;
    }
    return false;
}

/* A ward that is gone, cannot begin a trial although all that it holds runs,
 * or has no suspect to wait for, is none. */
static void choose_ward(struct att_schedule *s, uint32_t worker,
                        struct worker *w)
{
    if (s->n_suspects == 0 || att_crew_find(&s->crew, s->ward) == NULL)
        s->ward = NO_WARD;
    if (s->n_suspects == 0 || (s->ward != NO_WARD && s->ward != worker))
        return;
    s->ward = may_host(s, worker) && has_suspect_for(s, w) &&
                      (!all_run(w) || att_worker_idle(w))
                  ? worker
                  : NO_WARD;
}

bool att_trial_waits(struct att_schedule *s, uint32_t worker, struct worker *w)
{
    choose_ward(s, worker, w);
    return w->on_trial || (s->ward == worker && !all_run(w));
}

/* ---- what is known ------------------------------------------------------------ */

void att_schedule_started(struct att_schedule *s, uint32_t worker,
                          const struct att_unit *unit)
{
    struct flight *at = att_schedule_held_by(s, worker, unit);

    if (at == NULL || at->started)
        return;
    struct worker *w = att_crew_find(&s->crew, worker);

    at->started = true;
    w->n_started++;
    w->on_trial = w->on_trial && !at->suspect;
}

/* The suspect of a worker on trial, else its only suspect, else its only unit;
 * NULL when there is none of these. */
static struct flight *find_culprit(const struct att_schedule *s,
                                   uint32_t worker, const struct worker *w)
{
    struct flight *suspect = NULL, *any = NULL;
    size_t n_suspects = 0;

    for (size_t i = 0; i < s->flights.room; i++) {
        struct flight *at = &s->flights.place[i];

        if (!att_flight_is_unit(at) || at->worker != worker)
            continue;
        any = at;
        if (at->suspect && (!w->on_trial || !at->started)) {
            suspect = at;
            n_suspects++;
        }
    }
    if (n_suspects == 1)
        return suspect;
    return w->n_held == 1 ? any : NULL;
}

bool att_schedule_accuse(struct att_schedule *s, uint32_t worker,
                         struct att_unit *unit)
{
    const struct worker *w = att_crew_find(&s->crew, worker);
    struct flight *at = w == NULL ? NULL : find_culprit(s, worker, w);

    if (at == NULL)
        return false;
    at->suspect = true;
    *unit = at->unit;
    return true;
}
