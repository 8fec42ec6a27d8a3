# Functions that script/server, script/test and script/bench share. Sourced by bash, with $self and $source set: the name of the
# command for messages, and the checkout.

say() {
    printf '==> %s\n' "$*"
}

die() {
    printf '%s: %s\n' "$self" "$*" >&2
    exit 1
}

# ---- Debian packages ----

build_packages=(apache2-bin apache2-dev autoconf automake binutils gcc libaprutil1-dbd-pgsql libcrypt-dev libjson-c-dev libpq-dev libssl-dev libtool
    libutf8proc-dev make pkg-config postgresql)
server_packages=("${build_packages[@]}" curl)
test_packages=("${build_packages[@]}" clang libapache2-mod-perl2 libclang-rt-dev libcmocka-dev libfaketime nghttp2-client perl pgbouncer)

# For other people's software that the service is tested with.
external_packages=(python3-venv)

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo -- "$@"
    fi
}

# Installs what is missing of the packages named. Nothing is asked of a package source when nothing is missing.
need_packages() {
    local package missing=()

    if ! command -v dpkg-query >/dev/null; then
        say "This is not Debian or Ubuntu: the counterparts of these packages have to be there: $*"
        return
    fi
    for package; do
        if [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" != installed ]; then
            missing+=("$package")
        fi
    done
    if [ ${#missing[@]} -eq 0 ]; then
        return
    fi
    if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
        die "packages are missing, and neither root nor sudo is here to install them: apt-get install ${missing[*]}"
    fi
    say "Installing the Debian packages ${missing[*]}"
    as_root bash "$source/script/install-packages" "${missing[@]}" ||
        die "the packages ${missing[*]} could not be installed (the reason stands above): is a package source of the distribution set up and reachable?"
}

# ---- building ----

# Ends with a sentence when the folder cannot be made and written to.
need_folder() {
    mkdir -p "$1" 2>/dev/null && [ -w "$1" ] || die "the folder $1 cannot be written to${2:+; $2}"
}

# build DIR LOG CONFIGURE-ARGUMENT...: configures in DIR when that has not been done with these arguments, and makes. What the
# tools say goes to LOG, and is shown when something fails. $build_targets: what is made, instead of all.
build() {
    local dir=$1 log=$2

    shift 2
    if [ -e "$source/config.status" ]; then
        die "$source itself is configured, which rules out a build in another folder: run 'make distclean' there"
    fi
    need_folder "$dir"
    : > "$log"
    if ! (
        # Two builds at the same time would write to the same files.
        exec 9> "$dir/../.build-lock" && flock 9 && bootstrap && cd "$dir" && configure "$@" && make -j "$(nproc)" ${build_targets:-}
    ) >> "$log" 2>&1; then
        tail -n 40 "$log" >&2
        die "the build failed; all it said is in $log"
    fi
}

# configure is made from configure.ac, and anew when what it is made from changed.
bootstrap() {
    local input

    for input in configure.ac Makefile.am m4/scim_warnings.m4; do
        if [ ! -e "$source/configure" ] || [ ! -e "$source/Makefile.in" ] || [ "$source/$input" -nt "$source/Makefile.in" ]; then
            if [ ! -w "$source" ]; then
                echo "$source/configure has to be made, but $source cannot be written to"
                return 1
            fi
            (cd "$source" && autoreconf -fi && touch Makefile.in)
            return
        fi
    done
}

# In the build folder: what was configured with the same arguments stays; make itself sees to a configure that changed.
configure() {
    if [ "$(cat .configured 2>/dev/null)" = "$*" ]; then
        return
    fi
    rm -f .configured
    "$source/configure" "$@" && printf '%s\n' "$*" > .configured
}

# ---- what is installed where ----

# The folder of initdb and pg_ctl. libpq-dev's pg_config names that of its own version, which need not be the server's.
postgres_bindir() {
    local dir

    for dir in "$(pg_config --bindir 2>/dev/null)" $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -rV); do
        if [ -x "$dir/initdb" ] && [ -x "$dir/pg_ctl" ]; then
            printf '%s\n' "$dir"
            return
        fi
    done
    die "initdb and pg_ctl were not found: is the PostgreSQL server installed?"
}

httpd_binary() {
    printf '%s/%s\n' "$(apxs -q SBINDIR)" "$(apxs -q progname)"
}
