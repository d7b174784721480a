/* averaging_witness_text.c - the witness of a bound in a line for people: what
 * `attest show TASK` prints.  The numbers themselves are in the artifact. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "attest/base/subset.h"
#include "averaging_certificate_priv.h"

/* A text that ends in "..." where it would not fit. */
struct line {
    char *text; /* [AVG_WITNESS_TEXT] */
    size_t n;
    bool full;
};

static void say(struct line *l, const char *fmt, ...) ATT_PRINTF(2, 3);

static void say(struct line *l, const char *fmt, ...)
{
    enum { ROOM = AVG_WITNESS_TEXT - 4 };
    char more[96];
    va_list args;

    va_start(args, fmt);
    const int length = vsnprintf(more, sizeof more, fmt, args);

    va_end(args);
    if (l->full || length < 0)
        return;
    if (l->n + strlen(more) > ROOM) {
        memcpy(l->text + l->n, "...", 4);
        l->full = true;
        return;
    }
    memcpy(l->text + l->n, more, strlen(more) + 1);
    l->n += strlen(more);
}

static struct att_mat find(const struct avg_bound_case *x, const char *name)
{
    for (size_t i = 0; i < x->witness.n; i++) {
        if (strcmp(x->witness.name[i], name) == 0)
            return x->witness.m[i];
    }
    return (struct att_mat){0};
}

/* "0.41 u2 + 0.59 u5": the terms of one sign. */
static void say_side(struct line *l, const double *lambda, size_t n,
                     double sign)
{
    const char *plus = "";

    for (size_t j = 0; j < n; j++) {
        if (!(sign * lambda[j] > 0.0))
            continue;
        say(l, "%s%.3g u%zu", plus, sign * lambda[j], j);
        plus = " + ";
    }
}

static void say_dependence(struct line *l, const double *lambda, size_t n)
{
    say_side(l, lambda, n, 1.0);
    say(l, " of the set = ");
    say_side(l, lambda, n, -1.0);
    say(l, " outside it");
}

static void say_set(struct line *l, const double *member, size_t q)
{
    for (size_t k = 0; k < q; k++)
        say(l, k == 0 ? "set {%g" : " %g", member[k]);
    say(l, "}: ");
}

static void say_radon(const struct avg_bound_case *x, struct line *l)
{
    const struct att_mat set = find(x, "set");
    const struct att_mat lambda = find(x, "lambda");

    say_set(l, set.data, set.cols);
    say_dependence(l, lambda.data, lambda.cols);
}

/* The first set that no hyperplane separates. */
static void say_census(const struct avg_bound_case *x, struct line *l)
{
    enum { MOST_Q = 16 };
    const struct att_mat u = find(x, "keys");
    const struct att_mat rows = find(x, "decisions");
    uint32_t y[MOST_Q];
    double member[MOST_Q];
    size_t r = 0;

    att_subset_first(y, x->a->q);
    while (r < rows.rows && att_mat_row(rows, r)[0] == 1.0) {
        (void)att_subset_next(y, x->a->q, u.rows);
        r++;
    }
    if (r == rows.rows) {
        say(l, "a hyperplane for each of %zu sets", rows.rows);
        return;
    }
    for (size_t k = 0; k < x->a->q; k++)
        member[k] = y[k];
    say_set(l, member, x->a->q);
    say_dependence(l, att_avg_census_row(rows, r, u.cols).lambda, u.rows);
}

/* The first two equal rows of m. */
static bool find_twins(struct att_mat m, size_t *a, size_t *b)
{
    for (*b = 1; *b < m.rows; ++*b) {
        for (*a = 0; *a < *b; ++*a) {
            if (memcmp(att_mat_row(m, *a), att_mat_row(m, *b),
                       m.cols * sizeof(double)) == 0)
                return true;
        }
    }
    return false;
}

static void say_messages(const struct avg_bound_case *x, struct line *l)
{
    const struct att_mat m = find(x, "messages");
    size_t a = 0;
    size_t b = 0;

    if (find_twins(m, &a, &b)) {
        say(l, "pointers %zu and %zu of 0 .. %zu send one message", a, b,
            m.rows - 1);
    } else {
        say(l, "all %zu messages differ", m.rows);
    }
}

/* The table is sorted by state: (state, prefix). */
static void say_states(const struct avg_bound_case *x, struct line *l)
{
    const struct att_mat t = find(x, "states");

    for (size_t i = 1; i < t.rows; i++) {
        const double *before = att_mat_row(t, i - 1);
        const double *here = att_mat_row(t, i);

        if (before[0] != here[0])
            continue;
        say(l, "prefixes %g and %g end in state %g", before[1], here[1],
            here[0]);
        return;
    }
    say(l, "all %zu states differ", t.rows);
}

static void say_kernel(const struct avg_bound_case *x, struct line *l)
{
    const struct att_mat set = find(x, "set");

    say_set(l, set.data, set.cols);
    say(l,
        "the first layer gives z = v and z = -v the same, v of mean %.4g on "
        "the set",
        x->found.cert_err);
}

/* The token that the span of the slots holds least of. */
static void say_slots(const struct avg_bound_case *x, struct line *l)
{
    const struct att_mat b = find(x, "basis");
    double least = (double)INFINITY;
    size_t at = 0;

    for (size_t j = 0; j < b.cols; j++) {
        double held = 0.0;

        for (size_t s = 0; s < b.rows; s++)
            held += att_mat_row(b, s)[j] * att_mat_row(b, s)[j];
        at = held < least ? j : at;
        least = fmin(least, held);
    }
    say(l,
        "token %zu: %.4g of its unit vector lies in the span of the slots, "
        "%.4g = k/L on average",
        at, least, (double)b.rows / (double)b.cols);
}

void att_avg_witness_text(const struct avg_bound_case *x, enum avg_bound bound,
                          char text[AVG_WITNESS_TEXT])
{
    static void (*const SAY[AVG_BOUNDS])(const struct avg_bound_case *x,
                                         struct line *l) = {
        [AVG_RADON] = say_radon,   [AVG_CENSUS] = say_census,
        [AVG_DISJ] = say_messages, [AVG_MEMORY] = say_states,
        [AVG_KERNEL] = say_kernel, [AVG_LINEAR] = say_slots,
    };
    struct line l = {.text = text};

    text[0] = '\0';
    if (bound < AVG_BOUNDS)
        SAY[bound](x, &l);
}
