#!/bin/sh
# The module shares its process with every other one: it exports the module record and nothing else.
set -eu

dso="${SCIM_BUILDDIR:-.}/.libs/mod_scim.so"
symbols=$(${NM:-nm} -D --defined-only "$dso" | awk '{ print $NF }')

if [ "$symbols" != scim_module ]; then
    echo "check-exports: $dso exports:" $symbols >&2
    exit 1
fi
