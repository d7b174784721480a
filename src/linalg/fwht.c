/* fwht.c - butterflies of stride 1, 2, 4, ... for three types. */
#include "attest/linalg/fwht.h"

#include <assert.h>

#define PLUS(a, b)  ((a) + (b))
#define MINUS(a, b) ((a) - (b))

#define TYPE  double
#define NAME  att_fwht
#define STAGE stage
#include "fwht.inc"
#undef TYPE
#undef NAME
#undef STAGE

#define TYPE  float
#define NAME  att_fwhtf
#define STAGE stagef
#include "fwht.inc"
#undef TYPE
#undef NAME
#undef STAGE

/* Integers wrap around, as the header says. */
#undef PLUS
#undef MINUS
#define PLUS(a, b)  ((int32_t)((uint32_t)(a) + (uint32_t)(b)))
#define MINUS(a, b) ((int32_t)((uint32_t)(a) - (uint32_t)(b)))

#define TYPE  int32_t
#define NAME  att_fwht_i32
#define STAGE stage_i32
#include "fwht.inc"
