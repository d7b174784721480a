/* matching.c - the problem `matching`: its parameters, generator and truth. */
#include "attest/problem/matching.h"

#include <stdlib.h>
#include <string.h>

#include "attest/base/text.h"
#include "attest/linalg/ntt.h"

enum { MATCH_RESIDUE = 1 };

static const char *const DATA_KINDS[] = {"random", "near",   "planted", "zero",
                                         "one",    "none2",  "mod3",    "none3",
                                         "triple", "mixed2", "mixed3",  NULL};

/* What the samples of a mixture are, in turn. */
static const char *const MIXED2[] = {"random", "near", "planted",
                                     "zero",   "one",  "none2"};
static const char *const MIXED3[] = {"random", "mod3", "none3", "triple",
                                     "zero"};

static const struct att_param PARAMS[ATT_MATCH_PARAMS] = {
    [ATT_MATCH_L] = ATT_PARAM_INTEGER("L", ATT_SEEDS_NOTHING, 64, 1, 1048576,
                                      "tokens of a sequence (paper: N)"),
    [ATT_MATCH_M] = ATT_PARAM_INTEGER("M", ATT_SEEDS_NOTHING, 101, 2,
                                      INT64_C(1) << 40, "modulus"),
    [ATT_MATCH_SAMPLES] =
        ATT_PARAM_INTEGER("samples", ATT_SEEDS_NOTHING, 1, 1, 65536, "inputs"),
    [ATT_MATCH_DATA] = ATT_PARAM_CHOICE("data", ATT_SEEDS_INSTANCE, "random",
                                        DATA_KINDS, "family of inputs"),
};

/* ---- residues ----------------------------------------------------------------- */

/* Uniform in lo .. hi from two words. */
static uint64_t draw(const struct att_stream *s, uint64_t index, uint64_t lo,
                     uint64_t hi)
{
    const uint64_t a = att_stream_word(s, 2 * index);
    const uint64_t b = att_stream_word(s, 2 * index + 1);

    return lo + ((a << 32 | b) % (hi - lo + 1));
}

static uint64_t at_least_one(uint64_t x)
{
    return x > 0 ? x : 1;
}

/* Largest residue of the families that never reach a sum of M. */
static uint64_t most_of(const char *data, uint64_t M)
{
    if (att_text_same(data, "none2"))
        return at_least_one(M / 2 > 2 ? M / 2 - 2 : 1);
    return at_least_one(M / 3 > 1 ? M / 3 - 1 : 1);
}

static uint64_t residue(const char *data, const struct att_stream *first,
                        const struct att_stream *s, size_t i, uint64_t M)
{
    if (att_text_same(data, "zero"))
        return 0;
    if (att_text_same(data, "one"))
        return 1 % M;
    if (att_text_same(data, "random"))
        return draw(s, 0, 0, M - 1);
    if (att_text_same(data, "near") || att_text_same(data, "planted")) {
        const uint64_t a = draw(first, 0, 0, M - 1);

        return i % 2 == 0 ? a : (M + 1 - a) % M;
    }
    if (att_text_same(data, "mod3") && M % 3 == 0)
        return 1 + 3 * draw(s, 0, 0, M / 3 - 1);
    return draw(s, 0, 1, most_of(data, M)) % M;
}

/* The family of a sample. */
static const char *family(const char *data, size_t sample)
{
    if (att_text_same(data, "mixed2"))
        return MIXED2[sample % (sizeof MIXED2 / sizeof MIXED2[0])];
    if (att_text_same(data, "mixed3"))
        return MIXED3[sample % (sizeof MIXED3 / sizeof MIXED3[0])];
    return data;
}

/* One token that answers the first ones. */
static void plant(const char *data, size_t n, uint64_t M, uint64_t *x)
{
    if (att_text_same(data, "planted"))
        x[n - 1] = (M - x[0]) % M;
    if (att_text_same(data, "triple") && n >= 3)
        x[n - 1] = (2 * M - x[0] - x[1]) % M;
}

static att_status generate(struct att_workspace *ws, const struct att_value *p,
                           void **instance, struct att_error *err)
{
    struct att_matching *a = ATT_NEW(ws->arena, struct att_matching, 1);
    const size_t n = (size_t)p[ATT_MATCH_L].i;
    const size_t samples = (size_t)p[ATT_MATCH_SAMPLES].i;
    const uint64_t M = (uint64_t)p[ATT_MATCH_M].i;
    uint64_t *x = ATT_NEW(ws->arena, uint64_t, n * samples);

    if (a == NULL || x == NULL)
        return att_arena_fail(ws->arena, "the inputs", err);
    for (size_t k = 0; k < samples; k++) {
        const struct att_stream first =
            att_instance_stream(ws, MATCH_RESIDUE, (uint32_t)k, 0);
        const char *data = family(p[ATT_MATCH_DATA].s, k);

        for (size_t i = 0; i < n; i++) {
            const struct att_stream s = att_instance_stream(
                ws, MATCH_RESIDUE, (uint32_t)k, (uint32_t)i);

            x[k * n + i] = residue(data, &first, &s, i, M);
        }
        plant(data, n, M, x + k * n);
    }
    *a = (struct att_matching){.L = n, .samples = samples, .M = M, .x = x};
    *instance = a;
    return ATT_OK;
}

/* ---- truth ----------------------------------------------------------------------- */

static int by_number(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a;
    const uint64_t y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

size_t att_match_distinct_in_place(uint64_t *x, size_t n)
{
    size_t d = 0;

    qsort(x, n, sizeof *x, by_number);
    for (size_t i = 0; i < n; i++) {
        if (d == 0 || x[i] != x[d - 1])
            x[d++] = x[i];
    }
    return d;
}

size_t att_match_distinct(const uint64_t *x, size_t n, uint64_t *out)
{
    memcpy(out, x, n * sizeof *x);
    return att_match_distinct_in_place(out, n);
}

/* Place of v among d sorted residues; d when it is not there. */
static size_t place(const uint64_t *sorted, size_t d, uint64_t v)
{
    const uint64_t *at = bsearch(&v, sorted, d, sizeof v, by_number);

    return at == NULL ? d : (size_t)(at - sorted);
}

att_status att_residues_count(const uint64_t *x, size_t n,
                              struct att_arena *arena, struct att_residues *out,
                              struct att_error *err)
{
    uint64_t *value = ATT_NEW(arena, uint64_t, n);
    double *count = ATT_NEW0(arena, double, n);

    if (value == NULL || count == NULL)
        return att_arena_fail(arena, "the residues", err);
    const size_t d = att_match_distinct(x, n, value);

    for (size_t i = 0; i < n; i++)
        count[place(value, d, x[i])] += 1.0;
    *out = (struct att_residues){.value = value, .count = count, .n = d};
    return ATT_OK;
}

double att_residues_at(const struct att_residues *r, uint64_t v)
{
    const size_t at = place(r->value, r->n, v);

    return at < r->n ? r->count[at] : 0.0;
}

att_status att_match2_truth(const struct att_match_input *in, bool others,
                            uint8_t *truth, struct att_arena *scratch,
                            struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(scratch);
    struct att_residues r;

    ATT_TRY(att_residues_count(in->x, in->n, scratch, &r, err));
    for (size_t i = 0; i < in->n; i++) {
        const uint64_t need = (in->M - in->x[i]) % in->M;
        const double own = others && need == in->x[i] ? 1.0 : 0.0;

        truth[i] = att_residues_at(&r, need) > own;
    }
    att_arena_rewind(scratch, mark);
    return ATT_OK;
}

/* Does some pair of the d sorted residues sum to v modulo M?  Two pointers for
 * each of the two integers that v can be. */
static bool has_pair(const uint64_t *sorted, size_t d, uint64_t v, uint64_t M)
{
    for (int wrap = 0; wrap < 2; wrap++) {
        const uint64_t sum = v + (wrap != 0 ? M : 0);
        size_t lo = 0;
        size_t hi = d;

        while (lo < hi) {
            const uint64_t s = sorted[lo] + sorted[hi - 1];

            if (s == sum)
                return true;
            if (s < sum) {
                lo++;
            } else {
                hi--;
            }
        }
    }
    return false;
}

/* By the number of pairs for every sum, O(M log M). */
static att_status truth_by_counts(const struct att_match_input *in,
                                  uint8_t *truth, struct att_arena *scratch,
                                  struct att_error *err)
{
    uint64_t *sums = ATT_NEW0(scratch, uint64_t, (size_t)in->M);

    if (sums == NULL)
        return att_arena_fail(scratch, "the sums", err);
    for (size_t i = 0; i < in->n; i++)
        sums[in->x[i]]++;
    ATT_TRY(att_power_cyclic((size_t)in->M, sums, 2, sums, scratch, err));
    for (size_t i = 0; i < in->n; i++)
        truth[i] = sums[(in->M - in->x[i]) % in->M] > 0;
    return ATT_OK;
}

att_status att_match3_truth(const struct att_match_input *in, uint8_t *truth,
                            struct att_arena *scratch, struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(scratch);
    uint64_t *seen = ATT_NEW(scratch, uint64_t, in->n);

    if (seen == NULL)
        return att_arena_fail(scratch, "the residues", err);
    const size_t d = att_match_distinct(in->x, in->n, seen);

    if ((double)in->n * (double)d > 2000.0 * (double)in->M) {
        ATT_TRY(truth_by_counts(in, truth, scratch, err));
    } else {
        for (size_t i = 0; i < in->n; i++)
            truth[i] = has_pair(seen, d, (in->M - in->x[i]) % in->M, in->M);
    }
    att_arena_rewind(scratch, mark);
    return ATT_OK;
}

/* to := the sums of a reachable residue and one of the d; true when all M are
 * reached. */
static bool add_one_more(const uint8_t *from, const uint64_t *seen, size_t d,
                         uint64_t M, uint8_t *to)
{
    uint64_t n = 0;

    memset(to, 0, (size_t)M);
    for (uint64_t v = 0; v < M; v++) {
        for (size_t k = 0; from[v] != 0 && k < d; k++) {
            const uint64_t w = v + seen[k] < M ? v + seen[k] : v + seen[k] - M;

            n += to[w] == 0 ? 1 : 0;
            to[w] = 1;
        }
    }
    return n == M;
}

att_status att_match_truth(const struct att_match_input *in, int order,
                           uint8_t *truth, struct att_arena *scratch,
                           struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(scratch);
    uint64_t *seen = ATT_NEW(scratch, uint64_t, in->n);
    uint8_t *now = ATT_NEW0(scratch, uint8_t, (size_t)in->M);
    uint8_t *next = ATT_NEW0(scratch, uint8_t, (size_t)in->M);
    bool all = false;

    if (seen == NULL || now == NULL || next == NULL)
        return att_arena_fail(scratch, "the sums", err);
    const size_t d = att_match_distinct(in->x, in->n, seen);

    now[0] = 1;
    for (int k = 1; k < order && !all; k++) {
        uint8_t *const t = now;

        all = add_one_more(now, seen, d, in->M, next);
        now = next;
        next = t;
    }
    for (size_t i = 0; i < in->n; i++)
        truth[i] = now[(in->M - in->x[i]) % in->M];
    att_arena_rewind(scratch, mark);
    return ATT_OK;
}

bool att_match3_is_met(uint64_t x, uint64_t *residues, size_t n, uint64_t M)
{
    const size_t d = att_match_distinct_in_place(residues, n);

    return has_pair(residues, d, (M - x) % M, M);
}

att_status att_match3_local_truth(const struct att_match_input *in, size_t K,
                                  uint8_t *truth, struct att_arena *scratch,
                                  struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(scratch);
    uint64_t *seen = ATT_NEW(scratch, uint64_t, 2 * K + 1);

    if (seen == NULL)
        return att_arena_fail(scratch, "a window", err);
    for (size_t i = 0; i < in->n; i++) {
        const size_t from = i < K ? 0 : i - K;
        const size_t to = in->n - i <= K ? in->n : i + K + 1;

        memcpy(seen, in->x + from, (to - from) * sizeof *seen);
        truth[i] = att_match3_is_met(in->x[i], seen, to - from, in->M);
    }
    att_arena_rewind(scratch, mark);
    return ATT_OK;
}

att_status att_match3_bigram_truth(const struct att_match_input *in,
                                   uint8_t *truth, struct att_arena *scratch,
                                   struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(scratch);
    uint64_t *sum = ATT_NEW(scratch, uint64_t, in->n);

    if (sum == NULL)
        return att_arena_fail(scratch, "the sums of neighbours", err);
    for (size_t j = 0; j + 1 < in->n; j++)
        sum[j] = (in->x[j] + in->x[j + 1]) % in->M;
    const size_t d = att_match_distinct_in_place(sum, in->n - 1);

    for (size_t i = 0; i < in->n; i++)
        truth[i] = place(sum, d, (in->M - in->x[i]) % in->M) < d;
    att_arena_rewind(scratch, mark);
    return ATT_OK;
}

static att_status export_instance(const struct att_value *p,
                                  const void *instance, struct att_bundle *out,
                                  struct att_error *err)
{
    const struct att_matching *a = instance;
    double *x = ATT_NEW(out->arena, double, a->L);

    (void)p;
    if (x == NULL)
        return att_arena_fail(out->arena, "the exported input", err);
    for (size_t i = 0; i < a->L; i++)
        x[i] = (double)a->x[i]; /* below 2^40: exact */
    att_bundle_f64(out, "tokens", x, a->L, 1);
    return att_arena_refused(out->arena) == 0
               ? ATT_OK
               : att_arena_fail(out->arena, "the exported input", err);
}

const struct att_problem att_problem_matching = {
    .name = "matching",
    .summary = "which tokens sum to zero modulo M with one or two others",
    .params = PARAMS,
    .n_params = ATT_MATCH_PARAMS,
    .generate = generate,
    .export_instance = export_instance,
};
