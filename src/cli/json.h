/* json.h - the versioned envelope of every --json output. */
#pragma once

#include <jansson.h>

#include "attest/base/hash.h"
#include "attest/base/value.h"

enum { CLI_JSON_VERSION = 1 };

/* {"attest_json": 1, "command": command}: callers add their members. */
json_t *cli_json_begin(const char *command);

/* Numbers, texts, null for missing and NaN; infinities become the texts "inf"
 * and "-inf", since JSON has none. */
json_t *cli_json_value(struct att_value v);
json_t *cli_json_real(double x);
json_t *cli_json_key(struct att_key key);

/* Print to stdout, indented, in the order of insertion; frees root.  Returns
 * an exit code. */
int cli_json_end(json_t *root);
