/* sequences_kinds.c - kinds whose sequences are drawn one by one. */
#include "sequences_priv.h"

#include <math.h>
#include <string.h>

static att_status lengths_all(struct seq_maker *m, struct att_error *err)
{
    (void)err;
    for (size_t j = 0; j < m->n; j++)
        m->length[j] = m->l;
    return ATT_OK;
}

static att_status lengths_mixed(struct seq_maker *m, struct att_error *err)
{
    (void)err;
    for (size_t j = 0; j < m->n; j++) {
        const struct att_stream s = att_seq_stream(m, SEQ_LENGTH, 0, j);

        m->length[j] = 1 + att_stream_below(&s, 0, (uint32_t)m->l);
    }
    return ATT_OK;
}

static void tokens_gauss(const struct seq_maker *m, size_t j, double *x)
{
    att_seq_gauss(m, j, 0, m->length[j], x);
}

static void tokens_unif(const struct seq_maker *m, size_t j, double *x)
{
    for (size_t i = 0; i < m->length[j]; i++) {
        const struct att_stream s = att_seq_stream(m, SEQ_TOKEN, i, j);

        for (size_t k = 0; k < m->d; k++)
            x[i * m->d + k] = att_stream_uniform(&s, k);
    }
}

/* Tokens on one line through the origin. */
static void tokens_collinear(const struct seq_maker *m, size_t j, double *x)
{
    for (size_t i = 0; i < m->length[j]; i++) {
        const struct att_stream s = att_seq_stream(m, SEQ_TOKEN, i, j);
        const double z = att_stream_normal(&s, 0);

        att_seq_direction(m, 0, x + i * m->d);
        for (size_t k = 0; k < m->d; k++)
            x[i * m->d + k] *= z;
    }
}

enum { DUP_COPIES = 3 };

static att_status lengths_dup(struct seq_maker *m, struct att_error *err)
{
    const size_t different = m->l / DUP_COPIES > 0 ? m->l / DUP_COPIES : 1;

    (void)err;
    for (size_t j = 0; j < m->n; j++)
        m->length[j] = DUP_COPIES * different;
    return ATT_OK;
}

static void tokens_dup(const struct seq_maker *m, size_t j, double *x)
{
    for (size_t i = 0; i < m->length[j]; i += DUP_COPIES) {
        att_seq_gauss(m, j, i / DUP_COPIES, 1, x + i * m->d);
        for (size_t copy = 1; copy < DUP_COPIES; copy++)
            memcpy(x + (i + copy) * m->d, x + i * m->d, m->d * sizeof *x);
    }
}

static att_status lengths_origin(struct seq_maker *m, struct att_error *err)
{
    (void)err;
    for (size_t j = 0; j < m->n; j++)
        m->length[j] = m->l + 1;
    return ATT_OK;
}

static void tokens_origin(const struct seq_maker *m, size_t j, double *x)
{
    memset(x, 0, m->d * sizeof *x);
    att_seq_gauss(m, j, 0, m->l, x + m->d);
}

/* One base sequence for all; in each, one token moves by eps. */
static att_status lengths_near(struct seq_maker *m, struct att_error *err)
{
    ATT_TRY(att_seq_share(m, m->l, err));
    return lengths_all(m, err);
}

static void tokens_near(const struct seq_maker *m, size_t j, double *x)
{
    const struct att_stream s = att_seq_stream(m, SEQ_PICK, 0, j);
    const size_t moved = att_stream_below(&s, 0, (uint32_t)m->l);
    double *y = x + moved * m->d;

    att_seq_direction(m, j, y);
    for (size_t i = 0; i < m->l; i++) {
        if (i != moved)
            memcpy(x + i * m->d, m->shared + i * m->d, m->d * sizeof *x);
    }
    for (size_t k = 0; k < m->d; k++)
        y[k] = m->shared[moved * m->d + k] + m->eps * y[k];
}

const struct seq_kind att_seq_plain_kinds[] = {
    {"gauss", lengths_all, tokens_gauss},
    {"mixed", lengths_mixed, tokens_gauss},
    {"unif", lengths_all, tokens_unif},
    {"collinear", lengths_mixed, tokens_collinear},
    {"dup", lengths_dup, tokens_dup},
    {"origin", lengths_origin, tokens_origin},
    {"near", lengths_near, tokens_near},
    {NULL, NULL, NULL},
};
