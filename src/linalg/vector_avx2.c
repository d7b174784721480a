/* vector_avx2.c - the kernels in 32-byte vectors (compiled for AVX2). */
#include "vector_priv.h"

#include <immintrin.h>
#include <math.h>
#include <string.h>

#define VBYTES 32
#include "vector.inc"

#if ATT_HAVE_SLEEF
#include <sleef.h>
#define F64(f) Sleef_cinz_##f##d4_u10avx
ELEMENTARY_F64(4, _mm256_loadu_pd, _mm256_storeu_pd, F64)
#else
#include "vector_libm.inc"
#endif

#include "vector_softmax.inc"

const struct att_vector_kernels att_vector_avx2 = VECTOR_KERNELS;
