#include "ledger.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attest/base/clock.h"
#include "attest/base/log.h"
#include "attest/construction/registry.h"
#include "attest/store/provenance.h"
#include "learn.h"
#include "reuse.h"
#include "slices.h"

static att_status open_journal(struct cli_ledger *l, struct att_error *err)
{
    struct att_journal *view = NULL;
    struct att_journal_report report;

    if (access(l->folder->journal, F_OK) == 0)
        ATT_TRY(att_journal_load(l->folder->journal, &view, err));
    const struct att_append_options options = {
        .attest_version = att_version(),
        .lock = l->lock,
        .view = view,
        .sync_every_s = 1,
    };
    const att_status status =
        att_append_open(l->folder->journal, &options, &l->append, err);
    if (status == ATT_OK && view != NULL) {
        att_journal_report(view, &report);
        if (att_journal_damaged(&report)) {
            struct att_buffer text = {0};

            att_journal_report_text(&report, &text);
            att_log(ATT_LOG_WARNING, "journal: %s",
                    att_buffer_ok(&text) ? text.data : "damaged");
            att_buffer_fini(&text);
        }
    }
    att_journal_destroy(view);
    return status;
}

/* The registered constructions with their code ids, as the plan record wants
 * them; NULL when out of memory. */
static struct att_journal_code *list_codes(uint32_t *n_codes)
{
    size_t n = 0;
    const struct att_construction *const *all = att_constructions(&n);
    struct att_journal_code *code = calloc(n + 1, sizeof *code);

    for (size_t i = 0; code != NULL && i < n; i++) {
        code[i] = (struct att_journal_code){
            all[i]->name, att_construction_code_id(all[i]), all[i]->version};
    }
    *n_codes = (uint32_t)n;
    return code;
}

/* Columns of every sweep and the plan of this run. */
static att_status record_plan(struct cli_ledger *l, struct att_error *err)
{
    const struct att_study *study = l->session->study;
    char *path = realpath(study->path, NULL);
    struct att_journal_plan plan = {
        .study_path = path != NULL ? path : study->path,
        .study_text = study->text,
        .n_study = study->n_text,
        .digest = study->digest,
        .start_time = att_clock_wall_s(),
    };
    struct att_lock_holder self;
    struct att_journal_code *code = list_codes(&plan.n_code);

    if (code == NULL) {
        free(path);
        return att_fail(err, ATT_E_NOMEM, "out of memory recording the plan");
    }
    att_lock_self(&self);
    plan.host = self.host;
    plan.code = code;
    for (uint32_t i = 0; i < study->n_sweeps; i++)
        att_append_columns(l->append, att_task_columns(l->env, i));
    att_append_plan(l->append, &plan);
    free(code);
    free(path);
    return att_append_commit(l->append, err);
}

static void note_take_over(struct cli_ledger *l)
{
    const char *taken = att_lock_taken(l->lock);

    if (taken[0] == '\0')
        return;
    att_log(ATT_LOG_WARNING, "lock %s", taken);
    att_append_note(l->append, &(struct att_journal_note){
                                   .kind = ATT_NOTE_TAKE_OVER,
                                   .time = att_clock_wall_s(),
                                   .subject = "",
                                   .from = "",
                                   .to = "",
                                   .text = taken,
                               });
}

att_status cli_ledger_open(struct cli_ledger *l,
                           const struct cli_folder *folder,
                           const struct cli_session *session,
                           struct att_task_env *env, struct att_error *err)
{
    const struct att_study *study = session->study;

    *l = (struct cli_ledger){
        .folder = folder,
        .session = session,
        .env = env,
        .checkpoints = cli_is_folder(folder->checkpoints),
    };
    ATT_TRY(att_lock_acquire(folder->dir, NULL, &l->lock, err));
    (void)cli_folder_tidy(folder);
    l->slices = cli_slices_create();
    if (l->slices == NULL)
        return att_fail(err, ATT_E_NOMEM, "out of memory opening the run");
    ATT_TRY(open_journal(l, err));
    note_take_over(l);
    ATT_TRY(
        att_file_replace(folder->study, study->text, study->n_text, true, err));
    return record_plan(l, err);
}

static att_status reuse_rows(struct cli_ledger *l,
                             const struct cli_words *folders,
                             struct att_journal *view, struct att_error *err)
{
    for (int i = 0; folders != NULL && i < folders->n; i++) {
        uint64_t n = 0;

        ATT_TRY(
            cli_reuse(l->session, folders->word[i], view, l->append, &n, err));
        ATT_TRY(att_journal_refresh(view, NULL, err));
        att_log(ATT_LOG_INFO, "%" PRIu64 " rows taken from %s", n,
                folders->word[i]);
        l->n_reused += n;
    }
    return ATT_OK;
}

static att_status fill(struct cli_ledger *l, const struct cli_wishes *wishes,
                       const struct att_journal *view, struct att_index *index,
                       struct att_schedule *schedule, struct att_error *err)
{
    const struct cli_keeping keeping = {
        .session = l->session,
        .journal = view,
        .append = l->append,
        .lanes = wishes->lanes,
        .kernel = wishes->kernel,
        .stale = wishes->stale,
        .retry = wishes->retry,
    };
    const struct cli_choosing choosing = {
        .kept = index,
        .shard = wishes->shard,
        .n_shards = wishes->n_shards,
        .pilot = wishes->pilot,
    };

    ATT_TRY(att_index_build(view, l->session->plan, index, err));
    l->n_unplanned = index->n_unplanned;
    ATT_TRY(cli_keep(&keeping, index, &l->kept, err));
    ATT_TRY(cli_workload_fill(l->session->plan, &choosing, schedule,
                              &l->workload, err));
    return cli_learn(l->session->plan, view, index, schedule, err);
}

att_status cli_ledger_fill(struct cli_ledger *l,
                           const struct cli_wishes *wishes,
                           struct att_schedule *schedule, struct att_error *err)
{
    struct att_journal *view = NULL;
    struct att_index index = {0};

    ATT_TRY(att_journal_load(l->folder->journal, &view, err));
    att_status status = reuse_rows(l, wishes->reuse, view, err);
    if (status == ATT_OK)
        status = fill(l, wishes, view, &index, schedule, err);
    att_index_fini(&index);
    att_journal_destroy(view);
    return status;
}

bool cli_checkpoint_path(const struct cli_folder *folder,
                         const struct cli_session *session,
                         const struct att_unit *unit, char out[CLI_PATH])
{
    struct att_task task;
    char key[ATT_KEY_TEXT];

    if (att_plan_task(session->plan, unit->task, &task, NULL) !=
        ATT_TASK_PLANNED)
        return false;
    (void)att_key_text(att_plan_key(session->plan, &task), key);
    return snprintf(out, CLI_PATH, "%s/%s-%" PRIu32, folder->checkpoints, key,
                    unit->slice) < CLI_PATH;
}

void cli_ledger_checkpoint(struct cli_ledger *l, const struct att_unit *unit,
                           const void *bytes, size_t n)
{
    char path[CLI_PATH];
    struct att_error err = {0};

    (void)mkdir(l->folder->checkpoints, 0777);
    l->checkpoints = true;
    if (!cli_checkpoint_path(l->folder, l->session, unit, path))
        return;
    if (att_file_replace(path, bytes, n, false, &err) != ATT_OK)
        att_log(ATT_LOG_WARNING, "checkpoint not kept: %s", err.text);
}

static void drop_checkpoint(struct cli_ledger *l, const struct att_unit *unit)
{
    char path[CLI_PATH];

    if (l->checkpoints &&
        cli_checkpoint_path(l->folder, l->session, unit, path))
        (void)unlink(path);
}

static att_status keep_slice(struct cli_ledger *l,
                             const struct att_comm_row *row,
                             struct att_error *err)
{
    const void *const *bytes = NULL;
    const size_t *n_bytes = NULL;
    size_t n = 0;
    bool whole = false;

    ATT_TRY(cli_slices_add(l->slices, &row->head.unit, row->bytes, row->n,
                           &whole, err));
    if (!whole)
        return ATT_OK;
    cli_slices_get(l->slices, row->head.unit.task, &bytes, &n_bytes, &n);
    att_buffer_clear(&l->row);
    ATT_TRY(att_task_combine(l->env, bytes, n_bytes, n, &l->row, err));
    att_append_row(l->append, l->row.data, l->row.size);
    cli_slices_drop(l->slices, row->head.unit.task);
    return ATT_OK;
}

static att_status keep_row(struct cli_ledger *l, const struct att_comm_row *row,
                           struct att_error *err)
{
    if (row->head.unit.n_slices > 1)
        return keep_slice(l, row, err);
    att_append_row(l->append, row->bytes, row->n);
    return ATT_OK;
}

att_status cli_ledger_rows(struct cli_ledger *l, const struct att_comm_row *row,
                           size_t n, struct att_error *err)
{
    for (size_t i = 0; i < n; i++)
        ATT_TRY(keep_row(l, &row[i], err));
    ATT_TRY(att_append_commit(l->append, err));
    for (size_t i = 0; l->checkpoints && i < n; i++)
        drop_checkpoint(l, &row[i].head.unit);
    return ATT_OK;
}

att_status cli_ledger_lost(struct cli_ledger *l,
                           const struct att_comm_loss *loss,
                           struct att_error *err)
{
    struct att_task_loss lost = {
        .unit = loss->unit,
        .attempt = loss->attempt,
        .status = loss->status,
        .wall_s = loss->wall_s,
        .peak_rss_bytes = loss->peak_rss_bytes,
        .rank = loss->rank,
        .lane = loss->lane,
        .host = loss->host,
        .message = loss->message,
    };
    struct att_task task;

    if (att_plan_task(l->session->plan, loss->unit.task, &task, err) ==
        ATT_TASK_INVALID)
        return err != NULL ? err->status : ATT_E_ARG;
    ATT_TRY(att_plan_limits(l->session->plan, &task, &lost.limits, err));
    cli_slices_drop(l->slices, loss->unit.task);
    att_buffer_clear(&l->row);
    ATT_TRY(att_task_lost(l->env, &lost, &l->row, err));
    att_append_row(l->append, l->row.data, l->row.size);
    return att_append_commit(l->append, err);
}

att_status cli_ledger_sync(struct cli_ledger *l, double timeout_s,
                           struct att_error *err)
{
    ATT_TRY(att_append_commit(l->append, err));
    return att_append_sync(l->append, timeout_s, err);
}

att_status cli_ledger_close(struct cli_ledger *l, struct att_error *err)
{
    att_status status = ATT_OK;

    if (l->append != NULL)
        status = att_append_close(l->append, err);
    att_lock_release(l->lock);
    cli_slices_destroy(l->slices);
    att_buffer_fini(&l->row);
    *l = (struct cli_ledger){0};
    return status;
}
