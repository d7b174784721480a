/* expr_sandbox.c - the functions and constants that expressions see. */
#include <math.h>

#include "attest/base/distribution.h"
#include "expr_priv.h"

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

/* The quantile of the standard normal; NaN outside (0, 1). */
static int fn_qnorm(lua_State *lua)
{
    const double p = luaL_checknumber(lua, 1);

    lua_pushnumber(lua, p > 0 && p < 1 ? att_normal_quantile(p) : (double)NAN);
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
    {"min", fn_min},     {"pow", fn_pow},   {"qnorm", fn_qnorm},
    {"round", fn_round}, {"sqrt", fn_sqrt}, {NULL, NULL}};

enum { N_FUNCTIONS = sizeof FUNCTIONS / sizeof FUNCTIONS[0] - 1 };
static const char *const CONSTANTS[] = {"pi", "inf"};
enum { N_CONSTANTS = sizeof CONSTANTS / sizeof CONSTANTS[0] };

const char *att_sandbox_name(size_t i, size_t *n)
{
    *n = N_FUNCTIONS + N_CONSTANTS;
    if (i >= *n)
        return NULL;
    return i < N_FUNCTIONS ? FUNCTIONS[i].name : CONSTANTS[i - N_FUNCTIONS];
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

int att_sandbox_push(lua_State *lua)
{
    lua_createtable(lua, 0, 0);
    lua_createtable(lua, 0, 2);
    push_functions(lua);
    lua_setfield(lua, -2, "__index");
    lua_pushcfunction(lua, refuse_write);
    lua_setfield(lua, -2, "__newindex");
    lua_setmetatable(lua, -2);
    return 1;
}
