/* hardmax_claims_priv.h - claims and the functions that judge them. */
#pragma once

#include "attest/construction/construction.h"
#include "hardmax_columns_priv.h"

enum { HM_CLAIMS = 25 };
extern const struct att_claim att_hm_claims[HM_CLAIMS];

#define HM_JUDGE(name)                                                         \
    void att_hm_judge_##name(const struct att_rows *rows, struct att_finding *f)

HM_JUDGE(blocks);
HM_JUDGE(landmarks);
HM_JUDGE(blocks_bound);
HM_JUDGE(params);
HM_JUDGE(params_bound);
HM_JUDGE(rank_one);
HM_JUDGE(packed_blocks);
HM_JUDGE(packed_params);
HM_JUDGE(balanced);
HM_JUDGE(sub1);
HM_JUDGE(reported_blocks);
HM_JUDGE(exact);
HM_JUDGE(grid_exact);
HM_JUDGE(peel_scale);
HM_JUDGE(out_error);
HM_JUDGE(evaluators_agree);
HM_JUDGE(set_invariance);
HM_JUDGE(refusal);
HM_JUDGE(bits);
HM_JUDGE(tau);
HM_JUDGE(noise);

/* Groups of rows: hardmax_judge_groups.c. */
HM_JUDGE(length_free);
HM_JUDGE(gap_law);
HM_JUDGE(margin_law);
HM_JUDGE(cost);

#undef HM_JUDGE
