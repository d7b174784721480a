/* range.c - {from, to} with a step, a factor, or a number of points.
 *
 * Integers with a step stay a rule and may be as many as 2^63; everything
 * else is written out.  Numbers are decimals (decimal.c), so that the values
 * are those that a person would write down:
 *
 *   step    v_i = from + i step              while v_i <= to
 *   factor  v_i = from factor^i              while v_i <= to
 *   points  v_i = from + (to - from) i / (n - 1), or, on a log scale,
 *           from (to / from)^(i / (n - 1)), both ends exact
 *
 * `round` turns values of integer parameters into integers; without it they
 * must be integers already. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "attest/base/text.h"
#include "decimal_priv.h"
#include "study_priv.h"

enum round { ROUND_NONE, ROUND_NEAREST, ROUND_UP, ROUND_DOWN };
enum scale { SCALE_LINEAR, SCALE_LOG };
enum form { FORM_STEP, FORM_FACTOR, FORM_POINTS };

/* A number of the range: exact where its digits fit. */
struct number {
    struct decimal d;
    bool exact;
    double r;
};

struct range {
    struct parser *p;
    const struct yaml_node *node;
    const struct att_param *param;
    enum form form;
    enum round round;
    enum scale scale;
    struct number from, to, by; /* by: the step or factor */
    uint64_t n_points;
    struct att_value *value; /* written out so far */
    uint64_t n, capacity;
};

/* ---- reading the keys ------------------------------------------------------ */

static bool read_number(struct range *r, const char *key, struct number *out)
{
    static const struct att_param any = {.type = ATT_TYPE_REAL,
                                         .r_min = -(double)INFINITY,
                                         .r_max = (double)INFINITY};
    const struct yaml_node *node = att_yaml_get(r->node, key);
    struct att_param param = any;
    struct att_value v;

    if (node == NULL) {
        att_diagnose(&r->p->d, r->node->at, "the range of %s lacks '%s'",
                     r->param->name, key);
        return false;
    }
    param.name = key;
    if (!att_scalar_read(r->p, node, &param, &v))
        return false;
    if (!isfinite(v.r)) {
        att_diagnose(&r->p->d, node->at, "%s = %s is not finite", key,
                     node->text);
        return false;
    }
    out->exact = att_decimal_read(node->text, &out->d);
    out->r = v.r;
    return true;
}

/* An end of the range must be a value of the parameter. */
static bool read_end(struct range *r, const char *key, struct number *out)
{
    struct att_value v;

    if (att_yaml_get(r->node, key) != NULL &&
        !att_scalar_read(r->p, att_yaml_get(r->node, key), r->param, &v))
        return false;
    return read_number(r, key, out);
}

static bool read_form(struct range *r)
{
    static const char *const forms[] = {"step", "factor", "points"};
    uint32_t n = 0;

    for (uint32_t i = 0; i < 3; i++) {
        if (att_yaml_get(r->node, forms[i]) != NULL) {
            r->form = (enum form)i;
            n++;
        }
    }
    if (n == 1)
        return true;
    att_diagnose(&r->p->d, r->node->at,
                 "the range of %s needs one of 'step', 'factor' and 'points'%s",
                 r->param->name, n > 1 ? ", not several" : "");
    return false;
}

/* A word that only goes with some forms. */
static bool read_word(struct range *r, const char *key, struct names words,
                      bool allowed, uint32_t *out)
{
    const struct yaml_node *node = att_yaml_get(r->node, key);

    if (node == NULL)
        return true;
    if (!allowed) {
        att_diagnose(&r->p->d, att_yaml_key(r->node, key)->at,
                     "'%s' does not go with this range of %s", key,
                     r->param->name);
        return false;
    }
    return att_scalar_word(r->p, node, key, words, out);
}

static bool read_words(struct range *r)
{
    static const char *const rounds[] = {"none", "nearest", "up", "down"};
    static const char *const scales[] = {"linear", "log"};
    uint32_t round = ROUND_NONE;
    uint32_t scale = SCALE_LINEAR;
    const bool ok =
        read_word(r, "round", (struct names){rounds, 4},
                  r->form != FORM_STEP && r->param->type == ATT_TYPE_INTEGER,
                  &round) &&
        read_word(r, "scale", (struct names){scales, 2}, r->form == FORM_POINTS,
                  &scale);

    r->round = (enum round)round;
    r->scale = (enum scale)scale;
    return ok;
}

static bool refuse(struct range *r, const char *key, const char *why)
{
    const struct yaml_node *node = att_yaml_get(r->node, key);

    att_diagnose(&r->p->d, node->at, "%s = %s %s", key, node->text, why);
    return false;
}

static bool read_by(struct range *r)
{
    switch (r->form) {
    case FORM_STEP:
        return read_number(r, "step", &r->by) &&
               (r->by.r > 0 || refuse(r, "step", "is not positive"));
    case FORM_FACTOR:
        return read_number(r, "factor", &r->by) &&
               (r->by.r > 1 || refuse(r, "factor", "is not above 1"));
    case FORM_POINTS:
        break;
    }
    return att_scalar_count(r->p, att_yaml_get(r->node, "points"), "points", 2,
                            MAX_AXIS_VALUES, &r->n_points);
}

static bool read_range(struct range *r)
{
    if (!read_form(r) || !read_words(r))
        return false;
    const bool from = read_end(r, "from", &r->from);
    const bool to = read_end(r, "to", &r->to);
    if (!read_by(r) || !from || !to)
        return false;
    if (r->from.r > r->to.r)
        return refuse(r, "from", "is above 'to': a range ascends");
    if ((r->form == FORM_FACTOR || r->scale == SCALE_LOG) && r->from.r <= 0)
        return refuse(r, "from", "is not positive, as factors and logs need");
    return true;
}

/* ---- integers with a step ---------------------------------------------------- */

/* The ends are integers already: they passed scalar_read. */
static bool make_rule(struct range *r, struct values *out)
{
    int64_t to = 0;

    if (!r->by.exact || !att_decimal_integer(r->by.d, &out->step))
        return refuse(r, "step", "is not an integer");
    (void)att_decimal_integer(r->from.d, &out->from);
    (void)att_decimal_integer(r->to.d, &to);
    const uint64_t span = (uint64_t)to - (uint64_t)out->from;
    out->n = span / (uint64_t)out->step + 1;
    if (out->n != 0 && out->n <= INT64_MAX)
        return true;
    att_diagnose(&r->p->d, r->node->at,
                 "the range of %s has more than 2^63 values", r->param->name);
    return false;
}

/* ---- values written out -------------------------------------------------------- */

static bool refuse_value(struct range *r, double v)
{
    char text[ATT_NUMBER_TEXT];
    const bool curable = r->form != FORM_STEP;

    att_diagnose(&r->p->d, r->node->at,
                 "the range of %s holds %s, not an integer%s", r->param->name,
                 att_real_text(v, text),
                 curable ? ": add 'round: nearest'" : "");
    return false;
}

static double rounded(double v, enum round round)
{
    switch (round) {
    case ROUND_NONE:
        break;
    case ROUND_NEAREST:
        return floor(v + 0.5);
    case ROUND_UP:
        return ceil(v);
    case ROUND_DOWN:
        return floor(v);
    }
    return v;
}

/* The value as the parameter wants it, unchecked. */
static struct att_value number_value(const struct range *r, struct number v)
{
    int64_t i = 0;

    if (r->param->type == ATT_TYPE_INTEGER && v.exact &&
        att_decimal_integer(v.d, &i))
        return att_int(i);
    return att_real(rounded(v.r, r->round));
}

static bool put(struct range *r, struct number v)
{
    struct att_error err = {0};
    struct att_value value = number_value(r, v);

    if (r->n == r->capacity) {
        att_diagnose(&r->p->d, r->node->at,
                     "the range of %s has more than %d values", r->param->name,
                     MAX_AXIS_VALUES);
        return false;
    }
    if (r->param->type == ATT_TYPE_INTEGER && value.kind == ATT_REAL &&
        value.r != floor(value.r))
        return refuse_value(r, v.r);
    if (att_param_coerce(r->param, &value, &err) != ATT_OK) {
        att_diagnose_error(&r->p->d, r->node->at, &err);
        return false;
    }
    r->value[r->n++] = value;
    return true;
}

static struct number exact_number(struct decimal d)
{
    return (struct number){.d = d, .exact = true, .r = att_decimal_real(d)};
}

static struct number inexact_number(double r)
{
    return (struct number){.r = r};
}

static struct number step_value(const struct range *r, uint64_t i)
{
    struct decimal d;

    if (r->from.exact && r->by.exact &&
        att_decimal_scale(r->by.d, (int64_t)i, &d) &&
        att_decimal_add(r->from.d, d, &d))
        return exact_number(d);
    return inexact_number(att_round_digits(
        (long double)r->from.r + (long double)r->by.r * (long double)i));
}

/* How many steps fit between the ends. */
static double count_steps(const struct range *r)
{
    struct decimal span;
    struct decimal minus = r->from.d;
    uint64_t n = 0;

    minus.m = -minus.m;
    if (r->from.exact && r->to.exact && r->by.exact &&
        att_decimal_add(r->to.d, minus, &span) &&
        att_decimal_quotient(span, r->by.d, &n))
        return (double)n;
    return floor(
        att_round_digits(((long double)r->to.r - (long double)r->from.r) /
                         (long double)r->by.r));
}

static bool put_steps(struct range *r)
{
    const double last = count_steps(r);
    bool ok = true;

    for (uint64_t i = 0; (double)i <= last && ok; i++)
        ok = put(r, step_value(r, i));
    return ok;
}

/* Exact products while they fit 63 bits; then doubles, which at least are the
 * same everywhere. */
static struct number next_factor(struct number v, struct number by)
{
    struct decimal d;

    if (v.exact && by.exact && att_decimal_mul(v.d, by.d, &d))
        return exact_number(d);
    return inexact_number(v.r * by.r);
}

static bool put_factors(struct range *r)
{
    bool ok = true;

    for (struct number v = r->from; ok && v.r <= r->to.r;
         v = next_factor(v, r->by))
        ok = put(r, v);
    return ok;
}

static struct number linear_point(const struct range *r, int64_t i, int64_t n)
{
    struct decimal a;
    struct decimal b;

    if (r->from.exact && r->to.exact &&
        att_decimal_scale(r->from.d, n - i, &a) &&
        att_decimal_scale(r->to.d, i, &b) && att_decimal_add(a, b, &a) &&
        att_decimal_divide(a, n, &a))
        return exact_number(a);
    return inexact_number(att_round_digits(
        r->from.r + (r->to.r - r->from.r) * ((double)i / (double)n)));
}

static struct number log_point(const struct range *r, int64_t i, int64_t n)
{
    const long double ratio = (long double)r->to.r / (long double)r->from.r;

    return inexact_number(att_round_digits(
        (long double)r->from.r * powl(ratio, (long double)i / (long double)n)));
}

static bool put_points(struct range *r)
{
    const int64_t n = (int64_t)r->n_points - 1;
    bool ok = put(r, r->from);

    for (int64_t i = 1; i < n && ok; i++) {
        ok = put(r, r->scale == SCALE_LOG ? log_point(r, i, n)
                                          : linear_point(r, i, n));
    }
    return ok && put(r, r->to);
}

/* An upper bound for the memory; put() has the last word. */
static uint64_t expected_values(const struct range *r)
{
    double n = (double)r->n_points;

    if (r->form == FORM_STEP) {
        n = count_steps(r) + 1;
    } else if (r->form == FORM_FACTOR) {
        n = log(r->to.r / r->from.r) / log1p(r->by.r - 1) * 1.001 + 4;
    }
    return n < MAX_AXIS_VALUES ? (uint64_t)n : MAX_AXIS_VALUES;
}

static bool write_out(struct range *r, struct values *out)
{
    bool ok = false;

    r->capacity = expected_values(r);
    r->value = att_values_alloc(r->p, r->node, r->capacity);
    if (r->value == NULL)
        return false;
    switch (r->form) {
    case FORM_STEP:
        ok = put_steps(r);
        break;
    case FORM_FACTOR:
        ok = put_factors(r);
        break;
    case FORM_POINTS:
        ok = put_points(r);
        break;
    }
    *out = (struct values){.item = r->value, .n = r->n};
    return ok;
}

bool att_range_read(struct parser *p, const struct yaml_node *node,
                    const struct att_param *param, struct values *out)
{
    static const char *const keys[] = {"from",   "to",    "step", "factor",
                                       "points", "scale", "round"};
    struct range r = {.p = p, .node = node, .param = param};
    const uint64_t before = p->d.n;

    if (param->type == ATT_TYPE_CHOICE || param->type == ATT_TYPE_PATH) {
        att_diagnose(&p->d, node->at,
                     "%s has no ranges: write its values as a list",
                     param->name);
        return false;
    }
    att_yaml_check_keys(&p->d, node, "a range", (struct names){keys, 7});
    if (p->d.n != before || !read_range(&r))
        return false;
    if (r.form == FORM_STEP && param->type == ATT_TYPE_INTEGER)
        return make_rule(&r, out);
    return write_out(&r, out);
}
