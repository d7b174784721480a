/* columns.c - the columns of a sweep, as its rows are coded. */
#include <string.h>

#include "task_priv.h"

/* "hardmax.blocks-bound" becomes "claim_blocks_bound". */
static const char *claim_column(struct att_arena *arena, const char *id)
{
    const char *dot = strchr(id, '.');
    char *name =
        att_arena_printf(arena, "claim_%s", dot != NULL ? dot + 1 : id);

    for (char *c = name; c != NULL && *c != '\0'; c++) {
        if (*c == '-' || *c == '.')
            *c = '_';
    }
    return name;
}

static enum att_kind kind_of(const struct att_param *param)
{
    if (param->type == ATT_TYPE_INTEGER)
        return ATT_INTEGER;
    return param->type == ATT_TYPE_REAL ? ATT_REAL : ATT_TEXT;
}

static void fill(const struct att_construction *c, struct att_arena *arena,
                 struct att_column *column)
{
    const uint32_t n_params = att_construction_n_params(c);

    for (uint32_t i = 0; i < n_params; i++) {
        const struct att_param *p = att_construction_param(c, i);

        *column++ = (struct att_column){p->name, ATT_COLUMN_PARAM, kind_of(p)};
    }
    for (uint32_t i = 0; i < c->n_metrics; i++) {
        *column++ = (struct att_column){c->metrics[i].name, ATT_COLUMN_METRIC,
                                        c->metrics[i].kind};
    }
    for (uint32_t i = 0; i < c->n_claims; i++) {
        *column++ = (struct att_column){claim_column(arena, c->claims[i].id),
                                        ATT_COLUMN_CLAIM, ATT_INTEGER};
    }
    for (uint32_t i = 0; i < c->n_observations; i++) {
        *column++ = (struct att_column){c->observations[i].name,
                                        ATT_COLUMN_OBSERVATION, ATT_REAL};
    }
}

static bool describe_sweep(const struct att_construction *c,
                           struct att_arena *arena, struct att_columns *out)
{
    const uint32_t n = att_construction_n_params(c) + c->n_metrics +
                       c->n_claims + c->n_observations;
    struct att_column *column = ATT_NEW(arena, struct att_column, n);

    if (column == NULL)
        return false;
    fill(c, arena, column);
    *out = (struct att_columns){
        .construction = c->name,
        .version = c->version,
        .column = column,
        .n_params = att_construction_n_params(c),
        .n_metrics = c->n_metrics,
        .n_claims = c->n_claims,
        .n_observations = c->n_observations,
    };
    return att_arena_refused(arena) == 0;
}

att_status att_task_describe(struct att_task_env *env, struct att_error *err)
{
    const struct att_study *study = att_plan_study(env->plan);

    env->n_sweeps = study->n_sweeps;
    env->column = ATT_NEW(env->columns, struct att_columns, study->n_sweeps);
    for (uint32_t i = 0; env->column != NULL && i < study->n_sweeps; i++) {
        if (!describe_sweep(study->sweep[i].construction, env->columns,
                            &env->column[i]))
            return att_arena_fail(env->columns, "the list of columns", err);
    }
    if (env->column == NULL)
        return att_arena_fail(env->columns, "the list of columns", err);
    return ATT_OK;
}

const struct att_columns *att_task_columns(const struct att_task_env *env,
                                           uint32_t sweep)
{
    return &env->column[sweep];
}
