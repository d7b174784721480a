/* cpus.h - which CPUs the lanes of a rank are bound to.
 *
 * Two sets matter.  The binding of this process is what a launcher or taskset
 * left it; mpirun leaves a rank a single core, even when the rank owns many
 * lanes.  The allowance is what the kernel would let it have: the control
 * group's set, whatever the binding. */
#pragma once

#include <stdint.h>

enum { ATT_CPUS = 8192 }; /* CPU numbers at or above it are ignored */

/* A CPU as the kernel numbers it (a hardware thread), and where it sits. */
struct att_cpu {
    int id, package, core;
};

/* The allowance of this job on this node, ascending by id; at most capacity
 * entries.  Returns how many were written, 0 when the kernel does not say.
 *
 * The allowance is found by asking for every CPU, reading what the kernel
 * granted, and restoring the binding.  That works for every kind of control
 * group and also inside containers, where their files cannot be found.  Call
 * it while the process has one thread. */
uint32_t att_cpus_allowed(struct att_cpu *out, uint32_t capacity);

/* The part of local rank r (r < n_ranks) in n CPUs, in the order in which
 * lanes take them.  Ranks get neighbouring whole cores: CPUs are sorted by
 * package, core, id and cut into n_ranks blocks whose sizes differ by one at
 * most.  Inside a block each core's first thread comes before any second
 * thread.  With fewer CPUs than ranks, rank r gets the one at r mod n.
 * Returns how many ids were written to out (capacity n); cpu is reordered. */
uint32_t att_cpus_share(struct att_cpu *cpu, uint32_t n, uint32_t r,
                        uint32_t n_ranks, int *out);

struct att_lane_place {
    uint32_t local_rank, n_local_ranks; /* among the ranks of this node */
    uint32_t n_lanes;                   /* 0: as many as there are CPUs */
};

/* The CPUs for the lanes of this rank, for att_lane_options.cpus.  A binding
 * that is narrower than the allowance and has a CPU for every lane is a
 * decision of the user or of the launcher and is kept; otherwise the rank
 * gets its share of the allowance.  Returns how many stand in out, 0 (bind
 * nothing) when the kernel does not say. */
uint32_t att_lane_cpus(const struct att_lane_place *place, int *out,
                       uint32_t capacity);
