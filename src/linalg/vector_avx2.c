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
#define F32(f) Sleef_cinz_##f##f8_u10avx
ELEMENTARY(map_exp, double, 4, _mm256_loadu_pd, _mm256_storeu_pd, F64(exp))
ELEMENTARY(map_log, double, 4, _mm256_loadu_pd, _mm256_storeu_pd, F64(log))
ELEMENTARY(map_sin, double, 4, _mm256_loadu_pd, _mm256_storeu_pd, F64(sin))
ELEMENTARY(map_cos, double, 4, _mm256_loadu_pd, _mm256_storeu_pd, F64(cos))
ELEMENTARY(map_expf, float, 8, _mm256_loadu_ps, _mm256_storeu_ps, F32(exp))
ELEMENTARY(map_logf, float, 8, _mm256_loadu_ps, _mm256_storeu_ps, F32(log))
ELEMENTARY(map_sinf, float, 8, _mm256_loadu_ps, _mm256_storeu_ps, F32(sin))
ELEMENTARY(map_cosf, float, 8, _mm256_loadu_ps, _mm256_storeu_ps, F32(cos))
#else
#include "vector_libm.inc"
#endif

const struct att_vector_kernels att_vector_avx2 = VECTOR_KERNELS;
