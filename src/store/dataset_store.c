/* dataset_store.c - an HDF5 file as a data set. */
#include <inttypes.h>
#include <string.h>

#include "attest/base/text.h"
#include "attest/construction/registry.h"
#include "attest/store/store.h"
#include "dataset_priv.h"
#include "guard_priv.h"
#include "h5_table_priv.h"

/* ---- groups ----------------------------------------------------------------- */

static att_status open_group(hid_t parent, const char *name, hid_t *group,
                             struct att_error *err)
{
    *group = H5Gopen2(parent, name, H5P_DEFAULT);
    if (*group < 0)
        return att_h5_fail(err, ATT_E_PARSE, "there is no group '%s'", name);
    return ATT_OK;
}

/* Say which part of which file a failure is about. */
static att_status in_part(att_status status, const struct att_dataset *ds,
                          const char *part, const struct att_error *inner,
                          struct att_error *err)
{
    if (status == ATT_OK)
        return ATT_OK;
    return att_fail(err, status, "'%s', %s: %s", ds->path, part, inner->text);
}

static att_status read_observations(hid_t group, struct att_table *table,
                                    struct att_arena *arena,
                                    struct att_error *err)
{
    struct field_list list = {.arena = arena};
    hid_t lines = -1;
    uint64_t n = 0;

    if (H5Lexists(group, "observations", H5P_DEFAULT) <= 0)
        return ATT_OK;
    ATT_TRY(open_group(group, "observations", &lines, err));

    const att_status status = att_h5_table_describe(lines, &list, &n, err);

    att_h5_close(lines);
    table->lines = (struct att_frame){
        .field = list.field, .n_fields = list.n, .n = (size_t)n};
    return status;
}

static att_status read_attributes(hid_t group, struct att_table *table,
                                  struct att_arena *arena,
                                  struct att_error *err)
{
    struct h5_get get = {.object = group, .arena = arena, .err = err};
    const int64_t planned = att_h5_get_i64(&get, "n_planned", 0);
    const int64_t done = att_h5_get_i64(&get, "n_done", 0);

    table->construction_name = att_h5_get_text(&get, "construction", "");
    table->axes = att_h5_get_text(&get, "axes", "replicate");
    table->n_planned = (uint64_t)planned;
    table->n_done = (uint64_t)done;
    if (get.status == ATT_OK && (done < 0 || done > planned))
        return att_fail(err, ATT_E_PARSE, "its counts cannot be");
    return get.status;
}

static att_status read_group(hid_t group, struct dataset_sweep *sweep,
                             const struct att_dataset *ds,
                             struct att_error *err)
{
    struct field_list list = {.arena = ds->arena};
    struct att_table *table = &sweep->table;
    uint64_t n = 0;

    ATT_TRY(read_attributes(group, table, ds->arena, err));
    ATT_TRY(att_h5_table_describe(group, &list, &n, err));
    table->rows = (struct att_frame){
        .field = list.field, .n_fields = list.n, .n = (size_t)n};
    ATT_TRY(read_observations(group, table, ds->arena, err));
    table->construction = att_construction_find(table->construction_name);
    return att_schema_link(table, ds->arena, err);
}

static att_status describe_sweep(struct att_dataset *ds, const char *name,
                                 struct att_error *err)
{
    struct dataset_sweep *sweep = &ds->sweep[ds->n_sweeps];
    struct att_error inner = {0};
    hid_t group = -1;

    sweep->table.name = name;

    att_status status = open_group(ds->file, name, &group, &inner);

    if (status == ATT_OK)
        status = read_group(group, sweep, ds, &inner);
    att_h5_close(group);
    ATT_TRY(in_part(status, ds, name, &inner, err));
    ds->n_sweeps++;
    ds->n_planned += sweep->table.n_planned;
    ds->n_done += sweep->table.n_done;
    return ATT_OK;
}

static size_t count_words(const char *text)
{
    size_t n = 0;

    for (size_t i = 0; text[i] != '\0'; i++)
        n += text[i] != ' ' && (i == 0 || text[i - 1] == ' ');
    return n;
}

static att_status describe_sweeps(struct att_dataset *ds, const char *names,
                                  struct att_error *err)
{
    char *copy = att_arena_strdup(ds->arena, names);
    char *rest = NULL;

    ds->sweep =
        ATT_NEW0(ds->arena, struct dataset_sweep, count_words(names) + 1);
    if (copy == NULL || ds->sweep == NULL)
        return att_arena_fail(ds->arena, "the sweeps", err);
    for (char *name = strtok_r(copy, " ", &rest); name != NULL;
         name = strtok_r(NULL, " ", &rest))
        ATT_TRY(describe_sweep(ds, name, err));
    return ATT_OK;
}

static att_status read_root(struct att_dataset *ds, const char **sweeps,
                            struct att_error *err)
{
    struct h5_get get = {.object = ds->file, .arena = ds->arena, .err = err};
    const int64_t version = att_h5_get_i64(&get, "schema_version", 0);

    ds->name = att_h5_get_text(&get, "name", "");
    *sweeps = att_h5_get_text(&get, "sweeps", NULL);
    if (get.status != ATT_OK)
        return get.status;
    if (*sweeps == NULL || version < 1) {
        return att_fail(err, ATT_E_PARSE,
                        "no results file of attest: the attributes 'sweeps' "
                        "and 'schema_version' are missing");
    }
    if (version > ATT_STORE_SCHEMA_VERSION) {
        return att_fail(err, ATT_E_VERSION,
                        "its schema %" PRId64
                        " is newer than %d: use a newer attest",
                        version, ATT_STORE_SCHEMA_VERSION);
    }
    return ATT_OK;
}

static att_status describe(struct att_dataset *ds, struct att_error *err)
{
    struct att_error inner = {0};
    const char *sweeps = NULL;

    ATT_TRY(att_h5_file_open(ds->path, &ds->file, err));
    ATT_TRY(in_part(read_root(ds, &sweeps, &inner), ds, "/", &inner, err));
    return describe_sweeps(ds, sweeps, err);
}

/* ---- rows ----------------------------------------------------------------- */

/* Where a table stands, and what of it is read. */
struct table_part {
    const char *name, *sub; /* a group, and one inside it or NULL */
    struct h5_part part;
};

static att_status read_part(struct att_dataset *ds,
                            const struct table_part *where,
                            struct att_frame *frame, struct text_pool *pool,
                            struct att_error *err)
{
    struct att_error inner = {0};
    hid_t group = -1, inside = -1;
    att_status status = open_group(ds->file, where->name, &group, &inner);

    if (status == ATT_OK && where->sub != NULL)
        status = open_group(group, where->sub, &inside, &inner);
    if (status == ATT_OK) {
        status = att_h5_table_read(where->sub == NULL ? group : inside,
                                   &where->part, frame, pool, &inner);
    }
    att_h5_close(inside);
    att_h5_close(group);
    return in_part(status, ds, where->name, &inner, err);
}

/* Read a whole table; its length stands in the frame. */
static att_status load_table(struct att_dataset *ds, const char *name,
                             const char *sub, struct att_frame *frame,
                             struct att_error *err)
{
    const struct table_part all = {
        .name = name, .sub = sub, .part = {0, frame->n, frame->n}};
    struct att_error inner = {0};

    att_frame_destroy(frame);
    ATT_TRY(in_part(att_frame_create(frame, frame->field, frame->n_fields,
                                     all.part.n, &inner),
                    ds, name, &inner, err));
    return read_part(ds, &all, frame, &ds->pool, err);
}

att_status att_store_load_rows(struct att_dataset *ds, uint32_t s,
                               struct att_error *err)
{
    struct att_table *table = &ds->sweep[s].table;
    const struct h5_quiet quiet = att_h5_quiet_begin();
    const att_status status =
        load_table(ds, table->name, NULL, &table->rows, err);

    att_h5_quiet_end(quiet);
    return status;
}

att_status att_store_load_lines(struct att_dataset *ds, uint32_t s,
                                struct att_error *err)
{
    struct att_table *table = &ds->sweep[s].table;

    if (table->lines.n_fields == 0)
        return ATT_OK;

    const struct h5_quiet quiet = att_h5_quiet_begin();
    const att_status status =
        load_table(ds, table->name, "observations", &table->lines, err);

    att_h5_quiet_end(quiet);
    return status;
}

att_status att_store_read(struct att_dataset *ds, uint32_t s, bool lines,
                          const struct store_block *block,
                          struct att_error *err)
{
    const struct att_table *table = &ds->sweep[s].table;
    const struct table_part where = {
        .name = table->name,
        .sub = lines ? "observations" : NULL,
        .part = {block->first, block->n,
                 lines ? table->lines.n : table->rows.n},
    };
    const struct h5_quiet quiet = att_h5_quiet_begin();
    const att_status status =
        read_part(ds, &where, block->frame, block->pool, err);

    att_h5_quiet_end(quiet);
    return status;
}

static att_status describe_claims(struct att_dataset *ds, struct att_error *err)
{
    struct field_list list = {.arena = ds->arena};
    struct att_error inner = {0};
    hid_t group = -1;
    uint64_t n = 0;
    att_status status = open_group(ds->file, "claims", &group, &inner);

    if (status == ATT_OK)
        status = att_h5_table_describe(group, &list, &n, &inner);
    att_h5_close(group);
    ds->claims = (struct att_frame){
        .field = list.field, .n_fields = list.n, .n = (size_t)n};
    return in_part(status, ds, "claims", &inner, err);
}

att_status att_store_load_claims(struct att_dataset *ds, struct att_error *err)
{
    const struct h5_quiet quiet = att_h5_quiet_begin();
    att_status status = describe_claims(ds, err);

    if (status == ATT_OK)
        status = load_table(ds, "claims", NULL, &ds->claims, err);
    att_h5_quiet_end(quiet);
    return status;
}

att_status att_store_fact(const struct att_dataset *ds, const char *name,
                          const char **text, struct att_error *err)
{
    const struct h5_quiet quiet = att_h5_quiet_begin();
    struct att_error inner = {0};
    hid_t group = -1;
    att_status status = open_group(ds->file, "provenance", &group, &inner);

    if (status == ATT_OK)
        status = att_h5_text_read(group, name, ds->arena, text, &inner);
    att_h5_close(group);
    att_h5_quiet_end(quiet);
    return in_part(status, ds, "provenance", &inner, err);
}

/* ---- opening ---------------------------------------------------------------- */

/* Everything that will ever be read, read once: for the child. */
static att_status read_all(struct att_dataset *ds, struct att_error *err)
{
    const char *study = NULL;

    ATT_TRY(describe(ds, err));
    ATT_TRY(att_dataset_load_all(ds, err));
    ATT_TRY(att_store_load_claims(ds, err));
    return att_store_fact(ds, "study", &study, err);
}

static att_status try_file(void *context, struct att_error *err)
{
    (void)att_h5_quiet_begin(); /* the child ends with this */
    return read_all(context, err);
}

att_status att_store_open(struct att_dataset *ds, struct att_error *err)
{
    ATT_TRY(att_guard_run(ds->path, try_file, ds, err));

    const struct h5_quiet quiet = att_h5_quiet_begin();
    const att_status status = describe(ds, err);

    att_h5_quiet_end(quiet);
    return status;
}

void att_store_close(struct att_dataset *ds)
{
    const struct h5_quiet quiet = att_h5_quiet_begin();

    att_h5_close(ds->file);
    ds->file = -1;
    att_h5_quiet_end(quiet);
}
