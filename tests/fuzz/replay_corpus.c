/* replay_corpus.c - hand every file of the given folders to the fuzz target.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "attest/base/buffer.h"
#include "fuzz.h"

static int replay_file(const char *path)
{
    struct att_buffer bytes = {0};
    struct att_error err = {0};

    if (att_file_read(path, &bytes, &err) != ATT_OK) {
        (void)fprintf(stderr, "%s\n", err.text);
        return 0;
    }
    (void)LLVMFuzzerTestOneInput((const uint8_t *)bytes.data, bytes.size);
    att_buffer_fini(&bytes);
    return 1;
}

static int replay_folder(const char *folder)
{
    DIR *const dir = opendir(folder);
    int n = 0;

    if (dir == NULL)
        return 0;
    for (struct dirent *entry = readdir(dir); entry != NULL;
         entry = readdir(dir)) {
        char path[4096];

        if (entry->d_name[0] == '.')
            continue;
        (void)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        n += replay_file(path);
    }
    (void)closedir(dir);
    return n;
}

int main(int argc, char **argv)
{
    int n = 0;

    for (int i = 1; i < argc; i++)
        n += replay_folder(argv[i]);
    (void)printf("%d inputs replayed\n", n);
    return n > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
