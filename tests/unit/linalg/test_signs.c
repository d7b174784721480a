/* test_signs.c - products with signs against plain loops, in every
 * instruction set. */
#include "attest/linalg/signs.h"

#include <stdbool.h>
#include <string.h>

#include "attest/base/rng.h"
#include "attest/linalg/cpu.h"
#include "unit.h"

enum { ROWS = 39, MOST = 300, WORDS = 6 };

/* Around a word, a register of columns, and one of rows. */
static const size_t WIDTH[] = {1, 15, 16, 63, 64, 65, 127, 128, 129, 300};
static const size_t HEIGHT[] = {10, 16, ROWS};
enum {
    WIDTHS = sizeof WIDTH / sizeof WIDTH[0],
    HEIGHTS = sizeof HEIGHT / sizeof HEIGHT[0]
};

struct material {
    uint64_t word[ROWS * WORDS];
    struct att_signs s;
    double p[MOST], c[ROWS];
    float pf[MOST], cf[ROWS];
};

static void fill(struct material *m, size_t n, size_t d, size_t stride)
{
    const struct att_stream bits = att_stream(11, 1, (uint32_t)d, 0);
    const struct att_stream numbers = att_stream(11, 2, (uint32_t)d, 0);

    memset(m, 0, sizeof *m);
    m->s = (struct att_signs){m->word, n, d, stride};
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < d; j++) {
            const uint64_t bit = att_stream_word(&bits, i * MOST + j) & 1;

            m->word[i * stride + j / 64] |= bit << (j % 64);
        }
        m->c[i] = att_stream_normal(&numbers, 1000 + i);
        m->cf[i] = (float)m->c[i];
    }
    for (size_t j = 0; j < d; j++) {
        m->p[j] = att_stream_normal(&numbers, j);
        m->pf[j] = (float)m->p[j];
    }
}

#define SCALE  0.625 /* exact in both types */
#define SCALEF 0.625F

static double sign(const struct material *m, size_t i, size_t j)
{
    return (m->word[i * m->s.stride + j / 64] >> (j % 64) & 1) != 0 ? 1.0
                                                                    : -1.0;
}

/* Sums of at most 300 normals stay below 6 sqrt(300) < 128 and are rounded at
 * most 300 / 4 + 3 times, each time by half a unit. */
static const double SLACK = 128.0 * 78.0;

static void check_apply(const struct material *m)
{
    double out[ROWS];
    float outf[ROWS];

    att_signs_apply(&m->s, SCALE, m->p, out);
    att_signs_applyf(&m->s, SCALEF, m->pf, outf);
    for (size_t i = 0; i < m->s.n; i++) {
        double sum = 0.0;

        for (size_t j = 0; j < m->s.d; j++)
            sum += sign(m, i, j) * m->p[j];
        sum *= SCALE;
        CU_ASSERT_DOUBLE_EQUAL(out[i], sum, SLACK * 0x1p-53);
        CU_ASSERT_DOUBLE_EQUAL((double)outf[i], sum, SLACK * 0x1p-24);
    }
}

static void check_combine(const struct material *m)
{
    double out[MOST];
    float outf[MOST];

    att_signs_combine(&m->s, SCALE, m->c, out);
    att_signs_combinef(&m->s, SCALEF, m->cf, outf);
    for (size_t j = 0; j < m->s.d; j++) {
        double sum = 0.0;

        for (size_t i = 0; i < m->s.n; i++)
            sum += sign(m, i, j) * m->c[i];
        sum *= SCALE;
        CU_ASSERT_DOUBLE_EQUAL(out[j], sum, SLACK * 0x1p-53);
        CU_ASSERT_DOUBLE_EQUAL((double)outf[j], sum, SLACK * 0x1p-24);
    }
}

static void check_dot(const struct material *m)
{
    int64_t sum = 0;

    for (size_t j = 0; j < m->s.d; j++)
        sum += (int64_t)(sign(m, 3, j) * sign(m, 9, j));
    CU_ASSERT_EQUAL(att_signs_dot(&m->s, 3, 9), sum);
}

static void check_spread(const struct material *m)
{
    static double out[ROWS * MOST];
    static float outf[ROWS * MOST];

    att_signs_spread(&m->s, 0.3, out);
    att_signs_spreadf(&m->s, 0.3F, outf);
    for (size_t i = 0; i < m->s.n; i++) {
        for (size_t j = 0; j < m->s.d; j++) {
            CU_ASSERT_EQUAL(out[i * m->s.d + j], 0.3 * sign(m, i, j));
            CU_ASSERT_EQUAL(outf[i * m->s.d + j], 0.3F * (float)sign(m, i, j));
        }
    }
}

/* Every width and height, rows end to end or apart. */
static void for_all_sizes(void (*check)(const struct material *m))
{
    static struct material m;

    for (size_t w = 0; w < WIDTHS; w++) {
        const size_t words = (WIDTH[w] + 63) / 64;

        for (size_t h = 0; h < HEIGHTS; h++) {
            fill(&m, HEIGHT[h], WIDTH[w], words);
            check(&m);
            fill(&m, HEIGHT[h], WIDTH[w], words + 1);
            check(&m);
        }
    }
}

static void check_products(const struct material *m)
{
    for (int isa = 0; isa <= (int)att_isa_best(); isa++) {
        CU_ASSERT_EQUAL_FATAL(att_isa_pin((enum att_isa)isa, NULL), ATT_OK);
        check_apply(m);
        check_combine(m);
        check_dot(m);
        check_spread(m);
    }
}

static void products_are_those_of_plain_loops(void)
{
    for_all_sizes(check_products);
}

struct products {
    double apply[ROWS], combine[MOST];
    float applyf[ROWS], combinef[MOST];
};

static void multiply(const struct material *m, struct products *out)
{
    memset(out, 0, sizeof *out);
    att_signs_apply(&m->s, SCALE, m->p, out->apply);
    att_signs_combine(&m->s, SCALE, m->c, out->combine);
    att_signs_applyf(&m->s, SCALEF, m->pf, out->applyf);
    att_signs_combinef(&m->s, SCALEF, m->cf, out->combinef);
}

/* Bits, not numbers: +0 and -0 differ. */
static bool same_bits(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct products)) == 0;
}

static void check_bits(const struct material *m)
{
    struct products first, now;

    CU_ASSERT_EQUAL_FATAL(att_isa_pin(ATT_ISA_PORTABLE, NULL), ATT_OK);
    multiply(m, &first);
    for (int isa = 0; isa <= (int)att_isa_best(); isa++) {
        CU_ASSERT_EQUAL_FATAL(att_isa_pin((enum att_isa)isa, NULL), ATT_OK);
        multiply(m, &now);
        CU_ASSERT_TRUE(same_bits(&now, &first));
    }
}

static void every_instruction_set_gives_the_same_bits(void)
{
    for_all_sizes(check_bits);
}

/* The orders of the contract, written out. */
static float by_fours(size_t n, const float *term)
{
    float sum = 0.0F;

    for (size_t k = 0; k < n; k += 4) {
        float four = term[k];

        for (size_t l = 1; l < 4; l++)
            four += k + l < n ? term[k + l] : 0.0F;
        sum += four;
    }
    return sum;
}

static float by_runs(size_t n, const float *term)
{
    float sum = 0.0F;

    for (size_t k = 0; k < n; k += 128) {
        float run[4] = {0};

        for (size_t r = 0; r < 4 && k + 32 * r < n; r++) {
            const size_t left = n - k - 32 * r;

            run[r] = by_fours(left < 32 ? left : 32, term + k + 32 * r);
        }
        sum += (run[0] + run[1]) + (run[2] + run[3]);
    }
    return sum;
}

static void check_order(const struct material *m)
{
    struct products now;
    float term[MOST];

    multiply(m, &now);
    for (size_t i = 0; i < m->s.n; i++) {
        for (size_t j = 0; j < m->s.d; j++)
            term[j] = (float)sign(m, i, j) * m->pf[j];
        CU_ASSERT_EQUAL(now.applyf[i], SCALEF * by_runs(m->s.d, term));
    }
    for (size_t j = 0; j < m->s.d; j++) {
        for (size_t i = 0; i < m->s.n; i++)
            term[i] = (float)sign(m, i, j) * m->cf[i];
        CU_ASSERT_EQUAL(now.combinef[j], SCALEF * by_fours(m->s.n, term));
    }
}

static void terms_are_added_in_the_contracts_order(void)
{
    for_all_sizes(check_order);
}

int main(void)
{
    CU_TestInfo tests[] = {{"products are those of plain loops",
                            products_are_those_of_plain_loops},
                           {"every instruction set gives the same bits",
                            every_instruction_set_gives_the_same_bits},
                           {"terms are added in the contract's order",
                            terms_are_added_in_the_contracts_order},
                           CU_TEST_INFO_NULL};

    return unit_run("signs", tests);
}
