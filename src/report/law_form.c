/* law_form.c - a small recursive-descent reader of laws.
 *
 *   law    = name | "a*x^b" | "a*b^x" | term { "+" term }
 *   term   = letter { ("*" | "/") factor }
 *   factor = base [ "^" number ]          base = x | function "(" x ")"
 *
 * Letters are a, b, c, ... in order; a term that is a lone letter is the
 * intercept.  Blanks mean nothing. */
#include "attest/report/law_form.h"

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attest/base/buffer.h"
#include "attest/base/text.h"
#include "attest/base/value.h"

struct reader {
    const char *text, *at, *x_name;
    uint32_t n_letters; /* read so far */
    struct att_error *err;
};

static att_status refuse(const struct reader *r, const char *expected)
{
    return att_fail(r->err, ATT_E_PARSE, "model '%s': expected %s at '%s'",
                    r->text, expected, r->at[0] != '\0' ? r->at : "the end");
}

static void skip_blanks(struct reader *r)
{
    while (*r->at == ' ' || *r->at == '\t')
        r->at++;
}

static bool take(struct reader *r, char c)
{
    skip_blanks(r);
    if (*r->at != c)
        return false;
    r->at++;
    return true;
}

/* Length of the name at the reader's place: letters, digits, underscores. */
static size_t name_length(const struct reader *r)
{
    size_t n = 0;

    while (isalnum((unsigned char)r->at[n]) || r->at[n] == '_')
        n++;
    return n;
}

static bool take_name(struct reader *r, const char *name)
{
    skip_blanks(r);
    const size_t n = name_length(r);

    if (n == 0 || strlen(name) != n || strncmp(r->at, name, n) != 0)
        return false;
    r->at += n;
    return true;
}

static bool take_x(struct reader *r)
{
    return take_name(r, "x") || (r->x_name != NULL && take_name(r, r->x_name));
}

/* ---- factors --------------------------------------------------------------- */

static const struct {
    const char *name;
    enum att_factor_kind kind;
} FUNCTIONS[] = {
    {"ln", ATT_FACTOR_LN},       {"log2", ATT_FACTOR_LOG2},
    {"log10", ATT_FACTOR_LOG10}, {"sqrt", ATT_FACTOR_SQRT},
    {"exp", ATT_FACTOR_EXP},
};
enum { N_FUNCTIONS = sizeof FUNCTIONS / sizeof *FUNCTIONS };

static att_status read_base(struct reader *r, struct att_factor *f)
{
    f->kind = ATT_FACTOR_POWER;
    if (take_x(r))
        return ATT_OK;
    for (int i = 0; i < N_FUNCTIONS; i++) {
        if (!take_name(r, FUNCTIONS[i].name))
            continue;
        f->kind = FUNCTIONS[i].kind;
        if (take(r, '(') && take_x(r) && take(r, ')'))
            return ATT_OK;
        return refuse(r, "(x)");
    }
    return refuse(r, "x, ln, log2, log10, sqrt or exp");
}

static att_status read_exponent(struct reader *r, double *exponent)
{
    char *end = NULL;

    *exponent = 1;
    if (!take(r, '^'))
        return ATT_OK;
    const bool enclosed = take(r, '(');

    skip_blanks(r);
    *exponent = strtod(r->at, &end);
    if (end == r->at || !isfinite(*exponent))
        return refuse(r, "a number");
    r->at = end;
    if (enclosed && !take(r, ')'))
        return refuse(r, ")");
    return ATT_OK;
}

static att_status read_factor(struct reader *r, bool over,
                              struct att_term *term)
{
    struct att_factor f = {0};

    if (term->n_factors == ATT_FORM_FACTORS)
        return refuse(r, "at most 4 factors in a term");
    ATT_TRY(read_base(r, &f));
    ATT_TRY(read_exponent(r, &f.exponent));
    if (over)
        f.exponent = -f.exponent;
    term->factor[term->n_factors++] = f;
    return ATT_OK;
}

/* ---- sums ------------------------------------------------------------------- */

static bool take_letter(struct reader *r)
{
    const char letter[] = {att_form_letter(r->n_letters), '\0'};

    if (!take_name(r, letter))
        return false;
    r->n_letters++;
    return true;
}

static att_status read_term(struct reader *r, struct att_term *term)
{
    *term = (struct att_term){0};
    if (!take_letter(r)) {
        return refuse(r, r->n_letters == 0 ? "the coefficient a"
                                           : "the next coefficient (a, b, c "
                                             "in order)");
    }
    for (;;) {
        const bool over = take(r, '/');

        if (!over && !take(r, '*'))
            return ATT_OK;
        ATT_TRY(read_factor(r, over, term));
    }
}

/* Two intercepts, or two equal terms, cannot be told apart by any data; the
 * fit would say so, but here it can be said better. */
static att_status put_term(struct reader *r, struct att_form *m,
                           const struct att_term *term)
{
    if (m->n_terms == ATT_FORM_TERMS)
        return refuse(r, "at most 6 terms");
    if (term->n_factors == 0 && m->n_terms > 0)
        return refuse(r, "the lone coefficient only in front");
    m->term[m->n_terms++] = *term;
    return ATT_OK;
}

static att_status read_sum(struct reader *r, struct att_form *m)
{
    struct att_term term = {0};

    m->shape = ATT_FORM_SUM;
    do {
        ATT_TRY(read_term(r, &term));
        ATT_TRY(put_term(r, m, &term));
    } while (take(r, '+'));
    skip_blanks(r);
    if (*r->at != '\0')
        return refuse(r, "+, *, / or the end");
    if (m->n_terms == 1 && m->term[0].n_factors == 0)
        return refuse(r, "a term in x");
    return ATT_OK;
}

/* ---- named laws --------------------------------------------------------------- */

/* a*x^b and a*b^x, whose letters stand where numbers stand in a sum. */
static bool is_power(struct reader r)
{
    return take_letter(&r) && take(&r, '*') && take_x(&r) && take(&r, '^') &&
           take_letter(&r) && *r.at == '\0';
}

static bool is_exponential(struct reader r)
{
    return take_letter(&r) && take(&r, '*') && take_letter(&r) &&
           take(&r, '^') && take_x(&r) && *r.at == '\0';
}

static const struct {
    const char *name, *text;
} NAMED[] = {
    {"linear", "a + b*x"},    {"log", "a + b*log2(x)"}, {"power", "a*x^b"},
    {"exponential", "a*b^x"}, {"proportional", "a*x"},
};
enum { N_NAMED = sizeof NAMED / sizeof *NAMED };

static const char *law_text(const char *text)
{
    for (int i = 0; i < N_NAMED; i++) {
        if (att_text_same(text, NAMED[i].name))
            return NAMED[i].text;
    }
    return text;
}

/* ---- spelling -------------------------------------------------------------- */

static void spell_factor(const struct att_factor *f, const char *x,
                         struct att_buffer *out)
{
    char number[ATT_NUMBER_TEXT];
    const double exponent = fabs(f->exponent);

    att_buffer_text(out, f->exponent < 0 ? "/" : "*");
    if (f->kind == ATT_FACTOR_POWER)
        att_buffer_text(out, x);
    for (int i = 0; i < N_FUNCTIONS; i++) {
        if (FUNCTIONS[i].kind == f->kind)
            att_buffer_printf(out, "%s(%s)", FUNCTIONS[i].name, x);
    }
    if (exponent != 1)
        att_buffer_printf(out, "^%s", att_real_text(exponent, number));
}

static void spell_sum(const struct att_form *m, const char *x,
                      struct att_buffer *out)
{
    for (uint32_t t = 0; t < m->n_terms; t++) {
        att_buffer_printf(out, "%s%c", t == 0 ? "" : " + ", att_form_letter(t));
        for (uint32_t k = 0; k < m->term[t].n_factors; k++)
            spell_factor(&m->term[t].factor[k], x, out);
    }
}

void att_form_spell(const struct att_form *form, const char *x,
                    struct att_buffer *out)
{
    switch (form->shape) {
    case ATT_FORM_SUM:
        spell_sum(form, x, out);
        break;
    case ATT_FORM_POWER:
        att_buffer_printf(out, "a*%s^b", x);
        break;
    case ATT_FORM_EXPONENTIAL:
        att_buffer_printf(out, "a*b^%s", x);
        break;
    case ATT_FORM_AUTO:
        att_buffer_text(out, "auto");
        break;
    }
}

/* Keep the spelling with "x"; text is what a user wrote. */
static att_status keep_spelling(const struct att_buffer *spelling,
                                const char *text, struct att_form *m,
                                struct att_error *err)
{
    if (!att_buffer_ok(spelling) || spelling->size == 0)
        return att_fail(err, ATT_E_NOMEM, "out of memory reading a model");
    if (spelling->size >= ATT_FORM_TEXT)
        return att_fail(err, ATT_E_PARSE, "model '%s' is too long", text);
    memcpy(m->text, spelling->data, spelling->size + 1);
    return ATT_OK;
}

static att_status read_form(struct reader *r, struct att_form *m)
{
    if (is_power(*r)) {
        m->shape = ATT_FORM_POWER;
        return ATT_OK;
    }
    if (is_exponential(*r)) {
        m->shape = ATT_FORM_EXPONENTIAL;
        return ATT_OK;
    }
    return read_sum(r, m);
}

att_status att_form_parse(const char *text, const char *x_name,
                          struct att_form *form, struct att_error *err)
{
    const char *law = law_text(text);
    struct reader r = {.text = text, .at = law, .x_name = x_name, .err = err};
    struct att_form m = {.shape = ATT_FORM_AUTO};
    struct att_buffer spelling = {0};

    if (!att_text_same(law, "auto"))
        ATT_TRY(read_form(&r, &m));
    att_form_spell(&m, "x", &spelling);
    const att_status status = keep_spelling(&spelling, text, &m, err);

    att_buffer_fini(&spelling);
    if (status == ATT_OK)
        *form = m;
    return status;
}

/* ---- values -------------------------------------------------------------------- */

const char *const *att_form_candidates(uint32_t *n)
{
    static const char *const list[] = {
        "a + b*log2(x)", "a + b*x",         "a*x^b",
        "a + b*sqrt(x)", "a + b*x*log2(x)", "a*b^x",
    };

    *n = sizeof list / sizeof *list;
    return list;
}

char att_form_letter(uint32_t coef)
{
    return "abcdefgh"[coef % 8];
}

uint32_t att_form_n_coefs(const struct att_form *form)
{
    switch (form->shape) {
    case ATT_FORM_SUM:
        return form->n_terms;
    case ATT_FORM_POWER:
    case ATT_FORM_EXPONENTIAL:
        return 2;
    case ATT_FORM_AUTO:
        break;
    }
    return 0;
}

static double base_value(enum att_factor_kind kind, double x)
{
    switch (kind) {
    case ATT_FACTOR_POWER:
        return x;
    case ATT_FACTOR_LN:
        return log(x);
    case ATT_FACTOR_LOG2:
        return log2(x);
    case ATT_FACTOR_LOG10:
        return log10(x);
    case ATT_FACTOR_SQRT:
        return sqrt(x);
    case ATT_FACTOR_EXP:
        return exp(x);
    }
    return NAN;
}

double att_term_value(const struct att_term *term, double x)
{
    double v = 1;

    for (uint32_t k = 0; k < term->n_factors; k++) {
        const struct att_factor *f = &term->factor[k];
        const double base = base_value(f->kind, x);

        v *= f->exponent == 1 ? base : pow(base, f->exponent);
    }
    return isfinite(v) ? v : (double)NAN;
}

double att_form_value(const struct att_form *form, const double *coef, double x)
{
    double y = 0;

    switch (form->shape) {
    case ATT_FORM_SUM:
        for (uint32_t t = 0; t < form->n_terms; t++)
            y += coef[t] * att_term_value(&form->term[t], x);
        return y;
    case ATT_FORM_POWER:
        return coef[0] * pow(x, coef[1]);
    case ATT_FORM_EXPONENTIAL:
        return coef[0] * pow(coef[1], x);
    case ATT_FORM_AUTO:
        break;
    }
    return NAN;
}
