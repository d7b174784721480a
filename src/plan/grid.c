/* grid.c - the product of a sweep's axes, addressed by one integer.
 *
 *   N in {16, 32}   (L, q) in {(64, 2), (256, 4)}   d = ceil(4 q ln L)
 *
 * has 2 * 2 points: derived axes have no digit of their own, zipped ones share
 * one.  Nothing is expanded; a number is decoded where it is needed. */
#include <assert.h>
#include <string.h>

#include "attest/base/buffer.h"
#include "attest/base/text.h"
#include "plan_priv.h"

/* ---- numbers to positions ------------------------------------------------------ */

void att_grid_position(const struct grid *g, uint64_t point,
                       struct position *out)
{
    for (uint32_t a = g->sweep->n_axes; a-- > 0;) {
        out->at[a] = point % g->sweep->axis[a].n;
        point /= g->sweep->axis[a].n;
    }
    assert(point == 0);
}

uint64_t att_grid_point(const struct grid *g, const struct position *at)
{
    uint64_t point = 0;

    for (uint32_t a = 0; a < g->sweep->n_axes; a++)
        point = point * g->sweep->axis[a].n + at->at[a];
    return point;
}

/* ---- positions to values -------------------------------------------------------- */

void att_grid_fill(const struct grid *g, const struct position *at,
                   struct att_value *p)
{
    memcpy(p, g->base, g->n_params * sizeof *p);
    for (uint32_t a = 0; a < g->sweep->n_axes; a++) {
        const struct att_axis *axis = &g->sweep->axis[a];

        for (uint32_t k = 0; axis->expr == NULL && k < axis->n_params; k++)
            p[axis->param[k]] = att_axis_value(axis, at->at[a], k);
    }
}

/* Texts that are no choice become missing: Lua owns them only for now. */
static bool settle(const struct att_param *param, struct att_value *v,
                   struct att_error *err)
{
    if (att_param_coerce(param, v, err) == ATT_OK) {
        if (v->kind == ATT_REAL && v->r == 0)
            v->r = 0; /* no negative zero */
        return true;
    }
    if (v->kind == ATT_TEXT)
        *v = att_none();
    return false;
}

att_status att_grid_derive(const struct grid *g, const bool *only,
                           struct att_value *p, struct refusal *refusal,
                           struct att_error *err)
{
    refusal->axis = g->sweep->n_axes;
    refusal->why.status = ATT_OK;
    for (uint32_t i = 0; i < g->sweep->n_derived; i++) {
        const uint32_t a = g->sweep->derived[i];
        const uint32_t param = g->sweep->axis[a].param[0];
        struct att_value v;

        if (only != NULL && !only[a])
            continue;
        ATT_TRY(att_expr_value(g->derived[i], p, &v, err));
        if (!settle(att_construction_param(g->construction, param), &v,
                    &refusal->why) &&
            refusal->axis == g->sweep->n_axes)
            refusal->axis = a;
        p[param] = v;
    }
    return ATT_OK;
}

/* ---- messages --------------------------------------------------------------------- */

static void put_point(const struct grid *g, const struct att_value *p,
                      struct att_buffer *out)
{
    char text[ATT_NUMBER_TEXT];
    const char *separator = "";

    for (uint32_t a = 0; a < g->sweep->n_axes; a++) {
        const struct att_axis *axis = &g->sweep->axis[a];

        for (uint32_t k = 0; axis->expr == NULL && k < axis->n_params; k++) {
            const uint32_t i = axis->param[k];

            att_buffer_printf(out, "%s%s = %s", separator,
                              att_construction_param(g->construction, i)->name,
                              att_value_text(p[i], text));
            separator = ", ";
        }
    }
}

att_status att_grid_fail(const struct att_plan *plan, const struct grid *g,
                         uint32_t line, const struct att_value *p,
                         const struct att_error *why, struct att_error *err)
{
    struct att_buffer point = {0};

    put_point(g, p, &point);
    const att_status status = att_fail(
        err, ATT_E_ARG, "%s:%u: sweep '%s': %.200s%s%s%s", plan->study->path,
        line, g->sweep->name, why->text, point.size > 0 ? " (at " : "",
        point.size > 0 ? point.data : "", point.size > 0 ? ")" : "");
    att_buffer_fini(&point);
    return status;
}

/* ---- a whole point ------------------------------------------------------------------ */

enum att_task_state att_grid_decode(const struct att_plan *plan,
                                    const struct grid *g,
                                    const struct position *at,
                                    struct att_value *p, struct att_error *err)
{
    struct refusal refusal;
    struct att_error why = {0};

    att_grid_fill(g, at, p);
    if (!att_condition_keeps(g, at))
        return ATT_TASK_DROPPED;
    if (g->sweep->n_derived == 0)
        return ATT_TASK_PLANNED;
    if (att_grid_derive(g, NULL, p, &refusal, &why) != ATT_OK) {
        (void)att_grid_fail(plan, g, g->sweep->line, p, &why, err);
        return ATT_TASK_INVALID;
    }
    if (refusal.axis == g->sweep->n_axes)
        return ATT_TASK_PLANNED;
    (void)att_grid_fail(plan, g, g->sweep->axis[refusal.axis].line, p,
                        &refusal.why, err);
    return ATT_TASK_INVALID;
}

/* ---- values to positions -------------------------------------------------------------- */

bool att_grid_same(const struct att_plan *plan, const struct grid *g,
                   uint32_t param, struct att_value a, struct att_value b)
{
    struct att_key x;
    struct att_key y;

    if (att_value_equal(a, b))
        return true;
    return att_construction_param(g->construction, param)->type ==
               ATT_TYPE_PATH &&
           plan->inputs != NULL && a.kind == ATT_TEXT && b.kind == ATT_TEXT &&
           att_inputs_hash(plan->inputs, a.s, &x) &&
           att_inputs_hash(plan->inputs, b.s, &y) && att_key_equal(x, y);
}

static bool has_path(const struct grid *g, const struct att_axis *axis)
{
    for (uint32_t k = 0; k < axis->n_params; k++) {
        if (att_construction_param(g->construction, axis->param[k])->type ==
            ATT_TYPE_PATH)
            return true;
    }
    return false;
}

/* Files are the same by their bytes, whatever their names. */
static bool find_path(const struct att_plan *plan, const struct grid *g,
                      const struct att_axis *axis, const struct att_value *p,
                      uint64_t *position)
{
    for (uint64_t i = 0; i < axis->n; i++) {
        uint32_t k = 0;

        while (k < axis->n_params &&
               att_grid_same(plan, g, axis->param[k],
                             att_axis_value(axis, i, k), p[axis->param[k]]))
            k++;
        if (k == axis->n_params) {
            *position = i;
            return true;
        }
    }
    return false;
}

static bool find_positions(const struct att_plan *plan, const struct grid *g,
                           const struct att_value *p, struct position *at)
{
    for (uint32_t a = 0; a < g->sweep->n_axes; a++) {
        const struct att_axis *axis = &g->sweep->axis[a];

        at->at[a] = 0;
        if (axis->expr != NULL)
            continue;
        if (!att_axis_find(axis, p, &at->at[a]) &&
            !(has_path(g, axis) && find_path(plan, g, axis, p, &at->at[a])))
            return false;
    }
    return true;
}

bool att_grid_find(const struct att_plan *plan, const struct grid *g,
                   const struct att_value *p, struct position *at)
{
    struct att_value here[ATT_PLAN_PARAMS];
    struct refusal refusal;

    if (!find_positions(plan, g, p, at))
        return false;
    att_grid_fill(g, at, here);
    if (g->sweep->n_derived > 0 &&
        (att_grid_derive(g, NULL, here, &refusal, NULL) != ATT_OK ||
         refusal.axis < g->sweep->n_axes))
        return false;
    for (uint32_t i = 0; i < g->n_params; i++) {
        const bool searched =
            g->sweep->find.present && g->sweep->find.param == i;

        if (!searched && !att_grid_same(plan, g, i, here[i], p[i]))
            return false;
    }
    return true;
}
