#include "attest/base/sample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool att_sample_init(struct att_sample *s, struct att_arena *arena,
                     size_t capacity, uint32_t p)
{
    *s = (struct att_sample){.p = p};
    if (p == 0 || capacity > SIZE_MAX / p)
        return false;
    s->x = ATT_NEW(arena, double, capacity *p);
    s->y = ATT_NEW(arena, double, capacity);
    s->cluster = ATT_NEW(arena, int64_t, capacity);
    if (s->x == NULL || s->y == NULL || s->cluster == NULL)
        return false;
    s->capacity = capacity;
    return true;
}

bool att_sample_add(struct att_sample *s, const double *x, double y,
                    int64_t cluster)
{
    bool finite = isfinite(y);

    for (uint32_t k = 0; k < s->p; k++)
        finite = finite && isfinite(x[k]);
    if (!finite || s->n == s->capacity)
        return false;
    memcpy(s->x + s->n * s->p, x, s->p * sizeof *x);
    s->y[s->n] = y;
    s->cluster[s->n++] = cluster;
    return true;
}

size_t att_sample_distinct(const struct att_sample *s, uint32_t coordinate,
                           struct att_arena *scratch)
{
    const struct att_arena_mark mark = att_arena_mark(scratch);
    double *copy = ATT_NEW(scratch, double, s->n);
    size_t n = 0;

    if (copy != NULL) {
        for (size_t i = 0; i < s->n; i++)
            copy[i] = s->x[i * s->p + coordinate];
        n = att_distinct(copy, s->n);
    }
    att_arena_rewind(scratch, mark);
    return n;
}

struct att_points att_sample_points(const struct att_sample *s)
{
    return (struct att_points){
        .x = s->x, .y = s->y, .cluster = s->cluster, .n = s->n, .p = s->p};
}

/* ---- spread --------------------------------------------------------------- */

static int compare_places(const void *pa, const void *pb, void *context)
{
    const struct att_sample *s = context;
    const double *a = s->x + *(const size_t *)pa * s->p;
    const double *b = s->x + *(const size_t *)pb * s->p;

    for (uint32_t k = 0; k < s->p; k++) {
        if (a[k] != b[k])
            return a[k] < b[k] ? -1 : 1;
    }
    return 0;
}

/* The median of y over the points of equal x from place[first] on; *first
 * moves past them. */
static double next_median(const struct att_sample *s, const size_t *place,
                          double *y, size_t *first)
{
    struct att_sample points = *s;
    size_t n = 0;

    do {
        y[n++] = s->y[place[(*first)++]];
    } while (*first < s->n &&
             compare_places(&place[*first - 1], &place[*first], &points) == 0);
    return att_median(y, n);
}

static double spread(const struct att_sample *s, size_t *place, double *y,
                     size_t *n_distinct)
{
    struct att_sample points = *s;
    double least = INFINITY;
    double most = 0;

    for (size_t i = 0; i < s->n; i++)
        place[i] = i;
    qsort_r(place, s->n, sizeof *place, compare_places, &points);
    for (size_t first = 0; first < s->n; ++*n_distinct) {
        const double median = next_median(s, place, y, &first);

        least = fmin(least, median);
        most = fmax(most, median);
    }
    return least > 0 ? most / least : (double)NAN;
}

double att_sample_spread(const struct att_sample *s, struct att_arena *scratch,
                         size_t *n_distinct)
{
    const struct att_arena_mark mark = att_arena_mark(scratch);
    size_t *place = ATT_NEW(scratch, size_t, s->n);
    double *y = ATT_NEW(scratch, double, s->n);
    double ratio = NAN;

    *n_distinct = 0;
    if (place != NULL && y != NULL && s->n > 0)
        ratio = spread(s, place, y, n_distinct);
    att_arena_rewind(scratch, mark);
    return ratio;
}
