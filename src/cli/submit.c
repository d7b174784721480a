/* submit.c - a study becomes a batch script and a job of Slurm. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attest/base/arena.h"
#include "attest/base/child.h"
#include "batch.h"
#include "cli_priv.h"
#include "folder.h"
#include "session.h"

enum { NOT_FOUND = 127 }; /* a shell's exit code */

struct submit {
    const char *study, *dir, *site_path; /* as given */
    const char *time, *partition, *account, *qos, *launcher;
    int64_t nodes, tasks, cpus, n_shards;
    struct cli_words modules;
    bool no_requeue, dry_run;

    struct att_arena *arena;
    struct att_site site;
    /* the run; what its scripts stand in: the run, or beside what they merge */
    char run[PATH_MAX], folder[PATH_MAX + 16];
    char script[PATH_MAX + 32], merge[PATH_MAX + 32];
    char study_path[PATH_MAX], program[PATH_MAX], name[128];
};

/* ---- what is asked ---------------------------------------------------------- */

static int read_site(struct submit *s)
{
    const char *path =
        s->site_path != NULL ? s->site_path : getenv("ATTEST_SITE");
    struct att_buffer diagnostics = {0};
    struct att_error err = {0};
    int code = CLI_DONE;

    s->site = att_site_default();
    if (path == NULL && access("site.yaml", R_OK) == 0)
        path = "site.yaml";
    if (path != NULL &&
        att_site_load(path, s->arena, &s->site, &diagnostics, &err) != ATT_OK) {
        if (diagnostics.size > 0)
            (void)fputs(diagnostics.data, stderr);
        (void)cli_fail(&err);
        code = CLI_USAGE;
    }
    att_buffer_fini(&diagnostics);
    return code;
}

static int take_time(struct submit *s)
{
    struct att_error err = {0};

    if (s->time != NULL &&
        cli_slurm_time_parse(s->time, &s->site.time_s, &err) != ATT_OK) {
        cli_error(NULL, "--time: %s", err.text);
        return CLI_USAGE;
    }
    if (s->site.time_s < 60) {
        cli_warn(
            "--time %s is %.0f s to Slurm, which counts whole minutes; ten "
            "minutes are 10, 10min or 0:10:00",
            s->time, s->site.time_s);
        s->site.time_s = 60;
    }
    /* a drain that begins at once would compute nothing */
    if (s->site.notice_s > s->site.time_s / 2)
        s->site.notice_s = s->site.time_s / 2;
    return CLI_DONE;
}

/* Options go before the site's wishes. */
static int take_options(struct submit *s)
{
    struct att_site *site = &s->site;
    const struct {
        const char *given;
        const char **place;
    } texts[] = {{s->partition, &site->partition},
                 {s->account, &site->account},
                 {s->qos, &site->qos},
                 {s->launcher, &site->launcher}};
    const struct {
        int64_t given;
        uint64_t *place;
    } counts[] = {{s->nodes, &site->nodes},
                  {s->tasks, &site->tasks_per_node},
                  {s->cpus, &site->cpus_per_task}};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (texts[i].given != NULL)
            *texts[i].place = texts[i].given;
    }
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        if (counts[i].given > 0)
            *counts[i].place = (uint64_t)counts[i].given;
    }
    if (s->modules.n > 0) {
        site->module = s->modules.word;
        site->n_modules = (uint64_t)s->modules.n;
    }
    if (s->no_requeue && site->go_on == ATT_GO_ON_REQUEUE)
        site->go_on = ATT_GO_ON_RESUBMIT;
    if (!att_site_launcher(site->launcher)) {
        cli_error("srun or mpirun", "--launcher %s is unknown", site->launcher);
        return CLI_USAGE;
    }
    return take_time(s);
}

/* ---- where things are -------------------------------------------------------- */

static int name_paths(struct submit *s, const struct cli_session *session)
{
    const ssize_t n =
        readlink("/proc/self/exe", s->program, sizeof s->program - 1);
    char here[PATH_MAX], runs[PATH_MAX];
    const char *dir = s->dir;

    if (dir == NULL) {
        (void)snprintf(runs, sizeof runs, "runs/%s", session->study->name);
        dir = runs;
    }
    if (n <= 0 || getcwd(here, sizeof here) == NULL ||
        realpath(s->study, s->study_path) == NULL) {
        cli_error(NULL, "cannot find the way to %s: %s", s->study,
                  strerror(errno));
        return CLI_TROUBLE;
    }
    s->program[n] = '\0';
    const int length =
        snprintf(s->run, sizeof s->run, "%s%s%s", dir[0] == '/' ? "" : here,
                 dir[0] == '/' ? "" : "/", dir);
    if (length >= (int)sizeof s->run - 16) {
        cli_error(NULL, "the path of %s is too long", dir);
        return CLI_USAGE;
    }
    (void)snprintf(s->name, sizeof s->name, "attest-%s", session->study->name);
    (void)snprintf(s->folder, sizeof s->folder, "%s%s", s->run,
                   s->n_shards > 0 ? ".shards" : "");
    (void)snprintf(s->script, sizeof s->script, "%s/submit.sbatch", s->folder);
    (void)snprintf(s->merge, sizeof s->merge, "%s/merge.sbatch", s->folder);
    return CLI_DONE;
}

static int make_folder(const struct submit *s)
{
    struct cli_folder folder;
    struct att_error err = {0};

    return cli_folder_name(&folder, s->folder, &err) == ATT_OK &&
                   cli_folder_make(&folder, &err) == ATT_OK
               ? CLI_DONE
               : cli_fail(&err);
}

/* Show a script, and write it unless nothing is to be done. */
static int put_script(const struct submit *s, const char *path,
                      const struct att_buffer *text)
{
    struct att_error err = {0};

    if (!att_buffer_ok(text)) {
        cli_error(NULL, "out of memory writing %s", path);
        return CLI_TROUBLE;
    }
    (void)printf("%s\n", text->data);
    if (s->dry_run)
        return CLI_DONE;
    if (att_file_replace(path, text->data, text->size, false, &err) != ATT_OK)
        return cli_fail(&err);
    if (chmod(path, 0755) != 0) {
        cli_error(NULL, "cannot make %s executable: %s", path, strerror(errno));
        return CLI_TROUBLE;
    }
    (void)fprintf(stderr, "attest: written: %s\n", path);
    return CLI_DONE;
}

static int put_scripts(struct submit *s)
{
    struct cli_batch batch = {
        .study = s->study_path,
        .run = s->folder,
        .program = s->program,
        .name = s->name,
        .site = &s->site,
        .n_shards = (uint64_t)s->n_shards,
    };
    struct att_buffer text = {0};

    cli_batch_script(&batch, &text);
    int code = put_script(s, s->script, &text);
    if (code == CLI_DONE && s->n_shards > 0) {
        att_buffer_clear(&text);
        batch.run = s->run;
        batch.script = s->script;
        cli_batch_merge_script(&batch, &text);
        code = put_script(s, s->merge, &text);
    }
    att_buffer_fini(&text);
    return code;
}

/* ---- the job ------------------------------------------------------------------- */

/* An array's merge script submits the elements and itself. */
static int hand_over(const struct submit *s)
{
    const char *const sbatch[] = {"sbatch", s->script, NULL};
    const char *const merge[] = {s->merge, NULL};
    const struct att_child child = {
        .words = s->n_shards > 0 ? merge : sbatch,
        .in = STDIN_FILENO,
        .out = STDOUT_FILENO,
        .err = STDERR_FILENO,
    };
    struct att_error err = {0};
    pid_t pid = 0;

    (void)fflush(NULL);
    if (s->n_shards > 0)
        (void)unsetenv("SLURM_JOB_ID"); /* the script asks who runs it */
    if (att_child_start(&child, &pid, &err) != ATT_OK &&
        err.status != ATT_E_UNSUPPORTED)
        return cli_fail(&err);

    const int code = err.status == ATT_OK ? att_child_wait(pid) : NOT_FOUND;

    if (code == NOT_FOUND) {
        cli_error("submit from a login node, or only write it: --dry-run",
                  "there is no sbatch on this machine");
    } else if (code != 0) {
        cli_error("sbatch says why above; the script stays for another try",
                  "the job was not accepted");
    }
    return code == 0 ? CLI_DONE : CLI_TROUBLE;
}

static int submit_study(struct submit *s)
{
    struct cli_session session;

    int code = cli_session_open(&session, s->study, NULL, true);
    if (code != CLI_DONE)
        return code;
    code = name_paths(s, &session);
    if (code == CLI_DONE && s->n_shards > 0 && cli_is_folder(s->run)) {
        cli_error("the shards are merged there: name another folder with -o",
                  "%s is there already", s->run);
        code = CLI_USAGE;
    }
    if (code == CLI_DONE) {
        (void)fprintf(stderr, "attest: %s: %" PRIu64 " numbered tasks\n",
                      session.study->name, att_plan_size(session.plan));
    }
    cli_session_close(&session);
    if (code == CLI_DONE && !s->dry_run)
        code = make_folder(s);
    if (code == CLI_DONE)
        code = put_scripts(s);
    return code == CLI_DONE && !s->dry_run ? hand_over(s) : code;
}

static int submit(struct submit *s)
{
    s->arena = att_arena_create(0);
    if (s->arena == NULL) {
        cli_error(NULL, "out of memory");
        return CLI_TROUBLE;
    }
    int code = read_site(s);
    if (code == CLI_DONE)
        code = take_options(s);
    if (code == CLI_DONE)
        code = submit_study(s);
    att_arena_destroy(s->arena);
    return code;
}

int cmd_submit(int argc, char **argv)
{
    struct submit *s = calloc(1, sizeof *s);

    if (s == NULL)
        return CLI_TROUBLE;
    const struct cli_option options[] = {
        {"output", 'o', CLI_TEXT, "DIR", &s->dir,
         "run folder (default: runs/<name of the study>)"},
        {"nodes", 0, CLI_COUNT, "N", &s->nodes, "nodes of the job"},
        {"tasks", 0, CLI_COUNT, "N", &s->tasks, "ranks on each node"},
        {"cpus", 0, CLI_COUNT, "N", &s->cpus, "processors of each rank"},
        {"time", 0, CLI_TEXT, "TIME", &s->time,
         "limit: 90min, 2h, or as Slurm writes it"},
        {"array", 0, CLI_COUNT, "N", &s->n_shards,
         "N shards as an array, and a job that merges"},
        {"partition", 0, CLI_TEXT, "NAME", &s->partition, "where it runs"},
        {"account", 0, CLI_TEXT, "NAME", &s->account, "who pays"},
        {"qos", 0, CLI_TEXT, "NAME", &s->qos, "quality of service"},
        {"module", 0, CLI_WORDS, "NAME", &s->modules,
         "module to load; repeatable"},
        {"launcher", 0, CLI_TEXT, "HOW", &s->launcher,
         "srun (default), mpirun"},
        {"no-requeue", 0, CLI_SWITCH, NULL, &s->no_requeue,
         "a dependent job goes on instead"},
        {"site", 0, CLI_TEXT, "FILE", &s->site_path,
         "defaults of the cluster ($ATTEST_SITE, site.yaml)"},
        {"dry-run", 0, CLI_SWITCH, NULL, &s->dry_run,
         "show the script, do nothing"},
    };
    const struct cli_usage usage = {
        .synopsis = "submit STUDY [OPTION...]",
        .summary = "Write a batch script, show it, and submit it to Slurm.",
        .details = "",
        .example = "  attest submit study.yaml --nodes 3 --time 2h",
        .option = options,
        .n_options = sizeof options / sizeof options[0],
        .min_operands = 1,
        .max_operands = 1,
    };
    struct cli_words operands = {0};
    const enum cli_parsed parsed = cli_parse(&usage, argc, argv, &operands);
    int code = CLI_PARSED_EXIT(parsed);

    if (parsed == CLI_GO) {
        s->study = operands.word[0];
        code = submit(s);
    }
    free(s);
    return code;
}
