/* test_contract.c - one registered construction against every rule.
 *
 *     test_contract NAME */
#include <stdio.h>
#include <stdlib.h>

#include "attest/construction/registry.h"
#include "contract.h"
#include "unit.h"

enum { MAX_RULES = 32 };

/* CUnit's tests take no argument: test i asks rule i of this one. */
static const struct att_construction *subject;
static size_t next_rule;

/* Tests run in the order in which they are listed. */
static void ask_next_rule(void)
{
    struct contract k;

    contract_ask(&k, &contract_rules[next_rule++], subject);
    if (k.n > 0)
        (void)fprintf(stderr, "\n%s", k.text);
    CU_ASSERT_EQUAL(k.n, 0);
}

int main(int argc, char **argv)
{
    CU_TestInfo tests[MAX_RULES + 1] = {{0}};
    size_t n = 0;

    if (argc != 2) {
        (void)fprintf(stderr, "usage: test_contract CONSTRUCTION\n");
        return EXIT_FAILURE;
    }
    subject = att_construction_find(argv[1]);
    if (subject == NULL) {
        (void)fprintf(stderr, "no construction '%s'\n", argv[1]);
        return EXIT_FAILURE;
    }
    for (; contract_rules[n].sentence != NULL && n < MAX_RULES; n++)
        tests[n] = (CU_TestInfo){contract_rules[n].sentence, ask_next_rule};
    return unit_run(subject->name, tests);
}
