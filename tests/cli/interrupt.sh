#!/usr/bin/env bash
# Ctrl-C and other signals stop a call at once, keep its finished runs with their times and say how to go on; progress on a pipe and a terminal.
set -u
set -m # so that SIGINT is not ignored in what runs in the background
. "${DLEXP_SOURCE_DIR:?the source tree}/tests/cli/tiny_data.bash"
make_data data 500 200 8 8 4
TIMEFORMAT=%R
net="batchnorm --data data --hidden 32,16 --batch 20"
options="$net --lr 0.05,0.5 --seeds 1..10 --jobs 2"

records() {
    find "$1/runs" -name '*.run' 2>/dev/null | wc -l
}

# times DIR: the call's status, the runs it computed and the runs with a time, by its run.json.
times() {
    echo "$(sed -n 's/^\t"status":.*"\(.*\)",$/\1/p' "$1/run.json")" \
        "$(grep -c '"computed_now":.*true' "$1/run.json") $(grep -c '"seconds":' "$1/run.json")"
}

# What the message says at its end of runs under way: those that ran for a second or more (on a crowded machine) are kept
# half done.  Both may have just ended, as they take equally long: then there is nothing that could be lost.
lost='(\([1-9][0-9]* steps? of work lost\)|\(no step of work is lost\))'
rest=", ((each )?from its beginning( $lost)?|[12] of them from where (it|they) stopped $lost)\$"

# wait_for WHAT COMMAND...: poll until the command succeeds.
wait_for() {
    local what=$1 i
    shift
    for i in $(seq 1200); do
        "$@" && return
        sleep 0.05
    done
    complain "waited a minute for $what"
}
has_records() { [ "$(records "$1")" -ge "$2" ]; }

# interrupt SIGNAL STATUS NUMBER OPTION...: start, wait for two finished runs, send the signal.
interrupt() {
    local signal=$1 expected=$2 number=$3 out=stopped-$1 child status kept elapsed
    shift 3
    rm -rf "$out"
    "$DLEXP" $options --epochs 300 --out "$out" "$@" >out.txt 2>err.txt &
    child=$!
    wait_for "two runs" has_records "$out" 2
    kill -s "$signal" $child
    { time wait $child; } 2>elapsed.txt
    status=$?
    elapsed=$(tail -n 1 elapsed.txt)
    kept=$(records "$out")
    [ $status -eq "$expected" ] || complain "SIG$signal: expected exit status $expected, got $status"
    awk -v s="$elapsed" 'BEGIN { exit !(s < 1) }' || complain "SIG$signal: it took $elapsed s to stop"
    [ "$kept" -ge 2 ] && [ "$kept" -lt 40 ] || complain "SIG$signal: expected some of 40 runs to be kept, got $kept"
    tail -n 1 err.txt | grep -qE "^dlexp: stopped by signal $number with $kept of 40 runs done, which are kept in '$out/runs': give the same command again to continue; it computes the other $((40 - kept))$rest" ||
        complain "SIG$signal: unexpected message: $(tail -n 1 err.txt)"
    [ ! -s out.txt ] || complain "SIG$signal: unexpected standard output"
    [ ! -e "$out/summary.csv" ] || complain "SIG$signal: tables of half the runs"
    [ -z "$(find "$out/runs" -name '*.tmp-*')" ] || complain "SIG$signal: temporary files stay: $(ls "$out"/runs/*)"
    [ "$(times "$out")" = "interrupted $kept $kept" ] ||
        complain "SIG$signal: expected run.json to have the times of $kept runs, got: $(times "$out")"
    [ "$(grep -c '^\[' err.txt)" -le "$kept" ] || complain "SIG$signal: more runs are reported than are kept"
}

interrupt INT 130 2
interrupt TERM 143 15 --quiet
interrupt HUP 129 1

# Finished runs are not computed again, and the end is as if nothing had happened.
kept=$(records stopped-INT)
"$DLEXP" $options --epochs 300 --out stopped-INT --dry-run >out.txt 2>err.txt || complain "--dry-run failed"
grep -q "$kept in the store, $((40 - kept)) to train" out.txt || complain "after Ctrl-C: $(grep runs: out.txt)"

# ... nor do they lose their times: here the first of them alone, and then the tables.
label=$(sed -n 's/.*"label":.*"\(.*\)",$/\1/p' stopped-INT/run.json | head -n 1)
[[ $label =~ ^(.*)\ lr\ (.*)\ seed\ (.*)$ ]] || complain "after Ctrl-C: no run in run.json, '$label'"
before=$(grep -A 9 "\"$label\"" stopped-INT/run.json | grep -m 2 '"seconds"\|"computed_at"')
"$DLEXP" $net --norm "${BASH_REMATCH[1]}" --lr "${BASH_REMATCH[2]}" --seeds "${BASH_REMATCH[3]}" --epochs 300 \
    --out stopped-INT --quiet >out.txt 2>err.txt || complain "after Ctrl-C: $(cat err.txt)"
[ "$(times stopped-INT)" = "completed 0 1" ] || complain "after Ctrl-C: run.json: $(times stopped-INT)"
[ "$(grep '"seconds"\|"computed_at"' stopped-INT/run.json)" = "$before" ] || complain "after Ctrl-C: other times"
[ -e stopped-INT/summary.csv ] || complain "after Ctrl-C: no tables"

# With --force the same command would begin anew: the message does not send anyone there.
"$DLEXP" $options --epochs 20 --out forced --quiet >/dev/null 2>&1 || complain "a plain call failed"
cp forced/summary.csv .
"$DLEXP" $options --epochs 300 --out forced --force >/dev/null 2>err.txt &
child=$!
wait_for "a run" has_records forced 42
kill -s INT $child
wait $child
grep -qE " runs computed again, .* give the same command again without --force to continue; it takes what is there, older runs too, and computes the rest$rest" err.txt ||
    complain "--force: $(tail -n 1 err.txt)"
# The tables, still those of the first call, and the times of its runs stay.
cmp -s forced/summary.csv summary.csv || complain "--force: the tables have changed"
read -r status computed timed < <(times forced)
[ "$status" = interrupted ] && [ "$computed" -ge 1 ] && [ "$timed" -eq $((computed + 40)) ] ||
    complain "--force: run.json: $status, $computed runs computed, $timed with times"

# Nothing is said to be kept where nothing is: a run that is stopped within a second begins anew.
for try in 1 2 3 4; do # a crowded machine may be too late for that
    rm -rf none
    "$DLEXP" $net --epochs 100000 --lr 0.05 --norm none --out none >/dev/null 2>err.txt &
    child=$!
    wait_for "the plan" grep -q '^results:' err.txt
    sleep 0.3
    # The rules by which results will be judged are written before there are any.
    grep -q '"status":.*"running"' none/run.json && grep -q '"margin_points":' none/run.json ||
        complain "the first run is under way, and run.json does not say by which rules it will be judged: $(cat none/run.json)"
    [ "$(records none)" -eq 0 ] || complain "expected no run to be done, got $(records none)"
    kill -s TERM $child
    wait $child
    status=$?
    [ $status -eq 143 ] || complain "no run done: expected exit status 143, got $status"
    tail -n 1 err.txt | grep -qE "^dlexp: stopped by signal 15 before any of 1 run was done: nothing is kept, the same command begins anew \([1-9][0-9]* steps of work lost\)$" && break
done
[ $try -lt 4 ] || complain "no run done: $(tail -n 1 err.txt)"

# ... and with --force nothing is said to be lost that is there.
"$DLEXP" $net --epochs 100000 --lr 0.05 --norm none --out none --force >/dev/null 2>err.txt &
child=$!
wait_for "the plan" grep -q '^results:' err.txt
sleep 0.3
kill -s TERM $child
wait $child
tail -n 1 err.txt | grep -qE "^dlexp: stopped by signal 15 before any of 1 run was computed again: what 'none/runs' has is as it was $lost\$" ||
    complain "--force, no run done: $(tail -n 1 err.txt)"

# timeout sends its signal to the call and then to its group: the same one twice.  A later one kills at once.
timeout 0.5 "$DLEXP" $options --epochs 100000 --out timed >/dev/null 2>err.txt
status=$?
[ $status -eq 124 ] || complain "timeout: expected exit status 124, got $status"
grep -q '^dlexp: stopped by signal 15 before any' err.txt || complain "timeout: no message: $(tail -n 1 err.txt)"
for signals in "TERM TERM" "INT INT INT" "INT TERM"; do
    "$DLEXP" $options --epochs 100000 --out timed >/dev/null 2>err.txt &
    child=$!
    wait_for "the plan" grep -q '^results:' err.txt
    sleep 0.2
    for signal in $signals; do kill -s "$signal" $child 2>/dev/null; done
    wait $child
    grep -q '^dlexp: stopped by signal' err.txt || complain "$signals: no message: $(tail -n 1 err.txt)"
done

# ---- a signal after the last run: the tables that are written are whole, the call says how it ended.  sgd-mean's runs take
# no time and its tables some.
means="sgd-mean --lr 0.001,0.002,0.004,0.008,0.016 --iterations 12000 --trials 2 --quiet"
"$DLEXP" $means --out means >/dev/null 2>err.txt || complain "sgd-mean: $(cat err.txt)"
# stop_after TABLE: all runs are in the store; the signal comes as soon as the table is there, or at once (perhaps while they are loaded) for "".
stop_after() {
    rm -f means/*.csv
    "$DLEXP" $means --out means >out.txt 2>err.txt &
    child=$!
    [ -n "$1" ] || sleep 0.1
    while [ -n "$1" ] && [ ! -e "means/$1" ] && kill -0 $child 2>/dev/null; do sleep 0.01; done
    kill -s TERM $child 2>/dev/null
    wait $child
    status=$?
    [ -z "$(find means -name '*.tmp-*')" ] || complain "after the last run: temporary files stay"
    [ $status -eq 143 ] && grep -q '^dlexp: stopped by signal 15 \(after the last run; all 5 are kept\|before anything was computed\)' err.txt
}
for table in "" trajectory.csv; do
    for try in 1 2 3 4; do # a crowded machine may be too late for a moment
        stop_after "$table" && break
    done
    [ $try -lt 4 ] || complain "a signal after the last run, with table '$table' written: exit status $status, $(cat err.txt)"
done
grep -q ' 1 of 5 tables were written' err.txt || [ -e means/bands.csv ] || complain "after a table: $(cat err.txt)"
"$DLEXP" $means --out means >/dev/null 2>err.txt || complain "after the tables were stopped: $(cat err.txt)"
grep -q '"status":.*"completed"' means/run.json || complain "after the tables were stopped: not completed"
[ "$(grep -c '"computed_now":.*true' means/run.json)" -eq 0 ] || complain "after the tables were stopped: runs were computed again"
[ -e means/summary.csv ] && [ -e means/trajectory.csv ] || complain "after the tables were stopped: tables are missing"

# With --force the same command would compute all again; of one trial there are no bands, and so four tables.
forced="sgd-mean --lr 0.001,0.002,0.004,0.008,0.016 --iterations 30000 --force --quiet --out forced-means"
for try in 1 2 3 4; do
    rm -rf forced-means
    "$DLEXP" $forced >out.txt 2>err.txt &
    child=$!
    while [ ! -e forced-means/trajectory.csv ] && kill -0 $child 2>/dev/null; do sleep 0.01; done
    kill -s TERM $child 2>/dev/null
    wait $child
    grep -q " after the last run; all 5 are kept in 'forced-means/runs', [123] of 4 tables were written: give the same command again without --force for the tables, it computes no run$" err.txt &&
        break
done
[ $try -lt 4 ] || complain "a signal after the last run with --force: $(cat err.txt)"

# What is ignored stays ignored: under nohup the call outlives its terminal.
(trap '' HUP; exec "$DLEXP" $options --epochs 60 --out nohup >out.txt 2>err.txt) &
child=$!
wait_for "a run" has_records nohup 1
kill -s HUP $child
wait $child || complain "an ignored SIGHUP ended the call: $(tail -n 1 err.txt)"

# ---- progress on a pipe: a line a finished run, in the order of ending, and no cursor movements
"$DLEXP" $options --epochs 10 --out pipe >out.txt 2>err.txt || complain "a plain call failed: $(cat err.txt)"
for n in $(seq 40); do
    grep -q "^\[$n/40\] .*: epoch 10, loss .*, test .* %" err.txt || complain "no line for finished run $n of 40"
done
grep -q "$(printf '\r')" err.txt && complain "a carriage return on a pipe"
"$DLEXP" $options --epochs 10 --out quiet --quiet >out.txt 2>err.txt || complain "--quiet failed"
[ ! -s err.txt ] || complain "--quiet: unexpected standard error: $(head -n 1 err.txt)"
# A pipe that nobody reads any more ends a call like any other program, without harm to the store.
"$DLEXP" $options --epochs 10 --out closed 2>&1 | head -n 1 >/dev/null
"$DLEXP" $options --epochs 10 --out closed --quiet >/dev/null 2>&1 || complain "after a closed pipe: failed"
cmp -s closed/summary.csv pipe/summary.csv || complain "after a closed pipe: other tables"

# ---- progress on a terminal: one line that is drawn over; Ctrl-C typed there
if script -qec true /dev/null </dev/null >/dev/null 2>&1; then
    # So wide that every line has room for the bar: at 80 columns those of a slow start have it not.
    env -u COLUMNS TERM=xterm script -qec "stty cols 140 && $DLEXP $options --epochs 100 --out terminal" /dev/null </dev/null >terminal.txt ||
        complain "on a terminal: failed"
    grep -q "$(printf '\r')[^ ].* [0-9]* %.*\[[#-]*\]" terminal.txt || complain "on a terminal: no progress bar"
    grep -q '\[40/40\]' terminal.txt || complain "on a terminal: no line for the last run"
    # The time left is told after half a second: a call of seconds shows it, and Ctrl-C is typed as soon as it does.
    mkfifo keys
    TERM=xterm script -qfec "$DLEXP $options --epochs 4000 --out typed" /dev/null <keys >terminal.txt &
    child=$!
    exec 8>keys
    wait_for "the time left on a terminal" grep -q ' left ' terminal.txt
    printf '\003' >&8
    wait $child
    status=$?
    exec 8>&-
    [ $status -eq 130 ] || complain "Ctrl-C typed: expected exit status 130, got $status"
    grep -q 'stopped by signal 2 ' terminal.txt || complain "Ctrl-C typed: no message"
else
    echo "note: no usable script(1), the terminal is not tested here"
fi
finish
