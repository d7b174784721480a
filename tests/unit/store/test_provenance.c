/* test_provenance.c - facts are collected, added, replaced. */
#include "attest/store/provenance.h"

#include <stdlib.h>
#include <string.h>

#include "unit.h"

static void facts_of_build_and_process_are_there(void)
{
    static const char *const never_empty[] = {
        "attest_version", "compiler", "cpu", "hdf5", "blas", "host", "created",
    };
    static const char *const may_be_empty[] = {
        "git_commit", "git_diff", "compiler_flags", "mpi",
        "libraries",  "slurm",    "modules",        "argv",
    };
    struct att_provenance *p = att_provenance_collect(0, NULL);

    CU_ASSERT_PTR_NOT_NULL_FATAL(p);
    for (size_t i = 0; i < sizeof never_empty / sizeof *never_empty; i++) {
        const char *text = att_provenance_get(p, never_empty[i]);

        CU_ASSERT_TRUE(text != NULL && text[0] != '\0');
    }
    for (size_t i = 0; i < sizeof may_be_empty / sizeof *may_be_empty; i++)
        CU_ASSERT_PTR_NOT_NULL(att_provenance_get(p, may_be_empty[i]));
    CU_ASSERT_PTR_NULL(att_provenance_get(p, "nothing"));
    CU_ASSERT_STRING_EQUAL(att_provenance_get(p, "attest_version"),
                           att_version());
    att_provenance_destroy(p);
}

static void arguments_are_quoted_where_a_shell_would_split(void)
{
    const char *const argv[] = {"attest", "run", "my study.yaml", "", "-o=x"};
    struct att_provenance *p = att_provenance_collect(5, argv);

    CU_ASSERT_STRING_EQUAL(att_provenance_get(p, "argv"),
                           "attest run 'my study.yaml' '' -o=x");
    att_provenance_destroy(p);
}

static void slurm_variables_are_kept_and_others_are_not(void)
{
    CU_ASSERT_EQUAL(setenv("SLURM_JOB_ID", "4711", 1), 0);
    CU_ASSERT_EQUAL(setenv("SLURM_JWT", "4712", 1), 0); /* a credential */
    CU_ASSERT_EQUAL(setenv("MY_SECRET", "4712", 1), 0);

    struct att_provenance *p = att_provenance_collect(0, NULL);
    const char *slurm = att_provenance_get(p, "slurm");

    CU_ASSERT_PTR_NOT_NULL(strstr(slurm, "SLURM_JOB_ID=4711\n"));
    CU_ASSERT_PTR_NULL(strstr(slurm, "4712"));
    att_provenance_destroy(p);
    (void)unsetenv("SLURM_JOB_ID");
    (void)unsetenv("SLURM_JWT");
    (void)unsetenv("MY_SECRET");
}

static void a_fact_is_added_once_and_replaced(void)
{
    struct att_provenance *p = att_provenance_collect(0, NULL);
    struct att_error err = {0};
    size_t before = 0, after = 0;

    (void)att_provenance_facts(p, &before);
    CU_ASSERT_EQUAL(att_provenance_set(p, "kernel", "one", NULL), ATT_OK);
    CU_ASSERT_EQUAL(att_provenance_set(p, "kernel", "two", NULL), ATT_OK);

    const struct att_fact *facts = att_provenance_facts(p, &after);

    CU_ASSERT_EQUAL(after, before + 1);
    CU_ASSERT_STRING_EQUAL(facts[before].name, "kernel");
    CU_ASSERT_STRING_EQUAL(facts[before].text, "two");
    CU_ASSERT_EQUAL(att_provenance_set(p, "no/name", "x", &err), ATT_E_ARG);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "no/name"));
    for (int i = 0; i < 100; i++) { /* the list grows */
        const char name[] = {'f', (char)('a' + i / 10), (char)('a' + i % 10),
                             '\0'};

        CU_ASSERT_EQUAL(att_provenance_set(p, name, "x", NULL), ATT_OK);
    }
    CU_ASSERT_STRING_EQUAL(att_provenance_get(p, "kernel"), "two");
    CU_ASSERT_STRING_EQUAL(att_provenance_get(p, "fjj"), "x");
    att_provenance_destroy(p);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"facts of build and process are there",
         facts_of_build_and_process_are_there},
        {"arguments are quoted where a shell would split",
         arguments_are_quoted_where_a_shell_would_split},
        {"slurm variables are kept and others are not",
         slurm_variables_are_kept_and_others_are_not},
        {"a fact is added once and replaced",
         a_fact_is_added_once_and_replaced},
        CU_TEST_INFO_NULL,
    };

    return unit_run("provenance", tests);
}
