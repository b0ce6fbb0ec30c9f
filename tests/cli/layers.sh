#!/usr/bin/env bash
# --layers: what the hidden layers do is PyTorch's (tests/golden/layers.csv), is noted for every net and protocol without a
# bit of the run changed, and is the same for any kernels, threads and jobs; a stored run without it is trained once more.
set -u
. "${DLEXP_SOURCE_DIR:?the source tree}/tests/cli/tiny_data.bash"
. "$DLEXP_SOURCE_DIR/tests/cli/same_bytes.bash" # make_both_data
golden=$DLEXP_SOURCE_DIR/tests/golden/layers.csv

run() {
    "$DLEXP" batchnorm "$@" >out.txt 2>err.txt </dev/null || complain "$*: exit status $?: $(tail -n 1 err.txt)"
}
tiny='--batch 47 --epochs 2'
net='--hidden 17,9'

# same WHAT DIRECTORY DIRECTORY: the tables that both have.
same() {
    local table
    for table in epochs steps summary groups curves claims; do
        cmp -s "$2/$table.csv" "$3/$table.csv" || complain "$1: another $table.csv"
    done
}

# ---- PyTorch's, to nine digits: those of the parameters to the bit, the passes rounded as there
if [ -e "$DLEXP_SOURCE_DIR/data/mnist" ]; then
    while read -r options; do
        # shellcheck disable=SC2086
        run --quiet --layers --epochs 2 --norm none,batchnorm --lr 0.01,0.5 $options --out golden
        awk -F, -v options="$options" '
            function apart(x, y) { return x > y ? x - y : y - x }
            function size(x) { return x < 0 ? -x : x }
            FNR == 1 { next }
            FNR == NR { if ($1 == options) { key = $2 "," $3 "," $4 "," $5 "," $6; golden[key] = $0; expected++ }; next }
            ($1 "," $2 "," $3 "," $4 "," $5) in golden {
                split(golden[$1 "," $2 "," $3 "," $4 "," $5], g, ",")
                found++
                # A mean may lie near 0: what it was rounded from is as large as the spread.
                for (c = 6; c <= 12; c++)
                    if (($c == "") != (g[c + 1] == "") || apart($c, g[c + 1]) > 1e-6 * (size($c) + (c <= 8 ? size($7) : 0))) {
                        print "column " c " of " $0 ": expected " g[c + 1]; bad++
                    }
            }
            END { if (found != expected || !expected) print "expected " expected " rows, got " found + 0 }' "$golden" golden/layers.csv >wrong.txt
        [ ! -s wrong.txt ] || complain "golden $options: $(head -n 3 wrong.txt)"
    done < <(awk -F, 'FNR > 1 && !seen[$1]++ { print $1 }' "$golden")
fi

# ---- the run is the same bit for bit, its name too
make_both_data
for data in sparse dense; do
    for options in "$net --seeds 1..2" "$net --protocol notebook --lr 0.1,0.3" "$net --norm none --lr 0.1,1e30" \
        "$net --norm layernorm --activation tanh --lr 0.1" "--hidden none --norm none" "--hidden 5 --hidden 6,4,3 --lr 0.1"; do
        rm -rf without with
        # shellcheck disable=SC2086
        run --quiet --data $data $tiny $options --log-every 1 --save-best --out without
        # shellcheck disable=SC2086
        run --quiet --data $data $tiny $options --log-every 1 --save-best --out with --layers
        same "$data $options" without with
        diff -r without/models with/models >/dev/null || complain "$data $options: other models"
        (cd without && find runs -name '*.run' | sort) >names.txt
        (cd with && find runs -name '*.run' | sort) | cmp -s - names.txt || complain "$data $options: other names of runs"
        [ ! -e without/layers.csv ] && [ ! -e without/layer_curves.csv ] || complain "layers.csv without --layers"
        # A row for each hidden layer of each row of epochs.csv, the keys first.
        awk -F, -v layers="$(grep -q 'hidden none' <<<"$options" && echo 0 || echo 2)" '
            FNR == NR { rows += FNR > 1; next }
            FNR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; hidden = "hidden" in c; bad += $1 != "norm" || $2 != "lr" || $3 != "seed"; next }
            { gsub(/"[^"]*"/, "net"); seen++; bad += $c["epoch"] < 1 || $c["layer"] < 1 || $c["weight_norm"] <= 0 || $c["gradient_norm"] == "" || $c["input_std"] <= 0 }
            END { exit !(bad == 0 && (hidden ? seen == rows * 2 : seen == rows * layers)) }' with/epochs.csv with/layers.csv ||
            complain "$data $options: layers.csv: $(head -n 5 with/layers.csv)"
    done
done
# (Above, of two nets, one has 1 hidden layer and the other 3: on average 2.)

# ---- the same bytes whoever computes
run --quiet --data sparse $tiny $net --seeds 1..2 --layers --out reference
for how in "--kernels portable --jobs 1" "--threads 3 --jobs 2"; do
    # shellcheck disable=SC2086
    run --quiet --data sparse $tiny $net --seeds 1..2 --layers --out other --force $how
    cmp -s reference/layers.csv other/layers.csv || complain "$how: another layers.csv"
done

# ---- empty for what has no dead units; means over seeds as in layers.csv
run --quiet --data sparse $tiny $net --activation relu,sigmoid --lr 0.1 --norm none --seeds 1..3 --layers --out two
awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next }
    { relu = $c["activation"] == "relu"; seen[relu]++; bad += ($c["dead_percent"] != "") != relu }
    END { exit !(seen[0] && seen[1] && !bad) }' two/layers.csv || complain "dead units: $(head -n 3 two/layers.csv)"
awk -F, 'function key() { return $1 "," $2 "," $c["activation"] "," $c["epoch"] "," $c["layer"] }
    FNR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; file++; next }
    file == 1 { sum[key()] += $c["input_std"]; runs[key()]++; next }
    { d = sum[key()] / runs[key()] - $c["input_std"]; rows++; bad += $c["runs"] != 3 || d > 1e-12 || d < -1e-12 }
    END { exit !(rows == 8 && !bad) }' two/layers.csv two/layer_curves.csv || complain "means: $(cat two/layer_curves.csv)"

# ---- a stored run: trained again only for what it lacks
run --data sparse $tiny $net --lr 0.1 --log-every 1 --out stored
cp -r stored before
run --data sparse $tiny $net --lr 0.1 --log-every 1 --out stored --layers
tr -s ' \n' '  ' <err.txt | grep -q "2 of them again: .* layers' numbers that --layers asks for" || complain "--layers later: $(cat err.txt)"
same "--layers later" before stored
cp stored/layers.csv .
run --data sparse $tiny $net --lr 0.1 --log-every 1 --out stored --layers
[ "$(grep -c '"computed_now":.*true' stored/run.json)" -eq 0 ] || complain "--layers again: trained again"
cmp -s stored/layers.csv layers.csv || complain "--layers again: another layers.csv"
run --data sparse $tiny $net --lr 0.1 --log-every 1 --out stored
[ "$(grep -c '"computed_now":.*true' stored/run.json)" -eq 0 ] || complain "without --layers: trained again"
[ ! -e stored/layers.csv ] || complain "without --layers: an old layers.csv stays"
same "without --layers" before stored
finish
