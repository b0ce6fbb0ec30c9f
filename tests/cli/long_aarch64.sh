#!/usr/bin/env bash
# The program built for AArch64 and run by qemu-aarch64, NEON and plain C: the same tables and models to the byte as here.  Needs a
# cross compiler (AARCH64_CC, or aarch64-linux-gnu-gcc), qemu-aarch64, CMake, and zlib and cJSON for AArch64; on Debian:
#
#   dpkg --add-architecture arm64 && apt-get update
#   apt-get install gcc-aarch64-linux-gnu qemu-user libc6-dev:arm64 zlib1g-dev:arm64 libcjson-dev:arm64
set -u
. "${DLEXP_SOURCE_DIR:?the source tree}/tests/cli/tiny_data.bash"
. "$DLEXP_SOURCE_DIR/tests/cli/same_bytes.bash"
cc=${AARCH64_CC:-aarch64-linux-gnu-gcc}

skip() {
    echo "skipped: $*"
    exit 77
}
for tool in "$cc" qemu-aarch64 cmake; do
    command -v "$tool" >/dev/null || skip "$tool is not installed"
done

# Libraries of the target, and where its dynamic loader finds them.
cat >libraries.c <<'END'
#include <cjson/cJSON.h>
#include <stdio.h>
#include <zlib.h>
int main(void)
{
    return printf("%s %s\n", zlibVersion(), cJSON_Version()) < 0;
}
END
"$cc" libraries.c -o libraries -lcjson -lz 2>err.txt ||
    skip "$cc finds no zlib or cJSON for AArch64 ($(grep -m 1 -E 'error|cannot find' err.txt))"
run=
for root in / /usr/aarch64-linux-gnu "$("$cc" -print-sysroot)"; do
    [ -z "$run" ] && [ -n "$root" ] && qemu-aarch64 -L "$root" ./libraries >out.txt 2>err.txt && run="qemu-aarch64 -L $root"
done
[ -n "$run" ] || skip "qemu-aarch64 cannot run a program with zlib and cJSON ($(head -n 1 err.txt))"

cmake -S "$DLEXP_SOURCE_DIR" -B build -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64 -DCMAKE_C_COMPILER="$cc" \
    >log.txt 2>&1 && cmake --build build --target dlexp -j 4 >>log.txt 2>&1 || {
    tail -n 20 log.txt
    complain "the program does not build for AArch64"
    finish
}

make_both_data
tables here "$DLEXP" batchnorm || { complain "here: $(cat err.txt)"; finish; }
expect_complete here.sums
for options in '--kernels neon' '--kernels portable' '--jobs 2 --threads 2'; do
    tables aarch64 $run build/dlexp batchnorm $options || { complain "AArch64, $options: $(cat err.txt)"; continue; }
    expect_same "AArch64, $options" here.sums aarch64.sums
done
echo "$(wc -l <here.sums | tr -d ' ') files, SHA-256 of their list $(one_sum here.sums)"
finish
