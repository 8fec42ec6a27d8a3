#!/bin/sh
# httpd -> service -> store -> config -> core, and inside core profile -> bulk -> patch -> resource -> query -> schema -> base: nothing points back. Proved from the #include lines.
set -eu

cd "${SCIM_SRCDIR:-.}/mod_scim"
status=0

# layer, what its files must not include
while read -r layer forbidden; do
    files=$(find "$layer" -name '*.[ch]' | sort)
    if [ -z "$files" ]; then
        echo "check-layers: mod_scim/$layer holds no source" >&2
        exit 1
    fi
    # shellcheck disable=SC2086
    if grep -nE "^[[:space:]]*#[[:space:]]*include[[:space:]]*[<\"]($forbidden)" $files >&2; then
        echo "check-layers: mod_scim/$layer must not include these" >&2
        status=1
    fi
done <<'RULES'
core     (\.\./)*(config|store|service|httpd|scimctl)/|httpd\.h|http_|ap_|mod_|util_|scoreboard\.h|apr_dbd|apr_reslist|libpq|postgresql|apr_file|apr_network|stdio_ext|unistd\.h
config   (\.\./)*(store|service|httpd|scimctl)/|httpd\.h|http_|ap_|mod_|util_|scoreboard\.h|apr_dbd|apr_reslist|libpq
service  (\.\./)*(httpd|scimctl)/|httpd\.h|http_|ap_|mod_|util_|scoreboard\.h|apr_dbd|libpq
store    (\.\./)*(service|httpd|scimctl)/|httpd\.h|http_|ap_|mod_|util_|scoreboard\.h
scimctl  (\.\./)?httpd/|httpd\.h|http_|ap_|mod_|util_|scoreboard\.h
httpd    (\.\./)?scimctl/|libpq|apr_dbd
RULES

# room of core, rooms that stand after it
while read -r room later; do
    if grep -nE "^[[:space:]]*#[[:space:]]*include[[:space:]]*\"\.\./($later)/" "core/$room"/*.[ch] >&2; then
        echo "check-layers: mod_scim/core/$room must not include these" >&2
        status=1
    fi
done <<'ROOMS'
base      schema|query|resource|patch|bulk|profile
schema    query|resource|patch|bulk|profile
query     resource|patch|bulk|profile
resource  patch|bulk|profile
patch     bulk|profile
bulk      profile
ROOMS

# Files of core need one another in one direction only (X.c and X.h are one).
circle=$(grep -oE '^[[:space:]]*#[[:space:]]*include[[:space:]]*"[^"]+' core/*/*.[ch] | awk -F '[:"]' '
    {
        from = $1; to = $3
        sub(/^core\//, "", from); sub(/\.[ch]$/, "", from); sub(/\.h$/, "", to)
        if (!sub(/^\.\.\//, "", to)) { room = from; sub(/\/.*/, "", room); to = room "/" to }
        if (from != to) print from, to
    }' | tsort 2>&1 >/dev/null || true)
if [ -n "$circle" ]; then
    printf 'check-layers: these files of mod_scim/core need one another in a circle:\n%s\n' "$circle" >&2
    status=1
fi

# One file talks to json-c.
if grep -lE '#[[:space:]]*include[[:space:]]*[<"]json-c' ./*.[ch] ./*/*.[ch] core/*/*.[ch] ../t/*/*.[ch] | grep -v '^core/base/json' >&2; then
    echo "check-layers: only core/base/json.c talks to json-c" >&2
    status=1
fi

# One file talks to libpq and apr_dbd.
if grep -lE '#[[:space:]]*include[[:space:]]*[<"](libpq|apr_dbd)' store/*.[ch] | grep -v '^store/db' >&2; then
    echo "check-layers: only store/db*.c talks to libpq and apr_dbd" >&2
    status=1
fi
exit $status
