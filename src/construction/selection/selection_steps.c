/* selection_steps.c - at which steps a training is observed. */
#include "selection_priv.h"

/* 1, 2, 5, 10, 20, 50, ... */
static int64_t next_step(int64_t step)
{
    int64_t decade = 1;

    while (decade <= step / 10)
        decade *= 10;
    if (step == decade)
        return 2 * decade;
    return step == 2 * decade ? 5 * decade : 10 * decade;
}

att_status att_sel_observed_steps(const struct att_case *c, int64_t steps,
                                  struct att_arena *arena,
                                  struct sel_observed_steps *out,
                                  struct att_error *err)
{
    enum { OWN = 64 }; /* 3 per decade of 63 bits */
    double *own = ATT_NEW(arena, double, OWN);
    size_t n = 0;

    if (own == NULL)
        return att_arena_fail(arena, "the observed steps", err);
    for (int64_t t = 1; t < steps; t = next_step(t))
        own[n++] = (double)t;
    own[n++] = (double)steps;
    const double *step = att_case_observe_or(
        c, "step", (struct att_own_grid){own, n}, arena, &n);

    if (step == NULL)
        return att_arena_fail(arena, "the observed steps", err);
    *out = (struct sel_observed_steps){step, n};
    return ATT_OK;
}
