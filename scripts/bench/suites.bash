# suites.bash - what compare.sh measures: a function for each of its suites, named as the option is.  It has the environment ready:
# the programs, how they are pinned, `measure`, `value`; what a suite writes it adds to `wrote`.
# shellcheck shell=bash
# shellcheck disable=SC2154 # the variables are compare.sh's
build=$(dirname "$dlexp") programs=$(dirname "$dlexp")/scripts/bench
homework=(--hidden "128,64" --batch 60 --data "$mnist")
epochs=3 # a process
xsmm=0
# HIDDEN:BATCH, whose steps --sizes measures and whose products --products.
eight=128,128,128,128,128,128,128,128
nets="128,64:60 128,64:2048 512,512:60 $eight:60 1024,1024:8 1024,1024:60 1024,1024:256 1024,1024:1024 2048,2048:8
    2048,2048:256 4096,4096:8 4096,4096:60"
if [[ $quick -eq 1 ]]; then epochs=1 nets='128,64:60'; fi

# program NAME - one of scripts/bench/CMakeLists.txt, built.
program() {
    cmake --build "$build" --target "$1" >"$scratch/build.txt" 2>&1 || {
        note "cannot build $1 in '$build', where --dlexp is from: $(tail -n 1 "$scratch/build.txt")"
        return 1
    }
}

# peer_of PEER - its name in tables and its command, into name and command; fails where it is not there.
peer_of() {
    case $1 in
    numpy) name=numpy command=("$python" "$here/numpy_epoch.py") ;;
    torch) name=PyTorch command=("$python" "$here/pytorch_epoch.py") ;;
    loader) name="PyTorch DataLoader" command=("$python" "$here/pytorch_epoch.py" --loader dataloader) ;;
    images) name="PyTorch DataLoader images" command=("$python" "$here/pytorch_epoch.py" --loader images) ;;
    xsmm) name=libxsmm command=("$programs/bench_xsmm") ;;
    esac
    case $1 in
    numpy) ;;
    xsmm) [[ $xsmm -eq 1 ]] ;;
    images) [[ $torch -eq 1 && $pil -eq 1 ]] ;;
    *) [[ $torch -eq 1 ]] ;;
    esac
}

# training CASE ROUND EPOCHS PEERS OPTION... - whole epochs of the same network in every program.
training() {
    local case=$1 round=$2 count=$3 peers=$4 peer name command
    shift 4
    measure "$case" dlexp "$round" "d['training'][0]['epoch_s']" "d['training'][0]['test_accuracy_percent']" \
        pinned "$dlexp" bench "$@" --quiet --epochs "$count" --kernels "$kernels" --json
    for peer in $peers; do
        peer_of "$peer" || continue
        measure "$case" "$name" "$round" "statistics.median(d['epochs_s'])" "d['test_accuracy_percent']" \
            pinned "${command[@]}" "$@" --epochs "$count"
    done
}

# step CASE ROUND PEERS OPTION... - one step of the same network in every program, the median of some.
step() {
    local case=$1 round=$2 peers=$3 peer name command
    shift 3
    measure "$case" dlexp "$round" "d['training'][0]['step']['seconds']" "" \
        pinned "$dlexp" bench "$@" --quiet --seconds 2 --kernels "$kernels" --json
    for peer in $peers; do
        peer_of "$peer" || continue
        measure "$case" "$name" "$round" "d['step_s']" "" pinned "${command[@]}" "$@" --seconds 1
    done
}

jobs_of() { # JOBS - eight runs of the homework's network, everything included
    "$python" "$here/run_time.py" "$dlexp" batchnorm --norm none --lr 0.01 --seeds 1..8 --epochs 15 --jobs "$1" \
        --kernels "$kernels" --force --quiet --out "$scratch/jobs"
}

# ---- suites of rounds: one_round_of_SUITE ROUND ----

one_round_of_compare() {
    local round=$1
    training plain "$round" "$epochs" "torch numpy loader images" "${homework[@]}" --norm none
    training batchnorm "$round" "$epochs" "torch numpy loader images" "${homework[@]}" --norm batchnorm
    if [[ -d $fashion ]]; then
        training fashion "$round" "$epochs" "torch numpy" --hidden 128,64 --batch 60 --data "$fashion" --norm none
    fi
    if [[ $quick -eq 1 ]]; then return; fi
    training "hidden 1024-1024" "$round" 1 "torch numpy" --hidden 1024,1024 --batch 256 --data "$mnist" --norm none
    measure "product 1024" dlexp "$round" "[r['seconds'] for r in d['kernels'] if r['shape'] == '1024 x 1024 x 1024'][0]" "" \
        pinned "$dlexp" bench --quiet --seconds 2 --kernels "$kernels" --json
    measure "product 1024" numpy "$round" "d['seconds']" "" pinned "$python" "$here/numpy_product.py" 1024
    if [[ $cores -ge 2 && $round -le 5 ]]; then
        measure "8 runs" "dlexp --jobs 2" "$round" "d['seconds']" "" jobs_of 2
        measure "8 runs" "dlexp --jobs 1" "$round" "d['seconds']" "" jobs_of 1
    fi
}
one_round_of_sizes() {
    local round=$1 net case
    for net in $nets; do
        case="hidden ${net%:*} batch ${net#*:}"
        case=${case/$eight/8 x 128}
        step "${case//,/-}" "$round" "torch numpy xsmm" --hidden "${net%:*}" --batch "${net#*:}" --data "$mnist" --norm none
    done
}
one_round_of_layers() {
    step layernorm "$1" torch "${homework[@]}" --norm layernorm
    if [[ $quick -eq 1 ]]; then return; fi
    step batchnorm "$1" torch "${homework[@]}" --norm batchnorm
    step sigmoid "$1" torch "${homework[@]}" --norm none --activation sigmoid
    step tanh "$1" torch "${homework[@]}" --norm none --activation tanh
    step "weight decay" "$1" torch "${homework[@]}" --norm none --weight-decay 1e-4
    step adam "$1" torch "${homework[@]}" --norm none --optimizer adam
    step adamw "$1" torch "${homework[@]}" --norm none --optimizer adamw
}
one_round_of_images() {
    if [[ ! -d $scratch/large ]]; then "$python" "$here/mnist.py" "$scratch/large" 224 0.3; fi
    step "224 x 224" "$1" "torch numpy" --hidden 128,64 --batch 60 --data "$scratch/large" --norm none
}

# Rounds of a suite, the table of its measurements, and its figure.
rounds_of() {
    local suite=$1 unit=$2 round
    for ((round = 1; round <= rounds; round++)); do "one_round_of_$suite" "$round"; done
    if [[ -t 2 ]]; then printf '\r%60s\r' '' >&2; fi
    echo "Seconds $unit, $rounds rounds; ratio: to dlexp's time, in the same round"
    echo
    "$python" "$here/summary.py" "$out/runs.csv" "$out/$suite.csv"
    echo
    wrote+=(runs.csv "$suite.csv")
    draw compare.gp "$suite"
}
draw() { # SCRIPT TABLE
    if command -v gnuplot >/dev/null; then
        gnuplot -d -c "scripts/plots/$1" "$out/$2.csv" "$out/$2" </dev/null
        wrote+=("$2.svg" "$2.png")
    else
        note "gnuplot is missing: no figures (Debian: gnuplot-nox)"
    fi
}

sizes() {
    if program bench_xsmm; then xsmm=1; else note "libxsmm is left out: $remedy"; fi
    rounds_of sizes "a training step"
}
layers() { rounds_of layers "a training step"; }
images() { rounds_of images "a training step"; }
compare() {
    local limit=10
    rounds_of compare "a training epoch (product: a product; 8 runs: wall time), epochs a process: $epochs"
    if [[ $quick -eq 1 ]]; then limit=1; fi
    pinned "$dlexp" bench --quiet --seconds "$limit" --kernels "$kernels" --out "$out" --json >"$scratch/bench.json"
    printf 'kernel set %s, FMA peak %.1f GFLOP/s; epoch / dense limit: ' "$(value "$scratch/bench.json" "d['kernel_set']")" \
        "$(value "$scratch/bench.json" "d['peak_gflop_s']")"
    value "$scratch/bench.json" "', '.join('%s %.2f' % (t['norm'], t['of_dense_limit']) for t in d['training'])"
    value "$scratch/bench.json" "'share of peak: ' + ', '.join('%s (%s) %.0f %%' % (r['name'], r['shape'], 100 * r['peak_share'])
        for r in d['kernels'] if r['name'] in ('forward 1', 'weight gradient 1', 'product'))"
    start
    wrote+=(bench.csv)
    draw bench.gp bench
}

# ---- suites without rounds ----

batches() {
    local hidden file steep most=1.03 pairs=(2048:64 1..512) # most: a step by one with one image more
    if [[ $quick -eq 1 ]]; then pairs=(2048:64 58..62); fi
    program bench_batches
    for hidden in 128,64 1024,1024; do
        file=$out/batches_$hidden.csv
        pinned "$programs/bench_batches" "$kernels" "$mnist" "$hidden" "${pairs[@]}" >"$file"
        wrote+=("batches_$hidden.csv")
        # What the machine's noise made is not there again.
        mapfile -t steep < <(awk -F, -v most=$most 'NR > 1 && $2 == $1 + 1 && $5 > most { print $1 ":" $2 }' "$file")
        if [[ ${#steep[@]} -gt 0 ]]; then
            pinned "$programs/bench_batches" "$kernels" "$mnist" "$hidden" "${steep[@]}" >"$scratch/again.csv"
            tail -n +2 "$scratch/again.csv" >>"$file"
        fi
        awk -F, -v hidden="$hidden" -v most=$most '
            NR == 1 { next }
            $2 != $1 + 1 { printf "hidden %s: an image of a batch of %d takes %.3f of one of a batch of %d\n", hidden, $1, $6, $2; next }
            $1 in first { again += $5 > most; $5 = first[$1] < $5 ? first[$1] : $5; of[$1] = $5; next }
            { count++; first[$1] = of[$1] = $5; over += $5 > most }
            END {
                for (batch in of) if (of[batch] > highest) { highest = of[batch]; at = batch }
                printf "hidden %s: a step takes at most %.3f times one with one image more (at %d); above %.2f at %d of %d batches, when measured again at %d of these\n",
                    hidden, highest, at, most, over, count, again
            }' "$file"
    done
}
products() {
    program bench_products
    # Behind the nets: products of first layers, which on images with few zeros would be dense.
    # shellcheck disable=SC2086 # the nets are words
    pinned "$programs/bench_products" --kernels "$kernels" $nets 256x784x1024 784x60x128,a >"$out/products.csv"
    wrote+=(products.csv)
    if [[ $quick -eq 1 ]]; then return; fi
    pinned "$programs/bench_products" --kernels "$kernels" --sweep >"$out/products_sweep.csv"
    wrote+=(products_sweep.csv)
}

# The median of five numbers, one a line.
median() { sort -g | sed -n 3p; }
# timed MEMBER COMMAND... - the median of five of what run_time.py says.
timed() {
    local member=$1
    shift
    for _ in 1 2 3 4 5; do
        "$python" "$here/run_time.py" "$@" >"$scratch/printed.json" && value "$scratch/printed.json" "'%.3f' % d['$member']"
    done | median
}
start() {
    local memory=/dev/shm again tiny i where
    # The files are read by several threads: not on one core.
    for _ in 1 2 3 4 5; do
        "$dlexp" bench --quiet --seconds 0.1 --kernels "$kernels" --json >"$scratch/printed.json"
        value "$scratch/printed.json" "'%.3f' % d['first_step_s']"
    done | median | sed 's/.*/before the first step: & s (median of 5, unpinned)/'
    again=("$dlexp" batchnorm --epochs 2 --quiet --kernels "$kernels" --out "$scratch/again")
    "$python" "$here/run_time.py" "${again[@]}" >"$scratch/memory.json"
    value "$scratch/memory.json" "'peak memory of the default experiment: %.1f MB' % (d['peak_bytes'] / 1e6)"
    echo "the same command again: $(timed cpu_s "${again[@]}") s of CPU time"
    if [[ $quick -eq 1 || ! -w $memory ]]; then return; fi
    "$python" "$here/mnist.py" "$scratch/tiny" 4 0.3 60
    tiny=("$dlexp" batchnorm --data "$scratch/tiny" --norm none --hidden 4 --batch 20 --epochs 3 --lr 1e-3..1:10 --seeds 1..100 --quiet)
    memory=$(mktemp -d "$memory/dlexp-compare.XXXXXX")
    # Each into a folder of its own: ext4 searches long for room beside what was deleted in the last minutes.
    for i in 1 2 3 4 5; do
        for where in "$scratch/store" "$memory/store"; do
            "$python" "$here/run_time.py" "${tiny[@]}" --out "$where.$i" >"$where.$i.json"
        done
        echo "$(value "$scratch/store.$i.json" "'%.3f' % d['seconds']") $(value "$memory/store.$i.json" "'%.3f' % d['seconds']")"
    done | awk '{ printf "%s %s %.2f\n", $1, $2, $1 / $2 }' >"$scratch/tiny.txt"
    echo "a thousand tiny runs: $(cut -d' ' -f1 "$scratch/tiny.txt" | median) s into a store on disk," \
        "$(cut -d' ' -f2 "$scratch/tiny.txt" | median) s in memory," \
        "$(cut -d' ' -f3 "$scratch/tiny.txt" | median) times as long (median of the five pairs)"
    rm -rf "$memory"
}
