#!/usr/bin/env bash
# From a fresh clone to a first result: installs what is missing, builds a
# release, runs configs/quickstart.yaml on the local cores through MPI, and
# shows the table, the verdicts and where the HDF5 file is.
#
#   jobs/quickstart.sh                     configs/quickstart.yaml
#   jobs/quickstart.sh STUDY [OPTION...]   another study; options go to `run`
#
# A second call continues: rows that are there are kept.  ATTEST_RANKS sets
# the number of MPI ranks (default: the number of cores).
set -euo pipefail
cd "$(dirname "$0")/.."

study=${1:-configs/quickstart.yaml}
[ $# -gt 0 ] && shift

jobs/setup.sh
if [ ! -f build/release/build.ninja ]; then
    cmake --preset release -G Ninja >build-release.log 2>&1 || {
        cat build-release.log >&2
        exit 1
    }
fi
rm -f build-release.log
echo "quickstart: building build/release/attest" >&2
cmake --build --preset release >build/release/build.log 2>&1 || {
    cat build/release/build.log >&2
    exit 1
}

attest=build/release/attest
ranks=${ATTEST_RANKS:-$(nproc)}
if [ "$(id -u)" -eq 0 ]; then # Open MPI asks root to say so twice
    export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
fi
export OMPI_MCA_rmaps_base_oversubscribe=1 # more ranks than cores is allowed

log=$(mktemp)
trap 'rm -f "$log"' EXIT
name=$("$attest" plan "$study" --json | sed -n 's/^ *"name": "\(.*\)",\{0,1\}$/\1/p' | head -n 1)
run=runs/${name:?}
progress=plain
[ ! -t 2 ] || progress=live
status=0
mpirun -n "$ranks" "$attest" run "$study" -o "$run" --progress "$progress" "$@" >"$log" || status=$?
case $status in
0 | 3) ;;
*)
    cat "$log"
    exit "$status"
    ;;
esac

echo
if [ "$study" = configs/quickstart.yaml ]; then
    "$attest" show "$run" --by N,d landmarks blocks blocks_bound params_used acc_plane code_gap
else
    "$attest" show "$run"
fi
echo
cat "$log"
echo "in Python: xarray.open_dataset(\"$run/results.h5\", group=\"$("$attest" show "$run" --sweeps | head -n 1)\")"
exit "$status"
