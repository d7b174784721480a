/* json_value.h - numbers, texts and keys as JSON, the same everywhere. */
#pragma once

#include <jansson.h>

#include "attest/base/hash.h"
#include "attest/base/value.h"

/* Finite numbers; null for NaN; "inf" and "-inf", since JSON has none. */
json_t *att_json_real(double r);
/* null where missing. */
json_t *att_json_value(struct att_value v);
/* 32 hex digits. */
json_t *att_json_key(struct att_key key);
