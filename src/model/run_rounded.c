/* run_rounded.c - the oracle in double, every result rounded to fewer bits. */
#include "run_priv.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "arithmetic_priv.h"
#include "attest/base/size.h"
#include "attest/base/text.h"
#include "layer_priv.h"

#define REAL       double
#define R(x)       round_narrow(run->arithmetic, (x))
#define EXP(x)     exp(x)
#define WIDE       double
#define WIDE_FN(f) f
#define RUN        att_run_rounded
#include "run_typed.inc"
