#!/usr/bin/env bash
#
# The program was built with what protects it from its own faults, where the linker and the compiler know it.
. "$(dirname "${BASH_SOURCE[0]}")/tiny_data.bash"

command -v readelf >/dev/null && readelf -h "$DLEXP" >header.txt 2>/dev/null || { echo "skipped: no readelf, or no ELF file"; exit 77; }
export LC_ALL=C
readelf -lW "$DLEXP" >segments.txt
readelf -dW "$DLEXP" >dynamic.txt
readelf -sW "$DLEXP" >symbols.txt
grep -q INTERP segments.txt || { echo "skipped: a static program"; exit 77; }
grep -q GNU_RELRO segments.txt || complain "no RELRO: $(cat segments.txt)"
grep -qE 'BIND_NOW|\bNOW\b' dynamic.txt || complain "RELRO is not full: symbols are bound late"
grep 'GNU_STACK' segments.txt | grep -q 'RWE' && complain "the stack may be executed"
grep -q '__assert_fail' symbols.txt || [ "$(uname)" != Linux ] || complain "no assertions"
# A sanitizer has its own checks in place of these; the compiler is asked what it was given.
if grep -q '__asan_init' symbols.txt; then
    finish
fi
build=$(dirname "$DLEXP")
grep -q '^DLEXP_HAS_fstack_protector_strong:INTERNAL=1' "$build/CMakeCache.txt" 2>/dev/null &&
    { grep -qE '__stack_chk_(fail|guard)' symbols.txt || complain "no stack protector"; }
grep -q '^DLEXP_HAS_FORTIFY:INTERNAL=1' "$build/CMakeCache.txt" 2>/dev/null &&
    grep -qE '^CMAKE_BUILD_TYPE:[A-Z]*=(Release|RelWithDebInfo|MinSizeRel)$' "$build/CMakeCache.txt" &&
    { grep -q '__memcpy_chk\|__snprintf_chk\|__fprintf_chk' symbols.txt || complain "not fortified"; }
finish
