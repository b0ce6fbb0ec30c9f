#!/usr/bin/env bash
# The same seed gives PyTorch's weights, at the start and after epochs of training, and its accuracies, all exactly, and
# its losses: dlexp batchnorm on the genuine MNIST against tests/golden (tests/golden/README.md).
set -u
. "${DLEXP_SOURCE_DIR:?the source tree}/tests/cli/tiny_data.bash"
golden=$DLEXP_SOURCE_DIR/tests/golden

train() {
    "$DLEXP" batchnorm --quiet "$@" >out.txt 2>err.txt || { complain "dlexp batchnorm $*: $(cat err.txt)"; finish; }
}

# compare WHAT PROGRAM: awk over golden rows (file 1) and measured rows (file 2); it prints what is wrong, END counts.
compare() {
    local what=$1 text
    shift
    text=$(awk -F, "$@" 2>&1) || complain "$what: awk failed"
    [ -z "$text" ] || complain "$what:
$text"
}
library='
    function key(from, to,   k, c) { k = $from; for (c = from + 1; c <= to; c++) k = k "," $c; return k }
    function apart(x, y) { return x == "" || y == "" ? 1e9 : (x > y ? x - y : y - x) }
    function relative(x, y) { return apart(x, y) / (y < 0 ? -y : y) }
    function wrong(what, got, expected) { if (++bad <= 5) print what " of " k ": expected " expected ", got " got }
    END { if (matched != expected_rows) print "expected " expected_rows " rows to compare, got " matched + 0 }'

# ---- initial weights: they depend on the seed and the sizes alone, so a tiny data set of the same shape does
make_data tiny 40 20 28 28 10
weights() {
    local hidden=$1
    shift
    train --data tiny --epochs 1 --batch 20 --lr 0.01 --hidden "${hidden//-/,}" --out weights --seeds="$1"
    compare "initial weights, hidden $hidden, seeds $1" -v hidden="$hidden" -v seeds="$1" "$library"'
        BEGIN { expected_rows = 2 * split(seeds, list, ","); for (i in list) asked[list[i]] = 1 }
        FNR == 1 { for (c = 1; c <= NF; c++) column[$c] = c; next }
        FILENAME == ARGV[1] { if ($3 == hidden && ($2 in asked)) { sha[$1 "," $2] = $4; count[$1 "," $2] = $5 }; next }
        { k = $1 "," $3 }
        k in sha {
            matched++
            if ($column["initial_weights_sha256"] != sha[k]) wrong("SHA-256", $column["initial_weights_sha256"], sha[k])
            if ($column["parameters"] != count[k]) wrong("parameters", $column["parameters"], count[k])
        }' "$golden/batchnorm_weights.csv" weights/summary.csv
}
weights 128-64 1234,1,0,-1
weights 128-64 4294967297
weights 32 1234
weights 300-100-50 1234

# ---- all parameters and running statistics after 1, 2 and 15 epochs, the first batch losses, and the accuracies
. "$DLEXP_SOURCE_DIR/tests/cli/same_bytes.bash" # sha256, running_sha256

# list_parameters PROTOCOL OPTIMIZER DIR: key, SHA-256 of the weights and, where the model file is that of the last
# epoch, of the running statistics.
list_parameters() {
    local protocol=$1 optimizer=$2 directory=$3 norm lr seed epoch best weights model file
    for file in "$directory"/models/*.safetensors; do
        printf '%s %s\n' "$(sha256 <"$file" | cut -d' ' -f1)" "$file"
    done >models.txt
    awk -F, 'FNR == 1 { for (c = 1; c <= NF; c++) column[$c] = c; next }
        { print $column["norm"], $column["lr"], $column["seed"], $column["final_epoch"], $column["best_epoch"],
            $column["final_weights_sha256"], $column["best_model_sha256"] }' "$directory/summary.csv" |
        while read -r norm lr seed epoch best weights model; do
            file=$(sed -n "s/^$model //p" models.txt | head -n 1)
            printf '%s,' "$protocol" "$norm" "$optimizer" "$lr" "$seed" "$epoch" "$weights"
            if [ "$best" = "$epoch" ]; then running_sha256 "$file" | tr -d '\n'; else printf unknown; fi
            echo
        done >>parameters.csv
}

: >parameters.csv
: >steps.csv
: >epochs.csv
seeds=1,33 rows=40
[ -z "${DLEXP_LONG:-}" ] || seeds=1,2,33,1234 rows=56
for pair in momentum:0.01 sgd:0.1 rmsprop:0.001 adam:0.001; do
    optimizer=${pair%:*}
    train --optimizer "$optimizer" --lr "${pair#*:}" --seeds $seeds --epochs 1 --save-best --out "one-$optimizer"
    train --optimizer "$optimizer" --lr "${pair#*:}" --seeds 33,1234 --epochs 2 --save-best --log-every 1 \
        --out "$optimizer"
    list_parameters fair "$optimizer" "one-$optimizer"
    list_parameters fair "$optimizer" "$optimizer"
    awk -F, -v o="$optimizer" -v OFS=, 'FNR > 1 { $1 = $1 "," o; print }' "$optimizer/steps.csv" >>steps.csv
    awk -F, -v o="$optimizer" -v OFS=, 'FNR > 1 { $1 = $1 "," o; print }' "$optimizer/epochs.csv" >>epochs.csv
done
train --save-best --out homework
list_parameters fair momentum homework
train --protocol notebook --epochs 2 --save-best --log-every 1 --out notebook
list_parameters notebook momentum notebook

compare "parameters" -v expected_rows=$rows "$library"'
    { k = key(1, 6) }
    FILENAME == ARGV[1] { if (FNR > 1) { sha[k] = $7; running[k] = $8 }; next }
    k in sha {
        matched++
        if ($7 != sha[k]) wrong("SHA-256 of the weights", $7, sha[k])
        if ($8 == "unknown") unknown++
        else if ($8 != running[k]) wrong("SHA-256 of the running statistics", $8, running[k])
    }
    END { if (unknown > 6) print "the running statistics of " unknown " runs were not looked at" }' \
    "$golden/batchnorm_parameters.csv" parameters.csv
# PyTorch averages a batch in float32, in an order of its own.
compare "batch losses" -v expected_rows=1600 "$library"'
    { k = key(1, 5) }
    FILENAME == ARGV[1] { if (FNR > 1) loss[k] = $6; next }
    k in loss { matched++; if (!(relative($6, loss[k]) <= 1e-6)) wrong("loss", $6, loss[k]) }' \
    "$golden/batchnorm_steps.csv" steps.csv
compare "epochs" -v expected_rows=16 "$library"'
    { k = key(1, 5) }
    FILENAME == ARGV[1] { if (FNR > 1) { a[k] = $6; b[k] = $7; c[k] = $8; d[k] = $9 }; next }
    k in a {
        matched++
        if (!(relative($6, a[k]) <= 1e-6)) wrong("training loss", $6, a[k])
        if (!(apart($7, b[k]) <= 1e-6)) wrong("training accuracy", $7, b[k]) # nine digits
        if (!(relative($8, c[k]) <= 1e-6)) wrong("test loss", $8, c[k])
        if (!(apart($9, d[k]) <= 1e-6)) wrong("test accuracy", $9, d[k])
    }' "$golden/batchnorm_epochs.csv" epochs.csv

# ---- the homework's notebook, the chaotic rate with the others
compare "notebook, batch losses" -v expected_rows=80 "$library"'
    { k = key(NF - 4, NF - 1) }
    FILENAME == ARGV[1] { if (FNR > 1) loss[k] = $NF; next }
    k in loss { matched++; if (!(relative($NF, loss[k]) <= 1e-6)) wrong("loss", $NF, loss[k]) }' \
    "$golden/notebook_steps.csv" notebook/steps.csv
compare "notebook, epochs" -v expected_rows=8 "$library"'
    FILENAME == ARGV[1] {
        k = key(2, 5)
        if (FNR > 1) { a[k] = $6; b[k] = $7; c[k] = $8 }
        next
    }
    { k = key(1, 4) }
    k in a {
        matched++
        if (!(relative($5, a[k]) <= 1e-6)) wrong("training loss", $5, a[k])
        if (!(apart($6, b[k]) <= 1e-6)) wrong("training accuracy", $6, b[k])
        if (!(apart($8, c[k]) <= 1e-6)) wrong("test accuracy", $8, c[k])
    }' "$golden/notebook.csv" notebook/epochs.csv
finish
