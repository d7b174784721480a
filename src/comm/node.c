/* node.c - host name, free memory, CPUs. */
#include "attest/comm/node.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attest/base/buffer.h"
#include "attest/lane/cpus.h"

/* The number that follows label in a file such as /proc/meminfo; negative
 * when the file or the label is not there. */
static double labelled(const char *path, const char *label)
{
    struct att_buffer text = {0};
    double value = -1;

    if (att_file_read(path, &text, NULL) == ATT_OK && text.size > 0) {
        const char *at = strstr(text.data, label);

        if (at != NULL)
            value = strtod(at + strlen(label), NULL);
    }
    att_buffer_fini(&text);
    return value;
}

/* The number in a file that holds one; negative when it does not ("max"). */
static double single(const char *path)
{
    struct att_buffer text = {0};
    double value = -1;

    if (att_file_read(path, &text, NULL) == ATT_OK && text.size > 0) {
        char *end = NULL;

        value = strtod(text.data, &end);
        if (end == text.data)
            value = -1;
    }
    att_buffer_fini(&text);
    return value;
}

/* The path of this process in the memory hierarchy: version 2 ("0::/a/b") or
 * version 1 ("7:memory:/a/b").  False when there is none. */
static bool group_path(const char *mark, char *out, size_t size)
{
    struct att_buffer text = {0};
    bool found = false;

    if (att_file_read("/proc/self/cgroup", &text, NULL) == ATT_OK &&
        text.size > 0) {
        const char *at = strstr(text.data, mark);

        if (at != NULL) {
            at += strlen(mark);
            (void)snprintf(out, size, "%.*s", (int)strcspn(at, "\n"), at);
            found = true;
        }
    }
    att_buffer_fini(&text);
    return found;
}

/* Room under one group's limit; INFINITY when it has none. */
static double group_room(const char *folder, const char *limit_name,
                         const char *usage_name)
{
    char path[1024];

    (void)snprintf(path, sizeof path, "%s/%s", folder, limit_name);
    const double limit = single(path);

    (void)snprintf(path, sizeof path, "%s/%s", folder, usage_name);
    const double usage = single(path);

    if (limit < 0)
        return (double)INFINITY;
    return fmax(0, limit - fmax(0, usage));
}

struct hierarchy {
    const char *mark, *root, *limit, *usage;
};

/* The least room on the way from this process's group up to the root. */
static double hierarchy_room(const struct hierarchy *h)
{
    double room = (double)INFINITY;
    char group[512] = "";

    if (!group_path(h->mark, group, sizeof group))
        return room;
    for (;;) {
        char folder[768];

        (void)snprintf(folder, sizeof folder, "%s%s", h->root, group);
        room = fmin(room, group_room(folder, h->limit, h->usage));
        char *slash = strrchr(group, '/');

        if (slash == NULL)
            return room;
        *slash = '\0';
    }
}

/* Slurm's share of this node for the job: MiB per node, or per CPU. */
static double slurm_room(uint32_t n_cpus)
{
    const char *per_node = getenv("SLURM_MEM_PER_NODE");
    const char *per_cpu = getenv("SLURM_MEM_PER_CPU");
    const double mib = 1024.0 * 1024.0;

    if (per_node != NULL && strtod(per_node, NULL) > 0)
        return mib * strtod(per_node, NULL);
    if (per_cpu != NULL && strtod(per_cpu, NULL) > 0)
        return mib * strtod(per_cpu, NULL) * n_cpus;
    return (double)INFINITY;
}

static double free_memory(uint32_t n_cpus)
{
    static const struct hierarchy hierarchies[] = {
        {"0::", "/sys/fs/cgroup", "memory.max", "memory.current"},
        {":memory:", "/sys/fs/cgroup/memory", "memory.limit_in_bytes",
         "memory.usage_in_bytes"},
    };
    const double available = labelled("/proc/meminfo", "MemAvailable:");
    double room = available > 0 ? 1024 * available : (double)INFINITY;

    for (size_t i = 0; i < sizeof hierarchies / sizeof *hierarchies; i++)
        room = fmin(room, hierarchy_room(&hierarchies[i]));
    room = fmin(room, slurm_room(n_cpus));
    return isinf(room) ? 0 : room;
}

void att_node_read(struct att_node *out)
{
    struct att_cpu *cpu = malloc(ATT_CPUS * sizeof *cpu);
    const uint32_t n = cpu == NULL ? 0 : att_cpus_allowed(cpu, ATT_CPUS);

    free(cpu);
    *out = (struct att_node){.n_cpus = n > 0 ? n : 1};
    if (gethostname(out->host, sizeof out->host) != 0)
        (void)snprintf(out->host, sizeof out->host, "unknown");
    out->host[sizeof out->host - 1] = '\0';
    out->memory_bytes = free_memory(out->n_cpus);
}
