/* expr_priv.h - what the files that see Lua share: expr.c evaluates,
 * expr_compile.c compiles, expr_sandbox.c provides functions. */
#pragma once

#include <lauxlib.h>
#include <lua.h>

#include "attest/config/expr.h"
#include "expr_scan_priv.h"

struct att_expr {
    struct att_engine *engine;
    struct att_expr *next;
    int function; /* in Lua's registry */
    bool loops;   /* may run for ever */
    uint32_t n_used;
    uint32_t used[]; /* n_used ascending indices of the scope */
};

struct att_engine {
    lua_State *lua;
    size_t bytes; /* held by Lua */
    int fuel;     /* instructions left, in units of the hook's count */
    int sandbox;  /* the environment of expressions, in the registry */
    struct att_expr *first;
    size_t fault_offset, fault_length;
};

struct att_engine *att_engine_of(lua_State *lua);
/* Fail with the message on top of the stack, then empty the stack. */
att_status att_engine_fail(lua_State *lua, att_status status,
                           struct att_error *err);

/* A lua_CFunction that leaves one value, the environment of expressions: it
 * reads as the functions and constants and refuses everything else. */
int att_sandbox_push(lua_State *lua);
/* Name i < n that it provides. */
const char *att_sandbox_name(size_t i, size_t *n);
