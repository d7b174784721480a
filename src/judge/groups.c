/* groups.c - which rows a claim is about, and its judge called on each group.
 *
 * A claim becomes parts (sweeps with the claim's columns as numbers), parts
 * become groups of row numbers (grouping.c), and one group at a time becomes
 * views for the judge. */
#include "attest/judge/groups.h"

#include <stdio.h>
#include <string.h>

#include "attest/base/buffer.h"
#include "attest/base/text.h"
#include "attest/judge/verdict.h"
#include "judge_priv.h"

/* What is common to all claims of one call. */
struct session {
    const struct att_row_source *source; /* n_sources */
    size_t n_sources;
    struct att_arena *arena, *scratch;
    struct att_claim_results *out;
    size_t capacity;
    struct att_error *err;
};

/* One claim with the sweeps it is judged over. */
struct trial {
    const struct att_construction *construction;
    const struct att_claim *claim;
    const struct att_row_source *own; /* the sweep; NULL for a study claim */
    struct att_column_list fixed, pooled;
    struct att_grouping grouping;
};

static struct att_claim_result *add_result(struct session *s)
{
    struct att_claim_results *out = s->out;

    if (out->n == s->capacity) {
        const size_t capacity = s->capacity == 0 ? 32 : 2 * s->capacity;
        struct att_claim_result *grown =
            ATT_NEW(s->arena, struct att_claim_result, capacity);

        if (grown == NULL)
            return NULL;
        if (out->n > 0)
            memcpy(grown, out->result, out->n * sizeof *grown);
        out->result = grown;
        s->capacity = capacity;
    }
    return &out->result[out->n++];
}

/* ---- names ------------------------------------------------------------------ */

/* Does a column that came with "*" tell groups apart? */
static bool varies(const struct trial *t, uint32_t column)
{
    const struct att_grouping *g = &t->grouping;

    for (uint32_t i = 1; i < g->n_groups; i++) {
        const uint32_t a = g->order[g->start[i - 1]];
        const uint32_t b = g->order[g->start[i]];
        const struct att_part *pa = att_grouping_part(g, a);
        const struct att_part *pb = att_grouping_part(g, b);

        if (att_value_compare(
                att_source_value(pa->source, a - pa->first, pa->fixed[column]),
                att_source_value(pb->source, b - pb->first,
                                 pb->fixed[column])) != 0)
            return true;
    }
    return false;
}

/* "N=64 d=8" of the group that starts with `row`; shown[k] says which columns
 * are named. */
static const char *group_text(struct session *s, const struct trial *t,
                              uint32_t row, const bool *shown)
{
    const struct att_part *part = att_grouping_part(&t->grouping, row);
    struct att_buffer text = {0};
    char number[ATT_NUMBER_TEXT];

    for (uint32_t k = 0; k < t->fixed.n; k++) {
        const struct att_value v =
            att_source_value(part->source, row - part->first, part->fixed[k]);

        if (!shown[k])
            continue;
        att_buffer_printf(&text, "%s%s=%s", text.size == 0 ? "" : " ",
                          t->fixed.name[k], att_value_text(v, number));
    }
    const char *copy =
        att_arena_strdup(s->arena, text.size == 0 ? "" : text.data);

    if (!att_buffer_ok(&text))
        copy = NULL;
    att_buffer_fini(&text);
    return copy;
}

/* ---- judging one group ------------------------------------------------------ */

struct views {
    struct att_row_view *done, *censored;
    uint32_t *done_row; /* row numbers of done */
    size_t n_done, n_censored;
};

static att_status load_view(struct session *s, const struct att_grouping *g,
                            uint32_t row, struct views *v)
{
    const struct att_part *part = att_grouping_part(g, row);
    const struct att_row_source *source = part->source;
    const size_t i = row - part->first;
    const struct att_row_label label = source->label(source->context, i);

    if (label.status == ATT_DONE && !label.not_found) {
        v->done_row[v->n_done] = row;
        return source->row(source->context, i, s->scratch,
                           &v->done[v->n_done++], s->err);
    }
    if (label.not_found || att_outcome_stopped(label.status)) {
        return source->row(source->context, i, s->scratch,
                           &v->censored[v->n_censored++], s->err);
    }
    return ATT_OK;
}

static att_status load_views(struct session *s, const struct att_grouping *g,
                             uint32_t group, struct views *v)
{
    const uint32_t first = g->start[group];
    const uint32_t n = g->start[group + 1] - first;

    *v = (struct views){
        .done = ATT_NEW(s->scratch, struct att_row_view, n),
        .censored = ATT_NEW(s->scratch, struct att_row_view, n),
        .done_row = ATT_NEW(s->scratch, uint32_t, n),
    };
    if (v->done == NULL || v->censored == NULL || v->done_row == NULL)
        return att_arena_fail(s->scratch, "the rows of a group", s->err);
    for (uint32_t k = 0; k < n; k++)
        ATT_TRY(load_view(s, g, g->order[first + k], v));
    return ATT_OK;
}

/* Without a done row no judge is asked. */
static struct att_finding judge_nothing(const struct views *v)
{
    struct att_finding f = att_finding_none();

    if (v->n_censored == 0) {
        (void)snprintf(f.note, sizeof f.note, "no row is done");
        return f;
    }
    f.verdict = ATT_INCONCLUSIVE;
    (void)snprintf(f.note, sizeof f.note,
                   "all %zu rows were stopped by a limit or found nothing",
                   v->n_censored);
    return f;
}

static struct att_key key_of(const struct att_grouping *g, uint32_t row)
{
    const struct att_part *part = att_grouping_part(g, row);
    const struct att_row_source *source = part->source;

    return source->label(source->context, row - part->first).key;
}

static void judge_views(struct session *s, const struct trial *t,
                        const struct views *v, struct att_claim_result *r)
{
    const struct att_rows rows = {
        .row = v->done,
        .n = v->n_done,
        .censored = v->censored,
        .n_censored = v->n_censored,
        .n_planned = r->n_planned,
        .scratch = s->scratch,
    };

    r->n = v->n_done;
    r->n_censored = v->n_censored;
    if (v->n_done == 0) {
        r->finding = judge_nothing(v);
        return;
    }
    att_judge_claim(t->claim, &rows, &r->finding);
    r->has_worst = true;
    r->worst_key = key_of(&t->grouping, v->done_row[r->finding.worst]);
}

static att_status judge_group(struct session *s, const struct trial *t,
                              uint32_t group, const bool *shown)
{
    const struct att_grouping *g = &t->grouping;
    const struct att_arena_mark mark = att_arena_mark(s->scratch);
    struct att_claim_result *r = add_result(s);
    struct views views = {0};

    if (r == NULL)
        return att_arena_fail(s->arena, "the results of claims", s->err);
    *r = (struct att_claim_result){
        .construction = t->construction,
        .claim = t->claim,
        .sweep = t->own == NULL ? "" : t->own->sweep,
        .group = group_text(s, t, g->order[g->start[group]], shown),
        .n_planned = g->n_planned[group],
    };
    if (r->group == NULL)
        return att_arena_fail(s->arena, "the names of groups", s->err);
    const att_status status = load_views(s, g, group, &views);

    if (status == ATT_OK)
        judge_views(s, t, &views, r);
    att_arena_rewind(s->scratch, mark);
    return status;
}

/* ---- one claim ----------------------------------------------------------------- */

/* Columns that sort the rows of a group: parameters that are neither held nor
 * pooled, then the pooled ones. */
static void sort_columns(const struct trial *t, struct att_part *part)
{
    const struct att_construction *c = part->source->construction;

    for (uint32_t i = 0; i < att_construction_n_params(c); i++) {
        const char *name = att_construction_param(c, i)->name;

        if (!att_column_listed(&t->fixed, name) &&
            !att_column_listed(&t->pooled, name))
            part->order[part->n_order++] = (int)i;
    }
    for (uint32_t i = 0; i < t->pooled.n; i++) {
        const int column = att_source_find(part->source, t->pooled.name[i]);

        if (column != ATT_COLUMN_NONE)
            part->order[part->n_order++] = column;
    }
}

/* Let a sweep take part; a sweep without one of the held columns does not. */
static att_status add_part(struct session *s, struct trial *t,
                           struct att_part *part,
                           const struct att_row_source *source)
{
    struct att_grouping *g = &t->grouping;
    const size_t n_order =
        att_construction_n_params(source->construction) + t->pooled.n;
    int *fixed = ATT_NEW(s->scratch, int, t->fixed.n);
    struct att_part *p = &part[g->n_parts];

    *p = (struct att_part){.source = source,
                           .first = g->n_rows,
                           .fixed = fixed,
                           .order = ATT_NEW(s->scratch, int, n_order)};
    if (fixed == NULL || p->order == NULL)
        return att_arena_fail(s->scratch, "the columns of a claim", s->err);
    for (uint32_t k = 0; k < t->fixed.n; k++) {
        fixed[k] = att_source_find(source, t->fixed.name[k]);
        if (fixed[k] == ATT_COLUMN_NONE)
            return ATT_OK;
    }
    if (source->n > UINT32_MAX - g->n_rows) {
        return att_fail(s->err, ATT_E_OVERFLOW, "sweep %s: too many rows",
                        source->sweep);
    }
    sort_columns(t, p);
    g->n_rows += (uint32_t)source->n;
    g->n_parts++;
    return ATT_OK;
}

static bool takes_part(const struct trial *t,
                       const struct att_row_source *source)
{
    const struct att_construction *a = t->construction;
    const struct att_construction *b = source->construction;

    if (t->own != NULL)
        return source == t->own;
    return att_text_same(a->family, b->family) ||
           att_text_same(a->problem->name, b->problem->name);
}

static att_status read_columns(struct session *s, struct trial *t)
{
    const struct att_claim *claim = t->claim;
    const char *fixed = claim->group_by == NULL ? "" : claim->group_by;
    const char *pooled = claim->pool == NULL ? "" : claim->pool;

    if (pooled[0] == '\0')
        pooled = "replicate";
    ATT_TRY(att_column_list(t->construction, claim, fixed, s->scratch,
                            &t->fixed, s->err));
    return att_column_list(t->construction, claim, pooled, s->scratch,
                           &t->pooled, s->err);
}

static att_status gather(struct session *s, struct trial *t)
{
    struct att_part *part = ATT_NEW(s->scratch, struct att_part, s->n_sources);

    if (part == NULL)
        return att_arena_fail(s->scratch, "the sweeps of a claim", s->err);
    t->grouping.part = part;
    t->grouping.n_fixed = t->fixed.n;
    for (size_t i = 0; i < s->n_sources; i++) {
        if (takes_part(t, &s->source[i]))
            ATT_TRY(add_part(s, t, part, &s->source[i]));
    }
    return ATT_OK;
}

static att_status judge_all(struct session *s, const struct trial *t)
{
    bool *shown = ATT_NEW(s->scratch, bool, t->fixed.n);

    if (shown == NULL)
        return att_arena_fail(s->scratch, "the columns of a claim", s->err);
    for (uint32_t k = 0; k < t->fixed.n; k++)
        shown[k] = t->fixed.named[k] || varies(t, k);
    for (uint32_t i = 0; i < t->grouping.n_groups; i++)
        ATT_TRY(judge_group(s, t, i, shown));
    return ATT_OK;
}

static att_status judge_trial(struct session *s, struct trial *t)
{
    ATT_TRY(read_columns(s, t));
    ATT_TRY(gather(s, t));
    if (t->grouping.n_rows == 0)
        return ATT_OK;
    ATT_TRY(att_group_rows(&t->grouping, s->scratch, s->err));
    return judge_all(s, t);
}

/* ---- all claims ---------------------------------------------------------------- */

static att_status judge_scope(struct session *s,
                              const struct att_row_source *source,
                              enum att_scope scope)
{
    const struct att_construction *c = source->construction;

    for (uint32_t i = 0; i < c->n_claims; i++) {
        const struct att_arena_mark mark = att_arena_mark(s->scratch);
        struct trial trial = {
            .construction = c,
            .claim = &c->claims[i],
            .own = scope == ATT_SCOPE_GROUP ? source : NULL,
        };

        if (c->claims[i].scope != scope)
            continue;
        const att_status status = judge_trial(s, &trial);

        att_arena_rewind(s->scratch, mark);
        if (status != ATT_OK)
            return status;
    }
    return ATT_OK;
}

att_status att_judge_groups(const struct att_row_source *source, size_t n,
                            struct att_arena *arena, struct att_arena *scratch,
                            struct att_claim_results *out,
                            struct att_error *err)
{
    struct att_claim_results results = {0};
    struct session s = {.source = source,
                        .n_sources = n,
                        .arena = arena,
                        .scratch = scratch,
                        .out = &results,
                        .err = err};

    for (size_t i = 0; i < n; i++)
        ATT_TRY(judge_scope(&s, &source[i], ATT_SCOPE_GROUP));
    for (size_t i = 0; i < n; i++) {
        if (att_source_first(source, i))
            ATT_TRY(judge_scope(&s, &source[i], ATT_SCOPE_STUDY));
    }
    *out = results;
    return ATT_OK;
}
