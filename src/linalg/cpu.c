/* cpu.c - the instruction set in use: CPUID, once, or a pin. */
#include "attest/linalg/cpu.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "attest/base/text.h"
#include "attest/linalg/blas.h"

const char *att_isa_text(enum att_isa isa)
{
    static const char *const TEXT[ATT_ISAS] = {
        [ATT_ISA_PORTABLE] = "portable",
        [ATT_ISA_AVX2] = "avx2",
        [ATT_ISA_AVX512] = "avx512",
    };

    return isa < ATT_ISAS ? TEXT[isa] : "unknown";
}

#ifdef __x86_64__
static bool has_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

/* The flags that *_avx512.c are compiled with (cmake/AttestRooms.cmake). */
static bool has_avx512(void)
{
    return has_avx2() && __builtin_cpu_supports("avx512f") &&
           __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512vpopcntdq");
}

enum att_isa att_isa_best(void)
{
    if (has_avx512())
        return ATT_ISA_AVX512;
    return has_avx2() ? ATT_ISA_AVX2 : ATT_ISA_PORTABLE;
}
#else
enum att_isa att_isa_best(void)
{
    return ATT_ISA_PORTABLE;
}
#endif

/* Set before the first task and never after: like the sink of the log, an
 * exception from "no mutable globals".  ATT_ISAS: not chosen yet. */
static _Atomic(enum att_isa) pinned = ATT_ISAS;

enum att_isa att_isa_used(void)
{
    enum att_isa isa = atomic_load_explicit(&pinned, memory_order_relaxed);

    if (isa == ATT_ISAS) {
        isa = att_isa_best();
        atomic_store_explicit(&pinned, isa, memory_order_relaxed);
    }
    return isa;
}

att_status att_isa_pin(enum att_isa isa, struct att_error *err)
{
    assert(isa < ATT_ISAS);
    if (isa > att_isa_best()) {
        return att_fail(err, ATT_E_UNSUPPORTED,
                        "kernel %s is more than this processor has: use %s",
                        att_isa_text(isa), att_isa_text(att_isa_best()));
    }
    atomic_store_explicit(&pinned, isa, memory_order_relaxed);
    return ATT_OK;
}

const char *att_kernel_name(char out[ATT_KERNEL_NAME])
{
    (void)snprintf(out, ATT_KERNEL_NAME, "%s+%s", att_isa_text(att_isa_used()),
                   att_blas_core());
    return out;
}

/* The set whose name is the first n characters of text; ATT_ISAS: none. */
static enum att_isa isa_named(const char *text, size_t n)
{
    for (int i = 0; i < ATT_ISAS; i++) {
        const char *name = att_isa_text((enum att_isa)i);

        if (strlen(name) == n && strncmp(name, text, n) == 0)
            return (enum att_isa)i;
    }
    return ATT_ISAS;
}

att_status att_kernel_pin(const char *name, struct att_error *err)
{
    const size_t n = strcspn(name, "+");
    const enum att_isa isa = isa_named(name, n);

    if (isa == ATT_ISAS) {
        return att_fail(err, ATT_E_ARG,
                        "kernel '%s' is not portable, avx2 or avx512, with "
                        "+CORE for a core of the BLAS",
                        name);
    }
    if (name[n] == '+' && !att_text_same(name + n + 1, att_blas_core())) {
        return att_fail(err, ATT_E_UNSUPPORTED,
                        "the BLAS runs kernels for %s, not %s: set "
                        "OPENBLAS_CORETYPE=%s before attest starts",
                        att_blas_core(), name + n + 1, name + n + 1);
    }
    return att_isa_pin(isa, err);
}
