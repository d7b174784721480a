/* roster.c - merging the rows of a journal with the numbers of a plan.
 *
 * Up to SCAN_MAX numbers are decoded one by one, which tells planned tasks
 * from the holes of conditions.  A larger plan is counted by its summary, and
 * its tasks without a row are not listed. */
#include "roster_priv.h"

#include <stdlib.h>

#include "attest/plan/summary.h"

#define SCAN_MAX UINT64_C(4000000)

/* Entries of one sweep while they are being collected. */
struct gathering {
    struct att_placed *entry;
    size_t n, capacity;
    uint64_t n_missing;
};

static bool reserve(struct gathering *g, size_t capacity)
{
    struct att_placed *entry = realloc(g->entry, capacity * sizeof *entry);

    if (entry == NULL)
        return false;
    g->entry = entry;
    g->capacity = capacity;
    return true;
}

static bool gather(struct gathering *g, uint64_t number, size_t place)
{
    if (g->n == g->capacity && !reserve(g, 2 * g->capacity))
        return false;
    g->entry[g->n++] = (struct att_placed){.number = number, .place = place};
    return true;
}

/* The entries of the index from *at on that lie below `end`. */
static size_t run_length(const struct att_index *index, size_t at, uint64_t end)
{
    size_t n = 0;

    while (at + n < index->n && index->placed[at + n].number < end)
        n++;
    return n;
}

static bool gather_placed(struct gathering *g, const struct att_placed *placed,
                          size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!gather(g, placed[i].number, placed[i].place))
            return false;
    }
    return true;
}

/* Every number of the sweep: a row, a planned task without one, or a hole. */
static bool gather_all(struct gathering *g, struct att_plan *plan,
                       uint32_t sweep, const struct att_placed *placed,
                       size_t n)
{
    uint64_t first = 0, count = 0;
    size_t next = 0;
    struct att_task task;

    att_plan_range(plan, sweep, &first, &count);
    for (uint64_t number = first; number < first + count; number++) {
        if (next < n && placed[next].number == number) {
            if (!gather(g, number, placed[next++].place))
                return false;
        } else if (att_plan_task(plan, number, &task, NULL) ==
                   ATT_TASK_PLANNED) {
            g->n_missing++;
            if (!gather(g, number, ROSTER_NO_ROW))
                return false;
        }
    }
    return true;
}

static att_status build_sweep(const struct att_index *index,
                              struct att_plan *plan, uint32_t s, bool scan,
                              struct roster *roster, struct att_error *err)
{
    struct roster_sweep *sweep = &roster->sweep[s];
    struct gathering g = {0};
    uint64_t first = 0, count = 0;
    size_t at = 0;

    att_plan_range(plan, s, &first, &count);
    at = run_length(index, 0, first);

    const size_t n = run_length(index, at, first + count);
    const struct att_placed *placed = index->placed + at;
    const bool gathered =
        reserve(&g, n + 1) && (scan ? gather_all(&g, plan, s, placed, n)
                                    : gather_placed(&g, placed, n));

    sweep->entry = g.entry;
    sweep->n = g.n;
    sweep->n_planned = g.n;
    roster->n_not_listed += g.n_missing;
    if (!gathered)
        return att_fail(err, ATT_E_NOMEM, "no memory to list the tasks");
    return ATT_OK;
}

/* Too many to list: keep only those that have a row. */
static void drop_missing(struct roster *roster)
{
    for (uint32_t s = 0; s < roster->n_sweeps; s++) {
        struct roster_sweep *sweep = &roster->sweep[s];
        size_t kept = 0;

        for (size_t i = 0; i < sweep->n; i++) {
            if (sweep->entry[i].place != ROSTER_NO_ROW)
                sweep->entry[kept++] = sweep->entry[i];
        }
        sweep->n = kept;
    }
}

/* The summary counts what was not decoded. */
static att_status count_planned(struct att_plan *plan, struct roster *roster,
                                struct att_error *err)
{
    struct att_summary *summary = NULL;

    ATT_TRY(att_summary_create(plan, &summary, err));
    for (uint32_t s = 0; s < roster->n_sweeps; s++) {
        roster->sweep[s].n_planned = summary->sweep[s].n_tasks;
        roster->n_not_listed += summary->sweep[s].n_tasks - roster->sweep[s].n;
    }
    att_summary_destroy(summary);
    return ATT_OK;
}

static att_status build(const struct att_index *index, struct att_plan *plan,
                        struct roster *roster, struct att_error *err)
{
    const bool scan = att_plan_size(plan) <= SCAN_MAX;

    for (uint32_t s = 0; s < roster->n_sweeps; s++)
        ATT_TRY(build_sweep(index, plan, s, scan, roster, err));
    if (!scan) {
        ATT_TRY(count_planned(plan, roster, err));
    } else if (roster->n_not_listed > ROSTER_LIST_MAX) {
        drop_missing(roster);
    } else {
        roster->n_not_listed = 0;
    }
    for (uint32_t s = 0; s < roster->n_sweeps; s++)
        roster->n_planned += roster->sweep[s].n_planned;
    return ATT_OK;
}

att_status att_roster_build(const struct att_journal *journal,
                            struct att_plan *plan, struct roster *roster,
                            struct att_error *err)
{
    const uint32_t n_sweeps = att_plan_study(plan)->n_sweeps;
    struct att_index index;

    *roster =
        (struct roster){.sweep = calloc(n_sweeps + 1, sizeof *roster->sweep)};
    if (roster->sweep == NULL)
        return att_fail(err, ATT_E_NOMEM, "no memory to list the tasks");
    roster->n_sweeps = n_sweeps;

    att_status status = att_index_build(journal, plan, &index, err);

    if (status == ATT_OK) {
        roster->n_unplanned = index.n_unplanned;
        status = build(&index, plan, roster, err);
        att_index_fini(&index);
    }
    if (status != ATT_OK)
        att_roster_fini(roster);
    return status;
}

void att_roster_fini(struct roster *roster)
{
    for (uint32_t s = 0; s < roster->n_sweeps; s++)
        free(roster->sweep[s].entry);
    free(roster->sweep);
    *roster = (struct roster){0};
}
