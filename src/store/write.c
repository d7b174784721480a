/* write.c - a journal becomes results.h5. */
#include "write_priv.h"

static const char *sweep_names(const struct att_study *study,
                               struct att_arena *arena)
{
    const char *names = "";

    for (uint32_t s = 0; s < study->n_sweeps && names != NULL; s++) {
        names = att_arena_printf(arena, "%s%s%s", names, s == 0 ? "" : " ",
                                 study->sweep[s].name);
    }
    return names;
}

static att_status put_sweeps(hid_t root, const struct att_study *study,
                             struct att_error *err)
{
    struct h5_put put = {.object = root, .err = err};
    struct att_arena *arena = att_arena_create(0);
    const char *sweeps = arena == NULL ? NULL : sweep_names(study, arena);

    if (sweeps != NULL) {
        att_h5_put_text(&put, "sweeps", sweeps);
    } else {
        put.status = att_fail(err, ATT_E_NOMEM, "no memory for names");
    }
    att_arena_destroy(arena);
    return put.status;
}

static att_status put_root(hid_t root, const struct att_store_input *input,
                           const struct att_store_summary *summary,
                           struct att_error *err)
{
    struct h5_put put = {.object = root, .err = err};
    char digest[ATT_KEY_TEXT];

    att_h5_put_text(&put, "Conventions", "CF-1.11");
    att_h5_put_text(&put, "title", "attest results");
    att_h5_put_text(&put, "attest_version", att_version());
    att_h5_put_i64(&put, "schema_version", ATT_STORE_SCHEMA_VERSION);
    att_h5_put_text(&put, "name", input->study->name);
    att_h5_put_text(&put, "study_hash",
                    att_key_text(input->study->digest, digest));
    att_h5_put_i64(&put, "n_planned", (int64_t)summary->n_planned);
    att_h5_put_i64(&put, "n_done", (int64_t)summary->n_done);
    att_h5_put_i64(&put, "complete", summary->n_results == summary->n_planned);
    att_h5_put_text(&put, "history",
                    input->history == NULL ? "" : input->history);
    return put.status;
}

static att_status write_parts(hid_t root, const struct att_store_input *input,
                              const struct roster *roster,
                              struct write_tally *tally, struct att_error *err)
{
    for (uint32_t s = 0; s < roster->n_sweeps; s++)
        ATT_TRY(att_write_sweep(root, input, s, &roster->sweep[s], tally, err));
    ATT_TRY(att_write_claims(root, input->claims, err));
    ATT_TRY(att_write_provenance(root, input, &tally->hosts, err));
    ATT_TRY(put_sweeps(root, input->study, err));
    return put_root(root, input, &tally->summary, err);
}

static att_status write_file(const char *path,
                             const struct att_store_input *input,
                             const struct roster *roster,
                             struct write_tally *tally, struct att_error *err)
{
    struct h5_file file;

    ATT_TRY(att_h5_file_create(path, &file, err));
    file.replaces = input->replaces;

    const att_status status = write_parts(file.id, input, roster, tally, err);

    if (status == ATT_OK)
        return att_h5_file_commit(&file, &tally->summary.n_bytes, err);
    att_h5_file_abandon(&file);
    return status;
}

static att_status write_quietly(const char *path,
                                const struct att_store_input *input,
                                const struct roster *roster,
                                struct write_tally *tally,
                                struct att_error *err)
{
    const struct h5_quiet quiet = att_h5_quiet_begin();

    tally->hosts.arena = att_arena_create(0);

    const att_status status =
        tally->hosts.arena == NULL
            ? att_fail(err, ATT_E_NOMEM, "no memory to write '%s'", path)
            : write_file(path, input, roster, tally, err);

    att_arena_destroy(tally->hosts.arena);
    att_h5_quiet_end(quiet);
    return status;
}

static att_status write_listed(const char *path,
                               const struct att_store_input *input,
                               const struct roster *roster,
                               struct att_store_summary *summary,
                               struct att_error *err)
{
    struct write_tally tally = {.summary = {
                                    .n_planned = roster->n_planned,
                                    .n_not_listed = roster->n_not_listed,
                                    .n_unplanned = roster->n_unplanned,
                                }};

    ATT_TRY(write_quietly(path, input, roster, &tally, err));
    if (summary != NULL)
        *summary = tally.summary;
    return ATT_OK;
}

att_status att_store_write(const char *path,
                           const struct att_store_input *input,
                           struct att_store_summary *summary,
                           struct att_error *err)
{
    struct roster roster;

    if (input->roster != NULL)
        return write_listed(path, input, input->roster, summary, err);
    ATT_TRY(att_roster_build(input->journal, input->plan, &roster, err));

    const att_status status = write_listed(path, input, &roster, summary, err);

    att_roster_fini(&roster);
    return status;
}
