#!/bin/sh
# doc/departures.md says what scimctl says of the profiles of conf/profiles.
set -eu

build=${SCIM_BUILDDIR:-$PWD}
cd "${SCIM_SRCDIR:-.}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

perl t/departures.pl "$build/scimctl" > "$work/departures.md"
if ! diff -u doc/departures.md "$work/departures.md" >&2; then
    echo "check-departures: run t/departures.pl $build/scimctl > doc/departures.md" >&2
    exit 1
fi
