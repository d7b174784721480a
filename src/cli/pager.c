#include "pager.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOT_FOUND = 127, ROWS_UNKNOWN = 24 };

static const char *pager(void)
{
    const char *chosen = getenv("PAGER");

    return chosen != NULL ? chosen : "less -FRX";
}

bool cli_can_page(void)
{
    const char *term = getenv("TERM");

    return isatty(STDOUT_FILENO) == 1 && term != NULL &&
           strcmp(term, "dumb") != 0 && pager()[0] != '\0' &&
           strcmp(pager(), "cat") != 0;
}

static size_t rows_of_screen(void)
{
    struct winsize size;

    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0)
        return size.ws_row;
    return ROWS_UNKNOWN;
}

static size_t count_lines(const struct att_buffer *text)
{
    size_t n = 0;

    for (size_t i = 0; i < text->size; i++)
        n += text->data[i] == '\n';
    return n;
}

/* False when there is no such program: nothing was printed then. */
static bool print_through(const char *program, const struct att_buffer *text)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct sigaction before;

    (void)fflush(stdout);
    (void)sigaction(SIGPIPE, &ignore, &before); /* q before the end */
    /* NOLINTNEXTLINE(cert-env33-c): PAGER is a command line of the user's */
    FILE *const to = popen(program, "w");
    int status = -1;

    if (to != NULL) {
        (void)fwrite(text->data, 1, text->size, to);
        status = pclose(to);
    }
    (void)sigaction(SIGPIPE, &before, NULL);
    return status >= 0 &&
           !(WIFEXITED(status) && WEXITSTATUS(status) == NOT_FOUND);
}

void cli_print_pages(const struct att_buffer *text)
{
    if (text->size == 0)
        return;
    if (cli_can_page() && count_lines(text) >= rows_of_screen() &&
        print_through(pager(), text))
        return;
    (void)fwrite(text->data, 1, text->size, stdout);
}
