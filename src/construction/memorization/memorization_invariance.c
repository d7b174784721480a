/* memorization_invariance.c - section 12.1 of the theory on up to 64
 * sequences, from the tokens on: bits do not depend on the order of tokens, and
 * powers of two scale through. */
#include "memorization_config_priv.h"

enum { MOST_SEQUENCES = 64 };

/* The first sequences once more, their tokens backwards and times a factor. */
struct mirror {
    double factor;
    struct att_token_labels in;
    struct mem_data data;
    struct mem_projection at;
    double *s; /* [T] */
};

static att_status turn_round(const struct att_token_labels *in, size_t n,
                             struct att_arena *arena, struct mirror *m,
                             struct att_error *err)
{
    const size_t d = in->d, l = in->l, d_out = in->d_out;
    double *token = ATT_NEW(arena, double, n *l *d);
    int64_t *label = ATT_NEW(arena, int64_t, n * l * d_out);

    if (token == NULL || label == NULL)
        return att_arena_fail(arena, "the permuted sequences", err);
    for (size_t i = 0; i < n * l; i++) {
        const size_t from = i / l * l + (l - 1 - i % l);

        for (size_t k = 0; k < d; k++)
            token[i * d + k] = m->factor * in->token[from * d + k];
        for (size_t c = 0; c < d_out; c++)
            label[i * d_out + c] = in->label[from * d_out + c];
    }
    m->in = *in;
    m->in.n = n;
    m->in.token = token;
    m->in.label = label;
    return ATT_OK;
}

/* p and s of every position are those of the build times the factor, bit for
 * bit. */
static bool is_image(const struct mem_built *b, const struct mirror *m)
{
    const size_t l = m->in.l;

    for (size_t i = 0; i < m->in.n * l; i++) {
        const size_t from = i / l * l + (l - 1 - i % l);
        const double p = b->build.at.p[b->data.tid[from]];
        const double s = b->build.s[b->data.id_of[from]];

        if (m->at.p[m->data.tid[i]] != m->factor * p ||
            m->s[m->data.id_of[i]] != m->factor * s)
            return false;
    }
    return true;
}

/* Every step from the tokens to s, with the direction of the build; do p and s
 * come out as its image? */
static att_status run_mirror(const struct mem_built *b, double factor,
                             struct att_arena *arena, bool *image,
                             struct att_error *err)
{
    const size_t n =
        b->data.in->n < MOST_SEQUENCES ? b->data.in->n : MOST_SEQUENCES;
    struct mirror m = {.factor = factor};
    struct mem_refusal refusal;

    ATT_TRY(turn_round(b->data.in, n, arena, &m, err));
    ATT_TRY(
        att_mem_ingest(&m.in, &b->config.rules, arena, &m.data, &refusal, err));
    if (refusal.kind != MEM_BUILT) {
        return att_fail(err, ATT_E_MISMATCH, "permuted tokens: %s",
                        refusal.text);
    }
    ATT_TRY(
        att_mem_project(att_mat_view(m.data.vocab, m.data.ids.n_tokens, m.in.d),
                        b->build.at.v, arena, &m.at, err));
    const struct mem_query q = {&m.data.ids, m.at.p,
                                b->build.lambda / (m.factor * m.factor)};

    m.s = ATT_NEW(arena, double, m.data.ids.n);
    if (m.s == NULL)
        return att_arena_fail(arena, "the permuted ids", err);
    ATT_TRY(att_mem_attend_fast(&q, m.s, NULL, arena, err));
    *image = is_image(b, &m);
    return ATT_OK;
}

att_status att_mem_measure_invariance(const struct mem_trial *t,
                                      struct att_error *err)
{
    struct att_arena *arena = t->ws->arena;
    const struct att_arena_mark mark = att_arena_mark(arena);
    const struct mem_built *b = t->b;
    bool same = false, scaled = false;

    if (b->data.causal)
        return ATT_OK; /* a prefix has an order */
    ATT_TRY(run_mirror(b, 1.0, arena, &same, err));
    ATT_TRY(run_mirror(b, 4.0, arena, &scaled, err));
    att_out_int(t->out, MEM_M_BIT_EQUIVARIANT, same);
    att_out_int(t->out, MEM_M_SCALE_EXACT, scaled);
    att_arena_rewind(arena, mark);
    return ATT_OK;
}
