/* test_dataset.c - a run folder and its store are the same data set. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "attest/judge/groups.h"
#include "attest/store/dataset.h"
#include "attest/store/store.h"
#include "scratch.h"
#include "specimen.h"
#include "unit.h"

static struct scratch scratch;
static char dir[SCRATCH_PATH], file[SCRATCH_PATH + 16];

/* Every 5th task has no row, every 7th timed out. */
static const struct specimen_options HOLES = {
    .skip_every = 5, .fail_every = 7, .start_time = 1000};

static int make(void)
{
    scratch_open(&scratch);
    (void)scratch_path(&scratch, "run", dir);
    (void)snprintf(file, sizeof file, "%s/results.h5", dir);
    specimen_write(dir, specimen_study, &HOLES);
    specimen_store(dir);
    return 0;
}

static int clean(void)
{
    scratch_close(&scratch);
    return 0;
}

static struct att_dataset *open_path(const char *path)
{
    struct att_dataset *ds = NULL;
    struct att_error err = {0};

    if (att_dataset_open(path, &ds, &err) != ATT_OK)
        (void)puts(err.text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(ds);
    return ds;
}

static const struct att_table *load(struct att_dataset *ds, const char *name)
{
    const struct att_table *table = NULL;
    const int s = att_dataset_find(ds, name);

    CU_ASSERT_TRUE_FATAL(s >= 0);
    CU_ASSERT_EQUAL_FATAL(att_dataset_load(ds, (uint32_t)s, true, &table, NULL),
                          ATT_OK);
    return table;
}

static struct att_value cell(const struct att_table *table, size_t row,
                             const char *name)
{
    const int f = att_table_find(table, name);

    CU_ASSERT_TRUE_FATAL(f >= 0);
    return att_frame_cell(&table->rows, row, (uint32_t)f);
}

static void compare_frames(const struct att_frame *a, const struct att_frame *b)
{
    size_t n_apart = 0;

    CU_ASSERT_EQUAL_FATAL(a->n, b->n);
    CU_ASSERT_EQUAL_FATAL(a->n_fields, b->n_fields);
    for (uint32_t f = 0; f < a->n_fields; f++) {
        CU_ASSERT_STRING_EQUAL(a->field[f].name, b->field[f].name);
        CU_ASSERT_STRING_EQUAL(a->field[f].id, b->field[f].id);
        CU_ASSERT_STRING_EQUAL(a->field[f].unit, b->field[f].unit);
        CU_ASSERT_STRING_EQUAL(a->field[f].doc, b->field[f].doc);
        CU_ASSERT_STRING_EQUAL(a->field[f].predicted_by,
                               b->field[f].predicted_by);
        CU_ASSERT_EQUAL(a->field[f].role, b->field[f].role);
        CU_ASSERT_EQUAL(a->field[f].type, b->field[f].type);
        CU_ASSERT_EQUAL(a->field[f].kind, b->field[f].kind);
        CU_ASSERT_EQUAL(a->field[f].exactness, b->field[f].exactness);
        CU_ASSERT_EQUAL(a->field[f].tolerance, b->field[f].tolerance);
        CU_ASSERT_EQUAL(a->field[f].standing, b->field[f].standing);
        for (size_t i = 0; i < a->n; i++) {
            n_apart += !att_value_equal(att_frame_cell(a, i, f),
                                        att_frame_cell(b, i, f));
        }
    }
    CU_ASSERT_EQUAL(n_apart, 0);
}

static void a_folder_and_its_store_have_the_same_cells(void)
{
    struct att_dataset *live = open_path(dir), *store = open_path(file);
    static const char *const sweeps[] = {"wide", "zipped", "beta"};

    CU_ASSERT_TRUE(att_dataset_is_live(live));
    CU_ASSERT_FALSE(att_dataset_is_live(store));
    CU_ASSERT_EQUAL(att_dataset_n_sweeps(live), 3);
    CU_ASSERT_EQUAL(att_dataset_n_sweeps(store), 3);
    CU_ASSERT_EQUAL(att_dataset_n_planned(live), att_dataset_n_planned(store));
    CU_ASSERT_EQUAL(att_dataset_n_done(live), att_dataset_n_done(store));
    CU_ASSERT_STRING_EQUAL(att_dataset_name(store), "specimen");
    for (size_t i = 0; i < 3; i++) {
        const struct att_table *a = load(live, sweeps[i]);
        const struct att_table *b = load(store, sweeps[i]);

        compare_frames(&a->rows, &b->rows);
        compare_frames(&a->lines, &b->lines);
        CU_ASSERT_STRING_EQUAL(a->axes, b->axes);
        CU_ASSERT_EQUAL(a->n_planned, b->n_planned);
        CU_ASSERT_EQUAL(a->n_done, b->n_done);
        CU_ASSERT_PTR_EQUAL(a->construction, b->construction);
        CU_ASSERT_EQUAL(memcmp(a->line_first, b->line_first,
                               (a->rows.n + 1) * sizeof *a->line_first),
                        0);
    }
    att_dataset_close(live);
    att_dataset_close(store);
}

/* 2 x 3 x 2 points and 3 replicates, less N d >= 200: (4, 64) twice. */
static void planned_tasks_without_a_row_are_listed_and_holes_are_not(void)
{
    struct att_dataset *ds = open_path(file);
    const struct att_table *t = load(ds, "wide");
    size_t n_status[ATT_OUTCOMES] = {0};

    CU_ASSERT_EQUAL(t->rows.n, 30);
    CU_ASSERT_EQUAL(t->n_planned, 30);
    for (size_t i = 0; i < t->rows.n; i++) {
        const uint64_t task = (uint64_t)cell(t, i, "task").i;
        const enum att_outcome_status status = att_table_status(t, i);

        n_status[status]++;
        CU_ASSERT_TRUE(i == 0 || task > (uint64_t)cell(t, i - 1, "task").i);
        CU_ASSERT_EQUAL(status, task % 5 == 0   ? ATT_NOT_RUN
                                : task % 7 == 0 ? ATT_TIMEOUT
                                                : ATT_DONE);
        CU_ASSERT_TRUE(cell(t, i, "N").i * cell(t, i, "d").i < 200);
    }
    CU_ASSERT_EQUAL(t->n_done, n_status[ATT_DONE]);
    CU_ASSERT_STRING_EQUAL(t->axes, "N d data replicate");
    CU_ASSERT_STRING_EQUAL(load(ds, "zipped")->axes, "N d replicate");
    CU_ASSERT_STRING_EQUAL(load(ds, "beta")->axes, "N replicate");
    att_dataset_close(ds);
}

static void cells_say_what_the_rows_said(void)
{
    struct att_dataset *ds = open_path(file);
    const struct att_table *t = load(ds, "wide");
    struct specimen s;

    specimen_open(&s, dir);
    for (size_t i = 0; i < t->rows.n; i++) {
        const bool done = att_table_status(t, i) == ATT_DONE;
        struct att_task task;

        CU_ASSERT_EQUAL(
            att_plan_task(s.plan, (uint64_t)cell(t, i, "task").i, &task, NULL),
            ATT_TASK_PLANNED);
        CU_ASSERT_TRUE(
            att_key_equal(att_table_key(t, i), att_plan_key(s.plan, &task)));
        CU_ASSERT_TRUE(
            att_value_equal(cell(t, i, "data"), task.p[SPECIMEN_DATA]));
        CU_ASSERT_TRUE(
            att_value_equal(cell(t, i, "beta"), task.p[SPECIMEN_BETA]));
        CU_ASSERT_TRUE(att_value_equal(
            cell(t, i, "err"),
            done ? att_real(specimen_err(task.p, task.replicate))
                 : att_none()));
        CU_ASSERT_TRUE(att_value_equal(
            cell(t, i, "blocks"),
            done ? att_int(specimen_blocks(task.p, task.replicate))
                 : att_none()));
        CU_ASSERT_EQUAL(cell(t, i, "claim_blocks_bound").i,
                        done ? ATT_HOLDS : ATT_NOT_APPLICABLE);
        CU_ASSERT_EQUAL(t->line_first[i + 1] - t->line_first[i],
                        done ? specimen_lines(task.p) : 0);
    }
    specimen_close(&s);
    att_dataset_close(ds);
}

static void text_that_is_no_utf8_is_made_readable(void)
{
    struct att_dataset *ds = open_path(file);
    const struct att_table *t = load(ds, "wide");
    size_t row = 0;

    while (row + 1 < t->rows.n && att_table_status(t, row) != ATT_DONE)
        row++;
    CU_ASSERT_STRING_EQUAL(cell(t, row, "host").s, "node??1");
    att_dataset_close(ds);
}

static void group_claims_have_no_column_per_row(void)
{
    struct att_dataset *ds = open_path(file);
    const struct att_table *t = load(ds, "wide");

    CU_ASSERT_TRUE(att_table_find(t, "claim_fast") >= 0);
    CU_ASSERT_EQUAL(att_table_find(t, "claim_slope"), -1);
    att_dataset_close(ds);
}

/* A search adds a metric of its own, and observes metrics of its trials. */
static void columns_that_only_rows_know_are_kept(void)
{
    struct att_dataset *ds = open_path(file);
    const struct att_table *t = load(ds, "wide");
    const int extra = att_table_find(t, "extra");
    const int rate = att_frame_find(&t->lines, "rate");
    size_t row = 0;

    CU_ASSERT_TRUE_FATAL(extra >= 0 && rate >= 0);
    CU_ASSERT_EQUAL(t->rows.field[extra].role, ATT_FIELD_METRIC);
    CU_ASSERT_EQUAL(t->rows.field[extra].kind, ATT_INTEGER);
    CU_ASSERT_EQUAL(t->lines.field[rate].role, ATT_FIELD_OBSERVATION);
    CU_ASSERT_EQUAL(t->lines.field[rate].exactness, ATT_TIMING);
    CU_ASSERT_STRING_EQUAL(t->lines.field[rate].unit, "s-1");
    while (row + 1 < t->rows.n && t->line_first[row + 1] == t->line_first[row])
        row++;
    CU_ASSERT_EQUAL(cell(t, row, "extra").i, cell(t, row, "task").i);
    CU_ASSERT_EQUAL(t->lines.cells[rate].real[t->line_first[row] + 1],
                    HOLES.start_time + 1);
    att_dataset_close(ds);
}

static void the_claims_table_comes_back(void)
{
    struct att_dataset *ds = open_path(file);
    const struct att_frame *claims = NULL;

    CU_ASSERT_EQUAL_FATAL(att_dataset_claims(ds, &claims, NULL), ATT_OK);
    CU_ASSERT_EQUAL_FATAL(claims->n, 2);
    const struct {
        const char *column;
        struct att_value first, second;
    } expected[] = {
        {"id", att_text("alpha.slope"), att_text("alpha.slope")},
        {"sweep", att_text("wide"), att_text("")},
        {"group", att_text("d=8"), att_text("")},
        {"n", att_int(5), att_int(2)},
        {"n_planned", att_int(6), att_int(2)},
        {"statistic", att_real(1.5), att_real(0)},
        {"predicted", att_none(), att_real(0)},
        {"verdict", att_int(ATT_INCONCLUSIVE), att_int(ATT_HOLDS)},
        {"note", att_text("few rows"), att_text("")},
        {"worst_key", att_text(""),
         att_text("00000000000000010000000000000002")},
    };

    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        const int f = att_frame_find(claims, expected[i].column);

        CU_ASSERT_TRUE_FATAL(f >= 0);
        CU_ASSERT_TRUE(att_value_equal(att_frame_cell(claims, 0, (uint32_t)f),
                                       expected[i].first));
        CU_ASSERT_TRUE(att_value_equal(att_frame_cell(claims, 1, (uint32_t)f),
                                       expected[i].second));
    }
    att_dataset_close(ds);
}

static void a_store_remembers_where_it_comes_from(void)
{
    struct att_dataset *ds = open_path(file);

    CU_ASSERT_STRING_EQUAL(att_dataset_fact(ds, "study"), specimen_study);
    CU_ASSERT_STRING_EQUAL(att_dataset_fact(ds, "argv"),
                           "attest run 'a study.yaml'");
    CU_ASSERT_STRING_EQUAL(att_dataset_fact(ds, "attest_version"),
                           att_version());
    CU_ASSERT_STRING_EQUAL(att_dataset_fact(ds, "hosts"), "node??1");
    CU_ASSERT_PTR_NULL(att_dataset_fact(ds, "nothing"));
    att_dataset_close(ds);
}

static void the_judge_sees_what_the_rows_say(void)
{
    struct att_dataset *ds = open_path(file);
    const struct att_table *t = load(ds, "wide");
    const struct att_row_source source = att_table_source(t);
    struct att_arena *arena = att_arena_create(0);
    size_t row = 0;

    while (row + 1 < t->rows.n &&
           (att_table_status(t, row) != ATT_DONE ||
            t->line_first[row + 1] == t->line_first[row]))
        row++;

    struct att_row_view view;
    const struct att_row_label label = source.label(source.context, row);

    CU_ASSERT_EQUAL_FATAL(source.row(source.context, row, arena, &view, NULL),
                          ATT_OK);
    CU_ASSERT_EQUAL(source.n, 30);
    CU_ASSERT_TRUE(att_key_equal(label.key, att_table_key(t, row)));
    CU_ASSERT_EQUAL(view.status, ATT_DONE);
    CU_ASSERT_EQUAL(view.param[SPECIMEN_N].i, cell(t, row, "N").i);
    /* a choice is the schema's own text, so that a judge may compare it */
    CU_ASSERT_PTR_EQUAL(
        view.param[SPECIMEN_DATA].s,
        specimen_alpha.params[SPECIMEN_DATA - 1]
            .choices[strcmp(cell(t, row, "data").s, "gauss") == 0 ? 0 : 1]);
    CU_ASSERT_EQUAL(view.metric[SPECIMEN_BLOCKS].kind, ATT_INTEGER);
    CU_ASSERT_EQUAL(view.observations.n_rows, specimen_lines(view.param));
    CU_ASSERT_EQUAL(view.observations.cell[1], specimen_loss(view.param, 0));
    CU_ASSERT_EQUAL(source.verdict(source.context, row, 0), ATT_HOLDS);
    CU_ASSERT_EQUAL(source.verdict(source.context, row, 1), ATT_NOT_APPLICABLE);
    CU_ASSERT_EQUAL(source.verdict(source.context, row, 2), ATT_DEPARTS);
    att_arena_destroy(arena);
    att_dataset_close(ds);
}

static void rows_are_found_by_key_and_by_number(void)
{
    struct att_dataset *ds = open_path(file);
    const struct att_table *t = load(ds, "beta");
    size_t row = 99, n = 0;

    CU_ASSERT_TRUE(att_table_find_key(t, cell(t, 7, "key").s, &row, &n));
    CU_ASSERT_EQUAL(row, 7);
    CU_ASSERT_FALSE(att_table_find_key(t, "", &row, &n));
    CU_ASSERT_EQUAL(n, t->rows.n);
    CU_ASSERT_TRUE(
        att_table_find_task(t, (uint64_t)cell(t, 3, "task").i, &row));
    CU_ASSERT_EQUAL(row, 3);
    CU_ASSERT_FALSE(att_table_find_task(t, 0, &row));
    att_dataset_close(ds);
}

/* Half of the values of beta's N are gone, and its rows with them; the same
 * rows have other numbers now. */
static void an_edited_study_keeps_the_rows_it_still_plans(void)
{
    static const char edited[] = "name: specimen\n"
                                 "seed: 20261121\n"
                                 "sweeps:\n"
                                 "  - construction: beta\n"
                                 "    grid: {N: {from: 2, to: 20, step: 2}}\n";
    struct att_dataset *ds = NULL;
    char path[SCRATCH_PATH + 16];

    (void)snprintf(path, sizeof path, "%s/study.yaml", dir);
    CU_ASSERT_EQUAL_FATAL(
        att_file_replace(path, edited, strlen(edited), false, NULL), ATT_OK);
    ds = open_path(dir);
    const struct att_table *t = load(ds, "beta");

    CU_ASSERT_EQUAL(t->rows.n, 10);
    for (size_t i = 0; i < t->rows.n; i++) {
        CU_ASSERT_EQUAL(cell(t, i, "task").i, (int64_t)i);
        CU_ASSERT_EQUAL(cell(t, i, "N").i, (int64_t)(2 * i + 2));
    }
    CU_ASSERT_TRUE(att_dataset_n_unplanned(ds) > 30);
    CU_ASSERT_TRUE(att_dataset_n_done(ds) > 5);
    att_dataset_close(ds);
    CU_ASSERT_EQUAL(att_file_replace(path, specimen_study,
                                     strlen(specimen_study), false, NULL),
                    ATT_OK);
}

static void what_is_no_data_set_says_so(void)
{
    const struct {
        const char *path, *says;
        att_status status;
    } cases[] = {
        {"/nonexistent", "No such file", ATT_E_IO},
        {"/dev/null", "neither a run folder nor a store", ATT_E_IO},
        {scratch.dir, "study.yaml", ATT_E_IO},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct att_dataset *ds = NULL;
        struct att_error err = {0};

        CU_ASSERT_EQUAL(att_dataset_open(cases[i].path, &ds, &err),
                        cases[i].status);
        CU_ASSERT_PTR_NULL(ds);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, cases[i].says));
    }
}

static att_status open_bytes(const char *bytes, size_t n, struct att_error *err)
{
    struct att_dataset *ds = NULL;
    char path[SCRATCH_PATH];

    (void)scratch_path(&scratch, "damaged.h5", path);
    CU_ASSERT_EQUAL(att_file_replace(path, bytes, n, false, NULL), ATT_OK);

    const att_status status = att_dataset_open(path, &ds, err);

    att_dataset_close(ds);
    return status;
}

static void a_cut_store_is_an_error(void)
{
    struct att_buffer good = {0};

    CU_ASSERT_EQUAL_FATAL(att_file_read(file, &good, NULL), ATT_OK);
    for (size_t n = 0; n < good.size; n += good.size / 13) {
        struct att_error err = {0};

        CU_ASSERT_NOT_EQUAL(open_bytes(good.data, n, &err), ATT_OK);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "damaged.h5"));
    }
    att_buffer_fini(&good);
}

/* Some flips hit bytes that nobody reads; none may end this program. */
static void flipped_bits_end_in_errors_or_nothing(void)
{
    struct att_buffer good = {0};
    unsigned n_errors = 0;

    CU_ASSERT_EQUAL_FATAL(att_file_read(file, &good, NULL), ATT_OK);
    for (size_t at = 3; at < good.size; at += good.size / 101) {
        struct att_error err = {0};

        good.data[at] = (char)(good.data[at] ^ 0xff);
        n_errors += open_bytes(good.data, good.size, &err) != ATT_OK;
        good.data[at] = (char)(good.data[at] ^ 0xff);
    }
    CU_ASSERT_TRUE(n_errors > 0);
    att_buffer_fini(&good);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"a folder and its store have the same cells",
         a_folder_and_its_store_have_the_same_cells},
        {"planned tasks without a row are listed and holes are not",
         planned_tasks_without_a_row_are_listed_and_holes_are_not},
        {"cells say what the rows said", cells_say_what_the_rows_said},
        {"text that is no UTF-8 is made readable",
         text_that_is_no_utf8_is_made_readable},
        {"group claims have no column per row",
         group_claims_have_no_column_per_row},
        {"columns that only rows know are kept",
         columns_that_only_rows_know_are_kept},
        {"the claims table comes back", the_claims_table_comes_back},
        {"a store remembers where it comes from",
         a_store_remembers_where_it_comes_from},
        {"the judge sees what the rows say", the_judge_sees_what_the_rows_say},
        {"rows are found by key and by number",
         rows_are_found_by_key_and_by_number},
        {"an edited study keeps the rows it still plans",
         an_edited_study_keeps_the_rows_it_still_plans},
        {"what is no data set says so", what_is_no_data_set_says_so},
        {"a cut store is an error", a_cut_store_is_an_error},
        {"flipped bits end in errors or nothing",
         flipped_bits_end_in_errors_or_nothing},
        CU_TEST_INFO_NULL,
    };

    return unit_run_with("dataset", make, clean, tests);
}
