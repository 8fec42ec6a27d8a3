#include "turns.h"

#include <apr_strings.h>
#include <apr_thread_cond.h>
#include <apr_thread_mutex.h>
#include <string.h>
#include <unistd.h>

#include "../core/base/clock.h"

/* Parties of which it is remembered when they had their last turn. */
#define REMEMBERED 32

typedef struct holder_t {
    scim_party_t party;
    int turns;
} holder_t;

/* On the stack of the thread that waits. */
typedef struct waiter_t {
    struct waiter_t *next;             /* came later */
    scim_party_t party;
    apr_thread_cond_t *granted_now;
    int granted;
} waiter_t;

struct scim_turns_t {
    scim_turns_config_t config;
    apr_thread_mutex_t *mutex;         /* guards what follows */
    int used;
    holder_t *holders;                 /* one for each party that has turns, at most config.total */
    int nholders;
    scim_party_t served[REMEMBERED];   /* who had a turn last comes first */
    int nserved;
    waiter_t *first;
};

scim_error_t *scim_turns_make(apr_pool_t *p, const scim_turns_config_t *config, scim_turns_t **out)
{
    scim_turns_t *turns = apr_pcalloc(p, sizeof *turns);

    turns->config = *config;
    turns->holders = apr_pcalloc(p, (apr_size_t)config->total * sizeof *turns->holders);
    if (apr_thread_mutex_create(&turns->mutex, APR_THREAD_MUTEX_DEFAULT, p) != APR_SUCCESS) {
        return scim_error_cause(p, scim_error(p, SCIM_E_INTERNAL, "The server cannot start"), "a mutex could not be made");
    }
    *out = turns;
    return NULL;
}

int scim_turns_of_processors(void)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);

    return processors > 3 ? (int)(processors / 2) : 1;
}

static int same(scim_party_t a, scim_party_t b)
{
    return a.database == b.database && a.tenant == b.tenant;
}

static holder_t *find_holder(const scim_turns_t *turns, scim_party_t party)
{
    int i;

    for (i = 0; i < turns->nholders; i++) {
        if (same(turns->holders[i].party, party)) {
            return &turns->holders[i];
        }
    }
    return NULL;
}

static int held(const scim_turns_t *turns, scim_party_t party)
{
    const holder_t *holder = find_holder(turns, party);

    return holder ? holder->turns : 0;
}

static int may_have(const scim_turns_t *turns, scim_party_t party)
{
    const scim_turns_config_t *c = &turns->config;
    int left = c->total - turns->used, has = held(turns, party);
    int most = party.tenant == 0 ? c->unknown : c->each;

    if (left <= 0 || (most && has >= most)) {
        return 0;
    }
    return has == 0 || left > c->reserve;
}

/* How many others have had a turn since this one had; REMEMBERED: all, as far as anybody knows. */
static int served_since(const scim_turns_t *turns, scim_party_t party)
{
    int i;

    for (i = 0; i < turns->nserved; i++) {
        if (same(turns->served[i], party)) {
            return i;
        }
    }
    return REMEMBERED;
}

static void remember(scim_turns_t *turns, scim_party_t party)
{
    int others = served_since(turns, party);

    if (others == REMEMBERED) {
        turns->nserved += turns->nserved < REMEMBERED;
        others = turns->nserved - 1;
    }
    memmove(turns->served + 1, turns->served, (apr_size_t)others * sizeof *turns->served);
    turns->served[0] = party;
}

static void take(scim_turns_t *turns, scim_party_t party)
{
    holder_t *holder = find_holder(turns, party);

    if (!holder) {
        holder = &turns->holders[turns->nholders++];
        holder->party = party;
        holder->turns = 0;
    }
    holder->turns++;
    turns->used++;
    if (turns->config.wait) {
        remember(turns, party);
    }
}

static void give(scim_turns_t *turns, scim_party_t party)
{
    holder_t *holder = find_holder(turns, party);

    if (--holder->turns == 0) {
        *holder = turns->holders[--turns->nholders];
    }
    turns->used--;
}

/* Does a go before b, who came earlier? However many of a party wait, each of the others has a turn between two of theirs. */
static int goes_before(const scim_turns_t *turns, scim_party_t a, scim_party_t b)
{
    int has = held(turns, a), other_has = held(turns, b);

    return has < other_has || (has == other_has && served_since(turns, a) > served_since(turns, b));
}

/* Of those who may have a turn, the one whose party has the fewest, and has had none for longest; of these, who came first. NULL: none. */
static waiter_t *next_waiter(const scim_turns_t *turns)
{
    waiter_t *best = NULL, *w;

    for (w = turns->first; w; w = w->next) {
        if (!w->granted && may_have(turns, w->party) && (!best || goes_before(turns, w->party, best->party))) {
            best = w;
        }
    }
    return best;
}

static void grant(scim_turns_t *turns)
{
    waiter_t *w;

    while ((w = next_waiter(turns))) {
        take(turns, w->party);
        w->granted = 1;
        apr_thread_cond_signal(w->granted_now);
    }
}

static int waiting(const scim_turns_t *turns, scim_party_t party)
{
    const waiter_t *w;
    int n = 0;

    for (w = turns->first; w; w = w->next) {
        n += same(w->party, party);
    }
    return n;
}

static void enqueue(scim_turns_t *turns, waiter_t *waiter)
{
    waiter_t **last = &turns->first;

    while (*last) {
        last = &(*last)->next;
    }
    *last = waiter;
}

static void dequeue(scim_turns_t *turns, const waiter_t *waiter)
{
    waiter_t **at = &turns->first;

    while (*at != waiter) {
        at = &(*at)->next;
    }
    *at = waiter->next;
}

static apr_status_t wait_for_turn(scim_turns_t *turns, apr_pool_t *p, scim_party_t party)
{
    waiter_t waiter = { NULL, party, NULL, 0 };
    apr_time_t until = scim_clock() + turns->config.wait, now;
    apr_status_t status = apr_thread_cond_create(&waiter.granted_now, p);

    if (status != APR_SUCCESS) {
        return status;
    }
    enqueue(turns, &waiter);
    while (!waiter.granted && (now = scim_clock()) < until) {
        apr_thread_cond_timedwait(waiter.granted_now, turns->mutex, until - now);
    }
    dequeue(turns, &waiter);
    apr_thread_cond_destroy(waiter.granted_now);
    return waiter.granted ? APR_SUCCESS : APR_TIMEUP;
}

apr_status_t scim_turns_take(scim_turns_t *turns, apr_pool_t *p, scim_party_t party)
{
    apr_status_t status = APR_SUCCESS;

    apr_thread_mutex_lock(turns->mutex);
    if (may_have(turns, party)) {
        take(turns, party);
    }
    else if (!turns->config.wait || (turns->config.queue && waiting(turns, party) >= turns->config.queue)) {
        status = APR_EAGAIN;
    }
    else {
        status = wait_for_turn(turns, p, party);
    }
    apr_thread_mutex_unlock(turns->mutex);
    return status;
}

apr_status_t scim_turns_take_any(scim_turns_t *turns, scim_party_t party)
{
    apr_status_t status = APR_EAGAIN;

    apr_thread_mutex_lock(turns->mutex);
    if (turns->used < turns->config.total) {
        take(turns, party);
        status = APR_SUCCESS;
    }
    apr_thread_mutex_unlock(turns->mutex);
    return status;
}

void scim_turns_give(scim_turns_t *turns, scim_party_t party)
{
    apr_thread_mutex_lock(turns->mutex);
    give(turns, party);
    grant(turns);
    apr_thread_mutex_unlock(turns->mutex);
}
