/* approximation.c - universal approximation: quantise every coordinate to g
 * cells, give every multiset of cells its context ids, decode ids to the
 * target's values at cell centres.
 *
 * The multisets are those of the reconstructed theorem and, beyond it, those
 * with repeated cells; the error is reported with repeated cells kept and
 * dropped.  Differs: quantiser and decoder are evaluated as what the theorem's
 * ReLU networks compute outside their ramps (ramps of the quantiser inside
 * them as well); the networks themselves are exported.  See
 * docs/theory/memorization.md. */
#include "approximation_priv.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "attest/base/clock.h"
#include "attest/base/subset.h"
#include "attest/base/text.h"
#include "attest/model/run.h"

/* ---- which points exist -------------------------------------------------------------- */

static double choose(double n, double k)
{
    return rint(att_subset_count(n, k, (double)INFINITY));
}

static double cells_of(const struct att_value *p)
{
    return pow((double)p[UA_G].i, (double)p[ATT_FN_D].i);
}

static double count_ids(const struct att_value *p)
{
    const double l = (double)p[ATT_FN_L].i, m = cells_of(p);

    return m * choose(m + l - 2.0, l - 1.0);
}

static double count_members(const struct att_value *p)
{
    const double l = (double)p[ATT_FN_L].i;

    return l * choose(cells_of(p) + l - 1.0, l);
}

static const double MOST_IDS = 16777216.0; /* 2^24: about 4 GB of tables */

static att_status admit(const struct att_value *p, struct att_error *err)
{
    ATT_TRY(att_functions_admit(p, err));
    if (!(count_ids(p) <= MOST_IDS) || !(count_members(p) <= 4.0 * MOST_IDS)) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "%.3g ids of multisets of %" PRId64
                        " out of g^d = %.3g cells are too large for memory "
                        "(at most 2^24): lower g, d or L",
                        count_ids(p), p[ATT_FN_L].i, cells_of(p));
    }
    return ATT_OK;
}

static struct att_cost cost(const struct att_value *p)
{
    const double t = count_ids(p), members = count_members(p);
    const double l = (double)p[ATT_FN_L].i, d = (double)p[ATT_FN_D].i;
    const double m = cells_of(p), samples = (double)p[ATT_FN_SAMPLES].i;
    const double draws = p[ATT_FN_D].i == 1 ? 1.0 : (double)p[UA_N_DIR].i;

    return (struct att_cost){
        .flops = draws * (7.0 * 10.0 * t * l + 28.0 * 40.0 * t) +
                 t * (60.0 + 30.0 * log2(t + 2.0)) +
                 samples * l * (100.0 + 30.0 * l),
        .bytes = 4.0 * members + 8.0 * (members / l + 1.0) * 2.0 + 160.0 * t +
                 8.0 * m * (d + 4.0 * (draws + 2.0)) + 8.0 * samples * l * d +
                 32.0 * m * m * (m * m <= 2.0 * t * l ? 1.0 : 0.0) + 1e5};
}

/* ---- build --------------------------------------------------------------------------------- */

static att_status make_cells(struct ua_built *b, struct att_arena *arena,
                             struct att_error *err)
{
    const size_t m = (size_t)rint(pow((double)b->g, (double)b->d));

    b->cell = att_mat_new(arena, m, b->d);
    if (b->cell.data == NULL)
        return att_arena_fail(arena, "the cells", err);
    for (size_t c = 0; c < m; c++) {
        size_t rest = c;

        for (size_t k = b->d; k-- > 0; rest /= b->g)
            att_mat_row(b->cell, c)[k] = att_ua_centre(rest % b->g, b->g);
    }
    return ATT_OK;
}

/* The next ascending tuple below m in lexicographic order; false at the end. */
static bool next_multiset(uint32_t *x, size_t l, size_t m)
{
    size_t i = l;

    while (i > 0 && x[i - 1] + 1 == m)
        i--;
    if (i == 0)
        return false;
    x[i - 1]++;
    for (size_t j = i; j < l; j++)
        x[j] = x[i - 1];
    return true;
}

static att_status make_multisets(struct ua_built *b, const struct att_value *p,
                                 struct att_arena *arena, struct att_error *err)
{
    const size_t total = (size_t)count_members(p), n = total / b->l;
    uint32_t *member = ATT_NEW0(arena, uint32_t, total + b->l);
    size_t *start = ATT_NEW(arena, size_t, n + 1);

    if (member == NULL || start == NULL)
        return att_arena_fail(arena, "the multisets", err);
    for (size_t c = 0; c < n; c++) {
        start[c] = c * b->l;
        if (c == 0)
            continue;
        memcpy(member + start[c], member + start[c - 1], b->l * sizeof *member);
        (void)next_multiset(member + start[c], b->l, b->cell.rows);
    }
    start[n] = total;
    b->ids = (struct mem_ids){.n_tokens = b->cell.rows,
                              .n_contexts = n,
                              .start = start,
                              .member = member};
    return att_mem_ids_number(&b->ids, arena, err);
}

static att_status make_lookup(struct ua_built *b, struct att_arena *arena,
                              struct att_error *err)
{
    struct att_dd *z = ATT_NEW(arena, struct att_dd, b->ids.n);

    if (z == NULL)
        return att_arena_fail(arena, "the ids", err);
    for (size_t i = 0; i < b->ids.n; i++)
        z[i] = att_dd_from(b->scale.z[i]);
    return att_mem_lookup_make(MEM_F64, z, b->ids.n, arena, &b->lookup, err);
}

/* The target at the centres of every id's multiset, for its own cell. */
static att_status make_values(struct ua_built *b, const struct att_function *f,
                              struct att_arena *arena, struct att_error *err)
{
    double *x = ATT_NEW(arena, double, b->l * b->d);

    b->value = ATT_NEW(arena, double, b->ids.n * b->d_out);
    if (x == NULL || b->value == NULL)
        return att_arena_fail(arena, "the values", err);
    for (size_t id = 0; id < b->ids.n; id++) {
        const uint32_t *set = b->ids.member + b->ids.start[b->ids.context[id]];
        size_t own = 0;

        for (size_t i = 0; i < b->l; i++) {
            memcpy(x + i * b->d, att_mat_row(b->cell, set[i]),
                   b->d * sizeof *x);
            own = set[i] == b->ids.token[id] ? i : own;
        }
        f->value(x, b->l, b->d, own, b->value + id * b->d_out);
    }
    return ATT_OK;
}

static att_status build(struct att_workspace *ws, const struct att_case *c,
                        void **built, struct att_error *err)
{
    const double start = att_clock_s();
    const struct att_functions *f = c->instance;
    struct ua_built *b = ATT_NEW0(ws->arena, struct ua_built, 1);

    if (b == NULL)
        return att_arena_fail(ws->arena, "the build", err);
    b->g = (size_t)c->p[UA_G].i;
    b->d = f->d;
    b->l = f->l;
    b->d_out = f->f->d_out;
    b->ramp = c->p[UA_RAMP].r / pow((double)b->g, 1.0 + c->p[UA_RAMP_ORDER].r);
    ATT_TRY(make_cells(b, ws->arena, err));
    ATT_TRY(make_multisets(b, c->p, ws->arena, err));
    const struct mem_search search = {ws, b->cell, &b->ids,
                                      (uint32_t)c->p[UA_N_DIR].i, false};

    b->scale.rho_mult = b->scale.bits_certified = (double)NAN;
    ATT_TRY(att_mem_search(&search, &b->scale, &b->found, err));
    if (!b->found) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "no direction separates the cells of a grid with g = "
                        "%zu, d = %zu",
                        b->g, b->d);
    }
    ATT_TRY(att_mem_finish(&b->ids, ws->arena, &b->scale, err));
    ATT_TRY(make_lookup(b, ws->arena, err));
    ATT_TRY(make_values(b, f->f, ws->arena, err));
    b->count = count_ids(c->p);
    b->build_s = att_clock_s() - start;
    *built = b;
    return ATT_OK;
}

const struct att_construction att_construction_approximation = {
    .abi = ATT_CONSTRUCTION_ABI,
    .name = "approximation",
    .family = "memorization",
    .source = "Kajitsuka, Sato 2024, arXiv 2307.14023 (reconstruction)",
    .summary = "approximates equivariant functions by quantiser, one softmax "
               "layer, decoder",
    .version = 1,
    .problem = &att_problem_functions,
    .bibtex = ATT_MEM_BIBTEX,
    .params = att_ua_params,
    .n_params = UA_PARAMS - ATT_FN_PARAMS,
    .metrics = att_ua_metrics,
    .n_metrics = UA_METRICS,
    .claims = att_ua_claims,
    .n_claims = UA_CLAIMS,
    .admit = admit,
    .cost = cost,
    .slices = att_slices_one,
    .build = build,
    .evaluate = att_ua_evaluate,
    .export_artifact = att_ua_export,
    .check = att_artifact_check,
};
