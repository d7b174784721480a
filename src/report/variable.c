/* variable.c - columns and expressions as numbers. */
#include "attest/report/variable.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#include "attest/base/text.h"
#include "report_priv.h"

/* A name that expressions see. */
struct slot {
    bool of_lines;
    uint32_t field; /* of table->lines or table->rows */
};

struct att_name_scope {
    const struct att_table *table;
    struct att_arena *arena;
    struct att_engine *engine;
    const char **name;       /* n */
    struct slot *slot;       /* n */
    struct att_value *value; /* n, of the sample that is looked at */
    uint32_t n;
};

struct att_variable {
    struct att_name_scope *scope;
    const char *text;
    struct att_expr *expr; /* NULL: the column used[0] */
    const uint32_t *used;  /* n_used slots */
    uint32_t n_used;
    uint32_t column;
};

/* ---- the names of a table ------------------------------------------------ */

static bool is_identifier(const char *name)
{
    if (!isalpha((unsigned char)name[0]) && name[0] != '_')
        return false;
    while (isalnum((unsigned char)*name) || *name == '_')
        name++;
    return *name == '\0';
}

/* Lines have bookkeeping columns of their own that mean nothing here. */
static bool is_offered(const struct att_field *f)
{
    return is_identifier(f->name) && f->role != ATT_FIELD_LINE &&
           f->role != ATT_FIELD_TASK_INDEX;
}

static bool is_known(const struct att_name_scope *s, const char *name)
{
    for (uint32_t i = 0; i < s->n; i++) {
        if (strcmp(s->name[i], name) == 0)
            return true;
    }
    return false;
}

static void add_names(struct att_name_scope *s, const struct att_frame *frame,
                      bool of_lines)
{
    for (uint32_t i = 0; i < frame->n_fields; i++) {
        const struct att_field *f = &frame->field[i];

        if (!is_offered(f) || is_known(s, f->name))
            continue;
        s->name[s->n] = f->name;
        s->slot[s->n++] = (struct slot){of_lines, i};
    }
}

static att_status fill_scope(struct att_name_scope *s, bool of_lines,
                             struct att_error *err)
{
    const uint32_t n = s->table->rows.n_fields + s->table->lines.n_fields;

    s->name = ATT_NEW(s->arena, const char *, n);
    s->slot = ATT_NEW(s->arena, struct slot, n);
    s->value = ATT_NEW0(s->arena, struct att_value, n);
    if (s->name == NULL || s->slot == NULL || s->value == NULL)
        return att_arena_fail(s->arena, "the names of a table", err);
    if (of_lines)
        add_names(s, &s->table->lines, true);
    add_names(s, &s->table->rows, false);
    return att_engine_create(&s->engine, err);
}

att_status att_name_scope_create(const struct att_table *table, bool of_lines,
                                 struct att_name_scope **scope,
                                 struct att_error *err)
{
    struct att_arena *arena = att_arena_create(0);
    struct att_name_scope *s =
        arena == NULL ? NULL : ATT_NEW0(arena, struct att_name_scope, 1);

    if (s == NULL) {
        att_arena_destroy(arena);
        return att_fail(err, ATT_E_NOMEM, "out of memory for a figure");
    }
    s->table = table;
    s->arena = arena;
    const att_status status = fill_scope(s, of_lines, err);
    if (status != ATT_OK) {
        att_name_scope_destroy(s);
        return status;
    }
    *scope = s;
    return ATT_OK;
}

void att_name_scope_destroy(struct att_name_scope *scope)
{
    if (scope == NULL)
        return;
    att_engine_destroy(scope->engine);
    att_arena_destroy(scope->arena);
}

/* ---- variables ------------------------------------------------------------- */

static att_status compile(struct att_variable *v, struct att_error *err)
{
    struct att_name_scope *s = v->scope;
    const struct att_names names = {s->name, s->n};
    struct att_error local = {0};

    if (att_expr_compile(s->engine, v->text, &names, &v->expr, &local) !=
        ATT_OK) {
        return att_fail(err,
                        local.status == ATT_E_NOMEM ? ATT_E_NOMEM : ATT_E_ARG,
                        "sweep %s: '%s' is no column and no expression over "
                        "columns: %s",
                        s->table->name, v->text, local.text);
    }
    v->used = att_expr_used(v->expr, &v->n_used);
    return ATT_OK;
}

att_status att_variable_create(struct att_name_scope *scope, const char *text,
                               struct att_variable **variable,
                               struct att_error *err)
{
    struct att_variable *v = ATT_NEW0(scope->arena, struct att_variable, 1);

    if (v == NULL)
        return att_arena_fail(scope->arena, "a variable", err);
    v->scope = scope;
    v->text = att_arena_strdup(scope->arena, text);
    if (v->text == NULL)
        return att_arena_fail(scope->arena, "a variable", err);
    v->used = &v->column;
    v->n_used = 1;
    while (v->column < scope->n && strcmp(scope->name[v->column], text) != 0)
        v->column++;
    if (v->column == scope->n)
        ATT_TRY(compile(v, err));
    *variable = v;
    return ATT_OK;
}

const char *att_variable_text(const struct att_variable *v)
{
    return v->text;
}

static const struct att_frame *frame_of(const struct att_name_scope *s,
                                        uint32_t slot)
{
    return s->slot[slot].of_lines ? &s->table->lines : &s->table->rows;
}

const struct att_field *att_variable_field(const struct att_variable *v)
{
    const struct att_name_scope *s = v->scope;

    if (v->expr != NULL)
        return NULL;
    return &frame_of(s, v->column)->field[s->slot[v->column].field];
}

static struct att_value slot_cell(const struct att_name_scope *s, uint32_t slot,
                                  struct att_sample at)
{
    if (s->slot[slot].of_lines)
        return att_frame_cell(&s->table->lines, at.line, s->slot[slot].field);
    return att_shown_cell(s->table, at.row, s->slot[slot].field);
}

/* The scope's values hold the sample; what fails to compute is missing. */
static struct att_value evaluate(const struct att_variable *v)
{
    struct att_value out = att_none();

    if (att_expr_value(v->expr, v->scope->value, &out, NULL) != ATT_OK)
        return att_none();
    return out;
}

static void look_at(const struct att_variable *v, struct att_sample s)
{
    for (uint32_t i = 0; i < v->n_used; i++)
        v->scope->value[v->used[i]] = slot_cell(v->scope, v->used[i], s);
}

struct att_value att_variable_cell(const struct att_variable *v,
                                   struct att_sample s)
{
    if (v->expr == NULL)
        return slot_cell(v->scope, v->column, s);
    look_at(v, s);
    return evaluate(v);
}

double att_variable_number(const struct att_variable *v, struct att_sample s)
{
    return att_value_number(att_variable_cell(v, s));
}

double att_variable_number_at(const struct att_variable *v, struct att_sample s,
                              const struct att_variable *x, double at)
{
    if (v->expr == NULL)
        return v->column == x->column ? at : att_variable_number(v, s);
    look_at(v, s);
    v->scope->value[x->column] = att_real(at);
    return att_value_number(evaluate(v));
}

static bool same_value(struct att_value a, struct att_value b)
{
    return att_value_equal(a, b) ||
           (isnan(att_value_number(a)) && a.kind != ATT_TEXT &&
            isnan(att_value_number(b)) && b.kind != ATT_TEXT);
}

bool att_variable_same_but(const struct att_variable *v,
                           const struct att_variable *x, struct att_sample a,
                           struct att_sample b)
{
    for (uint32_t i = 0; i < v->n_used; i++) {
        const uint32_t slot = v->used[i];

        if (slot != x->column && !same_value(slot_cell(v->scope, slot, a),
                                             slot_cell(v->scope, slot, b)))
            return false;
    }
    return true;
}
