/* broken.c - the specimen with one fault each. */
#include <math.h>

#include "attest/base/text.h"
#include "specimen.h"

static const char *const DATA[] = {"gauss", "unif", NULL};

static void judge_nothing(const struct att_rows *rows, struct att_finding *f)
{
    (void)rows;
    f->verdict = ATT_INCONCLUSIVE;
}

static const struct att_param BAD_PARAMS[] = {
    ATT_PARAM_REAL("scale", ATT_SEEDS_NOTHING, 9, -4, 4, "factor"),
    ATT_PARAM_INTEGER("N", ATT_SEEDS_NOTHING, 1, 1, 9, "twice"),
    ATT_PARAM_INTEGER("rank", ATT_SEEDS_NOTHING, 1, 1, 9, "the runner's"),
    ATT_PARAM_INTEGER("2d", ATT_SEEDS_NOTHING, 1, 1, 9, "a digit first"),
    ATT_PARAM_INTEGER("bare", ATT_SEEDS_NOTHING, 1, 1, 9, ""),
    ATT_PARAM_CHOICE("kind", ATT_SEEDS_NOTHING, "cauchy", DATA, "no choice"),
    ATT_PARAM_CHOICE("keys", ATT_SEEDS_NOTHING, "gauss", DATA, "no seed"),
};

static const struct att_metric BAD_METRICS[] = {
    {.name = "a b", .unit = "1", .doc = "x", .kind = ATT_REAL},
    {.name = "N", .unit = "1", .doc = "x", .kind = ATT_REAL},
    {.name = "u", .unit = "", .doc = "x", .kind = ATT_REAL},
    {.name = "f", .unit = "1", .doc = "x", .kind = ATT_REAL, .formula = "M+1"},
    {.name = "g", .unit = "1", .doc = "x", .kind = ATT_REAL, .formula = ""},
    {.name = "p",
     .unit = "1",
     .doc = "x",
     .kind = ATT_REAL,
     .predicted_by = "g"},
    {.name = "r", .unit = "1", .doc = "x", .kind = ATT_REAL, .tolerance = 0.5},
    {.name = "s",
     .unit = "1",
     .doc = "x",
     .kind = ATT_REAL,
     .reduction = ATT_REDUCE_PLACE,
     .place_of = "r"},
    {.name = "s", .unit = "1", .doc = "x", .kind = ATT_REAL},
    {.name = "t", .unit = "1", .doc = "x", .kind = ATT_NONE},
    {.name = "w",
     .unit = "1",
     .doc = "x",
     .kind = ATT_REAL,
     .role = ATT_ROLE_AXIS},
};

static const struct att_metric BAD_OBSERVATIONS[] = {
    {.name = "value", .unit = "1", .doc = "x", .kind = ATT_REAL},
    {.name = "step",
     .unit = "1",
     .doc = "x",
     .kind = ATT_TEXT,
     .role = ATT_ROLE_AXIS},
};

static const struct att_claim BAD_CLAIMS[] = {
    {.id = "other.name",
     .statement = "x",
     .source = "x",
     .judge = judge_nothing},
    {.id = "specimens.mute",
     .statement = "",
     .source = "x",
     .judge = judge_nothing},
    {.id = "specimens.grouped",
     .statement = "x",
     .source = "x",
     .scope = ATT_SCOPE_ROW,
     .group_by = "N",
     .judge = judge_nothing},
    {.id = "specimens.lost",
     .statement = "x",
     .source = "x",
     .scope = ATT_SCOPE_GROUP,
     .group_by = "N, speed",
     .judge = judge_nothing},
};

static void judge_wrong(const struct att_rows *rows, struct att_finding *f)
{
    (void)rows;
    f->verdict = ATT_VIOLATED;
}

static const struct att_claim FALSE_CLAIMS[] = {
    {.id = "specimens.false",
     .statement = "x",
     .source = "x",
     .standing = ATT_PROVED,
     .scope = ATT_SCOPE_ROW,
     .judge = judge_wrong},
};

static att_status admit_nothing(const struct att_value *p,
                                struct att_error *err)
{
    (void)p;
    return att_fail(err, ATT_E_INFEASIBLE, "never");
}

static att_status admit_wrongly(const struct att_value *p,
                                struct att_error *err)
{
    if (p[P_N].i == 1)
        return att_fail(err, ATT_E_ARG, "one is wrong");
    return ATT_OK;
}

static struct att_cost cost_too_low(const struct att_value *p)
{
    (void)p;
    return (struct att_cost){.flops = 1, .bytes = 1};
}

static struct att_cost cost_infinite(const struct att_value *p)
{
    (void)p;
    return (struct att_cost){.flops = (double)INFINITY, .bytes = 1e9};
}

static att_status build_greedily(struct att_workspace *ws,
                                 const struct att_case *c, void **built,
                                 struct att_error *err)
{
    if (att_arena_alloc(ws->arena, 1, 1 << 20) == NULL)
        return att_fail(err, ATT_E_NUMERIC, "cannot go on");
    return specimen.build(ws, c, built, err);
}

static att_status build_never(struct att_workspace *ws,
                              const struct att_case *c, void **built,
                              struct att_error *err)
{
    (void)ws, (void)c, (void)built;
    return att_fail(err, ATT_E_NUMERIC, "always fails");
}

static att_status build_gauss_only(struct att_workspace *ws,
                                   const struct att_case *c, void **built,
                                   struct att_error *err)
{
    if (!att_text_same(c->p[P_DATA].s, "gauss"))
        return att_fail(err, ATT_E_NUMERIC, "unif is forgotten");
    return specimen.build(ws, c, built, err);
}

static att_status evaluate_nan(struct att_workspace *ws,
                               const struct att_case *c,
                               struct att_outcome *out, struct att_error *err)
{
    ATT_TRY(specimen.evaluate(ws, c, out, err));
    att_out_real(out, M_SUM, (double)NAN);
    return ATT_OK;
}

static att_status evaluate_off_formula(struct att_workspace *ws,
                                       const struct att_case *c,
                                       struct att_outcome *out,
                                       struct att_error *err)
{
    ATT_TRY(specimen.evaluate(ws, c, out, err));
    att_out_int(out, M_COUNT, 7);
    return ATT_OK;
}

/* Reads memory that it has not written. */
static att_status evaluate_uninitialised(struct att_workspace *ws,
                                         const struct att_case *c,
                                         struct att_outcome *out,
                                         struct att_error *err)
{
    const unsigned char *old = att_arena_alloc(ws->arena, 1, 1 << 15);

    ATT_TRY(specimen.evaluate(ws, c, out, err));
    if (old != NULL)
        att_out_int(out, M_ARGMAX, old[20000] == 0xa5 ? 0 : 1);
    return ATT_OK;
}

static att_status evaluate_whole(struct att_workspace *ws,
                                 const struct att_case *c,
                                 struct att_outcome *out, struct att_error *err)
{
    struct att_case whole = *c;

    whole.slice = (struct att_slice){0, 1};
    return specimen.evaluate(ws, &whole, out, err);
}

static att_status evaluate_own_steps(struct att_workspace *ws,
                                     const struct att_case *c,
                                     struct att_outcome *out,
                                     struct att_error *err)
{
    struct att_case own = *c;

    own.observe = (struct att_observe){0};
    ATT_TRY(specimen.evaluate(ws, &own, out, err));
    att_out_observe(out, (const double[]){77, 0});
    return ATT_OK;
}

static att_status evaluate_other_numbers(struct att_workspace *ws,
                                         const struct att_case *c,
                                         struct att_outcome *out,
                                         struct att_error *err)
{
    const struct built *b = c->built;

    ATT_TRY(specimen.evaluate(ws, c, out, err));
    b->y[0] += 1.0;
    return ATT_OK;
}

static att_status evaluate_miscounted(struct att_workspace *ws,
                                      const struct att_case *c,
                                      struct att_outcome *out,
                                      struct att_error *err)
{
    ATT_TRY(specimen.evaluate(ws, c, out, err));
    att_out_int(out, M_USED, 2);
    return ATT_OK;
}

static att_status agree_always(const struct att_artifact *a,
                               struct att_arena *scratch,
                               struct att_check_report *report,
                               struct att_error *err)
{
    (void)a, (void)scratch, (void)err;
    *report = (struct att_check_report){.n_compared = 1, .agrees = true};
    return ATT_OK;
}

static att_status export_nothing(struct att_workspace *ws,
                                 const struct att_case *c,
                                 struct att_artifact *out,
                                 struct att_error *err)
{
    (void)ws, (void)c, (void)out, (void)err;
    return ATT_OK;
}

#define PARAMETERS   "its parameters are legal"
#define METRIC_RULE  "its metrics are legal"
#define OBSERVE_RULE "its observations are legal"
#define CLAIM_RULE   "its claims are legal"
#define CORNERS      "admit, cost and slices answer at every corner"
#define DEFAULT_RULE "the default point runs"
#define ARTIFACT     "check agrees with evaluate"

enum { N_BROKEN = 64 };

static struct broken broken[N_BROKEN];
static size_t n_broken;

/* A copy of the specimen that the caller spoils. */
static struct att_construction *spoil(const char *rule, const char *complaint)
{
    struct broken *b = &broken[n_broken++];

    *b = (struct broken){rule, complaint, specimen};
    return &b->c;
}

static void spoil_columns(void)
{
    static const char *const params[] = {"scale: default is out of range",
                                         "parameter N is declared twice",
                                         "'rank' is no free",
                                         "'2d' is no free",
                                         "bare lacks a document",
                                         "default 'cauchy' is no choice",
                                         "keys seeds the wrong"};
    static const char *const metrics[] = {"'a b' is no free",
                                          "N is a parameter",
                                          "u lacks",
                                          "formula of f",
                                          "formula of g",
                                          "'g' is no predicted",
                                          "r: only what is rounded",
                                          "s is the place of no",
                                          "s is declared twice",
                                          "column t has no kind",
                                          "w is an axis"};
    static const char *const observations[] = {
        "have no axis", "step is no number", "stands behind a value"};
    static const char *const claims[] = {
        "'other.name' is not 'specimens.'", "specimens.mute lacks",
        "specimens.grouped judges rows",
        "specimens.lost: 'speed' is no column"};

    for (size_t i = 0; i < sizeof params / sizeof params[0]; i++) {
        struct att_construction *c = spoil(PARAMETERS, params[i]);

        c->params = BAD_PARAMS;
        c->n_params = sizeof BAD_PARAMS / sizeof BAD_PARAMS[0];
    }
    for (size_t i = 0; i < sizeof metrics / sizeof metrics[0]; i++) {
        struct att_construction *c = spoil(METRIC_RULE, metrics[i]);

        c->metrics = BAD_METRICS;
        c->n_metrics = sizeof BAD_METRICS / sizeof BAD_METRICS[0];
    }
    for (size_t i = 0; i < sizeof observations / sizeof observations[0]; i++)
        spoil(OBSERVE_RULE, observations[i])->observations = BAD_OBSERVATIONS;
    for (size_t i = 0; i < sizeof claims / sizeof claims[0]; i++) {
        struct att_construction *c = spoil(CLAIM_RULE, claims[i]);

        c->claims = BAD_CLAIMS;
        c->n_claims = sizeof BAD_CLAIMS / sizeof BAD_CLAIMS[0];
    }
    spoil(METRIC_RULE, "measures nothing")->n_metrics = 0;
}

static void spoil_identity(void)
{
    static const char *const rule = "it says what it is";

    spoil(rule, "abi is 9")->abi = 9;
    spoil(rule, "'my specimen'")->name = "my specimen";
    spoil(rule, "summary or bibtex")->summary = "";
    spoil(rule, "version is 0")->version = 0;
    spoil(rule, "the problem lacks")->problem = NULL;
    spoil(rule, "a slot is empty")->check = NULL;
}

static void spoil_points(void)
{
    struct att_construction *c = NULL;

    spoil(CORNERS, "admit says 'value outside")->admit = admit_wrongly;
    spoil(CORNERS, "cost is inf flops")->cost = cost_infinite;
    spoil(DEFAULT_RULE, "admit refuses N=12")->admit = admit_nothing;
    spoil(DEFAULT_RULE, "build fails at N=12")->build = build_never;
    spoil(DEFAULT_RULE, "sum is nan")->evaluate = evaluate_nan;
    spoil(DEFAULT_RULE, "its formula 12")->evaluate = evaluate_off_formula;
    c = spoil(DEFAULT_RULE, "proved claim specimens.false is violated");
    c->claims = FALSE_CLAIMS;
    c->n_claims = 1;
    spoil("the smallest point runs", "build fails at N=1 ")->build =
        build_never;
    spoil("every choice runs or is infeasible", "unif is forgotten")->build =
        build_gauss_only;
    spoil("neither order nor address changes a bit", "where is")->evaluate =
        evaluate_uninitialised;
    spoil("slices combine to the whole", "sum is")->evaluate = evaluate_whole;
    spoil("asked observations are given", "step = 1 is given")->evaluate =
        evaluate_own_steps;
}

static void spoil_memory_and_artifact(void)
{
    struct att_construction *c =
        spoil("memory stays within its cost", "cost says 1");

    c->build = build_greedily;
    c->cost = cost_too_low;
    spoil("out of memory is said at every limit", "build says 'result is not")
        ->build = build_greedily;
    spoil(ARTIFACT, "check disagrees at N=12")->evaluate =
        evaluate_other_numbers;
    spoil(ARTIFACT, "params_used is 2")->evaluate = evaluate_miscounted;
    spoil(ARTIFACT, "neither network nor witness")->export_artifact =
        export_nothing;
    spoil("check notices a changed number", "numbers that were changed")
        ->check = agree_always;
}

const struct broken *broken_specimens(void)
{
    if (n_broken == 0) {
        spoil_identity();
        spoil_columns();
        spoil_points();
        spoil_memory_and_artifact();
    }
    return broken;
}
