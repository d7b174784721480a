/* token_selection.c - the problem `token_selection`. */
#include "attest/problem/token_selection.h"

#include <inttypes.h>
#include <math.h>

#include "attest/base/text.h"
#include "attest/linalg/random.h"

static const char *const DATA_KINDS[] = {"gauss", "ar1", "heavy", NULL};

static const struct att_param PARAMS[ATT_SEL_PARAMS] = {
    [ATT_SEL_L] = ATT_PARAM_INTEGER("L", ATT_SEEDS_NOTHING, 20, 2, 1 << 20,
                                    "tokens of a sample (the paper's T)"),
    [ATT_SEL_D] = ATT_PARAM_INTEGER("d", ATT_SEEDS_NOTHING, 5, 1, 1024,
                                    "token dimension"),
    [ATT_SEL_Q] = ATT_PARAM_INTEGER("q", ATT_SEEDS_NOTHING, 3, 1, 256,
                                    "selected tokens of a sample"),
    [ATT_SEL_DATA] = ATT_PARAM_CHOICE(
        "data", ATT_SEEDS_INSTANCE, "gauss", DATA_KINDS,
        "tokens: independent normals; correlated along the sample; z |z| / "
        "sqrt 3 of normals z"),
    [ATT_SEL_RHO] = ATT_PARAM_REAL("rho", ATT_SEEDS_NOTHING, 0.8, -0.999, 0.999,
                                   "ar1: correlation of neighbours"),
    [ATT_SEL_NOISE_SD] =
        ATT_PARAM_REAL("noise_sd", ATT_SEEDS_NOTHING, 0, 0, 100,
                       "standard deviation of the label noise, per coordinate"),
    [ATT_SEL_SAMPLES] =
        ATT_PARAM_INTEGER("samples", ATT_SEEDS_NOTHING, 256, 1, 1 << 22,
                          "fresh samples of an evaluation"),
};

static enum att_selection_data data_of(const char *name)
{
    return (enum att_selection_data)att_text_choice(name, DATA_KINDS);
}

struct att_selection att_selection_law(const struct att_workspace *ws,
                                       const struct att_value *p)
{
    return (struct att_selection){
        .L = (size_t)p[ATT_SEL_L].i,
        .d = (size_t)p[ATT_SEL_D].i,
        .q = (size_t)p[ATT_SEL_Q].i,
        .data = data_of(p[ATT_SEL_DATA].s),
        .rho = p[ATT_SEL_RHO].r,
        .noise_sd = p[ATT_SEL_NOISE_SD].r,
        .samples = (size_t)p[ATT_SEL_SAMPLES].i,
        .seed = ws->instance_seed,
    };
}

att_status att_selection_admit(const struct att_value *p, struct att_error *err)
{
    if (p[ATT_SEL_Q].i >= p[ATT_SEL_L].i) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "q = %" PRId64 " of L = %" PRId64 " tokens: keep q < L",
                        p[ATT_SEL_Q].i, p[ATT_SEL_L].i);
    }
    return ATT_OK;
}

/* ---- samples ------------------------------------------------------------- */

void att_selection_subset(const struct att_selection *s, uint32_t step,
                          uint32_t item, size_t L, uint32_t *perm, uint32_t *y)
{
    const struct att_stream stream =
        att_stream(s->seed, ATT_SEL_TAG_Y, step, item);

    att_stream_subset(&stream, (uint32_t)L, (uint32_t)s->q, perm, y);
}

#define REAL       double
#define TOKENS_FN  att_selection_tokens
#define NORMALS_FN att_draw_normals
#define NAME(x)    x
#include "token_selection.inc"
#undef REAL
#undef TOKENS_FN
#undef NORMALS_FN
#undef NAME
#define REAL       float
#define TOKENS_FN  att_selection_tokensf
#define NORMALS_FN att_draw_normals_single
#define NAME(x)    x##f
#include "token_selection.inc"

void att_selection_target(const struct att_selection *s, const double *x,
                          const uint32_t *y, double *g)
{
    for (size_t a = 0; a < s->d; a++) {
        double sum = 0.0;

        for (size_t k = 0; k < s->q; k++)
            sum += x[y[k] * s->d + a];
        g[a] = sum / (double)s->q;
    }
}

void att_selection_noise(const struct att_selection *s, uint32_t step,
                         uint32_t item, double *g)
{
    const struct att_stream stream =
        att_stream(s->seed, ATT_SEL_TAG_NOISE, step, item);

    for (size_t a = 0; a < s->d && s->noise_sd > 0.0; a++)
        g[a] += s->noise_sd * att_stream_normal(&stream, a);
}

/* ---- the problem ----------------------------------------------------------- */

static att_status generate(struct att_workspace *ws, const struct att_value *p,
                           void **instance, struct att_error *err)
{
    struct att_selection *s = ATT_NEW(ws->arena, struct att_selection, 1);

    ATT_TRY(att_selection_admit(p, err));
    if (s == NULL)
        return att_arena_fail(ws->arena, "the law of the samples", err);
    *s = att_selection_law(ws, p);
    *instance = s;
    return ATT_OK;
}

/* The first fresh samples: x [n, L, d], y [n, q], target [n, d]. */
static att_status export_instance(const struct att_value *p,
                                  const void *instance, struct att_bundle *out,
                                  struct att_error *err)
{
    const struct att_selection *s = instance;
    const uint64_t n = s->samples < 2 ? s->samples : 2;
    const uint64_t x_shape[3] = {n, s->L, s->d};
    const uint64_t y_shape[2] = {n, s->q};
    const uint64_t g_shape[2] = {n, s->d};
    double *x = att_bundle_add(out, "x", ATT_F64, 3, x_shape);
    int64_t *y = att_bundle_add(out, "y", ATT_I64, 2, y_shape);
    double *g = att_bundle_add(out, "target", ATT_F64, 2, g_shape);
    uint32_t *perm = ATT_NEW(out->arena, uint32_t, s->L);
    uint32_t *pick = ATT_NEW(out->arena, uint32_t, s->q);

    (void)p;
    if (x == NULL || y == NULL || g == NULL || perm == NULL || pick == NULL)
        return att_arena_fail(out->arena, "the exported samples", err);
    for (uint32_t b = 0; b < n; b++) {
        double *tokens = x + b * s->L * s->d;

        att_selection_subset(s, ATT_SELECTION_FRESH, b, s->L, perm, pick);
        att_selection_tokens(s, ATT_SELECTION_FRESH, b, s->L, tokens);
        att_selection_target(s, tokens, pick, g + b * s->d);
        for (size_t k = 0; k < s->q; k++)
            y[b * s->q + k] = pick[k];
    }
    return ATT_OK;
}

const struct att_problem att_problem_token_selection = {
    .name = "token_selection",
    .summary = "average the q tokens of L that the query names",
    .params = PARAMS,
    .n_params = ATT_SEL_PARAMS,
    .generate = generate,
    .export_instance = export_instance,
};
