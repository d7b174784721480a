/* patterns_interp.c - queries that hit their targets exactly: ratios without
 * error at any d >= k, zeros below as soon as d is about 4 k ln L.
 *
 *   step 1  draw keys Y and scale them by 1/sqrt(d), as in patterns C1
 *   step 2  row i: G_i c = beta + lam_i with G_i = Y_N Y_N^T, x_i = Y_N^T c
 *   step 3  the gap to the zeros at beta = 1 tells which beta serves
 *
 * patterns C4.  Keys that form a group are never written down; rows may be cut
 * into slices.  Each query carries a scale of its own, beta_i = t2 / gap_i, so
 * that a row is accepted or not by itself; `beta` is the largest of them.
 *
 * Differs: new here, not in the paper (docs/theory/patterns.md). */
#include "attest/base/text.h"
#include "patterns_interp_priv.h"

static const char *const SIGNS[] = {"plus", "random", NULL};
static const char *const SWITCH[] = {"off", "on", NULL};

#define OWN(param) [(param)-ATT_PAT_PARAMS]

static const struct att_param PARAMS[IN_PARAMS - ATT_PAT_PARAMS] = {
    OWN(PAT_EPS1) = PAT_EPS1_PARAM,
    OWN(PAT_EPS2) = PAT_EPS2_PARAM,
    OWN(IN_KEYS) = ATT_PARAM_CHOICE("keys", ATT_SEEDS_BUILDER, "hadamard",
                                    att_pat_family_name, "family of the keys"),
    OWN(IN_D) = ATT_PARAM_INTEGER("d", ATT_SEEDS_NOTHING, 32, 1, 1048576,
                                  "query and key dimension"),
    OWN(IN_GAP) = ATT_PARAM_REAL("gap", ATT_SEEDS_NOTHING, 0.0, 0.0, 1.0,
                                 "gap that is required at beta = 1; 0: any "
                                 "above 0, 0.5: beta <= 2 t2"),
    OWN(IN_SIGNS) = ATT_PARAM_CHOICE("signs", ATT_SEEDS_NOTHING, "plus", SIGNS,
                                     "keys = hadamard: signs of the rows"),
    OWN(IN_EARLY) = ATT_PARAM_CHOICE(
        "early_exit", ATT_SEEDS_NOTHING, "off", SWITCH,
        "stop at the first rejected row: accept is known, the worst rows are "
        "not"),
    OWN(IN_CROSS) = ATT_PARAM_CHOICE(
        "cross", ATT_SEEDS_NOTHING, "off", SWITCH,
        "keys = hadamard: compare rows with the keys written out"),
    OWN(IN_MASS) = ATT_PARAM_CHOICE(
        "mass", ATT_SEEDS_NOTHING, "off", SWITCH,
        "softmax mass on zeros at the observed betas, by a pass with "
        "exponentials"),
    OWN(IN_SHARED) =
        ATT_PARAM_INTEGER("shared_keys", ATT_SEEDS_NOTHING, 1, 1, 4096,
                          "P, patterns that the same keys must serve"),
};

static const struct att_metric OBSERVATIONS[IN_OBSERVATIONS] = {
    [IO_BETA] = {.name = "at_beta",
                 .unit = "nat",
                 .doc = "common scale of the logits",
                 .kind = ATT_REAL,
                 .role = ATT_ROLE_AXIS,
                 .exactness = ATT_EXACT},
#define SEEN(name_, unit_, doc_)                                               \
    {                                                                          \
        .name = (name_), .unit = (unit_), .doc = (doc_), .kind = ATT_REAL,     \
        .role = ATT_ROLE_MEASURED, .exactness = ATT_ROUNDED, .tolerance = 1e-6 \
    }
    [IO_MASS_MAX] = SEEN("mass_max", "1", "largest mass of a row on zeros"),
    [IO_MASS_MEAN] = SEEN("mass_mean", "1", "mean mass of the rows on zeros"),
    [IO_MASS_LAW] = SEEN("mass_law", "1", "(L/k) exp(beta^2 k/(2 d) - beta)"),
    [IO_KL] = SEEN("kl_max", "nat", "largest divergence from A"),
};

bool att_pat_in_on(const struct att_value *p, uint32_t param)
{
    return att_text_same(p[param].s, "on");
}

/* ---- which points exist ------------------------------------------------------------ */

static att_status admit(const struct att_value *p, struct att_error *err)
{
    const bool uniform = att_text_same(p[ATT_PAT_VALUES].s, "uniform");

    ATT_TRY(att_patterns_admit(p, err));
    if (!uniform && (att_pat_in_on(p, IN_MASS) || p[IN_GAP].r > 0.0)) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "mass and gap speak of equal values: set values to "
                        "uniform");
    }
    if (p[IN_SHARED].i > 1 && att_text_same(p[ATT_PAT_DATA].s, "file")) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "shared_keys > 1 draws further patterns: data = file "
                        "has only one");
    }
    return att_pat_keys_admit(att_pat_family(p[IN_KEYS].s),
                              att_patterns_columns(p), (size_t)p[IN_D].i, err);
}

static double most_per_row(const struct att_value *p)
{
    return att_text_same(p[ATT_PAT_DATA].s, "singles") ? (double)p[ATT_PAT_L].i
                                                       : (double)p[ATT_PAT_K].i;
}

static struct att_cost cost(const struct att_value *p)
{
    const enum pat_family family = att_pat_family(p[IN_KEYS].s);
    const double n = (double)att_patterns_columns(p);
    const double d = (double)p[IN_D].i;
    const double nnz = att_patterns_nnz(p);
    const double k = most_per_row(p);
    const double block = (double)att_pat_block_rows((size_t)n);
    const double words = ceil(d / 64.0);
    double each = 2.0; /* flops of one term */
    double bytes = att_patterns_bytes(p) + 64.0 * n + 8.0 * k * k + 16384.0;

    if (family == PAT_FOURIER) {
        each = 8.0;
        bytes += 24.0 * n;
    } else if (family == PAT_HADAMARD) {
        bytes +=
            20.0 * n + (att_pat_in_on(p, IN_CROSS) ? n * 8.0 * words : 0.0);
    } else if (att_pat_is_bits(family)) {
        each = 8.0 + 3.0 * words;
        bytes += n * 8.0 * words;
    } else {
        each = 2.0 * d;
        bytes += 12.0 * n * d + 8.0 * block * (n + d) +
                 (family == PAT_HAAR ? 10.0 * n * d : 0.0);
    }
    if (p[IN_SHARED].i > 1)
        bytes += att_patterns_bytes(p) + 64.0 * n + 8.0 * k * k;
    return (struct att_cost){
        .flops = (double)p[IN_SHARED].i *
                 (each * nnz * n + 20.0 * nnz * k * k +
                  (att_pat_in_on(p, IN_MASS) ? 80.0 * nnz * n : 0.0)),
        .bytes = bytes};
}

/* A slice is worth some seconds. */
static uint32_t slices(const struct att_value *p)
{
    const double n = ceil(cost(p).flops / 2e10);

    if (p[IN_SHARED].i > 1 || att_pat_in_on(p, IN_MASS))
        return 1;
    return n < 64.0 ? (uint32_t)n + (n < 1.0) : 64;
}

/* ---- build --------------------------------------------------------------------------- */

static att_status build(struct att_workspace *ws, const struct att_case *c,
                        void **built, struct att_error *err)
{
    const struct att_pattern *a = c->instance;
    struct pat_in *b = ATT_NEW0(ws->arena, struct pat_in, 1);
    const struct pat_key_spec spec = {
        .family = att_pat_family(c->p[IN_KEYS].s),
        .n = a->n_cols,
        .d = (size_t)c->p[IN_D].i,
        .plus = att_text_same(c->p[IN_SIGNS].s, "plus"),
        .seed = ws->builder_seed};

    if (b == NULL)
        return att_arena_fail(ws->arena, "the keys", err);
    ATT_TRY(att_pat_gram_init(ws, &spec, &b->gram, err));
    if (att_pat_in_on(c->p, IN_CROSS) && spec.family == PAT_HADAMARD)
        ATT_TRY(att_pat_keys_draw_whole(ws, &spec, &b->keys, err));
    *built = b;
    return ATT_OK;
}

const struct att_construction att_construction_patterns_interp = {
    .abi = ATT_CONSTRUCTION_ABI,
    .name = "patterns_interp",
    .family = "patterns",
    .source = "new here, after arXiv 2106.03764; docs/theory/patterns.md",
    .summary = "exact ratios by interpolating queries, d about 4 k ln L, group "
               "keys to L = 10^6",
    .version = 1,
    .problem = &att_problem_patterns,
    .bibtex = PAT_BIBTEX,
    .params = PARAMS,
    .n_params = IN_PARAMS - ATT_PAT_PARAMS,
    .metrics = att_pat_metrics,
    .n_metrics = PAT_METRICS,
    .observations = OBSERVATIONS,
    .n_observations = IN_OBSERVATIONS,
    .claims = att_pat_in_claims,
    .n_claims = IN_CLAIMS,
    .admit = admit,
    .cost = cost,
    .slices = slices,
    .build = build,
    .evaluate = att_pat_in_evaluate,
    .export_artifact = att_pat_in_export,
    .check = att_artifact_check,
};
