/* sweep_read.c - one item of `sweeps`: its sections in order, then checks. */
#include <ctype.h>
#include <string.h>

#include "attest/base/text.h"
#include "study_priv.h"

enum { NAME_LENGTH = 64 };

/* ---- construction and name ---------------------------------------------------- */

static const struct att_construction *read_construction(
    struct parser *p, const struct yaml_node *node)
{
    const struct att_study_source *s = p->d.source;
    const struct yaml_node *word = att_yaml_get(node, "construction");
    const char *name = NULL;

    if (word == NULL) {
        att_diagnose(&p->d, node->at, "a sweep lacks 'construction'");
        return NULL;
    }
    if (!att_scalar_text(p, word, "construction", &name))
        return NULL;
    const char **known = PARSER_NEW(p, const char *, s->n_known);
    for (size_t i = 0; known != NULL && i < s->n_known; i++) {
        known[i] = s->known[i]->name;
        if (att_text_same(name, known[i]))
            return s->known[i];
    }
    if (known != NULL) {
        att_diagnose_unknown(&p->d, word->at, "unknown construction", name,
                             (struct names){known, s->n_known});
    }
    return NULL;
}

static bool is_identifier(const char *text)
{
    const size_t n = strlen(text);

    if (n == 0 || n > NAME_LENGTH || !isalpha((unsigned char)text[0]))
        return false;
    for (size_t i = 1; i < n; i++) {
        if (!isalnum((unsigned char)text[i]) && text[i] != '_' &&
            text[i] != '-')
            return false;
    }
    return true;
}

static bool read_name(struct parser *p, const struct yaml_node *word,
                      struct draft *draft)
{
    if (!att_scalar_text(p, word, "name", &draft->sweep.name))
        return false;
    if (!is_identifier(draft->sweep.name)) {
        att_diagnose(&p->d, word->at,
                     "sweep name '%.80s' is not a letter followed by up to 63 "
                     "letters, digits, '_' and '-'",
                     draft->sweep.name);
        return false;
    }
    if (att_text_same(draft->sweep.name, "claims") ||
        att_text_same(draft->sweep.name, "provenance")) {
        att_diagnose(
            &p->d, word->at,
            "no sweep can be named '%s': the store has a group of that "
            "name",
            draft->sweep.name);
        return false;
    }
    return true;
}

/* ---- the draft ----------------------------------------------------------------- */

static bool start_draft(struct parser *p, struct draft *draft,
                        const struct att_construction *c,
                        const struct defaults *defaults)
{
    const uint32_t n = att_construction_n_params(c);

    *draft =
        (struct draft){.n_params = n,
                       .fixed = PARSER_NEW(p, struct att_value, n),
                       .axis = PARSER_NEW(p, struct att_axis, n),
                       .set_by = PARSER_NEW(p, const struct yaml_node *, n),
                       .name = PARSER_NEW(p, const char *, n),
                       .expr_at = PARSER_NEW(p, struct place, n)};
    if (p->no_memory)
        return false;
    for (uint32_t i = 0; i < n; i++) {
        const struct att_param *param = att_construction_param(c, i);

        draft->fixed[i] = att_param_default(param);
        draft->name[i] = param->name;
        draft->set_by[i] = NULL;
    }
    draft->sweep.construction = c;
    draft->sweep.name = c->name;
    draft->sweep.replicates = defaults->replicates;
    draft->sweep.limits = defaults->limits;
    memcpy(draft->limit_at, defaults->limit_at, sizeof draft->limit_at);
    draft->sweep.fixed = draft->fixed;
    draft->sweep.axis = draft->axis;
    return true;
}

/* ---- sections ------------------------------------------------------------------ */

static bool read_where(struct parser *p, const struct yaml_node *node,
                       struct draft *draft)
{
    draft->where_at = node->at;
    draft->sweep.where_line = node->at.line;
    return att_scalar_text(p, node, "where", &draft->sweep.where);
}

static bool read_replicates(struct parser *p, const struct yaml_node *node,
                            struct draft *draft)
{
    uint64_t n = 0;

    if (!att_scalar_count(p, node, "replicates", 1, MAX_REPLICATES, &n))
        return false;
    draft->sweep.replicates = (uint32_t)n;
    return true;
}

static bool read_limits(struct parser *p, const struct yaml_node *node,
                        struct draft *draft)
{
    return att_limits_read(p, node, &draft->sweep.limits, draft->limit_at);
}

static const struct {
    const char *key;
    bool (*read)(struct parser *p, const struct yaml_node *node,
                 struct draft *draft);
} SECTION[] = {
    {"name", read_name},           {"grid", att_sweep_read_grid},
    {"zip", att_sweep_read_zip},   {"where", read_where},
    {"find", att_sweep_read_find}, {"observe", att_sweep_read_observe},
    {"limits", read_limits},       {"replicates", read_replicates},
};

enum { N_SECTIONS = sizeof SECTION / sizeof SECTION[0] };

static void check_keys(struct parser *p, const struct yaml_node *node)
{
    const char *keys[N_SECTIONS + 1] = {"construction"};

    for (uint32_t i = 0; i < N_SECTIONS; i++)
        keys[i + 1] = SECTION[i].key;
    att_yaml_check_keys(&p->d, node, "a sweep",
                        (struct names){keys, N_SECTIONS + 1});
}

/* Axes take the order in which the file writes them. */
static bool read_sections(struct parser *p, const struct yaml_node *node,
                          struct draft *draft)
{
    bool ok = true;

    for (const struct yaml_node *k = node->first; k != NULL; k = k->next) {
        for (uint32_t i = 0; i < N_SECTIONS; i++) {
            if (att_text_same(k->text, SECTION[i].key))
                ok = SECTION[i].read(p, k->value, draft) && ok;
        }
    }
    return ok;
}

bool att_sweep_read(struct parser *p, const struct yaml_node *node,
                    const struct defaults *defaults, struct att_sweep *out)
{
    struct draft draft;

    if (node->kind != YAML_MAP) {
        att_diagnose(&p->d, node->at, "a sweep is a map with a 'construction'");
        return false;
    }
    check_keys(p, node);
    const struct att_construction *c = read_construction(p, node);
    if (c == NULL || !start_draft(p, &draft, c, defaults))
        return false;
    draft.sweep.line = node->at.line;
    bool ok = read_sections(p, node, &draft);
    ok = att_sweep_check_expressions(p, &draft, ok) && ok;
    *out = draft.sweep;
    return ok;
}
