#include "json.h"

#include "attest/store/provenance.h"
#include "cli_priv.h"

json_t *cli_json_begin(const char *command)
{
    return json_pack("{s:i, s:s, s:s}", "attest_json", CLI_JSON_VERSION,
                     "attest_version", att_version(), "command", command);
}

int cli_json_end(json_t *root)
{
    const int failed =
        root == NULL ||
        json_dumpf(root, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER) != 0;

    if (!failed)
        (void)fputc('\n', stdout);
    json_decref(root);
    if (failed)
        cli_error(NULL, "cannot write JSON: out of memory or a full disk");
    return failed ? CLI_TROUBLE : CLI_DONE;
}
