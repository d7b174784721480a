#include "show_task.h"

#include <inttypes.h>

#include "attest/judge/verdict.h"
#include "cli_priv.h"
#include "json.h"
#include "select.h"

static bool is_role(const struct att_table *t, uint32_t i,
                    enum att_field_role role)
{
    return t->rows.field[i].role == role;
}

static void print_cell(const struct cli_choice *c, uint32_t i)
{
    const struct att_field *f = &c->table->rows.field[i];
    char text[ATT_NUMBER_TEXT];
    const struct att_value v = att_frame_cell(&c->table->rows, c->row, i);

    (void)printf("  %-20s %s%s%s", f->name,
                 v.kind == ATT_NONE ? "-" : att_value_text(v, text),
                 f->unit[0] != '\0' && f->unit[0] != '1' ? " " : "",
                 f->unit[0] != '1' ? f->unit : "");
    (void)printf("%s%s\n", f->doc[0] != '\0' ? "   # " : "", f->doc);
}

static void print_section(const struct cli_choice *c, const char *title,
                          enum att_field_role role)
{
    bool first = true;

    for (uint32_t i = 0; i < c->table->rows.n_fields; i++) {
        if (!is_role(c->table, i, role))
            continue;
        if (first)
            (void)printf("%s:\n", title);
        first = false;
        print_cell(c, i);
    }
}

/* Judge again, so that the reason can be shown beside the verdict. */
static void print_claims(const struct cli_choice *c, struct att_arena *arena)
{
    const struct att_construction *k = c->table->construction;
    struct att_row_view view;
    struct att_error err = {0};

    if (k == NULL || k->n_claims == 0)
        return;
    if (att_table_view(c->table, c->row, arena, &view, &err) != ATT_OK) {
        (void)cli_fail(&err);
        return;
    }
    (void)puts("claims of the row:");
    for (uint32_t i = 0; i < k->n_claims; i++) {
        struct att_finding f;

        if (k->claims[i].scope != ATT_SCOPE_ROW)
            continue;
        att_judge_row_claim(&view, i, arena, &f);
        (void)printf("  %-28s %-14s %s\n", k->claims[i].id,
                     att_verdict_text(f.verdict), k->claims[i].statement);
        if (f.note[0] != '\0')
            (void)printf("  %-28s   %s\n", "", f.note);
    }
}

static void print_observations(const struct cli_choice *c)
{
    const struct att_table *t = c->table;

    if (t->line_first == NULL ||
        t->line_first[c->row] == t->line_first[c->row + 1])
        return;
    (void)puts("observations:");
    for (uint32_t f = 0; f < t->lines.n_fields; f++) {
        if (t->lines.field[f].role == ATT_FIELD_AXIS ||
            t->lines.field[f].role == ATT_FIELD_OBSERVATION)
            (void)printf("  %14s", t->lines.field[f].name);
    }
    (void)puts("");
    for (uint64_t i = t->line_first[c->row]; i < t->line_first[c->row + 1];
         i++) {
        for (uint32_t f = 0; f < t->lines.n_fields; f++) {
            char text[ATT_NUMBER_TEXT];

            if (t->lines.field[f].role == ATT_FIELD_AXIS ||
                t->lines.field[f].role == ATT_FIELD_OBSERVATION) {
                (void)printf(
                    "  %14s",
                    att_value_text(att_frame_cell(&t->lines, (size_t)i, f),
                                   text));
            }
        }
        (void)puts("");
    }
}

/* Only a run folder has the plan that seeds are made from. */
static void print_seeds(struct att_dataset *dataset, const struct cli_choice *c)
{
    struct att_plan *plan = att_dataset_plan(dataset);
    struct att_task task;
    uint64_t instance = 0;
    uint64_t builder = 0;

    if (plan == NULL)
        return;
    const uint64_t number =
        (uint64_t)c->table->rows.cells[c->table->task].integer[c->row];
    if (att_plan_task(plan, number, &task, NULL) != ATT_TASK_PLANNED)
        return;
    att_plan_seeds(plan, &task, &instance, &builder);
    (void)printf("seeds:\n  %-20s 0x%016" PRIx64 "\n  %-20s 0x%016" PRIx64 "\n",
                 "instance", instance, "builder", builder);
}

static int print_text(struct att_dataset *dataset, const struct cli_choice *c)
{
    struct att_arena *arena = att_arena_create(0);
    char key[ATT_KEY_TEXT];

    if (arena == NULL) {
        cli_error(NULL, "out of memory");
        return CLI_TROUBLE;
    }
    (void)printf("%s, task %" PRId64 ", key k%s, %s\n", c->table->name,
                 c->table->rows.cells[c->table->task].integer[c->row],
                 att_key_text(att_table_key(c->table, c->row), key),
                 att_outcome_text(att_table_status(c->table, c->row)));
    print_section(c, "parameters", ATT_FIELD_PARAMETER);
    print_section(c, "replicate", ATT_FIELD_REPLICATE);
    print_seeds(dataset, c);
    print_section(c, "metrics", ATT_FIELD_METRIC);
    print_claims(c, arena);
    print_observations(c);
    print_section(c, "run", ATT_FIELD_RUNNER);
    att_arena_destroy(arena);
    return CLI_DONE;
}

static int print_json(const struct cli_choice *c)
{
    json_t *root = cli_json_begin("show");
    json_t *row = json_object();

    for (uint32_t i = 0; i < c->table->rows.n_fields; i++) {
        json_object_set_new(
            row, c->table->rows.field[i].name,
            att_json_value(att_frame_cell(&c->table->rows, c->row, i)));
    }
    json_object_set_new(root, "sweep", json_string(c->table->name));
    json_object_set_new(root, "row", row);
    return cli_json_end(root);
}

int cli_show_task(struct att_dataset *dataset, const char *task, bool json)
{
    struct cli_choice choice;
    struct att_error err = {0};

    if (cli_select(dataset, task, &choice, &err) != ATT_OK)
        return cli_fail(&err);
    return json ? print_json(&choice) : print_text(dataset, &choice);
}
