/* test_inputs.c - files that studies name: read once, known by their bytes. */
#include "attest/config/inputs.h"

#include <stdio.h>
#include <string.h>

#include "toy.h"
#include "unit.h"

#define STUDY "name: s\nsweeps:\n- construction: toy\n  "

static struct att_study_file *study_of(const char *path, const char *text)
{
    const struct att_study_source source = {.path = path,
                                            .text = text,
                                            .n = strlen(text),
                                            .known = toy_catalogue,
                                            .n_known = 2};
    struct att_study_file *file = NULL;
    struct att_buffer out = {0};

    CU_ASSERT_EQUAL_FATAL(att_study_parse(&source, &file, &out, NULL), ATT_OK);
    att_buffer_fini(&out);
    return file;
}

static void files_are_read_once_and_hashed(void)
{
    struct att_study_file *file =
        study_of("s.yaml", STUDY "grid: {file: [files/two.txt, files/one.txt, "
                                 "'']}\n"
                                 "- {construction: toy, name: b, grid: {file: "
                                 "files/one.txt}}\n"
                                 "- {construction: toy-two}\n");
    struct att_inputs *inputs = NULL;
    struct att_key hash;
    size_t n = 0;

    CU_ASSERT_EQUAL_FATAL(
        att_inputs_read(att_study_of(file), ATT_TEST_FOLDER, &inputs, NULL),
        ATT_OK);
    const struct att_input_file *f = att_inputs_files(inputs, &n);
    CU_ASSERT_EQUAL_FATAL(n, 2);
    CU_ASSERT_STRING_EQUAL(f[0].path, "files/one.txt");
    CU_ASSERT_EQUAL(f[0].n_bytes, 4);
    CU_ASSERT_EQUAL(memcmp(f[0].bytes, "one\n", 4), 0);
    CU_ASSERT_STRING_EQUAL(f[1].path, "files/two.txt");
    CU_ASSERT_TRUE(att_inputs_hash(inputs, "files/two.txt", &hash));
    CU_ASSERT_TRUE(att_key_equal(hash, att_hash128("two\n", 4)));
    CU_ASSERT_FALSE(att_inputs_hash(inputs, "files/three.txt", &hash));
    CU_ASSERT_FALSE(att_inputs_hash(inputs, "", &hash));
    att_inputs_destroy(inputs);
    att_study_destroy(file);
}

static void paths_start_at_the_folder_of_the_study(void)
{
    struct att_study_file *file = study_of(ATT_TEST_FOLDER "/files/s.yaml",
                                           STUDY "grid: {file: one.txt}\n");
    struct att_inputs *inputs = NULL;
    size_t n = 0;

    CU_ASSERT_EQUAL_FATAL(
        att_inputs_read(att_study_of(file), NULL, &inputs, NULL), ATT_OK);
    CU_ASSERT_EQUAL(att_inputs_files(inputs, &n)->n_bytes, 4);
    att_inputs_destroy(inputs);
    att_study_destroy(file);
}

static void absolute_paths_stay(void)
{
    struct att_study_file *file = study_of(
        "s.yaml", STUDY "grid: {file: " ATT_TEST_FOLDER "/files/two.txt}\n");
    struct att_inputs *inputs = NULL;
    size_t n = 0;

    CU_ASSERT_EQUAL_FATAL(
        att_inputs_read(att_study_of(file), "/nowhere", &inputs, NULL), ATT_OK);
    CU_ASSERT_EQUAL(att_inputs_files(inputs, &n)->n_bytes, 4);
    att_inputs_destroy(inputs);
    att_study_destroy(file);
}

static void a_file_that_is_missing_is_named(void)
{
    struct att_study_file *file =
        study_of("s.yaml", STUDY "grid: {file: files/three.txt}\n");
    struct att_inputs *inputs = NULL;
    struct att_error err = {0};

    CU_ASSERT_EQUAL(
        att_inputs_read(att_study_of(file), ATT_TEST_FOLDER, &inputs, &err),
        ATT_E_IO);
    CU_ASSERT_PTR_NULL(inputs);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "s.yaml: sweep 'toy': file: "));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "files/three.txt"));
    att_study_destroy(file);
}

static void a_study_without_paths_has_no_files(void)
{
    struct att_study_file *file = study_of("s.yaml", STUDY "grid: {N: 3}\n");
    struct att_inputs *inputs = NULL;
    size_t n = 9;

    CU_ASSERT_EQUAL_FATAL(
        att_inputs_read(att_study_of(file), NULL, &inputs, NULL), ATT_OK);
    (void)att_inputs_files(inputs, &n);
    CU_ASSERT_EQUAL(n, 0);
    att_inputs_destroy(inputs);
    att_study_destroy(file);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"files are read once and hashed", files_are_read_once_and_hashed},
        {"paths start at the folder of the study",
         paths_start_at_the_folder_of_the_study},
        {"absolute paths stay", absolute_paths_stay},
        {"a file that is missing is named", a_file_that_is_missing_is_named},
        {"a study without paths has no files",
         a_study_without_paths_has_no_files},
        CU_TEST_INFO_NULL,
    };

    return unit_run("inputs", tests);
}
