#include "toy.h"

#include <math.h>

/* ---- the problem -------------------------------------------------------------- */

static const char *const DATA[] = {"gauss", "vocab", "sub1", NULL};

static const struct att_param PROBLEM_PARAMS[] = {
    [TOY_N] = ATT_PARAM_INTEGER("N", ATT_SEEDS_NOTHING, 16, 1, 1000000000,
                                "sequences"),
    [TOY_L] = ATT_PARAM_INTEGER("L", ATT_SEEDS_NOTHING, 8, 1, 65536, "tokens"),
    [TOY_DATA] =
        ATT_PARAM_CHOICE("data", ATT_SEEDS_INSTANCE, "gauss", DATA, "kind"),
    [TOY_NOISE] =
        ATT_PARAM_REAL("noise", ATT_SEEDS_NOTHING, 0, 0, 1, "amplitude"),
};

att_status toy_generate(struct att_workspace *ws, const struct att_value *p,
                        void **instance, struct att_error *err)
{
    (void)ws;
    (void)p;
    (void)instance;
    return att_fail(err, ATT_E_UNSUPPORTED, "a toy has no instances");
}

att_status toy_export_instance(const struct att_value *p, const void *instance,
                               struct att_bundle *out, struct att_error *err)
{
    (void)p;
    (void)instance;
    (void)out;
    return att_fail(err, ATT_E_UNSUPPORTED, "a toy has no instances");
}

static const struct att_problem PROBLEM = {.name = "toys",
                                           .summary = "nothing at all",
                                           .params = PROBLEM_PARAMS,
                                           .n_params = TOY_PROBLEM_PARAMS,
                                           .generate = toy_generate,
                                           .export_instance =
                                               toy_export_instance};

/* ---- toy_one -------------------------------------------------------------------- */

static const char *const KEYS[] = {"sign", "gauss", "hadamard", NULL};

static const struct att_param PARAMS[] = {
    [TOY_D - TOY_PROBLEM_PARAMS] =
        ATT_PARAM_INTEGER("d", ATT_SEEDS_NOTHING, 4, 1, 8192, "dimension"),
    [TOY_KEYS - TOY_PROBLEM_PARAMS] =
        ATT_PARAM_CHOICE("keys", ATT_SEEDS_BUILDER, "sign", KEYS, "keys"),
    [TOY_BETA - TOY_PROBLEM_PARAMS] =
        ATT_PARAM_REAL("beta", ATT_SEEDS_NOTHING, 1, 0, (double)INFINITY,
                       "inverse temperature"),
    [TOY_FILE - TOY_PROBLEM_PARAMS] =
        ATT_PARAM_PATH("file", ATT_SEEDS_BUILDER, "a pattern"),
    [TOY_FRESH - TOY_PROBLEM_PARAMS] = {.name = "fresh",
                                        .doc = "came later",
                                        .unit = "1",
                                        .type = ATT_TYPE_INTEGER,
                                        .seeds = ATT_SEEDS_BUILDER,
                                        .i_min = 0,
                                        .i_max = 9,
                                        .since = 2},
};

static const struct att_metric METRICS[] = {
    {.name = "accept", .unit = "1", .doc = "success", .kind = ATT_INTEGER},
    {.name = "score", .unit = "1", .doc = "quality", .kind = ATT_REAL},
    {.name = "err_kind", .unit = "1", .doc = "refusal", .kind = ATT_TEXT},
};

static const struct att_metric OBSERVATIONS[] = {
    {.name = "L_test",
     .unit = "1",
     .doc = "tokens",
     .kind = ATT_INTEGER,
     .role = ATT_ROLE_AXIS},
    {.name = "step",
     .unit = "1",
     .doc = "steps",
     .kind = ATT_INTEGER,
     .role = ATT_ROLE_AXIS},
    {.name = "loss", .unit = "1", .doc = "loss", .kind = ATT_REAL},
};

/* Nothing exists above d = 4096. */
static att_status admit(const struct att_value *p, struct att_error *err)
{
    if (p[TOY_D].i > 4096)
        return att_fail(err, ATT_E_INFEASIBLE, "d is above 4096");
    return ATT_OK;
}

static struct att_cost cost(const struct att_value *p)
{
    const double size =
        (double)p[TOY_N].i * (double)p[TOY_L].i * (double)p[TOY_D].i;

    return (struct att_cost){.flops = 2 * size, .bytes = 8 * size};
}

static uint32_t slices(const struct att_value *p)
{
    (void)p;
    return 1;
}

const struct att_construction toy_one = {
    .abi = ATT_CONSTRUCTION_ABI,
    .name = "toy",
    .family = "toys",
    .source = "none",
    .summary = "a construction for tests",
    .version = 1,
    .problem = &PROBLEM,
    .bibtex = "",
    .params = PARAMS,
    .n_params = TOY_PARAMS - TOY_PROBLEM_PARAMS,
    .metrics = METRICS,
    .n_metrics = 3,
    .observations = OBSERVATIONS,
    .n_observations = 3,
    .admit = admit,
    .cost = cost,
    .slices = slices,
};

/* ---- toy_two: the same problem, one parameter of its own --------------------------- */

static const struct att_param TWO_PARAMS[] = {
    ATT_PARAM_INTEGER("d", ATT_SEEDS_NOTHING, 4, 1, 8192, "dimension"),
};

const struct att_construction toy_two = {
    .abi = ATT_CONSTRUCTION_ABI,
    .name = "toy-two",
    .family = "toys",
    .source = "none",
    .summary = "another construction for tests",
    .version = 1,
    .problem = &PROBLEM,
    .bibtex = "",
    .params = TWO_PARAMS,
    .n_params = 1,
    .metrics = METRICS,
    .n_metrics = 3,
    .admit = admit,
    .cost = cost,
    .slices = slices,
};

const struct att_construction *const toy_catalogue[2] = {&toy_one, &toy_two};
