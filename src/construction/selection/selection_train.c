/* selection_train.c - the loop of a training. */
#include "selection_train_priv.h"

#include <string.h>

#include "attest/base/clock.h"
#include "attest/base/text.h"
#include "attest/model/arithmetic.h"

/* The first numbers of the state. */
struct head {
    int64_t step, n_redraw;
    double alpha_max, t_gamma1;
    struct sel_pair predicted;
    struct sel_line first, last;
};

/* Numbers of V and W, and of their moments. */
struct extent {
    size_t v, w, moments; /* moments: arrays behind each, 0 to 2 */
};

/* Work between two checkpoints that are offered (a lane sends one every few
 * seconds), and the least number of steps. */
static const double CHECKPOINT_FLOPS = 1e9;
static const double CHECKPOINT_STEPS = 100;

struct trainer {
    struct att_workspace *ws;
    struct sel_law law;
    enum sel_model model;
    enum sel_dtype dtype;
    enum sel_symmetrise symmetrise;
    bool single, predicts;
    struct sel_schedule schedule;
    double eta_V, eta_W;
    int64_t steps, every;
    struct extent extent;
    struct sel_batch batch, shadow; /* shadow: of the prediction */
    double *scratch;                /* of two numbers */
    struct sel_step x;
    struct sel_stepf xf;
    struct sel_unknown v, w;
    struct sel_unknownf vf, wf;
    struct sel_net net; /* the weights as they are read */
    struct sel_state state;
    struct head *head;
    struct sel_line *line;
    struct sel_observed_steps curve; /* n lines */
};

/* ---- the point ------------------------------------------------------------------------ */

static struct extent extent_of(enum sel_model m, size_t d, size_t de,
                               enum sel_opt opt)
{
    const size_t moments = opt == SEL_ADAM ? 2 : opt == SEL_MOMENTUM ? 1 : 0;

    if (m == SEL_POPULATION)
        return (struct extent){1, 1, moments};
    if (m == SEL_RECURSION)
        return (struct extent){1, 2, moments};
    if (att_sel_is_out(m))
        return (struct extent){1, de * de, moments};
    return (struct extent){d * (d + de), (d + de) * de, moments};
}

static size_t width_of(const struct trainer *k)
{
    return k->single && att_sel_has_matrices(k->model) ? sizeof(float)
                                                       : sizeof(double);
}

/* ---- opening --------------------------------------------------------------------------- */

/* Has the state the lines of the steps that are asked for now?  A study may
 * ask for others than when the state was saved. */
static bool has_lines(const struct trainer *k)
{
    const double done = (double)*k->state.step;

    for (size_t i = 0; i < k->curve.n; i++) {
        const double asked = k->curve.step[i], kept = k->line[i].step;
        const bool passed =
            asked >= 0.0 && asked < done && floor(asked) == asked;

        if (passed ? kept != asked : !isnan(kept))
            return false;
    }
    return true;
}

/* Step 0, without a line. */
static void begin(struct trainer *k)
{
    const struct sel_line nothing = {.step = (double)NAN};

    memset(k->state.block, 0, k->state.bytes);
    k->head->t_gamma1 = (double)NAN;
    for (size_t i = 0; i < k->curve.n; i++)
        k->line[i] = nothing;
}

/* [head | lines | V W | their moments]: all that a training changes. */
static att_status open_state(struct trainer *k, struct att_error *err)
{
    const size_t numbers =
        (k->extent.v + k->extent.w) * (1 + k->extent.moments);
    const size_t lines = k->curve.n * sizeof(struct sel_line);
    const size_t bytes = sizeof(struct head) + lines + numbers * width_of(k);
    bool resumed;

    ATT_TRY(att_sel_state_open(k->ws, bytes, &k->state, &resumed, err));
    k->head = k->state.block;
    k->line = (struct sel_line *)(k->head + 1);
    if (!resumed || !has_lines(k))
        begin(k);
    return ATT_OK;
}

/* Is step t a line of the curve, its first or its last? */
static bool is_wanted(const struct trainer *k, int64_t t)
{
    bool wanted = t == 0 || t == k->steps;

    for (size_t i = 0; i < k->curve.n; i++)
        wanted = wanted || k->curve.step[i] == (double)t;
    return wanted;
}

#define REAL     double
#define NAME(x)  x
#define MATRIX   struct att_mat
#define FIELD(x) x
#include "selection_train.inc"
#undef REAL
#undef NAME
#undef MATRIX
#undef FIELD
#define REAL     float
#define NAME(x)  x##f
#define MATRIX   struct att_matf
#define FIELD(x) x##f
#include "selection_train.inc"

static att_status open_net(struct trainer *k, struct att_error *err)
{
    const size_t d = k->law.task.d, de = k->law.de;
    const bool out = att_sel_is_out(k->model);

    k->net = (struct sel_net){.d = d, .de = de, .out = out};
    k->net.W = att_mat_new(k->ws->arena, out ? de : d + de, de);
    if (!out)
        k->net.V = att_mat_new(k->ws->arena, d, d + de);
    if (att_arena_refused(k->ws->arena) != 0)
        return att_arena_fail(k->ws->arena, "the network", err);
    return ATT_OK;
}

/* Two numbers predict what fresh random encodings teach. */
static bool predicts(const struct trainer *k)
{
    return k->model != SEL_RECURSION &&
           (k->law.pe == SEL_SPE || k->law.pe == SEL_SPE_STEP);
}

static att_status open_prediction(struct trainer *k, struct att_error *err)
{
    struct sel_law law = k->law;

    k->predicts = predicts(k);
    law.pe = SEL_SPE;
    k->scratch = ATT_NEW(k->ws->arena, double, att_sel_pair_room(&law));
    if (k->scratch == NULL)
        return att_arena_fail(k->ws->arena, "the prediction", err);
    if (!k->predicts)
        return ATT_OK;
    return att_sel_batch_new(&law, SEL_PREDICTION_DRAWS, law.task.L,
                             k->ws->arena, &k->shadow, err);
}

static void read_point(struct trainer *k, const struct att_value *p)
{
    k->model = att_sel_model(p[SP_MODEL].s);
    k->dtype = att_sel_dtype(p[SP_DTYPE].s);
    k->single = k->dtype != SEL_F64;
    k->symmetrise = att_sel_symmetrise(p[SP_SYMMETRISE].s);
    k->schedule = (struct sel_schedule){
        .opt = att_sel_opt(p[SP_OPT].s),
        .warm_up = p[SP_WARM_UP].i,
        .steps = att_text_same(p[SP_DECAY].s, "cosine") ? p[SP_STEPS].i : 0,
        .last = 0.01};
    k->eta_V = p[SP_ETA_V].r;
    k->eta_W = p[SP_ETA_W].r;
    k->steps = p[SP_STEPS].i;
    k->every = (int64_t)fmax(CHECKPOINT_STEPS,
                             ceil(CHECKPOINT_FLOPS / att_sel_step_flops(p)));
}

static att_status open_trainer(struct trainer *k, struct att_workspace *ws,
                               const struct att_case *c, struct att_error *err)
{
    const struct att_selection *task = c->instance;

    *k = (struct trainer){.ws = ws, .law = att_sel_law(ws, c->p, task)};
    read_point(k, c->p);
    k->extent = extent_of(k->model, task->d, k->law.de, k->schedule.opt);
    ATT_TRY(att_sel_observed_steps(c, k->steps, ws->arena, &k->curve, err));
    ATT_TRY(open_state(k, err));
    ATT_TRY(open_net(k, err));
    ATT_TRY(open_prediction(k, err));
    if (k->model != SEL_RECURSION) {
        ATT_TRY(att_sel_batch_new(&k->law, (size_t)c->p[SP_BATCH].i, task->L,
                                  ws->arena, &k->batch, err));
        k->batch.n_redraw = k->head->n_redraw;
    }
    return width_of(k) == sizeof(float) ? open_stepf(k, err)
                                        : open_step(k, err);
}

/* ---- one step -------------------------------------------------------------------------- */

/* The weights that a mixed training computes with. */
static void narrow_weights(struct trainer *k)
{
    const struct sel_weightsf at = k->xf.at;

    if (k->dtype != SEL_BF16_MIXED)
        return;
    memcpy(at.V.data, k->vf.x, k->vf.n * sizeof(float));
    memcpy(at.W.data, k->wf.x, k->wf.n * sizeof(float));
    att_arithmetic_round_bf16(k->vf.n, at.V.data);
    att_arithmetic_round_bf16(k->wf.n, at.W.data);
}

static struct sel_loss pair_gradient(struct trainer *k)
{
    const struct sel_pair at = {k->v.x[0], k->w.x[0]};
    const struct sel_pair_step step =
        att_sel_pair_step(&k->law, &k->batch, at, k->scratch);
    const double d = (double)k->law.task.d, de = (double)k->law.de;

    k->v.gradient[0] = step.d_alpha;
    k->w.gradient[0] = step.d_gamma;
    return (struct sel_loss){step.loss, sqrt(d) * fabs(step.d_alpha),
                             sqrt(de) * fabs(step.d_gamma)};
}

static struct sel_loss triple_gradient(struct trainer *k)
{
    const struct sel_onehot p = {(double)k->law.task.L, (double)k->law.task.q,
                                 (double)k->law.task.d};
    const struct sel_triple at = {k->v.x[0], k->w.x[0], k->w.x[1]};
    struct sel_triple next = at;
    const double norm = att_sel_onehot_step(p, 1.0, 1.0, &next);

    k->v.gradient[0] = at.alpha - next.alpha;
    k->w.gradient[0] = at.c_d - next.c_d;
    k->w.gradient[1] = at.c_o - next.c_o;
    return (struct sel_loss){att_sel_onehot_loss(p, at.alpha, at.c_d - at.c_o),
                             sqrt(p.d) * fabs(k->v.gradient[0]), norm};
}

static att_status gradient(struct trainer *k, uint32_t t, struct sel_loss *loss,
                           struct att_error *err)
{
    if (k->model == SEL_RECURSION) {
        *loss = triple_gradient(k);
        return ATT_OK;
    }
    ATT_TRY(att_sel_batch_draw(&k->law, t, 0, &k->batch, err));
    if (k->model == SEL_POPULATION) {
        *loss = pair_gradient(k);
    } else if (k->single) {
        narrow_weights(k);
        *loss = matrix_gradientf(k, t);
    } else {
        *loss = matrix_gradient(k, t);
    }
    return ATT_OK;
}

static void update(struct trainer *k, int64_t t)
{
    if (width_of(k) == sizeof(float)) {
        att_sel_stepf(&k->vf, &k->schedule, t);
        att_sel_stepf(&k->wf, &k->schedule, t);
        symmetrisef(k);
        if (k->dtype == SEL_BF16) {
            att_arithmetic_round_bf16(k->vf.n, k->vf.x);
            att_arithmetic_round_bf16(k->wf.n, k->wf.x);
        }
    } else {
        att_sel_step(&k->v, &k->schedule, t);
        att_sel_step(&k->w, &k->schedule, t);
        symmetrise(k);
    }
}

/* The two numbers take the step that plain descent takes. */
static att_status predict(struct trainer *k, uint32_t t, struct att_error *err)
{
    struct sel_law law = k->law;
    struct sel_pair *at = &k->head->predicted;

    if (!k->predicts)
        return ATT_OK;
    law.pe = SEL_SPE;
    law.seed = ~law.seed; /* encodings of its own */
    ATT_TRY(att_sel_batch_draw(&law, t, 0, &k->shadow, err));
    const struct sel_pair_step step =
        att_sel_pair_step(&law, &k->shadow, *at, k->scratch);

    at->alpha -= k->eta_V * step.d_alpha;
    at->gamma -= k->eta_W * step.d_gamma;
    return ATT_OK;
}

/* ---- reading the weights ---------------------------------------------------------------- */

static void read_net(struct trainer *k)
{
    const size_t de = k->law.de;

    if (k->model == SEL_POPULATION || k->model == SEL_RECURSION) {
        const bool pair = k->model == SEL_POPULATION;

        k->net.alpha = k->v.x[0];
        for (size_t i = 0; i < de * de; i++)
            k->net.W.data[i] = pair ? 0.0 : k->w.x[1];
        for (size_t i = 0; i < de; i++)
            att_mat_row(k->net.W, i)[i] = k->w.x[0];
    } else if (k->single) {
        read_matricesf(k);
    } else {
        read_matrices(k);
    }
}

/* What is watched at every step: scales only. */
static struct sel_pair scales(const struct trainer *k)
{
    if (k->model == SEL_POPULATION)
        return (struct sel_pair){k->v.x[0], k->w.x[0]};
    if (k->model == SEL_RECURSION)
        return (struct sel_pair){k->v.x[0], k->w.x[0] - k->w.x[1]};
    return k->single ? tracesf(k) : traces(k);
}

static void watch(struct trainer *k, int64_t t)
{
    const struct sel_pair now = scales(k);

    k->head->alpha_max = fmax(k->head->alpha_max, now.alpha);
    if (isnan(k->head->t_gamma1) && now.gamma >= 1.0)
        k->head->t_gamma1 = (double)t;
}

/* A line of step t: the validation samples are the same at every step. */
static att_status record(struct trainer *k, int64_t t,
                         const struct sel_loss *batch, struct att_error *err)
{
    const struct sel_law law = att_sel_test_law(&k->law);
    const struct sel_probe probe = {
        .law = &law, .net = &k->net, .n = law.task.samples, .factor = 1.0};
    struct sel_line line = {
        .step = (double)t, .batch = *batch, .predicted = k->head->predicted};
    struct sel_scores scores;

    if (!is_wanted(k, t))
        return ATT_OK;
    if (!k->predicts)
        line.predicted = (struct sel_pair){(double)NAN, (double)NAN};
    read_net(k);
    line.gauges = att_sel_gauges(&k->net, &k->law);
    ATT_TRY(att_sel_probe(&probe, k->ws->arena, &scores, err));
    line.loss = scores.loss;
    line.rel_err = scores.rel_err;
    for (size_t i = 0; i < k->curve.n; i++) {
        if (k->curve.step[i] == (double)t)
            k->line[i] = line;
    }
    if (t == 0)
        k->head->first = line;
    k->head->last = line;
    return ATT_OK;
}

/* ---- the loop ---------------------------------------------------------------------------- */

static att_status run(struct trainer *k, struct att_error *err)
{
    for (int64_t t = *k->state.step;; t++) {
        struct sel_loss loss;

        ATT_TRY(gradient(k, (uint32_t)t, &loss, err));
        watch(k, t);
        ATT_TRY(record(k, t, &loss, err));
        if (t == k->steps)
            return ATT_OK;
        update(k, t);
        ATT_TRY(predict(k, (uint32_t)t, err));
        *k->state.step = t + 1;
        k->head->n_redraw = k->batch.n_redraw;
        att_sel_state_save(k->ws, &k->state, k->every);
        if (t % 64 == 0) {
            k->ws->progress(k->ws->context, "training",
                            (double)t / (double)k->steps);
        }
    }
}

static void hand_over(const struct trainer *k, double seconds,
                      struct sel_trained *out)
{
    const struct att_selection *task = &k->law.task;
    const double normals = att_sel_is_out(k->model)
                               ? 0.0
                               : (double)(k->steps + 1) * (double)k->batch.n *
                                     (double)(task->L * task->d);

    *out = (struct sel_trained){.law = k->law,
                                .net = k->net,
                                .line = k->line,
                                .curve = k->curve,
                                .first = k->head->first,
                                .last = k->head->last,
                                .alpha_max = k->head->alpha_max,
                                .t_gamma1 = k->head->t_gamma1,
                                .n_redraw = k->head->n_redraw,
                                .normals = normals,
                                .seconds = seconds};
}

att_status att_sel_train(struct att_workspace *ws, const struct att_case *c,
                         struct sel_trained **out, struct att_error *err)
{
    struct sel_trained *made = ATT_NEW(ws->arena, struct sel_trained, 1);
    struct trainer k;
    const double start = att_clock_s();

    if (made == NULL)
        return att_arena_fail(ws->arena, "the training", err);
    ATT_TRY(open_trainer(&k, ws, c, err));
    ATT_TRY(run(&k, err));
    hand_over(&k, att_clock_s() - start, made);
    *out = made;
    return ATT_OK;
}
