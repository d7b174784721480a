/* scalar.c - single words and numbers of a study. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attest/base/text.h"
#include "decimal_priv.h"
#include "study_priv.h"

void *att_parser_alloc(struct parser *p, size_t n, size_t size)
{
    void *memory = att_arena_alloc(p->arena, n, size);

    p->no_memory |= memory == NULL;
    return memory;
}

static bool expect_scalar(struct parser *p, const struct yaml_node *node,
                          const char *what)
{
    if (node->kind != YAML_SCALAR) {
        att_diagnose(&p->d, node->at, "%s is one value, not a %s", what,
                     node->kind == YAML_LIST ? "list" : "map");
        return false;
    }
    if (node->text[0] == '\0' && !node->quoted) {
        att_diagnose(&p->d, node->at, "%s has no value", what);
        return false;
    }
    return true;
}

static double read_real(const char *text)
{
    if (att_text_same(text, ".nan"))
        return (double)NAN;
    if (att_text_same(text, ".inf") || att_text_same(text, "+.inf"))
        return (double)INFINITY;
    if (att_text_same(text, "-.inf"))
        return -(double)INFINITY;
    const double r = strtod(text, NULL);
    return r == 0 ? 0.0 : r; /* no negative zero: it would be another point */
}

/* Decimal digits that fit 64 bits stay an integer; others become a double. */
static struct att_value number_value(const char *text)
{
    struct decimal d;
    int64_t i = 0;

    if (att_decimal_read(text, &d) && att_decimal_integer(d, &i))
        return att_int(i);
    return att_real(read_real(text));
}

static bool is_numeric(const struct att_param *param)
{
    return param->type == ATT_TYPE_INTEGER || param->type == ATT_TYPE_REAL;
}

/* Say why a text is no number for a parameter that needs one. */
static bool refuse_word(struct parser *p, const struct yaml_node *node,
                        const struct att_param *param)
{
    const bool number = att_number_syntax(node->text) != NUMBER_NONE;

    att_diagnose(&p->d, node->at, "%s = '%.80s' is %s", param->name, node->text,
                 number && node->quoted ? "text: leave out the quotes"
                 : number               ? "beyond every number of 64 bits"
                 : param->type == ATT_TYPE_INTEGER ? "not an integer"
                                                   : "not a number");
    return false;
}

/* More digits than an integer, or a larger exponent than a double, can hold. */
static bool is_huge(const struct att_param *param, const char *text,
                    struct att_value v)
{
    if (v.kind != ATT_REAL || strchr(text, 'i') != NULL)
        return false;
    return isinf(v.r) ||
           (param->type == ATT_TYPE_INTEGER && fabs(v.r) >= 0x1p63);
}

bool att_scalar_read(struct parser *p, const struct yaml_node *node,
                     const struct att_param *param, struct att_value *out)
{
    struct att_error err = {0};
    struct att_value v;

    if (!expect_scalar(p, node, param->name))
        return false;
    if (!is_numeric(param)) {
        v = att_text(node->text);
    } else if (node->quoted || att_number_syntax(node->text) == NUMBER_NONE) {
        return refuse_word(p, node, param);
    } else {
        v = number_value(node->text);
        if (is_huge(param, node->text, v))
            return refuse_word(p, node, param);
    }
    if (att_param_coerce(param, &v, &err) != ATT_OK) {
        att_diagnose_error(&p->d, node->at, &err);
        return false;
    }
    *out = v;
    return true;
}

enum count { COUNT_NONE, COUNT_FITS, COUNT_OUTSIDE };

/* Digits only, or 0x and hexadecimal ones; outside: a whole number below 0 or
 * beyond 64 bits. */
static enum count read_count(const char *text, uint64_t *out)
{
    const char *number = text + (text[0] == '-');
    const bool hex = att_text_starts(number, "0x");
    const char *digits = hex ? number + 2 : number;
    const size_t n =
        strspn(digits, hex ? "0123456789abcdefABCDEF" : "0123456789");

    if (n == 0 || digits[n] != '\0')
        return COUNT_NONE;
    errno = 0;
    *out = strtoull(digits, NULL, hex ? 16 : 10);
    return errno != 0 || number != text ? COUNT_OUTSIDE : COUNT_FITS;
}

bool att_scalar_count(struct parser *p, const struct yaml_node *node,
                      const char *what, uint64_t min, uint64_t max,
                      uint64_t *out)
{
    uint64_t count = 0;

    if (!expect_scalar(p, node, what))
        return false;
    const enum count kind =
        node->quoted ? COUNT_NONE : read_count(node->text, &count);

    if (kind == COUNT_NONE) {
        att_diagnose(&p->d, node->at, "%s = '%.80s' is not a whole number",
                     what, node->text);
        return false;
    }
    if (kind == COUNT_OUTSIDE || count < min || count > max) {
        att_diagnose(&p->d, node->at,
                     "%s = %.80s is outside %" PRIu64 "..%" PRIu64, what,
                     node->text, min, max);
        return false;
    }
    *out = count;
    return true;
}

bool att_scalar_word(struct parser *p, const struct yaml_node *node,
                     const char *what, struct names words, uint32_t *out)
{
    if (!expect_scalar(p, node, what))
        return false;
    for (uint32_t i = 0; i < words.n; i++) {
        if (att_text_same(node->text, words.name[i])) {
            *out = i;
            return true;
        }
    }
    char unknown[64];
    (void)snprintf(unknown, sizeof unknown, "unknown %s", what);
    att_diagnose_unknown(&p->d, node->at, unknown, node->text, words);
    return false;
}

bool att_scalar_text(struct parser *p, const struct yaml_node *node,
                     const char *what, const char **out)
{
    if (!expect_scalar(p, node, what))
        return false;
    *out = node->text;
    return true;
}
