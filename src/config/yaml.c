/* yaml.c - the only file that sees libfyaml.
 *
 * Its event parser is used, not its documents: events carry the places that
 * diagnostics need, duplicate keys reach us instead of passing silently, and
 * the depth of nesting is ours to limit.  An event becomes a node that is
 * attached to the innermost open list or map. */
#include "yaml_priv.h"

#include <libfyaml.h>
#include <stdio.h>
#include <string.h>

#include "attest/base/size.h"
#include "attest/base/text.h"

enum {
    MAX_DEPTH = 16,       /* a study needs 6 */
    MAX_NODES = 1 << 20,  /* values written one by one */
    MAX_KEYS = 256,       /* of one map; no construction has more parameters */
    NODES_PER_BLOCK = 64, /* the arena rounds every block up to 64 bytes */
    TEXT_BLOCK = 1 << 14
};

struct level {
    struct yaml_node *node; /* an open list or map */
    struct yaml_node *last; /* its last child */
    struct yaml_node *key;  /* that waits for a value, or NULL */
};

struct builder {
    struct diagnostics *d;
    struct att_arena *arena;
    struct yaml_node *root;
    struct level open[MAX_DEPTH];
    uint32_t depth;
    uint32_t n_nodes;
    struct yaml_node *spare_node;
    size_t n_spare_nodes;
    char *spare_text;
    size_t n_spare_text;
    bool stop, no_memory;
};

/* ---- nodes -------------------------------------------------------------- */

static struct yaml_node *new_node(struct builder *b)
{
    if (b->n_spare_nodes == 0) {
        b->spare_node = ATT_NEW(b->arena, struct yaml_node, NODES_PER_BLOCK);
        b->n_spare_nodes = b->spare_node == NULL ? 0 : NODES_PER_BLOCK;
    }
    if (b->n_spare_nodes == 0) {
        b->no_memory = true;
        return NULL;
    }
    b->n_spare_nodes--;
    b->n_nodes++;
    return b->spare_node++;
}

static const char *copy_text(struct builder *b, const char *text, size_t n)
{
    if (n + 1 > b->n_spare_text) {
        const size_t size = n + 1 > TEXT_BLOCK ? n + 1 : TEXT_BLOCK;

        b->spare_text = att_arena_alloc(b->arena, size, 1);
        b->n_spare_text = b->spare_text == NULL ? 0 : size;
    }
    if (n + 1 > b->n_spare_text) {
        b->no_memory = true;
        return NULL;
    }
    char *copy = b->spare_text;
    memcpy(copy, text, n);
    copy[n] = '\0';
    b->spare_text += n + 1;
    b->n_spare_text -= n + 1;
    return copy;
}

/* Say what is wrong and read no further. */
static void give_up(struct builder *b, struct place at, const char *message)
{
    att_diagnose(b->d, at, "%s", message);
    b->stop = true;
}

/* ---- attaching ------------------------------------------------------------ */

static struct yaml_node *find_key(const struct yaml_node *map, const char *text)
{
    for (struct yaml_node *k = map->first; k != NULL; k = k->next) {
        if (att_text_same(k->text, text))
            return k;
    }
    return NULL;
}

static void append_child(struct level *level, struct yaml_node *node)
{
    if (level->last == NULL) {
        level->node->first = node;
    } else {
        level->last->next = node;
    }
    level->last = node;
    level->node->n++;
}

/* The first of two equal keys stays; the second keeps its value to itself. */
static void attach_key(struct builder *b, struct level *level,
                       struct yaml_node *key)
{
    if (key->kind != YAML_SCALAR) {
        give_up(b, key->at, "a key must be a name, not a list or a map");
        return;
    }
    const struct yaml_node *twin = find_key(level->node, key->text);
    if (twin != NULL) {
        att_diagnose(b->d, key->at,
                     "'%.80s' is written twice, first in line %u", key->text,
                     twin->at.line);
    } else if (level->node->n == MAX_KEYS) {
        give_up(b, key->at, "more than 256 keys in one map");
    } else {
        append_child(level, key);
    }
    level->key = key;
}

static void attach(struct builder *b, struct yaml_node *node)
{
    struct level *level = b->depth == 0 ? NULL : &b->open[b->depth - 1];

    if (level == NULL || level->node == NULL) {
        b->root = node;
    } else if (level->node->kind == YAML_LIST) {
        append_child(level, node);
    } else if (level->key == NULL) {
        attach_key(b, level, node);
    } else {
        level->key->value = node;
        level->key = NULL;
    }
}

static void open_level(struct builder *b, struct yaml_node *node)
{
    if (b->depth == MAX_DEPTH) {
        give_up(b, node->at, "nested deeper than 16 levels");
        return;
    }
    b->open[b->depth++] = (struct level){.node = node};
}

/* ---- events --------------------------------------------------------------- */

/* An empty value has no token: it stands where the last thing ended. */
static struct place place_of(const struct builder *b, struct fy_event *event)
{
    struct fy_token *token = fy_event_get_token(event);
    const struct fy_mark *from =
        token == NULL ? NULL : fy_token_start_mark(token);
    const struct fy_mark *to = token == NULL ? NULL : fy_token_end_mark(token);

    if (from == NULL || to == NULL) {
        const struct level *level =
            b->depth > 0 ? &b->open[b->depth - 1] : NULL;

        return level != NULL && level->key != NULL
                   ? level->key->at
                   : (struct place){.length = 1, .line = 1};
    }
    return (struct place){.offset = from->input_pos,
                          .length = to->input_pos > from->input_pos
                                        ? to->input_pos - from->input_pos
                                        : 1,
                          .line = (uint32_t)from->line + 1};
}

static void fill_scalar(struct builder *b, struct yaml_node *node,
                        struct fy_event *event)
{
    struct fy_token *token = fy_event_get_token(event);
    size_t n = 0;
    const char *text = token == NULL ? "" : fy_token_get_text(token, &n);

    if (text == NULL)
        text = "";
    if (memchr(text, '\0', n) != NULL)
        give_up(b, node->at, "a text holds a zero byte");
    node->quoted = token != NULL && fy_token_scalar_style(token) != FYSS_PLAIN;
    node->text = copy_text(b, text, n);
}

/* Anchors, aliases and tags add nothing to a study but ways to be wrong. */
static bool is_refused(struct builder *b, struct fy_event *event,
                       struct place at)
{
    const char *what = NULL;

    if (event->type == FYET_ALIAS) {
        what = "aliases (*name) are not supported: write the value again";
    } else if (fy_event_get_anchor_token(event) != NULL) {
        what = "anchors (&name) are not supported: write the value again";
    } else if (fy_event_get_tag_token(event) != NULL) {
        what = "tags (!name) are not supported: types come from the parameters";
    }
    if (what == NULL)
        return false;
    give_up(b, at, what);
    return true;
}

static void take_node(struct builder *b, struct fy_event *event,
                      enum yaml_kind kind)
{
    const struct place at = place_of(b, event);

    if (is_refused(b, event, at))
        return;
    if (b->n_nodes == MAX_NODES) {
        give_up(b, at, "more than 1048576 values: use ranges or split it");
        return;
    }
    struct yaml_node *node = new_node(b);
    if (node == NULL)
        return;
    *node = (struct yaml_node){.kind = kind, .at = at};
    if (kind == YAML_SCALAR)
        fill_scalar(b, node, event);
    if (b->no_memory)
        return;
    attach(b, node);
    if (kind != YAML_SCALAR && !b->stop)
        open_level(b, node);
}

static void take_event(struct builder *b, struct fy_event *event)
{
    switch (event->type) {
    case FYET_DOCUMENT_START:
        if (b->root != NULL)
            give_up(b, place_of(b, event), "a second document in one file");
        break;
    case FYET_SCALAR:
    case FYET_ALIAS:
        take_node(b, event, YAML_SCALAR);
        break;
    case FYET_SEQUENCE_START:
        take_node(b, event, YAML_LIST);
        break;
    case FYET_MAPPING_START:
        take_node(b, event, YAML_MAP);
        break;
    case FYET_SEQUENCE_END:
    case FYET_MAPPING_END:
        b->depth--;
        break;
    case FYET_NONE:
    case FYET_STREAM_START:
    case FYET_STREAM_END:
    case FYET_DOCUMENT_END:
        break;
    }
}

/* ---- the parser ------------------------------------------------------------ */

/* libfyaml stops at its first error. */
static void report_syntax(struct builder *b, struct fy_diag *log)
{
    void *cursor = NULL;
    const struct fy_diag_error *error = fy_diag_errors_iterate(log, &cursor);

    if (error == NULL) {
        give_up(b, (struct place){.line = 1}, "this is not YAML");
        return;
    }
    const uint32_t line = error->line > 0 ? (uint32_t)error->line : 1;
    const uint32_t column = error->column > 0 ? (uint32_t)error->column : 1;
    give_up(b, att_place_find(b->d->source, line, column), error->msg);
}

/* Read all events of the text. */
static void run_parser(struct builder *b, struct fy_parser *parser,
                       struct fy_diag *log)
{
    bool ended = false;

    while (!ended && !b->stop && !b->no_memory) {
        struct fy_event *event = fy_parser_parse(parser);

        if (event == NULL) {
            report_syntax(b, log);
            return;
        }
        ended = event->type == FYET_STREAM_END;
        take_event(b, event);
        fy_parser_event_free(parser, event);
    }
}

static struct fy_diag *create_log(void)
{
    struct fy_diag_cfg cfg;

    fy_diag_cfg_default(&cfg);
    struct fy_diag *log = fy_diag_create(&cfg);
    if (log != NULL)
        fy_diag_set_collect_errors(log, true);
    return log;
}

att_status att_yaml_read(struct diagnostics *d, struct att_arena *arena,
                         struct yaml_node **root, struct att_error *err)
{
    struct builder b = {.d = d, .arena = arena};
    struct fy_diag *log = create_log();
    const struct fy_parse_cfg cfg = {.flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG |
                                              FYPCF_JSON_NONE,
                                     .diag = log};
    struct fy_parser *parser = log == NULL ? NULL : fy_parser_create(&cfg);

    if (parser == NULL ||
        fy_parser_set_string(parser, d->source->text, d->source->n) != 0) {
        b.no_memory = true;
    } else {
        run_parser(&b, parser, log);
    }
    fy_parser_destroy(parser);
    fy_diag_destroy(log);
    if (b.no_memory)
        return att_fail(err, ATT_E_NOMEM, "out of memory reading YAML");
    *root = b.stop ? NULL : b.root;
    return ATT_OK;
}

struct yaml_node *att_yaml_key(const struct yaml_node *map, const char *key)
{
    return find_key(map, key);
}

struct yaml_node *att_yaml_get(const struct yaml_node *map, const char *key)
{
    const struct yaml_node *found = find_key(map, key);

    return found == NULL ? NULL : found->value;
}

static bool is_legal(const char *word, struct names legal)
{
    for (size_t i = 0; i < legal.n; i++) {
        if (att_text_same(word, legal.name[i]))
            return true;
    }
    return false;
}

void att_yaml_check_keys(struct diagnostics *d, const struct yaml_node *map,
                         const char *of, struct names legal)
{
    char what[64];

    (void)snprintf(what, sizeof what, "unknown key of %s", of);
    for (const struct yaml_node *k = map->first; k != NULL; k = k->next) {
        if (!is_legal(k->text, legal))
            att_diagnose_unknown(d, k->at, what, k->text, legal);
    }
}
