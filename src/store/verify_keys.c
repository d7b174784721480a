/* verify_keys.c - is every row called what its values say?
 *
 * A key depends on the study (seed, coupling, searches), so a row is looked
 * for in the plan of the folder's study and in those of the studies that the
 * journal has seen.  A row whose point some plan has, under another key, is
 * wrong; a row that no plan has any more cannot be checked. */
#include <stdlib.h>
#include <string.h>

#include "attest/construction/registry.h"
#include "rows_priv.h"
#include "verify_priv.h"

/* A study that can be asked for keys. */
struct oracle {
    struct att_study_file *study;
    struct att_inputs *inputs;
    struct att_plan *plan;
};

static void oracle_close(struct oracle *o)
{
    att_plan_destroy(o->plan);
    att_inputs_destroy(o->inputs);
    att_study_destroy(o->study);
}

/* Studies that no longer load are passed over. */
static bool oracle_open(struct oracle *o, const struct att_journal_plan *text)
{
    size_t n = 0;
    const struct att_construction *const *known = att_constructions(&n);
    const struct att_study_source source = {
        .path = text->study_path,
        .text = text->study_text,
        .n = text->n_study,
        .known = known,
        .n_known = n,
    };
    struct att_buffer diagnostics = {0};

    *o = (struct oracle){0};

    bool open =
        att_study_parse(&source, &o->study, &diagnostics, NULL) == ATT_OK;

    att_buffer_fini(&diagnostics);
    open = open && att_inputs_read(att_study_of(o->study), NULL, &o->inputs,
                                   NULL) == ATT_OK;
    open = open && att_plan_create(att_study_of(o->study), o->inputs, &o->plan,
                                   NULL) == ATT_OK;
    if (!open)
        oracle_close(o);
    return open;
}

enum { ORACLES_MAX = 64 };

struct oracles {
    struct oracle earlier[ORACLES_MAX]; /* n */
    size_t n;
    struct att_plan *current;
};

static bool is_new(const struct att_journal *journal, size_t i,
                   struct att_key current)
{
    const struct att_key digest = att_journal_plan(journal, i)->digest;

    if (att_key_equal(digest, current))
        return false;
    for (size_t k = 0; k < i; k++) {
        if (att_key_equal(digest, att_journal_plan(journal, k)->digest))
            return false;
    }
    return true;
}

/* The latest studies first: they have most of the rows. */
static void open_oracles(const struct verify *v, struct oracles *o)
{
    const struct att_key current = att_dataset_study(v->folder)->digest;

    o->n = 0;
    o->current = att_dataset_plan(v->folder);
    for (size_t i = att_journal_n_plans(v->journal);
         i-- > 0 && o->n < ORACLES_MAX;) {
        if (is_new(v->journal, i, current) &&
            oracle_open(&o->earlier[o->n], att_journal_plan(v->journal, i)))
            o->n++;
    }
}

enum answer { UNKNOWN, RIGHT, WRONG };

/* Does a sweep of the construction have the point, whatever its key? */
static bool has_point(struct att_plan *plan, const struct att_construction *c,
                      const struct att_value *p, int64_t replicate)
{
    const struct att_study *study = att_plan_study(plan);
    uint64_t number = 0;

    for (uint32_t s = 0; s < study->n_sweeps; s++) {
        if (study->sweep[s].construction == c &&
            att_plan_number(plan, s, p, replicate, &number))
            return true;
    }
    return false;
}

static enum answer ask(struct att_plan *plan, struct row_reader *reader)
{
    const struct att_construction *c =
        att_planned_construction(plan, reader->columns->construction);
    struct att_value p[ATT_PLAN_PARAMS];
    uint32_t sweep = 0;
    uint64_t number = 0;

    if (c == NULL || !att_row_params(reader, c, p))
        return UNKNOWN;

    const struct att_row_name name = {c->name, p, reader->row.replicate,
                                      reader->row.key};

    if (att_plan_locate(plan, &name, &sweep, &number))
        return RIGHT;
    return has_point(plan, c, p, reader->row.replicate) ? WRONG : UNKNOWN;
}

static enum answer ask_all(struct oracles *o, struct row_reader *reader)
{
    enum answer answer = ask(o->current, reader);

    for (size_t i = 0; i < o->n && answer != RIGHT; i++) {
        const enum answer other = ask(o->earlier[i].plan, reader);

        answer = other == UNKNOWN ? answer : other;
    }
    return answer;
}

static void count(struct verify *v, enum answer answer,
                  const struct row_reader *reader)
{
    char key[ATT_KEY_TEXT];

    v->report->n_keys_checked += answer != UNKNOWN;
    v->report->n_keys_unchecked += answer == UNKNOWN;
    v->report->n_keys_wrong += answer == WRONG;
    if (answer == WRONG) {
        att_verify_say(v, &v->told_keys,
                       "journal: the values of k%s (%s) give another key",
                       att_key_text(reader->row.key, key),
                       reader->columns->construction);
    }
}

static att_status check_rows(struct verify *v, struct oracles *o,
                             struct row_reader *reader, struct att_error *err)
{
    const size_t n = att_journal_places(v->journal);

    for (size_t place = 0; place < n; place++) {
        bool there = false;

        ATT_TRY(att_row_read(reader, place, &there, err));
        if (there)
            count(v, ask_all(o, reader), reader);
    }
    return ATT_OK;
}

static att_status check_with(struct verify *v, struct oracles *o,
                             struct att_error *err)
{
    struct row_reader reader;

    ATT_TRY(att_row_reader_init(&reader, v->journal, err));
    open_oracles(v, o);

    const att_status status = check_rows(v, o, &reader, err);

    for (size_t i = 0; i < o->n; i++)
        oracle_close(&o->earlier[i]);
    att_row_reader_fini(&reader);
    return status;
}

att_status att_verify_keys(struct verify *v, struct att_error *err)
{
    struct oracles *o = calloc(1, sizeof *o);

    if (o == NULL)
        return att_fail(err, ATT_E_NOMEM, "no memory to verify keys");

    const att_status status = check_with(v, o, err);

    free(o);
    return status;
}
