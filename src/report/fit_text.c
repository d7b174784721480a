/* fit_text.c - laws as a table, as notes, as JSON. */
#include <stdio.h>

#include "attest/report/fit.h"
#include "attest/report/json_value.h"

enum {
    L_GROUP,
    L_LAW,
    L_COEFFICIENT,
    L_ESTIMATE,
    L_LO,
    L_HI,
    L_THEOREM,
    L_R2,
    L_ROWS,
    L_PLANNED,
    N_L
};

static const struct att_text_column COLUMNS[N_L] = {
    [L_GROUP] = {.name = "group"},
    [L_LAW] = {.name = "law"},
    [L_COEFFICIENT] = {.name = "coefficient"},
    [L_ESTIMATE] = {.name = "estimate", .digits = ATT_DIGITS_DEFAULT},
    [L_LO] = {.name = "95 % from", .digits = ATT_DIGITS_DEFAULT},
    [L_HI] = {.name = "to", .digits = ATT_DIGITS_DEFAULT},
    [L_THEOREM] = {.name = "theorem", .digits = ATT_DIGITS_DEFAULT},
    [L_R2] = {.name = "R2", .digits = ATT_DIGITS_DEFAULT},
    [L_ROWS] = {.name = "rows", .digits = ATT_DIGITS_ALL},
    [L_PLANNED] = {.name = "planned", .digits = ATT_DIGITS_ALL},
};

/* "d_min = a + b*log2(L)" in arena; NULL when out of memory. */
static const char *law_text(const struct att_laws *laws,
                            const struct att_law *law, struct att_arena *arena)
{
    struct att_buffer text = {0};
    const char *copy = NULL;

    att_buffer_printf(&text, "%s = ", laws->y);
    att_form_spell(&law->form, laws->x, &text);
    if (att_buffer_ok(&text))
        copy = att_arena_strdup(arena, text.data);
    att_buffer_fini(&text);
    return copy;
}

static att_status add_law(const struct att_laws *laws,
                          const struct att_law *law, struct att_text_table *out,
                          struct att_error *err)
{
    const char *text = law_text(laws, law, out->arena);

    if (text == NULL)
        return att_arena_fail(out->arena, "a table of laws", err);
    for (uint32_t k = 0; law->why == NULL && k < law->n_coefs; k++) {
        const char *letter =
            att_arena_printf(out->arena, "%c", att_form_letter(k));
        const struct att_value cells[N_L] = {
            [L_GROUP] = att_text(law->group),
            [L_LAW] = att_text(text),
            [L_COEFFICIENT] = att_text(letter),
            [L_ESTIMATE] = att_real(law->coef[k]),
            [L_LO] = att_real(law->ci[k].lo),
            [L_HI] = att_real(law->ci[k].hi),
            [L_THEOREM] =
                law->has_theorem ? att_real(law->theorem[k]) : att_none(),
            [L_R2] = att_real(law->r2),
            [L_ROWS] = att_int((int64_t)law->n),
            [L_PLANNED] = att_int((int64_t)law->n_planned),
        };

        if (letter == NULL)
            return att_arena_fail(out->arena, "a table of laws", err);
        ATT_TRY(att_text_table_add(out, cells + N_L - out->n_columns, err));
    }
    return ATT_OK;
}

/* One curve without a name needs no column of groups. */
static bool has_groups(const struct att_laws *laws)
{
    return laws->n != 1 || laws->law[0].group[0] != '\0';
}

att_status att_laws_table(const struct att_laws *laws, struct att_arena *arena,
                          struct att_text_table *out, struct att_error *err)
{
    const uint32_t first = has_groups(laws) ? L_GROUP : L_GROUP + 1;

    att_text_table_init(out, arena, COLUMNS + first, N_L - first);
    for (size_t i = 0; i < laws->n; i++)
        ATT_TRY(add_law(laws, &laws->law[i], out, err));
    return ATT_OK;
}

/* ---- notes ---------------------------------------------------------------- */

static const char *name_of(const struct att_law *law)
{
    return law->group[0] == '\0' ? "all rows" : law->group;
}

/* What a limit cut off is usually what is large. */
static void note_stopped(const struct att_law *law, struct att_buffer *out)
{
    if (law->n_stopped == 0)
        return;
    att_buffer_printf(
        out,
        "%s: %zu rows were stopped by a limit or found no value%s"
        "\n",
        name_of(law), law->n_stopped,
        law->why != NULL ? "" : "; a law in what remains may be too small");
}

static void note_law(const struct att_law *law, struct att_buffer *out)
{
    if (law->why != NULL) {
        att_buffer_printf(out, "%s: no fit: %s\n", name_of(law), law->why);
    } else if (law->n < law->n_planned) {
        att_buffer_printf(out, "%s: rests on %zu of %zu planned rows\n",
                          name_of(law), law->n, law->n_planned);
    }
    note_stopped(law, out);
    if (law->why == NULL && !law->resampled) {
        att_buffer_printf(out,
                          "%s: one replicate, the intervals assume independent "
                          "points\n",
                          name_of(law));
    }
}

void att_laws_notes(const struct att_laws *laws, struct att_buffer *out)
{
    if (laws->predicted_by != NULL) {
        att_buffer_printf(out,
                          "theorem: the same law through %s at the same "
                          "points\n",
                          laws->predicted_by);
    }
    for (size_t i = 0; i < laws->n; i++)
        note_law(&laws->law[i], out);
}

/* ---- JSON ------------------------------------------------------------------- */

static json_t *coefficient_json(const struct att_law *law, uint32_t k)
{
    const char name[] = {att_form_letter(k), '\0'};

    return json_pack(
        "{s:s, s:o, s:o, s:o, s:o}", "name", name, "estimate",
        att_json_real(law->coef[k]), "lo", att_json_real(law->ci[k].lo), "hi",
        att_json_real(law->ci[k].hi), "theorem",
        law->has_theorem ? att_json_real(law->theorem[k]) : json_null());
}

static json_t *law_json(const struct att_law *law)
{
    json_t *coefficients = json_array();

    for (uint32_t k = 0; k < law->n_coefs; k++)
        json_array_append_new(coefficients, coefficient_json(law, k));
    return json_pack(
        "{s:s, s:s, s:s?, s:o, s:o, s:I, s:I, s:I, s:I, s:I, s:b, s:o}",
        "group", law->group, "model", law->form.text, "no_fit", law->why, "r2",
        att_json_real(law->r2), "aicc", att_json_real(law->aicc), "n",
        (json_int_t)law->n, "n_planned", (json_int_t)law->n_planned,
        "n_stopped", (json_int_t)law->n_stopped, "n_distinct",
        (json_int_t)law->n_distinct, "n_replicates",
        (json_int_t)law->n_replicates, "resampled", law->resampled,
        "coefficients", coefficients);
}

json_t *att_laws_json(const struct att_laws *laws)
{
    json_t *list = json_array();

    for (size_t i = 0; i < laws->n; i++) {
        if (json_array_append_new(list, law_json(&laws->law[i])) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return json_pack("{s:s, s:s, s:s?, s:o}", "x", laws->x, "y", laws->y,
                     "predicted_by", laws->predicted_by, "laws", list);
}
