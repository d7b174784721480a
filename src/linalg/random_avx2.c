/* random_avx2.c - blocks in 32-byte vectors (compiled for AVX2). */
#include "random_priv.h"

#include <immintrin.h>
#include <math.h>
#include <string.h>

#define VBYTES         32
#define MULTIPLY(a, b) _mm256_mul_epu32((__m256i)(a), (__m256i)(b))
#define BLOCKS_FN      att_blocks_avx2
#define ZIP_LOW        0, 4, 1, 5
#define ZIP_HIGH       2, 6, 3, 7
#include "random.inc"

#define PAIRS_FN       att_pairs_avx2
#define PAIRS_BYTES    32
#define TOGETHER       2
#define SQUARE_ROOT(x) ((numbers)_mm256_sqrt_ps((__m256)(x)))
#define FIRST          0, 2, 4, 6, 8, 10, 12, 14
#define SECOND         1, 3, 5, 7, 9, 11, 13, 15
#define PAIRS_LOW      0, 8, 1, 9, 2, 10, 3, 11
#define PAIRS_HIGH     4, 12, 5, 13, 6, 14, 7, 15
#include "random_pairs.inc"
