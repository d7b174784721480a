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

#define PAIRS_FN       att_pairs_avx512
#define PAIRS_BYTES    64
#define TOGETHER       4
#define SQUARE_ROOT(x) ((numbers)_mm512_sqrt_ps((__m512)(x)))
#define FIRST          0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30
#define SECOND         1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31
#define PAIRS_LOW      0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23
#define PAIRS_HIGH     8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31
#include "random_pairs.inc"
