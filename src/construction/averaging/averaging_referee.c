/* averaging_referee.c - units on moment curves in any number of bits, by
 * MPFR; its numbers live in the arena. */
#include "averaging_curve_priv.h"

#if ATT_HAVE_MPFR
#include "averaging_mpfr_priv.h"

#define F(name)           name##_wide
#define TAKE(r, query, i) SET(r, &((const NUM *)(query)->number)[i])
#include "averaging_curve.inc"

att_status att_avg_referee_open(struct avg_machine *m, struct att_arena *arena,
                                struct att_error *err)
{
    return open_wide(m, arena, err);
}

att_status att_avg_referee_dot(const struct avg_machine *m, struct avg_dot *dot,
                               struct att_arena *scratch, struct att_error *err)
{
    return dot_wide(m, dot, scratch, err);
}

#else

static att_status refuse(int bits, struct att_error *err)
{
    return att_fail(err, ATT_E_UNSUPPORTED,
                    "%d significant bits need MPFR, which this build lacks: "
                    "install libmpfr-dev",
                    bits);
}

att_status att_avg_referee_open(struct avg_machine *m, struct att_arena *arena,
                                struct att_error *err)
{
    (void)arena;
    return refuse(m->bits, err);
}

att_status att_avg_referee_dot(const struct avg_machine *m, struct avg_dot *dot,
                               struct att_arena *scratch, struct att_error *err)
{
    (void)dot, (void)scratch;
    return refuse(m->bits, err);
}

#endif
