/* test_selection_vectors.c - the specification's vectors of encodings, queries,
 * one-hot recursion and one step of every model. */
#include "selection_case.h"

/* ---- encodings and queries -------------------------------------------------------- */

static void signs_are_those_of_tv4(void)
{
    static const char expected[] = "++--+++++++-----";
    struct att_arena *a = arena();
    const struct sel_law law = law_of_tv8();
    const struct sel_batch batch = batch_of(&law, 1, a);
    double row[64];

    att_sel_codes_row(&batch.codes[0], 0, row);
    for (size_t j = 0; j < 16; j++)
        CU_ASSERT_EQUAL(row[j], expected[j] == '+' ? 0.125 : -0.125);
    att_arena_destroy(a);
}

static void the_dual_query_is_that_of_tv5(void)
{
    static const double expected[3] = {1.043087298614, 1.019108280255,
                                       0.839265642563};
    struct att_arena *a = arena();
    const struct sel_law law = law_of_tv8();
    const struct sel_batch batch = batch_of(&law, 1, a);
    double et[64], rho[20], square = 0.0, most = 0.0;

    CU_ASSERT(batch.y[0] == 3 && batch.y[1] == 6 && batch.y[2] == 8);
    att_sel_batch_query(&law, &batch, 0, et);
    att_sel_codes_apply(&batch.codes[0], et, rho);
    for (size_t k = 0; k < 3; k++) {
        CU_ASSERT_DOUBLE_EQUAL(batch.c[k], expected[k], 1e-12);
        CU_ASSERT_DOUBLE_EQUAL(rho[batch.y[k]], 1.0, 1e-14);
    }
    for (size_t j = 0; j < 64; j++)
        square += et[j] * et[j];
    for (size_t i = 0; i < 20; i++) {
        if (i != 3 && i != 6 && i != 8)
            most = fmax(most, fabs(rho[i]));
    }
    CU_ASSERT_DOUBLE_EQUAL(square, 2.901461221431, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(most, 0.420007493443, 1e-12);
    att_arena_destroy(a);
}

/* ---- one-hot encodings ------------------------------------------------------------- */

static const struct sel_onehot TV6 = {20.0, 3.0, 5.0};

static void closed_forms_are_those_of_tv6(void)
{
    double in, out, alpha;

    att_sel_onehot_weights(TV6, 4.0, &in, &out);
    CU_ASSERT_DOUBLE_EQUAL(in, .301990188322244, 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(out, .00553114323725105, 1e-16);
    CU_ASSERT_DOUBLE_EQUAL(att_sel_onehot_loss(TV6, 1.0, 4.0),
                           .00866817122811326, 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(att_sel_onehot_best(TV6, 4.0, &alpha),
                           .00158112343188, 1e-13);
    CU_ASSERT_DOUBLE_EQUAL(alpha, 1.10169434911, 1e-10);
    CU_ASSERT_DOUBLE_EQUAL(att_sel_onehot_loss(TV6, 1.0, 8.0),
                           3.52934302144078e-06, 1e-18);
    CU_ASSERT_DOUBLE_EQUAL(att_sel_onehot_best(TV6, 8.0, &alpha),
                           5.3141576396e-07, 1e-16);
}

static void the_recursion_is_that_of_tv7(void)
{
    static const struct {
        int t;
        double alpha, gap, loss;
    } v[] = {{1, .05, 0.0, .821145833333},
             {2, 0.0, .00053125 + 2.79605263158e-05, .81013502622},
             {100, 1.71804207479, 1.355904841, .228788355616},
             {2000, 1.12919875297, 3.75523933781, .00257658191783}};
    struct sel_triple at = {0.0, 0.0, 0.0};
    size_t next = 0;

    CU_ASSERT_EQUAL(att_sel_onehot_step(TV6, 1.0, 1.0, &at), 0.0);
    for (int t = 1; next < 4; t++) {
        const double gap = at.c_d - at.c_o;

        if (t == v[next].t) {
            const double loss = att_sel_onehot_loss(TV6, at.alpha, gap);

            CU_ASSERT_DOUBLE_EQUAL(gap, v[next].gap, 1e-8 * v[next].gap);
            CU_ASSERT_DOUBLE_EQUAL(loss, v[next].loss, 1e-8 * v[next].loss);
            if (t != 2)
                CU_ASSERT_DOUBLE_EQUAL(at.alpha, v[next].alpha, 1e-8);
            if (t == 2)
                CU_ASSERT_DOUBLE_EQUAL(at.c_d, .00053125, 1e-12);
            next++;
        }
        (void)att_sel_onehot_step(TV6, 1.0, 1.0, &at);
    }
}

/* ---- a step of the full model -------------------------------------------------------- */

static void the_step_of_tv8(void)
{
    const struct sel_law law = law_of_tv8();
    struct bench k;
    double mass = 0.0;

    bench_open(&k, &law, 4, SEL_FULL);
    set_truth(&k, 1.0, 4.0);
    const struct sel_loss loss = att_sel_full(&k.x);

    CU_ASSERT_DOUBLE_EQUAL(loss.loss, .007493150600, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(loss.gnorm_V, .076371337352, 1e-11);
    CU_ASSERT_DOUBLE_EQUAL(loss.gnorm_W, .062859294417, 1e-11);
    CU_ASSERT_DOUBLE_EQUAL(k.x.gradient.V.data[0], -.000501407508, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(att_mat_row(k.x.gradient.W, 5)[0], .000110292128,
                           1e-12);
    k.batch.n = 1;
    (void)att_sel_full(&k.x);
    for (size_t j = 0; j < 3; j++)
        mass += k.x.work.s[k.batch.y[j]];
    CU_ASSERT_DOUBLE_EQUAL(mass, .868589954172, 1e-12);
    att_arena_destroy(k.arena);
}

static void the_first_step_of_tv9_moves_v_alone(void)
{
    const struct sel_law law = law_of_tv8();
    struct bench k;

    bench_open(&k, &law, 4, SEL_FULL);
    const struct sel_loss loss = att_sel_full(&k.x);

    CU_ASSERT_DOUBLE_EQUAL(loss.loss, .703618192035, 1e-11);
    CU_ASSERT_DOUBLE_EQUAL(loss.gnorm_V, .387847562605, 1e-11);
    CU_ASSERT_EQUAL(loss.gnorm_W, 0.0);
    att_arena_destroy(k.arena);
}

static void the_loss_of_tv11(void)
{
    const struct sel_law law = law_of_tv8();
    struct bench k;

    bench_open(&k, &law, 4, SEL_FULL);
    set_random(&k, 0.5, 0.3);
    CU_ASSERT_DOUBLE_EQUAL(att_sel_full(&k.x).loss, 1.246868036468, 1e-11);
    att_arena_destroy(k.arena);
}

/* ---- finite differences ----------------------------------------------------------------- */

static void gradients_are_those_of_finite_differences(void)
{
    static const enum sel_pe pe[] = {SEL_SPE, SEL_SPE_GAUSS, SEL_SINUSOID};

    for (size_t i = 0; i < 3; i++) {
        struct sel_law law = law_of_tv8();

        law.pe = pe[i];
        law.query = i == 2 ? SEL_MEAN : SEL_DUAL;
        check_gradients(&law, 4, SEL_FULL, att_sel_full, 1.0);
    }
}

/* The gradient of alpha counts once for each of the d diagonal entries. */
static void rb_gradients_are_those_of_finite_differences(void)
{
    for (int i = 0; i < 8; i++) {
        const struct sel_law law = variant(i);

        check_gradients(&law, 4, SEL_RB, att_sel_rb, 5.0);
    }
}

/* ---- one rung against the next ------------------------------------------------------------ */

/* The full model at V = alpha [I 0], Bx = 0, averaged over tokens, is the
 * model without them: loss and every gradient within 4.5 standard errors of
 * 20000 draws of the tokens. */
static void average_the_full_model(int i)
{
    enum { DRAWS = 20000 };
    const struct sel_law law = variant(i);
    struct bench full, rb;
    double sum = 0.0, square = 0.0, w = 0.0, w_square = 0.0;

    bench_open(&full, &law, 4, SEL_FULL);
    bench_open(&rb, &law, 4, SEL_RB);
    set_truth(&full, 0.9, 2.0);
    set_truth(&rb, 0.9, 2.0);
    const struct sel_loss expected = att_sel_rb(&rb.x);

    for (uint32_t t = 0; t < DRAWS / 4; t++) {
        full.x.step = t;
        const double loss = att_sel_full(&full.x).loss;
        const double g = att_mat_row(full.x.gradient.W, 5)[0];

        sum += loss;
        square += loss * loss;
        w += g;
        w_square += g * g;
    }
    const double n = DRAWS / 4.0;
    const double se = sqrt((square / n - sum / n * sum / n) / n);
    const double w_se = sqrt((w_square / n - w / n * w / n) / n);

    CU_ASSERT_DOUBLE_EQUAL(sum / n, expected.loss, 4.5 * se);
    CU_ASSERT_DOUBLE_EQUAL(w / n, rb.x.gradient.W.data[0], 4.5 * w_se);
    att_arena_destroy(full.arena);
    att_arena_destroy(rb.arena);
}

static void the_full_model_averages_to_rb(void)
{
    average_the_full_model(0);
    average_the_full_model(3);
    average_the_full_model(4);
    average_the_full_model(7);
}

/* Products of the Gram matrix and products of the encodings differ by
 * rounding only: some hundred operations of numbers below 4. */
static void the_gram_trick_is_rb(void)
{
    static const enum sel_pe pe[] = {SEL_SPE_STEP, SEL_FIXED, SEL_ONEHOT};

    for (size_t i = 0; i < 24; i++) {
        struct sel_law law = variant((int)i / 3);
        struct bench rb, gram;

        law.pe = pe[i % 3];
        bench_open(&rb, &law, 16, SEL_RB);
        bench_open(&gram, &law, 16, SEL_GRAM);
        set_random(&rb, 0.5, 0.3);
        set_random(&gram, 0.5, 0.3);
        const struct sel_loss a = att_sel_rb(&rb.x), b = att_sel_gram(&gram.x);

        CU_ASSERT_DOUBLE_EQUAL(a.loss, b.loss, 1e-13);
        CU_ASSERT_DOUBLE_EQUAL(rb.x.gradient.V.data[0],
                               gram.x.gradient.V.data[0], 1e-14);
        for (size_t j = 0; j < (size_t)64 * 64; j++) {
            CU_ASSERT_DOUBLE_EQUAL(rb.x.gradient.W.data[j],
                                   gram.x.gradient.W.data[j], 1e-14);
        }
        att_arena_destroy(rb.arena);
        att_arena_destroy(gram.arena);
    }
}

/* At C = gamma I the trace of the gradient of C is what the two numbers get. */
static void compare_pair(int i)
{
    const struct sel_law law = variant(i);
    struct bench rb;
    double scratch[4 * 21 + 64], trace = 0.0;

    bench_open(&rb, &law, 16, SEL_RB);
    set_truth(&rb, 1.1, 2.5);
    const struct sel_loss loss = att_sel_rb(&rb.x);
    const struct sel_pair_step pair = att_sel_pair_step(
        &law, &rb.batch, (struct sel_pair){1.1, 2.5}, scratch);

    for (size_t j = 0; j < 64; j++)
        trace += att_mat_row(rb.x.gradient.W, j)[j];
    CU_ASSERT_DOUBLE_EQUAL(pair.loss, loss.loss, 1e-14);
    CU_ASSERT_DOUBLE_EQUAL(pair.d_alpha, rb.x.gradient.V.data[0], 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(pair.d_gamma, trace / 64.0, 1e-15);
    att_arena_destroy(rb.arena);
}

static void the_pair_is_the_trace_of_rb(void)
{
    for (int i = 0; i < 8; i++)
        compare_pair(i);
}

/* Averaged over all subsets, the full batch of one-hot samples takes the step
 * of the recursion: L = 6, q = 2 has 15 subsets. */
static void the_recursion_is_rb_over_all_subsets(void)
{
    const struct sel_law law = {.task = {.L = 6, .d = 4, .q = 2, .seed = 1},
                                .pe = SEL_ONEHOT,
                                .query = SEL_DUAL,
                                .de = 6};
    struct sel_triple at = {0.8, 0.7, -0.1};
    struct bench rb;
    size_t b = 0;

    bench_open(&rb, &law, 15, SEL_RB);
    for (uint32_t i = 0; i < 6; i++) {
        for (uint32_t j = i + 1; j < 6; j++) {
            rb.batch.y[2 * b] = i;
            rb.batch.y[2 * b++ + 1] = j;
        }
    }
    rb.x.at.V.data[0] = 0.8;
    for (size_t i = 0; i < 36; i++)
        rb.x.at.W.data[i] = i % 7 == 0 ? 0.7 : -0.1;
    const struct sel_loss loss = att_sel_rb(&rb.x);
    const struct sel_onehot p = {6.0, 2.0, 4.0};

    CU_ASSERT_DOUBLE_EQUAL(loss.loss, att_sel_onehot_loss(p, 0.8, 0.8), 1e-15);
    const double norm = att_sel_onehot_step(p, 1.0, 1.0, &at);

    CU_ASSERT_DOUBLE_EQUAL(0.8 - rb.x.gradient.V.data[0], at.alpha, 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(0.7 - rb.x.gradient.W.data[0], at.c_d, 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(-0.1 - rb.x.gradient.W.data[1], at.c_o, 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(loss.gnorm_W, norm, 1e-15);
    att_arena_destroy(rb.arena);
}

/* The annealed formula against plain averages over the other encodings:
 * gamma = 2 at L = 20, both with 4000 queries, relative errors below 1 %. */
static void compare_annealed(int i)
{
    const struct sel_law law = variant(i);
    struct att_arena *a = arena();
    const struct sel_annealed x = {&law, 4000, a};
    struct sel_batch batch = batch_of(&law, 4000, a);
    double scratch[4 * 21 + 64], rel = 0.0;

    CU_ASSERT_EQUAL_FATAL(
        att_sel_annealed(&x, (struct sel_pair){1.0, 2.0}, 20, &rel, NULL),
        ATT_OK);
    const double sampled =
        att_sel_pair_step(&law, &batch, (struct sel_pair){1.0, 2.0}, scratch)
            .loss *
        2.0 * att_sel_set_size(&law) / 5.0;

    CU_ASSERT_DOUBLE_EQUAL(rel / sampled, 1.0, 0.03);
    att_arena_destroy(a);
}

static void annealing_averages_the_others(void)
{
    for (int i = 0; i < 4; i++)
        compare_annealed(i);
}

/* ---- invariants and refusals --------------------------------------------------------- */

/* Single precision is the same computation: 2e-5 is some hundred of its ulps
 * beside normals that differ by 1e-6. */
static void single_precision_agrees_with_double(void)
{
    const struct sel_law law = law_of_tv8();
    struct bench k;
    struct sel_stepf f = {0};

    bench_open(&k, &law, 4, SEL_FULL);
    set_random(&k, 0.5, 0.3);
    const struct sel_loss loss = att_sel_full(&k.x);

    f.norms = true;
    f.law = &k.law;
    f.batch = &k.batch;
    f.at.V = att_matf_new(k.arena, 5, 69);
    f.at.W = att_matf_new(k.arena, 69, 64);
    f.gradient.V = att_matf_new(k.arena, 5, 69);
    f.gradient.W = att_matf_new(k.arena, 69, 64);
    for (size_t i = 0; i < (size_t)5 * 69; i++)
        f.at.V.data[i] = (float)k.x.at.V.data[i];
    for (size_t i = 0; i < (size_t)69 * 64; i++)
        f.at.W.data[i] = (float)k.x.at.W.data[i];
    CU_ASSERT_EQUAL_FATAL(
        att_sel_work_newf(&k.law, &k.batch, SEL_FULL, k.arena, &f.work, NULL),
        ATT_OK);
    const struct sel_loss single = att_sel_fullf(&f);

    CU_ASSERT_DOUBLE_EQUAL(single.loss / loss.loss, 1.0, 2e-5);
    CU_ASSERT_DOUBLE_EQUAL(single.gnorm_V / loss.gnorm_V, 1.0, 2e-5);
    CU_ASSERT_DOUBLE_EQUAL(single.gnorm_W / loss.gnorm_W, 1.0, 2e-5);
    att_arena_destroy(k.arena);
}

static void a_batch_is_the_mean_of_its_samples(void)
{
    const struct sel_law law = law_of_tv8();
    struct bench k, one;
    double loss = 0.0, entry = 0.0;

    bench_open(&k, &law, 4, SEL_FULL);
    bench_open(&one, &law, 1, SEL_FULL);
    set_random(&k, 0.5, 0.3);
    set_random(&one, 0.5, 0.3);
    for (uint32_t b = 0; b < 4; b++) {
        CU_ASSERT_EQUAL_FATAL(att_sel_batch_draw(&law, 0, b, &one.batch, NULL),
                              ATT_OK);
        loss += 0.25 * att_sel_full(&one.x).loss;
        entry += 0.25 * one.x.gradient.W.data[7];
    }
    CU_ASSERT_DOUBLE_EQUAL(att_sel_full(&k.x).loss, loss, 1e-14);
    CU_ASSERT_DOUBLE_EQUAL(k.x.gradient.W.data[7], entry, 1e-14);
    att_arena_destroy(k.arena);
    att_arena_destroy(one.arena);
}

/* de = 3, q = 3: two of three rows are equal up to sign more often than not. */
static void dependent_encodings_are_drawn_again(void)
{
    struct sel_law law = law_of_tv8();
    struct att_arena *a = arena();
    struct sel_batch batch;
    double et[3], rho[20];

    law.de = 3;
    batch = batch_of(&law, 16, a);
    CU_ASSERT_TRUE(batch.n_redraw > 0);
    for (size_t b = 0; b < 16; b++) {
        att_sel_batch_query(&law, &batch, b, et);
        att_sel_codes_apply(&batch.codes[b], et, rho);
        for (size_t k = 0; k < 3; k++)
            CU_ASSERT_DOUBLE_EQUAL(rho[batch.y[3 * b + k]], 1.0, 1e-12);
    }
    att_arena_destroy(a);
}

static void hopeless_encodings_are_refused_with_a_remedy(void)
{
    struct sel_law law = law_of_tv8();
    struct att_arena *a = arena();
    struct att_error err = {0};
    struct sel_batch batch;

    law.de = 2;
    CU_ASSERT_EQUAL_FATAL(att_sel_batch_new(&law, 1, 20, a, &batch, NULL),
                          ATT_OK);
    CU_ASSERT_EQUAL(att_sel_batch_draw(&law, 0, 0, &batch, &err),
                    ATT_E_INFEASIBLE);
    CU_ASSERT_STRING_EQUAL(err.text,
                           "3 encodings of 2 coordinates are dependent 64 "
                           "times in a row: take a larger de");
    att_arena_destroy(a);
}

/* Every law extends: rows of a longer sample begin with those of a shorter. */
static void longer_encodings_extend_shorter_ones(void)
{
    for (int pe = 0; pe < SEL_PES; pe++) {
        struct att_arena *a = arena();
        struct sel_law law = law_of_tv8();
        struct sel_codes s, l;
        double x[70], z[70];

        law.pe = (enum sel_pe)pe;
        law.de = 70;
        law.pool = 64;
        CU_ASSERT_EQUAL_FATAL(att_sel_codes_new(&law, 20, a, &s, NULL), ATT_OK);
        CU_ASSERT_EQUAL_FATAL(att_sel_codes_new(&law, 60, a, &l, NULL), ATT_OK);
        att_sel_codes_draw(&law, 4, 2, 0, 20, &s);
        att_sel_codes_draw(&law, 4, 2, 0, 60, &l);
        for (size_t i = 0; i < 20; i++) {
            att_sel_codes_row(&s, i, x);
            att_sel_codes_row(&l, i, z);
            for (size_t j = 0; j < 70; j++)
                CU_ASSERT_EQUAL(x[j], z[j]);
        }
        if (pe != SEL_SPE_GAUSS)
            CU_ASSERT_DOUBLE_EQUAL(att_sel_codes_dot(&l, 3, 3), 1.0, 1e-14);
        att_arena_destroy(a);
    }
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"signs are those of TV4", signs_are_those_of_tv4},
        {"the dual query is that of TV5", the_dual_query_is_that_of_tv5},
        {"closed forms are those of TV6", closed_forms_are_those_of_tv6},
        {"the recursion is that of TV7", the_recursion_is_that_of_tv7},
        {"the step is that of TV8", the_step_of_tv8},
        {"the first step, TV9, moves V alone",
         the_first_step_of_tv9_moves_v_alone},
        {"the loss is that of TV11", the_loss_of_tv11},
        {"gradients are those of finite differences",
         gradients_are_those_of_finite_differences},
        {"gradients without tokens are those of finite differences",
         rb_gradients_are_those_of_finite_differences},
        {"the full model averages to the one without tokens",
         the_full_model_averages_to_rb},
        {"the Gram trick changes nothing", the_gram_trick_is_rb},
        {"two numbers get the trace of the gradient",
         the_pair_is_the_trace_of_rb},
        {"the recursion is the mean over all subsets",
         the_recursion_is_rb_over_all_subsets},
        {"annealing averages the other encodings",
         annealing_averages_the_others},
        {"single precision agrees with double",
         single_precision_agrees_with_double},
        {"a batch is the mean of its samples",
         a_batch_is_the_mean_of_its_samples},
        {"dependent encodings are drawn again",
         dependent_encodings_are_drawn_again},
        {"hopeless encodings are refused with a remedy",
         hopeless_encodings_are_refused_with_a_remedy},
        {"longer encodings extend shorter ones",
         longer_encodings_extend_shorter_ones},
        CU_TEST_INFO_NULL};

    return unit_run("selection_vectors", tests);
}
