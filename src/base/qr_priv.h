/* qr_priv.h - the triangle of an augmented matrix [X | y].
 *
 * a is [n, width] row-major; its last column is the right-hand side. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Leave R in the first min(n, width) rows of a, zeros below. */
void att_qr(double *a, size_t n, uint32_t width);

/* The width - 1 coefficients by back substitution; at least as many rows went
 * into r.  False when columns depend on each other up to rounding. */
bool att_qr_solve(const double *r, size_t n, uint32_t width, double *coef);

/* Norm of row j of the inverse of R's leading block: the standard error of
 * coefficient j per unit of residual standard deviation. */
double att_qr_inverse_norm(const double *r, uint32_t width, uint32_t j);
