/* problem.h - generators of instances and their truth.
 *
 * One problem = one file that defines a const struct att_problem, beside the
 * header that declares its instance type for the constructions that take it. */
#pragma once

#include "attest/base/schema.h"
#include "attest/base/workspace.h"
#include "attest/model/artifact.h"

struct att_problem {
    const char *name;
    const char *summary; /* one line */
    const struct att_param *params;
    uint32_t n_params;

    /* Make the instance of point p[0 .. n_params) in ws->arena, from
     * att_instance_stream only.  Longer extents extend shorter ones.
     * Fails: ATT_E_INFEASIBLE (no such instance), ATT_E_NOMEM, ATT_E_ARG. */
    att_status (*generate)(struct att_workspace *ws, const struct att_value *p,
                           void **instance, struct att_error *err);

    /* Write the instance as tensors (names in docs/theory/<family>.md). */
    att_status (*export_instance)(const struct att_value *p,
                                  const void *instance, struct att_bundle *out,
                                  struct att_error *err);
};
