#!/usr/bin/env bash
# --dataset finds a data set by its name where it usually lies, and reads it as it must be; where it lay changes no run.
set -u
. "${DLEXP_SOURCE_DIR:?the source tree}/tests/cli/tiny_data.bash"
export HOME=$PWD/home
unset TORCH_HOME XDG_CACHE_HOME
make_data plain 30 20 3 4 3
# No pictures are drawn here: an SVG, and what stands for a PNG behind it.
mkdir bin && printf '#!/bin/sh\necho "<svg width=\\"9\\" height=\\"9\\"><g id=\\"gnuplot_canvas\\"></g></svg>" png\n' >bin/gnuplot && chmod +x bin/gnuplot
export PATH=$PWD/bin:$PATH

# prefixed PREFIX FOLDER: the tiny set, as the archives of EMNIST and QMNIST unpack.
prefixed() {
    local file
    mkdir -p "$2"
    for file in plain/*; do cp "$file" "$2/$1-$(basename "$file")"; done
}
# sha NAME ARGUMENTS...: the hash of the data that `dlexp data` reads.
sha() { "$DLEXP" data "$@" --samples 1 --json --out sheet 2>err.txt | sed -n 's/^\t"sha256":\t"\(.*\)",/\1/p'; }

"$DLEXP" data --dataset kmnist --out sheet >/dev/null 2>err.txt
[ $? -eq 3 ] && grep -q 'cannot find the data set kmnist: .*data/KMNIST/raw.*home/.cache/torch/kmnist' err.txt ||
    complain "a data set that is nowhere: $(cat err.txt)"

# ---- each root and folder, one after the other, the first winning
expected=$(sha plain)
[ -n "$expected" ] || complain "no hash: $(cat err.txt)"
for place in home/datasets/kmnist home/.cache/KMNIST torch/KMNIST/raw data/kmnist; do
    mkdir -p "$(dirname $place)"
    cp -r plain $place
    [ "$(TORCH_HOME=torch sha --dataset kmnist)" = "$expected" ] || complain "not found in $place: $(cat err.txt)"
    last=$place
done
TORCH_HOME=torch "$DLEXP" data --list --json >list.json
tr -d '\n\t' <list.json | sed 's/}/}\n/g' | grep '"dataset":"kmnist"' >kmnist
[ "$(grep -c '"there":true' kmnist)" -eq 4 ] || complain "--list does not know all four places: $(cat kmnist)"
grep '"used":true' kmnist | grep -q "\"place\":\"$last\"" || complain "read is not $last but $(grep '"used":true' kmnist)"
prefixed qmnist home/.cache/torch/QMNIST/raw
[ "$(sha --dataset qmnist)" = "$expected" ] || complain "qmnist: $(cat err.txt)"

# ---- read as it must be: EMNIST lies on its side, and its letters begin at 1
make_data plain 30 20 3 4 3
for file in plain/*labels*; do # labels + 1
    { head -c 8 "$file"; tail -c +9 "$file" | od -An -v -tu1 -w1 | awk '{ print $1 + 1 }' | octal_bytes; } >new && mv new "$file"
done
prefixed emnist-letters data/EMNIST/raw
turned=$(sha data/EMNIST/raw/emnist-letters --transpose --label-offset 1)
[ -n "$turned" ] && [ "$turned" = "$(sha --dataset emnist-letters)" ] || complain "emnist-letters: $(cat err.txt)"
[ "$turned" != "$(sha data/EMNIST/raw/emnist-letters --label-offset 1)" ] || complain "--transpose does nothing"

# ---- a run's name hangs on the data, not on where they lay
net='--hidden 4 --batch 10 --epochs 1 --lr 0.1 --norm none'
# shellcheck disable=SC2086
{
    "$DLEXP" batchnorm --dataset emnist-letters $net --out one >/dev/null 2>err.txt || complain "training: $(cat err.txt)"
    "$DLEXP" batchnorm --data data/EMNIST/raw/emnist-letters --transpose --label-offset 1 $net --out two >/dev/null 2>&1
}
[ "$(cd one && find . -name '*.run')" = "$(cd two && find . -name '*.run')" ] || complain "a run has another name"
cmp -s one/epochs.csv two/epochs.csv || complain "another table"
"$DLEXP" bench --dataset emnist-letters --hidden 4 --batch 10 --epochs 1 --out bench >/dev/null 2>err.txt || complain "bench: $(cat err.txt)"

# ---- what is not the published one is said
cp -r plain data/fashion-mnist
"$DLEXP" data --dataset fashion-mnist --out sheet >/dev/null 2>err.txt
[ $? -eq 3 ] && grep -q "data set fashion-mnist: expected the published files" err.txt || complain "not said: $(cat err.txt)"
"$DLEXP" data --list >list.txt
tr -s ' \n' ' ' <list.txt | grep -q 'fashion-mnist not the published files; 30 + 20 images' || complain "$(cat list.txt)"
! grep -q '.\{81\}' list.txt || complain "--list is wider than 80 columns"

# ---- the cache (unit.raw_cache): the same tables without, with an empty, a full and a damaged one
images=$PWD/cache/images
train() { "$DLEXP" batchnorm --lr 0.1 --norm none --epochs 1 --hidden 4 --batch 600 --bits -q --out "$@" >/dev/null 2>err.txt; }
same() { cmp without/epochs.csv "$1/epochs.csv" && cmp without/hardest_pixels.csv "$1/hardest_pixels.csv" && diff -r -x .claims without/runs "$1/runs"; }
DLEXP_CACHE=off train without || complain "without a cache: $(cat err.txt)"
export DLEXP_CACHE=$PWD/cache
for state in empty full damaged; do
    if [ $state = damaged ]; then
        for file in "$images"/*; do printf x | dd of="$file" bs=1 seek=5000000 conv=notrunc 2>/dev/null; done
    fi
    train $state || complain "with a cache that is $state: $(cat err.txt)"
    same $state || complain "other results with a cache that is $state"
    [ "$(find "$images" -type f | wc -l)" -eq 2 ] || complain "not two files of images: $(find cache)"
    for file in "$images"/*; do
        [ "$(sha256sum <"$file" | cut -d' ' -f1)" = "$(basename "$file")" ] || complain "$state: $file is damaged"
    done
done
"$DLEXP" data --list | tr -s ' \n' ' ' | grep -q "Cache: 55 MB in '$PWD/cache'" || complain "--list says nothing of the cache"
# What is in the store needs no training images.
rm "$images"/ba*
train full || complain "again: $(cat err.txt)"
[ "$(find "$images" -type f | wc -l)" -eq 1 ] || complain "images were read for runs that are in the store"
touch blocked
DLEXP_CACHE=$PWD/blocked train blocked-cache || complain "with a file in the place of the cache: $(cat err.txt)"
[ ! -s err.txt ] || complain "a cache that cannot be had is told: $(cat err.txt)"
DLEXP_CACHE=off "$DLEXP" data --list | grep -q '^Cache: none' || complain "--list says nothing of no cache"

"$DLEXP" data plain --dataset kmnist --out sheet >/dev/null 2>err.txt
[ $? -eq 2 ] && grep -q 'got both' err.txt || complain "DIR and --dataset: $(cat err.txt)"
finish
