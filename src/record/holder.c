/* holder.c - which process this is, and whether another one still runs. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lock_priv.h"

enum { PROC_TEXT = 1024 };

/* The first line of a file under /proc, without its newline; "" on failure. */
static void read_line(const char *path, char line[PROC_TEXT])
{
    FILE *const file = fopen(path, "re");

    line[0] = '\0';
    if (file == NULL)
        return;
    if (fgets(line, PROC_TEXT, file) == NULL)
        line[0] = '\0';
    line[strcspn(line, "\n")] = '\0';
    (void)fclose(file);
}

/* State letter and start time of a process; false when there is none.
 * In /proc/<pid>/stat the name, in parentheses, may hold anything: fields are
 * counted from the last one on, the state being the third of all and the start
 * time the 22nd. */
static bool read_stat(int64_t pid, char *state, uint64_t *start_ticks)
{
    char path[64], line[PROC_TEXT];

    (void)snprintf(path, sizeof path, "/proc/%lld/stat", (long long)pid);
    read_line(path, line);
    char *at = strrchr(line, ')');

    if (at == NULL || at[1] != ' ')
        return false;
    *state = at[2];
    at += 2;
    for (int field = 3; field < 22 && at != NULL; field++) {
        at = strchr(at, ' ');
        at += at != NULL;
    }
    if (at == NULL)
        return false;
    *start_ticks = strtoull(at, NULL, 10);
    return true;
}

/* A pid means the same process only within one boot and one pid namespace. */
static void read_space(char space[ATT_LOCK_TEXT])
{
    char boot[PROC_TEXT], names[64];

    space[0] = '\0';
    read_line("/proc/sys/kernel/random/boot_id", boot);
    const ssize_t n = readlink("/proc/self/ns/pid", names, sizeof names - 1);

    if (boot[0] == '\0' || n < 0)
        return;
    names[n] = '\0';
    (void)snprintf(space, ATT_LOCK_TEXT, "%.40s %.48s", boot, names);
}

static uint64_t number_from(const char *variable)
{
    const char *const text = getenv(variable);

    return text == NULL ? 0 : strtoull(text, NULL, 10);
}

void att_lock_self(struct att_lock_holder *self)
{
    const char *const cluster = getenv("SLURM_CLUSTER_NAME");
    char state = 0;

    *self = (struct att_lock_holder){.pid = getpid()};
    if (gethostname(self->host, sizeof self->host - 1) != 0)
        (void)snprintf(self->host, sizeof self->host, "unknown");
    read_space(self->space);
    (void)read_stat(self->pid, &state, &self->start_ticks);
    (void)snprintf(self->cluster, sizeof self->cluster, "%s",
                   cluster == NULL ? "" : cluster);
    self->job = number_from("SLURM_JOB_ID");
    self->step = number_from("SLURM_STEP_ID");
    self->restart = number_from("SLURM_RESTART_COUNT");
}

bool att_holder_gone(const struct att_lock_holder *h,
                     const struct att_lock_holder *self)
{
    uint64_t start_ticks = 0;
    char state = 0;

    if (h->space[0] == '\0' || strcmp(h->space, self->space) != 0)
        return false; /* its pid says nothing here */
    if (kill((pid_t)h->pid, 0) != 0 && errno == ESRCH)
        return true;
    if (!read_stat(h->pid, &state, &start_ticks))
        return false;
    return start_ticks != h->start_ticks || state == 'Z' || state == 'X';
}
