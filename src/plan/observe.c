/* observe.c - what all the sweeps that share a task ask it to observe. */
#include "attest/base/text.h"
#include "plan_priv.h"

static const struct att_observe_axis *find_axis(const struct att_observe *o,
                                                const char *name)
{
    for (size_t i = 0; i < o->n; i++) {
        if (att_text_same(o->axis[i].name, name))
            return &o->axis[i];
    }
    return NULL;
}

/* Is the construction's own grid wanted?  Also by who does not speak of it. */
static bool wants_own(const struct att_observe_axis *axis)
{
    return axis == NULL || axis->n == 0 || axis->own || axis->log;
}

static bool wants_log(const struct att_observe_axis *axis)
{
    return axis != NULL && axis->log;
}

/* One axis as two sweeps ask for it; b may be silent (NULL).  Of two own grids
 * the finer one stands, which `log` is not. */
static att_status join_axis(const struct att_observe_axis *a,
                            const struct att_observe_axis *b,
                            struct att_arena *arena,
                            struct att_observe_axis *out, struct att_error *err)
{
    const size_t n_b = b == NULL ? 0 : b->n;
    double *value = ATT_NEW(arena, double, a->n + n_b);

    if (value == NULL)
        return att_arena_fail(arena, "the values to observe", err);
    *out = (struct att_observe_axis){
        .name = a->name,
        .value = value,
        .n = att_observe_merge(a->value, a->n, b == NULL ? NULL : b->value, n_b,
                               value),
        .own = wants_own(a) || wants_own(b),
        .log = (wants_log(a) || !wants_own(a)) &&
               (wants_log(b) || !wants_own(b)) &&
               (wants_log(a) || wants_log(b)),
    };
    return ATT_OK;
}

static att_status join(const struct att_observe *a, const struct att_observe *b,
                       struct att_arena *arena, struct att_observe *out,
                       struct att_error *err)
{
    struct att_observe_axis *axis =
        ATT_NEW(arena, struct att_observe_axis, a->n + b->n);
    size_t n = 0;

    if (axis == NULL)
        return att_arena_fail(arena, "the axes to observe", err);
    for (size_t i = 0; i < a->n; i++) {
        ATT_TRY(join_axis(&a->axis[i], find_axis(b, a->axis[i].name), arena,
                          &axis[n++], err));
    }
    for (size_t i = 0; i < b->n; i++) {
        if (find_axis(a, b->axis[i].name) == NULL)
            ATT_TRY(join_axis(&b->axis[i], NULL, arena, &axis[n++], err));
    }
    *out = (struct att_observe){.axis = axis, .n = n};
    return ATT_OK;
}

att_status att_plan_observe(const struct att_plan *plan,
                            const struct att_task *task,
                            struct att_arena *arena,
                            struct att_observe *observe, struct att_error *err)
{
    const struct grid *g = &plan->grid[task->sweep];

    *observe = g->sweep->observe;
    for (uint32_t i = 0; i < g->n_later; i++) {
        const struct grid *l = &plan->grid[g->later[i]];
        const struct att_observe so_far = *observe;

        if (task->replicate < l->replicates &&
            att_overlap_holds(plan, l, task->p))
            ATT_TRY(join(&so_far, &l->sweep->observe, arena, observe, err));
    }
    return ATT_OK;
}
