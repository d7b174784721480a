/* sweep_find.c - `find` and `observe`: what a task does beyond its point. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "attest/base/text.h"
#include "study_priv.h"

/* ---- find ---------------------------------------------------------------------- */

/* Exactly one of two keys; *second says which. */
static bool read_either(struct parser *p, const struct yaml_node *node,
                        const char *a, const char *b, bool *second)
{
    const bool has_a = att_yaml_get(node, a) != NULL;
    const bool has_b = att_yaml_get(node, b) != NULL;

    if (has_a == has_b) {
        att_diagnose(&p->d, node->at, "find needs %s '%s' or '%s'%s",
                     has_a ? "either" : "one of", a, b,
                     has_a ? ", not both" : "");
        return false;
    }
    *second = has_b;
    return true;
}

/* between: [low, high] becomes the rule low, low + 1, ..., high. */
static bool read_between(struct parser *p, const struct yaml_node *node,
                         const struct att_param *param, struct values *out)
{
    struct att_value low;
    struct att_value high;

    if (param->type != ATT_TYPE_INTEGER) {
        att_diagnose(
            &p->d, node->at,
            "'between' needs an integer parameter: give the values of %s "
            "with 'among'",
            param->name);
        return false;
    }
    if (node->kind != YAML_LIST || node->n != 2) {
        att_diagnose(&p->d, node->at, "between is a list of two: [2, 8192]");
        return false;
    }
    if (!att_scalar_read(p, node->first, param, &low) ||
        !att_scalar_read(p, node->first->next, param, &high))
        return false;
    if (low.i > high.i) {
        att_diagnose(&p->d, node->at,
                     "between is empty: the first is the larger");
        return false;
    }
    *out = (struct values){
        .n = (uint64_t)high.i - (uint64_t)low.i + 1, .from = low.i, .step = 1};
    return true;
}

/* Bisection needs an order: numbers ascend, words have the written one. */
static bool check_order(struct parser *p, const struct yaml_node *node,
                        const struct att_param *param, const struct values *v)
{
    for (uint64_t i = 1; v->item != NULL && i < v->n; i++) {
        const struct att_value a = v->item[i - 1];
        const struct att_value b = v->item[i];

        if (a.kind != ATT_TEXT && att_value_number(a) >= att_value_number(b)) {
            att_diagnose(&p->d, node->at,
                         "the values of %s must ascend in 'among'",
                         param->name);
            return false;
        }
    }
    return true;
}

static bool read_candidates(struct parser *p, const struct yaml_node *node,
                            const struct att_param *param, bool among,
                            struct att_find *find)
{
    const struct yaml_node *range =
        att_yaml_get(node, among ? "among" : "between");
    uint32_t *index = PARSER_NEW(p, uint32_t, 1);
    struct values v = {0};

    if (index == NULL)
        return false;
    *index = find->param;
    find->range = (struct att_axis){
        .n_params = 1, .param = index, .line = range->at.line};
    if (param->type == ATT_TYPE_PATH) {
        att_diagnose(&p->d, node->at, "%s is a path and cannot be searched",
                     param->name);
        return false;
    }
    const bool ok = among ? att_values_read(p, range, param, &v) &&
                                check_order(p, range, param, &v)
                          : read_between(p, range, param, &v);
    return ok && att_values_settle(p, &v, &find->range);
}

static bool read_share(struct parser *p, const struct yaml_node *node,
                       double *share)
{
    static const struct att_param schema = {
        .name = "share", .type = ATT_TYPE_REAL, .r_min = 0, .r_max = 1};
    struct att_value v = att_real(0);

    if (node == NULL || att_text_same(node->text, "each"))
        return true;
    if (!att_scalar_read(p, node, &schema, &v))
        return false;
    *share = v.r;
    if (v.r > 0)
        return true;
    att_diagnose(&p->d, node->at,
                 "share = 0 asks for no success: leave it out to "
                 "search in each replicate");
    return false;
}

static bool read_criterion(struct parser *p, const struct yaml_node *node,
                           struct draft *draft)
{
    const struct yaml_node *text = att_yaml_get(node, "such_that");

    if (text == NULL) {
        att_diagnose(&p->d, node->at, "find lacks 'such_that'");
        return false;
    }
    draft->such_that_at = text->at;
    return att_scalar_text(p, text, "such_that", &draft->sweep.find.such_that);
}

static bool read_searched(struct parser *p, const struct yaml_node *node,
                          struct draft *draft)
{
    struct att_find *find = &draft->sweep.find;

    if (!read_either(p, node, "smallest", "largest", &find->largest))
        return false;
    const struct yaml_node *word =
        att_yaml_get(node, find->largest ? "largest" : "smallest");
    const char *name = NULL;
    return att_scalar_text(p, word, "find", &name) &&
           att_sweep_claim_param(p, draft, word, &find->param);
}

bool att_sweep_read_find(struct parser *p, const struct yaml_node *node,
                         struct draft *draft)
{
    static const char *const keys[] = {"smallest", "largest", "such_that",
                                       "between",  "among",   "share"};
    struct att_find *find = &draft->sweep.find;
    bool among = false;

    if (node->kind != YAML_MAP) {
        att_diagnose(&p->d, node->at,
                     "find is a map: {smallest: d, such_that: "
                     "accept == 1, between: [2, 64]}");
        return false;
    }
    att_yaml_check_keys(&p->d, node, "find", (struct names){keys, 6});
    find->line = node->at.line;
    bool ok = read_criterion(p, node, draft);
    ok = read_share(p, att_yaml_get(node, "share"), &find->share) && ok;
    if (!read_searched(p, node, draft) ||
        !read_either(p, node, "between", "among", &among))
        return false;
    find->present = true;
    const struct att_param *param =
        att_construction_param(draft->sweep.construction, find->param);
    return read_candidates(p, node, param, among, find) && ok;
}

/* ---- observe ---------------------------------------------------------------------- */

static const struct att_metric *find_column(const struct att_construction *c,
                                            const char *name)
{
    const int i = att_construction_find_observation(c, name);

    if (i < 0 || c->observations[i].role != ATT_ROLE_AXIS)
        return NULL;
    return &c->observations[i];
}

static bool refuse_column(struct parser *p, const struct att_construction *c,
                          const struct yaml_node *key)
{
    const char **name = PARSER_NEW(p, const char *, c->n_observations);
    char what[96];
    size_t n = 0;

    if (name == NULL)
        return false;
    for (uint32_t i = 0; i < c->n_observations; i++) {
        if (c->observations[i].role == ATT_ROLE_AXIS)
            name[n++] = c->observations[i].name;
    }
    (void)snprintf(what, sizeof what, "unknown observation axis of %.56s",
                   c->name);
    att_diagnose_unknown(&p->d, key->at, what, key->text,
                         (struct names){name, n});
    return false;
}

/* Ascending numbers without repetition. */
static bool settle_numbers(struct parser *p, const struct values *v,
                           struct att_observe_axis *out)
{
    static const uint32_t only = 0;
    struct att_axis sorted = {.n_params = 1, .param = &only};

    if (!att_values_settle(p, v, &sorted))
        return false;
    double *value = PARSER_NEW(p, double, sorted.n);
    if (value == NULL)
        return false;
    for (uint64_t i = 0; i < sorted.n; i++) {
        const uint64_t at = sorted.order == NULL ? i : sorted.order[i];

        value[i] = att_value_number(att_axis_value(&sorted, at, 0));
    }
    out->value = value;
    out->n = sorted.n;
    return true;
}

static bool read_numbers(struct parser *p, const struct yaml_node *node,
                         const struct att_metric *column,
                         struct att_observe_axis *out)
{
    const struct att_param schema = {
        .name = column->name,
        .type = column->kind == ATT_INTEGER ? ATT_TYPE_INTEGER : ATT_TYPE_REAL,
        .i_min = INT64_MIN,
        .i_max = INT64_MAX,
        .r_min = -(double)INFINITY,
        .r_max = (double)INFINITY};
    struct values v = {0};

    if (!att_values_read(p, node, &schema, &v))
        return false;
    if (v.n > MAX_AXIS_VALUES) {
        att_diagnose(&p->d, node->at, "more than %d values of %s",
                     MAX_AXIS_VALUES, column->name);
        return false;
    }
    return settle_numbers(p, &v, out);
}

static bool read_observed(struct parser *p, const struct yaml_node *key,
                          const struct att_construction *c,
                          struct att_observe_axis *out)
{
    const struct att_metric *column = find_column(c, key->text);

    if (column == NULL)
        return refuse_column(p, c, key);
    *out = (struct att_observe_axis){.name = column->name};
    if (key->value->kind == YAML_SCALAR &&
        att_text_same(key->value->text, "log")) {
        out->log = true;
        return true;
    }
    return read_numbers(p, key->value, column, out);
}

bool att_sweep_read_observe(struct parser *p, const struct yaml_node *node,
                            struct draft *draft)
{
    struct att_observe *spec = &draft->sweep.observe;
    bool ok = true;

    if (node->kind != YAML_MAP) {
        att_diagnose(&p->d, node->at, "observe is a map: {L_test: [20, 40]}");
        return false;
    }
    struct att_observe_axis *axis =
        PARSER_NEW(p, struct att_observe_axis, node->n);
    if (axis == NULL)
        return false;
    for (const struct yaml_node *k = node->first; k != NULL; k = k->next) {
        ok = read_observed(p, k, draft->sweep.construction, &axis[spec->n]) &&
             ok;
        spec->n++;
    }
    spec->axis = axis;
    return ok;
}
