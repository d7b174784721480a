/* hardmax_probe.c - observations: fewer bits, softmax in place of hardmax,
 * noise on the tokens.  Each is a curve over the values that the study asks
 * for, and a number: how far all labels stay right. */
#include <math.h>
#include <stdio.h>

#include "hardmax_evaluate_priv.h"

enum {
    HM_TAG_NOISE = 3,
    N_REPEATS = 3
}; /* tag NOISE + repeat, item sequence,
                                             step token, word coordinate */

struct probe {
    const char *axis;
    uint32_t column; /* of the observations */
    uint32_t summary;
    bool upwards; /* good values are large ones (bits), not small ones */
    att_status (*run)(const struct hm_trial *t, double value,
                      struct hm_marks *marks, struct att_error *err);
};

static att_status bits_arithmetic(double value, struct att_arithmetic *a,
                                  struct att_error *err)
{
    char text[16];

    if (!(value >= 2.0 && value <= 53.0) || value != floor(value)) {
        return att_fail(err, ATT_E_ARG,
                        "observe: bits = %g is no integer in 2..53", value);
    }
    (void)snprintf(text, sizeof text, "bits:%d", (int)value);
    return att_arithmetic_parse(text, a, err);
}

static att_status run_bits(const struct hm_trial *t, double value,
                           struct hm_marks *marks, struct att_error *err)
{
    struct att_arena *arena = t->ws->arena;
    const struct att_arena_mark mark = att_arena_mark(arena);
    struct att_arithmetic a;
    struct hm_tokens tokens;

    ATT_TRY(bits_arithmetic(value, &a, err));
    ATT_TRY(att_hm_tokens_make(t->s, &a, arena, &tokens, err));
    ATT_TRY(att_hm_run_marked(att_hm_eval_plane, &t->built->net, &tokens, arena,
                              marks, err));
    att_arena_rewind(arena, mark);
    return ATT_OK;
}

static att_status run_bits_aware(const struct hm_trial *t, double value,
                                 struct hm_marks *marks, struct att_error *err)
{
    struct att_arena *arena = t->ws->arena;
    const struct att_arena_mark mark = att_arena_mark(arena);
    struct hm_config config = *t->config;
    struct hm_tokens tokens;
    struct hm_built built;

    ATT_TRY(bits_arithmetic(value, &config.build, err));
    ATT_TRY(att_hm_build(t->ws, t->s, &config, &built, err));
    *marks = (struct hm_marks){NAN, NAN};
    if (built.verdict.kind == HM_BUILT) {
        ATT_TRY(att_hm_tokens_make(t->s, &config.build, arena, &tokens, err));
        ATT_TRY(att_hm_run_marked(att_hm_eval_plane, &built.net, &tokens, arena,
                                  marks, err));
    }
    att_arena_rewind(arena, mark);
    return ATT_OK;
}

static att_status run_tau(const struct hm_trial *t, double value,
                          struct hm_marks *marks, struct att_error *err)
{
    struct att_arena *arena = t->ws->arena;
    const struct att_arena_mark mark = att_arena_mark(arena);
    const size_t n = t->s->n;
    const struct hm_outputs out = {ATT_NEW(arena, double, n),
                                   ATT_NEW(arena, double, n)};
    struct att_arithmetic f64;
    struct hm_tokens tokens;
    struct hm_net net;

    if (out.r == NULL || out.q == NULL)
        return att_arena_fail(arena, "the outputs", err);
    ATT_TRY(att_arithmetic_parse("f64", &f64, err));
    ATT_TRY(att_hm_tokens_make(t->s, &f64, arena, &tokens, err));
    ATT_TRY(att_hm_net_round(&t->built->net, &f64, arena, &net, err));
    const struct hm_batch batch = {&tokens, NULL, n};

    ATT_TRY(att_hm_eval_softmax(&net, &batch, value, out, arena, err));
    *marks = att_hm_mark(t->s, out.r);
    att_arena_rewind(arena, mark);
    return ATT_OK;
}

/* token := token + sigma z */
static void add_noise(const struct hm_trial *t, double sigma, uint32_t repeat,
                      double *token)
{
    const struct att_sequences *s = t->s;

    for (size_t j = 0; j < s->n; j++) {
        for (size_t i = 0; i < att_sequence_length(s, j); i++) {
            const struct att_stream stream = att_builder_stream(
                t->ws, HM_TAG_NOISE + repeat, (uint32_t)i, (uint32_t)j);
            const size_t at = (s->offset[j] + i) * s->d;

            att_stream_normals(&stream, 0, s->d, token + at);
            for (size_t k = 0; k < s->d; k++) {
                token[at + k] = s->token[at + k] + sigma * token[at + k];
            }
        }
    }
}

static att_status run_noise(const struct hm_trial *t, double value,
                            struct hm_marks *marks, struct att_error *err)
{
    struct att_arena *arena = t->ws->arena;
    const struct att_arena_mark mark = att_arena_mark(arena);
    double *token = ATT_NEW(arena, double, t->s->total * t->s->d);
    struct att_sequences noisy = *t->s;
    struct hm_tokens tokens;

    if (token == NULL)
        return att_arena_fail(arena, "the noisy tokens", err);
    noisy.token = token;
    *marks = (struct hm_marks){0.0, 0.0};
    for (uint32_t repeat = 0; repeat < N_REPEATS; repeat++) {
        struct hm_marks one;

        add_noise(t, value, repeat, token);
        ATT_TRY(
            att_hm_tokens_make(&noisy, &t->config->eval, arena, &tokens, err));
        ATT_TRY(att_hm_run_marked(att_hm_eval_plane, &t->built->net, &tokens,
                                  arena, &one, err));
        marks->acc += one.acc;
        marks->err_max = fmax(marks->err_max, one.err_max);
    }
    marks->acc /= N_REPEATS;
    att_arena_rewind(arena, mark);
    return ATT_OK;
}

static const struct probe PROBES[] = {
    {"bits_unaware", HM_O_BITS, HM_M_MIN_BITS, true, run_bits},
    {"bits_aware", HM_O_BITS_AWARE, HM_M_MIN_BITS_AWARE, true, run_bits_aware},
    {"tau", HM_O_TAU, HM_M_TAU_STAR, false, run_tau},
    {"sigma", HM_O_SIGMA, HM_M_NOISE_STAR, false, run_noise},
};

static void observe(const struct hm_trial *t, const struct probe *probe,
                    double value, const struct hm_marks *marks)
{
    double line[HM_OBSERVATIONS];

    for (int i = 0; i < HM_OBSERVATIONS; i++)
        line[i] = NAN;
    line[probe->column] = value;
    line[HM_O_ACC] = marks->acc;
    line[HM_O_OUT_ERR] =
        isfinite(marks->err_max) ? marks->err_max : (double)NAN;
    att_out_observe(t->out, line);
}

static void summarise(const struct hm_trial *t, const struct probe *probe,
                      double reached)
{
    if (isnan(reached))
        return;
    if (probe->upwards) {
        att_out_int(t->out, probe->summary, (int64_t)reached);
    } else {
        att_out_real(t->out, probe->summary, reached);
    }
}

/* Values ascend.  Downwards all labels must be right from the start; upwards
 * the run of right ones must reach the end. */
static att_status run_probe(const struct hm_trial *t, const struct probe *probe,
                            struct att_error *err)
{
    size_t n = 0;
    const double *value = att_case_observe(t->c, probe->axis, &n);
    double reached = NAN;
    bool intact = true;

    for (size_t i = 0; i < n; i++) {
        struct hm_marks marks;

        ATT_TRY(probe->run(t, value[i], &marks, err));
        observe(t, probe, value[i], &marks);
        const bool right = marks.acc >= 1.0;

        if (!right) {
            reached = probe->upwards ? (double)NAN : reached;
        } else if (probe->upwards ? isnan(reached) : intact) {
            reached = value[i];
        }
        intact = intact && right;
    }
    summarise(t, probe, reached);
    return ATT_OK;
}

att_status att_hm_probe(const struct hm_trial *t, struct att_error *err)
{
    for (size_t i = 0; i < sizeof PROBES / sizeof PROBES[0]; i++)
        ATT_TRY(run_probe(t, &PROBES[i], err));
    return ATT_OK;
}
