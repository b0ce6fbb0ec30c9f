#!/usr/bin/env bash
# What dlexp batchnorm varies beside rate and seed is PyTorch's, too: every parameter and running statistic to the bit,
# rates of a schedule and accuracies exactly, and losses but for PyTorch's averages in float32; on the genuine MNIST
# against tests/golden.
set -u
. "${DLEXP_SOURCE_DIR:?the source tree}/tests/cli/tiny_data.bash"
. "$DLEXP_SOURCE_DIR/tests/cli/same_bytes.bash" # sha256, running_sha256
golden=$DLEXP_SOURCE_DIR/tests/golden

# list_running DIR: key and SHA-256 of the running statistics of those runs whose model file is that of the last epoch.
list_running() {
    local norm lr seed epoch best run
    echo norm,lr,seed,running_sha256
    awk -F, 'FNR == 1 { for (c = 1; c <= NF; c++) column[$c] = c; next }
        { print $column["norm"], $column["lr"], $column["seed"], $column["final_epoch"], $column["best_epoch"], $column["run"] }
        ' "$1/summary.csv" |
        while read -r norm lr seed epoch best run; do
            [ "$best" = "$epoch" ] && [ "$norm" = batchnorm ] || continue
            echo "$norm,$lr,$seed,$(running_sha256 "$1/models/${norm}_lr${lr}_seed${seed}_${run:0:8}.safetensors")"
        done
}

# compare_variant GOLDEN OPTIONS SEEDS: the runs of these options; their norms and rates are in the file.
compare_variant() {
    local file=$1 options=$2 seeds=$3 norms lrs text epochs=
    case $options in *--epochs*) ;; *) epochs="--epochs 1" ;; esac
    norms=$(awk -F, -v o="$options" '$1 == o && !seen[$2]++ { print $2 }' "$file" | paste -sd,)
    lrs=$(awk -F, -v o="$options" '$1 == o && !seen[$3]++ { print $3 }' "$file" | paste -sd,)
    # shellcheck disable=SC2086
    "$DLEXP" batchnorm --quiet --norm "$norms" --lr "$lrs" --seeds "$seeds" $epochs $options --log-every 1 --save-best \
        --out variant >out.txt 2>err.txt || { complain "dlexp batchnorm $options: $(cat err.txt)"; return; }
    list_running variant >running.csv
    text=$(awk -F, -v options="$options" '
        function apart(x, y) { return x == "" || y == "" ? 1e9 : (x > y ? x - y : y - x) }
        function wrong(what, got, expected) { if (++bad <= 5) print what " of " k ": expected " expected ", got " got }
        FNR == 1 { for (c = 1; c <= NF; c++) column[FILENAME, $c] = c; next }
        function of(name) { return $column[FILENAME, name] }
        { k = of("norm") "," of("lr") "," of("seed") }
        FILENAME == ARGV[1] {
            if (of("options") != options) next
            epochs[k "," of("epoch")] = $0
            if (of("epoch") > last[k]) {
                last[k] = of("epoch"); sha[k] = of("sha256"); running[k] = of("running_sha256")
                if ((FILENAME, "evals") in column) { best[k] = of("best_epoch") "," of("best_test_accuracy_percent"); looks[k] = split(of("evals"), e, " "); for (i in e) look[k, i] = e[i] }
            }
            if (of("epoch") == 1) losses[k] = of("first_train_losses")
            next
        }
        FILENAME ~ /summary/ && k in sha {
            finals++
            if (k in best && of("best_epoch") "," of("best_test_accuracy_percent") != best[k])
                wrong("best epoch and its test accuracy", of("best_epoch") "," of("best_test_accuracy_percent"), best[k])
            if (of("final_weights_sha256") != sha[k]) wrong("SHA-256 of the weights", of("final_weights_sha256"), sha[k])
        }
        FILENAME ~ /running/ && k in sha {
            looked++
            if (of("running_sha256") != running[k]) wrong("SHA-256 of the running statistics", of("running_sha256"), running[k])
        }
        FILENAME ~ /epochs/ && (k "," of("epoch")) in epochs {
            rows++
            split(epochs[k "," of("epoch")], g, ",")
            if ((FILENAME, "learning_rate") in column && of("learning_rate") != g[column[ARGV[1], "learning_rate"]])
                wrong("rate", of("learning_rate"), g[column[ARGV[1], "learning_rate"]])
            rated += (FILENAME, "learning_rate") in column
            for (name in measures) {
                expected = g[column[ARGV[1], name]]
                tolerance = name ~ /loss/ ? 1e-6 * expected : 1e-6 # nine digits of an accuracy
                if ((ARGV[1], name) in column && expected == "" && options ~ /--validation/ && of(name) != "") wrong(name, of(name), "none")
                if (expected != "" && !(apart(of(name), expected) <= tolerance)) wrong(name, of(name), expected)
            }
        }
        FILENAME ~ /evals/ && k in looks {
            split(look[k, ++looked_at[k]], e, ":")
            if (of("step") != e[1] || of("split") != "validation" || !(apart(of("loss"), e[2]) <= 1e-6 * e[2]) || !(apart(of("accuracy_percent"), e[3]) <= 1e-6))
                wrong("evaluation " looked_at[k], of("step") ":" of("loss") ":" of("accuracy_percent"), look[k, looked_at[k]])
        }
        FILENAME ~ /steps/ && k in losses {
            count = split(losses[k], l, " ")
            if (of("step") > count) next
            steps++
            if (!(apart(of("train_loss"), l[of("step")]) <= 1e-6 * l[of("step")]))
                wrong("loss of batch " of("step"), of("train_loss"), l[of("step")])
        }
        BEGIN { split("train_loss train_accuracy_percent test_loss test_accuracy_percent validation_loss validation_accuracy_percent", m, " "); for (i in m) measures[m[i]] }
        END {
            for (k in looks) if (looked_at[k] != looks[k]) print "expected " looks[k] " evaluations of " k ", got " looked_at[k] + 0
            for (k in sha) { runs++; running_runs += running[k] != ""; all += last[k]; batches += split(losses[k], l, " ") }
            if (options ~ /--schedule/ && rated != rows) print "no rates to compare"
            if (running_runs > 0 && !looked) print "no running statistics were looked at"
            if (runs == 0) print "no such runs among the golden ones"
            if (finals != runs || rows != all || steps != batches)
                print "expected " runs " runs, " all " epochs and " batches " batches to compare, got " \
                    finals + 0 ", " rows + 0 " and " steps + 0
        }' "$file" variant/summary.csv running.csv variant/epochs.csv variant/steps.csv $(ls variant/evals.csv 2>/dev/null) 2>&1) || complain "$options: awk failed"
    [ -z "$text" ] || complain "$options:
$text"
}

# compare_part PART: all runs of the file; without DLEXP_LONG those whose row matches none of the patterns.
compare_part() {
    local part=$1 file=$golden/variant_$1.csv options pattern
    [ -s "$file" ] || complain "no $file"
    shift
    if [ $# -gt 0 ] && [ -z "${DLEXP_LONG:-}" ]; then
        for pattern; do grep -qe "$pattern" "$file" || complain "no row of $file has '$pattern'"; done
        grep -v "${@/#/-e}" "$file" >"$part.csv"
        file=$part.csv
    fi
    while read -r options; do
        compare_variant "$file" "$options" \
            "$(awk -F, -v o="$options" '$1 == o && !seen[$4]++ { print $4 }' "$file" | paste -sd,)"
    done < <(awk -F, 'FNR > 1 && !seen[$1]++ { print $1 }' "$file")
}

compare_part optimizers ',33,1,'
compare_part schedules '--schedule cosine --epochs' '--protocol notebook --schedule cosine' '--optimizer adam'
compare_part layers '--optimizer adam --activation'
compare_part batches
compare_part validation '--optimizer adam.*,batchnorm,'
finish
