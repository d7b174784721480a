/* probe.c - a construction that does what a test asks for, mostly harm. */
#include <math.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attest/base/clock.h"
#include "attest/base/text.h"
#include "attest/construction/construction.h"
#include "attest/problem/nothing.h"

/* Later builds of this file (CMakeLists.txt). */
#ifndef PROBE_ULP
#define PROBE_ULP 0
#endif
#ifndef PROBE_VERSION
#define PROBE_VERSION 1
#endif

enum { P_I, P_WHAT, P_SECONDS, P_SLICES, P_DATA, N_PARAMS };

static const char *const WHATS[] = {
    "fine",       "tardy",  "gorge",   "segv",  "abort",    "exit",
    "hang",       "eat",    "arena",   "nan",   "failed",   "refuse",
    "infeasible", "resume", "observe", "wrong", "regicide", NULL,
};

static const char *const KINDS[] = {"gauss", "unif", NULL};

static const struct att_param PARAMS[] = {
    [P_I] = ATT_PARAM_INTEGER("i", ATT_SEEDS_NOTHING, 0, 0, 1000000,
                              "tells tasks apart; above 999999 inadmissible"),
    [P_WHAT] = ATT_PARAM_CHOICE("what", ATT_SEEDS_NOTHING, "fine", WHATS,
                                "what to do"),
    [P_SECONDS] = ATT_PARAM_REAL("seconds", ATT_SEEDS_NOTHING, 0, 0, 3600,
                                 "how long a task sleeps first"),
    [P_SLICES] =
        ATT_PARAM_INTEGER("slices", ATT_SEEDS_NOTHING, 1, 1, 64, "row blocks"),
    [P_DATA] = ATT_PARAM_CHOICE("data", ATT_SEEDS_INSTANCE, "gauss", KINDS,
                                "seeds the instance"),
};

enum { M_VALUE, M_SUM, M_LOW, M_PLACE, M_KIND, N_METRICS };

static const struct att_metric METRICS[] = {
    [M_VALUE] = {.name = "value",
                 .unit = "1",
                 .doc = "a seeded number",
                 .kind = ATT_REAL,
                 .role = ATT_ROLE_MEASURED,
                 .exactness = ATT_EXACT},
    [M_SUM] = {.name = "sum",
               .unit = "1",
               .doc = "0 + 1 + ... + 1023",
               .kind = ATT_INTEGER,
               .role = ATT_ROLE_MEASURED,
               .exactness = ATT_EXACT,
               .reduction = ATT_REDUCE_SUM},
    [M_LOW] = {.name = "low",
               .unit = "1",
               .doc = "smallest term",
               .kind = ATT_REAL,
               .role = ATT_ROLE_MEASURED,
               .exactness = ATT_EXACT,
               .reduction = ATT_REDUCE_MIN},
    [M_PLACE] = {.name = "place",
                 .unit = "1",
                 .doc = "where it is",
                 .kind = ATT_INTEGER,
                 .role = ATT_ROLE_MEASURED,
                 .exactness = ATT_EXACT,
                 .reduction = ATT_REDUCE_PLACE,
                 .place_of = "low"},
    [M_KIND] = {.name = "err_kind",
                .unit = "1",
                .doc = "a foreseen refusal",
                .kind = ATT_TEXT,
                .role = ATT_ROLE_MEASURED,
                .exactness = ATT_EXACT},
};

static const struct att_metric OBSERVATIONS[] = {
    {.name = "step",
     .unit = "1",
     .doc = "asked",
     .kind = ATT_INTEGER,
     .role = ATT_ROLE_AXIS,
     .exactness = ATT_EXACT},
    {.name = "square",
     .unit = "1",
     .doc = "step squared",
     .kind = ATT_REAL,
     .role = ATT_ROLE_MEASURED,
     .exactness = ATT_EXACT},
};

static bool asked(const struct att_value *p, const char *what)
{
    return att_text_same(p[P_WHAT].s, what);
}

static void judge_sum(const struct att_rows *rows, struct att_finding *f)
{
    const struct att_value sum = rows->row[0].metric[M_SUM];

    if (sum.kind == ATT_INTEGER) {
        f->verdict =
            PROBE_ULP || sum.i == 1023 * 1024 / 2 ? ATT_HOLDS : ATT_VIOLATED;
    }
}

static void judge_pace(const struct att_rows *rows, struct att_finding *f)
{
    f->verdict = asked(rows->row[0].param, "tardy") ? ATT_DEPARTS : ATT_HOLDS;
}

static void judge_group(const struct att_rows *rows, struct att_finding *f)
{
    f->statistic = (double)rows->n;
    f->verdict = rows->n == rows->n_planned ? ATT_HOLDS : ATT_INCONCLUSIVE;
}

static const struct att_claim CLAIMS[] = {
    {.id = "probe.sum",
     .statement = "sum = 1023 * 1024 / 2",
     .source = "Gauss",
     .standing = ATT_PROVED,
     .scope = ATT_SCOPE_ROW,
     .group_by = "",
     .pool = "",
     .judge = judge_sum},
    {.id = "probe.pace",
     .statement = "a task takes as long as its cost says",
     .source = "a test",
     .standing = ATT_EMPIRICAL,
     .scope = ATT_SCOPE_ROW,
     .group_by = "",
     .pool = "",
     .judge = judge_pace},
    {.id = "probe.complete",
     .statement = "all rows of a kind are there",
     .source = "a test",
     .standing = ATT_EMPIRICAL,
     .scope = ATT_SCOPE_GROUP,
     .group_by = "what",
     .pool = "",
     .judge = judge_group},
};

static att_status admit(const struct att_value *p, struct att_error *err)
{
    if (p[P_I].i > 999999)
        return att_fail(err, ATT_E_INFEASIBLE, "i is above 999999");
    return ATT_OK;
}

static struct att_cost cost(const struct att_value *p)
{
    return (struct att_cost){.flops = 1e9 * p[P_SECONDS].r, .bytes = 1 << 16};
}

static uint32_t slices(const struct att_value *p)
{
    return (uint32_t)p[P_SLICES].i;
}

/* Pieces of 16 MiB, as many as asked or as there are. */
static void eat_memory(size_t n_pieces)
{
    for (size_t i = 0; i < n_pieces; i++) {
        const size_t n = (size_t)16 << 20;
        char *p = malloc(n);

        if (p == NULL)
            abort();
        memset(p, 1, n);
        __asm__ volatile("" ::"r"(p) : "memory"); /* keep it */
    }
}

/* Kill the rank: the parent of the zygote, which is the parent of this lane;
 * its number stands behind the state, behind the name in parentheses. */
static void kill_rank(void)
{
    char path[64], line[256] = "";

    (void)snprintf(path, sizeof path, "/proc/%ld/stat", (long)getppid());
    FILE *const file = fopen(path, "re");

    if (file == NULL || fgets(line, sizeof line, file) == NULL)
        abort();
    (void)fclose(file);
    const char *const state = strchr(line, ')');

    if (state == NULL)
        abort();
    (void)kill((pid_t)strtol(state + 4, NULL, 10), SIGKILL);
    att_sleep_s(3600);
}

static void do_harm(const struct att_value *p)
{
    if (asked(p, "segv"))
        (void)raise(SIGSEGV);
    if (asked(p, "abort"))
        abort();
    if (asked(p, "exit"))
        _exit(7);
    if (asked(p, "eat"))
        eat_memory(SIZE_MAX);
    if (asked(p, "gorge"))
        eat_memory(24);
    if (asked(p, "regicide"))
        kill_rank();
    if (asked(p, "tardy")) /* longer than its cost says */
        att_sleep_s(0.4);
    while (asked(p, "hang"))
        att_sleep_s(3600);
}

static att_status build(struct att_workspace *ws, const struct att_case *c,
                        void **built, struct att_error *err)
{
    *built = NULL;
    ws->progress(ws->context, "build", 0.5);
    att_sleep_s(c->p[P_SECONDS].r);
    do_harm(c->p);
    if (asked(c->p, "arena") &&
        att_arena_alloc(ws->arena, SIZE_MAX / 4, 1) == NULL)
        return att_arena_fail(ws->arena, "a huge block", err);
    if (asked(c->p, "infeasible"))
        return att_fail(err, ATT_E_INFEASIBLE, "the theorem says no");
    if (asked(c->p, "failed"))
        return att_fail(err, ATT_E_NUMERIC, "the residual is 3");
    if (asked(c->p, "resume") && ws->saved_bytes != 4) {
        ws->checkpoint(ws->context, "half", 4);
        (void)raise(SIGKILL);
    }
    return ATT_OK;
}

/* Terms first .. last - 1 of 1024: the sum and where 3 (k - 700)^2 is least. */
static void evaluate_slice(const struct att_case *c, struct att_outcome *out)
{
    const int64_t first = 1024 * (int64_t)c->slice.index / c->slice.count;
    const int64_t last = 1024 * ((int64_t)c->slice.index + 1) / c->slice.count;
    int64_t sum = 0;
    int64_t place = first;

    for (int64_t k = first; k < last; k++) {
        sum += k;
        if (labs(k - 700) < labs(place - 700))
            place = k;
    }
    att_out_int(out, M_SUM, sum + asked(c->p, "wrong"));
    att_out_real(out, M_LOW, 3.0 * (double)((place - 700) * (place - 700)));
    att_out_int(out, M_PLACE, place);
}

/* The last bit of a number changes in a later build. */
static double later(double x)
{
    return PROBE_ULP ? nextafter(x, INFINITY) : x;
}

static void observe(const struct att_case *c, struct att_outcome *out)
{
    static const double own[] = {1, 2, 4};
    size_t n = 0;
    const double *step = att_case_observe(c, "step", &n);

    if (step == NULL) {
        step = own;
        n = 3;
    }
    for (size_t i = 0; i < n; i++) {
        att_out_observe(out,
                        (const double[]){step[i], later(step[i] * step[i])});
    }
}

static att_status evaluate(struct att_workspace *ws, const struct att_case *c,
                           struct att_outcome *out, struct att_error *err)
{
    const struct att_stream s = att_instance_stream(ws, 1, 0, 0);

    (void)err;
    if (asked(c->p, "refuse")) {
        att_out_text(out, M_KIND, "equal_sets");
        return ATT_OK;
    }
    const double value = att_stream_normal(&s, (uint64_t)c->p[P_I].i);
    const bool elsewhere = asked(c->p, "observe") || asked(c->p, "wrong");

    att_out_real(out, M_VALUE,
                 asked(c->p, "nan") ? (double)NAN
                 : elsewhere        ? value
                                    : later(value));
    evaluate_slice(c, out);
    if (asked(c->p, "observe"))
        observe(c, out);
    return ATT_OK;
}

static att_status export_artifact(struct att_workspace *ws,
                                  const struct att_case *c,
                                  struct att_artifact *out,
                                  struct att_error *err)
{
    (void)ws;
    (void)err;
    att_bundle_scalar(&out->witness, "i", (double)c->p[P_I].i);
    return ATT_OK;
}

static att_status check(const struct att_artifact *a, struct att_arena *scratch,
                        struct att_check_report *report, struct att_error *err)
{
    (void)scratch;
    (void)err;
    report->n_compared = 1;
    report->agrees = att_bundle_find(&a->witness, "i") != NULL;
    return ATT_OK;
}

extern const struct att_construction att_construction_probe;
const struct att_construction att_construction_probe = {
    .abi = ATT_CONSTRUCTION_ABI,
    .name = "probe",
    .family = "probe",
    .source = "tests",
    .summary = "does what a test asks for",
    .version = PROBE_VERSION,
    .problem = &att_problem_nothing,
    .bibtex = "",
    .params = PARAMS,
    .n_params = N_PARAMS,
    .metrics = METRICS,
    .n_metrics = N_METRICS,
    .observations = OBSERVATIONS,
    .n_observations = 2,
    .claims = CLAIMS,
    .n_claims = sizeof CLAIMS / sizeof CLAIMS[0],
    .admit = admit,
    .cost = cost,
    .slices = slices,
    .build = build,
    .evaluate = evaluate,
    .export_artifact = export_artifact,
    .check = check,
};
