#include "unit.h"

#include <stdlib.h>
#include <time.h>

#include "../../mod_scim/core/base/text.h"
#include "../../mod_scim/core/base/unicode.h"
#include "../../mod_scim/core/base/username.h"

static const int forms[] = { UTF8PROC_COMPOSE, UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD, UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT,
                             UTF8PROC_COMPOSE | UTF8PROC_COMPAT };

/* What utf8proc itself makes of a text. */
static const char *by_utf8proc(apr_pool_t *p, const char *s, int form)
{
    utf8proc_uint8_t *mapped = NULL;
    const char *out;

    assert_true(utf8proc_map((const utf8proc_uint8_t *)s, 0, &mapped, (utf8proc_option_t)(UTF8PROC_NULLTERM | UTF8PROC_STABLE | form)) >= 0);
    out = apr_pstrdup(p, (char *)mapped);
    free(mapped);
    return out;
}

/* Letters and marks of many classes, marks that come apart into others, syllables in parts, what expands most. */
static const utf8proc_int32_t pieces[] = {
    'a', 'e', 'S', 0xDF, 0x130, 0x301, 0x316, 0x327, 0x345, 0x344, 0x334, 0x5B0, 0x64B, 0xF73, 0xF75, 0xF81, 0xF71, 0x1100, 0x1161, 0x11A8, 0xAC00,
    0x1E69, 0x1F82, 0x1D6, 0xFDFA, 0x20D0, 0x1D15E, 0x94D, 0x3099, 0x30AB, 0x309A, 0x200B,
};

static unsigned next(unsigned *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* Runs of marks of any length are put in order as the standard has it. */
static void same_as_utf8proc(void **state)
{
    fixture_t *f = *state;
    unsigned seed = 1;
    int i, k;

    for (i = 0; i < 3000; i++) {
        int marks_only = i % 3 == 0, n = 1 + (int)(next(&seed) % (i % 10 ? 12 : 200));
        char *text = apr_palloc(f->p, (apr_size_t)n * 4 + 1), *to = text;
        for (k = 0; k < n; k++) {
            to = scim_unicode_put(to, pieces[marks_only ? 5 + next(&seed) % 12 : next(&seed) % COUNT(pieces)]);
        }
        *to = '\0';
        for (k = 0; k < (int)COUNT(forms); k++) {
            unit_text(text, scim_unicode_map(f->p, text, forms[k]), by_utf8proc(f->p, text, forms[k]));
        }
    }
}

static void not_utf8(void **state)
{
    fixture_t *f = *state;

    assert_null(scim_unicode_map(f->p, "a\xC3", UTF8PROC_COMPOSE));
    assert_null(scim_unicode_map(f->p, "\xFF" "a", UTF8PROC_COMPOSE));
    unit_text("empty", scim_unicode_map(f->p, "", UTF8PROC_COMPOSE), "");
}

/* start, and each of the marks n times. */
static const char *marked(apr_pool_t *p, const char *start, const char *first, const char *second, size_t n)
{
    char *text = apr_palloc(p, strlen(start) + n * (strlen(first) + strlen(second)) + 1), *to = apr_cpystrn(text, start, strlen(start) + 1);
    size_t i;

    for (i = 0; i < n; i++) {
        to = apr_cpystrn(to, first, strlen(first) + 1);
    }
    for (i = 0; i < n; i++) {
        to = apr_cpystrn(to, second, strlen(second) + 1);
    }
    return text;
}

static double cpu(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Many marks in a row cost what others cost: this takes hundredths of a second, and minutes where neighbours are exchanged. */
static void many_marks(void **state)
{
    fixture_t *f = *state;
    const char *texts[] = {
        marked(f->p, "a", "\u0301", "\u0316", 100000),  /* the second kind belongs in front of the first */
        marked(f->p, "a", "\u0F73", "\u0F73", 100000),  /* is no mark, and becomes two */
        marked(f->p, "\u0301", "\u0344", "\u0316", 100000),
    };
    double start = cpu();
    size_t i;

    for (i = 0; i < COUNT(texts); i++) {
        scim_fold(f->p, texts[i]);
        scim_username_precis(f->p, texts[i]);
        scim_username_looks(f->p, texts[i]);
    }
    if (cpu() - start > 10) {
        fail_msg("long runs of marks took %.1f s", cpu() - start);
    }
    assert_true(strcmp(scim_fold(f->p, texts[0]), apr_pstrcat(f->p, marked(f->p, "\u00E1", "\u0316", "", 100000),
                                                              marked(f->p, "", "\u0301", "", 99999), NULL)) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { UNIT(same_as_utf8proc), UNIT(not_utf8), UNIT(many_marks) };

    return UNIT_RUN(tests);
}
