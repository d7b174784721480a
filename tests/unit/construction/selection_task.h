/* selection_task.h - trainings of token selection as tasks for unit tests. */
#pragma once

#include <math.h>
#include <string.h>

#include "../../../src/construction/selection/selection_columns_priv.h"
#include "one_task.h"
#include "unit.h"

static inline double metric(const struct one_task *t, const char *name)
{
    return att_value_number(one_task_get(t, name));
}

static inline void spoil(struct one_task *t, uint32_t m, double x)
{
    t->out.metric[m] = att_real(x);
}

/* A small training: L = 12, q = 2, d = 3, de = 32. */
static inline void open_small(struct one_task *t, const char *model,
                              const char *pe)
{
    one_task_open(t, "selection", 5);
    one_task_text(t, "model", model);
    one_task_text(t, "pe", pe);
    one_task_int(t, "L", 12);
    one_task_int(t, "q", 2);
    one_task_int(t, "d", 3);
    one_task_int(t, "de", 32);
    one_task_int(t, "batch", 64);
    one_task_int(t, "samples", 64);
    one_task_int(t, "steps", 300);
    one_task_set(t, "eta_W", att_real(4.0));
}
