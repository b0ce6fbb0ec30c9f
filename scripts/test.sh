#!/usr/bin/env bash
#
# test.sh [--fast | --long] - installs what is missing, builds in build/, runs all tests by ctest.  --long adds the tests
# that take minutes; --fast, for the loop of editing, installs nothing and runs the unit tests, but for that of the
# measurements, and those of the source text (format, directions of includes).  With CI=true, warnings are errors, clang-format is installed where it can be
# had, and two more builds come first: with clang (where it can be had), and with assertions and sanitizers.
set -euo pipefail

kind=all
for argument in "$@"; do
    case $argument in
    --fast) kind=fast ;;
    --long) kind=long ;;
    -h | --help)
        echo "usage: scripts/test.sh [--fast | --long]"
        exit 0
        ;;
    *)
        echo "test.sh: unknown argument '$argument'; known: --fast --long" >&2
        exit 2
        ;;
    esac
done
cd "$(dirname "${BASH_SOURCE[0]}")/.."
jobs=$(nproc 2>/dev/null || getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)

# run_ctest FOLDER [ARGUMENT...] - by cd, because `ctest --test-dir` came only with CMake 3.20.
run_ctest() {
    local folder=$1
    shift
    (cd "$folder" && ctest --output-on-failure --no-tests=error --no-label-summary --parallel "$jobs" "$@")
}

options=()
if [[ ${CI:-} == true ]]; then
    options+=(-DDLEXP_WERROR=ON)
fi

build() {
    cmake -B build ${options[@]+"${options[@]}"}
    cmake --build build --parallel "$jobs"
}

if [[ $kind == fast ]]; then
    build
    run_ctest build --tests-regex '^(unit[.].*|cli[.](format|includes))$' --exclude-regex '^unit[.]bench$'
    exit
fi

bash scripts/setup.sh build plots tests
if [[ ${CI:-} == true ]]; then
    bash scripts/setup.sh format || echo "== no clang-format 14 here: the format of the code is not checked"
    bash scripts/setup.sh schema || echo "== no jsonschema for Python here: JSON is not held against its schema"
    if bash scripts/setup.sh clang; then
        echo "== clang: build and unit tests"
        cmake -B build-clang -DCMAKE_C_COMPILER=clang "${options[@]}"
        cmake --build build-clang --parallel "$jobs"
        run_ctest build-clang -L unit
    else
        echo "== no clang here: built with the default compiler only"
    fi
    echo "== assertions and sanitizers: unit tests"
    cmake -B build-debug -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_FLAGS=-O1 -DDLEXP_SANITIZE=ON
    cmake --build build-debug --parallel "$jobs"
    run_ctest build-debug -L unit
fi

build
if [[ $kind == long ]]; then
    export DLEXP_LONG=1
    run_ctest build
else
    echo "== long tests are left out (scripts/test.sh --long runs them)"
    unset DLEXP_LONG
    run_ctest build --label-exclude '^long$'
fi
