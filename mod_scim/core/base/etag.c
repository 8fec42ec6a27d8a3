#include "etag.h"

#include <apr_lib.h>
#include <apr_siphash.h>
#include <apr_strings.h>
#include <errno.h>
#include <string.h>

#include "text.h"

/* Its hexadecimal digits. */
#define FINGERPRINT 16

/* It tells one state of a user's groups from another; nothing secret hangs on it. */
static apr_uint64_t fingerprint(const char *s)
{
    static const unsigned char key[APR_SIPHASH_KSIZE] = "mod_scim groups";

    return apr_siphash24(s, strlen(s), key);
}

const char *scim_etag(apr_pool_t *p, apr_int64_t version, const char *groups)
{
    if (!groups || !*groups) {
        return apr_psprintf(p, "W/\"%" APR_INT64_T_FMT "\"", version);
    }
    return apr_psprintf(p, "W/\"%" APR_INT64_T_FMT "-%016" APR_UINT64_T_HEX_FMT "\"", version, fingerprint(groups));
}

/* The version is the number in front of the groups' fingerprint. */
static int tag_version(const char *opaque, apr_int64_t *version)
{
    char *end;

    if (!apr_isdigit(*opaque)) {
        return 0;
    }
    errno = 0;
    *version = apr_strtoi64(opaque, &end, 10);
    return !errno && (!*end || *end == '-');
}

int scim_etag_read(const char *etag, apr_int64_t *version)
{
    char *end;

    if (strncmp(etag, "W/\"", 3) != 0 || !apr_isdigit(etag[3]) || etag[3] == '0') {
        return 0;
    }
    errno = 0;
    *version = apr_strtoi64(etag + 3, &end, 10);
    if (*end == '-' && strspn(end + 1, "0123456789abcdef") == FINGERPRINT) {
        end += 1 + FINGERPRINT;
    }
    return !errno && strcmp(end, "\"") == 0;
}

/* What compressing filters append to a tag inside its quotes (mod_deflate, mod_brotli, front ends): it names the encoding, not the resource. */
static const char *const encodings[] = { "--gzip", "-gzip", "-br", "-deflate", "-zstd", ";gzip", ";br" };

static const char *without_encoding(apr_pool_t *p, const char *opaque)
{
    apr_size_t len = strlen(opaque), i;

    for (i = 0; i < sizeof(encodings) / sizeof(encodings[0]); i++) {
        apr_size_t end = strlen(encodings[i]);
        if (len > end && strcmp(opaque + len - end, encodings[i]) == 0) {
            return apr_pstrmemdup(p, opaque, len - end);
        }
    }
    return opaque;
}

/* One entity-tag of RFC 9110 section 8.8.3 at *s; NULL when it is not one. *s is then where parsing stopped. */
static const char *parse_tag(apr_pool_t *p, const char **s)
{
    const char *start = *s;

    if (start[0] == 'W' && start[1] == '/') {
        start += 2;
    }
    if (*start != '"') {
        return NULL;
    }
    for (*s = ++start; **s && **s != '"'; (*s)++) {
        if ((unsigned char)**s <= 0x20 || **s == 0x7f) {
            return NULL;
        }
    }
    if (**s != '"') {
        return NULL;
    }
    (*s)++;
    return apr_pstrmemdup(p, start, (apr_size_t)(*s - 1 - start));
}

const scim_match_t *scim_match_parse(apr_pool_t *p, const char *header)
{
    scim_match_t *match;
    const char *s;

    if (!header) {
        return NULL;
    }
    match = apr_pcalloc(p, sizeof *match);
    match->tags = apr_array_make(p, 1, sizeof(const char *));
    match->versions = apr_array_make(p, 1, sizeof(apr_int64_t));
    s = scim_skip_blanks(header);
    if (*s == '*' && !*scim_skip_blanks(s + 1)) {
        match->any = 1;
        return match;
    }
    while (*s) {
        const char *tag = parse_tag(p, &s);
        apr_int64_t version;

        s = scim_skip_blanks(s);
        if (tag && (!*s || *s == ',')) {
            tag = without_encoding(p, tag);
            APR_ARRAY_PUSH(match->tags, const char *) = tag;
            if (tag_version(tag, &version)) {
                APR_ARRAY_PUSH(match->versions, apr_int64_t) = version;
            }
        }
        s += strcspn(s, ",");
        s = scim_skip_blanks(*s ? s + 1 : s);
    }
    return match;
}

int scim_match_version(const scim_match_t *match, apr_int64_t version)
{
    int i;

    if (!match || match->any) {
        return 1;
    }
    for (i = 0; i < match->versions->nelts; i++) {
        if (APR_ARRAY_IDX(match->versions, i, apr_int64_t) == version) {
            return 1;
        }
    }
    return 0;
}

/* Equal opaque parts; etag is whole, with W/ and quotes. */
static int same_tag(const char *opaque, const char *etag)
{
    apr_size_t len = strlen(opaque);

    etag += etag[0] == 'W' ? 3 : 1;
    return strncmp(etag, opaque, len) == 0 && etag[len] == '"' && !etag[len + 1];
}

int scim_match_tag(const scim_match_t *match, const char *etag)
{
    int i;

    if (!match || match->any) {
        return match != NULL;
    }
    for (i = 0; i < match->tags->nelts; i++) {
        if (same_tag(APR_ARRAY_IDX(match->tags, i, const char *), etag)) {
            return 1;
        }
    }
    return 0;
}
