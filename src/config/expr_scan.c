/* expr_scan.c - just enough of Lua's lexical rules: names are told apart from
 * strings, comments and numbers.  Whether the whole is an expression is for
 * Lua to say. */
#include "expr_scan_priv.h"

#include <ctype.h>
#include <string.h>

bool att_token_is(struct token t, const char *word)
{
    return strlen(word) == t.length && strncmp(t.start, word, t.length) == 0;
}

static bool is_keyword(struct token t)
{
    static const char *const words[] = {
        "and",      "break",  "do",   "else", "elseif", "end",  "false", "for",
        "function", "goto",   "if",   "in",   "local",  "nil",  "not",   "or",
        "repeat",   "return", "then", "true", "until",  "while"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (att_token_is(t, words[i]))
            return true;
    }
    return false;
}

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* The number of '=' of a long bracket that opens at s, or -1. */
static int bracket_level(const char *s)
{
    int level = 0;

    if (*s != '[')
        return -1;
    while (s[1 + level] == '=')
        level++;
    return s[1 + level] == '[' ? level : -1;
}

/* The end of a long bracket that opens at s. */
static const char *skip_bracket(const char *s, int level)
{
    s += level + 2;
    for (; *s != '\0'; s++) {
        int n = 0;

        if (*s != ']')
            continue;
        while (s[1 + n] == '=')
            n++;
        if (n == level && s[1 + n] == ']')
            return s + n + 2;
    }
    return s;
}

static const char *skip_comment(const char *s)
{
    const int level = bracket_level(s);

    if (level >= 0)
        return skip_bracket(s, level);
    while (*s != '\0' && *s != '\n')
        s++;
    return s;
}

static const char *skip_space(const char *s)
{
    for (;;) {
        if (isspace((unsigned char)*s)) {
            s++;
        } else if (s[0] == '-' && s[1] == '-') {
            s = skip_comment(s + 2);
        } else {
            return s;
        }
    }
}

static const char *skip_string(const char *s)
{
    const char quote = *s++;

    while (*s != '\0' && *s != quote) {
        s += s[0] == '\\' && s[1] != '\0';
        s++;
    }
    return *s == '\0' ? s : s + 1;
}

static bool is_exponent(char c, bool hex)
{
    return hex ? c == 'p' || c == 'P' : c == 'e' || c == 'E';
}

static const char *skip_number(const char *s)
{
    const bool hex = s[0] == '0' && (s[1] == 'x' || s[1] == 'X');

    while (is_word(*s) || *s == '.') {
        const bool exponent = is_exponent(*s, hex);

        s++;
        if (exponent && (*s == '+' || *s == '-'))
            s++;
    }
    return s;
}

static const char *skip_operator(const char *s)
{
    static const char *const operators[] = {
        "...", "..", "==", "~=", "<=", ">=", "//", "::", "<<", ">>"};

    for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++) {
        const size_t n = strlen(operators[i]);

        if (strncmp(s, operators[i], n) == 0)
            return s + n;
    }
    return s + 1;
}

static const char *skip_other(const char *s)
{
    const int level = bracket_level(s);

    if (*s == '"' || *s == '\'')
        return skip_string(s);
    if (level >= 0)
        return skip_bracket(s, level);
    if (isdigit((unsigned char)*s) ||
        (*s == '.' && isdigit((unsigned char)s[1])))
        return skip_number(s);
    return skip_operator(s);
}

struct token att_scan_token(struct scanner *s)
{
    struct token t = {.start = skip_space(s->cursor)};
    const char *end = t.start;

    if (*end == '\0')
        return t;
    if (isalpha((unsigned char)*end) || *end == '_') {
        while (is_word(*end))
            end++;
        t.length = (size_t)(end - t.start);
        t.kind = is_keyword(t)  ? TOKEN_KEYWORD
                 : s->after_dot ? TOKEN_FIELD
                                : TOKEN_NAME;
    } else {
        end = skip_other(end);
        t.length = (size_t)(end - t.start);
        t.kind = TOKEN_OTHER;
    }
    s->after_dot = att_token_is(t, ".") || att_token_is(t, ":");
    s->cursor = end;
    return t;
}
