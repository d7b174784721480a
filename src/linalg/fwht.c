/* fwht.c - butterflies of stride 1, 2, 4, ... */
#include "attest/linalg/fwht.h"

#include <assert.h>

/* Blocks of 2 h: the upper half against the lower half, modulo 2^32. */
static void stage(int32_t *x, size_t n, size_t h)
{
    for (size_t block = 0; block < n; block += 2 * h) {
        int32_t *low = x + block;
        int32_t *high = x + block + h;

        for (size_t k = 0; k < h; k++) {
            const uint32_t a = (uint32_t)low[k];
            const uint32_t b = (uint32_t)high[k];

            low[k] = (int32_t)(a + b);
            high[k] = (int32_t)(a - b);
        }
    }
}

void att_fwht_i32(int32_t *x, size_t n)
{
    assert((n & (n - 1)) == 0);
    for (size_t h = 1; h < n; h *= 2)
        stage(x, n, h);
}
