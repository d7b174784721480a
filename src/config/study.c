/* study.c - the top of a study file, and the owner of what it means. */
#include "attest/config/study.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "attest/base/text.h"
#include "study_priv.h"

enum { NAME_LENGTH = 64 };
static const size_t MAX_BYTES = (size_t)16 << 20;
static const uint64_t MAX_MEMORY = (uint64_t)1 << 30;

struct att_study_file {
    struct att_arena *arena;
    struct att_study study;
};

/* ---- the keys of the top level --------------------------------------------------- */

/* Names become folders and titles. */
static bool read_name(struct parser *p, const struct yaml_node *node,
                      const char **out)
{
    static const char legal[] = "abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

    if (!att_scalar_text(p, node, "name", out))
        return false;
    const size_t n = strlen(*out);
    if (n <= NAME_LENGTH && strspn(*out, legal) == n &&
        isalnum((unsigned char)(*out)[0]))
        return true;
    att_diagnose(&p->d, node->at,
                 "name '%.80s' is not a letter or digit followed by up to 63 "
                 "letters, digits, '.', '_' and '-'",
                 *out);
    return false;
}

static bool read_coupling(struct parser *p, const struct yaml_node *node,
                          bool *independent)
{
    static const char *const words[] = {"paired", "independent"};
    uint32_t word = 0;

    if (!att_scalar_word(p, node, "coupling", (struct names){words, 2}, &word))
        return false;
    *independent = word == 1;
    return true;
}

/* Everything but the sweeps; missing keys keep their defaults. */
static void read_top(struct parser *p, const struct yaml_node *root,
                     struct att_study *study, struct defaults *defaults)
{
    const struct yaml_node *name = att_yaml_get(root, "name");
    const struct yaml_node *seed = att_yaml_get(root, "seed");
    const struct yaml_node *replicates = att_yaml_get(root, "replicates");
    const struct yaml_node *limits = att_yaml_get(root, "limits");
    const struct yaml_node *coupling = att_yaml_get(root, "coupling");
    uint64_t n = 1;

    if (name == NULL) {
        att_diagnose(&p->d, root->at, "the study lacks 'name'");
    } else {
        (void)read_name(p, name, &study->name);
    }
    if (seed != NULL)
        (void)att_scalar_count(p, seed, "seed", 0, UINT64_MAX, &study->seed);
    if (replicates != NULL) {
        (void)att_scalar_count(p, replicates, "replicates", 1, MAX_REPLICATES,
                               &n);
    }
    defaults->replicates = (uint32_t)n;
    if (limits != NULL)
        (void)att_limits_read(p, limits, &defaults->limits, defaults->limit_at);
    if (coupling != NULL)
        (void)read_coupling(p, coupling, &study->independent);
}

/* ---- the sweeps -------------------------------------------------------------------- */

/* Tasks of a sweep; false when they are 2^63 or more. */
static bool count_tasks(const struct att_sweep *sweep, uint64_t *n)
{
    uint64_t product = sweep->find.share > 0 ? 1 : sweep->replicates;

    for (uint32_t a = 0; a < sweep->n_axes; a++) {
        if (__builtin_mul_overflow(product, sweep->axis[a].n, &product))
            return false;
    }
    *n = product;
    return product <= INT64_MAX;
}

static void check_count(struct parser *p, const struct yaml_node *node,
                        const struct att_sweep *sweep, uint64_t *total)
{
    uint64_t n = 0;

    if (!count_tasks(sweep, &n) || n > INT64_MAX - *total) {
        att_diagnose(&p->d, node->at,
                     "more than 2^63 tasks up to the end of sweep '%s'",
                     sweep->name);
    } else {
        *total += n;
    }
}

static void check_unique(struct parser *p, const struct yaml_node *node,
                         const struct att_sweep *sweep, uint32_t n)
{
    const struct yaml_node *name = att_yaml_get(node, "name");

    for (uint32_t i = 0; i < n; i++) {
        if (att_text_same(sweep[i].name, sweep[n].name)) {
            att_diagnose(&p->d, name == NULL ? node->at : name->at,
                         "a second sweep named '%s', the first is in line %u: "
                         "give one a 'name'",
                         sweep[n].name, sweep[i].line);
            return;
        }
    }
}

static void read_sweeps(struct parser *p, const struct yaml_node *node,
                        const struct defaults *defaults,
                        struct att_study *study)
{
    uint64_t total = 0;
    uint32_t n = 0;

    if (node->kind != YAML_LIST || node->n == 0 || node->n > MAX_SWEEPS) {
        att_diagnose(
            &p->d, node->at,
            "sweeps is a list of 1 to %d sweeps: '- construction: ...'",
            MAX_SWEEPS);
        return;
    }
    struct att_sweep *sweep = PARSER_NEW(p, struct att_sweep, node->n);
    if (sweep == NULL)
        return;
    for (const struct yaml_node *c = node->first; c != NULL; c = c->next) {
        if (!att_sweep_read(p, c, defaults, &sweep[n]))
            continue;
        check_unique(p, c, sweep, n);
        check_count(p, c, &sweep[n], &total);
        n++;
    }
    study->sweep = sweep;
    study->n_sweeps = n;
}

static void read_study(struct parser *p, const struct yaml_node *root,
                       struct att_study *study)
{
    static const char *const keys[] = {"name",   "seed",     "replicates",
                                       "limits", "coupling", "sweeps"};
    struct defaults defaults = {.replicates = 1};

    if (root->kind != YAML_MAP) {
        att_diagnose(&p->d, root->at,
                     "a study is a map with 'name' and 'sweeps'");
        return;
    }
    att_yaml_check_keys(&p->d, root, "a study", (struct names){keys, 6});
    read_top(p, root, study, &defaults);
    const struct yaml_node *sweeps = att_yaml_get(root, "sweeps");
    if (sweeps == NULL) {
        att_diagnose(&p->d, root->at, "the study lacks 'sweeps'");
    } else {
        read_sweeps(p, sweeps, &defaults, study);
    }
}

/* ---- bytes ---------------------------------------------------------------------------- */

static bool check_bytes(struct parser *p)
{
    const struct att_study_source *s = p->d.source;
    struct place at = {.length = 1, .line = 1};

    if (s->n > MAX_BYTES) {
        att_diagnose(&p->d, at, "larger than 16 MiB: this is no study");
        return false;
    }
    while (at.offset < s->n) {
        const size_t n = att_utf8_length(s->text + at.offset, s->n - at.offset);

        if (n == 0 || s->text[at.offset] == '\0') {
            att_diagnose(&p->d, at,
                         n == 0 ? "not UTF-8"
                                : "a zero byte: this is no study");
            return false;
        }
        at.line += s->text[at.offset] == '\n';
        at.offset += n;
    }
    return true;
}

static att_status parse(struct parser *p, struct att_study *study,
                        struct att_error *err)
{
    struct yaml_node *root = NULL;

    if (!check_bytes(p))
        return ATT_OK;
    ATT_TRY(att_yaml_read(&p->d, p->arena, &root, err));
    if (root != NULL) {
        read_study(p, root, study);
    } else if (p->d.n == 0) {
        att_diagnose(&p->d, (struct place){.line = 1},
                     "the file is empty: a study has 'name' and 'sweeps'");
    }
    return ATT_OK;
}

static att_status conclude(const struct parser *p, struct att_error *err)
{
    const char *path = p->d.source->path;

    if (p->no_memory)
        return att_arena_fail(p->arena, "the study", err);
    if (p->d.n == 0)
        return ATT_OK;
    if (p->d.n > ATT_STUDY_ERRORS) {
        att_buffer_printf(p->d.out, "%s: and %" PRIu64 " more errors\n", path,
                          p->d.n - ATT_STUDY_ERRORS);
    }
    return att_fail(err, ATT_E_PARSE, "%s: %" PRIu64 " error%s in the study",
                    path, p->d.n, p->d.n == 1 ? "" : "s");
}

/* ---- the owner ------------------------------------------------------------------------- */

/* A copy of what the caller may free. */
static att_status adopt_source(struct att_study_file *file,
                               const struct att_study_source *source,
                               struct att_error *err)
{
    char *text = att_arena_alloc(file->arena, source->n + 1, 1);

    file->study.path = att_arena_strdup(file->arena, source->path);
    if (text == NULL || file->study.path == NULL)
        return att_arena_fail(file->arena, "the study", err);
    if (source->n > 0)
        memcpy(text, source->text, source->n);
    text[source->n] = '\0';
    file->study.text = text;
    file->study.n_text = source->n;
    file->study.digest = att_hash128(text, source->n);
    return ATT_OK;
}

static att_status parse_into(struct att_study_file *file,
                             const struct att_study_source *source,
                             struct att_buffer *diagnostics,
                             struct att_error *err)
{
    struct parser p = {.d = {.source = source, .out = diagnostics},
                       .arena = file->arena};

    ATT_TRY(adopt_source(file, source, err));
    ATT_TRY(att_engine_create(&p.engine, err));
    att_status status = parse(&p, &file->study, err);
    if (status == ATT_OK)
        status = conclude(&p, err);
    att_engine_destroy(p.engine);
    return status;
}

att_status att_study_parse(const struct att_study_source *source,
                           struct att_study_file **file,
                           struct att_buffer *diagnostics,
                           struct att_error *err)
{
    struct att_study_file *made = calloc(1, sizeof *made);

    if (made != NULL)
        made->arena = att_arena_create(MAX_MEMORY);
    if (made == NULL || made->arena == NULL) {
        att_study_destroy(made);
        return att_fail(err, ATT_E_NOMEM, "out of memory for a study");
    }
    const att_status status = parse_into(made, source, diagnostics, err);
    if (status != ATT_OK) {
        att_study_destroy(made);
    } else {
        *file = made;
    }
    return status;
}

const struct att_study *att_study_of(const struct att_study_file *file)
{
    return &file->study;
}

void att_study_destroy(struct att_study_file *file)
{
    if (file == NULL)
        return;
    att_arena_destroy(file->arena);
    free(file);
}
