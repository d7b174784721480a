/* signs_portable.c - products with signs for any processor. */
#include "signs_priv.h"

#include <string.h>

#include "signs_scalar.inc"

const struct att_signs_kernels att_signs_portable = SIGNS_KERNELS;
