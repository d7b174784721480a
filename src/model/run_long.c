/* run_long.c - the oracle in long double. */
#include "run_priv.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "attest/base/size.h"
#include "attest/base/text.h"
#include "layer_priv.h"

#define REAL       long double
#define R(x)       (x)
#define EXP(x)     expl(x)
#define WIDE       long double
#define WIDE_FN(f) f##l
#define RUN        att_run_long
#include "run_typed.inc"
