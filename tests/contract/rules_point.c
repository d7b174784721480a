/* rules_point.c - points run, repeat, slice and observe as they should. */
#include <math.h>
#include <string.h>

#include "attest/base/text.h"
#include "contract.h"

/* ---- what a finished row may hold ---------------------------------------- */

static void inspect_metric(struct contract *k, const char *point,
                           const struct att_value *p, uint32_t i,
                           const struct outcome *o)
{
    const struct att_metric *m = &k->c->metrics[i];
    const struct att_value v = o->metric[i];
    double formula = 0.0;

    if (v.kind == ATT_NONE)
        return;
    if (v.kind != m->kind)
        complain(k, "metric %s has the wrong kind at %s", m->name, point);
    if (v.kind == ATT_REAL && !isfinite(v.r)) {
        complain(k, "metric %s is %g at %s: leave it missing", m->name, v.r,
                 point);
    }
    if (m->role != ATT_ROLE_PREDICTED || m->formula == NULL)
        return;
    check_formula(k, m->name, m->formula, p, &formula);
    /* The engine and the construction may round the formula's operations in
     * another order: 1e-12 leaves some thousand roundings. */
    if (!(fabs(att_value_number(v) - formula) <= 1e-12 * fabs(formula))) {
        complain(k, "metric %s is %.17g at %s, its formula %.17g", m->name,
                 att_value_number(v), point, formula);
    }
}

static void inspect_observations(struct contract *k, const char *point,
                                 const struct outcome *o)
{
    const uint32_t n = k->c->n_observations;

    for (size_t i = 0; i < o->n_observed * n; i++) {
        if (isinf(o->observation[i])) {
            complain(k, "observation %s of line %zu is infinite at %s",
                     k->c->observations[i % n].name, i / n, point);
            return;
        }
    }
}

static bool is_verdict(enum att_verdict v)
{
    return v == ATT_HOLDS || v == ATT_INCONCLUSIVE || v == ATT_VIOLATED ||
           v == ATT_DEPARTS || v == ATT_NOT_APPLICABLE;
}

/* The finding as it is before a judge writes to it. */
static struct att_finding blank_finding(void)
{
    return (struct att_finding){.verdict = ATT_NOT_APPLICABLE,
                                .statistic = (double)NAN,
                                .lo = (double)NAN,
                                .hi = (double)NAN,
                                .predicted = (double)NAN};
}

static void inspect_claims(struct contract *k, const char *point,
                           const struct att_value *p, const struct outcome *o)
{
    const struct att_row_view view = {
        .construction = k->c,
        .param = p,
        .metric = o->metric,
        .observations = {o->observation, o->n_observed, k->c->n_observations},
        .status = ATT_DONE,
    };
    const struct att_rows rows = {.row = &view, .n = 1, .n_planned = 1};

    for (uint32_t i = 0; i < k->c->n_claims; i++) {
        const struct att_claim *claim = &k->c->claims[i];
        struct att_finding f = blank_finding();

        if (claim->scope != ATT_SCOPE_ROW)
            continue;
        claim->judge(&rows, &f);
        if (!is_verdict(f.verdict) ||
            memchr(f.note, '\0', sizeof f.note) == NULL) {
            complain(k, "claim %s is judged illegally at %s", claim->id, point);
        } else if (claim->standing == ATT_PROVED && f.verdict == ATT_VIOLATED) {
            complain(k, "proved claim %s is violated at %s: %s (%g)", claim->id,
                     point, f.note, f.statistic);
        }
    }
}

void inspect_outcome(struct contract *k, const struct att_value *p,
                     const struct outcome *o)
{
    const char *point = point_text(k, p);

    for (uint32_t i = 0; i < k->c->n_metrics; i++)
        inspect_metric(k, point, p, i, o);
    inspect_observations(k, point, o);
    inspect_claims(k, point, p, o);
}

/* ---- corners ------------------------------------------------------------------ */

static void check_corner(struct contract *k, const struct att_value *p)
{
    struct att_error first = {0};
    struct att_error second = {0};
    const att_status status = k->c->admit(p, &first);

    if (status != ATT_OK && status != ATT_E_INFEASIBLE) {
        complain(k, "admit says '%s' at %s", att_status_text(status),
                 point_text(k, p));
    }
    if (k->c->admit(p, &second) != status ||
        !att_text_same(first.text, second.text))
        complain(k, "admit changes its mind at %s", point_text(k, p));
    if (status != ATT_OK) {
        if (is_empty(first.text))
            complain(k, "admit gives no reason at %s", point_text(k, p));
        return;
    }
    const struct att_cost cost = k->c->cost(p);

    if (!(cost.flops >= 0.0 && isfinite(cost.flops) && cost.bytes > 0.0 &&
          isfinite(cost.bytes))) {
        complain(k, "cost is %g flops, %g bytes at %s", cost.flops, cost.bytes,
                 point_text(k, p));
    }
    if (k->c->slices(p) == 0)
        complain(k, "no slices at %s", point_text(k, p));
}

void rule_corners(struct contract *k)
{
    struct att_value p[CONTRACT_PARAMS];

    for (uint32_t i = 0; i < att_construction_n_params(k->c); i++) {
        const struct att_param *param = att_construction_param(k->c, i);

        point_default(k->c, p);
        if (param->type == ATT_TYPE_INTEGER) {
            p[i] = att_int(param->i_min);
            check_corner(k, p);
            p[i] = att_int(param->i_max);
            check_corner(k, p);
        } else if (param->type == ATT_TYPE_REAL) {
            p[i] = att_real(param->r_min);
            check_corner(k, p);
            p[i] = att_real(param->r_max);
            check_corner(k, p);
        }
    }
}

/* ---- points that must run -------------------------------------------------------- */

/* Run an admitted point and look at what it leaves. */
static struct outcome run_point(struct contract *k, const struct att_value *p)
{
    const struct trial t = trial_of(p);
    const struct outcome o = run_trial(k, &t);

    if (o.status == ATT_OK)
        inspect_outcome(k, p, &o);
    return o;
}

bool is_left_out(att_status status)
{
    return status == ATT_E_UNSUPPORTED &&
           !(ATT_HAVE_SLEEF && ATT_HAVE_CLP && ATT_HAVE_KISSFFT &&
             ATT_HAVE_MPFR && ATT_HAVE_LAPACKE);
}

static void expect_run(struct contract *k, const struct att_value *p)
{
    if (!point_admitted(k->c, p)) {
        complain(k, "admit refuses %s", point_text(k, p));
        return;
    }
    const struct outcome o = run_point(k, p);

    if (o.status != ATT_OK && !is_left_out(o.status))
        complain(k, "%s fails at %s: %s", o.where, point_text(k, p), o.reason);
}

void rule_default(struct contract *k)
{
    struct att_value p[CONTRACT_PARAMS];

    point_default(k->c, p);
    expect_run(k, p);
}

void rule_smallest(struct contract *k)
{
    struct att_value p[CONTRACT_PARAMS];

    point_smallest(k->c, p);
    expect_run(k, p);
}

/* May a task that `admit` let through end like this?  The builder may find
 * that the theorem does not reach; the build may lack a library. */
static bool is_fair_end(att_status status)
{
    return status == ATT_OK || status == ATT_E_INFEASIBLE ||
           status == ATT_E_UNSUPPORTED;
}

void rule_choices(struct contract *k)
{
    struct att_value p[CONTRACT_PARAMS];

    for (uint32_t i = 0; i < att_construction_n_params(k->c); i++) {
        const struct att_param *param = att_construction_param(k->c, i);

        if (param->type != ATT_TYPE_CHOICE)
            continue;
        for (size_t j = 0; param->choices[j] != NULL; j++) {
            point_smallest(k->c, p);
            p[i] = att_text(param->choices[j]);
            if (!point_admitted(k->c, p))
                continue;
            const struct outcome o = run_point(k, p);

            if (!is_fair_end(o.status)) {
                complain(k, "%s fails at %s: %s", o.where, point_text(k, p),
                         o.reason);
            }
        }
    }
}

/* ---- the same bits ----------------------------------------------------------------- */

void rule_repeat(struct contract *k)
{
    struct att_value p[CONTRACT_PARAMS];
    struct att_value other[CONTRACT_PARAMS];

    point_default(k->c, p);
    point_smallest(k->c, other);
    const struct trial plain = trial_of(p);
    const struct trial plain_other = trial_of(other);
    struct trial moved = trial_of(p);
    struct trial moved_other = trial_of(other);

    moved.junk_bytes = (size_t)1 << 20;
    moved_other.junk_bytes = 12345;
    const struct outcome first = run_trial(k, &plain);
    const struct outcome between = run_trial(k, &plain_other);
    const struct outcome second = run_trial(k, &moved);
    const struct outcome between_again = run_trial(k, &moved_other);

    compare_outcomes(k, "the default point again", &second, &first);
    compare_outcomes(k, "the smallest point again", &between_again, &between);
}

/* ---- slices ------------------------------------------------------------------------- */

/* Does the later value win over the earlier one? */
static bool wins(enum att_reduction reduction, struct att_value later,
                 struct att_value earlier)
{
    if (later.kind == ATT_NONE || earlier.kind == ATT_NONE)
        return earlier.kind == ATT_NONE;
    return reduction == ATT_REDUCE_MIN
               ? att_value_number(later) < att_value_number(earlier)
               : att_value_number(later) > att_value_number(earlier);
}

/* Metric m of the whole from those of its n slices. */
static struct att_value reduce(const struct att_construction *c, uint32_t m,
                               const struct outcome *part, uint32_t n)
{
    const struct att_metric *metric = &c->metrics[m];
    struct att_value v = part[0].metric[m];
    uint32_t judge = m;
    uint32_t best = 0;

    if (metric->reduction == ATT_REDUCE_SAME)
        return v;
    if (metric->reduction == ATT_REDUCE_PLACE)
        judge = (uint32_t)att_construction_find_metric(c, metric->place_of);
    for (uint32_t s = 1; s < n; s++) {
        if (metric->reduction == ATT_REDUCE_SUM && v.kind == ATT_INTEGER) {
            v.i += part[s].metric[m].i;
        } else if (metric->reduction == ATT_REDUCE_SUM && v.kind == ATT_REAL) {
            v.r += part[s].metric[m].r;
        } else if (wins(c->metrics[judge].reduction, part[s].metric[judge],
                        part[best].metric[judge])) {
            best = s;
        }
    }
    return metric->reduction == ATT_REDUCE_SUM ? v : part[best].metric[m];
}

/* Sums of reals may be rounded in another order, by some thousand ulp. */
static bool same_reduced(const struct att_metric *m, struct att_value a,
                         struct att_value b)
{
    if (m->reduction == ATT_REDUCE_SUM && a.kind == ATT_REAL &&
        b.kind == ATT_REAL)
        return fabs(a.r - b.r) <= 1e-12 * fabs(b.r);
    return att_value_equal(a, b);
}

static void compare_slices(struct contract *k, const struct outcome *whole,
                           const struct outcome *part, uint32_t n)
{
    char a[ATT_NUMBER_TEXT];
    char b[ATT_NUMBER_TEXT];

    for (uint32_t m = 0; m < k->c->n_metrics; m++) {
        const struct att_value v = reduce(k->c, m, part, n);

        if (k->c->metrics[m].exactness != ATT_TIMING &&
            !same_reduced(&k->c->metrics[m], v, whole->metric[m])) {
            complain(k, "metric %s is %s in %u slices, %s in one",
                     k->c->metrics[m].name, att_value_text(v, a), n,
                     att_value_text(whole->metric[m], b));
        }
    }
}

/* A construction with slices must honour any number of them. */
void rule_slices(struct contract *k)
{
    enum { N = 3 };
    struct att_value p[CONTRACT_PARAMS];
    struct outcome part[N];

    if (k->c->slices == att_slices_one)
        return;
    point_default(k->c, p);
    const struct trial t = trial_of(p);
    const struct outcome whole = run_trial(k, &t);

    if (whole.status != ATT_OK)
        return; /* the rule of the default point says so */
    for (uint32_t s = 0; s < N; s++) {
        struct trial slice = t;

        slice.slice = (struct att_slice){s, N};
        part[s] = run_trial(k, &slice);
        if (part[s].status != ATT_OK) {
            complain(k, "slice %u of %d fails: %s", s, N, part[s].reason);
            return;
        }
    }
    compare_slices(k, &whole, part, N);
}

/* ---- observations --------------------------------------------------------------- */

/* The last value that an axis takes by itself; false when it takes none. */
static bool last_value(const struct outcome *o, uint32_t n, uint32_t axis,
                       double *value)
{
    for (size_t line = o->n_observed; line-- > 0;) {
        *value = o->observation[line * n + axis];
        if (!isnan(*value))
            return true;
    }
    return false;
}

/* Ask for one value of an axis: lines that have the axis have that value. */
static void check_asked(struct contract *k, const struct att_value *p,
                        uint32_t axis, double value)
{
    const uint32_t n = k->c->n_observations;
    const char *name = k->c->observations[axis].name;
    const struct att_observe_axis asked = {
        .name = name, .value = &value, .n = 1};
    struct trial t = trial_of(p);
    size_t given = 0;

    t.observe = (struct att_observe){&asked, 1};
    const struct outcome o = run_trial(k, &t);

    if (o.status != ATT_OK) {
        complain(k, "%s fails when %s = %g is asked: %s", o.where, name, value,
                 o.reason);
        return;
    }
    for (size_t line = 0; line < o.n_observed; line++) {
        const double x = o.observation[line * n + axis];

        given += x == value;
        if (!isnan(x) && x != value) {
            complain(k, "%s = %g is given where %g is asked", name, x, value);
            return;
        }
    }
    if (given == 0)
        complain(k, "%s = %g is asked and not given", name, value);
}

void rule_observe(struct contract *k)
{
    struct att_value p[CONTRACT_PARAMS];

    point_smallest(k->c, p);
    const struct trial t = trial_of(p);
    const struct outcome o = run_trial(k, &t);

    for (uint32_t i = 0; i < k->c->n_observations && o.status == ATT_OK; i++) {
        double value = 0.0;

        if (k->c->observations[i].role == ATT_ROLE_AXIS &&
            last_value(&o, k->c->n_observations, i, &value))
            check_asked(k, p, i, value);
    }
}
