/* column_list.c - "N,d", "*,!N": which columns a claim holds fixed. */
#include <string.h>

#include "attest/base/text.h"
#include "judge_priv.h"

static bool is_column(const struct att_construction *c, const char *name)
{
    return att_text_same(name, "replicate") ||
           att_construction_find_param(c, name) >= 0 ||
           att_construction_find_metric(c, name) >= 0;
}

static uint32_t position(const struct att_column_list *list, const char *name)
{
    uint32_t i = 0;

    while (i < list->n && !att_text_same(list->name[i], name))
        i++;
    return i;
}

bool att_column_listed(const struct att_column_list *list, const char *name)
{
    return position(list, name) < list->n;
}

static void put(struct att_column_list *list, const char *name, bool named)
{
    const uint32_t at = position(list, name);

    if (at == list->n) {
        list->name[at] = name;
        list->named[at] = false;
        list->n++;
    }
    list->named[at] = list->named[at] || named;
}

static void take_out(struct att_column_list *list, const char *name)
{
    const uint32_t at = position(list, name);

    if (at == list->n)
        return;
    list->n--;
    for (uint32_t i = at; i < list->n; i++) {
        list->name[i] = list->name[i + 1];
        list->named[i] = list->named[i + 1];
    }
}

static att_status add_entry(const struct att_construction *c,
                            const struct att_claim *claim, const char *entry,
                            struct att_column_list *list, struct att_error *err)
{
    const bool out = entry[0] == '!';
    const char *name = out ? entry + 1 : entry;

    if (att_text_same(name, "*")) {
        for (uint32_t i = 0; i < att_construction_n_params(c); i++)
            put(list, att_construction_param(c, i)->name, false);
        return ATT_OK;
    }
    if (!is_column(c, name)) {
        return att_fail(err, ATT_E_ARG,
                        "claim %s speaks of column '%s', which %s does not "
                        "have",
                        claim->id, name, c->name);
    }
    if (out) {
        take_out(list, name);
        return ATT_OK;
    }
    put(list, name, true);
    return ATT_OK;
}

att_status att_column_list(const struct att_construction *c,
                           const struct att_claim *claim, const char *text,
                           struct att_arena *arena,
                           struct att_column_list *list, struct att_error *err)
{
    const size_t capacity = att_construction_n_params(c) + strlen(text) / 2 + 1;
    char *copy = att_arena_strdup(arena, text);
    char *rest = NULL;

    *list = (struct att_column_list){
        .name = ATT_NEW(arena, const char *, capacity),
        .named = ATT_NEW(arena, bool, capacity),
    };
    if (copy == NULL || list->name == NULL || list->named == NULL)
        return att_arena_fail(arena, "columns of a claim", err);
    for (char *entry = strtok_r(copy, ", ", &rest); entry != NULL;
         entry = strtok_r(NULL, ", ", &rest))
        ATT_TRY(add_entry(c, claim, entry, list, err));
    return ATT_OK;
}
