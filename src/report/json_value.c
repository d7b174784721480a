/* json_value.c - jansson refuses what is not JSON; these never do. */
#include "attest/report/json_value.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

json_t *att_json_real(double r)
{
    char text[ATT_NUMBER_TEXT];

    if (isfinite(r))
        return json_real(r);
    return isnan(r) ? json_null() : json_string(att_real_text(r, text));
}

/* Texts of foreign files may not be UTF-8: bytes beyond ASCII become "?". */
static json_t *text_json(const char *text)
{
    json_t *string = json_string(text);
    char *copy = string == NULL ? strdup(text) : NULL;

    for (char *c = copy; c != NULL && *c != '\0'; c++) {
        if ((unsigned char)*c >= 0x80U)
            *c = '?';
    }
    if (copy != NULL)
        string = json_string(copy);
    free(copy);
    return string;
}

json_t *att_json_value(struct att_value v)
{
    switch (v.kind) {
    case ATT_NONE:
        break;
    case ATT_INTEGER:
        return json_integer(v.i);
    case ATT_REAL:
        return att_json_real(v.r);
    case ATT_TEXT:
        return text_json(v.s);
    }
    return json_null();
}

json_t *att_json_key(struct att_key key)
{
    char text[ATT_KEY_TEXT];

    return json_string(att_key_text(key, text));
}
