/* scarce.h - memory that runs out at a chosen moment.
 *
 * Programs named test_<x>_nomem are linked with --wrap, so that what attest's
 * own code (not a library) allocates passes through here. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* From now on n allocations succeed and all later ones fail. */
void scarce_begin(uint64_t n);
/* Plenty again; true when some allocation had failed. */
bool scarce_end(void);
