/* expr_scan_priv.h - the tokens of a Lua expression, for names and spacing. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum token_kind {
    TOKEN_END,
    TOKEN_NAME,    /* an identifier that is no keyword */
    TOKEN_FIELD,   /* an identifier after '.' or ':' */
    TOKEN_KEYWORD, /* and, or, not, function, ... */
    TOKEN_OTHER    /* numbers, strings, operators, whatever else */
};

struct token {
    enum token_kind kind;
    const char *start;
    size_t length;
};

struct scanner {
    const char *cursor;
    bool after_dot;
};

/* The next token; comments and space are passed over.  Never reads beyond the
 * terminating zero, whatever the text holds. */
struct token att_scan_token(struct scanner *s);

bool att_token_is(struct token t, const char *word);
