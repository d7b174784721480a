#include "attest/problem/nothing.h"

static att_status generate(struct att_workspace *ws, const struct att_value *p,
                           void **instance, struct att_error *err)
{
    (void)ws;
    (void)p;
    (void)err;
    *instance = NULL;
    return ATT_OK;
}

static att_status export_instance(const struct att_value *p,
                                  const void *instance, struct att_bundle *out,
                                  struct att_error *err)
{
    (void)p;
    (void)instance;
    (void)out;
    (void)err;
    return ATT_OK;
}

const struct att_problem att_problem_nothing = {
    .name = "nothing",
    .summary = "no instance at all",
    .params = NULL,
    .n_params = 0,
    .generate = generate,
    .export_instance = export_instance,
};
