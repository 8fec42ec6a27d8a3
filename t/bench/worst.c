/* Searches for the request that costs most CPU within the size limit of a body: t/bench/worst [BYTES [SECONDS]]
 *
 * Each form below is a body with two parts that repeat, one inside the other (operations, and keys, terms or values in each). The search
 * tries for each form how many of the outer and how many of the inner cost most, against a stored resource of the largest allowed size.
 * Measured is what core does with the body: parse, validate or apply, write the record. Prints the worst of each form and of all. */
#include <apr_general.h>
#include <apr_strings.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../unit/fixture.h"

#include "../../mod_scim/core/patch/patch.h"
#include "../../mod_scim/core/resource/record.h"
#include "../../mod_scim/core/resource/resource.h"
#include "../../mod_scim/core/resource/value.h"

#define ID "0190abcd-ef12-7fff-bfff-000000000001"
#define DEPTH 32
#define OPS "{'schemas':['{PATCHOP}'],'Operations':["
#define USER "{'schemas':['{USER}','{ENT}'],'userName':'m'"
#define NAMELESS "{'schemas':['{USER}'],'userName':'"

typedef enum { CREATE, REPLACE, PATCH } action_e;

typedef struct form_t {
    const char *name;
    action_e action;
    const char *type;
    const char *begin, *open, *inner, *separator, *close, *outer_separator, *end; /* %d: the inner's number, %c: the same as a text
                                                                                          * that times 33 takes for all others; %o: the outer's */
} form_t;

static const form_t forms[] = {
    { "keys nobody knows", CREATE, "User", USER, "", ",'k%d':1", "", "", "", "}" },
    { "keys in a core wrapper", CREATE, "User", "{'schemas':['{USER}'],'userName':'m','{USER}':{'a':1", "", ",'k%d':1", "", "", "", "}}" },
    { "keys in elements", CREATE, "User", USER ",'emails':[", "{'value':'x%o'", ",'k%d':1", "", "}", ",", "]}" },
    { "elements", CREATE, "User", USER ",'emails':[", "", "{'value':'x%d','type':'t'}", ",", "", "", "]}" },
    { "members", CREATE, "Group", "{'schemas':['{GROUP}'],'displayName':'g','members':[", "", "{'value':'%d'}", ",", "", "", "]}" },
    { "colliding members", CREATE, "Group", "{'schemas':['{GROUP}'],'displayName':'g','members':[", "", "{'value':'%c'}", ",", "", "", "]}" },
    { "colliding values", CREATE, "User", USER ",'emails':[", "", "{'value':'%c'}", ",", "", "", "]}" },
    { "colliding keys", CREATE, "User", USER ",'emails':[", "{'value':'x%o'", ",'%c':1", "", "}", ",", "]}" },
    { "members put", REPLACE, "Group", "{'schemas':['{GROUP}'],'displayName':'g','members':[", "", "{'value':'%d','$ref':'../Users/%d'}", ",", "", "",
      "]}" },
    { "a long name", CREATE, "User", USER ",'displayName':'", "", "\xC3\xA9", "", "", "", "'}" },
    { "marks", CREATE, "User", USER ",'title':'a", "", "\u0301\u0316", "", "", "", "'}" },
    { "marks that become two", CREATE, "User", USER ",'title':'a", "", "\u0F73", "", "", "", "'}" },
    { "a long title", CREATE, "User", USER ",'title':'", "", "\u1F82", "", "", "", "'}" },
    { "a long userName", CREATE, "User", NAMELESS, "", "\uFDFA", "", "", "", "'}" },
    { "a password", CREATE, "User", USER ",'password':'", "", "e\u0301\u0316", "", "", "", "'}" },
    { "values to be folded", CREATE, "User", USER ",'emails':[", "{'value':'x%o", "\u1F82", "", "'}", ",", "]}" },
    { "values of many marks", CREATE, "User", USER ",'emails':[", "{'value':'x%o", "\u0344\u0316", "", "'}", ",", "]}" },
    { "schemas", CREATE, "User", "{'userName':'m','schemas':['{USER}'", "", ",'urn:x%d'", "", "", "", "]}" },
    { "nesting", CREATE, "User", USER ",'x':[", "[[[[[[[[", "1", ",", "]]]]]]]]", ",", "]}" },
    { "remove by value", PATCH, "User", OPS, "{'op':'remove','path':'emails','value':[", "{'value':'y%d'}", ",", "]}", ",", "]}" },
    { "remove by parts", PATCH, "User", OPS, "{'op':'remove','path':'addresses','value':[", "{'locality':'y%d','country':'NO'}", ",", "]}", ",",
      "]}" },
    { "add", PATCH, "User", OPS, "{'op':'add','path':'emails','value':[", "{'value':'x%d','type':'t'}", ",", "]}", ",", "]}" },
    { "replace", PATCH, "User", OPS, "{'op':'replace','path':'emails','value':[", "{'value':'z%d','type':'t'}", ",", "]}", ",", "]}" },
    { "terms", PATCH, "User", OPS, "{'op':'remove','path':'emails[value eq \\'q\\'", " or value eq \\'y%d\\'", "", "]'}", ",", "]}" },
    { "terms with co", PATCH, "User", OPS, "{'op':'remove','path':'emails[value eq \\'q\\'", " or display co \\'aab%d\\'", "", "]'}", ",", "]}" },
    { "terms that all hold", PATCH, "User", OPS, "{'op':'replace','path':'emails[value pr", " and not (value eq \\'y%d\\')", "", "].display','value':'d%o'}",
      ",", "]}" },
    { "a part of all", PATCH, "User", OPS, "{'op':'replace','path':'emails.type','value':'t%o", "", "", "'}", ",", "]}" },
    { "path-less keys", PATCH, "User", OPS, "{'op':'replace','value':{'title':'t'", ",'k%d':1", "", "}}", ",", "]}" },
    { "path-less paths", PATCH, "User", OPS, "{'op':'add','value':{'title':'t'", ",'emails[value eq \\'x%d\\'].display':'d'", "", "}}", ",", "]}" },
    { "keys of an extension", PATCH, "User", OPS, "{'op':'add','path':'{ENT}','value':{'department':'t'", ",'k%d':1", "", "}}", ",", "]}" },
    { "parts", PATCH, "User", OPS, "{'op':'add','path':'name','value':{'givenName':'t%o'", ",'k%d':1", "", "}}", ",", "]}" },
    { "primary", PATCH, "User", OPS, "{'op':'add','path':'emails','value':[{'value':'p%o','primary':true}", "", "", "]}", ",", "]}" },
    { "members added", PATCH, "Group", OPS, "{'op':'add','path':'members','value':[", "{'value':'n%d'}", ",", "]}", ",", "]}" },
    { "colliding members added", PATCH, "Group", OPS, "{'op':'add','path':'members','value':[", "{'value':'%c'}", ",", "]}", ",", "]}" },
    { "colliding values added", PATCH, "User", OPS, "{'op':'add','path':'emails','value':[", "{'value':'%c'}", ",", "]}", ",", "]}" },
    { "colliding values removed", PATCH, "User", OPS, "{'op':'remove','path':'emails','value':[", "{'value':'%c'}", ",", "]}", ",", "]}" },
    { "marks added", PATCH, "User", OPS, "{'op':'add','path':'emails','value':[{'value':'x%o", "\u0301\u0316", "", "'}]}", ",", "]}" },
    { "letters added", PATCH, "User", OPS, "{'op':'add','path':'emails','value':[{'value':'x%o", "\u1F82", "", "'}]}", ",", "]}" },
    { "marks replaced", PATCH, "User", OPS, "{'op':'replace','path':'emails','value':[{'value':'x%o", "\u0344\u0316", "", "'}]}", ",", "]}" },
    { "members removed", PATCH, "Group", OPS, "{'op':'remove','path':'members[value eq \\'q\\'", " or value eq \\'%d\\'", "", "]'}", ",", "]}" },
    { "members by type", PATCH, "Group", OPS, "{'op':'remove','path':'members[type eq \\'q\\'", " or display co \\'%d\\'", "", "]'}", ",", "]}" },
    { "members in turn", PATCH, "Group", OPS, "{'op':'add','path':'members','value':[{'value':'n%o'}", "", "", "]},{'op':'remove','path':'members[type eq \\'x\\']'}",
      ",", "]}" },
};

/* ---- bodies ---- */

typedef struct text_t {
    char *start, *at, *end;
} text_t;

/* The number bit by bit, each as one of two pairs that the hash "times 33" cannot tell apart. */
static char *put_colliding(char *to, int number)
{
    int i;

    for (i = 0; i < 22; i++, to += 2) {
        memcpy(to, number >> i & 1 ? "0a" : "1@", 2);
    }
    return to;
}

static int put(text_t *t, const char *s, int inner, int outer)
{
    char *from = t->at;

    for (; *s; s++) {
        if (t->end - t->at < 64) {
            t->at = from;
            return 0;
        }
        if (s[0] == '%' && s[1] == 'c') {
            t->at = put_colliding(t->at, inner);
            s++;
            continue;
        }
        if (s[0] == '%' && (s[1] == 'd' || s[1] == 'o')) {
            t->at += sprintf(t->at, "%d", s[1] == 'd' ? inner : outer);
            s++;
            continue;
        }
        *t->at++ = *s;
    }
    return 1;
}

/* Up to `outer` times `inner` repeats, as many as fit; 0 when fewer fit. */
static int body(apr_pool_t *p, const form_t *form, int outer, int inner, size_t limit, text_t *t)
{
    const char *open = fixture_text(p, form->open), *unit = fixture_text(p, form->inner), *close = fixture_text(p, form->close);
    size_t tail = strlen(fixture_text(p, form->end)) + strlen(close) + 64;
    int i, j, fits = 1;

    t->start = t->at = malloc(limit + 128);
    t->end = t->start + limit - tail;
    put(t, fixture_text(p, form->begin), 0, 0);
    for (i = 0; fits && i < outer; i++) {
        char *mark = t->at;
        fits = put(t, i ? form->outer_separator : "", 0, i) && put(t, open, 0, i);
        for (j = 0; fits && j < inner; j++) {
            fits = put(t, j ? form->separator : "", j, i) && put(t, unit, j, i);
        }
        if (!fits && !*form->open) {
            break; /* one open list: ends where it is full */
        }
        t->end += tail;
        fits = fits && put(t, close, 0, i);
        t->end -= tail;
        if (!fits) {
            t->at = mark;
        }
    }
    t->end += tail;
    put(t, fixture_text(p, form->end), 0, 0);
    *t->at = '\0';
    return fits;
}

/* The largest resource that can be stored. */
static scim_json_t *stored(fixture_t *f, const char *type)
{
    int group = strcmp(type, "Group") == 0, i, n = group ? 20000 : SCIM_MOST_ELEMENTS;
    apr_array_header_t *parts = apr_array_make(f->p, n * 2 + 8, sizeof(const char *));
    char padding[201];

    memset(padding, 'a', 200);
    padding[200] = '\0';
    APR_ARRAY_PUSH(parts, const char *) = group ? "{'displayName':'g','members':[" : "{'userName':'m','emails':[";
    for (i = 0; i < n; i++) {
        APR_ARRAY_PUSH(parts, const char *) = group ? apr_psprintf(f->p, "%s{'value':'%d','type':'User','display':'%d'}", i ? "," : "", i, i)
                                                    : apr_psprintf(f->p, "%s{'value':'x%d','type':'t','display':'%s%d'}", i ? "," : "", i, padding, i);
    }
    if (!group) {
        APR_ARRAY_PUSH(parts, const char *) = "],'addresses':[";
        for (i = 0; i < n; i++) {
            APR_ARRAY_PUSH(parts, const char *) = apr_psprintf(f->p, "%s{'locality':'x%d','country':'NO'}", i ? "," : "", i);
        }
    }
    APR_ARRAY_PUSH(parts, const char *) = "]}";
    return fixture_json(f->p, apr_array_pstrcat(f->p, parts, 0));
}

/* ---- measuring ---- */

static double cpu(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static scim_error_t *carry_out(scim_context_t *c, const form_t *form, const text_t *t, scim_json_t *doc)
{
    scim_json_t *o = NULL;
    scim_input_t *input = NULL;
    scim_patch_t *patch = NULL;
    scim_patched_t patched;

    SCIM_TRY(scim_json_parse(c->p, t->start, (apr_size_t)(t->at - t->start), DEPTH, &o));
    if (form->action == PATCH) {
        SCIM_TRY(scim_patch_parse(c, o, &patch));
        if (c->type->members && !patch->members) {
            scim_json_remove(doc, "members");
        }
        SCIM_TRY(scim_patch_apply(c, patch, ID, doc, &patched));
    }
    else {
        SCIM_TRY(scim_resource_read(c, o, form->action == CREATE, &input));
        if (form->action == REPLACE) {
            SCIM_TRY(scim_resource_replace(c, doc, input));
        }
        doc = input->doc;
    }
    return scim_record_make(c->p, c->type, doc, NULL) ? NULL : scim_error(c->p, SCIM_E_INTERNAL, "no record");
}

typedef struct result_t {
    double seconds;
    size_t bytes;
    int outer, inner;
    char answer[160];
} result_t;

static result_t measure(fixture_t *f, const form_t *form, int outer, int inner, size_t limit)
{
    result_t r = { 0, 0, outer, inner, "" };
    scim_json_t *doc;
    scim_context_t *c;
    scim_error_t *err;
    text_t t;

    apr_pool_create(&f->p, f->pool);
    body(f->p, form, outer, inner, limit, &t);
    doc = stored(f, form->type);
    c = fixture_context(f, f->tolerant, form->type);
    r.seconds = cpu();
    err = carry_out(c, form, &t, doc);
    r.bytes = (size_t)(t.at - t.start);
    snprintf(r.answer, sizeof r.answer, "%s", err ? err->detail : "accepted");
    free(t.start);
    apr_pool_destroy(f->p);
    r.seconds = cpu() - r.seconds;
    return r;
}

static void show(const char *name, const result_t *r)
{
    printf("%-24s %6.3f s  %9lu bytes  %7d x %-7d  %.90s\n", name, r->seconds, (unsigned long)r->bytes, r->outer, r->inner, r->answer);
    fflush(stdout);
}

/* The outer and inner numbers grow by steps of ten and four; then a walk around the worst. */
static result_t search(fixture_t *f, const form_t *form, size_t limit, double seconds)
{
    static const int steps[] = { 0, 1, 20, 190, 1990, 20000, 400000, 4000000 };
    result_t worst = { 0, 0, 0, 0, "" }, r;
    double until = cpu() + seconds;
    size_t i, j;

    for (i = 1; i < sizeof steps / sizeof *steps && (i == 1 || *form->open); i++) {
        for (j = *form->inner ? 1 : 0; j < (*form->inner ? sizeof steps / sizeof *steps : 1) && (long)steps[i] * steps[j] <= 4000000; j++) {
            r = measure(f, form, steps[i], steps[j], limit);
            worst = r.seconds > worst.seconds ? r : worst;
        }
    }
    while (cpu() < until) {
        r = measure(f, form, 1 + (int)(worst.outer * (0.3 + 2.0 * rand() / RAND_MAX)), (int)(worst.inner * (0.3 + 2.0 * rand() / RAND_MAX)), limit);
        worst = r.seconds > worst.seconds ? r : worst;
    }
    return worst;
}

int main(int argc, char **argv)
{
    size_t limit = argc > 1 ? strtoul(argv[1], NULL, 10) : 10485760, i;
    double seconds = argc > 2 ? atof(argv[2]) : 2;
    result_t worst = { 0, 0, 0, 0, "" };
    const char *name = "";
    apr_pool_t *pool;
    fixture_t *f;

    if (apr_initialize() != APR_SUCCESS || apr_pool_create(&pool, NULL) != APR_SUCCESS) {
        return 1;
    }
    f = fixture_make(pool);
    for (i = 0; i < sizeof forms / sizeof *forms; i++) {
        result_t r;
        if (argc > 3 && !strstr(forms[i].name, argv[3])) {
            continue;
        }
        r = search(f, &forms[i], limit, seconds);
        show(forms[i].name, &r);
        if (r.seconds > worst.seconds) {
            worst = r;
            name = forms[i].name;
        }
    }
    printf("\nworst: ");
    show(name, &worst);
    apr_pool_destroy(pool);
    return 0;
}
