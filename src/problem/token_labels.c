/* token_labels.c - the problem `token_labels`: parameters, sets, labels. */
#include "token_labels_priv.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "attest/base/hash.h"
#include "attest/base/subset.h"
#include "attest/base/text.h"

static const char *const DATA_KINDS[] = {
    "shared",        "fresh",      "swap",     "cluster",
    "lattice",       "pte",        "multiset", "bad_duplicate",
    "bad_nonfinite", "bad_labels", NULL,
};

static const struct att_param PARAMS[ATT_TL_PARAMS] = {
    [ATT_TL_N] =
        ATT_PARAM_INTEGER("N", ATT_SEEDS_NOTHING, 16, 1, 1048576, "sequences"),
    [ATT_TL_D] = ATT_PARAM_INTEGER("d", ATT_SEEDS_NOTHING, 8, 1, 4096,
                                   "coordinates of a token"),
    [ATT_TL_L] = ATT_PARAM_INTEGER("L", ATT_SEEDS_NOTHING, 4, 1, 65536,
                                   "tokens of a sequence (the paper's n)"),
    [ATT_TL_C] = ATT_PARAM_INTEGER("C", ATT_SEEDS_NOTHING, 10, 1, 1024,
                                   "classes; labels are uniform in 0 .. C-1"),
    [ATT_TL_D_OUT] = ATT_PARAM_INTEGER("d_out", ATT_SEEDS_NOTHING, 1, 1, 4096,
                                       "coordinates of a label"),
    [ATT_TL_DATA] = ATT_PARAM_CHOICE("data", ATT_SEEDS_INSTANCE, "shared",
                                     DATA_KINDS, "kind of sequences"),
    [ATT_TL_EPS] = ATT_PARAM_REAL(
        "eps", ATT_SEEDS_NOTHING, 1e-2, 1e-300, 1.0,
        "data = cluster: radius of the ball of own tokens, in token units"),
};

/* ---- which points exist -------------------------------------------------- */

/* At least `wanted` sets (multisets) of l out of m tokens? */
static bool has_sets(double m, double l, double wanted, bool repeats)
{
    const double n = repeats ? m + l - 1.0 : m;

    return n >= l && att_subset_count(n, fmin(l, n - l), wanted) >= wanted;
}

static double vocabulary_of(double n, double l, bool repeats)
{
    double m = repeats ? 2.0 : 2.0 * l;

    while (!has_sets(m, l, 4.0 * n, repeats))
        m++;
    return m;
}

static bool needs_line(const char *kind)
{
    return att_text_same(kind, "lattice") || att_text_same(kind, "pte") ||
           att_text_same(kind, "multiset");
}

static bool owns_token(const char *kind)
{
    return att_text_same(kind, "swap") || att_text_same(kind, "cluster");
}

double att_token_labels_vocabulary(const struct att_value *p)
{
    const double n = (double)p[ATT_TL_N].i, l = (double)p[ATT_TL_L].i;
    const char *kind = p[ATT_TL_DATA].s;

    if (att_text_same(kind, "fresh"))
        return n * l;
    if (owns_token(kind))
        return n + l - 1.0;
    if (att_text_same(kind, "pte"))
        return 2.0 * l - 1.0;
    return vocabulary_of(n, l, att_text_same(kind, "multiset"));
}

static att_status admit_pte(const struct att_value *p, struct att_error *err)
{
    const int64_t half = p[ATT_TL_L].i - 1;

    if (half < 2 || half > 64 || (half & (half - 1)) != 0 ||
        p[ATT_TL_N].i != 2) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "data = pte has N = 2 and L = 2^k + 1 for k = 1 .. 6 "
                        "(got N = %" PRId64 ", L = %" PRId64 ")",
                        p[ATT_TL_N].i, p[ATT_TL_L].i);
    }
    return ATT_OK;
}

att_status att_token_labels_admit(const struct att_value *p,
                                  struct att_error *err)
{
    const char *kind = p[ATT_TL_DATA].s;

    if (p[ATT_TL_N].i * p[ATT_TL_L].i > UINT32_MAX) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "N L = %" PRId64 " tokens cannot be numbered: lower N "
                        "or L to at most 2^32 - 1 of them",
                        p[ATT_TL_N].i * p[ATT_TL_L].i);
    }
    if (needs_line(kind) && p[ATT_TL_D].i != 1) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "data = %s lies on a line: set d = 1 (got %" PRId64 ")",
                        kind, p[ATT_TL_D].i);
    }
    if (att_text_same(kind, "bad_duplicate") && p[ATT_TL_L].i < 2) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "data = bad_duplicate needs L >= 2");
    }
    if (att_text_same(kind, "bad_labels") &&
        (p[ATT_TL_N].i < 2 || p[ATT_TL_C].i < 2)) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "data = bad_labels needs N >= 2 and C >= 2");
    }
    if (p[ATT_TL_D].i == 1 && att_text_same(kind, "cluster")) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "data = cluster has only two unit tokens on a line: "
                        "set d >= 2");
    }
    return att_text_same(kind, "pte") ? admit_pte(p, err) : ATT_OK;
}

/* ---- drawing ----------------------------------------------------------- */

static void direction(const struct tl_maker *k, uint32_t tag, size_t item,
                      double norm, double *x)
{
    const struct att_stream s =
        att_instance_stream(k->ws, tag, 0, (uint32_t)item);
    double square = 0.0;

    att_stream_normals(&s, 0, k->d, x);
    for (size_t i = 0; i < k->d; i++)
        square += x[i] * x[i];
    for (size_t i = 0; i < k->d; i++)
        x[i] *= norm / sqrt(square);
}

static double draw_norm(const struct tl_maker *k, uint32_t tag, size_t item)
{
    const struct att_stream s =
        att_instance_stream(k->ws, tag, 0, (uint32_t)item);

    return 0.5 + 0.5 * att_stream_uniform(&s, 0);
}

static att_status make_vocabulary(struct tl_maker *k, bool unit,
                                  struct att_error *err)
{
    k->vocab = ATT_NEW(k->ws->arena, double, k->m * k->d);
    if (k->vocab == NULL)
        return att_arena_fail(k->ws->arena, "the vocabulary", err);
    for (size_t t = 0; t < k->m; t++) {
        direction(k, TL_TOKEN, t, unit ? 1.0 : draw_norm(k, TL_NORM, t),
                  k->vocab + t * k->d);
    }
    return ATT_OK;
}

static att_status make_lattice(struct tl_maker *k, struct att_error *err)
{
    k->vocab = ATT_NEW(k->ws->arena, double, k->m);
    if (k->vocab == NULL)
        return att_arena_fail(k->ws->arena, "the lattice", err);
    for (size_t t = 0; t < k->m; t++)
        k->vocab[t] = (double)(t + 1) / (double)k->m;
    return ATT_OK;
}

/* ---- distinct sets ---------------------------------------------------------- */

static void draw_set(const struct tl_maker *k, size_t j, uint32_t attempt,
                     uint32_t *out)
{
    const struct att_stream s =
        att_instance_stream(k->ws, TL_SET, attempt, (uint32_t)j);

    if (!att_text_same(k->kind, "multiset")) {
        att_stream_subset(&s, (uint32_t)k->m, (uint32_t)k->l, k->scratch, out);
        return;
    }
    for (size_t i = 0; i < k->l; i++)
        out[i] = att_stream_below(&s, i, (uint32_t)k->m);
    att_subset_sort(out, k->l);
}

/* Open addressing; a zero key marks a free slot (the hash of no set). */
static bool insert_key(struct att_key *slot, size_t capacity,
                       struct att_key key)
{
    const struct att_key free_key = {0, 0};
    size_t at = (size_t)key.low & (capacity - 1);

    for (; !att_key_equal(slot[at], free_key); at = (at + 1) & (capacity - 1)) {
        if (att_key_equal(slot[at], key))
            return false;
    }
    slot[at] = key;
    return true;
}

/* Sequence j takes the first of its own attempts that no earlier one has. */
static att_status make_sets(struct tl_maker *k, struct att_error *err)
{
    struct att_arena *arena = k->ws->arena;
    size_t capacity = 4;

    while (capacity < 2 * k->n + 2)
        capacity *= 2;
    struct att_key *slot = ATT_NEW0(arena, struct att_key, capacity);

    k->set = ATT_NEW(arena, uint32_t, k->n * k->l);
    k->scratch = ATT_NEW(arena, uint32_t, k->m > k->l ? k->m : k->l);
    if (slot == NULL || k->set == NULL || k->scratch == NULL)
        return att_arena_fail(arena, "the table of sets", err);
    for (size_t j = 0; j < k->n; j++) {
        const struct att_stream order =
            att_instance_stream(k->ws, TL_SHUFFLE, 0, (uint32_t)j);
        uint32_t *set = k->set + j * k->l;
        uint32_t attempt = 0;

        do {
            draw_set(k, j, attempt++, set);
        } while (
            !insert_key(slot, capacity, att_hash128(set, k->l * sizeof *set)));
        att_stream_shuffle(&order, set, k->l);
    }
    return ATT_OK;
}

static void copy_sets(const struct tl_maker *k)
{
    for (size_t i = 0; i < k->n * k->l; i++) {
        memcpy(k->token + i * k->d, k->vocab + (size_t)k->set[i] * k->d,
               k->d * sizeof *k->token);
    }
}

/* ---- kinds ------------------------------------------------------------------ */

static att_status make_shared(struct tl_maker *k, struct att_error *err)
{
    ATT_TRY(needs_line(k->kind) ? make_lattice(k, err)
                                : make_vocabulary(k, false, err));
    ATT_TRY(make_sets(k, err));
    copy_sets(k);
    return ATT_OK;
}

static void make_fresh(const struct tl_maker *k)
{
    for (size_t i = 0; i < k->n * k->l; i++) {
        direction(k, TL_OWN, i, draw_norm(k, TL_OWN_NORM, i),
                  k->token + i * k->d);
    }
}

/* The sequence's own token: anywhere, or uniform in a ball of radius eps. */
static void own_token(const struct tl_maker *k, size_t j, const double *centre,
                      double *x)
{
    const double u = 2.0 * draw_norm(k, TL_OWN_NORM, j) - 1.0;

    if (att_text_same(k->kind, "swap")) {
        direction(k, TL_OWN, j, 0.5 + 0.5 * u, x);
        return;
    }
    direction(k, TL_OWN, j, k->eps * pow(u, 1.0 / (double)k->d), x);
    for (size_t i = 0; i < k->d; i++)
        x[i] += centre[i];
}

static att_status make_swap(struct tl_maker *k, struct att_error *err)
{
    const size_t row = k->l * k->d;

    k->m = k->l; /* the last one is the centre of the cluster */
    ATT_TRY(make_vocabulary(k, att_text_same(k->kind, "cluster"), err));
    for (size_t j = 0; j < k->n; j++) {
        memcpy(k->token + j * row, k->vocab, row * sizeof *k->token);
        own_token(k, j, k->vocab + row - k->d, k->token + (j + 1) * row - k->d);
    }
    return ATT_OK;
}

/* t belongs to the second half when its number of ones is odd. */
static void make_pte(const struct tl_maker *k)
{
    const size_t half = k->l - 1;
    size_t n[2] = {0, 0};

    for (size_t t = 0; t < 2 * half; t++) {
        size_t odd = 0;

        for (size_t bits = t; bits != 0; bits >>= 1)
            odd ^= bits & 1;
        k->token[odd * k->l + n[odd]++] = (double)(t + 1);
    }
    k->token[half] = k->token[k->l + half] = (double)(5 * half + 1);
}

static att_status make_tokens(struct tl_maker *k, struct att_error *err)
{
    if (att_text_same(k->kind, "fresh")) {
        make_fresh(k);
        return ATT_OK;
    }
    if (att_text_same(k->kind, "pte")) {
        make_pte(k);
        return ATT_OK;
    }
    return owns_token(k->kind) ? make_swap(k, err) : make_shared(k, err);
}

/* ---- the problem ------------------------------------------------------------- */

static att_status generate(struct att_workspace *ws, const struct att_value *p,
                           void **instance, struct att_error *err)
{
    struct tl_maker k = {.ws = ws,
                         .kind = p[ATT_TL_DATA].s,
                         .n = (size_t)p[ATT_TL_N].i,
                         .d = (size_t)p[ATT_TL_D].i,
                         .l = (size_t)p[ATT_TL_L].i,
                         .eps = p[ATT_TL_EPS].r};
    struct att_token_labels *out =
        ATT_NEW0(ws->arena, struct att_token_labels, 1);

    ATT_TRY(att_token_labels_admit(p, err));
    k.m = (size_t)att_token_labels_vocabulary(p);
    *out = (struct att_token_labels){.n = k.n,
                                     .d = k.d,
                                     .l = k.l,
                                     .d_out = (size_t)p[ATT_TL_D_OUT].i,
                                     .n_classes = p[ATT_TL_C].i,
                                     .planted = ""};
    k.token = ATT_NEW(ws->arena, double, k.n *k.l *k.d);
    int64_t *label = ATT_NEW(ws->arena, int64_t, k.n * k.l * out->d_out);

    if (k.token == NULL || label == NULL)
        return att_arena_fail(ws->arena, "tokens and labels", err);
    ATT_TRY(make_tokens(&k, err));
    att_tl_label(&k, out, label);
    att_tl_plant(&k, out, label);
    out->token = k.token;
    out->label = label;
    *instance = out;
    return ATT_OK;
}

/* tokens [N L, d], offsets [N + 1], label [N L, d_out]. */
static att_status export_instance(const struct att_value *p,
                                  const void *instance, struct att_bundle *out,
                                  struct att_error *err)
{
    const struct att_token_labels *s = instance;
    const uint64_t n_offsets = s->n + 1;
    const uint64_t shape[] = {s->n * s->l, s->d_out};

    (void)p;
    att_bundle_f64(out, "tokens", s->token, s->n * s->l, s->d);
    int64_t *offset = att_bundle_add(out, "offsets", ATT_I64, 1, &n_offsets);
    int64_t *label = att_bundle_add(out, "label", ATT_I64, 2, shape);

    if (offset == NULL || label == NULL)
        return att_arena_fail(out->arena, "the exported sequences", err);
    for (size_t j = 0; j <= s->n; j++)
        offset[j] = (int64_t)(j * s->l);
    memcpy(label, s->label, shape[0] * shape[1] * sizeof *label);
    return ATT_OK;
}

const struct att_problem att_problem_token_labels = {
    .name = "token_labels",
    .summary = "N sequences of L tokens in R^d, a label for every token",
    .params = PARAMS,
    .n_params = ATT_TL_PARAMS,
    .generate = generate,
    .export_instance = export_instance,
};
