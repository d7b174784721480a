/* selection_probe.c - sampled evaluation, in double precision. */
#include "selection_probe_priv.h"

#include <string.h>

#include "attest/base/statistics.h"
#include "attest/linalg/blas.h"
#include "attest/linalg/vector.h"
#include "attest/model/arithmetic.h"

/* Room for one sample and what is added up. */
struct probing {
    const struct sel_probe *probe;
    struct sel_batch batch; /* of one sample */
    size_t L, keys, d, de;
    struct sel_set set; /* of the sample */
    double *et, *p;     /* [de], [D] */
    double *a, *s;      /* [keys] */
    double *near, *r;   /* [keys] rounded logits and their weights */
    double *rho;        /* [L] */
    double *v;          /* [2, L] scratch of tokens that correlate */
    double *t;          /* [keys] weights of the hard choice */
    double *x;          /* [L, d] tokens, or NULL */
    double *h, *f, *g;  /* [D], [d], [d] */
    double *error;      /* [n] |f - g|^2 */
    double hard, ff, fg, gg, mass, cv, bound;
    double tokens, tokens_square, difference_square;
    double gain, gain_square;
    struct rounding {
        double error, move; /* sums of |f - g|^2, and of its largest change */
    } bf16, int8;
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
    k->v = ATT_NEW(arena, double, 2 * L);
    k->t = ATT_NEW(arena, double, keys);
    k->near = ATT_NEW(arena, double, keys);
    k->r = ATT_NEW(arena, double, keys);
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

static void softmax(size_t n, const double *a, double *s)
{
    const double most = att_max(n, a);

    for (size_t i = 0; i < n; i++)
        s[i] = a[i] - most;
    att_vexp(n, s, s);
    const double by = 1.0 / att_sum(n, s);

    for (size_t i = 0; i < n; i++)
        s[i] *= by;
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

/* The same for tokens that correlate. */
static struct products integrate_correlated(const struct probing *k,
                                            const double *w)
{
    const double alpha = k->probe->net->alpha, u = 1.0 / (double)k->set.q;
    const double rho = k->probe->law->task.rho, d = (double)k->d;
    double *v = k->v, *to = k->v + k->L;
    struct products r = {0};

    att_sel_correlate(rho, k->L, w, to);
    r.ff = d * alpha * alpha * att_dot(k->L, w, to);
    for (size_t c = 0; c < k->set.q; c++)
        r.fg += d * alpha * u * to[k->set.y[c]];
    memset(v, 0, k->L * sizeof *v);
    for (size_t c = 0; c < k->set.q; c++)
        v[k->set.y[c]] = -u;
    att_sel_correlate(rho, k->L, v, to);
    r.gg = d * att_dot(k->L, v, to);
    for (size_t i = 0; i < k->L; i++)
        v[i] += alpha * w[i];
    att_sel_correlate(rho, k->L, v, to);
    r.error = d * att_dot(k->L, v, to);
    return r;
}

static bool is_correlated(const struct probing *k)
{
    return k->probe->law->task.data == ATT_SELECTION_AR1;
}

static struct products measure(struct probing *k, const double *w)
{
    if (k->probe->net->out && is_correlated(k))
        return integrate_correlated(k, w);
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

/* ---- logits of few bits ---------------------------------------------------------------- */

/* near = a in bfloat16. */
static void round_bf16(struct probing *k)
{
    static const struct att_arithmetic BF16 = {ATT_ARITHMETIC_ROUNDED, 8, -126,
                                               127};

    memcpy(k->near, k->a, k->keys * sizeof *k->near);
    att_arithmetic_round_all(&BF16, k->keys, k->near);
}

/* near = a in steps of max |a| / 127. */
static void round_int8(struct probing *k)
{
    double most = 0.0;

    for (size_t i = 0; i < k->keys; i++)
        most = fmax(most, fabs(k->a[i]));
    const double step = most / 127.0;

    for (size_t i = 0; i < k->keys; i++)
        k->near[i] = step > 0.0 ? rint(k->a[i] / step) * step : k->a[i];
}

/* Logits that move by at most h move weights by at most e^(2h) - 1 of
 * themselves. */
static void add_rounded(struct probing *k, struct rounding *sum)
{
    const double alpha = k->probe->net->alpha, d = (double)k->d;
    double h = 0.0;

    for (size_t i = 0; i < k->keys; i++)
        h = fmax(h, fabs(k->near[i] - k->a[i]));
    softmax(k->keys, k->near, k->r);
    sum->error += measure(k, k->r).error;
    sum->move += d * alpha * alpha * expm1(2.0 * h) * expm1(2.0 * h) *
                 att_dot(k->L, k->s, k->s);
}

static struct sel_rounded finish_rounded(const struct probing *k,
                                         const struct rounding *sum,
                                         double rel_err)
{
    const double n = (double)k->probe->n;
    const double unit = (double)k->d / att_sel_set_size(k->probe->law);
    const double root = sqrt(rel_err) + sqrt(sum->move / n / unit);

    const bool bounded = k->probe->net->out && !is_correlated(k);

    if (!k->probe->rounded)
        return (struct sel_rounded){(double)NAN, (double)NAN};
    return (struct sel_rounded){sum->error / n / unit,
                                bounded ? root * root : (double)NAN};
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
    softmax(k->keys, k->a, k->s);
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
    if (k->probe->rounded) {
        round_bf16(k);
        add_rounded(k, &k->bf16);
        round_int8(k);
        add_rounded(k, &k->int8);
    }
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
    out->bf16 = finish_rounded(k, &k->bf16, out->rel_err);
    out->int8 = finish_rounded(k, &k->int8, out->rel_err);
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
    const struct sel_probe probe = {
        .law = law, .net = net, .n = 1, .factor = 1.0, .tokens = true};
    struct probing k;

    ATT_TRY(open_probing(&probe, scratch, &k, err));
    ATT_TRY(att_sel_batch_draw(law, ATT_SELECTION_FRESH, b, &k.batch, err));
    att_selection_tokens(&law->task, ATT_SELECTION_FRESH, b, k.L, k.x);
    score(&k);
    softmax(k.keys, k.a, k.s);
    attend(&k, k.s);
    memcpy(out->f, k.f, k.d * sizeof *out->f);
    put_inputs(&k, out->inputs);
    att_arena_rewind(scratch, mark);
    return ATT_OK;
}
