/* contract.h - what every construction must keep, as rules that can be asked
 * of any of them.
 *
 * A rule looks at one construction and writes down its complaints; the
 * program for the registry fails on any complaint, the program that tests the
 * rules themselves fails when a broken construction draws none. */
#pragma once

#include "attest/base/arena.h"
#include "attest/construction/construction.h"

enum {
    CONTRACT_PARAMS = 48, /* att_plan.h: no construction has more */
    CONTRACT_TEXT = 8192, /* complaints of one rule */
    CONTRACT_LINE = 1024, /* one complaint */
};

struct contract {
    const struct att_construction *c;
    struct att_arena *keep; /* results, until the rule ends */
    size_t n;               /* complaints */
    char text[CONTRACT_TEXT];
};

/* Did this end because the build lacks an optional library?  Never true of a
 * build that has them all. */
bool is_left_out(att_status status);

void complain(struct contract *k, const char *fmt, ...) ATT_PRINTF(2, 3);

typedef void contract_rule_fn(struct contract *k);

struct contract_rule {
    const char *sentence;
    contract_rule_fn *check;
};

/* All rules, ended by a NULL sentence. */
extern const struct contract_rule contract_rules[];

/* Ask one rule; the complaints are in *k. */
void contract_ask(struct contract *k, const struct contract_rule *rule,
                  const struct att_construction *c);

/* ---- points --------------------------------------------------------------- */

/* Every parameter at its default. */
void point_default(const struct att_construction *c, struct att_value *p);
/* From there, every integer at the least value that `admit` still takes. */
void point_smallest(const struct att_construction *c, struct att_value *p);
/* "N=64 d=8 data=gauss", in keep. */
const char *point_text(struct contract *k, const struct att_value *p);
bool point_admitted(const struct att_construction *c,
                    const struct att_value *p);

/* ---- running ------------------------------------------------------------------ */

struct trial {
    const struct att_value *p;
    uint64_t limit_bytes; /* 0: none */
    size_t junk_bytes;    /* so much of the arena is used up and dirty */
    struct att_slice slice;
    struct att_observe observe;
};

/* A trial of the whole task, unlimited, in a clean arena. */
struct trial trial_of(const struct att_value *p);

struct outcome {
    att_status status;
    const char *where; /* "generate", "build", "evaluate": the last one */
    char reason[ATT_ERROR_TEXT];
    struct att_value *metric; /* n_metrics, in keep; NULL unless ATT_OK */
    double *observation;      /* [n_observed, n_observations] */
    size_t n_observed;
    uint64_t peak_bytes, refused_bytes;
};

/* Generate, build and evaluate in a fresh arena. */
struct outcome run_trial(struct contract *k, const struct trial *t);

/* Do two outcomes agree bit for bit, timing columns aside?  Complains where
 * they do not, as "<what>: metric x is 1, was 2". */
void compare_outcomes(struct contract *k, const char *what,
                      const struct outcome *now, const struct outcome *before);

/* Complain of what a finished row must not have: numbers that are no numbers,
 * values of the wrong kind, predictions that are not their formula, proved
 * row claims that are violated. */
void inspect_outcome(struct contract *k, const struct att_value *p,
                     const struct outcome *o);

/* ---- the rules ------------------------------------------------------------------ */

contract_rule_fn rule_identity, rule_params, rule_metrics, rule_observations,
    rule_claims, rule_ranges, rule_corners, rule_default, rule_smallest,
    rule_choices, rule_repeat, rule_slices, rule_observe, rule_memory,
    rule_no_memory, rule_artifact, rule_tamper;

/* The words that a construction's columns must not take from the runner. */
bool is_runner_column(const char *name);
/* [A-Za-z][A-Za-z0-9_]* */
bool is_identifier(const char *text);
bool is_empty(const char *text); /* NULL or "" */

/* Complain when text is no expression over the construction's parameters;
 * *value is its value at p, NaN when p is NULL. */
void check_formula(struct contract *k, const char *column, const char *text,
                   const struct att_value *p, double *value);
