/* signs_avx2.c - products with signs (compiled for AVX2). */
#include "signs_priv.h"

#include <string.h>

#include "signs_scalar.inc"

const struct att_signs_kernels att_signs_avx2 = SIGNS_KERNELS;
