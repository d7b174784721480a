/* test_cpu.c - names of kernels, and what may be pinned. */
#include "attest/linalg/cpu.h"

#include <stdio.h>
#include <string.h>

#include "attest/linalg/blas.h"
#include "unit.h"

static void the_kernel_name_has_the_set_and_the_core(void)
{
    char expected[ATT_KERNEL_NAME];
    char name[ATT_KERNEL_NAME];

    (void)snprintf(expected, sizeof expected, "%s+%s",
                   att_isa_text(att_isa_used()), att_blas_core());
    CU_ASSERT_STRING_EQUAL(att_kernel_name(name), expected);
}

static void a_pin_changes_the_set_in_use(void)
{
    for (int isa = 0; isa <= (int)att_isa_best(); isa++) {
        CU_ASSERT_EQUAL(att_kernel_pin(att_isa_text((enum att_isa)isa), NULL),
                        ATT_OK);
        CU_ASSERT_EQUAL(att_isa_used(), (enum att_isa)isa);
    }
}

static void a_pin_may_name_the_core_that_runs(void)
{
    char name[ATT_KERNEL_NAME];

    CU_ASSERT_EQUAL(att_kernel_pin(att_kernel_name(name), NULL), ATT_OK);
}

static void what_cannot_be_pinned_says_what_to_do(void)
{
    static const struct {
        const char *name, *says;
        att_status status;
    } row[] = {
        {"sse9", "portable, avx2 or avx512", ATT_E_ARG},
        {"", "portable, avx2 or avx512", ATT_E_ARG},
        {"avx", "portable, avx2 or avx512", ATT_E_ARG},
        {"portable+Nehalem9", "OPENBLAS_CORETYPE=Nehalem9", ATT_E_UNSUPPORTED},
    };

    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        struct att_error err = {0};

        CU_ASSERT_EQUAL(att_kernel_pin(row[i].name, &err), row[i].status);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, row[i].says));
    }
    if (att_isa_best() < ATT_ISA_AVX512) {
        CU_ASSERT_EQUAL(att_kernel_pin("avx512", NULL), ATT_E_UNSUPPORTED);
    }
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"the kernel name has the set and the core",
         the_kernel_name_has_the_set_and_the_core},
        {"a pin changes the set in use", a_pin_changes_the_set_in_use},
        {"a pin may name the core that runs",
         a_pin_may_name_the_core_that_runs},
        {"what cannot be pinned says what to do",
         what_cannot_be_pinned_says_what_to_do},
        CU_TEST_INFO_NULL,
    };

    return unit_run("cpu", tests);
}
