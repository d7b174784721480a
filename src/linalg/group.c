/* group.c - plain rows, and the kernel in use for their largest number. */
#include "attest/linalg/group.h"

#include <math.h>
#include <stdbool.h>

#include "attest/linalg/cpu.h"
#include "group_priv.h"

enum { BLOCK = 64 };

static float number(const struct att_group *g, const struct att_terms *terms,
                    size_t j)
{
    float sum = 0.0F;

    for (size_t q = 0; q < terms->n; q++)
        sum = fmaf(terms->coef[q], g->h[terms->at[q] ^ j], sum);
    return g->sign != NULL ? sum * g->sign[j] : sum;
}

void att_xor_row_portable(const struct att_group *g,
                          const struct att_terms *terms, size_t first,
                          size_t count, float *out)
{
    for (size_t t = 0; t < count; t++)
        out[t] = number(g, terms, first + t);
}

/* Can the kernels of an instruction set do this range?  (A table that it fits
 * into has at least BLOCK entries.) */
static bool is_whole(size_t first, size_t count)
{
    return first % BLOCK == 0 && count % BLOCK == 0;
}

void att_xor_row(const struct att_group *g, const struct att_terms *terms,
                 size_t first, size_t count, float *out)
{
#ifdef __x86_64__
    static att_xor_row_fn *const TABLE[ATT_ISAS] = {
        [ATT_ISA_PORTABLE] = att_xor_row_portable,
        [ATT_ISA_AVX2] = att_xor_row_avx2,
        [ATT_ISA_AVX512] = att_xor_row_avx512,
    };

    if (is_whole(first, count)) {
        TABLE[att_isa_used()](g, terms, first, count, out);
        return;
    }
#else
    (void)is_whole; /* no kernels but the plain one */
#endif
    att_xor_row_portable(g, terms, first, count, out);
}

float att_xor_max_portable(const struct att_group *g,
                           const struct att_terms *terms, size_t first,
                           size_t count)
{
    float best = number(g, terms, first);

    for (size_t t = 1; t < count; t++)
        best = fmaxf(best, number(g, terms, first + t));
    return best;
}

float att_xor_max(const struct att_group *g, const struct att_terms *terms,
                  size_t first, size_t count)
{
#ifdef __x86_64__
    static att_xor_max_fn *const TABLE[ATT_ISAS] = {
        [ATT_ISA_PORTABLE] = att_xor_max_portable,
        [ATT_ISA_AVX2] = att_xor_max_avx2,
        [ATT_ISA_AVX512] = att_xor_max_avx512,
    };

    if (is_whole(first, count))
        return TABLE[att_isa_used()](g, terms, first, count);
#endif
    return att_xor_max_portable(g, terms, first, count);
}
