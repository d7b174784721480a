/* unit.h - the common end of every unit test program.
 *
 * A program lists its tests and hands them over:
 *
 *     int main(void)
 *     {
 *         CU_TestInfo tests[] = {{"sentence", function}, CU_TEST_INFO_NULL};
 *
 *         return unit_run("suite", tests);
 *     }
 */
#pragma once

#include <CUnit/CUnit.h>

/* Run the tests as one suite.  Returns EXIT_SUCCESS only when at least one
 * test ran and nothing failed, suite initialisers included. */
int unit_run(const char *suite, CU_TestInfo *tests);

/* As unit_run; init and cleanup (0 on success, may be NULL) surround the
 * suite. */
int unit_run_with(const char *suite, CU_InitializeFunc init,
                  CU_CleanupFunc cleanup, CU_TestInfo *tests);
