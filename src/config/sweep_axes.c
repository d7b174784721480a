/* sweep_axes.c - `grid` and `zip`: who sets which parameter. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "study_priv.h"

bool att_sweep_claim_param(struct parser *p, struct draft *draft,
                           const struct yaml_node *key, uint32_t *param)
{
    const struct att_construction *c = draft->sweep.construction;
    const int found = att_construction_find_param(c, key->text);
    char what[96];

    if (found < 0) {
        (void)snprintf(what, sizeof what, "unknown parameter of %.64s",
                       c->name);
        att_diagnose_unknown(&p->d, key->at, what, key->text,
                             (struct names){draft->name, draft->n_params});
        return false;
    }
    const struct yaml_node *before = draft->set_by[found];
    if (before != NULL) {
        att_diagnose(&p->d, key->at, "%s is set twice, first in line %u",
                     key->text, before->at.line);
        return false;
    }
    draft->set_by[found] = key;
    *param = (uint32_t)found;
    return true;
}

/* A new axis at the end of the sweep; params are copied. */
static struct att_axis *add_axis(struct parser *p, struct draft *draft,
                                 const uint32_t *params, uint32_t n_params,
                                 uint32_t line)
{
    uint32_t *copy = PARSER_NEW(p, uint32_t, n_params);

    if (copy == NULL)
        return NULL;
    memcpy(copy, params, n_params * sizeof *copy);
    assert(draft->sweep.n_axes < draft->n_params);
    struct att_axis *axis = &draft->axis[draft->sweep.n_axes++];
    *axis =
        (struct att_axis){.n_params = n_params, .param = copy, .line = line};
    return axis;
}

static const struct att_param *param_at(const struct draft *draft, uint32_t i)
{
    return att_construction_param(draft->sweep.construction, i);
}

/* ---- grid -------------------------------------------------------------------- */

static bool read_derived(struct parser *p, const struct yaml_node *node,
                         uint32_t param, struct draft *draft)
{
    static const char *const keys[] = {"expr"};
    const struct yaml_node *expr = att_yaml_get(node, "expr");
    const struct att_param *schema = param_at(draft, param);
    const char *text = NULL;

    att_yaml_check_keys(&p->d, node, "a derived axis", (struct names){keys, 1});
    if (schema->type == ATT_TYPE_PATH) {
        att_diagnose(&p->d, node->at, "%s is a path and cannot be derived",
                     schema->name);
        return false;
    }
    if (!att_scalar_text(p, expr, schema->name, &text))
        return false;
    struct att_axis *axis = add_axis(p, draft, &param, 1, node->at.line);
    if (axis == NULL)
        return false;
    draft->expr_at[axis - draft->axis] = expr->at;
    axis->n = 1;
    axis->expr = text;
    return true;
}

static bool read_values(struct parser *p, const struct yaml_node *node,
                        uint32_t param, struct draft *draft)
{
    struct values v = {0};

    if (!att_values_read(p, node, param_at(draft, param), &v))
        return false;
    if (node->kind == YAML_SCALAR) {
        draft->fixed[param] = v.item[0];
        return true;
    }
    struct att_axis *axis = add_axis(p, draft, &param, 1, node->at.line);
    return axis != NULL && att_values_settle(p, &v, axis);
}

bool att_sweep_read_grid(struct parser *p, const struct yaml_node *node,
                         struct draft *draft)
{
    bool ok = true;

    if (node->kind != YAML_MAP) {
        att_diagnose(&p->d, node->at, "grid is a map of parameters to values");
        return false;
    }
    for (const struct yaml_node *k = node->first; k != NULL; k = k->next) {
        uint32_t param = 0;

        if (!att_sweep_claim_param(p, draft, k, &param)) {
            ok = false;
        } else if (k->value->kind == YAML_MAP &&
                   att_yaml_get(k->value, "expr") != NULL) {
            ok = read_derived(p, k->value, param, draft) && ok;
        } else {
            ok = read_values(p, k->value, param, draft) && ok;
        }
    }
    return ok;
}

/* ---- zip ---------------------------------------------------------------------- */

static struct att_value item_at(const struct values *v, uint64_t i)
{
    return v->item != NULL ? v->item[i]
                           : att_int(v->from + (int64_t)i * v->step);
}

/* One column of the zipped tuples; the first one fixes their number. */
struct column {
    const struct yaml_node *key;
    uint32_t param;
    struct values v;
};

static bool read_column(struct parser *p, struct draft *draft, struct column *c,
                        const struct column *first)
{
    if (c->key->value->kind == YAML_MAP &&
        att_yaml_get(c->key->value, "expr") != NULL) {
        att_diagnose(&p->d, c->key->value->at,
                     "a derived axis stands under 'grid', not under 'zip'");
        return false;
    }
    if (!att_sweep_claim_param(p, draft, c->key, &c->param) ||
        !att_values_read(p, c->key->value, param_at(draft, c->param), &c->v))
        return false;
    if (c == first || c->v.n == first->v.n || first->v.n == 0)
        return true;
    att_diagnose(&p->d, c->key->value->at,
                 "zipped axes differ in length: %s has %" PRIu64
                 " values, %s has %" PRIu64,
                 first->key->text, first->v.n, c->key->text, c->v.n);
    return false;
}

static bool join_columns(struct parser *p, struct draft *draft,
                         const struct yaml_node *node, const struct column *c)
{
    const uint64_t n = c[0].v.n;
    uint32_t *param = PARSER_NEW(p, uint32_t, node->n);

    if (n > MAX_AXIS_VALUES) {
        att_diagnose(&p->d, node->at, "more than %d zipped values",
                     MAX_AXIS_VALUES);
        return false;
    }
    struct att_value *item = att_values_alloc(p, node, n * node->n);
    if (item == NULL || param == NULL)
        return false;
    for (uint32_t k = 0; k < node->n; k++) {
        param[k] = c[k].param;
        for (uint64_t i = 0; i < n; i++)
            item[i * node->n + k] = item_at(&c[k].v, i);
    }
    const struct values v = {.item = item, .n = n};
    struct att_axis *axis = add_axis(p, draft, param, node->n, node->at.line);
    return axis != NULL && att_values_settle(p, &v, axis);
}

static bool read_group(struct parser *p, const struct yaml_node *node,
                       struct draft *draft)
{
    bool ok = true;
    uint32_t k = 0;

    if (node->kind != YAML_MAP || node->n == 0) {
        att_diagnose(&p->d, node->at, "zip is a map of parameters to values");
        return false;
    }
    struct column *c = PARSER_NEW(p, struct column, node->n);
    if (c == NULL)
        return false;
    for (const struct yaml_node *key = node->first; key != NULL;
         key = key->next) {
        c[k] = (struct column){.key = key};
        ok = read_column(p, draft, &c[k], c) && ok;
        k++;
    }
    return ok && join_columns(p, draft, node, c);
}

bool att_sweep_read_zip(struct parser *p, const struct yaml_node *node,
                        struct draft *draft)
{
    bool ok = true;

    if (node->kind != YAML_LIST)
        return read_group(p, node, draft);
    for (const struct yaml_node *c = node->first; c != NULL; c = c->next)
        ok = read_group(p, c, draft) && ok;
    return ok;
}
