#!/usr/bin/env bash
# --shard: the parts of a plan are disjoint and together the whole, seeds are dealt evenly, further seeds move no run, and
# tables made after all parts are those of a call without --shard; plan.json; what schedulers say; what is refused.
set -u
. "${DLEXP_SOURCE_DIR:?the source tree}/tests/cli/tiny_data.bash"
unset "${!SLURM_@}" "${!PBS_@}" "${!SGE_@}" "${!PARALLEL@}"
make_data data 60 30 4 4 3
net='--data data --hidden 4 --batch 20 --epochs 1 -j1'
lrs='--lr 0.1,0.2'

# The words of options are meant to be split.
# shellcheck disable=SC2086
call() {
    "$DLEXP" "$@" >out.txt 2>err.txt
}
ids() { find "$1/runs" -name '*.run' -printf '%f\n' | sort; }

# ---- every experiment: 3 parts in stores of their own, disjoint; joined they are the store of one call
whole() {
    local name=$1 i
    shift
    "$DLEXP" "$@" --quiet --out $name-whole >/dev/null 2>err.txt || complain "$name: $(cat err.txt)"
    for i in 1 2 3; do
        call "$@" --quiet --out $name-$i --shard $i/3 || complain "$name: shard $i: $(cat err.txt)"
        [ ! -s err.txt ] || complain "$name: shard $i with --quiet says: $(cat err.txt)"
        [ "$(cd $name-$i && echo * | sed 's/^models //')" = "plan.json runs" ] || complain "$name: shard $i has: $(cd $name-$i && echo *)"
        cmp $name-1/plan.json $name-$i/plan.json || complain "$name: shard $i has another plan.json"
        mkdir -p $name-all && cp -rn $name-$i/. $name-all/
    done
    [ "$(cat <(ids $name-1) <(ids $name-2) <(ids $name-3) | sort)" = "$(ids $name-whole)" ] ||
        complain "$name: the runs of the three shards are not the runs of the whole"
    "$DLEXP" "${1}" --config $name-all/plan.json --quiet --out $name-all >/dev/null 2>err.txt || complain "$name: $(cat err.txt)"
    grep -q '"runs_computed_now":.*\b0,' $name-all/run.json || complain "$name: the call for the tables computed runs"
    diff -r -x .claims -x plan.json -x run.json $name-whole $name-all || complain "$name: other tables or records"
}
# shellcheck disable=SC2086
whole bn batchnorm $net $lrs --seeds 1..6 --save-best
whole mean sgd-mean --iterations 20 --trials 8 --lr 0.1..0.3:6
whole optim optim --iterations 20 --fn f1,f2

# Its runs, its place, its files are told; the same call once more computes nothing.
# shellcheck disable=SC2086
call batchnorm $net $lrs --seeds 1..6 --out bn-1 --shard 1/3 || complain "again: $(cat err.txt)"
grep -q '^shard:    1 of 3: 8 runs, 0 to compute$' err.txt || complain "again: $(cat err.txt)"
grep -q '^shard 1 of 3 is done: 8 runs of 24, 0 computed now, kept in bn-1/runs$' out.txt || complain "again: $(cat out.txt)"
tail -n 1 out.txt | grep -qx '  dlexp batchnorm --config bn-1/plan.json --out bn-1' || complain "again: $(tail -n 1 out.txt)"

# Every part with its cost, in the plan and as JSON; of many parts the least and the most.
# shellcheck disable=SC2086
call batchnorm $net $lrs --seeds 1..6 --out bn-1 --shard 2/3 --dry-run || complain "dry run: $(cat err.txt)"
grep -q '^ *1: 8 runs, 0 to compute$' out.txt && grep -Eq '^ *3: 8 runs, 8 to compute, about [0-9.]+ s$' out.txt ||
    complain "dry run: $(cat out.txt)"
[ "$(grep -c ' to compute$' out.txt)" -eq 9 ] || complain "dry run: expected 8 runs and shard 1, got: $(cat out.txt)"
# shellcheck disable=SC2086
call batchnorm $net $lrs --seeds 1..6 --out bn-1 --shard 2/3 --dry-run --json || complain "JSON: $(cat err.txt)"
tr -d '\t\n' <out.txt | grep -q '"runs_planned":8,.*"shard":{"index":2,"count":3,"source":null,"runs_of_all":24},"shards":\[{"index":1,"runs":8,"runs_to_compute":0,' ||
    complain "JSON: $(cat out.txt)"
# shellcheck disable=SC2086
call batchnorm $net $lrs --seeds 1..6 --out none --shard 700/1000 || complain "an empty shard: $(cat err.txt)"
grep -q 'the least, shard 1: 0 runs' err.txt && grep -Eq 'the most, shard [0-9]+: 1 run, 1 to compute' err.txt ||
    complain "an empty shard: $(cat err.txt)"
[ "$(cd none && echo *)" = "plan.json runs" ] || complain "an empty shard wrote: $(cd none && echo *)"

# ---- six seeds by three: each configuration has two in every part; and six more move none of the first
for i in 1 2 3; do
    # shellcheck disable=SC2086
    "$DLEXP" batchnorm $net $lrs --seeds 1..6 --shard $i/3 -n --out new | sed -n 's/^  \([0-9a-f]\{32\}\)  \(.*\) seed .*/\2/p' | sort | uniq -c >dealt.txt
    [ "$(awk '$1 == 2' dealt.txt | wc -l)" -eq 4 ] && [ "$(wc -l <dealt.txt)" -eq 4 ] || complain "part $i: $(cat dealt.txt)"
    # shellcheck disable=SC2086
    "$DLEXP" batchnorm $net $lrs,0.3 --seeds 1..12 --shard $i/3 -n --out new | grep -oE '^  [0-9a-f]{32}' | tr -d ' ' | sort >more.txt
    [ "$(wc -l <more.txt)" -eq 24 ] || complain "part $i of 72 runs has $(wc -l <more.txt)"
    ids bn-$i | sed 's/\.run//' | comm -23 - more.txt >moved.txt
    [ ! -s moved.txt ] || complain "part $i: more seeds and rates moved $(cat moved.txt)"
done

# ---- a scheduler's numbers, said on the plan; only where they are asked for
export SLURM_ARRAY_TASK_ID=9 SLURM_ARRAY_TASK_MIN=5 SLURM_ARRAY_TASK_MAX=9 SLURM_ARRAY_TASK_STEP=2 SLURM_ARRAY_TASK_COUNT=3
call sgd-mean --iterations 20 --shard auto -n || complain "auto: $(cat err.txt)"
tr -s ' \n' ' ' <out.txt | grep -q 'shard: 3 of 3, from SLURM_ARRAY_TASK_ID 9, SLURM_ARRAY_TASK_MIN 5, SLURM_ARRAY_TASK_MAX 9, SLURM_ARRAY_TASK_STEP 2, SLURM_ARRAY_TASK_COUNT 3:' ||
    complain "auto: $(cat out.txt)"
call sgd-mean --iterations 20 --shard auto/12 -n || complain "auto/12: $(cat err.txt)"
grep -q '^shard:    9 of 12, from SLURM_ARRAY_TASK_ID 9:' out.txt || complain "auto/12: $(cat out.txt)"
call sgd-mean --iterations 20 -n || complain "in a task: $(cat err.txt)"
grep -q shard out.txt && complain "in a task, without --shard: $(cat out.txt)"

# ---- refused, and nothing is written
refused() {
    local says=$1
    shift
    call "$@" --out refused
    [ $? -eq 2 ] && grep -q -- "$says" err.txt || complain "$*: expected '$says', got: $(cat err.txt)"
    [ ! -e refused ] || complain "$*: it wrote something"
}
SLURM_ARRAY_TASK_MIN=9 SLURM_ARRAY_TASK_COUNT=1 refused 'got number 9 alone .* give --shard auto/N' sgd-mean --shard auto
refused 'expected a task number from 1 to 6, got SLURM_ARRAY_TASK_ID 9' sgd-mean --shard auto/6
unset "${!SLURM_@}"
refused 'got none: this is no task of an array job' optim --shard auto
refused "expected I/N with 1 <= I <= N <= 1000000, auto/N or auto, got '4/3'" optim --shard 4/3
# shellcheck disable=SC2086
{
    refused 'no --refine beside it, which needs the results of all runs' batchnorm $net --refine 1 --shard 1/2
    refused 'no --until-width beside it' batchnorm $net --seeds 1..10 --until-width 1 --shard 1/2
    refused 'no --until-decided beside it' batchnorm $net --seeds 1..10 --until-decided --shard 1/2
    refused 'no --tensorboard beside it' batchnorm $net --tensorboard refused --shard 1/2
}

# ---- plan.json: of another experiment; replaced by what another call computes; gone with a call of another plan
call optim --iterations 20 --out mean-1 --shard 1/3
[ $? -eq 2 ] && grep -q "got 'mean-1' with those of 'sgd-mean'" err.txt || complain "another experiment: $(cat err.txt)"
call optim --iterations 20 --out mean-1
[ $? -eq 2 ] && grep -q "got 'mean-1' with those of 'sgd-mean'" err.txt || complain "another experiment: $(cat err.txt)"
[ -e optim-all/plan.json ] || complain "the tables of a plan took its plan.json away"
call optim --iterations 20 --fn f1 --out optim-all || complain "fewer runs: $(cat err.txt)"
[ ! -e optim-all/plan.json ] || complain "plan.json stays beside the run.json of another call"
grep -q '"out"\|"shard"\|"jobs"\|"quiet"\|"kernels"' bn-1/plan.json && complain "plan.json says how one process went about it"

# ---- a shard that is stopped is continued by the same call
"$DLEXP" batchnorm --data data --hidden 4 --batch 20 --epochs 20000 --lr 0.1 --seeds 1..8 -j1 --out stopped --shard 1/2 >/dev/null 2>err.txt &
child=$!
for _ in $(seq 1200); do
    grep -q '^\[1/' err.txt && break
    sleep 0.02
done
kill -TERM $child
wait $child
[ $? -eq 143 ] && tail -n 1 err.txt | grep -q '^dlexp: stopped by signal 15 with [1-7] of 8 runs done' || complain "stopped: $(tail -n 1 err.txt)"
[ -e stopped/plan.json ] && [ ! -e stopped/run.json ] || complain "stopped: it has $(echo stopped/*)"

# ---- very many shards: the plan comes in a moment, not after a question to the system for each of them
# shellcheck disable=SC2086
timeout 10 "$DLEXP" batchnorm $net --lr 0.1 --shard 1/1000000 --dry-run --out many >out.txt 2>err.txt ||
    complain "a million shards: exit status $?: $(cat err.txt)"

# ---- the array job: N is that of its own line, which is to count from 1; a limit of tasks at a time may follow
for array in 1-6 1-12%3 0-5 1,3 ''; do
    sed "s/^#SBATCH --array=.*/${array:+#SBATCH --array=$array}/" "$DLEXP_SOURCE_DIR/scripts/cluster/sweep.sbatch" >sweep.sbatch
    DLEXP=echo SLURM_ARRAY_TASK_ID=2 bash sweep.sbatch >out.txt 2>err.txt
    case $?:$array in
    0:1-6) grep -q -e '--shard auto/6 ' out.txt ;;
    0:1-12%3) grep -q -e '--shard auto/12 ' out.txt ;;
    2:0-5 | 2:1,3 | 2:) grep -q "^sweep.sbatch: expected a line '#SBATCH --array=1-N'" err.txt && [ ! -s out.txt ] ;;
    *) false ;;
    esac || complain "sweep.sbatch with --array='$array': $(cat out.txt err.txt)"
done
finish
