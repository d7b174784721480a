/* selection_audit.c - facts that hold for every network, checked on this one. */
#include <string.h>

#include "selection_columns_priv.h"

enum { SAMPLES = 4 };
enum { TAG_MIRROR = 17 };

/* ---- two numbers against the gradient's trace --------------------------------------- */

static double relative(double a, double b)
{
    const double scale = fmax(fabs(a), fabs(b));

    return scale > 0.0 ? fabs(a - b) / scale : 0.0;
}

/* At V = alpha [I 0], C = gamma I, on the same samples. */
static att_status pair_gap(const struct sel_law *law, struct sel_batch *batch,
                           struct sel_pair at, struct att_arena *arena,
                           double *gap, struct att_error *err)
{
    const size_t de = law->de;
    struct sel_step x = {.law = law, .batch = batch};
    double *scratch = ATT_NEW(arena, double, att_sel_pair_room(law));
    double trace = 0.0;

    x.at.V = att_mat_new(arena, 1, 1);
    x.at.W = att_mat_new(arena, de, de);
    x.gradient.V = att_mat_new(arena, 1, 1);
    x.gradient.W = att_mat_new(arena, de, de);
    if (scratch == NULL || att_arena_refused(arena) != 0)
        return att_arena_fail(arena, "an audit", err);
    ATT_TRY(att_sel_work_new(law, batch, SEL_RB, arena, &x.work, err));
    x.at.V.data[0] = at.alpha;
    for (size_t j = 0; j < de; j++)
        att_mat_row(x.at.W, j)[j] = at.gamma;
    (void)att_sel_rb(&x);
    for (size_t j = 0; j < de; j++)
        trace += att_mat_row(x.gradient.W, j)[j] / (double)de;
    const struct sel_pair_step pair =
        att_sel_pair_step(law, batch, at, scratch);

    *gap = fmax(relative(pair.d_alpha, x.gradient.V.data[0]),
                fabs(pair.d_gamma - trace) / (fabs(trace) + 1e-6));
    return ATT_OK;
}

/* ---- signed permutations --------------------------------------------------------------- */

/* A permutation of n coordinates and their signs. */
struct mirror {
    uint32_t *to;
    double *sign;
};

static att_status make_mirror(uint64_t seed, size_t n, struct att_arena *arena,
                              struct mirror *m, struct att_error *err)
{
    const struct att_stream s = att_stream(seed, TAG_MIRROR, 0, 0);

    m->to = ATT_NEW(arena, uint32_t, n);
    m->sign = ATT_NEW(arena, double, n);
    if (m->to == NULL || m->sign == NULL)
        return att_arena_fail(arena, "a permutation", err);
    for (uint32_t j = 0; j < n; j++)
        m->to[j] = j;
    for (uint32_t j = 0; j < n; j++) {
        const uint32_t r = j + att_stream_below(&s, j, (uint32_t)n - j);
        const uint32_t kept = m->to[j];

        m->to[j] = m->to[r];
        m->to[r] = kept;
        m->sign[j] = (att_stream_word(&s, n + j) & 1) != 0 ? 1.0 : -1.0;
    }
    return ATT_OK;
}

/* out = columns first .. of m, moved and signed: m Q. */
static void turn_columns(const struct mirror *q, struct att_mat m, size_t first,
                         struct att_mat out)
{
    for (size_t i = 0; i < m.rows; i++) {
        const double *from = att_mat_row(m, i);
        double *to = att_mat_row(out, i);

        memcpy(to, from, first * sizeof *to);
        for (size_t j = first; j < m.cols; j++)
            to[first + q->to[j - first]] = q->sign[j - first] * from[j];
    }
}

/* out = rows first .. of m, moved and signed: Q^T m. */
static void turn_rows(const struct mirror *q, struct att_mat m, size_t first,
                      struct att_mat out)
{
    for (size_t i = 0; i < m.rows; i++) {
        const size_t at = i < first ? i : first + q->to[i - first];
        const double sign = i < first ? 1.0 : q->sign[i - first];

        for (size_t j = 0; j < m.cols; j++)
            att_mat_row(out, at)[j] = sign * att_mat_row(m, i)[j];
    }
}

/* The same samples with encodings E Q, as numbers. */
static att_status turn_batch(const struct sel_law *law,
                             const struct sel_batch *batch,
                             const struct mirror *q, struct att_arena *arena,
                             struct sel_batch *out, struct att_error *err)
{
    const size_t n_codes = batch->own ? batch->n : 1;

    *out = *batch;
    out->codes = ATT_NEW(arena, struct sel_codes, n_codes);
    if (out->codes == NULL)
        return att_arena_fail(arena, "turned encodings", err);
    for (size_t b = 0; b < n_codes; b++) {
        struct sel_law dense = *law;
        struct att_mat plain = att_mat_new(arena, batch->L, law->de);

        dense.pe = SEL_SPE_GAUSS;
        ATT_TRY(
            att_sel_codes_new(&dense, batch->L, arena, &out->codes[b], err));
        if (plain.data == NULL)
            return att_arena_fail(arena, "turned encodings", err);
        out->codes[b].n = batch->L;
        att_sel_codes_all(&batch->codes[b], plain);
        turn_columns(
            q, plain, 0,
            (struct att_mat){out->codes[b].dense, batch->L, law->de, law->de});
    }
    return ATT_OK;
}

static double loss_of(struct sel_step *x, bool out)
{
    return out ? att_sel_rb(x).loss : att_sel_full(x).loss;
}

static att_status open_step(const struct sel_law *law,
                            const struct sel_batch *batch,
                            const struct sel_net *net, struct att_arena *arena,
                            struct sel_step *x, struct att_error *err)
{
    const size_t d = net->out ? 1 : net->d;
    const size_t D = net->out ? net->de : net->d + net->de;

    *x = (struct sel_step){
        .law = law, .batch = batch, .step = ATT_SELECTION_FRESH};
    x->at.V = att_mat_new(arena, d, net->out ? 1 : D);
    x->at.W = att_mat_new(arena, D, net->de);
    x->gradient.V = att_mat_new(arena, d, net->out ? 1 : D);
    x->gradient.W = att_mat_new(arena, D, net->de);
    if (att_arena_refused(arena) != 0)
        return att_arena_fail(arena, "an audit", err);
    return att_sel_work_new(law, batch, net->out ? SEL_RB : SEL_FULL, arena,
                            &x->work, err);
}

static void put_weights(const struct sel_net *net, struct sel_step *x)
{
    if (net->out) {
        x->at.V.data[0] = net->alpha;
    } else {
        memcpy(x->at.V.data, net->V.data,
               net->V.rows * net->V.cols * sizeof(double));
    }
    memcpy(x->at.W.data, net->W.data,
           net->W.rows * net->W.cols * sizeof(double));
}

/* Weights V -> [V1, V2 Q], W -> [Bx Q; Q^T C Q] see encodings E Q as V, W see
 * E: the loss stays. */
static att_status mirror_gap(const struct sel_law *law,
                             const struct sel_batch *batch,
                             const struct sel_net *net, struct att_arena *arena,
                             double *gap, struct att_error *err)
{
    const size_t first = net->out ? 0 : net->d;
    struct sel_batch turned;
    struct sel_step plain, other;
    struct mirror q;
    struct att_mat half = att_mat_new(arena, net->W.rows, net->de);

    if (half.data == NULL)
        return att_arena_fail(arena, "an audit", err);
    ATT_TRY(make_mirror(law->seed, net->de, arena, &q, err));
    ATT_TRY(turn_batch(law, batch, &q, arena, &turned, err));
    ATT_TRY(open_step(law, batch, net, arena, &plain, err));
    ATT_TRY(open_step(law, &turned, net, arena, &other, err));
    put_weights(net, &plain);
    put_weights(net, &other);
    if (!net->out)
        turn_columns(&q, net->V, first, other.at.V);
    turn_columns(&q, net->W, 0, half);
    turn_rows(&q, half, first, other.at.W);
    *gap = relative(loss_of(&plain, net->out), loss_of(&other, net->out));
    return ATT_OK;
}

/* ---- prefixes --------------------------------------------------------------------------- */

static att_status prefixes(const struct sel_law *law, struct att_arena *arena,
                           bool *same, struct att_error *err)
{
    const size_t L = law->task.L, d = law->task.d;
    const size_t most = law->pe == SEL_ONEHOT ? L
                        : law->pe == SEL_POOL ? law->pool
                                              : 2 * L;
    const size_t longer = most < 2 * L ? most : 2 * L;
    double *x = ATT_NEW(arena, double, L *d);
    double *z = ATT_NEW(arena, double, longer *d);
    double *e = ATT_NEW(arena, double, 2 * law->de);
    struct sel_codes codes, more;

    if (x == NULL || z == NULL || e == NULL)
        return att_arena_fail(arena, "an audit", err);
    ATT_TRY(att_sel_codes_new(law, L, arena, &codes, err));
    ATT_TRY(att_sel_codes_new(law, longer, arena, &more, err));
    att_sel_codes_draw(law, ATT_SELECTION_FRESH, 1, 0, L, &codes);
    att_sel_codes_draw(law, ATT_SELECTION_FRESH, 1, 0, longer, &more);
    att_selection_tokens(&law->task, ATT_SELECTION_FRESH, 1, L, x);
    att_selection_tokens(&law->task, ATT_SELECTION_FRESH, 1, longer, z);
    *same = memcmp(x, z, L * d * sizeof *x) == 0;
    for (size_t i = 0; i < L; i++) {
        att_sel_codes_row(&codes, i, e);
        att_sel_codes_row(&more, i, e + law->de);
        *same = *same && memcmp(e, e + law->de, law->de * sizeof *e) == 0;
    }
    return ATT_OK;
}

att_status att_sel_audit(const struct sel_trained *t, struct att_arena *scratch,
                         struct sel_audit *out, struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(scratch);
    const struct sel_pair at = {t->last.gauges.alpha, t->last.gauges.gamma};
    const struct sel_law law = t->law;
    struct sel_batch batch;

    ATT_TRY(att_sel_batch_new(&law, SAMPLES, law.task.L, scratch, &batch, err));
    ATT_TRY(att_sel_batch_draw(&law, ATT_SELECTION_FRESH, 0, &batch, err));
    ATT_TRY(pair_gap(&law, &batch, at, scratch, &out->pair_gap, err));
    ATT_TRY(mirror_gap(&law, &batch, &t->net, scratch, &out->mirror_gap, err));
    ATT_TRY(prefixes(&law, scratch, &out->prefix, err));
    att_arena_rewind(scratch, mark);
    return ATT_OK;
}

double att_sel_tempered(double gamma, double L, double q, double L_test)
{
    return gamma + log((L_test - q) / (L - q));
}
