/* reseal.c - give the record at a byte of a journal another format, and the
 * checksum that goes with it, as a later attest would have written it.
 *
 *   reseal JOURNAL OFFSET FORMAT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attest/base/buffer.h"
#include "attest/base/hash.h"

enum { AT_CHECKSUM = 8, AT_LENGTH = 16, AT_FORMAT = 22, HEAD = 40 };

static void put_number(unsigned char *at, uint64_t v, int width)
{
    for (int i = 0; i < width; i++)
        at[i] = (unsigned char)(v >> (8 * i));
}

int main(int argc, char **argv)
{
    struct att_buffer file = {0};
    struct att_error err = {0};
    uint32_t n = 0;

    if (argc != 4)
        return 2;
    const size_t offset = strtoul(argv[2], NULL, 10);

    if (att_file_read(argv[1], &file, &err) != ATT_OK ||
        offset + HEAD > file.size)
        return 1;
    unsigned char *const record = (unsigned char *)file.data + offset;

    memcpy(&n, record + AT_LENGTH, sizeof n); /* little-endian hosts only */
    put_number(record + AT_FORMAT, strtoul(argv[3], NULL, 10), 2);
    put_number(record + AT_CHECKSUM,
               att_hash64(record + AT_LENGTH, HEAD - AT_LENGTH + n), 8);
    const att_status status =
        att_file_replace(argv[1], file.data, file.size, false, &err);

    att_buffer_fini(&file);
    return status == ATT_OK ? 0 : 1;
}
