#include "decimal.h"

#include <apr_lib.h>
#include <apr_strings.h>

/* Beyond this an exponent is only known to be huge: sums with it stay far from overflow. */
#define HUGE_EXPONENT APR_INT64_C(1000000000000000)

/* sign * d.ddd * 10^magnitude; the digits, from the first that is not zero, stand in the text, maybe with a point among them. */
typedef struct number_t {
    int sign;
    const char *digits;
    apr_int64_t magnitude;
} number_t;

static apr_int64_t read_exponent(const char *s)
{
    int negative = *s == '-';
    apr_int64_t value = 0;

    for (s += *s == '-' || *s == '+'; apr_isdigit(*s); s++) {
        value = value < HUGE_EXPONENT ? value * 10 + (*s - '0') : value;
    }
    return negative ? -value : value;
}

static number_t read_number(const char *s)
{
    number_t n = { *s == '-' ? -1 : 1, NULL, -1 };
    int fraction = 0;

    for (s += *s == '-'; apr_isdigit(*s) || *s == '.'; s++) {
        if (*s == '.') {
            fraction = 1;
            continue;
        }
        if (!n.digits && *s != '0') {
            n.digits = s;
        }
        n.magnitude += n.digits ? !fraction : -fraction;
    }
    if (!n.digits) {
        return (number_t){ 0, "", 0 };
    }
    if (*s == 'e' || *s == 'E') {
        n.magnitude += read_exponent(s + 1);
    }
    return n;
}

/* The next digit at *s, 0 after the last. */
static int next_digit(const char **s)
{
    *s += **s == '.';
    return apr_isdigit(**s) ? *(*s)++ - '0' : 0;
}

static int more_digits(const char *s)
{
    return apr_isdigit(*s) || (*s == '.' && apr_isdigit(s[1]));
}

int scim_decimal_compare(const char *a, const char *b)
{
    number_t x = read_number(a), y = read_number(b);

    if (x.sign != y.sign || !x.sign) {
        return x.sign - y.sign;
    }
    if (x.magnitude != y.magnitude) {
        return x.magnitude < y.magnitude ? -x.sign : x.sign;
    }
    while (more_digits(x.digits) || more_digits(y.digits)) {
        int d = next_digit(&x.digits), e = next_digit(&y.digits);
        if (d != e) {
            return d < e ? -x.sign : x.sign;
        }
    }
    return 0;
}

const char *scim_decimal_key(apr_pool_t *p, const char *text)
{
    number_t n = read_number(text);
    char digits[SCIM_DECIMAL_MOST + 1];
    int used = 0, significant = 0;

    if (!n.sign) {
        return "0";
    }
    while (more_digits(n.digits)) {
        int d = next_digit(&n.digits);
        if (d && used >= SCIM_DECIMAL_MOST) {
            return NULL;
        }
        if (used < SCIM_DECIMAL_MOST) {
            digits[used++] = (char)('0' + d);
            significant = d ? used : significant;
        }
    }
    if (n.magnitude > SCIM_DECIMAL_MOST || n.magnitude < -SCIM_DECIMAL_MOST) {
        return NULL;
    }
    digits[significant] = '\0';
    if (n.magnitude == significant - 1) {
        return apr_pstrcat(p, n.sign < 0 ? "-" : "", digits, NULL);
    }
    return apr_psprintf(p, "%s%se%d", n.sign < 0 ? "-" : "", digits, (int)n.magnitude - significant + 1);
}
