/* expr.c - engines, and what expressions yield.
 *
 * An expression is a function of the names that it uses, kept in Lua's
 * registry.  Everything else it can reach is one table of functions that
 * refuses reads of unknown names and all writes.  All calls into Lua that may
 * fail run under lua_pcall, the set-up included.  Instructions are counted
 * only where there can be a loop: in expressions that define functions. */
#include "attest/config/expr.h"

#include <stdlib.h>
#include <string.h>

#include "attest/base/buffer.h"
#include "attest/base/text.h"
#include "expr_priv.h"

enum { INSTRUCTIONS = 1000000, HOOK_EVERY = 10000 };
static const size_t MAX_MEMORY = (size_t)64 << 20;

/* ---- the engine ------------------------------------------------------------------ */

static void *allocate(void *context, void *block, size_t old, size_t size)
{
    struct att_engine *e = context;
    const size_t held = block == NULL ? 0 : old;

    if (size == 0) {
        e->bytes -= held;
        free(block);
        return NULL;
    }
    if (size > held && e->bytes + (size - held) > MAX_MEMORY)
        return NULL;
    void *moved = realloc(block, size);
    if (moved != NULL)
        e->bytes = e->bytes - held + size;
    return moved;
}

struct att_engine *att_engine_of(lua_State *lua)
{
    void *context = NULL;

    (void)lua_getallocf(lua, &context);
    return context;
}

/* Keep the sandbox; runs under lua_pcall. */
static int set_up(lua_State *lua)
{
    (void)att_sandbox_push(lua);
    att_engine_of(lua)->sandbox = luaL_ref(lua, LUA_REGISTRYINDEX);
    return 0;
}

/* Lua's message without the "x:1: " in front. */
static const char *reason(lua_State *lua)
{
    if (lua_type(lua, -1) != LUA_TSTRING)
        return "an error that is no text";
    const char *text = lua_tostring(lua, -1);
    if (att_text_starts(text, "x:")) {
        const char *space = strchr(text, ' ');

        return space == NULL ? text : space + 1;
    }
    return text;
}

att_status att_engine_fail(lua_State *lua, att_status status,
                           struct att_error *err)
{
    const att_status failed = att_fail(err, status, "%s", reason(lua));

    lua_settop(lua, 0);
    return failed;
}

att_status att_engine_create(struct att_engine **engine, struct att_error *err)
{
    struct att_engine *e = calloc(1, sizeof *e);

    if (e != NULL)
        e->lua = lua_newstate(allocate, e);
    if (e == NULL || e->lua == NULL) {
        free(e);
        return att_fail(err, ATT_E_NOMEM, "out of memory for expressions");
    }
    lua_pushcfunction(e->lua, set_up);
    if (lua_pcall(e->lua, 0, 0, 0) != LUA_OK) {
        att_engine_destroy(e);
        return att_fail(err, ATT_E_NOMEM, "out of memory for expressions");
    }
    *engine = e;
    return ATT_OK;
}

void att_engine_destroy(struct att_engine *engine)
{
    if (engine == NULL)
        return;
    lua_close(engine->lua);
    while (engine->first != NULL) {
        struct att_expr *expr = engine->first;

        engine->first = expr->next;
        free(expr);
    }
    free(engine);
}

void att_engine_fault(const struct att_engine *engine, size_t *offset,
                      size_t *length)
{
    *offset = engine->fault_offset;
    *length = engine->fault_length;
}

/* ---- evaluating ------------------------------------------------------------------- */

static const int64_t EXACT = (int64_t)1 << 53;

/* What lua_pcall runs: its arguments are the expression and the values. */
struct call {
    const struct att_expr *expr;
    const struct att_value *values;
};

static void push_value(lua_State *lua, struct att_value v)
{
    switch (v.kind) {
    case ATT_NONE:
        lua_pushnil(lua);
        return;
    case ATT_INTEGER:
        if (v.i >= -EXACT && v.i <= EXACT) {
            lua_pushnumber(lua, (lua_Number)v.i);
        } else {
            lua_pushinteger(lua, v.i);
        }
        return;
    case ATT_REAL:
        lua_pushnumber(lua, v.r);
        return;
    case ATT_TEXT:
        lua_pushstring(lua, v.s);
        return;
    }
}

/* Push the function and its arguments. */
static void push_call(lua_State *lua, const struct att_expr *expr,
                      const struct att_value *values)
{
    lua_rawgeti(lua, LUA_REGISTRYINDEX, expr->function);
    for (uint32_t i = 0; i < expr->n_used; i++)
        push_value(lua, values[expr->used[i]]);
}

static int run_call(lua_State *lua)
{
    const struct call *call = lua_touserdata(lua, 1);

    luaL_checkstack(lua, (int)call->expr->n_used + 4, NULL);
    push_call(lua, call->expr, call->values);
    lua_call(lua, (int)call->expr->n_used, 1);
    return 1;
}

/* Texts may need memory, which only a protected call survives the lack of;
 * numbers go straight to the expression, at half the price. */
static int protected_call(lua_State *lua, struct call *call)
{
    bool texts = false;

    for (uint32_t i = 0; i < call->expr->n_used; i++)
        texts |= call->values[call->expr->used[i]].kind == ATT_TEXT;
    if (!texts && lua_checkstack(lua, (int)call->expr->n_used + 4)) {
        push_call(lua, call->expr, call->values);
        return lua_pcall(lua, (int)call->expr->n_used, 1, 0);
    }
    lua_pushcfunction(lua, run_call);
    lua_pushlightuserdata(lua, call);
    return lua_pcall(lua, 1, 1, 0);
}

static void burn(lua_State *lua, lua_Debug *record)
{
    struct att_engine *e = att_engine_of(lua);

    (void)record;
    if (e->fuel-- == 0) {
        (void)luaL_error(lua, "more than %d instructions: an endless loop?",
                         INSTRUCTIONS);
    }
}

/* Leave the result on top of an otherwise empty stack. */
static att_status run(struct att_expr *expr, const struct att_value *values,
                      struct att_error *err)
{
    lua_State *lua = expr->engine->lua;
    struct call call = {expr, values};

    if (expr->loops) {
        expr->engine->fuel = INSTRUCTIONS / HOOK_EVERY;
        lua_sethook(lua, burn, LUA_MASKCOUNT, HOOK_EVERY);
    } else {
        lua_sethook(lua, NULL, 0, 0);
    }
    lua_settop(lua, 0);
    if (protected_call(lua, &call) != LUA_OK)
        return att_engine_fail(lua, ATT_E_ARG, err);
    return ATT_OK;
}

static att_status fail_type(lua_State *lua, const char *wanted,
                            struct att_error *err)
{
    const char *got = lua_typename(lua, lua_type(lua, 1));

    return att_fail(err, ATT_E_ARG, "must be %s, not %s", wanted, got);
}

att_status att_expr_value(struct att_expr *expr, const struct att_value *values,
                          struct att_value *out, struct att_error *err)
{
    lua_State *lua = expr->engine->lua;

    ATT_TRY(run(expr, values, err));
    if (lua_isinteger(lua, 1)) {
        *out = att_int(lua_tointeger(lua, 1));
    } else if (lua_type(lua, 1) == LUA_TNUMBER) {
        *out = att_real(lua_tonumber(lua, 1));
    } else if (lua_type(lua, 1) == LUA_TSTRING) {
        *out = att_text(lua_tostring(lua, 1));
    } else {
        return fail_type(lua, "a number or a text", err);
    }
    return ATT_OK;
}

att_status att_expr_number(struct att_expr *expr,
                           const struct att_value *values, double *out,
                           struct att_error *err)
{
    lua_State *lua = expr->engine->lua;

    ATT_TRY(run(expr, values, err));
    if (lua_type(lua, 1) != LUA_TNUMBER)
        return fail_type(lua, "a number", err);
    *out = lua_tonumber(lua, 1);
    return ATT_OK;
}

att_status att_expr_test(struct att_expr *expr, const struct att_value *values,
                         bool *out, struct att_error *err)
{
    lua_State *lua = expr->engine->lua;

    ATT_TRY(run(expr, values, err));
    if (!lua_isboolean(lua, 1))
        return fail_type(lua, "true or false", err);
    *out = lua_toboolean(lua, 1);
    return ATT_OK;
}

void att_expr_canonical(const char *text, struct att_buffer *out)
{
    struct scanner s = {.cursor = text};
    const char *separator = "";

    for (struct token t = att_scan_token(&s); t.kind != TOKEN_END;
         t = att_scan_token(&s)) {
        att_buffer_text(out, separator);
        att_buffer_append(out, t.start, t.length);
        separator = " ";
    }
}
