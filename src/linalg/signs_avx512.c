/* signs_avx512.c - products with signs: the bits are the masks (compiled for
 * AVX-512). */
#include "signs_priv.h"

#include <immintrin.h>
#include <string.h>

/* x86 is little-endian: byte v of the words is the mask of vector v. */
typedef __mmask8 byte_mask __attribute__((may_alias));
typedef __mmask16 pair_mask __attribute__((may_alias));

#define BITS_F64(w, v) ((const byte_mask *)(w))[v]
#define BITS_F32(w, v) ((const pair_mask *)(w))[v]
#define ADD_F64(acc, b, p)                                                     \
    ((acc) = (vec)_mm512_mask_add_pd((__m512d)(acc), (__mmask8)(b),            \
                                     (__m512d)(acc), (__m512d)(p)))
#define ADD_F32(acc, b, p)                                                     \
    ((acc) = (vecf)_mm512_mask_add_ps((__m512)(acc), (__mmask16)(b),           \
                                      (__m512)(acc), (__m512)(p)))
#include "signs_typed.inc"

const struct att_signs_kernels att_signs_avx512 = SIGNS_KERNELS;
