#include "attest/lane/cpus.h"

#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A set of CPU numbers, wide enough for every machine. */
struct cpus {
    cpu_set_t *set;
    size_t bytes;
};

static bool cpus_init(struct cpus *c)
{
    c->bytes = CPU_ALLOC_SIZE(ATT_CPUS);
    c->set = CPU_ALLOC(ATT_CPUS);
    if (c->set != NULL)
        CPU_ZERO_S(c->bytes, c->set);
    return c->set != NULL;
}

static void cpus_fini(struct cpus *c)
{
    CPU_FREE(c->set);
}

static bool binding(struct cpus *c)
{
    return sched_getaffinity(0, c->bytes, c->set) == 0;
}

/* Ask for everything, read what was granted, put the binding back. */
static bool allowance(struct cpus *c)
{
    struct cpus before;
    bool known = false;

    if (!cpus_init(&before))
        return false;
    if (binding(&before)) {
        memset(c->set, 0xff, c->bytes);
        known = sched_setaffinity(0, c->bytes, c->set) == 0 && binding(c);
        known = sched_setaffinity(0, before.bytes, before.set) == 0 && known;
    }
    cpus_fini(&before);
    return known;
}

/* /sys/devices/system/cpu/cpu<id>/topology/<what>, or other. */
static int topology(int id, const char *what, int other)
{
    char path[96], line[32];

    (void)snprintf(path, sizeof path,
                   "/sys/devices/system/cpu/cpu%d/topology/%s", id, what);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return other;
    char *end = line;
    long value = 0;
    if (fgets(line, sizeof line, file) != NULL)
        value = strtol(line, &end, 10);
    (void)fclose(file);
    return end == line || value < 0 ? other : (int)value;
}

/* Without topology every CPU counts as a core of its own. */
static uint32_t list_cpus(const struct cpus *c, struct att_cpu *out,
                          uint32_t capacity)
{
    uint32_t n = 0;

    for (int id = 0; id < ATT_CPUS && n < capacity; id++) {
        if (!CPU_ISSET_S((size_t)id, c->bytes, c->set))
            continue;
        out[n++] = (struct att_cpu){
            .id = id,
            .package = topology(id, "physical_package_id", 0),
            .core = topology(id, "core_id", id),
        };
    }
    return n;
}

uint32_t att_cpus_allowed(struct att_cpu *out, uint32_t capacity)
{
    struct cpus all;
    uint32_t n = 0;

    if (!cpus_init(&all))
        return 0;
    if (allowance(&all))
        n = list_cpus(&all, out, capacity);
    cpus_fini(&all);
    return n;
}

static int by_core(const void *a, const void *b)
{
    const struct att_cpu *x = a, *y = b;

    if (x->package != y->package)
        return x->package < y->package ? -1 : 1;
    if (x->core != y->core)
        return x->core < y->core ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

/* How many CPUs of the same core stand directly before cpu[i]. */
static uint32_t thread_of(const struct att_cpu *cpu, uint32_t i)
{
    uint32_t t = 0;

    while (t < i && cpu[i - t - 1].core == cpu[i].core &&
           cpu[i - t - 1].package == cpu[i].package)
        t++;
    return t;
}

/* First threads of all cores, then the second threads, and so on. */
static uint32_t order_block(const struct att_cpu *cpu, uint32_t n, int *out)
{
    uint32_t written = 0;

    for (uint32_t thread = 0; written < n; thread++) {
        for (uint32_t i = 0; i < n; i++) {
            if (thread_of(cpu, i) == thread)
                out[written++] = cpu[i].id;
        }
    }
    return written;
}

uint32_t att_cpus_share(struct att_cpu *cpu, uint32_t n, uint32_t r,
                        uint32_t n_ranks, int *out)
{
    if (n == 0 || n_ranks == 0)
        return 0;
    qsort(cpu, n, sizeof *cpu, by_core);
    if (n < n_ranks) {
        out[0] = cpu[r % n].id;
        return 1;
    }
    const uint32_t first = (uint32_t)((uint64_t)n * r / n_ranks);
    const uint32_t end = (uint32_t)((uint64_t)n * (r + 1) / n_ranks);

    return order_block(cpu + first, end - first, out);
}

/* Is the binding a decision that leaves every lane a CPU? */
static bool decided(const struct cpus *bound, const struct cpus *all,
                    uint32_t n_lanes)
{
    const int n = CPU_COUNT_S(bound->bytes, bound->set);

    return n < CPU_COUNT_S(all->bytes, all->set) && n > 0 &&
           (uint32_t)n >= n_lanes;
}

static uint32_t choose(const struct att_lane_place *place, struct cpus *bound,
                       struct cpus *all, int *out, uint32_t capacity)
{
    uint32_t n = 0;

    if (!binding(bound) || !allowance(all))
        return 0;
    const bool keep = decided(bound, all, place->n_lanes);
    struct att_cpu *cpu = calloc(capacity, sizeof *cpu);
    if (cpu == NULL)
        return 0;
    n = list_cpus(keep ? bound : all, cpu, capacity);
    n = att_cpus_share(cpu, n, keep ? 0 : place->local_rank,
                       keep ? 1 : place->n_local_ranks, out);
    free(cpu);
    return n;
}

uint32_t att_lane_cpus(const struct att_lane_place *place, int *out,
                       uint32_t capacity)
{
    struct cpus bound = {0}, all = {0};
    uint32_t n = 0;

    if (cpus_init(&bound) && cpus_init(&all))
        n = choose(place, &bound, &all, out, capacity);
    cpus_fini(&bound);
    cpus_fini(&all);
    return n;
}
