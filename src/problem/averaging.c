/* averaging.c - the problem `averaging`: its parameters and its generator. */
#include "attest/problem/averaging.h"

#include <inttypes.h>
#include <math.h>

#include "attest/base/subset.h"
#include "attest/base/text.h"

enum { AVG_SET = 1, AVG_VALUE };

static const char *const DATA_KINDS[] = {"random", "hard", NULL};

static const struct att_param PARAMS[ATT_AVG_PARAMS] = {
    [ATT_AVG_L] = ATT_PARAM_INTEGER("L", ATT_SEEDS_NOTHING, 64, 2, 1048576,
                                    "tokens of a sequence (paper: N)"),
    [ATT_AVG_Q] = ATT_PARAM_INTEGER("q", ATT_SEEDS_NOTHING, 4, 1, 4096,
                                    "members of a set"),
    [ATT_AVG_DV] = ATT_PARAM_INTEGER("dv", ATT_SEEDS_NOTHING, 1, 1, 4096,
                                     "value dimension (paper: d')"),
    [ATT_AVG_SAMPLES] =
        ATT_PARAM_INTEGER("samples", ATT_SEEDS_NOTHING, 1, 1, 65536,
                          "instances, each with its own sets and keys"),
    [ATT_AVG_SETS] =
        ATT_PARAM_INTEGER("n_sets", ATT_SEEDS_NOTHING, 0, 0, 1048576,
                          "query sets of an instance; 0: one for every token"),
    [ATT_AVG_DATA] =
        ATT_PARAM_CHOICE("data", ATT_SEEDS_INSTANCE, "random", DATA_KINDS,
                         "random sets, or those hard for a moment curve"),
};

/* ---- which points exist ------------------------------------------------------ */

size_t att_averaging_sets(const struct att_value *p)
{
    const int64_t n = p[ATT_AVG_SETS].i;

    return (size_t)(n == 0 ? p[ATT_AVG_L].i : n);
}

double att_averaging_bytes(const struct att_value *p)
{
    const double n =
        (double)p[ATT_AVG_SAMPLES].i * (double)att_averaging_sets(p);

    return 4.0 * n * (double)p[ATT_AVG_Q].i +
           (double)p[ATT_AVG_L].i * (4.0 + 8.0 * (double)p[ATT_AVG_DV].i) +
           1024.0;
}

att_status att_averaging_admit(const struct att_value *p, struct att_error *err)
{
    if (p[ATT_AVG_Q].i >= p[ATT_AVG_L].i) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "q = %" PRId64 " members leave no other token of L = "
                        "%" PRId64 ": set q below L",
                        p[ATT_AVG_Q].i, p[ATT_AVG_L].i);
    }
    if (p[ATT_AVG_SETS].i > p[ATT_AVG_L].i) {
        return att_fail(err, ATT_E_INFEASIBLE,
                        "n_sets = %" PRId64
                        " queries are more than L = %" PRId64
                        " tokens: lower n_sets, or raise samples",
                        p[ATT_AVG_SETS].i, p[ATT_AVG_L].i);
    }
    return ATT_OK;
}

/* ---- sets -------------------------------------------------------------------- */

enum hard_kind { CENTRE, HOLE, EDGE, LATE, ALTERNATE, SPREAD, HARD_KINDS };

/* Member k of a hard set before it is moved. */
static size_t hard_member(enum hard_kind kind, size_t k, size_t L, size_t q)
{
    switch (kind) {
    case CENTRE:
        return L / 2 - q / 2 + k;
    case HOLE:
        return L / 2 - q / 2 + k + (k >= (q + 1) / 2 ? 1 : 0);
    case EDGE:
        return k;
    case LATE:
        return 3 * L / 4 + k;
    case ALTERNATE:
        return 2 * k < L ? 2 * k : 2 * k - L + 1 - L % 2;
    case SPREAD:
    case HARD_KINDS:
        break;
    }
    return k * L / q;
}

static void hard_set(size_t i, size_t L, size_t q, uint32_t *y)
{
    const enum hard_kind kind = (enum hard_kind)(i % HARD_KINDS);

    for (size_t k = 0; k < q; k++) {
        const size_t at = hard_member(kind, k, L, q) + i / HARD_KINDS;

        y[k] = (uint32_t)(at % L);
    }
    att_subset_sort(y, q);
}

static att_status make_sets(struct att_workspace *ws, const struct att_value *p,
                            struct att_averaging *a, struct att_error *err)
{
    uint32_t *y = ATT_NEW(ws->arena, uint32_t, a->samples * a->n_sets * a->q);
    const struct att_arena_mark mark = att_arena_mark(ws->arena);
    uint32_t *perm = ATT_NEW(ws->arena, uint32_t, a->L);

    if (y == NULL || perm == NULL)
        return att_arena_fail(ws->arena, "the query sets", err);
    for (size_t i = 0; i < a->samples * a->n_sets; i++) {
        const struct att_stream s = att_instance_stream(
            ws, AVG_SET, (uint32_t)(i / a->n_sets), (uint32_t)(i % a->n_sets));

        if (att_text_same(p[ATT_AVG_DATA].s, "hard")) {
            hard_set(i % a->n_sets, a->L, a->q, y + i * a->q);
        } else {
            att_stream_subset(&s, (uint32_t)a->L, (uint32_t)a->q, perm,
                              y + i * a->q);
        }
    }
    att_arena_rewind(ws->arena, mark);
    a->y = y;
    return ATT_OK;
}

/* ---- values ------------------------------------------------------------------ */

/* Uniform in the ball: a normal direction times U^(1/dv). */
static void draw_value(const struct att_stream *s, size_t dv, double *z)
{
    double norm2 = 0.0;

    att_stream_normals(s, 0, dv, z);
    for (size_t c = 0; c < dv; c++)
        norm2 += z[c] * z[c];
    const uint64_t behind = 4 * ((dv + 3) / 4);
    const double radius =
        pow(att_stream_uniform(s, behind), 1.0 / (double)dv) / sqrt(norm2);

    for (size_t c = 0; c < dv; c++)
        z[c] *= radius;
}

static att_status make_values(struct att_workspace *ws, struct att_averaging *a,
                              struct att_error *err)
{
    double *z = ATT_NEW(ws->arena, double, a->L * a->dv);

    if (z == NULL)
        return att_arena_fail(ws->arena, "the values", err);
    for (size_t j = 0; j < a->L; j++) {
        const struct att_stream s =
            att_instance_stream(ws, AVG_VALUE, 0, (uint32_t)j);

        draw_value(&s, a->dv, z + j * a->dv);
    }
    a->z = z;
    return ATT_OK;
}

void att_averaging_target(const double *z, size_t dv, const uint32_t *y,
                          size_t q, double *out)
{
    for (size_t c = 0; c < dv; c++) {
        double sum = 0.0;

        for (size_t k = 0; k < q; k++)
            sum += z[y[k] * dv + c];
        out[c] = sum / (double)q;
    }
}

static att_status generate(struct att_workspace *ws, const struct att_value *p,
                           void **instance, struct att_error *err)
{
    struct att_averaging *a = ATT_NEW(ws->arena, struct att_averaging, 1);

    ATT_TRY(att_averaging_admit(p, err));
    if (a == NULL)
        return att_arena_fail(ws->arena, "the instance", err);
    *a = (struct att_averaging){.L = (size_t)p[ATT_AVG_L].i,
                                .q = (size_t)p[ATT_AVG_Q].i,
                                .dv = (size_t)p[ATT_AVG_DV].i,
                                .samples = (size_t)p[ATT_AVG_SAMPLES].i,
                                .n_sets = att_averaging_sets(p)};
    ATT_TRY(make_sets(ws, p, a, err));
    ATT_TRY(make_values(ws, a, err));
    *instance = a;
    return ATT_OK;
}

/* sets [n_sets, q] and targets [n_sets, dv] of sample 0, values [L, dv]. */
static att_status export_instance(const struct att_value *p,
                                  const void *instance, struct att_bundle *out,
                                  struct att_error *err)
{
    const struct att_averaging *a = instance;
    const uint64_t shape[2] = {a->n_sets, a->q};
    const uint64_t target_shape[2] = {a->n_sets, a->dv};
    int64_t *sets = att_bundle_add(out, "sets", ATT_I64, 2, shape);
    double *targets = att_bundle_add(out, "targets", ATT_F64, 2, target_shape);

    (void)p;
    att_bundle_f64(out, "values", a->z, a->L, a->dv);
    if (sets == NULL || targets == NULL || att_arena_refused(out->arena) != 0)
        return att_arena_fail(out->arena, "the exported instance", err);
    for (size_t i = 0; i < a->n_sets * a->q; i++)
        sets[i] = a->y[i];
    for (size_t i = 0; i < a->n_sets; i++) {
        att_averaging_target(a->z, a->dv, a->y + i * a->q, a->q,
                             targets + i * a->dv);
    }
    return ATT_OK;
}

const struct att_problem att_problem_averaging = {
    .name = "averaging",
    .summary = "every query asks for the mean of q of L tokens",
    .params = PARAMS,
    .n_params = ATT_AVG_PARAMS,
    .generate = generate,
    .export_instance = export_instance,
};
