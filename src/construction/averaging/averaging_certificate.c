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
#include "attest/construction/finding.h"
#include "averaging_certificate_priv.h"

static const char *const BOUND[AVG_BOUNDS + 1] = {
    [AVG_RADON] = "radon",   [AVG_CENSUS] = "census", [AVG_DISJ] = "disj",
    [AVG_MEMORY] = "memory", [AVG_KERNEL] = "kernel", [AVG_LINEAR] = "linear",
};

static const struct att_param PARAMS[CP_PARAMS - ATT_AVG_PARAMS] = {
    ATT_PARAM_INTEGER("d", ATT_SEEDS_NOTHING, 4, 1, 4096,
                      "query/key dimension (paper: m')"),
    ATT_PARAM_CHOICE("keys", ATT_SEEDS_BUILDER, "gauss", att_avg_kind_name,
                     "position embedding"),
    ATT_PARAM_CHOICE("bound", ATT_SEEDS_NOTHING, "radon", BOUND,
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
    int b = 0;

    while (b + 1 < AVG_BOUNDS && !att_text_same(p[CP_BOUND].s, BOUND[b]))
        b++;
    return (enum avg_bound)b;
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
        flops = ldexp(1e3 * L * d, (int)p[ATT_AVG_L].i);
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
        bytes += 32.0 * L * h + 64.0 * h * h;
        flops += 400.0 * L * h * h;
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

    (void)ws, (void)err;
    att_avg_out_real(out, AM_CERT_ERR, f->cert_err);
    att_avg_out_real(out, AM_RESIDUAL, f->residual);
    att_avg_out_real(out, AM_ERR_MAX, f->measured);
    att_avg_out_real(out, AM_SEP_SHARE, f->share);
    att_avg_out_real(out, AM_SIZE_LAW, f->size_law);
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
    att_bundle_scalar(&out->witness, "cert_err",
                      isnan(x->found.cert_err) ? 0.0 : x->found.cert_err);
    return att_arena_refused(ws->arena) == 0
               ? ATT_OK
               : att_arena_fail(ws->arena, "the witness", err);
}

/* A matrix of the witness, data NULL when it is not there. */
static struct att_mat find(const struct att_artifact *a, const char *name)
{
    const struct att_tensor *t = att_bundle_find(&a->witness, name);

    if (t == NULL || t->dtype != ATT_F64 || t->rank != 2)
        return (struct att_mat){0};
    return att_mat_view(t->data, (size_t)t->shape[0], (size_t)t->shape[1]);
}

static bool holds_member(struct att_mat set, size_t j)
{
    for (size_t k = 0; k < set.cols; k++) {
        if (set.data[k] == (double)j)
            return true;
    }
    return false;
}

/* sum lam u = 0, sum lam = 0, one side in the set, the other outside: then no
 * w has all scores of the set above those outside. */
static double check_radon(const struct att_artifact *a)
{
    const struct att_mat u = find(a, "keys");
    const struct att_mat lam = find(a, "lambda");
    const struct att_mat set = find(a, "set");
    double sum = 0.0;
    double positive = 0.0;

    if (u.data == NULL || lam.cols != u.rows || set.data == NULL)
        return (double)INFINITY;
    for (size_t j = 0; j < lam.cols; j++) {
        if (lam.data[j] != 0.0 && holds_member(set, j) != (lam.data[j] > 0.0))
            return (double)INFINITY;
        sum += lam.data[j];
        positive += fmax(0.0, lam.data[j]);
    }
    return fmax(att_avg_radon_residual(u, lam.data),
                fmax(fabs(sum), fabs(positive - 1.0)));
}

/* Distinct rows of the messages, counted against what was said. */
static double check_messages(const struct att_artifact *a)
{
    const struct att_mat m = find(a, "messages");
    const struct att_mat said = find(a, "distinct");
    double n = 0.0;

    for (size_t i = 0; i < m.rows; i++) {
        size_t k = 0;

        while (k < i && memcmp(att_mat_row(m, i), att_mat_row(m, k),
                               m.cols * sizeof(double)) != 0)
            k++;
        n += k == i ? 1.0 : 0.0;
    }
    return said.data == NULL ? (double)INFINITY : fabs(n - said.data[0]);
}

/* The states are sorted: count changes; and run the register once more. */
static double check_states(const struct att_artifact *a)
{
    const struct att_mat t = find(a, "states");
    const struct att_mat shape = find(a, "shape");
    double n = 1.0;

    if (t.data == NULL || shape.data == NULL)
        return (double)INFINITY;
    const double most = ldexp(1.0, (int)shape.data[1]);

    for (size_t i = 0; i < t.rows; i++) {
        uint64_t left = (uint64_t)att_mat_row(t, i)[1];
        double h = 0.0;

        for (size_t k = 0; k < (size_t)shape.data[0]; k++, left >>= 1)
            h = fmod(2.0 * h + (double)(left & 1), most);
        if (h != att_mat_row(t, i)[0])
            return (double)INFINITY;
        n += i > 0 && h != att_mat_row(t, i - 1)[0] ? 1.0 : 0.0;
    }
    return fabs(n - shape.data[2]);
}

/* |W v|_inf for |v|_inf <= 1, and the mean of v over the set. */
static double check_kernel(const struct att_artifact *a, double cert)
{
    const struct att_mat w = find(a, "layer");
    const struct att_mat v = find(a, "kernel");
    const struct att_mat set = find(a, "set");
    double worst = 0.0;
    double mean = 0.0;

    if (w.data == NULL || v.cols != w.cols || set.data == NULL)
        return (double)INFINITY;
    for (size_t i = 0; i < w.rows; i++) {
        double sum = 0.0;

        for (size_t j = 0; j < w.cols; j++)
            sum += att_mat_row(w, i)[j] * v.data[j];
        worst = fmax(worst, fabs(sum) / (double)w.cols);
    }
    for (size_t j = 0; j < v.cols; j++) {
        worst = fmax(worst, fabs(v.data[j]) - 1.0);
        mean += holds_member(set, j) ? v.data[j] / (double)set.cols : 0.0;
    }
    return fmax(worst, fabs(mean - cert));
}

/* Rows of the basis are orthonormal: the read-out is a projector of rank k,
 * and rows of I - P have squared norms that sum to L - k. */
static double check_basis(const struct att_artifact *a)
{
    const struct att_mat b = find(a, "basis");
    double worst = b.data == NULL ? (double)INFINITY : 0.0;

    for (size_t i = 0; i < b.rows; i++) {
        for (size_t k = 0; k <= i; k++) {
            double sum = i == k ? -1.0 : 0.0;

            for (size_t j = 0; j < b.cols; j++)
                sum += att_mat_row(b, i)[j] * att_mat_row(b, k)[j];
            worst = fmax(worst, fabs(sum));
        }
    }
    return worst;
}

/* Counts of separable sets are what the keys give again. */
static att_status check_census(const struct att_artifact *a,
                               struct att_arena *arena, double *off,
                               struct att_error *err)
{
    const struct att_mat u = find(a, "keys");
    const struct att_mat count = find(a, "count");
    double total = 1.0;

    (void)arena, (void)err;
    if (u.data == NULL || count.data == NULL) {
        *off = (double)INFINITY;
        return ATT_OK;
    }
    *off = count.data[0] > count.data[1] ? (double)INFINITY : 0.0;
    /* n choose q for some q */
    for (size_t q = 1; *off == 0.0 && q < u.rows && total != count.data[1]; q++)
        total = total * (double)(u.rows - q + 1) / (double)q;
    if (*off == 0.0 && total != count.data[1])
        *off = (double)INFINITY;
    return ATT_OK;
}

static att_status check(const struct att_artifact *a, struct att_arena *scratch,
                        struct att_check_report *report, struct att_error *err)
{
    const struct att_tensor *kind = att_bundle_find(&a->witness, "bound");
    const struct att_tensor *cert = att_bundle_find(&a->witness, "cert_err");
    double off = (double)INFINITY;

    if (kind == NULL || cert == NULL)
        return att_fail(err, ATT_E_ARG, "the witness has no bound or cert_err");
    const double b = att_tensor_get(kind, 0);

    if (b == AVG_RADON) {
        off = check_radon(a);
    } else if (b == AVG_CENSUS) {
        ATT_TRY(check_census(a, scratch, &off, err));
    } else if (b == AVG_DISJ) {
        off = check_messages(a);
    } else if (b == AVG_MEMORY) {
        off = check_states(a);
    } else if (b == AVG_KERNEL) {
        off = check_kernel(a, att_tensor_get(cert, 0));
    } else if (b == AVG_LINEAR) {
        off = check_basis(a);
    }
    *report = (struct att_check_report){
        .n_compared = 1, .max_abs_error = off, .agrees = off < 1e-9};
    return ATT_OK;
}

/* ---- claims --------------------------------------------------------------------------- */

static bool is_bound(const struct att_row_view *row, enum avg_bound b)
{
    return att_avg_says(row, CP_BOUND, BOUND[b]);
}

static void judge_radon(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];
    const double bound = 1.0 / (double)row->param[ATT_AVG_Q].i;

    att_avg_blank(f);
    if (!is_bound(row, AVG_RADON))
        return;
    att_finding_at_least(f, att_avg_number(row, AM_ERR_MAX),
                         bound * (1.0 - 1e-9));
    if (!(att_avg_number(row, AM_RESIDUAL) < 1e-9))
        f->verdict = ATT_INCONCLUSIVE;
}

static void judge_disj(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];
    const double q = (double)row->param[ATT_AVG_Q].i;

    att_avg_blank(f);
    if (!is_bound(row, AVG_DISJ))
        return;
    if (att_avg_number(row, AM_COLLISIONS) > 0.0) {
        att_finding_at_least(f, att_avg_number(row, AM_ERR_MAX),
                             1.0 / q * (1.0 - 1e-9));
        return;
    }
    if (att_avg_number(row, AM_WRONG) == 0.0)
        att_finding_at_least(f, att_avg_number(row, AM_MSG_BITS), q);
}

static void judge_memory(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];

    att_avg_blank(f);
    if (!is_bound(row, AVG_MEMORY))
        return;
    const bool less =
        att_avg_number(row, AM_SIZE) < att_avg_number(row, AM_SIZE_LAW);

    f->statistic = att_avg_number(row, AM_COLLISIONS);
    f->predicted = less ? 1.0 : 0.0;
    f->verdict = less && f->statistic == 0.0 ? ATT_VIOLATED : ATT_HOLDS;
}

static void judge_kernel(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];
    const int64_t L = row->param[ATT_AVG_L].i;

    att_avg_blank(f);
    if (!is_bound(row, AVG_KERNEL) || 2 * row->param[CP_SLOTS].i >= L ||
        2 * row->param[ATT_AVG_Q].i > L)
        return;
    f->statistic = att_avg_number(row, AM_CERT_ERR);
    f->predicted = row->param[CP_EPS].r;
    f->verdict = f->statistic > f->predicted ? ATT_HOLDS : ATT_INCONCLUSIVE;
}

static void judge_linear(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_row_view *row = &rows->row[0];

    att_avg_blank(f);
    if (!is_bound(row, AVG_LINEAR) || row->param[ATT_AVG_Q].i != 1 ||
        row->param[CP_SLOTS].i >= row->param[ATT_AVG_L].i)
        return;
    att_finding_at_least(f, att_avg_number(row, AM_ERR_MAX),
                         att_avg_number(row, AM_CERT_ERR) * (1.0 - 1e-9));
}

static void judge_size(const struct att_rows *rows, struct att_finding *f)
{
    struct att_sample s;

    att_avg_blank(f);
    if (rows->n == 0 || !is_bound(&rows->row[0], AVG_LINEAR) ||
        !att_sample_init(&s, rows->scratch, rows->n, 1))
        return;
    for (size_t i = 0; i < rows->n; i++) {
        const double L = (double)rows->row[i].param[ATT_AVG_L].i;

        if (att_avg_has(&rows->row[i], AM_SIZE)) {
            (void)att_sample_add(&s, &L, att_avg_number(&rows->row[i], AM_SIZE),
                                 rows->row[i].replicate);
        }
    }
    att_finding_exponent(f, &s, 5, (struct att_interval){0.95, 1.05},
                         rows->scratch, NULL);
    f->predicted = 1.0;
}

static const struct att_claim CLAIMS[] = {
    AVG_ROW_CLAIM("radon", ATT_PROVED, AVG_HERE, judge_radon,
                  "d <= 2q - 1 and L >= 3q: a certified set has error >= 1/q"),
    AVG_ROW_CLAIM("disj", ATT_PROVED, AVG_HERE, judge_disj,
                  "equal messages make an error >= 1/q; all pairs right need "
                  "msg_bits >= q"),
    AVG_ROW_CLAIM("rnn-memory", ATT_PROVED, AVG_HERE, judge_memory,
                  "a state of fewer than (L - 1)/2 bits has collisions"),
    AVG_ROW_CLAIM("ffn-width", ATT_PROVED, AVG_HERE, judge_kernel,
                  "a first layer narrower than L dv / 2 has a kernel witness "
                  "with cert_err > eps"),
    AVG_ROW_CLAIM("rnn-linear", ATT_PROVED, AVG_HERE, judge_linear,
                  "q = 1: worst-value error >= sqrt(1 - slots/L)"),
    AVG_GROUP_CLAIM("size-linear", ATT_EMPIRICAL, AVG_LAW, judge_size,
                    "*,!L,!slots", "least slots within eps grow as L^1"),
};

const struct att_construction att_construction_averaging_certificate = {
    .abi = ATT_CONSTRUCTION_ABI,
    .name = "averaging_certificate",
    .family = "averaging",
    .source = AVG_SOURCE,
    .summary = "lower bounds of sparse averaging, each row with a witness",
    .version = 1,
    .problem = &att_problem_averaging,
    .bibtex = AVG_BIBTEX,
    .params = PARAMS,
    .n_params = CP_PARAMS - ATT_AVG_PARAMS,
    .metrics = att_avg_metrics,
    .n_metrics = AVG_METRICS,
    .observations = att_avg_observations,
    .n_observations = AVG_OBSERVATIONS,
    .claims = CLAIMS,
    .n_claims = sizeof CLAIMS / sizeof CLAIMS[0],
    .admit = admit,
    .cost = cost,
    .slices = att_slices_one,
    .build = build,
    .evaluate = evaluate,
    .export_artifact = export_artifact,
    .check = check,
};
