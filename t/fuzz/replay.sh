#!/bin/sh
# Runs the fuzzers, built by the ordinary compiler, over their corpora.
set -eu

for name in json filter patch; do
    corpus="${SCIM_SRCDIR:-.}/t/fuzz/corpus/$name"
    if [ -z "$(ls -A "$corpus")" ]; then
        echo "replay: $corpus is empty" >&2
        exit 1
    fi
    "${SCIM_BUILDDIR:-.}/t/fuzz/fuzz_$name" "$corpus"
done
