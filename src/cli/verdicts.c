#include "verdicts.h"

#include <stdlib.h>
#include <string.h>

#include "attest/store/stream.h"
#include "cli_priv.h"

/* What the judge reads; a row stream per source, NULL where a table is. */
struct sources {
    struct att_row_source *source;  /* n */
    struct att_row_stream **stream; /* n */
    size_t n;
};

/* Are there claims that look at many rows at once? */
static bool has_group_claims(const struct att_dataset *dataset)
{
    for (uint32_t i = 0; i < att_dataset_n_sweeps(dataset); i++) {
        const struct att_construction *c =
            att_dataset_sweep(dataset, i)->construction;

        for (uint32_t k = 0; c != NULL && k < c->n_claims; k++) {
            if (c->claims[k].scope != ATT_SCOPE_ROW)
                return true;
        }
    }
    return false;
}

/* Row claims are counted in one pass, which needs no table. */
static att_status add_source(struct att_dataset *dataset, uint32_t sweep,
                             bool streamed, struct sources *s,
                             struct att_error *err)
{
    const struct att_table *table = NULL;

    if (streamed) {
        ATT_TRY(att_row_stream_open(dataset, sweep, &s->stream[s->n], err));
        s->source[s->n] = att_row_stream_source(s->stream[s->n]);
    } else {
        ATT_TRY(att_dataset_load(dataset, sweep, true, &table, err));
        s->source[s->n] = att_table_source(table);
    }
    s->n++;
    return ATT_OK;
}

/* The sources of all sweeps whose construction is known. */
static att_status collect(struct att_dataset *dataset, struct sources *s,
                          struct att_error *err)
{
    const bool streamed =
        att_dataset_is_live(dataset) && !has_group_claims(dataset);

    for (uint32_t i = 0; i < att_dataset_n_sweeps(dataset); i++) {
        const struct att_table *table = att_dataset_sweep(dataset, i);

        if (table->construction == NULL) {
            cli_warn("sweep %s: this build has no construction '%s' of these "
                     "columns, its claims are not judged",
                     table->name, table->construction_name);
            continue;
        }
        ATT_TRY(add_source(dataset, i, streamed, s, err));
    }
    return ATT_OK;
}

/* Close every stream; the first failed reading counts. */
static att_status close_sources(struct sources *s, att_status status,
                                struct att_error *err)
{
    for (size_t i = 0; i < s->n; i++) {
        const att_status closed =
            att_row_stream_close(s->stream[i], status == ATT_OK ? err : NULL);

        if (status == ATT_OK)
            status = closed;
    }
    return status;
}

static att_status judge_sources(const struct sources *s, struct cli_verdicts *v,
                                struct att_arena *scratch,
                                struct att_error *err)
{
    ATT_TRY(
        att_judge_groups(s->source, s->n, v->arena, scratch, &v->results, err));
    return att_judge_tally(s->source, s->n, &v->results, v->arena, &v->tallies,
                           err);
}

static att_status judge_all(struct att_dataset *dataset, struct cli_verdicts *v,
                            struct att_arena *scratch, struct att_error *err)
{
    const uint32_t n = att_dataset_n_sweeps(dataset);
    struct sources s = {
        .source = ATT_NEW(v->arena, struct att_row_source, n),
        .stream = ATT_NEW0(v->arena, struct att_row_stream *, n),
    };

    if (s.source == NULL || s.stream == NULL)
        return att_arena_fail(v->arena, "the list of sweeps", err);

    att_status status = collect(dataset, &s, err);

    if (status == ATT_OK)
        status = judge_sources(&s, v, scratch, err);
    return close_sources(&s, status, err);
}

int cli_verdicts_make(struct att_dataset *dataset, struct cli_verdicts *v)
{
    struct att_error err = {0};
    struct att_arena *scratch = att_arena_create(0);
    int code = CLI_DONE;

    *v = (struct cli_verdicts){.arena = att_arena_create(0)};
    if (v->arena == NULL || scratch == NULL) {
        (void)att_fail(&err, ATT_E_NOMEM, "out of memory judging claims");
    } else {
        (void)judge_all(dataset, v, scratch, &err);
    }
    if (err.status != ATT_OK)
        code = cli_fail(&err);
    att_arena_destroy(scratch);
    return code;
}

void cli_verdicts_fini(struct cli_verdicts *v)
{
    att_arena_destroy(v->arena);
    *v = (struct cli_verdicts){0};
}

static const char *colour_of(enum att_verdict verdict, bool colour)
{
    if (!colour)
        return "";
    switch (verdict) {
    case ATT_HOLDS:
        return "\033[32m";
    case ATT_VIOLATED:
        return "\033[1;31m";
    case ATT_DEPARTS:
        return "\033[33m";
    case ATT_INCONCLUSIVE:
    case ATT_NOT_APPLICABLE:
        break;
    }
    return "\033[2m";
}

static void print_tally(const struct att_claim_tally *t, bool colour, FILE *out)
{
    const char *unit = t->claim->scope == ATT_SCOPE_ROW ? "rows" : "groups";
    char key[ATT_KEY_TEXT] = "";

    (void)fprintf(out, "  %-30s %-11s %s%-14s%s %7zu of %zu %s", t->claim->id,
                  att_standing_text(t->claim->standing),
                  colour_of(t->verdict, colour), att_verdict_text(t->verdict),
                  colour ? "\033[0m" : "", t->count[ATT_TALLY_HOLDS],
                  t->n_judged - t->count[ATT_TALLY_NOT_APPLICABLE], unit);
    if (t->count[ATT_TALLY_VIOLATED] > 0)
        (void)fprintf(out, ", %zu violated", t->count[ATT_TALLY_VIOLATED]);
    if (t->count[ATT_TALLY_DEPARTS] > 0)
        (void)fprintf(out, ", %zu depart", t->count[ATT_TALLY_DEPARTS]);
    if (t->count[ATT_TALLY_INCONCLUSIVE] > 0) {
        (void)fprintf(out, ", %zu inconclusive",
                      t->count[ATT_TALLY_INCONCLUSIVE]);
    }
    if (t->has_worst && t->verdict != ATT_HOLDS)
        (void)fprintf(out, "; worst k%.8s", att_key_text(t->worst_key, key));
    if (t->n_judged < t->n_planned)
        (void)fprintf(out, "; %zu not judged yet", t->n_planned - t->n_judged);
    (void)fputc('\n', out);
    if (t->note != NULL && t->note[0] != '\0')
        (void)fprintf(out, "  %-30s   %s\n", "", t->note);
}

/* The claims of one sweep (tallies first .. last - 1). */
static void print_sweep(const struct att_claim_tally *first,
                        const struct att_claim_tally *last, bool colour,
                        FILE *out)
{
    const char *gap = "  not applicable here: ";
    const char *end = "";

    (void)fprintf(out, "claims of %s:\n",
                  first->sweep[0] != '\0' ? first->sweep : "the study");
    for (const struct att_claim_tally *t = first; t < last; t++) {
        if (att_tally_applies(t))
            print_tally(t, colour, out);
    }
    for (const struct att_claim_tally *t = first; t < last; t++) {
        if (att_tally_applies(t))
            continue;
        (void)fprintf(out, "%s%s", gap, t->claim->id);
        gap = ", ";
        end = "\n";
    }
    (void)fputs(end, out);
}

void cli_verdicts_print(const struct cli_verdicts *v, FILE *out)
{
    const bool colour = cli_colour(out);
    const struct att_claim_tally *tally = v->tallies.tally;
    size_t total[ATT_TALLY_SLOTS] = {0};
    size_t first = 0;

    for (size_t i = 1; i <= v->tallies.n; i++) {
        if (i < v->tallies.n && strcmp(tally[i].sweep, tally[first].sweep) == 0)
            continue;
        print_sweep(&tally[first], &tally[i], colour, out);
        first = i;
    }
    att_tally_total(&v->tallies, total);
    (void)fprintf(out,
                  "verdicts: %zu hold, %zu violated, %zu depart, "
                  "%zu inconclusive\n",
                  total[ATT_TALLY_HOLDS], total[ATT_TALLY_VIOLATED],
                  total[ATT_TALLY_DEPARTS], total[ATT_TALLY_INCONCLUSIVE]);
}
