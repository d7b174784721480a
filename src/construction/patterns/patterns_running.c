/* patterns_running.c - kernel K1 for keys that are numbers, stored in f32 or
 * bf16, where one beta serves: equal values, or mode fixed.
 *
 * A query is then one vector, and linalg/running.h keeps its sums with all keys
 * in registers.  The k sums of the support are computed one by one beside it,
 * and skipped there.  A sum is a chain of fma in float in the order of the
 * coordinates, the same bits on every processor and for every grid. */
#include "attest/linalg/running.h"
#include "patterns_nested_priv.h"

enum {
    R = ATT_RUNNING_ROWS,
    C = ATT_RUNNING_COLUMNS,
    CHAINS = ATT_RUNNING_CHAINS,
    GROUPS = 16,
    BLOCK = GROUPS * R /* rows */
};

/* Spreads over the support, in units of 1 / d. */
struct spread {
    double most, least; /* of S - lam */
    double s_least;     /* of S */
};

struct running {
    struct pat_pass *pass;
    struct att_arithmetic round; /* of what is stored */
    struct att_running k;
    struct att_running_block b;
    float *keys, *x;               /* k.keys, b.x */
    struct att_running_skip *skip; /* [n_support] b.skip */
    size_t *first;                 /* [GROUPS + 1] b.first */
    float *support;                /* [n_support] sums at d, as skip */
    struct spread *spread;         /* [BLOCK, n_stops] */
    float *row;                    /* [CHAINS, d] keys as stored */
    size_t held[CHAINS];           /* which; n_keys: none */
    float *query;                  /* [d] */
    double *exact;                 /* [d] a query before it is stored */
    float *chain;                  /* [n_stops, CHAINS] */
};

size_t att_pat_running_bytes(size_t n_cols, size_t d, size_t n_stops,
                             size_t n_support)
{
    const size_t n_padded = att_running_panels(n_cols) * C;
    const size_t floats = n_padded * d + BLOCK * d +
                          att_running_scratch(GROUPS, n_stops) +
                          (BLOCK + CHAINS) * n_stops + (CHAINS + 1) * d + BLOCK;
    const size_t margins = 1024; /* of a dozen arrays, aligned to 64 */

    return 4 * floats + 8 * d + BLOCK * n_stops * sizeof(struct spread) +
           12 * n_support + margins;
}

/* ---- storage ----------------------------------------------------------------- */

static void store(const struct running *s, const double *x, float *to)
{
    for (size_t m = 0; m < s->k.d; m++)
        to[m] = (float)x[m];
    for (size_t m = 0; s->pass->storage == PAT_BF16 && m < s->k.d; m++)
        to[m] = (float)att_arithmetic_round(&s->round, x[m]);
}

/* Key j as stored, in place c of `row`. */
static const float *key(struct running *s, size_t j, size_t c)
{
    float *row = s->row + c * s->k.d;

    if (s->held[c] != j)
        store(s, att_mat_row(s->pass->keys->y, j), row);
    s->held[c] = j;
    return row;
}

static void pack_keys(struct running *s)
{
    double most = 0.0;

    for (size_t j = 0; j < s->k.n_keys; j++) {
        const float *y = key(s, j, 0);
        float *to = s->keys + att_running_key(s->k.d, j);
        double square = 0.0;

        for (size_t m = 0; m < s->k.d; m++) {
            to[m * C] = y[m];
            square += (double)y[m] * (double)y[m];
        }
        most = fmax(most, square);
    }
    s->pass->max_key = most / (double)s->k.d;
}

/* ---- a row ---------------------------------------------------------------------- */

static double weight(const struct running *s, size_t q)
{
    const struct pat_terms *t = &s->pass->rows->terms;
    const double beta = s->pass->tolerance.beta;

    return s->pass->rows->a->lam != NULL ? beta * t->unit[q] + t->lam[q]
                                         : t->unit[q];
}

/* The query of the row's terms, rounded to the storage once. */
static void put_query(struct running *s, size_t r)
{
    const struct pat_terms *t = &s->pass->rows->terms;
    float *x = s->x + att_running_query(s->k.d, r);

    for (size_t m = 0; m < s->k.d; m++)
        s->exact[m] = 0.0;
    for (size_t q = 0; q < t->n; q++) {
        const double w = weight(s, q);
        const float *y = key(s, t->at[q], q % CHAINS);

        for (size_t m = 0; m < s->k.d; m++)
            s->exact[m] += w * (double)y[m];
    }
    store(s, s->exact, s->query);
    for (size_t m = 0; m < s->k.d; m++)
        x[m * R] = s->query[m];
}

static void widen(struct running *s, struct spread *spread, size_t chain,
                  double lam)
{
    for (size_t g = 0; g < s->k.n_stops; g++) {
        const double v = (double)s->chain[g * CHAINS + chain];
        const double e = v - lam * s->k.stop[g];

        spread[g].most = e > spread[g].most ? e : spread[g].most;
        spread[g].least = e < spread[g].least ? e : spread[g].least;
        spread[g].s_least = v < spread[g].s_least ? v : spread[g].s_least;
    }
}

/* Entries begin .. end - 1 of row i, at most CHAINS of them. */
static void add_support(struct running *s, size_t r, size_t begin, size_t end)
{
    const struct att_pattern *a = s->pass->rows->a;
    const float *y[CHAINS];

    for (size_t c = 0; c < CHAINS; c++)
        y[c] = begin + c < end ? key(s, a->column[begin + c], c) : s->row;
    att_running_chains(&s->k, s->query, y, s->chain);
    for (size_t e = begin; e < end; e++) {
        const size_t at = s->first[r / R + 1]++;

        s->skip[at] = (struct att_running_skip){(uint32_t)r, a->column[e]};
        s->support[at] = s->chain[(s->k.n_stops - 1) * CHAINS + (e - begin)];
        widen(s, s->spread + r * s->k.n_stops, e - begin,
              a->lam != NULL ? a->lam[e] : 0.0);
    }
}

static void put_row(struct running *s, size_t i, size_t r)
{
    const struct att_pattern *a = s->pass->rows->a;
    struct spread *spread = s->spread + r * s->k.n_stops;

    for (size_t g = 0; g < s->k.n_stops; g++)
        spread[g] = (struct spread){-INFINITY, INFINITY, INFINITY};
    att_pat_row(s->pass->rows, i);
    put_query(s, r);
    for (size_t e = a->first[i]; e < a->first[i + 1]; e += CHAINS) {
        const size_t left = a->first[i + 1] - e;

        add_support(s, r, e, e + (left < CHAINS ? left : CHAINS));
    }
}

/* ---- what a row leaves ----------------------------------------------------------- */

static void add_worst(const struct running *s, size_t first, size_t n)
{
    const size_t n_stops = s->k.n_stops;

    for (size_t g = 0; g < n_stops; g++) {
        const double d = s->k.stop[g];

        for (size_t r = 0; r < n; r++) {
            const struct spread *v = &s->spread[r * n_stops + g];
            const double zero = (double)s->b.most[r * n_stops + g];

            att_pat_worst_add(&s->pass->worst[g], first + r,
                              (v->most - v->least) / d,
                              (v->s_least - zero) / d);
        }
    }
}

/* The largest |S| and |x|^2 of row r of the block, at d. */
static void add_last(struct running *s, size_t r)
{
    const float *x = s->x + att_running_query(s->k.d, r);
    const double d = (double)s->k.d;
    const size_t last = (r + 1) * s->k.n_stops - 1;
    double most = 0.0;
    double square = 0.0;

    if (s->b.least[r] <= s->b.most[last]) { /* there are zeros */
        most = fmax(most, fabs((double)s->b.least[r]));
        most = fmax(most, fabs((double)s->b.most[last]));
    }
    for (size_t e = s->first[r / R]; e < s->first[r / R + 1]; e++) {
        if (s->skip[e].query == r)
            most = fmax(most, fabs((double)s->support[e]));
    }
    for (size_t m = 0; m < s->k.d; m++)
        square += (double)x[m * R] * (double)x[m * R];
    s->pass->max_p = fmax(s->pass->max_p, most / d);
    s->pass->max_query = fmax(s->pass->max_query, square / d);
}

/* Rows first .. first + n - 1; the block's other queries are 0. */
static void run_block(struct running *s, size_t first, size_t n)
{
    for (size_t e = 0; e < BLOCK * s->k.d && n < BLOCK; e++)
        s->x[e] = 0.0F;
    s->first[0] = 0;
    for (size_t g = 0; g < GROUPS; g++) {
        s->first[g + 1] = s->first[g];
        for (size_t r = g * R; r < (g + 1) * R && r < n; r++)
            put_row(s, first + r, r);
    }
    att_running_max(&s->k, &s->b);
    add_worst(s, first, n);
    for (size_t r = 0; r < n; r++)
        add_last(s, r);
}

/* ---- the whole --------------------------------------------------------------------- */

static void new_arrays(struct running *s, struct att_arena *arena,
                       size_t n_support)
{
    const size_t n_padded = att_running_panels(s->k.n_keys) * C;
    const size_t d = s->k.d;
    const size_t n_stops = s->k.n_stops;

    s->keys = ATT_NEW0(arena, float, n_padded *d);
    s->x = ATT_NEW0(arena, float, BLOCK *d);
    s->skip = ATT_NEW(arena, struct att_running_skip, n_support);
    s->first = ATT_NEW(arena, size_t, GROUPS + 1);
    s->support = ATT_NEW(arena, float, n_support);
    s->spread = ATT_NEW(arena, struct spread, BLOCK * n_stops);
    s->row = ATT_NEW(arena, float, CHAINS *d);
    s->query = ATT_NEW(arena, float, d);
    s->exact = ATT_NEW(arena, double, d);
    s->chain = ATT_NEW(arena, float, CHAINS *n_stops);
    s->b = (struct att_running_block){
        .x = s->x,
        .n_groups = GROUPS,
        .skip = s->skip,
        .first = s->first,
        .scratch = ATT_NEW(arena, float, att_running_scratch(GROUPS, n_stops)),
        .most = ATT_NEW(arena, float, BLOCK *n_stops),
        .least = ATT_NEW(arena, float, BLOCK)};
    s->k.keys = s->keys;
}

/* Most entries of a block of rows. */
static size_t most_support(const struct att_pattern *a)
{
    size_t most = 0;

    for (size_t i = 0; i < a->n_rows; i += BLOCK) {
        const size_t end = i + BLOCK < a->n_rows ? i + BLOCK : a->n_rows;
        const size_t n = a->first[end] - a->first[i];

        most = n > most ? n : most;
    }
    return most;
}

att_status att_pat_pass_running(struct pat_pass *pass, struct att_error *err)
{
    const struct att_pattern *a = pass->rows->a;
    struct running s = {.pass = pass,
                        .k = {.n_keys = a->n_cols,
                              .d = pass->keys->spec.d,
                              .stop = pass->keys->grid.d,
                              .n_stops = pass->keys->grid.n}};

    ATT_TRY(att_arithmetic_parse(pass->storage == PAT_BF16 ? "bf16" : "f32",
                                 &s.round, err));
    new_arrays(&s, pass->arena, most_support(a));
    if (att_arena_refused(pass->arena) != 0)
        return att_arena_fail(pass->arena, "blocks of logits", err);
    for (size_t c = 0; c < CHAINS; c++)
        s.held[c] = a->n_cols;
    pack_keys(&s);
    for (size_t i = 0; i < a->n_rows; i += BLOCK) {
        const size_t left = a->n_rows - i;

        run_block(&s, i, left < BLOCK ? left : BLOCK);
    }
    return ATT_OK;
}
