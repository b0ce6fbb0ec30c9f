#!/usr/bin/env bash
#
# compare.sh - dlexp against PyTorch and numpy by hand on one core: seconds a training epoch and test accuracy.
#
# Every round runs every program once, one after the other (A B A B), each pinned to the same core with one thread, so that whatever
# else the machine does falls on all of them alike.  A process trains some epochs and reports the median of their times without
# loading and evaluation; the optimizer is momentum 0.9 at rate 0.01, in float32.  The ratio is taken within a round; shown are its
# median, lowest and highest.
#
# Writes runs.csv (every measurement), compare.csv, bench.csv, and figures of the last two where gnuplot is.
set -euo pipefail

usage() {
    cat <<'END'
usage: scripts/bench/compare.sh [options]

  --rounds N      rounds, 5 or more (default 5)
  --sizes         steps of training at many widths and batches in place of whole epochs: sizes.csv, sizes.svg
  --quick         one round of one epoch, the short cases alone: to see that it works, not to measure
  --install       install what is missing: PyTorch, numpy, OpenBLAS, PIL, Fashion-MNIST (Debian, Ubuntu)
  --dlexp FILE    the program (default build/dlexp)
  --out DIR       where to write (default build/bench)
  --kernels NAME  dlexp's kernel set (default auto)
  --openblas CORE kernels of OpenBLAS, a name for OPENBLAS_CORETYPE (default: the fastest here)
END
}
fail() {
    printf 'compare: %s\n' "$*" >&2
    exit "${status:-1}"
}
note() { printf 'compare: %s\n' "$*" >&2; }

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
here=scripts/bench
rounds=5 quick=0 sizes=0 install=0 dlexp=build/dlexp out=build/bench kernels=auto openblas=''
while [[ $# -gt 0 ]]; do
    case $1 in
    --quick) quick=1 ;;
    --sizes) sizes=1 ;;
    --install) install=1 ;;
    --rounds | --dlexp | --out | --kernels | --openblas)
        [[ $# -ge 2 ]] || status=2 fail "$1: expected a value, got none"
        case $1 in
        --rounds) rounds=$2 ;;
        --dlexp) dlexp=$2 ;;
        --out) out=$2 ;;
        --kernels) kernels=$2 ;;
        --openblas) openblas=$2 ;;
        esac
        shift
        ;;
    -h | --help)
        usage
        exit 0
        ;;
    *) status=2 fail "unknown option '$1'; see scripts/bench/compare.sh --help" ;;
    esac
    shift
done
[[ $rounds =~ ^[1-9][0-9]{0,3}$ && $rounds -ge 5 ]] || status=2 fail "--rounds: expected a whole number of 5 or more, got '$rounds'"
epochs=3
if [[ $quick -eq 1 ]]; then rounds=1 epochs=1; fi
[[ -x $dlexp ]] || fail "no program '$dlexp'; build it: cmake -B build && cmake --build build"

if [[ $install -eq 1 ]]; then
    command -v apt-get >/dev/null || fail "--install: expected apt-get (Debian, Ubuntu); install PyTorch, numpy with OpenBLAS and PIL by hand"
    as_root=(env DEBIAN_FRONTEND=noninteractive)
    if [[ $(id -u) -ne 0 ]]; then as_root=(sudo "${as_root[@]}"); fi
    "${as_root[@]}" apt-get update -q || note "apt-get update failed; going on with the lists there are"
    "${as_root[@]}" apt-get install -y --no-install-recommends python3-torch python3-numpy python3-pil libopenblas0-pthread
    "${as_root[@]}" apt-get install -y --no-install-recommends dataset-fashion-mnist ||
        note "no package dataset-fashion-mnist here; its case is left out"
fi

# The first Python that has the most of what the peers need.
remedy="install it with scripts/bench/compare.sh --install (Debian: python3-torch python3-numpy python3-pil libopenblas0-pthread)"
python=''
for modules in numpy,torch numpy; do
    for candidate in /usr/bin/python3 python3; do
        if [[ -z $python ]] && "$candidate" -c "import $modules" 2>/dev/null; then python=$candidate; fi
    done
done
[[ -n $python ]] || fail "no python3 with numpy; $remedy"
has_module() { "$python" -c "import $1" 2>/dev/null; }
torch=1 pil=1
has_module torch || { torch=0 && note "PyTorch is left out: $python cannot import torch; $remedy"; }
has_module PIL || { pil=0 && note "PyTorch's loader of single images is left out: $python cannot import PIL; $remedy"; }

# One thread each, on the last core this process may use.
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1 BLIS_NUM_THREADS=1
export PYTHONDONTWRITEBYTECODE=1
pin=()
if command -v taskset >/dev/null; then
    pin=(taskset -c "$("$python" -c 'import os; print(max(os.sched_getaffinity(0)))')")
else
    note "no taskset here (Debian: util-linux): nothing is pinned to a core, so expect more noise"
fi
mnist=data/mnist fashion=/usr/share/datasets/fashion-mnist
mkdir -p "$out"
scratch=$(mktemp -d "${TMPDIR:-/tmp}/dlexp-compare.XXXXXX")
trap 'rm -rf "$scratch"' EXIT

# value FILE EXPRESSION - of the JSON document d in FILE.
value() { "$python" -c 'import json, statistics, sys; d = json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' "$1" "$2"; }

echo case,peer,round,seconds,test_accuracy_percent >"$out/runs.csv"
failures=0
# measure CASE PEER ROUND SECONDS ACCURACY COMMAND... - SECONDS and ACCURACY: expressions over what the command prints.
measure() {
    local case=$1 peer=$2 round=$3 seconds=$4 accuracy=$5
    shift 5
    if [[ -t 2 ]]; then printf '\rround %s/%s: %-40s' "$round" "$rounds" "$case, $peer" >&2; fi
    if "$@" >"$scratch/printed.json"; then
        printf '%s,%s,%s,%s,%s\n' "$case" "$peer" "$round" "$(value "$scratch/printed.json" "$seconds")" \
            "$([[ -z $accuracy ]] || value "$scratch/printed.json" "$accuracy")" >>"$out/runs.csv"
    else
        note "failed, left out of the table: $*"
        failures=$((failures + 1))
    fi
}
pinned() { ${pin[@]+"${pin[@]}"} "$@"; }

# training CASE ROUND EPOCHS NORM HIDDEN BATCH DATA PEER... - the same network in every program.
training() {
    local case=$1 round=$2 count=$3 norm=$4 hidden=$5 batch=$6 data=$7 peer
    shift 7
    local net=(--norm "$norm" --hidden "$hidden" --batch "$batch" --data "$data" --epochs "$count")
    measure "$case" dlexp "$round" "d['training'][0]['epoch_s']" "d['training'][0]['test_accuracy_percent']" \
        pinned "$dlexp" bench "${net[@]}" --kernels "$kernels" --json
    for peer in "$@"; do
        local command=() name=$peer
        case $peer in
        numpy) command=("$here/numpy_epoch.py") ;;
        torch) name=PyTorch command=("$here/pytorch_epoch.py") ;;
        loader) name="PyTorch DataLoader" command=("$here/pytorch_epoch.py" --loader dataloader) ;;
        images) name="PyTorch DataLoader images" command=("$here/pytorch_epoch.py" --loader images) ;;
        esac
        if [[ $peer != numpy && $torch -eq 0 ]] || [[ $peer == images && $pil -eq 0 ]]; then continue; fi
        measure "$case" "$name" "$round" "statistics.median(d['epochs_s'])" "d['test_accuracy_percent']" \
            pinned "$python" "${command[@]}" "${net[@]}"
    done
}

# step HIDDEN BATCH ROUND - one step of the same network in every program, the median of some.
step() {
    local hidden=$1 batch=$2 round=$3 peer name case
    case="hidden $1 batch $2"
    [[ $case != *128,128,128* ]] || case="hidden 8 x 128 batch $batch"
    measure "${case//,/-}" dlexp "$round" "d['training'][0]['step']['seconds']" "" \
        pinned "$dlexp" bench --norm none --hidden "$hidden" --batch "$batch" --data "$mnist" --seconds 2 --kernels "$kernels" --json
    for peer in numpy pytorch; do
        name=$peer
        if [[ $peer == pytorch ]]; then name=PyTorch; fi
        if [[ $peer == pytorch && $torch -eq 0 ]]; then continue; fi
        measure "${case//,/-}" "$name" "$round" "d['step_s']" "" \
            pinned "$python" "$here/${peer}_epoch.py" --norm none --hidden "$hidden" --batch "$batch" --data "$mnist" --seconds 1
    done
}

# The kernels that each program takes here.
print_kernels() {
    echo "OpenBLAS core: ${openblas:-its own choice}"
    [[ $torch -eq 0 ]] || "$python" -c 'import re, torch; print("PyTorch", torch.__version__, *re.findall("CPU capability usage: .*", torch.__config__.show()))'
    "$python" -c 'import numpy; print("numpy", numpy.__version__)'
    echo "CPU: $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo 2>/dev/null | head -1)"
}

# OpenBLAS may not know a newer processor, or be told of an older one by the environment: the peers get the fastest that runs here.
product() { pinned "$@" "$python" "$here/numpy_product.py" 1024 2>/dev/null >"$scratch/printed.json" && value "$scratch/printed.json" "d['seconds']"; }
if [[ -z $openblas ]]; then
    unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE
    best=$(product) || fail "numpy cannot multiply two matrices: $python $here/numpy_product.py 1024"
    for core in HASWELL ZEN SKYLAKEX; do
        # A tenth faster at least: less is noise.  Kernels that this processor lacks end in a signal, and are passed over.
        if seconds=$( (product env OPENBLAS_CORETYPE=$core) 2>/dev/null) && awk -v a="$seconds" -v b="$best" 'BEGIN { exit !(a < 0.9 * b) }'; then
            best=$seconds openblas=$core
        fi
    done
fi
if [[ -n $openblas ]]; then export OPENBLAS_CORETYPE=$openblas; fi
if [[ $kernels == avx2 ]]; then export ATEN_CPU_CAPABILITY=avx2; fi # PyTorch is held to the same

cores=$("$python" -c 'import os; print(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count())')
[[ $cores -ge 2 ]] || note "one core: --jobs 2 against --jobs 1 is left out"
[[ -d $fashion ]] || note "Fashion-MNIST is left out: no $fashion (Debian: dataset-fashion-mnist, or --install)"

jobs_of() { # JOBS - eight runs of the homework's network, everything included
    "$python" "$here/run_time.py" "$dlexp" batchnorm --norm none --lr 0.01 --seeds 1..8 --epochs 15 --jobs "$1" \
        --kernels "$kernels" --force --quiet --out "$scratch/jobs"
}

if [[ $sizes -eq 1 ]]; then
    shapes='128,64:60 128,64:2048 512,512:60 128,128,128,128,128,128,128,128:60 1024,1024:8 1024,1024:60 1024,1024:256
        1024,1024:1024 2048,2048:8 2048,2048:256 4096,4096:8 4096,4096:60'
    if [[ $quick -eq 1 ]]; then shapes='128,64:60'; fi
    for ((round = 1; round <= rounds; round++)); do
        for shape in $shapes; do step "${shape%:*}" "${shape#*:}" "$round"; done
    done
    if [[ -t 2 ]]; then printf '\r%60s\r' '' >&2; fi
    echo "Seconds a training step, $rounds rounds; ratio: to dlexp in the same round"
    echo
    "$python" "$here/summary.py" "$out/runs.csv" "$out/sizes.csv"
    echo
    print_kernels
    if command -v gnuplot >/dev/null; then gnuplot -d -c scripts/plots/compare.gp "$out/sizes.csv" "$out/sizes" </dev/null; fi
    echo "wrote $out/: runs.csv sizes.csv$(command -v gnuplot >/dev/null && echo ' sizes.svg sizes.png')"
    [[ $failures -eq 0 ]] || fail "$failures measurements failed"
    exit 0
fi

for ((round = 1; round <= rounds; round++)); do
    training plain "$round" "$epochs" none 128,64 60 "$mnist" torch numpy loader images
    training batchnorm "$round" "$epochs" batchnorm 128,64 60 "$mnist" torch numpy loader images
    if [[ -d $fashion ]]; then training fashion "$round" "$epochs" none 128,64 60 "$fashion" torch numpy; fi
    if [[ $quick -eq 1 ]]; then continue; fi
    training "hidden 1024-1024" "$round" 1 none 1024,1024 256 "$mnist" torch numpy
    measure "product 1024" dlexp "$round" "[r['seconds'] for r in d['kernels'] if r['shape'] == '1024 x 1024 x 1024'][0]" "" \
        pinned "$dlexp" bench --seconds 2 --kernels "$kernels" --json
    measure "product 1024" numpy "$round" "d['seconds']" "" pinned "$python" "$here/numpy_product.py" 1024
    if [[ $cores -ge 2 && $round -le 5 ]]; then
        measure "8 runs" "dlexp --jobs 2" "$round" "d['seconds']" "" jobs_of 2
        measure "8 runs" "dlexp --jobs 1" "$round" "d['seconds']" "" jobs_of 1
    fi
done
if [[ -t 2 ]]; then printf '\r%60s\r' '' >&2; fi

limit=10
if [[ $quick -eq 1 ]]; then limit=1; fi
pinned "$dlexp" bench --seconds "$limit" --kernels "$kernels" --out "$out" --json >"$scratch/bench.json"
# The files are read by several threads: not on one core.
for i in 1 2 3 4 5; do
    "$dlexp" bench --seconds 0.1 --kernels "$kernels" --json >"$scratch/printed.json"
    if [[ $i -gt 1 ]]; then printf ', '; else printf '['; fi
    value "$scratch/printed.json" "d['first_step_s']"
done >"$scratch/start.json"
echo ']' >>"$scratch/start.json"
"$python" "$here/run_time.py" "$dlexp" batchnorm --epochs 2 --quiet --force --kernels "$kernels" --out "$scratch/memory" >"$scratch/memory.json"

echo "Seconds a training epoch (product: a product; 8 runs: wall time), $rounds rounds, epochs a process: $epochs;"
echo "ratio: to the first program of the case, in the same round"
echo
"$python" "$here/summary.py" "$out/runs.csv" "$out/compare.csv"
echo
printf 'kernel set %s, FMA peak %.1f GFLOP/s; epoch / dense limit: ' "$(value "$scratch/bench.json" "d['kernel_set']")" \
    "$(value "$scratch/bench.json" "d['peak_gflop_s']")"
value "$scratch/bench.json" "', '.join('%s %.2f' % (t['norm'], t['of_dense_limit']) for t in d['training'])"
value "$scratch/bench.json" "'share of peak: ' + ', '.join('%s (%s) %.0f %%' % (r['name'], r['shape'], 100 * r['peak_share'])
    for r in d['kernels'] if r['name'] in ('forward 1', 'weight gradient 1', 'product'))"
value "$scratch/start.json" "'before the first step: %.3f s (median of 5, unpinned)' % statistics.median(d)"
value "$scratch/memory.json" "'peak memory of the default experiment: %.1f MB' % (d['peak_bytes'] / 1e6)"
print_kernels
echo
if command -v gnuplot >/dev/null; then
    gnuplot -d -c scripts/plots/bench.gp "$out/bench.csv" "$out/bench" </dev/null
    gnuplot -d -c scripts/plots/compare.gp "$out/compare.csv" "$out/compare" </dev/null
else
    note "gnuplot is missing: no figures (Debian: gnuplot-nox)"
fi
echo "wrote $out/: runs.csv compare.csv bench.csv$(command -v gnuplot >/dev/null && echo ' bench.svg bench.png compare.svg compare.png')"
[[ $failures -eq 0 ]] || fail "$failures measurements failed"
