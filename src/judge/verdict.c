/* verdict.c - the one place where a judge's word becomes a verdict. */
#include "attest/judge/verdict.h"

#include <math.h>
#include <stdio.h>

bool att_verdict_legal(int number)
{
    return number == ATT_HOLDS || number == ATT_INCONCLUSIVE ||
           number == ATT_VIOLATED || number == ATT_DEPARTS ||
           number == ATT_NOT_APPLICABLE;
}

int att_verdict_severity(enum att_verdict v)
{
    switch (v) {
    case ATT_VIOLATED:
        return 4;
    case ATT_DEPARTS:
        return 3;
    case ATT_INCONCLUSIVE:
        return 2;
    case ATT_HOLDS:
        return 1;
    case ATT_NOT_APPLICABLE:
        break;
    }
    return 0;
}

enum att_verdict att_verdict_worse(enum att_verdict a, enum att_verdict b)
{
    return att_verdict_severity(b) > att_verdict_severity(a) ? b : a;
}

struct att_finding att_finding_none(void)
{
    return (struct att_finding){
        .verdict = ATT_NOT_APPLICABLE,
        .statistic = NAN,
        .lo = NAN,
        .hi = NAN,
        .predicted = NAN,
    };
}

static void bring_to_order(const struct att_claim *claim, size_t n_rows,
                           struct att_finding *f)
{
    f->note[ATT_FINDING_NOTE - 1] = '\0';
    if (f->worst >= n_rows)
        f->worst = 0;
    if (!att_verdict_legal((int)f->verdict)) {
        (void)snprintf(f->note, sizeof f->note,
                       "the judge gave %d, which is no verdict",
                       (int)f->verdict);
        f->verdict = ATT_INCONCLUSIVE;
    }
    if (f->verdict == ATT_VIOLATED && claim->standing != ATT_PROVED)
        f->verdict = ATT_DEPARTS;
}

void att_judge_claim(const struct att_claim *claim, const struct att_rows *rows,
                     struct att_finding *finding)
{
    struct att_arena_mark mark = {0};

    if (rows->scratch != NULL)
        mark = att_arena_mark(rows->scratch);
    *finding = att_finding_none();
    claim->judge(rows, finding);
    bring_to_order(claim, rows->n, finding);
    if (rows->scratch != NULL)
        att_arena_rewind(rows->scratch, mark);
}

void att_judge_row_claim(const struct att_row_view *row, uint32_t claim,
                         struct att_arena *scratch, struct att_finding *finding)
{
    const struct att_claim *c = &row->construction->claims[claim];
    const struct att_rows rows = {
        .row = row, .n = 1, .n_planned = 1, .scratch = scratch};

    *finding = att_finding_none();
    if (c->scope == ATT_SCOPE_ROW && row->status == ATT_DONE)
        att_judge_claim(c, &rows, finding);
}

void att_judge_row(const struct att_row_view *row, struct att_arena *scratch,
                   int8_t *verdict)
{
    for (uint32_t i = 0; i < row->construction->n_claims; i++) {
        struct att_finding finding;

        att_judge_row_claim(row, i, scratch, &finding);
        verdict[i] = (int8_t)finding.verdict;
    }
}
