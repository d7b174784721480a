/* memorization_ingest.c - steps 1 to 6: vocabulary, contexts, ids, faults. */
#include "memorization_priv.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attest/base/hash.h"
#include "attest/base/subset.h"

const char *att_mem_refusal_text(enum mem_refusal_kind kind)
{
    static const char *const text[] = {
        [MEM_BUILT] = "",
        [MEM_NON_FINITE] = "non_finite",
        [MEM_DUPLICATE] = "duplicate",
        [MEM_INCONSISTENT] = "inconsistent",
        [MEM_TOO_CLOSE] = "vocabulary_close",
    };

    return text[kind];
}

static ATT_PRINTF(5, 6) void refuse(struct mem_refusal *r,
                                    enum mem_refusal_kind kind, size_t a,
                                    size_t b, const char *fmt, ...)
{
    va_list args;

    r->kind = kind;
    r->a = a;
    r->b = b;
    va_start(args, fmt);
    (void)vsnprintf(r->text, sizeof r->text, fmt, args);
    va_end(args);
}

/* ---- step 1: finite numbers ------------------------------------------------- */

static void check_finite(const struct att_token_labels *in,
                         struct mem_refusal *refusal)
{
    for (size_t i = 0; i < in->n * in->l * in->d; i++) {
        if (!isfinite(in->token[i])) {
            const size_t at = i / in->d;

            refuse(refusal, MEM_NON_FINITE, at, i % in->d,
                   "non-finite number in sequence %zu, token %zu, coordinate "
                   "%zu",
                   at / in->l, at % in->l, i % in->d);
            return;
        }
    }
}

/* ---- step 2: vocabulary -------------------------------------------------------- */

struct row {
    const double *x;
    size_t d, at;
};

static int by_coordinates(const void *a, const void *b)
{
    const struct row *x = a, *y = b;

    for (size_t k = 0; k < x->d; k++) {
        if (x->x[k] != y->x[k])
            return x->x[k] < y->x[k] ? -1 : 1;
    }
    return (x->at > y->at) - (x->at < y->at);
}

static bool same_row(const struct row *a, const struct row *b)
{
    for (size_t k = 0; k < a->d; k++) {
        if (a->x[k] != b->x[k])
            return false;
    }
    return true;
}

static att_status make_vocabulary(struct att_arena *arena, struct mem_data *out,
                                  struct att_error *err)
{
    const struct att_token_labels *in = out->in;
    const size_t n = in->n * in->l, d = in->d;
    uint32_t *tid = ATT_NEW(arena, uint32_t, n);
    double *vocab = ATT_NEW(arena, double, n *d);
    const struct att_arena_mark mark = att_arena_mark(arena);
    struct row *row = ATT_NEW(arena, struct row, n);
    size_t m = 0;

    if (tid == NULL || vocab == NULL || row == NULL)
        return att_arena_fail(arena, "the vocabulary", err);
    for (size_t i = 0; i < n; i++)
        row[i] = (struct row){in->token + i * d, d, i};
    qsort(row, n, sizeof *row, by_coordinates);
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || !same_row(&row[i], &row[i - 1])) {
            for (size_t k = 0; k < d; k++)
                vocab[m * d + k] = row[i].x[k] + 0.0; /* -0.0 becomes 0.0 */
            m++;
        }
        tid[row[i].at] = (uint32_t)(m - 1);
    }
    att_arena_rewind(arena, mark);
    out->tid = tid;
    out->vocab = vocab;
    out->ids.n_tokens = m;
    return ATT_OK;
}

/* ---- step 3: duplicates -------------------------------------------------------- */

static void check_duplicates(const struct mem_data *data, size_t *last_seen,
                             struct mem_refusal *refusal)
{
    const size_t l = data->in->l;

    for (size_t t = 0; t < data->ids.n_tokens; t++)
        last_seen[t] = SIZE_MAX;
    for (size_t i = 0; i < data->in->n * l; i++) {
        const size_t before = last_seen[data->tid[i]];

        if (before != SIZE_MAX && before / l == i / l) {
            refuse(refusal, MEM_DUPLICATE, before, i,
                   "duplicate token in sequence %zu: positions [%zu, %zu] "
                   "(vocabulary id %" PRIu32 ")",
                   i / l, before % l, i % l, data->tid[i]);
            return;
        }
        last_seen[data->tid[i]] = i;
    }
}

/* ---- step 4: contexts ------------------------------------------------------------ */

struct named {
    struct att_key key;
    size_t at; /* raw context */
};

static int by_key(const void *a, const void *b)
{
    const struct named *x = a, *y = b;
    const int order = att_key_compare(x->key, y->key);

    return order != 0 ? order : (x->at > y->at) - (x->at < y->at);
}

/* All contexts as they come: a sequence, or every prefix of one. */
struct raw {
    size_t n;
    size_t *start;    /* [n + 1] */
    uint32_t *member; /* sorted within a context */
    uint32_t *set;    /* [n] number of the distinct context */
};

static att_status raw_contexts(const struct mem_data *data,
                               struct att_arena *arena, struct raw *raw,
                               struct att_error *err)
{
    const size_t l = data->in->l, n = data->in->n;
    const size_t per = data->causal ? l : 1;
    const size_t total = data->causal ? n * (l * (l + 1) / 2) : n * l;

    raw->n = n * per;
    raw->start = ATT_NEW(arena, size_t, raw->n + 1);
    raw->member = ATT_NEW(arena, uint32_t, total);
    raw->set = ATT_NEW(arena, uint32_t, raw->n);
    if (raw->start == NULL || raw->member == NULL || raw->set == NULL)
        return att_arena_fail(arena, "the contexts", err);
    raw->start[0] = 0;
    for (size_t c = 0; c < raw->n; c++) {
        const size_t length = data->causal ? c % l + 1 : l;
        uint32_t *to = raw->member + raw->start[c];

        memcpy(to, data->tid + c / per * l, length * sizeof *to);
        att_subset_sort(to, length);
        raw->start[c + 1] = raw->start[c] + length;
    }
    return ATT_OK;
}

/* Number equal contexts alike, in the order of their first appearance. */
static att_status merge_contexts(struct raw *raw, struct att_arena *arena,
                                 struct mem_ids *ids, struct att_error *err)
{
    struct named *name = ATT_NEW(arena, struct named, raw->n);
    size_t *leader = ATT_NEW(arena, size_t, raw->n);
    size_t *start = ATT_NEW(arena, size_t, raw->n + 1);
    size_t n = 0, used = 0;

    if (name == NULL || leader == NULL || start == NULL)
        return att_arena_fail(arena, "the contexts", err);
    for (size_t c = 0; c < raw->n; c++) {
        const uint32_t *member = raw->member + raw->start[c];
        const size_t length = raw->start[c + 1] - raw->start[c];

        name[c] =
            (struct named){att_hash128(member, length * sizeof *member), c};
    }
    qsort(name, raw->n, sizeof *name, by_key);
    for (size_t i = 0; i < raw->n; i++) {
        const bool same = i > 0 && att_key_equal(name[i].key, name[i - 1].key);

        leader[name[i].at] = same ? leader[name[i - 1].at] : name[i].at;
    }
    for (size_t c = 0; c < raw->n; c++) { /* compact in place */
        const size_t length = raw->start[c + 1] - raw->start[c];

        if (leader[c] != c) {
            raw->set[c] = raw->set[leader[c]];
            continue;
        }
        memmove(raw->member + used, raw->member + raw->start[c],
                length * sizeof *raw->member);
        start[n] = used;
        used += length;
        raw->set[c] = (uint32_t)n++;
    }
    start[n] = used;
    ids->n_contexts = n;
    ids->start = start;
    ids->member = raw->member;
    return ATT_OK;
}

/* ---- ids --------------------------------------------------------------------- */

att_status att_mem_ids_number(struct mem_ids *ids, struct att_arena *arena,
                              struct att_error *err)
{
    const size_t total = ids->start[ids->n_contexts];
    size_t *first = ATT_NEW(arena, size_t, ids->n_contexts + 1);
    uint32_t *context = ATT_NEW(arena, uint32_t, total);
    uint32_t *token = ATT_NEW(arena, uint32_t, total);
    size_t n = 0;

    if (first == NULL || context == NULL || token == NULL)
        return att_arena_fail(arena, "the ids", err);
    ids->longest = 0;
    ids->n_pairs = 0;
    for (size_t c = 0; c < ids->n_contexts; c++) {
        const size_t from = ids->start[c], to = ids->start[c + 1];

        first[c] = n;
        for (size_t i = from; i < to; i++) {
            if (i > from && ids->member[i] == ids->member[i - 1])
                continue;
            context[n] = (uint32_t)c;
            token[n++] = ids->member[i];
        }
        ids->longest = to - from > ids->longest ? to - from : ids->longest;
        ids->n_pairs += (uint64_t)(n - first[c]) * (to - from);
    }
    first[ids->n_contexts] = n;
    ids->first = first;
    ids->context = context;
    ids->token = token;
    ids->n = n;
    return ATT_OK;
}

/* The id of position i: its token among those of its context. */
static size_t find_id(const struct mem_data *data, const struct raw *raw,
                      size_t i)
{
    size_t at = data->ids.first[raw->set[data->causal ? i : i / data->in->l]];

    while (data->ids.token[at] != data->tid[i])
        at++;
    return at;
}

/* Under the mask only the last token of a prefix asks: other tokens of its
 * context have no id.  Contexts then differ by (prefix set, asking token). */
static att_status number_causal(struct mem_data *data, const struct raw *raw,
                                struct att_arena *arena, struct att_error *err)
{
    struct mem_ids *ids = &data->ids;
    size_t *first = ATT_NEW(arena, size_t, ids->n_contexts + 1);
    uint32_t *context = ATT_NEW(arena, uint32_t, raw->n);
    uint32_t *token = ATT_NEW(arena, uint32_t, raw->n);

    if (first == NULL || context == NULL || token == NULL)
        return att_arena_fail(arena, "the ids", err);
    ATT_TRY(att_mem_ids_number(ids, arena, err)); /* all, to be thinned out */
    bool *wanted = ATT_NEW0(arena, bool, ids->n);

    if (wanted == NULL)
        return att_arena_fail(arena, "the ids", err);
    for (size_t i = 0; i < raw->n; i++)
        wanted[find_id(data, raw, i)] = true;
    size_t n = 0;

    ids->n_pairs = 0;
    for (size_t c = 0; c < ids->n_contexts; c++) {
        first[c] = n;
        for (size_t i = ids->first[c]; i < ids->first[c + 1]; i++) {
            if (!wanted[i])
                continue;
            context[n] = (uint32_t)c;
            token[n++] = ids->token[i];
            ids->n_pairs += ids->start[c + 1] - ids->start[c];
        }
    }
    first[ids->n_contexts] = n;
    ids->first = first;
    ids->context = context;
    ids->token = token;
    ids->n = n;
    return ATT_OK;
}

static att_status place_ids(struct mem_data *data, const struct raw *raw,
                            struct att_arena *arena, struct att_error *err)
{
    const size_t n = data->in->n * data->in->l;
    const struct mem_ids *ids = &data->ids;
    uint32_t *id_of = ATT_NEW(arena, uint32_t, n);
    size_t *place = ATT_NEW(arena, size_t, ids->n);

    if (id_of == NULL || place == NULL)
        return att_arena_fail(arena, "the ids", err);
    for (size_t t = 0; t < ids->n; t++)
        place[t] = SIZE_MAX;
    for (size_t i = 0; i < n; i++) {
        const size_t at = find_id(data, raw, i);

        id_of[i] = (uint32_t)at;
        if (place[at] == SIZE_MAX)
            place[at] = i;
    }
    data->id_of = id_of;
    data->place = place;
    return ATT_OK;
}

/* ---- step 5: labels ------------------------------------------------------------ */

static void check_labels(const struct mem_data *data,
                         struct mem_refusal *refusal)
{
    const size_t l = data->in->l, d_out = data->in->d_out;

    for (size_t i = 0; i < data->in->n * l; i++) {
        const size_t as = data->place[data->id_of[i]];

        if (memcmp(data->in->label + i * d_out, data->in->label + as * d_out,
                   d_out * sizeof *data->in->label) != 0) {
            refuse(refusal, MEM_INCONSISTENT, as, i,
                   "inconsistent labels: (seq %zu,tok %zu) and (seq %zu,tok "
                   "%zu) are the same token of the same set",
                   as / l, as % l, i / l, i % l);
            return;
        }
    }
}

/* ---- step 6: geometry ------------------------------------------------------------ */

double att_mem_distance(const double *a, const double *b, size_t d)
{
    double square = 0.0;

    for (size_t k = 0; k < d; k++) {
        const double x = a[k] - (b == NULL ? 0.0 : b[k]);

        square += x * x;
    }
    return sqrt(square);
}

/* Rows are lexicographic: once the first coordinates are farther apart than
 * the best distance, no later row is closer. */
static void measure(struct mem_data *data)
{
    const size_t m = data->ids.n_tokens, d = data->in->d;

    data->r_min = data->eps = (double)INFINITY;
    data->r_max = 0.0;
    for (size_t a = 0; a < m; a++) {
        const double *x = data->vocab + a * d;
        const double norm = att_mem_distance(x, NULL, d);

        data->r_min = fmin(data->r_min, norm);
        data->r_max = fmax(data->r_max, norm);
        for (size_t b = a + 1; b < m; b++) {
            const double *y = data->vocab + b * d;

            if (y[0] - x[0] > data->eps)
                break;
            data->eps = fmin(data->eps, att_mem_distance(x, y, d));
        }
    }
}

static att_status make_ids(struct mem_data *data, struct att_arena *arena,
                           struct att_error *err)
{
    struct raw raw;

    ATT_TRY(raw_contexts(data, arena, &raw, err));
    ATT_TRY(merge_contexts(&raw, arena, &data->ids, err));
    if (data->causal) {
        ATT_TRY(number_causal(data, &raw, arena, err));
    } else {
        ATT_TRY(att_mem_ids_number(&data->ids, arena, err));
    }
    return place_ids(data, &raw, arena, err);
}

att_status att_mem_ingest(const struct att_token_labels *in,
                          const struct mem_rules *rules,
                          struct att_arena *arena, struct mem_data *out,
                          struct mem_refusal *refusal, struct att_error *err)
{
    *out = (struct mem_data){.in = in, .causal = rules->causal};
    *refusal = (struct mem_refusal){.kind = MEM_BUILT};
    check_finite(in, refusal);
    if (refusal->kind != MEM_BUILT)
        return ATT_OK;
    ATT_TRY(make_vocabulary(arena, out, err));
    size_t *seen = ATT_NEW(arena, size_t, out->ids.n_tokens);

    if (seen == NULL)
        return att_arena_fail(arena, "the vocabulary", err);
    if (!rules->repeats)
        check_duplicates(out, seen, refusal);
    if (refusal->kind != MEM_BUILT)
        return ATT_OK;
    ATT_TRY(make_ids(out, arena, err));
    check_labels(out, refusal);
    measure(out);
    return ATT_OK;
}
