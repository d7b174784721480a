/* hosts.c - a small sorted set of names. */
#include "hosts_priv.h"

#include <string.h>

#include "attest/base/buffer.h"
#include "list_priv.h"

/* Where name stands, or would stand. */
static size_t place_of(const struct host_set *set, const char *name)
{
    size_t low = 0, high = set->n;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (strcmp(set->name[middle], name) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

bool att_hosts_add(struct host_set *set, const char *name)
{
    const size_t at = place_of(set, name);

    if (name[0] == '\0' || (at < set->n && strcmp(set->name[at], name) == 0))
        return true;

    const char *copy = att_arena_strdup(set->arena, name);
    const char **longer =
        att_list_grow(set->arena, set->name, set->n, sizeof *longer);

    if (copy == NULL || longer == NULL)
        return false;
    set->name = longer;
    memmove(set->name + at + 1, set->name + at,
            (set->n - at) * sizeof *set->name);
    set->name[at] = copy;
    set->n++;
    return true;
}

const char *att_hosts_text(const struct host_set *set)
{
    struct att_buffer text = {0};

    for (size_t i = 0; i < set->n; i++)
        att_buffer_printf(&text, "%s%s", i == 0 ? "" : " ", set->name[i]);

    const char *copy =
        att_buffer_ok(&text)
            ? att_arena_strdup(set->arena, text.data == NULL ? "" : text.data)
            : NULL;

    att_buffer_fini(&text);
    return copy;
}
