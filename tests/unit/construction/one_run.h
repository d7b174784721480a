/* one_run.h - a registered construction at one point, for unit tests. */
#pragma once

#include "attest/construction/registry.h"
#include "unit.h"

/* One construction at one point: parameters by name, others at their default. */
struct one_run {
    const struct att_construction *c;
    struct att_value p[32];
    struct att_workspace ws;
    void *instance, *built;
    struct att_case at;
    struct att_outcome out;
};

static inline void one_run_open(struct one_run *r, struct att_arena *arena,
                                const char *name)
{
    r->c = att_construction_find(name);
    CU_ASSERT_PTR_NOT_NULL_FATAL(r->c);
    for (uint32_t i = 0; i < att_construction_n_params(r->c); i++)
        r->p[i] = att_param_default(att_construction_param(r->c, i));
    att_workspace_init(&r->ws, arena, 3, 4);
}

static inline void one_run_set(struct one_run *r, const char *param,
                               int64_t value)
{
    r->p[att_construction_find_param(r->c, param)].i = value;
}

static inline void one_run_choose(struct one_run *r, const char *param,
                                  const char *choice)
{
    r->p[att_construction_find_param(r->c, param)].s = choice;
}

/* false: this build lacks a library that the point needs. */
static inline bool one_run_evaluate(struct one_run *r)
{
    CU_ASSERT_EQUAL_FATAL(
        r->c->problem->generate(&r->ws, r->p, &r->instance, NULL), ATT_OK);
    r->at =
        (struct att_case){.p = r->p, .instance = r->instance, .slice = {0, 1}};
    const att_status status = r->c->build(&r->ws, &r->at, &r->built, NULL);

    if (status == ATT_E_UNSUPPORTED)
        return false;
    CU_ASSERT_EQUAL_FATAL(status, ATT_OK);
    r->at.built = r->built;
    CU_ASSERT_EQUAL_FATAL(att_outcome_init(&r->out, r->c, r->ws.arena, NULL),
                          ATT_OK);
    CU_ASSERT_EQUAL_FATAL(r->c->evaluate(&r->ws, &r->at, &r->out, NULL),
                          ATT_OK);
    return true;
}

static inline double one_run_metric(const struct one_run *r, const char *name)
{
    return att_value_number(
        r->out.metric[att_construction_find_metric(r->c, name)]);
}
