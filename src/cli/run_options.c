/* run_options.c - the command line of `attest run` and `attest retry`. */
#include <stdlib.h>
#include <string.h>

#include "attest/base/text.h"
#include "run_priv.h"

static const double GRACE_S = 60;
static const double PATIENCE_LEAST_S = 2;
static const double STORE_EVERY_S = 300;

/* The place of a word in a list that ends with NULL; -1, with a message. */
static int choose(const char *option, const char *word,
                  const char *const *words)
{
    size_t n = 0;
    char hint[64];

    while (words[n] != NULL && strcmp(words[n], word) != 0)
        n++;
    if (words[n] != NULL)
        return (int)n;
    const char *nearest = att_text_nearest(word, words, n);
    (void)snprintf(hint, sizeof hint, "did you mean '%s'?",
                   nearest != NULL ? nearest : words[0]);
    cli_error(hint, "--%s %s is unknown", option, word);
    return -1;
}

/* Ranks are pinged once a second. */
static bool check_patience(const struct cli_run_options *o)
{
    if (!(o->lost_after_s > 0) || o->lost_after_s >= PATIENCE_LEAST_S)
        return true;
    cli_error("ranks are heard of once a second: 2s or more",
              "--lost-after %g s", o->lost_after_s);
    return false;
}

/* "3/8": the third of eight, counted from 1. */
static bool parse_shard(const char *text, struct cli_run_options *o)
{
    char *end = NULL;
    const unsigned long i = strtoul(text, &end, 10);
    const unsigned long n = *end == '/' ? strtoul(end + 1, &end, 10) : 0;

    if (*end != '\0' || i < 1 || i > n || n > 1000000) {
        cli_error("--shard 3/8 is the third of eight", "--shard %s is none",
                  text);
        return false;
    }
    o->shard = (uint32_t)(i - 1);
    o->n_shards = (uint32_t)n;
    return true;
}

/* "1%" or "0.01". */
static bool parse_pilot(const char *text, struct cli_run_options *o)
{
    char *end = NULL;
    const double x = strtod(text, &end);
    const bool percent = strcmp(end, "%") == 0;

    o->pilot = percent ? x / 100 : x;
    if (end != text && (percent || *end == '\0') && o->pilot > 0 &&
        o->pilot <= 1)
        return true;
    cli_error("--pilot 1% runs a spread hundredth first",
              "--pilot %s is no share", text);
    return false;
}

/* "timeout,oom" as bits. */
static bool parse_retry(const char *list, struct cli_run_options *o)
{
    const char *words[ATT_OUTCOMES + 1] = {NULL};
    char word[32];

    for (int i = 0; i < ATT_OUTCOMES; i++)
        words[i] = att_outcome_text((enum att_outcome_status)i);
    while (att_text_word(&list, ",", word, sizeof word)) {
        const int status = choose("status", word, words);
        if (status < 0)
            return false;
        o->retry |= UINT32_C(1) << status;
    }
    if (o->retry == 0)
        cli_error("--status timeout,oom", "say which rows: --status");
    return o->retry != 0;
}

/* Options that are words. */
struct words {
    const char *coordinator, *progress, *stale, *shard, *pilot, *status;
};

static bool parse_words(const struct words *w, struct cli_run_options *o)
{
    static const char *const progresses[] = {
        [CLI_PROGRESS_AUTO] = "auto",
        [CLI_PROGRESS_LIVE] = "live",
        [CLI_PROGRESS_PLAIN] = "plain",
        [CLI_PROGRESS_NONE] = "none",
        NULL,
    };
    static const char *const stales[] = {
        [CLI_STALE_CHECK] = "check",
        [CLI_STALE_REDO] = "redo",
        [CLI_STALE_KEEP] = "keep",
        NULL,
    };
    static const char *const coordinators[] = {"shared", "dedicated", NULL};
    const int progress = choose("progress", w->progress, progresses);
    const int stale = choose("stale", w->stale, stales);
    const int coordinator = choose("coordinator", w->coordinator, coordinators);

    if (progress < 0 || stale < 0 || coordinator < 0)
        return false;
    o->progress = (enum cli_progress)progress;
    o->stale = (enum cli_stale)stale;
    o->dedicated = coordinator == 1;
    return (w->shard == NULL || parse_shard(w->shard, o)) &&
           (w->pilot == NULL || parse_pilot(w->pilot, o)) &&
           (w->status == NULL || parse_retry(w->status, o));
}

static const struct words DEFAULT_WORDS = {
    .coordinator = "shared", .progress = "auto", .stale = "check"};

/* What `usage` takes; its options are targets in w and o. */
static enum cli_parsed parse(const struct cli_usage *usage, int argc,
                             char **argv, const struct words *w,
                             struct cli_run_options *o)
{
    struct cli_words operands = {0};

    o->grace_s = GRACE_S;
    o->store_every_s = STORE_EVERY_S;
    const enum cli_parsed parsed = cli_parse(usage, argc, argv, &operands);
    if (parsed != CLI_GO)
        return parsed;
    o->study = operands.word[0];
    return check_patience(o) && parse_words(w, o) ? CLI_GO : CLI_WRONG;
}

enum cli_parsed cli_run_parse(int argc, char **argv, struct cli_run_options *o)
{
    struct words w = DEFAULT_WORDS;
    const struct cli_option options[] = {
        {"output", 'o', CLI_TEXT, "DIR", &o->dir,
         "run folder (default: runs/<name of the study>)"},
        {"lanes", 0, CLI_COUNT, "K", &o->lanes,
         "compute processes per rank (1 under MPI, else all)"},
        {"coordinator", 0, CLI_TEXT, "HOW", &w.coordinator,
         "shared: rank 0 computes too (default); dedicated"},
        {"until", 0, CLI_TIME, "TIME", &o->until_s,
         "start nothing that will not end within TIME"},
        {"grace", 0, CLI_TIME, "TIME", &o->grace_s,
         "how long a drain waits for tasks (default: 60s)"},
        {"lost-after", 0, CLI_TIME, "TIME", &o->lost_after_s,
         "a rank that is silent so long is lost (30s)"},
        {"store-every", 0, CLI_TIME, "TIME", &o->store_every_s,
         "write results.h5 while it runs (default: 5min)"},
        {"shard", 0, CLI_TEXT, "I/N", &w.shard,
         "only the I-th of N parts; unite them with merge"},
        {"pilot", 0, CLI_TEXT, "P%", &w.pilot,
         "a spread sample of P % goes first"},
        {"reuse", 0, CLI_WORDS, "DIR", &o->reuse,
         "take equal rows from another run; repeatable"},
        {"stale", 0, CLI_TEXT, "HOW", &w.stale,
         "rows of changed code: check (default), redo, keep"},
        {"kernel", 0, CLI_TEXT, "NAME", &o->kernel,
         "pin the instruction set: portable, avx2, avx512"},
        {"progress", 0, CLI_TEXT, "HOW", &w.progress,
         "auto, live, plain (a line every 30 s), none"},
    };
    const struct cli_usage usage = {
        .synopsis = "run STUDY|DIR|FILE [-o DIR] [OPTION...]",
        .summary = "Compute every row of a study that is not there yet.",
        .details = "Works alone, under mpirun and under srun; FILE (a store) "
                   "repeats its study.\nExit: 0 all done, 3 some tasks failed, "
                   "75 drained with work left.",
        .example = "  attest run configs/quickstart.yaml\n"
                   "  mpirun -n 8 attest run runs/quickstart",
        .option = options,
        .n_options = sizeof options / sizeof options[0],
        .min_operands = 1,
        .max_operands = 1,
    };

    return parse(&usage, argc, argv, &w, o);
}

static enum cli_parsed parse_retry_command(int argc, char **argv,
                                           struct cli_run_options *o)
{
    struct words w = DEFAULT_WORDS;

    w.status = ""; /* has to be said */
    const struct cli_option options[] = {
        {"status", 0, CLI_TEXT, "S,T", &w.status,
         "failed, timeout, oom, crashed, skipped"},
        {"task-time", 0, CLI_TIME, "TIME", &o->task_time_s,
         "time limit of a task in this run"},
        {"task-memory", 0, CLI_SIZE, "SIZE", &o->task_memory_bytes,
         "memory limit of a task in this run"},
        {"lanes", 0, CLI_COUNT, "K", &o->lanes,
         "compute processes per rank (1 under MPI, else all)"},
        {"progress", 0, CLI_TEXT, "HOW", &w.progress,
         "auto, live, plain (a line every 30 s), none"},
    };
    const struct cli_usage usage = {
        .synopsis = "retry DIR --status S,T [--task-time TIME] "
                    "[--task-memory SIZE]",
        .summary = "Compute rows that ended badly again, under other limits.",
        .details = "A success replaces the failure; the limits are no part of "
                   "a row's key.",
        .example =
            "  attest retry runs/scaling --status oom --task-memory 16GiB",
        .option = options,
        .n_options = sizeof options / sizeof options[0],
        .min_operands = 1,
        .max_operands = 1,
    };

    return parse(&usage, argc, argv, &w, o);
}

int cmd_retry(int argc, char **argv)
{
    struct cli_run r = {.argc = argc, .argv = argv};
    const enum cli_parsed parsed = parse_retry_command(argc, argv, &r.options);

    return parsed == CLI_GO ? cli_run(&r) : CLI_PARSED_EXIT(parsed);
}
