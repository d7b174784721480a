#!/usr/bin/env bash
# Install what attest needs and this machine lacks.  Source of truth for the
# list of packages; called by quickstart.sh and tests/run.sh.
#
#   jobs/setup.sh            what building and running needs
#   jobs/setup.sh --tests    that, and what the tests need
#   jobs/setup.sh --slow     that, and what the slow tests need
#   jobs/setup.sh --list     print the packages and stop
#
# On Debian and its relatives missing packages are installed with apt-get, as
# root or through sudo.  Elsewhere the list is printed and nothing is changed.
set -euo pipefail

# package            why
run_packages='
gcc                  the compiler
libc6-dev            its C library headers
cmake                the build system
ninja-build          runs the build
pkg-config           finds libraries
libopenmpi-dev       message passing
openmpi-bin          mpirun
libhdf5-dev          results.h5
libopenblas-serial-dev linear algebra, one thread per lane
liblapacke-dev       least squares and singular values
libfyaml-dev         study files
liblua5.4-dev        expressions in study files
librandom123-dev     counter-based random numbers
libxxhash-dev        keys and checksums
libjansson-dev       --json output
libsleef-dev         reproducible vector exp, log, sin, cos
libkissfft-dev       convolution
libmpfr-dev          the referee of the precision studies
coinor-libclp-dev    linear programs
gnuplot-nox          figures
'
test_packages='
libcunit1-dev        unit tests
clang                second compiler
gcc-aarch64-linux-gnu cross compiler of the variants test
libc6-dev-arm64-cross ... its C library headers
clang-format         formatting test
clang-tidy           lint test
libclang-rt-14-dev   fuzzing
valgrind             memory test of an MPI run
hdf5-tools           h5dump in the interoperability tests
netcdf-bin           ncdump in the interoperability tests
groff-base           checks the man page
zsh                  completion tests
fish                 ... the other shell
python3              interoperability tests
python3-numpy        ... and peers of the benchmarks
python3-h5py         python/attest.py
python3-pandas       python/attest.py
python3-xarray       reads every group of a store
python3-h5netcdf     one engine of xarray
python3-netcdf4      the other one
python3-mpi4py       peer of the dispatch benchmark
parallel             peer of the dispatch benchmark
slurmctld            the test cluster
slurmd               ... its nodes
slurm-client         ... sbatch, srun, squeue
munge                ... its authentication
iproute2             ... its network namespaces
'
slow_packages='
chromium             renders the page of attest report
octave               runs the line for Octave in docs/analysis.md
octave-netcdf        ... its reader of results.h5
mpich                the other MPI of the variants test
libmpich-dev         ... its headers
python3-torch        peer of the selection benchmark
'

wanted=$run_packages
case "${1:-}" in
--tests) wanted=$run_packages$test_packages ;;
--slow) wanted=$run_packages$test_packages$slow_packages ;;
--list)
    printf '%s%s%s' "$run_packages" "$test_packages" "$slow_packages" | sed '/^$/d'
    exit 0
    ;;
'') ;;
*)
    echo "usage: jobs/setup.sh [--tests | --slow | --list]" >&2
    exit 2
    ;;
esac

names=$(printf '%s' "$wanted" | awk 'NF {print $1}')

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    echo "setup: this is not a Debian system; please install the equivalents of:" >&2
    printf '%s' "$wanted" | sed '/^$/d; s/^/  /' >&2
    echo "setup: then build with: cmake --preset release && cmake --build --preset release" >&2
    exit 1
fi

missing=()
for name in $names; do
    state=$(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null || true)
    [ "$state" = installed ] || missing+=("$name")
done
if [ ${#missing[@]} -eq 0 ]; then
    exit 0
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "setup: missing packages, and neither root nor sudo to install them:" >&2
        echo "  apt-get install ${missing[*]}" >&2
        exit 1
    fi
    as_root=(sudo)
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
echo "setup: installing ${#missing[@]} packages: ${missing[*]}" >&2
install() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y --no-install-recommends "${missing[@]}" >"$log" 2>&1
}
"${as_root[@]}" apt-get update >"$log" 2>&1 || true
if ! install; then
    cat "$log" >&2
    echo "setup: apt-get could not install them; its words are above" >&2
    exit 1
fi
echo "setup: done" >&2
