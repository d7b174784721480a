/* test_folder.c - folders for a while. */
#include "attest/base/folder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attest/base/buffer.h"
#include "unit.h"

static bool is_there(const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0;
}

static void each_folder_is_empty_and_nobody_else_s(void)
{
    char a[ATT_FOLDER_PATH], b[ATT_FOLDER_PATH];

    CU_ASSERT_EQUAL_FATAL(att_folder_scratch("one", a, NULL), ATT_OK);
    CU_ASSERT_EQUAL_FATAL(att_folder_scratch("one", b, NULL), ATT_OK);
    CU_ASSERT_STRING_NOT_EQUAL(a, b);
    CU_ASSERT_PTR_NOT_NULL(strstr(a, "/one-"));
    CU_ASSERT_EQUAL(rmdir(a), 0); /* only an empty one can be */
    CU_ASSERT_EQUAL(rmdir(b), 0);
}

/* A folder, a file in it, and a link to a file outside. */
static void removal_takes_all_and_follows_no_link(void)
{
    char dir[ATT_FOLDER_PATH], outside[ATT_FOLDER_PATH];
    char path[2 * ATT_FOLDER_PATH], target[2 * ATT_FOLDER_PATH];

    CU_ASSERT_EQUAL_FATAL(att_folder_scratch("two", dir, NULL), ATT_OK);
    CU_ASSERT_EQUAL_FATAL(att_folder_scratch("out", outside, NULL), ATT_OK);
    (void)snprintf(target, sizeof target, "%s/kept", outside);
    CU_ASSERT_EQUAL(att_file_replace(target, "x", 1, false, NULL), ATT_OK);
    (void)snprintf(path, sizeof path, "%s/link", dir);
    CU_ASSERT_EQUAL(symlink(outside, path), 0);
    (void)snprintf(path, sizeof path, "%s/deep", dir);
    CU_ASSERT_EQUAL(mkdir(path, 0777), 0);
    (void)snprintf(path, sizeof path, "%s/deep/file", dir);
    CU_ASSERT_EQUAL(att_file_replace(path, "x", 1, false, NULL), ATT_OK);

    att_folder_remove(dir);
    CU_ASSERT_FALSE(is_there(dir));
    CU_ASSERT_TRUE(is_there(target));
    att_folder_remove(outside);
    CU_ASSERT_FALSE(is_there(outside));
}

static void a_place_that_is_not_there_is_said(void)
{
    const char *tmp = getenv("TMPDIR");
    char *before = tmp == NULL ? NULL : strdup(tmp);
    char path[ATT_FOLDER_PATH];
    struct att_error err = {0};

    (void)setenv("TMPDIR", "/nowhere/at/all", 1);
    CU_ASSERT_EQUAL(att_folder_scratch("x", path, &err), ATT_E_IO);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "/nowhere/at/all/x-"));
    if (before != NULL) {
        (void)setenv("TMPDIR", before, 1);
    } else {
        (void)unsetenv("TMPDIR");
    }
    free(before);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"each folder is empty and nobody else's",
         each_folder_is_empty_and_nobody_else_s},
        {"removal takes all and follows no link",
         removal_takes_all_and_follows_no_link},
        {"a place that is not there is said",
         a_place_that_is_not_there_is_said},
        CU_TEST_INFO_NULL,
    };

    return unit_run("folder", tests);
}
