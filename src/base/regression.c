/* regression.c - least squares by Householder QR of [1 | X | y].
 *
 * Points are first brought into one order (by x, then y, then replicate), so
 * that nothing depends on how they came.  The triangle R of the augmented
 * matrix holds all there is to know: its leading block and last column give
 * the coefficients, its last diagonal entry the residual.  Resampling
 * replicates therefore needs no point again: the triangles of the replicates,
 * each scaled by the root of its weight, are stacked and made triangular once
 * more. */
#include "attest/base/regression.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "attest/base/bootstrap.h"
#include "attest/base/distribution.h"
#include "attest/base/hash.h"
#include "qr_priv.h"

enum { MAX_X = ATT_FIT_COEFS - 1 };

/* One point; unused coordinates are 0.  No padding: it is hashed. */
struct record {
    double x[MAX_X], y;
    int64_t cluster; /* the id, later its index */
};

_Static_assert(sizeof(struct record) == (MAX_X + 2) * sizeof(double),
               "record has holes");

struct cloud {
    struct record *record; /* n, sorted */
    size_t n;
    uint32_t p, width; /* columns: 1 (if there is an intercept), x, y */
    bool through_origin;
    size_t *start; /* first record of distinct x number g; n_distinct + 1 */
    uint32_t *by_cluster;  /* [n] record numbers, replicate by replicate */
    size_t *cluster_start; /* n_clusters + 1 */
    size_t n_distinct;
    size_t n_clusters;
    enum att_fit_kind kind;
    /* scratch of the resamples */
    double *triangle; /* means: [n_clusters, width, width] */
    double *y;        /* medians: [n] */
    uint32_t *owner;  /* medians: [n], replicate of each record */
    uint32_t *weight; /* medians: [n], of each record */
    double *design;   /* [rows, width], rows <= max(n, n_clusters width) */
};

/* ---- points in order ---------------------------------------------------- */

static int compare_doubles(const double *a, const double *b, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (a[i] != b[i])
            return a[i] < b[i] ? -1 : 1;
    }
    return 0;
}

static int compare_records(const void *pa, const void *pb)
{
    const struct record *a = pa;
    const struct record *b = pb;
    const int by_x = compare_doubles(a->x, b->x, MAX_X);

    if (by_x != 0)
        return by_x;
    if (a->y != b->y)
        return a->y < b->y ? -1 : 1;
    return (a->cluster > b->cluster) - (a->cluster < b->cluster);
}

static int compare_ids(const void *pa, const void *pb)
{
    const int64_t a = *(const int64_t *)pa;
    const int64_t b = *(const int64_t *)pb;

    return (a > b) - (a < b);
}

/* False when a coordinate is not finite. */
static bool read_point(const struct att_points *points, size_t i,
                       struct record *out)
{
    bool finite = isfinite(points->y[i]);

    memset(out, 0, sizeof *out);
    out->y = points->y[i] + 0.0; /* no negative zeros: they hash differently */
    for (uint32_t k = 0; k < points->p; k++) {
        out->x[k] = points->x[i * points->p + k] + 0.0;
        finite = finite && isfinite(out->x[k]);
    }
    if (points->cluster != NULL)
        out->cluster = points->cluster[i];
    return finite;
}

/* Counting sort of the records by replicate. */
static att_status bucket_clusters(struct cloud *c, struct att_arena *arena,
                                  struct att_error *err)
{
    c->by_cluster = ATT_NEW(arena, uint32_t, c->n);
    c->cluster_start = ATT_NEW0(arena, size_t, c->n_clusters + 2);
    if (c->by_cluster == NULL || c->cluster_start == NULL)
        return att_arena_fail(arena, "replicates", err);
    size_t *next = c->cluster_start + 1;

    for (size_t i = 0; i < c->n; i++)
        next[c->record[i].cluster + 1]++;
    for (size_t m = 0; m < c->n_clusters; m++)
        next[m + 1] += next[m];
    for (uint32_t i = 0; i < c->n; i++)
        c->by_cluster[next[c->record[i].cluster]++] = i;
    return ATT_OK;
}

/* Replace ids by 0 .. n_clusters - 1 in the order of the ids. */
static att_status number_clusters(struct cloud *c, struct att_arena *arena,
                                  struct att_error *err)
{
    int64_t *id = ATT_NEW(arena, int64_t, c->n);
    size_t m = 0;

    if (id == NULL)
        return att_arena_fail(arena, "replicates", err);
    for (size_t i = 0; i < c->n; i++)
        id[i] = c->record[i].cluster;
    qsort(id, c->n, sizeof *id, compare_ids);
    for (size_t i = 0; i < c->n; i++) {
        if (i == 0 || id[i] != id[m - 1])
            id[m++] = id[i];
    }
    for (size_t i = 0; i < c->n; i++) {
        const int64_t *at =
            bsearch(&c->record[i].cluster, id, m, sizeof *id, compare_ids);

        c->record[i].cluster = at - id;
    }
    c->n_clusters = m;
    return bucket_clusters(c, arena, err);
}

static att_status find_distinct(struct cloud *c, struct att_arena *arena,
                                struct att_error *err)
{
    c->start = ATT_NEW(arena, size_t, c->n + 1);
    if (c->start == NULL)
        return att_arena_fail(arena, "distinct x", err);
    for (size_t i = 0; i < c->n; i++) {
        if (i == 0 ||
            compare_doubles(c->record[i - 1].x, c->record[i].x, MAX_X) != 0)
            c->start[c->n_distinct++] = i;
    }
    c->start[c->n_distinct] = c->n;
    return ATT_OK;
}

static att_status read_cloud(const struct att_points *points,
                             struct att_arena *arena, struct cloud *c,
                             struct att_error *err)
{
    c->record = ATT_NEW(arena, struct record, points->n);
    if (c->record == NULL)
        return att_arena_fail(arena, "points of a fit", err);
    for (size_t i = 0; i < points->n; i++)
        c->n += read_point(points, i, &c->record[c->n]);
    if (c->n > 0)
        qsort(c->record, c->n, sizeof *c->record, compare_records);
    ATT_TRY(find_distinct(c, arena, err));
    if (c->n_distinct < c->width - 1) {
        return att_fail(err, ATT_E_ARG,
                        "%u coefficients need as many different x, there are "
                        "%zu",
                        c->width - 1, c->n_distinct);
    }
    return points->cluster == NULL ? ATT_OK : number_clusters(c, arena, err);
}

/* ---- designs ------------------------------------------------------------ */

static void put_row(const struct cloud *c, const struct record *from, double y,
                    double *row)
{
    if (!c->through_origin)
        *row++ = 1;
    memcpy(row, from->x, c->p * sizeof *row);
    row[c->p] = y;
}

/* The median of the points of distinct x number g when replicate c counts
 * weight[c] times; NULL: each once. */
static double median_of(const struct cloud *c, size_t g, const uint32_t *weight)
{
    const size_t first = c->start[g];
    const size_t end = c->start[g + 1];

    for (size_t i = first; i < end; i++)
        c->weight[i] = weight == NULL ? 1 : weight[c->owner[i]];
    return att_weighted_median(c->y + first, c->weight + first, end - first);
}

/* One row per distinct x that has weight; returns the number of rows. */
static size_t median_design(const struct cloud *c, const uint32_t *weight)
{
    size_t rows = 0;

    for (size_t g = 0; g < c->n_distinct; g++) {
        const double y = median_of(c, g, weight);

        if (!isnan(y)) {
            put_row(c, &c->record[c->start[g]], y,
                    c->design + rows++ * c->width);
        }
    }
    return rows;
}

/* All points, or their medians, as they are; returns the number of rows. */
static size_t full_design(struct cloud *c)
{
    if (c->kind == ATT_FIT_MEDIANS)
        return median_design(c, NULL);
    for (size_t i = 0; i < c->n; i++)
        put_row(c, &c->record[i], c->record[i].y, c->design + i * c->width);
    return c->n;
}

/* Triangles of the replicates that are drawn, each as often as it is drawn. */
static size_t stacked_design(struct cloud *c, const uint32_t *weight)
{
    const size_t cells = (size_t)c->width * c->width;
    size_t rows = 0;

    for (size_t m = 0; m < c->n_clusters; m++) {
        const double root = sqrt(weight[m]);
        double *to = c->design + rows * c->width;

        if (weight[m] == 0)
            continue;
        for (size_t k = 0; k < cells; k++)
            to[k] = root * c->triangle[m * cells + k];
        rows += c->width;
    }
    return rows;
}

static void coefficients(void *context, const uint32_t *weight, double *out)
{
    struct cloud *c = context;
    const size_t rows = c->kind == ATT_FIT_MEDIANS ? median_design(c, weight)
                                                   : stacked_design(c, weight);

    att_qr(c->design, rows, c->width);
    if (rows + 1 >= c->width && att_qr_solve(c->design, rows, c->width, out))
        return;
    for (uint32_t k = 0; k + 1 < c->width; k++)
        out[k] = NAN;
}

/* The triangle of replicate m, with rows of zeros where it has few points. */
static void make_triangle(struct cloud *c, size_t m)
{
    const size_t cells = (size_t)c->width * c->width;
    size_t rows = 0;

    for (size_t k = c->cluster_start[m]; k < c->cluster_start[m + 1]; k++) {
        const struct record *from = &c->record[c->by_cluster[k]];

        put_row(c, from, from->y, c->design + rows++ * c->width);
    }
    att_qr(c->design, rows, c->width);
    if (rows > c->width)
        rows = c->width;
    memset(c->triangle + m * cells, 0, cells * sizeof *c->triangle);
    memcpy(c->triangle + m * cells, c->design,
           rows * c->width * sizeof *c->triangle);
}

static att_status make_room(struct cloud *c, struct att_arena *arena,
                            struct att_error *err)
{
    const size_t stacked = c->n_clusters * c->width;

    c->design =
        ATT_NEW(arena, double, (c->n > stacked ? c->n : stacked) * c->width);
    c->triangle = ATT_NEW(arena, double, stacked * c->width);
    c->y = ATT_NEW(arena, double, c->n);
    c->owner = ATT_NEW(arena, uint32_t, c->n);
    c->weight = ATT_NEW(arena, uint32_t, c->n);
    if (c->design == NULL || c->triangle == NULL || c->y == NULL ||
        c->owner == NULL || c->weight == NULL)
        return att_arena_fail(arena, "a fit", err);
    for (size_t i = 0; i < c->n; i++) {
        c->y[i] = c->record[i].y;
        c->owner[i] = (uint32_t)c->record[i].cluster;
    }
    return ATT_OK;
}

/* ---- what a fit says ------------------------------------------------------ */

/* What the triangle of `rows` rows says about its coefficients. */
static void describe(const struct cloud *c, size_t rows, struct att_fit *fit)
{
    const double *r = c->design;
    const uint32_t width = c->width;
    const uint32_t y = width - 1;
    const double corner = rows >= width ? r[y * width + y] : 0;
    const double freedom = (double)rows - (double)y;
    double tss = corner * corner;

    for (uint32_t j = c->through_origin ? 0 : 1; j < y; j++)
        tss += r[j * width + y] * r[j * width + y];
    fit->rss = corner * corner;
    fit->r2 = tss > 0 ? 1 - fit->rss / tss : (double)NAN;
    for (uint32_t j = 0; j < y; j++) {
        double half = INFINITY;

        fit->se[j] = NAN;
        if (freedom > 0) {
            fit->se[j] =
                sqrt(fit->rss / freedom) * att_qr_inverse_norm(r, width, j);
            half = att_student_quantile(0.975, freedom) * fit->se[j];
        }
        fit->ci[j] =
            (struct att_interval){fit->coef[j] - half, fit->coef[j] + half};
    }
}

static att_status resample_clusters(struct cloud *c, struct att_arena *arena,
                                    struct att_fit *fit, struct att_error *err)
{
    const struct att_resampling resampling = {
        .statistic = coefficients,
        .context = c,
        .n_clusters = c->n_clusters,
        .n_out = c->width - 1,
        .seed = att_hash64(c->record, c->n * sizeof *c->record),
    };

    for (size_t m = 0; c->kind == ATT_FIT_MEANS && m < c->n_clusters; m++)
        make_triangle(c, m);
    fit->resampled = true;
    return att_bootstrap(&resampling, arena, fit->ci, err);
}

static att_status fit_cloud(struct cloud *c, struct att_arena *arena,
                            struct att_fit *fit, struct att_error *err)
{
    ATT_TRY(make_room(c, arena, err));
    const size_t rows = full_design(c);

    att_qr(c->design, rows, c->width);
    *fit = (struct att_fit){.n_coefs = c->width - 1,
                            .n = c->n,
                            .n_distinct = c->n_distinct,
                            .n_clusters = c->n_clusters};
    if (!att_qr_solve(c->design, rows, c->width, fit->coef)) {
        return att_fail(err, ATT_E_NUMERIC,
                        "the %u columns of the fit depend on each other",
                        c->width - 1);
    }
    describe(c, rows, fit);
    return c->n_clusters < 2 ? ATT_OK : resample_clusters(c, arena, fit, err);
}

att_status att_fit_linear(const struct att_points *points,
                          enum att_fit_kind kind, struct att_arena *arena,
                          struct att_fit *fit, struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(arena);
    struct cloud c = {
        .p = points->p,
        .width = points->p + (points->through_origin ? 1 : 2),
        .through_origin = points->through_origin,
        .kind = kind,
    };
    struct att_fit found = {0};
    att_status status = ATT_OK;

    if (points->p < 1 || points->p > MAX_X || points->n > UINT32_MAX) {
        return att_fail(
            err, ATT_E_ARG,
            "a fit takes 1..%d columns and 2^32 points, not %u and %zu", MAX_X,
            points->p, points->n);
    }
    status = read_cloud(points, arena, &c, err);
    if (status == ATT_OK)
        status = fit_cloud(&c, arena, &found, err);
    if (status == ATT_OK)
        *fit = found;
    att_arena_rewind(arena, mark);
    return status;
}

/* ln v; NaN (left out by the fit) unless v > 0. */
static double logarithm(double v)
{
    return v > 0 ? log(v) : (double)NAN;
}

att_status att_fit_power(const struct att_points *points,
                         enum att_fit_kind kind, struct att_arena *arena,
                         struct att_fit *fit, struct att_error *err)
{
    const struct att_arena_mark mark = att_arena_mark(arena);
    const size_t n_x = points->n * points->p;
    double *x = ATT_NEW(arena, double, n_x);
    double *y = ATT_NEW(arena, double, points->n);
    struct att_points logs = *points;

    if (x == NULL || y == NULL)
        return att_arena_fail(arena, "logarithms of points", err);
    for (size_t i = 0; i < n_x; i++)
        x[i] = logarithm(points->x[i]);
    for (size_t i = 0; i < points->n; i++)
        y[i] = logarithm(points->y[i]);
    logs.x = x;
    logs.y = y;
    const att_status status = att_fit_linear(&logs, kind, arena, fit, err);

    att_arena_rewind(arena, mark);
    return status;
}
