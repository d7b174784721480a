/* matching.c - Match2 and Match3 by one unit: C5, C6 and C7.
 *
 * match2   step 1: theta_i = 2 pi x_i / M; step 2: logit c cos(theta_i +
 *          theta_j) against a blank token at c (1 - gap/2), c = 2 ln(4L)/gap;
 *          step 3: the answer is 1 where at least half of the mass is real
 * match2h  R random harmonics: a larger gap for more coordinates
 * match3   one third-order unit, c = 2 ln(4 L^2)/gap
 * matchr   the unit of order r, c = 2 ln(4 L^(r-1))/gap, by hist and bessel
 *
 * Differs: paths other than naive and stream work on integer residues; they
 * give the numbers of the unit without rounding a logit of size c. */
#include <inttypes.h>

#include "matching_columns_priv.h"

enum { HIST_MODULUS = 1 << 27, SERIES_MODULUS = 16384, LITERAL_TOKENS = 192 };

static bool is_rounded(const struct att_value *p)
{
    return !att_match_says(p, MP_DTYPE, "f64") || p[MP_BITS].i > 1;
}

static const char *refuse_pairs(const struct att_value *p, enum match_path path)
{
    if (!att_match_has_path(2, path))
        return "pairs have the paths naive and hist";
    if (is_rounded(p) && path != MATCH_NAIVE)
        return "formats are emulated for pairs on the naive path";
    if (att_match_says(p, MP_KIND, "match2h") && p[ATT_MATCH_M].i > 1 << 24)
        return "harmonics look at every v < M <= 2^24 for their gap";
    return NULL;
}

static const char *refuse_triples(const struct att_value *p,
                                  enum match_path path)
{
    if (is_rounded(p))
        return "formats are emulated for pairs on the naive path";
    if (att_match_says(p, MP_SELF, "excluded"))
        return "triples may repeat tokens: set self = partner";
    if (path == MATCH_HIST && p[ATT_MATCH_M].i > HIST_MODULUS)
        return "hist keeps an array of M <= 2^27: set path = sparse";
    if (path == MATCH_BESSEL && p[ATT_MATCH_M].i > SERIES_MODULUS)
        return "bessel sums 9 sqrt(c) terms per token: M <= 16384";
    if (path == MATCH_NAIVE && p[ATT_MATCH_L].i > 1024)
        return "naive looks at L^3 triples, L <= 1024: set path = hist";
    return NULL;
}

static const char *refuse_more(const struct att_value *p, enum match_path path)
{
    const double exponent = (double)(att_match_order(p) - 1);

    if (!att_match_has_path(att_match_order(p), path))
        return "more than three tokens have the paths hist and bessel";
    if (is_rounded(p))
        return "formats are emulated for pairs on the naive path";
    if (att_match_says(p, MP_SELF, "excluded"))
        return "tokens may repeat: set self = partner";
    if (p[ATT_MATCH_M].i > SERIES_MODULUS)
        return "sums of more than three tokens are listed for M <= 16384";
    if (exponent * log2((double)p[ATT_MATCH_L].i) > 53.0)
        return "choices of r - 1 tokens must be at most 2^53: lower r or L";
    return NULL;
}

static att_status admit(const struct att_value *p, struct att_error *err)
{
    const enum match_path path = att_match_path(p[MP_PATH].s);
    const int order = att_match_order(p);
    const char *wrong = order == 2   ? refuse_pairs(p, path)
                        : order == 3 ? refuse_triples(p, path)
                                     : refuse_more(p, path);

    if (wrong == NULL)
        return ATT_OK;
    return att_fail(err, ATT_E_INFEASIBLE,
                    "%s (got path = %s, L = %" PRId64 ", M = %" PRId64 ")",
                    wrong, p[MP_PATH].s, p[ATT_MATCH_L].i, p[ATT_MATCH_M].i);
}

/* ---- cost --------------------------------------------------------------------------- */

/* Up to 192 tokens the naive path; beyond, triples have two paths on residues,
 * and a modulus or a length can rule both out. */
enum match_path att_match_reference(const struct att_value *p)
{
    const enum match_path path = att_match_path(p[MP_PATH].s);
    const int order = att_match_order(p);

    if (order > 3)
        return path == MATCH_HIST ? MATCH_BESSEL : MATCH_HIST;
    if (path == MATCH_NAIVE)
        return MATCH_PATHS;
    if (p[ATT_MATCH_L].i <= LITERAL_TOKENS)
        return MATCH_NAIVE;
    if (order == 2)
        return MATCH_PATHS;
    if (path != MATCH_HIST && p[ATT_MATCH_M].i <= HIST_MODULUS)
        return MATCH_HIST;
    return path == MATCH_HIST && p[ATT_MATCH_L].i <= 2048 ? MATCH_SPARSE
                                                          : MATCH_PATHS;
}

static struct att_cost cost_of(const struct att_value *p, enum match_path path)
{
    const bool harmonics = att_match_says(p, MP_KIND, "match2h");

    return att_match_cost(path, att_match_order(p), (double)p[ATT_MATCH_L].i,
                          (double)p[ATT_MATCH_M].i,
                          harmonics ? (double)p[MP_R].i : 1.0);
}

struct att_cost att_match_work(const struct att_value *p)
{
    const enum match_path other = att_match_reference(p);
    struct att_cost cost = cost_of(p, att_match_path(p[MP_PATH].s));

    if (other != MATCH_PATHS) {
        const struct att_cost more = cost_of(p, other);

        cost.flops += more.flops;
        cost.bytes = fmax(cost.bytes, more.bytes);
    }
    return cost;
}

/* The truth of triples, by pairs of residues or by counts of sums. */
static struct att_cost truth_cost(const struct att_value *p)
{
    const double L = (double)p[ATT_MATCH_L].i;
    const double M = (double)p[ATT_MATCH_M].i;
    const double pairs = L * fmin(L, M);

    if (att_match_order(p) == 2)
        return (struct att_cost){20.0 * L * log2(L + 1.0), 16.0 * L};
    if (att_match_order(p) > 3) {
        return (struct att_cost){2.0 * (double)att_match_order(p) * M *
                                     fmin(L, M),
                                 2.0 * M + 8.0 * L};
    }
    if (pairs > 2000.0 * M)
        return (struct att_cost){200.0 * M * log2(M + 1.0), 80.0 * M};
    return (struct att_cost){4.0 * pairs, 8.0 * L};
}

static struct att_cost cost(const struct att_value *p)
{
    const double L = (double)p[ATT_MATCH_L].i;
    const double samples = (double)p[ATT_MATCH_SAMPLES].i;
    const double tries = att_match_says(p, MP_PROBE, "on") ? 53.0 : 1.0;
    const double each = is_rounded(p) || tries > 1.0 ? 8.0 : 2.0;
    const double harmonics = att_match_says(p, MP_KIND, "match2h")
                                 ? (double)p[MP_R].i * (double)p[ATT_MATCH_M].i
                                 : 0.0;
    const struct att_cost work = att_match_work(p);
    const struct att_cost truth = truth_cost(p);

    return (struct att_cost){
        .flops =
            samples * tries * (each * work.flops + truth.flops) + harmonics,
        .bytes = fmax(work.bytes, truth.bytes) + 8.0 * L * samples + 64.0 * L +
                 16384.0 + 8.0 * (double)p[MP_R].i};
}

/* A slice is worth some seconds; its tokens are a block of every sample. */
static uint32_t slices(const struct att_value *p)
{
    const double n = fmin(ceil(cost(p).flops / 2e10), (double)p[ATT_MATCH_L].i);

    if (att_match_says(p, MP_PROBE, "on") ||
        att_match_path(p[MP_PATH].s) == MATCH_HIST)
        return 1;
    return n < 64.0 ? (uint32_t)fmax(n, 1.0) : 64;
}

/* ---- build -------------------------------------------------------------------------- */

static att_status draw_harmonics(struct att_workspace *ws, size_t R,
                                 struct match_unit *u, struct att_error *err)
{
    const struct att_stream s = att_builder_stream(ws, 1, 0, 0);
    const uint64_t M = u->in.M;
    uint32_t *h = ATT_NEW(ws->arena, uint32_t, R);

    if (h == NULL)
        return att_arena_fail(ws->arena, "the harmonics", err);
    for (size_t r = 0; r < R; r++)
        h[r] = 1 + (M > 2 ? att_stream_below(&s, r, (uint32_t)M - 1) : 0);
    u->h = h;
    u->R = R;
    u->gap = att_match_gap_harmonics(h, R, M);
    if (!(u->gap > 0.0)) {
        return att_fail(
            err, ATT_E_INFEASIBLE,
            "R = %zu harmonics leave no gap at M = %" PRIu64 ": raise R", R, M);
    }
    u->c = att_match_scale(u->in.n, 2, u->gap);
    return ATT_OK;
}

static att_status parse_format(const struct att_value *p,
                               struct att_arena *arena,
                               struct att_arithmetic *out,
                               struct att_error *err)
{
    const char *text =
        p[MP_BITS].i > 1
            ? att_arena_printf(arena, "bits:%" PRId64, p[MP_BITS].i)
            : p[MP_DTYPE].s;

    return text == NULL ? att_arena_fail(arena, "a format", err)
                        : att_arithmetic_parse(text, out, err);
}

static att_status build(struct att_workspace *ws, const struct att_case *c,
                        void **built, struct att_error *err)
{
    const struct att_matching *a = c->instance;
    struct match_built *b = ATT_NEW0(ws->arena, struct match_built, 1);

    if (b == NULL)
        return att_arena_fail(ws->arena, "the unit", err);
    b->unit = att_match_unit((struct att_match_input){a->x, a->L, a->M},
                             att_match_order(c->p));
    b->unit.others = att_match_says(c->p, MP_SELF, "excluded");
    b->unit.arithmetic = &b->arithmetic;
    ATT_TRY(parse_format(c->p, ws->arena, &b->arithmetic, err));
    if (att_match_says(c->p, MP_KIND, "match2h"))
        ATT_TRY(draw_harmonics(ws, (size_t)c->p[MP_R].i, &b->unit, err));
    *built = b;
    return ATT_OK;
}

const struct att_construction att_construction_matching = {
    .abi = ATT_CONSTRUCTION_ABI,
    .name = "matching",
    .family = "matching",
    .source = SANFORD_SOURCE,
    .summary = "pairs, triples and more that sum to zero modulo M, by one unit "
               "with d = 3, 5, ..",
    .version = 1,
    .problem = &att_problem_matching,
    .bibtex = SANFORD_BIBTEX,
    .params = att_match_params,
    .n_params = MP_PARAMS - ATT_MATCH_PARAMS,
    .metrics = att_match_metrics,
    .n_metrics = MATCH_METRICS,
    .observations = NULL,
    .n_observations = 0,
    .claims = att_match_claims,
    .n_claims = MATCH_CLAIMS,
    .admit = admit,
    .cost = cost,
    .slices = slices,
    .build = build,
    .evaluate = att_match_evaluate,
    .export_artifact = att_match_export,
    .check = att_match_check,
};
