/* hash.h - XXH3 of bytes: checksums, keys, digests. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* 128 bits that name a computation; printed as 32 hex digits, high first. */
struct att_key {
    uint64_t high, low;
};

enum { ATT_KEY_TEXT = 33 };

uint64_t att_hash64(const void *bytes, size_t n);
struct att_key att_hash128(const void *bytes, size_t n);
bool att_key_equal(struct att_key a, struct att_key b);
/* Total order on (high, low): -1, 0, 1. */
int att_key_compare(struct att_key a, struct att_key b);
const char *att_key_text(struct att_key key, char out[ATT_KEY_TEXT]);
/* False unless text is exactly 32 hex digits. */
bool att_key_parse(const char *text, struct att_key *key);
