#include "attest/base/text.h"

#include <string.h>
#include <strings.h>

bool att_text_same(const char *a, const char *b)
{
    if (a == NULL || b == NULL)
        return a == b;
    return strcmp(a, b) == 0;
}

int att_text_choice(const char *word, const char *const *names)
{
    int k = 0;

    while (names[k + 1] != NULL && !att_text_same(word, names[k]))
        k++;
    return k;
}

bool att_text_starts(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool att_text_word(const char **at, const char *gaps, char *word, size_t size)
{
    if (*at == NULL)
        return false;

    const char *start = *at + strspn(*at, gaps);
    const size_t length = strcspn(start, gaps);
    const size_t kept = length < size ? length : size - 1;

    memcpy(word, start, kept);
    word[kept] = '\0';
    *at = start + length;
    return length > 0;
}

enum { LONGEST = 63 }; /* longer words are never misspelt names */

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Optimal string alignment distance: insert, delete, replace, swap. */
static unsigned edit_distance(const char *a, size_t n, const char *b, size_t m)
{
    unsigned row[3][LONGEST + 1];

    for (size_t j = 0; j <= m; j++)
        row[0][j] = (unsigned)j;
    for (size_t i = 1; i <= n; i++) {
        unsigned *now = row[i % 3];
        const unsigned *last = row[(i + 2) % 3];
        const unsigned *before = row[(i + 1) % 3];

        now[0] = (unsigned)i;
        for (size_t j = 1; j <= m; j++) {
            const unsigned change = a[i - 1] != b[j - 1];

            now[j] = least(last[j] + 1, now[j - 1] + 1);
            now[j] = least(now[j], last[j - 1] + change);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = least(now[j], before[j - 2] + 1);
        }
    }
    return row[n % 3][m];
}

static size_t edits_allowed(size_t length)
{
    const size_t half = length / 2;

    if (half < 1)
        return 1;
    return half > 3 ? 3 : half;
}

/* A suggestion must keep something of the word, if only its letter's sound. */
static bool is_kin(const char *a, const char *b, unsigned distance)
{
    const size_t n = strlen(a);
    const size_t m = strlen(b);

    return distance < (n > m ? n : m) || strcasecmp(a, b) == 0;
}

const char *att_text_nearest(const char *word, const char *const *names,
                             size_t n)
{
    const size_t length = strlen(word);
    size_t best = edits_allowed(length) + 1;
    const char *nearest = NULL;

    if (length > LONGEST)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        if (names[i] == NULL || strlen(names[i]) > LONGEST)
            continue;
        const unsigned distance =
            edit_distance(word, length, names[i], strlen(names[i]));
        if (distance < best && is_kin(word, names[i], distance)) {
            best = distance;
            nearest = names[i];
        }
    }
    return nearest;
}
