/* patterns_small_rules.c - orders, cycles, stacked polytopes, Radon. */
#include "patterns_small_priv.h"

#include <stdlib.h>
#include <string.h>

/* ---- d = 1 ------------------------------------------------------------------------ */

static uint64_t all_columns(size_t n_cols)
{
    return n_cols == 64 ? UINT64_MAX : (UINT64_C(1) << n_cols) - 1;
}

static bool is_chain(uint64_t a, uint64_t b)
{
    return (a & b) == a || (a & b) == b;
}

/* May a and b be oriented like this (true: prefix)? */
static bool fit(uint64_t a, bool a_prefix, uint64_t b, bool b_prefix,
                uint64_t all)
{
    if (a_prefix == b_prefix)
        return is_chain(a, b);
    return (a & b) == 0 || (a | b) == all;
}

/* Orient supports i .. n-1, those before being settled; the bits of *prefix say
 * which are prefixes. */
/* NOLINTNEXTLINE(misc-no-recursion): at most 64 deep */
static bool orient(const uint64_t *s, size_t n, size_t i, uint64_t all,
                   uint64_t *prefix)
{
    if (i == n)
        return true;
    for (unsigned way = 0; way < 2; way++) {
        bool fits = true;

        *prefix = (*prefix & ~(UINT64_C(1) << i)) | (uint64_t)way << i;
        for (size_t j = 0; j < i && fits; j++)
            fits = fit(s[i], way != 0, s[j], (*prefix >> j & 1) != 0, all);
        if (fits && orient(s, n, i + 1, all, prefix))
            return true;
    }
    return false;
}

/* Each support once; at most 64 of them. */
static size_t distinct(const uint64_t *support, size_t n, uint64_t *out)
{
    size_t m = 0;

    for (size_t i = 0; i < n; i++) {
        size_t j = 0;

        while (j < m && out[j] != support[i])
            j++;
        if (j == m && m < 64)
            out[m++] = support[i];
    }
    return m;
}

/* Prefixes that hold column j, less the suffixes that do.  A column of a prefix
 * has more than one outside: no prefix holds only the latter (a chain), and a
 * suffix that holds the former covers the latter. */
static int height(const uint64_t *s, size_t n, uint64_t prefix, size_t j)
{
    int h = 0;

    for (size_t i = 0; i < n; i++) {
        if ((s[i] >> j & 1) != 0)
            h += (prefix >> i & 1) != 0 ? 1 : -1;
    }
    return h;
}

bool att_pat_order_find(const uint64_t *support, size_t n, size_t n_cols,
                        uint32_t *order)
{
    uint64_t s[64];
    uint64_t prefix = 0;
    const size_t m = distinct(support, n, s);

    if (!orient(s, m, 0, all_columns(n_cols), &prefix))
        return false;
    for (size_t j = 0; j < n_cols; j++) {
        const int h = height(s, m, prefix, j);
        size_t at = j;

        for (; at > 0 && height(s, m, prefix, order[at - 1]) < h; at--)
            order[at] = order[at - 1];
        order[at] = (uint32_t)j;
    }
    return true;
}

bool att_pat_order_exists(const uint64_t *support, size_t n, size_t n_cols)
{
    uint64_t s[64];
    uint64_t prefix = 0;
    const size_t m = distinct(support, n, s);

    return orient(s, m, 0, all_columns(n_cols), &prefix);
}

/* Is the mask a prefix or a suffix of the order? */
static bool is_end(uint64_t mask, const uint32_t *order, size_t n_cols)
{
    uint64_t prefix = 0;
    const uint64_t all = all_columns(n_cols);

    for (size_t j = 0; j <= n_cols; j++) {
        if (prefix == mask || (all & ~prefix) == mask)
            return true;
        if (j < n_cols)
            prefix |= UINT64_C(1) << order[j];
    }
    return false;
}

bool att_pat_order_serves(const uint64_t *support, size_t n,
                          const uint32_t *order, size_t n_cols)
{
    size_t i = 0;

    while (i < n && is_end(support[i], order, n_cols))
        i++;
    return i == n;
}

/* NOLINTNEXTLINE(misc-no-recursion): at most 6 deep */
static bool permute(const uint64_t *support, size_t n, uint32_t *order,
                    size_t from, size_t n_cols)
{
    if (from == n_cols)
        return att_pat_order_serves(support, n, order, n_cols);
    for (size_t j = from; j < n_cols; j++) {
        const uint32_t t = order[from];

        order[from] = order[j];
        order[j] = t;
        const bool found = permute(support, n, order, from + 1, n_cols);

        order[j] = order[from];
        order[from] = t;
        if (found)
            return true;
    }
    return false;
}

bool att_pat_order_search(const uint64_t *support, size_t n, size_t n_cols)
{
    uint32_t order[6] = {0, 1, 2, 3, 4, 5};

    return permute(support, n, order, 0, n_cols);
}

int64_t att_pat_count_orders(size_t n,
                             bool (*decide)(const uint64_t *, size_t, size_t))
{
    uint64_t support[6];
    int64_t n_maps = 1;
    int64_t count = 0;

    for (size_t i = 0; i < n; i++)
        n_maps *= (int64_t)n;
    for (int64_t map = 0; map < n_maps; map++) {
        int64_t rest = map;

        for (size_t i = 0; i < n; i++) {
            support[i] = UINT64_C(1) << (rest % (int64_t)n);
            rest /= (int64_t)n;
        }
        count += decide(support, n, n);
    }
    return count;
}

/* ---- d = 2 -------------------------------------------------------------------------- */

struct graph {
    uint32_t (*next)[2]; /* neighbours, UINT32_MAX: none */
    bool *seen;
    size_t n;
};

static bool add_neighbour(struct graph *g, uint32_t a, uint32_t b)
{
    for (size_t s = 0; s < 2; s++) {
        if (g->next[a][s] == b)
            return true;
        if (g->next[a][s] == UINT32_MAX) {
            g->next[a][s] = b;
            return true;
        }
    }
    return false;
}

/* Follow the path that starts at v; returns its length, *closed when it ends
 * where it began. */
static size_t follow(struct graph *g, uint32_t v, uint32_t *order, bool *closed)
{
    const uint32_t start = v;
    size_t n = 0;

    *closed = false;
    for (;;) {
        uint32_t to = UINT32_MAX;

        g->seen[v] = true;
        order[n++] = v;
        for (size_t s = 0; s < 2; s++) {
            const uint32_t w = g->next[v][s];

            if (w != UINT32_MAX && !g->seen[w])
                to = w;
            *closed = *closed || (w == start && n > 2);
        }
        if (to == UINT32_MAX)
            return n;
        v = to;
    }
}

/* Paths first, from one of their ends; then what is left are cycles. */
static bool chain_up(struct graph *g, uint32_t *order)
{
    size_t n = 0;
    bool ok = true;

    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t v = 0; v < g->n && ok; v++) {
            bool closed = false;
            const size_t before = n;

            if (g->seen[v] || (pass == 0 && g->next[v][1] != UINT32_MAX))
                continue;
            n += follow(g, v, order + n, &closed);
            ok = pass == 0 || (before == 0 && n == g->n);
        }
    }
    return ok;
}

att_status att_pat_cycle(const struct att_pattern *a, struct att_arena *arena,
                         uint32_t *order, bool *found, struct att_error *err)
{
    struct graph g = {
        .next = att_arena_alloc(arena, a->n_cols, 2 * sizeof(uint32_t)),
        .seen = ATT_NEW0(arena, bool, a->n_cols),
        .n = a->n_cols};

    *found = a->k_row == 2;
    if (g.next == NULL || g.seen == NULL)
        return att_arena_fail(arena, "the graph of the pattern", err);
    memset(g.next, 0xff, a->n_cols * sizeof *g.next);
    for (size_t i = 0; i < a->n_rows && *found; i++) {
        const uint32_t *e = a->column + a->first[i];

        *found = a->first[i + 1] - a->first[i] == 2 &&
                 add_neighbour(&g, e[0], e[1]) && add_neighbour(&g, e[1], e[0]);
    }
    *found = *found && chain_up(&g, order);
    return ATT_OK;
}

/* ---- d = 3 ---------------------------------------------------------------------------- */

struct face {
    uint32_t corner[3];
    long double normal[3], height; /* unit, outward: <normal, y> <= height */
};

struct stack {
    struct face *face;
    size_t n;
    const long double *y;  /* [., 3] */
    long double inside[3]; /* a point of the interior */
};

static long double dot3(const long double *a, const long double *b)
{
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

static void settle_face(const struct stack *s, struct face *f)
{
    const long double *a = s->y + 3 * (size_t)f->corner[0];
    const long double *b = s->y + 3 * (size_t)f->corner[1];
    const long double *c = s->y + 3 * (size_t)f->corner[2];
    long double u[3];
    long double v[3];

    for (size_t m = 0; m < 3; m++) {
        u[m] = b[m] - a[m];
        v[m] = c[m] - a[m];
    }
    for (size_t m = 0; m < 3; m++) {
        const size_t p = (m + 1) % 3;
        const size_t q = (m + 2) % 3;

        f->normal[m] = u[p] * v[q] - u[q] * v[p];
    }
    const long double length = sqrtl(dot3(f->normal, f->normal));
    const long double side =
        dot3(f->normal, a) - dot3(f->normal, s->inside) > 0.0L ? 1.0L : -1.0L;

    for (size_t m = 0; m < 3; m++)
        f->normal[m] *= side / length;
    f->height = dot3(f->normal, a);
}

static void add_face(struct stack *s, uint32_t a, uint32_t b, uint32_t c)
{
    struct face *f = &s->face[s->n++];

    *f = (struct face){.corner = {a, b, c}};
    settle_face(s, f);
}

static bool has_corner(const struct face *f, uint32_t v)
{
    return f->corner[0] == v || f->corner[1] == v || f->corner[2] == v;
}

/* Vertex v goes above the middle of face `at`, half as high as the planes of
 * the others allow, at most as high as 1. */
static void raise_vertex(struct stack *s, size_t at, uint32_t v, long double *y)
{
    const struct face old = s->face[at];
    long double middle[3] = {0};
    long double most = 2.0L;

    for (size_t c = 0; c < 3; c++) {
        for (size_t m = 0; m < 3; m++)
            middle[m] += s->y[3 * (size_t)old.corner[c] + m] / 3.0L;
    }
    for (size_t f = 0; f < s->n; f++) {
        const long double slope = dot3(s->face[f].normal, old.normal);

        if (f != at && slope > 0.0L) {
            most = fminl(most,
                         (s->face[f].height - dot3(s->face[f].normal, middle)) /
                             slope);
        }
    }
    for (size_t m = 0; m < 3; m++)
        y[3 * (size_t)v + m] = middle[m] + old.normal[m] * most / 2.0L;
    s->face[at] = s->face[--s->n];
    add_face(s, old.corner[0], old.corner[1], v);
    add_face(s, old.corner[0], old.corner[2], v);
    add_face(s, old.corner[1], old.corner[2], v);
}

/* Row 3 v - 6 + e joins v to corner e of the face it was put into. */
static size_t face_of(const struct stack *s, const struct att_pattern *a,
                      uint32_t v)
{
    const uint32_t *row = a->column + 2 * (3 * (size_t)v - 6);
    size_t f = 0;

    while (f + 1 < s->n && !(has_corner(&s->face[f], row[0]) &&
                             has_corner(&s->face[f], row[2]) &&
                             has_corner(&s->face[f], row[4])))
        f++;
    return f;
}

static void put_queries(const struct stack *s, const struct att_pattern *a,
                        long double *x1)
{
    for (size_t i = 0; i < a->n_rows; i++) {
        for (size_t f = 0; f < s->n; f++) {
            if (!has_corner(&s->face[f], a->column[2 * i]) ||
                !has_corner(&s->face[f], a->column[2 * i + 1]))
                continue;
            for (size_t m = 0; m < 3; m++)
                x1[3 * i + m] += s->face[f].normal[m];
        }
    }
}

att_status att_pat_stack(const struct att_pattern *a, struct att_arena *arena,
                         long double *x1, long double *x2,
                         struct att_error *err)
{
    /* A regular tetrahedron about 0. */
    static const long double START[4][3] = {
        {1, 1, 1}, {1, -1, -1}, {-1, 1, -1}, {-1, -1, 1}};
    struct stack s = {.face = ATT_NEW(arena, struct face, 4 * a->n_cols + 8),
                      .y = x2};

    if (s.face == NULL)
        return att_arena_fail(arena, "the faces", err);
    memcpy(x2, START, (a->n_cols < 4 ? a->n_cols : 4) * sizeof START[0]);
    if (a->n_cols < 4) { /* a triangle: its corners minus their middle */
        for (size_t i = 0; i < a->n_rows; i++) {
            for (size_t m = 0; m < 3; m++) {
                x1[3 * i + m] =
                    START[a->column[2 * i]][m] + START[a->column[2 * i + 1]][m];
            }
        }
        return ATT_OK;
    }
    add_face(&s, 0, 1, 2);
    add_face(&s, 0, 1, 3);
    add_face(&s, 0, 2, 3);
    add_face(&s, 1, 2, 3);
    for (uint32_t v = 4; v < a->n_cols; v++)
        raise_vertex(&s, face_of(&s, a, v), v, x2);
    put_queries(&s, a, x1);
    return ATT_OK;
}

/* Determinant of the four points other than `out`, as a 4 x 4 matrix with a
 * column of ones: the affine dependence of five points has these weights,
 * signs alternating. */
static double minor_of(const double point[5][3], size_t out)
{
    double d[3][3];
    size_t row[4];
    size_t n = 0;

    for (size_t i = 0; i < 5; i++) {
        if (i != out)
            row[n++] = i;
    }
    for (size_t r = 0; r < 3; r++) {
        for (size_t m = 0; m < 3; m++)
            d[r][m] = point[row[r + 1]][m] - point[row[0]][m];
    }
    const double det = d[0][0] * (d[1][1] * d[2][2] - d[1][2] * d[2][1]) -
                       d[0][1] * (d[1][0] * d[2][2] - d[1][2] * d[2][0]) +
                       d[0][2] * (d[1][0] * d[2][1] - d[1][1] * d[2][0]);

    return out % 2 == 0 ? det : -det;
}

void att_pat_radon_weights(const double y[5][3], double w[5])
{
    for (size_t i = 0; i < 5; i++)
        w[i] = minor_of(y, i);
}

bool att_pat_radon_is_dependence(const double y[5][3], const double w[5])
{
    double sum[4] = {0}; /* of w and of w y */
    double largest = 0.0;
    double reach = 1.0;

    for (size_t i = 0; i < 5; i++) {
        sum[3] += w[i];
        largest = fmax(largest, fabs(w[i]));
        for (size_t m = 0; m < 3; m++) {
            sum[m] += w[i] * y[i][m];
            reach = fmax(reach, 2.0 * fabs(y[i][m]));
        }
    }
    /* Five determinants, each six products of three differences up to reach,
     * times a coordinate: 5 (6 + 6 3 + 1) roundings of numbers below its
     * fourth power. */
    const double allowed = 128.0 * 0x1p-53 * pow(reach, 4.0);

    for (size_t m = 0; m < 4; m++) {
        if (!(fabs(sum[m]) <= allowed))
            return false;
    }
    return largest > allowed;
}

double att_pat_radon_bound(const double w[5])
{
    size_t n_plus = 0;
    double alone = 0.0;
    double least = INFINITY;

    for (size_t i = 0; i < 5; i++)
        n_plus += w[i] > 0.0;
    if (n_plus != 1 && n_plus != 4)
        return 0.0;
    for (size_t i = 0; i < 5; i++) {
        if ((w[i] > 0.0) == (n_plus == 1)) {
            alone = fabs(w[i]);
        } else {
            least = fmin(least, fabs(w[i]));
        }
    }
    return least / alone / (1.0 - least / alone);
}
