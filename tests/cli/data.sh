#!/usr/bin/env bash
# `dlexp data` on the MNIST of the source tree and on a set of 5 x 7 pixels: what it prints, writes and draws.
set -euo pipefail

fail() {
    echo "data.sh: $*" >&2
    exit 1
}

holds() { # FILE WORDS
    # Words that a line's end parts are together.
    tr -s ' \n' ' ' <"$1" | grep -qF -- "$(tr -s ' ' <<<"$2")" || fail "expected '$2' in $1: $(cat "$1")"
}

"$DLEXP" data "$DLEXP_SOURCE_DIR/data/mnist" >printed 2>said
holds printed 'genuine MNIST: 60000 training and 10000 test images of 28 x 28 pixels, 10 classes'
holds printed ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db
holds printed ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2
holds printed 0.130660 # mean and deviation that the literature has as 0.1307 and 0.3081
holds printed 0.308108
holds printed '19.120'
[ "$(head -n 3 results/data/classes.csv | tr '\n' ' ')" = "class,train,test 0,5923,980 1,6742,1135 " ] ||
    fail "classes.csv: $(cat results/data/classes.csv)"
[ "$(wc -l <results/data/samples.csv)" -eq $((1 + 60 * 784)) ] || fail "samples.csv has the wrong length"
[ "$(sed 1d results/data/samples.csv | cut -d, -f1,2 | uniq | head -n 12 | tr '\n' ' ')" = \
    "0,0 1,1 2,2 3,3 4,4 5,5 6,6 7,7 8,8 9,9 10,0 11,1 " ] || fail "samples.csv: the classes do not come in turn"

# A set of 2 training images and 1 test image of 5 x 7 pixels, all plain.
mkdir odd
pixels=$(printf 'x%.0s' {1..35})
printf '\0\0\10\3\0\0\0\2\0\0\0\5\0\0\0\7%s%s' "$pixels" "$pixels" >odd/train-images-idx3-ubyte
printf '\0\0\10\1\0\0\0\2\0\1' >odd/train-labels-idx1-ubyte
printf '\0\0\10\3\0\0\0\1\0\0\0\5\0\0\0\7%s' "$pixels" >odd/t10k-images.idx3-ubyte
printf '\0\0\10\1\0\0\0\1\1' >odd/t10k-labels.idx1-ubyte
"$DLEXP" data odd --out out/of/odd --json >printed.json 2>said
holds printed.json '"unknown data"'
holds printed.json '0.47058823529411764' # 'x' is 120: 120 / 255
holds said 'the sheet has 2 samples instead of 60'
[ -s out/of/odd/samples.csv ] || fail "nothing was written to a directory that had to be made"

# A set as EMNIST's letters: its names, labels from 1, images on their side, in gzip files of two members; beside another
# one.  With both options it is the set above.
mkdir emnist
turn() { # as an image of 7 x 5
    printf '\0\0\10\3\0\0\0%b\0\0\0\7\0\0\0\5' "$1" | gzip -c
    printf "$pixels%.0s" "${@:2}" | gzip -c
}
turn '\2' 1 2 >emnist/emnist-letters-train-images-idx3-ubyte.gz
turn '\1' 1 >emnist/emnist-letters-test-images-idx3-ubyte.gz
printf '\0\0\10\1\0\0\0\2\1\2' | gzip -c >emnist/emnist-letters-train-labels-idx1-ubyte.gz
printf '\0\0\10\1\0\0\0\1\2' >emnist/emnist-letters-test-labels-idx1-ubyte
cp emnist/emnist-letters-train-images-idx3-ubyte.gz emnist/emnist-digits-train-images-idx3-ubyte.gz
status=0
"$DLEXP" data emnist 2>said || status=$?
[ "$status" -eq 3 ] || fail "two sets in one directory gave exit status $status"
holds said "expected one, got 2; name one of them: 'emnist/emnist-digits', 'emnist/emnist-letters'"
"$DLEXP" data emnist/emnist-letters --out out/emnist --json >turned.json 2>said
holds said "hint: no training image is of class 0, the smallest label is 1; if the classes begin there, --label-offset 1"
"$DLEXP" data emnist/emnist-letters --label-offset 1 --transpose --out out/emnist --json >turned.json 2>said
grep -q hint said && fail "a hint although the classes begin at 0"
sha() { # of all four files
    grep -o '"sha256":"[0-9a-f]*"\|"sha256":[[:space:]]*"[0-9a-f]*"' "$1" | head -n 1
}
[ -n "$(sha printed.json)" ] && [ "$(sha printed.json)" = "$(sha turned.json)" ] ||
    fail "the same data has two names: $(sha printed.json), $(sha turned.json)"

# The same for what trains: the plan's hint, and the same runs.
train() {
    "$DLEXP" batchnorm --batch 2 --epochs 1 --hidden 3 --norm none --lr 0.1 --out trained --dry-run "$@"
}
train --data odd >plain.txt
train --data emnist/emnist-letters --label-offset 1 --transpose >turned.txt
cmp -s plain.txt turned.txt || fail "other runs: $(diff plain.txt turned.txt)"
train --data emnist/emnist-letters >hinted.txt
holds hinted.txt '--label-offset 1 makes it 0'
"$DLEXP" bench --data emnist/emnist-letters --epochs 1 --hidden 3 --batch 2 --norm none >/dev/null 2>said
holds said '--label-offset 1 makes it 0'

if command -v gnuplot >/dev/null; then
    for folder in results/data out/of/odd; do
        head -c 4096 "$folder/samples.svg" | grep -q '<svg' || fail "$folder/samples.svg is no SVG"
        [ "$(head -c 4 "$folder/samples.png" | tail -c 3)" = PNG ] || fail "$folder/samples.png is no PNG"
    done
    # A gnuplot that fails is a failure, and no old picture stays.
    mkdir bin
    printf '#!/bin/sh\nexit 7\n' >bin/gnuplot
    chmod +x bin/gnuplot
    status=0
    PATH="$PWD/bin:$PATH" "$DLEXP" data odd --out out/of/odd >/dev/null 2>said || status=$?
    [ "$status" -eq 1 ] || fail "a failing gnuplot gave exit status $status"
    holds said 'failed with status 7'
    [ ! -e out/of/odd/samples.png ] || fail "the old picture stayed"
fi

# Without gnuplot: the tables, a remedy, and success.
status=0
PATH=/nonexistent "$DLEXP" data odd --out bare >printed 2>said || status=$?
[ "$status" -eq 0 ] || fail "without gnuplot the exit status was $status"
holds said 'install the package gnuplot'
[ -s bare/samples.csv ] && [ ! -e bare/samples.png ] || fail "without gnuplot: $(ls bare)"

# An output directory that cannot be: exit status 4, and nothing is printed.
status=0
"$DLEXP" data odd --out printed/below >nothing 2>said || status=$?
[ "$status" -eq 4 ] || fail "--out below a file gave exit status $status"
[ ! -s nothing ] || fail "printed although nothing could be written"
