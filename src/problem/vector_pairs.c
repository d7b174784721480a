/* vector_pairs.c - the problem `vector_pairs`. */
#include "attest/problem/vector_pairs.h"

#include <math.h>
#include <string.h>

#include "attest/base/text.h"

static const char *const DATA_KINDS[] = {"random", "tail", NULL};

static const struct att_param PARAMS[ATT_VP_PARAMS] = {
    [ATT_VP_L] = ATT_PARAM_INTEGER("L", ATT_SEEDS_NOTHING, 4, 2, 256,
                                   "entries of a vector (the paper's n)"),
    [ATT_VP_SAMPLES] = ATT_PARAM_INTEGER("samples", ATT_SEEDS_NOTHING, 50, 1,
                                         100000, "pairs of vectors"),
    [ATT_VP_DELTA_MULT] = ATT_PARAM_REAL(
        "delta_mult", ATT_SEEDS_NOTHING, 1.01, 0.01, 100.0,
        "distance of entries over 2 ln L + 3; the lemma needs more than 1"),
    [ATT_VP_DATA] = ATT_PARAM_CHOICE(
        "data", ATT_SEEDS_INSTANCE, "random", DATA_KINDS,
        "random: two subsets of a ladder; tail: with a common beginning"),
};

enum tag { VP_LADDER, VP_FIRST, VP_SECOND, VP_PREFIX };

struct maker {
    struct att_workspace *ws;
    size_t n;
    double delta;
    bool tail;
    double *ladder;              /* [2 n] descending */
    uint32_t *perm, *pick, *own; /* [2 n], [n], [n] */
};

/* Steps between delta and 1.05 delta, so that no two pairs look alike. */
static void make_ladder(const struct maker *m, size_t pair)
{
    const struct att_stream s =
        att_instance_stream(m->ws, VP_LADDER, 0, (uint32_t)pair);
    double at = 0.0;

    for (size_t i = 0; i < 2 * m->n; i++) {
        m->ladder[i] = at;
        at -= m->delta * (1.0 + 0.05 * att_stream_uniform(&s, i));
    }
    const double middle = 0.5 * m->ladder[2 * m->n - 1];

    for (size_t i = 0; i < 2 * m->n; i++)
        m->ladder[i] -= middle;
}

static void pick_set(const struct maker *m, uint32_t tag, size_t pair,
                     uint32_t attempt, uint32_t *out)
{
    const struct att_stream s =
        att_instance_stream(m->ws, tag, attempt, (uint32_t)pair);

    att_stream_subset(&s, (uint32_t)(2 * m->n), (uint32_t)m->n, m->perm, out);
}

/* Keep the first k picks of a; the rest of b from what comes after them. */
static void share_prefix(const struct maker *m, size_t pair)
{
    const struct att_stream s =
        att_instance_stream(m->ws, VP_PREFIX, 0, (uint32_t)pair);
    const uint32_t k = att_stream_below(&s, 0, (uint32_t)m->n);
    const uint32_t from = k == 0 ? 0 : m->pick[k - 1] + 1;
    const uint32_t room = (uint32_t)(2 * m->n) - from;
    const struct att_stream rest =
        att_instance_stream(m->ws, VP_PREFIX, 1, (uint32_t)pair);

    att_stream_subset(&rest, room, (uint32_t)m->n - k, m->perm, m->own + k);
    for (uint32_t i = 0; i < m->n; i++)
        m->own[i] = i < k ? m->pick[i] : m->own[i] + from;
}

static void make_pair(const struct maker *m, size_t pair, double *a, double *b)
{
    uint32_t attempt = 0;

    make_ladder(m, pair);
    pick_set(m, VP_FIRST, pair, 0, m->pick);
    if (m->tail)
        share_prefix(m, pair);
    while (!m->tail || memcmp(m->own, m->pick, m->n * sizeof *m->own) == 0) {
        pick_set(m, VP_SECOND, pair, attempt++, m->own);
        if (memcmp(m->own, m->pick, m->n * sizeof *m->own) != 0)
            break;
    }
    for (size_t i = 0; i < m->n; i++) {
        a[i] = m->ladder[m->pick[i]];
        b[i] = m->ladder[m->own[i]];
    }
}

static double largest(const double *x, size_t n)
{
    double most = 0.0;

    for (size_t i = 0; i < n; i++)
        most = fmax(most, fabs(x[i]));
    return most;
}

static att_status generate(struct att_workspace *ws, const struct att_value *p,
                           void **instance, struct att_error *err)
{
    struct att_arena *arena = ws->arena;
    const size_t n = (size_t)p[ATT_VP_L].i;
    const size_t samples = (size_t)p[ATT_VP_SAMPLES].i;
    struct att_vector_pairs *out = ATT_NEW0(arena, struct att_vector_pairs, 1);
    double *a = ATT_NEW(arena, double, samples *n);
    double *b = ATT_NEW(arena, double, samples *n);
    double *r = ATT_NEW(arena, double, samples);
    const struct maker m = {ws,
                            n,
                            p[ATT_VP_DELTA_MULT].r *
                                (2.0 * log((double)n) + 3.0),
                            att_text_same(p[ATT_VP_DATA].s, "tail"),
                            ATT_NEW(arena, double, 2 * n),
                            ATT_NEW(arena, uint32_t, 2 * n),
                            ATT_NEW(arena, uint32_t, n),
                            ATT_NEW(arena, uint32_t, n)};

    if (out == NULL || a == NULL || b == NULL || r == NULL ||
        m.ladder == NULL || m.perm == NULL || m.pick == NULL || m.own == NULL)
        return att_arena_fail(arena, "the pairs of vectors", err);
    for (size_t i = 0; i < samples; i++) {
        make_pair(&m, i, a + i * n, b + i * n);
        r[i] = fmax(largest(a + i * n, n), largest(b + i * n, n));
    }
    /* steps are at least delta; positions on the ladder round by ulps */
    *out =
        (struct att_vector_pairs){n, samples, a, b, r, m.delta * (1.0 - 1e-12)};
    *instance = out;
    return ATT_OK;
}

/* a, b [samples, L], r [samples]. */
static att_status export_instance(const struct att_value *p,
                                  const void *instance, struct att_bundle *out,
                                  struct att_error *err)
{
    const struct att_vector_pairs *v = instance;

    (void)p;
    att_bundle_f64(out, "a", v->a, v->samples, v->n);
    att_bundle_f64(out, "b", v->b, v->samples, v->n);
    att_bundle_vector(out, "r", v->r, v->samples);
    if (att_arena_refused(out->arena) != 0)
        return att_arena_fail(out->arena, "the exported pairs", err);
    return ATT_OK;
}

const struct att_problem att_problem_vector_pairs = {
    .name = "vector_pairs",
    .summary = "pairs of vectors that differ as sets, entries well apart",
    .params = PARAMS,
    .n_params = ATT_VP_PARAMS,
    .generate = generate,
    .export_instance = export_instance,
};
