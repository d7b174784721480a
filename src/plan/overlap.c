/* overlap.c - points that an earlier sweep computes already.
 *
 * Most sweeps share nothing, and a look at their axes one by one tells: if
 * some parameter has no value in common, no point is.  Where they might share
 * points, the earlier sweep is asked for each point. */
#include "attest/base/text.h"
#include "plan_priv.h"

static const uint64_t MOST_COMPARED = 65536; /* values of one axis */

/* The axis that sets a parameter, or NULL when it is fixed. */
static const struct att_axis *axis_of(const struct grid *g, uint32_t param,
                                      uint32_t *k)
{
    for (uint32_t a = 0; a < g->sweep->n_axes; a++) {
        const struct att_axis *axis = &g->sweep->axis[a];

        for (*k = 0; *k < axis->n_params; (*k)++) {
            if (axis->param[*k] == param)
                return axis;
        }
    }
    return NULL;
}

/* May a sweep give a parameter this value?  Says yes where it cannot tell. */
static bool may_take(const struct att_plan *plan, const struct grid *g,
                     uint32_t param, struct att_value v)
{
    struct att_value p[ATT_PLAN_PARAMS];
    uint32_t k = 0;
    uint64_t position = 0;
    const struct att_axis *axis = axis_of(g, param, &k);

    if (axis == NULL)
        return att_grid_same(plan, g, param, g->base[param], v);
    if (axis->expr != NULL || axis->n_params > 1 ||
        att_construction_param(g->construction, param)->type == ATT_TYPE_PATH)
        return true;
    p[param] = v;
    return att_axis_find(axis, p, &position);
}

static bool may_share(const struct att_plan *plan, const struct grid *a,
                      const struct grid *b, uint32_t param)
{
    uint32_t k = 0;
    const struct att_axis *axis = axis_of(a, param, &k);

    if (axis == NULL)
        return may_take(plan, b, param, a->base[param]);
    if (axis->expr != NULL || axis->n > MOST_COMPARED)
        return true;
    for (uint64_t i = 0; i < axis->n; i++) {
        if (may_take(plan, b, param, att_axis_value(axis, i, k)))
            return true;
    }
    return false;
}

static bool may_overlap(const struct att_plan *plan, const struct grid *a,
                        const struct grid *b)
{
    if (a->construction != b->construction ||
        !att_text_same(a->search_key, b->search_key))
        return false;
    for (uint32_t i = 0; i < a->n_params; i++) {
        const bool searched =
            a->sweep->find.present && a->sweep->find.param == i;

        if (!searched &&
            (!may_share(plan, a, b, i) || !may_share(plan, b, a, i)))
            return false;
    }
    return true;
}

void att_overlap_find(struct att_plan *plan, uint32_t sweep)
{
    struct grid *g = &plan->grid[sweep];

    for (uint32_t s = 0; s < sweep; s++) {
        struct grid *e = &plan->grid[s];

        if (may_overlap(plan, e, g)) {
            g->earlier[g->n_earlier++] = s;
            e->later[e->n_later++] = sweep;
        }
    }
}

bool att_overlap_holds(const struct att_plan *plan, const struct grid *g,
                       const struct att_value *p)
{
    struct position at;

    return att_grid_find(plan, g, p, &at) && att_condition_keeps(g, &at);
}

uint32_t att_overlap_covered(const struct att_plan *plan, uint32_t sweep,
                             uint32_t n, const struct att_value *p)
{
    const struct grid *g = &plan->grid[sweep];
    uint32_t covered = 0;

    for (uint32_t i = 0; i < n; i++) {
        const struct grid *e = &plan->grid[g->earlier[i]];

        if (e->replicates > covered && att_overlap_holds(plan, e, p))
            covered = e->replicates;
    }
    return covered;
}
