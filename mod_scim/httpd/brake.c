/* Refusals of unknown tokens cost next to nothing each, so that whoever guesses or is set up wrongly can send very many. When there are many,
 * some of them wait before they are answered, and the connections of the others end: their clients have to begin anew. */
#include "private.h"

#include <apr_time.h>

/* In a second, as they come. */
#define REFUSALS 20

#define PAUSE (100 * 1000)

struct scim_brake_t {
    apr_uint32_t most;                 /* threads that may wait */
    volatile apr_uint32_t second;      /* now, as far as anybody was refused in it */
    volatile apr_uint32_t refused, waiting;
};

scim_brake_t *scim_brake_make(apr_pool_t *p, int threads)
{
    scim_brake_t *brake = apr_pcalloc(p, sizeof(*brake));

    brake->most = (apr_uint32_t)threads / 8;
    return brake;
}

/* Are there too many in this second? What is counted twice, or not at all, while a second begins does not matter. */
static int is_many(scim_brake_t *brake)
{
    apr_uint32_t now = (apr_uint32_t)apr_time_sec(apr_time_now());

    if (apr_atomic_xchg32(&brake->second, now) != now) {
        apr_atomic_set32(&brake->refused, 0);
    }
    return apr_atomic_inc32(&brake->refused) >= REFUSALS;
}

void scim_brake(scim_brake_t *brake, conn_rec *c)
{
    if (!is_many(brake)) {
        return;
    }
    if (apr_atomic_inc32(&brake->waiting) < brake->most) {
        apr_sleep(PAUSE);
    }
    else {
        c->keepalive = AP_CONN_CLOSE;
    }
    apr_atomic_dec32(&brake->waiting);
}
