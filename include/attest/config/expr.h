/* expr.h - Lua expressions over named values: conditions, derived axes,
 * limits, search criteria.
 *
 * An engine is a sandboxed Lua 5.4 state without libraries: an expression sees
 * the names of its scope, the constants pi and inf, and the functions
 *
 *   abs ceil exp floor ln log log10 log2 max min pow qnorm round sqrt
 *
 * (log(x) is ln, log(x, b) has base b; qnorm(p) is the quantile of the
 * standard normal, NaN outside (0, 1); round halves go away from zero).  exp,
 * pow and the logarithms are computed in long double and rounded once, so that
 * values derived from them, and with them keys, do not depend on which double
 * kernels a C library picks.  Numbers enter as floats (integers above 2^53 as
 * Lua integers), so products cannot wrap around; choices and paths as strings;
 * missing values as nil.
 *
 * Each evaluation may execute 10^6 instructions, the engine may hold 64 MiB.
 * Not reentrant: one engine and its expressions belong to one thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attest/base/status.h"
#include "attest/base/value.h"

struct att_engine; /* opaque; owns its expressions */
struct att_expr;   /* opaque */

/* The names that an expression may use; values come in the same order. */
struct att_names {
    const char *const *name; /* n, each a Lua identifier */
    uint32_t n;
};

/* Fails: ATT_E_NOMEM. */
ATT_CHECKED att_status att_engine_create(struct att_engine **engine,
                                         struct att_error *err);
void att_engine_destroy(struct att_engine *engine); /* NULL is allowed */

/* Compile once.  The names are copied; *expr lives as long as the engine.
 * Fails: ATT_E_PARSE (syntax, an unknown name with the nearest known one, a
 * statement outside a function), ATT_E_NOMEM. */
ATT_CHECKED att_status att_expr_compile(struct att_engine *engine,
                                        const char *text,
                                        const struct att_names *scope,
                                        struct att_expr **expr,
                                        struct att_error *err);

/* Where in the text the last failed att_expr_compile of this engine saw the
 * fault: bytes offset .. offset + length - 1; length 0 when it is the whole
 * expression. */
void att_engine_fault(const struct att_engine *engine, size_t *offset,
                      size_t *length);

/* Which names of the scope the expression uses: ascending indices. */
const uint32_t *att_expr_used(const struct att_expr *expr, uint32_t *n);

/* Evaluate with values[i] for name i of the scope (only used ones are read).
 * att_expr_value yields ATT_INTEGER, ATT_REAL or ATT_TEXT (borrowed until the
 * next evaluation in the engine); att_expr_number a number, att_expr_test a
 * boolean and nothing else.
 * Fails: ATT_E_ARG with Lua's reason, the instruction or memory limit, or the
 * type that came instead. */
ATT_CHECKED att_status att_expr_value(struct att_expr *expr,
                                      const struct att_value *values,
                                      struct att_value *out,
                                      struct att_error *err);
ATT_CHECKED att_status att_expr_number(struct att_expr *expr,
                                       const struct att_value *values,
                                       double *out, struct att_error *err);
ATT_CHECKED att_status att_expr_test(struct att_expr *expr,
                                     const struct att_value *values, bool *out,
                                     struct att_error *err);

/* The expression with one space between its tokens and no comments: equal for
 * spellings that differ in space only.  Enters the key of a search.  Appends
 * nothing when out of memory (att_buffer_ok). */
struct att_buffer;
void att_expr_canonical(const char *text, struct att_buffer *out);
