/* selection_probe.c - sampled evaluation, in double precision. */
#include "selection_probe_priv.h"

#include <string.h>

#include "attest/base/statistics.h"
#include "attest/linalg/blas.h"
#include "attest/linalg/vector.h"

/* Room for one sample and what is added up. */
struct probing {
    const struct sel_probe *probe;
    struct sel_batch batch; /* of one sample */
    size_t L, keys, d, de;
    struct sel_set set; /* of the sample */
    double *et, *p;     /* [de], [D] */
    double *a, *s;      /* [keys] */
    double *rho;        /* [L] */
    double *t;          /* [keys] weights of the hard choice */
    double *x;          /* [L, d] tokens, or NULL */
    double *h, *f, *g;  /* [D], [d], [d] */
    double *error;      /* [n] |f - g|^2 */
    double hard, ff, fg, gg, mass, cv, bound;
    double tokens, tokens_square, difference_square;
    double gain, gain_square;
    size_t exact;
};

/* Products of an output and its target. */
struct products {
    double error, ff, fg, gg;
};

/* ---- room ------------------------------------------------------------------------ */

static bool needs_tokens(const struct sel_probe *p)
{
    return !p->net->out || p->tokens;
}

static att_status open_probing(const struct sel_probe *probe,
                               struct att_arena *arena, struct probing *k,
                               struct att_error *err)
{
    const struct sel_law *law = probe->law;
    const size_t L = law->task.L, d = law->task.d, de = law->de;
    const size_t keys = att_sel_keys(law, L);

    *k = (struct probing){
        .probe = probe, .L = L, .keys = keys, .d = d, .de = de};
    k->et = ATT_NEW(arena, double, de);
    k->p = ATT_NEW0(arena, double, d + de);
    k->a = ATT_NEW(arena, double, keys);
    k->s = ATT_NEW(arena, double, keys);
    k->rho = ATT_NEW(arena, double, L);
    k->t = ATT_NEW(arena, double, keys);
    k->x = needs_tokens(probe) ? ATT_NEW(arena, double, L *d) : NULL;
    k->h = ATT_NEW(arena, double, d + de);
    k->f = ATT_NEW(arena, double, d);
    k->g = ATT_NEW(arena, double, d);
    k->error = ATT_NEW(arena, double, probe->n);
    if (att_arena_refused(arena) != 0)
        return att_arena_fail(arena, "the room of an evaluation", err);
    return att_sel_batch_new(law, 1, L, arena, &k->batch, err);
}

/* ---- one sample ------------------------------------------------------------------- */

static const struct sel_codes *codes_of(const struct probing *k)
{
    return &k->batch.codes[0];
}

/* rho_i = <e_i, et>, logits a. */
static void score(struct probing *k)
{
    const struct sel_net *net = k->probe->net;
    double *code_part = net->out ? k->p : k->p + k->d;

    att_sel_batch_query(k->probe->law, &k->batch, 0, k->et);
    att_sel_codes_apply(codes_of(k), k->et, k->rho);
    att_gemv(net->W, false, k->et, 0.0, k->p);
    att_sel_codes_apply(codes_of(k), code_part, k->a);
    for (size_t i = 0; i < k->L && !net->out; i++)
        k->a[i] += att_dot(k->d, k->x + i * k->d, k->p);
    if (k->keys > k->L)
        k->a[k->L] = att_dot(k->de, k->et, code_part);
    for (size_t i = 0; i < k->keys; i++)
        k->a[i] *= k->probe->factor;
}

static void softmax(struct probing *k)
{
    const size_t n = k->keys;
    const double most = att_max(n, k->a);

    for (size_t i = 0; i < n; i++)
        k->s[i] = k->a[i] - most;
    att_vexp(n, k->s, k->s);
    const double by = 1.0 / att_sum(n, k->s);

    for (size_t i = 0; i < n; i++)
        k->s[i] *= by;
}

/* sum_i w_i z_i, and f = V of it. */
static void attend(struct probing *k, const double *w)
{
    const struct sel_net *net = k->probe->net;

    att_gemv(att_mat_view(k->x, k->L, k->d), true, w, 0.0, k->h);
    if (net->out) {
        for (size_t a = 0; a < k->d; a++)
            k->f[a] = net->alpha * k->h[a];
        return;
    }
    att_sel_codes_combine(codes_of(k), w, k->h + k->d);
    if (k->keys > k->L)
        att_axpy(k->de, w[k->L], k->et, k->h + k->d);
    att_gemv(net->V, false, k->h, 0.0, k->f);
}

static struct products compare(const struct probing *k)
{
    struct products r = {0};

    for (size_t a = 0; a < k->d; a++) {
        const double miss = k->f[a] - k->g[a];

        r.error += miss * miss;
        r.ff += k->f[a] * k->f[a];
        r.fg += k->f[a] * k->g[a];
        r.gg += k->g[a] * k->g[a];
    }
    return r;
}

/* The same with the tokens integrated out: no difference of near numbers. */
static struct products integrate(const struct probing *k, const double *w)
{
    const double alpha = k->probe->net->alpha, u = 1.0 / (double)k->set.q;
    const double d = (double)k->d;
    const uint32_t *y = k->set.y;
    double square = 0.0, in = 0.0, miss = 0.0;
    size_t next = 0;

    for (size_t i = 0; i < k->L; i++) {
        if (next < k->set.q && y[next] == i) {
            miss += (alpha * w[i] - u) * (alpha * w[i] - u);
            in += w[i];
            next++;
        } else {
            miss += alpha * alpha * w[i] * w[i];
        }
        square += w[i] * w[i];
    }
    return (struct products){d * miss, d * alpha * alpha * square,
                             d * alpha * in * u, d * u};
}

static struct products measure(struct probing *k, const double *w)
{
    if (k->probe->net->out)
        return integrate(k, w);
    attend(k, w);
    return compare(k);
}

/* ---- what is read off the logits ----------------------------------------------------- */

struct spread {
    double least_in, most_out, most_overlap;
};

static struct spread spread_of(const struct probing *k)
{
    struct spread r = {(double)INFINITY, -(double)INFINITY, -(double)INFINITY};
    size_t next = 0;

    for (size_t i = 0; i < k->L; i++) {
        if (next < k->set.q && k->set.y[next] == i) {
            r.least_in = fmin(r.least_in, k->a[i]);
            next++;
        } else {
            r.most_out = fmax(r.most_out, k->a[i]);
            r.most_overlap = fmax(r.most_overlap, k->rho[i]);
        }
    }
    if (k->keys > k->L)
        r.most_out = fmax(r.most_out, k->a[k->L]);
    return r;
}

/* t = 1/q on the q largest logits, the first of equals. */
static void choose(struct probing *k, bool exact)
{
    const size_t n = k->keys;

    memset(k->t, 0, n * sizeof *k->t);
    for (size_t c = 0; c < k->set.q; c++) {
        size_t best = n;

        for (size_t i = 0; i < n && !exact; i++) {
            if (k->t[i] == 0.0 && (best == n || k->a[i] > k->a[best]))
                best = i;
        }
        k->t[exact ? k->set.y[c] : best] = 1.0 / (double)k->set.q;
    }
}

/* Mass and evenness of the attention on y. */
static void add_mass(struct probing *k, struct sel_scores *out)
{
    const double q = (double)k->set.q;
    double mass = 0.0, square = 0.0;

    for (size_t c = 0; c < k->set.q; c++)
        mass += k->s[k->set.y[c]];
    for (size_t c = 0; c < k->set.q; c++) {
        const double off = k->s[k->set.y[c]] - mass / q;

        square += off * off;
    }
    k->mass += mass;
    k->cv += mass > 0.0 ? sqrt(square / q) / (mass / q) : 0.0;
    out->mass_in_min = fmin(out->mass_in_min, mass);
}

/* ---- adding up -------------------------------------------------------------------------- */

/* The loss by drawn tokens, and what label noise adds to it. */
static void add_tokens(struct probing *k, uint32_t b, double integrated)
{
    const struct att_selection *task = &k->probe->law->task;
    const struct att_stream noise =
        att_stream(task->seed, ATT_SEL_TAG_NOISE, ATT_SELECTION_FRESH, b);
    double gain = 0.0;

    attend(k, k->s);
    const struct products r = compare(k);
    const double difference = 0.5 * (r.error - integrated);

    for (size_t a = 0; a < k->d; a++) {
        const double e = task->noise_sd * att_stream_normal(&noise, a);

        gain += 0.5 * e * e - (k->f[a] - k->g[a]) * e;
    }
    k->tokens += 0.5 * r.error;
    k->tokens_square += difference;
    k->difference_square += difference * difference;
    k->gain += gain;
    k->gain_square += gain * gain;
}

static void add_bound(struct probing *k, const struct spread *r)
{
    const double others = (double)(k->L - k->set.q);
    const double delta = others / (double)k->set.q *
                         exp(-k->probe->gamma * (1.0 - r->most_overlap));

    k->bound += delta * delta * (double)k->L / others;
}

static void target(const struct probing *k)
{
    struct att_selection task = k->probe->law->task;

    task.q = k->set.q;
    att_selection_target(&task, k->x, k->set.y, k->g);
}

static att_status add_sample(struct probing *k, uint32_t b,
                             struct sel_scores *out, struct att_error *err)
{
    const struct sel_law *law = k->probe->law;

    ATT_TRY(att_sel_batch_draw(law, ATT_SELECTION_FRESH, b, &k->batch, err));
    k->set = att_sel_batch_set(law, &k->batch, 0);
    if (k->x != NULL) {
        att_selection_tokens(&law->task, ATT_SELECTION_FRESH, b, k->L, k->x);
        target(k);
    }
    score(k);
    softmax(k);
    const struct spread r = spread_of(k);
    const bool exact = r.least_in > r.most_out;
    const struct products soft = measure(k, k->s);

    k->error[b] = soft.error;
    k->ff += soft.ff;
    k->fg += soft.fg;
    k->gg += soft.gg;
    k->exact += exact;
    out->margin = fmin(out->margin, r.least_in - r.most_out);
    out->overlap = fmax(out->overlap, r.most_overlap);
    add_mass(k, out);
    add_bound(k, &r);
    if (k->x != NULL)
        add_tokens(k, b, soft.error);
    choose(k, exact);
    k->hard += measure(k, k->t).error;
    return ATT_OK;
}

/* Standard error of the mean of n numbers of this sum and sum of squares. */
static double standard_error(double n, double sum, double square)
{
    return n > 1.0 ? sqrt(fmax(0.0, square / n - sum / n * sum / n) / (n - 1.0))
                   : (double)NAN;
}

static void finish(struct probing *k, struct sel_scores *out)
{
    const double n = (double)k->probe->n;
    const double unit = (double)k->d / att_sel_set_size(k->probe->law);
    double sum = 0.0, square = 0.0;

    for (size_t b = 0; b < k->probe->n; b++) {
        sum += k->error[b];
        square += k->error[b] * k->error[b];
    }
    (void)att_sort(k->error, k->probe->n);
    out->loss = 0.5 * sum / n;
    out->rel_err = sum / n / unit;
    out->se = standard_error(n, sum, square) / unit;
    out->median = att_quantile(k->error, k->probe->n, 0.5) / unit;
    out->p99 = att_quantile(k->error, k->probe->n, 0.99) / unit;
    out->rel_hard = k->hard / n / unit;
    out->rel_refit = k->ff > 0.0
                         ? fmax(0.0, k->gg - k->fg * k->fg / k->ff) / n / unit
                         : k->gg / n / unit;
    out->mass_in = k->mass / n;
    out->cv = k->cv / n;
    out->exact = (double)k->exact / n;
    out->bound = k->bound / n;
    out->loss_tokens = k->tokens / n;
    out->loss_tokens_se =
        standard_error(n, k->tokens_square, k->difference_square);
    out->noise_gain = k->gain / n;
    out->noise_gain_se = standard_error(n, k->gain, k->gain_square);
    out->n_redraw = k->batch.n_redraw;
}

att_status att_sel_probe(const struct sel_probe *probe,
                         struct att_arena *scratch, struct sel_scores *out,
                         struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(scratch);
    struct sel_scores r = {.mass_in_min = 1.0,
                           .margin = (double)INFINITY,
                           .overlap = -(double)INFINITY};
    struct probing k;

    ATT_TRY(open_probing(probe, scratch, &k, err));
    for (uint32_t b = 0; b < probe->n; b++)
        ATT_TRY(add_sample(&k, b, &r, err));
    finish(&k, &r);
    att_arena_rewind(scratch, mark);
    *out = r;
    return ATT_OK;
}

/* ---- export ------------------------------------------------------------------------------- */

/* z_i = [x_i, e_i], and last [0, et]. */
static void put_inputs(const struct probing *k, double *inputs)
{
    const size_t D = k->d + k->de;

    for (size_t i = 0; i < k->L; i++) {
        memcpy(inputs + i * D, k->x + i * k->d, k->d * sizeof *inputs);
        att_sel_codes_row(codes_of(k), i, inputs + i * D + k->d);
    }
    memset(inputs + k->L * D, 0, k->d * sizeof *inputs);
    memcpy(inputs + k->L * D + k->d, k->et, k->de * sizeof *inputs);
}

att_status att_sel_forward(const struct sel_law *law, const struct sel_net *net,
                           uint32_t b, struct att_arena *scratch,
                           const struct sel_sample *out, struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(scratch);
    const struct sel_probe probe = {law, net, 1, 1.0, true, 0.0};
    struct probing k;

    ATT_TRY(open_probing(&probe, scratch, &k, err));
    ATT_TRY(att_sel_batch_draw(law, ATT_SELECTION_FRESH, b, &k.batch, err));
    att_selection_tokens(&law->task, ATT_SELECTION_FRESH, b, k.L, k.x);
    score(&k);
    softmax(&k);
    attend(&k, k.s);
    memcpy(out->f, k.f, k.d * sizeof *out->f);
    put_inputs(&k, out->inputs);
    att_arena_rewind(scratch, mark);
    return ATT_OK;
}

/* ---- gauges ------------------------------------------------------------------------------- */

static double square_of(struct att_mat m, size_t rows, size_t first,
                        size_t cols)
{
    double sum = 0.0;

    for (size_t i = 0; i < rows; i++) {
        for (size_t j = first; j < first + cols; j++)
            sum += att_mat_row(m, i)[j] * att_mat_row(m, i)[j];
    }
    return sum;
}

size_t att_sel_used(const struct sel_law *law)
{
    return law->pe == SEL_ONEHOT ? law->task.L : law->de;
}

/* Of C, rows `first` on: its sum of squares, and over its first `used`
 * coordinates the mean diagonal and the mean off it. */
struct block {
    double diagonal, other, square;
};

static struct block block_of(struct att_mat m, size_t first, size_t used)
{
    const double n = (double)used;
    struct block r = {0};

    for (size_t i = 0; i < m.cols; i++) {
        const double *row = att_mat_row(m, first + i);

        for (size_t j = 0; j < m.cols; j++) {
            r.square += row[j] * row[j];
            if (i >= used || j >= used)
                continue;
            if (i == j) {
                r.diagonal += row[j] / n;
            } else {
                r.other += row[j] / (n * (n - 1.0));
            }
        }
    }
    return r;
}

struct sel_gauges att_sel_gauges(const struct sel_net *net,
                                 const struct sel_law *law)
{
    const double d = (double)net->d, de = (double)net->de;
    const double used = (double)att_sel_used(law);
    const struct block c =
        block_of(net->W, net->out ? 0 : net->d, att_sel_used(law));
    const double trace = used * c.diagonal;
    struct sel_gauges r = {.alpha = net->alpha, .gamma = c.diagonal};
    double v_square = d * net->alpha * net->alpha;

    if (!net->out) {
        r.alpha = 0.0;
        for (size_t a = 0; a < net->d; a++)
            r.alpha += att_mat_row(net->V, a)[a] / d;
        r.V2 = sqrt(square_of(net->V, net->d, net->d, net->de));
        r.Bx = sqrt(square_of(net->W, net->d, 0, net->de));
        v_square = square_of(net->V, net->d, 0, net->d + net->de);
    }
    r.Coff = sqrt(fmax(0.0, c.square - trace * trace / de));
    r.cosV = r.alpha * sqrt(d) / sqrt(v_square);
    r.cosW = trace / sqrt(de * (c.square + r.Bx * r.Bx));
    if (law->pe == SEL_ONEHOT)
        r.gamma = c.diagonal - c.other;
    return r;
}
