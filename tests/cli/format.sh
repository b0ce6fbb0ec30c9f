#!/usr/bin/env bash
# The C code is as clang-format 14 writes it (.clang-format); other versions differ in details, and are not asked.
set -u
cd "${DLEXP_SOURCE_DIR:?the source tree}" || exit 1
tool=
for candidate in clang-format-14 clang-format; do
    if "$candidate" --version 2>/dev/null | grep -q 'version 14\.'; then
        tool=$candidate
        break
    fi
done
if [[ -z $tool ]]; then
    echo "skipped: no clang-format 14 here (scripts/setup.sh format installs it on Debian 12)"
    exit 77
fi

files=()
while IFS= read -r file; do
    files+=("$file")
done < <(find include src tests scripts -name '*.[ch]' -o -name '*.inc')
if [[ ${#files[@]} -lt 100 ]]; then
    echo "FAILED: expected 100 files of C or more below $PWD, got ${#files[@]}"
    exit 1
fi
if ! said=$("$tool" --dry-run --Werror "${files[@]}" 2>&1); then
    printf '%s\n' "$said" | grep -E '^[^ ]*: (error|warning)' | cut -d: -f1 | sort | uniq -c
    echo "FAILED: these files (and in how many places) are not formatted; to mend them: $tool -i FILE..."
    exit 1
fi
