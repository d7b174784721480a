#include "remake.h"

#include "attest/base/text.h"

/* The value of the searched parameter in the row of a `find`. */
static struct att_value searched(struct att_plan *plan,
                                 const struct cli_choice *choice,
                                 uint64_t number)
{
    const struct att_table *t = choice->table;
    struct att_task task;

    if (plan == NULL ||
        att_plan_task(plan, number, &task, NULL) != ATT_TASK_PLANNED ||
        att_plan_find(plan, &task) == NULL)
        return att_none();
    const uint32_t param = att_plan_find(plan, &task)->param;
    const int field = att_table_find(
        t, att_construction_param(task.construction, param)->name);

    return field < 0 ? att_none()
                     : att_frame_cell(&t->rows, choice->row, (uint32_t)field);
}

struct att_task_remake cli_remake_of(struct att_dataset *dataset,
                                     const struct cli_choice *choice,
                                     struct att_arena *arena)
{
    const struct att_table *t = choice->table;
    const uint64_t number =
        (uint64_t)t->rows.cells[t->task].integer[choice->row];

    return (struct att_task_remake){
        .number = number,
        .searched = searched(att_dataset_plan(dataset), choice, number),
        .arena = arena,
    };
}

const char *cli_point_of(const struct cli_choice *choice,
                         struct att_arena *arena)
{
    const struct att_table *t = choice->table;
    const char *list = t->axes;
    const char *text = "";
    char number[ATT_NUMBER_TEXT];
    char name[64];

    while (text != NULL && att_text_word(&list, " ", name, sizeof name)) {
        const int field = att_table_find(t, name);

        if (field >= 0) {
            text = att_arena_printf(
                arena, "%s%s%s=%s", text, text[0] == '\0' ? "" : " ", name,
                att_value_text(
                    att_frame_cell(&t->rows, choice->row, (uint32_t)field),
                    number));
        }
    }
    return text;
}
