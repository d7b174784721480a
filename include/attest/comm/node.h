/* node.h - what this rank may use of its node. */
#pragma once

#include <stdint.h>

#include "attest/base/status.h"

enum { ATT_HOST_TEXT = 64, ATT_NODE_CPUS = 1024 };

struct att_node {
    char host[ATT_HOST_TEXT];
    double memory_bytes;    /* free for tasks now: the least of what the kernel
                            says is available, the control group's limit and
                            Slurm's; 0: unknown */
    uint32_t n_cpus;        /* that the node allows this job */
    int cpu[ATT_NODE_CPUS]; /* their numbers, ascending */
};

/* CPUs are those of the control group, not of the binding that a launcher
 * gave this process (mpirun binds a rank to one).  Never fails: what cannot
 * be found is 1 CPU, number 0, and unknown memory. */
void att_node_read(struct att_node *out);

/* The share of local rank r of n: CPUs i with i mod n == r when there are at
 * least n of them, else the one at r mod n_cpus.  Returns how many stand in
 * out (at least 1). */
uint32_t att_node_share(const struct att_node *node, uint32_t local_rank,
                        uint32_t local_size, int out[ATT_NODE_CPUS]);
