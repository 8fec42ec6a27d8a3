#!/bin/sh
# A file that outgrows 600 lines is two concepts; a function that outgrows 80 hides one. No line is wider than 140.
set -eu

cd "${SCIM_SRCDIR:-.}"

find mod_scim t/unit t/fuzz -name '*.[ch]' | sort | xargs awk '
    FNR == 1 { start = 0 }
    FNR == 601 { printf "%s: more than 600 lines\n", FILENAME; bad = 1 }
    length($0) > 140 { printf "%s:%d: more than 140 columns\n", FILENAME, FNR; bad = 1 }
    /^{/ { start = FNR }
    /^}/ {
        if (start && FNR - start - 1 > 80) {
            printf "%s:%d: a function of %d lines\n", FILENAME, start, FNR - start - 1
            bad = 1
        }
        start = 0
    }
    END { exit bad }' >&2
