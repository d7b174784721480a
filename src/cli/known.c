#include "known.h"

#include <stdio.h>

#include "attest/base/text.h"
#include "cli_priv.h"

enum { MAX_NAMES = 128 };

static void say_unknown(const char *name)
{
    const char *names[MAX_NAMES];
    char hint[96] = "attest list names all of them";
    size_t n = 0;
    const struct att_construction *const *known = att_constructions(&n);

    n = n < MAX_NAMES ? n : MAX_NAMES;
    for (size_t i = 0; i < n; i++)
        names[i] = known[i]->name;
    const char *nearest = att_text_nearest(name, names, n);
    if (nearest != NULL)
        (void)snprintf(hint, sizeof hint, "did you mean '%s'?", nearest);
    cli_error(hint, "unknown construction '%s'", name);
}

const struct att_construction *cli_construction(const char *name)
{
    const struct att_construction *c = att_construction_find(name);

    if (c == NULL)
        say_unknown(name);
    return c;
}

void cli_range_text(const struct att_param *p, struct att_buffer *out)
{
    char lo[ATT_NUMBER_TEXT];
    char hi[ATT_NUMBER_TEXT];

    switch (p->type) {
    case ATT_TYPE_INTEGER:
        att_buffer_printf(out, "%s..%s", att_value_text(att_int(p->i_min), lo),
                          att_value_text(att_int(p->i_max), hi));
        break;
    case ATT_TYPE_REAL:
        att_buffer_printf(out, "%s..%s", att_real_text(p->r_min, lo),
                          att_real_text(p->r_max, hi));
        break;
    case ATT_TYPE_CHOICE:
        for (size_t i = 0; p->choices[i] != NULL; i++)
            att_buffer_printf(out, "%s%s", i > 0 ? " | " : "", p->choices[i]);
        break;
    case ATT_TYPE_PATH:
        att_buffer_text(out, "a file");
        break;
    }
}
