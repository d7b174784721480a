/* run_f64.c - the oracle in double. */
#include "run_priv.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "attest/base/size.h"
#include "attest/base/text.h"
#include "layer_priv.h"

#define REAL       double
#define R(x)       (x)
#define EXP(x)     exp(x)
#define WIDE       double
#define WIDE_FN(f) f
#define RUN        att_run_f64
#include "run_typed.inc"
