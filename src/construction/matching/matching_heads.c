/* matching_heads.c - messages of standard heads, and sets that share one. */
#include "matching_heads_priv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* x in [-range, range) as one of 2^bits steps. */
static int32_t quantise(double x, double range, int bits)
{
    const double most = ldexp(1.0, bits) - 1.0;
    const double step = floor((x + range) * ldexp(0.5, bits) / range);

    return (int32_t)fmin(fmax(step, 0.0), most);
}

void att_match_message(const struct match_heads *heads, uint32_t a,
                       int32_t *code)
{
    const double *at = heads->number;

    for (size_t h = 0; h < heads->n_heads; h++) {
        double top = 0.0;
        double sum = 0.0;

        for (size_t j = 0; j <= heads->n; j++, at += MATCH_HEAD_NUMBERS) {
            /* Token 0 is the same whatever the set. */
            const size_t bit = j > 0 && (a >> (j - 1) & 1) != 0 ? 2 : 0;
            const double w = exp(at[bit]);

            top += w * at[bit + 1];
            sum += w;
        }
        code[2 * h] = quantise(top, 32.0, heads->bits);
        code[2 * h + 1] = quantise(log(sum), 8.0, heads->bits);
    }
}

uint32_t att_match_difference(uint32_t a, uint32_t other)
{
    const uint32_t both = a ^ other;

    return both & (~both + 1);
}

struct message {
    const int32_t *code;
    size_t n_codes;
    uint32_t a;
};

static bool is_same(const struct message *x, const struct message *y)
{
    return memcmp(x->code, y->code, x->n_codes * sizeof *x->code) == 0;
}

/* By message, then by set: which collision comes first is no accident. */
static int by_code(const void *a, const void *b)
{
    const struct message *x = a;
    const struct message *y = b;
    const int order = memcmp(x->code, y->code, x->n_codes * sizeof *x->code);

    return order != 0 ? order : (x->a > y->a) - (x->a < y->a);
}

/* Do (a, b) and (other, b) have different truths at token 0? */
static att_status separates(const struct match_heads *heads, uint32_t a,
                            uint32_t other, bool *yes, struct att_arena *arena,
                            struct att_error *err)
{
    enum { MOST = 2 * 32 + 1 };
    const uint32_t b = att_match_difference(a, other);
    uint8_t truth[2][MOST];

    for (int k = 0; k < 2; k++) {
        uint64_t x[MOST];
        const struct att_match_input in =
            att_disjointness_code(heads->n, k == 0 ? a : other, b, x);

        ATT_TRY(att_match3_truth(&in, truth[k], arena, err));
    }
    *yes = truth[0][0] != truth[1][0];
    return ATT_OK;
}

static att_status compare(const struct match_heads *heads,
                          const struct message *m, size_t n,
                          struct match_census *out, struct att_arena *arena,
                          struct att_error *err)
{
    *out = (struct match_census){.distinct = 1};
    for (size_t i = 1; i < n; i++) {
        bool yes = false;

        if (!is_same(&m[i], &m[i - 1])) {
            out->distinct++;
            continue;
        }
        ATT_TRY(separates(heads, m[i - 1].a, m[i].a, &yes, arena, err));
        out->separated += yes ? 1 : 0;
        if (out->a == out->other) {
            out->a = m[i - 1].a;
            out->other = m[i].a;
        }
    }
    out->collisions = (int64_t)n - out->distinct;
    return ATT_OK;
}

att_status att_match_census(const struct match_heads *heads,
                            struct att_arena *scratch, struct match_census *out,
                            struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(scratch);
    const size_t n = (size_t)1 << heads->n;
    const size_t n_codes = 2 * heads->n_heads;
    int32_t *code = ATT_NEW(scratch, int32_t, n * n_codes);
    struct message *m = ATT_NEW(scratch, struct message, n);

    if (code == NULL || m == NULL)
        return att_arena_fail(scratch, "the messages", err);
    for (size_t a = 0; a < n; a++) {
        m[a] = (struct message){code + a * n_codes, n_codes, (uint32_t)a};
        att_match_message(heads, (uint32_t)a, code + a * n_codes);
    }
    qsort(m, n, sizeof *m, by_code);
    ATT_TRY(compare(heads, m, n, out, scratch, err));
    att_arena_rewind(scratch, mark);
    return ATT_OK;
}
