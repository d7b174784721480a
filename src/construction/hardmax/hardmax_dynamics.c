/* hardmax_dynamics.c - the step of the clustering dynamics. */
#include <math.h>
#include <string.h>

#include "attest/linalg/vector.h"
#include "hardmax_precursor_priv.h"

att_status att_hm_dynamics_init(struct hm_dynamics *y,
                                const struct att_sequences *s,
                                struct att_arena *arena, struct att_error *err)
{
    const size_t n = s->total * s->d;

    y->s = s;
    y->z = ATT_NEW(arena, double, n);
    y->next = ATT_NEW(arena, double, n);
    y->mean = ATT_NEW(arena, double, n);
    y->score = ATT_NEW(arena, double, s->longest);
    y->query = ATT_NEW(arena, double, s->d);
    if (y->z == NULL || y->next == NULL || y->mean == NULL ||
        y->score == NULL || y->query == NULL)
        return att_arena_fail(arena, "the dynamics", err);
    memcpy(y->z, s->token, n * sizeof *y->z);
    return ATT_OK;
}

/* query = A z */
static void make_query(const struct hm_dynamics *y, const double *z)
{
    const size_t d = y->s->d;

    if (y->A == NULL) {
        memcpy(y->query, z, d * sizeof *z);
        return;
    }
    for (size_t k = 0; k < d; k++)
        y->query[k] = att_dot(d, y->A + k * d, z);
}

/* mean := the mean over the tokens with the largest score: their sum over
 * their number, so that symmetric ties stay symmetric; a single token, or
 * copies of one, is taken as it is.  Returns how many there are, *first the
 * lowest of them. */
static size_t look(const struct hm_dynamics *y, const double *z, size_t n,
                   double *mean, size_t *first)
{
    const size_t d = y->s->d;
    size_t top = 0, count = 0;
    bool copies = true;

    att_project(att_mat_view(z, n, d), y->query, y->score);
    for (size_t j = 1; j < n; j++)
        top = y->score[j] > y->score[top] ? j : top;
    memset(mean, 0, d * sizeof *mean);
    for (size_t j = top; j < n; j++) {
        if (y->score[j] != y->score[top])
            continue;
        count++;
        copies =
            copies && memcmp(z + j * d, z + top * d, d * sizeof *mean) == 0;
        att_axpy(d, 1.0, z + j * d, mean);
    }
    for (size_t k = 0; k < d; k++)
        mean[k] = copies ? z[top * d + k] : mean[k] / (double)count;
    *first = top;
    return count;
}

/* One step of one sequence; returns the largest displacement. */
static double step_sequence(struct hm_dynamics *y, size_t j)
{
    const size_t d = y->s->d, n = att_sequence_length(y->s, j);
    const size_t base = y->s->offset[j] * d;
    double largest = 0.0;

    for (size_t i = 0; i < n; i++) {
        const double *z = y->z + base + i * d;
        double *mean = y->mean + base + i * d;
        double square = 0.0;
        size_t first = 0;

        make_query(y, z);
        (void)look(y, y->z + base, n, mean, &first);
        for (size_t k = 0; k < d; k++) {
            const double move = y->rate * (mean[k] - z[k]);

            y->next[base + i * d + k] = z[k] + move;
            square += move * move;
        }
        largest = fmax(largest, sqrt(square));
    }
    return largest;
}

double att_hm_dynamics_step(struct hm_dynamics *y)
{
    double largest = 0.0;

    for (size_t j = 0; j < y->s->n; j++)
        largest = fmax(largest, step_sequence(y, j));
    double *const kept = y->z;

    y->z = y->next;
    y->next = kept;
    return largest;
}

bool att_hm_dynamics_leads(struct hm_dynamics *y, size_t j, size_t i)
{
    const double *z = y->z + y->s->offset[j] * y->s->d;
    size_t first = 0;

    make_query(y, z + i * y->s->d);
    return look(y, z, att_sequence_length(y->s, j), y->mean, &first) == 1 &&
           first == i;
}
