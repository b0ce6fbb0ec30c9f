#!/usr/bin/env bash
# The run store: the same configuration gives the same bytes, whatever the jobs, the order, the interruptions and the damage;
# what is there is not computed again, and what was asked otherwise is not mixed in.
set -u
. "${DLEXP_SOURCE_DIR:?the source tree}/tests/cli/tiny_data.bash"
make_data data 500 200 8 8 4

# arguments OPTION...: sets words to the tiny configuration, except for what is given here.
arguments() {
    local pair
    words=(batchnorm "$@")
    for pair in data=data hidden=16,8 batch=20 epochs=6 log-every=7 lr=0.05,0.5 seeds=1..3; do
        case " $* " in *" --${pair%%=*} "*) ;; *) words+=("--$pair") ;; esac
    done
}

# batchnorm DIR OPTION...: the tiny configuration, with results in DIR.
batchnorm() {
    local out=$1
    shift
    arguments "$@"
    "$DLEXP" "${words[@]}" --out "$out" >out.txt 2>err.txt
}

# expect STATUS WHAT COMMAND...
expect() {
    local expected=$1 what=$2 status
    shift 2
    "$@"
    status=$?
    [ "$status" -eq "$expected" ] || complain "$what: expected exit status $expected, got $status: $(head -n 3 err.txt)"
}

# same WHAT DIR [FILE...]: the tables are the reference's.
same() {
    local what=$1 directory=$2 file
    shift 2
    for file in "${@:-epochs.csv summary.csv steps.csv}"; do
        for file in $file; do
            cmp -s "$reference/$file" "$directory/$file" || complain "$what: $file is not that of $reference"
        done
    done
}

# trained DIR: how many runs the last call computed.
trained() {
    grep -c '"computed_now":.*true' "$1/run.json"
}

# records DIR, others DIR: of the store, the records by name, and what else lies there.
records() {
    (cd "$1/runs" 2>/dev/null && find . -name '*.run' | sed 's|^\./||' | sort)
}
others() {
    find "$1/runs" -type f ! -name '*.run' ! -name .claims
}

expect_trained() {
    local got
    got=$(trained "$2")
    [ "$got" -eq "$3" ] || complain "$1: expected $3 runs to be trained, got $got"
}

reference=reference
expect 0 "one job" batchnorm reference --jobs 1
[ "$(wc -l <reference/epochs.csv)" -eq 73 ] || complain "epochs.csv: expected 12 runs of 6 epochs"
[ "$(wc -l <reference/summary.csv)" -eq 13 ] || complain "summary.csv: expected 12 runs"
[ "$(wc -l <reference/steps.csv)" -eq $((1 + 12 * 22)) ] || complain "steps.csv: expected steps 1, 7, 14, ..., 147 of 12 runs"
expect_trained "one job" reference 12

# ---- jobs, and the order of the lists
expect 0 "two jobs" batchnorm two --jobs 2
same "two jobs" two
expect 0 "five jobs, other order" batchnorm five --jobs 5 --lr 0.5,0.05 --seeds 3,1,2 --norm batchnorm,none
same "five jobs, other order" five
expect 0 "fewer cores than jobs" batchnorm many --jobs 64 --seeds 2..3,1..1 --lr 5e-1,0.050
same "64 jobs, numbers spelt otherwise" many
for kernels in $("$DLEXP" help batchnorm | grep -o 'portable\|avx2\|neon' | sort -u); do
    "$DLEXP" batchnorm --data data --kernels "$kernels" --dry-run --out none >/dev/null 2>&1 || continue
    expect 0 "$kernels kernels" batchnorm "kernels-$kernels" --kernels "$kernels"
    same "$kernels kernels" "kernels-$kernels"
done
for id in $(cut -d, -f17 reference/summary.csv | tail -n +2); do
    record=runs/${id:0:2}/$id.run
    cmp -s "reference/$record" "five/$record" || complain "the record $id depends on the call"
done

# ---- again: nothing is trained, nothing is written anew but run.json
before=$(ls -li two/*.csv two/runs/* | sed 's/^ *//')
expect 0 "again" batchnorm two
grep -q '^nothing to compute' err.txt || complain "again: it does not say that there is nothing to compute"
expect_trained "again" two 0
same "again" two
[ "$before" = "$(ls -li two/*.csv two/runs/* | sed 's/^ *//')" ] || complain "again: files were written anew"
grep -q '"seconds"' two/run.json || complain "again: run.json has lost the times of the runs"
[ -z "$(others two)" ] || complain "the store holds other files than records"

# ---- --force: the same bytes
expect 0 "--force" batchnorm two --force
expect_trained "--force" two 12
same "--force" two
diff -r -x .claims reference/runs two/runs >/dev/null || complain "--force: other records"

# ---- more seeds later
expect 0 "seeds 1..2" batchnorm grow --seeds 1..2
expect_trained "seeds 1..2" grow 8
expect 0 "seeds 1..3 after 1..2" batchnorm grow
expect_trained "seeds 1..3 after 1..2" grow 4
same "seeds 1..3 after 1..2" grow
expect 0 "fewer seeds after more" batchnorm grow --seeds 1..2
expect_trained "fewer seeds after more" grow 0
[ "$(wc -l <grow/summary.csv)" -eq 9 ] || complain "fewer seeds: summary.csv holds other runs than asked for"

# ---- every option that decides the numbers makes another run; the tables hold what was asked for and nothing else
for change in "--epochs 5" "--batch 25" "--hidden 16" "--hidden 16,9" "--momentum 0.8" "--optimizer sgd" "--optimizer adam" \
    "--protocol notebook"; do
    expect 0 "$change" batchnorm grow $change --seeds 1 --lr 0.05
    [ "$(trained grow)" -gt 0 ] || complain "$change: taken for another configuration"
    [ "$(wc -l <grow/summary.csv)" -eq 3 ] || complain "$change: summary.csv holds other runs than asked for"
done
cp -r data other && rm other/t10k-labels-idx1-ubyte
make_data other-labels 500 200 8 8 2
cp other-labels/t10k-labels-idx1-ubyte other/
expect 0 "other data" batchnorm grow --data other
expect_trained "other data" grow 12
expect 0 "without --log-every" batchnorm grow --log-every 0
expect_trained "without --log-every" grow 0
[ ! -e grow/steps.csv ] || complain "an old steps.csv stays"
expect 0 "back again" batchnorm grow
expect_trained "back again" grow 0
same "back again" grow

# ---- killed at any moment, then finished; moments are parts of the time that the whole takes
reference=long
TIMEFORMAT=%R
elapsed=$({ time batchnorm long --epochs 100 --jobs 2; } 2>&1)
arguments --epochs 100 --jobs 2
# killed SIGNAL PART DIR: start it, and kill it after that part of the time.
killed() {
    local child
    "$DLEXP" "${words[@]}" --out "$3" >/dev/null 2>&1 &
    child=$!
    sleep "$(awk -v s="$elapsed" -v part="$2" 'BEGIN { printf "%.3f", s * part }')"
    kill -s "$1" $child
    wait $child
} 2>/dev/null
# finish_killed WHAT DIR: the same command again trains what is missing.
finish_killed() {
    local kept
    kept=$(records "$2" | wc -l)
    expect 0 "after $1" batchnorm "$2" --epochs 100
    same "after $1" "$2"
    expect_trained "after $1, with $kept runs kept" "$2" $((12 - kept))
}
parts=(0 0.02 0.1 0.2 0.3 0.4 0.5 0.6 0.7 0.8 0.9 0.95 1 1.05) # of the time; with DLEXP_LONG=1 both signals at each
for i in "${!parts[@]}"; do
    part=${parts[i]}
    signals=(KILL TERM)
    [ -n "${DLEXP_LONG:-}" ] || signals=("${signals[i % 2]}")
    for signal in "${signals[@]}"; do
        out=killed-$signal-$part
        killed $signal $part "$out"
        finish_killed "SIG$signal at $part" "$out"
    done
done
# The time that the whole takes says little on a crowded machine: here the signal comes when so many records are there.
for n in 1 4 8; do
    for try in {1..8}; do # a crowded machine may be too late
        out=killed-with-$n
        rm -rf "$out"
        "$DLEXP" "${words[@]}" --out "$out" >/dev/null 2>&1 &
        child=$!
        while [ "$(records "$out" | wc -l)" -lt $n ] && kill -0 $child 2>/dev/null; do :; done
        kill -s KILL $child
        wait $child
        kept=$(records "$out" | wc -l)
        [ "$kept" -lt 12 ] && break
    done 2>/dev/null
    [ "$kept" -ge $n ] && [ "$kept" -lt 12 ] || complain "expected to kill a call with $n records, of 12, in the store, got $kept"
    finish_killed "SIGKILL with $n records" "$out"
done
# The same store killed again and again.
for part in 0.3 0.2 0.1 0.2 0.1; do
    killed KILL $part again
done
expect 0 "killed five times" batchnorm again --epochs 100
same "killed five times" again
reference=reference

# ---- runs removed or damaged
set -- $(records two)
rm "two/runs/$1" "two/runs/$5"
expect 0 "two runs removed" batchnorm two
expect_trained "two runs removed" two 2
same "two runs removed" two

head -c 300 "reference/runs/$1" >"two/runs/$1"
: >"two/runs/$2"
{ head -c 700 "reference/runs/$3"; printf '~'; tail -c +702 "reference/runs/$3"; } >"two/runs/$3"
rm "two/runs/$4" && mkdir "two/runs/$4" && touch "two/runs/$4/inside"
cp "reference/runs/$6" "two/runs/$5"
printf 'more\n' >>"two/runs/$6"
rm "two/runs/$7" && ln -s nowhere "two/runs/$7"
before=$(ls -lR two)
expect 0 "damaged, --dry-run" batchnorm two --dry-run
[ "$before" = "$(ls -lR two)" ] || complain "damaged, --dry-run: something was changed"
grep -q '5 in the store, 7 to train' out.txt || complain "damaged, --dry-run: expected 7 runs to train: $(grep runs: out.txt)"
expect 0 "damaged" batchnorm two
expect_trained "damaged" two 7
same "damaged" two
[ "$(grep -c '^dlexp: note: .*; set aside, computing it again' err.txt)" -eq 7 ] || complain "damaged: expected 7 notes: $(cat err.txt)"
[ "$(find two/runs -name '*.damaged*' ! -path '*.damaged*/*' | wc -l)" -eq 7 ] || complain "damaged: expected 7 records set aside"
: >"two/runs/$4"
expect 0 "damaged once more" batchnorm two
expect_trained "damaged once more" two 1
same "damaged once more" two
rm "two/runs/$4" && mkdir "two/runs/$4"
expect 0 "a directory, --force" batchnorm two --force
same "a directory, --force" two

# ---- two stores joined by copying
expect 0 "a part" batchnorm part-1 --seeds 1 --jobs 1
expect 0 "another part" batchnorm part-2 --seeds 2..3 --norm none
mkdir -p joined/runs
cp -r part-1/runs/* part-2/runs/* joined/runs/
expect 0 "joined" batchnorm joined
expect_trained "joined" joined 4
same "joined" joined

# ---- two processes, one directory
arguments --epochs 100
reference=long
for round in 1 2 3; do
    rm -rf shared
    batchnorm shared --epochs 100 --jobs 1 & first=$!
    "$DLEXP" "${words[@]}" --out shared --jobs 2 >/dev/null 2>second.txt & second=$!
    wait $first || complain "two processes: the first failed: $(cat err.txt)"
    wait $second || complain "two processes: the second failed: $(cat second.txt)"
    same "two processes" shared
done

# Two processes that start together share 40 runs: each is computed once, but for a few at the end.
rm -rf shared and
mkdir -p shared/runs and && ln -s ../shared/runs and/runs
arguments --epochs 100 --seeds 1..10
"$DLEXP" "${words[@]}" --out shared >/dev/null 2>err.txt & first=$!
"$DLEXP" "${words[@]}" --out and >/dev/null 2>second.txt & second=$!
wait $first || complain "40 runs, two processes: the first failed: $(cat err.txt)"
wait $second || complain "40 runs, two processes: the second failed: $(cat second.txt)"
both=$(($(trained shared) + $(trained and)))
[ $both -ge 40 ] && [ $both -le 46 ] || complain "40 runs, two processes: expected 40 to 46 to be trained, got $both"
[ "$(trained shared)" -lt 40 ] && [ "$(trained and)" -lt 40 ] || complain "40 runs, two processes: one did all of them"
[ "$(grep -c '^\[' err.txt second.txt | awk -F: '{ n += $2 } END { print n }')" -eq $both ] ||
    complain "40 runs, two processes: other lines than the runs that were trained"
grep -q 'computed by another process meanwhile' err.txt second.txt || complain "40 runs, two processes: nothing is said of it"
for table in epochs summary steps; do
    cmp -s shared/$table.csv and/$table.csv || complain "40 runs, two processes: $table.csv differs"
done
# One of them is killed: the other does what that one had under way.
rm -rf shared/runs/* shared/*.csv
"$DLEXP" "${words[@]}" --out and >/dev/null 2>&1 & second=$!
"$DLEXP" "${words[@]}" --out shared --quiet >/dev/null 2>err.txt & first=$!
sleep 0.3
kill -s KILL $second
wait $first || complain "the other was killed: $(cat err.txt)"
cmp -s shared/summary.csv and/summary.csv || complain "the other was killed: summary.csv differs"
wait $second 2>/dev/null

# ---- several processes meet damaged records: none fails, and good ones that others put there stay
for round in 1 2 3; do
    rm -rf met && mkdir met && cp -r two/runs met/runs && rm -rf met/runs/*/*.damaged*
    for record in met/runs/*/*.run; do : >"$record"; done
    children=()
    for n in 1 2 3 4 5 6; do
        mkdir -p met/$n && ln -s ../runs met/$n/runs
        "$DLEXP" batchnorm --data data --hidden 16,8 --batch 20 --epochs 6 --log-every 7 --lr 0.05,0.5 --seeds 1..3 \
            --out met/$n --jobs 1 --quiet >/dev/null 2>met/$n.txt & children+=($!)
    done
    n=0
    for child in "${children[@]}"; do
        n=$((n + 1))
        wait $child || complain "damage met by six: number $n ended with $?: $(tail -n 1 met/$n.txt)"
    done
    for record in met/runs/*/*.damaged*; do
        [ ! -s "$record" ] || complain "damage met by six: $record is a good record"
    done
    [ "$(records met)" = "$(records two)" ] || complain "damage met by six: records are missing"
    reference=reference
    same "damage met by six" met/1
done

# ---- files that a killed process left are removed by every command that writes; a user's own are never
host=$(uname -n | tr -c 'A-Za-z0-9.\n-' _)
space=$(stat -L -c %i /proc/self/ns/pid 2>/dev/null || echo 0)
true & gone=$!
wait $gone
left=".tmp-$host-$space-$gone-1-0"
for command in "optim --fn f2 --iterations 10" "sgd-mean --iterations 10" "data --samples 10 data" \
    "bench --epochs 1 --norm none --data data" "batchnorm --data data --hidden 8 --epochs 1 --save-best"; do
    rm -rf left && mkdir -p left/models left/runs/3f
    touch "left/a.csv$left" "left/models/a$left" "left/runs/a$left" "left/runs/3f/a$left" left/mine.tmp-1 "left/mine$left.csv" "left/b.tmp-other-1-$gone-1-0"
    touch -d '2 days ago' left/*
    "$DLEXP" $command --out left >/dev/null 2>err.txt || complain "$command: $(cat err.txt)"
    [ ! -e "left/a.csv$left" ] || complain "$command: a killed process's file stays"
    [ -e left/mine.tmp-1 ] && [ -e "left/mine$left.csv" ] && [ -e "left/b.tmp-other-1-$gone-1-0" ] || complain "$command: others' files are gone"
    case $command in
    data* | bench*) ;;
    *) [ ! -e "left/runs/a$left" ] && [ ! -e "left/runs/3f/a$left" ] || complain "$command: a killed process's file stays in the store" ;;
    esac
    case $command in *--save-best*) [ ! -e "left/models/a$left" ] || complain "$command: one stays among the models" ;; esac
done
# ... and where one is killed while it writes, its file does not outlive the next call.
find . -name '*.tmp-*' -path './killed*' | grep -q . && complain "killed: temporary files stay"

# ---- CPUs: more jobs than CPUs are not said to be faster
if command -v taskset >/dev/null; then
    taskset -c "$(taskset -cp $$ | sed 's/.*: *//; s/[-,].*//')" "$DLEXP" batchnorm --data data --epochs 1 --dry-run --out none >out.txt 2>&1
    grep -q 'with 1 run at a time' out.txt || complain "one CPU: $(grep time: out.txt)"
    taskset -c "$(taskset -cp $$ | sed 's/.*: *//; s/[-,].*//')" "$DLEXP" batchnorm --data data --epochs 1 --dry-run --out none --jobs 4 >out.txt 2>&1
    grep -q 'with 4 runs at a time on 1 CPU,' out.txt || complain "four jobs on one CPU: $(grep time: out.txt)"
fi

# ---- --save-best: a model file per run, remade when it is missing or damaged
reference=best-1
expect 0 "--save-best" batchnorm best-1 --save-best --seeds 1..2 --jobs 1
same "--save-best changes no number" best-1
ls best-1/models | cmp -s - <(cd best-1/models && ls ./*.safetensors | sed 's|./||') || complain "models: other files than models"
expect 0 "--save-best, after a call without it" batchnorm best --seeds 1..2
expect_trained "without --save-best" best 8
[ ! -e best/models ] || complain "models are written that were not asked for"
expect 0 "--save-best, after a call without it" batchnorm best --seeds 1..2 --save-best
expect_trained "--save-best, after a call without it" best 8
diff -r best-1/models best/models || complain "--save-best: other models"
same "--save-best" best
expect 0 "--save-best again" batchnorm best --seeds 1..2 --save-best
expect_trained "--save-best again" best 0
expect 0 "without --save-best again" batchnorm best --seeds 1..2
expect_trained "without --save-best again" best 0
set -- best/models/*
rm "$1"
expect 0 "a model removed" batchnorm best --seeds 1..2 --save-best
expect_trained "a model removed" best 1
printf 'x' | dd of="$2" bs=1 seek=900 conv=notrunc 2>/dev/null
head -c 500 "$3" >cut && cp cut "$3"
expect 0 "models damaged" batchnorm best --seeds 1..2 --save-best
expect_trained "models damaged" best 2
diff -r best-1/models best/models || complain "models damaged: other models"

# number FILE OFFSET: eight bytes, little-endian.
number() {
    od -An -v -tu1 -j "$2" -N 8 "$1" | awk '{ for (i = NF; i > 0; i--) n = 256 * n + $i; printf "%d", n }'
}
column() {
    awk -F, -v name="$1" 'NR == 1 { for (c = 1; c <= NF; c++) if ($c == name) at = c; next } { print $at }' best/summary.csv
}
column best_model_sha256 | sort >expected.txt
sha256sum best/models/* 2>/dev/null | cut -d' ' -f1 | sort >got.txt
if command -v sha256sum >/dev/null; then
    cmp -s expected.txt got.txt || complain "models: other SHA-256 than in summary.csv"
fi
for model in best/models/*; do
    length=$(number "$model" 0)
    [ $((length % 8)) -eq 0 ] || complain "$model: the header is not padded to eight bytes"
    dd if="$model" bs=1 skip=8 count="$length" 2>/dev/null >header.txt
    end=$(grep -o '"data_offsets":\[[0-9,]*\]' header.txt | tr -c '0-9\n' ' ' | awk '
        $1 != end { print "gap"; exit } { end = $2 } END { print end }' | tail -n 1)
    [ "$(wc -c <"$model")" -eq $((8 + length + end)) ] || complain "$model: the tensors do not fill the file: $end"
    grep -q '"classifier.0.weight":{"dtype":"F32","shape":\[16,64\]' header.txt || complain "$model: lacks classifier.0.weight"
done

# What the files hold, by independent readers where there are any.
cat >check.py <<'PYTHON'
import csv, json, struct, sys
import numpy as np

def read(path):
    data = open(path, "rb").read()
    (size,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + size])
    metadata = header.pop("__metadata__")
    types = {"F32": "<f4", "I64": "<i8"}
    return metadata, {
        name: np.frombuffer(data[8 + size :][slice(*t["data_offsets"])], types[t["dtype"]]).reshape(t["shape"])
        for name, t in header.items()
    }

images = np.fromfile("data/t10k-images-idx3-ubyte", np.uint8)[16:].reshape(200, 64) / np.float64(255)
labels = np.fromfile("data/t10k-labels-idx1-ubyte", np.uint8)[8:]
try:
    import torch
except ImportError:
    torch = None
count = 0
for row in csv.DictReader(open("best/summary.csv")):
    path = f"best/models/{row['norm']}_lr{row['lr']}_seed{row['seed']}_{row['run'][:8]}.safetensors"
    metadata, tensors = read(path)
    assert metadata["norm"] == row["norm"] and metadata["seed"] == row["seed"], metadata
    x, layer = images, 0
    while f"classifier.{layer}.weight" in tensors:
        t = {k.split(".")[-1]: v for k, v in tensors.items() if k.startswith(f"classifier.{layer}.")}
        if "running_mean" in t:
            x = (x - t["running_mean"]) / np.sqrt(t["running_var"].astype(np.float64) + 1e-5) * t["weight"] + t["bias"]
            assert t["num_batches_tracked"] == 25 * int(row["best_epoch"])
        else:
            x = x @ t["weight"].T.astype(np.float64) + t["bias"]
        layer += 1
        if f"classifier.{layer}.weight" not in tensors and f"classifier.{layer + 1}.weight" in tensors:
            x, layer = np.maximum(x, 0), layer + 1
    accuracy = 100 * np.mean(x.argmax(1) == labels)
    assert abs(accuracy - float(row["best_test_accuracy_percent"])) < 1e-9, (path, accuracy, row)
    if torch:
        sizes, layers = [64, 16, 8], []
        for a, b in zip(sizes, sizes[1:]):
            layers += [torch.nn.Linear(a, b)] + [torch.nn.BatchNorm1d(b)] * (row["norm"] == "batchnorm") + [torch.nn.ReLU()]
        net = torch.nn.Module()
        net.classifier = torch.nn.Sequential(*layers, torch.nn.Linear(8, 4))
        net.load_state_dict({k: torch.from_numpy(v.copy()) for k, v in tensors.items()})
        net.eval()
        y = net.classifier(torch.from_numpy(images.astype(np.float32)))
        assert 100 * np.mean(y.argmax(1).numpy() == labels) == accuracy, path
    count += 1
assert count == 8, count
PYTHON
python=
for candidate in python3 /usr/bin/python3; do
    "$candidate" -c 'import numpy' 2>/dev/null && python=$candidate
    "$candidate" -c 'import numpy, torch' 2>/dev/null && break
done
if [ -n "$python" ]; then
    "$python" check.py >check.txt 2>&1 || complain "models, read by $python: $(tail -n 3 check.txt)"
else
    echo "note: no numpy, the contents of the models are not checked here"
fi

# ---- a notebook run is one chain, in the order given
for order in 0.05,0.5 0.5,0.05; do
    expect 0 "notebook $order" batchnorm "notebook-$order" --protocol notebook --lr $order --save-best
    expect_trained "notebook $order" "notebook-$order" 3
    [ "$(ls "notebook-$order/models" | wc -l)" -eq 12 ] || complain "notebook $order: expected 12 models"
done
cmp -s notebook-0.05,0.5/epochs.csv notebook-0.5,0.05/epochs.csv && complain "notebook: the order of the rates does not matter"
reference=notebook-0.05,0.5
expect 0 "notebook, again" batchnorm "$reference" --protocol notebook --save-best
expect_trained "notebook, again" "$reference" 0
expect 0 "notebook, two jobs" batchnorm notebook --protocol notebook --jobs 2
same "notebook, two jobs" notebook

# ---- the genuine data, with the published numbers beside
reference=mnist-1
for jobs in 1 2; do
    expect 0 "MNIST, $jobs jobs" "$DLEXP" batchnorm --epochs 1 --lr 0.01 --log-every 1 --quiet --jobs $jobs --out mnist-$jobs
done 2>err.txt >out.txt
same "MNIST" mnist-2 epochs.csv summary.csv steps.csv published.csv
[ "$(wc -l <mnist-1/published.csv)" -eq 3 ] || complain "MNIST: published.csv lacks the published rows"
finish
