/* group_priv.h - the exclusive-or kernel of each instruction set. */
#pragma once

#include "attest/linalg/group.h"

/* att_xor_max over blocks of 64 columns: first and count are multiples of 64
 * and the table has at least 64 entries. */
typedef float att_xor_max_fn(const struct att_group *g,
                             const struct att_terms *terms, size_t first,
                             size_t count);

/* att_xor_row over the same ranges. */
typedef void att_xor_row_fn(const struct att_group *g,
                            const struct att_terms *terms, size_t first,
                            size_t count, float *out);

att_xor_max_fn att_xor_max_portable;
att_xor_row_fn att_xor_row_portable;
#ifdef __x86_64__
att_xor_row_fn att_xor_row_avx2;
att_xor_row_fn att_xor_row_avx512;
att_xor_max_fn att_xor_max_avx2;
att_xor_max_fn att_xor_max_avx512;
#endif
