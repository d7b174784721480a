/* test_random.c - many draws at once are the draws of base, bit for bit. */
#include "attest/linalg/random.h"

#include <string.h>

#include "attest/linalg/cpu.h"
#include "unit.h"

enum { LONGEST = 1200 };

/* Lengths around a block, a vector of blocks and a chunk; odd starts. */
static const size_t LENGTHS[] = {0,  1,   2,   3,   4,   5,   63,  64,
                                 65, 127, 128, 129, 511, 512, 513, LONGEST};
static const uint64_t STARTS[] = {0, 1, 2,       3,
                                  4, 7, 1000001, UINT64_C(0xffffffff) * 4 - 9};
enum {
    N_LENGTHS = sizeof LENGTHS / sizeof LENGTHS[0],
    N_STARTS = sizeof STARTS / sizeof STARTS[0]
};

static void for_every_draw(void (*check)(const struct att_stream *s,
                                         uint64_t first, size_t n))
{
    const struct att_stream s =
        att_stream(UINT64_C(0x299f31d0a4093822), 5, 6, 7);

    for (int isa = 0; isa <= (int)att_isa_best(); isa++) {
        CU_ASSERT_EQUAL_FATAL(att_isa_pin((enum att_isa)isa, NULL), ATT_OK);
        for (size_t i = 0; i < N_LENGTHS; i++) {
            for (size_t j = 0; j < N_STARTS; j++)
                check(&s, STARTS[j], LENGTHS[i]);
        }
    }
}

static void check_words(const struct att_stream *s, uint64_t first, size_t n)
{
    uint32_t many[LONGEST + 1] = {0};
    uint32_t one[LONGEST + 1] = {0};

    att_draw_words(s, first, n, many);
    att_stream_words(s, first, n, one);
    CU_ASSERT_EQUAL(memcmp(many, one, sizeof many), 0); /* none beyond n */
}

static void check_normals(const struct att_stream *s, uint64_t first, size_t n)
{
    double many[LONGEST + 1] = {0};
    double one[LONGEST + 1] = {0};
    float narrow[LONGEST + 1] = {0};

    att_draw_normals(s, first, n, many);
    att_draw_normalsf(s, first, n, narrow);
    att_stream_normals(s, first, n, one);
    for (size_t k = 0; k <= n; k++) {
        CU_ASSERT_EQUAL(many[k], one[k]);
        CU_ASSERT_EQUAL(narrow[k], (float)one[k]);
    }
}

static void check_uniforms(const struct att_stream *s, uint64_t first, size_t n)
{
    double many[LONGEST + 1] = {0};

    att_draw_uniforms(s, first, n, many);
    for (size_t k = 0; k < n; k++)
        CU_ASSERT_EQUAL(many[k], att_stream_uniform(s, first + k));
    CU_ASSERT_EQUAL(many[n], 0.0);
}

static void words_are_those_of_base(void)
{
    for_every_draw(check_words);
}

static void normals_are_those_of_base(void)
{
    for_every_draw(check_normals);
}

static void uniforms_are_those_of_base(void)
{
    for_every_draw(check_uniforms);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"words are those of base", words_are_those_of_base},
        {"normals are those of base", normals_are_those_of_base},
        {"uniforms are those of base", uniforms_are_those_of_base},
        CU_TEST_INFO_NULL,
    };

    return unit_run("random", tests);
}
