/* vector_portable.c - the kernels for any processor.
 *
 * 16-byte vectors are what x86-64 and aarch64 always have.  The elementary
 * functions are the scalar, fma-free twins of the vector ones that SLEEF
 * promises to agree with bit for bit; without SLEEF they are libm's, in every
 * instruction set. */
#include "vector_priv.h"

#include <math.h>
#include <string.h>

#define VBYTES 16
#include "vector.inc"

#if ATT_HAVE_SLEEF
#include <sleef.h>
#define F64(f)      Sleef_cinz_##f##d1_u10purec
#define LOAD(p)     (*(p))
#define STORE(p, v) (*(p) = (v))
ELEMENTARY_F64(1, LOAD, STORE, F64)
#else
#include "vector_libm.inc"
#endif

#include "vector_softmax.inc"

const struct att_vector_kernels att_vector_portable = VECTOR_KERNELS;
