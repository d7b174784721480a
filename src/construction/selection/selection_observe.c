/* selection_observe.c - lines of a row: the curve of its training, and tests of
 * other lengths and set sizes. */
#include "attest/base/text.h"
#include "selection_observe_priv.h"

/* ---- what theory says -------------------------------------------------------------------- */

/* Is the annealed formula about this law? */
static bool has_annealed(const struct sel_law *law)
{
    return law->pe == SEL_SPE && law->query == SEL_DUAL &&
           law->task.data != ATT_SELECTION_AR1 && law->task.q <= law->de;
}

double att_sel_t0(const struct att_case *c, const struct sel_trained *t)
{
    return att_sel_delay((double)t->law.task.L, (double)t->law.task.d,
                         (double)att_sel_used(&t->law), c->p[SP_ETA_V].r,
                         c->p[SP_ETA_W].r);
}

/* de / (eta_W kappa^2 (t - t0)); NaN before t0 and past the best scale. */
double att_sel_predicted_loss(const struct att_case *c,
                              const struct sel_trained *t, double step,
                              double gamma)
{
    const struct sel_law *law = &t->law;
    const double de = (double)att_sel_used(law), t0 = att_sel_t0(c, t);
    const bool derived = !law->query_key && !law->test_any_size;
    const double kappa = law->pe == SEL_ONEHOT
                             ? 2.0
                             : att_sel_kappa(gamma, (double)law->task.q, de);

    if (!derived || !(step > t0) || !(kappa > 0.0))
        return (double)NAN;
    return de / (c->p[SP_ETA_W].r * kappa * kappa * (step - t0));
}

/* ---- lines -------------------------------------------------------------------------------- */

static void clear_line(double *line)
{
    for (size_t i = 0; i < SEL_OBSERVATIONS; i++)
        line[i] = (double)NAN;
}

/* A loss as a relative error. */
double att_sel_over_unit(const struct sel_trained *t, double loss)
{
    return loss * 2.0 * att_sel_set_size(&t->law) / (double)t->law.task.d;
}

static void observe_step(const struct att_case *c, const struct sel_trained *t,
                         double step, const struct sel_line *at,
                         struct att_outcome *out)
{
    double line[SEL_OBSERVATIONS];

    clear_line(line);
    line[SO_STEP] = step;
    if (at->step == step) {
        line[SO_LOSS] = at->loss;
        line[SO_REL_ERR] = at->rel_err;
        line[SO_REL_BATCH] = att_sel_over_unit(t, at->batch.loss);
        line[SO_GNORM_V] = at->batch.gnorm_V;
        line[SO_GNORM_W] = at->batch.gnorm_W;
        line[SO_ALPHA] = at->gauges.alpha;
        line[SO_GAMMA] = at->gauges.gamma;
        line[SO_COS_V] = at->gauges.cosV;
        line[SO_COS_W] = at->gauges.cosW;
        line[SO_V2] = at->gauges.V2;
        line[SO_BX] = at->gauges.Bx;
        line[SO_COFF] = at->gauges.Coff;
        line[SO_ALPHA_PRED] = at->predicted.alpha;
        line[SO_GAMMA_PRED] = at->predicted.gamma;
        line[SO_L_PRED] = att_sel_predicted_loss(c, t, step, at->gauges.gamma);
    }
    att_out_observe(out, line);
}

void att_sel_observe_steps(const struct att_case *c,
                           const struct sel_trained *t, struct att_outcome *out)
{
    for (size_t i = 0; i < t->curve.n; i++)
        observe_step(c, t, t->curve.step[i], &t->line[i], out);
}

/* Can samples of L tokens with q selected ones be made? */
static bool is_testable(const struct sel_trained *t, bool recursion, double L,
                        double q)
{
    const double de = (double)t->law.de;

    if (L != floor(L) || q != floor(q) || q < 1.0 || q >= L || L > 1 << 24)
        return false;
    if (t->law.query == SEL_DUAL && q > de && !t->law.least_norm)
        return false;
    if (t->law.pe == SEL_POOL && L > (double)t->law.pool)
        return false;
    if (recursion && L != (double)t->law.task.L)
        return false;
    return t->law.pe != SEL_ONEHOT || L <= de;
}

static att_status test_scores(const struct sel_test *x, double factor,
                              struct sel_scores *r, struct att_error *err)
{
    const struct sel_probe probe = {.law = &x->law,
                                    .net = &x->t->net,
                                    .n = x->law.task.samples,
                                    .factor = factor,
                                    .rounded = factor == 1.0};

    return att_sel_probe(&probe, x->arena, r, err);
}

att_status att_sel_predict(const struct sel_test *x, double gamma,
                           double *rel_err, struct att_error *err)
{
    const struct sel_annealed annealed = {&x->law, x->law.task.samples,
                                          x->arena};
    const struct sel_pair at = {x->t->last.gauges.alpha, gamma};

    *rel_err = (double)NAN;
    if (!has_annealed(&x->law))
        return ATT_OK;
    return att_sel_annealed(&annealed, at, (double)x->law.task.L, rel_err, err);
}

static void fill_line(const struct sel_scores *r, double *line)
{
    line[SO_LOSS] = r->loss;
    line[SO_REL_ERR] = r->rel_err;
    line[SO_MEDIAN] = r->median;
    line[SO_MASS] = r->mass_in;
    line[SO_EXACT] = r->exact;
    line[SO_HARD] = r->rel_hard;
    line[SO_REFIT] = r->rel_refit;
    line[SO_MARGIN] = r->margin;
    line[SO_BF16] = r->bf16.rel_err;
    line[SO_BF16_BOUND] = r->bf16.bound;
    line[SO_INT8] = r->int8.rel_err;
    line[SO_INT8_BOUND] = r->int8.bound;
}

/* Another temperature at another length. */
static att_status temper(const struct sel_test *x, double *line,
                         struct att_error *err)
{
    const struct att_selection *own = &x->t->law.task;
    const double gamma = x->t->last.gauges.gamma;
    const double raised = att_sel_tempered(
        gamma, (double)own->L, (double)own->q, (double)x->law.task.L);
    struct sel_scores r;

    if (!(gamma > 0.0) || !(raised > 0.0))
        return ATT_OK;
    ATT_TRY(test_scores(x, raised / gamma, &r, err));
    line[SO_TEMP] = r.rel_err;
    line[SO_GAMMA_TEMP] = raised;
    return att_sel_predict(x, raised, &line[SO_TEMP_PRED], err);
}

/* How often y lies in the first L positions, over the sizes of sets. */
static double share_inside(const struct sel_law *law, double L)
{
    const size_t q = law->task.q;
    const size_t least = law->any_size ? 1 : q;
    double sum = 0.0;

    for (size_t k = least; k <= q; k++)
        sum += att_sel_inside(L, (double)law->task.L, (double)k);
    return sum / (double)(q - least + 1);
}

static att_status observe_length(struct sel_test *x, double L_test,
                                 struct att_outcome *out, struct att_error *err)
{
    const struct att_selection *own = &x->t->law.task;
    const bool recursion = att_sel_model(x->c->p[SP_MODEL].s) == SEL_RECURSION;
    double line[SEL_OBSERVATIONS];
    struct sel_scores r;

    clear_line(line);
    line[SO_L_TEST] = L_test;
    if (is_testable(x->t, recursion, L_test, (double)own->q)) {
        x->law = att_sel_test_law(&x->t->law);
        x->law.task.L = (size_t)L_test;
        ATT_TRY(test_scores(x, 1.0, &r, err));
        fill_line(&r, line);
        ATT_TRY(att_sel_predict(x, x->t->last.gauges.gamma, &line[SO_ANNEALED],
                                err));
        ATT_TRY(temper(x, line, err));
        if (L_test >= (double)own->L && x->law.pe == SEL_FIXED) {
            line[SO_EXACT_LOW] = share_inside(&x->law, (double)own->L);
        }
    }
    att_out_observe(out, line);
    return ATT_OK;
}

att_status att_sel_observe_lengths(struct sel_test *x, struct att_outcome *out,
                                   struct att_error *err)
{
    const double L = (double)x->t->law.task.L;
    const double factor[] = {2.0, 4.0, SEL_LONGEST};
    double own[] = {L, 0, 0, 0};
    size_t n = 1;

    for (size_t i = 0; i < sizeof factor / sizeof factor[0]; i++) {
        if (factor[i] * L <= SEL_LONGEST_TOKENS)
            own[n++] = factor[i] * L;
    }
    const double *length = att_case_observe_or(
        x->c, "L_test", (struct att_own_grid){own, n}, out->arena, &n);

    if (length == NULL)
        return att_arena_fail(out->arena, "the observed lengths", err);
    for (size_t i = 0; i < n; i++)
        ATT_TRY(observe_length(x, length[i], out, err));
    return ATT_OK;
}

att_status att_sel_observe_sets(struct sel_test *x, struct att_outcome *out,
                                struct att_error *err)
{
    const struct att_selection *own = &x->t->law.task;
    const bool recursion = att_sel_model(x->c->p[SP_MODEL].s) == SEL_RECURSION;
    size_t n = 0;
    const double *asked = att_case_observe(x->c, "q_test", &n);

    for (size_t i = 0; i < n; i++) {
        double line[SEL_OBSERVATIONS];
        struct sel_scores r;

        clear_line(line);
        line[SO_Q_TEST] = asked[i];
        if (is_testable(x->t, recursion, (double)own->L, asked[i])) {
            x->law = att_sel_test_law(&x->t->law);
            x->law.task.q = (size_t)asked[i];
            ATT_TRY(test_scores(x, 1.0, &r, err));
            fill_line(&r, line);
            ATT_TRY(att_sel_predict(x, x->t->last.gauges.gamma,
                                    &line[SO_ANNEALED], err));
        }
        att_out_observe(out, line);
    }
    return ATT_OK;
}
