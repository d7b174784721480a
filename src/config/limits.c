/* limits.c - task_time, task_memory, retries: constants or expressions. */
#include "attest/base/size.h"
#include "study_priv.h"

static const char *const LIMITS[N_LIMITS] = {"task_time", "task_memory",
                                             "retries"};

struct att_limit *att_limits_at(struct att_sweep_limits *limits, uint32_t which)
{
    struct att_limit *all[N_LIMITS] = {
        &limits->task_time_s, &limits->task_memory_bytes, &limits->retries};

    return all[which];
}

const char *att_limits_name(uint32_t which)
{
    return LIMITS[which];
}

static bool read_expression(struct parser *p, const struct yaml_node *node,
                            const char *what, struct att_limit *limit)
{
    static const char *const keys[] = {"expr"};
    const struct yaml_node *expr = att_yaml_get(node, "expr");

    att_yaml_check_keys(&p->d, node, what, (struct names){keys, 1});
    return expr != NULL && att_scalar_text(p, expr, what, &limit->expr);
}

/* Seconds, bytes or a count by its index. */
static bool read_constant(struct parser *p, const struct yaml_node *node,
                          uint32_t which, double *value)
{
    struct att_error err = {0};
    const char *text = NULL;
    uint64_t whole = 0;

    if (which == LIMIT_RETRIES) {
        const bool ok = att_scalar_count(p, node, "retries", 0, 1000, &whole);

        *value = (double)whole;
        return ok;
    }
    if (!att_scalar_text(p, node, LIMITS[which], &text))
        return false;
    if (which == LIMIT_TIME && att_seconds_parse(text, value, &err) == ATT_OK)
        return true;
    if (which == LIMIT_MEMORY &&
        att_bytes_parse(text, &whole, &err) == ATT_OK) {
        *value = (double)whole;
        return true;
    }
    att_diagnose(&p->d, node->at,
                 "%s: %s; an expression is written {expr: \"2 * N\"}",
                 LIMITS[which], err.text);
    return false;
}

bool att_limits_read(struct parser *p, const struct yaml_node *node,
                     struct att_sweep_limits *limits, struct place at[N_LIMITS])
{
    bool ok = true;

    if (node->kind != YAML_MAP) {
        att_diagnose(&p->d, node->at, "limits is a map: {task_time: 10min}");
        return false;
    }
    att_yaml_check_keys(&p->d, node, "limits",
                        (struct names){LIMITS, N_LIMITS});
    for (uint32_t i = 0; i < N_LIMITS; i++) {
        const struct yaml_node *value = att_yaml_get(node, LIMITS[i]);
        struct att_limit limit = {0};

        if (value == NULL)
            continue;
        limit.line = value->at.line;
        at[i] = value->at;
        if (value->kind == YAML_MAP) {
            const struct yaml_node *expr = att_yaml_get(value, "expr");

            at[i] = expr == NULL ? value->at : expr->at;
            ok = read_expression(p, value, LIMITS[i], &limit) && ok;
        } else {
            ok = read_constant(p, value, i, &limit.value) && ok;
        }
        *att_limits_at(limits, i) = limit;
    }
    return ok;
}
