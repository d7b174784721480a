/* search_columns.c - the columns that a search adds. */
#include "attest/record/search_columns.h"

#include "attest/base/text.h"

const struct att_metric att_find_metric[ATT_FIND_METRICS] = {
    [ATT_FIND_FOUND] = {.name = "found",
                        .unit = "1",
                        .doc = "the value that the search asked for; missing "
                               "when it was not found (found_note)"},
    [ATT_FIND_FIRST] = {.name = "first",
                        .unit = "1",
                        .doc = "the value nearest the wanted end of the range "
                               "at which the condition held in a probe"},
    [ATT_FIND_STABLE] = {.name = "stable",
                         .unit = "1",
                         .doc = "the value from which on the condition held "
                                "in every probe"},
    [ATT_FIND_PROBES] = {.name = "probes",
                         .unit = "1",
                         .kind = ATT_INTEGER,
                         .doc = "values that the search tried"},
    [ATT_FIND_VIOLATIONS] = {.name = "violations",
                             .unit = "1",
                             .kind = ATT_INTEGER,
                             .doc = "neighbouring probes between which the "
                                    "condition changed against its direction"},
    [ATT_FIND_NOTE] = {.name = "found_note",
                       .unit = "1",
                       .kind = ATT_TEXT,
                       .doc = "why found is missing, or which end of the range "
                              "it lies at"},
};

const struct att_metric att_find_line[ATT_FIND_LINES] = {
    [ATT_FIND_CANDIDATE] = {.name = "candidate",
                            .unit = "1",
                            .doc = "place of the tried value in the list that "
                                   "the search goes through, from 0"},
    [ATT_FIND_ACCEPTED] = {.name = "accepted",
                           .unit = "1",
                           .doc = "1 where the condition held, 0 where not"},
    [ATT_FIND_SHARE] = {.name = "share",
                        .unit = "1",
                        .doc = "share of the replicates at which the condition "
                               "held"},
    [ATT_FIND_SHARE_LO] = {.name = "share_lo",
                           .unit = "1",
                           .doc = "lower end of the share's 95 % Wilson "
                                  "interval"},
    [ATT_FIND_SHARE_HI] = {.name = "share_hi",
                           .unit = "1",
                           .doc = "upper end of the share's 95 % Wilson "
                                  "interval"},
    [ATT_FIND_REPLICATES] = {.name = "n_replicates",
                             .unit = "1",
                             .doc = "replicates that the share rests on"},
};

static const struct att_metric *lookup(const struct att_metric *table, int n,
                                       const char *name)
{
    for (int i = 0; i < n; i++) {
        if (att_text_same(table[i].name, name))
            return &table[i];
    }
    return NULL;
}

const struct att_metric *att_find_column(const char *name)
{
    static const char prefix[] = "find_";
    const char *own =
        att_text_starts(name, prefix) ? name + sizeof prefix - 1 : name;
    const struct att_metric *metric =
        lookup(att_find_metric, ATT_FIND_METRICS, own);

    return metric != NULL ? metric : lookup(att_find_line, ATT_FIND_LINES, own);
}
