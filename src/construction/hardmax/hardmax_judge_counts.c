/* hardmax_judge_counts.c - verdicts on rows: blocks, parameters, ranks. */
#include "hardmax_judge_priv.h"

/* The last stage of the theorem: one cluster per block, codes as they are. */
static bool is_plain(const struct att_rows *rows)
{
    return att_row_says(rows->row, HM_PEEL, "one") &&
           att_row_says(rows->row, HM_CODES, "plain");
}

void att_hm_judge_blocks(const struct att_rows *rows, struct att_finding *f)
{
    if (!APPLIES(rows, f, HM_M_BLOCKS) || !is_plain(rows))
        return;
    const int64_t predicted =
        count_of(rows, HM_M_LANDMARKS) + count_of(rows, HM_M_N_DISTINCT) + 2;
    const int64_t blocks = count_of(rows, HM_M_BLOCKS);

    att_finding_say(f, (double)blocks, (double)predicted, blocks == predicted);
}

void att_hm_judge_landmarks(const struct att_rows *rows, struct att_finding *f)
{
    if (!APPLIES(rows, f, HM_M_LANDMARKS))
        return;
    const int64_t n = count_of(rows, HM_M_N_DISTINCT);
    const int64_t bound = n > 2 ? n - 1 : 1;
    const int64_t landmarks = count_of(rows, HM_M_LANDMARKS);

    att_finding_say(f, (double)landmarks, (double)bound, landmarks <= bound);
}

void att_hm_judge_blocks_bound(const struct att_rows *rows,
                               struct att_finding *f)
{
    if (!APPLIES(rows, f, HM_M_BLOCKS) || count_of(rows, HM_M_N_DISTINCT) == 1)
        return;
    const int64_t bound = 2 * count_of(rows, HM_M_N_DISTINCT) + 1;
    const int64_t blocks = count_of(rows, HM_M_BLOCKS);
    const bool full = att_row_says(rows->row, HM_MODE, "full") &&
                      att_row_says(rows->row, HM_PEEL, "one");

    att_finding_say(f, (double)blocks, (double)bound,
                    full ? blocks == bound : blocks <= bound);
}

/* Stage by stage: prep, first sep, further sep, collapse, peel. */
static int64_t used_predicted(int64_t n, int64_t d, int64_t k)
{
    return (2 * d + 3) + (8 * d + 4) + (k - 1) * (12 * d + 6) + (8 * d + 4) +
           n * (2 * d + 3);
}

void att_hm_judge_params(const struct att_rows *rows, struct att_finding *f)
{
    if (!APPLIES(rows, f, HM_M_PARAMS_USED) || !is_plain(rows))
        return;
    const int64_t n = count_of(rows, HM_M_N_DISTINCT);
    const int64_t d = rows->row[0].param[ATT_SEQ_D].i;
    const int64_t k = count_of(rows, HM_M_LANDMARKS);
    const int64_t blocks = count_of(rows, HM_M_BLOCKS);
    const int64_t used = used_predicted(n, d, k);

    att_finding_say(
        f, (double)count_of(rows, HM_M_PARAMS_USED), (double)used,
        count_of(rows, HM_M_PARAMS_USED) == used &&
            count_of(rows, HM_M_PARAMS_ARCH) == blocks * (12 * d + 6) &&
            count_of(rows, HM_M_PARAMS_DENSE) ==
                blocks * (2 * d * d + 8 * d + 6) &&
            count_of(rows, HM_M_PARAMS_SHARED) == 2 * d + 2 + 2 * k + 4 * n);
}

void att_hm_judge_params_bound(const struct att_rows *rows,
                               struct att_finding *f)
{
    if (!APPLIES(rows, f, HM_M_PARAMS_USED) || !is_plain(rows) ||
        count_of(rows, HM_M_N_DISTINCT) == 1)
        return;
    const int64_t n = count_of(rows, HM_M_N_DISTINCT);
    const int64_t d = rows->row[0].param[ATT_SEQ_D].i;
    const int64_t bound = 14 * n * d + 9 * n - 6 * d - 1;
    const int64_t used = count_of(rows, HM_M_PARAMS_USED);
    const bool tight = count_of(rows, HM_M_LANDMARKS) == (n > 2 ? n - 1 : 1);

    att_finding_say(f, (double)used, (double)bound,
                    tight ? used == bound : used <= bound);
}

/* Blocks and hidden units of the last stage. */
struct stage {
    int64_t blocks, units;
};

static struct stage last_stage(const struct att_rows *rows)
{
    const int64_t n = count_of(rows, HM_M_N_DISTINCT);
    const int64_t runs = count_of(rows, HM_M_LABEL_RUNS);

    if (att_row_says(rows->row, HM_PEEL, "runs"))
        return (struct stage){runs, 2 * runs};
    if (att_row_says(rows->row, HM_PEEL, "steps"))
        return (struct stage){(runs + 1) / 2, 2 * runs};
    if (att_row_says(rows->row, HM_PEEL, "four"))
        return (struct stage){(n + 3) / 4, n};
    return (struct stage){n, n};
}

void att_hm_judge_packed_blocks(const struct att_rows *rows,
                                struct att_finding *f)
{
    if (!APPLIES(rows, f, HM_M_BLOCKS, HM_M_LABEL_RUNS) || is_plain(rows))
        return;
    const int64_t predicted =
        count_of(rows, HM_M_LANDMARKS) + last_stage(rows).blocks + 2;
    const int64_t blocks = count_of(rows, HM_M_BLOCKS);

    att_finding_say(f, (double)blocks, (double)predicted, blocks == predicted);
}

void att_hm_judge_packed_params(const struct att_rows *rows,
                                struct att_finding *f)
{
    if (!APPLIES(rows, f, HM_M_PARAMS_USED, HM_M_LABEL_RUNS) || is_plain(rows))
        return;
    const int64_t d = rows->row[0].param[ATT_SEQ_D].i;
    const int64_t k = count_of(rows, HM_M_LANDMARKS);
    const struct stage stage = last_stage(rows);
    const bool balanced = att_row_says(rows->row, HM_CODES, "balanced");
    const int64_t predicted = used_predicted(0, d, k) + 2 * stage.blocks +
                              (2 * d + 1) * (stage.units + balanced);
    const int64_t used = count_of(rows, HM_M_PARAMS_USED);

    att_finding_say(f, (double)used, (double)predicted, used == predicted);
}

/* On the grid both the shift and the power of two are exact. */
void att_hm_judge_balanced(const struct att_rows *rows, struct att_finding *f)
{
    if (!APPLIES(rows, f, HM_M_CODE_GAP, HM_M_PLAIN_GAP, HM_M_SCALE) ||
        !att_row_says(rows->row, HM_CODES, "balanced") ||
        count_of(rows, HM_M_ON_GRID) == 0)
        return;
    const double gap = att_row_metric(rows->row, HM_M_CODE_GAP);
    const double predicted = att_row_metric(rows->row, HM_M_SCALE) *
                             att_row_metric(rows->row, HM_M_PLAIN_GAP);

    att_finding_say(f, gap, predicted, gap == predicted);
}

void att_hm_judge_rank_one(const struct att_rows *rows, struct att_finding *f)
{
    if (!APPLIES(rows, f, HM_M_RANK_A, HM_M_RANK_V))
        return;
    const int64_t a = count_of(rows, HM_M_RANK_A);
    const int64_t v = count_of(rows, HM_M_RANK_V);

    att_finding_say(f, (double)(a > v ? a : v), 1.0, a == 1 && v == 1);
}

void att_hm_judge_sub1(const struct att_rows *rows, struct att_finding *f)
{
    if (!APPLIES(rows, f, HM_M_LANDMARKS) ||
        !att_row_says(rows->row, ATT_SEQ_DATA, "sub1") ||
        count_of(rows, HM_M_N_DISTINCT) == 1)
        return;
    const int64_t expected = count_of(rows, HM_M_N_DISTINCT) - 1;
    const int64_t landmarks = count_of(rows, HM_M_LANDMARKS);

    att_finding_say(f, (double)landmarks, (double)expected,
                    landmarks == expected);
}

void att_hm_judge_reported_blocks(const struct att_rows *rows,
                                  struct att_finding *f)
{
    if (!APPLIES(rows, f, HM_M_BLOCKS))
        return;
    const int64_t reported = 4 * count_of(rows, HM_M_N_DISTINCT) + 1;
    const int64_t blocks = count_of(rows, HM_M_BLOCKS);

    att_finding_say(f, (double)blocks, (double)reported, true);
    if (blocks > reported)
        f->verdict = ATT_INCONCLUSIVE;
    (void)snprintf(f->note, sizeof f->note, "reported, not verified");
}
