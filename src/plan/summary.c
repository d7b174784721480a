/* summary.c - adding up what a plan will ask.
 *
 * The kept points of a sweep are numbered 0 .. n_kept-1: the kept entries of
 * the condition's table, each times the product of the other axes.  All of
 * them are visited, or one at a hashed place in each of 2^18 equal stretches;
 * every visited one then stands for n_kept / 2^18. */
#include "attest/plan/summary.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "plan_priv.h"

static const uint64_t ASKED = (uint64_t)1 << 18;
static const uint64_t COMPARED = (uint64_t)1 << 20; /* points of one sweep */
enum { CORNER_AXES = 10 };

/* ---- kept points by number --------------------------------------------------------- */

struct walker {
    const struct grid *g;
    bool named[ATT_PLAN_PARAMS]; /* axes of the condition */
    uint64_t n_kept, n_other;
    uint64_t rank, entry; /* `entry` is the rank-th kept one of the table */
};

static void skip_dropped(struct walker *w)
{
    const struct condition *c = &w->g->condition;

    while (w->entry < c->n &&
           (c->keep[w->entry / 8] >> (w->entry % 8) & 1) == 0)
        w->entry++;
}

static void start_walk(struct walker *w, const struct grid *g)
{
    *w = (struct walker){.g = g, .n_kept = g->n_points, .n_other = g->n_points};
    if (g->where == NULL)
        return;
    for (uint32_t k = 0; k < g->condition.n_axes; k++)
        w->named[g->condition.axis[k]] = true;
    w->n_other = g->n_points / g->condition.n;
    w->n_kept = g->condition.n_kept * w->n_other;
    skip_dropped(w);
}

/* Point i < n_kept; i must not decrease from call to call. */
static void walk_to(struct walker *w, uint64_t i, struct position *at)
{
    uint64_t other = i % w->n_other;

    while (w->rank < i / w->n_other) {
        w->rank++;
        w->entry++;
        skip_dropped(w);
    }
    uint64_t entry = w->entry;
    for (uint32_t a = w->g->sweep->n_axes; a-- > 0;) {
        uint64_t *number = w->named[a] ? &entry : &other;

        at->at[a] = *number % w->g->sweep->axis[a].n;
        *number /= w->g->sweep->axis[a].n;
    }
}

/* The point of a stretch: hashed, so that no axis is favoured. */
static uint64_t sampled_point(uint64_t n_kept, uint64_t stretch)
{
    const uint64_t width = n_kept / ASKED;
    const uint64_t wide = n_kept % ASKED; /* the first ones have one more */
    const bool is_wide = stretch < wide;
    const uint64_t first = stretch * width + (is_wide ? stretch : wide);

    return first + att_hash64(&stretch, sizeof stretch) % (width + is_wide);
}

/* ---- one point ------------------------------------------------------------------------ */

struct tally {
    struct att_plan *plan;
    const struct grid *g;
    struct att_task task; /* sweep and construction filled */
    /* Points and tasks visited, unweighted. */
    double invalid, infeasible, too_large, coinciding, flops;
    double max_flops, max_bytes;
};

static att_status is_too_large(struct tally *t, struct att_cost cost,
                               bool *too_large, struct att_error *err)
{
    struct att_limits limits;

    ATT_TRY(att_plan_limits(t->plan, &t->task, &limits, err));
    *too_large = limits.task_memory_bytes > 0 &&
                 cost.bytes > (double)limits.task_memory_bytes;
    return ATT_OK;
}

/* Count n tasks at the decoded point. */
static att_status count_tasks(struct tally *t, double n, struct att_error *err)
{
    const struct att_cost cost = att_plan_cost(t->plan, &t->task);
    bool too_large = false;

    if (t->g->construction->admit(t->task.p, NULL) != ATT_OK) {
        t->infeasible += n;
        return ATT_OK;
    }
    ATT_TRY(is_too_large(t, cost, &too_large, err));
    if (too_large) {
        t->too_large += n;
        return ATT_OK;
    }
    t->flops += n * cost.flops;
    t->max_flops = fmax(t->max_flops, cost.flops);
    t->max_bytes = fmax(t->max_bytes, cost.bytes);
    return ATT_OK;
}

static att_status visit(struct tally *t, const struct position *at,
                        struct att_error *err)
{
    const uint32_t replicates = t->g->replicates;
    const enum att_task_state state =
        att_grid_decode(t->plan, t->g, at, t->task.p, NULL);

    if (state == ATT_TASK_INVALID)
        t->invalid += replicates;
    if (state != ATT_TASK_PLANNED)
        return ATT_OK;
    const uint32_t covered =
        att_overlap_covered(t->plan, t->task.sweep, t->g->n_earlier, t->task.p);
    const uint32_t coinciding = covered < replicates ? covered : replicates;
    t->coinciding += coinciding;
    return coinciding < replicates
               ? count_tasks(t, replicates - coinciding, err)
               : ATT_OK;
}

/* ---- one sweep --------------------------------------------------------------------------- */

static att_status visit_kept(struct tally *t, struct walker *w,
                             struct att_error *err)
{
    const uint64_t n = w->n_kept <= ASKED ? w->n_kept : ASKED;

    for (uint64_t i = 0; i < n; i++) {
        struct position at;

        walk_to(w, w->n_kept <= ASKED ? i : sampled_point(w->n_kept, i), &at);
        ATT_TRY(visit(t, &at, err));
    }
    return ATT_OK;
}

static struct position corner_at(const struct att_sweep *s, uint32_t corner)
{
    struct position at = {{0}};
    uint32_t bit = 0;

    for (uint32_t a = 0; a < s->n_axes; a++) {
        if (s->axis[a].n < 2)
            continue;
        at.at[a] = (corner >> bit & 1) != 0 ? s->axis[a].n - 1 : 0;
        bit += bit + 1 < CORNER_AXES;
    }
    return at;
}

/* Both ends of the first axes in all combinations, of further ones together:
 * costs mostly grow along axes.  Only the maxima count. */
static att_status visit_corners(struct tally *t, struct att_error *err)
{
    struct tally corners = *t;

    for (uint32_t i = 0; i < 1U << CORNER_AXES; i++) {
        const struct position at = corner_at(t->g->sweep, i);

        ATT_TRY(visit(&corners, &at, err));
    }
    t->max_flops = fmax(t->max_flops, corners.max_flops);
    t->max_bytes = fmax(t->max_bytes, corners.max_bytes);
    return ATT_OK;
}

/* Tasks of sweep `g` that its k-th earlier sweep is the first to compute. */
static uint64_t count_shared(const struct att_plan *plan, uint32_t sweep,
                             uint32_t k)
{
    const struct grid *g = &plan->grid[sweep];
    const struct grid *e = &plan->grid[g->earlier[k]];
    const uint32_t most =
        e->replicates < g->replicates ? e->replicates : g->replicates;
    struct walker w;
    uint64_t n = 0;

    start_walk(&w, e);
    for (uint64_t i = 0; i < w.n_kept; i++) {
        struct att_value p[ATT_PLAN_PARAMS];
        struct position at;
        struct position here;

        walk_to(&w, i, &at);
        if (att_grid_decode(plan, e, &at, p, NULL) != ATT_TASK_PLANNED ||
            !att_grid_find(plan, g, p, &here) || !att_condition_keeps(g, &here))
            continue;
        const uint32_t covered = att_overlap_covered(plan, sweep, k, p);
        n += covered < most ? most - covered : 0;
    }
    return n;
}

/* Walk the earlier sweeps instead of this one, if they are small enough. */
static bool count_coinciding(const struct att_plan *plan, uint32_t sweep,
                             uint64_t *n)
{
    const struct grid *g = &plan->grid[sweep];
    struct walker w;

    *n = 0;
    for (uint32_t k = 0; k < g->n_earlier; k++) {
        start_walk(&w, &plan->grid[g->earlier[k]]);
        if (w.n_kept > COMPARED)
            return false;
    }
    for (uint32_t k = 0; k < g->n_earlier; k++)
        *n += count_shared(plan, sweep, k);
    return true;
}

static uint64_t count_duplicates(const struct att_sweep *s)
{
    uint64_t n = 0;

    for (uint32_t a = 0; a < s->n_axes; a++)
        n += s->axis[a].n_duplicates;
    return n;
}

static void conclude(const struct tally *t, const struct walker *w,
                     struct att_sweep_summary *out)
{
    const struct grid *g = t->g;
    const uint64_t asked = w->n_kept <= ASKED ? w->n_kept : ASKED;
    const double weight = asked == 0 ? 0 : (double)w->n_kept / (double)asked;

    *out = (struct att_sweep_summary){
        .n_points = g->n_points,
        .n_dropped = g->n_points - w->n_kept,
        .n_coinciding = (uint64_t)llround(weight * t->coinciding),
        .n_duplicates = count_duplicates(g->sweep),
        .n_asked = asked,
        .exact = asked == w->n_kept,
        .coinciding_exact = asked == w->n_kept || g->n_earlier == 0,
        .n_infeasible = weight * t->infeasible,
        .n_too_large = weight * t->too_large,
        .n_invalid = weight * t->invalid,
        .flops = weight * t->flops,
        .max_flops = t->max_flops,
        .max_bytes = t->max_bytes};
    if (!out->coinciding_exact) {
        uint64_t n = 0;

        out->coinciding_exact = count_coinciding(t->plan, t->task.sweep, &n);
        if (out->coinciding_exact)
            out->n_coinciding = n;
    }
    out->n_tasks = w->n_kept * g->replicates - out->n_coinciding;
}

static att_status sum_sweep(struct att_plan *plan, uint32_t sweep,
                            struct att_sweep_summary *out,
                            struct att_error *err)
{
    const struct grid *g = &plan->grid[sweep];
    struct tally t = {
        .plan = plan,
        .g = g,
        .task = {.sweep = sweep, .construction = g->construction}};
    struct walker w;

    start_walk(&w, g);
    ATT_TRY(visit_kept(&t, &w, err));
    if (w.n_kept > ASKED)
        ATT_TRY(visit_corners(&t, err));
    conclude(&t, &w, out);
    return ATT_OK;
}

/* ---- all sweeps ------------------------------------------------------------------------------ */

static void add(struct att_sweep_summary *total,
                const struct att_sweep_summary *s)
{
    total->n_points += s->n_points;
    total->n_dropped += s->n_dropped;
    total->n_tasks += s->n_tasks;
    total->n_coinciding += s->n_coinciding;
    total->n_duplicates += s->n_duplicates;
    total->n_asked += s->n_asked;
    total->exact = total->exact && s->exact;
    total->coinciding_exact = total->coinciding_exact && s->coinciding_exact;
    total->n_infeasible += s->n_infeasible;
    total->n_too_large += s->n_too_large;
    total->n_invalid += s->n_invalid;
    total->flops += s->flops;
    total->max_flops = fmax(total->max_flops, s->max_flops);
    total->max_bytes = fmax(total->max_bytes, s->max_bytes);
}

static att_status sum_all(struct att_plan *plan, struct att_summary *s,
                          struct att_error *err)
{
    s->total =
        (struct att_sweep_summary){.exact = true, .coinciding_exact = true};
    for (uint32_t i = 0; i < plan->study->n_sweeps; i++) {
        ATT_TRY(sum_sweep(plan, i, &s->sweep[i], err));
        add(&s->total, &s->sweep[i]);
    }
    return ATT_OK;
}

att_status att_summary_create(struct att_plan *plan,
                              struct att_summary **summary,
                              struct att_error *err)
{
    struct att_summary *made = calloc(1, sizeof *made);

    if (made != NULL)
        made->sweep = calloc(plan->study->n_sweeps, sizeof *made->sweep);
    if (made == NULL || made->sweep == NULL) {
        att_summary_destroy(made);
        return att_fail(err, ATT_E_NOMEM, "out of memory for a summary");
    }
    const att_status status = sum_all(plan, made, err);
    if (status != ATT_OK) {
        att_summary_destroy(made);
    } else {
        *summary = made;
    }
    return status;
}

void att_summary_destroy(struct att_summary *summary)
{
    if (summary == NULL)
        return;
    free(summary->sweep);
    free(summary);
}

struct att_makespan att_summary_makespan(const struct att_summary *summary,
                                         uint32_t n_sweeps,
                                         const double *ns_per_flop,
                                         uint32_t cores)
{
    struct att_makespan m = {0};

    assert(cores > 0);
    for (uint32_t s = 0; s < n_sweeps; s++) {
        const double s_per_flop = ns_per_flop[s] * 1e-9;

        m.core_s += summary->sweep[s].flops * s_per_flop;
        m.longest_s =
            fmax(m.longest_s, summary->sweep[s].max_flops * s_per_flop);
    }
    m.low_s = fmax(m.core_s / cores, m.longest_s);
    m.high_s = m.core_s / cores + m.longest_s * (cores - 1) / cores;
    return m;
}
