/* json.h - the versioned envelope of every --json output. */
#pragma once

#include <jansson.h>

#include "attest/report/json_value.h"

enum { CLI_JSON_VERSION = 1 };

/* {"attest_json": 1, "command": command}: callers add their members. */
json_t *cli_json_begin(const char *command);

/* Print to stdout, indented, in the order of insertion; frees root.  Returns
 * an exit code. */
int cli_json_end(json_t *root);
