/* test_combine.c - however a task is cut, its row is the same. */
#include <math.h>

#include "attest/base/hash.h"
#include "bench_study.h"

/* ---- 60 terms in up to 60 slices ------------------------------------------------ */

enum { N_TERMS = 60, MAX_SLICES = 60 };
enum { P_SLICES, P_FAULT };
enum { M_SUM, M_TOTAL, M_LEAST, M_AT, M_MOST, M_WORD, M_SOME, N_METRICS };
enum { O_GROUP, O_COUNT, O_LEAST, O_AT, N_OBSERVATIONS };

static const char *const FAULTS[] = {"none", "same", "overflow",
                                     "nan",  "fail", NULL};
static const struct att_param PARAMS[] = {
    ATT_PARAM_INTEGER("slices", ATT_SEEDS_NOTHING, 1, 1, MAX_SLICES, "cuts"),
    ATT_PARAM_CHOICE("fault", ATT_SEEDS_NOTHING, "none", FAULTS, "what"),
};
static const struct att_metric METRICS[] = {
    [M_SUM] = {.name = "sum", .kind = ATT_INTEGER, .reduction = ATT_REDUCE_SUM},
    [M_TOTAL] = {.name = "total",
                 .kind = ATT_REAL,
                 .reduction = ATT_REDUCE_SUM},
    [M_LEAST] = {.name = "least",
                 .kind = ATT_REAL,
                 .reduction = ATT_REDUCE_MIN},
    [M_AT] = {.name = "least_at",
              .kind = ATT_INTEGER,
              .reduction = ATT_REDUCE_PLACE,
              .place_of = "least"},
    [M_MOST] = {.name = "most", .kind = ATT_REAL, .reduction = ATT_REDUCE_MAX},
    [M_WORD] = {.name = "word", .kind = ATT_TEXT},
    [M_SOME] = {.name = "some",
                .kind = ATT_INTEGER,
                .reduction = ATT_REDUCE_MAX},
};
static const struct att_metric OBSERVATIONS[] = {
    [O_GROUP] = {.name = "group", .kind = ATT_INTEGER, .role = ATT_ROLE_AXIS},
    [O_COUNT] = {.name = "count",
                 .kind = ATT_INTEGER,
                 .reduction = ATT_REDUCE_SUM},
    [O_LEAST] = {.name = "group_least",
                 .kind = ATT_REAL,
                 .reduction = ATT_REDUCE_MIN},
    [O_AT] = {.name = "group_least_at",
              .kind = ATT_INTEGER,
              .reduction = ATT_REDUCE_PLACE,
              .place_of = "group_least"},
};

static void judge_sum(const struct att_rows *rows, struct att_finding *f)
{
    const int64_t sum = rows->row[0].metric[M_SUM].i;

    f->verdict = sum == N_TERMS * (N_TERMS - 1) / 2 ? ATT_HOLDS : ATT_VIOLATED;
}

static const struct att_claim CLAIMS[] = {{.id = "cut.sum",
                                           .standing = ATT_PROVED,
                                           .scope = ATT_SCOPE_ROW,
                                           .judge = judge_sum}};

static att_status generate(struct att_workspace *ws, const struct att_value *p,
                           void **instance, struct att_error *err)
{
    (void)ws;
    (void)p;
    (void)err;
    *instance = NULL;
    return ATT_OK;
}

static const struct att_problem PROBLEM = {.name = "terms",
                                           .generate = generate};

static att_status build(struct att_workspace *ws, const struct att_case *c,
                        void **built, struct att_error *err)
{
    (void)ws;
    *built = NULL;
    if (strcmp(c->p[P_FAULT].s, "fail") == 0 && c->slice.index > 0) {
        return att_fail(err, c->slice.index == 1 ? ATT_E_NUMERIC : ATT_E_NOMEM,
                        "slice %u", c->slice.index);
    }
    return ATT_OK;
}

/* Term k: a multiple of 1/8, so that sums of any order are exact. */
static double term(int64_t k)
{
    return (double)((k * 37) % 64) / 8 - 3;
}

static bool faulty(const struct att_case *c, const char *fault)
{
    return strcmp(c->p[P_FAULT].s, fault) == 0;
}

/* One line per remainder of k by 3 that occurs in first .. last - 1. */
static void observe(int64_t first, int64_t last, struct att_outcome *out)
{
    for (int64_t group = 0; group < 3; group++) {
        double line[N_OBSERVATIONS] = {[O_GROUP] = (double)group};

        for (int64_t k = first; k < last; k++) {
            if (k % 3 != group)
                continue;
            if (line[O_COUNT]++ == 0 || term(k) < line[O_LEAST]) {
                line[O_LEAST] = term(k);
                line[O_AT] = (double)k;
            }
        }
        if (line[O_COUNT] > 0)
            att_out_observe(out, line);
    }
}

static att_status evaluate(struct att_workspace *ws, const struct att_case *c,
                           struct att_outcome *out, struct att_error *err)
{
    const int64_t first = N_TERMS * (int64_t)c->slice.index / c->slice.count;
    const int64_t last =
        N_TERMS * ((int64_t)c->slice.index + 1) / c->slice.count;
    int64_t sum = faulty(c, "overflow") ? INT64_MAX / 2 : 0, at = first;
    double total = 0, most = -100;

    (void)ws;
    (void)err;
    for (int64_t k = first; k < last; k++) {
        sum += k;
        total += term(k);
        at = term(k) < term(at) ? k : at;
        most = fmax(most, term(k));
    }
    att_out_int(out, M_SUM, sum);
    att_out_real(out, M_TOTAL, total);
    att_out_real(out, M_LEAST, term(at));
    att_out_int(out, M_AT, at);
    att_out_real(out, M_MOST,
                 faulty(c, "nan") && first <= 7 && 7 < last ? (double)NAN
                                                            : most);
    att_out_text(out, M_WORD,
                 faulty(c, "same") && c->slice.index == 2 ? "b" : "a");
    if (first <= 40 && 40 < last) /* one slice has it */
        att_out_int(out, M_SOME, -40);
    observe(first, last, out);
    return ATT_OK;
}

static struct att_cost cost(const struct att_value *p)
{
    (void)p;
    return (struct att_cost){1, 1};
}

static uint32_t slices(const struct att_value *p)
{
    return (uint32_t)p[P_SLICES].i;
}

static const struct att_construction CUT = {.abi = ATT_CONSTRUCTION_ABI,
                                            .name = "cut",
                                            .family = "cut",
                                            .version = 1,
                                            .problem = &PROBLEM,
                                            .params = PARAMS,
                                            .n_params = 2,
                                            .metrics = METRICS,
                                            .n_metrics = N_METRICS,
                                            .observations = OBSERVATIONS,
                                            .n_observations = N_OBSERVATIONS,
                                            .claims = CLAIMS,
                                            .n_claims = 1,
                                            .admit = att_admit_all,
                                            .cost = cost,
                                            .slices = slices,
                                            .build = build,
                                            .evaluate = evaluate};
static const struct att_construction *const KNOWN[] = {&CUT};

/* ---- the rows of slices ------------------------------------------------------------ */

struct cut {
    struct bench bench;
    struct att_buffer part[MAX_SLICES];
    const void *bytes[MAX_SLICES];
    size_t n_bytes[MAX_SLICES];
    size_t n;
};

static void run_slice(struct cut *cut, uint32_t index)
{
    const struct att_task_run run = {.unit = {0, index, (uint32_t)cut->n},
                                     .attempt = index + 1};

    CU_ASSERT_EQUAL_FATAL(
        att_task_run(cut->bench.env, &run, &cut->part[index], NULL), ATT_OK);
    cut->bytes[index] = cut->part[index].data;
    cut->n_bytes[index] = cut->part[index].size;
}

static void cut_open(struct cut *cut, uint32_t n, const char *fault)
{
    char text[200];

    *cut = (struct cut){.n = n};
    (void)snprintf(text, sizeof text,
                   "name: x\nseed: 1\nsweeps:\n  - construction: cut\n"
                   "    grid: {slices: %u, fault: %s}\n",
                   n, fault);
    bench_open(&cut->bench, text, KNOWN, 1);
    for (uint32_t i = n; i-- > 0;)
        run_slice(cut, i);
}

static void cut_close(struct cut *cut)
{
    for (size_t i = 0; i < cut->n; i++)
        att_buffer_fini(&cut->part[i]);
    bench_close(&cut->bench);
}

static att_status combine(struct cut *cut, struct att_buffer *whole,
                          struct att_error *err)
{
    return att_task_combine(cut->bench.env, cut->bytes, cut->n_bytes, cut->n,
                            whole, err);
}

static struct att_row combined(struct cut *cut)
{
    struct att_buffer whole = {0};

    CU_ASSERT_EQUAL_FATAL(combine(cut, &whole, NULL), ATT_OK);
    const struct att_row row = bench_decode(&cut->bench, &whole);

    att_buffer_fini(&whole);
    return row;
}

/* The status and text with which combining fails. */
static void check_refused(struct cut *cut, att_status status, const char *why)
{
    struct att_buffer whole = {0};
    struct att_error err = {0};

    CU_ASSERT_EQUAL(combine(cut, &whole, &err), status);
    CU_ASSERT_STRING_EQUAL(err.text, why);
    CU_ASSERT_EQUAL(whole.size, 0);
    att_buffer_fini(&whole);
}

/* Hash of all science columns of a row. */
static uint64_t science(const struct att_row *row)
{
    struct att_buffer b = {0};
    char text[ATT_NUMBER_TEXT];

    for (uint32_t m = 0; m < row->n_metrics; m++) {
        att_buffer_printf(&b, "%s %d\n", att_value_text(row->metric[m], text),
                          (int)row->metric[m].kind);
    }
    att_buffer_append(&b, row->verdict, row->n_claims);
    att_buffer_append(&b, row->observation,
                      (size_t)row->n_observed * row->n_observations *
                          sizeof(double));
    const uint64_t hash = att_hash64(b.data, b.size);

    att_buffer_fini(&b);
    return hash;
}

/* Times add up, peaks and attempts are the largest, the start is the first. */
static void check_resources(struct cut *cut, const struct att_row *row)
{
    double wall_s = 0, cpu_s = 0;

    for (size_t i = 0; i < cut->n; i++) {
        const struct att_row part = bench_decode(&cut->bench, &cut->part[i]);

        wall_s += part.wall_s;
        cpu_s += part.cpu_s;
        CU_ASSERT(row->start_time <= part.start_time);
        CU_ASSERT(row->peak_rss_bytes >= part.peak_rss_bytes);
        CU_ASSERT(row->arena_bytes >= part.arena_bytes);
    }
    CU_ASSERT_EQUAL(row->wall_s, wall_s);
    CU_ASSERT_EQUAL(row->cpu_s, cpu_s);
    CU_ASSERT_EQUAL(row->attempt, cut->n);
}

static void any_number_of_slices_gives_the_same_row(void)
{
    struct cut cut;

    cut_open(&cut, 1, "none");
    const struct att_row whole = bench_run(&cut.bench, 0);
    const uint64_t expected = science(&whole);

    CU_ASSERT_EQUAL(whole.metric[M_SUM].i, N_TERMS * (N_TERMS - 1) / 2);
    CU_ASSERT_EQUAL(whole.n_observed, 3);
    CU_ASSERT_EQUAL(whole.verdict[0], ATT_HOLDS);
    cut_close(&cut);
    for (uint32_t n = 1; n <= MAX_SLICES; n++) {

        cut_open(&cut, n, "none");
        const struct att_row row = combined(&cut);

        CU_ASSERT_EQUAL(science(&row), expected);
        CU_ASSERT_EQUAL(row.status, ATT_DONE);
        CU_ASSERT_EQUAL(row.slice, 0);
        CU_ASSERT_EQUAL(row.n_slices, 1);
        check_resources(&cut, &row);
        cut_close(&cut);
    }
}

static void a_part_alone_is_not_judged(void)
{
    struct cut cut;

    cut_open(&cut, 3, "none");
    const struct att_row part = bench_decode(&cut.bench, &cut.part[1]);

    CU_ASSERT_EQUAL(part.slice, 1);
    CU_ASSERT_EQUAL(part.n_slices, 3);
    CU_ASSERT_EQUAL(part.verdict[0], ATT_NOT_APPLICABLE);
    cut_close(&cut);
}

/* The row of slices whose results do not fit together. */
static void check_failed(const char *fault, uint32_t n, const char *why)
{
    struct cut cut;

    cut_open(&cut, n, fault);
    const struct att_row row = combined(&cut);

    CU_ASSERT_EQUAL(row.status, ATT_FAILED);
    CU_ASSERT_STRING_EQUAL(row.message, why);
    CU_ASSERT_EQUAL(row.metric[M_SUM].kind, ATT_NONE);
    CU_ASSERT_EQUAL(row.n_observed, 0);
    CU_ASSERT_EQUAL(row.verdict[0], ATT_NOT_APPLICABLE);
    cut_close(&cut);
}

static void slices_that_do_not_fit_together_fail_their_task(void)
{
    check_failed("same", 4,
                 "slice 2 does not agree with those before it on word");
    check_failed("overflow", 3, "the sum of sum over slices exceeds 64 bits");
}

/* Term 7 is in the first, a middle or the last slice, as they are cut. */
static void a_nan_in_any_slice_wins(void)
{
    for (uint32_t n = 2; n <= 10; n++) {
        struct cut cut;

        cut_open(&cut, n, "nan");
        const struct att_row row = combined(&cut);

        CU_ASSERT(isnan(row.metric[M_MOST].r));
        CU_ASSERT_FALSE(isnan(row.metric[M_LEAST].r));
        cut_close(&cut);
    }
}

static void the_worst_slice_names_the_end_of_the_task(void)
{
    struct cut cut;

    cut_open(&cut, 4, "fail"); /* done, failed, oom, oom */
    const struct att_row row = combined(&cut);

    CU_ASSERT_EQUAL(row.status, ATT_OOM);
    CU_ASSERT_STRING_EQUAL(row.message, "slice 2");
    CU_ASSERT_EQUAL(row.metric[M_SUM].kind, ATT_NONE);
    CU_ASSERT_EQUAL(row.verdict[0], ATT_NOT_APPLICABLE);
    CU_ASSERT_EQUAL(row.n_observed, 0);
    cut_close(&cut);
}

static void a_lost_slice_loses_its_task(void)
{
    const struct att_task_loss loss = {.unit = {0, 1, 3},
                                       .attempt = 1,
                                       .status = ATT_TIMEOUT,
                                       .host = "node1",
                                       .message = "timeout after 1 s"};
    struct att_buffer bytes = {0};
    struct cut cut;

    cut_open(&cut, 3, "none");
    CU_ASSERT_EQUAL_FATAL(att_task_lost(cut.bench.env, &loss, &bytes, NULL),
                          ATT_OK);
    const struct att_row row = bench_decode(&cut.bench, &bytes);

    CU_ASSERT_EQUAL(row.status, ATT_TIMEOUT);
    CU_ASSERT_EQUAL(row.slice, 0);
    CU_ASSERT_EQUAL(row.n_slices, 1);
    att_buffer_fini(&bytes);
    cut_close(&cut);
}

static void rows_that_are_not_the_slices_of_one_task_are_refused(void)
{
    struct cut cut;

    cut_open(&cut, 3, "none");
    cut.bytes[2] = cut.bytes[1];
    cut.n_bytes[2] = cut.n_bytes[1];
    check_refused(&cut, ATT_E_MISMATCH,
                  "row 2 of 3 is not that slice of task 0");
    cut.n_bytes[2] = 20;
    check_refused(&cut, ATT_E_PARSE, "a row of 20 bytes lacks its head");
    cut.n = 2;
    check_refused(&cut, ATT_E_MISMATCH,
                  "row 0 of 2 is not that slice of task 0");
    cut.n = 0;
    check_refused(&cut, ATT_E_ARG, "no slices to combine");
    cut.n = 3;
    cut_close(&cut);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"any number of slices gives the same row",
         any_number_of_slices_gives_the_same_row},
        {"a part alone is not judged", a_part_alone_is_not_judged},
        {"slices that do not fit together fail their task",
         slices_that_do_not_fit_together_fail_their_task},
        {"a NaN in any slice wins", a_nan_in_any_slice_wins},
        {"the worst slice names the end of the task",
         the_worst_slice_names_the_end_of_the_task},
        {"a lost slice loses its task", a_lost_slice_loses_its_task},
        {"rows that are not the slices of one task are refused",
         rows_that_are_not_the_slices_of_one_task_are_refused},
        CU_TEST_INFO_NULL,
    };

    return unit_run("combine", tests);
}
