#!/usr/bin/env bash
# Build attest in every variant, and run in each what it has: its tests, a
# small study, and what `attest verify` says of the rows.
#
#   tests/variants.sh                 all of them (an hour on 2 cores)
#   tests/variants.sh NAME...         some of them
#   tests/variants.sh --list          their names
#
# Builds go to build/variants/NAME, or to $VARIANTS_DIR/NAME.  Needs what
# jobs/setup.sh --slow installs.
set -euo pipefail
cd "$(dirname "$0")/.."

names='gcc clang nompi mpich minimal no-sleef no-clp no-kissfft no-mpfr no-lapacke aarch64'
out=${VARIANTS_DIR:-$PWD/build/variants}
jobs=${VARIANTS_JOBS:-$(nproc)}

# What the message names when a tool is missing, or nothing.
need() {
    command -v "$1" >/dev/null || {
        echo "variants: $1 not found: install $2 (Debian name)" >&2
        return 1
    }
}

# Configure and build; the whole log only when that fails.
build() {
    local name=$1
    shift
    mkdir -p "$out/$name"
    {
        cmake -G Ninja -B "$out/$name" "$@" &&
            cmake --build "$out/$name" -j "$jobs"
    } >"$out/$name/log" 2>&1 || {
        grep -E 'error|warning|FAILED' -A 5 "$out/$name/log" || tail -50 "$out/$name/log"
        return 1
    }
}

# A study of 24 rows, alone or behind a launcher.
run() {
    local name=$1 folder
    shift
    folder=$(mktemp -d)
    cat >"$folder/study.yaml" <<'STUDY'
name: variant
seed: 5
replicates: 2
sweeps:
  - construction: hardmax
    grid: {N: [2, 4, 8], d: [2, 8], L: [8], dtype: [f64, f32]}
STUDY
    "$@" "$out/$name/attest" run "$folder/study.yaml" -o "$folder/run" >"$folder/log" 2>&1 &&
        "$out/$name/attest" verify "$folder/run" >>"$folder/log" 2>&1 || {
        cat "$folder/log"
        echo "variants: files are left in $folder" >&2
        return 1
    }
    rm -r "$folder"
}

unit_tests() {
    ctest --test-dir "$out/$1" -L 'unit|contract' -j "$jobs" --no-tests=error --output-on-failure \
        >"$out/$1/unit" 2>&1 || {
        tail -60 "$out/$1/unit"
        return 1
    }
}

whole() {
    build "$@" && unit_tests "$1" && run "$1"
}

# An optional library left out: the program and a run.
without() {
    build "$1" --preset release -DATTEST_WERROR=ON "-DATTEST_WITH_$2=OFF" && run "$1"
}

mpich() {
    need mpicc.mpich libmpich-dev && need mpiexec.mpich mpich || return 1
    build mpich --preset mpich && unit_tests mpich || return 1
    ctest --test-dir "$out/mpich" -R '^mpi\.' --no-tests=error --output-on-failure \
        >"$out/mpich/mpi" 2>&1 || {
        tail -60 "$out/mpich/mpi"
        return 1
    }
    run mpich mpiexec.mpich -n 2
}

# Nothing to run; every object must be one for that processor.
aarch64() {
    need aarch64-linux-gnu-gcc gcc-aarch64-linux-gnu || return 1
    build aarch64 --preset aarch64 || return 1
    aarch64-linux-gnu-readelf -h "$out"/aarch64/libatt_*.a >"$out/aarch64/headers"
    awk '/Machine:/ {n++; if ($2 != "AArch64") bad++}
         END {exit !(n > 0 && bad == 0)}' "$out/aarch64/headers"
}

variant() {
    case $1 in
    gcc) whole gcc --preset check -DCMAKE_C_COMPILER=gcc ;;
    clang) need clang clang && whole clang --preset clang ;;
    nompi | minimal) whole "$1" --preset "$1" ;;
    no-*) without "$1" "$(echo "${1#no-}" | tr '[:lower:]' '[:upper:]')" ;;
    mpich | aarch64) "$1" ;;
    esac
}

case ${1:-} in
--list)
    tr ' ' '\n' <<<"$names"
    exit 0
    ;;
'') set -- $names ;;
esac
for name; do
    case " $names " in
    *" $name "*) ;;
    *)
        echo "variants: no variant '$name'; there are: $names" >&2
        exit 2
        ;;
    esac
done
failed=()
for name; do
    echo "== $name"
    if variant "$name"; then
        echo "$name: ok"
    else
        echo "$name: FAILED"
        failed+=("$name")
    fi
done
echo "variants: $# built and run, ${#failed[@]} failed${failed[*]:+: ${failed[*]}}"
[ ${#failed[@]} -eq 0 ]
