/* patterns.c - queries that are sparse sums of random keys: any pattern with k
 * nonzeros per row at d = O(log L), by random projection.
 *
 *   step 1  B: beta + lam on the support, 0 elsewhere
 *   step 2  draw keys Y [L, d] with E[Y Y^T] = d I
 *   step 3  X2 = Y / sqrt(d), X1 = B Y / sqrt(d)
 *   step 4  is X1 X2^T accepted?
 *
 * patterns C1 (mode fixed) and C3 (mode free, the beta is chosen afterwards).
 * The keys of a smaller d are the first coordinates of those of a larger, so
 * one pass answers for every d up to the one asked for.
 *
 * Differs: constants, proofs and laws are reconstructions or new
 * (docs/theory/patterns.md); no 1/sqrt(d) inside the softmax. */
#include "attest/base/text.h"
#include "patterns_jl_priv.h"

static const char *const MODES[] = {"fixed", "free", NULL};
static const char *const SIGNS[] = {"random", "plus", NULL};
static const char *const SWITCH[] = {"on", "off", NULL};
static const char *const DTYPES[] = {"f32", "f64", "bf16", NULL};

#define OWN(param) [(param)-ATT_PAT_PARAMS]

static const struct att_param PARAMS[JL_PARAMS - ATT_PAT_PARAMS] = {
    OWN(PAT_EPS1) = PAT_EPS1_PARAM,
    OWN(PAT_EPS2) = PAT_EPS2_PARAM,
    OWN(JL_KEYS) = ATT_PARAM_CHOICE("keys", ATT_SEEDS_BUILDER, "sign",
                                    att_pat_family_name, "family of the keys"),
    OWN(JL_MODE) = ATT_PARAM_CHOICE(
        "mode", ATT_SEEDS_NOTHING, "free", MODES,
        "beta = t2 + d1 (or as `beta` says), or any beta that serves"),
    OWN(JL_D) = ATT_PARAM_INTEGER("d", ATT_SEEDS_NOTHING, 64, 1, 1048576,
                                  "query and key dimension; a nested pass "
                                  "looks at smaller ones too"),
    OWN(JL_BETA) = ATT_PARAM_REAL("beta_fixed", ATT_SEEDS_NOTHING, 0.0, 0.0,
                                  1e6, "mode = fixed: beta; 0: t2 + d1"),
    OWN(JL_SIGNS) =
        ATT_PARAM_CHOICE("signs", ATT_SEEDS_NOTHING, "random", SIGNS,
                         "keys = hadamard: signs of the rows"),
    OWN(JL_SHIFT) = ATT_PARAM_CHOICE(
        "shift", ATT_SEEDS_NOTHING, "on", SWITCH,
        "write a row that is more than half full by its zeros"),
    OWN(JL_TWINS) = ATT_PARAM_CHOICE("twins", ATT_SEEDS_NOTHING, "off", SWITCH,
                                     "columns with the same rows share a key"),
    OWN(JL_DTYPE) = ATT_PARAM_CHOICE(
        "dtype", ATT_SEEDS_NOTHING, "f32", DTYPES,
        "storage of X where keys are no signs (sums of bf16 are f32)"),
    OWN(JL_MASS) = ATT_PARAM_CHOICE("mass", ATT_SEEDS_NOTHING, "off", SWITCH,
                                    "softmax mass on zeros, by a pass with "
                                    "exponentials"),
};

bool att_pat_jl_on(const struct att_value *p, uint32_t param)
{
    return att_text_same(p[param].s, "on");
}

bool att_pat_jl_fixed(const struct att_value *p)
{
    return att_text_same(p[JL_MODE].s, "fixed");
}

/* ---- which points exist ------------------------------------------------------------ */

static att_status admit(const struct att_value *p, struct att_error *err)
{
    ATT_TRY(att_patterns_admit(p, err));
    if (att_pat_jl_on(p, JL_TWINS) &&
        !att_text_same(p[ATT_PAT_VALUES].s, "uniform")) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "twins = on needs values = uniform: columns with one "
                        "key get one value");
    }
    return att_pat_keys_admit(att_pat_family(p[JL_KEYS].s),
                              att_patterns_columns(p), (size_t)p[JL_D].i, err);
}

static double grid_points(double d)
{
    return d <= 50.0 ? d : 51.0 + 25.0 * log(d / 50.0);
}

static struct att_cost cost(const struct att_value *p)
{
    const enum pat_family family = att_pat_family(p[JL_KEYS].s);
    const double n = (double)att_patterns_columns(p);
    const double rows = (double)p[ATT_PAT_L].i;
    const double d = (double)p[JL_D].i;
    const double k = att_patterns_nnz(p) / rows;
    const double g = grid_points(d);
    const double real = att_text_same(p[JL_DTYPE].s, "f64") ? 8.0 : 4.0;
    const double block = (double)att_pat_block_rows((size_t)n);
    const bool uniform = p[ATT_PAT_GAMMA].r <= 1.0;
    double flops = 100.0 * n * d + (uniform ? g : 8.0 * k * g) * rows * n;
    double bytes = att_patterns_bytes(p) + 64.0 * n + 8192.0;

    if (att_pat_is_bits(family)) {
        flops += 4.0 * k * rows * n * (d / 64.0 + g);
        bytes +=
            n * (d / 8.0 + 8.0 * g) + d / 8.0 + (uniform ? 0.0 : 4.0 * n * k);
    } else {
        const bool one_beta = uniform || att_pat_jl_fixed(p);

        flops += 2.0 * rows * n * d;
        bytes += n * d * 8.0;
        bytes +=
            real < 8.0 && one_beta
                ? (double)att_pat_running_bytes((size_t)n, (size_t)d,
                                                (size_t)g + 1, 4096 + (size_t)n)
                : n * d * real + 2.0 * block * (d + n) * real;
        if (family == PAT_HAAR)
            bytes += 10.0 * n * d;
    }
    return (struct att_cost){.flops = flops, .bytes = bytes};
}

/* ---- build ------------------------------------------------------------------------- */

static att_status add_twins(struct att_workspace *ws, const struct att_case *c,
                            uint32_t **id, struct att_error *err)
{
    const struct att_pattern *a = c->instance;

    *id = NULL;
    if (!att_pat_jl_on(c->p, JL_TWINS))
        return ATT_OK;
    *id = ATT_NEW(ws->arena, uint32_t, a->n_cols);
    if (*id == NULL)
        return att_arena_fail(ws->arena, "the keys of twins", err);
    return att_pat_twins(a, ws->arena, *id, err);
}

static att_status build(struct att_workspace *ws, const struct att_case *c,
                        void **built, struct att_error *err)
{
    const struct att_pattern *a = c->instance;
    struct pat_jl *b = ATT_NEW0(ws->arena, struct pat_jl, 1);
    struct att_nested grid;
    uint32_t *id = NULL;

    if (b == NULL)
        return att_arena_fail(ws->arena, "the keys", err);
    ATT_TRY(
        att_nested_grid(c, (size_t)c->p[JL_D].i, true, ws->arena, &grid, err));
    ATT_TRY(add_twins(ws, c, &id, err));
    const struct pat_key_spec spec = {
        .family = att_pat_family(c->p[JL_KEYS].s),
        .n = a->n_cols,
        .d = (size_t)c->p[JL_D].i,
        .plus = att_text_same(c->p[JL_SIGNS].s, "plus"),
        .id = id,
        .seed = ws->builder_seed};

    /* step 2; step 1 and 3 happen row by row */
    ATT_TRY(att_pat_keys_draw(ws, &spec, grid, &b->keys, err));
    b->rows.shift = att_pat_jl_on(c->p, JL_SHIFT);
    b->rows.id = id;
    ATT_TRY(att_pat_rows_init(&b->rows, a, ws->arena, err));
    *built = b;
    return ATT_OK;
}

const struct att_construction att_construction_patterns = {
    .abi = ATT_CONSTRUCTION_ABI,
    .name = "patterns",
    .family = "patterns",
    .source = PAT_SOURCE,
    .summary = "k nonzeros per row by random projection at d = O(log L), every "
               "d in one pass",
    .version = 1,
    .problem = &att_problem_patterns,
    .bibtex = PAT_BIBTEX,
    .params = PARAMS,
    .n_params = JL_PARAMS - ATT_PAT_PARAMS,
    .metrics = att_pat_metrics,
    .n_metrics = PAT_METRICS,
    .observations = att_pat_observations,
    .n_observations = PAT_OBSERVATIONS,
    .claims = att_pat_jl_claims,
    .n_claims = JL_CLAIMS,
    .admit = admit,
    .cost = cost,
    .slices = att_slices_one,
    .build = build,
    .evaluate = att_pat_jl_evaluate,
    .export_artifact = att_pat_jl_export,
    .check = att_artifact_check,
};
