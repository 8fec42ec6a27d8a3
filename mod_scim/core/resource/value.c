#include "value.h"

#include <apr_base64.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>

#include "../base/datetime.h"
#include "../base/hash.h"
#include "../base/json.h"
#include "../query/value_key.h"
#include "element.h"
#include "reference.h"

scim_json_t *scim_value_rewrite(scim_context_t *c, const scim_attribute_t *attr, scim_json_t *value)
{
    int i;

    for (i = 0; i < c->profile->values->nelts; i++) {
        const scim_rewrite_t *rewrite = &APR_ARRAY_IDX(c->profile->values, i, scim_rewrite_t);
        scim_json_t *rewritten = rewrite->value(c, rewrite, attr, value);
        if (rewritten != value) {
            c->fired |= APR_UINT64_C(1) << rewrite->rule;
            value = rewritten;
        }
    }
    return value;
}

static const char *const expected[] = {
    [SCIM_STRING] = "a string",     [SCIM_BOOLEAN] = "true or false",
    [SCIM_DECIMAL] = "a number below 1e1000 of at most 1000 digits", [SCIM_INTEGER] = "an integer without fraction or exponent",
    [SCIM_DATETIME] = "a date and time such as \"2026-01-05T08:00:00Z\", in UTC of the years 0001 to 9999",
    [SCIM_REFERENCE] = "a string",  [SCIM_BINARY] = "a base64 string",
    [SCIM_COMPLEX] = "an object",
};

/* Where in a value the reader is. Made into text for an error only: most values are right. */
typedef struct where_t {
    const struct where_t *outer;
    const char *name; /* NULL: an element of a list */
    size_t index;
} where_t;

static const char *where_text(apr_pool_t *p, const where_t *w)
{
    if (!w->outer) {
        return w->name;
    }
    return w->name ? apr_pstrcat(p, where_text(p, w->outer), ".", w->name, NULL)
                   : apr_psprintf(p, "%s[%lu]", where_text(p, w->outer), (unsigned long)w->index);
}

static scim_error_t *wrong_type(apr_pool_t *p, const where_t *where, const char *what)
{
    return scim_error(p, SCIM_E_INVALID_VALUE, "%s must be %s", where_text(p, where), what);
}

/* A country is two letters (C-36). */
static int is_country(apr_pool_t *p, const char *s)
{
    (void)p;
    return apr_isalpha(s[0]) && apr_isalpha(s[1]) && !s[2];
}

/* A language tag has no white space (C-37). */
static int is_locale(apr_pool_t *p, const char *s)
{
    (void)p;
    return !s[strcspn(s, " \t\r\n")];
}

/* Bytes of the DER element of this tag that der[0..have) begins with; 0: there is none. *content, when not NULL: where its content begins. */
static apr_size_t der_element(const unsigned char *der, apr_size_t have, unsigned char tag, apr_size_t *content)
{
    apr_size_t header = 2, length, i;

    if (have < header || der[0] != tag) {
        return 0;
    }
    length = der[1];
    if (length & 0x80) {
        apr_size_t bytes = length & 0x7f;
        if (bytes < 1 || bytes > 4 || have < header + bytes) {
            return 0;
        }
        for (length = 0, i = 0; i < bytes; i++) {
            length = length << 8 | der[2 + i];
        }
        header += bytes;
    }
    if (content) {
        *content = header;
    }
    return length <= have - header ? header + length : 0;
}

/* Exactly one certificate (C-40) by its outline: what is signed, the algorithm, the signature. Whether it holds is for those who use it. */
static int is_certificate(apr_pool_t *p, const char *s)
{
    static const unsigned char tags[] = { 0x30, 0x30, 0x03 };
    unsigned char *der = apr_palloc(p, (apr_size_t)apr_base64_decode_len(s) + 1);
    apr_size_t have = (apr_size_t)apr_base64_decode_binary(der, s), at = 0, i;

    if (!have || der_element(der, have, 0x30, &at) != have) {
        return 0;
    }
    for (i = 0; i < sizeof(tags); i++) {
        apr_size_t length = der_element(der + at, have - at, tags[i], NULL);
        if (!length) {
            return 0;
        }
        at += length;
    }
    return at == have;
}

/* Characters of RFC 3986 section 2. */
#define HEX "0123456789ABCDEFabcdef"
#define UNRESERVED "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
#define SUB_DELIMS "!$&'()*+,;="

static int is_escape(const char *s)
{
    return s[0] == '%' && apr_isxdigit(s[1]) && apr_isxdigit(s[2]);
}

/* Bytes of the IPv6 address that s begins with, by its characters, with a zone if it has one (RFC 6874); 0: there is none. */
static apr_size_t ipv6(const char *s)
{
    apr_size_t len = strspn(s, HEX ":."), zone = len + strlen("%25"), end = zone;

    if (len < 2 || !memchr(s, ':', len)) {
        return 0;
    }
    if (strncmp(s + len, "%25", strlen("%25")) != 0) {
        return len;
    }
    while (s[end] && (strchr(UNRESERVED, s[end]) || is_escape(s + end))) {
        end += s[end] == '%' ? 3 : 1;
    }
    return end > zone ? end : 0;
}

/* Likewise of an address of a kind that is still to come: "v1.x". */
static apr_size_t ip_future(const char *s)
{
    apr_size_t dot, rest;

    if (*s != 'v' && *s != 'V') {
        return 0;
    }
    dot = 1 + strspn(s + 1, HEX);
    if (dot == 1 || s[dot] != '.') {
        return 0;
    }
    rest = strspn(s + dot + 1, UNRESERVED SUB_DELIMS ":");
    return rest ? dot + 1 + rest : 0;
}

/* The address in brackets that stands for the host in a URI's authority, "[::1]": where it begins, and its length in *len; NULL: there is none.
 * scheme: the length of the scheme, or 0. */
static const char *address(const char *s, apr_size_t scheme, apr_size_t *len)
{
    const char *authority = s + scheme + (s[scheme] == ':'), *at;
    apr_size_t inside;

    if (strncmp(authority, "//", 2) != 0) {
        return NULL;
    }
    authority += 2;
    at = memchr(authority, '@', strcspn(authority, "/?#"));
    authority = at ? at + 1 : authority;
    if (*authority != '[') {
        return NULL;
    }
    inside = ipv6(authority + 1);
    inside = inside ? inside : ip_future(authority + 1);
    *len = inside + strlen("[]");
    return inside && authority[inside + 1] == ']' && strchr(":/?#", authority[*len]) ? authority : NULL;
}

/* A URI or a relative reference, by the characters that RFC 3986 lets stand where (C-30). */
static int is_uri(apr_pool_t *p, const char *s)
{
    static const char anywhere[] = UNRESERVED SUB_DELIMS ":@/?";
    const char *fragment = strchr(s, '#'), *host;
    apr_size_t scheme = strcspn(s, ":/?#"), length = 0, i;

    (void)p;
    host = address(s, s[scheme] == ':' ? scheme : 0, &length);
    if (s[scheme] == ':' && (!apr_isalpha(*s) || strspn(s, anywhere) < scheme || memchr(s, '@', scheme))) {
        return 0;
    }
    for (i = 0; s[i]; i++) {
        if (s + i == host) {
            i += length - 1;
        }
        else if (s[i] == '%' ? !is_escape(s + i) : !strchr(anywhere, s[i]) && s + i != fragment) {
            return 0;
        }
    }
    return 1;
}

/* By scim_format_e. */
static const struct {
    int (*fits)(apr_pool_t *p, const char *s);
    const char *expected;
} formats[] = {
    [SCIM_FORMAT_COUNTRY] = { is_country, "an ISO 3166-1 code of two letters" },
    [SCIM_FORMAT_LANGUAGE] = { is_locale, "a language tag such as \"en-US\"" },
    [SCIM_FORMAT_CERTIFICATE] = { is_certificate, "one DER certificate in base64" },
    [SCIM_FORMAT_URI] = { is_uri, "a URI, in which other characters are written %XX" },
};

static scim_error_t *check_format(scim_context_t *c, const scim_attribute_t *attr, const where_t *where, const char *s)
{
    if (attr->format == SCIM_FORMAT_ANY || formats[attr->format].fits(c->p, s) || scim_tolerates(c, value, SCIM_VALUE_ANY_FORMAT)) {
        return NULL;
    }
    return wrong_type(c->p, where, formats[attr->format].expected);
}

static scim_error_t *read_simple(scim_context_t *c, const scim_attribute_t *attr, scim_json_t *value, const where_t *where,
                                 scim_json_t **out)
{
    apr_time_t t;

    *out = value;
    if (attr->type == SCIM_DATETIME) {
        if (!scim_datetime_parse(scim_json_string(value), &t)) {
            return wrong_type(c->p, where, expected[attr->type]);
        }
        *out = scim_json_new_string(c->p, scim_datetime_text(c->p, t));
    }
    else if ((attr->type == SCIM_BINARY || attr->type == SCIM_DECIMAL) && !scim_value_key(c->p, attr, value)) {
        return wrong_type(c->p, where, expected[attr->type]);
    }
    return scim_json_is(value, SCIM_JSON_STRING) ? check_format(c, attr, where, scim_json_string(value)) : NULL;
}

static scim_error_t *read_value(scim_context_t *c, const scim_attribute_t *attr, scim_json_t *value, const where_t *where,
                                scim_json_t **out);

static scim_error_t *read_complex(scim_context_t *c, const scim_attribute_t *attr, scim_json_t *value, const where_t *where,
                                  scim_json_t **out)
{
    scim_json_t *object = scim_json_new_object(c->p), *url, *id;
    int i;

    for (i = 0; i < attr->nsubs; i++) {
        const scim_attribute_t *sub = &attr->subs[i];
        scim_json_t *part = scim_json_get(value, sub->name, NULL);
        where_t at = { where, sub->name, 0 };
        if (!part || sub->mutability == SCIM_READ_ONLY) {
            continue;
        }
        SCIM_TRY(read_value(c, sub, part, &at, &part));
        if (part) {
            scim_json_set(object, sub->name, part);
        }
    }
    url = scim_reference_alone(c, attr, object);
    if (url) {
        SCIM_TRY(scim_reference_id(c, attr, url, where_text(c->p, where), &id));
        scim_json_set(object, scim_attribute_value(attr)->name, id);
    }
    *out = scim_json_count(object) ? object : NULL;
    return NULL;
}

static int is_text(const scim_attribute_t *attr)
{
    return attr->type == SCIM_STRING || attr->type == SCIM_REFERENCE || attr->type == SCIM_BINARY;
}

static scim_error_t *read_element(scim_context_t *c, const scim_attribute_t *attr, scim_json_t *value, const where_t *where,
                                  scim_json_t **out)
{
    *out = NULL;
    if (!value || (scim_json_is(value, SCIM_JSON_STRING) && scim_json_empty(value) &&
                   (is_text(attr) || scim_tolerates(c, value, SCIM_VALUE_EMPTY_STRING)))) {
        return NULL;
    }
    if (!scim_type_fits(attr, value)) {
        return wrong_type(c->p, where, expected[attr->type]);
    }
    if (attr->type == SCIM_COMPLEX) {
        return read_complex(c, attr, value, where, out);
    }
    return read_simple(c, attr, value, where, out);
}

/* At most one primary (P-13, V-01); the last one stays where the profile is lenient. */
static scim_error_t *check_primary(scim_context_t *c, const where_t *where, scim_json_t *list)
{
    size_t i, n = scim_json_count(list);
    scim_json_t *last = NULL;

    for (i = 0; i < n; i++) {
        scim_json_t *element = scim_json_at(list, i);
        if (!scim_element_primary(element)) {
            continue;
        }
        if (last) {
            if (!scim_tolerates(c, value, SCIM_VALUE_LAST_PRIMARY)) {
                return scim_error(c->p, SCIM_E_INVALID_VALUE, "%s has more than one primary value; mark one at most", where_text(c->p, where));
            }
            scim_json_set_boolean(last, "primary", 0);
        }
        last = element;
    }
    return NULL;
}

static scim_error_t *read_list(scim_context_t *c, const scim_attribute_t *attr, scim_json_t *value, const where_t *where,
                               scim_json_t **out)
{
    size_t i, n = scim_json_count(value);
    scim_json_t *list = scim_json_new_array(c->p);
    apr_hash_t *seen = scim_hash_make(c->p);

    if (n > SCIM_MOST_ELEMENTS && attr->home != SCIM_HOME_MEMBERS) {
        return scim_error(c->p, SCIM_E_INVALID_VALUE, "%s has more than %d values", where_text(c->p, where), SCIM_MOST_ELEMENTS);
    }
    for (i = 0; i < n; i++) {
        where_t at = { where, NULL, i };
        scim_json_t *element = scim_json_at(value, i);
        scim_json_t *same;
        const char *key;
        if (!element) {
            return wrong_type(c->p, &at, expected[attr->type]);
        }
        SCIM_TRY(read_element(c, attr, element, &at, &element));
        if (!element && attr->home == SCIM_HOME_MEMBERS) {
            return scim_error(c->p, SCIM_E_INVALID_VALUE, "%s needs a value: the id of a user or group", where_text(c->p, &at));
        }
        if (!element) {
            continue;
        }
        if (attr->home == SCIM_HOME_MEMBERS || n == 1) { /* members become a set by their ids */
            scim_json_append(list, element);
            continue;
        }
        SCIM_TRY(scim_element_sent_key(c, attr, element, &key));
        same = apr_hash_get(seen, key, APR_HASH_KEY_STRING);
        if (same) {
            scim_element_merge(attr, same, element);
            continue;
        }
        apr_hash_set(seen, key, APR_HASH_KEY_STRING, element);
        scim_json_append(list, element);
    }
    SCIM_TRY(check_primary(c, where, list));
    *out = scim_json_count(list) ? list : NULL;
    return NULL;
}

static scim_error_t *read_value(scim_context_t *c, const scim_attribute_t *attr, scim_json_t *value, const where_t *where,
                                scim_json_t **out)
{
    value = scim_value_rewrite(c, attr, value);
    if (!attr->multi) {
        return read_element(c, attr, value, where, out);
    }
    if (scim_json_is(value, SCIM_JSON_ARRAY)) {
        return read_list(c, attr, value, where, out);
    }
    *out = NULL;
    if (!value || (scim_json_is(value, SCIM_JSON_STRING) && scim_json_empty(value) && scim_tolerates(c, value, SCIM_VALUE_EMPTY_STRING))) {
        return NULL;
    }
    return wrong_type(c->p, where, attr->type == SCIM_COMPLEX ? "an array of objects" : "an array");
}

scim_error_t *scim_element_read(scim_context_t *c, const scim_attribute_t *attr, scim_json_t *value, const char *where,
                                scim_json_t **out)
{
    where_t top = { NULL, where, 0 };

    return read_element(c, attr, value, &top, out);
}

scim_error_t *scim_value_read(scim_context_t *c, const scim_attribute_t *attr, scim_json_t *value, const char *where,
                              scim_json_t **out)
{
    where_t top = { NULL, where, 0 };

    return read_value(c, attr, value, &top, out);
}
