/* test_memorization_claims.c - verdicts on rows: each must change with the
 * column it is about, and look at the rows it is about. */
#include "../../../src/construction/memorization/memorization_claims_priv.h"

#include <math.h>

#include "../../../src/construction/memorization/memorization_priv.h"
#include "one_task.h"
#include "unit.h"

static void open_row(struct one_task *t, const char *param, const char *choice)
{
    one_task_open(t, "memorization", 71);
    one_task_int(t, "N", 8);
    one_task_int(t, "d", 4);
    if (param != NULL)
        one_task_text(t, param, choice);
    CU_ASSERT_TRUE_FATAL(one_task_run(t));
}

struct tampered {
    const char *claim, *metric;
    double value;
    enum att_verdict verdict;
};

static void expect(struct one_task *t, const struct tampered *row, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct att_value old = one_task_get(t, row[i].metric);
        const struct att_value v = old.kind == ATT_INTEGER
                                       ? att_int((int64_t)row[i].value)
                                       : att_real(row[i].value);

        CU_ASSERT_EQUAL(one_task_verdict(t, row[i].claim), ATT_HOLDS);
        CU_ASSERT_EQUAL(
            one_task_verdict_with(t, row[i].claim, row[i].metric, v),
            row[i].verdict);
    }
}

static void changed_columns_change_verdicts(void)
{
    static const struct tampered rows[] = {
        {"memorization.exact", "id_acc", 0.5, ATT_VIOLATED},
        {"memorization.exact", "seq_acc", 0.5, ATT_VIOLATED},
        {"memorization.precision-rule", "id_acc", 0.5, ATT_VIOLATED},
        {"memorization.precision-rule", "slack", 1.0, ATT_INCONCLUSIVE},
        {"memorization.certificate", "id_acc", 0.5, ATT_VIOLATED},
        {"memorization.certificate", "certified", 0, ATT_NOT_APPLICABLE},
        {"memorization.error-bound", "E_measured", 1.0, ATT_VIOLATED},
        {"memorization.order-noise", "order_noise_ulp", 3.0, ATT_INCONCLUSIVE},
        {"memorization.order-noise", "order_noise_ulp", 5.0, ATT_VIOLATED},
        {"memorization.params", "params_ffn", 1, ATT_VIOLATED},
        {"memorization.params", "params_attn", 1, ATT_VIOLATED},
        {"memorization.kappa-window", "kappa", 64.0, ATT_INCONCLUSIVE},
        {"memorization.kappa-window", "collisions_same_token", 1, ATT_VIOLATED},
        {"memorization.readout", "bits_readout", 100.0, ATT_VIOLATED},
        {"memorization.ffn-plateau", "ffn_err_fast", 1.0, ATT_VIOLATED},
        {"memorization.ffn-plateau", "ffn_err_clamp", 1.0, ATT_VIOLATED},
        {"memorization.ffn-plateau", "ffn_max_err", 1.0, ATT_VIOLATED},
        {"memorization.equivariance", "bit_equivariant", 0, ATT_VIOLATED},
        {"memorization.equivariance", "scale_exact", 0, ATT_VIOLATED},
        {"memorization.exp-count", "exp_count", 1, ATT_VIOLATED},
        {"memorization.evaluators-agree", "eval_spread", 1.0, ATT_VIOLATED},
        {"memorization.bits-law", "bits", 100.0, ATT_VIOLATED},
    };
    struct one_task t;

    open_row(&t, NULL, NULL);
    expect(&t, rows, sizeof rows / sizeof rows[0]);
    CU_ASSERT_EQUAL(one_task_verdict_with(&t, "memorization.exact", "err_kind",
                                          att_text("duplicate")),
                    ATT_NOT_APPLICABLE);
    one_task_close(&t);
}

static void tiers_of_proofs_are_held_to_their_bounds(void)
{
    static const struct tampered instance[] = {
        {"memorization.lex-order", "order_violations", 1, ATT_VIOLATED},
        {"memorization.instance-bound", "same_token_bits", 1e9, ATT_VIOLATED},
    };
    static const struct tampered theorem[] = {
        {"memorization.context-T2", "same_token_bits", 1e9, ATT_VIOLATED},
    };
    struct one_task t;

    if (!att_mem_wide_available())
        return;
    open_row(&t, "tier", "instance");
    expect(&t, instance, 2);
    CU_ASSERT_EQUAL(one_task_verdict(&t, "memorization.context-T2"),
                    ATT_NOT_APPLICABLE);
    one_task_close(&t);
    one_task_open(&t, "memorization", 71);
    one_task_int(&t, "N", 4);
    one_task_int(&t, "L", 2);
    one_task_int(&t, "d", 2);
    one_task_text(&t, "tier", "theorem");
    CU_ASSERT_TRUE_FATAL(one_task_run(&t));
    expect(&t, theorem, 1);
    one_task_close(&t);
}

/* The law of bits is about searched builds of generic sets, each token of
 * which sees all. */
static void the_law_of_bits_is_about_generic_rows(void)
{
    static const struct {
        const char *param, *choice;
        enum att_verdict verdict;
    } row[] = {
        {"data", "swap", ATT_HOLDS},
        {"data", "lattice", ATT_HOLDS},
        {"data", "cluster", ATT_NOT_APPLICABLE},
        {"data", "fresh", ATT_NOT_APPLICABLE},
        {"mask", "causal", ATT_NOT_APPLICABLE},
        {"gain", "banded", ATT_NOT_APPLICABLE},
        {"tier", "theorem", ATT_NOT_APPLICABLE},
    };
    struct one_task t;

    open_row(&t, NULL, NULL);
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        const int at = att_construction_find_param(t.c, row[i].param);
        const struct att_value old = t.p[at];

        t.p[at] = att_text(row[i].choice);
        CU_ASSERT_EQUAL(one_task_verdict(&t, "memorization.bits-law"),
                        row[i].verdict);
        t.p[at] = old;
    }
    one_task_close(&t);
}

/* Three equal power sums: the gap falls as kappa^3 where kappa is small, and
 * nowhere else does it matter. */
static void power_sums_have_their_slope_and_no_other(void)
{
    struct one_task t;

    one_task_open(&t, "memorization", 3);
    one_task_text(&t, "data", "pte");
    one_task_text(&t, "window", "on");
    one_task_int(&t, "N", 2);
    one_task_int(&t, "d", 1);
    one_task_int(&t, "L", 9);
    CU_ASSERT_TRUE_FATAL(one_task_run(&t));
    CU_ASSERT_EQUAL(one_task_verdict(&t, "memorization.pte-slope"), ATT_HOLDS);
    CU_ASSERT_EQUAL(one_task_verdict(&t, "memorization.kappa-observed"),
                    ATT_HOLDS);
    for (size_t i = 0; i < t.out.n_observed; i++) {
        double *line = t.out.observation + i * MEM_OBSERVATIONS;

        if (line[MEM_O_KAPPA] <= 0x1p-8)
            line[MEM_O_GAP] += 0.06 * log2(line[MEM_O_KAPPA]);
    }
    CU_ASSERT_EQUAL(one_task_verdict(&t, "memorization.pte-slope"),
                    ATT_VIOLATED);
    one_task_close(&t);
}

static void a_type_too_narrow_is_not_certified(void)
{
    struct one_task t;

    one_task_open(&t, "memorization", 71);
    one_task_int(&t, "L", 8);
    one_task_text(&t, "dtype", "bf16");
    CU_ASSERT_TRUE_FATAL(one_task_run(&t));
    CU_ASSERT_TRUE(one_task_get(&t, "slack").r < 0.0);
    CU_ASSERT_EQUAL(one_task_get(&t, "certified").i, 0);
    CU_ASSERT_EQUAL(strncmp(one_task_get(&t, "certificate").s,
                            "context ids not separated: ", 27),
                    0);
    CU_ASSERT_EQUAL(one_task_verdict(&t, "memorization.certificate"),
                    ATT_NOT_APPLICABLE);
    CU_ASSERT_NOT_EQUAL(one_task_verdict(&t, "memorization.exact"),
                        ATT_VIOLATED);
    one_task_close(&t);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"changed columns change verdicts", changed_columns_change_verdicts},
        {"tiers of proofs are held to their bounds",
         tiers_of_proofs_are_held_to_their_bounds},
        {"the law of bits is about generic rows",
         the_law_of_bits_is_about_generic_rows},
        {"power sums have their slope and no other",
         power_sums_have_their_slope_and_no_other},
        {"a type too narrow is not certified",
         a_type_too_narrow_is_not_certified},
        CU_TEST_INFO_NULL,
    };

    return unit_run("memorization claims", tests);
}
