/* plan_kit.h - a plan from the text of a study over the toy constructions. */
#pragma once

#include <stdio.h>
#include <string.h>

#include "attest/plan/plan.h"
#include "toy.h"
#include "unit.h"

struct kit {
    struct att_study_file *file;
    struct att_inputs *inputs;
    struct att_plan *plan; /* NULL when the plan was refused */
    struct att_error err;
};

static inline void kit_open(struct kit *kit, const char *text)
{
    const struct att_study_source source = {.path = "s.yaml",
                                            .text = text,
                                            .n = strlen(text),
                                            .known = toy_catalogue,
                                            .n_known = 2};
    struct att_buffer out = {0};

    *kit = (struct kit){0};
    if (att_study_parse(&source, &kit->file, &out, &kit->err) != ATT_OK)
        (void)fputs(out.size > 0 ? out.data : "no study\n", stdout);
    att_buffer_fini(&out);
    CU_ASSERT_PTR_NOT_NULL_FATAL(kit->file);
    const struct att_study *study = att_study_of(kit->file);
    CU_ASSERT_EQUAL_FATAL(
        att_inputs_read(study, ATT_TEST_FOLDER, &kit->inputs, &kit->err),
        ATT_OK);
    if (att_plan_create(study, kit->inputs, &kit->plan, &kit->err) != ATT_OK)
        kit->plan = NULL;
}

static inline void kit_close(struct kit *kit)
{
    att_plan_destroy(kit->plan);
    att_inputs_destroy(kit->inputs);
    att_study_destroy(kit->file);
}

/* As kit_open for a study that must have a plan. */
static inline void kit_plan(struct kit *kit, const char *text)
{
    kit_open(kit, text);
    if (kit->plan == NULL)
        (void)puts(kit->err.text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(kit->plan);
}

#define TOY "name: s\nseed: 7\nsweeps:\n- construction: toy\n  "
