/* random_avx512.c - blocks in 64-byte vectors (compiled for AVX-512). */
#include "random_priv.h"

#include <immintrin.h>
#include <math.h>
#include <string.h>

#define VBYTES         64
#define MULTIPLY(a, b) _mm512_mul_epu32((__m512i)(a), (__m512i)(b))
#define BLOCKS_FN      att_blocks_avx512
#define ZIP_LOW        0, 8, 1, 9, 2, 10, 3, 11
#define ZIP_HIGH       4, 12, 5, 13, 6, 14, 7, 15
#include "random.inc"

#define PAIRS_FN att_pairs_avx512
#include "random_pairs.inc"
