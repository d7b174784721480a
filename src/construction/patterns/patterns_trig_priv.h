/* patterns_trig_priv.h - the moment curve in double-double. */
#pragma once

#include "patterns_explicit_priv.h"

/* Fill e->dd1 and e->dd2, the queries with factors c_i = factor [n_rows] and
 * the keys.  Fails: ATT_E_NOMEM. */
ATT_CHECKED att_status att_pat_trig_dd(struct pat_explicit *e,
                                       const long double *factor,
                                       struct att_arena *arena,
                                       struct att_error *err);
