#!/usr/bin/env bash
# Fail if clang-format would change a file.  check_format.sh ROOT
set -euo pipefail
cd "$1"
mapfile -t files < <(find src include tests -name '*.[ch]' | sort)
[ ${#files[@]} -gt 0 ] || { echo "no source file found in $1" >&2; exit 1; }
clang-format --dry-run --Werror "${files[@]}"
echo "${#files[@]} files are formatted"
