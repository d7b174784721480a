#include "kept.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attest/base/clock.h"
#include "attest/base/log.h"
#include "attest/construction/registry.h"
#include "recheck.h"

/* What is to happen to the rows of one origin. */
enum fate { KEEP, REDO };

static bool is_current(const struct att_row_origin *o)
{
    return strcmp(o->code_id, att_construction_code_id(o->construction)) == 0;
}

/* Was this change of code checked in an earlier run? */
static bool was_checked(const struct att_journal *journal,
                        const struct att_row_origin *o)
{
    const char *now = att_construction_code_id(o->construction);

    for (size_t i = 0; i < att_journal_n_notes(journal); i++) {
        const struct att_journal_note *n = att_journal_note(journal, i);

        if (n->kind == ATT_NOTE_CHECKED &&
            strcmp(n->subject, o->construction->name) == 0 &&
            strcmp(n->from, o->code_id) == 0 && strcmp(n->to, now) == 0)
            return true;
    }
    return false;
}

static void note_checked(const struct cli_keeping *k,
                         const struct att_row_origin *o, uint64_t n)
{
    char text[160];

    (void)snprintf(text, sizeof text,
                   "%" PRIu64
                   " rows computed again with the same bits; %" PRIu64
                   " rows kept",
                   n, o->n_rows);
    att_log(ATT_LOG_INFO, "%s: code %s, now %s: %s", o->construction->name,
            o->code_id, att_construction_code_id(o->construction), text);
    att_append_note(k->append,
                    &(struct att_journal_note){
                        .kind = ATT_NOTE_CHECKED,
                        .time = att_clock_wall_s(),
                        .subject = o->construction->name,
                        .from = o->code_id,
                        .to = att_construction_code_id(o->construction),
                        .text = text,
                    });
}

static att_status decide(const struct cli_keeping *k,
                         const struct att_index *index, uint32_t origin,
                         enum fate *fate, struct att_error *err)
{
    const struct att_row_origin *o = &index->origin[origin];
    uint64_t n_checked = 0;

    *fate = KEEP;
    if (k->stale == CLI_STALE_KEEP)
        return ATT_OK;
    if (o->version != o->construction->version) {
        *fate = REDO;
        return ATT_OK;
    }
    if (is_current(o) || was_checked(k->journal, o))
        return ATT_OK;
    if (k->stale == CLI_STALE_REDO) {
        *fate = REDO;
        return ATT_OK;
    }
    ATT_TRY(cli_recheck(k, index, origin, &n_checked, err));
    note_checked(k, o, n_checked);
    return ATT_OK;
}

static bool stays(const struct cli_keeping *k, const struct att_placed *p,
                  const enum fate *fate, struct cli_kept_report *report)
{
    const bool retried = (k->retry >> p->status & 1) != 0;
    const bool redone = fate[p->origin] == REDO;

    report->n_retried += retried;
    report->n_partial += p->partial && !retried;
    report->n_redone += redone && !p->partial && !retried;
    return !retried && !p->partial && !redone;
}

static void filter(const struct cli_keeping *k, const enum fate *fate,
                   struct att_index *index, struct cli_kept_report *report)
{
    size_t n = 0;

    for (size_t i = 0; i < index->n; i++) {
        if (stays(k, &index->placed[i], fate, report))
            index->placed[n++] = index->placed[i];
    }
    index->n = n;
}

att_status cli_keep(const struct cli_keeping *k, struct att_index *index,
                    struct cli_kept_report *report, struct att_error *err)
{
    enum fate *fate = calloc(index->n_origins + (size_t)1, sizeof *fate);
    att_status status = ATT_OK;

    *report = (struct cli_kept_report){0};
    if (fate == NULL)
        return att_fail(err, ATT_E_NOMEM, "out of memory keeping rows");
    for (uint32_t i = 0; status == ATT_OK && i < index->n_origins; i++)
        status = decide(k, index, i, &fate[i], err);
    if (status == ATT_OK)
        filter(k, fate, index, report);
    free(fate);
    return status;
}
