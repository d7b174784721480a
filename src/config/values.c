/* values.c - the values of one parameter: a scalar, a list, a range. */
#include "study_priv.h"

struct att_value *att_values_alloc(struct parser *p,
                                   const struct yaml_node *node, uint64_t n)
{
    if (n > MAX_STUDY_VALUES - p->n_values) {
        att_diagnose(
            &p->d, node->at,
            "more than %d values in one study: only integers with a step "
            "may be more",
            MAX_STUDY_VALUES);
        return NULL;
    }
    p->n_values += n;
    return PARSER_NEW(p, struct att_value, n);
}

static bool list_read(struct parser *p, const struct yaml_node *node,
                      const struct att_param *param, struct values *out)
{
    uint64_t n = 0;

    if (node->n == 0) {
        att_diagnose(&p->d, node->at, "%s has an empty list", param->name);
        return false;
    }
    struct att_value *item = att_values_alloc(p, node, node->n);
    if (item == NULL)
        return false;
    for (const struct yaml_node *c = node->first; c != NULL; c = c->next)
        n += att_scalar_read(p, c, param, &item[n]);
    *out = (struct values){.item = item, .n = n};
    return n == node->n;
}

static bool single_read(struct parser *p, const struct yaml_node *node,
                        const struct att_param *param, struct values *out)
{
    struct att_value *item = att_values_alloc(p, node, 1);

    *out = (struct values){.item = item, .n = 1};
    return item != NULL && att_scalar_read(p, node, param, item);
}

bool att_values_read(struct parser *p, const struct yaml_node *node,
                     const struct att_param *param, struct values *out)
{
    switch (node->kind) {
    case YAML_SCALAR:
        return single_read(p, node, param, out);
    case YAML_LIST:
        return list_read(p, node, param, out);
    case YAML_MAP:
        break;
    }
    return att_range_read(p, node, param, out);
}

static bool is_identity(const uint32_t *order, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++) {
        if (order[i] != i)
            return false;
    }
    return true;
}

bool att_values_settle(struct parser *p, const struct values *v,
                       struct att_axis *axis)
{
    axis->n = v->n;
    axis->from = v->from;
    axis->step = v->step;
    axis->value = v->item;
    if (v->item == NULL)
        return true;
    const struct att_arena_mark mark = att_arena_mark(p->arena);
    uint32_t *order = PARSER_NEW(p, uint32_t, v->n);
    uint32_t *scratch = PARSER_NEW(p, uint32_t, v->n);
    if (order == NULL || scratch == NULL)
        return false;
    axis->n = att_axis_unique(v->item, v->n, axis->n_params, order, scratch);
    axis->n_duplicates = v->n - axis->n;
    axis->order = order;
    if (is_identity(order, axis->n)) {
        axis->order = NULL;
        att_arena_rewind(p->arena, mark);
    }
    return true;
}
