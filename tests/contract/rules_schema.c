/* rules_schema.c - names, documents, ranges, defaults, claims. */
#include <math.h>
#include <string.h>

#include "attest/base/text.h"
#include "attest/config/expr.h"
#include "contract.h"

void rule_identity(struct contract *k)
{
    const struct att_construction *c = k->c;

    if (c->abi != ATT_CONSTRUCTION_ABI)
        complain(k, "abi is %u, not %d", c->abi, ATT_CONSTRUCTION_ABI);
    if (!is_identifier(c->name) || !is_identifier(c->family)) {
        complain(k, "name '%s' or family '%s' is no identifier", c->name,
                 c->family);
    }
    if (is_empty(c->source) || is_empty(c->summary) || c->bibtex == NULL)
        complain(k, "source, summary or bibtex is missing");
    if (c->version < 1)
        complain(k, "version is %d, not 1 or more", c->version);
    if (c->problem == NULL || !is_identifier(c->problem->name) ||
        is_empty(c->problem->summary) || c->problem->generate == NULL ||
        c->problem->export_instance == NULL)
        complain(k, "the problem lacks a name, a summary or a slot");
    if (c->admit == NULL || c->cost == NULL || c->slices == NULL ||
        c->build == NULL || c->evaluate == NULL || c->export_artifact == NULL ||
        c->check == NULL)
        complain(k, "a slot is empty");
}

/* ---- parameters ------------------------------------------------------------ */

static void check_choices(struct contract *k, const struct att_param *p)
{
    size_t found = 0;

    if (p->choices == NULL || p->choices[0] == NULL) {
        complain(k, "parameter %s has no choices", p->name);
        return;
    }
    for (size_t i = 0; p->choices[i] != NULL; i++) {
        found += att_text_same(p->choices[i], p->s_default);
        if (is_empty(p->choices[i]))
            complain(k, "parameter %s has an empty choice", p->name);
        for (size_t j = 0; j < i; j++) {
            if (att_text_same(p->choices[i], p->choices[j])) {
                complain(k, "parameter %s has choice '%s' twice", p->name,
                         p->choices[i]);
            }
        }
    }
    if (found != 1) {
        complain(k, "parameter %s: default '%s' is no choice", p->name,
                 p->s_default);
    }
}

static void check_range(struct contract *k, const struct att_param *p)
{
    switch (p->type) {
    case ATT_TYPE_INTEGER:
        if (!(p->i_min <= p->i_default && p->i_default <= p->i_max))
            complain(k, "parameter %s: default is out of range", p->name);
        break;
    case ATT_TYPE_REAL:
        if (!(p->r_min <= p->r_default && p->r_default <= p->r_max))
            complain(k, "parameter %s: default is out of range", p->name);
        break;
    case ATT_TYPE_CHOICE:
        check_choices(k, p);
        break;
    case ATT_TYPE_PATH:
        if (p->s_default == NULL)
            complain(k, "parameter %s has no default", p->name);
        break;
    }
}

/* Names that mean the same everywhere seed the same everywhere: extents,
 * precision, evaluators and modes nothing; kinds of data the instance; kinds
 * of keys the builder. */
static void check_seeds(struct contract *k, const struct att_param *p)
{
    static const struct {
        const char *name;
        enum att_seeds seeds;
    } shared[] = {
        {"N", ATT_SEEDS_NOTHING},           {"d", ATT_SEEDS_NOTHING},
        {"L", ATT_SEEDS_NOTHING},           {"samples", ATT_SEEDS_NOTHING},
        {"dtype", ATT_SEEDS_NOTHING},       {"acc_dtype", ATT_SEEDS_NOTHING},
        {"build_dtype", ATT_SEEDS_NOTHING}, {"mode", ATT_SEEDS_NOTHING},
        {"data", ATT_SEEDS_INSTANCE},       {"keys", ATT_SEEDS_BUILDER},
    };

    for (size_t i = 0; i < sizeof shared / sizeof shared[0]; i++) {
        if (att_text_same(shared[i].name, p->name) &&
            shared[i].seeds != p->seeds)
            complain(k, "parameter %s seeds the wrong streams", p->name);
    }
}

void rule_params(struct contract *k)
{
    const uint32_t n = att_construction_n_params(k->c);

    if (n > CONTRACT_PARAMS) {
        complain(k, "%u parameters are more than a task can carry", n);
        return;
    }
    for (uint32_t i = 0; i < n; i++) {
        const struct att_param *p = att_construction_param(k->c, i);

        if (!is_identifier(p->name) || is_runner_column(p->name))
            complain(k, "parameter '%s' is no free identifier", p->name);
        if (is_empty(p->doc) || is_empty(p->unit))
            complain(k, "parameter %s lacks a document or a unit", p->name);
        if (att_construction_find_param(k->c, p->name) != (int)i)
            complain(k, "parameter %s is declared twice", p->name);
        check_range(k, p);
        check_seeds(k, p);
    }
}

/* ---- metrics ---------------------------------------------------------------- */

/* Lua's names for the parameters of a construction. */
static uint32_t parameter_names(const struct att_construction *c,
                                const char **name)
{
    const uint32_t n = att_construction_n_params(c);

    for (uint32_t i = 0; i < n && i < CONTRACT_PARAMS; i++)
        name[i] = att_construction_param(c, i)->name;
    return n < CONTRACT_PARAMS ? n : CONTRACT_PARAMS;
}

void check_formula(struct contract *k, const char *column, const char *text,
                   const struct att_value *p, double *value)
{
    const char *name[CONTRACT_PARAMS];
    const struct att_names scope = {name, parameter_names(k->c, name)};
    struct att_engine *engine = NULL;
    struct att_expr *expr = NULL;
    struct att_error err = {0};
    att_status status = att_engine_create(&engine, &err);

    *value = (double)NAN;
    if (status == ATT_OK)
        status = att_expr_compile(engine, text, &scope, &expr, &err);
    if (status == ATT_OK && p != NULL)
        status = att_expr_number(expr, p, value, &err);
    if (status != ATT_OK)
        complain(k, "formula of %s: %s", column, err.text);
    att_engine_destroy(engine);
}

static void check_reduction(struct contract *k, const struct att_metric *m)
{
    const int place = m->place_of == NULL
                          ? -1
                          : att_construction_find_metric(k->c, m->place_of);

    if (m->reduction != ATT_REDUCE_PLACE) {
        if (m->place_of != NULL)
            complain(k, "metric %s names a place it is not", m->name);
        return;
    }
    if (place < 0 || (k->c->metrics[place].reduction != ATT_REDUCE_MIN &&
                      k->c->metrics[place].reduction != ATT_REDUCE_MAX))
        complain(k, "metric %s is the place of no minimum or maximum", m->name);
}

static void check_prediction(struct contract *k, const struct att_metric *m)
{
    double value = 0.0;

    if (m->formula != NULL)
        check_formula(k, m->name, m->formula, NULL, &value);
    if (m->predicted_by == NULL)
        return;
    const int by = att_construction_find_metric(k->c, m->predicted_by);

    if (by < 0 || k->c->metrics[by].role != ATT_ROLE_PREDICTED) {
        complain(k, "metric %s: '%s' is no predicted metric", m->name,
                 m->predicted_by);
    }
}

/* What metrics and observations have in common. */
static void check_column(struct contract *k, const struct att_metric *m)
{
    if (!is_identifier(m->name) || is_runner_column(m->name))
        complain(k, "column '%s' is no free identifier", m->name);
    if (is_empty(m->doc) || is_empty(m->unit))
        complain(k, "column %s lacks a document or a unit", m->name);
    if (m->kind == ATT_NONE)
        complain(k, "column %s has no kind", m->name);
    if (!(m->tolerance >= 0.0 && isfinite(m->tolerance)) ||
        (m->exactness != ATT_ROUNDED && m->tolerance != 0.0)) {
        complain(k, "column %s: only what is rounded has a tolerance", m->name);
    }
    if (att_construction_find_param(k->c, m->name) >= 0 &&
        m->role != ATT_ROLE_AXIS)
        complain(k, "column %s is a parameter as well", m->name);
}

void rule_metrics(struct contract *k)
{
    for (uint32_t i = 0; i < k->c->n_metrics; i++) {
        const struct att_metric *m = &k->c->metrics[i];

        check_column(k, m);
        if (att_construction_find_metric(k->c, m->name) != (int)i)
            complain(k, "metric %s is declared twice", m->name);
        if (m->role == ATT_ROLE_AXIS)
            complain(k, "metric %s is an axis", m->name);
        check_reduction(k, m);
        check_prediction(k, m);
    }
    if (k->c->n_metrics == 0)
        complain(k, "a construction without metrics measures nothing");
}

void rule_observations(struct contract *k)
{
    bool axes_over = false;

    for (uint32_t i = 0; i < k->c->n_observations; i++) {
        const struct att_metric *m = &k->c->observations[i];

        check_column(k, m);
        if (att_construction_find_observation(k->c, m->name) != (int)i)
            complain(k, "observation %s is declared twice", m->name);
        if (m->kind == ATT_TEXT)
            complain(k, "observation %s is no number", m->name);
        if (m->role == ATT_ROLE_AXIS && axes_over)
            complain(k, "axis %s stands behind a value", m->name);
        axes_over = axes_over || m->role != ATT_ROLE_AXIS;
    }
    if (k->c->n_observations > 0 && k->c->observations[0].role != ATT_ROLE_AXIS)
        complain(k, "observations have no axis");
}

/* ---- claims ------------------------------------------------------------------ */

/* Is text[0 .. n) a parameter, a metric or "replicate"? */
static bool is_column(const struct att_construction *c, const char *text,
                      size_t n)
{
    char name[64];

    if (n == 0 || n >= sizeof name)
        return false;
    memcpy(name, text, n);
    name[n] = '\0';
    return att_construction_find_param(c, name) >= 0 ||
           att_construction_find_metric(c, name) >= 0 ||
           att_text_same(name, "replicate");
}

/* A comma-separated list: columns, "*" (all parameters), "!x" (but x). */
static void check_columns(struct contract *k, const struct att_claim *claim,
                          const char *list)
{
    const char *at = list;

    if (list == NULL || list[0] == '\0')
        return;
    for (;;) {
        const char *word = at + strspn(at, " ");
        const size_t n = strcspn(word, ", ");
        const bool but = word[0] == '!';

        if (!(n == 1 && word[0] == '*') &&
            !is_column(k->c, word + but, n - but)) {
            complain(k, "claim %s: '%.*s' is no column", claim->id, (int)n,
                     word);
        }
        at = strchr(word, ',');
        if (at == NULL)
            return;
        at++;
    }
}

/* "family.word-and-digits" */
static bool is_claim_id(const struct att_construction *c, const char *id)
{
    const size_t n = strlen(c->family);

    return !is_empty(id) && att_text_starts(id, c->family) && id[n] == '.' &&
           strlen(id) > n + 1 &&
           strspn(id + n + 1, "abcdefghijklmnopqrstuvwxyz"
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") ==
               strlen(id + n + 1);
}

void rule_claims(struct contract *k)
{
    for (uint32_t i = 0; i < k->c->n_claims; i++) {
        const struct att_claim *claim = &k->c->claims[i];

        if (!is_claim_id(k->c, claim->id)) {
            complain(k, "claim id '%s' is not '%s.' and a word", claim->id,
                     k->c->family);
            continue;
        }
        if (att_construction_find_claim(k->c, claim->id) != (int)i)
            complain(k, "claim %s is declared twice", claim->id);
        if (is_empty(claim->statement) || is_empty(claim->source) ||
            claim->judge == NULL) {
            complain(k, "claim %s lacks a statement, source or judge",
                     claim->id);
        }
        if (claim->scope == ATT_SCOPE_ROW &&
            (!is_empty(claim->group_by) || !is_empty(claim->pool)))
            complain(k, "claim %s judges rows, not groups", claim->id);
        check_columns(k, claim, claim->group_by);
        check_columns(k, claim, claim->pool);
    }
}

/* ---- ranges ------------------------------------------------------------------- */

static void expect_refusal(struct contract *k, const struct att_param *p,
                           struct att_value v)
{
    char text[ATT_NUMBER_TEXT];
    struct att_error err = {0};

    if (att_param_check(p, v, &err) == ATT_OK) {
        complain(k, "parameter %s takes %s", p->name, att_value_text(v, text));
    } else if (strstr(err.text, p->name) == NULL) {
        complain(k, "parameter %s is refused without its name: %s", p->name,
                 err.text);
    }
}

static void check_integer_range(struct contract *k, const struct att_param *p)
{
    if (p->i_min > INT64_MIN)
        expect_refusal(k, p, att_int(p->i_min - 1));
    if (p->i_max < INT64_MAX)
        expect_refusal(k, p, att_int(p->i_max + 1));
}

static void check_real_range(struct contract *k, const struct att_param *p)
{
    const double infinity = (double)INFINITY;

    expect_refusal(k, p, att_real((double)NAN));
    if (p->r_min > -infinity)
        expect_refusal(k, p, att_real(nextafter(p->r_min, -infinity)));
    if (p->r_max < infinity)
        expect_refusal(k, p, att_real(nextafter(p->r_max, infinity)));
}

void rule_ranges(struct contract *k)
{
    for (uint32_t i = 0; i < att_construction_n_params(k->c); i++) {
        const struct att_param *p = att_construction_param(k->c, i);

        if (p->type == ATT_TYPE_INTEGER)
            check_integer_range(k, p);
        if (p->type == ATT_TYPE_REAL)
            check_real_range(k, p);
        if (p->type == ATT_TYPE_CHOICE)
            expect_refusal(k, p, att_text("no such choice"));
        if (att_param_check(p, att_param_default(p), NULL) != ATT_OK)
            complain(k, "parameter %s refuses its default", p->name);
    }
}
