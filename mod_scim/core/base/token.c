#include "token.h"

#include <string.h>

#define PREFIX "scim_"
#define PREFIX_LENGTH (sizeof PREFIX - 1)
#define BASE 62
#define SECRET_DIGITS 43 /* 62^43 > 2^256 */
#define CHECK_DIGITS 6   /* 62^6 > 2^32 */
#define LENGTH (PREFIX_LENGTH + SECRET_DIGITS + CHECK_DIGITS)

static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/* CRC-32 (ISO 3309) of text[0..len). */
static apr_uint32_t crc32_of(const char *text, apr_size_t len)
{
    apr_uint32_t crc = 0xffffffffU;
    apr_size_t i;
    int bit;

    for (i = 0; i < len; i++) {
        crc ^= (unsigned char)text[i];
        for (bit = 0; bit < 8; bit++) {
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320U : 0);
        }
    }
    return ~crc;
}

static void write_check(char *out, const char *token)
{
    apr_uint32_t crc = crc32_of(token, PREFIX_LENGTH + SECRET_DIGITS);
    int i;

    for (i = CHECK_DIGITS - 1; i >= 0; i--) {
        out[i] = digits[crc % BASE];
        crc /= BASE;
    }
}

/* Divides the number in bytes, the highest first, by 62 and returns the remainder. */
static unsigned divide(unsigned char *bytes, int n)
{
    unsigned rest = 0;
    int i;

    for (i = 0; i < n; i++) {
        rest = rest << 8 | bytes[i];
        bytes[i] = (unsigned char)(rest / BASE);
        rest %= BASE;
    }
    return rest;
}

const char *scim_token_make(apr_pool_t *p, const unsigned char random[SCIM_TOKEN_RANDOM])
{
    unsigned char number[SCIM_TOKEN_RANDOM];
    char *token = apr_palloc(p, LENGTH + 1);
    int i;

    memcpy(number, random, sizeof number);
    memcpy(token, PREFIX, PREFIX_LENGTH);
    for (i = SECRET_DIGITS - 1; i >= 0; i--) {
        token[PREFIX_LENGTH + (apr_size_t)i] = digits[divide(number, SCIM_TOKEN_RANDOM)];
    }
    write_check(token + PREFIX_LENGTH + SECRET_DIGITS, token);
    token[LENGTH] = '\0';
    return token;
}

int scim_token_plausible(const char *text)
{
    char check[CHECK_DIGITS];

    if (strncmp(text, PREFIX, PREFIX_LENGTH) != 0) {
        return -1;
    }
    if (strlen(text) != LENGTH || strspn(text + PREFIX_LENGTH, digits) != LENGTH - PREFIX_LENGTH) {
        return 0;
    }
    write_check(check, text);
    return memcmp(check, text + PREFIX_LENGTH + SECRET_DIGITS, CHECK_DIGITS) == 0;
}
