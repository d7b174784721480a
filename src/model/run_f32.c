/* run_f32.c - the oracle in float. */
#include "run_priv.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "attest/base/size.h"
#include "attest/base/text.h"
#include "layer_priv.h"

#define REAL       float
#define R(x)       (x)
#define EXP(x)     expf(x)
#define WIDE       double
#define WIDE_FN(f) f
#define RUN        att_run_f32
#include "run_typed.inc"
