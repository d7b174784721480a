/* sequences_bad.c - inputs that a set-based construction must refuse.
 *
 * bad_tie, in exact terms: one sequence is {0, delta e_1, .., delta e_d} and
 * another {R e_1, -R e_1, .., R e_d, -R e_d}, so along any unit vector u the
 * data span 2 R max|u_k| (R dwarfs the Gaussian rest) and the first sequence
 * lies within delta max|u_k| of 0.  Scaled so that the data span 0.75, its
 * tokens are at most 0.375 delta / R from their centre, whatever u is, and
 * the farthest one is exactly that far.  delta makes this 16 * 2^-52. */
#include "sequences_priv.h"

#include <string.h>

static const double TIE_RANGE = 1024.0;
static const double TIE_DELTA = 1024.0 * 16.0 * 0x1p-52 / 0.375;
static const double TINY = 0x1p-200;

/* Two different sequences, i < j. */
static void plant_pair(struct seq_maker *m, const char *kind)
{
    const struct att_stream s = att_seq_stream(m, SEQ_PLANT, 0, 0);
    const size_t a = att_stream_below(&s, 0, (uint32_t)m->n);
    const size_t b =
        (a + 1 + att_stream_below(&s, 1, (uint32_t)(m->n - 1))) % m->n;

    m->planted = kind;
    m->planted_i = a < b ? a : b;
    m->planted_j = a < b ? b : a;
}

static void lengths_at_least(struct seq_maker *m, size_t least)
{
    for (size_t j = 0; j < m->n; j++)
        m->length[j] = m->l > least ? m->l : least;
}

static att_status lengths_equal(struct seq_maker *m, struct att_error *err)
{
    (void)err;
    plant_pair(m, "equal_sets");
    lengths_at_least(m, 1);
    m->length[m->planted_j]++;
    m->label[m->planted_j] =
        (m->label[m->planted_i] + 1) % (int64_t)m->n_classes;
    return ATT_OK;
}

/* The second of the pair: the first's tokens backwards, one of them twice. */
static void tokens_equal(const struct seq_maker *m, size_t j, double *x)
{
    const size_t n = m->length[j] - 1;

    if (j != m->planted_j) {
        att_seq_gauss(m, j, 0, m->length[j], x);
        return;
    }
    for (size_t i = 0; i < n; i++)
        att_seq_gauss(m, m->planted_i, n - 1 - i, 1, x + i * m->d);
    att_seq_gauss(m, m->planted_i, 0, 1, x + n * m->d);
}

/* The tie lies inside sequence i; its partner sets the range. */
static size_t tie_partner(const struct seq_maker *m)
{
    return (m->planted_i + 1) % m->n;
}

static att_status lengths_tie(struct seq_maker *m, struct att_error *err)
{
    (void)err;
    plant_pair(m, "no_margin");
    m->planted_j = m->planted_i;
    lengths_at_least(m, 1);
    m->length[m->planted_i] = m->d + 1;
    m->length[tie_partner(m)] = 2 * m->d;
    return ATT_OK;
}

static void tokens_tie(const struct seq_maker *m, size_t j, double *x)
{
    const size_t n = m->length[j];

    if (j != m->planted_i && j != tie_partner(m)) {
        att_seq_gauss(m, j, 0, n, x);
        return;
    }
    memset(x, 0, n * m->d * sizeof *x);
    for (size_t k = 0; k < m->d; k++) {
        if (j == m->planted_i) {
            x[(k + 1) * m->d + k] = TIE_DELTA;
        } else {
            x[2 * k * m->d + k] = TIE_RANGE;
            x[(2 * k + 1) * m->d + k] = -TIE_RANGE;
        }
    }
}

static att_status lengths_unseparable(struct seq_maker *m,
                                      struct att_error *err)
{
    (void)err;
    plant_pair(m, "not_separable");
    lengths_at_least(m, 2);
    return ATT_OK;
}

/* The pair shares all tokens but the first: 0 against 2^-200 e_1. */
static void tokens_unseparable(const struct seq_maker *m, size_t j, double *x)
{
    if (j != m->planted_i && j != m->planted_j) {
        att_seq_gauss(m, j, 0, m->length[j], x);
        return;
    }
    att_seq_gauss(m, m->planted_i, 0, m->length[j], x);
    memset(x, 0, m->d * sizeof *x);
    if (j == m->planted_j)
        x[0] = TINY;
}

const struct seq_kind att_seq_bad_kinds[] = {
    {"bad_equal", lengths_equal, tokens_equal},
    {"bad_tie", lengths_tie, tokens_tie},
    {"bad_unseparable", lengths_unseparable, tokens_unseparable},
    {NULL, NULL, NULL},
};
