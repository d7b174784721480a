/* random_avx2.c - blocks in 32-byte vectors (compiled for AVX2). */
#include "random_priv.h"

#include <immintrin.h>
#include <string.h>

#define VBYTES         32
#define MULTIPLY(a, b) _mm256_mul_epu32((__m256i)(a), (__m256i)(b))
#define BLOCKS_FN      att_blocks_avx2
#include "random.inc"
