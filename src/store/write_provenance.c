/* write_provenance.c - where the rows come from, as texts. */
#include "attest/base/text.h"
#include "write_priv.h"

static att_status write_fact(hid_t group, const char *name, const char *text,
                             struct att_error *err)
{
    struct att_arena *arena = att_arena_create(0);
    const char *clean = arena == NULL ? NULL : att_h5_text_clean(text, arena);
    const att_status status =
        clean == NULL ? att_fail(err, ATT_E_NOMEM, "no memory for '%s'", name)
                      : att_h5_text_write(group, name, clean, err);

    att_arena_destroy(arena);
    return status;
}

/* What the writer knows better than whoever collected facts. */
static bool is_own(const char *name)
{
    return att_text_same(name, "study") || att_text_same(name, "hosts");
}

static att_status write_facts(hid_t group, const struct att_provenance *facts,
                              struct att_error *err)
{
    size_t n = 0;
    const struct att_fact *fact =
        facts == NULL ? NULL : att_provenance_facts(facts, &n);

    for (size_t i = 0; i < n; i++) {
        if (!is_own(fact[i].name))
            ATT_TRY(write_fact(group, fact[i].name, fact[i].text, err));
    }
    return ATT_OK;
}

static att_status write_group(hid_t group, const struct att_store_input *input,
                              const struct host_set *hosts,
                              struct att_error *err)
{
    const char *names = att_hosts_text(hosts);

    if (names == NULL)
        return att_arena_fail(hosts->arena, "the hosts", err);
    ATT_TRY(write_fact(group, "study", input->study->text, err));
    ATT_TRY(write_fact(group, "hosts", names, err));
    return write_facts(group, input->provenance, err);
}

att_status att_write_provenance(hid_t root, const struct att_store_input *input,
                                const struct host_set *hosts,
                                struct att_error *err)
{
    hid_t group = -1;

    ATT_TRY(att_h5_group_create(root, "provenance", &group, err));

    const att_status status = write_group(group, input, hosts, err);

    att_h5_close(group);
    return status;
}
