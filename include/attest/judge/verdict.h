/* verdict.h - claims become verdicts: one row, or a set of rows already
 * chosen.
 *
 * A judge function belongs to its construction and may say ATT_VIOLATED of
 * anything; the rooms above see only what comes out of here, where the word
 * is kept for what is proved. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "attest/construction/construction.h"

/* A finding that says nothing: not applicable, numbers NaN, no note. */
struct att_finding att_finding_none(void);

/* Let the claim's judge look at rows and bring its finding to order:
 *   - it starts as att_finding_none, so a judge that does nothing has said
 *     "not applicable";
 *   - violated becomes departs unless the claim is proved;
 *   - a number that is none of the verdicts becomes inconclusive, with a note;
 *   - worst >= rows->n becomes 0, a note is terminated.
 * Scratch memory taken from rows->scratch is given back. */
void att_judge_claim(const struct att_claim *claim, const struct att_rows *rows,
                     struct att_finding *finding);

/* One row claim on one row, for `show` and for messages; rows that are not
 * done and claims of other scopes are not applicable.  scratch serves the
 * judge and is rewound. */
void att_judge_row_claim(const struct att_row_view *row, uint32_t claim,
                         struct att_arena *scratch,
                         struct att_finding *finding);

/* All claims of row->construction: verdict[n_claims] takes values of enum
 * att_verdict; group and study claims are ATT_NOT_APPLICABLE here. */
void att_judge_row(const struct att_row_view *row, struct att_arena *scratch,
                   int8_t *verdict);

/* How bad a verdict is: violated 4, departs 3, inconclusive 2, holds 1, not
 * applicable 0.  Of several the worst one speaks for all. */
int att_verdict_severity(enum att_verdict v);
enum att_verdict att_verdict_worse(enum att_verdict a, enum att_verdict b);

/* False for numbers that no verdict has (a column written by a later
 * version). */
bool att_verdict_legal(int number);
