/* tally.c - counting verdicts, and of equally bad rows the simplest. */
#include "attest/judge/tally.h"

#include <string.h>

#include "attest/base/text.h"
#include "attest/judge/verdict.h"
#include "judge_priv.h"

/* The slots are numbered by severity. */
static enum att_tally_slot slot_of(enum att_verdict v)
{
    return (enum att_tally_slot)att_verdict_severity(v);
}

/* ---- row claims --------------------------------------------------------- */

/* A stored number as a verdict: a later version's is inconclusive, and what
 * is no longer proved cannot be violated. */
static enum att_verdict stored_verdict(const struct att_row_source *source,
                                       size_t i, uint32_t claim)
{
    const int8_t number = source->verdict(source->context, i, claim);
    const bool proved =
        source->construction->claims[claim].standing == ATT_PROVED;

    if (!att_verdict_legal(number))
        return ATT_INCONCLUSIVE;
    if (number == ATT_VIOLATED && !proved)
        return ATT_DEPARTS;
    return (enum att_verdict)number;
}

/* Does row i decide rather than the worst row so far? */
static bool is_worse(const struct att_row_source *source, size_t i,
                     enum att_verdict v, const struct att_claim_tally *t,
                     size_t worst, const int *params)
{
    const int more = att_verdict_severity(v) - att_verdict_severity(t->verdict);

    if (more != 0 || !t->has_worst)
        return more > 0;
    return att_source_compare(source, i, worst, params,
                              att_construction_n_params(source->construction)) <
           0;
}

/* A claim's tally while rows go by. */
struct row_tally {
    struct att_claim_tally *t; /* NULL: not a row claim */
    size_t worst;              /* the row that decides so far */
};

static void tally_row(const struct att_row_source *source, size_t i,
                      const struct att_row_label *label, uint32_t claim,
                      const int *params, struct row_tally *row)
{
    struct att_claim_tally *t = row->t;

    t->n_planned += label->status != ATT_INFEASIBLE;
    if (label->status != ATT_DONE)
        return;
    const enum att_verdict v = stored_verdict(source, i, claim);

    t->n_judged++;
    t->count[slot_of(v)]++;
    if (!is_worse(source, i, v, t, row->worst, params))
        return;
    row->worst = i;
    t->has_worst = v != ATT_HOLDS;
    t->verdict = v;
    t->worst_key = label->key;
}

/* All row claims in one pass over the rows: a source may read them. */
static void tally_rows(const struct att_row_source *source, const int *params,
                       struct row_tally *row)
{
    const uint32_t n_claims = source->construction->n_claims;

    for (size_t i = 0; i < source->n; i++) {
        const struct att_row_label label = source->label(source->context, i);

        for (uint32_t claim = 0; claim < n_claims; claim++) {
            if (row[claim].t != NULL)
                tally_row(source, i, &label, claim, params, &row[claim]);
        }
    }
}

/* ---- group and study claims ----------------------------------------------- */

static void tally_result(const struct att_claim_result *r,
                         struct att_claim_tally *t)
{
    const enum att_verdict v = r->finding.verdict;
    const bool worse =
        att_verdict_severity(v) > att_verdict_severity(t->verdict);

    t->n_planned++;
    if (r->n == 0 && r->n_censored == 0)
        return;
    t->n_judged++;
    t->count[slot_of(v)]++;
    if (!worse)
        return;
    t->verdict = v;
    t->has_worst = r->has_worst;
    t->worst_key = r->worst_key;
    t->group = r->group;
    t->note = r->finding.note;
}

static void tally_results(const struct att_claim_results *results,
                          struct att_claim_tally *t)
{
    for (size_t i = 0; i < results->n; i++) {
        const struct att_claim_result *r = &results->result[i];

        if (r->claim == t->claim && att_text_same(r->sweep, t->sweep))
            tally_result(r, t);
    }
}

/* ---- all ------------------------------------------------------------------- */

static size_t count_claims(const struct att_row_source *source, size_t n)
{
    size_t count = 0;

    for (size_t i = 0; i < n; i++)
        count += source[i].construction->n_claims;
    return count;
}

static struct att_claim_tally *add(struct att_claim_tallies *out,
                                   const struct att_row_source *source,
                                   uint32_t claim, const char *sweep)
{
    struct att_claim_tally *t = &out->tally[out->n++];

    *t = (struct att_claim_tally){
        .construction = source->construction,
        .claim = &source->construction->claims[claim],
        .sweep = sweep,
        .verdict = ATT_NOT_APPLICABLE,
        .group = "",
        .note = "",
    };
    return t;
}

/* Row and group claims of one sweep. */
static att_status tally_sweep(const struct att_row_source *source,
                              const struct att_claim_results *results,
                              struct att_arena *arena,
                              struct att_claim_tallies *out,
                              struct att_error *err)
{
    const struct att_construction *c = source->construction;
    const uint32_t n_params = att_construction_n_params(c);
    int *params = ATT_NEW(arena, int, n_params);
    struct row_tally *row = ATT_NEW0(arena, struct row_tally, c->n_claims);

    if (params == NULL || row == NULL)
        return att_arena_fail(arena, "the tally of claims", err);
    for (uint32_t i = 0; i < n_params; i++)
        params[i] = (int)i;
    for (uint32_t i = 0; i < c->n_claims; i++) {
        if (c->claims[i].scope == ATT_SCOPE_STUDY)
            continue;
        struct att_claim_tally *t = add(out, source, i, source->sweep);

        if (t->claim->scope == ATT_SCOPE_ROW) {
            row[i].t = t;
        } else {
            tally_results(results, t);
        }
    }
    tally_rows(source, params, row);
    return ATT_OK;
}

static void tally_study(const struct att_row_source *source,
                        const struct att_claim_results *results,
                        struct att_claim_tallies *out)
{
    const struct att_construction *c = source->construction;

    for (uint32_t i = 0; i < c->n_claims; i++) {
        if (c->claims[i].scope == ATT_SCOPE_STUDY)
            tally_results(results, add(out, source, i, ""));
    }
}

att_status att_judge_tally(const struct att_row_source *source, size_t n,
                           const struct att_claim_results *results,
                           struct att_arena *arena,
                           struct att_claim_tallies *out, struct att_error *err)
{
    static const struct att_claim_results none = {0};
    struct att_claim_tallies tallies = {0};

    if (results == NULL)
        results = &none;
    tallies.tally =
        ATT_NEW(arena, struct att_claim_tally, count_claims(source, n));
    if (tallies.tally == NULL)
        return att_arena_fail(arena, "the tally of claims", err);
    for (size_t i = 0; i < n; i++)
        ATT_TRY(tally_sweep(&source[i], results, arena, &tallies, err));
    for (size_t i = 0; i < n; i++) {
        if (att_source_first(source, i))
            tally_study(&source[i], results, &tallies);
    }
    *out = tallies;
    return ATT_OK;
}

bool att_tally_applies(const struct att_claim_tally *t)
{
    return t->n_judged > t->count[ATT_TALLY_NOT_APPLICABLE];
}

bool att_tally_fails(const struct att_claim_tallies *tallies,
                     enum att_fail_on policy)
{
    for (size_t i = 0; i < tallies->n; i++) {
        const size_t *count = tallies->tally[i].count;

        if (policy != ATT_FAIL_ON_NOTHING && count[ATT_TALLY_VIOLATED] > 0)
            return true;
        if (policy == ATT_FAIL_ON_ANY && count[ATT_TALLY_DEPARTS] > 0)
            return true;
    }
    return false;
}

void att_tally_total(const struct att_claim_tallies *tallies,
                     size_t count[ATT_TALLY_SLOTS])
{
    memset(count, 0, ATT_TALLY_SLOTS * sizeof *count);
    for (size_t i = 0; i < tallies->n; i++) {
        for (int k = 0; k < ATT_TALLY_SLOTS; k++)
            count[k] += tallies->tally[i].count[k];
    }
}
