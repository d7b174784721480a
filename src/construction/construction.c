/* construction.c - what every construction shares: its schema seen as a
 * whole, the table of results it fills, and words for enumerators. */
#include "attest/construction/construction.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "attest/base/text.h"

/* ---- schema --------------------------------------------------------- */

uint32_t att_construction_n_params(const struct att_construction *c)
{
    return c->problem->n_params + c->n_params;
}

const struct att_param *att_construction_param(const struct att_construction *c,
                                               uint32_t i)
{
    assert(i < att_construction_n_params(c));
    const uint32_t n = c->problem->n_params;

    return i < n ? &c->problem->params[i] : &c->params[i - n];
}

int att_construction_find_param(const struct att_construction *c,
                                const char *name)
{
    for (uint32_t i = 0; i < att_construction_n_params(c); i++) {
        if (att_text_same(att_construction_param(c, i)->name, name))
            return (int)i;
    }
    return -1;
}

static int find_column(const struct att_metric *column, uint32_t n,
                       const char *name)
{
    for (uint32_t i = 0; i < n; i++) {
        if (att_text_same(column[i].name, name))
            return (int)i;
    }
    return -1;
}

int att_construction_find_metric(const struct att_construction *c,
                                 const char *name)
{
    return find_column(c->metrics, c->n_metrics, name);
}

int att_construction_find_observation(const struct att_construction *c,
                                      const char *name)
{
    return find_column(c->observations, c->n_observations, name);
}

int att_construction_find_claim(const struct att_construction *c,
                                const char *id)
{
    for (uint32_t i = 0; i < c->n_claims; i++) {
        if (att_text_same(c->claims[i].id, id))
            return (int)i;
    }
    return -1;
}

/* ---- what a task asks for ------------------------------------------- */

/* NULL when no values are asked. */
static const struct att_observe_axis *asked_axis(const struct att_case *c,
                                                 const char *axis)
{
    for (size_t i = 0; i < c->observe.n; i++) {
        const struct att_observe_axis *a = &c->observe.axis[i];

        if (a->n > 0 && att_text_same(a->name, axis))
            return a;
    }
    return NULL;
}

const double *att_case_observe(const struct att_case *c, const char *axis,
                               size_t *n)
{
    const struct att_observe_axis *a = asked_axis(c, axis);

    *n = a == NULL ? 0 : a->n;
    return a == NULL ? NULL : a->value;
}

size_t att_observe_merge(const double *a, size_t n_a, const double *b,
                         size_t n_b, double *out)
{
    size_t i = 0, k = 0, n = 0;

    while (i < n_a || k < n_b) {
        const bool from_a = k == n_b || (i < n_a && a[i] <= b[k]);
        const double v = from_a ? a[i++] : b[k++];

        if (n == 0 || v > out[n - 1])
            out[n++] = v;
    }
    return n;
}

const double *att_case_observe_or(const struct att_case *c, const char *axis,
                                  struct att_own_grid own,
                                  struct att_arena *arena, size_t *n)
{
    const struct att_observe_axis *a = asked_axis(c, axis);

    *n = a == NULL ? own.n : a->n;
    if (a == NULL || !a->own)
        return a == NULL ? own.value : a->value;
    double *both = ATT_NEW(arena, double, own.n + a->n);

    if (both != NULL)
        *n = att_observe_merge(own.value, own.n, a->value, a->n, both);
    return both;
}

/* ---- what a task leaves --------------------------------------------- */

att_status att_outcome_init(struct att_outcome *out,
                            const struct att_construction *c,
                            struct att_arena *arena, struct att_error *err)
{
    struct att_value *metric = ATT_NEW(arena, struct att_value, c->n_metrics);

    if (metric == NULL)
        return att_arena_fail(arena, "the table of metrics", err);
    for (uint32_t i = 0; i < c->n_metrics; i++)
        metric[i] = att_none();
    *out = (struct att_outcome){
        .construction = c, .arena = arena, .metric = metric};
    return ATT_OK;
}

static void set_metric(struct att_outcome *out, uint32_t metric,
                       struct att_value v)
{
    assert(metric < out->construction->n_metrics);
    assert(v.kind == ATT_NONE ||
           v.kind == out->construction->metrics[metric].kind);
    out->metric[metric] = v;
}

void att_out_int(struct att_outcome *out, uint32_t metric, int64_t i)
{
    set_metric(out, metric, att_int(i));
}

void att_out_real(struct att_outcome *out, uint32_t metric, double r)
{
    set_metric(out, metric, att_real(r));
}

void att_out_finite(struct att_outcome *out, uint32_t metric, double r)
{
    if (isfinite(r))
        att_out_real(out, metric, r);
}

void att_out_text(struct att_outcome *out, uint32_t metric, const char *s)
{
    const char *copy = att_arena_strdup(out->arena, s);

    set_metric(out, metric, copy == NULL ? att_none() : att_text(copy));
}

/* Room for one more line; the old lines stay behind in the arena. */
static bool reserve_line(struct att_outcome *out, size_t n_columns)
{
    if (out->n_observed < out->capacity)
        return true;

    const size_t capacity = out->capacity == 0 ? 16 : 2 * out->capacity;
    double *line =
        att_arena_alloc(out->arena, capacity, n_columns * sizeof *line);

    if (line == NULL)
        return false;
    if (out->n_observed > 0) {
        memcpy(line, out->observation,
               out->n_observed * n_columns * sizeof *line);
    }
    out->observation = line;
    out->capacity = capacity;
    return true;
}

void att_out_observe(struct att_outcome *out, const double *line)
{
    const size_t n = out->construction->n_observations;

    assert(n > 0);
    if (!reserve_line(out, n))
        return;
    memcpy(out->observation + out->n_observed * n, line, n * sizeof *line);
    out->n_observed++;
}

/* ---- slots for families with nothing special to say ------------------ */

att_status att_admit_all(const struct att_value *p, struct att_error *err)
{
    (void)p;
    (void)err;
    return ATT_OK;
}

uint32_t att_slices_one(const struct att_value *p)
{
    (void)p;
    return 1;
}

/* ---- words ------------------------------------------------------------ */

const char *att_standing_text(enum att_standing s)
{
    switch (s) {
    case ATT_PROVED:
        return "proved";
    case ATT_PUBLIC:
        return "public";
    case ATT_SECOND_HAND:
        return "second_hand";
    case ATT_UNVERIFIED:
        return "unverified";
    case ATT_EMPIRICAL:
        return "empirical";
    }
    return "unknown";
}

const char *att_verdict_text(enum att_verdict v)
{
    switch (v) {
    case ATT_HOLDS:
        return "holds";
    case ATT_INCONCLUSIVE:
        return "inconclusive";
    case ATT_VIOLATED:
        return "violated";
    case ATT_DEPARTS:
        return "departs";
    case ATT_NOT_APPLICABLE:
        return "not_applicable";
    }
    return "unknown";
}

const char *att_scope_text(enum att_scope s)
{
    switch (s) {
    case ATT_SCOPE_ROW:
        return "row";
    case ATT_SCOPE_GROUP:
        return "group";
    case ATT_SCOPE_STUDY:
        return "study";
    }
    return "unknown";
}
