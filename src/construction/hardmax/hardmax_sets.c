/* hardmax_sets.c - step 0: the input as labelled, pairwise different sets. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "hardmax_priv.h"

static att_status check_finite(const struct att_sequences *s,
                               struct att_error *err)
{
    for (size_t i = 0; i < s->total * s->d; i++) {
        if (!isfinite(s->token[i])) {
            return att_fail(err, ATT_E_ARG,
                            "token %zu has a coordinate that is not finite",
                            i / s->d);
        }
    }
    return ATT_OK;
}

struct named_set {
    struct att_key key;
    size_t j;
};

static int by_key_then_place(const void *a, const void *b)
{
    const struct named_set *x = a;
    const struct named_set *y = b;
    const int order = att_key_compare(x->key, y->key);

    return order != 0 ? order : (x->j > y->j) - (x->j < y->j);
}

/* The keys of all sequences, equal ones together. */
static att_status name_sets(const struct att_sequences *s,
                            struct named_set *set, struct att_arena *arena,
                            struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(arena);
    struct att_key *key = ATT_NEW(arena, struct att_key, s->longest);
    double *row = ATT_NEW(arena, double, s->d);

    if (key == NULL || row == NULL)
        return att_arena_fail(arena, "the names of the sets", err);
    for (size_t j = 0; j < s->n; j++) {
        set[j].j = j;
        set[j].key =
            att_token_set_key(att_sequence(s, j), att_sequence_length(s, j),
                              s->d, key, row, NULL);
    }
    qsort(set, s->n, sizeof *set, by_key_then_place);
    att_arena_rewind(arena, mark);
    return ATT_OK;
}

static int by_place(const void *a, const void *b)
{
    const size_t x = *(const size_t *)a;
    const size_t y = *(const size_t *)b;

    return (x > y) - (x < y);
}

static void refuse_equal(const struct att_sequences *s, size_t i, size_t j,
                         struct hm_verdict *verdict)
{
    att_hm_refuse(verdict, HM_EQUAL_SETS, i, j,
                  "sequences %zu and %zu are equal as sets of tokens but have "
                  "labels %" PRId64 " and %" PRId64,
                  i, j, s->label[i], s->label[j]);
}

att_status att_hm_sets_make(const struct att_sequences *s,
                            struct att_arena *arena, struct hm_sets *out,
                            struct hm_verdict *verdict, struct att_error *err)
{
    size_t *rep = ATT_NEW(arena, size_t, s->n);
    struct named_set *set = ATT_NEW(arena, struct named_set, s->n);
    size_t n = 0;

    if (rep == NULL || set == NULL)
        return att_arena_fail(arena, "the sets", err);
    ATT_TRY(check_finite(s, err));
    ATT_TRY(name_sets(s, set, arena, err));
    for (size_t i = 0; i < s->n; i++) {
        if (i == 0 || !att_key_equal(set[i].key, set[i - 1].key)) {
            rep[n++] = set[i].j;
            continue;
        }
        if (s->label[set[i].j] != s->label[rep[n - 1]] &&
            verdict->kind == HM_BUILT)
            refuse_equal(s, rep[n - 1], set[i].j, verdict);
    }
    qsort(rep, n, sizeof *rep, by_place);
    *out = (struct hm_sets){.s = s, .n = n, .rep = rep};
    return ATT_OK;
}
