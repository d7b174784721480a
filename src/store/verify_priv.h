/* verify_priv.h - a verification under way. */
#pragma once

#include <stdarg.h>

#include "attest/store/verify.h"
#include "compare_priv.h"

enum { FINDINGS_TOLD = 20 };

struct verify {
    const char *dir;
    struct att_verify_report *report;
    struct att_buffer *findings;
    struct att_journal *journal;
    struct att_dataset *folder;
    unsigned told_keys, told_cells, told_strays;
};

/* A finding: the folder is not sound; told counts the lines of one kind. */
void att_verify_say(struct verify *v, unsigned *told, const char *fmt, ...)
    ATT_PRINTF(3, 4);

/* Recompute the key of every row from its values, under the study of the
 * folder or an earlier one that the journal remembers.
 * Fails: ATT_E_NOMEM, and as att_row_read. */
ATT_CHECKED att_status att_verify_keys(struct verify *v, struct att_error *err);
