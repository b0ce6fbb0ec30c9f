#!/usr/bin/env bash
# Runs that are stopped or killed at random moments, and taken up from their checkpoints, leave the bytes of runs that were not: tables,
# records, models.  What is kept is told; a damaged file is told and ignored; a full disk ends no run; --keep-last prolongs.
#
# Quick: some moments.  With DLEXP_LONG=1: a hundred, and a full file system.
set -u
set -m # so that SIGINT is not ignored in what runs in the background
. "${DLEXP_SOURCE_DIR:?the source tree}/tests/cli/tiny_data.bash"
make_data data 500 200 8 8 4
net="batchnorm --data data --hidden 32,16 --batch 20 --lr 0.05 --jobs 2"
options="$net --epochs 300 --eval-every 20 --log-every 5 --layers --save-best"
long=; [[ ${DLEXP_LONG:-} != 1 ]] || long=1
kept() { find "$1/runs" -name '*.checkpoint' | wc -l; }

# same DIR OF: all files but those that hold times.
same() {
    diff -r -x run.json -x .claims -x '*.last' "$2" "$1" >diff.txt 2>&1 || complain "$1: other files than $2: $(head -n 1 diff.txt)"
}

# send DIR SIGNAL MS OPTION...: start, send the signal so many milliseconds after the plan is told; the exit status.
send() {
    local directory=$1 signal=$2 ms=$3 child
    shift 3
    : >err.txt
    "$DLEXP" $options --out "$directory" "$@" >out.txt 2>err.txt &
    child=$!
    while ! grep -q '^results:' err.txt && kill -0 $child 2>/dev/null; do sleep 0.01; done
    sleep "0.$(printf %03d "$ms")"
    kill -s "$signal" $child 2>/dev/null
    wait $child 2>/dev/null
}

# send_amid DIR SIGNAL OPTION...: the same, at a moment when a run is under way: on a busy machine the first one tried may come
# before the first step, on a fast one after the last.  The exit status.
send_amid() {
    local directory=$1 signal=$2 ms status
    shift 2
    for ms in 40 20 80 10 160 320 640; do
        rm -rf "$directory"
        send "$directory" "$signal" $ms --checkpoint-every 1000000 "$@"
        status=$?
        [ "$(kept "$directory")" -eq 0 ] || break
    done
    return $status
}

"$DLEXP" $options --out whole >out.txt 2>err.txt || complain "a plain call failed: $(cat err.txt)"
cp out.txt whole.txt
[ "$(kept whole)" -eq 0 ] || complain "checkpoints stay of runs that are done"

# ---- each signal: what is kept and what is lost is told, and the call goes on from there
declare -A statuses=([TERM]=143 [INT]=130 [HUP]=129 [KILL]=137)
for signal in TERM ${long:+INT HUP}; do
    send_amid "signal-$signal" $signal
    status=$?
    [ $status -eq ${statuses[$signal]} ] || complain "SIG$signal: expected exit status ${statuses[$signal]}, got $status: $(cat err.txt)"
    begun=$(kept "signal-$signal")
    [ "$begun" -ge 1 ] || complain "SIG$signal: nothing is kept: $(tail -n 1 err.txt)"
    grep -qE "before any of 2 runs was done; $begun (is|are) kept half done in 'signal-$signal/runs': give the same command again to continue \(no step of work is lost\)$|the other 1, from where it stopped \(no step of work is lost\)$" err.txt ||
        complain "SIG$signal: unexpected message: $(tail -n 1 err.txt)"
    "$DLEXP" $options --out "signal-$signal" --dry-run >out.txt 2>err.txt || complain "--dry-run: $(cat err.txt)"
    tr -s ' \n' ' ' <out.txt | grep -q " to train, $begun of them from a kept state " || complain "--dry-run: $(grep -A1 runs: out.txt)"
    "$DLEXP" $options --out "signal-$signal" >out.txt 2>err.txt || complain "after SIG$signal: $(cat err.txt)"
    grep -q 'note:' err.txt && complain "after SIG$signal: $(grep note: err.txt)"
    same "signal-$signal" whole
done

# ---- signals and kills at random moments, again and again until the call ends; with all it prints
RANDOM=${DLEXP_TEST_SEED:-17}
signals=(KILL TERM INT KILL)
wanted=${long:+100} wanted=${wanted:-3}
hits=0
for ((series = 1; hits < wanted && series <= wanted; series++)); do
    rm -rf random
    for ((try = 0; try < 200; try++)); do
        signal=${signals[RANDOM % 4]}
        send random "$signal" $((RANDOM % 120)) --checkpoint-every $((1 + RANDOM % 40))
        status=$?
        [ $status -ne 0 ] || break
        [ $status -eq ${statuses[$signal]} ] || complain "SIG$signal: expected exit status ${statuses[$signal]}, got $status: $(cat err.txt)"
        hits=$((hits + 1))
        [ $hits -lt $wanted ] || break
    done
    grep -q 'note: cannot use' err.txt && complain "a checkpoint that was written whole was not taken: $(grep note: err.txt)"
    "$DLEXP" $options --out random >out.txt 2>err.txt || complain "after random signals: $(cat err.txt)"
    [ "$(sed 's/random/whole/' out.txt)" = "$(cat whole.txt)" ] || complain "after random signals: another output"
    same random whole
    [ -z "$(find random -name '*.tmp-*')" ] || complain "after random signals: unfinished files stay"
done
[ $hits -ge $wanted ] || complain "expected $wanted signals to hit a run, got $hits"
echo "$hits signals at random moments"

# ---- what is damaged, and a store that has the record already
send_amid damaged TERM --seeds 5
file=$(find damaged/runs -name '*.checkpoint' | head -n 1)
if [ -n "$file" ]; then
    size=$(wc -c <"$file")
    { head -c $((size / 2)) "$file"; printf X; tail -c +$((size / 2 + 2)) "$file"; } >x && mv x "$file"
    "$DLEXP" $options --out damaged --seeds 5 --quiet >out.txt 2>err.txt || complain "a damaged checkpoint: $(cat err.txt)"
    grep -q "^dlexp: note: cannot use the checkpoint '$file': its checksum is not as written; it was damaged; it is ignored$" err.txt ||
        complain "a damaged checkpoint: $(cat err.txt)"
    "$DLEXP" $options --out undamaged --seeds 5 --quiet >out.txt 2>err.txt
    same damaged undamaged
else
    complain "nothing is kept of a call that was stopped: $(cat err.txt)"
fi
id=$(cd whole/runs && find . -name '*.run' | head -n 1)
echo stale >"whole/runs/${id%.run}.checkpoint"
send whole TERM 40 --checkpoint-every 1 --force # computed again: nothing that is of use to anyone
[ "$(cat "whole/runs/${id%.run}.checkpoint")" = stale ] || complain "--force: a checkpoint of a run that the store has"
"$DLEXP" $options --out whole >out.txt 2>err.txt || complain "after --force: $(cat err.txt)"
[ "$(kept whole)" -eq 0 ] || complain "a checkpoint of a run that is done stays"

# ---- --keep-last: more epochs from there, with the bytes of all at once
for more in ${long:+"--optimizer adam"} "--validation 100 --eval-every 7 --layers --save-best"; do
    rm -rf short once
    call="$net $more --quiet"
    "$DLEXP" $call --epochs 3 --keep-last --out short >out.txt 2>err.txt || complain "--keep-last: $(cat err.txt)"
    [ "$(find short -name '*.last' | wc -l)" -eq 2 ] || complain "--keep-last: no two last states: $(find short -name '*.last')"
    [ "$("$DLEXP" $call --epochs 7 --out short --dry-run | tr -s ' \n' ' ' | grep -c ' 2 to train, 2 of them from a kept state ')" -eq 1 ] ||
        complain "--keep-last: the plan of more epochs does not go on from there"
    "$DLEXP" $call --epochs 7 --out short >out.txt 2>err.txt || complain "more epochs: $(cat err.txt)"
    "$DLEXP" $call --epochs 7 --out once >out.txt 2>err.txt || complain "all epochs at once: $(cat err.txt)"
    for run in once/runs/*/*.run; do cmp -s "$run" "short/${run#once/}" || complain "$more: other records after more epochs"; done
    rm -r once/runs short/runs
    rm -f short/models/*; rm -f once/models/*
    same short once
done
# What the store has without its end is trained again; a setting that depends on the number of epochs is refused.
"$DLEXP" $net --epochs 2 --out lacking --quiet >out.txt 2>err.txt || complain "a plain call: $(cat err.txt)"
"$DLEXP" $net --epochs 2 --out lacking --keep-last >out.txt 2>err.txt || complain "--keep-last after it: $(cat err.txt)"
tr -s ' \n' ' ' <err.txt | grep -q ' 2 of them again: the store has their results but not the last states that --keep-last asks for ' ||
    complain "--keep-last after a call without: $(cat err.txt)"
"$DLEXP" $net --epochs 2 --out lacking --keep-last >out.txt 2>err.txt
grep -q 'nothing to compute' err.txt || complain "--keep-last once more: $(cat err.txt)"
for refused in "--schedule cosine" "--protocol notebook"; do
    "$DLEXP" $net $refused --keep-last --out refused >out.txt 2>err.txt
    status=$?
    [ $status -eq 2 ] && grep -q -e "--keep-last: expected .*, got $refused" err.txt || complain "$refused --keep-last: exit status $status: $(cat err.txt)"
done

# ---- a full disk: told once, the runs go on
if [[ -n $long ]] && mkdir full && mount -t tmpfs -o size=3m none full 2>/dev/null; then
    large="batchnorm --data data --hidden 600,600 --batch 50 --lr 0.05 --epochs 3 --jobs 2 --quiet" # 5 MB a checkpoint
    "$DLEXP" $large --checkpoint-every 1 --out full/out >out.txt 2>err.txt || complain "a full disk: $(cat err.txt)"
    [ "$(grep -c 'note: no checkpoint: cannot write .*: No space left on device; the runs go on without$' err.txt)" -eq 1 ] ||
        complain "a full disk: expected one note, got: $(cat err.txt)"
    [ -z "$(find full -name '*.tmp-*' -o -name '*.checkpoint')" ] || complain "a full disk: files stay: $(find full)"
    "$DLEXP" $large --out room >out.txt 2>err.txt
    same full/out room
    umount full
fi
finish
