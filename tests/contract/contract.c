/* contract.c - complaints, points, and running a point. */
#include "contract.h"

#include <malloc.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attest/base/text.h"

const struct contract_rule contract_rules[] = {
    {"it says what it is", rule_identity},
    {"its parameters are legal", rule_params},
    {"its metrics are legal", rule_metrics},
    {"its observations are legal", rule_observations},
    {"its claims are legal", rule_claims},
    {"values out of range are refused", rule_ranges},
    {"admit, cost and slices answer at every corner", rule_corners},
    {"the default point runs", rule_default},
    {"the smallest point runs", rule_smallest},
    {"every choice runs or is infeasible", rule_choices},
    {"neither order nor address changes a bit", rule_repeat},
    {"slices combine to the whole", rule_slices},
    {"asked observations are given", rule_observe},
    {"memory stays within its cost", rule_memory},
    {"out of memory is said at every limit", rule_no_memory},
    {"check agrees with evaluate", rule_artifact},
    {"check notices a changed number", rule_tamper},
    {NULL, NULL},
};

void complain(struct contract *k, const char *fmt, ...)
{
    char line[CONTRACT_LINE];
    const size_t used = strlen(k->text);
    va_list args;

    k->n++;
    va_start(args, fmt);
    (void)vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    (void)snprintf(k->text + used, CONTRACT_TEXT - used, "%s\n", line);
}

void contract_ask(struct contract *k, const struct contract_rule *rule,
                  const struct att_construction *c)
{
    *k = (struct contract){.c = c, .keep = att_arena_create(0)};
    if (k->keep == NULL) {
        complain(k, "the test itself has no memory");
        return;
    }
    rule->check(k);
    att_arena_destroy(k->keep);
    k->keep = NULL;
}

/* ---- words ------------------------------------------------------------- */

bool is_empty(const char *text)
{
    return text == NULL || text[0] == '\0';
}

bool is_identifier(const char *text)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    static const char rest[] = "abcdefghijklmnopqrstuvwxyz"
                               "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

    return !is_empty(text) && strspn(text, letters) > 0 &&
           strspn(text, rest) == strlen(text);
}

bool is_runner_column(const char *name)
{
    static const char *const taken[] = {
        "task",           "key",        "replicate",    "status",     "message",
        "attempt",        "wall_s",     "cpu_s",        "rank",       "lane",
        "host",           "kernel",     "code_id",      "start_time", "sweep",
        "peak_rss_bytes", "task_index", "observations", "slice",
    };

    for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++) {
        if (att_text_same(taken[i], name))
            return true;
    }
    return att_text_starts(name, "claim_");
}

/* ---- points ---------------------------------------------------------------- */

void point_default(const struct att_construction *c, struct att_value *p)
{
    for (uint32_t i = 0; i < att_construction_n_params(c); i++)
        p[i] = att_param_default(att_construction_param(c, i));
}

bool point_admitted(const struct att_construction *c, const struct att_value *p)
{
    return c->admit(p, NULL) == ATT_OK;
}

/* The least value of integer i that admit takes: tries the minimum, then
 * doubles the distance from it until the value that is known to be taken. */
static void lower(const struct att_construction *c, struct att_value *p,
                  uint32_t i)
{
    const struct att_param *param = att_construction_param(c, i);
    const int64_t known = p[i].i;

    for (int64_t step = 0; param->i_min + step < known;
         step = step == 0 ? 1 : 2 * step) {
        p[i].i = param->i_min + step;
        if (point_admitted(c, p))
            return;
    }
    p[i].i = known;
}

void point_smallest(const struct att_construction *c, struct att_value *p)
{
    point_default(c, p);
    for (uint32_t i = 0; i < att_construction_n_params(c); i++) {
        if (att_construction_param(c, i)->type == ATT_TYPE_INTEGER)
            lower(c, p, i);
    }
}

const char *point_text(struct contract *k, const struct att_value *p)
{
    const char *text = "";
    char number[ATT_NUMBER_TEXT];

    for (uint32_t i = 0; i < att_construction_n_params(k->c); i++) {
        text = att_arena_printf(k->keep, "%s%s%s=%s", text, i > 0 ? " " : "",
                                att_construction_param(k->c, i)->name,
                                att_value_text(p[i], number));
    }
    return text == NULL ? "" : text;
}

/* ---- running ------------------------------------------------------------------ */

struct trial trial_of(const struct att_value *p)
{
    return (struct trial){.p = p, .slice = {0, 1}};
}

/* Leave an odd block at the start, and old bytes behind it: in the arena's
 * first block, which a rewind keeps, and in what malloc hands out later. */
static void make_dirty(struct att_arena *arena, size_t bytes)
{
    enum { PIECE = 4096 };

    if (bytes == 0)
        return;
    (void)att_arena_alloc(arena, 1, 777);
    const struct att_arena_mark mark = att_arena_mark(arena);

    for (size_t done = 0; done < bytes; done += PIECE) {
        void *junk = att_arena_alloc(arena, 1, PIECE);

        if (junk != NULL)
            memset(junk, 0xa5, PIECE);
    }
    att_arena_rewind(arena, mark);
}

/* Fill what malloc hands out with a byte (0: leave it alone). */
static void set_malloc_fill(int byte)
{
#ifdef __GLIBC__
    (void)mallopt(M_PERTURB, byte);
#else
    (void)byte;
#endif
}

/* Copy what must outlive the trial's arena; false when out of memory. */
static bool keep_outcome(struct contract *k, const struct att_outcome *out,
                         struct outcome *o)
{
    const size_t cells = out->n_observed * k->c->n_observations;

    o->metric = ATT_NEW(k->keep, struct att_value, k->c->n_metrics);
    o->observation = ATT_NEW(k->keep, double, cells);
    o->n_observed = out->n_observed;
    if (out->metric == NULL || o->metric == NULL || o->observation == NULL)
        return false;
    for (uint32_t i = 0; i < k->c->n_metrics; i++) {
        o->metric[i] = out->metric[i];
        if (o->metric[i].kind == ATT_TEXT)
            o->metric[i].s = att_arena_strdup(k->keep, out->metric[i].s);
    }
    if (cells > 0)
        memcpy(o->observation, out->observation, cells * sizeof(double));
    return true;
}

/* The three steps of a task; where names the one that was reached. */
static att_status run_steps(struct contract *k, const struct trial *t,
                            struct att_workspace *ws, struct att_outcome *out,
                            struct outcome *o, struct att_error *err)
{
    struct att_case task = {
        .p = t->p, .slice = t->slice, .observe = t->observe};
    void *instance = NULL;
    void *built = NULL;

    o->where = "generate";
    ATT_TRY(k->c->problem->generate(ws, t->p, &instance, err));
    task.instance = instance;
    o->where = "build";
    ATT_TRY(k->c->build(ws, &task, &built, err));
    task.built = built;
    o->where = "evaluate";
    ATT_TRY(att_outcome_init(out, k->c, ws->arena, err));
    return k->c->evaluate(ws, &task, out, err);
}

struct outcome run_trial(struct contract *k, const struct trial *t)
{
    struct att_arena *arena = att_arena_create(t->limit_bytes);
    struct att_workspace ws;
    struct att_outcome out = {0};
    struct att_error err = {0};
    struct outcome o = {.status = ATT_E_NOMEM, .where = "start"};

    if (arena == NULL)
        return o;
    make_dirty(arena, t->junk_bytes);
    set_malloc_fill(t->junk_bytes > 0 ? 0x5a : 0);
    att_workspace_init(&ws, arena, UINT64_C(0x0123456789abcdef),
                       UINT64_C(0xfedcba9876543210));
    o.status = run_steps(k, t, &ws, &out, &o, &err);
    (void)snprintf(o.reason, sizeof o.reason, "%s", err.text);
    set_malloc_fill(0);
    o.peak_bytes = att_arena_peak(arena);
    o.refused_bytes = att_arena_refused(arena);
    if (o.status == ATT_OK && !keep_outcome(k, &out, &o))
        o.status = ATT_E_NOMEM;
    att_arena_destroy(arena);
    return o;
}

/* ---- comparing -------------------------------------------------------------- */

static void compare_observations(struct contract *k, const char *what,
                                 const struct outcome *now,
                                 const struct outcome *before)
{
    const uint32_t n = k->c->n_observations;

    if (now->n_observed != before->n_observed) {
        complain(k, "%s: %zu observations, were %zu", what, now->n_observed,
                 before->n_observed);
        return;
    }
    for (size_t i = 0; i < now->n_observed * n; i++) {
        if (k->c->observations[i % n].exactness != ATT_TIMING &&
            !att_value_equal(att_real(now->observation[i]),
                             att_real(before->observation[i]))) {
            complain(k, "%s: observation %s of line %zu is %.17g, was %.17g",
                     what, k->c->observations[i % n].name, i / n,
                     now->observation[i], before->observation[i]);
            return;
        }
    }
}

void compare_outcomes(struct contract *k, const char *what,
                      const struct outcome *now, const struct outcome *before)
{
    char a[ATT_NUMBER_TEXT];
    char b[ATT_NUMBER_TEXT];

    if (now->status != before->status) {
        complain(k, "%s: ends with '%s', ended with '%s'", what,
                 att_status_text(now->status), att_status_text(before->status));
        return;
    }
    if (now->status != ATT_OK)
        return;
    for (uint32_t i = 0; i < k->c->n_metrics; i++) {
        if (k->c->metrics[i].exactness != ATT_TIMING &&
            !att_value_equal(now->metric[i], before->metric[i])) {
            complain(k, "%s: metric %s is %s, was %s", what,
                     k->c->metrics[i].name, att_value_text(now->metric[i], a),
                     att_value_text(before->metric[i], b));
        }
    }
    compare_observations(k, what, now, before);
}
