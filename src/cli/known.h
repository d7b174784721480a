/* known.h - what the registry knows, for people. */
#pragma once

#include "attest/base/buffer.h"
#include "attest/construction/registry.h"

/* The construction of that name; NULL after saying on stderr that there is
 * none, and which was meant. */
const struct att_construction *cli_construction(const char *name);

/* "2..1024", "gauss | vocab", "a file": the values of a parameter.  Appends. */
void cli_range_text(const struct att_param *p, struct att_buffer *out);
