/* random_avx512.c - blocks in 64-byte vectors (compiled for AVX-512). */
#include "random_priv.h"

#include <immintrin.h>
#include <string.h>

#define VBYTES         64
#define MULTIPLY(a, b) _mm512_mul_epu32((__m512i)(a), (__m512i)(b))
#define BLOCKS_FN      att_blocks_avx512
#include "random.inc"
