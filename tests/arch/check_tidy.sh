#!/usr/bin/env bash
# Fail if clang-tidy finds anything in src.  check_tidy.sh ROOT BUILD
set -euo pipefail
cd "$1"
build=$2
mapfile -t files < <(find src -name '*.c' ! -name '*_avx2.c' ! -name '*_avx512.c' | sort)
[ ${#files[@]} -gt 0 ] || { echo "no source file found in $1" >&2; exit 1; }
printf '%s\n' "${files[@]}" |
    xargs -P "$(nproc)" -n 4 clang-tidy --quiet -p "$build" 2>/dev/null
echo "${#files[@]} files are tidy"
