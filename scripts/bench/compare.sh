#!/usr/bin/env bash
#
# compare.sh - dlexp against PyTorch and numpy by hand on one core: seconds a training epoch and test accuracy.
#
# Every round runs every program once, one after the other (A B A B), each pinned to the same core with one thread, so that whatever
# else the machine does falls on all of them alike.  A process trains some epochs and reports the median of their times without
# loading and evaluation; the optimizer is momentum 0.9 at rate 0.01, in float32.  The ratio is taken within a round; shown are its
# median, lowest and highest.
#
# Writes runs.csv (every measurement), a table of what was asked for (compare.csv, sizes.csv, ...), and where gnuplot is its figure.
set -euo pipefail

usage() {
    cat <<'END'
usage: scripts/bench/compare.sh [options]

Whole epochs of training, or one of these in their place:
  --sizes         steps of training at many widths and batches; against libxsmm too, where it is installed
  --layers        steps of the homework's net with other layers and optimizers
  --images        steps on images of 224 x 224, 30 % ink
  --batches       dlexp alone: is there a batch of which a step takes longer than with one image more?
  --products      dense products of the sizes that nets have, and a sweep of sizes, against OpenBLAS and oneDNN
  --start         dlexp alone: what comes before the first step, a call again, a thousand tiny runs

  --rounds N      rounds, 5 or more (default 5)
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
rounds=5 quick=0 suite=compare install=0 dlexp=build/dlexp out=build/bench kernels=auto openblas=''
while [[ $# -gt 0 ]]; do
    case $1 in
    --quick) quick=1 ;;
    --sizes | --layers | --images | --batches | --products | --start) suite=${1#--} ;;
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
if [[ $quick -eq 1 ]]; then rounds=1; fi
[[ -x $dlexp ]] || fail "no program '$dlexp'; build it: cmake -B build && cmake --build build"

if [[ $install -eq 1 ]]; then
    command -v apt-get >/dev/null || fail "--install: expected apt-get (Debian, Ubuntu); install PyTorch, numpy with OpenBLAS and PIL by hand"
    as_root=(env DEBIAN_FRONTEND=noninteractive)
    if [[ $(id -u) -ne 0 ]]; then as_root=(sudo "${as_root[@]}"); fi
    "${as_root[@]}" apt-get update -q || note "apt-get update failed; going on with the lists there are"
    "${as_root[@]}" apt-get install -y --no-install-recommends python3-torch python3-numpy python3-pil libopenblas0-pthread \
        libdnnl2 libxsmm-dev
    "${as_root[@]}" apt-get install -y --no-install-recommends dataset-fashion-mnist ||
        note "no package dataset-fashion-mnist here; its case is left out"
fi

# The first Python that has the most of what the peers need.
remedy="install it with scripts/bench/compare.sh --install (Debian: python3-torch python3-numpy python3-pil libopenblas0-pthread libdnnl2 libxsmm-dev)"
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

# The kernels that each program takes here.
print_kernels() {
    echo "OpenBLAS core: ${openblas:-its own choice}"
    [[ $torch -eq 0 ]] || "$python" -c 'import re, torch; print("PyTorch", torch.__version__, *re.findall("CPU capability usage: .*", torch.__config__.show()))'
    "$python" -c 'import numpy; print("numpy", numpy.__version__)'
    echo "CPU: $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo 2>/dev/null | head -1)"
}

# OpenBLAS may not know a newer processor, or be told of an older one by the environment: the peers get the fastest that runs here.
product() { pinned "$@" "$python" "$here/numpy_product.py" 1024 2>/dev/null >"$scratch/printed.json" && value "$scratch/printed.json" "d['least']"; }
if [[ -z $openblas ]]; then
    unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE
    product >/dev/null || fail "numpy cannot multiply two matrices: $python $here/numpy_product.py 1024"
    # Kernels that this processor lacks end in a signal, and are passed over.
    for turn in 1 2 3; do
        for core in own HASWELL ZEN SKYLAKEX; do
            choice=(env)
            if [[ $core != own ]]; then choice+=("OPENBLAS_CORETYPE=$core"); fi
            seconds=$( (product "${choice[@]}") 2>/dev/null) && echo "$turn $core $seconds"
        done
    done >"$scratch/cores" || true
    # A tenth faster than its own choice in every turn: what else the machine does must not choose.
    openblas=$(awk '$2 == "own" { own[$1] = $3 }
        $2 != "own" && $3 < 0.9 * own[$1] { turns[$2]++; seconds[$2] += $3 }
        END { for (core in turns) if (turns[core] == 3 && (!name || seconds[core] < seconds[name])) name = core
              print name }' "$scratch/cores")
fi
if [[ -n $openblas ]]; then export OPENBLAS_CORETYPE=$openblas; fi
if [[ $kernels == avx2 ]]; then export ATEN_CPU_CAPABILITY=avx2; fi # PyTorch is held to the same

cores=$("$python" -c 'import os; print(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count())')
[[ $cores -ge 2 ]] || note "one core: --jobs 2 against --jobs 1 is left out"
[[ -d $fashion ]] || note "Fashion-MNIST is left out: no $fashion (Debian: dataset-fashion-mnist, or --install)"

# shellcheck source=scripts/bench/suites.bash
. "$here/suites.bash"
wrote=()
"$suite"
print_kernels
[[ ${#wrote[@]} -eq 0 ]] || echo "wrote $out/: ${wrote[*]}"
[[ $failures -eq 0 ]] || fail "$failures measurements failed"
