/* test_signs.c - products with signs against plain loops, in every
 * instruction set. */
#include "attest/linalg/signs.h"

#include <math.h>
#include <string.h>

#include "attest/base/rng.h"
#include "attest/linalg/cpu.h"
#include "unit.h"

enum { ROWS = 13, MOST = 300, STRIDE = 5 };

static const size_t WIDTH[] = {1, 15, 16, 63, 64, 65, 127, 128, 129, 300};
enum { WIDTHS = sizeof WIDTH / sizeof WIDTH[0] };

struct material {
    uint64_t word[ROWS * STRIDE];
    struct att_signs s;
    double p[MOST], c[ROWS];
    float pf[MOST], cf[ROWS];
};

static void fill(struct material *m, size_t d)
{
    const struct att_stream bits = att_stream(11, 1, (uint32_t)d, 0);
    const struct att_stream numbers = att_stream(11, 2, (uint32_t)d, 0);

    memset(m, 0, sizeof *m);
    m->s = (struct att_signs){m->word, ROWS, d, STRIDE};
    for (size_t i = 0; i < ROWS; i++) {
        for (size_t j = 0; j < d; j++) {
            const uint64_t bit = att_stream_word(&bits, i * MOST + j) & 1;

            m->word[i * STRIDE + j / 64] |= bit << (j % 64);
        }
        m->c[i] = att_stream_normal(&numbers, 1000 + i);
        m->cf[i] = (float)m->c[i];
    }
    for (size_t j = 0; j < d; j++) {
        m->p[j] = att_stream_normal(&numbers, j);
        m->pf[j] = (float)m->p[j];
    }
}

static double sign(const struct material *m, size_t i, size_t j)
{
    return (m->word[i * STRIDE + j / 64] >> (j % 64) & 1) != 0 ? 1.0 : -1.0;
}

/* Sums of d <= 300 normals, each rounded at most 12 + d / 8 times, and 2 S - T
 * for |S|, |T| <= 4 sqrt(d): 100 ulp of 300 leave room. */
static const double SLACK = 300.0 * 100.0;

static void check_apply(const struct material *m)
{
    double out[ROWS];
    float outf[ROWS];

    att_signs_apply(&m->s, m->p, out);
    att_signs_applyf(&m->s, m->pf, outf);
    for (size_t i = 0; i < ROWS; i++) {
        double sum = 0.0;

        for (size_t j = 0; j < m->s.d; j++)
            sum += sign(m, i, j) * m->p[j];
        CU_ASSERT_DOUBLE_EQUAL(out[i], sum, SLACK * 0x1p-53);
        CU_ASSERT_DOUBLE_EQUAL((double)outf[i], sum, SLACK * 0x1p-24);
    }
}

static void check_combine(const struct material *m)
{
    double out[MOST];
    float outf[MOST];

    att_signs_combine(&m->s, m->c, out);
    att_signs_combinef(&m->s, m->cf, outf);
    for (size_t j = 0; j < m->s.d; j++) {
        double sum = 0.0;

        for (size_t i = 0; i < ROWS; i++)
            sum += sign(m, i, j) * m->c[i];
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

static void products_are_those_of_plain_loops(void)
{
    static struct material m;

    for (size_t w = 0; w < WIDTHS; w++) {
        fill(&m, WIDTH[w]);
        check_apply(&m);
        check_combine(&m);
        check_dot(&m);
    }
}

struct products {
    double apply[ROWS], combine[MOST];
    float applyf[ROWS], combinef[MOST];
};

static void multiply(const struct material *m, struct products *out)
{
    memset(out, 0, sizeof *out);
    att_signs_apply(&m->s, m->p, out->apply);
    att_signs_combine(&m->s, m->c, out->combine);
    att_signs_applyf(&m->s, m->pf, out->applyf);
    att_signs_combinef(&m->s, m->cf, out->combinef);
}

static void every_instruction_set_gives_the_same_bits(void)
{
    static struct material m;
    static struct products first, now;

    for (size_t w = 0; w < WIDTHS; w++) {
        fill(&m, WIDTH[w]);
        CU_ASSERT_EQUAL_FATAL(att_isa_pin(ATT_ISA_PORTABLE, NULL), ATT_OK);
        multiply(&m, &first);
        for (int isa = 0; isa <= (int)att_isa_best(); isa++) {
            CU_ASSERT_EQUAL_FATAL(att_isa_pin((enum att_isa)isa, NULL), ATT_OK);
            multiply(&m, &now);
            CU_ASSERT_EQUAL(memcmp(&now, &first, sizeof now), 0);
        }
    }
}

int main(void)
{
    CU_TestInfo tests[] = {{"products are those of plain loops",
                            products_are_those_of_plain_loops},
                           {"every instruction set gives the same bits",
                            every_instruction_set_gives_the_same_bits},
                           CU_TEST_INFO_NULL};

    return unit_run("signs", tests);
}
