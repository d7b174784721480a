#include "batch.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attest/base/size.h"
#include "attest/store/provenance.h"

extern const char att_text_attest_sbatch[], att_text_array_sbatch[];

static const char SETTINGS_END[] = "# ---- end of the settings";

/* ---- times ----------------------------------------------------------------- */

void cli_slurm_time(double seconds, struct att_buffer *out)
{
    const int64_t s = (int64_t)ceil(seconds);

    if (s >= 86400)
        att_buffer_printf(out, "%" PRId64 "-", s / 86400);
    att_buffer_printf(out, "%02d:%02d:%02d", (int)(s % 86400 / 3600),
                      (int)(s % 3600 / 60), (int)(s % 60));
}

/* "a:b:c" into part; the count, 0 when it is something else. */
static int split_time(const char *text, double part[3])
{
    int n = 0;

    while (n < 3) {
        char *end = NULL;
        const unsigned long value = strtoul(text, &end, 10);

        if (*text < '0' || *text > '9' || value > 1000000)
            return 0;
        part[n++] = (double)value;
        if (*end == '\0')
            return n;
        if (*end != ':')
            return 0;
        text = end + 1;
    }
    return 0;
}

static bool read_slurm_time(const char *text, double *seconds)
{
    const char *dash = strchr(text, '-');
    char days[8] = "0";
    double part[3] = {0}, day[3] = {0};

    if (dash == NULL) {
        const int n = split_time(text, part);

        *seconds = n == 3 ? 3600 * part[0] + 60 * part[1] + part[2]
                          : 60 * part[0] + part[1];
        return n > 0;
    }
    if (dash - text >= (ptrdiff_t)sizeof days)
        return false;
    (void)snprintf(days, sizeof days, "%.*s", (int)(dash - text), text);
    *seconds = 0;
    if (split_time(days, day) != 1 || split_time(dash + 1, part) == 0)
        return false;
    *seconds = 86400 * day[0] + 3600 * part[0] + 60 * part[1] + part[2];
    return true;
}

att_status cli_slurm_time_parse(const char *text, double *seconds,
                                struct att_error *err)
{
    const bool good = read_slurm_time(text, seconds) ||
                      (strpbrk(text, "abcdefghijklmnopqrstuvwxyz") != NULL &&
                       att_seconds_parse(text, seconds, NULL) == ATT_OK);

    if (good && *seconds > 0)
        return ATT_OK;
    return att_fail(err, ATT_E_PARSE,
                    "'%s' is no time: 90min, 2h, or as Slurm writes it: 90 "
                    "(minutes), 2:00:00, 1-12:00:00",
                    text);
}

/* ---- lines ----------------------------------------------------------------- */

static void directive(struct att_buffer *out, const char *name,
                      const char *value)
{
    if (value[0] != '\0')
        att_buffer_printf(out, "#SBATCH --%s=%s\n", name, value);
}

static void number(struct att_buffer *out, const char *name, uint64_t value)
{
    att_buffer_printf(out, "#SBATCH --%s=%" PRIu64 "\n", name, value);
}

/* A word that a shell reads back as it is. */
static void setting(struct att_buffer *out, const char *name, const char *value)
{
    att_buffer_printf(out, "%s='", name);
    for (; *value != '\0'; value++) {
        if (*value == '\'') {
            att_buffer_text(out, "'\\''");
        } else {
            att_buffer_printf(out, "%c", *value);
        }
    }
    att_buffer_text(out, "'\n");
}

static void begin(const struct cli_batch *b, const char *what,
                  struct att_buffer *out)
{
    att_buffer_printf(out,
                      "#!/usr/bin/env bash\n"
                      "# %s, written by attest submit (%s).\n"
                      "# Below the settings it is jobs/%s.\n",
                      what, att_version(),
                      b->script == NULL ? "attest.sbatch" : "array.sbatch");
}

static void site_lines(const struct att_site *site, struct att_buffer *out)
{
    directive(out, "partition", site->partition);
    directive(out, "account", site->account);
    directive(out, "qos", site->qos);
    directive(out, "mem-per-cpu", site->memory_per_cpu);
    for (uint64_t i = 0; i < site->n_directives; i++)
        att_buffer_printf(out, "#SBATCH %s\n", site->directive[i]);
    att_buffer_text(out, "#SBATCH --open-mode=append\n");
}

static void modules(const struct att_site *site, struct att_buffer *out)
{
    if (site->n_modules == 0)
        return;
    att_buffer_text(out, "module load");
    for (uint64_t i = 0; i < site->n_modules; i++)
        att_buffer_printf(out, " %s", site->module[i]);
    att_buffer_text(out, "\n");
}

/* What follows the settings of a template. */
static void body(const char *template, struct att_buffer *out)
{
    const char *end = strstr(template, SETTINGS_END);

    if (end != NULL)
        att_buffer_text(out, end);
}

/* ---- scripts --------------------------------------------------------------- */

static void time_lines(const struct att_site *site, struct att_buffer *out)
{
    att_buffer_text(out, "#SBATCH --time=");
    cli_slurm_time(site->time_s, out);
    att_buffer_printf(out, "\n#SBATCH --signal=B:USR1@%.0f\n", site->notice_s);
    att_buffer_printf(out, "#SBATCH --%s\n",
                      site->go_on == ATT_GO_ON_REQUEUE ? "requeue"
                                                       : "no-requeue");
}

void cli_batch_script(const struct cli_batch *b, struct att_buffer *out)
{
    const struct att_site *site = b->site;

    begin(b, "A study that survives its time limit", out);
    directive(out, "job-name", b->name);
    if (b->n_shards == 0) {
        att_buffer_printf(out, "#SBATCH --output=%s/slurm-%%j.log\n", b->run);
    }
    number(out, "nodes", site->nodes);
    number(out, "ntasks-per-node", site->tasks_per_node);
    number(out, "cpus-per-task", site->cpus_per_task);
    time_lines(site, out);
    site_lines(site, out);
    att_buffer_text(out, "set -uo pipefail\n\n# ---- settings\n");
    setting(out, "study", b->study);
    setting(out, "run", b->run);
    setting(out, "attest", b->program);
    setting(out, "launcher", site->launcher);
    setting(out, "mpi", site->mpi);
    setting(out, "go_on", att_site_go_on_text(site->go_on));
    att_buffer_printf(out, "notice=%.0f\narguments=()\n", site->notice_s);
    modules(site, out);
    body(att_text_attest_sbatch, out);
}

void cli_batch_merge_script(const struct cli_batch *b, struct att_buffer *out)
{
    begin(b, "Shards of a study, and the job that merges them", out);
    att_buffer_printf(out, "#SBATCH --job-name=%s-merge\n", b->name);
    number(out, "nodes", 1);
    number(out, "ntasks", 1);
    directive(out, "time", "00:30:00");
    site_lines(b->site, out);
    att_buffer_text(out, "set -euo pipefail\n\n# ---- settings\n");
    setting(out, "study", b->study);
    setting(out, "run", b->run);
    att_buffer_printf(out, "shards=%" PRIu64 "\n", b->n_shards);
    setting(out, "attest", b->program);
    setting(out, "elements", b->script);
    setting(out, "name", b->name);
    att_buffer_text(out, "options=()\n");
    modules(b->site, out);
    body(att_text_array_sbatch, out);
}
