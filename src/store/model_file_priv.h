/* model_file_priv.h - names that writing and reading a model share. */
#pragma once

#include <stdio.h>

#include "attest/base/buffer.h"
#include "attest/construction/construction.h"
#include "h5_priv.h"

enum { MODEL_SCHEMA_VERSION = 1, MODEL_LAYER_NAME = 24 };

/* Attributes that list names, separated by spaces, in their order. */
#define MODEL_TENSORS    "tensors"
#define MODEL_ATTRIBUTES "attributes"
#define MODEL_PARAMETERS "parameters"

static inline hid_t model_dtype(enum att_dtype dtype)
{
    return dtype == ATT_F64   ? H5T_NATIVE_DOUBLE
           : dtype == ATT_F32 ? H5T_NATIVE_FLOAT
           : dtype == ATT_I64 ? H5T_NATIVE_INT64
                              : H5T_NATIVE_UINT8;
}
