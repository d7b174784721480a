/* test_writer.c - a file appears whole or not at all. */
#include "attest/base/writer.h"

#include <dirent.h>
#include <string.h>
#include <unistd.h>

#include "scratch.h"
#include "unit.h"

static struct scratch scratch;
static char path[SCRATCH_PATH];

static int begin(void)
{
    scratch_open(&scratch);
    (void)scratch_path(&scratch, "rows.csv", path);
    return 0;
}

static int end(void)
{
    scratch_close(&scratch);
    return 0;
}

static bool holds(const char *text)
{
    struct att_buffer b = {0};
    const bool same = att_file_read(path, &b, NULL) == ATT_OK &&
                      b.size == strlen(text) &&
                      (b.size == 0 || memcmp(b.data, text, b.size) == 0);

    att_buffer_fini(&b);
    return same;
}

/* Files in the scratch folder. */
static size_t count_files(void)
{
    DIR *folder = opendir(scratch.dir);
    size_t n = 0;

    CU_ASSERT_PTR_NOT_NULL_FATAL(folder);
    for (const struct dirent *e = readdir(folder); e != NULL;
         e = readdir(folder))
        n += e->d_name[0] != '.';
    (void)closedir(folder);
    return n;
}

static void the_old_file_stands_until_the_new_one_is_finished(void)
{
    struct att_writer w;

    CU_ASSERT_EQUAL(att_file_replace(path, "old", 3, false, NULL), ATT_OK);
    CU_ASSERT_EQUAL_FATAL(att_writer_open(path, &w, NULL), ATT_OK);
    CU_ASSERT_EQUAL(att_writer_put(&w, "ne", 2, NULL), ATT_OK);
    CU_ASSERT_TRUE(holds("old"));
    CU_ASSERT_EQUAL(att_writer_put(&w, "w", 1, NULL), ATT_OK);
    CU_ASSERT_EQUAL(att_writer_finish(&w, true, NULL), ATT_OK);
    CU_ASSERT_TRUE(holds("new"));
    att_writer_drop(&w);
    CU_ASSERT_TRUE(holds("new"));
    CU_ASSERT_EQUAL(count_files(), 1);
}

static void who_gives_up_leaves_the_old_file_alone(void)
{
    struct att_writer w;

    CU_ASSERT_EQUAL(att_file_replace(path, "old", 3, false, NULL), ATT_OK);
    CU_ASSERT_EQUAL_FATAL(att_writer_open(path, &w, NULL), ATT_OK);
    CU_ASSERT_EQUAL(att_writer_put(&w, "half", 4, NULL), ATT_OK);
    CU_ASSERT_EQUAL(count_files(), 2);
    att_writer_drop(&w);
    CU_ASSERT_TRUE(holds("old"));
    CU_ASSERT_EQUAL(count_files(), 1);
}

static void a_folder_that_is_not_there_is_named(void)
{
    struct att_writer w;
    struct att_error err = {0};

    CU_ASSERT_EQUAL(att_writer_open("no/such/x", &w, &err), ATT_E_IO);
    CU_ASSERT_STRING_EQUAL(err.text, "cannot create no/such/x: No such file or "
                                     "directory");
    att_writer_drop(&w);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"the old file stands until the new one is finished",
         the_old_file_stands_until_the_new_one_is_finished},
        {"who gives up leaves the old file alone",
         who_gives_up_leaves_the_old_file_alone},
        {"a folder that is not there is named",
         a_folder_that_is_not_there_is_named},
        CU_TEST_INFO_NULL,
    };

    return unit_run_with("writer", begin, end, tests);
}
