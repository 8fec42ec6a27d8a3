#!/bin/sh
# A file of more than 600 lines is two concepts, a function of more than 60 hides one; in tests some hold a table of 70. Lines end at 140 columns; a
# few more are let pass, for a table's row or a text that would read worse broken up.
set -eu

cd "${SCIM_SRCDIR:-.}"

find mod_scim t/unit t/fuzz t/oracle -name '*.[ch]' | sort | xargs awk -v lines=600 -v body=60 -v table=70 -v columns=150 '
    function complain(line, text) {
        printf "%s:%d: %s\n", FILENAME, line, text
        bad = 1
    }
    FNR == 1 { start = 0 }
    FNR == lines + 1 { complain(FNR, "more than " lines " lines") }
    length($0) > columns { complain(FNR, length($0) " columns") }
    /^{/ { start = FNR }
    /^}/ {
        if (start && FNR - start - 1 > (FILENAME ~ /^t\// ? table : body)) {
            complain(start, "a function of " FNR - start - 1 " lines")
        }
        start = 0
    }
    END { exit bad }' >&2
