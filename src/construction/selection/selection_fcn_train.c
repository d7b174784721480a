/* selection_fcn_train.c - a net learns from fresh samples, and goes on where
 * it was stopped: samples are functions of (step, item), so that a training
 * that goes on sees what it would have seen. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "selection_fcn_priv.h"

int64_t att_fcn_checkpoint_every(const struct fcn_shape *shape, size_t batch)
{
    /* A second or more at the speed of one core's products, and so many steps
     * that a large net is not written more than it is trained. */
    const double flops = 1e11;
    const double least = 100.0;
    const double step =
        6.0 * (double)batch * (double)att_fcn_count(shape) + 1.0;

    return (int64_t)fmax(least, ceil(flops / step));
}

/* ---- state: one block, which is the checkpoint --------------------------------- */

/* Begins the block; then asked steps [observe.n], lines [observe.n, columns],
 * parameters and both moments of Adam, each from a multiple of 64 bytes on. */
struct head {
    int64_t step;
    uint64_t n_lines;
    double rel_err_batch;
};

struct state {
    struct att_workspace *ws;
    const struct fcn_training *plan;
    struct fcn_net *net;
    struct fcn_batch batch;
    struct fcn_update update;
    struct sel_state block;
    struct head *head;
    double *asked, *line;
};

static size_t padded(size_t bytes)
{
    return (bytes + 63) / 64 * 64;
}

static size_t numbers_bytes(const struct fcn_net *net)
{
    return padded(att_fcn_count(&net->shape) * net->kernels->bytes);
}

/* Point into the block. */
static void lay_out(struct state *s)
{
    const size_t n = s->plan->observe.n;
    const size_t numbers = numbers_bytes(s->net);
    unsigned char *at = s->block.block;

    s->head = s->block.block;
    at += padded(sizeof *s->head);
    s->asked = (double *)(void *)at;
    at += padded(n * sizeof(double));
    s->line = (double *)(void *)at;
    at += padded(n * FCN_COLUMNS * sizeof(double));
    s->net->param = at;
    s->update.first = at + numbers;
    s->update.second = at + 2 * numbers;
}

static size_t block_bytes(const struct fcn_training *plan,
                          const struct fcn_net *net)
{
    return padded(sizeof(struct head)) +
           padded(plan->observe.n * sizeof(double)) +
           padded(plan->observe.n * FCN_COLUMNS * sizeof(double)) +
           3 * numbers_bytes(net);
}

static bool asks_the_same(const struct state *s)
{
    for (size_t i = 0; i < s->plan->observe.n; i++) {
        if (s->asked[i] != s->plan->observe.step[i])
            return false;
    }
    return true;
}

/* A study that asks for other steps than the checkpoint has begins again. */
static void begin(struct state *s)
{
    memset(s->block.block, 0, s->block.bytes);
    for (size_t i = 0; i < s->plan->observe.n; i++)
        s->asked[i] = s->plan->observe.step[i];
    s->head->rel_err_batch = (double)NAN;
    s->net->kernels->initialise(s->net, s->plan->gain, s->ws);
}

static att_status open_state(struct state *s, struct att_error *err)
{
    bool resumed = false;

    ATT_TRY(att_sel_state_open(s->ws, block_bytes(s->plan, s->net), &s->block,
                               &resumed, err));
    lay_out(s);
    if (!resumed || !asks_the_same(s))
        begin(s);
    s->batch =
        (struct fcn_batch){.law = s->plan->law, .capacity = s->plan->batch};
    ATT_TRY(att_fcn_batch_init(&s->batch, s->net, true, s->ws->arena, err));
    s->update.gradient = s->batch.grad;
    s->update.eta = s->plan->eta;
    s->update.schedule = (struct sel_schedule){.opt = SEL_ADAM,
                                               .warm_up = s->plan->warm_up,
                                               .steps = s->plan->steps,
                                               .last = 0.01};
    return ATT_OK;
}

/* ---- a step ------------------------------------------------------------------------ */

static att_status update(struct state *s, struct att_error *err)
{
    const struct fcn_kernels *k = s->net->kernels;
    const struct att_selection *law = s->plan->law;
    const int64_t t = s->head->step;

    k->fill(&s->batch, (uint32_t)t, 0, true);
    k->forward(s->net, &s->batch);
    const double loss = k->backward(s->net, &s->batch);

    if (!isfinite(loss)) {
        return att_fail(err, ATT_E_NUMERIC,
                        "the loss is %g at step %" PRId64
                        ": take a smaller eta or a longer warm-up",
                        loss, t);
    }
    k->step(s->net, &s->update, t);
    s->head->rel_err_batch = 2.0 * loss * (double)law->q / (double)law->d;
    s->head->step = t + 1;
    return ATT_OK;
}

static double eta_at(const struct state *s, int64_t t)
{
    return t < 0 ? 0.0 : s->plan->eta * att_sel_rate(&s->update.schedule, t);
}

static att_status observe(struct state *s, double *line, struct att_error *err)
{
    struct att_arena *arena = s->ws->arena;
    const struct att_arena_mark mark = att_arena_mark(arena);
    const struct att_selection *law = s->plan->law;
    const struct att_mat a =
        att_fcn_first_layer(s->net, law->L * law->d, arena);
    struct fcn_certificate cert;
    struct fcn_measure m;

    if (a.data == NULL)
        return att_arena_fail(arena, "a first layer", err);
    ATT_TRY(att_fcn_certify(law, a, &cert, arena, err));
    att_arena_rewind(arena, mark);
    att_fcn_measure(s->net, &s->batch, 0.0, &m);
    line[FCN_O_ETA] = eta_at(s, s->head->step - 1);
    line[FCN_O_REL_ERR] = m.rel_err;
    line[FCN_O_REL_ERR_BATCH] = s->head->rel_err_batch;
    line[FCN_O_CERT] = cert.rel_err;
    return ATT_OK;
}

/* Lines of the asked steps up to `step`; one that no training reaches (2.5,
 * more than there are) stays empty. */
static att_status observe_until(struct state *s, double step,
                                struct att_error *err)
{
    while (s->head->n_lines < s->plan->observe.n &&
           s->asked[s->head->n_lines] <= step) {
        double *line = s->line + s->head->n_lines * FCN_COLUMNS;
        const double asked = s->asked[s->head->n_lines];

        for (size_t k = 0; k < FCN_COLUMNS; k++)
            line[k] = (double)NAN;
        line[FCN_O_STEP] = asked;
        if (asked == (double)s->head->step)
            ATT_TRY(observe(s, line, err));
        s->head->n_lines++;
    }
    return ATT_OK;
}

/* ---- training -------------------------------------------------------------------------- */

/* A checkpoint is made before its step is observed: who goes on from it does
 * that first. */
static att_status run(struct state *s, struct att_error *err)
{
    const struct fcn_training *plan = s->plan;

    ATT_TRY(observe_until(s, (double)s->head->step, err));
    while (s->head->step < plan->steps) {
        ATT_TRY(update(s, err));
        s->ws->progress(s->ws->context, "training",
                        (double)s->head->step / (double)plan->steps);
        if (s->head->step < plan->steps)
            att_sel_state_save(s->ws, &s->block, plan->checkpoint_every);
        ATT_TRY(observe_until(s, (double)s->head->step, err));
    }
    return observe_until(s, (double)INFINITY, err);
}

att_status att_fcn_train(struct att_workspace *ws,
                         const struct fcn_training *plan, struct fcn_net *net,
                         struct fcn_trained *out, struct att_error *err)
{
    struct state s = {.ws = ws, .plan = plan, .net = net};

    ATT_TRY(open_state(&s, err));
    const int64_t begun = s.head->step;

    ATT_TRY(run(&s, err));
    *out = (struct fcn_trained){.line = s.line,
                                .rel_err_batch = s.head->rel_err_batch,
                                .resumed_at = begun};
    return ATT_OK;
}
