#include <apr_general.h>
#include <apr_getopt.h>
#include <apr_strings.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scimctl.h"

#ifndef SCIM_SQLDIR
#define SCIM_SQLDIR "sql"
#endif
#ifndef SCIM_VERSION
#define SCIM_VERSION "unknown"
#endif

#define EXIT_USAGE 2

/* Options, as bits for the table of commands. */
enum {
    OPT_DATABASE = 1,
    OPT_SQL = 2,
    OPT_QUIET = 4,
    OPT_NAME = 8,
    OPT_EXPIRES = 16,
    OPT_READ_ONLY = 32,
    OPT_ENDPOINT = 64,
    OPT_HELP = 128,
    OPT_VERSION = 256
};

#define EVERYWHERE (OPT_DATABASE | OPT_SQL | OPT_QUIET)

static const apr_getopt_option_t options[] = {
    { "database", OPT_DATABASE, 1, NULL },   { "sql", OPT_SQL, 1, NULL },           { "quiet", OPT_QUIET, 0, NULL },
    { "name", OPT_NAME, 1, NULL },           { "expires", OPT_EXPIRES, 1, NULL },   { "read-only", OPT_READ_ONLY, 0, NULL },
    { "endpoint", OPT_ENDPOINT, 1, NULL },   { "help", OPT_HELP, 0, NULL },         { "version", OPT_VERSION, 0, NULL },
    { NULL, 0, 0, NULL },
};

typedef struct command_t {
    const char *noun, *verb;           /* verb NULL: the noun is all */
    int min_args, max_args;
    int options;                       /* allowed beside those that are allowed everywhere */
    scim_error_t *(*run)(ctl_t *ctl);
} command_t;

static const command_t commands[] = {
    { "migrate", NULL, 0, 0, 0, ctl_migrate },
    { "tenant", "add", 1, 1, 0, ctl_tenant_add },
    { "tenant", "list", 0, 0, 0, ctl_tenant_list },
    { "tenant", "pause", 1, 1, 0, ctl_tenant_pause },
    { "tenant", "resume", 1, 1, 0, ctl_tenant_resume },
    { "tenant", "disable", 1, 1, 0, ctl_tenant_disable },
    { "token", "create", 1, 1, OPT_NAME | OPT_EXPIRES | OPT_READ_ONLY | OPT_ENDPOINT, ctl_token_create },
    { "token", "list", 0, 1, 0, ctl_token_list },
    { "token", "revoke", 1, 1, 0, ctl_token_revoke },
};

static const char help[] =
    "Usage: scimctl [--database CONNINFO] [--sql DIR] [--quiet] COMMAND\n"
    "\n"
    "Commands:\n"
    "  migrate                      bring the database to the newest schema\n"
    "  tenant add NAME              make a tenant: one customer's directory\n"
    "  tenant list\n"
    "  tenant pause NAME            answer its clients with 503 for a while\n"
    "  tenant disable NAME          answer its clients with 403\n"
    "  tenant resume NAME           serve it again\n"
    "  token create TENANT          make a token and show it, this once\n"
    "      --name TEXT              what logs call it (default: default)\n"
    "      --expires 90d            also 12h, 4w, 1y, a date (2027-01-31: at its first moment, UTC), or never (default: 365d)\n"
    "      --read-only              for GET and searches only\n"
    "      --endpoint /Users        for this endpoint only; may be repeated\n"
    "  token list [TENANT]\n"
    "  token revoke ID\n"
    "\n"
    "Options:\n"
    "  --database CONNINFO          libpq connection string; else the variable SCIM_DATABASE, else libpq's own (PGHOST, PGDATABASE, ...)\n"
    "  --sql DIR                    folder of the migrations (default: " SCIM_SQLDIR ")\n"
    "  --quiet                      print no confirmations; of a new token, print nothing but the token\n"
    "  --help, --version\n"
    "\n"
    "Exit status: 0 done, 1 failed, 2 wrong usage.\n";

static int usage_error(const char *what, const char *which)
{
    fprintf(stderr, "scimctl: %s%s%s%s (see scimctl --help)\n", what, which ? " \"" : "", which ? which : "", which ? "\"" : "");
    return EXIT_USAGE;
}

static void set_option(ctl_t *ctl, int option, const char *value)
{
    switch (option) {
    case OPT_DATABASE:
        ctl->database = value;
        break;
    case OPT_SQL:
        ctl->sql = value;
        break;
    case OPT_QUIET:
        ctl->quiet = 1;
        break;
    case OPT_NAME:
        ctl->name = value;
        break;
    case OPT_EXPIRES:
        ctl->expires = value;
        break;
    case OPT_READ_ONLY:
        ctl->read_only = 1;
        break;
    case OPT_ENDPOINT:
        APR_ARRAY_PUSH(ctl->endpoints, const char *) = value;
        break;
    default:
        break;
    }
}

/* The command that the words begin with; *unknown is the word that fits none. */
static const command_t *find_command(const char *const *words, int n, const char **unknown)
{
    apr_size_t i;

    *unknown = n > 0 ? words[0] : NULL;
    for (i = 0; i < sizeof commands / sizeof *commands; i++) {
        const command_t *c = &commands[i];
        if (n == 0 || strcmp(c->noun, words[0]) != 0) {
            continue;
        }
        if (!c->verb || (n > 1 && strcmp(c->verb, words[1]) == 0)) {
            return c;
        }
        *unknown = n > 1 ? words[1] : NULL;
    }
    return NULL;
}

static int fail(const scim_error_t *err)
{
    fprintf(stderr, "scimctl: %s\n", err->status >= 500 && err->cause ? err->cause : err->detail);
    return EXIT_FAILURE;
}

static int run(ctl_t *ctl, const command_t *command)
{
    scim_error_t *err = scim_db_init(ctl->p);

    if (!err) {
        err = scim_db_open(ctl->p, ctl->database, &ctl->db);
    }
    if (!err) {
        err = command->run(ctl);
    }
    return err ? fail(err) : EXIT_SUCCESS;
}

/* Options may stand anywhere. *said collects their bits. Returns 0, or an exit status with what was wrong already told. */
static int read_options(ctl_t *ctl, int argc, const char *const *argv, int *said)
{
    apr_getopt_t *state;
    const char *value;
    int option;
    apr_status_t status;

    if (apr_getopt_init(&state, ctl->p, argc, argv) != APR_SUCCESS) {
        return usage_error("the command line cannot be read", NULL);
    }
    state->interleave = 1;
    while ((status = apr_getopt_long(state, options, &option, &value)) == APR_SUCCESS) {
        *said |= option;
        set_option(ctl, option, value);
    }
    ctl->args = (const char *const *)state->argv + state->ind;
    ctl->nargs = argc - state->ind;
    return status == APR_EOF ? 0 : EXIT_USAGE;
}

static int dispatch(ctl_t *ctl, int said)
{
    const char *unknown;
    const command_t *command = find_command(ctl->args, ctl->nargs, &unknown);
    int words;

    if (!command) {
        return usage_error(unknown ? "there is no command" : "say a command", unknown);
    }
    words = command->verb ? 2 : 1;
    ctl->args += words;
    ctl->nargs -= words;
    if (ctl->nargs < command->min_args) {
        return usage_error("the command needs a name or id", NULL);
    }
    if (ctl->nargs > command->max_args) {
        return usage_error("unexpected argument", ctl->args[command->max_args]);
    }
    if (said & ~(EVERYWHERE | command->options)) {
        return usage_error("an option does not belong to this command", NULL);
    }
    return run(ctl, command);
}

int main(int argc, const char *const *argv)
{
    ctl_t ctl = { .sql = SCIM_SQLDIR, .database = getenv("SCIM_DATABASE") };
    int said = 0, status;

    if (apr_app_initialize(&argc, &argv, NULL) != APR_SUCCESS || apr_pool_create(&ctl.p, NULL) != APR_SUCCESS) {
        fputs("scimctl: APR cannot be initialized\n", stderr);
        return EXIT_FAILURE;
    }
    atexit(apr_terminate);
    ctl.endpoints = apr_array_make(ctl.p, 2, sizeof(const char *));
    if (!ctl.database) {
        ctl.database = "";
    }
    status = read_options(&ctl, argc, argv, &said);
    if (status) {
        return status;
    }
    if (said & (OPT_HELP | OPT_VERSION)) {
        fputs(said & OPT_HELP ? help : "scimctl " SCIM_VERSION "\n", stdout);
        return EXIT_SUCCESS;
    }
    return dispatch(&ctl, said);
}
