/* Dialect rules: what a profile accepts beyond the RFC, because clients send it (clients.md of the shapes P1 to P50). Each rule is one
 * row: its name, what it does, and where it acts. A rule is an option of a parser or reader, or a function that rewrites a value, a body
 * or a PATCH operation before the strict engine sees it, or both. */
#ifndef SCIM_CORE_RULES_H
#define SCIM_CORE_RULES_H

#include "../schema/context.h"

typedef struct scim_rule_t {
    const char *name;                  /* in SCIMDialect */
    const char *what;                  /* one sentence for documentation */
    const char *departs;               /* the requirements that it gives up, by their names in t/requirements.tsv, a space between */
    const char *why;                   /* who needs that, as a part of a sentence */
    const char *argument;              /* names of attributes as in SCIMDialect RULE=NAME,...: what is meant without; "": all of them;
                                        * NULL: the rule takes no argument */
    int apart;                         /* it reads what the RFC allows otherwise: "all" leaves it out, who wants it has to name it */
    scim_options_t options;
    const scim_alias_t *aliases;       /* other names of schemas, see scim_resource_type_t */
    scim_rewrite_value_fn *value;
    scim_rewrite_body_fn *body;
    scim_rewrite_operation_fn *operation;
} scim_rule_t;

/* Rewriting functions run in the order of the rows. */
extern const scim_rule_t scim_rules[];
extern const int scim_rule_count;

/* Room for counters by rule; sets of rules are bits of 64. */
#define SCIM_MOST_RULES 64

/* Index of the rule with this name (letter case ignored), or -1. */
int scim_rule_find(const char *name);

/* All rules, as bits 1 << index. */
apr_uint64_t scim_rules_all(void);

/* Those of "SCIMDialect all". */
apr_uint64_t scim_rules_usual(void);

/* Switches the rules on in the profile (options, aliases, lists of functions), all others off. arguments[i]: what the
 * configuration says after "RULE=", or NULL. Lists live in p. */
void scim_rules_set(apr_pool_t *p, scim_profile_t *profile, apr_uint64_t rules, const char *const *arguments);

/* The rules that helped in a request, as bits 1 << index: those whose option was used or whose function changed something. */
apr_uint64_t scim_rules_fired(const scim_context_t *c);

#endif
