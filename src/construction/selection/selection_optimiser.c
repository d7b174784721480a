/* selection_optimiser.c - steps of a training, and its checkpoints. */
#include <math.h>
#include <string.h>

#include "attest/base/text.h"
#include "selection_priv.h"

const char *const att_sel_opt_name[SEL_OPTS + 1] = {
    [SEL_GD] = "gd",
    [SEL_SGD] = "sgd",
    [SEL_MOMENTUM] = "momentum",
    [SEL_ADAM] = "adam",
};

enum sel_opt att_sel_opt(const char *name)
{
    return (enum sel_opt)att_text_choice(name, att_sel_opt_name);
}

double att_sel_rate(const struct sel_schedule *s, int64_t t)
{
    static const double PI = 3.14159265358979323846;
    double rate = 1.0;

    if (s->warm_up > 0)
        rate = fmin(1.0, (double)(t + 1) / (double)s->warm_up);
    if (s->steps > 0) {
        const double done = fmin(1.0, (double)t / (double)s->steps);

        rate *= s->last + (1.0 - s->last) * 0.5 * (1.0 + cos(PI * done));
    }
    return rate;
}

#define REAL    double
#define NAME(x) x
#define UNKNOWN struct sel_unknown
#define SQRT    sqrt
#define STEP_FN att_sel_step
#include "selection_optimiser.inc"
#undef REAL
#undef NAME
#undef UNKNOWN
#undef SQRT
#undef STEP_FN
#define REAL    float
#define NAME(x) x##f
#define UNKNOWN struct sel_unknownf
#define SQRT    sqrtf
#define STEP_FN att_sel_stepf
#include "selection_optimiser.inc"

/* ---- checkpoints ----------------------------------------------------------- */

att_status att_sel_state_open(struct att_workspace *ws, size_t bytes,
                              struct sel_state *s, bool *resumed,
                              struct att_error *err)
{
    void *block = att_arena_zero(ws->arena, 1, bytes);

    if (block == NULL)
        return att_arena_fail(ws->arena, "the state of the training", err);
    *resumed = ws->saved != NULL && ws->saved_bytes == bytes;
    if (*resumed)
        memcpy(block, ws->saved, bytes);
    *s = (struct sel_state){.step = block, .block = block, .bytes = bytes};
    return ATT_OK;
}

void att_sel_state_save(struct att_workspace *ws, const struct sel_state *s,
                        int64_t every)
{
    if (*s->step % every == 0)
        ws->checkpoint(ws->context, s->block, s->bytes);
}
