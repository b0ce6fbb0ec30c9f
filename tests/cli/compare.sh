#!/usr/bin/env bash
# `dlexp compare`: its numbers are those that tests/golden/make_compare.py computed, its words those of the rules; what is
# no number is refused where it stands.
set -euo pipefail
golden=$DLEXP_SOURCE_DIR/tests/golden

fail() {
    echo "compare.sh: $*" >&2
    exit 1
}

holds() { # FILE WORDS
    # Words that a line's end parts are together.
    tr -s ' \n' ' ' <"$1" | grep -qF -- "$(tr -s ' ' <<<"$2")" || fail "expected '$2' in $1: $(cat "$1")"
}

# refused STATUS WORDS ARGUMENTS...
refused() {
    local expected=$1 words=$2 status=0
    shift 2
    "$DLEXP" compare "$@" >printed 2>said || status=$?
    [ "$status" -eq "$expected" ] || fail "compare $*: expected exit status $expected, got $status"
    [ ! -s printed ] || fail "compare $*: printed something"
    holds said "$words"
}

for case in sleep far failing; do
    grep -e '^case,' -e "^$case," "$golden/compare_pairs.csv" >"$case.csv"
    "$DLEXP" compare "$case.csv" --family 3 --json --out "out-$case" >"$case.json"
    "$DLEXP" compare "$case.csv" --family 3 --margin 0.5 >"$case.txt"
done
python3 - "$golden/compare.csv" <<'EOF' || fail "other numbers than the golden ones"
import csv, json, math, sys

wrong = 0
for row in csv.DictReader(open(sys.argv[1])):
    numbers = {n["id"]: n for n in json.load(open(row["case"] + ".json"))["numbers"]}
    got = numbers[row["id"]]
    for key in ("estimate", "low", "high", "level", "p"):
        if row["id"] == "sign" and key in ("low", "high", "level"):
            continue  # Clopper & Pearson: unit.statistics_goldens
        expected = float(row[key]) if row[key] else math.nan
        same = got[key] is None if not math.isfinite(expected) else (
            got[key] is not None and abs(got[key] - expected) <= 1e-10 * max(1, abs(expected)))
        if not same:
            print(row["case"], row["id"], key, "expected", expected, "got", got[key])
            wrong += 1
sys.exit(wrong > 0)
EOF

# The words, and claims.csv, which JSON repeats.
holds sleep.txt 'Is a better than b? supported; mean difference 1.58, 95 % interval 0.7001 to 2.46 (Student t, paired), p 0.00283 (0.0085 as one of 3)'
holds sleep.txt 'if pairs were added after a look: undecided'
holds far.txt '(sign flips, paired), p 0.0156 (0.0469 as one of 3)'
holds failing.txt '(order interval and sign test, paired), p 0.0129 (0.0388 as one of 3); n 14, 2 failed runs'
[ "$(wc -l <out-failing/claims.csv)" -eq 2 ] || fail "claims.csv: $(cat out-failing/claims.csv)"
holds out-failing/claims.csv ',0.07,0.65,0.987060546875,"order interval and sign test, paired",14,2,'
# The other side, by exchanging the two or what is better.
"$DLEXP" compare sleep.csv --pair b,a >printed && holds printed 'Is b better than a? contradicted; mean difference -1.58'
"$DLEXP" compare sleep.csv --better smaller >printed && holds printed 'Is a better than b? contradicted; mean difference -1.58'
"$DLEXP" compare sleep.csv --margin 3 >printed && holds printed '; smaller than the margin, 3'
"$DLEXP" compare sleep.csv --pair a,a --margin 0.1 >printed && holds printed 'Is a better than a? equivalent'
holds printed 'no spread seen; surely smaller than the margin, 0.1'
"$DLEXP" compare sleep.csv --about median >printed && holds printed 'median difference 1.3, 97.85 % interval 0.8 to 2.4'

# Failures: worse than any finite value, two of them left out; written in many ways, from another system.
printf '\xef\xbb\xbf"steps of, ""x""",b,a\r\n,inf,3\r\n,NaN, 4\r\n, NA ,5\r\n,Infinity,inf\r\n,9,7\r\n,9,8\r\n,8,+inf\r\n,9,1e1\r\n' >steps.csv
"$DLEXP" compare steps.csv --better smaller >printed
holds printed '7 pairs: 5 won, 2 lost, 0 tied; 6 failed runs, 1 pair of two left out'
printf 'd\n1\ninf\n-inf\n2\n3\n4\n-5\n' >d.csv
"$DLEXP" compare d.csv --differences d >printed && holds printed '7 pairs: 5 won, 2 lost, 0 tied; 2 failed runs'
"$DLEXP" compare d.csv --differences d --better smaller >printed && holds printed '7 pairs: 2 won, 5 lost'

printf 'a,b\n1,1\n1,1\n2,2\n2,2\n3,3\n3,3\n' >tied.csv
"$DLEXP" compare tied.csv >printed && holds printed 'Is a better than b? undecided; median difference 0'
holds printed 'all pairs are tied, and no margin says which difference matters'
# Of three pairs the least number for a verdict is said; `needs` has the one that shows 0.2.
printf 'a,b\n1,2\n3,1\n1,1\n' >three.csv
"$DLEXP" compare three.csv --margin 0.2 >printed && holds printed 'a verdict needs 6 pairs and has 3; at least 3 more'
needs=$("$DLEXP" compare three.csv --margin 0.2 --json | grep -o '"needs":[^0-9]*[0-9]*' | tr -dc 0-9)
[ "$needs" -gt 100 ] || fail "needs of three pairs: $needs"

# None, one, the smallest and the largest.
printf 'a,b\n' >none.csv
"$DLEXP" compare none.csv >printed && holds printed 'Is a better than b? undecided; n 0, 0 failed runs; a verdict needs 6 pairs and has 0'
printf 'a,b\n1,2\n' >one.csv
"$DLEXP" compare one.csv >printed && holds printed 'mean difference -1; n 1, 0 failed runs; a verdict needs 6 pairs and has 1; at least 5 more'
printf 'a,b\n1e-320,-0\n2e-320,0\n3e-320,0\n2e-320,0\n2e-320,-0\n2e-320,0\n2e-320,0\n' >small.csv
"$DLEXP" compare small.csv >printed && holds printed 'mean difference 2e-320, 95 % interval 1.466e-320 to 2.534e-320 (Student t'
printf 'd\n1e308\n1.1e308\n1.2e308\n1.3e308\n1.4e308\n1.5e308\n' >large.csv
"$DLEXP" compare large.csv --differences d >printed && holds printed 'Is a better than b? supported; mean difference 1.25e+308'
! grep -q 'interquartile mean *inf' printed || fail "the interquartile mean overflowed"

# Semicolons, and decimal commas between them.
sed 's/,/;/g; s/\./,/g' sleep.csv >semicolons.csv
"$DLEXP" compare semicolons.csv | sed 's/semicolons.csv/sleep.csv/' >printed
"$DLEXP" compare sleep.csv | cmp - printed || fail "semicolons: $(cat printed)"

# Slips.
printf 'a,b\n1,2\n3,x\n' >text.csv
refused 3 "cannot compare 'text.csv', line 3, column 'b': expected a number, nan, inf or nothing, got 'x'" text.csv
printf 'a,b\n1,2\n1,inf\n' >slip.csv
refused 3 "line 3, column 'b': expected a number that can be reached" slip.csv
printf 'd,x\n,1\n' >slip.csv
refused 3 "expected a number, inf or -inf (which of the two runs failed?), got ''" slip.csv --differences d
printf 'a,b\n1e308,-1e308\n' >slip.csv
refused 3 "expected a difference that a double holds" slip.csv
refused 3 "expected a column 'c', got: a, b; name the columns with --pair A,B or --differences D" text.csv --pair a,c
printf 'a,a,b\n1,2,3\n' >slip.csv
refused 3 "expected one column 'a', got 2 of that name" slip.csv
printf 'a,b\n1\n' >slip.csv
refused 3 "line 2: expected 2 cells, got 1" slip.csv
refused 3 "expected a file" no-such.csv
refused 2 "--pair: expected the names of two columns with a comma between them, got 'ab'" text.csv --pair ab
refused 2 "--pair and --differences: expected one of them" text.csv --pair a,b --differences d
refused 2 "--better: unknown name 'bigger'" text.csv --better bigger
refused 2 "--margin: expected a number > 0" text.csv --margin 0
refused 2 "expected FILE after 'dlexp compare'"
[ ! -e results ] || fail "something was written without --out"
echo "compare: all numbers and words as they must be"
