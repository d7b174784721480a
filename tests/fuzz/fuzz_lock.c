/* fuzz_lock.c - any bytes as the lock of a run folder.
 *
 * What is read must come back from what is written of it. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "lock_priv.h"

static void check_again(const struct att_lock_info *info)
{
    struct att_buffer once = {0}, twice = {0};
    struct att_lock_info again;

    att_lock_format(info, &once);
    FUZZ_CHECK(att_buffer_ok(&once));
    FUZZ_CHECK(att_lock_parse(once.data, &again));
    att_lock_format(&again, &twice);
    FUZZ_CHECK(once.size == twice.size &&
               memcmp(once.data, twice.data, once.size) == 0);
    att_buffer_fini(&once);
    att_buffer_fini(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct att_lock_info info;
    struct att_buffer who = {0};
    char *const text = malloc(n + 1);

    FUZZ_CHECK(text != NULL);
    if (n > 0)
        memcpy(text, bytes, n);
    text[n] = '\0';
    if (att_lock_parse(text, &info)) {
        check_again(&info);
        att_holder_describe(&info.holder, &who);
        FUZZ_CHECK(att_buffer_ok(&who));
    }
    att_buffer_fini(&who);
    free(text);
    return 0;
}
