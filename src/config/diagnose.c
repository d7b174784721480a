/* diagnose.c - compiler-style messages.
 *
 *   s.yaml:6:13: N = 32.5 is not an integer
 *       6 |       N: [2, 32.5]
 *         |              ^~~~
 *
 * Columns count characters, not bytes.  Long lines are shown around the caret,
 * and control characters, which a study may hold but a terminal would obey,
 * are shown as '?'. */
#include "diagnose_priv.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "attest/base/text.h"

enum { LINE_SHOWN = 96, LEFT_OF_CARET = 48, NAMES_LISTED = 24 };

/* Does a byte go on with the character before it? */
static bool continues(char byte)
{
    return ((unsigned char)byte & 0xc0) == 0x80;
}

static size_t count_characters(const char *text, size_t n)
{
    size_t count = 0;

    for (size_t i = 0; i < n; i++)
        count += !continues(text[i]);
    return count;
}

/* The byte after k more characters, at most end. */
static size_t skip_characters(const char *text, size_t at, size_t end, size_t k)
{
    while (at < end && k > 0) {
        at++;
        while (at < end && continues(text[at]))
            at++;
        k--;
    }
    return at;
}

/* Well-formed byte sequences (The Unicode Standard, table 3-7). */
static const struct {
    unsigned char first_low, first_high, second_low, second_high;
    size_t length;
} FORM[] = {
    {0x00, 0x7f, 0x00, 0x00, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2},
    {0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
    {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
    {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4},
    {0xf4, 0xf4, 0x80, 0x8f, 4},
};

/* Do the bytes from the second on fit a form? */
static bool ends_well(const char *text, size_t form)
{
    const unsigned char second = (unsigned char)text[1];
    bool well =
        second >= FORM[form].second_low && second <= FORM[form].second_high;

    for (size_t i = 2; i < FORM[form].length; i++)
        well = well && continues(text[i]);
    return well;
}

size_t att_utf8_length(const char *text, size_t n)
{
    const unsigned char first = (unsigned char)text[0];
    size_t i = 0;

    while (i < sizeof FORM / sizeof FORM[0] && first > FORM[i].first_high)
        i++;
    if (i == sizeof FORM / sizeof FORM[0] || first < FORM[i].first_low ||
        FORM[i].length > n)
        return 0;
    return FORM[i].length == 1 || ends_well(text, i) ? FORM[i].length : 0;
}

/* C0 controls, DEL and the C1 controls (bytes c2 80 .. c2 9f). */
static bool is_control(const char *text, size_t length)
{
    const unsigned char c = (unsigned char)text[0];

    return c < 0x20 || c == 0x7f ||
           (length == 2 && c == 0xc2 && (unsigned char)text[1] < 0xa0);
}

static void put_clean(struct att_buffer *out, const char *text, size_t n)
{
    size_t i = 0;

    while (i < n) {
        const size_t length = att_utf8_length(text + i, n - i);

        if (length == 0 || is_control(text + i, length)) {
            att_buffer_text(out, text[i] == '\t' ? " " : "?");
        } else {
            att_buffer_append(out, text + i, length);
        }
        i += length == 0 ? 1 : length;
    }
}

struct span {
    size_t begin, end;
};

/* The line around an offset, without its end. */
static struct span line_around(const struct att_study_source *s, size_t offset)
{
    struct span line = {offset, offset};

    while (line.begin > 0 && s->text[line.begin - 1] != '\n')
        line.begin--;
    while (line.end < s->n && s->text[line.end] != '\n' &&
           s->text[line.end] != '\r')
        line.end++;
    return line;
}

static void put_repeated(struct att_buffer *out, char c, size_t n)
{
    for (size_t i = 0; i < n; i++)
        att_buffer_append(out, &c, 1);
}

/* The source line, cut to a window, and the caret below it. */
static void put_excerpt(struct diagnostics *d, struct place at,
                        struct span line)
{
    const char *text = d->source->text;
    const size_t caret =
        count_characters(text + line.begin, at.offset - line.begin);
    const size_t skipped = caret > LINE_SHOWN ? caret - LEFT_OF_CARET : 0;
    const size_t from = skip_characters(text, line.begin, line.end, skipped);
    const size_t to = skip_characters(text, from, line.end, LINE_SHOWN);
    const char *left = skipped > 0 ? "..." : "";
    const size_t last = at.offset + at.length;
    const size_t marked =
        count_characters(text + at.offset, (last < to ? last : to) - at.offset);

    att_buffer_printf(d->out, "%5u | %s", at.line, left);
    put_clean(d->out, text + from, to - from);
    att_buffer_text(d->out, to < line.end ? "...\n      | " : "\n      | ");
    put_repeated(d->out, ' ', strlen(left) + caret - skipped);
    att_buffer_text(d->out, "^");
    put_repeated(d->out, '~', marked > 1 ? marked - 1 : 0);
    att_buffer_text(d->out, "\n");
}

static void put_message(struct diagnostics *d, struct place at,
                        const char *message)
{
    if (at.offset > d->source->n)
        at.offset = d->source->n;
    if (at.length > d->source->n - at.offset)
        at.length = d->source->n - at.offset;
    const struct span line = line_around(d->source, at.offset);
    const size_t column = 1 + count_characters(d->source->text + line.begin,
                                               at.offset - line.begin);

    att_buffer_printf(d->out, "%s:%u:%zu: ", d->source->path, at.line, column);
    put_clean(d->out, message, strlen(message));
    att_buffer_text(d->out, "\n");
    put_excerpt(d, at, line);
}

void att_diagnose(struct diagnostics *d, struct place at, const char *fmt, ...)
{
    char message[ATT_ERROR_TEXT];
    va_list args;

    if (d->n++ >= ATT_STUDY_ERRORS)
        return;
    va_start(args, fmt);
    (void)vsnprintf(message, sizeof message, fmt, args);
    va_end(args);
    put_message(d, at, message);
}

void att_diagnose_unknown(struct diagnostics *d, struct place at,
                          const char *what, const char *word,
                          struct names legal)
{
    const char *nearest = att_text_nearest(word, legal.name, legal.n);
    struct att_buffer list = {0};

    if (nearest != NULL) {
        att_diagnose(d, at, "%s '%.80s': did you mean '%s'?", what, word,
                     nearest);
        return;
    }
    for (size_t i = 0; i < legal.n && i < NAMES_LISTED; i++)
        att_buffer_printf(&list, "%s%s", i > 0 ? ", " : "", legal.name[i]);
    if (legal.n > NAMES_LISTED)
        att_buffer_text(&list, ", ...");
    att_diagnose(d, at, "%s '%.80s': known are %s", what, word,
                 list.size > 0 ? list.data : "none");
    att_buffer_fini(&list);
}

void att_diagnose_error(struct diagnostics *d, struct place at,
                        struct att_error *err)
{
    att_diagnose(d, at, "%s", err->text);
    *err = (struct att_error){0};
}

struct place att_place_find(const struct att_study_source *source,
                            uint32_t line, uint32_t column)
{
    size_t at = 0;

    for (uint32_t i = 1; i < line && at < source->n; i++) {
        const char *end = memchr(source->text + at, '\n', source->n - at);

        at = end == NULL ? source->n : (size_t)(end - source->text) + 1;
    }
    const struct span here = line_around(source, at);
    return (struct place){.offset =
                              skip_characters(source->text, at, here.end,
                                              column > 0 ? column - 1 : 0),
                          .length = 1,
                          .line = line};
}
