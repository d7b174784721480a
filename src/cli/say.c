#include "cli_priv.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

void cli_error(const char *hint, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    (void)fputs("attest: error: ", stderr);
    (void)vfprintf(stderr, fmt, args);
    (void)fputc('\n', stderr);
    va_end(args);
    if (hint != NULL)
        (void)fprintf(stderr, "  hint: %s\n", hint);
}

void cli_warn(const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    (void)fputs("attest: warning: ", stderr);
    (void)vfprintf(stderr, fmt, args);
    (void)fputc('\n', stderr);
    va_end(args);
}

int cli_fail(const struct att_error *err)
{
    const bool usage = err->status == ATT_E_ARG || err->status == ATT_E_PARSE ||
                       err->status == ATT_E_OVERFLOW;

    cli_error(NULL, "%s",
              err->text[0] != '\0' ? err->text : att_status_text(err->status));
    return usage ? CLI_USAGE : CLI_TROUBLE;
}

bool cli_colour(FILE *stream)
{
    const char *no = getenv("NO_COLOR");
    const char *term = getenv("TERM");

    if (no != NULL && no[0] != '\0')
        return false;
    if (getenv("OMPI_COMM_WORLD_SIZE") != NULL) /* mpirun's pseudo-terminal */
        return false;
    if (term == NULL || strcmp(term, "dumb") == 0)
        return false;
    return isatty(fileno(stream)) == 1;
}

uint32_t cli_width(FILE *stream)
{
    struct winsize size;

    if (ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return isatty(fileno(stream)) == 1 ? 80 : 0;
}

int cli_end(int code)
{
    if (fflush(stdout) == 0 && ferror(stdout) == 0)
        return code;
    if (errno == EPIPE) /* the reader (head, less) has seen enough */
        return code;
    cli_error(NULL, "cannot write to standard output: %s", strerror(errno));
    return CLI_TROUBLE;
}
