#!/usr/bin/env bash
# The README's commands, as they stand, from top to bottom: each ends well, all files are below results/ or named in it, and what the
# table of findings says of a command is what its result says.
set -u
. "${DLEXP_SOURCE_DIR:?the source tree}/tests/cli/tiny_data.bash"
mkdir bin
ln -s "$DLEXP" bin/dlexp
export PATH=$PWD/bin:$PATH
mkdir checkout
cd checkout || exit 1
ln -s "$DLEXP_SOURCE_DIR/scripts" "$DLEXP_SOURCE_DIR/data" .

readme=$DLEXP_SOURCE_DIR/README.md
awk '/^## /{ inside = /example|finds/ } inside && /^```/ { code = !code && /^```sh/; next } inside && code && NF' "$readme" >../commands

# findings NUMBER: the cells of that line of the table, one per line: "supported: 2.06 (1.82 to 2.71)".
findings() {
    awk -F ' *[|] *' -v number="$1" '$2 == number { for (i = 4; i <= 6; i++) if ($i != "") print $i }' "$readme"
}

# told CELL: the result in ../out.txt, whose lines are joined, has the cell's word and numbers in one claim.
told() {
    local word=${1%%[:,]*} numbers=${1#*:} number
    [[ $1 == *:* ]] || numbers=
    [[ $word == contradicted ]] && numbers=${numbers//-/ } # the sentence says "lower"
    while IFS= read -r claim; do
        [[ $claim == *": $word"* ]] || continue
        for number in $(grep -oE '[0-9]+([.][0-9]+)?' <<<"$numbers" | grep -vx 0.2); do
            [[ $claim =~ [^0-9.]$number([^0-9.]|[.][^0-9]) ]] || continue 2
        done
        return 0
    done < <(sed -n '/^converges faster/,/^which interval/p' ../out.txt | tr '\n' ' ' | tr -s ' ' |
        sed -E 's/(permits larger rates|ends better|which interval holds):/\n&/g')
    return 1
}

commands=0 checked=0
while IFS= read -r line; do
    if [[ $line == gnuplot* ]] && ! command -v gnuplot >/dev/null; then
        echo "left out, as gnuplot is not installed: $line"
        continue
    fi
    if [[ $line =~ \ --data\ (/[^ ]*) && ! -e ${BASH_REMATCH[1]} ]]; then
        echo "left out, as ${BASH_REMATCH[1]} is not installed: $line"
        continue
    fi
    commands=$((commands + 1))
    bash -c "$line" >../out.txt 2>../err.txt || complain "exit status $?: $line: $(tail -n 1 ../err.txt)"
    [[ $line =~ \#\ ([0-9]+)$ ]] || continue
    while IFS= read -r cell; do
        checked=$((checked + 1))
        told "$cell" || complain "the result does not say '$cell': $line"
    done < <(findings "${BASH_REMATCH[1]}")
done <../commands
[[ $commands -ge 40 ]] || complain "expected 40 commands or more in the README, got $commands"
[[ $checked -ge 16 ]] || complain "expected 16 cells or more in the table of findings, got $checked"
for entry in *; do
    case $entry in results | scripts | data) continue ;; esac
    grep -qE "[ >]$entry([/ ]|$)" ../commands || complain "the examples left '$entry' in the checkout, which none of them names"
done
for picture in $(grep -oE '^gnuplot .*' ../commands | awk '{ print $6 }'); do
    command -v gnuplot >/dev/null || break
    [[ -s $picture.svg && -s $picture.png ]] || complain "no pictures $picture.svg and .png"
done
finish
