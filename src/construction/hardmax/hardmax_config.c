/* hardmax_config.c - the construction's own parameters, and what they mean. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "attest/base/text.h"
#include "hardmax_priv.h"

static const char *const MODES[] = {"adaptive", "min", "full", NULL};
static const char *const SWITCH[] = {"on", "off", NULL};
static const char *const DIRECTIONS[] = {"best", "first", NULL};
static const char *const PEELS[] = {"one", "runs", "steps", "four", NULL};
static const char *const CODES[] = {"plain", "balanced", NULL};
static const char *const DTYPES[] = {"f64", "f32", "f16", "bf16", "bits", NULL};
static const char *const BUILD_DTYPES[] = {"dtype", "f64",  "f32", "f16",
                                           "bf16",  "bits", NULL};

#define OWN(param) [(param)-ATT_SEQ_PARAMS]

const struct att_param att_hm_params[HM_PARAMS - ATT_SEQ_PARAMS] = {
    OWN(HM_MODE) = ATT_PARAM_CHOICE(
        "mode", ATT_SEEDS_NOTHING, "adaptive", MODES,
        "when to stop adding landmarks: gap of 1 / (8 N^2) reached, codes "
        "distinct, or N - 1 landmarks"),
    OWN(HM_LADDER) = ATT_PARAM_CHOICE(
        "ladder", ATT_SEEDS_NOTHING, "on", SWITCH,
        "ask first for codes 4 / (8 N^2) apart and relax only on failure"),
    OWN(HM_DTYPE) = ATT_PARAM_CHOICE("dtype", ATT_SEEDS_NOTHING, "f64", DTYPES,
                                     "arithmetic of the evaluation"),
    OWN(HM_BUILD_DTYPE) = ATT_PARAM_CHOICE(
        "build_dtype", ATT_SEEDS_NOTHING, "dtype", BUILD_DTYPES,
        "arithmetic for which codes and thresholds are built; dtype: aware"),
    OWN(HM_BITS) = ATT_PARAM_INTEGER(
        "bits", ATT_SEEDS_NOTHING, 12, 2, 53,
        "significant bits of dtype = bits and build_dtype = bits"),
    OWN(HM_N_DIR) =
        ATT_PARAM_INTEGER("n_dir", ATT_SEEDS_NOTHING, 6, 1, 64,
                          "random directions tried; the best is kept"),
    OWN(HM_DIRECTIONS) = ATT_PARAM_CHOICE(
        "directions", ATT_SEEDS_NOTHING, "best", DIRECTIONS,
        "keep the best of n_dir directions, or the first that reaches a gap "
        "of 1 / (8 N^2)"),
    OWN(HM_PEEL) = ATT_PARAM_CHOICE(
        "peel", ATT_SEEDS_NOTHING, "one", PEELS,
        "last stage: one cluster per block, one run of equal labels, two runs "
        "read by steps, or four clusters"),
    OWN(HM_CODES) = ATT_PARAM_CHOICE(
        "codes", ATT_SEEDS_NOTHING, "plain", CODES,
        "balanced: the collapse block recentres the codes and scales them by "
        "a power of two"),
    OWN(HM_W_CAP) = ATT_PARAM_REAL("w_cap", ATT_SEEDS_NOTHING, 1e9, 1.0, 1e300,
                                   "largest weight allowed in the peel blocks"),
};

static att_status read_arithmetic(const char *name, int64_t bits,
                                  struct att_arithmetic *out,
                                  struct att_error *err)
{
    char text[16];

    if (!att_text_same(name, "bits"))
        return att_arithmetic_parse(name, out, err);
    (void)snprintf(text, sizeof text, "bits:%d", (int)bits);
    return att_arithmetic_parse(text, out, err);
}

static enum hm_mode read_mode(const char *name)
{
    if (att_text_same(name, "min"))
        return HM_MIN;
    return att_text_same(name, "full") ? HM_FULL : HM_ADAPTIVE;
}

static enum hm_peeling read_peeling(const char *name)
{
    enum hm_peeling i = HM_PEEL_ONE;

    while (i < HM_PEEL_FOUR && !att_text_same(name, PEELS[i]))
        i++;
    return i;
}

att_status att_hm_config_read(const struct att_value *p, struct hm_config *out,
                              struct att_error *err)
{
    const char *build = p[HM_BUILD_DTYPE].s;
    const int64_t bits = p[HM_BITS].i;

    if (att_text_same(build, "dtype"))
        build = p[HM_DTYPE].s;
    ATT_TRY(read_arithmetic(p[HM_DTYPE].s, bits, &out->eval, err));
    ATT_TRY(read_arithmetic(build, bits, &out->build, err));
    out->mode = read_mode(p[HM_MODE].s);
    out->ladder = att_text_same(p[HM_LADDER].s, "on");
    out->n_dir = (uint32_t)p[HM_N_DIR].i;
    out->first = att_text_same(p[HM_DIRECTIONS].s, "first");
    out->peeling = read_peeling(p[HM_PEEL].s);
    out->balanced = att_text_same(p[HM_CODES].s, "balanced");
    out->w_cap = p[HM_W_CAP].r;
    return ATT_OK;
}

double att_hm_ulp(const struct att_arithmetic *a)
{
    return ldexp(1.0, 1 - a->bits);
}

bool att_hm_same_arithmetic(const struct att_arithmetic *a,
                            const struct att_arithmetic *b)
{
    return a->kind == b->kind && a->bits == b->bits && a->e_min == b->e_min &&
           a->e_max == b->e_max;
}

const char *att_hm_refusal_text(enum hm_refusal kind)
{
    switch (kind) {
    case HM_EQUAL_SETS:
        return "equal_sets";
    case HM_NO_MARGIN:
        return "no_margin";
    case HM_NOT_SEPARABLE:
        return "not_separable";
    case HM_BUILT:
        break;
    }
    return "";
}

void att_hm_refuse(struct hm_verdict *v, enum hm_refusal kind, size_t i,
                   size_t j, const char *fmt, ...)
{
    va_list args;

    v->kind = kind;
    v->i = i < j ? i : j;
    v->j = i < j ? j : i;
    va_start(args, fmt);
    (void)vsnprintf(v->text, sizeof v->text, fmt, args);
    va_end(args);
}
