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

#define PAIRS_FN att_pairs_avx2
#include "random_pairs.inc"
