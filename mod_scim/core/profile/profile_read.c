/* One table: directive, number of arguments, function. */
#include "profile_read.h"

#include <apr_strings.h>
#include <string.h>

#include "../base/text.h"
#include "../base/words.h"

#define SECTION_END "</SCIMProfile>"

typedef struct line_t {
    apr_pool_t *p;
    scim_profile_spec_t *spec;
    apr_array_header_t *words;         /* of const char *: the directive and its arguments */
} line_t;

static const char *arg(const line_t *l, int i)
{
    return i + 1 < l->words->nelts ? APR_ARRAY_IDX(l->words, i + 1, const char *) : NULL;
}

static int count(const line_t *l)
{
    return l->words->nelts - 1;
}

static scim_error_t *wrong(const line_t *l, const char *format, ...) __attribute__((format(printf, 2, 3)));

static scim_error_t *wrong(const line_t *l, const char *format, ...)
{
    const char *text;
    va_list args;

    va_start(args, format);
    text = apr_pvsprintf(l->p, format, args);
    va_end(args);
    return scim_error(l->p, SCIM_E_INVALID_VALUE, "%s: %s", APR_ARRAY_IDX(l->words, 0, const char *), text);
}

static scim_error_t *read_inherit(const line_t *l, int data)
{
    (void)data;
    l->spec->base = arg(l, 0);
    return NULL;
}

static scim_error_t *read_type(const line_t *l, int data)
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

static scim_error_t *read_extension(const line_t *l, int what)
{
    const char *required = arg(l, 2);

    if (required && !scim_ieq(required, "required") && !scim_ieq(required, "optional")) {
        return wrong(l, "the third argument is required or optional");
    }
    add_change(l, what, arg(l, 1), required);
    return NULL;
}

/* One change for each attribute that is named. */
static scim_error_t *read_attributes(const line_t *l, int what)
{
    int i;

    for (i = 1; i < count(l); i++) {
        add_change(l, what, arg(l, i), NULL);
    }
    return NULL;
}

static scim_error_t *read_default(const line_t *l, int what)
{
    add_change(l, what, arg(l, 1), arg(l, 2));
    return NULL;
}

static scim_error_t *read_delete(const line_t *l, int what)
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

enum { CHOICE_USERNAME, CHOICE_MEDIA, CHOICE_CONFLICT, CHOICE_UNKNOWN, CHOICE_ABSENT, CHOICE_REPLY, CHOICE_ME, CHOICE_URL_FILTERS };

static const choice_t choices[] = {
    [CHOICE_USERNAME] = { MEMBER(username), { "any", "email", "nickname", NULL } },
    [CHOICE_MEDIA] = { MEMBER(media), { "negotiate", "scim", "json", NULL } },
    [CHOICE_CONFLICT] = { MEMBER(restore_inactive), { "refuse", "restore", NULL, NULL } },
    [CHOICE_UNKNOWN] = { MEMBER(skip_unknown_members), { "refuse", "skip", NULL, NULL } },
    [CHOICE_ABSENT] = { MEMBER(keep_absent_members), { "clear", "keep", NULL, NULL } },
    [CHOICE_REPLY] = { MEMBER(group_patch_body), { "minimal", "full", NULL, NULL } },
    [CHOICE_URL_FILTERS] = { MEMBER(no_url_filters), { "allow", "refuse", NULL, NULL } },
    [CHOICE_ME] = { MEMBER(me), { "off", "on", NULL, NULL } },
};

static scim_error_t *read_choice(const line_t *l, int which)
{
    const choice_t *choice = &choices[which];
    const char *known = "";
    int i;

    for (i = 0; choice->words[i]; i++) {
        if (scim_ieq(choice->words[i], arg(l, 0))) {
            *(int *)((char *)l->spec + choice->member) = i;
            return NULL;
        }
        known = apr_pstrcat(l->p, known, i ? ", " : "", choice->words[i], NULL);
    }
    return wrong(l, "\"%s\" is not one of %s", arg(l, 0), known);
}

/* [+]RULE, -RULE or RULE=NAME,... */
static scim_error_t *read_rule(const line_t *l, const char *word)
{
    int off = *word == '-', rule;
    const char *name = *word == '+' || off ? word + 1 : word, *argument = strchr(name, '=');

    rule = scim_rule_find(argument ? apr_pstrmemdup(l->p, name, (apr_size_t)(argument - name)) : name);
    if (rule < 0) {
        return wrong(l, "there is no dialect rule \"%s\"", word);
    }
    if (argument && (off || !scim_rules[rule].argument || !argument[1])) {
        return wrong(l, "%s: %s", word, scim_rules[rule].argument && !off ? "the names of attributes are missing" : "this takes no argument");
    }
    l->spec->arguments[rule] = argument ? apr_pstrdup(l->p, argument + 1) : NULL;
    l->spec->rules_set |= APR_UINT64_C(1) << rule;
    l->spec->rules &= ~(APR_UINT64_C(1) << rule);
    l->spec->rules |= (apr_uint64_t)!off << rule;
    return NULL;
}

static scim_error_t *read_dialect(const line_t *l, int data)
{
    int i;

    (void)data;
    for (i = 0; i < count(l); i++) {
        if (scim_ieq(arg(l, i), "all") || scim_ieq(arg(l, i), "none")) {
            l->spec->rules_set = scim_rules_all();
            l->spec->rules = scim_ieq(arg(l, i), "all") ? scim_rules_usual() : 0;
            memset(l->spec->arguments, 0, sizeof(l->spec->arguments));
            continue;
        }
        SCIM_TRY(read_rule(l, arg(l, i)));
    }
    return NULL;
}

static const struct {
    const char *name;
    int least, most;                   /* arguments */
    scim_error_t *(*read)(const line_t *l, int data);
    int data;
} directives[] = {
    { "SCIMInherit", 1, 1, read_inherit, 0 },
    { "SCIMResourceType", 3, 3, read_type, 0 },
    { "SCIMExtension", 2, 3, read_extension, SCIM_CHANGE_EXTENSION },
    { "SCIMRequire", 2, 100, read_attributes, SCIM_CHANGE_REQUIRE },
    { "SCIMOptional", 2, 100, read_attributes, SCIM_CHANGE_OPTIONAL },
    { "SCIMDefault", 3, 3, read_default, SCIM_CHANGE_DEFAULT },
    { "SCIMUnique", 2, 100, read_attributes, SCIM_CHANGE_UNIQUE },
    { "SCIMFilterable", 2, 100, read_attributes, SCIM_CHANGE_FILTERABLE },
    { "SCIMHide", 2, 100, read_attributes, SCIM_CHANGE_HIDE },
    { "SCIMSelf", 2, 100, read_attributes, SCIM_CHANGE_OWN },
    { "SCIMDelete", 2, 2, read_delete, SCIM_CHANGE_DELETE },
    { "SCIMUserName", 1, 1, read_choice, CHOICE_USERNAME },
    { "SCIMMediaType", 1, 1, read_choice, CHOICE_MEDIA },
    { "SCIMInactiveConflict", 1, 1, read_choice, CHOICE_CONFLICT },
    { "SCIMUnknownMembers", 1, 1, read_choice, CHOICE_UNKNOWN },
    { "SCIMAbsentMembers", 1, 1, read_choice, CHOICE_ABSENT },
    { "SCIMGroupPatchReply", 1, 1, read_choice, CHOICE_REPLY },
    { "SCIMFilterInURL", 1, 1, read_choice, CHOICE_URL_FILTERS },
    { "SCIMMe", 1, 1, read_choice, CHOICE_ME },
    { "SCIMDialect", 1, 100, read_dialect, 0 },
};

/* The words of a line that is no comment. */
static scim_error_t *read_directive(const line_t *l)
{
    const char *name = APR_ARRAY_IDX(l->words, 0, const char *);
    apr_size_t i;

    for (i = 0; i < sizeof(directives) / sizeof(directives[0]); i++) {
        if (!scim_ieq(directives[i].name, name)) {
            continue;
        }
        if (count(l) < directives[i].least || count(l) > directives[i].most) {
            return wrong(l, "wrong number of arguments");
        }
        return directives[i].read(l, directives[i].data);
    }
    return scim_error(l->p, SCIM_E_INVALID_VALUE, "%s is no directive of <SCIMProfile>", name);
}

scim_error_t *scim_profile_line(apr_pool_t *p, scim_profile_spec_t *spec, const char *line, int *ended)
{
    line_t l = { p, spec, scim_words(p, line) };
    const char *first = l.words->nelts > 0 ? APR_ARRAY_IDX(l.words, 0, const char *) : "#";

    *ended = scim_ieq(first, SECTION_END);
    return *ended || *first == '#' ? NULL : read_directive(&l);
}

scim_error_t *scim_profile_open(apr_pool_t *p, apr_hash_t *specs, const char *args, scim_profile_spec_t **out)
{
    const char *end = strrchr(args, '>');
    const apr_array_header_t *names;

    if (!end) {
        return scim_error(p, SCIM_E_INVALID_VALUE, "<SCIMProfile is not closed by '>'");
    }
    names = scim_words(p, apr_pstrmemdup(p, args, (apr_size_t)(end - args)));
    if (names->nelts != 1 || !*APR_ARRAY_IDX(names, 0, const char *)) {
        return scim_error(p, SCIM_E_INVALID_VALUE, "<SCIMProfile> needs a name, and one only");
    }
    *out = scim_profile_spec_make(p, APR_ARRAY_IDX(names, 0, const char *));
    if (apr_hash_get(specs, (*out)->name, APR_HASH_KEY_STRING)) {
        return scim_error(p, SCIM_E_INVALID_VALUE, "<SCIMProfile %s> is there twice", (*out)->name);
    }
    return NULL;
}

scim_error_t *scim_profile_not_ended(apr_pool_t *p, const scim_profile_spec_t *spec)
{
    return scim_error(p, SCIM_E_INVALID_VALUE, "<SCIMProfile %s> has no " SECTION_END, spec->name);
}
