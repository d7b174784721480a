/* site.c - site.yaml. */
#include "attest/config/site.h"

#include <inttypes.h>

#include "attest/base/size.h"
#include "attest/base/text.h"
#include "study_priv.h"

static const char *const WAYS[ATT_GO_ON_WAYS] = {"requeue", "resubmit", "stop"};
static const char *const LAUNCHERS[] = {"srun", "mpirun"};

enum { N_LAUNCHERS = sizeof LAUNCHERS / sizeof LAUNCHERS[0] };

const char *att_site_go_on_text(enum att_site_go_on way)
{
    return WAYS[way];
}

bool att_site_launcher(const char *name)
{
    for (size_t i = 0; i < N_LAUNCHERS; i++) {
        if (att_text_same(name, LAUNCHERS[i]))
            return true;
    }
    return false;
}

struct att_site att_site_default(void)
{
    return (struct att_site){
        .partition = "",
        .account = "",
        .qos = "",
        .memory_per_cpu = "",
        .launcher = LAUNCHERS[0],
        .mpi = "pmix",
        .nodes = 1,
        .tasks_per_node = 1,
        .cpus_per_task = 1,
        .time_s = 3600,
        .notice_s = 120,
        .go_on = ATT_GO_ON_REQUEUE,
    };
}

/* What goes into a line of a script: one line, nothing that ends it. */
static bool read_word(struct parser *p, const struct yaml_node *node,
                      const char *what, const char **out)
{
    if (!att_scalar_text(p, node, what, out))
        return false;
    for (const char *c = *out; *c != '\0'; c++) {
        if ((unsigned char)*c < ' ') {
            att_diagnose(&p->d, node->at, "%s is one line of text", what);
            return false;
        }
    }
    return true;
}

static void read_words(struct parser *p, const struct yaml_node *node,
                       const char *what, const char ***out, uint64_t *n)
{
    if (node->kind != YAML_LIST) {
        att_diagnose(&p->d, node->at, "%s is a list: [one, two]", what);
        return;
    }
    *out = PARSER_NEW(p, const char *, node->n);
    *n = 0;
    for (const struct yaml_node *item = node->first;
         item != NULL && *out != NULL; item = item->next)
        *n += read_word(p, item, what, &(*out)[*n]);
}

static void read_seconds(struct parser *p, const struct yaml_node *node,
                         const char *what, double *out)
{
    struct att_error err = {0};
    const char *text = NULL;

    if (att_scalar_text(p, node, what, &text) &&
        att_seconds_parse(text, out, &err) != ATT_OK)
        att_diagnose(&p->d, node->at, "%s: %s", what, err.text);
}

/* The keys and where their values go; one kind of value each. */
struct site_key {
    const char *name;
    const char **text;
    uint64_t *count;
    double *seconds;
};

static void read_key(struct parser *p, const struct yaml_node *value,
                     const struct site_key *key)
{
    enum { MOST = 1000000 };

    if (key->text != NULL) {
        (void)read_word(p, value, key->name, key->text);
    } else if (key->count != NULL) {
        (void)att_scalar_count(p, value, key->name, 1, MOST, key->count);
    } else {
        read_seconds(p, value, key->name, key->seconds);
    }
}

static void read_plain_keys(struct parser *p, const struct yaml_node *root,
                            struct att_site *site)
{
    const struct site_key keys[] = {
        {.name = "partition", .text = &site->partition},
        {.name = "account", .text = &site->account},
        {.name = "qos", .text = &site->qos},
        {.name = "memory_per_cpu", .text = &site->memory_per_cpu},
        {.name = "mpi", .text = &site->mpi},
        {.name = "nodes", .count = &site->nodes},
        {.name = "tasks_per_node", .count = &site->tasks_per_node},
        {.name = "cpus_per_task", .count = &site->cpus_per_task},
        {.name = "time", .seconds = &site->time_s},
        {.name = "notice", .seconds = &site->notice_s},
    };

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const struct yaml_node *value = att_yaml_get(root, keys[i].name);

        if (value != NULL)
            read_key(p, value, &keys[i]);
    }
}

static void read_site(struct parser *p, const struct yaml_node *root,
                      struct att_site *site)
{
    static const char *const keys[] = {
        "partition",      "account",       "qos",  "memory_per_cpu", "nodes",
        "tasks_per_node", "cpus_per_task", "time", "notice",         "modules",
        "directives",     "launcher",      "mpi",  "go_on"};
    uint32_t launcher = 0, way = site->go_on;
    const struct yaml_node *value = NULL;

    if (root->kind != YAML_MAP) {
        att_diagnose(&p->d, root->at, "a site is a map: partition: long");
        return;
    }
    att_yaml_check_keys(&p->d, root, "a site",
                        (struct names){keys, sizeof keys / sizeof *keys});
    read_plain_keys(p, root, site);
    if ((value = att_yaml_get(root, "modules")) != NULL)
        read_words(p, value, "modules", &site->module, &site->n_modules);
    if ((value = att_yaml_get(root, "directives")) != NULL) {
        read_words(p, value, "directives", &site->directive,
                   &site->n_directives);
    }
    if ((value = att_yaml_get(root, "launcher")) != NULL) {
        (void)att_scalar_word(p, value, "launcher",
                              (struct names){LAUNCHERS, N_LAUNCHERS},
                              &launcher);
        site->launcher = LAUNCHERS[launcher];
    }
    if ((value = att_yaml_get(root, "go_on")) != NULL) {
        (void)att_scalar_word(p, value, "go_on",
                              (struct names){WAYS, ATT_GO_ON_WAYS}, &way);
    }
    site->go_on = (enum att_site_go_on)way;
}

static att_status parse(struct parser *p, struct att_site *site,
                        struct att_error *err)
{
    struct yaml_node *root = NULL;

    ATT_TRY(att_yaml_read(&p->d, p->arena, &root, err));
    if (root != NULL)
        read_site(p, root, site);
    if (p->no_memory)
        return att_arena_fail(p->arena, "the site", err);
    if (p->d.n == 0)
        return ATT_OK;
    return att_fail(err, ATT_E_PARSE, "%s: %" PRIu64 " error%s in the site",
                    p->d.source->path, p->d.n, p->d.n == 1 ? "" : "s");
}

att_status att_site_load(const char *path, struct att_arena *arena,
                         struct att_site *site, struct att_buffer *diagnostics,
                         struct att_error *err)
{
    struct att_buffer text = {0};
    struct att_study_source source = {.path = path};
    struct parser p = {.d = {.source = &source, .out = diagnostics},
                       .arena = arena};

    ATT_TRY(att_file_read(path, &text, err));
    source.text = text.data != NULL ? text.data : "";
    source.n = text.size;

    const att_status status = parse(&p, site, err);

    att_buffer_fini(&text);
    return status;
}
