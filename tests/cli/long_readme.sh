#!/usr/bin/env bash
# The README's example commands, as they stand, from top to bottom: each ends well, and all files go below results/.
set -u
. "${DLEXP_SOURCE_DIR:?the source tree}/tests/cli/tiny_data.bash"
mkdir bin
ln -s "$DLEXP" bin/dlexp
export PATH=$PWD/bin:$PATH
mkdir checkout
cd checkout || exit 1
ln -s "$DLEXP_SOURCE_DIR/scripts" "$DLEXP_SOURCE_DIR/data" .

awk '/^## /{ inside = /example/ } inside && /^```/ { code = !code; next } inside && code && NF' \
    "$DLEXP_SOURCE_DIR/README.md" >../commands
commands=0
while IFS= read -r line; do
    if [[ $line == gnuplot* ]] && ! command -v gnuplot >/dev/null; then
        echo "left out, as gnuplot is not installed: $line"
        continue
    fi
    commands=$((commands + 1))
    bash -c "$line" >../out.txt 2>../err.txt || complain "exit status $?: $line: $(tail -n 1 ../err.txt)"
done <../commands
[[ $commands -ge 15 ]] || complain "expected 15 commands or more in the README, got $commands"
for entry in *; do
    case $entry in results | scripts | data) ;; *) complain "the examples left '$entry' in the checkout" ;; esac
done
for picture in results/accuracy results/objective; do
    command -v gnuplot >/dev/null || break
    [[ -s $picture.svg && -s $picture.png ]] || complain "no pictures $picture.svg and .png"
done
finish
