#!/usr/bin/env bash
# --validation: the run is the one of a data set whose training part ends where the held out images begin, whatever is in
# the test set, which is looked at once. --eval-every: more evaluations of the same net, and no bit of the run changed.
# (That both are PyTorch's: variants.sh.)
set -u
. "${DLEXP_SOURCE_DIR:?the source tree}/tests/cli/tiny_data.bash"
. "$DLEXP_SOURCE_DIR/tests/cli/same_bytes.bash" # make_both_data

run() {
    "$DLEXP" batchnorm --quiet "$@" >out.txt 2>err.txt </dev/null || complain "$*: exit status $?: $(tail -n 1 err.txt)"
}

# refused WHAT MESSAGE WORD...: a usage error that says so.
refused() {
    local what=$1 message=$2 status
    shift 2
    "$DLEXP" batchnorm "$@" --out refused >out.txt 2>err.txt
    status=$?
    [ $status -eq 2 ] || complain "$what: expected exit status 2, got $status"
    grep -qF -- "$message" err.txt || complain "$what: expected '$message', got $(cat err.txt)"
}

# columns FILE NAME...: these, without the heading.
columns() {
    local file=$1
    shift
    awk -F, -v names="$*" '
        NR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; count = split(names, n, " "); for (i = 1; i <= count; i++) if (!(n[i] in c)) exit 1; next }
        { line = $c[n[1]]; for (i = 2; i <= count; i++) line = line "," $c[n[i]]; print line }' "$file" || complain "$file: not all of $*"
}

# part FROM TO KIND FIRST COUNT ROWS COLUMNS [PART]: images of the training (or PART) file of FROM as the KIND of TO.
part() {
    local from=$1 to=$2 kind=$3 first=$4 count=$5 pixels=$(($6 * $7)) source=${8:-train} word
    mkdir -p "$to"
    word=$(printf '\\x%02x\\x%02x\\x%02x\\x%02x' $((count >> 24)) $((count >> 16 & 255)) $((count >> 8 & 255)) $((count & 255)))
    {
        head -c 4 "$from/$source-images-idx3-ubyte" && printf '%b' "$word"
        head -c 16 "$from/$source-images-idx3-ubyte" | tail -c 8
        tail -c +$((17 + first * pixels)) "$from/$source-images-idx3-ubyte" | head -c $((count * pixels))
    } >"$to/$kind-images-idx3-ubyte"
    {
        head -c 4 "$from/$source-labels-idx1-ubyte" && printf '%b' "$word"
        tail -c +$((9 + first)) "$from/$source-labels-idx1-ubyte" | head -c "$count"
    } >"$to/$kind-labels-idx1-ubyte"
}

# ---- the split: 23 of 100 images held out
make_data data 100 40 8 8 4
part data held train 0 77 8 8
part data held t10k 77 23 8 8
part data cut train 0 77 8 8
part data cut t10k 0 40 8 8 t10k
keys='norm lr seed epoch'
measures='train_loss train_accuracy_percent'
for options in '--batch 10 --hidden 12' '--batch 25 --drop-last --hidden 12,5 --optimizer adam --schedule step --step-size 1' \
    '--batch 77 --hidden none --norm none' '--batch 1 --hidden 6 --norm layernorm'; do
    # shellcheck disable=SC2086
    run --data data --validation 23 --epochs 3 --lr 0.003,0.01 --seeds 1..2 $options --out validated --save-best --force
    # shellcheck disable=SC2086
    run --data held --epochs 3 --lr 0.003,0.01 --seeds 1..2 $options --out held-out --save-best --force
    # shellcheck disable=SC2086
    run --data cut --epochs 3 --lr 0.003,0.01 --seeds 1..2 $options --out cut-off --force
    # shellcheck disable=SC2086
    columns validated/epochs.csv $keys $measures validation_loss validation_accuracy_percent >validated.txt
    # shellcheck disable=SC2086
    columns held-out/epochs.csv $keys $measures test_loss test_accuracy_percent | cmp -s - validated.txt ||
        complain "$options: other epochs than without the held out images: $(head -n 3 validated.txt)"
    [ -s validated.txt ] || complain "$options: no epochs"
    columns validated/summary.csv best_epoch >>best_epochs.txt
    columns validated/summary.csv norm lr seed final_weights_sha256 best_epoch best_validation_accuracy_percent final_validation_loss >validated.txt
    columns held-out/summary.csv norm lr seed final_weights_sha256 best_epoch best_test_accuracy_percent final_test_loss |
        cmp -s - validated.txt || complain "$options: other results than without the held out images"
    # The test set: the numbers at the end are those of the net that the other two ended with.
    columns validated/summary.csv norm lr seed final_test_loss final_test_accuracy_percent >validated.txt
    columns cut-off/summary.csv norm lr seed final_test_loss final_test_accuracy_percent |
        cmp -s - validated.txt || complain "$options: other numbers of the test set at the end"
    # Of the best epoch: as that run had them then; in epochs.csv of the last alone.
    awk -F, -v options="$options" '
        FNR == 1 { file++; delete c; for (i = 1; i <= NF; i++) c[$i] = i; next }
        { k = $1 "," $2 "," $3 }
        file == 1 { test[k, $c["epoch"]] = $c["test_accuracy_percent"]; next }
        file == 2 { rows++; bad += test[k, $c["best_epoch"]] == "" || $c["best_test_accuracy_percent"] != test[k, $c["best_epoch"]]; next }
        { bad += $c["epoch"] < 3 ? $c["test_loss"] != "" || $c["test_accuracy_percent"] != "" : $c["test_accuracy_percent"] != test[k, 3] }
        END { exit !(rows >= 4 && !bad) }' cut-off/epochs.csv validated/summary.csv validated/epochs.csv ||
        complain "$options: other test accuracies: $(cat validated/summary.csv)"
done
grep -q '^[12]$' best_epochs.txt || complain "the last epoch is the best of all runs: nothing was chosen"
[ "$(sed -n 's/^dlexp: note: //p' err.txt)" = "" ] || complain "notes: $(cat err.txt)"

# ---- at 0 they are not in a spec: the same runs
run --data data --batch 10 --hidden 12 --epochs 2 --lr 0.01 --out plain
"$DLEXP" batchnorm --data data --batch 10 --hidden 12 --epochs 2 --lr 0.01 --validation 0 --eval-every 0 --out plain >out.txt 2>err.txt
grep -q 'nothing to compute' err.txt || complain "--validation 0 is another run: $(cat err.txt)"

# ---- refused, with the reason and the remedy
plain='--data data --batch 10 --hidden 12 --epochs 2 --lr 0.01'
# shellcheck disable=SC2086
{
    refused "no batch left" "--validation: expected at most 90, which leaves a batch of 10 of the 100 training images to train on, got 91" $plain --validation 91
    refused "more than there are" "--validation: expected at most 90" $plain --validation 1000000000
    refused "the notebook" "--validation 10: expected none with --protocol notebook" $plain --validation 10 --protocol notebook
    refused "a batch of one that the split leaves" "got a batch of 1 from 91 training images; choose another batch size or --drop-last" $plain --norm batchnorm --validation 9
    run $plain --norm batchnorm --validation 9 --drop-last --out dropped
    run $plain --norm none --validation 90 --out most
}

# ---- evaluations between epochs: the run is the same bit for bit
make_both_data
for data in sparse dense; do
    for options in '--hidden 17,9 --seeds 1..2' '--hidden 17,9 --protocol notebook --lr 0.1,0.3' '--hidden 9 --norm none --lr 0.1,1e30' \
        '--hidden 9 --norm layernorm --activation tanh --lr 0.1 --validation 30' '--hidden none --norm none --lr 0.1 --validation 30' \
        '--hidden 17 --lr 0.1 --layers --drop-last'; do
        for every in 1 3 1000; do
            rm -rf without with
            # shellcheck disable=SC2086
            run --data $data --batch 47 --epochs 2 $options --log-every 1 --out without
            # shellcheck disable=SC2086
            run --data $data --batch 47 --epochs 2 $options --log-every 1 --eval-every $every --out with
            for table in epochs steps; do
                cmp -s without/$table.csv with/$table.csv || complain "$data $options, every $every: another $table.csv"
            done
            for run in without with; do
                columns $run/summary.csv norm lr seed status diverged_step final_weights_sha256 best_epoch best_test_accuracy_percent >$run.txt
            done
            cmp -s without.txt with.txt || complain "$data $options, every $every: another summary.csv"
            [ ! -e without/evals.csv ] || complain "$data $options: evals.csv that nobody asked for"
            # Every N-th step and every end of an epoch, once each, up to where a run diverged.
            awk -F, -v every=$every -v notebook="$(grep -c notebook <<<"$options")" '
                FNR == 1 { file++; for (i = 1; i <= NF; i++) c[file, $i] = i; next }
                { gsub(/"[^"]*"/, "net"); k = $1 "," $2 "," $3 }
                file == 1 { steps[k] = $c[1, "step"]; next }
                file == 2 { epochs[k]++; split_ = (2, "validation_loss") in c ? "validation" : "test"; loss[k, epochs[k]] = $c[2, split_ "_loss"]; acc[k, epochs[k]] = $c[2, split_ "_accuracy_percent"]; next }
                file == 3 { ended[k] = $c[3, "status"]; if ($c[3, "status"] == "completed") an_epoch = steps[k] / epochs[k]; next }
                { seen[k, $c[4, "step"]]++; last[k] = $c[4, "step"] > last[k] ? $c[4, "step"] : last[k]; rows[k]++
                  if ($c[4, "step"] % an_epoch == 0) {
                      e = $c[4, "step"] / an_epoch
                      own = notebook && e > 1 ? e * acc[k, e] - (e - 1) * acc[k, e - 1] : acc[k, e]
                      d = own - $c[4, "accuracy_percent"]
                      bad += $c[4, "loss"] != loss[k, e] || d > 1e-9 || d < -1e-9
                  } }
                END {
                    for (k in steps) {
                        expected = 0
                        for (s = 1; s <= steps[k]; s++)
                            if ((s % every == 0 && !(ended[k] == "diverged" && s == steps[k]) && s % an_epoch != 0) || (s % an_epoch == 0 && s / an_epoch <= epochs[k])) { expected++; bad += seen[k, s] != 1 }
                        bad += expected != rows[k]
                        runs++
                    }
                    exit !(runs > 0 && !bad)
                }' with/steps.csv with/epochs.csv with/summary.csv with/evals.csv ||
                complain "$data $options, every $every: evals.csv: $(head -n 5 with/evals.csv)"
        done
    done
done
grep -q ',test,' with/evals.csv || complain "the test set is not named: $(head -n 3 with/evals.csv)"

# ---- the same bytes whoever computes
words=(--data sparse --batch 47 --epochs 2 --hidden 17,9 --seeds 1..2 --validation 30 --eval-every 2)
run "${words[@]}" --out reference
for how in "--kernels portable --jobs 1" "--threads 3 --jobs 2"; do
    # shellcheck disable=SC2086
    run "${words[@]}" --out other --force $how
    for table in evals epochs summary; do
        cmp -s reference/$table.csv other/$table.csv || complain "$how: another $table.csv"
    done
    diff -r -x .claims reference/runs other/runs >/dev/null || complain "$how: other records"
done

# ---- a loss of the held out images that is not finite: one step an epoch, whose update is far too large
run --data data --validation 23 --batch 77 --hidden 16 --epochs 3 --lr 1e30 --norm none --out diverged
columns diverged/summary.csv status best_test_accuracy_percent | grep -qx 'diverged_in_validation,' || complain "in validation: $(cat diverged/summary.csv)"
grep -q '^ *1e+30  *25.00  *0/1\*$' out.txt || complain "in validation: $(cat out.txt)"
finish
