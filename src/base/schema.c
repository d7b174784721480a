#include "attest/base/schema.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "attest/base/text.h"

struct att_value att_param_default(const struct att_param *param)
{
    switch (param->type) {
    case ATT_TYPE_INTEGER:
        return att_int(param->i_default);
    case ATT_TYPE_REAL:
        return att_real(param->r_default);
    case ATT_TYPE_CHOICE:
    case ATT_TYPE_PATH:
        break;
    }
    return att_text(param->s_default);
}

static size_t count_choices(const struct att_param *param)
{
    size_t n = 0;

    while (param->choices[n] != NULL)
        n++;
    return n;
}

/* The pointer in choices that spells text, or NULL. */
static const char *find_choice(const struct att_param *param, const char *text)
{
    for (size_t i = 0; param->choices[i] != NULL; i++) {
        if (strcmp(param->choices[i], text) == 0)
            return param->choices[i];
    }
    return NULL;
}

static att_status fail_choice(const struct att_param *param, const char *text,
                              struct att_error *err)
{
    const size_t n = count_choices(param);
    const char *nearest = att_text_nearest(text, param->choices, n);
    char list[160] = "";

    if (nearest != NULL) {
        return att_fail(err, ATT_E_ARG,
                        "%s = '%s' is no choice: did you mean '%s'?",
                        param->name, text, nearest);
    }
    for (size_t i = 0, used = 0; i < n && used < sizeof list; i++) {
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s",
                                 i > 0 ? ", " : "", param->choices[i]);
    }
    return att_fail(err, ATT_E_ARG, "%s = '%s' is no choice: known are %s",
                    param->name, text, list);
}

static att_status fail_kind(const struct att_param *param, struct att_value v,
                            const char *wanted, struct att_error *err)
{
    char text[ATT_NUMBER_TEXT];

    return att_fail(err, ATT_E_ARG, "%s = %s is not %s", param->name,
                    att_value_text(v, text), wanted);
}

static att_status check_integer(const struct att_param *param,
                                struct att_value v, struct att_error *err)
{
    if (v.kind != ATT_INTEGER)
        return fail_kind(param, v, "an integer", err);
    if (v.i < param->i_min || v.i > param->i_max) {
        return att_fail(err, ATT_E_ARG,
                        "%s = %" PRId64 " is outside %" PRId64 "..%" PRId64,
                        param->name, v.i, param->i_min, param->i_max);
    }
    return ATT_OK;
}

static att_status check_real(const struct att_param *param, struct att_value v,
                             struct att_error *err)
{
    char x[ATT_NUMBER_TEXT];
    char lo[ATT_NUMBER_TEXT];
    char hi[ATT_NUMBER_TEXT];

    if (v.kind != ATT_REAL || isnan(v.r))
        return fail_kind(param, v, "a number", err);
    if (v.r < param->r_min || v.r > param->r_max) {
        return att_fail(err, ATT_E_ARG, "%s = %s is outside %s..%s",
                        param->name, att_real_text(v.r, x),
                        att_real_text(param->r_min, lo),
                        att_real_text(param->r_max, hi));
    }
    return ATT_OK;
}

att_status att_param_check(const struct att_param *param, struct att_value v,
                           struct att_error *err)
{
    switch (param->type) {
    case ATT_TYPE_INTEGER:
        return check_integer(param, v, err);
    case ATT_TYPE_REAL:
        return check_real(param, v, err);
    case ATT_TYPE_CHOICE:
        if (v.kind != ATT_TEXT)
            return fail_kind(param, v, "a word", err);
        return find_choice(param, v.s) != NULL ? ATT_OK
                                               : fail_choice(param, v.s, err);
    case ATT_TYPE_PATH:
        break;
    }
    return v.kind == ATT_TEXT ? ATT_OK : fail_kind(param, v, "a path", err);
}

static bool is_integral(struct att_value v)
{
    return v.kind == ATT_REAL && v.r == floor(v.r) && fabs(v.r) < 0x1p63;
}

att_status att_param_coerce(const struct att_param *param, struct att_value *v,
                            struct att_error *err)
{
    struct att_value to = *v;

    if (param->type == ATT_TYPE_INTEGER && is_integral(*v)) {
        to = att_int((int64_t)v->r);
    } else if (param->type == ATT_TYPE_REAL && v->kind == ATT_INTEGER) {
        to = att_real((double)v->i);
    } else if (param->type == ATT_TYPE_CHOICE && v->kind == ATT_TEXT) {
        const char *choice = find_choice(param, v->s);

        to.s = choice != NULL ? choice : v->s;
    }
    ATT_TRY(att_param_check(param, to, err));
    *v = to;
    return ATT_OK;
}

const char *att_exactness_text(enum att_exactness exactness)
{
    static const char *const texts[] = {
        [ATT_EXACT] = "exact",
        [ATT_ROUNDED] = "rounded",
        [ATT_TIMING] = "timing",
    };

    return texts[exactness];
}
