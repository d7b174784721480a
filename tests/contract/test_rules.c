/* test_rules.c - a sound construction draws no complaint, and each fault
 * draws its own: the rules can fail. */
#include <stdio.h>
#include <string.h>

#include "attest/base/text.h"
#include "contract.h"
#include "specimen.h"
#include "unit.h"

static void a_sound_construction_draws_no_complaint(void)
{
    for (size_t i = 0; contract_rules[i].sentence != NULL; i++) {
        struct contract k;

        contract_ask(&k, &contract_rules[i], &specimen);
        if (k.n > 0) {
            (void)fprintf(stderr, "\n%s: %s", contract_rules[i].sentence,
                          k.text);
        }
        CU_ASSERT_EQUAL(k.n, 0);
    }
}

static const struct contract_rule *rule_named(const char *sentence)
{
    for (size_t i = 0; contract_rules[i].sentence != NULL; i++) {
        if (att_text_same(contract_rules[i].sentence, sentence))
            return &contract_rules[i];
    }
    return NULL;
}

static void every_fault_draws_its_complaint(void)
{
    const struct broken *broken = broken_specimens();

    for (size_t i = 0; broken[i].rule != NULL; i++) {
        const struct contract_rule *rule = rule_named(broken[i].rule);
        struct contract k;

        CU_ASSERT_PTR_NOT_NULL_FATAL(rule);
        contract_ask(&k, rule, &broken[i].c);
        if (strstr(k.text, broken[i].complaint) == NULL) {
            (void)fprintf(stderr, "\n%s: no '%s' in:\n%s", broken[i].rule,
                          broken[i].complaint, k.text);
        }
        CU_ASSERT(k.n > 0);
        CU_ASSERT_PTR_NOT_NULL(strstr(k.text, broken[i].complaint));
    }
}

static void every_rule_has_a_fault_that_it_notices(void)
{
    const struct broken *broken = broken_specimens();

    for (size_t i = 0; contract_rules[i].sentence != NULL; i++) {
        size_t n = 0;

        for (size_t j = 0; broken[j].rule != NULL; j++)
            n += att_text_same(broken[j].rule, contract_rules[i].sentence);
        /* ranges are checked by base: no construction can break them */
        CU_ASSERT(n > 0 || contract_rules[i].check == rule_ranges);
    }
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"a sound construction draws no complaint",
         a_sound_construction_draws_no_complaint},
        {"every fault draws its complaint", every_fault_draws_its_complaint},
        {"every rule has a fault that it notices",
         every_rule_has_a_fault_that_it_notices},
        CU_TEST_INFO_NULL,
    };

    return unit_run("rules", tests);
}
