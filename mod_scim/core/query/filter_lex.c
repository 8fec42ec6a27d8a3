#include "filter_lex.h"

#include <apr_strings.h>
#include <stdarg.h>
#include <string.h>

#include "../base/text.h"

scim_error_t *scim_filter_fault(const scim_parse_t *s, const char *format, ...)
{
    va_list args;
    const char *what;

    va_start(args, format);
    what = apr_pvsprintf(s->c->p, format, args);
    va_end(args);
    return scim_error(s->c->p, SCIM_E_INVALID_FILTER, "The filter is not valid: %s (at character %ld)", what, (long)(s->at - s->start) + 1);
}

void scim_filter_space(scim_parse_t *s)
{
    s->at = scim_skip_blanks(s->at);
}

apr_size_t scim_filter_word(const scim_parse_t *s)
{
    return strcspn(s->at, " \t\r\n()[]\"'");
}

int scim_filter_word_is(const scim_parse_t *s, apr_size_t len, const char *word)
{
    return strlen(word) == len && scim_ieqn(s->at, word, len);
}

int scim_filter_take(scim_parse_t *s, const char *word)
{
    apr_size_t len;

    scim_filter_space(s);
    len = scim_filter_word(s);
    if (!scim_filter_word_is(s, len, word)) {
        return 0;
    }
    s->at += len;
    return 1;
}

scim_error_t *scim_filter_literal(scim_parse_t *s, const char **raw, apr_size_t *len)
{
    scim_filter_space(s);
    *raw = s->at;
    if (*s->at == '"') {
        const char *c = s->at + 1;
        while (*c && *c != '"') {
            c += c[0] == '\\' && c[1] ? 2 : 1;
        }
        if (!*c) {
            return scim_filter_fault(s, "a string is not closed");
        }
        *len = (apr_size_t)(c + 1 - s->at);
    }
    else {
        *len = scim_filter_word(s);
        if (*len == 0) {
            return scim_filter_fault(s, *s->at == '\'' ? "strings are written in double quotes" : "a value is missing");
        }
    }
    return NULL;
}
