/* vector.c - the public names of the kernels of the set in use. */
#include "attest/linalg/vector.h"

#include "attest/linalg/cpu.h"
#include "vector_priv.h"

static const struct att_vector_kernels *used(void)
{
#ifdef __x86_64__
    static const struct att_vector_kernels *const TABLE[ATT_ISAS] = {
        [ATT_ISA_PORTABLE] = &att_vector_portable,
        [ATT_ISA_AVX2] = &att_vector_avx2,
        [ATT_ISA_AVX512] = &att_vector_avx512,
    };

    return TABLE[att_isa_used()];
#else
    return &att_vector_portable;
#endif
}

double att_dot(size_t n, const double *x, const double *y)
{
    return used()->dot(n, x, y);
}

float att_dotf(size_t n, const float *x, const float *y)
{
    return used()->dotf(n, x, y);
}

double att_sum(size_t n, const double *x)
{
    return used()->sum(n, x);
}

float att_sumf(size_t n, const float *x)
{
    return used()->sumf(n, x);
}

double att_max(size_t n, const double *x)
{
    return used()->max(n, x);
}

float att_maxf(size_t n, const float *x)
{
    return used()->maxf(n, x);
}

size_t att_count_equal(size_t n, const double *x, double v)
{
    return used()->count_equal(n, x, v);
}

size_t att_count_equalf(size_t n, const float *x, float v)
{
    return used()->count_equalf(n, x, v);
}

void att_project(struct att_mat a, const double *u, double *out)
{
    used()->project(a, u, out);
}

void att_projectf(struct att_matf a, const float *u, float *out)
{
    used()->projectf(a, u, out);
}

void att_project_add(struct att_mat a, const double *u, double *out)
{
    used()->project_add(a, u, out);
}

void att_project_addf(struct att_matf a, const float *u, float *out)
{
    used()->project_addf(a, u, out);
}

void att_axpy(size_t n, double c, const double *x, double *y)
{
    used()->axpy(n, c, x, y);
}

void att_axpyf(size_t n, float c, const float *x, float *y)
{
    used()->axpyf(n, c, x, y);
}

void att_combine(struct att_mat m, const double *c, double *out)
{
    used()->combine(m, c, out);
}

void att_combinef(struct att_matf m, const float *c, float *out)
{
    used()->combinef(m, c, out);
}

void att_mix(struct att_mat m, const uint32_t *row, const double *c, size_t n,
             double *out)
{
    used()->mix(m, row, c, n, out);
}

void att_mixf(struct att_matf m, const uint32_t *row, const double *c, size_t n,
              float *out)
{
    used()->mixf(m, row, c, n, out);
}

void att_exp_sums(size_t n, const double *a, double *e, double sums[2])
{
    used()->exp_sums(n, a, e, sums);
}

void att_exp_sumsf(size_t n, const float *a, float *e, float sums[2])
{
    used()->exp_sumsf(n, a, e, sums);
}

void att_parabola(size_t n, const double *x, double slope, double level,
                  double *out)
{
    used()->parabola(n, x, slope, level, out);
}

void att_parabolaf(size_t n, const float *x, float slope, float level,
                   float *out)
{
    used()->parabolaf(n, x, slope, level, out);
}

double att_softmax(size_t n, const double *a, double *s)
{
    return used()->softmax(n, a, s);
}

float att_softmaxf(size_t n, const float *a, float *s)
{
    return used()->softmaxf(n, a, s);
}

void att_vexp(size_t n, const double *x, double *out)
{
    used()->exp(n, x, out);
}

void att_vlog(size_t n, const double *x, double *out)
{
    used()->log(n, x, out);
}

void att_vsin(size_t n, const double *x, double *out)
{
    used()->sin(n, x, out);
}

void att_vcos(size_t n, const double *x, double *out)
{
    used()->cos(n, x, out);
}
