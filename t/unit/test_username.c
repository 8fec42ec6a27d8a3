#include "unit.h"

#include "../../mod_scim/core/base/username.h"

/* Names in pairs: are they one by PRECIS, and by their looks? */
static void same_names(void **state)
{
    static const struct {
        const char *title, *a, *b;
        int precis, looks;
    } cases[] = {
        { "C-35", "BJensen@Example.COM", "bjensen@example.com", 1, 1 },
        { "I-01 full width", "\uFF41\uFF4C\uFF49\uFF43\uFF45", "Alice", 1, 1 },
        { "I-01 half width", "\uFF76\uFF85", "\u30AB\u30CA", 1, 1 },
        { "I-01 NFC", "re\u0301my", "R\u00C9MY", 1, 1 },
        { "I-01 final sigma", "\u039F\u0394\u03A5\u03A3\u03A3\u0395\u038E\u03A3", "\u03BF\u03B4\u03C5\u03C3\u03C3\u03B5\u03CD\u03C2", 1, 1 },
        { "I-01 final sigma in front of @", "\u039D\u03AF\u039A\u039F\u03A3@x", "\u03BD\u03AF\u03BA\u03BF\u03C2@x", 1, 1 },
        { "I-01 sigma within a word with a dot", "\u0391\u03A3.\u0392", "\u03B1\u03C3.\u03B2", 1, 1 },
        { "I-01 sigma alone", "\u03A3", "\u03C3", 1, 1 },
        { "the other small sigma at the end", "\u03B1\u03C3", "\u03B1\u03C2", 0, 1 },
        { "I-01 lower case, not folding", "wei\u00DF", "weiss", 0, 0 },
        { "I-01 capital sharp s", "WEI\u1E9E", "wei\u00DF", 1, 1 },
        { "I-06", "jose", "jos\u00E9", 0, 0 },
        { "dotless i", "\u0131smail", "ismail", 0, 0 },
        { "capital I with a dot", "\u0130smail", "i\u0307smail", 1, 1 },
        { "a dot on i is not seen", "i\u0307smail", "ismail", 0, 1 },
        { "nor above another mark", "i\u0323\u0307", "i\u0323", 0, 1 },
        { "but above an accent", "i\u0301\u0307", "i\u0301", 0, 0 },
        { "dot above z", "z\u0307", "z", 0, 0 },
        { "Kelvin", "\u212Aim", "kim", 1, 1 },
        { "ligature", "\uFB01n", "fin", 0, 1 },
        { "long s", "\u017Fam", "sam", 0, 1 },
        { "superscript", "x\u00B2", "x2", 0, 1 },
        { "zero width space", "ad\u200Bmin", "admin", 0, 1 },
        { "zero width joiner", "ad\u200Dmin", "admin", 0, 1 },
        { "soft hyphen", "admin\u00AD", "admin", 0, 1 },
        { "byte order mark", "\uFEFFadmin", "admin", 0, 1 },
        { "word joiner", "ad\u2060min", "admin", 0, 1 },
        { "bidirectional controls", "\u202Aadmin\u202C", "admin", 0, 1 },
        { "variation selector", "admin\uFE0F", "admin", 0, 1 },
        { "Hangul filler", "admin\u3164", "admin", 0, 1 },
        { "annotation", "admin\uFFF9", "admin", 0, 1 },
        { "tag characters", "admin\U000E0041", "admin", 0, 1 },
        { "control", "ad\x07min\x7f", "admin", 0, 1 },
        { "NBSP at the end", "admin\u00A0", "admin", 0, 1 },
        { "spaces at the ends", "  admin ", "admin", 0, 1 },
        { "NBSP inside", "Mira\u00A0Solheim", "mira solheim", 0, 1 },
        { "ideographic space", "Mira\u3000Solheim", "mira solheim", 1, 1 },
        { "several spaces", "Mira  Solheim", "mira solheim", 0, 1 },
        { "tab", "Mira\tSolheim", "mira solheim", 0, 1 },
        { "Braille blank", "admin\u2800", "admin", 0, 1 },
        { "a space counts", "mirasolheim", "mira solheim", 0, 0 },
        { "underscores", "a_b", "a-b", 0, 0 },
    };
    fixture_t *f = *state;
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        if ((strcmp(scim_username_precis(f->p, cases[i].a), scim_username_precis(f->p, cases[i].b)) == 0) != cases[i].precis) {
            fail_msg("%s: %s and %s by PRECIS", cases[i].title, scim_username_precis(f->p, cases[i].a), scim_username_precis(f->p, cases[i].b));
        }
        if ((strcmp(scim_username_looks(f->p, cases[i].a), scim_username_looks(f->p, cases[i].b)) == 0) != cases[i].looks) {
            fail_msg("%s: %s and %s by looks", cases[i].title, scim_username_looks(f->p, cases[i].a), scim_username_looks(f->p, cases[i].b));
        }
    }
}

static void keys(void **state)
{
    static const struct {
        const char *name, *precis, *looks;
    } cases[] = {
        { "BJensen@Example.COM", "bjensen@example.com", "bjensen@example.com" },
        { "O'Neil", "o'neil", "o'neil" },
        { "Stra\u00DFe", "stra\u00DFe", "stra\u00DFe" },
        { "\u039F\u0394\u03A5\u03A3\u03A3\u0395\u038E\u03A3", "\u03BF\u03B4\u03C5\u03C3\u03C3\u03B5\u03CD\u03C2",
          "\u03BF\u03B4\u03C5\u03C3\u03C3\u03B5\u03CD\u03C3" },
        { "\u200B\u00AD", "\u200B\u00AD", "" },
        { " \u00A0\t", " \u00A0\t", "" },
        { "", "", "" },
    };
    fixture_t *f = *state;
    size_t i;

    for (i = 0; i < COUNT(cases); i++) {
        unit_text(cases[i].name, scim_username_precis(f->p, cases[i].name), cases[i].precis);
        unit_text(cases[i].name, scim_username_looks(f->p, cases[i].name), cases[i].looks);
    }
}

/* Han characters and syllables, of which some will do. */
static unsigned step(unsigned cp)
{
    return (cp >= 0x3400 && cp < 0xD7B0) || cp >= 0x1FFFF ? 257 : 1;
}

/* A key is its own key, for every code point: nothing is left half done. */
static void keys_are_stable(void **state)
{
    fixture_t *f = *state;
    apr_pool_t *p;
    unsigned cp;

    apr_pool_create(&p, f->p);
    for (cp = 1; cp < 0x110000; cp += step(cp)) {
        char encoded[8] = "";
        const char *name, *key;
        size_t i;
        if (cp >= 0xD800 && cp <= 0xDFFF) {
            continue;
        }
        if (cp < 0x80) {
            encoded[0] = (char)cp;
        }
        else {
            int length = cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4, at;
            for (at = length - 1; at > 0; at--) {
                encoded[at] = (char)(0x80 | ((cp >> (6 * (length - 1 - at))) & 0x3f));
            }
            encoded[0] = (char)((0xF00 >> length & 0xFF) | cp >> (6 * (length - 1)));
        }
        for (i = 0; i < 3; i++) {
            name = apr_psprintf(p, i == 0 ? "%s" : i == 1 ? "a%sb" : "i%s\u0307x", encoded);
            key = scim_username_looks(p, name);
            if (strcmp(scim_username_looks(p, key), key) != 0) {
                fail_msg("U+%04X by looks: <%s> <%s>", cp, key, scim_username_looks(p, key));
            }
            key = scim_username_precis(p, name);
            if (strcmp(scim_username_precis(p, key), key) != 0) {
                fail_msg("U+%04X by PRECIS: <%s> <%s>", cp, key, scim_username_precis(p, key));
            }
        }
        if (cp % 1000 == 0) {
            apr_pool_clear(p);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { UNIT(same_names), UNIT(keys), UNIT(keys_are_stable) };

    return UNIT_RUN(tests);
}
