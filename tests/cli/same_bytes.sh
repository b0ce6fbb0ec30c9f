#!/usr/bin/env bash
# Every kernel set, any number of jobs and threads: the same tables and models to the byte, for images that are mostly zero and for
# images that are not.
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
echo "$(wc -l <portable.sums | tr -d ' ') files, SHA-256 of their list $(one_sum portable.sums)"
finish
