/* vector_avx512.c - the kernels in 64-byte vectors (compiled for AVX-512). */
#include "vector_priv.h"

#include <immintrin.h>
#include <math.h>
#include <string.h>

static inline __m512d masked(const double *x, size_t n)
{
    return _mm512_maskz_loadu_pd((__mmask8)((1U << n) - 1), x);
}

static inline __m512 maskedf(const float *x, size_t n)
{
    return _mm512_maskz_loadu_ps((__mmask16)((1U << n) - 1), x);
}

#define MASKED_LOADS
#define VBYTES 64
#include "vector.inc"

#if ATT_HAVE_SLEEF
#include <sleef.h>
#define F64(f) Sleef_cinz_##f##d8_u10avx512fnofma
ELEMENTARY_F64(8, _mm512_loadu_pd, _mm512_storeu_pd, F64)
#else
#include "vector_libm.inc"
#endif

#include "vector_softmax.inc"

const struct att_vector_kernels att_vector_avx512 = VECTOR_KERNELS;
