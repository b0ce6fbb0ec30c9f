#!/usr/bin/env bash
# The homework itself, on the genuine MNIST: four runs of 15 epochs end as published, and are the same bytes after a kill in the
# middle and for any number of jobs. Half a minute.
set -u
. "${DLEXP_SOURCE_DIR:?the source tree}/tests/cli/tiny_data.bash"

"$DLEXP" batchnorm --out whole --jobs 1 --log-every 100 --quiet >result.txt 2>err.txt || complain "the run failed: $(cat err.txt)"
problems=$(awk -F, '
    FNR == 1 { for (c = 1; c <= NF; c++) column[$c] = c; next }
    { accuracy = $column["final_test_accuracy_percent"]; rows++ }
    $column["status"] != "completed" || $column["final_epoch"] != 15 { print "not completed: " $0 }
    $2 == 0.01 && !(accuracy > 97) { print "lr 0.01: expected above 97 %, got " accuracy }
    $1 == "batchnorm" && $2 == 0.5 && !(accuracy > 96) { print "batchnorm at 0.5: expected above 96 %, got " accuracy }
    $1 == "none" && $2 == 0.5 && !(accuracy < 12) { print "plain at 0.5: expected chance, got " accuracy }
    END { if (rows != 4) print "expected 4 runs, got " rows + 0 }' whole/summary.csv)
[ -z "$problems" ] || complain "$problems"
# One seed decides nothing, but what it shows is said.
grep -q '^permits larger rates: undecided: the net with BatchNorm trains up to 50 times' result.txt ||
    complain "the answers lack which rates work: $(cat result.txt)"
grep -q '^norm .* published$' result.txt || complain "the homework's numbers are not beside: $(cat result.txt)"
awk -F, 'NR > 1 && $4 != 1 { exit 1 } END { exit NR != 49 }' whole/published.csv || complain "published.csv lacks measured epochs"

for delay in 0.5 1 2; do
    "$DLEXP" batchnorm --out killed --jobs 2 --log-every 100 --quiet >/dev/null 2>&1 &
    sleep $delay
    kill -s KILL $! 2>/dev/null
    wait $! 2>/dev/null
done
"$DLEXP" batchnorm --out killed --jobs 2 --log-every 100 --quiet >/dev/null 2>err.txt || complain "after the kills: $(cat err.txt)"
for file in epochs.csv summary.csv steps.csv published.csv; do
    cmp -s whole/$file killed/$file || complain "$file differs after kills and with two jobs"
done
finish
