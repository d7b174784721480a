/* signs_avx512.c - products with signs: the bits are the masks (compiled for
 * AVX-512). */
#include "signs_priv.h"

#include <immintrin.h>
#include <string.h>

#define ADD_F64(acc, b, p)                                                     \
    ((acc) = (vec)_mm512_mask_add_pd((__m512d)(acc), (__mmask8)(b),            \
                                     (__m512d)(acc), (__m512d)(p)))
#define ADD_F32(acc, b, p)                                                     \
    ((acc) = (vecf)_mm512_mask_add_ps((__m512)(acc), (__mmask16)(b),           \
                                      (__m512)(acc), (__m512)(p)))
#include "signs_typed.inc"

const struct att_signs_kernels att_signs_avx512 = SIGNS_KERNELS;
