#!/usr/bin/env bash
#
# setup.sh NEED... - install what is missing of: build plots tests clang format schema cluster.
#
# The one place for package names.  What is missing is found by trying it (a header that compiles, a command that runs),
# not by asking the package manager, so that nothing is installed or even looked up where everything is there.  Asks no
# questions; uses sudo only where not root.  Tried on Debian 12; the names for dnf, pacman and brew are as their
# distributions give them.
set -euo pipefail

say() { printf 'setup: %s\n' "$*"; }
fail() {
    printf 'setup: %s\n' "$*" >&2
    exit 1
}

# package MANAGER THING - the package(s) that bring a thing.
package() {
    case "$1:$2" in
    apt-get:compiler) echo gcc libc6-dev ;;
    dnf:compiler) echo gcc ;;
    pacman:compiler) echo gcc ;;
    *:cmake) echo cmake ;;
    *:make) echo make ;;
    apt-get:zlib) echo zlib1g-dev ;;
    dnf:zlib) echo zlib-devel ;;
    *:zlib) echo zlib ;;
    apt-get:cjson) echo libcjson-dev ;;
    dnf:cjson) echo cjson-devel ;;
    *:cjson) echo cjson ;;
    apt-get:gnuplot) echo gnuplot-nox ;;
    *:gnuplot) echo gnuplot ;;
    apt-get:cmocka) echo libcmocka-dev ;;
    dnf:cmocka) echo libcmocka-devel ;;
    *:cmocka) echo cmocka ;;
    apt-get:format) echo clang-format-14 ;;
    apt-get:schema) echo python3-jsonschema ;;
    apt-get:slurm) echo slurm-wlm ;;
    dnf:slurm) echo slurm slurm-slurmctld slurm-slurmd ;;
    pacman:slurm) echo slurm-llnl ;;
    *:munge) echo munge ;;
    *:parallel) echo parallel ;;
    brew:clang) echo llvm ;;
    *:clang) echo clang ;;
    esac
}

compiler() {
    local name
    for name in "${CC:-cc}" cc gcc clang; do
        if command -v "${name%% *}" >/dev/null 2>&1; then
            echo "$name"
            return
        fi
    done
    return 1
}

# links LIBRARY INCLUDE... - whether a program with these headers compiles and links (LIBRARY: "" for none).
links() {
    local cc library=$1 include source='' result=0 scratch
    local -a flags=()
    shift
    cc=$(compiler) || return 1
    for include in "$@"; do source+="#include <$include>"$'\n'; done
    source+='int main(void) { return 0; }'
    if [[ -n ${brew_prefix:-} ]]; then flags+=("-I$brew_prefix/include" "-L$brew_prefix/lib"); fi
    scratch=$(mktemp -d "${TMPDIR:-/tmp}/dlexp-setup.XXXXXX")
    # $cc may hold flags ("gcc -m64"), so it is split.
    # shellcheck disable=SC2086
    printf '%s\n' "$source" |
        $cc -x c - ${flags[@]+"${flags[@]}"} ${library:+"-l$library"} -o "$scratch/a.out" >/dev/null 2>&1 || result=1
    rm -rf "$scratch"
    return "$result"
}

# has THING - whether it is there and works.
has() {
    case $1 in
    compiler) links "" stdio.h ;;
    cmake) command -v cmake >/dev/null 2>&1 ;;
    make) command -v make >/dev/null 2>&1 ;;
    zlib) links z zlib.h ;;
    cjson) links cjson cjson/cJSON.h || links cjson cJSON.h ;;
    gnuplot) gnuplot -d -e 'set terminal svg; set terminal pngcairo' </dev/null >/dev/null 2>&1 ;;
    cmocka) links cmocka stdarg.h stddef.h stdint.h setjmp.h cmocka.h ;;
    slurm) PATH=$PATH:/usr/sbin command -v slurmctld >/dev/null 2>&1 ;;
    munge) PATH=$PATH:/usr/sbin command -v munged >/dev/null 2>&1 ;;
    parallel) parallel --version 2>/dev/null | grep -q '^GNU parallel' ;;
    clang) command -v clang >/dev/null 2>&1 ;;
    schema) /usr/bin/python3 -c 'import jsonschema' 2>/dev/null || python3 -c 'import jsonschema' 2>/dev/null ;;
    format) { clang-format-14 --version || clang-format --version; } 2>/dev/null | grep -q 'version 14\.' ;;
    esac
}

things=()
for need in "$@"; do
    case $need in
    build) things+=(compiler cmake make zlib cjson) ;;
    plots) things+=(gnuplot) ;;
    tests) things+=(cmocka) ;;
    clang) things+=(clang) ;;
    format) things+=(format) ;;
    schema) things+=(schema) ;;
    cluster) things+=(slurm munge parallel) ;;
    *) fail "unknown need '$need'; known: build plots tests clang format schema cluster" ;;
    esac
done

# The system's own manager comes first: brew can be there too on Linux.
manager=''
for name in apt-get dnf pacman brew; do
    if command -v "$name" >/dev/null 2>&1; then
        manager=$name
        break
    fi
done
brew_prefix=''
if [[ $manager == brew ]]; then brew_prefix=$(brew --prefix); fi

missing=()
for thing in ${things[@]+"${things[@]}"}; do
    has "$thing" || missing+=("$thing")
done
if [[ ${#missing[@]} -eq 0 ]]; then
    exit 0
fi
say "missing: ${missing[*]}"

if [[ -z $manager ]]; then
    fail "no apt-get, dnf, pacman or brew here: please install by hand: ${missing[*]} (README, 'Requirements')"
fi
if [[ $manager == brew && " ${missing[*]} " == *" compiler "* ]]; then
    fail "no C compiler works here: run xcode-select --install, then this script again"
fi
packages=()
for thing in "${missing[@]}"; do
    read -r -a names <<<"$(package "$manager" "$thing")"
    [[ ${#names[@]} -gt 0 ]] || fail "$thing has no package known for $manager"
    packages+=("${names[@]}")
done

case $manager in
apt-get) install=(apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=120) ;;
dnf) install=(dnf install -y) ;;
pacman) install=(pacman -S --noconfirm --needed) ;;
brew) install=(brew install) ;;
esac

as_root=()
if [[ $manager == brew ]]; then
    if [[ $(id -u) -eq 0 ]]; then
        fail "brew does not run as root: run this script as an ordinary user, or install by hand: ${packages[*]}"
    fi
elif [[ $(id -u) -ne 0 ]]; then
    if ! command -v sudo >/dev/null 2>&1; then
        fail "installing needs root, and there is no sudo. As root, run: ${install[*]} ${packages[*]}"
    fi
    as_root=(sudo)
    # Off a terminal nobody could type a password: fail at once then, and do not wait.
    if [[ ! -t 0 ]]; then as_root=(sudo -n); fi
    if ! "${as_root[@]}" true; then
        fail "installing needs root, and sudo refused. As root, run: ${install[*]} ${packages[*]}"
    fi
fi

run() {
    say "$*"
    "$@" </dev/null
}
if [[ $manager == apt-get ]]; then
    as_root+=(env DEBIAN_FRONTEND=noninteractive)
    # Stale lists name packages that are gone.  A mirror out of reach is not yet an error: the old lists may do.
    run ${as_root[@]+"${as_root[@]}"} apt-get update -q || say "apt-get update failed; going on with the lists there are"
fi
if ! run ${as_root[@]+"${as_root[@]}"} "${install[@]}" "${packages[@]}"; then
    fail "could not install ${packages[*]} (see above)"
fi

for thing in "${missing[@]}"; do
    has "$thing" || fail "$thing still does not work after installing $(package "$manager" "$thing")"
done
say "installed ${packages[*]}"
