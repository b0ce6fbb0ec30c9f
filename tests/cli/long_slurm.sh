#!/usr/bin/env bash
# scripts/cluster under a real Slurm: a private one of one node, on loopback, with keys, sockets and folders of its own.
# A sweep of 24 runs as an array of 6 tasks, of which one is killed and requeued, one is stopped by SIGTERM and requeued,
# one is requeued while it runs; a dependent job joins the stores; the tables and records are the bytes of one call.
# Then a lost task: the joining job says so and ends with 5, the task is sent again by itself.
set -u
. "${DLEXP_SOURCE_DIR:?the source tree}/tests/cli/tiny_data.bash"
if [[ ${DLEXP_LONG:-} != 1 ]]; then
    echo "skipped: takes half a minute; DLEXP_LONG=1 runs it"
    exit 77
fi
PATH=$PATH:/usr/sbin
for program in slurmctld slurmd sbatch munged; do
    if ! command -v $program >/dev/null; then
        echo "skipped: no $program (Debian: slurm-wlm, munge)"
        exit 77
    fi
done
unset "${!SLURM_@}" "${!SBATCH_@}"
started=$SECONDS
step() { echo "$((SECONDS - started)) s: $*"; }

# ---- a Slurm of our own.  munged wants folders that only we can write, above its socket too, so it is below /run or /tmp
# and not where the test runs.
private=$(mktemp -d /tmp/dlexp-slurm.XXXXXX)
export SLURM_CONF=$private/slurm.conf

# ours: the processes of this Slurm, its daemons and its tasks, by the name of the private folder in their environment.
ours() {
    grep -lzxF "SLURM_CONF=$SLURM_CONF" /proc/[0-9]*/environ 2>/dev/null | cut -d/ -f3
}
# After a success nothing of the test and of its tasks is left; after anything else there may be, and the daemons then
# wait for each other.
stop_all() {
    local status=$? process i
    trap '' INT TERM HUP
    [[ -z $test ]] || kill -- "-$test" 2>/dev/null
    for process in $daemons; do kill "$process" 2>/dev/null; done
    for i in $(seq 30); do
        [[ -n $(ours) ]] || break
        sleep 0.1
    done
    for process in $(ours); do kill -KILL "$process" 2>/dev/null; done
    [[ $status -eq 0 ]] || tail -n 20 "$private"/slurm*.log
    rm -rf "$private"
    exit "$status"
}
daemons='' test=''
trap stop_all EXIT
trap 'exit 1' INT TERM HUP

# wait_for WHAT COMMAND...: poll until the command succeeds; not on where the shell that is to stop everything is gone.
wait_for() {
    local what=$1 until=$((SECONDS + 60))
    shift
    while [[ $SECONDS -lt $until ]]; do
        "$@" && return
        kill -0 $$ 2>/dev/null || exit 1
        sleep 0.05
    done
    complain "waited a minute for $what: $(squeue 2>&1)"
    finish
}
free_port() { # $1 or the next one that nobody listens on
    local port=$1
    while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port + 1)); done
    echo "$port"
}
# daemon COMMAND...: in the background, until it is stopped or, should this shell be killed, with it.
daemon() {
    local tied=()
    ! command -v setpriv >/dev/null || tied=(setpriv --pdeathsig TERM)
    ${tied[@]+"${tied[@]}"} "$@" >"$1.txt" 2>&1 &
    daemons="$! $daemons" # the node stops first, then who commands it
}
start_slurm() {
    local host user control node
    host=$(hostname -s)
    user=$(id -un)
    control=$(free_port $((20000 + $$ % 20000)))
    node=$(free_port $((control + 1)))
    mkdir -m 711 "$private/munge"
    mkdir "$private/state" "$private/spool"
    chmod 755 "$private"
    dd if=/dev/urandom bs=1024 count=1 of="$private/munge/key" 2>/dev/null
    chmod 400 "$private/munge/key"
    cat >"$SLURM_CONF" <<END
ClusterName=dlexp
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$control
SlurmdPort=$node
SlurmUser=$user
SlurmdUser=$user
AuthType=auth/munge
AuthInfo=socket=$private/munge/socket
StateSaveLocation=$private/state
SlurmdSpoolDir=$private/spool
SlurmctldPidFile=$private/slurmctld.pid
SlurmdPidFile=$private/slurmd.pid
SlurmctldLogFile=$private/slurmctld.log
SlurmdLogFile=$private/slurmd.log
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
NodeName=one NodeHostname=$host NodeAddr=127.0.0.1 CPUs=8
PartitionName=all Nodes=one Default=YES MaxTime=INFINITE State=UP
END
    daemon munged --foreground --force --key-file="$private/munge/key" --socket="$private/munge/socket" \
        --pid-file="$private/munge/pid" --log-file="$private/munge/log" --seed-file="$private/munge/seed"
    wait_for "munged" test -S "$private/munge/socket"
    daemon slurmctld -D
    daemon slurmd -D -N one
}
start_slurm

# The test itself; this shell only waits, so that a signal always finds it ready to stop everything.
main() {
    trap 'kill -0 $$ 2>/dev/null || stop_all' EXIT # who waits was killed
    wait_for "an idle node" eval 'sinfo --noheader --format=%T 2>/dev/null | grep -q idle'
    step "Slurm $(sinfo --version | cut -d' ' -f2) is up"

    # ---- the scripts as a user changes them: two lines
    cp "$DLEXP_SOURCE_DIR"/scripts/cluster/*.sbatch .
    make_data data 300 100 8 8 4
    options="--data data --hidden 32,16 --batch 20 --epochs 2400 --checkpoint-every 100 --lr 0.05,0.2 --seeds 1..6"
    sed -i "s/^#SBATCH --array=.*/#SBATCH --array=1-6/; s/^experiment=.*/experiment=(batchnorm $options)/" sweep.sbatch
    [[ $(diff "$DLEXP_SOURCE_DIR/scripts/cluster/sweep.sbatch" sweep.sbatch | grep -c '^>') -eq 1 ]] || complain "more or less was changed than the experiment, as there are 6 tasks already"
    export DLEXP
    submit() { sbatch --parsable --cpus-per-task=1 "$@"; }
    log() { echo "dlexp-sweep-$array-$1.log"; }
    state() { scontrol show job "$1" 2>/dev/null | sed -n 's/^ *JobState=\([A-Z]*\).*/\1/p' | head -n 1; }
    exit_code() { scontrol show job "$1" | sed -n 's/.* ExitCode=\([0-9:]*\).*/\1/p' | head -n 1; }
    is_over() { [[ $(state "$1") =~ ^(COMPLETED|FAILED|CANCELLED)$ ]]; }
    has_line() { grep -q "$1" "$2" 2>/dev/null; }
    process_of() { scontrol listpids "$(scontrol show job "$1" | sed -n 's/^JobId=\([0-9]*\).*/\1/p' | head -n 1)" 2>/dev/null | awk 'NR > 1 { print $1 }'; }

    # amid_run TASK: it was stopped amid a run, and not in the moment between the end of one and the start of the next.
    amid_run() { has_line '^dlexp: stopped by signal 15.*from where it stopped' "$(log "$1")"; }

    array=$(submit sweep.sbatch) || complain "sbatch: $array"
    step "an array of 6 tasks: job $array"

    # Task 2 loses its process, as with its node; task 4 is told to end; task 5 is requeued while it runs.
    wait_for "the first run of task 2" has_line '^\[1/4\]' "$(log 2)"
    process=$(process_of "${array}_2")
    [[ $(readlink "/proc/$process/exe") == "$(readlink -f "$DLEXP")" ]] || complain "task 2 is not dlexp itself but '$process'"
    kill -KILL "$process"
    wait_for "the first run of task 4" has_line '^\[1/4\]' "$(log 4)"
    scancel --signal=TERM --batch "${array}_4"
    wait_for "the first run of task 5" has_line '^\[1/4\]' "$(log 5)"
    scontrol requeue "${array}_5" || complain "scontrol requeue of task 5"
    wait_for "the end of task 2" is_over "${array}_2"
    wait_for "the end of task 4" is_over "${array}_4"
    step "task 2 was killed: $(state "${array}_2") $(exit_code "${array}_2"); task 4 got SIGTERM: $(state "${array}_4") $(exit_code "${array}_4"); task 5 was requeued: $(state "${array}_5")"
    [[ $(exit_code "${array}_2") == 0:9 && $(exit_code "${array}_4") == 143:0 ]] || complain "other exit codes"
    has_line '^dlexp: stopped by signal 15' "$(log 4)" || complain "task 4: $(tail -n 1 "$(log 4)")"
    begun=$(find results/sweep/shards/4/runs -name '*.checkpoint' | wc -l)
    amid_run 4 && expected=1 || expected=0
    [[ $begun -eq $expected ]] || complain "task 4 kept $begun checkpoints, not $expected: $(grep '^dlexp: stopped' "$(log 4)")"
    for task in 2 4 5; do
        [[ $task -eq 5 ]] || scontrol requeue "${array}_$task" || complain "scontrol requeue of task $task"
        # Slurm lets what was requeued wait for two minutes; within the second of its end the node would refuse it.
        wait_for "task $task to be requeued" eval '[[ $(state "${array}_$task") == PENDING ]]'
        scontrol update JobId="${array}_$task" StartTime=now+2 || complain "scontrol update of task $task"
    done

    # ---- the dependent job, and meanwhile the call without shards
    merge=$(submit --dependency="afterany:$array" merge-after.sbatch)
    step "joins when all tasks have ended: job $merge, $(state "$merge")"
    [[ $(state "$merge") == PENDING ]] || complain "the dependent job did not wait"
    # The words of $options are meant to be split.
    # shellcheck disable=SC2086
    "$DLEXP" batchnorm $options --quiet --out whole >/dev/null || complain "the call without shards"
    wait_for "the dependent job" is_over "$merge"
    step "job $merge: $(state "$merge") $(exit_code "$merge")"
    [[ $(state "$merge") == COMPLETED ]] || complain "job $merge: $(cat "dlexp-merge-$merge.log")"

    # Continued, not begun again: each of the three was started twice and found what it had stored.
    resumed=0
    for task in 1 2 3 4 5 6; do
        runs=$(find "results/sweep/shards/$task/runs" -name '*.run' | wc -l)
        [[ $runs -eq 4 ]] || complain "task $task has $runs runs of 4"
        has_line "^shard:    $task of 6, from SLURM_ARRAY_TASK_ID $task: 4 runs" "$(log $task)" || complain "task $task: $(cat "$(log $task)")"
        starts=$(grep -c '^shard:  ' "$(log $task)")
        case $task in
        2 | 4 | 5)
            [[ $starts -eq 2 ]] || complain "task $task was started $starts times, not twice"
            if [[ $task -ne 2 ]] && amid_run $task; then
                has_line 'kept state$' "$(log $task)" ||
                    complain "task $task did not go on from its checkpoint: $(cat "$(log $task)")"
                resumed=$((resumed + 1))
            fi
            again=$(grep '^shard:  ' "$(log $task)" | sed -n '2s/.* \([0-9]\) to compute.*/\1/p')
            [[ $again -ge 1 && $again -le 3 ]] || complain "task $task had $again runs left when it was started again, of 4"
            ;;
        *) [[ $starts -eq 1 ]] || complain "task $task was started $starts times" ;;
        esac
    done
    [[ $resumed -ge 1 ]] || complain "neither task 4 nor task 5 was stopped amid a run"
    grep -q 'with 1 run at a time' "$(log 1)" || complain "--jobs is not SLURM_CPUS_PER_TASK: $(grep '^time' "$(log 1)")"

    # same: the merged store and its tables are the bytes of the call without shards.
    same() {
        diff -r -x run.json -x plan.json -x shards -x .claims -x '*.index' whole results/sweep >differences.txt 2>&1 ||
            complain "$1: not the bytes of one call: $(head -n 5 differences.txt)"
    }
    same "6 tasks, 3 of them interrupted"
    step "same bytes: $(find results/sweep/runs -name '*.run' | wc -l) records, $(find results/sweep -maxdepth 1 -name '*.csv' | wc -l) tables"

    # ---- a task whose results are lost: told, and sent again by itself
    rm -rf results/sweep/shards/3 results/sweep/runs results/sweep/*.csv results/sweep/*.json
    merge=$(submit merge-after.sbatch)
    wait_for "joining without task 3" is_over "$merge"
    [[ $(exit_code "$merge") == 5:0 ]] && grep -q '4 missing' "dlexp-merge-$merge.log" ||
        complain "without task 3: $(exit_code "$merge"): $(cat "dlexp-merge-$merge.log")"
    again=$(submit --array=3 sweep.sbatch)
    merge=$(submit --dependency="afterany:$again" merge-after.sbatch)
    wait_for "joining after task 3 was sent again" is_over "$merge"
    array=$again
    has_line '^shard:    3 of 6, from SLURM_ARRAY_TASK_ID 3: 4 runs, 4 to compute' "$(log 3)" || complain "task 3 by itself: $(cat "$(log 3)")"
    [[ $(state "$merge") == COMPLETED ]] || complain "after task 3 was sent again: $(cat "dlexp-merge-$merge.log")"
    same "task 3 sent again by itself"
    step "a lost task: told with exit status 5, sent again as job $again, same bytes"
    finish
}
set -m # a group of its own, which can be stopped as a whole
main &
test=$!
set +m
wait $test
