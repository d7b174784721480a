/* sweep_columns.c - the columns of a sweep, as its rows are coded. */
#include <string.h>

#include "attest/base/text.h"
#include "attest/record/search_columns.h"
#include "task_priv.h"

/* A list of columns while it grows; sized in advance. */
struct column_list {
    struct att_arena *arena;
    struct att_column *column;
    uint32_t n;
};

static void add(struct column_list *list, const char *name,
                enum att_column_role role, enum att_kind kind)
{
    list->column[list->n++] =
        (struct att_column){.name = name, .role = role, .kind = kind};
}

static bool has(const struct column_list *list, const char *name)
{
    uint32_t i = 0;

    while (i < list->n && !att_text_same(list->column[i].name, name))
        i++;
    return i < list->n;
}

/* "hardmax.blocks-bound" becomes "claim_blocks_bound", and where another claim
 * has that name already, "claim_hardmax_blocks_bound". */
static const char *claim_column(const struct column_list *list, const char *id)
{
    const char *const dot = strchr(id, '.');
    const char *const tail = dot == NULL ? id : dot + 1;
    char *name = att_arena_printf(list->arena, "claim_%s", tail);

    for (char *c = name; c != NULL && *c != '\0'; c++) {
        if (*c == '-' || *c == '.')
            *c = '_';
    }
    return name != NULL && has(list, name) && tail != id
               ? att_arena_printf(list->arena, "claim_%.*s_%s",
                                  (int)(tail - id - 1), id, name + 6)
               : name;
}

static enum att_kind kind_of(const struct att_param *param)
{
    if (param->type == ATT_TYPE_INTEGER)
        return ATT_INTEGER;
    return param->type == ATT_TYPE_REAL ? ATT_REAL : ATT_TEXT;
}

static void add_metrics(struct column_list *list,
                        const struct att_construction *c)
{
    for (uint32_t i = 0; i < c->n_metrics; i++)
        add(list, c->metrics[i].name, ATT_COLUMN_METRIC, c->metrics[i].kind);
}

static void add_claims(struct column_list *list,
                       const struct att_construction *c)
{
    for (uint32_t i = 0; i < c->n_claims; i++) {
        add(list, claim_column(list, c->claims[i].id), ATT_COLUMN_CLAIM,
            ATT_INTEGER);
    }
}

static void add_observations(struct column_list *list,
                             const struct att_construction *c)
{
    for (uint32_t i = 0; i < c->n_observations; i++)
        add(list, c->observations[i].name, ATT_COLUMN_OBSERVATION, ATT_REAL);
}

static void add_params(struct column_list *list,
                       const struct att_construction *c)
{
    for (uint32_t i = 0; i < att_construction_n_params(c); i++) {
        const struct att_param *const p = att_construction_param(c, i);

        add(list, p->name, ATT_COLUMN_PARAM, kind_of(p));
    }
}

/* ---- what a search adds ---------------------------------------------------- */

/* A name that the construction uses for something else gets a prefix. */
static void add_own(struct column_list *list, const char *name,
                    enum att_column_role role, enum att_kind kind)
{
    if (has(list, name))
        name = att_arena_printf(list->arena, "find_%s", name);
    add(list, name, role, kind);
}

static void add_find_metrics(struct column_list *list,
                             const struct att_param *searched)
{
    for (int i = 0; i < ATT_FIND_METRICS; i++) {
        const bool value =
            i == ATT_FIND_FOUND || i == ATT_FIND_FIRST || i == ATT_FIND_STABLE;

        add_own(list, att_find_metric[i].name, ATT_COLUMN_METRIC,
                value ? kind_of(searched) : att_find_metric[i].kind);
    }
}

/* Numbers that a repetition gives again. */
bool att_find_shows(const struct att_metric *metric)
{
    return metric->kind != ATT_TEXT && metric->exactness != ATT_TIMING;
}

static const char *line_name(enum att_find_line column)
{
    return att_find_line[column].name;
}

/* The lines of a search are its probes. */
static void add_find_observations(struct column_list *list,
                                  const struct sweep_facts *facts,
                                  const struct att_construction *c)
{
    const struct att_param *const p =
        att_construction_param(c, facts->find->param);
    const enum att_column_role role = ATT_COLUMN_OBSERVATION;

    if (facts->lines == FIND_LINES_PROFILE) {
        add_observations(list, c);
        add(list, line_name(ATT_FIND_ACCEPTED), role, ATT_REAL);
        return;
    }
    add(list, kind_of(p) == ATT_TEXT ? line_name(ATT_FIND_CANDIDATE) : p->name,
        role, ATT_REAL);
    add(list, line_name(ATT_FIND_ACCEPTED), role, ATT_REAL);
    if (facts->lines == FIND_LINES_SHARE) {
        add(list, line_name(ATT_FIND_SHARE), role, ATT_REAL);
        add(list, line_name(ATT_FIND_SHARE_LO), role, ATT_REAL);
        add(list, line_name(ATT_FIND_SHARE_HI), role, ATT_REAL);
        add(list, line_name(ATT_FIND_REPLICATES), role, ATT_REAL);
        return;
    }
    for (uint32_t i = 0; i < c->n_metrics; i++) {
        if (att_find_shows(&c->metrics[i]))
            add(list, c->metrics[i].name, role, ATT_REAL);
    }
}

/* The observation axis that is the searched parameter, or -1. */
static int profile_axis(const struct att_construction *c, uint32_t param)
{
    const struct att_param *const p = att_construction_param(c, param);
    const int i = att_construction_find_observation(c, p->name);

    if (i < 0 || c->observations[i].role != ATT_ROLE_AXIS ||
        kind_of(p) == ATT_TEXT)
        return -1;
    return i;
}

static void settle_search(struct sweep_facts *facts,
                          const struct att_sweep *sweep)
{
    facts->find = sweep->find.present ? &sweep->find : NULL;
    facts->profile = -1;
    if (facts->find == NULL)
        return;
    facts->profile = profile_axis(sweep->construction, facts->find->param);
    facts->lines = FIND_LINES_METRICS;
    if (facts->find->share > 0) {
        facts->lines = FIND_LINES_SHARE;
    } else if (facts->profile >= 0) {
        facts->lines = FIND_LINES_PROFILE;
    }
}

/* ---- all of it --------------------------------------------------------------- */

enum { MOST_FIND_COLUMNS = ATT_FIND_METRICS + ATT_FIND_LINES + 2 };

static void fill(struct column_list *list, struct sweep_facts *facts,
                 const struct att_construction *c)
{
    struct att_columns *const out = &facts->columns;

    add_params(list, c);
    out->n_params = list->n;
    add_metrics(list, c);
    if (facts->find != NULL)
        add_find_metrics(list, att_construction_param(c, facts->find->param));
    out->n_metrics = list->n - out->n_params;
    add_claims(list, c);
    out->n_claims = c->n_claims;
    const uint32_t before = list->n;

    if (facts->find != NULL) {
        add_find_observations(list, facts, c);
    } else {
        add_observations(list, c);
    }
    out->n_observations = list->n - before;
}

static att_status describe_sweep(struct att_arena *arena,
                                 const struct att_sweep *sweep,
                                 struct sweep_facts *facts,
                                 struct att_error *err)
{
    const struct att_construction *const c = sweep->construction;
    const uint32_t most = att_construction_n_params(c) + 2 * c->n_metrics +
                          c->n_claims + c->n_observations + MOST_FIND_COLUMNS;
    struct column_list list = {.arena = arena};

    settle_search(facts, sweep);
    list.column = ATT_NEW(arena, struct att_column, most);
    if (list.column == NULL)
        return att_arena_fail(arena, "the columns of a sweep", err);
    fill(&list, facts, c);
    if (att_arena_refused(arena) != 0)
        return att_arena_fail(arena, "the columns of a sweep", err);
    facts->columns.construction = c->name;
    facts->columns.version = c->version;
    facts->columns.column = list.column;
    facts->columns_id = att_columns_id(&facts->columns);
    return ATT_OK;
}

att_status att_task_describe(struct att_task_env *env, struct att_error *err)
{
    const struct att_study *const study = att_plan_study(env->plan);

    env->sweep = ATT_NEW0(env->lasting, struct sweep_facts, study->n_sweeps);
    if (env->sweep == NULL)
        return att_arena_fail(env->lasting, "the columns of the sweeps", err);
    for (uint32_t i = 0; i < study->n_sweeps; i++) {
        ATT_TRY(describe_sweep(env->lasting, &study->sweep[i], &env->sweep[i],
                               err));
    }
    return ATT_OK;
}

const struct att_columns *att_task_columns(const struct att_task_env *env,
                                           uint32_t sweep)
{
    return &env->sweep[sweep].columns;
}
