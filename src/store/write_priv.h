/* write_priv.h - the parts of results.h5 and who writes them. */
#pragma once

#include "attest/store/store.h"
#include "h5_table_priv.h"
#include "hosts_priv.h"
#include "live_priv.h"

/* What is told of the rows once all are written. */
struct write_tally {
    struct att_store_summary summary;
    struct host_set hosts;
};

/* One sweep as a group of root; adds to the tally. */
ATT_CHECKED att_status att_write_sweep(hid_t root,
                                       const struct att_store_input *input,
                                       uint32_t sweep,
                                       const struct roster_sweep *roster,
                                       struct write_tally *tally,
                                       struct att_error *err);
ATT_CHECKED att_status att_write_claims(hid_t root,
                                        const struct att_claim_results *claims,
                                        struct att_error *err);
/* The study, the hosts of the rows, and the given facts. */
ATT_CHECKED att_status att_write_provenance(hid_t root,
                                            const struct att_store_input *input,
                                            const struct host_set *hosts,
                                            struct att_error *err);
/* The attribute "columns": the names in declared order. */
ATT_CHECKED att_status att_write_columns(hid_t group,
                                         const struct field_list *list,
                                         struct att_error *err);
