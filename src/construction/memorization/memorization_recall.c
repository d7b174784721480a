/* memorization_recall.c - every position asked again with the tokens of its
 * sequence in a fresh order (under the causal mask in their own), sums taken
 * in that order. */
#include "memorization_config_priv.h"

#include <math.h>
#include <string.h>

#include "attest/base/clock.h"

struct recall {
    const struct mem_trial *t;
    uint32_t *order;    /* [L] tokens of the sequence as they come */
    struct att_dd *row; /* [L] their p */
    size_t ids_right, labels_right, sequences_right;
    double order_noise; /* largest |z - z(permuted)|; NaN once a z is none */
    double error;       /* largest distance from the referee; likewise */
    size_t stride;      /* the referee sees every stride-th position */
};

static void shuffle(const struct recall *r, size_t sequence)
{
    const struct mem_data *data = &r->t->b->data;
    const size_t l = data->in->l;
    const struct att_stream s =
        att_builder_stream(r->t->ws, MEM_PERMUTATION, 0, (uint32_t)sequence);

    for (size_t i = 0; i < l; i++)
        r->order[i] = (uint32_t)i;
    if (!data->causal)
        att_stream_shuffle(&s, r->order, l);
}

static bool same_label(const struct mem_data *data, size_t position,
                       uint32_t id)
{
    const size_t d_out = data->in->d_out;

    return memcmp(data->in->label + position * d_out,
                  data->in->label + data->place[id] * d_out,
                  d_out * sizeof *data->in->label) == 0;
}

/* The larger of two numbers; NaN once and for all when one is. */
static double larger(double a, double b)
{
    return isnan(a) || a > b ? a : b;
}

static void note_errors(struct recall *r, size_t position, size_t n,
                        struct att_dd pk, struct att_dd z)
{
    const struct mem_trial *t = r->t;
    const struct att_dd plain = t->z[t->b->data.id_of[position]];
    const double moved = fabs(att_dd_sub(z, plain).hi);
    struct mem_typed wide = t->typed;

    r->order_noise = larger(r->order_noise, moved);
    if (position % r->stride != 0 || t->typed.dtype == MEM_DD)
        return;
    wide.dtype = MEM_DD;
    const struct att_dd truth = att_mem_typed_z(&wide, r->row, n, pk);

    r->error = larger(r->error, fabs(att_dd_sub(z, truth).hi));
}

static bool recall_position(struct recall *r, size_t sequence, size_t i)
{
    const struct mem_trial *t = r->t;
    const struct mem_data *data = &t->b->data;
    const size_t n = data->causal ? i + 1 : data->in->l;
    const size_t position = sequence * data->in->l + r->order[i];
    const struct att_dd pk = r->row[i];
    const struct att_dd z = att_mem_typed_z(&t->typed, r->row, n, pk);
    const uint32_t id = att_mem_lookup_find(&t->lookup, z);
    const bool sane = !isnan(z.hi);
    const bool right = sane && same_label(data, position, id);

    r->ids_right += sane && id == data->id_of[position];
    r->labels_right += right;
    note_errors(r, position, n, pk, z);
    return right;
}

static void recall_sequence(struct recall *r, size_t sequence)
{
    const struct mem_data *data = &r->t->b->data;
    const size_t l = data->in->l;
    bool all = true;

    shuffle(r, sequence);
    for (size_t i = 0; i < l; i++)
        r->row[i] = r->t->p[data->tid[sequence * l + r->order[i]]];
    for (size_t i = 0; i < l; i++)
        all = recall_position(r, sequence, i) && all;
    r->sequences_right += all;
}

static void report(const struct recall *r)
{
    const struct mem_trial *t = r->t;
    const double n = (double)t->b->data.in->n, l = (double)t->b->data.in->l;
    const double u = ldexp(1.0, -att_mem_dtype_bits(t->typed.dtype));

    att_out_real(t->out, MEM_M_ID_ACC, (double)r->ids_right / (n * l));
    att_out_real(t->out, MEM_M_LABEL_ACC, (double)r->labels_right / (n * l));
    att_out_real(t->out, MEM_M_SEQ_ACC, (double)r->sequences_right / n);
    if (isfinite(r->order_noise) && !t->b->data.causal) {
        att_out_real(t->out, MEM_M_ORDER_NOISE,
                     r->order_noise / (u * t->b->build.max_z));
    }
    if (isfinite(r->error) && t->typed.dtype != MEM_DD)
        att_out_real(t->out, MEM_M_E_MEASURED, r->error);
}

static double time_lookup(const struct mem_trial *t)
{
    const size_t n = t->b->data.in->n * t->b->data.in->l;
    const double start = att_clock_s();
    uint32_t last = 0;

    for (size_t i = 0; i < n; i++)
        last ^= att_mem_lookup_find(&t->lookup, t->z[t->b->data.id_of[i]]);
    return att_clock_s() - start + (last == UINT32_MAX ? 1e-9 : 0.0);
}

/* Pairs of tokens that the referee may look at. */
enum { REFEREE_WORK = 200000 };

att_status att_mem_measure_recall(const struct mem_trial *t,
                                  struct att_error *err)
{
    struct att_arena *arena = t->ws->arena;
    const struct att_arena_mark mark = att_arena_mark(arena);
    const size_t l = t->b->data.in->l;
    struct recall r = {.t = t,
                       .order = ATT_NEW(arena, uint32_t, l),
                       .row = ATT_NEW(arena, struct att_dd, l),
                       .stride =
                           1 + (size_t)(t->b->data.ids.n_pairs / REFEREE_WORK)};

    if (r.order == NULL || r.row == NULL)
        return att_arena_fail(arena, "a permuted sequence", err);
    for (size_t j = 0; j < t->b->data.in->n; j++)
        recall_sequence(&r, j);
    report(&r);
    att_out_real(t->out, MEM_M_T_FFN, time_lookup(t));
    att_arena_rewind(arena, mark);
    return ATT_OK;
}
