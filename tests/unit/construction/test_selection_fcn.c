/* test_selection_fcn.c - the bound, its certificate, nets written down, and
 * nets that learn. */
#include "../../../src/construction/selection/selection_fcn_priv.h"

#include <math.h>
#include <string.h>

#include "attest/linalg/blas.h"
#include "attest/linalg/solve.h"
#include "one_task.h"
#include "unit.h"

static struct att_arena *arena;

static int begin(void)
{
    arena = att_arena_create(0);
    return arena == NULL;
}

static int end(void)
{
    att_arena_destroy(arena);
    return 0;
}

/* The task of vector 10. */
static const struct att_selection TASK = {
    .L = 10, .d = 4, .q = 2, .samples = 64, .seed = 1};

/* ---- closed forms ---------------------------------------------------------------- */

static void bound_gives_tv10(void)
{
    CU_ASSERT_DOUBLE_EQUAL(att_fcn_bound(&TASK, 4), .8, 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(att_fcn_bound(&TASK, 20), .444444444444, 1e-12);
    CU_ASSERT_EQUAL(att_fcn_bound(&TASK, 40), 0.0);
    CU_ASSERT_EQUAL(att_fcn_bound(&TASK, 41), 0.0);
}

static void explicit_error_gives_tv10(void)
{
    /* printed with 13 digits */
    CU_ASSERT_DOUBLE_EQUAL(att_fcn_explicit_error(&TASK, 4), 2.472166482798e-05,
                           1e-17);
    CU_ASSERT_DOUBLE_EQUAL(att_fcn_explicit_error(&TASK, 6), 3.875661396418e-10,
                           1e-21);
    /* tables of three digits; .04615 is printed as .0462 there */
    CU_ASSERT_DOUBLE_EQUAL(att_fcn_explicit_error(&TASK, 2), .0462, 6e-5);
    CU_ASSERT_DOUBLE_EQUAL(att_fcn_explicit_error(&TASK, 3), 1.63e-3, 5e-6);
}

/* At M = 0 the excess is x itself: f - g is normal with variance v = (L - q)/
 * q^2 per coordinate, and |f - g|^2 has variance 2 d v^2. */
static void standard_deviation_is_that_of_a_normal_without_gates(void)
{
    const double v = 8.0 / 4.0;
    const double trivial = 4.0 / 2.0;

    CU_ASSERT_DOUBLE_EQUAL(att_fcn_explicit_sd(&TASK, 0.0),
                           sqrt(2.0 * 4.0) * v / trivial, 1e-14);
}

/* ---- the certificate ----------------------------------------------------------------- */

static struct att_mat random_rows(size_t rows, size_t cols, uint32_t tag)
{
    const struct att_stream s = att_stream(7, tag, 0, 0);
    const struct att_mat a = att_mat_new(arena, rows, cols);

    CU_ASSERT_PTR_NOT_NULL_FATAL(a.data);
    att_stream_normals(&s, 0, rows * cols, a.data);
    return a;
}

static void put_mean_rows(struct att_mat a, size_t d)
{
    for (size_t i = 0; i < d && i < a.rows; i++) {
        for (size_t j = 0; j < a.cols; j++)
            att_mat_row(a, i)[j] = j % d == i ? 1.0 : 0.0;
    }
}

static struct fcn_certificate certify(const struct att_selection *s,
                                      struct att_mat a)
{
    struct fcn_certificate cert = {0};

    CU_ASSERT_EQUAL(att_fcn_certify(s, a, &cert, arena, NULL), ATT_OK);
    CU_ASSERT(cert.defect < 1e-14); /* a few ulp of 1 */
    return cert;
}

static void mean_rows_attain_the_bound(void)
{
    static const size_t WIDTH[] = {4, 10, 20, 30, 39, 40};
    static const double TABLE[] = {.8, .6667, .4444, .2222, .0222, 0};

    for (size_t i = 0; i < 6; i++) {
        const struct att_mat a = random_rows(WIDTH[i], 40, 1);

        put_mean_rows(a, 4);
        const struct fcn_certificate cert = certify(&TASK, a);

        CU_ASSERT_EQUAL(cert.rank, WIDTH[i]);
        CU_ASSERT_DOUBLE_EQUAL(cert.rel_err,
                               att_fcn_bound(&TASK, (double)WIDTH[i]), 1e-14);
        CU_ASSERT_DOUBLE_EQUAL(cert.rel_err, TABLE[i], 5e-5);
    }
}

static void random_rows_stay_above_the_bound(void)
{
    for (size_t m = 1; m < 40; m++) {
        const struct fcn_certificate cert =
            certify(&TASK, random_rows(m, 40, (uint32_t)m));

        CU_ASSERT(cert.rel_err > att_fcn_bound(&TASK, (double)m));
        CU_ASSERT(cert.rel_err <= 1.0);
    }
}

/* Row i of 1 - A^T (A A^T)^-1 A. */
static void left_row(struct att_mat a, struct att_mat factor, size_t i,
                     double *out)
{
    double *x = ATT_NEW(arena, double, a.rows);

    CU_ASSERT_PTR_NOT_NULL_FATAL(x);
    for (size_t k = 0; k < a.rows; k++)
        x[k] = att_mat_row(a, k)[i];
    att_cholesky_solve(factor, x);
    for (size_t j = 0; j < a.cols; j++) {
        out[j] = i == j ? 1.0 : 0.0;
        for (size_t k = 0; k < a.rows; k++)
            out[j] -= att_mat_row(a, k)[j] * x[k];
    }
}

/* The formula of the theory, with the projector formed from the inverse of the
 * Gram matrix. */
static double certificate_of_projector(const struct att_selection *s,
                                       struct att_mat a)
{
    const size_t n = s->L * s->d;
    const double L = (double)s->L, q = (double)s->q;
    const struct att_mat gram = att_mat_new(arena, a.rows, a.rows);
    double *left = ATT_NEW(arena, double, n);
    double trace = 0.0, blocks = 0.0;

    CU_ASSERT_TRUE_FATAL(gram.data != NULL && left != NULL);
    att_syrk(a, false, 0.0, gram);
    CU_ASSERT_EQUAL_FATAL(att_cholesky(gram, 0.0, NULL, NULL), ATT_OK);
    for (size_t i = 0; i < n; i++) {
        left_row(a, gram, i, left);
        trace += left[i];
        for (size_t j = i % s->d; j < n; j += s->d)
            blocks += left[j];
    }
    return (q / L * trace +
            q * (q - 1.0) / (L * (L - 1.0)) * (blocks - trace)) /
           (q * (double)s->d);
}

static void certificate_is_that_of_the_projector(void)
{
    for (size_t q = 1; q < 5; q++) {
        const struct att_selection s = {.L = 7, .d = 3, .q = q};
        const struct att_mat a = random_rows(9, 21, 3);

        /* two factorisations of a matrix of condition below 100 */
        CU_ASSERT_DOUBLE_EQUAL(certify(&s, a).rel_err,
                               certificate_of_projector(&s, a), 1e-12);
    }
}

static void dependent_rows_add_nothing(void)
{
    const struct att_mat a = random_rows(12, 40, 5);
    const double *b = att_mat_row(a, 1);
    const double *c = att_mat_row(a, 7);

    for (size_t j = 0; j < 40; j++) {
        att_mat_row(a, 8)[j] = 3.0 * b[j] - 1e-3 * c[j];
        att_mat_row(a, 9)[j] = -b[j];
        att_mat_row(a, 10)[j] = 0.0;
    }
    const struct fcn_certificate cert = certify(&TASK, a);
    struct att_mat first = a;

    first.rows = 8;
    CU_ASSERT_EQUAL(cert.rank, 9); /* 0..7 and 11 */
    CU_ASSERT(cert.rel_err < certify(&TASK, first).rel_err);
}

/* Rows that agree but for 1e-9 span a plane; one projection alone would leave
 * a basis that is orthogonal to 1e-7. */
static void nearly_dependent_rows_count(void)
{
    const struct att_mat a = random_rows(6, 40, 9);

    for (size_t i = 1; i < 6; i++) {
        for (size_t j = 0; j < 40; j++) {
            att_mat_row(a, i)[j] =
                att_mat_row(a, 0)[j] + 1e-9 * att_mat_row(a, i)[j];
        }
    }
    CU_ASSERT_EQUAL(certify(&TASK, a).rank, 6);
}

static void more_rows_than_numbers_leave_nothing(void)
{
    const struct fcn_certificate cert = certify(&TASK, random_rows(90, 40, 2));

    CU_ASSERT_EQUAL(cert.rank, 40);
    CU_ASSERT_EQUAL(cert.rel_err, 0.0);
}

/* ---- nets written down ------------------------------------------------------------------ */

static void get_close(const struct one_task *t, double law, double se)
{
    CU_ASSERT(fabs(one_task_get(t, "rel_err").r - law) <= 5.0 * se);
}

static void open_task(struct one_task *t)
{
    one_task_open(t, "selection_fcn", 11);
    one_task_int(t, "L", 10);
    one_task_int(t, "d", 4);
    one_task_int(t, "q", 2);
    one_task_int(t, "samples", 2048);
}

static void explicit_net_has_its_closed_form(void)
{
    struct one_task t;

    open_task(&t);
    one_task_text(&t, "net", "explicit");
    one_task_int(&t, "width", 80);
    one_task_set(&t, "gate", att_real(2.0));
    CU_ASSERT_TRUE_FATAL(one_task_run(&t));
    get_close(&t, one_task_get(&t, "fcn_explicit_pred").r,
              one_task_get(&t, "fcn_explicit_se").r);
    CU_ASSERT_EQUAL(one_task_verdict(&t, "selection.fcn-explicit"), ATT_HOLDS);
    CU_ASSERT_EQUAL(one_task_get(&t, "first_rank").i, 40);
    CU_ASSERT_EQUAL(one_task_get(&t, "fcn_cert").r, 0.0);
    one_task_set(&t, "gate", att_real(8.0));
    CU_ASSERT_TRUE_FATAL(one_task_run(&t));
    CU_ASSERT_EQUAL(one_task_get(&t, "n_exceed").i, 0);
    CU_ASSERT(one_task_get(&t, "rel_err").r < 1e-28); /* (M u)^2 */
    CU_ASSERT_EQUAL(one_task_verdict(&t, "selection.fcn-explicit"),
                    ATT_INCONCLUSIVE);
    one_task_close(&t);
}

static void given_rows_err_as_certified(void)
{
    static const char *const NET[] = {"mean", "random"};

    for (size_t i = 0; i < 2; i++) {
        struct one_task t;

        open_task(&t);
        one_task_text(&t, "net", NET[i]);
        one_task_int(&t, "width", 20);
        one_task_int(&t, "depth", 2);
        CU_ASSERT_TRUE_FATAL(one_task_run(&t));
        get_close(&t, one_task_get(&t, "fcn_cert").r,
                  one_task_get(&t, "rel_err_se").r);
        CU_ASSERT_EQUAL(one_task_verdict(&t, "selection.fcn-bound"), ATT_HOLDS);
        CU_ASSERT_EQUAL(one_task_verdict(&t, "selection.fcn-tight"),
                        i == 0 ? ATT_HOLDS : ATT_NOT_APPLICABLE);
        one_task_close(&t);
    }
}

static void refusals_name_what_fits(void)
{
    struct one_task t;

    open_task(&t);
    one_task_text(&t, "net", "explicit");
    CU_ASSERT_FALSE(one_task_run(&t));
    CU_ASSERT_STRING_EQUAL(t.err.text,
                           "net = explicit has width 2 L d and depth 1 (got "
                           "width = 100, depth = 1, L d = 40)");
    one_task_text(&t, "net", "mean");
    t.err = (struct att_error){0};
    CU_ASSERT_FALSE(one_task_run(&t));
    CU_ASSERT_STRING_EQUAL(t.err.text,
                           "net = mean has width <= L d and depth 2 (got width "
                           "= 100, depth = 1, L d = 40)");
    one_task_text(&t, "net", "trained");
    one_task_int(&t, "q", 10);
    t.err = (struct att_error){0};
    CU_ASSERT_FALSE(one_task_run(&t));
    CU_ASSERT_EQUAL(t.err.status, ATT_E_INFEASIBLE);
    one_task_close(&t);
}

/* ---- gradients -------------------------------------------------------------------------------- */

struct probe {
    struct att_workspace ws;
    struct att_selection law;
    struct fcn_net net;
    struct fcn_batch batch;
};

/* No unit sits on the kink of its rectifier when all below are silent. */
static void put_biases(const struct fcn_net *net)
{
    for (size_t k = 0; k < net->shape.n_maps; k++) {
        for (size_t i = 0; i < net->shape.width[k + 1]; i++) {
            net->kernels->put(net->param, att_fcn_bias_at(&net->shape, k) + i,
                              0.1 * (double)(i + 1));
        }
    }
}

static void open_probe(struct probe *p, size_t depth,
                       const struct fcn_kernels *kernels)
{
    *p = (struct probe){.law = {.L = 5, .d = 3, .q = 2, .seed = 3}};
    att_workspace_init(&p->ws, arena, 3, 4);
    p->net.shape = (struct fcn_shape){.n_maps = depth + 1, .width = {20, 7}};
    for (size_t k = 2; k <= depth; k++)
        p->net.shape.width[k] = 6;
    p->net.shape.width[depth + 1] = 3;
    p->net.kernels = kernels;
    p->net.param =
        att_arena_zero(arena, att_fcn_count(&p->net.shape), kernels->bytes);
    CU_ASSERT_PTR_NOT_NULL_FATAL(p->net.param);
    p->batch = (struct fcn_batch){.law = &p->law, .capacity = 8};
    CU_ASSERT_EQUAL_FATAL(
        att_fcn_batch_init(&p->batch, &p->net, true, arena, NULL), ATT_OK);
    kernels->initialise(&p->net, 1.0, &p->ws);
    put_biases(&p->net);
    kernels->fill(&p->batch, 0, 0, false);
}

/* The gain scales the first weights of the read-out alone, by its root. */
static void the_gain_is_that_of_the_read_out(void)
{
    struct probe p;

    open_probe(&p, 2, &att_fcn_f64);
    const size_t last = att_fcn_weight_at(&p.net.shape, 2);
    const size_t n = att_fcn_count(&p.net.shape);
    double *const plain = ATT_NEW(arena, double, n);

    CU_ASSERT_PTR_NOT_NULL_FATAL(plain);
    p.net.kernels->initialise(&p.net, 1.0, &p.ws);
    memcpy(plain, p.net.param, n * sizeof *plain);
    p.net.kernels->initialise(&p.net, 4.0, &p.ws);
    for (size_t i = 0; i < n - 3;
         i++) { /* without the biases of the read-out */
        CU_ASSERT_EQUAL(((double *)p.net.param)[i],
                        (i >= last ? 2.0 : 1.0) * plain[i]);
    }
    CU_ASSERT_TRUE(plain[last] != 0.0);
}

static double loss_at(struct probe *p, size_t i, double x)
{
    p->net.kernels->put(p->net.param, i, x);
    p->net.kernels->forward(&p->net, &p->batch);
    return p->net.kernels->backward(&p->net, &p->batch);
}

static void gradients_are_differences_of_the_loss(void)
{
    /* small, so that no rectifier changes its mind on the way */
    const double h = 1e-7;

    for (size_t depth = 1; depth <= 3; depth++) {
        struct probe p;

        open_probe(&p, depth, &att_fcn_f64);
        for (size_t i = 0; i < att_fcn_count(&p.net.shape); i++) {
            const double x = p.net.kernels->get(p.net.param, i);
            const double up = loss_at(&p, i, x + h);
            const double down = loss_at(&p, i, x - h);

            (void)loss_at(&p, i, x);
            const double g = p.net.kernels->get(p.batch.grad, i);

            /* u / h, some hundred times */
            CU_ASSERT_DOUBLE_EQUAL(g, (up - down) / (2.0 * h), 1e-7);
        }
    }
}

static void single_precision_agrees_with_double(void)
{
    struct probe a, b;

    open_probe(&a, 3, &att_fcn_f64);
    open_probe(&b, 3, &att_fcn_f32);
    a.net.kernels->forward(&a.net, &a.batch);
    b.net.kernels->forward(&b.net, &b.batch);
    /* some hundred roundings of 2^-24 of numbers of order 1 */
    CU_ASSERT_DOUBLE_EQUAL(a.net.kernels->backward(&a.net, &a.batch),
                           b.net.kernels->backward(&b.net, &b.batch), 1e-4);
    for (size_t i = 0; i < att_fcn_count(&a.net.shape); i++) {
        CU_ASSERT_DOUBLE_EQUAL(a.net.kernels->get(a.batch.grad, i),
                               b.net.kernels->get(b.batch.grad, i), 1e-4);
    }
}

/* ---- training ------------------------------------------------------------------------------------ */

/* Keeps the last checkpoint that was offered before a step. */
struct keeper {
    unsigned char bytes[1 << 16];
    size_t n;
    int64_t wanted;
};

static void keep(void *context, const void *bytes, size_t n)
{
    struct keeper *k = context;
    int64_t step;

    memcpy(&step, bytes, sizeof step);
    if (step != k->wanted)
        return;
    CU_ASSERT_TRUE_FATAL(n <= sizeof k->bytes);
    memcpy(k->bytes, bytes, n);
    k->n = n;
}

static void ignore(void *context, const char *phase, double done)
{
    (void)context;
    (void)phase;
    CU_ASSERT(done >= 0.0 && done <= 1.0);
}

struct run {
    struct fcn_net net;
    struct fcn_trained out;
};

enum { N_OBSERVED = 7 };
static const double OBSERVED[N_OBSERVED] = {0, 1, 2.5, 30, 40, 60, 1000};

static att_status try_train(struct att_workspace *ws, const double *steps,
                            struct run *r, struct att_error *err)
{
    static const struct att_selection law = {
        .L = 5, .d = 3, .q = 2, .samples = 100, .seed = 3};
    const struct fcn_training plan = {.law = &law,
                                      .gain = 1.0,
                                      .observe = {steps, N_OBSERVED},
                                      .steps = 60,
                                      .warm_up = 5,
                                      .batch = 16,
                                      .eta = 1e-2,
                                      .checkpoint_every = 10};

    r->net.shape = (struct fcn_shape){.n_maps = 3, .width = {20, 12, 9, 3}};
    return att_fcn_train(ws, &plan, &r->net, &r->out, err);
}

static struct run train(struct att_workspace *ws,
                        const struct fcn_kernels *kernels, const double *steps)
{
    struct run r = {.net.kernels = kernels};

    CU_ASSERT_EQUAL_FATAL(try_train(ws, steps, &r, NULL), ATT_OK);
    return r;
}

/* Equal numbers, missing ones in the same places. */
static bool same_lines(const double *a, const double *b)
{
    for (size_t i = 0; i < (size_t)N_OBSERVED * FCN_COLUMNS; i++) {
        if (a[i] != b[i] && !(isnan(a[i]) && isnan(b[i])))
            return false;
    }
    return true;
}

static bool same_bits(const struct run *a, const struct run *b)
{
    const size_t bytes = att_fcn_count(&a->net.shape) * a->net.kernels->bytes;

    return memcmp(a->net.param, b->net.param, bytes) == 0 &&
           same_lines(a->out.line, b->out.line) &&
           a->out.rel_err_batch == b->out.rel_err_batch;
}

static void trainings_go_on_with_the_same_bits(void)
{
    static const struct fcn_kernels *const KERNELS[] = {&att_fcn_f64,
                                                        &att_fcn_f32};
    static struct keeper keeper;

    for (size_t k = 0; k < 2; k++) {
        for (int64_t at = 10; at < 60; at += 10) {
            struct att_workspace ws;

            att_workspace_init(&ws, arena, 3, 4);
            ws.context = &keeper;
            ws.checkpoint = keep;
            ws.progress = ignore;
            keeper.wanted = at;
            keeper.n = 0;
            const struct run whole = train(&ws, KERNELS[k], OBSERVED);

            CU_ASSERT_EQUAL(whole.out.resumed_at, 0);
            CU_ASSERT_TRUE_FATAL(keeper.n > 0);
            att_workspace_init(&ws, arena, 3, 4);
            ws.saved = keeper.bytes;
            ws.saved_bytes = keeper.n;
            const struct run resumed = train(&ws, KERNELS[k], OBSERVED);

            CU_ASSERT_EQUAL(resumed.out.resumed_at, at);
            CU_ASSERT_TRUE(same_bits(&whole, &resumed));
        }
    }
}

static void checkpoints_of_other_questions_begin_again(void)
{
    static const double OTHER[N_OBSERVED] = {0, 1, 2.5, 7, 40, 60, 1000};
    static struct keeper keeper;
    struct att_workspace ws;

    att_workspace_init(&ws, arena, 3, 4);
    ws.context = &keeper;
    ws.checkpoint = keep;
    keeper.wanted = 20;
    const struct run other = train(&ws, &att_fcn_f64, OTHER);

    CU_ASSERT_TRUE_FATAL(keeper.n > 0);
    att_workspace_init(&ws, arena, 3, 4);
    ws.saved = keeper.bytes;
    ws.saved_bytes = keeper.n;
    const struct run begun = train(&ws, &att_fcn_f64, OBSERVED);

    CU_ASSERT_EQUAL(begun.out.resumed_at, 0);
    CU_ASSERT_EQUAL(other.out.line[3 * FCN_COLUMNS + FCN_O_STEP], 7.0);
    CU_ASSERT_EQUAL(begun.out.line[3 * FCN_COLUMNS + FCN_O_STEP], 30.0);
    ws.saved_bytes = keeper.n - 8; /* cut short */
    CU_ASSERT_EQUAL(train(&ws, &att_fcn_f64, OTHER).out.resumed_at, 0);
}

static void numbers_that_are_lost_are_named(void)
{
    static struct keeper keeper;
    struct run r = {.net.kernels = &att_fcn_f64};
    const double nan = (double)NAN;
    struct att_error err = {0};
    struct att_workspace ws;

    att_workspace_init(&ws, arena, 3, 4);
    ws.context = &keeper;
    ws.checkpoint = keep;
    keeper.wanted = 20;
    (void)train(&ws, &att_fcn_f64, OBSERVED);
    CU_ASSERT_TRUE_FATAL(keeper.n > 0);
    /* the last number is a second moment of Adam, of the last bias */
    memcpy(keeper.bytes + keeper.n / 64 * 64 - 64, &nan, sizeof nan);
    att_workspace_init(&ws, arena, 3, 4);
    ws.saved = keeper.bytes;
    ws.saved_bytes = keeper.n;
    CU_ASSERT_EQUAL(try_train(&ws, OBSERVED, &r, &err), ATT_E_NUMERIC);
    CU_ASSERT_STRING_EQUAL(err.text, "the loss is nan at step 21: take a "
                                     "smaller eta or a longer warm-up");
}

static void lines_are_those_that_were_asked(void)
{
    struct att_workspace ws;

    att_workspace_init(&ws, arena, 3, 4);
    const struct run r = train(&ws, &att_fcn_f64, OBSERVED);

    for (size_t i = 0; i < N_OBSERVED; i++) {
        const double *line = r.out.line + i * FCN_COLUMNS;
        const bool there = OBSERVED[i] != 2.5 && OBSERVED[i] <= 60.0;

        CU_ASSERT_EQUAL(line[FCN_O_STEP], OBSERVED[i]);
        CU_ASSERT_EQUAL(isnan(line[FCN_O_REL_ERR]), !there);
        CU_ASSERT_EQUAL(isnan(line[FCN_O_REL_ERR_BATCH]),
                        !there || OBSERVED[i] == 0.0);
    }
    CU_ASSERT(r.out.line[5 * FCN_COLUMNS + FCN_O_REL_ERR] <
              r.out.line[1 * FCN_COLUMNS + FCN_O_REL_ERR]);
}

/* Half as wide again as the explicit net, a small task is learned. */
static void small_tasks_are_learned(void)
{
    struct one_task t;

    one_task_open(&t, "selection_fcn", 5);
    one_task_int(&t, "L", 4);
    one_task_int(&t, "d", 1);
    one_task_int(&t, "q", 1);
    one_task_int(&t, "width", 64);
    one_task_int(&t, "steps", 1500);
    one_task_set(&t, "eta", att_real(1e-2));
    one_task_set(&t, "noise_sd", att_real(0.5));
    one_task_int(&t, "samples", 1024);
    CU_ASSERT_TRUE_FATAL(one_task_run(&t));
    CU_ASSERT(one_task_get(&t, "rel_err").r < 0.1);
    CU_ASSERT_EQUAL(one_task_verdict(&t, "selection.label-noise"), ATT_HOLDS);
    /* the batch is judged against noisy targets: 0.25 more */
    CU_ASSERT(one_task_get(&t, "rel_err_batch").r > 0.1);
    CU_ASSERT_EQUAL(one_task_get(&t, "noise_gap_law").r, 0.125);
    one_task_close(&t);
}

/* ---- the threshold claim -------------------------------------------------------------------------- */

enum { MOST_ROWS = 32 };

/* Rows of a study: error by width and steps, three replicates. */
struct table {
    struct att_value p[MOST_ROWS][FCN_PARAMS];
    struct att_value m[MOST_ROWS][FCN_METRICS];
    struct att_row_view view[MOST_ROWS];
    size_t n;
};

static void add_row(struct table *t, int64_t width, int64_t steps, double err)
{
    const struct att_construction *c = att_construction_find("selection_fcn");

    for (int64_t replicate = 0; replicate < 3; replicate++, t->n++) {
        for (uint32_t i = 0; i < FCN_PARAMS; i++)
            t->p[t->n][i] = att_param_default(att_construction_param(c, i));
        t->p[t->n][ATT_SEL_L] = att_int(10);
        t->p[t->n][ATT_SEL_D] = att_int(4);
        t->p[t->n][FCN_WIDTH] = att_int(width);
        t->p[t->n][FCN_STEPS] = att_int(steps);
        t->m[t->n][FM_REL_ERR] = att_real(err);
        t->view[t->n] = (struct att_row_view){.construction = c,
                                              .param = t->p[t->n],
                                              .metric = t->m[t->n],
                                              .replicate = replicate};
    }
}

static struct att_finding threshold(struct table *t)
{
    const struct att_rows rows = {
        .row = t->view, .n = t->n, .n_planned = t->n, .scratch = arena};
    struct att_finding f = {0};

    for (uint32_t i = 0; i < FCN_CLAIMS; i++) {
        if (strcmp(att_fcn_claims[i].id, "selection.fcn-threshold") == 0)
            att_fcn_claims[i].judge(&rows, &f);
    }
    return f;
}

static void thresholds_in_their_band_hold(void)
{
    static struct table t;

    add_row(&t, 40, 100, .5);
    add_row(&t, 80, 100, .19);
    add_row(&t, 160, 100, .05);
    const struct att_finding f = threshold(&t);

    CU_ASSERT_EQUAL(f.verdict, ATT_HOLDS);
    CU_ASSERT_EQUAL(f.statistic, 2.0);
    CU_ASSERT_EQUAL(f.predicted, 2.0);
}

static void late_thresholds_ask_for_the_other_budget(void)
{
    static struct table t;

    add_row(&t, 80, 100, .5);
    add_row(&t, 160, 100, .19);
    CU_ASSERT_EQUAL(threshold(&t).statistic, 4.0);
    CU_ASSERT_EQUAL(threshold(&t).verdict, ATT_INCONCLUSIVE);
    add_row(&t, 80, 50, .7); /* 29 % in the second half */
    CU_ASSERT_EQUAL(threshold(&t).verdict, ATT_INCONCLUSIVE);
    t.n -= 3;
    add_row(&t, 80, 50, .55); /* 9 % */
    CU_ASSERT_EQUAL(threshold(&t).verdict, ATT_VIOLATED);
}

static void thresholds_out_of_sight_are_open(void)
{
    static struct table t;

    add_row(&t, 40, 100, .5);
    CU_ASSERT_EQUAL(threshold(&t).verdict, ATT_NOT_APPLICABLE);
    add_row(&t, 80, 100, .3);
    CU_ASSERT_EQUAL(threshold(&t).verdict, ATT_INCONCLUSIVE);
    CU_ASSERT(isnan(threshold(&t).statistic));
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"the bound gives TV10", bound_gives_tv10},
        {"the explicit error gives TV10", explicit_error_gives_tv10},
        {"without gates the deviation is that of a normal",
         standard_deviation_is_that_of_a_normal_without_gates},
        {"mean rows attain the bound", mean_rows_attain_the_bound},
        {"random rows stay above the bound", random_rows_stay_above_the_bound},
        {"the certificate is that of the projector",
         certificate_is_that_of_the_projector},
        {"dependent rows add nothing", dependent_rows_add_nothing},
        {"nearly dependent rows count", nearly_dependent_rows_count},
        {"more rows than numbers leave nothing",
         more_rows_than_numbers_leave_nothing},
        {"the explicit net has its closed form",
         explicit_net_has_its_closed_form},
        {"given rows err as certified", given_rows_err_as_certified},
        {"refusals name what fits", refusals_name_what_fits},
        {"the gain is that of the read-out", the_gain_is_that_of_the_read_out},
        {"gradients are differences of the loss",
         gradients_are_differences_of_the_loss},
        {"single precision agrees with double",
         single_precision_agrees_with_double},
        {"trainings go on with the same bits",
         trainings_go_on_with_the_same_bits},
        {"checkpoints of other questions begin again",
         checkpoints_of_other_questions_begin_again},
        {"numbers that are lost are named", numbers_that_are_lost_are_named},
        {"lines are those that were asked", lines_are_those_that_were_asked},
        {"small tasks are learned", small_tasks_are_learned},
        {"thresholds in their band hold", thresholds_in_their_band_hold},
        {"late thresholds ask for the other budget",
         late_thresholds_ask_for_the_other_budget},
        {"thresholds out of sight are open", thresholds_out_of_sight_are_open},
        CU_TEST_INFO_NULL};

    return unit_run_with("selection_fcn", begin, end, tests);
}
