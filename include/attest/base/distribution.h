/* distribution.h - the normal and Student's t. */
#pragma once

double att_normal_cdf(double z);
/* p in (0, 1). */
double att_normal_quantile(double p);
/* Student's t, nu > 0 degrees of freedom. */
double att_student_cdf(double t, double nu);
double att_student_quantile(double p, double nu);
