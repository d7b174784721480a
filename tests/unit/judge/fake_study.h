/* fake_study.h - a made-up construction with a claim of every kind, and rows
 * of it. */
#pragma once

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "attest/base/regression.h"
#include "attest/base/statistics.h"
#include "attest/judge/tally.h"
#include "attest/judge/verdict.h"

enum { P_N, P_D, P_METHOD, N_PARAMS };
enum { M_Y, M_K, N_METRICS };
enum {
    C_BOUND,  /* row, proved: y <= 100 */
    C_LAW,    /* row, empirical: the same */
    C_SLOPE,  /* group, empirical: y ~ N^-2 */
    C_SAME_K, /* group by a metric, proved */
    C_POINT,  /* group by everything but N */
    C_STUDY,  /* study, proved: nobody is better than method "a" */
    N_CLAIMS
};

static const char *const METHODS[] = {"a", "b", NULL};
static const struct att_param PROBLEM_PARAMS[] = {
    ATT_PARAM_INTEGER("N", ATT_SEEDS_NOTHING, 4, 1, 4096, "sequences"),
};
static const struct att_param OWN_PARAMS[] = {
    ATT_PARAM_INTEGER("d", ATT_SEEDS_NOTHING, 2, 1, 4096, "dimension"),
    ATT_PARAM_CHOICE("method", ATT_SEEDS_BUILDER, "a", METHODS, "which"),
};
static const struct att_metric METRICS[] = {
    [M_Y] = {.name = "y", .unit = "1", .doc = "size", .kind = ATT_REAL},
    [M_K] = {.name = "K", .unit = "1", .doc = "count", .kind = ATT_INTEGER},
};

static double y_of(const struct att_row_view *row)
{
    return att_value_number(row->metric[M_Y]);
}

static void judge_bound(const struct att_rows *rows, struct att_finding *f)
{
    f->statistic = y_of(&rows->row[0]);
    f->predicted = 100;
    f->verdict = f->statistic <= 100 ? ATT_HOLDS : ATT_VIOLATED;
}

/* The exponent with its interval; reads rows in the order it is given. */
static void judge_slope(const struct att_rows *rows, struct att_finding *f)
{
    double *x = ATT_NEW(rows->scratch, double, rows->n);
    double *y = ATT_NEW(rows->scratch, double, rows->n);
    int64_t *replicate = ATT_NEW(rows->scratch, int64_t, rows->n);
    struct att_fit fit = {0};

    f->verdict = ATT_INCONCLUSIVE;
    f->predicted = -2;
    if (x == NULL || y == NULL || replicate == NULL)
        return;
    for (size_t i = 0; i < rows->n; i++) {
        x[i] = (double)rows->row[i].param[P_N].i;
        y[i] = y_of(&rows->row[i]);
        replicate[i] = rows->row[i].replicate;
    }
    const struct att_points points = {x, y, replicate, rows->n, 1, false};

    if (att_fit_power(&points, ATT_FIT_MEDIANS, rows->scratch, &fit, NULL) !=
        ATT_OK)
        return;
    f->statistic = fit.coef[1];
    f->lo = fit.ci[1].lo;
    f->hi = fit.ci[1].hi;
    f->verdict = f->lo <= -1.8 && f->hi >= -2.2 ? ATT_HOLDS : ATT_VIOLATED;
    f->worst = rows->n - 1;
}

static void judge_same_k(const struct att_rows *rows, struct att_finding *f)
{
    f->verdict = ATT_HOLDS;
    f->statistic = (double)rows->row[0].metric[M_K].i;
    (void)snprintf(f->note, sizeof f->note, "%zu + %zu", rows->n,
                   rows->n_censored);
}

/* Writes the order of its rows down: "1.0 1.1 2.0 2.1". */
static void judge_order(const struct att_rows *rows, struct att_finding *f)
{
    size_t at = 0;

    for (size_t i = 0; i < rows->n && at + 24 < sizeof f->note; i++) {
        at += (size_t)snprintf(
            f->note + at, sizeof f->note - at, "%s%d.%d", i == 0 ? "" : " ",
            (int)rows->row[i].param[P_N].i, (int)rows->row[i].replicate);
    }
    f->verdict = ATT_HOLDS;
}

static void judge_study(const struct att_rows *rows, struct att_finding *f)
{
    double best = INFINITY;

    f->verdict = ATT_HOLDS;
    for (size_t i = 0; i < rows->n; i++) {
        if (y_of(&rows->row[i]) < best) {
            best = y_of(&rows->row[i]);
            f->worst = i;
        }
    }
    if (strcmp(rows->row[f->worst].param[P_METHOD].s, "a") != 0)
        f->verdict = ATT_VIOLATED;
    f->statistic = best;
    (void)snprintf(f->note, sizeof f->note, "%zu rows", rows->n);
}

static const struct att_claim CLAIMS[] = {
    [C_BOUND] = {.id = "fake.bound",
                 .standing = ATT_PROVED,
                 .scope = ATT_SCOPE_ROW,
                 .judge = judge_bound},
    [C_LAW] = {.id = "fake.law",
               .standing = ATT_EMPIRICAL,
               .scope = ATT_SCOPE_ROW,
               .judge = judge_bound},
    [C_SLOPE] = {.id = "fake.slope",
                 .standing = ATT_EMPIRICAL,
                 .scope = ATT_SCOPE_GROUP,
                 .group_by = "d, method",
                 .pool = "",
                 .judge = judge_slope},
    [C_SAME_K] = {.id = "fake.same-k",
                  .standing = ATT_PROVED,
                  .scope = ATT_SCOPE_GROUP,
                  .group_by = "N,K",
                  .judge = judge_same_k},
    [C_POINT] = {.id = "fake.point",
                 .standing = ATT_PROVED,
                 .scope = ATT_SCOPE_GROUP,
                 .group_by = "*,!N",
                 .judge = judge_order},
    [C_STUDY] = {.id = "fake.study",
                 .standing = ATT_PROVED,
                 .scope = ATT_SCOPE_STUDY,
                 .group_by = "N",
                 .pool = "",
                 .judge = judge_study},
};

static const struct att_problem PROBLEM = {
    .name = "fake_problem", .params = PROBLEM_PARAMS, .n_params = 1};

/* The slots that judging never calls stay empty. */
static const struct att_construction FAKE = {
    .abi = ATT_CONSTRUCTION_ABI,
    .name = "fake",
    .family = "fakes",
    .problem = &PROBLEM,
    .params = OWN_PARAMS,
    .n_params = 2,
    .metrics = METRICS,
    .n_metrics = N_METRICS,
    .claims = CLAIMS,
    .n_claims = N_CLAIMS,
};

enum { MAX_ROWS = 256 };

struct fake_study {
    const struct att_construction *construction;
    struct att_value param[MAX_ROWS][N_PARAMS], metric[MAX_ROWS][N_METRICS];
    struct att_row_view view[MAX_ROWS];
    struct att_key key[MAX_ROWS];
    int8_t verdict[MAX_ROWS][N_CLAIMS];
    struct att_view_rows rows;
    size_t n;
};

/* Add a row and judge its row claims.  Keys count from 1. */
static inline struct att_row_view *add_row(struct fake_study *s, int64_t N,
                                           int64_t d, const char *method,
                                           int64_t replicate, double y)
{
    const size_t i = s->n++;
    struct att_row_view *view = &s->view[i];

    s->param[i][P_N] = att_int(N);
    s->param[i][P_D] = att_int(d);
    s->param[i][P_METHOD] = att_text(method);
    s->metric[i][M_Y] = att_real(y);
    s->metric[i][M_K] = att_int(N - 1);
    s->key[i] = (struct att_key){0, i + 1};
    *view = (struct att_row_view){.construction = s->construction,
                                  .param = s->param[i],
                                  .metric = s->metric[i],
                                  .replicate = replicate,
                                  .status = ATT_DONE};
    att_judge_row(view, NULL, s->verdict[i]);
    return view;
}

static inline void end_row(struct fake_study *s, enum att_outcome_status status)
{
    const size_t i = s->n - 1;

    s->view[i].status = status;
    s->metric[i][M_Y] = att_none();
    s->metric[i][M_K] = att_none();
    att_judge_row(&s->view[i], NULL, s->verdict[i]);
}

static inline struct att_row_source source_of(struct fake_study *s,
                                              const char *sweep)
{
    s->rows = (struct att_view_rows){s->view, s->key, s->verdict[0], N_CLAIMS};
    return att_view_source(sweep, s->construction, &s->rows, s->n);
}

static inline void begin_study(struct fake_study *s)
{
    memset(s, 0, sizeof *s);
    s->construction = &FAKE;
}

/* The row that stood at i goes to (i a + b) mod n. */
static inline void shuffle_rows(const struct fake_study *from, size_t a,
                                size_t b, struct fake_study *to)
{
    begin_study(to);
    to->n = from->n;
    for (size_t i = 0; i < from->n; i++) {
        const size_t at = (i * a + b) % from->n;

        memcpy(to->param[at], from->param[i], sizeof to->param[at]);
        memcpy(to->metric[at], from->metric[i], sizeof to->metric[at]);
        memcpy(to->verdict[at], from->verdict[i], sizeof to->verdict[at]);
        to->key[at] = from->key[i];
        to->view[at] = from->view[i];
        to->view[at].param = to->param[at];
        to->view[at].metric = to->metric[at];
    }
}
