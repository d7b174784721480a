/* main.c - attest COMMAND ...: find the command and hand over. */
#include "cli_priv.h"

#include <locale.h>
#include <string.h>

#include "attest/base/text.h"
#include "attest/store/provenance.h"

struct command {
    const char *name;
    int (*run)(int argc, char **argv);
};

#define COMMAND(suffix, name) {name, cmd_##suffix},
static const struct command COMMANDS[] = {
#include "commands.def"
};
#undef COMMAND

enum { N_COMMANDS = sizeof COMMANDS / sizeof COMMANDS[0] };

static const char HELP[] =
    "usage: attest COMMAND [OPERAND...] [OPTION...]\n"
    "\n"
    "Builds the transformers that expressivity theorems promise at every "
    "point\n"
    "of a parameter grid, measures each theorem's claim beside its "
    "prediction,\n"
    "and collects the rows into HDF5.\n"
    "\n"
    "  init --example NAME   a commented study to start from\n"
    "  list                  constructions and problems, with their theorems\n"
    "  describe NAME         parameters, metrics, claims, an example sweep\n"
    "  plan STUDY            counts, cost, memory and time before anything "
    "runs\n"
    "  run STUDY|DIR         the main job; goes on with what is there\n"
    "  submit STUDY          write the batch script for Slurm, and submit it\n"
    "  status DIR...         done, failed, rate, ETA, what each lane does\n"
    "  show DIR [COLUMN...]  a table in the terminal; one task in full\n"
    "  check DIR             the verdict on every claim\n"
    "  fit DIR               scaling laws, with the theorem's beside them\n"
    "  plot DIR              one figure: points, bands, the theorem as a line\n"
    "  report DIR            the run as one HTML page\n"
    "  export DIR            all rows, observations and claims as CSV\n"
    "  cite DIR              the papers behind the rows, as BibTeX\n"
    "  verify DIR            checksums, keys, HDF5 against the journal\n"
    "  rebuild DIR TASK      remake exactly the transformer of a row\n"
    "  diff A B              compare two runs, column by column\n"
    "  store DIR             write results.h5 from the journal now\n"
    "  merge DIR... -o DIR   unite runs by key\n"
    "  retry DIR             compute rows that ended badly again\n"
    "  forget DIR            make rows not count any more\n"
    "  stop DIR              ask a running job to drain\n"
    "  doctor                is this machine set up as attest needs it?\n"
    "  bench                 rates and overheads on this machine\n"
    "\n"
    "`attest COMMAND --help` tells more, with an example.\n"
    "\n"
    "example:\n"
    "  attest plan configs/quickstart.yaml\n"
    "  mpirun -n 4 attest run configs/quickstart.yaml\n";

static int unknown_command(const char *word)
{
    const char *names[N_COMMANDS];
    char hint[80];

    for (size_t i = 0; i < N_COMMANDS; i++)
        names[i] = COMMANDS[i].name;
    const char *nearest = att_text_nearest(word, names, N_COMMANDS);
    if (nearest != NULL)
        (void)snprintf(hint, sizeof hint, "did you mean '%s'?", nearest);
    cli_error(nearest != NULL ? hint : "attest --help lists the commands",
              "unknown command '%s'", word);
    return CLI_USAGE;
}

int main(int argc, char **argv)
{
    (void)setlocale(LC_CTYPE, ""); /* widths of UTF-8; numbers stay C */
    if (argc < 2) {
        (void)fputs(HELP, stderr);
        return CLI_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0) {
        (void)fputs(HELP, stdout);
        return cli_end(CLI_DONE);
    }
    if (strcmp(argv[1], "--version") == 0) {
        (void)printf("attest %s\n", att_version());
        return cli_end(CLI_DONE);
    }
    for (size_t i = 0; i < N_COMMANDS; i++) {
        if (strcmp(argv[1], COMMANDS[i].name) == 0)
            return cli_end(COMMANDS[i].run(argc - 1, argv + 1));
    }
    return unknown_command(argv[1]);
}
