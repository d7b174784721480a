/* nothing.h - the problem without an instance, for constructions that measure
 * the runner itself. */
#pragma once

#include "attest/problem/problem.h"

extern const struct att_problem att_problem_nothing;
