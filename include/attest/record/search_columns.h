/* search_columns.h - the columns that a search adds to those of its
 * construction: who writes rows and who describes them share these names. */
#pragma once

#include "attest/base/schema.h"

/* Metrics of the row, behind the construction's. */
enum att_find_metric {
    ATT_FIND_FOUND, /* it, first and stable: of the searched parameter's kind */
    ATT_FIND_PROBES,
    ATT_FIND_FIRST,
    ATT_FIND_STABLE,
    ATT_FIND_VIOLATIONS,
    ATT_FIND_NOTE,
    ATT_FIND_METRICS
};
extern const struct att_metric att_find_metric[ATT_FIND_METRICS];

/* Columns of its lines, each a probe. */
enum att_find_line {
    ATT_FIND_CANDIDATE, /* of a searched parameter that is no number */
    ATT_FIND_ACCEPTED,
    ATT_FIND_SHARE, /* these four when replicates are pooled */
    ATT_FIND_SHARE_LO,
    ATT_FIND_SHARE_HI,
    ATT_FIND_REPLICATES,
    ATT_FIND_LINES
};
extern const struct att_metric att_find_line[ATT_FIND_LINES];

/* The entry of that name in either table, NULL if there is none.  A name that
 * the construction uses for something else has "find_" before it. */
const struct att_metric *att_find_column(const char *name);
