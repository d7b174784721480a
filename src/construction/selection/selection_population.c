/* selection_population.c - what training does to the population. */
#include "selection_population_priv.h"

#include "attest/linalg/vector.h"

/* ---- two numbers ------------------------------------------------------------------ */

/* Sums of one sample. */
struct sums {
    double loss, d_alpha, d_gamma;
};

/* rho = <e_i, et>, s = softmax(gamma rho), g and et scratch. */
struct room {
    double *rho, *s, *g, *v; /* [keys] */
    double *et;              /* [de] */
};

/* What gamma gets from the gradient g of the weights. */
static void descend(size_t n, const struct room *r, struct sums *sums)
{
    const double mean = att_dot(n, r->s, r->g);

    for (size_t i = 0; i < n; i++)
        r->g[i] = r->s[i] * (r->g[i] - mean);
    sums->d_gamma += att_dot(n, r->g, r->rho);
}

/* Tokens that correlate: the formulas of selection_step.inc. */
static void add_correlated(const struct sel_law *law, const struct sel_set *set,
                           struct sel_pair at, const struct room *r,
                           struct sums *sums)
{
    const size_t L = law->task.L, n = att_sel_keys(law, L);
    const double d = (double)law->task.d;

    for (size_t i = 0; i < L; i++)
        r->v[i] = at.alpha * r->s[i];
    for (size_t k = 0; k < set->q; k++)
        r->v[set->y[k]] -= 1.0 / (double)set->q;
    att_sel_correlate(law->task.rho, L, r->v, r->g);
    sums->loss += 0.5 * d * att_dot(L, r->v, r->g);
    sums->d_alpha += att_dot(L, r->s, r->g);
    for (size_t i = 0; i < n; i++)
        r->g[i] = i < L ? d * at.alpha * r->g[i] : 0.0;
    descend(n, r, sums);
}

static void add_sample(const struct sel_law *law, const struct sel_batch *batch,
                       size_t b, struct sel_pair at, const struct room *r,
                       struct sums *sums)
{
    const struct sel_set set = att_sel_batch_set(law, batch, b);
    const size_t L = batch->L, n = att_sel_keys(law, L);
    const double d = (double)law->task.d, u = 1.0 / (double)set.q;
    double in = 0.0, in_square = 0.0, miss = 0.0;

    if (law->query_key)
        r->rho[L] = att_dot(law->de, r->et, r->et);
    for (size_t i = 0; i < n; i++)
        r->s[i] = at.gamma * r->rho[i];
    const double of_keys = att_softmax(n, r->s, r->s);

    if (law->task.data == ATT_SELECTION_AR1) {
        add_correlated(law, &set, at, r, sums);
        return;
    }
    const double square = law->query_key ? att_dot(L, r->s, r->s) : of_keys;

    r->g[n - 1] = 0.0; /* the query has no token */
    for (size_t i = 0; i < L; i++)
        r->g[i] = d * at.alpha * at.alpha * r->s[i];
    for (size_t k = 0; k < set.q; k++) {
        const double w = r->s[set.y[k]];

        r->g[set.y[k]] -= d * at.alpha * u;
        in += w;
        in_square += w * w;
        miss += (at.alpha * w - u) * (at.alpha * w - u);
    }
    descend(n, r, sums);
    sums->loss +=
        0.5 * d * (miss + at.alpha * at.alpha * fmax(0.0, square - in_square));
    sums->d_alpha += at.alpha * square - in * u;
}

struct sel_pair_step att_sel_pair_step(const struct sel_law *law,
                                       const struct sel_batch *batch,
                                       struct sel_pair at, double *scratch)
{
    const size_t keys = att_sel_keys(law, batch->L);
    const double n = (double)batch->n;
    struct room r;
    struct sums sums = {0};

    r.rho = scratch;
    r.s = r.rho + keys;
    r.g = r.s + keys;
    r.v = r.g + keys;
    r.et = r.v + keys;
    for (size_t b = 0; b < batch->n; b++) {
        att_sel_batch_query(law, batch, b, r.et);
        att_sel_codes_apply(att_sel_batch_codes(batch, b), r.et, r.rho);
        add_sample(law, batch, b, at, &r, &sums);
    }
    return (struct sel_pair_step){sums.loss / n, sums.d_alpha / n,
                                  sums.d_gamma / (n * (double)law->de)};
}

/* ---- one-hot encodings --------------------------------------------------------------- */

void att_sel_onehot_weights(struct sel_onehot p, double gap, double *in,
                            double *out)
{
    *in = 1.0 / (p.q + (p.L - p.q) * exp(-gap));
    *out = *in * exp(-gap);
}

double att_sel_onehot_loss(struct sel_onehot p, double alpha, double gap)
{
    double in, out;

    att_sel_onehot_weights(p, gap, &in, &out);
    const double miss = alpha * in - 1.0 / p.q;

    return 0.5 * p.d *
           (p.q * miss * miss + (p.L - p.q) * alpha * alpha * out * out);
}

double att_sel_onehot_best(struct sel_onehot p, double gap, double *alpha)
{
    double in, out;

    att_sel_onehot_weights(p, gap, &in, &out);
    const double S = (p.L - p.q) * out * out;
    const double square = p.q * in * in + S;

    *alpha = in / square;
    return 0.5 * p.d * S / (p.q * square);
}

double att_sel_onehot_step(struct sel_onehot p, double eta_V, double eta_W,
                           struct sel_triple *at)
{
    const double alpha = at->alpha, others = p.L - p.q;
    double in, out;

    att_sel_onehot_weights(p, at->c_d - at->c_o, &in, &out);
    const double g_in = p.d * (alpha * alpha * in - alpha / p.q);
    const double g_out = p.d * alpha * alpha * out;
    const double mean = p.q * in * g_in + others * out * g_out;
    const double delta_in = in * (g_in - mean);
    const double delta_out = out * (g_out - mean);
    const double pairs = p.L * (p.L - 1.0);
    const double dc_d = p.q / p.L * delta_in;
    const double dc_o =
        p.q * (p.q - 1.0) / pairs * delta_in + p.q * others / pairs * delta_out;

    at->alpha += eta_V * (in - alpha * (p.q * in * in + others * out * out));
    at->c_d -= eta_W * dc_d;
    at->c_o -= eta_W * dc_o;
    return sqrt(p.L * dc_d * dc_d + pairs * dc_o * dc_o);
}

/* ---- any test length ------------------------------------------------------------------- */

/* sum_j ln cosh(x_j) of n numbers; t is scratch [n]. */
static double log_cosh_sum(size_t n, const double *x, double by, double *t)
{
    static const double LN2 = 0.69314718055994530942;
    double whole = 0.0;

    for (size_t j = 0; j < n; j++) {
        t[j] = -2.0 * fabs(by * x[j]);
        whole -= 0.5 * t[j];
    }
    att_vexp(n, t, t);
    for (size_t j = 0; j < n; j++)
        t[j] += 1.0;
    att_vlog(n, t, t);
    return whole + att_sum(n, t) - (double)n * LN2;
}

/* One query: q selected tokens of L. */
struct query {
    const double *et; /* [de] */
    double q, L;
    bool is_key;
};

/* The error of a query of which the others are averaged, in units of d; t is
 * scratch [de]. */
static double annealed_error(const struct query *x, size_t de,
                             struct sel_pair at, double *t)
{
    const double *et = x->et;
    const double q = x->q, others = x->L - q;
    const double by = at.gamma / sqrt((double)de);
    const double leak = exp(log_cosh_sum(de, et, by, t) - at.gamma) * others;
    const double own =
        x->is_key ? exp(at.gamma * (att_dot(de, et, et) - 1.0)) : 0.0;
    const double Z = q + leak + own;
    const double S = exp(log_cosh_sum(de, et, 2.0 * by, t) - 2.0 * at.gamma) *
                     others / (Z * Z);
    const double miss = at.alpha / Z - 1.0 / q;

    return q * miss * miss + at.alpha * at.alpha * S;
}

att_status att_sel_annealed(const struct sel_annealed *x, struct sel_pair at,
                            double L, double *rel_err, struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(x->scratch);
    const double unit = att_sel_set_size(x->law);
    struct sel_law law = *x->law;
    struct sel_batch batch;
    double *et = ATT_NEW(x->scratch, double, law.de);
    double *t = ATT_NEW(x->scratch, double, law.de);
    double sum = 0.0;

    law.pe = SEL_SPE; /* one fresh draw each */
    if (et == NULL || t == NULL)
        return att_arena_fail(x->scratch, "a query", err);
    ATT_TRY(att_sel_batch_new(&law, 1, law.task.q, x->scratch, &batch, err));
    for (uint32_t b = 0; b < x->n; b++) {
        ATT_TRY(
            att_sel_batch_draw(&law, ATT_SELECTION_FRESH + 2, b, &batch, err));
        att_sel_batch_query(&law, &batch, 0, et);
        const struct query query = {et, (double)batch.size[0], L,
                                    law.query_key};

        sum += unit * annealed_error(&query, law.de, at, t);
    }
    att_arena_rewind(x->scratch, mark);
    *rel_err = sum / (double)x->n;
    return ATT_OK;
}

/* ---- predictions ----------------------------------------------------------------------- */

double att_sel_delay(double L, double d, double de, double eta_V, double eta_W)
{
    return L / eta_V + de * L / (eta_W * d);
}

double att_sel_kappa(double gamma, double q, double de)
{
    return 2.0 - 4.0 * gamma * q / de;
}

double att_sel_inside(double L, double longer, double q)
{
    double share = 1.0;

    for (int64_t k = 0; k < (int64_t)q; k++)
        share *= fmax(0.0, L - (double)k) / (longer - (double)k);
    return fmin(share, 1.0);
}
