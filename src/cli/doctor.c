/* doctor.c - is this machine set up as attest needs it? */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "attest/base/size.h"
#include "attest/comm/comm.h"
#include "attest/linalg/cpu.h"
#include "attest/store/provenance.h"
#include "cli_priv.h"
#include "json.h"

enum grade { GOOD, NOTE, BAD };

/* Findings go to the terminal or into JSON; the worst decides the exit. */
struct doctor {
    json_t *list; /* NULL: print */
    enum grade worst;
};

static const char *const GRADES[] = {
    [GOOD] = "ok", [NOTE] = "note", [BAD] = "PROBLEM"};

static void say(struct doctor *d, enum grade grade, const char *topic,
                const char *fmt, ...) ATT_PRINTF(4, 5);

static void say(struct doctor *d, enum grade grade, const char *topic,
                const char *fmt, ...)
{
    char text[512];
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (grade > d->worst)
        d->worst = grade;
    if (d->list == NULL) {
        (void)printf("%-8s %-12s %s\n", GRADES[grade], topic, text);
        return;
    }
    json_array_append_new(d->list,
                          json_pack("{s:s, s:s, s:s}", "grade", GRADES[grade],
                                    "topic", topic, "text", text));
}

static void look_at_launch(struct doctor *d)
{
    struct att_launch launch;
    const char *nodes = getenv("SLURM_JOB_NUM_NODES");

    att_launch_detect(&launch);
    if (!launch.mpi) {
        say(d, GOOD, "launcher", "none: one rank with a lane per core");
    } else {
        say(d, GOOD, "launcher", "%s, local rank %u of %u", launch.by,
            launch.local_rank, launch.local_size);
    }
    if (launch.slurm_step && launch.slurm_tasks > 1 && !launch.mpi) {
        say(d, BAD, "slurm",
            "srun started %u tasks without MPI: use srun --mpi=pmix",
            launch.slurm_tasks);
    } else if (nodes != NULL) {
        say(d, GOOD, "slurm", "job %s on %s nodes",
            getenv("SLURM_JOB_ID") != NULL ? getenv("SLURM_JOB_ID") : "?",
            nodes);
    }
    if (geteuid() == 0 && getenv("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM") == NULL) {
        say(d, NOTE, "root",
            "mpirun refuses root unless OMPI_ALLOW_RUN_AS_ROOT=1 and "
            "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1");
    }
}

static unsigned threads_of_this_process(void)
{
    FILE *f = fopen("/proc/self/status", "re");
    char line[256];
    unsigned n = 0;

    while (f != NULL && fgets(line, sizeof line, f) != NULL) {
        if (strncmp(line, "Threads:", 8) == 0)
            n = (unsigned)strtoul(line + 8, NULL, 10);
    }
    if (f != NULL)
        (void)fclose(f);
    return n;
}

static void look_at_processor(struct doctor *d, const struct att_node *node)
{
    char kernel[ATT_KERNEL_NAME];
    char memory[ATT_HUMAN_TEXT];
    const unsigned threads = threads_of_this_process();

    say(d, GOOD, "cpus", "%u that this job may use on %s", node->n_cpus,
        node->host);
    say(d, GOOD, "memory", "%s for tasks now",
        att_bytes_text((uint64_t)node->memory_bytes, memory));
    say(d, GOOD, "kernels", "%s", att_kernel_name(kernel));
    if (threads > 1) {
        say(d, BAD, "blas",
            "the BLAS started %u threads when it was loaded: link the serial "
            "variant, or set OPENBLAS_NUM_THREADS=1",
            threads - 1);
    } else {
        say(d, GOOD, "blas", "one thread per lane");
    }
}

static void look_at_folder(struct doctor *d, const char *dir)
{
    struct statvfs fs;
    char text[ATT_HUMAN_TEXT];

    if (access(dir, W_OK) != 0) {
        say(d, BAD, "folder", "%s cannot be written", dir);
        return;
    }
    if (statvfs(dir, &fs) != 0) {
        say(d, NOTE, "folder", "%s: free space unknown", dir);
        return;
    }
    const uint64_t left = (uint64_t)fs.f_bavail * fs.f_frsize;
    say(d, left < ((uint64_t)1 << 30) ? NOTE : GOOD, "folder",
        "%s has %s free for you", dir, att_bytes_text(left, text));
}

static void look_at_libraries(struct doctor *d)
{
    struct att_provenance *p = att_provenance_collect(0, NULL);
    static const char *const facts[] = {"compiler", "hdf5", "blas",
                                        "libraries"};

    for (size_t i = 0; p != NULL && i < sizeof facts / sizeof facts[0]; i++) {
        const char *text = att_provenance_get(p, facts[i]);

        if (text != NULL && text[0] != '\0')
            say(d, GOOD, facts[i], "%s", text);
    }
    att_provenance_destroy(p);
    if (!ATT_HAVE_MPI) {
        say(d, NOTE, "mpi",
            "left out of this build: one node, and array shards with merge");
    }
}

static int examine(const char *dir, bool json)
{
    struct doctor d = {.list = json ? json_array() : NULL};
    struct att_node node;

    att_node_read(&node);
    look_at_launch(&d);
    look_at_processor(&d, &node);
    look_at_libraries(&d);
    look_at_folder(&d, dir);
    int code = d.worst == BAD ? CLI_TROUBLE : CLI_DONE;
    if (json) {
        json_t *root = cli_json_begin("doctor");

        json_object_set_new(root, "findings", d.list);
        const int printed = cli_json_end(root);
        code = printed != CLI_DONE ? printed : code;
    }
    return code;
}

int cmd_doctor(int argc, char **argv)
{
    bool json = false;
    const struct cli_option options[] = {
        {"json", 0, CLI_SWITCH, NULL, &json, "print JSON"},
    };
    const struct cli_usage usage = {
        .synopsis = "doctor [DIR] [--json]",
        .summary = "Look for what would make a run slow or fail on this "
                   "machine.",
        .details = "Run it as you run attest (under mpirun, srun) to see what "
                   "a rank sees.\nExit code 1 when there is a problem.",
        .example = "  attest doctor\n  srun --mpi=pmix -n 2 attest doctor",
        .option = options,
        .n_options = 1,
        .max_operands = 1,
    };
    struct cli_words operands = {0};
    const enum cli_parsed parsed = cli_parse(&usage, argc, argv, &operands);

    if (parsed != CLI_GO)
        return CLI_PARSED_EXIT(parsed);
    return examine(operands.n > 0 ? operands.word[0] : ".", json);
}
