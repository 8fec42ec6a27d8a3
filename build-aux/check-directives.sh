#!/bin/sh
# Every directive of the module stands in conf/scim.conf, the annotated reference, and every one there exists in the module.
set -eu

cd "${SCIM_SRCDIR:-.}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

grep -hoE '"<?SCIM[A-Za-z]+' mod_scim/mod_scim.c mod_scim/httpd/*.c mod_scim/core/profile/profile_read.c | tr -d '"<' | sort -u > "$work/strings"
# The directive is the first argument of an AP_INIT_ entry, which may stand on the line after it.
cat mod_scim/httpd/*.c mod_scim/mod_scim.c | tr '\n' ' ' | grep -oE 'AP_INIT_[A-Z0-9_]+\( *"<?SCIM[A-Za-z]+' |
    grep -oE 'SCIM[A-Za-z]+$' | sort > "$work/both"
# Inside <SCIMProfile> the words come from a table of their own.
grep -oE '^    \{ "SCIM[A-Za-z]+' mod_scim/core/profile/profile_read.c | grep -oE 'SCIM[A-Za-z]+$' >> "$work/both"
sort -u "$work/both" > "$work/code"
grep -oE '^#?[[:space:]]*</?SCIM[A-Za-z]+|^#?[[:space:]]*SCIM[A-Za-z]+' conf/scim.conf | grep -oE 'SCIM[A-Za-z]+$' | sort -u > "$work/documented"

if [ ! -s "$work/code" ] || [ ! -s "$work/documented" ]; then
    echo "check-directives: no directive found in the code, or none in conf/scim.conf" >&2
    exit 1
fi
status=0
for rule in $(sed -n 's/^    { "\([a-z-]*\)", .*/\1/p' mod_scim/core/profile/rules.c); do
    if ! grep -qE "^#      $rule +[^ ]" conf/scim.conf; then
        echo "check-directives: the dialect rule $rule is not in conf/scim.conf" >&2
        status=1
    fi
done
undocumented=$(comm -23 "$work/code" "$work/documented")
if [ -n "$undocumented" ]; then
    echo "check-directives: not in conf/scim.conf:" $undocumented >&2
    status=1
fi
unknown=$(comm -13 "$work/strings" "$work/documented")
if [ -n "$unknown" ]; then
    echo "check-directives: in conf/scim.conf, but not in the module:" $unknown >&2
    status=1
fi
# scimctl.conf has a table and a reference of its own.
grep -oE '^    \{ "[A-Z][A-Za-z]+", [0-9]+, [0-9]+, ' mod_scim/scimctl/settings.c | grep -oE '[A-Z][A-Za-z]+' | sort -u > "$work/code"
grep -oE '^#[A-Z][A-Za-z]+ ' conf/scimctl.conf | grep -oE '[A-Z][A-Za-z]+' | sort -u > "$work/documented"
if [ ! -s "$work/code" ] || ! cmp -s "$work/code" "$work/documented"; then
    echo "check-directives: conf/scimctl.conf and mod_scim/scimctl/settings.c differ:" $(comm -3 "$work/code" "$work/documented") >&2
    status=1
fi
exit $status
