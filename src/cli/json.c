#include "json.h"

#include <math.h>

#include "attest/store/provenance.h"
#include "cli_priv.h"

json_t *cli_json_begin(const char *command)
{
    return json_pack("{s:i, s:s, s:s}", "attest_json", CLI_JSON_VERSION,
                     "attest_version", att_version(), "command", command);
}

json_t *cli_json_real(double x)
{
    char text[ATT_NUMBER_TEXT];

    if (isfinite(x))
        return json_real(x);
    return isnan(x) ? json_null() : json_string(att_real_text(x, text));
}

json_t *cli_json_value(struct att_value v)
{
    switch (v.kind) {
    case ATT_NONE:
        break;
    case ATT_INTEGER:
        return json_integer(v.i);
    case ATT_REAL:
        return cli_json_real(v.r);
    case ATT_TEXT:
        return json_string(v.s);
    }
    return json_null();
}

json_t *cli_json_key(struct att_key key)
{
    char text[ATT_KEY_TEXT];

    return json_string(att_key_text(key, text));
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
