/* matching_local_priv.h - Match3Local and Match3Bigram by standard attention.
 *
 * Notation: q positions of a window, eps' the error that an averaging unit may
 * make (averaging C3), alpha its scale, d its query/key dimension, P its
 * attention matrix.
 *
 * Streams of the builder: keys stand where averaging_keys.c puts them. */
#pragma once

#include "../averaging/averaging_priv.h"
#include "matching_columns_priv.h"

enum { LP_KIND = ATT_MATCH_PARAMS, LP_K, LP_D, LP_KEYS, LP_DUAL, LP_PARAMS };

enum {
    LM_Q,
    LM_DV,
    LM_D_MODEL,
    LM_H,
    LM_LAYERS,
    LM_EPS,
    LM_ALPHA,
    LM_GAP,
    LM_C,
    LM_OFF_MAX,
    LM_ON_DEV,
    LM_ERR,
    LM_SLOT_DEV,
    LM_RECOVERED,
    LM_M_MIN,
    LM_M_LAW,
    LM_OUT_MIN,
    LM_OUT_MAX,
    LM_WRONG,
    LM_TOKENS,
    LM_MATCHES,
    LM_T_PATH,
    LM_T_TRUTH,
    LM_FLOPS,
    LM_BYTES,
    LOCAL_METRICS
};

enum { LOCAL_CLAIMS = 3 };
extern const struct att_claim att_match_local_claims[LOCAL_CLAIMS];

/* One averaging unit: query i averages over the set y_i. */
struct match_layer {
    size_t n, q, d;
    const uint32_t *y; /* [n, q] ascending */
    double eps, alpha;
    enum avg_dual dual;
    struct avg_keys keys;
};

/* A query at work; its scratch lives in the arena that it was made in. */
struct match_query {
    const struct match_layer *layer;
    struct avg_keys keys; /* of the layer; their scratch is used */
    struct avg_query avg;
    double *p;   /* [n] attention of the query */
    bool solved; /* false: no dual vector exists; w = 0 looks everywhere */
    double off_max, on_dev, err; /* of the last query */
};

ATT_CHECKED att_status att_match_query_init(const struct match_layer *layer,
                                            struct att_arena *arena,
                                            struct match_query *out,
                                            struct att_error *err);
/* Fill p, w and the errors for token i. */
ATT_CHECKED att_status att_match_attend(struct match_query *query, size_t i,
                                        struct att_error *err);

struct match_local {
    struct match_layer layer;
    size_t K;               /* Match3Local */
    bool bigram;            /* Match3Bigram */
    struct match_unit unit; /* bigram: the second layer, for sample 0 */
};

/* The window of token i starts here; it has q positions.  Slot j mod q of it
 * belongs to position j. */
size_t att_match_window_first(const struct match_local *x, size_t i);

/* What the first layer makes of the samples of an instance. */
struct match_decoding {
    const struct match_local *local;
    const struct att_matching *in;
    size_t from, to;   /* tokens that are asked */
    uint64_t *residue; /* [samples, n, q] out: rounded averages of the slots,
                          times q M, modulo M; tokens from .. to-1 */
    double off_max, on_dev, err; /* out: largest over tokens */
    double slot_dev;             /* out: farthest from the residue */
    bool *close;    /* [n] out, or NULL: some slot of the token is so close to
                    half an integer that an evaluator in another order may
                    round it the other way */
    bool recovered; /* out: every slot has the residue of its token */
};
ATT_CHECKED att_status att_match_decode(struct match_decoding *x,
                                        struct att_arena *arena,
                                        struct att_error *err);

/* Answers of a sample's tokens from .. to-1: 0 or 1 (local), or the mass that
 * the second layer puts on real tokens (bigram). */
ATT_CHECKED att_status att_match_local_answer(const struct match_decoding *x,
                                              size_t sample, double *out,
                                              struct att_arena *arena,
                                              struct att_error *err);

att_status att_match_local_evaluate(struct att_workspace *ws,
                                    const struct att_case *c,
                                    struct att_outcome *out,
                                    struct att_error *err);
att_status att_match_local_export(struct att_workspace *ws,
                                  const struct att_case *c,
                                  struct att_artifact *out,
                                  struct att_error *err);
struct att_cost att_match_local_cost(const struct att_value *p);
