/* test_pass.c - blocks in their order are the table. */
#include "attest/store/pass.h"

#include <string.h>

#include "scratch.h"
#include "specimen.h"
#include "unit.h"

/* Three blocks of rows, the last one not full, and more of lines. */
enum { ROWS = 20000 };
static const char study[] = "name: long\n"
                            "seed: 7\n"
                            "sweeps:\n"
                            "  - construction: alpha\n"
                            "    grid: {N: {from: 1, to: 20000, step: 1}}\n"
                            "    replicates: 1\n";

static const struct specimen_options HOLES = {.skip_every = 5, .fail_every = 7};

static struct scratch scratch;
static char dir[SCRATCH_PATH], store[SCRATCH_PATH];
static struct att_dataset *whole;
static const struct att_table *table;

static int make(void)
{
    scratch_open(&scratch);
    (void)scratch_path(&scratch, "run", dir);
    (void)scratch_path(&scratch, "run/results.h5", store);
    specimen_write(dir, study, &HOLES);
    specimen_store(dir);
    return att_dataset_open(dir, &whole, NULL) != ATT_OK ||
           att_dataset_load(whole, 0, true, &table, NULL) != ATT_OK;
}

static int clean(void)
{
    att_dataset_close(whole);
    scratch_close(&scratch);
    return 0;
}

/* What was handed over so far, and what of it is not the table's. */
struct heard {
    size_t n_rows, n_lines, n_apart, n_calls;
    size_t stop_after; /* calls; 0: never */
};

static size_t count_apart(const struct att_frame *block,
                          const struct att_frame *all, size_t first)
{
    size_t n = 0;

    for (size_t i = 0; i < block->n; i++) {
        for (uint32_t f = 0; f < block->n_fields; f++) {
            const struct att_value a = att_frame_cell(block, i, f);
            const struct att_value b = att_frame_cell(all, first + i, f);

            n += !att_value_equal(a, b);
        }
    }
    return n;
}

static att_status hear(struct heard *h, struct att_error *err)
{
    if (++h->n_calls == h->stop_after)
        return att_fail(err, ATT_E_IO, "enough");
    return ATT_OK;
}

static att_status hear_rows(void *context, const struct att_table *block,
                            struct att_error *err)
{
    struct heard *h = context;

    CU_ASSERT_FATAL(block->rows.n > 0 && block->lines.n == 0);
    CU_ASSERT_FATAL(h->n_rows + block->rows.n <= table->rows.n);
    h->n_apart += count_apart(&block->rows, &table->rows, h->n_rows);
    h->n_rows += block->rows.n;
    return hear(h, err);
}

static att_status hear_lines(void *context, const struct att_table *block,
                             struct att_error *err)
{
    struct heard *h = context;

    CU_ASSERT_FATAL(block->lines.n > 0 && block->rows.n == 0);
    CU_ASSERT_FATAL(h->n_lines + block->lines.n <= table->lines.n);
    h->n_apart += count_apart(&block->lines, &table->lines, h->n_lines);
    h->n_lines += block->lines.n;
    return hear(h, err);
}

static att_status pass_over(const char *path, struct heard *h,
                            struct att_error *err)
{
    const struct att_pass pass = {hear_rows, hear_lines, h};
    struct att_dataset *dataset = NULL;

    CU_ASSERT_EQUAL_FATAL(att_dataset_open(path, &dataset, NULL), ATT_OK);
    const att_status status = att_dataset_pass(dataset, 0, &pass, err);

    att_dataset_close(dataset);
    return status;
}

static void check_all(const char *path)
{
    struct heard h = {0};

    CU_ASSERT_EQUAL(pass_over(path, &h, NULL), ATT_OK);
    CU_ASSERT_EQUAL(h.n_rows, ROWS);
    CU_ASSERT_EQUAL(h.n_lines, table->lines.n);
    CU_ASSERT_TRUE(h.n_lines > 0);
    CU_ASSERT_TRUE(h.n_calls > 5);
    CU_ASSERT_EQUAL(h.n_apart, 0);
}

static void blocks_of_a_run_folder_are_its_table(void)
{
    check_all(dir);
}

static void blocks_of_a_store_are_its_table(void)
{
    check_all(store);
}

static void who_has_enough_ends_the_pass(void)
{
    const char *const paths[] = {dir, store};

    for (int i = 0; i < 2; i++) {
        struct heard h = {.stop_after = 2};
        struct att_error err = {0};

        CU_ASSERT_EQUAL(pass_over(paths[i], &h, &err), ATT_E_IO);
        CU_ASSERT_STRING_EQUAL(err.text, "enough");
        CU_ASSERT_EQUAL(h.n_calls, 2);
    }
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"blocks of a run folder are its table",
         blocks_of_a_run_folder_are_its_table},
        {"blocks of a store are its table", blocks_of_a_store_are_its_table},
        {"who has enough ends the pass", who_has_enough_ends_the_pass},
        CU_TEST_INFO_NULL,
    };

    return unit_run_with("pass", make, clean, tests);
}
