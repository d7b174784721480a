/* expr_compile.c - from text to a function in Lua's registry.
 *
 *   N * L <= 65536    ->    local N, L = ...; return (N * L <= 65536)
 *
 * Unknown names are found here, before Lua runs, so that they can be pointed
 * at; whether the rest is an expression is for Lua to say. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "attest/base/buffer.h"
#include "attest/base/text.h"
#include "expr_priv.h"

enum { MAX_TEXT = 1 << 16, MAX_NAMES = 512, MAX_PROVIDED = 32 };

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
    size_t n = 0;

    for (size_t i = 0; att_sandbox_name(i, &n) != NULL; i++) {
        if (att_token_is(t, att_sandbox_name(i, &n)))
            return true;
    }
    return false;
}

static const char *nearest_name(const struct draft *d, const char *word)
{
    const char *name[MAX_NAMES + MAX_PROVIDED];
    size_t n = 0;
    size_t n_provided = 0;

    (void)att_sandbox_name(0, &n_provided);
    assert(n_provided <= MAX_PROVIDED);
    for (uint32_t i = 0; i < d->scope->n; i++)
        name[n++] = d->scope->name[i];
    for (size_t i = 0; i < n_provided; i++)
        name[n++] = att_sandbox_name(i, &n_provided);
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
        return att_engine_fail(lua, ATT_E_PARSE, err);
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
    lua_rawgeti(lua, LUA_REGISTRYINDEX, att_engine_of(lua)->sandbox);
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
        return att_engine_fail(lua, ATT_E_NOMEM, err);
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
