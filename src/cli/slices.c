/* slices.c - few tasks are sliced and fewer wait at once: a list serves. */
#include "slices.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct pending {
    struct pending *next;
    uint64_t task;
    size_t n, n_have;
    void **bytes;    /* n; NULL: not there yet */
    size_t *n_bytes; /* n */
};

struct cli_slices {
    struct pending *first;
};

struct cli_slices *cli_slices_create(void)
{
    return calloc(1, sizeof(struct cli_slices));
}

static void free_pending(struct pending *p)
{
    for (size_t i = 0; p->bytes != NULL && i < p->n; i++)
        free(p->bytes[i]);
    free(p->bytes);
    free(p->n_bytes);
    free(p);
}

void cli_slices_destroy(struct cli_slices *s)
{
    while (s != NULL && s->first != NULL)
        cli_slices_drop(s, s->first->task);
    free(s);
}

static struct pending *find(const struct cli_slices *s, uint64_t task)
{
    struct pending *p = s->first;

    while (p != NULL && p->task != task)
        p = p->next;
    return p;
}

static struct pending *begin(struct cli_slices *s, const struct att_unit *unit)
{
    struct pending *p = calloc(1, sizeof *p);

    if (p == NULL)
        return NULL;
    p->task = unit->task;
    p->n = unit->n_slices;
    p->bytes = calloc(p->n, sizeof *p->bytes);
    p->n_bytes = calloc(p->n, sizeof *p->n_bytes);
    if (p->bytes == NULL || p->n_bytes == NULL) {
        free_pending(p);
        return NULL;
    }
    p->next = s->first;
    s->first = p;
    return p;
}

att_status cli_slices_add(struct cli_slices *s, const struct att_unit *unit,
                          const void *bytes, size_t n, bool *whole,
                          struct att_error *err)
{
    struct pending *p = find(s, unit->task);

    if (p == NULL)
        p = begin(s, unit);
    void *copy = malloc(n > 0 ? n : 1);
    if (p == NULL || copy == NULL) {
        free(copy);
        return att_fail(err, ATT_E_NOMEM, "out of memory keeping a slice");
    }
    assert(unit->slice < p->n);
    memcpy(copy, bytes, n);
    if (p->bytes[unit->slice] == NULL)
        p->n_have++;
    free(p->bytes[unit->slice]);
    p->bytes[unit->slice] = copy;
    p->n_bytes[unit->slice] = n;
    *whole = p->n_have == p->n;
    return ATT_OK;
}

void cli_slices_get(const struct cli_slices *s, uint64_t task,
                    const void *const **bytes, const size_t **n_bytes,
                    size_t *n)
{
    const struct pending *p = find(s, task);

    *bytes = p != NULL ? (const void *const *)p->bytes : NULL;
    *n_bytes = p != NULL ? p->n_bytes : NULL;
    *n = p != NULL ? p->n : 0;
}

void cli_slices_drop(struct cli_slices *s, uint64_t task)
{
    for (struct pending **at = &s->first; *at != NULL; at = &(*at)->next) {
        if ((*at)->task == task) {
            struct pending *p = *at;

            *at = p->next;
            free_pending(p);
            return;
        }
    }
}
