#include "unicode.h"

#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

/* Code points that one may become: U+FDFA. */
#define MOST_FROM_ONE 18

#define CLASSES 256

/* Marks in a row that are put in order by exchange; nearly all texts have fewer. */
#define FEW 32

/* A text being decomposed. The memory is malloc's: it is several times that of the text, and only needed here. */
typedef struct points_t {
    utf8proc_int32_t *at;
    utf8proc_ssize_t n, room;
} points_t;

static utf8proc_propval_t class_of(utf8proc_int32_t cp)
{
    return utf8proc_get_property(cp)->combining_class;
}

/* ---- canonical ordering: marks by their classes, those of one class as they came ---- */

static void order_few(utf8proc_int32_t *marks, utf8proc_ssize_t n)
{
    utf8proc_ssize_t i, k;

    for (i = 1; i < n; i++) {
        utf8proc_int32_t mark = marks[i];
        for (k = i; k > 0 && class_of(marks[k - 1]) > class_of(mark); k--) {
            marks[k] = marks[k - 1];
        }
        marks[k] = mark;
    }
}

/* Every class gets its place first. Returns 0 when there is no memory. */
static int order_many(utf8proc_int32_t *marks, utf8proc_ssize_t n)
{
    utf8proc_int32_t *from = malloc((size_t)n * sizeof(*from));
    utf8proc_ssize_t places[CLASSES + 1] = { 0 }, i;

    if (!from) {
        return 0;
    }
    memcpy(from, marks, (size_t)n * sizeof(*from));
    for (i = 0; i < n; i++) {
        places[class_of(from[i]) + 1]++;
    }
    for (i = 1; i < CLASSES; i++) {
        places[i] += places[i - 1];
    }
    for (i = 0; i < n; i++) {
        marks[places[class_of(from[i])]++] = from[i];
    }
    free(from);
    return 1;
}

/* What utf8proc does too, but by exchange alone: that costs the square of the marks in a row, and who sends a text decides how many. */
static int order(const points_t *points)
{
    utf8proc_ssize_t i, end;

    for (i = 0; i < points->n; i = end + 1) {
        for (end = i; end < points->n && class_of(points->at[end]); end++) {
        }
        if (end - i <= FEW) {
            order_few(points->at + i, end - i);
        }
        else if (!order_many(points->at + i, end - i)) {
            return 0;
        }
    }
    return 1;
}

/* ---- the whole ---- */

/* Room for one more, whatever it becomes, and for the end of a text. */
static int make_room(points_t *points)
{
    utf8proc_int32_t *at;

    if (points->room - points->n > MOST_FROM_ONE) {
        return 1;
    }
    points->room = points->room * 2 + 128;
    at = realloc(points->at, (size_t)points->room * sizeof(*at));
    points->at = at ? at : points->at;
    return at != NULL;
}

static int decompose(points_t *points, const char *s, utf8proc_option_t options)
{
    utf8proc_int32_t cp;
    int boundary = 0;

    while ((cp = scim_unicode_next(&s))) {
        if (!make_room(points)) {
            return 0;
        }
        points->n += utf8proc_decompose_char(cp, points->at + points->n, MOST_FROM_ONE, options, &boundary);
    }
    return !*s && make_room(points);
}

char *scim_unicode_map(apr_pool_t *p, const char *s, int form)
{
    utf8proc_option_t options = (utf8proc_option_t)(UTF8PROC_STABLE | form);
    points_t points = { NULL, 0, 0 };
    char *out = NULL;

    if (decompose(&points, s, options) && order(&points)) {
        utf8proc_ssize_t bytes = utf8proc_reencode(points.at, points.n, options);
        out = bytes >= 0 ? apr_pstrmemdup(p, (char *)points.at, (apr_size_t)bytes) : NULL;
    }
    free(points.at);
    return out;
}

utf8proc_int32_t scim_unicode_next(const char **s)
{
    utf8proc_int32_t cp;
    utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)*s, -1, &cp);

    if (n <= 0 || cp <= 0) {
        return 0;
    }
    *s += n;
    return cp;
}

char *scim_unicode_put(char *to, utf8proc_int32_t cp)
{
    return to + utf8proc_encode_char(cp, (utf8proc_uint8_t *)to);
}
