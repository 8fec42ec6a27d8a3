/* What the fuzz targets share. */
#ifndef SCIM_FUZZ_FUZZ_H
#define SCIM_FUZZ_FUZZ_H

#include <apr_general.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "../unit/fixture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the process when an invariant does not hold; the fuzzing engine then keeps the input. */
#define FUZZ_CHECK(condition) fuzz_check((condition) != 0, #condition, __FILE__, __LINE__)

static inline void fuzz_check(int holds, const char *condition, const char *file, int line)
{
    if (!holds) {
        fprintf(stderr, "%s:%d: invariant does not hold: %s\n", file, line, condition);
        abort();
    }
}

/* The fixture with a fresh pool in f->p. Schemas and profiles are made at the first call, since a fuzzing engine gives no place
 * for set-up, and kept to the end of the process. */
static inline fixture_t *fuzz_begin(void)
{
    static fixture_t *fixture;

    if (!fixture) {
        apr_pool_t *pool = NULL;
        FUZZ_CHECK(apr_initialize() == APR_SUCCESS);
        FUZZ_CHECK(apr_pool_create(&pool, NULL) == APR_SUCCESS);
        fixture = fixture_make(pool);
    }
    FUZZ_CHECK(apr_pool_create(&fixture->p, fixture->pool) == APR_SUCCESS);
    return fixture;
}

static inline void fuzz_end(fixture_t *f)
{
    apr_pool_destroy(f->p);
}

#endif
