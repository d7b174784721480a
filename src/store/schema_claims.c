/* schema_claims.c - the columns of /claims. */
#include "schema_priv.h"

static const struct {
    struct plain_column plain;
    enum att_cell_type type;
} CLAIMS_PLAIN[CLAIMS_COLUMNS] = {
    [CLAIMS_LINE] = {{"claim", ATT_INTEGER, "1", "line of this table"},
                     ATT_CELL_I64},
    [CLAIMS_ID] = {{"id", ATT_TEXT, "", "name of the claim"}, ATT_CELL_TEXT},
    [CLAIMS_SWEEP] = {{"sweep", ATT_TEXT, "", "sweep; empty: the whole study"},
                      ATT_CELL_TEXT},
    [CLAIMS_SCOPE] = {{"scope", ATT_TEXT, "", "group or study"}, ATT_CELL_TEXT},
    [CLAIMS_GROUP] = {{"group", ATT_TEXT, "",
                       "what is held fixed in the group"},
                      ATT_CELL_TEXT},
    [CLAIMS_N] = {{"n", ATT_INTEGER, "1",
                   "done rows that the finding rests on"},
                  ATT_CELL_I64},
    [CLAIMS_N_CENSORED] = {{"n_censored", ATT_INTEGER, "1",
                            "rows stopped by a limit"},
                           ATT_CELL_I64},
    [CLAIMS_N_PLANNED] = {{"n_planned", ATT_INTEGER, "1",
                           "rows that the plan has"},
                          ATT_CELL_I64},
    [CLAIMS_STATISTIC] = {{"statistic", ATT_REAL, "1", "what was measured"},
                          ATT_CELL_F64},
    [CLAIMS_LO] = {{"lo", ATT_REAL, "1", "lower end of its interval"},
                   ATT_CELL_F64},
    [CLAIMS_HI] = {{"hi", ATT_REAL, "1", "upper end of its interval"},
                   ATT_CELL_F64},
    [CLAIMS_PREDICTED] = {{"predicted", ATT_REAL, "1", "what theory says"},
                          ATT_CELL_F64},
    [CLAIMS_VERDICT] = {{"verdict", ATT_INTEGER, "",
                         "verdict of the claim on the group"},
                        ATT_CELL_I8},
    [CLAIMS_STANDING] = {{"standing", ATT_TEXT, "", "what the claim rests on"},
                         ATT_CELL_TEXT},
    [CLAIMS_TIMING] = {{"timing", ATT_INTEGER, "",
                        "1: the claim judges timing columns"},
                       ATT_CELL_I8},
    [CLAIMS_WORST_KEY] = {{"worst_key", ATT_TEXT, "",
                           "key of the deciding row"},
                          ATT_CELL_TEXT},
    [CLAIMS_NOTE] = {{"note", ATT_TEXT, "", "remark of the judge"},
                     ATT_CELL_TEXT},
    [CLAIMS_STATEMENT] = {{"statement", ATT_TEXT, "", "the claim in words"},
                          ATT_CELL_TEXT},
    [CLAIMS_SOURCE] = {{"source", ATT_TEXT, "", "where it is stated"},
                       ATT_CELL_TEXT},
};

void att_schema_claims(struct field_list *list)
{
    for (uint32_t i = 0; i < CLAIMS_COLUMNS; i++) {
        const struct plain_column *plain = &CLAIMS_PLAIN[i].plain;

        att_field_add(list, &(struct att_field){
                                .name = plain->name,
                                .role = i == CLAIMS_LINE ? ATT_FIELD_LINE
                                                         : ATT_FIELD_FINDING,
                                .type = CLAIMS_PLAIN[i].type,
                                .kind = plain->kind,
                                .unit = plain->unit,
                                .doc = plain->doc,
                                .index = i,
                            });
    }
}
