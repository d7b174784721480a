/* averaging_moment_priv.h - parameters and claims of the unit on a moment
 * curve. */
#pragma once

#include "averaging_columns_priv.h"

enum { MP_BASIS = ATT_AVG_PARAMS, MP_EPS, MP_DTYPE, MP_REFEREE, MP_PARAMS };

enum { MC_MOMENT, MC_BITS, MC_ROOM, MC_SLACK, AVG_MOMENT_CLAIMS };
extern const struct att_claim att_avg_moment_claims[AVG_MOMENT_CLAIMS];
