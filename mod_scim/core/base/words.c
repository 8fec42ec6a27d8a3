#include "words.h"

#include <apr_lib.h>

static const char *skip_space(const char *s)
{
    while (apr_isspace(*s)) {
        s++;
    }
    return s;
}

/* The word at *at, which is moved behind it. */
static const char *next_word(apr_pool_t *p, const char **at)
{
    const char *s = *at, *end;
    char quote = *s == '"' || *s == '\'' ? *s++ : '\0';
    char *word, *o;

    for (end = s; *end && (quote ? *end != quote : !apr_isspace(*end)); end++) {
        if (quote && *end == '\\' && (end[1] == quote || end[1] == '\\')) {
            end++;
        }
    }
    o = word = apr_palloc(p, (apr_size_t)(end - s) + 1);
    for (; s < end; s++) {
        if (*s == '\\' && s + 1 < end && (s[1] == '\\' || (quote && s[1] == quote))) {
            s++;
        }
        *o++ = *s;
    }
    *o = '\0';
    *at = quote && *end ? end + 1 : end;
    return word;
}

apr_array_header_t *scim_words(apr_pool_t *p, const char *line)
{
    apr_array_header_t *words = apr_array_make(p, 4, sizeof(const char *));

    for (line = skip_space(line); *line; line = skip_space(line)) {
        APR_ARRAY_PUSH(words, const char *) = next_word(p, &line);
    }
    return words;
}
