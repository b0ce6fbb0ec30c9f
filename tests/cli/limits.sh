#!/usr/bin/env bash
# What the system limits or does not take: memory, standard output, names that are no UTF-8, links that lead nowhere, a
# gnuplot that cannot start.
set -u
. "${DLEXP_SOURCE_DIR:?the source tree}/tests/cli/tiny_data.bash"
make_data data 120 60 6 6 3
large="batchnorm --data data --hidden 3000,3000 --epochs 1 --out large"

# told STATUS TEXT: the last call's exit status and a text in err.txt.
told() {
    [ "$status" -eq "$1" ] || complain "$what: expected exit status $1, got $status: $(tail -n 1 err.txt)"
    grep -qF -e "$2" err.txt || complain "$what: the error lacks '$2': $(tail -n 1 err.txt)"
}

call() {
    what="dlexp $*"
    "$DLEXP" "$@" >out.txt 2>err.txt </dev/null
    status=$?
}

# limited KB WORD...: a call with so much address space; skipped where the program itself (under a sanitizer) has no room.
limited() {
    local size=$1
    shift
    what="ulimit -v $size; dlexp $*"
    # One arena: glibc reserves 64 MB of addresses for each thread that loads data, more or fewer as they happen to run.
    (ulimit -v "$size" && MALLOC_ARENA_MAX=1 exec "$DLEXP" "$@" >out.txt 2>err.txt </dev/null)
    status=$?
}

# ---- memory: a run of this net takes some 190 MB
if (ulimit -v 60000 && "$DLEXP" --version) >/dev/null 2>&1; then
    limited 60000 $large
    told 4 'not enough memory: one run takes '
    grep -q 'takes 1[89][0-9] MB, and there are [0-9.]* MB (the limit on address space, ulimit -v)' err.txt ||
        complain "$what: the numbers: $(cat err.txt)"
    [ ! -e large ] || complain "$what: refused, but --out was written"
    limited 60000 $large --quiet
    told 4 'not enough memory: one run takes '
    limited 60000 $large --dry-run
    told 4 'not enough memory: one run takes '
    limited 350000 $large --jobs 4
    told 4 '; expected at most --jobs 1'
    limited 350000 $large --lr 0.01 --jobs 2
    told 4 '; expected at most --jobs 1'
    if [ "$(nproc)" -gt 1 ]; then
        limited 350000 $large --lr 0.01
        told 0 'so only 1 at a time fit into '
        grep -q '^time: .*with 1 run at a time' err.txt || complain "$what: the time is not that of one at a time"
        # Nothing is left to train: nothing to refuse.
        limited 60000 $large --lr 0.01 --jobs 2
        told 0 'nothing to compute'
    fi
    limited 60000 bench --data data --hidden 3000,3000 --epochs 1
    told 4 'not enough memory for the measured network: expected at least '
fi
call batchnorm --data data --hidden 65536,65536,65536 --dry-run
told 4 'not enough memory: one run takes '

# A net of 2 GB is planned without being built.
if (ulimit -v 3500000 && "$DLEXP" --version) >/dev/null 2>&1; then
    start=$(date +%s%N)
    call batchnorm --data data --hidden 10000,10000 --jobs 1 --dry-run
    if [ $status -eq 0 ]; then
        [ $((($(date +%s%N) - start) / 1000000)) -lt 8000 ] || complain "$what took longer than 8 s"
        grep -q '^time: ' out.txt || complain "$what: no time"
    else
        told 4 'not enough memory: one run takes '
    fi
fi

# ---- standard output that cannot be written, with little and with much printed
if [ -w /dev/full ]; then
    for words in "optim --iterations 20 --json" "optim --iterations 20" "optim --dry-run" "sgd-mean" "sgd-mean --json" \
        "batchnorm --data data --hidden 4 --epochs 1" "batchnorm --data data --hidden 4 --epochs 1 --json" \
        "batchnorm --data data --hidden 4 --describe" "bench --data data --hidden 4 --epochs 1" "data data --json" \
        "help optim" "--help" "--version"; do
        what="dlexp $words >/dev/full"
        out="--out full/${words%% *}"
        case $words in bench* | *help* | *version* | *describe*) out= ;; esac
        "$DLEXP" $words $out >/dev/full 2>err.txt </dev/null
        status=$?
        told 4 'dlexp: cannot write to standard output: No space left on device'
    done
fi

# ---- words and names that are no UTF-8: JSON is, all the same
name=$'na\xefve-\xc3\xa9'
escaped=$(printf 'na\\\\xefve-\xc3\xa9')
if mkdir "$name" 2>/dev/null; then
    cp data/* "$name"
    call optim --iterations 20 --json --quiet --out "$name/optim"
    [ $status -eq 0 ] || complain "$what: exit status $status"
    cp out.txt optim.json
    call batchnorm --data "$name" --hidden 4 --epochs 1 --json --quiet --out "$name/batchnorm"
    [ $status -eq 0 ] || complain "$what: exit status $status"
    cp out.txt batchnorm.json
    call data "$name" --json --out "$name/data"
    cp out.txt data.json
    call bench --data "$name" --hidden 4 --epochs 1 --json
    cp out.txt bench.json
    for file in optim.json batchnorm.json data.json bench.json "$name/optim/run.json" "$name/batchnorm/run.json"; do
        iconv -f UTF-8 -t UTF-8 "$file" >/dev/null 2>&1 || complain "$file is not UTF-8"
        grep -qF -e "$escaped" "$file" || complain "$file lacks the escaped name"
        ! command -v python3 >/dev/null || python3 -c 'import json, sys; json.load(open(sys.argv[1], encoding="utf-8"))' \
            "$file" || complain "$file is no JSON"
    done
    # The file can be read again: another experiment is still refused its directory.
    call sgd-mean --out "$name/optim"
    told 2 "results or a new one"
fi

# ---- links that lead nowhere
ln -s nowhere dead
ln -s circle circle
for out in dead dead/below; do
    call optim --iterations 20 --out $out
    told 4 "cannot create directory 'dead': expected a directory or nothing, got a symbolic link to 'nowhere', which does not exist"
done
mkdir holds
ln -s nowhere holds/models
call batchnorm --data data --hidden 4 --epochs 1 --save-best --out holds
told 4 "cannot create directory 'holds/models': expected a directory or nothing, got a symbolic link to 'nowhere'"
call data data --out circle
told 4 "got a symbolic link to 'circle', which leads back to itself"
call sgd-mean --points-file dead
told 3 "cannot read 'dead': expected a file, got a symbolic link to 'nowhere', which does not exist"

# ---- a gnuplot that is there but cannot start is not missing
mkdir bin
printf '#!/bin/sh\necho no memory for a library >&2\nexit 127\n' >bin/gnuplot
chmod +x bin/gnuplot
PATH="$PWD/bin:$PATH" call data data --out drawn
told 4 'cannot run gnuplot: it is there, but the system could not start it (exit status 127)'
printf '#!/no/such/interpreter\n' >bin/gnuplot
PATH="$PWD/bin:$PATH" call data data --out drawn
if grep -q 'gnuplot is missing' err.txt; then complain "$what: 'missing' of a gnuplot without its interpreter"; fi
[ $status -eq 4 ] || [ "$(command -v gnuplot)" ] || complain "$what: expected exit status 4, got $status"
chmod -x bin/gnuplot
PATH="$PWD/bin" call data data --out drawn
[ $status -ne 127 ] || complain "$what: exit status 127"

finish
