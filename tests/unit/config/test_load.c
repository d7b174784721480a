/* test_load.c - studies from files, against the registered constructions. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attest/config/study.h"
#include "scratch.h"
#include "unit.h"

static att_status load(const char *path, struct att_buffer *out,
                       struct att_error *err)
{
    struct att_study_file *file = NULL;
    const att_status status = att_study_load(path, &file, out, err);

    CU_ASSERT_EQUAL(file != NULL, status == ATT_OK);
    att_study_destroy(file);
    return status;
}

static void what_is_no_file_is_refused(void)
{
    static const struct {
        const char *path, *error;
    } rows[] = {
        {"/nowhere/s.yaml",
         "study '/nowhere/s.yaml': No such file or directory"},
        {"/proc", "'/proc' is a folder, and no run folder: there is no "
                  "study.yaml in it"},
        {"/dev/zero", "study '/dev/zero' is not a file"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct att_buffer out = {0};
        struct att_error err = {0};

        CU_ASSERT_EQUAL(load(rows[i].path, &out, &err), ATT_E_IO);
        CU_ASSERT_STRING_EQUAL(err.text, rows[i].error);
        CU_ASSERT_EQUAL(out.size, 0);
        att_buffer_fini(&out);
    }
}

/* A hole of 16 MiB and a byte costs nothing on the disk. */
static void a_huge_file_is_not_read(void)
{
    struct scratch scratch;
    char path[SCRATCH_PATH];
    struct att_buffer out = {0};
    struct att_error err = {0};

    scratch_open(&scratch);
    (void)scratch_path(&scratch, "huge.yaml", path);
    CU_ASSERT_EQUAL(att_file_replace(path, "a", 1, false, NULL), ATT_OK);
    CU_ASSERT_EQUAL(truncate(path, (off_t)(16 << 20) + 1), 0);
    CU_ASSERT_EQUAL(load(path, &out, &err), ATT_E_PARSE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "is larger than 16 MiB"));
    scratch_close(&scratch);
    att_buffer_fini(&out);
}

/* No study of the toys names a registered construction. */
static void constructions_come_from_the_registry(void)
{
    struct att_buffer out = {0};
    struct att_error err = {0};

    CU_ASSERT_EQUAL(load(ATT_TEST_FOLDER "/cases/good_names.yaml", &out, &err),
                    ATT_E_PARSE);
    CU_ASSERT_TRUE(out.data != NULL &&
                   strstr(out.data, "unknown construction 'toy'") != NULL);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "2 errors in the study"));
    att_buffer_fini(&out);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"what is no file is refused", what_is_no_file_is_refused},
        {"a huge file is not read", a_huge_file_is_not_read},
        {"constructions come from the registry",
         constructions_come_from_the_registry},
        CU_TEST_INFO_NULL,
    };

    return unit_run("load", tests);
}
