/* The lexer of filters, and where a run of the parser stands. */
#ifndef SCIM_CORE_FILTER_LEX_H
#define SCIM_CORE_FILTER_LEX_H

#include "../schema/context.h"

/* Tolerances, in scim_options_t.filter. */
#define SCIM_FILTER_BARE_WORD 1        /* an unquoted word or number is a string, a time or a reference */
#define SCIM_FILTER_VALUE_PATH_EQ 2    /* emails[type eq "work"] eq "x" compares the value */
#define SCIM_FILTER_STRING_BOOLEAN 4   /* "True" is a boolean */
#define SCIM_FILTER_TIGHT 8            /* no space need stand around a string */
#define SCIM_FILTER_STRING_NUMBER 16   /* numbers of a SearchRequest may be strings */

/* A run of the parser. */
typedef struct scim_parse_t {
    scim_context_t *c;
    const scim_attribute_t *container; /* inside attr[...]: attr; else NULL */
    const char *start, *at;
    int depth;
    int terms;
    int any;                           /* an attribute that the type does not have has no value */
    int chooses;                       /* elements of a list that is at hand: nothing is searched, so it does not matter what can be */
} scim_parse_t;

/* An invalidFilter error that names the position. */
scim_error_t *scim_filter_fault(const scim_parse_t *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

void scim_filter_space(scim_parse_t *s);

/* Length of the word at s->at: an attribute path, an operator, a bare literal. */
apr_size_t scim_filter_word(const scim_parse_t *s);

/* Is the word of this length at s->at this one (letter case ignored)? */
int scim_filter_word_is(const scim_parse_t *s, apr_size_t len, const char *word);

/* Takes the word if it comes next. */
int scim_filter_take(scim_parse_t *s, const char *word);

/* The raw text of a literal, which is left where it is: a JSON string with its quotes, or a word. */
scim_error_t *scim_filter_literal(scim_parse_t *s, const char **raw, apr_size_t *len);

#endif
