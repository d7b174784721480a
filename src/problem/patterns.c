/* patterns.c - the problem `patterns`: its parameters and its generator. */
#include "attest/problem/patterns.h"

#include <inttypes.h>
#include <math.h>

#include "attest/base/text.h"
#include "patterns_priv.h"

static const char *const DATA_KINDS[] = {
    "perm",      "band",    "block",    "rand",   "star",
    "circulant", "singles", "complete", "planar", "hamiltonian",
    "triangles", "file",    NULL,
};
static const char *const VALUE_KINDS[] = {"uniform", "loguniform", "pareto",
                                          NULL};

static const struct att_param PARAMS[ATT_PAT_PARAMS] = {
    [ATT_PAT_L] =
        ATT_PARAM_INTEGER("L", ATT_SEEDS_NOTHING, 64, 1, 16777216,
                          "rows of the pattern, tokens of the sequence"),
    [ATT_PAT_K] = ATT_PARAM_INTEGER("k", ATT_SEEDS_NOTHING, 1, 1, 64,
                                    "nonzeros per row (data = file: at most)"),
    [ATT_PAT_DATA] = ATT_PARAM_CHOICE("data", ATT_SEEDS_INSTANCE, "rand",
                                      DATA_KINDS, "kind of pattern"),
    [ATT_PAT_VALUES] = ATT_PARAM_CHOICE(
        "values", ATT_SEEDS_INSTANCE, "uniform", VALUE_KINDS,
        "values of the nonzeros: equal, log-uniform in [1, gamma], or Pareto "
        "of exponent 1 cut off at gamma"),
    [ATT_PAT_GAMMA] =
        ATT_PARAM_REAL("gamma", ATT_SEEDS_NOTHING, 1.0, 1.0, 1e6,
                       "largest ratio of two nonzeros of one row"),
    [ATT_PAT_PATH] =
        ATT_PARAM_PATH("path", ATT_SEEDS_INSTANCE,
                       "data = file: a Matrix Market or HDF5 file"),
};

/* ---- which points exist ---------------------------------------------------- */

static bool is_file(const struct att_value *p)
{
    return att_text_same(p[ATT_PAT_DATA].s, "file");
}

static const struct pat_kind *find_kind(const char *name)
{
    static const struct pat_kind *const tables[] = {att_pat_plain_kinds,
                                                    att_pat_graph_kinds};

    for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++) {
        for (const struct pat_kind *k = tables[t]; k->name != NULL; k++) {
            if (att_text_same(k->name, name))
                return k;
        }
    }
    return NULL;
}

static bool is_block(int64_t L, int64_t k)
{
    return L % k == 0;
}

static bool is_half(int64_t L, int64_t k)
{
    return k == 1 || 2 * k <= L;
}

static bool is_triangular(int64_t L, int64_t k)
{
    (void)k;
    return L >= 3 && att_pat_triangular_root((size_t)L) != 0;
}

static bool is_threefold(int64_t L, int64_t k)
{
    (void)k;
    return L % 3 == 0;
}

static bool is_three(int64_t L, int64_t k)
{
    (void)k;
    return L >= 3;
}

static bool is_two(int64_t L, int64_t k)
{
    (void)k;
    return L >= 2;
}

static bool holds_row(int64_t L, int64_t k)
{
    return k <= L;
}

/* What a kind demands of L and k, and how that is said. */
struct demand {
    const char *kind;
    bool (*met)(int64_t L, int64_t k);
    const char *text;
};

static const struct demand DEMANDS[] = {
    {"block", is_block, "L a multiple of k"},
    {"rand", is_half, "L >= 2 k"},
    {"complete", is_triangular, "L = n (n - 1) / 2 >= 3"},
    {"triangles", is_threefold, "L a multiple of 3"},
    {"planar", is_three, "L >= 3"},
    {"hamiltonian", is_three, "L >= 3"},
    {"star", is_two, "L >= 2"},
    {"singles", is_two, "L >= 2"},
    {NULL, holds_row, "k <= L"},
};

/* What is wrong with L for this kind; NULL: nothing. */
static const char *wrong_length(const char *kind, int64_t L, int64_t k)
{
    const struct demand *d = DEMANDS;

    while (d->kind != NULL && !att_text_same(d->kind, kind))
        d++;
    return d->met(L, k) ? NULL : d->text;
}

static att_status admit_values(const struct att_value *p, struct att_error *err)
{
    const bool uniform = att_text_same(p[ATT_PAT_VALUES].s, "uniform");

    if (uniform && p[ATT_PAT_GAMMA].r > 1.0) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "values = uniform has gamma = 1 (got %g): set values "
                        "to loguniform or pareto",
                        p[ATT_PAT_GAMMA].r);
    }
    if (is_file(p) && !uniform) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "data = file brings its own values: leave values and "
                        "gamma at their defaults");
    }
    return ATT_OK;
}

att_status att_patterns_admit(const struct att_value *p, struct att_error *err)
{
    const int64_t l = p[ATT_PAT_L].i;
    const int64_t k = p[ATT_PAT_K].i;
    const char *data = p[ATT_PAT_DATA].s;
    const struct pat_kind *kind = find_kind(data);

    ATT_TRY(admit_values(p, err));
    if (is_file(p)) {
        return p[ATT_PAT_PATH].s[0] != '\0'
                   ? ATT_OK
                   : att_fail(err, ATT_E_INFEASIBLE,
                              "data = file needs path: a Matrix Market or HDF5 "
                              "file");
    }
    if (kind == NULL)
        return att_fail(err, ATT_E_ARG, "data = '%s' is no pattern", data);
    if (kind->fixed_k != 0 && (int64_t)kind->fixed_k != k) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "data = %s has k = %zu (got k = %" PRId64 ")", data,
                        kind->fixed_k, k);
    }
    const char *wrong = wrong_length(data, l, k);

    if (wrong != NULL) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "data = %s needs %s (got L = %" PRId64 ", k = %" PRId64
                        ")",
                        data, wrong, l, k);
    }
    return ATT_OK;
}

size_t att_patterns_columns(const struct att_value *p)
{
    const size_t l = (size_t)p[ATT_PAT_L].i;

    if (att_text_same(p[ATT_PAT_DATA].s, "complete"))
        return att_pat_triangular_root(l);
    if (att_text_same(p[ATT_PAT_DATA].s, "planar"))
        return (l + 8) / 3;
    return l;
}

double att_patterns_nnz(const struct att_value *p)
{
    const double l = (double)p[ATT_PAT_L].i;

    if (att_text_same(p[ATT_PAT_DATA].s, "singles"))
        return 2.0 * l;
    return l * (double)p[ATT_PAT_K].i;
}

double att_patterns_bytes(const struct att_value *p)
{
    const bool uniform = att_text_same(p[ATT_PAT_VALUES].s, "uniform");
    const double l = (double)p[ATT_PAT_L].i;
    const double n_bytes = is_file(p) ? 24.0 : uniform ? 4.0 : 12.0;

    return n_bytes * att_patterns_nnz(p) + 24.0 * l + 1024.0;
}

/* ---- values ------------------------------------------------------------------ */

static double draw_lam(const struct att_value *p, const struct att_stream *s,
                       uint64_t word)
{
    const double u = att_stream_uniform(s, word);
    const double most = log(p[ATT_PAT_GAMMA].r);

    return att_text_same(p[ATT_PAT_VALUES].s, "loguniform")
               ? u * most
               : fmin(-log(u), most);
}

void att_pat_settle(struct att_pattern *out, double *lam)
{
    out->ln_gamma = 0.0;
    for (size_t i = 0; i < out->n_rows; i++) {
        double least = INFINITY;

        for (size_t e = out->first[i]; e < out->first[i + 1]; e++)
            least = fmin(least, lam[e]);
        for (size_t e = out->first[i]; e < out->first[i + 1]; e++) {
            lam[e] -= least;
            out->ln_gamma = fmax(out->ln_gamma, lam[e]);
        }
    }
    out->lam = out->ln_gamma > 0.0 ? lam : NULL;
}

static att_status add_values(const struct att_workspace *ws,
                             const struct att_value *p, struct att_pattern *out,
                             struct att_error *err)
{
    if (att_text_same(p[ATT_PAT_VALUES].s, "uniform"))
        return ATT_OK;
    double *lam = ATT_NEW(ws->arena, double, out->nnz);

    if (lam == NULL)
        return att_arena_fail(ws->arena, "the values", err);
    for (size_t i = 0; i < out->n_rows; i++) {
        const struct att_stream s =
            att_instance_stream(ws, PAT_VALUE, 0, (uint32_t)i);

        for (size_t e = out->first[i]; e < out->first[i + 1]; e++)
            lam[e] = draw_lam(p, &s, e - out->first[i]);
    }
    att_pat_settle(out, lam);
    return ATT_OK;
}

/* ---- the pattern ------------------------------------------------------------- */

static att_status make_support(const struct pat_kind *kind, struct pat_maker *m,
                               struct att_error *err)
{
    m->first = ATT_NEW(m->ws->arena, size_t, m->n_rows + 1);
    if (m->first == NULL)
        return att_arena_fail(m->ws->arena, "the rows", err);
    m->first[0] = 0;
    for (size_t i = 0; i < m->n_rows; i++) {
        m->first[i + 1] =
            m->first[i] + (kind->entries != NULL ? kind->entries(m, i) : m->k);
    }
    m->column = ATT_NEW(m->ws->arena, uint32_t, m->first[m->n_rows]);
    if (m->column == NULL)
        return att_arena_fail(m->ws->arena, "the support", err);
    return kind->columns(m, err);
}

static att_status count_degrees(struct att_arena *arena,
                                struct att_pattern *out, struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(arena);
    uint32_t *degree = ATT_NEW0(arena, uint32_t, out->n_cols);

    if (degree == NULL)
        return att_arena_fail(arena, "the degrees", err);
    for (size_t i = 0; i < out->n_rows; i++) {
        const size_t n = out->first[i + 1] - out->first[i];

        out->k_row = n > out->k_row ? n : out->k_row;
    }
    for (size_t e = 0; e < out->nnz; e++) {
        const size_t n = ++degree[out->column[e]];

        out->k_col = n > out->k_col ? n : out->k_col;
    }
    att_arena_rewind(arena, mark);
    return ATT_OK;
}

static att_status generate_kind(struct att_workspace *ws,
                                const struct att_value *p,
                                struct att_pattern *out, struct att_error *err)
{
    struct pat_maker m = {.ws = ws,
                          .n_rows = (size_t)p[ATT_PAT_L].i,
                          .n_cols = att_patterns_columns(p),
                          .k = (size_t)p[ATT_PAT_K].i};

    ATT_TRY(make_support(find_kind(p[ATT_PAT_DATA].s), &m, err));
    *out = (struct att_pattern){.n_rows = m.n_rows,
                                .n_cols = m.n_cols,
                                .nnz = m.first[m.n_rows],
                                .first = m.first,
                                .column = m.column,
                                .offset = m.offset,
                                .n_offsets = m.offset != NULL ? m.k : 0};
    return add_values(ws, p, out, err);
}

static att_status generate_file(struct att_workspace *ws,
                                const struct att_value *p,
                                struct att_pattern *out, struct att_error *err)
{
    const struct att_input_file *file = NULL;

    ATT_TRY(att_workspace_file(ws, p[ATT_PAT_PATH].s, &file, err));
    ATT_TRY(
        att_pattern_read(file, (size_t)p[ATT_PAT_K].i, ws->arena, out, err));
    if (out->n_rows != (size_t)p[ATT_PAT_L].i) {
        return att_fail(err, ATT_E_ARG,
                        "%s has %zu rows, L = %" PRId64 ": set L: %zu",
                        file->path, out->n_rows, p[ATT_PAT_L].i, out->n_rows);
    }
    return ATT_OK;
}

static att_status generate(struct att_workspace *ws, const struct att_value *p,
                           void **instance, struct att_error *err)
{
    struct att_pattern *out = ATT_NEW0(ws->arena, struct att_pattern, 1);

    if (out == NULL)
        return att_arena_fail(ws->arena, "the pattern", err);
    ATT_TRY(att_patterns_admit(p, err));
    ATT_TRY(is_file(p) ? generate_file(ws, p, out, err)
                       : generate_kind(ws, p, out, err));
    ATT_TRY(count_degrees(ws->arena, out, err));
    *instance = out;
    return ATT_OK;
}

/* ---- export ------------------------------------------------------------------ */

/* first [rows + 1], column [nnz], lam [nnz], shape [2]. */
static att_status export_instance(const struct att_value *p,
                                  const void *instance, struct att_bundle *out,
                                  struct att_error *err)
{
    const struct att_pattern *a = instance;
    const uint64_t n_first = a->n_rows + 1;
    const uint64_t nnz = a->nnz;
    const int64_t shape[2] = {(int64_t)a->n_rows, (int64_t)a->n_cols};
    int64_t *first = att_bundle_add(out, "first", ATT_I64, 1, &n_first);
    int64_t *column = att_bundle_add(out, "column", ATT_I64, 1, &nnz);
    double *lam = att_bundle_add(out, "lam", ATT_F64, 1, &nnz);

    (void)p;
    att_bundle_i64(out, "shape", shape, 2);
    if (att_arena_refused(out->arena) != 0 || first == NULL || column == NULL ||
        lam == NULL)
        return att_arena_fail(out->arena, "the exported pattern", err);
    for (size_t i = 0; i <= a->n_rows; i++)
        first[i] = (int64_t)a->first[i];
    for (size_t e = 0; e < a->nnz; e++) {
        column[e] = a->column[e];
        lam[e] = a->lam != NULL ? a->lam[e] : 0.0;
    }
    return ATT_OK;
}

const struct att_problem att_problem_patterns = {
    .name = "patterns",
    .summary = "sparse non-negative matrices of which ratios in rows matter",
    .params = PARAMS,
    .n_params = ATT_PAT_PARAMS,
    .generate = generate,
    .export_instance = export_instance,
};
