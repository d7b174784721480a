/* sequences.c - the problem `sequences`: its parameters and its generator. */
#include "attest/problem/sequences.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "attest/base/size.h"
#include "attest/base/text.h"
#include "attest/linalg/random.h"
#include "sequences_priv.h"

static const char *const DATA_KINDS[] = {
    "gauss",  "mixed", "unif",      "vocab",   "powerset",
    "nested", "sub1",  "collinear", "dup",     "origin",
    "grid",   "near",  "bad_equal", "bad_tie", "bad_unseparable",
    NULL,
};

static const struct att_param PARAMS[ATT_SEQ_PARAMS] = {
    [ATT_SEQ_N] = ATT_PARAM_INTEGER("N", ATT_SEEDS_NOTHING, 16, 1, 65536,
                                    "labelled sequences"),
    [ATT_SEQ_D] = ATT_PARAM_INTEGER("d", ATT_SEEDS_NOTHING, 8, 2, 4096,
                                    "coordinates of a token"),
    [ATT_SEQ_L] = ATT_PARAM_INTEGER(
        "L", ATT_SEEDS_NOTHING, 8, 1, 1048576,
        "tokens of a sequence (the largest number where lengths vary)"),
    [ATT_SEQ_C] = ATT_PARAM_INTEGER("C", ATT_SEEDS_NOTHING, 4, 1, 1024,
                                    "classes; labels are uniform"),
    [ATT_SEQ_DATA] = ATT_PARAM_CHOICE("data", ATT_SEEDS_INSTANCE, "gauss",
                                      DATA_KINDS, "kind of sequences"),
    [ATT_SEQ_EPS] = ATT_PARAM_REAL(
        "eps", ATT_SEEDS_INSTANCE, 1e-2, 1e-300, 1e3,
        "data = near: how far the one token is moved, in token units"),
};

/* ---- which points exist -------------------------------------------------- */

static size_t n_bits(int64_t x)
{
    size_t n = 0;

    for (; x > 0; x >>= 1)
        n++;
    return n;
}

/* Kinds that fix L: its value at this N, or 0. */
static int64_t fixed_length(const char *kind, int64_t n)
{
    if (att_text_same(kind, "sub1"))
        return n - 1;
    if (att_text_same(kind, "nested"))
        return n;
    if (att_text_same(kind, "powerset"))
        return (int64_t)n_bits(n);
    return 0;
}

static att_status admit_count(const char *kind, const struct att_value *p,
                              struct att_error *err)
{
    const int64_t n = p[ATT_SEQ_N].i;

    if (att_text_starts(kind, "bad_") && n < 2) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "data = %s needs N >= 2 (got %" PRId64 ")", kind, n);
    }
    if (att_text_same(kind, "bad_equal") && p[ATT_SEQ_C].i < 2) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "data = bad_equal needs two labels: set C >= 2");
    }
    if (att_text_same(kind, "sub1") && n < 2) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "data = sub1 needs N >= 2 (got %" PRId64 ")", n);
    }
    if (att_text_same(kind, "grid") && p[ATT_SEQ_L].i == 1 &&
        pow(17.0, (double)p[ATT_SEQ_D].i) < (double)n) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "data = grid has only 17^d sets of one token: N = "
                        "%" PRId64 " is too many for d = %" PRId64,
                        n, p[ATT_SEQ_D].i);
    }
    return ATT_OK;
}

att_status att_sequences_admit(const struct att_value *p, struct att_error *err)
{
    const char *kind = p[ATT_SEQ_DATA].s;
    const int64_t wanted = fixed_length(kind, p[ATT_SEQ_N].i);

    ATT_TRY(admit_count(kind, p, err));
    if (wanted != 0 && p[ATT_SEQ_L].i != wanted) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "data = %s has L = %" PRId64 " at N = %" PRId64
                        " (got L = %" PRId64 ")",
                        kind, wanted, p[ATT_SEQ_N].i, p[ATT_SEQ_L].i);
    }
    return ATT_OK;
}

double att_sequences_tokens(const struct att_value *p)
{
    const double n = (double)p[ATT_SEQ_N].i;
    const double l = (double)p[ATT_SEQ_L].i;
    const char *kind = p[ATT_SEQ_DATA].s;

    if (att_text_same(kind, "origin"))
        return n * (l + 1);
    if (att_text_same(kind, "dup"))
        return n * fmax(l, 3);
    if (att_text_starts(kind, "bad_"))
        return n * (l + 1) + 3.0 * (double)p[ATT_SEQ_D].i + 1.0;
    if (att_text_same(kind, "vocab"))
        return n * fmax(l, fmax(16.0, 2.0 * (double)n_bits(p[ATT_SEQ_N].i)));
    return n * l;
}

/* ---- drawing ----------------------------------------------------------- */

struct att_stream att_seq_stream(const struct seq_maker *m, uint32_t tag,
                                 size_t step, size_t item)
{
    return att_instance_stream(m->ws, tag, (uint32_t)step, (uint32_t)item);
}

void att_seq_gauss(const struct seq_maker *m, size_t j, size_t first, size_t n,
                   double *x)
{
    for (size_t i = 0; i < n; i++) {
        const struct att_stream s = att_seq_stream(m, SEQ_TOKEN, first + i, j);

        att_draw_normals(&s, 0, m->d, x + i * m->d);
    }
}

att_status att_seq_share(struct seq_maker *m, size_t n, struct att_error *err)
{
    m->n_shared = n;
    m->shared = ATT_NEW(m->ws->arena, double, n * m->d);
    if (m->shared == NULL)
        return att_arena_fail(m->ws->arena, "the shared tokens", err);
    for (size_t i = 0; i < n; i++) {
        const struct att_stream s = att_seq_stream(m, SEQ_SHARED, i, 0);

        att_draw_normals(&s, 0, m->d, m->shared + i * m->d);
    }
    return ATT_OK;
}

void att_seq_direction(const struct seq_maker *m, size_t item, double *x)
{
    const struct att_stream s = att_seq_stream(m, SEQ_DIRECTION, 0, item);
    double square = 0.0;

    att_draw_normals(&s, 0, m->d, x);
    for (size_t k = 0; k < m->d; k++)
        square += x[k] * x[k];
    for (size_t k = 0; k < m->d; k++)
        x[k] /= sqrt(square);
}

static const struct seq_kind *find_kind(const char *name)
{
    static const struct seq_kind *const tables[] = {
        att_seq_plain_kinds, att_seq_set_kinds, att_seq_bad_kinds};

    for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++) {
        for (const struct seq_kind *k = tables[t]; k->name != NULL; k++) {
            if (strcmp(k->name, name) == 0)
                return k;
        }
    }
    return NULL;
}

static att_status make_labels(struct seq_maker *m, struct att_error *err)
{
    m->label = ATT_NEW(m->ws->arena, int64_t, m->n);
    m->length = ATT_NEW(m->ws->arena, size_t, m->n);
    if (m->label == NULL || m->length == NULL)
        return att_arena_fail(m->ws->arena, "labels and lengths", err);
    for (size_t j = 0; j < m->n; j++) {
        const struct att_stream s = att_seq_stream(m, SEQ_LABEL, 0, j);

        m->label[j] = att_stream_below(&s, 0, (uint32_t)m->n_classes);
    }
    return ATT_OK;
}

static void copy_header(const struct seq_maker *m, struct att_sequences *out)
{
    out->n = m->n;
    out->d = m->d;
    out->n_classes = m->n_classes;
    out->label = m->label;
    out->planted = m->planted;
    out->planted_i = m->planted_i;
    out->planted_j = m->planted_j;
}

/* Prefix sums of the lengths, then all tokens in one block. */
static att_status make_tokens(const struct seq_maker *m,
                              const struct seq_kind *kind,
                              struct att_sequences *out, struct att_error *err)
{
    size_t *offset = ATT_NEW(m->ws->arena, size_t, m->n + 1);
    size_t n_numbers = 0;

    if (offset == NULL)
        return att_arena_fail(m->ws->arena, "the offsets", err);
    offset[0] = 0;
    for (size_t j = 0; j < m->n; j++) {
        offset[j + 1] = offset[j] + m->length[j];
        if (m->length[j] > out->longest)
            out->longest = m->length[j];
    }
    if (!att_size_mul(offset[m->n], m->d, &n_numbers))
        return att_fail(err, ATT_E_OVERFLOW, "more tokens than memory");
    double *token = ATT_NEW(m->ws->arena, double, n_numbers);

    if (token == NULL)
        return att_arena_fail(m->ws->arena, "the tokens", err);
    for (size_t j = 0; j < m->n; j++)
        kind->tokens(m, j, token + offset[j] * m->d);
    out->total = offset[m->n];
    out->offset = offset;
    out->token = token;
    return ATT_OK;
}

static att_status generate(struct att_workspace *ws, const struct att_value *p,
                           void **instance, struct att_error *err)
{
    const struct seq_kind *kind = find_kind(p[ATT_SEQ_DATA].s);
    struct seq_maker m = {.ws = ws,
                          .n = (size_t)p[ATT_SEQ_N].i,
                          .d = (size_t)p[ATT_SEQ_D].i,
                          .l = (size_t)p[ATT_SEQ_L].i,
                          .n_classes = (size_t)p[ATT_SEQ_C].i,
                          .eps = p[ATT_SEQ_EPS].r,
                          .planted = ""};
    struct att_sequences *out = ATT_NEW0(ws->arena, struct att_sequences, 1);

    if (kind == NULL) {
        return att_fail(err, ATT_E_ARG, "data = '%s' is no kind of sequences",
                        p[ATT_SEQ_DATA].s);
    }
    if (out == NULL)
        return att_arena_fail(ws->arena, "the sequences", err);
    ATT_TRY(att_sequences_admit(p, err));
    ATT_TRY(make_labels(&m, err));
    ATT_TRY(kind->lengths(&m, err));
    ATT_TRY(make_tokens(&m, kind, out, err));
    copy_header(&m, out);
    *instance = out;
    return ATT_OK;
}

/* ---- sets ---------------------------------------------------------------- */

static int by_key(const void *a, const void *b)
{
    return att_key_compare(*(const struct att_key *)a,
                           *(const struct att_key *)b);
}

struct att_key att_token_set_key(const double *token, size_t n, size_t d,
                                 struct att_key *scratch, double *row,
                                 size_t *n_unique)
{
    size_t unique = 0;

    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < d; k++)
            row[k] = token[i * d + k] + 0.0; /* -0.0 + 0.0 = 0.0 */
        scratch[i] = att_hash128(row, d * sizeof *row);
    }
    qsort(scratch, n, sizeof *scratch, by_key);
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || !att_key_equal(scratch[i], scratch[unique - 1]))
            scratch[unique++] = scratch[i];
    }
    if (n_unique != NULL)
        *n_unique = unique;
    return att_hash128(scratch, unique * sizeof *scratch);
}

/* ---- export ---------------------------------------------------------------- */

/* tokens [S, d], offsets [N + 1], label [N]. */
static att_status export_instance(const struct att_value *p,
                                  const void *instance, struct att_bundle *out,
                                  struct att_error *err)
{
    const struct att_sequences *s = instance;
    const uint64_t n_offsets = s->n + 1;

    (void)p;
    att_bundle_f64(out, "tokens", s->token, s->total, s->d);
    int64_t *offset = att_bundle_add(out, "offsets", ATT_I64, 1, &n_offsets);

    if (offset != NULL) {
        for (size_t j = 0; j <= s->n; j++)
            offset[j] = (int64_t)s->offset[j];
    }
    att_bundle_i64(out, "label", s->label, s->n);
    if (att_arena_refused(out->arena) != 0)
        return att_arena_fail(out->arena, "the exported sequences", err);
    return ATT_OK;
}

const struct att_problem att_problem_sequences = {
    .name = "sequences",
    .summary = "N labelled sequences of tokens in R^d, any lengths",
    .params = PARAMS,
    .n_params = ATT_SEQ_PARAMS,
    .generate = generate,
    .export_instance = export_instance,
};
