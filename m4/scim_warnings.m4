# SCIM_WARNINGS
# -------------
# Sets SCIM_CFLAGS to the language standard and those warnings of the list below that the compiler knows.
AC_DEFUN([SCIM_WARNINGS],
[AC_REQUIRE([AC_PROG_CC])
SCIM_CFLAGS=
for scim_flag in -std=gnu11 -fno-strict-aliasing \
    -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wpointer-arith -Wwrite-strings \
    -Wformat=2 -Wundef -Wvla -Wimplicit-fallthrough -Wduplicated-cond -Wduplicated-branches \
    -Wlogical-op -Wjump-misses-init -Wnested-externs
do
    AC_MSG_CHECKING([whether $CC accepts $scim_flag])
    scim_save_CFLAGS=$CFLAGS
    # Without -Werror, clang takes an unknown warning for a reason to warn, and accepts it.
    CFLAGS="$CFLAGS -Werror $scim_flag"
    AC_COMPILE_IFELSE([AC_LANG_PROGRAM([], [])],
        [AC_MSG_RESULT([yes])
         SCIM_CFLAGS="$SCIM_CFLAGS $scim_flag"],
        [AC_MSG_RESULT([no])])
    CFLAGS=$scim_save_CFLAGS
done
])
