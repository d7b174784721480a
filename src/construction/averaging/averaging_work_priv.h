/* averaging_work_priv.h - one lane's scratch for the sets of one sample. */
#pragma once

#include "averaging_pass_priv.h"

/* Rounded queries of one grid point wait here until a block of them is
 * multiplied with all keys in one product (averaging_batch.c).
 *
 * Fixed point: u holds the keys, w the queries, in double.  Floating formats:
 * uf holds sqrt(d) u, wf sqrt(d) w, both rounded to the format and kept as
 * floats, in which the product is summed. */
struct avg_batch {
    size_t room, n;
    struct att_mat u, w, s; /* [n, d], [room, d], [room, n] */
    struct att_matf uf, wf, sf;
    uint32_t *y; /* [room, q] */
    size_t *set; /* [room] */
};

struct avg_work {
    struct att_workspace *ws;
    const struct avg_task *task;
    size_t sample;
    struct avg_query query;
    uint32_t *distance; /* [q, n] rows of the Gram matrix under way: signs */
    double *product;    /* [q, n] the same of other keys */
    double *spare;      /* [max(n, d)] */
    double *w;          /* [d] */
    uint32_t *y;        /* [q] the set under way */
    uint32_t *trial;    /* [q] */
    struct avg_batch batch;
    struct avg_times *t;
};

/* ---- averaging_sets.c ------------------------------------------------------------ */

/* Set i of the sample at grid point g, and its rows of the Gram matrix.  Given
 * sets extend the rows of grid point g - 1: call with 0, 1, ... in turn.
 * Fails: as the dual of a climbed set. */
ATT_CHECKED att_status att_avg_fetch(struct avg_work *x, size_t i, size_t g,
                                     struct att_error *err);

/* ---- averaging_batch.c ----------------------------------------------------------- */

/* Room for a batch at grid point g; keys are made.  Fails: ATT_E_NOMEM. */
ATT_CHECKED att_status att_avg_batch_open(struct avg_work *x, size_t g,
                                          struct att_error *err);
/* Round the query that was solved and keep it as set i. */
void att_avg_batch_add(struct avg_work *x, size_t i, struct avg_worst *worst);
/* Scores of all queries kept; row k then stands in att_avg_batch_row. */
void att_avg_batch_multiply(struct avg_work *x);
/* s [n] := scores of kept query k. */
void att_avg_batch_row(const struct avg_work *x, size_t k, double *s);
double att_avg_batch_bytes(const struct att_value *p);

/* w [d_g] := the solved query, before rounding. */
void att_avg_make_w(const struct avg_work *x, double *w);
/* w [d] as stored; the largest coordinate of sqrt(d) w. */
double att_avg_round_w(const struct avg_work *x, size_t set, double *w,
                       size_t d);

double att_avg_off_max(const double *s, size_t n, const uint32_t *y, size_t q);
