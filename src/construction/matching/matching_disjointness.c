/* matching_disjointness.c - what Match3 asks of standard heads: LB6.
 *
 * step 1: random heads, a score and a value for every position and bit
 * step 2: Alice's message of each of her 2^n sets; equal messages are counted
 * step 3: each repeated message gives two inputs that a layer of these heads
 *         answers alike, although one of them has a match at token 0
 * step 4: the third-order unit (C7) answers the same inputs
 *
 * Differs: what is counted is the messages of the heads that were drawn, not of
 * all heads there are. */
#include <stdio.h>

#include "matching_columns_priv.h"
#include "matching_heads_priv.h"

enum { DP_H = ATT_DISJ_PARAMS, DP_P, DP_PARAMS };

enum {
    DM_L,
    DM_M,
    DM_MSG_BITS,
    DM_DISTINCT,
    DM_COLLISIONS,
    DM_SEPARATED,
    DM_MISCODED,
    DM_PAIRS,
    DM_INTERSECT,
    DM_D,
    DM_OUT_MIN,
    DM_OUT_MAX,
    DM_WRONG,
    DM_TOKENS,
    DM_WITNESS,
    DISJ_METRICS
};

static const struct att_param PARAMS[DP_PARAMS - ATT_DISJ_PARAMS] = {
    ATT_PARAM_INTEGER("H", ATT_SEEDS_NOTHING, 1, 1, 64, "standard heads"),
    ATT_PARAM_INTEGER("p", ATT_SEEDS_NOTHING, 8, 1, 24,
                      "bits of a number of the message"),
};

static const struct att_metric METRICS[DISJ_METRICS] = {
    [DM_L] = MATCH_COUNT("L", ATT_REDUCE_SAME, "tokens of an input, 2n + 1"),
    [DM_M] = MATCH_COUNT("M", ATT_REDUCE_SAME, "modulus, L + 4"),
    [DM_MSG_BITS] =
        MATCH_BITS("msg_bits", "2 H p bits of a message of Alice", NULL),
    [DM_DISTINCT] = MATCH_COUNT("distinct_msgs", ATT_REDUCE_SAME,
                                "different messages of the 2^n sets"),
    [DM_COLLISIONS] =
        MATCH_COUNT("collisions", ATT_REDUCE_SAME, "2^n - distinct_msgs"),
    [DM_SEPARATED] =
        MATCH_COUNT("separated", ATT_REDUCE_SAME,
                    "collisions with two inputs of different truth that the "
                    "heads cannot tell apart"),
    [DM_MISCODED] = MATCH_COUNT("miscoded", ATT_REDUCE_SAME,
                                "pairs of sets whose input has another truth "
                                "at token 0 than whether they intersect"),
    [DM_PAIRS] = MATCH_COUNT("pairs", ATT_REDUCE_SAME, "pairs of sets tried"),
    [DM_INTERSECT] =
        MATCH_COUNT("intersecting", ATT_REDUCE_SAME, "pairs that intersect"),
    [DM_D] = MATCH_COUNT("d", ATT_REDUCE_SAME,
                         "query/key dimension of the third-order unit"),
    [DM_OUT_MIN] =
        MATCH_REAL("out_min_match", ATT_ROLE_MEASURED, ATT_REDUCE_SAME,
                   "third-order unit: smallest output where the truth is 1"),
    [DM_OUT_MAX] =
        MATCH_REAL("out_max_none", ATT_ROLE_MEASURED, ATT_REDUCE_SAME,
                   "third-order unit: largest output where the truth is 0"),
    [DM_WRONG] = MATCH_COUNT("wrong", ATT_REDUCE_SAME,
                             "tokens that the third-order unit answers "
                             "wrongly"),
    [DM_TOKENS] = MATCH_COUNT("tokens", ATT_REDUCE_SAME,
                              "tokens that it answers, of all pairs"),
    [DM_WITNESS] = {.name = "witness",
                    .unit = "1",
                    .doc =
                        "two sets with one message, and the set b that tells "
                        "them apart; rebuild writes their inputs",
                    .kind = ATT_TEXT,
                    .role = ATT_ROLE_MEASURED,
                    .exactness = ATT_EXACT},
};

static struct att_cost cost(const struct att_value *p)
{
    const double n = (double)p[ATT_DISJ_N].i;
    const double H = (double)p[DP_H].i;
    const double sets = exp2(n);
    const double pairs = fmin((double)p[ATT_DISJ_SAMPLES].i, exp2(2.0 * n));

    return (struct att_cost){
        .flops = sets * (30.0 * H * (n + 1.0) + 60.0 * n * n + 200.0 * n) +
                 pairs * (200.0 * n * n + 2000.0),
        .bytes = sets * (8.0 * H + 32.0) + 8.0 * pairs + 32.0 * H * (n + 1.0) +
                 4096.0 * n + 65536.0};
}

/* ---- build -------------------------------------------------------------------------- */

struct built {
    struct match_heads heads;
    struct match_census census;
};

static att_status build(struct att_workspace *ws, const struct att_case *c,
                        void **built, struct att_error *err)
{
    const struct att_disjointness *d = c->instance;
    const size_t H = (size_t)c->p[DP_H].i;
    const size_t width = MATCH_HEAD_NUMBERS * (d->n + 1);
    struct built *b = ATT_NEW0(ws->arena, struct built, 1);
    double *number = ATT_NEW(ws->arena, double, H *width);

    if (b == NULL || number == NULL)
        return att_arena_fail(ws->arena, "the heads", err);
    for (size_t h = 0; h < H; h++) {
        for (size_t j = 0; j <= d->n; j++) {
            const struct att_stream s =
                att_builder_stream(ws, 1, (uint32_t)h, (uint32_t)j);

            att_stream_normals(&s, 0, MATCH_HEAD_NUMBERS,
                               number + h * width + MATCH_HEAD_NUMBERS * j);
        }
    }
    b->heads = (struct match_heads){
        .n = d->n, .n_heads = H, .bits = (int)c->p[DP_P].i, .number = number};
    ATT_TRY(att_match_census(&b->heads, ws->arena, &b->census, err));
    *built = b;
    return ATT_OK;
}

/* ---- evaluate ------------------------------------------------------------------------- */

struct work {
    const struct att_disjointness *d;
    uint64_t *x;    /* [L] */
    double *out;    /* [L] */
    uint8_t *truth; /* [L] */
    struct match_tally tally;
    int64_t miscoded, intersect;
};

static att_status try_pair(struct work *w, size_t k, struct att_arena *arena,
                           struct att_error *err)
{
    const struct att_disjointness *d = w->d;
    const bool meet = (d->a[k] & d->b[k]) != 0;
    const struct match_unit u =
        att_match_unit(att_disjointness_code(d->n, d->a[k], d->b[k], w->x), 3);

    ATT_TRY(att_match3_truth(&u.in, w->truth, arena, err));
    ATT_TRY(att_match_run(&u, MATCH_HIST, w->out, arena, err));
    att_match_count(&w->tally, w->out, w->truth, 0, u.in.n);
    w->intersect += meet ? 1 : 0;
    w->miscoded += (w->truth[0] != 0) != meet ? 1 : 0;
    return ATT_OK;
}

/* "{1, 4}" */
enum { SET_TEXT = 72 };

static void set_text(uint32_t set, char text[SET_TEXT])
{
    size_t n = (size_t)snprintf(text, SET_TEXT, "{");

    for (unsigned i = 0; set >> i != 0; i++) {
        if ((set >> i & 1) != 0) {
            n += (size_t)snprintf(text + n, SET_TEXT - n, "%s%u",
                                  n > 1 ? ", " : "", i + 1);
        }
    }
    (void)snprintf(text + n, SET_TEXT - n, "}");
}

static void report_witness(const struct match_census *found,
                           struct att_outcome *out)
{
    char a[SET_TEXT];
    char other[SET_TEXT];
    char b[SET_TEXT];
    const char *text = "every set has a message of its own";

    if (found->collisions > 0) {
        set_text(found->a, a);
        set_text(found->other, other);
        set_text(att_match_difference(found->a, found->other), b);
        text = att_arena_printf(out->arena,
                                "a = %s and a' = %s send one message; b = %s "
                                "meets one of them",
                                a, other, b);
    }
    if (text != NULL)
        att_out_text(out, DM_WITNESS, text);
}

static void report(const struct work *w, const struct built *b,
                   struct att_outcome *out)
{
    att_out_int(out, DM_L, (int64_t)w->d->L);
    att_out_int(out, DM_M, (int64_t)w->d->M);
    att_out_int(out, DM_MSG_BITS,
                2 * (int64_t)b->heads.n_heads * b->heads.bits);
    att_out_int(out, DM_DISTINCT, b->census.distinct);
    att_out_int(out, DM_COLLISIONS, b->census.collisions);
    att_out_int(out, DM_SEPARATED, b->census.separated);
    att_out_int(out, DM_MISCODED, w->miscoded);
    att_out_int(out, DM_PAIRS, (int64_t)w->d->n_pairs);
    att_out_int(out, DM_INTERSECT, w->intersect);
    att_out_int(out, DM_D, 5);
    att_out_finite(out, DM_OUT_MIN, w->tally.out_min);
    att_out_finite(out, DM_OUT_MAX, w->tally.out_max);
    att_out_int(out, DM_WRONG, w->tally.wrong);
    att_out_int(out, DM_TOKENS, w->tally.tokens);
    report_witness(&b->census, out);
}

static att_status evaluate(struct att_workspace *ws, const struct att_case *c,
                           struct att_outcome *out, struct att_error *err)
{
    const struct att_disjointness *d = c->instance;
    struct work w = {.d = d,
                     .x = ATT_NEW(ws->arena, uint64_t, d->L),
                     .out = ATT_NEW(ws->arena, double, d->L),
                     .truth = ATT_NEW(ws->arena, uint8_t, d->L),
                     .tally = att_match_tally()};

    if (w.x == NULL || w.out == NULL || w.truth == NULL)
        return att_arena_fail(ws->arena, "an input", err);
    for (size_t k = 0; k < d->n_pairs; k++)
        ATT_TRY(try_pair(&w, k, ws->arena, err));
    report(&w, c->built, out);
    return ATT_OK;
}

/* ---- witness ---------------------------------------------------------------------------- */

/* Two inputs with one message: sets a, a', b and their tokens. */
static void put_collision(const struct built *b, struct att_bundle *to)
{
    const struct match_census *found = &b->census;
    const uint32_t set = att_match_difference(found->a, found->other);
    const uint64_t L = 2 * b->heads.n + 1;
    const uint64_t shape[2] = {2, L};
    const uint64_t three[1] = {3};
    int64_t *sets = att_bundle_add(to, "sets", ATT_I64, 1, three);
    int64_t *tokens = att_bundle_add(to, "inputs", ATT_I64, 2, shape);
    uint64_t *x = ATT_NEW(to->arena, uint64_t, L);

    if (sets == NULL || tokens == NULL || x == NULL)
        return;
    sets[0] = found->a;
    sets[1] = found->other;
    sets[2] = set;
    for (size_t k = 0; k < 2; k++) {
        (void)att_disjointness_code(b->heads.n, (uint32_t)sets[k], set, x);
        for (size_t i = 0; i < L; i++)
            tokens[k * L + i] = (int64_t)x[i];
    }
}

static att_status export_artifact(struct att_workspace *ws,
                                  const struct att_case *c,
                                  struct att_artifact *out,
                                  struct att_error *err)
{
    const struct built *b = c->built;
    const double facts[4] = {(double)b->heads.n, (double)b->heads.n_heads,
                             b->heads.bits, (double)b->census.distinct};

    att_bundle_f64(&out->witness, "heads", b->heads.number,
                   b->heads.n_heads * (b->heads.n + 1), MATCH_HEAD_NUMBERS);
    att_bundle_vector(&out->witness, "facts", facts, 4);
    if (b->census.collisions > 0)
        put_collision(b, &out->witness);
    return att_match_done(ws->arena, "the witness", err);
}

/* Does token 0 of an input have partners?  Every pair is looked at. */
static bool is_met(const struct att_tensor *inputs, size_t which, double M)
{
    const size_t L = (size_t)inputs->shape[1];

    for (size_t a = 0; a < L; a++) {
        for (size_t b = 0; b < L; b++) {
            const double sum = att_tensor_get(inputs, which * L) +
                               att_tensor_get(inputs, which * L + a) +
                               att_tensor_get(inputs, which * L + b);

            if (fmod(sum, M) == 0.0)
                return true;
        }
    }
    return false;
}

/* One message, equal tokens of Bob, different truths. */
static bool check_collision(const struct match_heads *heads,
                            const struct att_artifact *a,
                            struct att_arena *scratch)
{
    const struct att_tensor *sets = att_bundle_find(&a->witness, "sets");
    const struct att_tensor *in = att_bundle_find(&a->witness, "inputs");
    const size_t L = 2 * heads->n + 1;
    int32_t *code = ATT_NEW(scratch, int32_t, 4 * heads->n_heads);
    bool good = code != NULL && sets != NULL && in != NULL && in->rank == 2 &&
                in->shape[0] == 2 && in->shape[1] == L;

    for (size_t k = 0; good && k < 2; k++) {
        att_match_message(heads, (uint32_t)att_tensor_get(sets, k),
                          code + 2 * k * heads->n_heads);
    }
    for (size_t i = 0; good && i < 2 * heads->n_heads; i++)
        good = code[i] == code[2 * heads->n_heads + i];
    for (size_t i = heads->n + 1; good && i < L; i++)
        good = att_tensor_get(in, i) == att_tensor_get(in, L + i);
    return good &&
           is_met(in, 0, (double)L + 4.0) != is_met(in, 1, (double)L + 4.0);
}

static att_status check(const struct att_artifact *a, struct att_arena *scratch,
                        struct att_check_report *report, struct att_error *err)
{
    const struct att_tensor *facts = att_bundle_find(&a->witness, "facts");
    const struct att_tensor *number = att_bundle_find(&a->witness, "heads");
    struct match_census census = {0};

    if (facts == NULL || att_tensor_count(facts) != 4 || number == NULL ||
        number->dtype != ATT_F64)
        return att_fail(err, ATT_E_ARG, "the witness has no facts or heads");
    const struct match_heads heads = {.n = (size_t)att_tensor_get(facts, 0),
                                      .n_heads =
                                          (size_t)att_tensor_get(facts, 1),
                                      .bits = (int)att_tensor_get(facts, 2),
                                      .number = number->data};

    if (heads.n > 16 || heads.n_heads > 64 ||
        att_tensor_count(number) !=
            MATCH_HEAD_NUMBERS * heads.n_heads * (heads.n + 1))
        return att_fail(err, ATT_E_ARG, "the heads do not fit the facts");
    ATT_TRY(att_match_census(&heads, scratch, &census, err));
    const double off = fabs((double)census.distinct - att_tensor_get(facts, 3));
    const bool shown =
        census.collisions == 0 || check_collision(&heads, a, scratch);

    *report = (struct att_check_report){
        .n_compared = 2, .max_abs_error = off, .agrees = off == 0.0 && shown};
    return ATT_OK;
}

/* ---- claims ------------------------------------------------------------------------------- */

static void judge(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];
    const double collisions = att_row_metric(row, DM_COLLISIONS);
    const double room = att_row_metric(row, DM_MSG_BITS);

    att_finding_blank(f);
    if (collisions == 0.0)
        return; /* nothing follows from messages that all differ */
    f->statistic = att_row_metric(row, DM_SEPARATED);
    f->predicted = collisions;
    f->verdict = f->statistic == collisions &&
                         att_row_metric(row, DM_WRONG) == 0.0 &&
                         att_row_metric(row, DM_MISCODED) == 0.0 &&
                         log2(att_row_metric(row, DM_DISTINCT)) <= room
                     ? ATT_HOLDS
                     : ATT_VIOLATED;
}

static const struct att_claim CLAIMS[] = {
    MATCH_CLAIM("match3-lower", ATT_PROVED, ATT_SCOPE_ROW, "", judge,
                "bound stated in public sources; reduction and counting proved "
                "in docs/theory/matching.md",
                "fewer than 2^n messages leave an input that the heads answer "
                "wrongly; the third-order unit answers all of them"),
};

const struct att_construction att_construction_matching_disjointness = {
    .abi = ATT_CONSTRUCTION_ABI,
    .name = "matching_disjointness",
    .family = "matching",
    .source = SANFORD_SOURCE,
    .summary = "messages of standard heads against Match3, each repeated one a "
               "witness",
    .version = 1,
    .problem = &att_problem_disjointness,
    .bibtex = SANFORD_BIBTEX,
    .params = PARAMS,
    .n_params = DP_PARAMS - ATT_DISJ_PARAMS,
    .metrics = METRICS,
    .n_metrics = DISJ_METRICS,
    .observations = NULL,
    .n_observations = 0,
    .claims = CLAIMS,
    .n_claims = sizeof CLAIMS / sizeof CLAIMS[0],
    .admit = att_admit_all,
    .cost = cost,
    .slices = att_slices_one,
    .build = build,
    .evaluate = evaluate,
    .export_artifact = export_artifact,
    .check = check,
};
