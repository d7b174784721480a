/* status.h - how a function says that it failed, and why. */
#pragma once

#define ATT_STATUS_LIST(X)                                                     \
    X(ATT_OK, "success")                                                       \
    X(ATT_E_ARG, "value outside its documented range")                         \
    X(ATT_E_NOMEM, "out of memory")                                            \
    X(ATT_E_OVERFLOW, "integer overflow")                                      \
    X(ATT_E_PARSE, "malformed input")                                          \
    X(ATT_E_IO, "file or device error")                                        \
    X(ATT_E_NUMERIC, "result is not finite or misses its tolerance")           \
    X(ATT_E_INFEASIBLE, "the construction does not exist at this point")       \
    X(ATT_E_COMM, "message passing failed")                                    \
    X(ATT_E_LOCKED, "another process owns this run folder")                    \
    X(ATT_E_VERSION, "written by a newer version of attest")                   \
    X(ATT_E_UNSUPPORTED, "left out of this build")                             \
    X(ATT_E_MISMATCH, "two things that must agree do not")

#define ATT_STATUS_NAME(name, text) name,
typedef enum att_status { ATT_STATUS_LIST(ATT_STATUS_NAME) } att_status;
#undef ATT_STATUS_NAME

enum { ATT_ERROR_TEXT = 480 };

/* A caller-owned place for the reason.  Zero-initialise it; pass NULL to
 * discard the text.  The first failure wins: later ones do not overwrite it. */
struct att_error {
    att_status status;
    char text[ATT_ERROR_TEXT];
};

#define ATT_CHECKED      __attribute__((warn_unused_result))
#define ATT_PRINTF(f, a) __attribute__((format(printf, f, a)))

/* Record why in *err (may be NULL) and return status, so that a failing
 * function ends with one line: return att_fail(err, ATT_E_ARG, "..."); */
att_status att_fail(struct att_error *err, att_status status, const char *fmt,
                    ...) ATT_PRINTF(3, 4);

/* As att_fail with ATT_E_IO, the text followed by ": " and strerror(errno). */
att_status att_fail_errno(struct att_error *err, const char *fmt, ...)
    ATT_PRINTF(2, 3);

/* The fixed English text of a status; never NULL. */
const char *att_status_text(att_status status);

/* Return early on failure.  Only where the function owns nothing yet. */
#define ATT_TRY(call)                                                          \
    do {                                                                       \
        const att_status try_ = (call);                                        \
        if (try_ != ATT_OK)                                                    \
            return try_;                                                       \
    } while (0)
