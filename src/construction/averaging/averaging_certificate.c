/* averaging_certificate.c - impossibility and rivals as rows with a witness.
 *
 *   radon   d <= 2q - 1 and L >= 3q: two disjoint sets of keys whose hulls
 *           meet, so that no query separates one from the other
 *   census  which of all q-subsets a hyperplane separates (small L)
 *   disj    disjointness of two subsets through one unit: the query is the
 *           message, equal messages make an error of 1/q
 *   memory  a state of s bits after (L - 1)/2 bits
 *   kernel  a first layer of width h: inputs z and -z that it does not tell
 *           apart
 *   linear  a linear recurrent net of k slots with its best read-out
 *
 * Differs: memory runs a shift register, the map that keeps most; kernel and
 * linear take Gaussian weights. */
#include <inttypes.h>
#include <string.h>

#include "attest/base/text.h"
#include "attest/linalg/lp.h"
#include "averaging_certificate_priv.h"

const char *const att_avg_bound_name[AVG_BOUNDS + 1] = {
    [AVG_RADON] = "radon",   [AVG_CENSUS] = "census", [AVG_DISJ] = "disj",
    [AVG_MEMORY] = "memory", [AVG_KERNEL] = "kernel", [AVG_LINEAR] = "linear",
};

static const struct att_param PARAMS[CP_PARAMS - ATT_AVG_PARAMS] = {
    ATT_PARAM_INTEGER("d", ATT_SEEDS_NOTHING, 4, 1, 4096,
                      "query/key dimension (paper: m')"),
    ATT_PARAM_CHOICE("keys", ATT_SEEDS_BUILDER, "gauss", att_avg_kind_name,
                     "position embedding"),
    ATT_PARAM_CHOICE("bound", ATT_SEEDS_NOTHING, "radon", att_avg_bound_name,
                     "which statement"),
    ATT_PARAM_REAL("eps", ATT_SEEDS_NOTHING, 0.1, 1e-12, 1.0, "allowed error"),
    ATT_PARAM_INTEGER("frac_bits", ATT_SEEDS_NOTHING, 8, 0, 40,
                      "disj: fractional bits of a query's coordinates"),
    ATT_PARAM_INTEGER("slots", ATT_SEEDS_NOTHING, 16, 1, 65536,
                      "linear: slots k of the state; kernel: width h of the "
                      "first layer"),
    ATT_PARAM_INTEGER("state_bits", ATT_SEEDS_NOTHING, 8, 1, 40,
                      "memory: bits of the state"),
};

static enum avg_bound bound_of(const struct att_value *p)
{
    return (enum avg_bound)att_text_choice(p[CP_BOUND].s, att_avg_bound_name);
}

/* What a bound asks of the point; NULL: nothing is missing. */
static const char *missing(const struct att_value *p)
{
    const int64_t L = p[ATT_AVG_L].i;
    const int64_t q = p[ATT_AVG_Q].i;
    const int64_t d = p[CP_D].i;

    switch (bound_of(p)) {
    case AVG_RADON:
        return d <= 2 * q - 1 && L >= 3 * q && L >= d + 2
                   ? NULL
                   : "radon needs d <= 2q - 1 and L >= 3q";
    case AVG_CENSUS:
        return L <= 16 ? NULL : "census needs L <= 16";
    case AVG_DISJ:
        return L == 2 * q + 1 && q <= 8 ? NULL
                                        : "disj needs L = 2q + 1 and q <= 8";
    case AVG_MEMORY:
        return L >= 3 && L <= 41 ? NULL : "memory needs 3 <= L <= 41";
    case AVG_KERNEL:
    case AVG_LINEAR:
    case AVG_BOUNDS:
        break;
    }
    return p[CP_SLOTS].i <= L && L <= 4096 ? NULL
                                           : "slots <= L <= 4096 is needed";
}

static att_status admit(const struct att_value *p, struct att_error *err)
{
    const char *wrong = missing(p);

    ATT_TRY(att_averaging_admit(p, err));
    return wrong == NULL ? ATT_OK
                         : att_fail(err, ATT_E_INFEASIBLE,
                                    "%s (got L = %" PRId64 ", q = %" PRId64
                                    ", d = %" PRId64 ", slots = %" PRId64 ")",
                                    wrong, p[ATT_AVG_L].i, p[ATT_AVG_Q].i,
                                    p[CP_D].i, p[CP_SLOTS].i);
}

static double n_subsets_ln(double L, double q)
{
    return lgamma(L + 1.0) - lgamma(q + 1.0) - lgamma(L - q + 1.0);
}

static struct att_cost cost(const struct att_value *p)
{
    const double L = (double)p[ATT_AVG_L].i;
    const double d = (double)p[CP_D].i;
    const double q = (double)p[ATT_AVG_Q].i;
    const double h = (double)p[CP_SLOTS].i;
    double flops = 100.0 * L * d * d;
    double bytes =
        att_averaging_bytes(p) + 64.0 * L * (d + 4.0) + 64.0 * d * d + 65536.0;

    switch (bound_of(p)) {
    case AVG_CENSUS:
        flops = 2e4 * L * d * exp(n_subsets_ln(L, q));
        bytes += 8.0 * (L + d + 2.0) * exp(n_subsets_ln(L, q)) +
                 2.0 * att_lp_bytes(2.0 * d + L, L + d + 3.0);
        break;
    case AVG_DISJ:
        bytes += ldexp(8.0 * (d + L), (int)q);
        flops += ldexp(3.0 * L, 2 * (int)q);
        break;
    case AVG_MEMORY:
        bytes += ldexp(16.0, (int)((L - 1.0) / 2.0));
        flops += ldexp(40.0 * L, (int)((L - 1.0) / 2.0));
        break;
    case AVG_KERNEL:
        bytes += 32.0 * L * h + 64.0 * h * h + 64.0 * L;
        bytes += L <= 256.0 ? att_lp_bytes(h, L) : 0.0;
        flops += 4e3 * L * h * h;
        break;
    case AVG_LINEAR:
        bytes += 48.0 * L * L;
        flops += 6.0 * L * L * L;
        break;
    case AVG_RADON:
    case AVG_BOUNDS:
        break;
    }
    return (struct att_cost){.flops = flops, .bytes = bytes};
}

void att_avg_witness_add(struct avg_bound_case *x, const char *name,
                         struct att_mat m)
{
    x->witness.name[x->witness.n] = name;
    x->witness.m[x->witness.n++] = m;
}

static att_status build(struct att_workspace *ws, const struct att_case *c,
                        void **built, struct att_error *err)
{
    static const avg_bound_fn RUN[AVG_BOUNDS] = {
        [AVG_RADON] = att_avg_bound_radon,
        [AVG_CENSUS] = att_avg_bound_census,
        [AVG_DISJ] = att_avg_bound_disj,
        [AVG_MEMORY] = att_avg_bound_memory,
        [AVG_KERNEL] = att_avg_bound_kernel,
        [AVG_LINEAR] = att_avg_bound_linear,
    };
    struct avg_bound_case *x = ATT_NEW0(ws->arena, struct avg_bound_case, 1);

    if (x == NULL)
        return att_arena_fail(ws->arena, "the certificate", err);
    *x = (struct avg_bound_case){.ws = ws,
                                 .c = c,
                                 .a = c->instance,
                                 .found = {.cert_err = (double)NAN,
                                           .residual = (double)NAN,
                                           .measured = (double)NAN,
                                           .share = (double)NAN,
                                           .size_law = (double)NAN,
                                           .distinct = -1,
                                           .collisions = -1,
                                           .wrong = -1,
                                           .msg_bits = -1,
                                           .size = -1}};
    ATT_TRY(RUN[bound_of(c->p)](x, err));
    *built = x;
    return ATT_OK;
}

static void out_count(struct att_outcome *out, uint32_t metric, int64_t n)
{
    if (n >= 0)
        att_out_int(out, metric, n);
}

static att_status evaluate(struct att_workspace *ws, const struct att_case *c,
                           struct att_outcome *out, struct att_error *err)
{
    const struct avg_bound_case *x = c->built;
    const struct avg_bound_found *f = &x->found;
    char text[AVG_WITNESS_TEXT];

    (void)ws, (void)err;
    att_avg_witness_text(x, bound_of(c->p), text);
    att_out_text(out, AM_WITNESS, text);
    att_out_finite(out, AM_CERT_ERR, f->cert_err);
    att_out_finite(out, AM_RESIDUAL, f->residual);
    att_out_finite(out, AM_ERR_MAX, f->measured);
    att_out_finite(out, AM_SEP_SHARE, f->share);
    att_out_finite(out, AM_SIZE_LAW, f->size_law);
    out_count(out, AM_DISTINCT, f->distinct);
    out_count(out, AM_COLLISIONS, f->collisions);
    out_count(out, AM_WRONG, f->wrong);
    out_count(out, AM_MSG_BITS, f->msg_bits);
    out_count(out, AM_SIZE, f->size);
    return ATT_OK;
}

/* ---- witness ------------------------------------------------------------------------ */

static att_status export_artifact(struct att_workspace *ws,
                                  const struct att_case *c,
                                  struct att_artifact *out,
                                  struct att_error *err)
{
    const struct avg_bound_case *x = c->built;

    for (size_t i = 0; i < x->witness.n; i++) {
        const struct att_mat m = x->witness.m[i];
        const uint64_t shape[2] = {m.rows, m.cols};
        double *to = att_bundle_add(&out->witness, x->witness.name[i], ATT_F64,
                                    2, shape);

        for (size_t k = 0; to != NULL && k < m.rows; k++)
            memcpy(to + k * m.cols, att_mat_row(m, k), m.cols * sizeof *to);
    }
    att_bundle_scalar(&out->witness, "bound", (double)bound_of(c->p));
    att_bundle_scalar(&out->witness, "q", (double)x->a->q);
    if (!isnan(x->found.share))
        att_bundle_scalar(&out->witness, "share", x->found.share);
    att_bundle_scalar(&out->witness, "cert_err",
                      isnan(x->found.cert_err) ? 0.0 : x->found.cert_err);
    return att_arena_refused(ws->arena) == 0
               ? ATT_OK
               : att_arena_fail(ws->arena, "the witness", err);
}

const struct att_construction att_construction_averaging_certificate = {
    .abi = ATT_CONSTRUCTION_ABI,
    .name = "averaging_certificate",
    .family = "averaging",
    .source = SANFORD_SOURCE,
    .summary = "lower bounds of sparse averaging, each row with a witness",
    .version = 2,
    .problem = &att_problem_averaging,
    .bibtex = SANFORD_BIBTEX,
    .params = PARAMS,
    .n_params = CP_PARAMS - ATT_AVG_PARAMS,
    .metrics = att_avg_metrics,
    .n_metrics = AVG_METRICS,
    .observations = att_avg_observations,
    .n_observations = AVG_OBSERVATIONS,
    .claims = att_avg_bound_claims,
    .n_claims = AVG_BOUND_CLAIMS,
    .admit = admit,
    .cost = cost,
    .slices = att_slices_one,
    .build = build,
    .evaluate = evaluate,
    .export_artifact = export_artifact,
    .check = att_avg_witness_check,
};
