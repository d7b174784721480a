/* patterns_columns.c - metrics, observations, and what fills them. */
#include "patterns_columns_priv.h"

#include "attest/base/text.h"

#define COUNT_AS(name_, unit_, how_, doc_)                                     \
    {                                                                          \
        .name = (name_), .unit = (unit_), .doc = (doc_), .kind = ATT_INTEGER,  \
        .role = ATT_ROLE_MEASURED, .exactness = ATT_EXACT, .reduction = (how_) \
    }
#define COUNT(name_, doc_) COUNT_AS(name_, "1", ATT_REDUCE_SAME, doc_)
#define REAL_AS(name_, unit_, how_, doc_)                                      \
    {                                                                          \
        .name = (name_), .unit = (unit_), .doc = (doc_), .kind = ATT_REAL,     \
        .role = ATT_ROLE_MEASURED, .exactness = ATT_ROUNDED,                   \
        .tolerance = 1e-3, .reduction = (how_)                                 \
    }
#define REAL(name_, unit_, doc_) REAL_AS(name_, unit_, ATT_REDUCE_SAME, doc_)
#define LAW(name_, unit_, doc_)                                                \
    {                                                                          \
        .name = (name_), .unit = (unit_), .doc = (doc_), .kind = ATT_REAL,     \
        .role = ATT_ROLE_PREDICTED, .exactness = ATT_ROUNDED,                  \
        .tolerance = 1e-9                                                      \
    }
#define PLACE(name_, of_, doc_)                                                \
    {                                                                          \
        .name = (name_), .unit = "1", .doc = (doc_), .kind = ATT_INTEGER,      \
        .role = ATT_ROLE_MEASURED, .exactness = ATT_EXACT,                     \
        .reduction = ATT_REDUCE_PLACE, .place_of = (of_)                       \
    }
#define TIME(name_, unit_, how_, doc_)                                         \
    {                                                                          \
        .name = (name_), .unit = (unit_), .doc = (doc_), .kind = ATT_REAL,     \
        .role = ATT_ROLE_MEASURED, .exactness = ATT_TIMING,                    \
        .reduction = (how_)                                                    \
    }
#define WORD(name_, doc_)                                                      \
    {                                                                          \
        .name = (name_), .unit = "1", .doc = (doc_), .kind = ATT_TEXT,         \
        .role = ATT_ROLE_MEASURED, .exactness = ATT_EXACT                      \
    }

const struct att_metric att_pat_metrics[PAT_METRICS] = {
    [PM_NNZ] = COUNT("nnz", "nonzeros of the pattern"),
    [PM_K_ROW] = COUNT("k_row", "most nonzeros of a row"),
    [PM_K_COL] = COUNT("k_col", "most nonzeros of a column"),
    [PM_D_USED] = COUNT("d_used", "query/key dimension that was built"),
    [PM_D_MODEL] = COUNT("d_model", "width of X = [X1 | X2], 2 d"),
    [PM_N_GRID] = COUNT("n_grid", "dimensions that a nested pass looked at"),
    [PM_BETA] = REAL_AS("beta", "nat", ATT_REDUCE_MAX,
                        "logit scale: t2 + d1 fixed, else t2 / gap of beta = "
                        "1; t2 = ln(1/eps2), d1 = ln(1 + eps1)"),
    [PM_BETA_LO] = REAL_AS("beta_lo", "nat", ATT_REDUCE_MAX,
                           "least beta that separates the zeros"),
    [PM_BETA_HI] = REAL_AS("beta_hi", "nat", ATT_REDUCE_MIN,
                           "largest beta that keeps the ratios"),
    [PM_DEV] = REAL_AS("dev_nats", "nat", ATT_REDUCE_MAX,
                       "largest spread of S - lam over a row's support"),
    [PM_DEV_ROW] = PLACE("argrow_dev", "dev_nats", "the row of dev_nats"),
    [PM_GAP] = REAL_AS("gap_nats", "nat", ATT_REDUCE_MIN,
                       "least distance of a nonzero's logit above a zero's"),
    [PM_GAP_ROW] = PLACE("argrow_zero", "gap_unit", "the row of the gap"),
    [PM_GAP_UNIT] = REAL_AS("gap_unit", "1", ATT_REDUCE_MIN,
                            "the gap at beta = 1 (equal values)"),
    [PM_Q] = REAL("gap_ratio", "1",
                  "Q = least gap / largest spread at beta = 1; some beta "
                  "works iff Q >= t2 / d1 (missing when the spread is 0)"),
    [PM_ACCEPT] = COUNT_AS("accept", "1", ATT_REDUCE_MIN,
                           "1 if every row satisfies RATIO and ZERO"),
    [PM_D_MIN] = {.name = "d_min",
                  .unit = "1",
                  .doc = "start of the last run of accepted grid d that "
                         "reaches the largest one",
                  .kind = ATT_INTEGER,
                  .role = ATT_ROLE_MEASURED,
                  .exactness = ATT_EXACT,
                  .predicted_by = "d_sharp"},
    [PM_D_FIRST] = COUNT("d_first", "first grid d that is accepted"),
    [PM_RATIO_ERR] = REAL_AS("ratio_err_max", "1", ATT_REDUCE_MAX,
                             "exp(dev_nats) - 1, to compare with eps1"),
    [PM_ZERO_RATIO] = REAL_AS("zero_ratio_max", "1", ATT_REDUCE_MAX,
                              "exp(-gap_nats), to compare with eps2"),
    [PM_MASS_MAX] = REAL("zero_mass_max", "1",
                         "largest softmax mass that a row puts on zeros"),
    [PM_MASS_MEAN] = {.name = "zero_mass_mean",
                      .unit = "1",
                      .doc = "softmax mass on zeros, mean of the rows",
                      .kind = ATT_REAL,
                      .role = ATT_ROLE_MEASURED,
                      .exactness = ATT_ROUNDED,
                      .tolerance = 1e-3,
                      .predicted_by = "zero_mass_law"},
    [PM_MASS_LAW] =
        LAW("zero_mass_law", "1", "(L/k) exp(beta^2 k / (2 d) - beta)"),
    [PM_KL] = REAL("kl_max_nats", "nat",
                   "largest divergence of a row of A from its softmax"),
    [PM_LOGIT] = REAL_AS("max_abs_logit", "nat", ATT_REDUCE_MAX, "largest |S|"),
    [PM_RANGE] = {.name = "logit_range",
                  .unit = "nat",
                  .doc = "largest spread of the logits of one row, zeros "
                         "included: what arithmetic must resolve",
                  .kind = ATT_REAL,
                  .role = ATT_ROLE_MEASURED,
                  .exactness = ATT_ROUNDED,
                  .tolerance = 1e-3,
                  .reduction = ATT_REDUCE_MAX,
                  .predicted_by = "logit_range_law"},
    [PM_NORM_Q] = REAL_AS("max_row_norm_q", "1", ATT_REDUCE_MAX,
                          "largest norm of a row of X1"),
    [PM_NORM_K] = REAL_AS("max_row_norm_k", "1", ATT_REDUCE_MAX,
                          "largest norm of a row of X2"),
    [PM_MARGIN_EFF] =
        REAL_AS("margin_eff", "1", ATT_REDUCE_MIN,
                "gap sqrt(k) / (largest |x| |y|): about 1 at most"),
    [PM_CERTIFICATE] =
        WORD("certificate",
             "how far the evaluation looked: full, fwht, circulant, coherence, "
             "radon, order, search"),
    [PM_COND] = REAL_AS("cond_max", "1", ATT_REDUCE_MAX,
                        "largest condition number of a row's Gram matrix "
                        "(bound by the trace)"),
    [PM_MAX_OFFDIAG] = COUNT(
        "max_offdiag", "largest integer inner product of two different keys"),
    [PM_MU] = REAL("coherence", "1", "mu, largest |<y, y'>| of unit keys"),
    [PM_GAP_MU] = REAL_AS("gap_coherence", "1", ATT_REDUCE_MIN,
                          "the gap that coherence certifies, least of "
                          "1 - mu |c|_1"),
    [PM_CROSS_ERR] = REAL_AS("cross_err", "1", ATT_REDUCE_MAX,
                             "largest difference to the plain evaluation of "
                             "the same logits, beta = 1"),
    [PM_N_SERVED] = COUNT(
        "n_served", "patterns that the keys serve; d = 1: maps that some order "
                    "serves"),
    [PM_N_FAILED] =
        COUNT("n_failed", "subsets of k columns that no query serves"),
    [PM_GRAPH] = WORD(
        "relation", "equal or bound: what a certificate is to the full check; "
                    "cycle, planar, complete, other: the graph of k = 2"),
    [PM_Q_BOUND] = REAL("q_bound", "1",
                        "largest Q = gap / spread that the keys allow, by "
                        "their Radon partition"),
    [PM_FEASIBLE] = COUNT("feasible", "1: exact ratios exist at this d"),
    [PM_FEASIBLE_CHECK] =
        COUNT("feasible_check", "n_served at d = 1, by trying every order"),
    [PM_RANGE_LAW] = LAW("logit_range_law", "nat",
                         "band: 1.1 t2 2^k / (k!)^2 (L^2 / 2 pi^2)^k"),
    [PM_BITS] = COUNT_AS("bits", "bit", ATT_REDUCE_SAME,
                         "significant bits of a coordinate of X"),
    [PM_D_JL] =
        LAW("d_jl", "1", "JL + union-bound d (reconstructed), failure 1/2"),
    [PM_D_SHARP] = LAW("d_sharp", "1",
                       "median d_min in the Gaussian limit (derived here)"),
    [PM_VACUOUS] = {.name = "vacuous",
                    .unit = "1",
                    .doc = "1 where d_jl > L: d = L does it without a theorem",
                    .kind = ATT_INTEGER,
                    .role = ATT_ROLE_PREDICTED,
                    .exactness = ATT_EXACT},
    [PM_P_SUCCESS] =
        LAW("p_success", "1", "Poisson law of acceptance, sign keys and k = 1"),
    [PM_INFO_BITS] =
        LAW("info_bits", "bit",
            "least d times bits of a scheme for all patterns, (k/2) log2(L/k)"),
    [PM_FLOPS] = {.name = "flops",
                  .unit = "flop",
                  .doc = "operations of the evaluation, as 2 L^2 d or as 2 k "
                         "L^2 where keys form a group",
                  .kind = ATT_REAL,
                  .role = ATT_ROLE_PREDICTED,
                  .exactness = ATT_EXACT,
                  .reduction = ATT_REDUCE_SUM},
    [PM_BYTES] = {.name = "bytes",
                  .unit = "byte",
                  .doc = "least traffic of the evaluation",
                  .kind = ATT_REAL,
                  .role = ATT_ROLE_PREDICTED,
                  .exactness = ATT_EXACT,
                  .reduction = ATT_REDUCE_SUM},
    [PM_KERNEL_S] =
        TIME("kernel_s", "s", ATT_REDUCE_SUM, "time of the evaluation alone"),
    [PM_GFLOPS] = TIME("gflops", "1e9 flop s-1", ATT_REDUCE_MIN,
                       "flops / kernel_s / 1e9"),
};

#define SEEN(name_, unit_, doc_)                                               \
    {                                                                          \
        .name = (name_), .unit = (unit_), .doc = (doc_), .kind = ATT_REAL,     \
        .role = ATT_ROLE_MEASURED, .exactness = ATT_ROUNDED, .tolerance = 1e-3 \
    }

const struct att_metric att_pat_observations[PAT_OBSERVATIONS] = {
    [PO_D] = {.name = "d",
              .unit = "1",
              .doc = "query/key dimension of the nested pass",
              .kind = ATT_REAL,
              .role = ATT_ROLE_AXIS,
              .exactness = ATT_EXACT},
    [PO_ACCEPT] = SEEN("accept", "1", "1 if this d is accepted"),
    [PO_DEV] = SEEN("dev", "1", "dev at beta = 1 (general values: in nat)"),
    [PO_GAP] = SEEN("gap", "1", "gap at beta = 1 (general values: in nat)"),
    [PO_LO] = SEEN("lo", "nat", "beta_lo at this d"),
    [PO_HI] = SEEN("hi", "nat", "beta_hi at this d"),
};

/* ---- filling --------------------------------------------------------------------- */

struct pat_tolerance att_pat_tolerance(const struct att_value *p)
{
    return (struct pat_tolerance){.d1 = log1p(p[PAT_EPS1].r),
                                  .t2 = -log(p[PAT_EPS2].r)};
}

struct pat_point att_pat_point(const struct att_value *p,
                               const struct att_pattern *a)
{
    const struct pat_tolerance t = att_pat_tolerance(p);

    return (struct pat_point){.L = (double)a->n_rows,
                              .k = (double)a->k_row,
                              .ln_gamma = a->ln_gamma,
                              .d1 = t.d1,
                              .t2 = t.t2};
}

void att_pat_out_shape(struct att_outcome *out, const struct att_pattern *a,
                       size_t d)
{
    att_out_int(out, PM_NNZ, (int64_t)a->nnz);
    att_out_int(out, PM_K_ROW, (int64_t)a->k_row);
    att_out_int(out, PM_K_COL, (int64_t)a->k_col);
    att_out_int(out, PM_D_USED, (int64_t)d);
    att_out_int(out, PM_D_MODEL, 2 * (int64_t)d);
    att_out_finite(out, PM_INFO_BITS,
                   att_pat_info_bits((double)a->n_rows, (double)a->k_row));
}

void att_pat_out_verdict(struct att_outcome *out, const struct pat_worst *w,
                         const struct pat_verdict *v)
{
    att_out_finite(out, PM_BETA, v->beta);
    att_out_finite(out, PM_BETA_LO, v->lo);
    att_out_finite(out, PM_BETA_HI, v->hi);
    att_out_finite(out, PM_DEV, v->dev);
    att_out_finite(out, PM_GAP, v->gap);
    att_out_finite(out, PM_Q, v->q);
    att_out_int(out, PM_DEV_ROW, (int64_t)w->dev_row);
    att_out_int(out, PM_GAP_ROW, (int64_t)w->gap_row);
    att_out_int(out, PM_ACCEPT, v->accept);
    att_out_finite(out, PM_RATIO_ERR, expm1(v->dev));
    att_out_finite(out, PM_ZERO_RATIO, exp(-v->gap));
}

static double finite_or_missing(double x)
{
    return isfinite(x) ? x : (double)NAN;
}

void att_pat_observe(struct att_outcome *out, double d,
                     const struct pat_worst *w, const struct pat_verdict *v,
                     bool known)
{
    const double line[PAT_OBSERVATIONS] = {
        [PO_D] = d,
        [PO_ACCEPT] = v->accept,
        [PO_DEV] = known ? w->dev : (double)NAN,
        [PO_GAP] = known ? finite_or_missing(w->gap) : (double)NAN,
        [PO_LO] = finite_or_missing(v->lo),
        [PO_HI] = finite_or_missing(v->hi)};

    att_out_observe(out, line);
}

void att_pat_walk_add(struct pat_walk *walk, int64_t d, bool accept)
{
    walk->n++;
    if (accept && walk->d_first == 0)
        walk->d_first = d;
    if (accept && walk->d_min == 0)
        walk->d_min = d;
    if (!accept)
        walk->d_min = 0;
}

void att_pat_out_walk(struct att_outcome *out, const struct pat_walk *walk)
{
    if (walk->d_min > 0)
        att_out_int(out, PM_D_MIN, walk->d_min);
    if (walk->d_first > 0)
        att_out_int(out, PM_D_FIRST, walk->d_first);
    att_out_int(out, PM_N_GRID, (int64_t)walk->n);
    att_out_text(out, PM_CERTIFICATE, "full");
}
