/* patterns_dense.c - kernel K1 in double and in float. */
#include <string.h>

#include "attest/linalg/blas.h"
#include "attest/linalg/vector.h"
#include "patterns_nested_priv.h"

/* A block's sums stay in the second-level cache: about 2^20 bytes of float. */
size_t att_pat_block_rows(size_t n_cols)
{
    size_t rows = 256;

    while (rows > 16 && rows * n_cols > (size_t)1 << 18)
        rows /= 2;
    return rows;
}

#define NAME(x) x##_f64
#define REAL    double
#define MAT     struct att_mat
#define MAT_NEW att_mat_new
#define MAT_ROW att_mat_row
#define GEMM    att_gemm
#define MAX     att_max
#define WORD    "f64"
#include "patterns_dense.inc"
#undef NAME
#undef REAL
#undef MAT
#undef MAT_NEW
#undef MAT_ROW
#undef GEMM
#undef MAX
#undef WORD

#define NAME(x) x##_f32
#define REAL    float
#define MAT     struct att_matf
#define MAT_NEW att_matf_new
#define MAT_ROW att_matf_row
#define GEMM    att_gemmf
#define MAX     att_maxf
#define WORD    "f32"
#include "patterns_dense.inc"
