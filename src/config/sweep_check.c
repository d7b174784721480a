/* sweep_check.c - the expressions of a sweep: compiled, ordered, tried.
 *
 * A trial at the first point of the grid finds what only shows when Lua runs:
 * a comparison of a word with a number, a loop without end. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "attest/base/text.h"
#include "study_priv.h"

struct check {
    struct parser *p;
    struct draft *draft;
    const char **name; /* the schema's, without the searched parameter */
    struct att_names scope;
    struct att_expr **derived; /* of each axis, NULL where it is not derived */
    struct att_expr *where, *such_that, *limit[N_LIMITS];
    struct att_value *point;
};

/* ---- compiling -------------------------------------------------------------- */

/* The fault inside an expression, if the file holds its text as it is. */
static struct place fault_place(const struct parser *p, struct place at,
                                const char *text, struct place fault)
{
    const size_t n = strlen(text);
    const bool verbatim = at.offset + n <= p->d.source->n &&
                          memcmp(p->d.source->text + at.offset, text, n) == 0 &&
                          memchr(text, '\n', n) == NULL;

    if (fault.length == 0 || !verbatim)
        return at;
    fault.offset += at.offset;
    fault.line = at.line;
    return fault;
}

static bool is_searched(const struct check *c, const char *text,
                        struct place fault)
{
    const struct att_find *find = &c->draft->sweep.find;

    if (!find->present || fault.length == 0)
        return false;
    const char *name = c->draft->name[find->param];
    return strlen(name) == fault.length &&
           strncmp(text + fault.offset, name, fault.length) == 0;
}

static struct att_expr *compile(struct check *c, struct place at,
                                const char *what, const char *text,
                                const struct att_names *scope)
{
    struct parser *p = c->p;
    struct att_error err = {0};
    struct att_expr *expr = NULL;
    struct place fault = {0};

    if (att_expr_compile(p->engine, text, scope, &expr, &err) == ATT_OK)
        return expr;
    att_engine_fault(p->engine, &fault.offset, &fault.length);
    const struct place shown = fault_place(p, at, text, fault);
    if (scope == &c->scope && is_searched(c, text, fault)) {
        att_diagnose(&p->d, shown,
                     "%s: %s is searched by 'find' and has no value here", what,
                     c->draft->name[c->draft->sweep.find.param]);
    } else {
        att_diagnose(&p->d, shown, "%s: %s", what, err.text);
    }
    return NULL;
}

static const char *axis_name(const struct check *c, uint32_t axis)
{
    return c->draft->name[c->draft->axis[axis].param[0]];
}

static bool compile_axes(struct check *c)
{
    bool ok = true;

    for (uint32_t a = 0; a < c->draft->sweep.n_axes; a++) {
        const struct att_axis *axis = &c->draft->axis[a];

        c->derived[a] = NULL;
        if (axis->expr == NULL)
            continue;
        c->derived[a] = compile(c, c->draft->expr_at[a], axis_name(c, a),
                                axis->expr, &c->scope);
        ok = c->derived[a] != NULL && ok;
    }
    return ok;
}

static bool compile_limits(struct check *c)
{
    bool ok = true;

    for (uint32_t i = 0; i < N_LIMITS; i++) {
        const struct att_limit *limit =
            att_limits_at(&c->draft->sweep.limits, i);

        if (limit->expr == NULL)
            continue;
        c->limit[i] = compile(c, c->draft->limit_at[i], att_limits_name(i),
                              limit->expr, &c->scope);
        ok = c->limit[i] != NULL && ok;
    }
    return ok;
}

/* ---- the criterion of a search ------------------------------------------------- */

/* Parameters, then metrics, then observation columns. */
static uint32_t count_columns(const struct check *c)
{
    const struct att_construction *k = c->draft->sweep.construction;

    return c->draft->n_params + k->n_metrics + k->n_observations;
}

/* A column and a value of its kind, to try the criterion with. */
static struct att_value sample_value(enum att_kind kind)
{
    switch (kind) {
    case ATT_NONE:
        break;
    case ATT_INTEGER:
        return att_int(1);
    case ATT_REAL:
        return att_real(1);
    case ATT_TEXT:
        return att_text("");
    }
    return att_none();
}

static void list_columns(const struct check *c, const char **name,
                         struct att_value *value)
{
    const struct att_construction *k = c->draft->sweep.construction;
    uint32_t n = c->draft->n_params;

    memcpy(name, c->draft->name, n * sizeof *name);
    memcpy(value, c->point, n * sizeof *value);
    for (uint32_t i = 0; i < k->n_metrics; i++, n++) {
        name[n] = k->metrics[i].name;
        value[n] = sample_value(k->metrics[i].kind);
    }
    for (uint32_t i = 0; i < k->n_observations; i++, n++) {
        name[n] = k->observations[i].name;
        value[n] = sample_value(k->observations[i].kind);
    }
}

static bool report(struct check *c, struct place at, const char *what,
                   struct att_error *err)
{
    att_diagnose(&c->p->d, at, "%s: %s", what, err->text);
    *err = (struct att_error){0};
    return false;
}

static bool check_criterion(struct check *c)
{
    const struct att_find *find = &c->draft->sweep.find;
    const uint32_t n = count_columns(c);
    const char **name = PARSER_NEW(c->p, const char *, n);
    struct att_value *value = PARSER_NEW(c->p, struct att_value, n);
    const struct place at = c->draft->such_that_at;
    struct att_error err = {0};
    bool accept = false;

    if (!find->present || find->such_that == NULL || name == NULL ||
        value == NULL)
        return !c->p->no_memory;
    list_columns(c, name, value);
    const struct att_names scope = {name, n};
    struct att_expr *expr =
        compile(c, at, "such_that", find->such_that, &scope);
    if (expr == NULL)
        return false;
    return att_expr_test(expr, value, &accept, &err) == ATT_OK ||
           report(c, at, "such_that", &err);
}

/* ---- the order of derived axes --------------------------------------------------- */

/* The derived axis of a parameter, or n_axes. */
static uint32_t axis_of(const struct check *c, uint32_t param)
{
    uint32_t a = 0;

    while (a < c->draft->sweep.n_axes &&
           (c->derived[a] == NULL || c->draft->axis[a].param[0] != param))
        a++;
    return a;
}

static bool is_ready(const struct check *c, uint32_t axis, const bool *done)
{
    uint32_t n = 0;
    const uint32_t *used = att_expr_used(c->derived[axis], &n);

    for (uint32_t i = 0; i < n; i++) {
        const uint32_t other = axis_of(c, used[i]);

        if (other < c->draft->sweep.n_axes && !done[other])
            return false;
    }
    return true;
}

/* An axis that a waiting one waits for; every waiting one has such. */
static uint32_t next_waiting(const struct check *c, uint32_t axis,
                             const bool *done)
{
    uint32_t n = 0;
    const uint32_t *used = att_expr_used(c->derived[axis], &n);

    for (uint32_t i = 0; i < n; i++) {
        const uint32_t other = axis_of(c, used[i]);

        if (other < c->draft->sweep.n_axes && !done[other])
            return other;
    }
    return axis;
}

/* Follow n_axes steps from any waiting axis: that is inside a circle. */
static bool refuse_circle(struct check *c, const bool *done)
{
    struct att_buffer list = {0};
    uint32_t first = 0;

    while (c->derived[first] == NULL || done[first])
        first++;
    for (uint32_t i = 0; i < c->draft->sweep.n_axes; i++)
        first = next_waiting(c, first, done);
    uint32_t a = first;
    do {
        a = next_waiting(c, a, done);
        att_buffer_printf(&list, " needs %s", axis_name(c, a));
    } while (a != first);
    att_diagnose(&c->p->d, c->draft->expr_at[first],
                 "derived axes in a circle: %s%s", axis_name(c, first),
                 list.data);
    att_buffer_fini(&list);
    return false;
}

static bool order_axes(struct check *c)
{
    const uint32_t n_axes = c->draft->sweep.n_axes;
    uint32_t *order = PARSER_NEW(c->p, uint32_t, n_axes);
    bool *done = PARSER_NEW(c->p, bool, n_axes);
    uint32_t n = 0;
    uint32_t n_derived = 0;
    bool moved = true;

    if (order == NULL || done == NULL)
        return false;
    for (uint32_t a = 0; a < n_axes; a++) {
        done[a] = false;
        n_derived += c->derived[a] != NULL;
    }
    while (moved) {
        moved = false;
        for (uint32_t a = 0; a < n_axes; a++) {
            if (c->derived[a] == NULL || done[a] || !is_ready(c, a, done))
                continue;
            done[a] = true;
            order[n++] = a;
            moved = true;
        }
    }
    c->draft->sweep.derived = order;
    c->draft->sweep.n_derived = n;
    return n == n_derived || refuse_circle(c, done);
}

/* ---- the first point --------------------------------------------------------------- */

static void fill_point(struct check *c)
{
    memcpy(c->point, c->draft->fixed,
           c->draft->n_params * sizeof *c->draft->fixed);
    for (uint32_t a = 0; a < c->draft->sweep.n_axes; a++) {
        const struct att_axis *axis = &c->draft->axis[a];

        for (uint32_t k = 0; axis->expr == NULL && k < axis->n_params; k++)
            c->point[axis->param[k]] = att_axis_value(axis, 0, k);
    }
}

/* A derived value as conditions see it: of its parameter's type if it can be.
 * Texts that are no choice are missing, as nobody owns them. */
static struct att_value settle(const struct att_param *param,
                               struct att_value v)
{
    if (att_param_coerce(param, &v, NULL) != ATT_OK && v.kind == ATT_TEXT)
        return att_none();
    return v;
}

static bool try_axes(struct check *c)
{
    const struct att_sweep *s = &c->draft->sweep;
    struct att_error err = {0};

    for (uint32_t i = 0; i < s->n_derived; i++) {
        const uint32_t a = s->derived[i];
        const uint32_t param = c->draft->axis[a].param[0];
        struct att_value v;

        if (att_expr_value(c->derived[a], c->point, &v, &err) != ATT_OK)
            return report(c, c->draft->expr_at[a], axis_name(c, a), &err);
        c->point[param] =
            settle(att_construction_param(s->construction, param), v);
    }
    return true;
}

static bool try_where(struct check *c)
{
    struct att_error err = {0};
    bool keep = false;

    return c->where == NULL ||
           att_expr_test(c->where, c->point, &keep, &err) == ATT_OK ||
           report(c, c->draft->where_at, "where", &err);
}

static bool try_limits(struct check *c)
{
    struct att_error err = {0};
    double x = 0;
    bool ok = true;

    for (uint32_t i = 0; i < N_LIMITS; i++) {
        if (c->limit[i] != NULL &&
            att_expr_number(c->limit[i], c->point, &x, &err) != ATT_OK)
            ok = report(c, c->draft->limit_at[i], att_limits_name(i), &err);
    }
    return ok;
}

/* ---- all together -------------------------------------------------------------------- */

static bool start_check(struct check *c, struct parser *p, struct draft *draft)
{
    const uint32_t n = draft->n_params;

    *c = (struct check){.p = p,
                        .draft = draft,
                        .name = PARSER_NEW(p, const char *, n),
                        .derived = PARSER_NEW(p, struct att_expr *, n),
                        .point = PARSER_NEW(p, struct att_value, n)};
    if (p->no_memory)
        return false;
    memcpy(c->name, draft->name, n * sizeof *c->name);
    if (draft->sweep.find.present)
        c->name[draft->sweep.find.param] = "";
    c->scope = (struct att_names){c->name, n};
    return true;
}

bool att_sweep_check_expressions(struct parser *p, struct draft *draft,
                                 bool try)
{
    struct check c;

    if (!start_check(&c, p, draft))
        return false;
    bool ok = compile_axes(&c);
    if (draft->sweep.where != NULL) {
        c.where =
            compile(&c, draft->where_at, "where", draft->sweep.where, &c.scope);
        ok = c.where != NULL && ok;
    }
    ok = compile_limits(&c) && ok;
    ok = ok && order_axes(&c);
    if (!ok || !try)
        return ok;
    fill_point(&c);
    ok = try_axes(&c);
    return check_criterion(&c) && ok && try_where(&c) && try_limits(&c);
}
