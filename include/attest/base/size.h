/* size.h - sizes that cannot wrap around, and their spelling in files. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attest/base/status.h"

/* *out = a * b (a + b); false, with *out untouched, on overflow. */
bool att_size_mul(size_t a, size_t b, size_t *out);
bool att_size_add(size_t a, size_t b, size_t *out);

/* Read "512", "64KiB", "4MiB", "1.5GiB", "2TiB" (a space may stand before the
 * unit) as bytes.  Fails: ATT_E_PARSE with the accepted units in the text. */
ATT_CHECKED att_status att_bytes_parse(const char *text, uint64_t *bytes,
                                       struct att_error *err);

/* Read "30", "30s", "10min", "2h", "1.5h", "250ms", "3d" as seconds; a bare
 * number is seconds.  Fails: ATT_E_PARSE. */
ATT_CHECKED att_status att_seconds_parse(const char *text, double *seconds,
                                         struct att_error *err);

enum { ATT_HUMAN_TEXT = 32 };

/* "512 B", "1.5 KiB", "12 GiB": three significant digits. */
const char *att_bytes_text(uint64_t bytes, char out[ATT_HUMAN_TEXT]);

/* "850 us", "12 ms", "4.2 s", "12 min", "3.5 h", "2.1 d". */
const char *att_seconds_text(double seconds, char out[ATT_HUMAN_TEXT]);

/* "950", "1.9k", "3.2M", "1.28e12": for rates and flops. */
const char *att_count_text(double count, char out[ATT_HUMAN_TEXT]);
