/* h5_field.c - what the attributes of a column say. */
#include <stdio.h>
#include <string.h>

#include "attest/base/text.h"
#include "h5_table_priv.h"

static void put_if(struct h5_put *put, const char *name, const char *text)
{
    if (text[0] != '\0')
        att_h5_put_text(put, name, text);
}

/* "holds inconclusive violated departs not_applicable", words as netCDF wants
 * them: without spaces inside. */
static void add_meaning(char *words, size_t size, const char *word)
{
    const size_t used = strlen(words);

    (void)snprintf(words + used, size - used, "%s%s", used == 0 ? "" : " ",
                   word);
    for (char *c = words + used + (used != 0); *c != '\0'; c++) {
        if (*c == ' ')
            *c = '_';
    }
}

enum { MEANINGS_BYTES = 160 };

static void put_verdicts(struct h5_put *put)
{
    static const enum att_verdict verdict[] = {
        ATT_HOLDS,   ATT_INCONCLUSIVE,   ATT_VIOLATED,
        ATT_DEPARTS, ATT_NOT_APPLICABLE,
    };
    enum { N = sizeof verdict / sizeof *verdict };
    char words[MEANINGS_BYTES] = "";
    int8_t value[N];

    for (size_t i = 0; i < N; i++) {
        value[i] = (int8_t)verdict[i];
        add_meaning(words, sizeof words, att_verdict_text(verdict[i]));
    }
    att_h5_put_i8s(put, "flag_values", value, N);
    att_h5_put_text(put, "flag_meanings", words);
}

static void put_outcomes(struct h5_put *put)
{
    char words[MEANINGS_BYTES] = "";
    int8_t value[ATT_OUTCOMES];

    for (int i = 0; i < ATT_OUTCOMES; i++) {
        value[i] = (int8_t)i;
        add_meaning(words, sizeof words,
                    att_outcome_text((enum att_outcome_status)i));
    }
    att_h5_put_i8s(put, "flag_values", value, ATT_OUTCOMES);
    att_h5_put_text(put, "flag_meanings", words);
}

/* A column of verdicts: of a claim, or of /claims. */
static bool holds_verdicts(const struct att_field *field)
{
    return field->role == ATT_FIELD_CLAIM ||
           (field->role == ATT_FIELD_FINDING && field->index == CLAIMS_VERDICT);
}

static bool is_result(const struct att_field *field)
{
    return field->role == ATT_FIELD_METRIC || field->role == ATT_FIELD_AXIS ||
           field->role == ATT_FIELD_OBSERVATION ||
           field->role == ATT_FIELD_CLAIM;
}

static void put_result(struct h5_put *put, const struct att_field *field)
{
    att_h5_put_text(put, "exactness", att_exactness_text(field->exactness));
    if (field->exactness == ATT_ROUNDED)
        att_h5_put_f64(put, "tolerance", field->tolerance);
    put_if(put, "formula", field->formula);
    put_if(put, "predicted_by", field->predicted_by);
    put_if(put, "source", field->source);
}

static void put_claim(struct h5_put *put, const struct att_field *field)
{
    att_h5_put_text(put, "claim_id", field->id);
    att_h5_put_text(put, "statement", field->statement);
    att_h5_put_text(put, "standing", att_standing_text(field->standing));
}

att_status att_h5_field_write(hid_t set, const struct att_field *field,
                              struct att_error *err)
{
    struct h5_put put = {.object = set, .err = err};

    put_if(&put, "long_name", field->doc);
    put_if(&put, "units", field->unit);
    att_h5_put_text(&put, "role", att_role_text(field));
    att_h5_put_text(&put, "kind", att_kind_text(field->kind));
    if (is_result(field) || field->exactness != ATT_EXACT)
        put_result(&put, field);
    if (field->role == ATT_FIELD_CLAIM)
        put_claim(&put, field);
    if (field->role == ATT_FIELD_STATUS)
        put_outcomes(&put);
    if (holds_verdicts(field))
        put_verdicts(&put);
    if (field->role == ATT_FIELD_TASK_INDEX)
        att_h5_put_text(&put, "instance_dimension", "task");
    return put.status;
}

/* ---- back ---------------------------------------------------------------- */

static void read_texts(struct h5_get *get, struct att_field *field)
{
    field->doc = att_h5_get_text(get, "long_name", "");
    field->unit = att_h5_get_text(get, "units", "");
    field->formula = att_h5_get_text(get, "formula", "");
    field->predicted_by = att_h5_get_text(get, "predicted_by", "");
    field->statement = att_h5_get_text(get, "statement", "");
    field->source = att_h5_get_text(get, "source", "");
    field->id = att_h5_get_text(get, "claim_id", field->name);
    field->tolerance = att_h5_get_f64(get, "tolerance", 0);
}

/* A word that must be one of an enumeration. */
static int read_word(struct h5_get *get, const char *name, const char *fallback,
                     int (*parse)(const char *text))
{
    const char *text = att_h5_get_text(get, name, fallback);
    const int word = parse(text);

    if (word < 0 && get->status == ATT_OK) {
        get->status =
            att_fail(get->err, ATT_E_PARSE,
                     "attribute '%s' says '%s', which is unknown", name, text);
    }
    return word < 0 ? 0 : word;
}

static void read_words(struct h5_get *get, struct att_field *field)
{
    const int role = read_word(get, "role", "", att_role_parse);

    field->role =
        role == ROLE_PREDICTED ? ATT_FIELD_METRIC : (enum att_field_role)role;
    field->metric_role =
        role == ROLE_PREDICTED ? ATT_ROLE_PREDICTED : ATT_ROLE_MEASURED;
    field->kind = (enum att_kind)read_word(get, "kind", "", att_kind_parse);
    field->exactness = (enum att_exactness)read_word(get, "exactness", "exact",
                                                     att_exactness_parse);
    field->standing = (enum att_standing)read_word(get, "standing", "proved",
                                                   att_standing_parse);
}

/* The cell type of a stored type; false for one that is no column's. */
static bool stored_type(hid_t type, enum att_cell_type *cell)
{
    switch (H5Tget_class(type)) {
    case H5T_INTEGER:
        *cell = H5Tget_size(type) == 1 ? ATT_CELL_I8 : ATT_CELL_I64;
        return H5Tget_size(type) <= 8;
    case H5T_FLOAT:
        *cell = ATT_CELL_F64;
        return H5Tget_size(type) <= 8;
    case H5T_STRING:
        *cell = ATT_CELL_TEXT;
        return H5Tis_variable_str(type) > 0;
    case H5T_NO_CLASS:
    case H5T_TIME:
    case H5T_BITFIELD:
    case H5T_OPAQUE:
    case H5T_COMPOUND:
    case H5T_REFERENCE:
    case H5T_ENUM:
    case H5T_VLEN:
    case H5T_ARRAY:
    case H5T_NCLASSES:
        break;
    }
    return false;
}

/* Roles whose cells the rest of the program reads without asking. */
static bool type_suits_role(const struct att_field *field)
{
    switch ((int)field->role) {
    case ATT_FIELD_TASK:
    case ATT_FIELD_REPLICATE:
    case ATT_FIELD_LINE:
    case ATT_FIELD_TASK_INDEX:
        return field->type == ATT_CELL_I64;
    case ATT_FIELD_KEY:
        return field->type == ATT_CELL_TEXT;
    case ATT_FIELD_STATUS:
    case ATT_FIELD_CLAIM:
        return field->type == ATT_CELL_I8;
    case ATT_FIELD_AXIS:
    case ATT_FIELD_OBSERVATION:
        return field->type == ATT_CELL_F64;
    case ATT_FIELD_PARAMETER:
        return field->type == (field->kind == ATT_INTEGER ? ATT_CELL_I64
                               : field->kind == ATT_REAL  ? ATT_CELL_F64
                                                          : ATT_CELL_TEXT);
    case ATT_FIELD_METRIC:
        return field->type ==
               (field->kind == ATT_TEXT ? ATT_CELL_TEXT : ATT_CELL_F64);
    default:
        return true;
    }
}

static att_status read_column(hid_t set, struct att_arena *arena,
                              struct att_field *field, struct att_error *err)
{
    struct h5_get get = {.object = set, .arena = arena, .err = err};
    const hid_t type = H5Dget_type(set);
    const bool known = type >= 0 && stored_type(type, &field->type);

    att_h5_close(type);
    if (!known) {
        return att_h5_fail(err, ATT_E_PARSE,
                           "column '%s' has a type that no column has",
                           field->name);
    }
    read_words(&get, field);
    read_texts(&get, field);
    if (get.status == ATT_OK && !type_suits_role(field)) {
        return att_fail(err, ATT_E_PARSE,
                        "column '%s' has the wrong type for its role '%s'",
                        field->name, att_role_text(field));
    }
    return get.status;
}

att_status att_h5_field_read(hid_t group, const char *name,
                             struct att_arena *arena, struct att_field *field,
                             struct att_error *err)
{
    const hid_t set = H5Dopen2(group, name, H5P_DEFAULT);
    att_status status = ATT_OK;

    *field = (struct att_field){.name = att_arena_strdup(arena, name),
                                .index = FIELD_ABSENT};
    if (field->name == NULL) {
        status = att_arena_fail(arena, "a column", err);
    } else if (set < 0) {
        status = att_h5_fail(err, ATT_E_PARSE, "there is no column '%s'", name);
    } else {
        status = read_column(set, arena, field, err);
    }
    att_h5_close(set);
    return status;
}
