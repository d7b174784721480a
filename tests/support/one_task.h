/* one_task.h - run a construction at one point, without a study.
 *
 *     struct one_task t;
 *     one_task_open(&t, "hardmax", 1);
 *     one_task_int(&t, "N", 8);
 *     CU_ASSERT_TRUE_FATAL(one_task_run(&t));
 *     CU_ASSERT_EQUAL(one_task_get(&t, "blocks").i, 11);
 *     one_task_close(&t);
 *
 * Header only: the support library knows no room of attest. */
#pragma once

#include <CUnit/CUnit.h>
#include <string.h>

#include "attest/construction/registry.h"

enum { ONE_TASK_PARAMS = 64 };

struct one_task {
    struct att_arena *arena;
    struct att_workspace ws;
    const struct att_construction *c;
    struct att_value p[ONE_TASK_PARAMS];
    struct att_case at;
    struct att_outcome out;
    struct att_error err;
};

/* All parameters at their defaults; seed makes both streams.  The arena is the
 * caller's: nothing is to be closed. */
static inline void one_task_open_in(struct one_task *t, struct att_arena *arena,
                                    const char *construction, uint64_t seed)
{
    memset(t, 0, sizeof *t);
    t->c = att_construction_find(construction);
    CU_ASSERT_PTR_NOT_NULL_FATAL(t->c);
    CU_ASSERT_PTR_NOT_NULL_FATAL(arena);
    t->arena = arena;
    att_workspace_init(&t->ws, t->arena, seed, seed + 1000);
    for (uint32_t i = 0; i < att_construction_n_params(t->c); i++)
        t->p[i] = att_param_default(att_construction_param(t->c, i));
    t->at.p = t->p;
    t->at.slice.count = 1;
}

/* The same in an arena of its own. */
static inline void one_task_open(struct one_task *t, const char *construction,
                                 uint64_t seed)
{
    one_task_open_in(t, att_arena_create(0), construction, seed);
}

static inline void one_task_close(struct one_task *t)
{
    att_arena_destroy(t->arena);
}

/* Set a parameter; the test ends when it is no legal value. */
static inline void one_task_set(struct one_task *t, const char *param,
                                struct att_value v)
{
    const int i = att_construction_find_param(t->c, param);

    CU_ASSERT_TRUE_FATAL(i >= 0);
    CU_ASSERT_EQUAL_FATAL(
        att_param_coerce(att_construction_param(t->c, (uint32_t)i), &v, NULL),
        ATT_OK);
    t->p[i] = v;
}

static inline void one_task_int(struct one_task *t, const char *param,
                                int64_t i)
{
    one_task_set(t, param, att_int(i));
}

static inline void one_task_text(struct one_task *t, const char *param,
                                 const char *choice)
{
    one_task_set(t, param, att_text(choice));
}

/* Admit, generate, build, evaluate; false with t->err filled. */
static inline bool one_task_run(struct one_task *t)
{
    const struct att_construction *c = t->c;
    void *instance = NULL, *built = NULL;

    if (c->admit(t->p, &t->err) != ATT_OK ||
        c->problem->generate(&t->ws, t->p, &instance, &t->err) != ATT_OK)
        return false;
    t->at.instance = instance;
    if (c->build(&t->ws, &t->at, &built, &t->err) != ATT_OK)
        return false;
    t->at.built = built;
    return att_outcome_init(&t->out, c, t->arena, &t->err) == ATT_OK &&
           c->evaluate(&t->ws, &t->at, &t->out, &t->err) == ATT_OK;
}

/* The same, but false only where this build lacks a library of the point: any
 * other failure ends the test. */
static inline bool one_task_run_supported(struct one_task *t)
{
    const bool ran = one_task_run(t);

    CU_ASSERT_TRUE_FATAL(ran || t->err.status == ATT_E_UNSUPPORTED);
    return ran;
}

/* A metric of the last run. */
static inline struct att_value one_task_get(const struct one_task *t,
                                            const char *metric)
{
    const int i = att_construction_find_metric(t->c, metric);

    CU_ASSERT_TRUE_FATAL(i >= 0);
    return t->out.metric[i];
}

/* The verdict of a row claim on the last run. */
static inline enum att_verdict one_task_verdict(const struct one_task *t,
                                                const char *claim)
{
    const int i = att_construction_find_claim(t->c, claim);
    const struct att_row_view view = {
        .construction = t->c,
        .param = t->p,
        .metric = t->out.metric,
        .observations = {t->out.observation, t->out.n_observed,
                         t->c->n_observations},
    };
    const struct att_rows rows = {
        .row = &view, .n = 1, .n_planned = 1, .scratch = t->arena};
    struct att_finding finding = {.verdict = ATT_INCONCLUSIVE};

    CU_ASSERT_TRUE_FATAL(i >= 0);
    t->c->claims[i].judge(&rows, &finding);
    return finding.verdict;
}

/* A metric of the last run as a number; NaN where it is missing. */
static inline double one_task_number(const struct one_task *t,
                                     const char *metric)
{
    return att_value_number(one_task_get(t, metric));
}

/* Write over a metric of the last run. */
static inline void one_task_change(struct one_task *t, const char *metric,
                                   struct att_value v)
{
    const int i = att_construction_find_metric(t->c, metric);

    CU_ASSERT_TRUE_FATAL(i >= 0);
    t->out.metric[i] = v;
}

/* The verdict of a row claim with one metric written over, for now. */
static inline enum att_verdict one_task_verdict_with(struct one_task *t,
                                                     const char *claim,
                                                     const char *metric,
                                                     struct att_value v)
{
    const struct att_value old = one_task_get(t, metric);

    one_task_change(t, metric, v);
    const enum att_verdict verdict = one_task_verdict(t, claim);

    one_task_change(t, metric, old);
    return verdict;
}
