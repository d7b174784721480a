/* vector_avx512.c - the kernels in 64-byte vectors (compiled for AVX-512). */
#include "vector_priv.h"

#include <immintrin.h>
#include <math.h>
#include <string.h>

#define VBYTES 64
#include "vector.inc"

#if ATT_HAVE_SLEEF
#include <sleef.h>
#define F64(f) Sleef_cinz_##f##d8_u10avx512fnofma
#define F32(f) Sleef_cinz_##f##f16_u10avx512fnofma
ELEMENTARY(map_exp, double, 8, _mm512_loadu_pd, _mm512_storeu_pd, F64(exp))
ELEMENTARY(map_log, double, 8, _mm512_loadu_pd, _mm512_storeu_pd, F64(log))
ELEMENTARY(map_sin, double, 8, _mm512_loadu_pd, _mm512_storeu_pd, F64(sin))
ELEMENTARY(map_cos, double, 8, _mm512_loadu_pd, _mm512_storeu_pd, F64(cos))
ELEMENTARY(map_expf, float, 16, _mm512_loadu_ps, _mm512_storeu_ps, F32(exp))
ELEMENTARY(map_logf, float, 16, _mm512_loadu_ps, _mm512_storeu_ps, F32(log))
ELEMENTARY(map_sinf, float, 16, _mm512_loadu_ps, _mm512_storeu_ps, F32(sin))
ELEMENTARY(map_cosf, float, 16, _mm512_loadu_ps, _mm512_storeu_ps, F32(cos))
#else
#include "vector_libm.inc"
#endif

const struct att_vector_kernels att_vector_avx512 = VECTOR_KERNELS;
