/* jobs.c - a ring of units. */
#include "jobs_priv.h"

#include <assert.h>
#include <stdlib.h>

static struct job *at(const struct jobs *jobs, size_t i)
{
    return &jobs->job[(jobs->first + i) & (jobs->room - 1)];
}

bool att_jobs_reserve(struct jobs *jobs, size_t n)
{
    size_t room = jobs->room == 0 ? 16 : jobs->room;

    while (room < jobs->n + n)
        room *= 2;
    if (room == jobs->room)
        return true;
    struct job *wide = malloc(room * sizeof *wide);

    if (wide == NULL)
        return false;
    for (size_t i = 0; i < jobs->n; i++)
        wide[i] = *at(jobs, i);
    free(jobs->job);
    jobs->job = wide;
    jobs->room = room;
    jobs->first = 0;
    return true;
}

void att_jobs_push(struct jobs *jobs, const struct job *job)
{
    assert(jobs->n < jobs->room);
    *at(jobs, jobs->n++) = *job;
    jobs->predicted_s += job->predicted_s;
}

void att_jobs_push_front(struct jobs *jobs, const struct job *job)
{
    assert(jobs->n < jobs->room);
    jobs->first = (jobs->first - 1) & (jobs->room - 1);
    jobs->n++;
    *at(jobs, 0) = *job;
    jobs->predicted_s += job->predicted_s;
}

/* Sums of what was added and taken away drift: an empty ring starts anew. */
static void shrink(struct jobs *jobs, const struct job *gone)
{
    jobs->n--;
    jobs->predicted_s -= gone->predicted_s;
    if (jobs->n == 0 || jobs->predicted_s < 0)
        jobs->predicted_s = 0;
}

struct job att_jobs_pop(struct jobs *jobs)
{
    assert(jobs->n > 0);
    const struct job first = *at(jobs, 0);

    jobs->first = (jobs->first + 1) & (jobs->room - 1);
    shrink(jobs, &first);
    return first;
}

bool att_jobs_remove(struct jobs *jobs, const struct att_unit *unit,
                     struct job *out)
{
    size_t i = 0;

    while (i < jobs->n && (at(jobs, i)->unit.task != unit->task ||
                           at(jobs, i)->unit.slice != unit->slice))
        i++;
    if (i == jobs->n)
        return false;
    *out = *at(jobs, i);
    for (; i > 0; i--)
        *at(jobs, i) = *at(jobs, i - 1);
    jobs->first = (jobs->first + 1) & (jobs->room - 1);
    shrink(jobs, out);
    return true;
}

void att_jobs_clear(struct jobs *jobs)
{
    jobs->n = 0;
    jobs->predicted_s = 0;
}

void att_jobs_fini(struct jobs *jobs)
{
    free(jobs->job);
    *jobs = (struct jobs){0};
}
