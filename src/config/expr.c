/* expr.c - the only file that sees Lua.
 *
 * An expression becomes a function of the names that it uses:
 *
 *   N * L <= 65536    ->    local N, L = ...; return (N * L <= 65536)
 *
 * kept in Lua's registry.  Everything else it can reach is one table of
 * functions behind a proxy that refuses reads of unknown names and all writes.
 * All calls into Lua that may fail run under lua_pcall, the set-up included.
 * Instructions are counted only where there can be a loop: in expressions
 * that define functions. */
#include "attest/config/expr.h"

#include <assert.h>
#include <lauxlib.h>
#include <lua.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "attest/base/buffer.h"
#include "attest/base/text.h"
#include "expr_scan_priv.h"

enum {
    MAX_TEXT = 1 << 16,
    MAX_NAMES = 512,
    INSTRUCTIONS = 1000000,
    HOOK_EVERY = 10000
};
static const size_t MAX_MEMORY = (size_t)64 << 20;

struct att_expr {
    struct att_engine *engine;
    struct att_expr *next;
    int function; /* in the registry */
    bool loops;   /* may run for ever */
    uint32_t n_used;
    uint32_t used[]; /* n_used ascending indices of the scope */
};

struct att_engine {
    lua_State *lua;
    size_t bytes; /* held by Lua */
    int fuel;     /* instructions left, in units of HOOK_EVERY */
    int sandbox;  /* the proxy, in the registry */
    struct att_expr *first;
    size_t fault_offset, fault_length;
};

/* ---- functions that expressions see ------------------------------------------- */

/* Numbers in, one number out; computed wide, rounded once (expr.h). */
#define UNARY(name_, expression_)                                              \
    static int name_(lua_State *lua)                                           \
    {                                                                          \
        const long double x = (long double)luaL_checknumber(lua, 1);           \
        lua_pushnumber(lua, (lua_Number)(expression_));                        \
        return 1;                                                              \
    }
UNARY(fn_abs, fabsl(x))
UNARY(fn_ceil, ceill(x))
UNARY(fn_exp, expl(x))
UNARY(fn_floor, floorl(x))
UNARY(fn_ln, logl(x))
UNARY(fn_log10, log10l(x))
UNARY(fn_log2, log2l(x))
UNARY(fn_round, roundl(x))
#undef UNARY

static int fn_sqrt(lua_State *lua)
{
    lua_pushnumber(lua, sqrt(luaL_checknumber(lua, 1)));
    return 1;
}

static int fn_log(lua_State *lua)
{
    const long double x = logl((long double)luaL_checknumber(lua, 1));
    const long double base = lua_isnoneornil(lua, 2)
                                 ? 1.0L
                                 : logl((long double)luaL_checknumber(lua, 2));

    lua_pushnumber(lua, (lua_Number)(x / base));
    return 1;
}

static int fn_pow(lua_State *lua)
{
    const long double x = (long double)luaL_checknumber(lua, 1);

    lua_pushnumber(lua,
                   (lua_Number)powl(x, (long double)luaL_checknumber(lua, 2)));
    return 1;
}

static int extreme(lua_State *lua, bool largest)
{
    lua_Number best = luaL_checknumber(lua, 1);

    for (int i = 2; i <= lua_gettop(lua); i++) {
        const lua_Number x = luaL_checknumber(lua, i);

        if (largest ? x > best : x < best)
            best = x;
    }
    lua_pushnumber(lua, best);
    return 1;
}

static int fn_max(lua_State *lua)
{
    return extreme(lua, true);
}

static int fn_min(lua_State *lua)
{
    return extreme(lua, false);
}

static const luaL_Reg FUNCTIONS[] = {
    {"abs", fn_abs},     {"ceil", fn_ceil}, {"exp", fn_exp},
    {"floor", fn_floor}, {"ln", fn_ln},     {"log", fn_log},
    {"log10", fn_log10}, {"log2", fn_log2}, {"max", fn_max},
    {"min", fn_min},     {"pow", fn_pow},   {"round", fn_round},
    {"sqrt", fn_sqrt},   {NULL, NULL}};

enum { N_FUNCTIONS = sizeof FUNCTIONS / sizeof FUNCTIONS[0] - 1 };
static const char *const CONSTANTS[] = {"pi", "inf"};
enum { N_CONSTANTS = sizeof CONSTANTS / sizeof CONSTANTS[0] };

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

static int refuse_name(lua_State *lua)
{
    return luaL_error(lua, "unknown name '%s'", lua_tostring(lua, 2));
}

static int refuse_write(lua_State *lua)
{
    return luaL_error(lua, "'%s' cannot be set", lua_tostring(lua, 2));
}

/* Push the table of functions; unknown names raise an error. */
static void push_functions(lua_State *lua)
{
    lua_createtable(lua, 0, N_FUNCTIONS + N_CONSTANTS);
    luaL_setfuncs(lua, FUNCTIONS, 0);
    lua_pushnumber(lua, (lua_Number)3.14159265358979323846L);
    lua_setfield(lua, -2, "pi");
    lua_pushnumber(lua, (lua_Number)INFINITY);
    lua_setfield(lua, -2, "inf");
    lua_createtable(lua, 0, 1);
    lua_pushcfunction(lua, refuse_name);
    lua_setfield(lua, -2, "__index");
    lua_setmetatable(lua, -2);
}

static struct att_engine *engine_of(lua_State *lua)
{
    void *context = NULL;

    (void)lua_getallocf(lua, &context);
    return context;
}

/* Keep an empty table that reads from the functions and cannot be written. */
static int set_up(lua_State *lua)
{
    lua_createtable(lua, 0, 0);
    lua_createtable(lua, 0, 2);
    push_functions(lua);
    lua_setfield(lua, -2, "__index");
    lua_pushcfunction(lua, refuse_write);
    lua_setfield(lua, -2, "__newindex");
    lua_setmetatable(lua, -2);
    engine_of(lua)->sandbox = luaL_ref(lua, LUA_REGISTRYINDEX);
    return 0;
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

/* ---- names ----------------------------------------------------------------------- */

struct draft {
    struct att_engine *engine;
    const char *text;
    const struct att_names *scope;
    bool used[MAX_NAMES];
    bool defines;         /* holds a function definition */
    bool leaves_sandbox;  /* names _ENV, which could be set */
    struct token unknown; /* the first name that nothing provides */
    uint32_t n_tokens;
    struct att_buffer chunk;
};

static uint32_t find_name(const struct att_names *scope, struct token t)
{
    uint32_t i = 0;

    while (i < scope->n && !att_token_is(t, scope->name[i]))
        i++;
    return i;
}

static bool is_provided(struct token t)
{
    for (size_t i = 0; i < N_FUNCTIONS; i++) {
        if (att_token_is(t, FUNCTIONS[i].name))
            return true;
    }
    for (size_t i = 0; i < N_CONSTANTS; i++) {
        if (att_token_is(t, CONSTANTS[i]))
            return true;
    }
    return false;
}

static const char *nearest_name(const struct draft *d, const char *word)
{
    const char *name[MAX_NAMES + N_FUNCTIONS + N_CONSTANTS];
    size_t n = 0;

    for (uint32_t i = 0; i < d->scope->n; i++)
        name[n++] = d->scope->name[i];
    for (size_t i = 0; i < N_FUNCTIONS; i++)
        name[n++] = FUNCTIONS[i].name;
    for (size_t i = 0; i < N_CONSTANTS; i++)
        name[n++] = CONSTANTS[i];
    return att_text_nearest(word, name, n);
}

static att_status fail_name(struct draft *d, struct token t,
                            struct att_error *err)
{
    char word[64];

    d->engine->fault_offset = (size_t)(t.start - d->text);
    d->engine->fault_length = t.length;
    if (t.length >= sizeof word)
        return att_fail(err, ATT_E_PARSE, "unknown name");
    memcpy(word, t.start, t.length);
    word[t.length] = '\0';
    const char *nearest = nearest_name(d, word);
    if (nearest == NULL)
        return att_fail(err, ATT_E_PARSE, "unknown name '%s'", word);
    return att_fail(err, ATT_E_PARSE, "unknown name '%s': did you mean '%s'?",
                    word, nearest);
}

static void note_token(struct draft *d, struct token t)
{
    d->n_tokens++;
    d->defines |= t.kind == TOKEN_KEYWORD && att_token_is(t, "function");
    if (t.kind != TOKEN_NAME)
        return;
    const uint32_t i = find_name(d->scope, t);
    if (i < d->scope->n) {
        d->used[i] = true;
    } else if (att_token_is(t, "_ENV")) {
        d->leaves_sandbox = true;
        d->unknown = t;
    } else if (!is_provided(t) && d->unknown.start == NULL) {
        d->unknown = t;
    }
}

/* With functions there are local names, which only Lua can tell apart; it
 * refuses unknown ones when it meets them. */
static att_status check_names(struct draft *d, struct att_error *err)
{
    struct scanner s = {.cursor = d->text};

    for (struct token t = att_scan_token(&s); t.kind != TOKEN_END;
         t = att_scan_token(&s))
        note_token(d, t);
    if (d->n_tokens == 0)
        return att_fail(err, ATT_E_PARSE, "the expression is empty");
    if (d->unknown.start != NULL && (!d->defines || d->leaves_sandbox))
        return fail_name(d, d->unknown, err);
    return ATT_OK;
}

/* ---- compiling ------------------------------------------------------------------- */

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

static att_status fail_lua(lua_State *lua, att_status status,
                           struct att_error *err)
{
    const att_status failed = att_fail(err, status, "%s", reason(lua));

    lua_settop(lua, 0);
    return failed;
}

/* Is it one expression?  "return " in front makes Lua's message point at what
 * the user wrote; the parentheses of the final form would show in it. */
static att_status check_syntax(struct draft *d, struct att_error *err)
{
    lua_State *lua = d->engine->lua;

    att_buffer_clear(&d->chunk);
    att_buffer_printf(&d->chunk, "return %s", d->text);
    if (!att_buffer_ok(&d->chunk))
        return att_fail(err, ATT_E_NOMEM, "out of memory for an expression");
    if (luaL_loadbufferx(lua, d->chunk.data, d->chunk.size, "=x", "t") !=
        LUA_OK)
        return fail_lua(lua, ATT_E_PARSE, err);
    lua_settop(lua, 0);
    return ATT_OK;
}

static void write_chunk(struct draft *d)
{
    const char *separator = "local ";

    att_buffer_clear(&d->chunk);
    for (uint32_t i = 0; i < d->scope->n; i++) {
        if (d->used[i]) {
            att_buffer_printf(&d->chunk, "%s%s", separator, d->scope->name[i]);
            separator = ", ";
        }
    }
    if (d->chunk.size > 0)
        att_buffer_text(&d->chunk, " = ...; ");
    att_buffer_printf(&d->chunk, "return (%s\n)", d->text);
}

/* Give the compiled chunk its sandbox and keep it; runs under lua_pcall with
 * the chunk and the place for its reference as arguments. */
static int keep_chunk(lua_State *lua)
{
    int *function = lua_touserdata(lua, 2);

    lua_settop(lua, 1);
    lua_rawgeti(lua, LUA_REGISTRYINDEX, engine_of(lua)->sandbox);
    (void)lua_setupvalue(lua, 1, 1);
    *function = luaL_ref(lua, LUA_REGISTRYINDEX);
    return 0;
}

static att_status load_chunk(struct draft *d, int *function,
                             struct att_error *err)
{
    lua_State *lua = d->engine->lua;

    write_chunk(d);
    if (!att_buffer_ok(&d->chunk))
        return att_fail(err, ATT_E_NOMEM, "out of memory for an expression");
    if (luaL_loadbufferx(lua, d->chunk.data, d->chunk.size, "=x", "t") !=
        LUA_OK) {
        lua_settop(lua, 0);
        return att_fail(err, ATT_E_PARSE, "not one expression");
    }
    lua_pushcfunction(lua, keep_chunk);
    lua_insert(lua, 1);
    lua_pushlightuserdata(lua, function);
    if (lua_pcall(lua, 2, 0, 0) != LUA_OK)
        return fail_lua(lua, ATT_E_NOMEM, err);
    return ATT_OK;
}

static struct att_expr *make_expr(const struct draft *d)
{
    struct att_expr *expr =
        calloc(1, sizeof *expr + d->scope->n * sizeof expr->used[0]);

    if (expr == NULL)
        return NULL;
    for (uint32_t i = 0; i < d->scope->n; i++) {
        if (d->used[i])
            expr->used[expr->n_used++] = i;
    }
    expr->engine = d->engine;
    expr->loops = d->defines;
    expr->next = d->engine->first;
    d->engine->first = expr;
    return expr;
}

static att_status compile(struct draft *d, struct att_expr **out,
                          struct att_error *err)
{
    int function = LUA_NOREF;

    ATT_TRY(check_syntax(d, err));
    ATT_TRY(check_names(d, err));
    ATT_TRY(load_chunk(d, &function, err));
    struct att_expr *expr = make_expr(d);
    if (expr == NULL)
        return att_fail(err, ATT_E_NOMEM, "out of memory for an expression");
    expr->function = function;
    *out = expr;
    return ATT_OK;
}

att_status att_expr_compile(struct att_engine *engine, const char *text,
                            const struct att_names *scope,
                            struct att_expr **expr, struct att_error *err)
{
    struct draft d = {.engine = engine, .text = text, .scope = scope};

    assert(scope->n <= MAX_NAMES);
    engine->fault_offset = 0;
    engine->fault_length = 0;
    if (strlen(text) > MAX_TEXT)
        return att_fail(err, ATT_E_PARSE, "longer than 65536 bytes");
    const att_status status = compile(&d, expr, err);
    att_buffer_fini(&d.chunk);
    return status;
}

const uint32_t *att_expr_used(const struct att_expr *expr, uint32_t *n)
{
    *n = expr->n_used;
    return expr->used;
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
    struct att_engine *e = engine_of(lua);

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
        return fail_lua(lua, ATT_E_ARG, err);
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
