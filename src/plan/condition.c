/* condition.c - `where` as a table of bits, and the guard of derived values.
 *
 * An expression depends on the axes of the parameters that it names and,
 * through derived parameters, on theirs.  Only the product of those axes is
 * walked: `N * L <= 65536` over 10 x 7 positions costs 70 evaluations however
 * many points the other axes add. */
#include <inttypes.h>
#include <string.h>

#include "plan_priv.h"

static const uint64_t MOST_TABULATED = 100000000; /* bits of one table */
static const uint64_t MOST_GUARDED = 1000000;     /* points looked at */

/* ---- which axes ------------------------------------------------------------------ */

struct axes {
    bool in[ATT_PLAN_PARAMS];
};

/* The axis that sets a parameter; n_axes when it is fixed. */
static uint32_t axis_of(const struct grid *g, uint32_t param)
{
    for (uint32_t a = 0; a < g->sweep->n_axes; a++) {
        for (uint32_t k = 0; k < g->sweep->axis[a].n_params; k++) {
            if (g->sweep->axis[a].param[k] == param)
                return a;
        }
    }
    return g->sweep->n_axes;
}

static void mark_used(const struct grid *g, const struct att_expr *expr,
                      struct axes *axes)
{
    uint32_t n = 0;
    const uint32_t *used = att_expr_used(expr, &n);

    for (uint32_t i = 0; i < n; i++) {
        const uint32_t a = axis_of(g, used[i]);

        if (a < g->sweep->n_axes)
            axes->in[a] = true;
    }
}

/* Derived axes hand on to the axes that they name; the last derived one comes
 * first, as it may name those before it. */
static void mark_through_derived(const struct grid *g, struct axes *axes)
{
    for (uint32_t i = g->sweep->n_derived; i-- > 0;) {
        if (axes->in[g->sweep->derived[i]])
            mark_used(g, g->derived[i], axes);
    }
}

/* The product of the marked axes; UINT64_MAX when it overflows. */
static uint64_t count_points(const struct grid *g, const struct axes *axes)
{
    uint64_t n = 1;

    for (uint32_t a = 0; a < g->sweep->n_axes; a++) {
        if (axes->in[a] && __builtin_mul_overflow(n, g->sweep->axis[a].n, &n))
            return UINT64_MAX;
    }
    return n;
}

/* ---- walking them ------------------------------------------------------------------ */

/* Go to the next position of the marked axes, last one fastest; the values of
 * what moved are updated.  False after the last. */
static bool advance(const struct grid *g, const struct axes *axes,
                    struct position *at, struct att_value *p)
{
    for (uint32_t a = g->sweep->n_axes; a-- > 0;) {
        const struct att_axis *axis = &g->sweep->axis[a];

        if (!axes->in[a] || axis->expr != NULL)
            continue;
        const bool carry = ++at->at[a] == axis->n;
        if (carry)
            at->at[a] = 0;
        for (uint32_t k = 0; k < axis->n_params; k++)
            p[axis->param[k]] = att_axis_value(axis, at->at[a], k);
        if (!carry)
            return true;
    }
    return false;
}

/* ---- the table ------------------------------------------------------------------------ */

static att_status fail_where(const struct att_plan *plan, const struct grid *g,
                             const struct att_value *p,
                             const struct att_error *why, struct att_error *err)
{
    struct att_error named = {0};

    (void)att_fail(&named, ATT_E_ARG, "where: %s", why->text);
    return att_grid_fail(plan, g, g->sweep->where_line, p, &named, err);
}

static att_status tabulate(struct att_plan *plan, struct grid *g,
                           const struct axes *axes, struct att_error *err)
{
    struct condition *c = &g->condition;
    struct position at = {{0}};
    struct att_value p[ATT_PLAN_PARAMS];
    struct att_error why = {0};
    struct refusal refusal;
    uint64_t i = 0;

    att_grid_fill(g, &at, p);
    do {
        bool keep = false;

        if (att_grid_derive(g, axes->in, p, &refusal, &why) != ATT_OK ||
            att_expr_test(g->where, p, &keep, &why) != ATT_OK)
            return fail_where(plan, g, p, &why, err);
        c->keep[i / 8] |= (uint8_t)((unsigned)keep << (i % 8));
        c->n_kept += keep;
        i++;
    } while (advance(g, axes, &at, p));
    return ATT_OK;
}

static att_status prepare(struct att_plan *plan, struct grid *g,
                          const struct axes *axes, struct att_error *err)
{
    struct condition *c = &g->condition;

    c->n = count_points(g, axes);
    if (c->n > MOST_TABULATED) {
        return att_fail(err, ATT_E_ARG,
                        "%s:%u: sweep '%s': where: the axes it names have "
                        "%" PRIu64 " combinations, more than %" PRIu64
                        ": bound the axes themselves",
                        plan->study->path, g->sweep->where_line, g->sweep->name,
                        c->n, MOST_TABULATED);
    }
    c->axis = ATT_NEW(plan->arena, uint32_t, g->sweep->n_axes);
    c->keep = att_arena_zero(plan->arena, c->n / 8 + 1, 1);
    if (c->axis == NULL || c->keep == NULL)
        return att_arena_fail(plan->arena, "the table of a condition", err);
    for (uint32_t a = 0; a < g->sweep->n_axes; a++) {
        if (axes->in[a] && g->sweep->axis[a].expr == NULL)
            c->axis[c->n_axes++] = a;
    }
    return ATT_OK;
}

att_status att_condition_make(struct att_plan *plan, struct grid *g,
                              struct att_error *err)
{
    struct axes axes = {{false}};

    if (g->where == NULL)
        return ATT_OK;
    mark_used(g, g->where, &axes);
    mark_through_derived(g, &axes);
    ATT_TRY(prepare(plan, g, &axes, err));
    return tabulate(plan, g, &axes, err);
}

bool att_condition_keeps(const struct grid *g, const struct position *at)
{
    const struct condition *c = &g->condition;
    uint64_t i = 0;

    if (g->where == NULL)
        return true;
    for (uint32_t k = 0; k < c->n_axes; k++)
        i = i * g->sweep->axis[c->axis[k]].n + at->at[c->axis[k]];
    return (c->keep[i / 8] >> (i % 8) & 1) != 0;
}

/* ---- the guard --------------------------------------------------------------------------- */

att_status att_condition_guard(struct att_plan *plan, const struct grid *g,
                               struct att_error *err)
{
    struct axes axes = {{false}};
    struct position at = {{0}};
    struct att_value p[ATT_PLAN_PARAMS];

    if (g->where != NULL)
        mark_used(g, g->where, &axes);
    for (uint32_t i = 0; i < g->sweep->n_derived; i++)
        axes.in[g->sweep->derived[i]] = true;
    mark_through_derived(g, &axes);
    if (g->sweep->n_derived == 0 || count_points(g, &axes) > MOST_GUARDED)
        return ATT_OK;
    att_grid_fill(g, &at, p);
    do {
        struct att_value point[ATT_PLAN_PARAMS];

        if (att_condition_keeps(g, &at) &&
            att_grid_decode(plan, g, &at, point, err) == ATT_TASK_INVALID)
            return ATT_E_ARG;
    } while (advance(g, &axes, &at, p));
    return ATT_OK;
}
