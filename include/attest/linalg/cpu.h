/* cpu.h - which instruction set the kernels of this room use.
 *
 * Chosen from CPUID when first needed; a kernel gives the same bits in every
 * set, so the choice never changes a result, only its speed.  (The BLAS makes
 * a choice of its own, which does change bits: see att_kernel_name.) */
#pragma once

#include "attest/base/status.h"

enum att_isa { ATT_ISA_PORTABLE, ATT_ISA_AVX2, ATT_ISA_AVX512, ATT_ISAS };

/* "portable", "avx2", "avx512". */
const char *att_isa_text(enum att_isa isa);

/* The best set that this processor and this build have. */
enum att_isa att_isa_best(void);

/* The set in use: att_isa_best, or what was pinned. */
enum att_isa att_isa_used(void);

/* Use this set from now on; called by cli before the first task, if at all.
 * Fails: ATT_E_UNSUPPORTED when the processor or the build lacks it. */
ATT_CHECKED att_status att_isa_pin(enum att_isa isa, struct att_error *err);

enum { ATT_KERNEL_NAME = 64 };

/* What a row records: the set in use and the core for which the BLAS chose
 * its kernels, "avx512+SkylakeX"; "avx512+cblas" when the BLAS does not tell.
 * Two rows with equal names are comparable bit for bit. */
const char *att_kernel_name(char out[ATT_KERNEL_NAME]);

/* Pin a whole kernel name as --kernel takes it: "avx2", "avx2+Haswell".  The
 * part after '+' must be what the BLAS uses already (OPENBLAS_CORETYPE is read
 * when the library is loaded).  Fails: ATT_E_ARG with the known names,
 * ATT_E_UNSUPPORTED with the variable to set. */
ATT_CHECKED att_status att_kernel_pin(const char *name, struct att_error *err);
