#include "unit.h"

#include <CUnit/Basic.h>
#include <stdbool.h>
#include <stdlib.h>

int unit_run_with(const char *suite, CU_InitializeFunc init,
                  CU_CleanupFunc cleanup, CU_TestInfo *tests)
{
    CU_SuiteInfo suites[] = {
        {suite, init, cleanup, NULL, NULL, tests},
        CU_SUITE_INFO_NULL,
    };

    if (CU_initialize_registry() != CUE_SUCCESS ||
        CU_register_suites(suites) != CUE_SUCCESS)
        return EXIT_FAILURE;
    CU_basic_set_mode(CU_BRM_VERBOSE);
    (void)CU_basic_run_tests();
    const bool passed = CU_get_number_of_failure_records() == 0 &&
                        CU_get_number_of_tests_run() > 0;
    CU_cleanup_registry();
    return passed ? EXIT_SUCCESS : EXIT_FAILURE;
}

int unit_run(const char *suite, CU_TestInfo *tests)
{
    return unit_run_with(suite, NULL, NULL, tests);
}
