/* variable.h - what a figure puts on an axis: a column, or an expression over
 * columns.
 *
 *   d_min              a column of rows
 *   sigma              a column of observations: samples are then their lines
 *   d / (q * ln(L))    an expression (config/expr.h lists the functions)
 *
 * A scope knows the names of one table.  One of lines knows the columns of
 * observations as well; they hide columns of rows that are called alike: the
 * `d` of a nested pass hides the parameter that bounds it. */
#pragma once

#include "attest/config/expr.h"
#include "attest/store/table.h"

struct att_sample {
    size_t row;
    size_t line; /* of the table's lines; only in a scope of lines */
};

struct att_name_scope; /* opaque */
struct att_variable;   /* opaque; lives as long as its scope */

/* The table is borrowed; for a scope of lines they must be loaded.
 * Fails: ATT_E_NOMEM. */
ATT_CHECKED att_status att_name_scope_create(const struct att_table *table,
                                             bool of_lines,
                                             struct att_name_scope **scope,
                                             struct att_error *err);
void att_name_scope_destroy(struct att_name_scope *scope); /* NULL is allowed */

/* Fails: ATT_E_ARG when the text is neither a column nor an expression over
 * columns, naming the nearest one; ATT_E_NOMEM. */
ATT_CHECKED att_status att_variable_create(struct att_name_scope *scope,
                                           const char *text,
                                           struct att_variable **variable,
                                           struct att_error *err);

/* As given to att_variable_create. */
const char *att_variable_text(const struct att_variable *v);
/* The declaration of a plain column; NULL for an expression. */
const struct att_field *att_variable_field(const struct att_variable *v);

/* The value as people read it: verdicts and statuses as words; ATT_NONE where
 * it is missing or cannot be computed. */
struct att_value att_variable_cell(const struct att_variable *v,
                                   struct att_sample s);
/* The value as a number; NaN where it is missing or a text. */
double att_variable_number(const struct att_variable *v, struct att_sample s);

/* The number that v would be if the plain column x had the value `at` and all
 * others were as in s. */
double att_variable_number_at(const struct att_variable *v, struct att_sample s,
                              const struct att_variable *x, double at);

/* Do all columns that v reads, x apart, have the same values in a and b? */
bool att_variable_same_but(const struct att_variable *v,
                           const struct att_variable *x, struct att_sample a,
                           struct att_sample b);
