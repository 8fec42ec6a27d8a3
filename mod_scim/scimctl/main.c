#include <apr_general.h>
#include <apr_getopt.h>
#include <apr_strings.h>
#include <apr_user.h>
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
    OPT_CONFIG = 1 << 0,
    OPT_DATABASE = 1 << 1,
    OPT_SQL = 1 << 2,
    OPT_SCHEMAS = 1 << 3,
    OPT_PROFILES = 1 << 4,
    OPT_PUBLIC_URL = 1 << 5,
    OPT_QUIET = 1 << 6,
    OPT_NAME = 1 << 7,
    OPT_EXPIRES = 1 << 8,
    OPT_READ_ONLY = 1 << 9,
    OPT_ENDPOINT = 1 << 10,
    OPT_PROFILE = 1 << 11,
    OPT_NO_PROFILE = 1 << 12,
    OPT_STATE = 1 << 13,
    OPT_JSON = 1 << 14,
    OPT_YES = 1 << 15,
    OPT_FORCE = 1 << 16,
    OPT_OWNER = 1 << 17,
    OPT_SERVICE = 1 << 18,
    OPT_READER = 1 << 19,
    OPT_ALL = 1 << 20,
    OPT_INTEGRATION = 1 << 21,
    OPT_READ_ENDPOINT = 1 << 22,
    OPT_SOURCE = 1 << 23,
    OPT_DRY_RUN = 1 << 24,
    OPT_HELP = 1 << 25,
    OPT_VERSION = 1 << 26,
    OPT_USER = 1 << 27,
    WITHOUT_DATABASE = 1 << 28         /* of a command: it asks none */
};

#define EVERYWHERE (OPT_CONFIG | OPT_DATABASE | OPT_SQL | OPT_SCHEMAS | OPT_PROFILES | OPT_PUBLIC_URL | OPT_QUIET)

typedef enum { TAKES_NOTHING, TAKES_TEXT, TAKES_MORE } takes_e;

#define MEMBER(name) APR_OFFSETOF(ctl_t, name)

static const struct {
    const char *name;
    int bit;
    takes_e takes;                     /* NOTHING sets an int, TEXT a string, MORE adds to an array of strings */
    apr_size_t member;
} options[] = {
    { "config", OPT_CONFIG, TAKES_TEXT, MEMBER(config) },
    { "database", OPT_DATABASE, TAKES_TEXT, MEMBER(database) },
    { "sql", OPT_SQL, TAKES_TEXT, MEMBER(sql) },
    { "schemas", OPT_SCHEMAS, TAKES_MORE, MEMBER(schemas) },
    { "profiles", OPT_PROFILES, TAKES_MORE, MEMBER(profiles) },
    { "public-url", OPT_PUBLIC_URL, TAKES_TEXT, MEMBER(public_url) },
    { "quiet", OPT_QUIET, TAKES_NOTHING, MEMBER(quiet) },
    { "name", OPT_NAME, TAKES_TEXT, MEMBER(name) },
    { "expires", OPT_EXPIRES, TAKES_TEXT, MEMBER(expires) },
    { "read-only", OPT_READ_ONLY, TAKES_NOTHING, MEMBER(read_only) },
    { "endpoint", OPT_ENDPOINT, TAKES_MORE, MEMBER(endpoints) },
    { "read-endpoint", OPT_READ_ENDPOINT, TAKES_MORE, MEMBER(read_endpoints) },
    { "source", OPT_SOURCE, TAKES_MORE, MEMBER(sources) },
    { "integration", OPT_INTEGRATION, TAKES_TEXT, MEMBER(integration) },
    { "user", OPT_USER, TAKES_TEXT, MEMBER(user) },
    { "profile", OPT_PROFILE, TAKES_TEXT, MEMBER(profile) },
    { "no-profile", OPT_NO_PROFILE, TAKES_NOTHING, MEMBER(no_profile) },
    { "state", OPT_STATE, TAKES_TEXT, MEMBER(state) },
    { "json", OPT_JSON, TAKES_NOTHING, MEMBER(json) },
    { "yes", OPT_YES, TAKES_NOTHING, MEMBER(yes) },
    { "force", OPT_FORCE, TAKES_NOTHING, MEMBER(force) },
    { "dry-run", OPT_DRY_RUN, TAKES_NOTHING, MEMBER(dry_run) },
    { "owner", OPT_OWNER, TAKES_TEXT, MEMBER(owner) },
    { "service", OPT_SERVICE, TAKES_TEXT, MEMBER(service) },
    { "reader", OPT_READER, TAKES_TEXT, MEMBER(reader) },
    { "all", OPT_ALL, TAKES_NOTHING, MEMBER(all) },
    { "help", OPT_HELP, TAKES_NOTHING, MEMBER(help) },
    { "version", OPT_VERSION, TAKES_NOTHING, MEMBER(version) },
};

#define NOPTIONS (sizeof options / sizeof *options)

typedef struct command_t {
    const char *noun, *verb;           /* verb NULL: the noun is all */
    int min_args, max_args;
    int options;                       /* allowed beside those that are allowed everywhere */
    scim_error_t *(*run)(ctl_t *ctl);
} command_t;

#define TOKEN_OPTIONS                                                                                                          \
    (OPT_NAME | OPT_EXPIRES | OPT_READ_ONLY | OPT_ENDPOINT | OPT_READ_ENDPOINT | OPT_SOURCE | OPT_INTEGRATION | OPT_PROFILE | \
     OPT_FORCE | OPT_JSON | OPT_USER)

static const command_t commands[] = {
    { "check", NULL, 1, 1, OPT_PROFILE | OPT_JSON, ctl_check },
    { "database", "init", 0, 0, OPT_OWNER | OPT_SERVICE | OPT_READER, ctl_database_init },
    { "database", "rotate-key", 0, 0, OPT_FORCE, ctl_database_rotate_key },
    { "migrate", NULL, 0, 0, 0, ctl_migrate },
    { "profile", "departures", 0, 1, OPT_JSON | WITHOUT_DATABASE, ctl_profile_departures },
    { "reader", "add", 1, 2, OPT_ALL, ctl_reader_add },
    { "reader", "list", 0, 1, OPT_JSON, ctl_reader_list },
    { "reader", "remove", 1, 2, OPT_ALL, ctl_reader_remove },
    { "tenant", "add", 1, 1, OPT_PROFILE | OPT_FORCE, ctl_tenant_add },
    { "tenant", "set", 1, 1, OPT_PROFILE | OPT_NO_PROFILE | OPT_STATE | OPT_FORCE, ctl_tenant_set },
    { "tenant", "list", 0, 0, OPT_JSON, ctl_tenant_list },
    { "tenant", "rekey", 1, 1, OPT_PROFILE | OPT_DRY_RUN, ctl_tenant_rekey },
    { "tenant", "rename", 2, 2, 0, ctl_tenant_rename },
    { "tenant", "remove", 1, 1, OPT_YES, ctl_tenant_remove },
    { "tenant", "pause", 1, 1, 0, ctl_tenant_pause },
    { "tenant", "resume", 1, 1, 0, ctl_tenant_resume },
    { "tenant", "disable", 1, 1, 0, ctl_tenant_disable },
    { "integration", "add", 2, 2, OPT_PROFILE | OPT_FORCE, ctl_integration_add },
    { "integration", "list", 1, 1, OPT_JSON, ctl_integration_list },
    { "integration", "set", 2, 2, OPT_PROFILE | OPT_NO_PROFILE | OPT_STATE | OPT_FORCE, ctl_integration_set },
    { "integration", "remove", 2, 2, OPT_YES, ctl_integration_remove },
    { "token", "create", 1, 1, TOKEN_OPTIONS, ctl_token_create },
    { "token", "list", 0, 1, OPT_JSON, ctl_token_list },
    { "token", "revoke", 1, 1, 0, ctl_token_revoke },
};

static const char help[] =
    "Usage: scimctl [--config FILE] [--database CONNINFO] [--quiet] COMMAND\n"
    "\n"
    "Commands:\n"
    "  database init                make the schema and the roles that are named; what is there is taken over. Can be repeated.\n"
    "      --owner ROLE             owns the schema and runs migrations\n"
    "      --service ROLE           what httpd connects as: reads and writes resources, can change nothing else\n"
    "      --reader ROLE            may use the views, for tenants that \"reader add\" names\n"
    "  database rotate-key [--force]\n"
    "                               make a new key for cursors, as is done each week; --force: and refuse all cursors that are under way\n"
    "  migrate                      bring the database to the newest schema\n"
    "  profile departures [PROFILE] [--json]\n"
    "                               list where profiles part from the RFCs, and for whom; without a database\n"
    "  reader add TENANT ROLE       let a database role read a tenant through the views; --all in place of TENANT: all tenants\n"
    "  reader remove TENANT ROLE    take that away\n"
    "  reader list [TENANT] [--json]\n"
    "  tenant add NAME              make a tenant: one customer's directory\n"
    "      --profile P              the profile that it has at every Location; without, that of the Location\n"
    "      --force                  do not look whether the profile exists\n"
    "  tenant set NAME              change what is said: --profile P, --no-profile, --state active|paused|disabled, --force\n"
    "  tenant pause NAME            answer its clients with 503 for a while\n"
    "  tenant disable NAME          answer its clients with 403\n"
    "  tenant resume NAME           serve it again\n"
    "  tenant rekey NAME [--dry-run]\n"
    "                               make search keys anew, by the tenant's profile or --profile P; tells who would become the same\n"
    "  check TENANT [--json]        list what is stored and would be refused today, by the tenant's profile or --profile P\n"
    "  tenant rename OLD NEW        its tokens stay valid\n"
    "  tenant remove NAME [--yes]   delete it with all its users, groups and tokens; asks before, unless --yes is said\n"
    "  tenant list [--json]\n"
    "  integration add TENANT NAME [--profile P] [--force]\n"
    "                               name a program that provisions the tenant: its tokens can be stopped together\n"
    "  integration set TENANT NAME  as \"tenant set\"; its profile goes before the tenant's\n"
    "  integration remove TENANT NAME [--yes]\n"
    "                               with its tokens\n"
    "  integration list TENANT [--json]\n"
    "  token create TENANT          make a token and show it, this once, with the Tenant URL\n"
    "      --name TEXT              what logs call it (default: default)\n"
    "      --expires 90d            also 12h, 4w, 1y, a date (2027-01-31: at its first moment, UTC), or never (default: 365d)\n"
    "      --read-only              for GET and searches only\n"
    "      --endpoint /Users        for this endpoint only; may be repeated\n"
    "      --read-endpoint /Groups  this one too, for GET and searches only; may be repeated\n"
    "      --source 192.0.2.0/24    from this network only; may be repeated\n"
    "      --integration NAME       of this integration\n"
    "      --user NAME-OR-ID        stands for this user: /Me is the user, and without --endpoint all that the token can be used at\n"
    "      --profile P [--force]    with this profile instead of the integration's or the tenant's\n"
    "      --json                   tell it as JSON\n"
    "  token list [TENANT] [--json]\n"
    "  token revoke ID\n"
    "\n"
    "Options; each goes before what the file of --config says:\n"
    "  --config FILE                settings (default: the variable SCIM_CONFIG, else " SCIM_CONFIG ")\n"
    "  --database CONNINFO          libpq connection string (also the variable SCIM_DATABASE; else libpq's own: PGHOST, PGDATABASE, ...)\n"
    "  --schemas PATH, --profiles PATH\n"
    "                               files and folders of schemas and profiles, as httpd reads them; may be repeated\n"
    "  --public-url URL             Tenant URL; {tenant} in it stands for the tenant's name\n"
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

static void set_option(ctl_t *ctl, int bit, const char *value)
{
    apr_size_t i;

    for (i = 0; options[i].bit != bit; i++) {
    }
    switch (options[i].takes) {
    case TAKES_NOTHING:
        *(int *)((char *)ctl + options[i].member) = 1;
        break;
    case TAKES_TEXT:
        *(const char **)((char *)ctl + options[i].member) = value;
        break;
    default:
        APR_ARRAY_PUSH(*(apr_array_header_t **)((char *)ctl + options[i].member), const char *) = value;
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

static int fail(const scim_error_t *err, const char *hint)
{
    fprintf(stderr, "scimctl: %s%s\n", err->status >= 500 && err->cause ? err->cause : err->detail, hint);
    return EXIT_FAILURE;
}

/* PostgreSQL takes the system user's name for the role's: a refusal quotes it, in whatever language. */
static const char *hint_for(const ctl_t *ctl, const scim_error_t *err)
{
    apr_uid_t uid;
    apr_gid_t gid;
    char *user = NULL;

    if (!err->cause || apr_uid_current(&uid, &gid, ctl->p) != APR_SUCCESS || apr_uid_name_get(&user, uid, ctl->p) != APR_SUCCESS ||
        !strstr(err->cause, apr_pstrcat(ctl->p, "\"", user, "\"", NULL))) {
        return "";
    }
    return apr_psprintf(ctl->p, " (%s is the system user that scimctl runs as: run it as the user that owns the database, for example by "
                                "\"runuser -u postgres -- scimctl ...\", or name a role by user=... in the connection string)", user);
}

static int run(ctl_t *ctl, const command_t *command)
{
    scim_error_t *err = ctl_settings_read(ctl);

    if (!err && !(command->options & WITHOUT_DATABASE)) {
        err = scim_db_init(ctl->p);
        if (!err) {
            err = scim_db_open(ctl->p, ctl->database, &ctl->db);
            if (err) {
                return fail(err, hint_for(ctl, err));
            }
        }
    }
    if (!err) {
        err = command->run(ctl);
    }
    return err ? fail(err, "") : EXIT_SUCCESS;
}

/* Options may stand anywhere. *said collects their bits. Returns 0, or an exit status with what was wrong already told. */
static int read_options(ctl_t *ctl, int argc, const char *const *argv, int *said)
{
    apr_getopt_option_t known[NOPTIONS + 1] = { { NULL, 0, 0, NULL } };
    apr_getopt_t *state;
    const char *value;
    int bit;
    apr_size_t i;
    apr_status_t status;

    for (i = 0; i < NOPTIONS; i++) {
        known[i].name = options[i].name;
        known[i].optch = options[i].bit;
        known[i].has_arg = options[i].takes != TAKES_NOTHING;
    }
    if (apr_getopt_init(&state, ctl->p, argc, argv) != APR_SUCCESS) {
        return usage_error("the command line cannot be read", NULL);
    }
    state->interleave = 1;
    while ((status = apr_getopt_long(state, known, &bit, &value)) == APR_SUCCESS) {
        *said |= bit;
        set_option(ctl, bit, value);
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
    ctl_t ctl = { .sql = SCIM_SQLDIR };
    int said = 0, status;

    if (apr_app_initialize(&argc, &argv, NULL) != APR_SUCCESS || apr_pool_create(&ctl.p, NULL) != APR_SUCCESS) {
        fputs("scimctl: APR cannot be initialized\n", stderr);
        return EXIT_FAILURE;
    }
    atexit(apr_terminate);
    ctl.endpoints = apr_array_make(ctl.p, 2, sizeof(const char *));
    ctl.read_endpoints = apr_array_make(ctl.p, 2, sizeof(const char *));
    ctl.sources = apr_array_make(ctl.p, 2, sizeof(const char *));
    ctl.schemas = apr_array_make(ctl.p, 2, sizeof(const char *));
    ctl.profiles = apr_array_make(ctl.p, 2, sizeof(const char *));
    status = read_options(&ctl, argc, argv, &said);
    if (status) {
        return status;
    }
    if (ctl.help || ctl.version) {
        fputs(ctl.help ? help : "scimctl " SCIM_VERSION "\n", stdout);
        return EXIT_SUCCESS;
    }
    return dispatch(&ctl, said);
}
