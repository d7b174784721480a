#!/usr/bin/env bash
# Every test, from a clean clone on a machine that has nothing installed.
#
#   tests/run.sh            what CI runs: about 20 minutes on 2 cores
#   tests/run.sh slow       the long campaigns (hours)
#   tests/run.sh quick      build and unit tests only
#
# Ends with CTest's own summary, and fails when no test ran.
set -euo pipefail
cd "$(dirname "$0")/.."

mode=${1:-all}
cores=$(nproc)
jobs/setup.sh --tests
if [ "$(id -u)" -eq 0 ]; then
    export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
fi

build() { # PRESET [--target ...]
    echo "== build $1"
    cmake --preset "$1" -G Ninja >"build-$1.log" 2>&1 || {
        cat "build-$1.log"
        exit 1
    }
    mkdir -p "build/$1"
    mv "build-$1.log" "build/$1/configure.log"
    cmake --build --preset "$@" -j "$cores" >"build/$1/build.log" 2>&1 || {
        grep -E 'error|warning|FAILED' -A 5 "build/$1/build.log" || tail -50 "build/$1/build.log"
        exit 1
    }
}

case $mode in
quick)
    build dev
    exec ctest --preset dev -j "$cores"
    ;;
slow)
    jobs/setup.sh --slow
    build check
    exec ctest --preset slow
    ;;
all) ;;
*)
    echo "usage: tests/run.sh [quick | slow]" >&2
    exit 2
    ;;
esac

# gcc with sanitizers, clang, and the optimised build; all with -Werror.
build dev
build clang
build check
echo "== unit, contract and fault tests under AddressSanitizer and UBSan"
ctest --preset dev -j "$cores"
echo "== the fuzzers, a minute each"
build fuzz --target fuzz_journal fuzz_row fuzz_lock fuzz_matrix fuzz_study
ctest --preset fuzz -j "$cores"
echo "== everything"
ctest --preset check -j "$cores"
