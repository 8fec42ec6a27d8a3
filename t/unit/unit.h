/* The frame of a unit test: cmocka printing TAP, the fixture made once, a pool for each test. */
#ifndef SCIM_UNIT_UNIT_H
#define SCIM_UNIT_UNIT_H

/* cmocka wants these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <apr_general.h>
#include <apr_pools.h>
#include <apr_strings.h>
#include <string.h>

#include "fixture.h"

static inline int unit_start(void **state)
{
    apr_pool_t *pool;

    if (apr_initialize() != APR_SUCCESS || apr_pool_create(&pool, NULL) != APR_SUCCESS) {
        return -1;
    }
    *state = fixture_make(pool);
    return 0;
}

static inline int unit_stop(void **state)
{
    fixture_t *f = *state;

    apr_pool_destroy(f->pool);
    apr_terminate();
    return 0;
}

static inline int unit_begin(void **state)
{
    fixture_t *f = *state;

    return apr_pool_create(&f->p, f->pool) == APR_SUCCESS ? 0 : -1;
}

static inline int unit_end(void **state)
{
    fixture_t *f = *state;

    apr_pool_destroy(f->p);
    return 0;
}

#define UNIT(f) cmocka_unit_test_setup_teardown(f, unit_begin, unit_end)

/* Runs an array of UNIT() entries; the value of main. */
#define UNIT_RUN(tests) (cmocka_set_message_output(CM_OUTPUT_TAP), cmocka_run_group_tests(tests, unit_start, unit_stop))

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Fails unless err is an error with this scimType. */
static inline void unit_error(const char *title, const scim_error_t *err, const char *type)
{
    if (!err) {
        fail_msg("%s: no error, expected %s", title, type);
    }
    if (!err->type || strcmp(err->type, type) != 0) {
        fail_msg("%s: expected %s, not %s: %s", title, type, err->type ? err->type : "none", err->detail);
    }
}

static inline void unit_no_error(const char *title, const scim_error_t *err)
{
    if (err) {
        fail_msg("%s: %s (%s)", title, err->detail, err->type ? err->type : "no type");
    }
}

/* Fails unless o equals the JSON value in fixture_text(expected); "null" for none. */
static inline void unit_json(apr_pool_t *p, const char *title, scim_json_t *o, const char *expected)
{
    if (!scim_json_equal(o, fixture_json(p, expected))) {
        fail_msg("%s: expected %s, not %s", title, fixture_text(p, expected), o ? scim_json_text(p, o, NULL) : "nothing");
    }
}

static inline void unit_text(const char *title, const char *actual, const char *expected)
{
    if (!actual || strcmp(actual, expected) != 0) {
        fail_msg("%s: expected <%s>, not <%s>", title, expected, actual ? actual : "nothing");
    }
}

#endif
