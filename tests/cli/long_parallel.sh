#!/usr/bin/env bash
# scripts/cluster/sweep-parallel.sh with GNU parallel, its two lines changed as a user does: the bytes of one call, also
# after some parts were killed; parallel's own numbers with --shard auto/N.
set -u
. "${DLEXP_SOURCE_DIR:?the source tree}/tests/cli/tiny_data.bash"
if [[ ${DLEXP_LONG:-} != 1 ]]; then
    echo "skipped: takes some seconds; DLEXP_LONG=1 runs it"
    exit 77
fi
if ! parallel --version 2>/dev/null | grep -q '^GNU parallel'; then
    echo "skipped: no GNU parallel (Debian: parallel)"
    exit 77
fi
unset "${!SLURM_@}" "${!PARALLEL@}" DLEXP_SHARDS DLEXP_RESULTS
export HOME=$PWD DLEXP # parallel keeps things in its user's home
make_data data 60 30 4 4 3
options="--data data --hidden 4 --batch 20 --epochs 2 --lr 0.1,0.2 --seeds 1..3"
cp "$DLEXP_SOURCE_DIR"/scripts/cluster/* .
sed -i "s|^machines=.*|machines=2/:|; s|^experiment=.*|experiment=(batchnorm $options)|" sweep-parallel.sh
[ "$(diff "$DLEXP_SOURCE_DIR/scripts/cluster/sweep-parallel.sh" sweep-parallel.sh | grep -c '^>')" -eq 2 ] ||
    complain "not two lines were changed"
# The words of $options are meant to be split.
# shellcheck disable=SC2086
"$DLEXP" batchnorm $options --quiet --out whole >/dev/null || complain "one call"
same() {
    diff -r -x run.json -x plan.json -x shards -x .claims -x '*.index' whole results/sweep >differences.txt 2>&1 ||
        complain "$1: not the bytes of one call: $(head -n 5 differences.txt)"
}

DLEXP_SHARDS=4 bash sweep-parallel.sh >out.txt 2>err.txt || complain "sweep-parallel.sh: $(cat err.txt)"
same "4 parts by GNU parallel"
for part in 1 2 3 4; do
    grep -q "^$part.*shard $part of 4 is done: " out.txt || complain "part $part: $(cat out.txt)"
done

# Parts that are killed: told, and done by the same script once more.
cat >killed <<END
#!/usr/bin/env bash
case \$* in
*--shard?[23]/*) kill -KILL \$\$ ;;
esac
exec "$DLEXP" "\$@"
END
chmod +x killed
rm -rf results
DLEXP=$PWD/killed DLEXP_SHARDS=4 bash sweep-parallel.sh >out.txt 2>err.txt
status=$?
[ $status -eq 5 ] && grep -q 'some parts failed' err.txt || complain "two parts killed: exit status $status: $(cat err.txt)"
DLEXP_SHARDS=4 bash sweep-parallel.sh >out.txt 2>err.txt || complain "once more: $(cat err.txt)"
grep -q '^1.*shard 1 of 4 is done: .* 0 computed now' out.txt || complain "once more: part 1 is computed again: $(cat out.txt)"
same "two parts killed and computed by the same script once more"

# The numbers that parallel gives, with one store for all.
# shellcheck disable=SC2086
seq 3 | parallel --will-cite -N0 --jobs 2 "$DLEXP" batchnorm $options --quiet --out shared --shard auto/3 >out.txt 2>err.txt ||
    complain "auto/3: $(cat err.txt)"
[ "$(grep -c '^shard [123] of 3 is done' out.txt)" -eq 3 ] || complain "auto/3: $(cat out.txt)"
diff -r -x .claims whole/runs shared/runs >differences.txt 2>&1 || complain "auto/3: other runs: $(cat differences.txt)"
finish
