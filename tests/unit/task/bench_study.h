/* bench_study.h - a study in memory over the constructions of a test, and the
 * environment that runs its tasks. */
#pragma once

#include <stdio.h>
#include <string.h>

#include "attest/plan/plan.h"
#include "attest/task/task.h"
#include "unit.h"

struct bench {
    struct att_study_file *file;
    struct att_plan *plan;
    struct att_task_env *env;
    struct att_arena *arena; /* of the rows that are decoded */
};

/* Open the study `text` with the n constructions that it may name; what is
 * wrong with it goes to stderr and ends the test. */
static inline void bench_open(struct bench *b, const char *text,
                              const struct att_construction *const *known,
                              size_t n)
{
    const struct att_study_source source = {.path = "test.yaml",
                                            .text = text,
                                            .n = strlen(text),
                                            .known = known,
                                            .n_known = n};
    struct att_buffer diagnostics = {0};
    struct att_error err = {0};
    struct att_task_setup setup = {.host = "node1", .kernel = "plain"};

    *b = (struct bench){.arena = att_arena_create(0)};
    if (att_study_parse(&source, &b->file, &diagnostics, &err) != ATT_OK ||
        att_plan_create(att_study_of(b->file), NULL, &b->plan, &err) != ATT_OK)
        (void)fprintf(stderr, "%s\n%s\n", err.text,
                      diagnostics.data == NULL ? "" : diagnostics.data);
    att_buffer_fini(&diagnostics);
    CU_ASSERT_PTR_NOT_NULL_FATAL(b->plan);
    setup.plan = b->plan;
    CU_ASSERT_EQUAL_FATAL(att_task_env_create(&setup, &b->env, NULL), ATT_OK);
}

static inline void bench_close(struct bench *b)
{
    att_task_env_destroy(b->env);
    att_plan_destroy(b->plan);
    att_study_destroy(b->file);
    att_arena_destroy(b->arena);
}

static inline struct att_row bench_decode(struct bench *b,
                                          const struct att_buffer *bytes)
{
    struct att_row row = {0};

    CU_ASSERT_EQUAL_FATAL(
        att_row_decode(bytes->data, bytes->size, b->arena, &row, NULL), ATT_OK);
    return row;
}

static inline struct att_row bench_run_as(struct bench *b,
                                          const struct att_task_run *run)
{
    struct att_buffer bytes = {0};
    struct att_error err = {0};

    if (att_task_run(b->env, run, &bytes, &err) != ATT_OK)
        (void)fprintf(stderr, "%s\n", err.text);
    CU_ASSERT_EQUAL_FATAL(err.status, ATT_OK);
    const struct att_row row = bench_decode(b, &bytes);

    att_buffer_fini(&bytes);
    return row;
}

/* Run a task in one piece, first attempt, under its own limits. */
static inline struct att_row bench_run(struct bench *b, uint64_t number)
{
    struct att_task_run run = {.unit = {number, 0, 1}, .attempt = 1};
    struct att_task task;

    CU_ASSERT_EQUAL_FATAL(att_plan_task(b->plan, number, &task, NULL),
                          ATT_TASK_PLANNED);
    CU_ASSERT_EQUAL_FATAL(att_plan_limits(b->plan, &task, &run.limits, NULL),
                          ATT_OK);
    return bench_run_as(b, &run);
}

/* Place of a column of the role in the rows of a sweep. */
static inline uint32_t bench_column(const struct bench *b, uint32_t sweep,
                                    enum att_column_role role, const char *name)
{
    const struct att_columns *const c = att_task_columns(b->env, sweep);
    uint32_t place = 0;

    for (uint32_t i = 0; c->column[i].role <= role; i++) {
        place = c->column[i].role == role ? place : i + 1;
        if (c->column[i].role == role && strcmp(c->column[i].name, name) == 0)
            return i - place;
    }
    CU_FAIL_FATAL("no such column");
    return 0;
}

/* A metric of a row of sweep 0 by name. */
static inline struct att_value bench_metric(const struct bench *b,
                                            const struct att_row *row,
                                            const char *name)
{
    return row->metric[bench_column(b, 0, ATT_COLUMN_METRIC, name)];
}

/* A cell of an observation of a row of sweep 0 by name. */
static inline double bench_cell(const struct bench *b,
                                const struct att_row *row, size_t line,
                                const char *name)
{
    return row->observation[line * row->n_observations +
                            bench_column(b, 0, ATT_COLUMN_OBSERVATION, name)];
}
