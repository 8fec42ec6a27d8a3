/* <SCIMProfile name> ... </SCIMProfile>. The block is read as a whole: its directives exist nowhere else. */
#include "private.h"

#include <apr_strings.h>
#include <string.h>

#include "../core/base/text.h"

typedef struct line_t {
    cmd_parms *cmd;
    scim_profile_spec_t *spec;
    const char *name;                  /* of the directive */
    apr_array_header_t *args;          /* of const char * */
} line_t;

static const char *arg(const line_t *l, int i)
{
    return i < l->args->nelts ? APR_ARRAY_IDX(l->args, i, const char *) : NULL;
}

static const char *read_inherit(const line_t *l, int data)
{
    (void)data;
    l->spec->base = arg(l, 0);
    return NULL;
}

static const char *read_type(const line_t *l, int data)
{
    scim_type_spec_t *type = apr_array_push(l->spec->types);

    (void)data;
    type->name = arg(l, 0);
    type->endpoint = arg(l, 1);
    type->schema = arg(l, 2);
    return NULL;
}

static void add_change(const line_t *l, int what, const char *value, const char *extra)
{
    scim_change_spec_t *change = apr_array_push(l->spec->changes);

    change->what = (scim_change_e)what;
    change->type = arg(l, 0);
    change->arg = value;
    change->value = extra;
}

static const char *read_extension(const line_t *l, int what)
{
    const char *required = arg(l, 2);

    if (required && !scim_ieq(required, "required") && !scim_ieq(required, "optional")) {
        return "the third argument is required or optional";
    }
    add_change(l, what, arg(l, 1), required);
    return NULL;
}

/* One change for each attribute that is named. */
static const char *read_attributes(const line_t *l, int what)
{
    int i;

    for (i = 1; i < l->args->nelts; i++) {
        add_change(l, what, arg(l, i), NULL);
    }
    return NULL;
}

static const char *read_default(const line_t *l, int what)
{
    add_change(l, what, arg(l, 1), arg(l, 2));
    return NULL;
}

static const char *read_delete(const line_t *l, int what)
{
    add_change(l, what, arg(l, 1), NULL);
    return NULL;
}

/* ---- settings with a word for each value ---- */

typedef struct choice_t {
    apr_size_t member;                 /* offset of an int in scim_profile_spec_t */
    const char *words[4];              /* by value */
} choice_t;

#define MEMBER(name) APR_OFFSETOF(scim_profile_spec_t, name)

enum { CHOICE_USERNAME, CHOICE_MEDIA, CHOICE_CONFLICT, CHOICE_UNKNOWN, CHOICE_ABSENT, CHOICE_REPLY };

static const choice_t choices[] = {
    [CHOICE_USERNAME] = { MEMBER(username), { "any", "email", "nickname", NULL } },
    [CHOICE_MEDIA] = { MEMBER(media), { "negotiate", "scim", "json", NULL } },
    [CHOICE_CONFLICT] = { MEMBER(restore_inactive), { "refuse", "restore", NULL, NULL } },
    [CHOICE_UNKNOWN] = { MEMBER(skip_unknown_members), { "refuse", "skip", NULL, NULL } },
    [CHOICE_ABSENT] = { MEMBER(keep_absent_members), { "clear", "keep", NULL, NULL } },
    [CHOICE_REPLY] = { MEMBER(group_patch_body), { "minimal", "full", NULL, NULL } },
};

static const char *read_choice(const line_t *l, int which)
{
    const choice_t *choice = &choices[which];
    const char *known = "";
    int i;

    for (i = 0; choice->words[i]; i++) {
        if (scim_ieq(choice->words[i], arg(l, 0))) {
            *(int *)((char *)l->spec + choice->member) = i;
            return NULL;
        }
        known = apr_pstrcat(l->cmd->pool, known, i ? ", " : "", choice->words[i], NULL);
    }
    return apr_psprintf(l->cmd->pool, "\"%s\" is not one of %s", arg(l, 0), known);
}

static const char *read_schemes(const line_t *l, int data)
{
    int i;

    (void)data;
    l->spec->raw_token = l->spec->basic = 0;
    for (i = 0; i < l->args->nelts; i++) {
        if (scim_ieq(arg(l, i), "raw")) {
            l->spec->raw_token = 1;
        }
        else if (scim_ieq(arg(l, i), "basic")) {
            l->spec->basic = 1;
        }
        else if (!scim_ieq(arg(l, i), "bearer")) {
            return apr_psprintf(l->cmd->pool, "\"%s\" is not one of bearer, raw, basic", arg(l, i));
        }
    }
    return NULL;
}

static const char *read_dialect(const line_t *l, int data)
{
    const apr_uint64_t all = (APR_UINT64_C(1) << SCIM_RULE_COUNT) - 1;
    int i;

    (void)data;
    for (i = 0; i < l->args->nelts; i++) {
        const char *word = arg(l, i);
        int off = *word == '-', rule;
        if (scim_ieq(word, "all") || scim_ieq(word, "none")) {
            l->spec->rules = scim_ieq(word, "all") ? all : 0;
            l->spec->rules_set = all;
            continue;
        }
        rule = scim_rule_find(*word == '+' || off ? word + 1 : word);
        if (rule < 0) {
            return apr_psprintf(l->cmd->pool, "there is no dialect rule \"%s\"", word);
        }
        l->spec->rules_set |= APR_UINT64_C(1) << rule;
        l->spec->rules &= ~(APR_UINT64_C(1) << rule);
        l->spec->rules |= (apr_uint64_t)!off << rule;
    }
    return NULL;
}

static const struct {
    const char *name;
    int least, most;                   /* arguments */
    const char *(*read)(const line_t *l, int data);
    int data;
} lines[] = {
    { "SCIMInherit", 1, 1, read_inherit, 0 },
    { "SCIMResourceType", 3, 3, read_type, 0 },
    { "SCIMExtension", 2, 3, read_extension, SCIM_CHANGE_EXTENSION },
    { "SCIMRequire", 2, 100, read_attributes, SCIM_CHANGE_REQUIRE },
    { "SCIMOptional", 2, 100, read_attributes, SCIM_CHANGE_OPTIONAL },
    { "SCIMDefault", 3, 3, read_default, SCIM_CHANGE_DEFAULT },
    { "SCIMUnique", 2, 100, read_attributes, SCIM_CHANGE_UNIQUE },
    { "SCIMFilterable", 2, 100, read_attributes, SCIM_CHANGE_FILTERABLE },
    { "SCIMHide", 2, 100, read_attributes, SCIM_CHANGE_HIDE },
    { "SCIMDelete", 2, 2, read_delete, SCIM_CHANGE_DELETE },
    { "SCIMUserName", 1, 1, read_choice, CHOICE_USERNAME },
    { "SCIMMediaType", 1, 1, read_choice, CHOICE_MEDIA },
    { "SCIMInactiveConflict", 1, 1, read_choice, CHOICE_CONFLICT },
    { "SCIMUnknownMembers", 1, 1, read_choice, CHOICE_UNKNOWN },
    { "SCIMAbsentMembers", 1, 1, read_choice, CHOICE_ABSENT },
    { "SCIMGroupPatchReply", 1, 1, read_choice, CHOICE_REPLY },
    { "SCIMAuthScheme", 1, 3, read_schemes, 0 },
    { "SCIMDialect", 1, 100, read_dialect, 0 },
};

static const char *read_line(line_t *l)
{
    const char *err;
    apr_size_t i;

    for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        if (!scim_ieq(lines[i].name, l->name)) {
            continue;
        }
        if (l->args->nelts < lines[i].least || l->args->nelts > lines[i].most) {
            return apr_psprintf(l->cmd->pool, "%s: wrong number of arguments", l->name);
        }
        err = lines[i].read(l, lines[i].data);
        return err ? apr_psprintf(l->cmd->pool, "%s: %s", l->name, err) : NULL;
    }
    return apr_psprintf(l->cmd->pool, "%s is no directive of <SCIMProfile>", l->name);
}

static apr_array_header_t *split(apr_pool_t *p, const char *args)
{
    apr_array_header_t *words = apr_array_make(p, 4, sizeof(const char *));

    while (*args) {
        const char *word = ap_getword_conf(p, &args);
        if (*word) {
            APR_ARRAY_PUSH(words, const char *) = word;
        }
    }
    return words;
}

const char *scim_profile_section(cmd_parms *cmd, void *dir, const char *args)
{
    const char *end = strrchr(args, '>'), *err, *name;
    scim_shared_t *shared = scim_shared(cmd->pool);
    char text[MAX_STRING_LEN];
    line_t line = { cmd, NULL, NULL, NULL };

    (void)dir;
    if (!end) {
        return "<SCIMProfile is not closed by '>'";
    }
    args = apr_pstrmemdup(cmd->temp_pool, args, (apr_size_t)(end - args));
    name = ap_getword_conf(cmd->pool, &args);
    if (!*name || *args) {
        return "<SCIMProfile> needs a name, and one only";
    }
    if (apr_hash_get(shared->specs, name, APR_HASH_KEY_STRING)) {
        return apr_psprintf(cmd->pool, "<SCIMProfile %s> is there twice", name);
    }
    line.spec = scim_profile_spec_make(cmd->pool, name);
    while (ap_cfg_getline(text, sizeof(text), cmd->config_file) == APR_SUCCESS) {
        const char *rest = text;
        if (!*text || *text == '#') {
            continue;
        }
        if (scim_ieqn(text, "</SCIMProfile>", 14)) {
            apr_hash_set(shared->specs, name, APR_HASH_KEY_STRING, line.spec);
            return NULL;
        }
        rest = ap_resolve_env(cmd->pool, text);
        line.name = ap_getword_conf(cmd->pool, &rest);
        line.args = split(cmd->pool, rest);
        err = read_line(&line);
        if (err) {
            return apr_psprintf(cmd->pool, "line %u: %s", cmd->config_file->line_number, err);
        }
    }
    return apr_psprintf(cmd->pool, "<SCIMProfile %s> has no </SCIMProfile>", name);
}
