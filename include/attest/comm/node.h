/* node.h - what this rank may use of its node. */
#pragma once

#include <stdint.h>

enum { ATT_HOST_TEXT = 64 };

struct att_node {
    char host[ATT_HOST_TEXT];
    double memory_bytes; /* for the tasks of all its ranks: the least of what
                            the kernel says is available, the room under the
                            control group's limit, and Slurm's share; 0:
                            unknown */
    uint32_t n_cpus;     /* that the node allows this job, at least 1 */
};

/* Never fails: what cannot be found is "unknown", 0 and 1. */
void att_node_read(struct att_node *out);
