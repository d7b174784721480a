/* write_claims.c - the table /claims. */
#include "write_priv.h"

static struct att_value key_value(const struct att_claim_result *r,
                                  char text[ATT_KEY_TEXT])
{
    return att_text(r->has_worst ? att_key_text(r->worst_key, text) : "");
}

static struct att_value named_value(const struct att_claim_result *r,
                                    enum claims_column column)
{
    const struct att_claim *claim = r->claim;
    const char *text[CLAIMS_COLUMNS] = {
        [CLAIMS_ID] = claim->id,
        [CLAIMS_SWEEP] = r->sweep,
        [CLAIMS_SCOPE] = att_scope_text(claim->scope),
        [CLAIMS_GROUP] = r->group,
        [CLAIMS_STANDING] = att_standing_text(claim->standing),
        [CLAIMS_NOTE] = r->finding.note,
        [CLAIMS_STATEMENT] = claim->statement,
        [CLAIMS_SOURCE] = claim->source,
    };

    return att_text(text[column]);
}

static struct att_value number_value(const struct att_claim_result *r,
                                     enum claims_column column)
{
    const double number[CLAIMS_COLUMNS] = {
        [CLAIMS_N] = (double)r->n,
        [CLAIMS_N_CENSORED] = (double)r->n_censored,
        [CLAIMS_N_PLANNED] = (double)r->n_planned,
        [CLAIMS_STATISTIC] = r->finding.statistic,
        [CLAIMS_LO] = r->finding.lo,
        [CLAIMS_HI] = r->finding.hi,
        [CLAIMS_PREDICTED] = r->finding.predicted,
        [CLAIMS_VERDICT] = (double)r->finding.verdict,
        [CLAIMS_TIMING] = r->claim->timing ? 1 : 0,
    };

    return att_real(number[column]);
}

static void fill_result(struct att_frame *frame, size_t i,
                        const struct att_claim_result *r,
                        struct text_pool *pool)
{
    char key[ATT_KEY_TEXT];

    for (uint32_t f = 0; f < frame->n_fields; f++) {
        const enum claims_column column =
            (enum claims_column)frame->field[f].index;
        struct att_value v = frame->field[f].type == ATT_CELL_TEXT
                                 ? named_value(r, column)
                                 : number_value(r, column);

        if (column == CLAIMS_LINE) {
            v = att_int((int64_t)i);
        } else if (column == CLAIMS_WORST_KEY) {
            v = key_value(r, key);
        }
        att_frame_set(frame, i, f, v, pool);
    }
}

static att_status write_table(hid_t group, const struct field_list *list,
                              const struct att_claim_results *claims,
                              struct att_error *err)
{
    const size_t n = claims == NULL ? 0 : claims->n;
    const struct h5_table_layout layout = {
        .field = list->field, .n_fields = list->n, .n_rows = n};
    struct text_pool pool;
    struct att_frame frame;
    struct h5_table table;

    att_pool_init(&pool, list->arena);
    ATT_TRY(att_frame_create(&frame, list->field, list->n, n, err));
    for (size_t i = 0; i < n; i++)
        fill_result(&frame, i, &claims->result[i], &pool);

    att_status status = att_h5_table_create(group, &layout, &table, err);

    if (status == ATT_OK) {
        status = att_h5_table_append(&table, &frame, n, err);
        att_h5_table_close(&table);
    }
    att_frame_destroy(&frame);
    return status;
}

static att_status write_group(hid_t group,
                              const struct att_claim_results *claims,
                              struct att_arena *arena, struct att_error *err)
{
    struct field_list list = {.arena = arena, .err = err};

    att_schema_claims(&list);
    if (list.status != ATT_OK)
        return list.status;
    ATT_TRY(att_write_columns(group, &list, err));
    return write_table(group, &list, claims, err);
}

att_status att_write_claims(hid_t root, const struct att_claim_results *claims,
                            struct att_error *err)
{
    struct att_arena *arena = att_arena_create(0);
    hid_t group = -1;
    att_status status = arena == NULL
                            ? att_fail(err, ATT_E_NOMEM, "no memory for claims")
                            : att_h5_group_create(root, "claims", &group, err);

    if (status == ATT_OK)
        status = write_group(group, claims, arena, err);
    att_h5_close(group);
    att_arena_destroy(arena);
    return status;
}
