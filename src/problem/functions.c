/* functions.c - the problem `functions`. */
#include "attest/problem/functions.h"

#include <inttypes.h>
#include <math.h>

#include "attest/base/text.h"

static const char *const TARGETS[] = {"xmax",     "sinmean", "pair",
                                      "variance", "root",    NULL};

static const struct att_param PARAMS[ATT_FN_PARAMS] = {
    [ATT_FN_L] = ATT_PARAM_INTEGER("L", ATT_SEEDS_NOTHING, 2, 1, 64,
                                   "tokens of a sequence"),
    [ATT_FN_D] = ATT_PARAM_INTEGER("d", ATT_SEEDS_NOTHING, 1, 1, 16,
                                   "coordinates of a token"),
    [ATT_FN_TARGET] =
        ATT_PARAM_CHOICE("target", ATT_SEEDS_NOTHING, "xmax", TARGETS,
                         "permutation-equivariant function to approximate"),
    [ATT_FN_SAMPLES] = ATT_PARAM_INTEGER(
        "samples", ATT_SEEDS_NOTHING, 4000, 1, 10000000,
        "random sequences on which the approximation is measured"),
};

static double mean_first(const double *x, size_t l, size_t d)
{
    double sum = 0.0;

    for (size_t j = 0; j < l; j++)
        sum += x[j * d];
    return sum / (double)l;
}

static void value_xmax(const double *x, size_t l, size_t d, size_t i,
                       double *out)
{
    double most = x[0];

    for (size_t j = 1; j < l; j++)
        most = fmax(most, x[j * d]);
    out[0] = x[i * d] * most;
}

static void value_sinmean(const double *x, size_t l, size_t d, size_t i,
                          double *out)
{
    const double two_pi = 6.28318530717958647693;

    out[0] = sin(two_pi * x[i * d]) * mean_first(x, l, d);
}

static void value_pair(const double *x, size_t l, size_t d, size_t i,
                       double *out)
{
    const double *a = x + i * d, *b = x + (l - 1 - i) * d;
    const double u = a[0] - b[0], v = a[1] - b[1];

    out[0] = a[0] * b[1] + a[1];
    out[1] = u * u + v * v;
}

static void value_variance(const double *x, size_t l, size_t d, size_t i,
                           double *out)
{
    const double u = x[i * d] - mean_first(x, l, d);

    out[0] = u * u;
}

static void value_root(const double *x, size_t l, size_t d, size_t i,
                       double *out)
{
    out[0] = sqrt(fabs(x[i * d] - mean_first(x, l, d)));
}

const struct att_function *att_function_find(const char *name)
{
    static const struct att_function all[] = {{"xmax", 1, value_xmax},
                                              {"sinmean", 1, value_sinmean},
                                              {"pair", 2, value_pair},
                                              {"variance", 1, value_variance},
                                              {"root", 1, value_root}};

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (att_text_same(all[i].name, name))
            return &all[i];
    }
    return NULL;
}

att_status att_functions_admit(const struct att_value *p, struct att_error *err)
{
    if (att_text_same(p[ATT_FN_TARGET].s, "pair") &&
        (p[ATT_FN_D].i != 2 || p[ATT_FN_L].i != 2)) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "target = pair is a function of two tokens in the "
                        "plane: set L = 2 and d = 2 (got L = %" PRId64
                        ", d = %" PRId64 ")",
                        p[ATT_FN_L].i, p[ATT_FN_D].i);
    }
    return ATT_OK;
}

static att_status generate(struct att_workspace *ws, const struct att_value *p,
                           void **instance, struct att_error *err)
{
    const size_t l = (size_t)p[ATT_FN_L].i, d = (size_t)p[ATT_FN_D].i;
    const size_t samples = (size_t)p[ATT_FN_SAMPLES].i;
    struct att_functions *out = ATT_NEW0(ws->arena, struct att_functions, 1);
    double *x = ATT_NEW(ws->arena, double, samples *l *d);

    ATT_TRY(att_functions_admit(p, err));
    if (out == NULL || x == NULL)
        return att_arena_fail(ws->arena, "the samples", err);
    for (size_t i = 0; i < samples * l; i++) {
        const struct att_stream s =
            att_instance_stream(ws, 0, (uint32_t)(i % l), (uint32_t)(i / l));

        for (size_t k = 0; k < d; k++)
            x[i * d + k] = att_stream_uniform(&s, k);
    }
    *out = (struct att_functions){l, d, samples, x,
                                  att_function_find(p[ATT_FN_TARGET].s)};
    *instance = out;
    return ATT_OK;
}

/* tokens [samples L, d], offsets [samples + 1]. */
static att_status export_instance(const struct att_value *p,
                                  const void *instance, struct att_bundle *out,
                                  struct att_error *err)
{
    const struct att_functions *f = instance;
    const uint64_t n_offsets = f->samples + 1;

    (void)p;
    att_bundle_f64(out, "tokens", f->x, f->samples * f->l, f->d);
    int64_t *offset = att_bundle_add(out, "offsets", ATT_I64, 1, &n_offsets);

    if (offset == NULL)
        return att_arena_fail(out->arena, "the exported samples", err);
    for (size_t s = 0; s <= f->samples; s++)
        offset[s] = (int64_t)(s * f->l);
    return ATT_OK;
}

const struct att_problem att_problem_functions = {
    .name = "functions",
    .summary = "permutation-equivariant functions on a cube",
    .params = PARAMS,
    .n_params = ATT_FN_PARAMS,
    .generate = generate,
    .export_instance = export_instance,
};
