/* matching.c - Match2 and Match3 by one unit: C5, C6 and C7.
 *
 * match2   step 1: theta_i = 2 pi x_i / M; step 2: logit c cos(theta_i +
 *          theta_j) against a blank token at c (1 - gap/2), c = 2 ln(4L)/gap;
 *          step 3: the answer is 1 where at least half of the mass is real
 * match2h  R random harmonics: a larger gap for more coordinates
 * match3   one third-order unit, c = 2 ln(4 L^2)/gap
 *
 * Differs: paths other than naive work on integer residues; they give the
 * numbers of the unit without rounding a logit of size c. */
#include <inttypes.h>

#include "attest/base/clock.h"
#include "attest/base/text.h"
#include "attest/construction/finding.h"
#include "matching_priv.h"

enum {
    MP_KIND = ATT_MATCH_PARAMS,
    MP_PATH,
    MP_R,
    MP_DTYPE,
    MP_BITS,
    MP_PROBE,
    MP_PARAMS
};

enum {
    MM_D,
    MM_H,
    MM_GAP,
    MM_C,
    MM_OUT_MIN,
    MM_OUT_MAX,
    MM_WRONG,
    MM_TOKENS,
    MM_P_BITS,
    MM_P_LAW,
    MM_M_LAW,
    MM_PATH_DEV,
    MM_T_PATH,
    MM_T_TRUTH,
    MATCH_METRICS
};

static const char *const KINDS[] = {"match2", "match2h", "match3", NULL};
static const char *const PATHS[] = {"naive",  "stream", "hist",
                                    "sparse", "bessel", NULL};
static const char *const DTYPES[] = {"f64", "f32", "bf16", "f16", NULL};
static const char *const SWITCH[] = {"off", "on", NULL};

static const struct att_param PARAMS[MP_PARAMS - ATT_MATCH_PARAMS] = {
    ATT_PARAM_CHOICE("kind", ATT_SEEDS_NOTHING, "match2", KINDS,
                     "pairs, pairs by harmonics, triples"),
    ATT_PARAM_CHOICE("path", ATT_SEEDS_NOTHING, "naive", PATHS,
                     "every logit; rank-4 products row by row; histogram of "
                     "residues; sorted residues; Bessel functions"),
    ATT_PARAM_INTEGER("R", ATT_SEEDS_NOTHING, 12, 1, 4096,
                      "match2h: random harmonics"),
    ATT_PARAM_CHOICE("dtype", ATT_SEEDS_NOTHING, "f64", DTYPES,
                     "format of every operation (pairs, naive)"),
    ATT_PARAM_INTEGER("bits", ATT_SEEDS_NOTHING, 0, 0, 53,
                      "significant bits of every operation; 0 and 1: as "
                      "dtype"),
    ATT_PARAM_CHOICE("probe", ATT_SEEDS_NOTHING, "off", SWITCH,
                     "find p_bits by trying every number of bits"),
};

#define COUNT(name_, unit_, doc_)                                              \
    {                                                                          \
        .name = (name_), .unit = (unit_), .doc = (doc_), .kind = ATT_INTEGER,  \
        .role = ATT_ROLE_MEASURED, .exactness = ATT_EXACT                      \
    }
#define REAL(name_, role_, doc_)                                               \
    {                                                                          \
        .name = (name_), .unit = "1", .doc = (doc_), .kind = ATT_REAL,         \
        .role = (role_), .exactness = ATT_ROUNDED, .tolerance = 1e-6           \
    }
#define TIME(name_, doc_)                                                      \
    {                                                                          \
        .name = (name_), .unit = "s", .doc = (doc_), .kind = ATT_REAL,         \
        .role = ATT_ROLE_MEASURED, .exactness = ATT_TIMING                     \
    }

static const struct att_metric METRICS[MATCH_METRICS] = {
    [MM_D] = COUNT("d", "1", "query/key dimension: 3, 2R + 1 or 5 (paper: m)"),
    [MM_H] = COUNT("H", "1", "heads"),
    [MM_GAP] = REAL("gap", ATT_ROLE_MEASURED,
                    "distance of the best non-matching mean cosine from 1"),
    [MM_C] = REAL("c", ATT_ROLE_MEASURED, "scale of the logits"),
    [MM_OUT_MIN] = REAL("out_min_match", ATT_ROLE_MEASURED,
                        "smallest output where the truth is 1"),
    [MM_OUT_MAX] = REAL("out_max_none", ATT_ROLE_MEASURED,
                        "largest output where the truth is 0"),
    [MM_WRONG] = COUNT("wrong", "1", "tokens answered wrongly"),
    [MM_TOKENS] = COUNT("tokens", "1", "tokens answered"),
    [MM_P_BITS] = {.name = "p_bits",
                   .unit = "bit",
                   .doc = "least significant bits from which on no token is "
                          "wrong",
                   .kind = ATT_INTEGER,
                   .role = ATT_ROLE_MEASURED,
                   .exactness = ATT_EXACT,
                   .predicted_by = "p_bits_law"},
    [MM_P_LAW] = REAL("p_bits_law", ATT_ROLE_PREDICTED, "2 lg(M / pi)"),
    [MM_M_LAW] = REAL("m_max_law", ATT_ROLE_PREDICTED,
                      "pi 2^(t/2) for t significant bits"),
    [MM_PATH_DEV] = REAL("path_dev", ATT_ROLE_MEASURED,
                         "largest difference to the naive path in f64 (L <= "
                         "192), above that to sparse residues"),
    [MM_T_PATH] = TIME("t_path", "time of the path"),
    [MM_T_TRUTH] = TIME("t_truth", "time of the truth"),
};

static bool says(const struct att_value *p, uint32_t i, const char *word)
{
    return att_text_same(p[i].s, word);
}

static bool is_triples(const struct att_value *p)
{
    return says(p, MP_KIND, "match3");
}

static bool is_rounded(const struct att_value *p)
{
    return !says(p, MP_DTYPE, "f64") || p[MP_BITS].i > 1;
}

static att_status admit(const struct att_value *p, struct att_error *err)
{
    const int64_t L = p[ATT_MATCH_L].i;
    const int64_t M = p[ATT_MATCH_M].i;
    const char *path = p[MP_PATH].s;
    const char *wrong = NULL;

    if (!is_triples(p) && !says(p, MP_PATH, "naive") &&
        !says(p, MP_PATH, "hist")) {
        wrong = "pairs have the paths naive and hist";
    } else if (is_rounded(p) && (is_triples(p) || !says(p, MP_PATH, "naive"))) {
        wrong = "formats are emulated for pairs on the naive path";
    } else if (is_triples(p) && says(p, MP_PATH, "hist") && M > 1 << 27) {
        wrong = "hist keeps an array of M <= 2^27: set path = sparse";
    } else if (says(p, MP_PATH, "bessel") && M > 16384) {
        wrong = "bessel sums 9 sqrt(c) terms per token: M <= 16384";
    } else if (says(p, MP_KIND, "match2h") && M > 1 << 24) {
        wrong = "harmonics look at every v < M <= 2^24 for their gap";
    } else if (is_triples(p) && says(p, MP_PATH, "naive") && L > 1024) {
        wrong = "naive looks at L^3 triples, L <= 1024: set path = hist";
    }
    if (wrong == NULL)
        return ATT_OK;
    return att_fail(err, ATT_E_INFEASIBLE,
                    "%s (got path = %s, L = %" PRId64 ", M = %" PRId64 ")",
                    wrong, path, L, M);
}

static struct att_cost cost(const struct att_value *p)
{
    const double L = (double)p[ATT_MATCH_L].i;
    const double M = (double)p[ATT_MATCH_M].i;
    const double R = says(p, MP_KIND, "match2h") ? (double)p[MP_R].i : 1.0;
    const double samples = (double)p[ATT_MATCH_SAMPLES].i;
    double flops = 60.0 * L * L * R;
    double bytes = 16.0 * L * samples + 160.0 * L * (R + 1.0) + 32768.0;

    if (is_triples(p)) {
        flops = L <= 192.0 || says(p, MP_PATH, "naive") ? 30.0 * L * L * L
                                                        : 400.0 * L * L;
        bytes += says(p, MP_PATH, "stream") ? 8.0 * L * L : 0.0;
        if (says(p, MP_PATH, "hist")) {
            bytes += 64.0 * M;
            flops += 200.0 * M;
        }
        if (says(p, MP_PATH, "bessel")) {
            flops += 100.0 * L * 9.0 * 4.0 * M;
            bytes += 8.0 * 9.0 * 4.0 * M;
        }
    }
    if (says(p, MP_PROBE, "on"))
        flops *= 53.0;
    return (struct att_cost){.flops = samples * flops + R * M, .bytes = bytes};
}

/* ---- build -------------------------------------------------------------------------- */

struct built {
    struct match_unit unit; /* of sample 0 */
    struct att_arithmetic arithmetic;
};

static att_status draw_harmonics(struct att_workspace *ws, size_t R, uint64_t M,
                                 struct match_unit *u, struct att_error *err)
{
    const struct att_stream s = att_builder_stream(ws, 1, 0, 0);
    uint32_t *h = ATT_NEW(ws->arena, uint32_t, R);

    if (h == NULL)
        return att_arena_fail(ws->arena, "the harmonics", err);
    for (size_t r = 0; r < R; r++)
        h[r] = 1 + (M > 2 ? att_stream_below(&s, r, (uint32_t)M - 1) : 0);
    u->h = h;
    u->R = R;
    u->gap = att_match_gap_harmonics(h, R, M);
    return ATT_OK;
}

static att_status parse_format(const struct att_value *p, struct built *b,
                               struct att_arena *arena, struct att_error *err)
{
    const char *text =
        p[MP_BITS].i > 1
            ? att_arena_printf(arena, "bits:%" PRId64, p[MP_BITS].i)
            : p[MP_DTYPE].s;

    return text == NULL ? att_arena_fail(arena, "a format", err)
                        : att_arithmetic_parse(text, &b->arithmetic, err);
}

static att_status build(struct att_workspace *ws, const struct att_case *c,
                        void **built, struct att_error *err)
{
    const struct att_matching *a = c->instance;
    struct built *b = ATT_NEW0(ws->arena, struct built, 1);

    if (b == NULL)
        return att_arena_fail(ws->arena, "the unit", err);
    b->unit = (struct match_unit){
        .x = a->x, .n = a->L, .M = a->M, .gap = att_match_gap(a->M)};
    if (says(c->p, MP_KIND, "match2h")) {
        ATT_TRY(draw_harmonics(ws, (size_t)c->p[MP_R].i, a->M, &b->unit, err));
    }
    if (!(b->unit.gap > 0.0)) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "R = %" PRId64 " harmonics leave no gap at M = %" PRId64
                        ": raise R",
                        c->p[MP_R].i, c->p[ATT_MATCH_M].i);
    }
    b->unit.c = att_match_scale(a->L, is_triples(c->p) ? 3 : 2, b->unit.gap);
    ATT_TRY(parse_format(c->p, b, ws->arena, err));
    *built = b;
    return ATT_OK;
}

/* ---- evaluate ---------------------------------------------------------------------------- */

static att_status run_triples(const char *path, const struct match_unit *u,
                              double *out, struct att_arena *scratch,
                              struct att_error *err)
{
    if (att_text_same(path, "stream"))
        return att_match3_stream(u, out, scratch, err);
    if (att_text_same(path, "hist"))
        return att_match3_hist(u, out, scratch, err);
    if (att_text_same(path, "sparse"))
        return att_match3_sparse(u, out, scratch, err);
    if (att_text_same(path, "bessel"))
        return att_match3_bessel(u, out, scratch, err);
    return att_match3_naive(u, out, scratch, err);
}

/* Seven arguments, one more than the rule: a struct for one caller would
 * only move them.  NOLINTNEXTLINE(readability-function-size) */
static att_status run(const struct att_value *p, const char *path,
                      const struct match_unit *u,
                      const struct att_arithmetic *arithmetic, double *out,
                      struct att_arena *scratch, struct att_error *err)
{
    if (is_triples(p))
        return run_triples(path, u, out, scratch, err);
    if (att_text_same(path, "naive"))
        return att_match2_naive(u, arithmetic, out, scratch, err);
    return att_match2_hist(u, out, scratch, err);
}

struct tally {
    double out_min, out_max, dev, t_path, t_truth;
    int64_t wrong, tokens;
};

static void count(struct tally *t, const double *out, const uint8_t *truth,
                  size_t n)
{
    for (size_t i = 0; i < n; i++) {
        t->tokens++;
        t->wrong += (out[i] >= 0.5) != (truth[i] != 0) ? 1 : 0;
        if (truth[i] != 0) {
            t->out_min = fmin(t->out_min, out[i]);
        } else {
            t->out_max = fmax(t->out_max, out[i]);
        }
    }
}

static att_status find_truth(const struct att_value *p,
                             const struct match_unit *u, uint8_t *truth,
                             struct att_arena *arena, struct att_error *err)
{
    return is_triples(p)
               ? att_match3_truth(u->x, u->n, u->M, truth, arena, err)
               : att_match2_truth(u->x, u->n, u->M, truth, arena, err);
}

/* The path that others are compared with. */
static const char *reference(const struct att_value *p, size_t n)
{
    if (!is_triples(p))
        return "hist";
    return n <= 192 ? "naive" : "sparse";
}

struct scratch {
    double *out, *ref; /* [n] */
    uint8_t *truth;    /* [n] */
};

static att_status run_sample(struct att_workspace *ws, const struct att_case *c,
                             const struct match_unit *u,
                             const struct scratch *s, struct tally *t,
                             struct att_error *err)
{
    const struct built *b = c->built;
    const double start = att_clock_s();

    ATT_TRY(
        run(c->p, c->p[MP_PATH].s, u, &b->arithmetic, s->out, ws->arena, err));
    const double middle = att_clock_s();

    ATT_TRY(find_truth(c->p, u, s->truth, ws->arena, err));
    t->t_path += middle - start;
    t->t_truth += att_clock_s() - middle;
    count(t, s->out, s->truth, u->n);
    if (!is_triples(c->p))
        return ATT_OK;
    ATT_TRY(run(c->p, reference(c->p, u->n), u, &b->arithmetic, s->ref,
                ws->arena, err));
    for (size_t i = 0; i < u->n; i++)
        t->dev = fmax(t->dev, fabs(s->out[i] - s->ref[i]));
    return ATT_OK;
}

/* Wrong tokens of all samples at a number of bits. */
static att_status wrong_at(struct att_workspace *ws, const struct att_case *c,
                           int bits, const struct scratch *s, int64_t *wrong,
                           struct att_error *err)
{
    const struct built *b = c->built;
    const struct att_matching *a = c->instance;
    struct att_arithmetic f = b->arithmetic;
    struct tally t = {0};

    f.kind = ATT_ARITHMETIC_ROUNDED;
    f.bits = bits;
    for (size_t k = 0; k < a->samples; k++) {
        struct match_unit u = b->unit;

        u.x = a->x + k * a->L;
        ATT_TRY(att_match2_naive(&u, &f, s->out, ws->arena, err));
        ATT_TRY(find_truth(c->p, &u, s->truth, ws->arena, err));
        count(&t, s->out, s->truth, u.n);
    }
    *wrong = t.wrong;
    return ATT_OK;
}

static att_status probe(struct att_workspace *ws, const struct att_case *c,
                        const struct scratch *s, struct att_outcome *out,
                        struct att_error *err)
{
    int least = 0;

    for (int bits = 53; bits >= 2; bits--) {
        int64_t wrong = 0;

        ATT_TRY(wrong_at(ws, c, bits, s, &wrong, err));
        if (wrong > 0)
            break;
        least = bits;
    }
    if (least > 0)
        att_out_int(out, MM_P_BITS, least);
    return ATT_OK;
}

static void report(const struct att_case *c, const struct tally *t,
                   struct att_outcome *out)
{
    const struct built *b = c->built;
    const double M = (double)b->unit.M;
    const double pi = acos(-1.0);
    const int64_t R = c->p[MP_R].i;

    att_out_int(out, MM_D,
                is_triples(c->p)                 ? 5
                : says(c->p, MP_KIND, "match2h") ? 2 * R + 1
                                                 : 3);
    att_out_int(out, MM_H, 1);
    att_out_real(out, MM_GAP, b->unit.gap);
    att_out_real(out, MM_C, b->unit.c);
    if (isfinite(t->out_min))
        att_out_real(out, MM_OUT_MIN, t->out_min);
    if (isfinite(t->out_max))
        att_out_real(out, MM_OUT_MAX, t->out_max);
    att_out_int(out, MM_WRONG, t->wrong);
    att_out_int(out, MM_TOKENS, t->tokens);
    att_out_real(out, MM_P_LAW, 2.0 * log2(M / pi));
    att_out_real(out, MM_M_LAW, pi * exp2(0.5 * b->arithmetic.bits));
    if (is_triples(c->p) && isfinite(t->dev))
        att_out_real(out, MM_PATH_DEV, t->dev);
    att_out_real(out, MM_T_PATH, t->t_path);
    att_out_real(out, MM_T_TRUTH, t->t_truth);
}

static att_status evaluate(struct att_workspace *ws, const struct att_case *c,
                           struct att_outcome *out, struct att_error *err)
{
    const struct built *b = c->built;
    const struct att_matching *a = c->instance;
    const struct scratch s = {ATT_NEW(ws->arena, double, a->L),
                              ATT_NEW(ws->arena, double, a->L),
                              ATT_NEW(ws->arena, uint8_t, a->L)};
    struct tally t = {.out_min = INFINITY, .out_max = -INFINITY};

    if (s.out == NULL || s.ref == NULL || s.truth == NULL)
        return att_arena_fail(ws->arena, "the outputs", err);
    for (size_t k = 0; k < a->samples; k++) {
        struct match_unit u = b->unit;

        u.x = a->x + k * a->L;
        ATT_TRY(run_sample(ws, c, &u, &s, &t, err));
    }
    report(c, &t, out);
    if (says(c->p, MP_PROBE, "on") && !is_triples(c->p))
        return probe(ws, c, &s, out, err);
    return ATT_OK;
}

/* ---- export ---------------------------------------------------------------------------------- */

static double *put(struct att_layer *l, const char *name, uint64_t rows,
                   uint64_t cols)
{
    const uint64_t shape[2] = {rows, cols};

    return att_bundle_add(&l->tensors, name, ATT_F64, 2, shape);
}

/* Tokens after the input map: (cos h_r theta, sin h_r theta)_r, 1. */
static void put_inputs(const struct match_unit *u, size_t R, double *x)
{
    const size_t width = 2 * R + 1;

    for (size_t i = 0; i < u->n; i++) {
        for (size_t r = 0; r < R; r++) {
            const uint64_t h = u->h == NULL ? 1 : u->h[r];
            const double t =
                2.0 * acos(-1.0) * (double)(h * u->x[i] % u->M) / (double)u->M;

            x[i * width + 2 * r] = cos(t);
            x[i * width + 2 * r + 1] = sin(t);
        }
        x[i * width + 2 * R] = 1.0;
    }
}

static void put_pairs(struct att_layer *l, const struct match_unit *u, size_t R)
{
    const size_t w = 2 * R + 1;
    const double none = 0.0;
    double *q = put(l, "Q", w, w);
    double *k = put(l, "K", w, w);
    double *v = put(l, "V", 1, w);
    double *blank = put(l, "blank_key", 1, w);

    if (q == NULL || k == NULL || v == NULL || blank == NULL)
        return;
    for (size_t m = 0; m < 2 * R; m++) {
        q[m * w + m] = u->c / (double)R;
        k[m * w + m] = m % 2 == 0 ? 1.0 : -1.0;
    }
    q[w * w - 1] = u->c;
    v[w - 1] = 1.0;
    blank[w - 1] = 1.0 - 0.5 * u->gap;
    l->tensors.tensor[l->tensors.n - 1].rank = 1;
    l->tensors.tensor[l->tensors.n - 1].shape[0] = w;
    att_bundle_vector(&l->tensors, "blank_value", &none, 1);
}

static void put_triples(struct att_layer *l, const struct match_unit *u)
{
    static const int AT[3][4] = {{0, 0, 1, 1}, {0, 1, 0, 1}, {0, 1, 1, 0}};
    const double key1[5] = {0, 0, 0, 0, 1.0 - 0.5 * u->gap};
    const double key2[5] = {0, 0, 0, 0, 1.0};
    const double none = 0.0;
    double *q = put(l, "Q", 5, 3);
    double *k1 = put(l, "K1", 5, 3);
    double *k2 = put(l, "K2", 5, 3);
    double *v1 = put(l, "V1", 1, 3);
    double *v2 = put(l, "V2", 1, 3);

    if (q == NULL || k1 == NULL || k2 == NULL || v1 == NULL || v2 == NULL)
        return;
    for (int m = 0; m < 4; m++) {
        q[m * 3 + AT[0][m]] = m == 0 ? u->c : -u->c;
        k1[m * 3 + AT[1][m]] = 1.0;
        k2[m * 3 + AT[2][m]] = 1.0;
    }
    q[4 * 3 + 2] = u->c;
    v1[2] = v2[2] = 1.0;
    att_bundle_vector(&l->tensors, "blank_key1", key1, 5);
    att_bundle_vector(&l->tensors, "blank_key2", key2, 5);
    att_bundle_vector(&l->tensors, "blank_value1", &none, 1);
    att_bundle_vector(&l->tensors, "blank_value2", &none, 1);
}

static att_status export_artifact(struct att_workspace *ws,
                                  const struct att_case *c,
                                  struct att_artifact *out,
                                  struct att_error *err)
{
    const struct built *b = c->built;
    const bool triples = is_triples(c->p);
    const size_t R = b->unit.h == NULL ? 1 : b->unit.R;
    const uint64_t in_shape[2] = {b->unit.n, 2 * R + 1};
    const uint64_t out_shape[2] = {b->unit.n, 1};
    struct att_layer *l = att_model_add(
        &out->model, triples ? ATT_LAYER_THIRD_ORDER : ATT_LAYER_ATTENTION);
    double *x = att_bundle_add(&out->instance, "inputs", ATT_F64, 2, in_shape);
    double *y =
        att_bundle_add(&out->expected, "outputs", ATT_F64, 2, out_shape);

    if (l == NULL || x == NULL || y == NULL)
        return att_arena_fail(ws->arena, "the exported network", err);
    put_inputs(&b->unit, R, x);
    if (triples) {
        put_triples(l, &b->unit);
    } else {
        put_pairs(l, &b->unit, R);
    }
    ATT_TRY(triples ? att_match3_sparse(&b->unit, y, ws->arena, err)
                    : att_match2_hist(&b->unit, y, ws->arena, err));
    /* Logits of size c are off by some 16 R units in the last place. */
    out->atol =
        expm1(fmin(32.0 * (double)R * b->unit.c * 0x1p-53, 700.0)) + 1e-12;
    out->tolerance_reason = "roundings of a logit of size c, through a softmax";
    return att_arena_refused(ws->arena) == 0
               ? ATT_OK
               : att_arena_fail(ws->arena, "the exported network", err);
}

/* ---- claims ------------------------------------------------------------------------------------ */

static double number(const struct att_row_view *row, uint32_t metric)
{
    return att_value_number(row->metric[metric]);
}

static void blank(struct att_finding *f)
{
    f->verdict = ATT_NOT_APPLICABLE;
    f->statistic = f->predicted = f->lo = f->hi = (double)NAN;
}

/* Significant bits of a row's numbers. */
static double bits_of(const struct att_row_view *row)
{
    struct att_arithmetic a;

    if (row->param[MP_BITS].i > 1)
        return (double)row->param[MP_BITS].i;
    return att_arithmetic_parse(row->param[MP_DTYPE].s, &a, NULL) == ATT_OK
               ? (double)a.bits
               : (double)NAN;
}

static void judge_unit(const struct att_row_view *row, double least,
                       struct att_finding *f)
{
    const double t = bits_of(row);
    const double tau = 4.0 * number(row, MM_C) * exp2(-t) + 1e-12;
    const double min = number(row, MM_OUT_MIN);
    const double max = number(row, MM_OUT_MAX);
    const bool within =
        (isnan(min) || min >= least - tau) && (isnan(max) || max <= 0.2 + tau);

    blank(f);
    if (t < number(row, MM_P_LAW) + 2.0)
        return;
    f->statistic = number(row, MM_WRONG);
    f->predicted = 0.0;
    f->lo = min;
    f->hi = max;
    f->verdict = f->statistic == 0.0 && (within || tau > 0.05) ? ATT_HOLDS
                                                               : ATT_VIOLATED;
}

static void judge_match2(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];
    const double n = 4.0 * (double)row->param[ATT_MATCH_L].i;

    blank(f);
    if (says(row->param, MP_KIND, "match2"))
        judge_unit(row, n / (n + 1.0), f);
}

static void judge_match3(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];
    const double n = (double)row->param[ATT_MATCH_L].i;

    blank(f);
    if (!is_triples(row->param))
        return;
    judge_unit(
        row,
        1.0 / (1.0 + 1.0 / (4.0 * n * n) + 2.0 * n * exp(-number(row, MM_C))),
        f);
    /* The paths on integer residues round no logit. */
    if (f->verdict == ATT_NOT_APPLICABLE && number(row, MM_WRONG) == 0.0 &&
        says(row->param, MP_PATH, "sparse"))
        f->verdict = ATT_HOLDS;
}

static void judge_bits(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];

    blank(f);
    if (!says(row->param, MP_KIND, "match2") || row->param[ATT_MATCH_M].i < 7 ||
        row->metric[MM_P_BITS].kind == ATT_NONE)
        return;
    att_finding_within(f, number(row, MM_P_BITS) - number(row, MM_P_LAW),
                       (struct att_interval){-1.0, 3.0},
                       (struct att_interval){-2.0, 5.0});
    f->predicted = 0.0;
}

/* The largest M without a wrong token against pi 2^(t/2). */
static void judge_m_max(const struct att_rows *rows, struct att_finding *f)
{
    double most = 0.0;
    double fails = INFINITY;

    blank(f);
    for (size_t i = 0; i < rows->n; i++) {
        const struct att_row_view *row = &rows->row[i];
        const double M = (double)row->param[ATT_MATCH_M].i;

        if (!says(row->param, MP_KIND, "match2") ||
            !says(row->param, MP_PATH, "naive"))
            return;
        if (number(row, MM_WRONG) == 0.0) {
            most = fmax(most, M);
        } else {
            fails = fmin(fails, M);
        }
    }
    if (rows->n < 3 || !isfinite(fails) || most <= 0.0)
        return;
    const double law = number(&rows->row[0], MM_M_LAW);

    att_finding_within(f, most / law, (struct att_interval){0.25, 4.0},
                       (struct att_interval){0.0625, 16.0});
    f->predicted = 1.0;
}

static void judge_harmonics(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];
    const double M = (double)row->param[ATT_MATCH_M].i;
    const double n = 4.0 * (double)row->param[ATT_MATCH_L].i;

    blank(f);
    if (!says(row->param, MP_KIND, "match2h") || M < 31.0 ||
        number(row, MM_GAP) < 0.5 || bits_of(row) < 53.0)
        return;
    f->statistic = number(row, MM_WRONG);
    f->predicted = 0.0;
    const bool margin = !(number(row, MM_OUT_MIN) < n / (n + 1.0) - 1e-9) &&
                        !(number(row, MM_OUT_MAX) > 0.2 + 1e-9);

    f->verdict = f->statistic == 0.0 && margin ? ATT_HOLDS : ATT_VIOLATED;
}

/* gap >= 1/2 needs few harmonics, and few bits are enough then. */
static void judge_harmonics_law(const struct att_rows *rows,
                                struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];
    const double M = (double)row->param[ATT_MATCH_M].i;

    blank(f);
    if (!says(row->param, MP_KIND, "match2h") || M < 31.0 || M > 32749.0 ||
        number(row, MM_GAP) < 0.5 || row->metric[MM_P_BITS].kind == ATT_NONE)
        return;
    att_finding_within(f, number(row, MM_P_BITS),
                       (struct att_interval){0.0, 6.0},
                       (struct att_interval){0.0, 9.0});
    if ((double)row->param[MP_R].i > 5.0 * log(M))
        f->verdict = ATT_INCONCLUSIVE;
}

static void judge_paths(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];
    const bool loose = says(row->param, MP_PATH, "bessel");

    blank(f);
    /* Beyond L = 192 the reference rounds no logit and the literal paths do. */
    if (!is_triples(row->param) || says(row->param, MP_PATH, "naive") ||
        row->metric[MM_PATH_DEV].kind == ATT_NONE)
        return;
    const double rounding = 16.0 * number(row, MM_C) * 0x1p-53;

    att_finding_at_most(f, number(row, MM_PATH_DEV),
                        fmax(loose ? 1e-6 : 1e-11, rounding));
}

#define CLAIM(id_, standing_, scope_, by_, judge_, source_, statement_)        \
    {                                                                          \
        .id = "matching." id_, .statement = (statement_), .source = (source_), \
        .standing = (standing_), .scope = (scope_), .group_by = (by_),         \
        .pool = "", .judge = (judge_)                                          \
    }
#define HERE       "reconstruction, proved in docs/theory/matching.md"
#define LAW_SOURCE "empirical law, docs/theory/matching.md"

static const struct att_claim CLAIMS[] = {
    CLAIM("match2", ATT_PROVED, ATT_SCOPE_ROW, "", judge_match2, HERE,
          "d = 3: out_min_match >= 4L/(4L+1), out_max_none <= 1/5, wrong = 0 "
          "while t >= 2 lg(M/pi) + 2 bits"),
    CLAIM("match2-bits", ATT_EMPIRICAL, ATT_SCOPE_ROW, "", judge_bits,
          LAW_SOURCE, "p_bits - 2 lg(M/pi) in [-1, 3]"),
    CLAIM("match2-format", ATT_EMPIRICAL, ATT_SCOPE_GROUP, "*,!M", judge_m_max,
          LAW_SOURCE,
          "the largest M without a wrong token is pi 2^(t/2) up to a "
          "factor 4"),
    CLAIM("harmonics", ATT_PROVED, ATT_SCOPE_ROW, "", judge_harmonics, HERE,
          "gap >= 1/2 gives the margins of one harmonic and wrong = 0"),
    CLAIM("harmonics-law", ATT_EMPIRICAL, ATT_SCOPE_ROW, "",
          judge_harmonics_law, LAW_SOURCE,
          "R <= 5 ln M harmonics with gap >= 1/2 need at most 6 bits"),
    CLAIM("match3", ATT_PROVED, ATT_SCOPE_ROW, "", judge_match3, HERE,
          "d = 5: out_min_match >= 1/(1 + 1/(4L^2) + 2L exp(-c)), out_max_none "
          "<= 1/5, wrong = 0"),
    CLAIM("paths", ATT_PROVED, ATT_SCOPE_ROW, "", judge_paths, HERE,
          "stream, hist and sparse agree with naive within 1e-11, bessel "
          "within 1e-6 (or the roundings of a logit of size c)"),
};

#define MATCH_BIBTEX                                                           \
    "@inproceedings{sanford2023representational,\n"                            \
    "  author = {Clayton Sanford and Daniel Hsu and Matus Telgarsky},\n"       \
    "  title = {Representational Strengths and Limitations of "                \
    "Transformers},\n"                                                         \
    "  booktitle = {Advances in Neural Information Processing Systems},\n"     \
    "  year = {2023},\n"                                                       \
    "  note = {arXiv:2306.02896}\n"                                            \
    "}\n"

const struct att_construction att_construction_matching = {
    .abi = ATT_CONSTRUCTION_ABI,
    .name = "matching",
    .family = "matching",
    .source = "Sanford, Hsu, Telgarsky 2023, arXiv 2306.02896 (reconstruction)",
    .summary = "pairs and triples that sum to zero modulo M, by one unit with "
               "d = 3 or 5",
    .version = 1,
    .problem = &att_problem_matching,
    .bibtex = MATCH_BIBTEX,
    .params = PARAMS,
    .n_params = MP_PARAMS - ATT_MATCH_PARAMS,
    .metrics = METRICS,
    .n_metrics = MATCH_METRICS,
    .observations = NULL,
    .n_observations = 0,
    .claims = CLAIMS,
    .n_claims = sizeof CLAIMS / sizeof CLAIMS[0],
    .admit = admit,
    .cost = cost,
    .slices = att_slices_one,
    .build = build,
    .evaluate = evaluate,
    .export_artifact = export_artifact,
    .check = att_artifact_check,
};
