/* one_group.h - rows of one construction for judges of groups: a real row, run
 * once, copied and changed.
 *
 *     struct one_group g;
 *     one_group_open(&g, "averaging", 1);
 *     CU_ASSERT_TRUE_FATAL(one_task_run(&g.base));
 *     one_group_add(&g, 0);
 *     one_group_param(&g, "L", att_int(64));
 *     one_group_metric(&g, "m_err", att_int(90));
 *     CU_ASSERT_EQUAL(one_group_judge(&g, "averaging.m-law").verdict, ...);
 *     one_group_close(&g); */
#pragma once

#include "one_task.h"

enum { ONE_GROUP_ROWS = 240 };

struct one_group {
    struct one_task base;
    struct att_value *param[ONE_GROUP_ROWS], *metric[ONE_GROUP_ROWS];
    struct att_row_view row[ONE_GROUP_ROWS];
    size_t n;
};

static inline void one_group_open(struct one_group *g, const char *construction,
                                  uint64_t seed)
{
    one_task_open(&g->base, construction, seed);
    g->n = 0;
}

static inline void one_group_close(struct one_group *g)
{
    one_task_close(&g->base);
}

/* One more copy of the base's row. */
static inline void one_group_add(struct one_group *g, int64_t replicate)
{
    const struct one_task *t = &g->base;
    const uint32_t n_params = att_construction_n_params(t->c);
    const size_t i = g->n++;

    CU_ASSERT_TRUE_FATAL(g->n <= ONE_GROUP_ROWS);
    g->param[i] = ATT_NEW(t->arena, struct att_value, n_params);
    g->metric[i] = ATT_NEW(t->arena, struct att_value, t->c->n_metrics);
    CU_ASSERT_PTR_NOT_NULL_FATAL(g->param[i]);
    CU_ASSERT_PTR_NOT_NULL_FATAL(g->metric[i]);
    memcpy(g->param[i], t->p, n_params * sizeof *t->p);
    memcpy(g->metric[i], t->out.metric,
           t->c->n_metrics * sizeof *t->out.metric);
    g->row[i] =
        (struct att_row_view){.construction = t->c,
                              .param = g->param[i],
                              .metric = g->metric[i],
                              .observations = {NULL, 0, t->c->n_observations},
                              .replicate = replicate};
}

/* Change the row that was added last. */
static inline void one_group_param(struct one_group *g, const char *name,
                                   struct att_value v)
{
    const int i = att_construction_find_param(g->base.c, name);

    CU_ASSERT_TRUE_FATAL(i >= 0);
    g->param[g->n - 1][i] = v;
}

static inline void one_group_metric(struct one_group *g, const char *name,
                                    struct att_value v)
{
    const int i = att_construction_find_metric(g->base.c, name);

    CU_ASSERT_TRUE_FATAL(i >= 0);
    g->metric[g->n - 1][i] = v;
}

/* cell [n, n_observations of the construction]. */
static inline void one_group_observe(struct one_group *g, const double *cell,
                                     size_t n)
{
    g->row[g->n - 1].observations.cell = cell;
    g->row[g->n - 1].observations.n_rows = n;
}

static inline struct att_finding one_group_judge(const struct one_group *g,
                                                 const char *claim)
{
    const int at = att_construction_find_claim(g->base.c, claim);
    const struct att_rows rows = {
        .row = g->row, .n = g->n, .n_planned = g->n, .scratch = g->base.arena};
    struct att_finding finding = {.verdict = ATT_INCONCLUSIVE};

    CU_ASSERT_TRUE_FATAL(at >= 0);
    g->base.c->claims[at].judge(&rows, &finding);
    return finding;
}
