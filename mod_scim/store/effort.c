#include "effort.h"

#include <string.h>

#include "../core/query/lookup_key.h"

/* One comparison of a value in the resource; of all members of a group; all the groups of a user, or all the users of a group, gone through. */
#define WORK_OF_VALUE 2
#define WORK_OF_GROUPS 4
#define WORK_OF_ELEMENTS 20

/* So much is done at once, by the reach. Where many resources may have the value that is looked for, it is what identity providers ask beside
 * it: a type, active, a second value. */
static const int most_work[] = { [SCIM_REACH_ALL] = -1, [SCIM_REACH_SOME] = 4 * WORK_OF_VALUE, [SCIM_REACH_ONE] = 5 * WORK_OF_ELEMENTS };

static int is_membership(const scim_attribute_t *attr)
{
    return attr->home == SCIM_HOME_MEMBERS || attr->home == SCIM_HOME_GROUPS;
}

int scim_effort_is_lookup(const scim_filter_t *f)
{
    f = f->op == SCIM_F_VALUE_PATH ? f->left : f;
    return f->op == SCIM_F_EQ && (strcmp(f->attr->name, "value") == 0 || f->attr->type == SCIM_REFERENCE);
}

/* What an index finds by the equality. */
static scim_reach_e reach_of(const scim_attribute_t *attr)
{
    switch (attr->home) {
    case SCIM_HOME_ID:
    case SCIM_HOME_USER_NAME:
        return SCIM_REACH_ONE;
    case SCIM_HOME_EXTERNAL_ID:
    case SCIM_HOME_DISPLAY_NAME:
        return SCIM_REACH_SOME;
    case SCIM_HOME_META:
        return strcmp(attr->name, "location") == 0 ? SCIM_REACH_ONE : SCIM_REACH_ALL;
    default:
        return scim_lookup_worth(attr) ? SCIM_REACH_SOME : SCIM_REACH_ALL;
    }
}

static scim_effort_t of_comparison(const scim_filter_t *f)
{
    scim_effort_t effort = { SCIM_REACH_ALL, WORK_OF_VALUE };

    if (f->attr && is_membership(f->attr)) {
        if (scim_effort_is_lookup(f)) {
            return (scim_effort_t){ SCIM_REACH_SOME, f->attr->home == SCIM_HOME_GROUPS ? WORK_OF_GROUPS : 0 };
        }
        effort.work = WORK_OF_ELEMENTS;
        return effort;
    }
    if (f->attr && f->op == SCIM_F_EQ) {
        effort.reach = reach_of(f->attr);
    }
    return effort.reach == SCIM_REACH_ALL ? effort : (scim_effort_t){ effort.reach, 0 };
}

/* What stands in the brackets is asked of each member or group. */
static scim_effort_t of_elements(const scim_filter_t *f)
{
    return scim_effort_is_lookup(f) ? of_comparison(f->left) : (scim_effort_t){ SCIM_REACH_ALL, WORK_OF_ELEMENTS + scim_effort(f->left).work };
}

/* Where both sides are reached, one of them is compared as well. */
static scim_effort_t of_both(scim_effort_t a, scim_effort_t b, int either)
{
    scim_reach_e least = a.reach < b.reach ? a.reach : b.reach, most = a.reach < b.reach ? b.reach : a.reach;

    return (scim_effort_t){ either ? most : least, a.work + b.work + (least == SCIM_REACH_ALL ? 0 : WORK_OF_VALUE) };
}

/* No index finds what is not so: there an equality is a comparison like others. */
static scim_effort_t of_negation(scim_effort_t effort)
{
    return (scim_effort_t){ SCIM_REACH_ALL, effort.work + (effort.reach == SCIM_REACH_ALL ? 0 : WORK_OF_VALUE) };
}

scim_effort_t scim_effort(const scim_filter_t *f)
{
    if (!f) {
        return (scim_effort_t){ SCIM_REACH_ALL, 0 };
    }
    switch (f->op) {
    case SCIM_F_AND:
        return of_both(scim_effort(f->left), scim_effort(f->right), 1);
    case SCIM_F_OR:
        return of_both(scim_effort(f->left), scim_effort(f->right), 0);
    case SCIM_F_NOT:
        return of_negation(scim_effort(f->left));
    case SCIM_F_VALUE_PATH:
        return is_membership(f->attr) ? of_elements(f) : scim_effort(f->left);
    default:
        return of_comparison(f);
    }
}

int scim_effort_is_dear(const scim_effort_t *effort)
{
    return effort->work > most_work[effort->reach];
}
