/* registry.c - the list of families.def as declarations and as a table. */
#include "attest/construction/registry.h"

#include "attest/base/text.h"
#include "code_ids_priv.h"

#define CONSTRUCTION(name_)                                                    \
    extern const struct att_construction att_construction_##name_;
#include "families.def"
#ifdef ATT_MORE_FAMILIES /* the test program adds constructions that fail */
#include ATT_MORE_FAMILIES
#endif
#undef CONSTRUCTION

/* Of constructions that are not in families.def: those of the test program. */
#ifndef ATT_OTHER_CODE_ID
#define ATT_OTHER_CODE_ID "0000000000000000"
#endif

/* The trailing NULL keeps the table legal while the list is empty. */
#define CONSTRUCTION(name_) &att_construction_##name_,
static const struct att_construction *const TABLE[] = {
#include "families.def"
#ifdef ATT_MORE_FAMILIES /* the test program adds constructions that fail */
#include ATT_MORE_FAMILIES
#endif
    NULL,
};
#undef CONSTRUCTION

const struct att_construction *const *att_constructions(size_t *n)
{
    *n = sizeof TABLE / sizeof TABLE[0] - 1;
    return TABLE;
}

const struct att_construction *att_construction_find(const char *name)
{
    for (size_t i = 0; TABLE[i] != NULL; i++) {
        if (att_text_same(TABLE[i]->name, name))
            return TABLE[i];
    }
    return NULL;
}

const char *att_construction_code_id(const struct att_construction *c)
{
    for (size_t i = 0; att_code_ids[i].construction != NULL; i++) {
        if (att_text_same(att_code_ids[i].construction, c->name))
            return att_code_ids[i].code_id;
    }
    return ATT_OTHER_CODE_ID;
}
