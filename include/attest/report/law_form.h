/* law_form.h - the laws that `attest fit` knows, read from text.
 *
 *   linear            a + b*x
 *   log               a + b*log2(x)
 *   power             a*x^b             fitted in logarithms
 *   exponential       a*b^x             fitted in logarithms
 *   proportional      a*x               (not tried by auto)
 *   auto              the best by AICc of these and a + b*sqrt(x),
 *                     a + b*x*log2(x)
 *   a + b*log2(x)     any sum of an optional lone letter and terms; a term is
 *                     a letter times (or over) factors
 *   c*x*ln(x)/sqrt(x) x, x^p, ln(x), log2(x), log10(x), sqrt(x), exp(x)
 *
 * x is the word "x" or the name of the column.  Nothing is evaluated that is
 * not in this list: a form is data, not a program. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "attest/base/buffer.h"
#include "attest/base/status.h"

enum { ATT_FORM_TERMS = 6, ATT_FORM_FACTORS = 4, ATT_FORM_TEXT = 96 };

enum att_factor_kind {
    ATT_FACTOR_POWER, /* x^exponent */
    ATT_FACTOR_LN,    /* ln(x)^exponent, and so on */
    ATT_FACTOR_LOG2,
    ATT_FACTOR_LOG10,
    ATT_FACTOR_SQRT,
    ATT_FACTOR_EXP
};

struct att_factor {
    enum att_factor_kind kind;
    double exponent;
};

/* coefficient * factor * factor ...; no factor: the intercept */
struct att_term {
    struct att_factor factor[ATT_FORM_FACTORS];
    uint32_t n_factors;
};

enum att_form_shape {
    ATT_FORM_SUM,         /* y = sum of terms */
    ATT_FORM_POWER,       /* y = a x^b:  ln y = ln a + b ln x */
    ATT_FORM_EXPONENTIAL, /* y = a b^x:  ln y = ln a + x ln b */
    ATT_FORM_AUTO
};

struct att_form {
    char text[ATT_FORM_TEXT]; /* in canonical spelling, with "x" */
    enum att_form_shape shape;
    struct att_term term[ATT_FORM_TERMS]; /* n_terms; of a sum; the intercept
                                              first */
    uint32_t n_terms;
};

/* x_name: what x may also be called; NULL for none.
 * Fails: ATT_E_PARSE with the place and what was expected there. */
ATT_CHECKED att_status att_form_parse(const char *text, const char *x_name,
                                      struct att_form *form,
                                      struct att_error *err);

/* The form in canonical spelling with x under its own name. */
void att_form_spell(const struct att_form *form, const char *x,
                    struct att_buffer *out);

/* Texts of the forms that `auto` tries, the simplest first; *n of them. */
const char *const *att_form_candidates(uint32_t *n);

/* A term without its coefficient; NaN where undefined (ln of 0). */
double att_term_value(const struct att_term *term, double x);

/* y at x for coefficients in the order of the letters a, b, c, ... */
double att_form_value(const struct att_form *form, const double *coef,
                      double x);

/* Number of coefficients; 0 for auto. */
uint32_t att_form_n_coefs(const struct att_form *form);
/* 'a', 'b', ... in the order of coefficients. */
char att_form_letter(uint32_t coef);
