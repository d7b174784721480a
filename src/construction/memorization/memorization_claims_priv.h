/* memorization_claims_priv.h - claims of the construction `memorization` and
 * the functions that judge them. */
#pragma once

#include "memorization_columns_priv.h"

enum { MEM_CLAIMS = 26 };
extern const struct att_claim att_mem_claims[MEM_CLAIMS];

#define MEM_JUDGE(name)                                                        \
    void att_mem_judge_##name(const struct att_rows *rows,                     \
                              struct att_finding *f)

MEM_JUDGE(exact);
MEM_JUDGE(lex_order);
MEM_JUDGE(context_T2);
MEM_JUDGE(instance_bound);
MEM_JUDGE(bits_law);
MEM_JUDGE(precision_rule);
MEM_JUDGE(certificate);
MEM_JUDGE(error_bound);
MEM_JUDGE(order_noise);
MEM_JUDGE(params);
MEM_JUDGE(params_law);
MEM_JUDGE(consistency);
MEM_JUDGE(hardmax_floor);
MEM_JUDGE(kappa_observed);
MEM_JUDGE(kappa_window);
MEM_JUDGE(pte_slope);
MEM_JUDGE(readout);
MEM_JUDGE(ffn_plateau);
MEM_JUDGE(ffn_interp);
MEM_JUDGE(duplicates);
MEM_JUDGE(equivariance);
MEM_JUDGE(exp_count);
MEM_JUDGE(evaluators_agree);

/* Rows that the law of bits is about: sets over a shared vocabulary, searched,
 * every query seeing its whole set. */
bool att_mem_is_generic(const struct att_row_view *row);

/* Groups of rows: memorization_judge_groups.c. */
MEM_JUDGE(projection);
MEM_JUDGE(bits_fit);
MEM_JUDGE(cluster_slope);

#undef MEM_JUDGE
