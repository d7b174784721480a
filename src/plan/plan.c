/* plan.c - numbering: sweep after sweep, point after point, replicate
 * fastest. */
#include "attest/plan/plan.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "attest/base/text.h"
#include "plan_priv.h"

/* ---- making ------------------------------------------------------------------- */

static att_status compile(struct att_plan *plan, const char *text,
                          const struct att_names *names, struct att_expr **out,
                          struct att_error *err)
{
    *out = NULL;
    if (text == NULL)
        return ATT_OK;
    return att_expr_compile(plan->engine, text, names, out, err);
}

/* Parameters, metrics and observations: what a search may speak of. */
static att_status compile_search(struct att_plan *plan, struct grid *g,
                                 struct att_error *err)
{
    const struct att_construction *c = g->construction;
    const uint32_t n = g->n_params + c->n_metrics + c->n_observations;
    const char **name = ATT_NEW(plan->arena, const char *, n);
    const struct att_names names = {name, n};
    uint32_t k = 0;

    if (!g->sweep->find.present)
        return ATT_OK;
    if (name == NULL)
        return att_arena_fail(plan->arena, "the plan", err);
    for (uint32_t i = 0; i < g->n_params; i++)
        name[k++] = att_construction_param(c, i)->name;
    for (uint32_t i = 0; i < c->n_metrics; i++)
        name[k++] = c->metrics[i].name;
    for (uint32_t i = 0; i < c->n_observations; i++)
        name[k++] = c->observations[i].name;
    return compile(plan, g->sweep->find.such_that, &names, &g->such_that, err);
}

static att_status compile_axes(struct att_plan *plan, struct grid *g,
                               const struct att_names *names,
                               struct att_error *err)
{
    const struct att_sweep *s = g->sweep;

    for (uint32_t i = 0; i < s->n_derived; i++) {
        ATT_TRY(compile(plan, s->axis[s->derived[i]].expr, names,
                        &g->derived[i], err));
    }
    return ATT_OK;
}

static att_status compile_all(struct att_plan *plan, struct grid *g,
                              struct att_error *err)
{
    const struct att_sweep *s = g->sweep;
    const char *limits[PLAN_LIMITS] = {s->limits.task_time_s.expr,
                                       s->limits.task_memory_bytes.expr,
                                       s->limits.retries.expr};
    const char *name[ATT_PLAN_PARAMS];
    const struct att_names names = {name, g->n_params};

    for (uint32_t i = 0; i < g->n_params; i++)
        name[i] = att_construction_param(g->construction, i)->name;
    ATT_TRY(compile_axes(plan, g, &names, err));
    for (uint32_t i = 0; i < PLAN_LIMITS; i++)
        ATT_TRY(compile(plan, limits[i], &names, &g->limit[i], err));
    ATT_TRY(compile(plan, s->where, &names, &g->where, err));
    return compile_search(plan, g, err);
}

static att_status start_grid(struct att_plan *plan, struct grid *g,
                             const struct att_sweep *s, struct att_error *err)
{
    const uint32_t n = att_construction_n_params(s->construction);

    assert(n <= ATT_PLAN_PARAMS);
    *g = (struct grid){
        .sweep = s,
        .construction = s->construction,
        .n_params = n,
        .replicates = s->find.share > 0 ? 1 : s->replicates,
        .n_points = 1,
        .base = ATT_NEW(plan->arena, struct att_value, n),
        .derived = ATT_NEW(plan->arena, struct att_expr *, s->n_derived),
        .earlier = ATT_NEW(plan->arena, uint32_t, plan->study->n_sweeps),
        .later = ATT_NEW(plan->arena, uint32_t, plan->study->n_sweeps)};
    if (g->base == NULL || g->derived == NULL || g->earlier == NULL ||
        g->later == NULL)
        return att_arena_fail(plan->arena, "the plan", err);
    memcpy(g->base, s->fixed, n * sizeof *g->base);
    if (s->find.present)
        g->base[s->find.param] = att_budget_middle(&s->find);
    for (uint32_t a = 0; a < s->n_axes; a++)
        g->n_points *= s->axis[a].n;
    return ATT_OK;
}

/* Two files with the same bytes on one axis would be one task twice. */
static att_status check_files(const struct att_plan *plan, const struct grid *g,
                              const struct att_axis *axis, uint32_t k,
                              struct att_error *err)
{
    const uint32_t param = axis->param[k];

    if (att_construction_param(g->construction, param)->type != ATT_TYPE_PATH ||
        axis->n_params > 1)
        return ATT_OK;
    for (uint64_t i = 0; i < axis->n; i++) {
        for (uint64_t j = 0; j < i; j++) {
            const struct att_value a = att_axis_value(axis, i, k);
            const struct att_value b = att_axis_value(axis, j, k);

            if (att_grid_same(plan, g, param, a, b)) {
                return att_fail(err, ATT_E_ARG,
                                "%s:%u: sweep '%s': '%s' and '%s' hold the "
                                "same bytes",
                                plan->study->path, axis->line, g->sweep->name,
                                b.s, a.s);
            }
        }
    }
    return ATT_OK;
}

static att_status check_axes(const struct att_plan *plan, const struct grid *g,
                             struct att_error *err)
{
    for (uint32_t a = 0; a < g->sweep->n_axes; a++) {
        const struct att_axis *axis = &g->sweep->axis[a];

        for (uint32_t k = 0; k < axis->n_params; k++)
            ATT_TRY(check_files(plan, g, axis, k, err));
    }
    return ATT_OK;
}

/* ---- create and destroy ------------------------------------------------------------ */

static att_status make_grid(struct att_plan *plan, uint32_t sweep,
                            struct att_error *err)
{
    struct grid *g = &plan->grid[sweep];
    att_status status = start_grid(plan, g, &plan->study->sweep[sweep], err);

    if (status == ATT_OK)
        status = compile_all(plan, g, err);
    if (status == ATT_OK)
        status = check_axes(plan, g, err);
    if (status == ATT_OK)
        status = att_name_prepare(plan, g, err);
    if (status == ATT_OK)
        status = att_condition_make(plan, g, err);
    if (status == ATT_OK)
        status = att_condition_guard(plan, g, err);
    if (status != ATT_OK)
        return status;
    g->first = plan->n_tasks;
    plan->n_tasks += g->n_points * g->replicates;
    att_overlap_find(plan, sweep);
    return ATT_OK;
}

static att_status make_digest(struct att_plan *plan, struct att_error *err)
{
    struct att_buffer text = {0};
    char hex[ATT_KEY_TEXT];
    size_t n = 0;

    att_buffer_text(&text, att_key_text(plan->study->digest, hex));
    if (plan->inputs != NULL) {
        const struct att_input_file *file = att_inputs_files(plan->inputs, &n);

        for (size_t i = 0; i < n; i++) {
            const struct att_key k =
                att_hash128(file[i].bytes, file[i].n_bytes);

            att_buffer_printf(&text, "\n%s", att_key_text(k, hex));
        }
    }
    const bool ok = att_buffer_ok(&text);
    if (ok)
        plan->digest = att_hash128(text.data, text.size);
    att_buffer_fini(&text);
    return ok ? ATT_OK : att_fail(err, ATT_E_NOMEM, "out of memory for a plan");
}

static att_status make_plan(struct att_plan *plan, struct att_error *err)
{
    const uint32_t n = plan->study->n_sweeps;

    plan->grid = ATT_NEW0(plan->arena, struct grid, n);
    if (plan->grid == NULL)
        return att_arena_fail(plan->arena, "the plan", err);
    ATT_TRY(att_engine_create(&plan->engine, err));
    ATT_TRY(make_digest(plan, err));
    for (uint32_t s = 0; s < n; s++)
        ATT_TRY(make_grid(plan, s, err));
    return ATT_OK;
}

att_status att_plan_create(const struct att_study *study,
                           const struct att_inputs *inputs,
                           struct att_plan **plan, struct att_error *err)
{
    struct att_plan *made = calloc(1, sizeof *made);

    if (made != NULL)
        made->arena = att_arena_create(0);
    if (made == NULL || made->arena == NULL) {
        att_plan_destroy(made);
        return att_fail(err, ATT_E_NOMEM, "out of memory for a plan");
    }
    made->study = study;
    made->inputs = inputs;
    const att_status status = make_plan(made, err);
    if (status != ATT_OK) {
        att_plan_destroy(made);
    } else {
        *plan = made;
    }
    return status;
}

void att_plan_destroy(struct att_plan *plan)
{
    if (plan == NULL)
        return;
    att_engine_destroy(plan->engine);
    att_arena_destroy(plan->arena);
    free(plan);
}

/* ---- numbers ----------------------------------------------------------------------- */

const struct att_study *att_plan_study(const struct att_plan *plan)
{
    return plan->study;
}

struct att_key att_plan_digest(const struct att_plan *plan)
{
    return plan->digest;
}

uint64_t att_plan_size(const struct att_plan *plan)
{
    return plan->n_tasks;
}

void att_plan_range(const struct att_plan *plan, uint32_t sweep,
                    uint64_t *first, uint64_t *count)
{
    const struct grid *g = &plan->grid[sweep];

    *first = g->first;
    *count = g->n_points * g->replicates;
}

bool att_plan_is_empty(const struct att_plan *plan, uint32_t sweep)
{
    const struct grid *g = &plan->grid[sweep];

    return g->where != NULL && g->condition.n_kept == 0;
}

uint32_t att_plan_replicates(const struct att_plan *plan, uint32_t sweep)
{
    return plan->grid[sweep].replicates;
}

/* The last sweep that starts at or before a number; no sweep is empty. */
static uint32_t sweep_of(const struct att_plan *plan, uint64_t number)
{
    uint32_t low = 0;
    uint32_t high = plan->study->n_sweeps;

    while (high - low > 1) {
        const uint32_t middle = low + (high - low) / 2;

        if (plan->grid[middle].first <= number) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

enum att_task_state att_plan_task(struct att_plan *plan, uint64_t number,
                                  struct att_task *task, struct att_error *err)
{
    assert(number < plan->n_tasks);
    const uint32_t sweep = sweep_of(plan, number);
    const struct grid *g = &plan->grid[sweep];
    const uint64_t within = number - g->first;

    task->number = number;
    task->sweep = sweep;
    task->construction = g->construction;
    task->replicate = (int64_t)(within % g->replicates);
    struct position at;
    att_grid_position(g, within / g->replicates, &at);
    const enum att_task_state state =
        att_grid_decode(plan, g, &at, task->p, err);
    if (state == ATT_TASK_PLANNED && g->n_earlier > 0 &&
        task->replicate <
            att_overlap_covered(plan, sweep, g->n_earlier, task->p))
        return ATT_TASK_COINCIDES;
    return state;
}

bool att_plan_number(struct att_plan *plan, uint32_t sweep,
                     const struct att_value *p, int64_t replicate,
                     uint64_t *number)
{
    const struct grid *g = &plan->grid[sweep];
    struct position at;

    if (replicate < 0 || replicate >= g->replicates ||
        !att_grid_find(plan, g, p, &at) || !att_condition_keeps(g, &at))
        return false;
    *number =
        g->first + att_grid_point(g, &at) * g->replicates + (uint64_t)replicate;
    return true;
}

static bool has_key(const struct att_plan *plan, uint32_t sweep,
                    const struct att_row_name *row)
{
    const struct grid *g = &plan->grid[sweep];
    struct att_task task = {.sweep = sweep,
                            .construction = g->construction,
                            .replicate = row->replicate};

    memcpy(task.p, row->p, g->n_params * sizeof task.p[0]);
    return att_key_equal(att_plan_key(plan, &task), row->key);
}

bool att_plan_locate(struct att_plan *plan, const struct att_row_name *row,
                     uint32_t *sweep, uint64_t *number)
{
    for (uint32_t s = 0; s < plan->study->n_sweeps; s++) {
        if (att_text_same(plan->grid[s].construction->name,
                          row->construction) &&
            att_plan_number(plan, s, row->p, row->replicate, number) &&
            has_key(plan, s, row)) {
            *sweep = s;
            return true;
        }
    }
    return false;
}
