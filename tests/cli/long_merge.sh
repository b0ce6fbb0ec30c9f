#!/usr/bin/env bash
# dlexp merge under stress: killed at any moment and given again, by two at once, from a store that cannot be written,
# into a file system that is full.
set -u
. "${DLEXP_SOURCE_DIR:?the source tree}/tests/cli/tiny_data.bash"
[[ ${DLEXP_LONG:-} == 1 ]] || { echo "skipped: a long test"; exit 77; }
make_data data 40 30 4 4 3

net='--data data --hidden 4 --batch 20 --epochs 1 --quiet --save-best --lr 0.01,0.1,1 --seeds 1..200'
parts=()
for part in 1 2 3 4; do
    # The words of $net are meant to be split.
    # shellcheck disable=SC2086
    "$DLEXP" batchnorm $net --shard $part/4 --out "part$part" >/dev/null 2>err.txt || complain "--shard: $(cat err.txt)"
    parts+=("part$part")
done
# shellcheck disable=SC2086
"$DLEXP" batchnorm $net --out reference >/dev/null 2>err.txt || complain "the whole call: $(cat err.txt)"

# same WHAT DIR [BUT]: records, models, and no file beside them but such.
same() {
    diff -r -x .claims -x .index -x "${3:-}" reference/runs "$2/runs" >diff.txt 2>&1 || complain "$1: $(head -n 3 diff.txt)"
    diff -r -x "${3:-}" reference/models "$2/models" >diff.txt 2>&1 || complain "$1: $(head -n 3 diff.txt)"
}

# whole WHAT DIR: no record or model that is there is another.
whole() {
    diff -rq reference/runs "$2/runs" 2>/dev/null | grep ' differ$' >diff.txt && complain "$1: not whole: $(cat diff.txt)"
    diff -rq reference/models "$2/models" 2>/dev/null | grep ' differ$' >diff.txt && complain "$1: not whole: $(cat diff.txt)"
}

TIMEFORMAT=%R
elapsed=$({ time "$DLEXP" merge whole "${parts[@]}" >/dev/null 2>&1; } 2>&1)
same "undisturbed" whole
echo "an undisturbed merge of 1200 records and their models: $elapsed s"

# ---- killed at 60 random moments by three signals, each time given again
RANDOM=1
halfway=0
for round in {1..60}; do
    case $((round % 3)) in 0) signal=KILL ;; 1) signal=TERM ;; 2) signal=INT ;; esac
    rm -rf killed
    "$DLEXP" merge killed "${parts[@]}" >out.txt 2>err.txt &
    child=$!
    sleep "$(awk -v s="$elapsed" -v part=$RANDOM 'BEGIN { printf "%.4f", s * part / 32768 }')"
    kill -s $signal $child 2>/dev/null
    wait $child
    status=$?
    kept=$(find killed/runs -name '*.run' 2>/dev/null | wc -l)
    [[ $kept -gt 0 && $kept -lt 1200 ]] && halfway=$((halfway + 1))
    [[ $status -eq 0 || $signal == KILL || ($signal == TERM && $status -eq 143) || ($signal == INT && $status -eq 130) ]] ||
        complain "SIG$signal: exit status $status: $(tail -n 1 err.txt)"
    [[ $status -le 128 || $signal == KILL ]] || grep -q 'kept: the same command again goes on' err.txt ||
        complain "SIG$signal: it does not say what is kept: $(cat err.txt)"
    whole "SIG$signal" killed
    "$DLEXP" merge killed "${parts[@]}" >/dev/null 2>err.txt || complain "after SIG$signal: $(cat err.txt)"
    same "after SIG$signal" killed
    [[ -z $(find killed -name '*.tmp-*') ]] || complain "after SIG$signal: unfinished files stay"
done 2>/dev/null
echo "killed 60 times, $halfway of them with some records in place and others not"
[[ $halfway -ge 5 ]] || complain "expected to meet more merges halfway than $halfway"

# ---- two at once, in both directions, one of them killed now and then
for round in {1..20}; do
    rm -rf twice
    "$DLEXP" merge twice "${parts[@]}" >/dev/null 2>first.txt & first=$!
    "$DLEXP" merge twice part4 part3 part2 part1 >/dev/null 2>second.txt & second=$!
    if ((round % 4 == 0)); then
        sleep "$(awk -v s="$elapsed" 'BEGIN { print s / 2 }')"
        kill -s KILL $second
        wait $second
    else
        wait $second || complain "two at once: $(cat second.txt)"
    fi
    wait $first || complain "two at once: $(cat first.txt)"
    same "two at once" twice "*.tmp-*" # those of the one that was killed
done 2>/dev/null

# ---- as root: a store on a file system that is read only, a destination that is full, and one that is read only
if [[ $(id -u) -eq 0 ]] && mkdir -p small && mount -t tmpfs -o size=32m,nr_inodes=9000 tmpfs small 2>/dev/null; then
    trap 'umount small' EXIT
    cp -r part2 small/part2 || complain "no room for a store"
    mount -o remount,ro small
    "$DLEXP" merge from-ro part1 small/part2 part3 part4 >/dev/null 2>err.txt || complain "a read-only store: $(cat err.txt)"
    same "a read-only store" from-ro
    "$DLEXP" merge small/to part1 >/dev/null 2>err.txt
    [[ $? -eq 4 ]] || complain "a read-only destination: $(cat err.txt)"
    grep -q "^dlexp: cannot .*'small/to.*Read-only file system" err.txt || complain "a read-only destination: $(cat err.txt)"
    mount -o remount,rw small && rm -r small/part2 small/to 2>/dev/null
    for megabytes in 2 4 5 6 7 8 9 10 12 16 24; do
        mount -o remount,size=${megabytes}m small
        "$DLEXP" merge small/to "${parts[@]}" >/dev/null 2>err.txt
        status=$?
        kept=$(find small/to/runs -name '*.run' | wc -l)
        echo "into $megabytes MB: exit status $status, $kept of 1200 records: $(tail -n 1 err.txt)"
        [[ $status -eq 0 ]] && break
        [[ $status -eq 4 ]] && grep -q 'No space left on device\|of free space' err.txt || complain "a full disk: exit status $status: $(cat err.txt)"
        [[ -z $(find small/to -name '*.tmp-*') ]] || complain "a full disk: unfinished files stay"
        whole "a full disk" small/to
    done
    same "once there was room" small/to
    [[ $megabytes -gt 2 ]] || complain "the file system was never full"
else
    echo "no root, or no tmpfs: read-only and full file systems are left out"
fi
finish
