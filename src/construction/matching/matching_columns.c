/* matching_columns.c - parameters and metrics of `matching`. */
#include "matching_columns_priv.h"

#include "attest/base/text.h"

static const char *const KINDS[] = {"match2", "match2h", "match3", "matchr",
                                    NULL};
static const char *const DTYPES[] = {"f64", "f32", "bf16", "f16", NULL};
static const char *const SELF[] = {"partner", "excluded", NULL};
static const char *const SWITCH[] = {"off", "on", NULL};

const struct att_param att_match_params[MP_PARAMS - ATT_MATCH_PARAMS] = {
    ATT_PARAM_CHOICE("kind", ATT_SEEDS_NOTHING, "match2", KINDS,
                     "pairs, pairs by harmonics, triples, r tokens"),
    ATT_PARAM_CHOICE("path", ATT_SEEDS_NOTHING, "naive", att_match_path_name,
                     "every logit; rank-4 products row by row; histogram of "
                     "residues; sorted residues; Bessel functions"),
    ATT_PARAM_INTEGER("r", ATT_SEEDS_NOTHING, 4, 4, 8,
                      "matchr: tokens that sum to zero"),
    ATT_PARAM_INTEGER("R", ATT_SEEDS_NOTHING, 12, 1, 4096,
                      "match2h: random harmonics"),
    ATT_PARAM_CHOICE("dtype", ATT_SEEDS_NOTHING, "f64", DTYPES,
                     "format of every operation (pairs, naive)"),
    ATT_PARAM_INTEGER("bits", ATT_SEEDS_NOTHING, 0, 0, 53,
                      "significant bits of every operation; 0 and 1: as "
                      "dtype"),
    ATT_PARAM_CHOICE("self", ATT_SEEDS_NOTHING, "partner", SELF,
                     "pairs: may a token match itself"),
    ATT_PARAM_CHOICE("probe", ATT_SEEDS_NOTHING, "off", SWITCH,
                     "find p_bits by trying numbers of bits from 2 on"),
};

const struct att_metric att_match_metrics[MATCH_METRICS] = {
    [MM_D] = MATCH_COUNT("d", ATT_REDUCE_SAME,
                         "query/key dimension: 2^(r-1) + 1, that is 3 or 5, or "
                         "2R + 1 (paper: m)"),
    [MM_DV] = MATCH_COUNT("dv", ATT_REDUCE_SAME, "value dimension"),
    [MM_H] = MATCH_COUNT("H", ATT_REDUCE_SAME, "heads"),
    [MM_GAP] =
        MATCH_REAL("gap", ATT_ROLE_MEASURED, ATT_REDUCE_SAME,
                   "distance of the best non-matching mean cosine from 1"),
    [MM_C] = MATCH_REAL("c", ATT_ROLE_MEASURED, ATT_REDUCE_SAME,
                        "scale of the logits"),
    [MM_OUT_MIN] =
        MATCH_REAL("out_min_match", ATT_ROLE_MEASURED, ATT_REDUCE_MIN,
                   "smallest output where the truth is 1"),
    [MM_OUT_MAX] = MATCH_REAL("out_max_none", ATT_ROLE_MEASURED, ATT_REDUCE_MAX,
                              "largest output where the truth is 0"),
    [MM_WRONG] =
        MATCH_COUNT("wrong", ATT_REDUCE_SUM, "tokens answered wrongly"),
    [MM_TOKENS] = MATCH_COUNT("tokens", ATT_REDUCE_SUM, "tokens answered"),
    [MM_P_BITS] =
        MATCH_BITS("p_bits",
                   "least significant bits at which no token is wrong, "
                   "nor at the next four",
                   "p_bits_law"),
    [MM_P_LAW] = MATCH_REAL("p_bits_law", ATT_ROLE_PREDICTED, ATT_REDUCE_SAME,
                            "2 lg(M / pi)"),
    [MM_M_MAX] = {.name = "m_max_fmt",
                  .unit = "1",
                  .doc = "M, where no token is wrong: the reach of the format "
                         "in a search for the largest M",
                  .kind = ATT_INTEGER,
                  .role = ATT_ROLE_MEASURED,
                  .exactness = ATT_EXACT,
                  .reduction = ATT_REDUCE_MIN,
                  .predicted_by = "m_max_law"},
    [MM_M_LAW] = MATCH_REAL("m_max_law", ATT_ROLE_PREDICTED, ATT_REDUCE_SAME,
                            "pi 2^(t/2) for t significant bits: the largest M "
                            "of the format"),
    [MM_PATH_DEV] =
        MATCH_REAL("path_dev", ATT_ROLE_MEASURED, ATT_REDUCE_MAX,
                   "largest difference to the naive path in f64; beyond L = "
                   "192, of triples, to hist (of hist, to sparse); of more "
                   "tokens, between hist and bessel"),
    [MM_T_PATH] = MATCH_TIME("t_path", "time of the path"),
    [MM_T_TRUTH] = MATCH_TIME("t_truth", "time of the truth"),
    [MM_FLOPS] =
        MATCH_SIZE("flops", "flop", "operations of the path, closed form"),
    [MM_BYTES] =
        MATCH_SIZE("bytes", "byte", "scratch of the path, closed form"),
};

bool att_match_says(const struct att_value *p, uint32_t i, const char *word)
{
    return att_text_same(p[i].s, word);
}

int att_match_order(const struct att_value *p)
{
    if (att_match_says(p, MP_KIND, "matchr"))
        return (int)p[MP_ORDER].i;
    return att_match_says(p, MP_KIND, "match3") ? 3 : 2;
}

struct match_tally att_match_tally(void)
{
    return (struct match_tally){.out_min = INFINITY, .out_max = -INFINITY};
}

void att_match_count(struct match_tally *t, const double *out,
                     const uint8_t *truth, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        const bool right = !isnan(out[i]) && (out[i] >= 0.5) == (truth[i] != 0);

        t->tokens++;
        t->wrong += right ? 0 : 1;
        if (truth[i] != 0) {
            t->out_min = fmin(t->out_min, out[i]);
        } else {
            t->out_max = fmax(t->out_max, out[i]);
        }
    }
}

double *att_match_put(struct att_layer *l, const char *name, uint64_t rows,
                      uint64_t cols)
{
    const uint64_t shape[2] = {rows, cols};

    return att_bundle_add(&l->tensors, name, ATT_F64, 2, shape);
}

att_status att_match_done(const struct att_arena *arena, const char *what,
                          struct att_error *err)
{
    return att_arena_refused(arena) == 0 ? ATT_OK
                                         : att_arena_fail(arena, what, err);
}
