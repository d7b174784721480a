/* signs.c - the public names of the kernels of the set in use. */
#include "attest/linalg/signs.h"

#include <assert.h>

#include "attest/linalg/cpu.h"
#include "signs_priv.h"

static const struct att_signs_kernels *used(void)
{
#ifdef __x86_64__
    static const struct att_signs_kernels *const TABLE[ATT_ISAS] = {
        [ATT_ISA_PORTABLE] = &att_signs_portable,
        [ATT_ISA_AVX2] = &att_signs_avx2,
        [ATT_ISA_AVX512] = &att_signs_avx512,
    };

    return TABLE[att_isa_used()];
#else
    return &att_signs_portable;
#endif
}

void att_signs_apply(const struct att_signs *s, double scale, const double *p,
                     double *out)
{
    used()->apply(s, scale, p, out);
}

void att_signs_applyf(const struct att_signs *s, float scale, const float *p,
                      float *out)
{
    used()->applyf(s, scale, p, out);
}

void att_signs_combine(const struct att_signs *s, double scale, const double *c,
                       double *out)
{
    used()->combine(s, scale, c, out);
}

void att_signs_combinef(const struct att_signs *s, float scale, const float *c,
                        float *out)
{
    used()->combinef(s, scale, c, out);
}

void att_signs_spread(const struct att_signs *s, double scale, double *out)
{
    used()->spread(s, scale, out);
}

void att_signs_spreadf(const struct att_signs *s, float scale, float *out)
{
    used()->spreadf(s, scale, out);
}

int64_t att_signs_dot(const struct att_signs *s, size_t i, size_t j)
{
    assert(i < s->n && j < s->n);
    return used()->dot(s, i, j);
}
