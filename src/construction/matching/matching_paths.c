/* matching_paths.c - which paths there are, what they cost and share. */
#include "attest/base/text.h"
#include "matching_priv.h"

const char *const att_match_path_name[MATCH_PATHS + 1] = {
    [MATCH_NAIVE] = "naive",   [MATCH_STREAM] = "stream", [MATCH_HIST] = "hist",
    [MATCH_SPARSE] = "sparse", [MATCH_BESSEL] = "bessel",
};

static const match_path_fn PAIRS[MATCH_PATHS] = {
    [MATCH_NAIVE] = att_match2_naive,
    [MATCH_HIST] = att_match2_hist,
};

static const match_path_fn TRIPLES[MATCH_PATHS] = {
    [MATCH_NAIVE] = att_match3_naive,   [MATCH_STREAM] = att_match3_stream,
    [MATCH_HIST] = att_match3_hist,     [MATCH_SPARSE] = att_match3_sparse,
    [MATCH_BESSEL] = att_match3_bessel,
};

static const match_path_fn HIGHER[MATCH_PATHS] = {
    [MATCH_HIST] = att_match3_hist,
    [MATCH_BESSEL] = att_match3_bessel,
};

static match_path_fn find_path(int order, enum match_path path)
{
    if (order == 2)
        return PAIRS[path];
    return order == 3 ? TRIPLES[path] : HIGHER[path];
}

enum match_path att_match_path(const char *name)
{
    return (enum match_path)att_text_choice(name, att_match_path_name);
}

bool att_match_has_path(int order, enum match_path path)
{
    return find_path(order, path) != NULL;
}

att_status att_match_run(const struct match_unit *u, enum match_path path,
                         double *out, struct att_arena *scratch,
                         struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(scratch);
    const att_status s = find_path(u->order, path)(u, out, scratch, err);

    att_arena_rewind(scratch, mark);
    return s;
}

/* ---- cost -------------------------------------------------------------------------- */

static struct att_cost cost_pairs(enum match_path path, double n, double R)
{
    if (path == MATCH_HIST) {
        return (struct att_cost){.flops = n * fmin(n, 16.0 * log2(n + 1.0)) * R,
                                 .bytes = 16.0 * n};
    }
    return (struct att_cost){.flops = n * n * (2.0 * (2.0 * R + 1.0) + 1.0),
                             .bytes = 8.0 * n * (4.0 * R + 1.0)};
}

/* Terms of the Fourier series: 9 sqrt(c) with c about M^2 ln(4 n^2) / pi^2. */
static double n_terms(double n, double M, int order)
{
    return 9.0 * M / MATCH_PI * sqrt(log(4.0) + (double)(order - 1) * log(n)) +
           3.0;
}

static struct att_cost cost_triples(enum match_path path, int order, double n,
                                    double M)
{
    const double fold = (double)(order - 1);

    const double window =
        10.0; /* offsets that weigh something: 4 to 7 a side */

    switch (path) {
    case MATCH_STREAM:
        return (struct att_cost){10.0 * n * n * n, 8.0 * n * (n + 10.0)};
    case MATCH_HIST:
        return (struct att_cost){
            2.0 * window * n + 5.0 * fold * M * log2(2.0 * fold * M + 2.0),
            16.0 * M + 40.0 * fold * M};
    case MATCH_SPARSE:
        return (struct att_cost){2.0 * window * n * n * log2(n + 1.0),
                                 16.0 * n};
    case MATCH_BESSEL:
        return (struct att_cost){8.0 * n * n_terms(n, M, order),
                                 8.0 * n_terms(n, M, order)};
    case MATCH_NAIVE:
    case MATCH_PATHS:
        break;
    }
    return (struct att_cost){16.0 * n * n * n, 16.0 * n};
}

struct att_cost att_match_cost(enum match_path path, int order, double n,
                               double M, double R)
{
    return order == 2 ? cost_pairs(path, n, R)
                      : cost_triples(path, order, n, M);
}

/* ---- shared ------------------------------------------------------------------------- */

double att_match_angle(const struct match_unit *u, uint64_t k)
{
    return 2.0 * MATCH_PI * (double)(k % u->in.M) / (double)u->in.M;
}

double att_match_weight(const struct match_unit *u, uint64_t d)
{
    const double s = sin(MATCH_PI * (double)d / (double)u->in.M);

    return exp(-2.0 * u->c * s * s);
}

uint64_t att_match_reach(const struct match_unit *u)
{
    const uint64_t half = u->in.M / 2;
    uint64_t w = 1;

    while (w < half && att_match_weight(u, w) > 0.0)
        w++;
    return w < half ? w : half;
}

/* sum over 0 < k < r - 1 of binomial(r - 1, k) n^k: choices of r - 1 partners
 * with some of them, but not all, the blank. */
static double mixed_choices(double n, int order)
{
    double sum = 0.0;
    double term = 1.0;

    for (int k = 1; k < order - 1; k++) {
        term *= n * (double)(order - k) / (double)k;
        sum += term;
    }
    return sum;
}

/* The blank has c (1 - gap/2); partners of both kinds have logit 0. */
double att_match_finish(const struct match_unit *u, double real)
{
    const double mixed = mixed_choices((double)u->in.n, u->order) * exp(-u->c);

    return real / (real + exp(-0.5 * u->c * u->gap) + mixed);
}
