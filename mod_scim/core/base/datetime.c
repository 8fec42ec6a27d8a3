#include "datetime.h"

#include <apr_lib.h>
#include <apr_strings.h>

#define SECONDS_PER_DAY 86400

/* 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z: years of four digits, also once an offset has been taken away. */
#define FIRST_SECOND APR_INT64_C(-62135596800)
#define LAST_SECOND APR_INT64_C(253402300799)

/* A civil date in the proleptic Gregorian calendar. Done here and not by the C library, whose conversions know a locale and a
 * time zone. */
typedef struct civil_t {
    int year, month, day;
} civil_t;

/* Days since 1970-01-01. Years are counted from March so that the leap day ends the year. */
static apr_int64_t days_from_civil(civil_t c)
{
    apr_int64_t year = c.month <= 2 ? c.year - 1 : c.year;
    apr_int64_t era = (year >= 0 ? year : year - 399) / 400;
    apr_int64_t year_of_era = year - era * 400;
    apr_int64_t day_of_year = (153 * (c.month + (c.month > 2 ? -3 : 9)) + 2) / 5 + c.day - 1;
    apr_int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

    return era * 146097 + day_of_era - 719468;
}

static civil_t civil_from_days(apr_int64_t days)
{
    apr_int64_t shifted = days + 719468;
    apr_int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    apr_int64_t day_of_era = shifted - era * 146097;
    apr_int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    apr_int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    apr_int64_t month = (5 * day_of_year + 2) / 153;
    civil_t c;

    c.day = (int)(day_of_year - (153 * month + 2) / 5 + 1);
    c.month = (int)(month < 10 ? month + 3 : month - 9);
    c.year = (int)(year_of_era + era * 400 + (c.month <= 2));
    return c;
}

static int days_in_month(int year, int month)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    int leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return month == 2 && leap ? 29 : days[month - 1];
}

/* Exactly count digits at *s, then moves on. */
static int digits(const char **s, int count, int *out)
{
    int value = 0;

    for (; count > 0; count--, (*s)++) {
        if (!apr_isdigit(**s)) {
            return 0;
        }
        value = value * 10 + (**s - '0');
    }
    *out = value;
    return 1;
}

static int skip(const char **s, char c)
{
    if (**s != c) {
        return 0;
    }
    (*s)++;
    return 1;
}

static int parse_date(const char **s, apr_int64_t *days)
{
    civil_t c;

    if (!digits(s, 4, &c.year) || !skip(s, '-') || !digits(s, 2, &c.month) || !skip(s, '-') || !digits(s, 2, &c.day)) {
        return 0;
    }
    if (c.year < 1 || c.month < 1 || c.month > 12 || c.day < 1 || c.day > days_in_month(c.year, c.month)) {
        return 0;
    }
    *days = days_from_civil(c);
    return 1;
}

/* Digits beyond microseconds are cut off: the database keeps no more. */
static int parse_fraction(const char **s, int *micros)
{
    int scale = 100000;

    *micros = 0;
    if (!skip(s, '.')) {
        return 1;
    }
    if (!apr_isdigit(**s)) {
        return 0;
    }
    for (; apr_isdigit(**s); (*s)++, scale /= 10) {
        *micros += (**s - '0') * scale;
    }
    return 1;
}

static int parse_time(const char **s, apr_int64_t *seconds, int *micros)
{
    int hour, minute, second;

    if (!digits(s, 2, &hour) || !skip(s, ':') || !digits(s, 2, &minute) || !skip(s, ':') || !digits(s, 2, &second) ||
        !parse_fraction(s, micros)) {
        return 0;
    }
    if (hour > 24 || minute > 59 || second > 59 || (hour == 24 && (minute || second || *micros))) {
        return 0; /* 24:00:00 is the end of the day, nothing is later */
    }
    *seconds = hour * 3600 + minute * 60 + second;
    return 1;
}

/* XML Schema lets offsets go to 14 hours. */
static int parse_offset(const char **s, apr_int64_t *seconds)
{
    int hours, minutes, sign;

    *seconds = 0;
    if (!**s || skip(s, 'Z')) {
        return 1;
    }
    sign = skip(s, '-') ? -1 : skip(s, '+') ? 1 : 0;
    if (!sign || !digits(s, 2, &hours) || !skip(s, ':') || !digits(s, 2, &minutes)) {
        return 0;
    }
    if (minutes > 59 || hours * 60 + minutes > 14 * 60) {
        return 0;
    }
    *seconds = sign * (hours * 3600 + minutes * 60);
    return 1;
}

int scim_datetime_parse(const char *s, apr_time_t *out)
{
    apr_int64_t days, seconds, offset;
    int micros;

    if (!parse_date(&s, &days) || !skip(&s, 'T') || !parse_time(&s, &seconds, &micros) || !parse_offset(&s, &offset) || *s) {
        return 0;
    }
    seconds += days * SECONDS_PER_DAY - offset;
    *out = apr_time_from_sec(seconds) + micros;
    return seconds >= FIRST_SECOND && seconds <= LAST_SECOND;
}

/* Digits of n, and what stands behind them. Each answer has two times or more, and apr_psprintf is slow. */
static char *put_number(char *o, int n, int digits, char behind)
{
    int i;

    for (i = digits - 1; i >= 0; i--, n /= 10) {
        o[i] = (char)('0' + n % 10);
    }
    o[digits] = behind;
    return o + digits + 1;
}

static const char *format(apr_pool_t *p, apr_time_t t, int always_fraction)
{
    apr_int64_t micros = t % APR_USEC_PER_SEC, seconds = t / APR_USEC_PER_SEC, of_day;
    char *text = apr_palloc(p, sizeof "0000-00-00T00:00:00.000000Z"), *o = text;
    int fraction;
    civil_t c;

    if (micros < 0) {
        micros += APR_USEC_PER_SEC;
        seconds--;
    }
    of_day = seconds % SECONDS_PER_DAY;
    if (of_day < 0) {
        of_day += SECONDS_PER_DAY;
    }
    c = civil_from_days((seconds - of_day) / SECONDS_PER_DAY);
    fraction = micros || always_fraction;
    o = put_number(o, c.year, 4, '-');
    o = put_number(o, c.month, 2, '-');
    o = put_number(o, c.day, 2, 'T');
    o = put_number(o, (int)(of_day / 3600), 2, ':');
    o = put_number(o, (int)(of_day / 60 % 60), 2, ':');
    o = put_number(o, (int)(of_day % 60), 2, fraction ? '.' : 'Z');
    o = fraction ? put_number(o, (int)micros, 6, 'Z') : o;
    *o = '\0';
    return text;
}

const char *scim_datetime_text(apr_pool_t *p, apr_time_t t)
{
    return format(p, t, 0);
}

const char *scim_datetime_key(apr_pool_t *p, apr_time_t t)
{
    return format(p, t, 1);
}
