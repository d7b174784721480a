#include "comment.h"

#include <stdio.h>
#include <stdlib.h>

#include "attest/base/child.h"
#include "attest/base/clock.h"
#include "attest/base/log.h"

static const double FIRST_S = 2, EVERY_S = 60, LAST_S = 3;

/* The number of this job: of one element where it is an array, since one of
 * the elements has the number of all. */
static void name_job(char *job, size_t size)
{
    const char *const id = getenv("SLURM_JOB_ID");
    const char *const array = getenv("SLURM_ARRAY_JOB_ID");
    const char *const element = getenv("SLURM_ARRAY_TASK_ID");

    if (id != NULL && array != NULL && element != NULL) {
        (void)snprintf(job, size, "%s_%s", array, element);
    } else if (id != NULL) {
        (void)snprintf(job, size, "%s", id);
    }
}

void cli_comment_init(struct cli_comment *c, double now)
{
    *c = (struct cli_comment){.next = now + FIRST_S};
    name_job(c->job, sizeof c->job);
}

/* See to the last writer; who cannot write once is not asked again. */
static bool is_free(struct cli_comment *c)
{
    int code = 0;

    if (c->writer == 0)
        return true;
    if (!att_child_over(c->writer, &code))
        return false;
    c->writer = 0;
    if (code != 0) {
        att_log(ATT_LOG_INFO, "the job's comment cannot be set: squeue shows "
                              "no progress");
        c->job[0] = '\0';
    }
    return true;
}

bool cli_comment_due(const struct cli_comment *c, double now)
{
    return c->job[0] != '\0' && now >= c->next;
}

static void start(struct cli_comment *c, const char *text)
{
    char job[80], comment[256];
    const char *const words[] = {"scontrol", "update", job, comment, NULL};
    const struct att_child scontrol = {
        .words = words,
        .in = ATT_CHILD_NULL,
        .out = ATT_CHILD_NULL,
        .err = ATT_CHILD_NULL,
    };

    (void)snprintf(job, sizeof job, "JobId=%s", c->job);
    (void)snprintf(comment, sizeof comment, "Comment=%s", text);
    if (att_child_start(&scontrol, &c->writer, NULL) != ATT_OK) {
        c->writer = 0;
        c->job[0] = '\0';
    }
}

void cli_comment_set(struct cli_comment *c, const char *text, double now)
{
    c->next = now + EVERY_S;
    if (is_free(c) && c->job[0] != '\0')
        start(c, text);
}

/* Until the writer has ended, or it takes too long. */
static void await(struct cli_comment *c)
{
    const double end = att_clock_s() + LAST_S;

    while (!is_free(c) && att_clock_s() < end)
        att_sleep_s(0.02);
    if (c->writer > 0)
        att_child_kill(c->writer);
    c->writer = 0;
}

void cli_comment_end(struct cli_comment *c, const char *text)
{
    if (c->job[0] == '\0')
        return;
    await(c);
    if (c->job[0] != '\0')
        start(c, text);
    await(c);
}
