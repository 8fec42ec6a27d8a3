#!/bin/sh
# Builds the libFuzzer versions of the fuzzers: build.sh SRCDIR CORE-SOURCE... with CC, CPPFLAGS and LIBS in the environment.
# "make fuzz" calls it.
set -eu

src=$1
shift
if ! "$CC" --version 2>/dev/null | grep -q clang; then
    echo "make fuzz: $CC is not clang, whose libFuzzer is needed" >&2
    exit 1
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
flags="-g -O1 -std=gnu11 -fno-omit-frame-pointer -fno-sanitize-recover=undefined"
objects=

for file in "$@" t/unit/fixture.c t/unit/pool.c; do
    case $file in
    *.c)
        object="$work/$(echo "$file" | tr / _).o"
        # shellcheck disable=SC2086
        "$CC" $flags -fsanitize=fuzzer-no-link,address,undefined $CPPFLAGS -c "$src/$file" -o "$object"
        objects="$objects $object"
        ;;
    esac
done
mkdir -p t/fuzz
for name in json filter patch; do
    # shellcheck disable=SC2086
    "$CC" $flags -fsanitize=fuzzer,address,undefined $CPPFLAGS "$src/t/fuzz/$name.c" $objects $LIBS -o "t/fuzz/libfuzzer_$name"
    echo "t/fuzz/libfuzzer_$name"
done
