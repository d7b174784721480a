/* hardmax_invariance.c - the network sees sets: the same bits whatever the
 * order of the tokens and however often they are repeated. */
#include <string.h>

#include "hardmax_evaluate_priv.h"

enum { COPY_EVERY = 3, MOST_NUMBERS = 1 << 22 };

/* As many sequences as fit MOST_NUMBERS, at least one. */
static size_t count_checked(const struct att_sequences *s)
{
    size_t n = 1;

    while (n < s->n && s->offset[n + 1] * s->d <= MOST_NUMBERS)
        n++;
    return n;
}

/* Sequence j backwards, then every third token again. */
static size_t shuffle_one(const struct att_sequences *s, size_t j, double *to)
{
    const double *x = att_sequence(s, j);
    const size_t n = att_sequence_length(s, j);
    size_t at = 0;

    for (size_t i = n; i-- > 0;)
        memcpy(to + at++ * s->d, x + i * s->d, s->d * sizeof *to);
    for (size_t i = 0; i < n; i += COPY_EVERY)
        memcpy(to + at++ * s->d, x + i * s->d, s->d * sizeof *to);
    return at;
}

static size_t shuffled_total(const struct att_sequences *s, size_t n)
{
    size_t total = s->offset[n];

    for (size_t j = 0; j < n; j++)
        total += (att_sequence_length(s, j) + COPY_EVERY - 1) / COPY_EVERY;
    return total;
}

static att_status shuffle(const struct att_sequences *s, size_t n,
                          struct att_arena *arena, struct att_sequences *out,
                          struct att_error *err)
{
    double *token = ATT_NEW(arena, double, shuffled_total(s, n) * s->d);
    size_t *offset = ATT_NEW(arena, size_t, n + 1);

    if (token == NULL || offset == NULL)
        return att_arena_fail(arena, "shuffled sequences", err);
    *out = *s;
    out->n = n;
    out->longest = 0;
    offset[0] = 0;
    for (size_t j = 0; j < n; j++) {
        const size_t length = shuffle_one(s, j, token + offset[j] * s->d);

        offset[j + 1] = offset[j] + length;
        out->longest = length > out->longest ? length : out->longest;
    }
    out->total = offset[n];
    out->offset = offset;
    out->token = token;
    return ATT_OK;
}

enum { PLANE, SORTED, BOTH };

static att_status outputs_init(struct hm_outputs out[BOTH], size_t n,
                               struct att_arena *arena, struct att_error *err)
{
    double *x = ATT_NEW(arena, double, n * 2 * BOTH);

    if (x == NULL)
        return att_arena_fail(arena, "the outputs", err);
    out[PLANE] = (struct hm_outputs){x, x + n};
    out[SORTED] = (struct hm_outputs){x + 2 * n, x + 3 * n};
    return ATT_OK;
}

static att_status run_both(const struct hm_net *net,
                           const struct att_sequences *s, size_t n,
                           struct hm_outputs out[BOTH], struct att_arena *arena,
                           struct att_error *err)
{
    struct hm_tokens tokens;

    ATT_TRY(outputs_init(out, n, arena, err));
    ATT_TRY(att_hm_tokens_make(s, &net->a, arena, &tokens, err));
    const struct hm_batch batch = {&tokens, NULL, n};

    ATT_TRY(att_hm_eval_plane(net, &batch, out[PLANE], arena, err));
    return att_hm_eval_sorted(net, &batch, out[SORTED], arena, err);
}

att_status att_hm_check_invariance(const struct hm_net *net,
                                   const struct att_sequences *s,
                                   struct att_arena *arena, bool *same,
                                   struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(arena);
    const size_t n = count_checked(s);
    struct hm_outputs before[BOTH] = {0}, after[BOTH] = {0};
    struct att_sequences shuffled;

    ATT_TRY(shuffle(s, n, arena, &shuffled, err));
    ATT_TRY(run_both(net, s, n, before, arena, err));
    ATT_TRY(run_both(net, &shuffled, n, after, arena, err));
    *same = true;
    for (int e = 0; e < BOTH; e++) {
        *same = *same &&
                memcmp(before[e].r, after[e].r, n * sizeof(double)) == 0 &&
                memcmp(before[e].q, after[e].q, n * sizeof(double)) == 0;
    }
    att_arena_rewind(arena, mark);
    return ATT_OK;
}
