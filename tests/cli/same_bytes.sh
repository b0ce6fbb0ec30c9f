#!/usr/bin/env bash
# Every kernel set, any number of jobs and threads, with FMA and without: the same tables and models to the byte, for images that
# are mostly zero and for images that are not.
set -u
. "${DLEXP_SOURCE_DIR:?the source tree}/tests/cli/tiny_data.bash"
. "$DLEXP_SOURCE_DIR/tests/cli/same_bytes.bash"
make_both_data

sets=$("$DLEXP" help batchnorm | tr -s ' \n' ' ' | sed -n 's/.*--kernels NAME[^(]*(known: \([^;]*\);.*/\1/p' | tr -d ,)
case " $sets " in *" auto "*" portable "*) ;; *) complain "dlexp help batchnorm: expected kernel sets with auto and portable, got '$sets'" ;; esac

tables portable "$DLEXP" batchnorm --kernels portable --jobs 1 || { complain "portable: $(cat err.txt)"; finish; }
expect_complete portable.sums
for set in $sets; do
    variants=('--jobs 1')
    [ "$set" != auto ] || variants=('--jobs 3 --threads 2' '--jobs 1 --threads 3')
    for variant in "${variants[@]}"; do
        [ "$set $variant" != 'portable --jobs 1' ] || continue
        if ! tables other "$DLEXP" batchnorm --kernels "$set" $variant; then
            grep -q 'expected a CPU that supports it' err.txt || complain "--kernels $set $variant: $(cat err.txt)"
            echo "left out: $set, which this CPU does not have"
            break
        fi
        expect_same "--kernels $set $variant" portable.sums other.sums
    done
done

# As if the CPU had no FMA: glibc's fma() is then emulated, and the plan says why it takes longer.
no_fma=GLIBC_TUNABLES=glibc.cpu.hwcaps=-FMA,-FMA4,-AVX2,-AVX512F
if getconf GNU_LIBC_VERSION >/dev/null 2>&1 && [ "$(uname -m)" = x86_64 ]; then
    tables no_fma env $no_fma "$DLEXP" batchnorm --kernels portable --jobs 1 || complain "without FMA: $(cat err.txt)"
    expect_same 'portable without FMA' portable.sums no_fma.sums
    env $no_fma "$DLEXP" batchnorm --data sparse --kernels portable --dry-run >plan.txt 2>err.txt </dev/null
    [ "$(grep -c '^fma: .*the CPU lacks FMA' plan.txt)" -eq 1 ] || complain "no line on FMA in the plan: $(cat plan.txt err.txt)"
    env $no_fma "$DLEXP" bench --data sparse --kernels portable --epochs 1 >bench.txt 2>err.txt </dev/null
    grep -q 'fma emulated' bench.txt || complain "without FMA: expected the emulated form, got $(cat bench.txt err.txt)"
else
    echo 'left out: without FMA, which is simulated with glibc on x86-64 only'
fi
"$DLEXP" batchnorm --data sparse --kernels auto --dry-run >plan.txt 2>err.txt </dev/null
if "$DLEXP" batchnorm --data sparse --kernels avx2 --dry-run >/dev/null 2>&1 </dev/null && grep '^fma:' plan.txt; then
    complain 'the plan says that a CPU with FMA lacks it'
fi

echo "$(wc -l <portable.sums | tr -d ' ') files, SHA-256 of their list $(one_sum portable.sums)"
finish
