#!/usr/bin/env bash
# "Check it yourself" of tests/golden/README.md, run as it stands: its scripts where torch is installed, against dlexp.
# The same hashes where PyTorch adds in dlexp's order; elsewhere the same initial weights, and losses within rounding.
set -u
. "${DLEXP_SOURCE_DIR:?the source tree}/tests/cli/tiny_data.bash"
python=
for candidate in python3 /usr/bin/python3; do
    "$candidate" -c 'import torch' 2>/dev/null && python=$candidate && break
done
[ -n "$python" ] || { echo "skipped: no python3 with torch here (Debian: python3-torch libopenblas0-pthread)"; exit 77; }

# blocks LANGUAGE: the code of that section in that language.
blocks() {
    awk -v start='```'"$1" '/^## /{ inside = $0 == "## Check it yourself" } /^```/ { on = inside && $0 == start; next } on' \
        "$DLEXP_SOURCE_DIR/tests/golden/README.md"
}
ln -s "$DLEXP_SOURCE_DIR/data" data
mkdir build
ln -s "$DLEXP" build/dlexp
blocks sh >block.sh
bash -e block.sh >said.txt 2>&1 || { complain "its shell block: $(cat said.txt)"; finish; }
"$DLEXP" batchnorm --quiet --norm none --lr 0.01 --epochs 1 --log-every 1 --out one >/dev/null || complain "one epoch"

# The reader of model files is not packaged everywhere; this one knows what dlexp writes.
"$python" -c 'import safetensors.torch' 2>/dev/null || {
    mkdir -p modules/safetensors
    cat >modules/safetensors/torch.py <<'PYTHON'
import json, torch

def load_file(path):
    raw = open(path, "rb").read()
    start = 8 + int.from_bytes(raw[:8], "little")
    types = {"F32": torch.float32, "I64": torch.int64}
    return {name: torch.frombuffer(bytearray(raw[start + t["data_offsets"][0]:start + t["data_offsets"][1]]), dtype=types[t["dtype"]])
            .reshape(t["shape"]) for name, t in json.loads(raw[8:start]).items() if name != "__metadata__"}
PYTHON
}
{
    blocks python
    cat <<'PYTHON'

import csv, ctypes

def last_row(file):
    return list(csv.DictReader(open(file)))[-1]

def sha256(module):
    return hashlib.sha256(b"".join(p.detach().numpy().tobytes() for p in module.parameters())).hexdigest()

def expect(what, good):
    print(("ok " if good else "WRONG ") + what)

two = last_row("results/two/summary.csv")
expect("loaded into Net", sha256(net) == two["final_weights_sha256"] and two["best_epoch"] == "2")
expect("loaded into a Sequential", sha256(bare) == two["final_weights_sha256"])
torch.manual_seed(1234)
net = Net()
expect("initial weights", sha256(net) == two["initial_weights_sha256"])
optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
worst = 0
for batch, row in zip(train_loader, csv.DictReader(open("one/steps.csv"))):
    loss = nn.functional.cross_entropy(net(images[batch]), labels[batch])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    worst = max(worst, abs(loss.item() / float(row["train_loss"]) - 1))
    if int(row["step"]) == 100:
        break
expect(f"first 100 losses, apart by {worst:.2g}", 0 < worst < 1e-6)
library = [line.split()[-1] for line in open("/proc/self/maps") if "libopenblas" in line]
library = ctypes.CDLL(library[0]) if library else None
if library:
    library.openblas_get_corename.restype = library.openblas_get_config.restype = ctypes.c_char_p
print("promised" if library and torch.__version__.startswith("1.13") and b" 0.3.21 " in library.openblas_get_config()
      and library.openblas_get_corename() == b"Cooperlake" and library.openblas_get_num_threads() == 2
      and "AVX" in torch.__config__.show().split("CPU capability usage:")[-1].split("\n")[0] else "elsewhere")
PYTHON
} >script.py

# As it is called from a session that has other plans for OpenBLAS.
OPENBLAS_NUM_THREADS=1 PYTHONPATH=$PWD/modules "$python" script.py >printed.txt 2>said.txt || complain "its Python: $(tail -n 5 said.txt)"
grep WRONG printed.txt && complain "its Python: $(cat printed.txt)"
[ "$(grep -c '^ok ' printed.txt)" -eq 4 ] || complain "expected 4 checks, got: $(cat printed.txt)"

awk -F, 'NR == 1 { for (c = 1; c <= NF; c++) if ($c == "final_weights_sha256") at = c } NR == 2 { print $at }' \
    one/summary.csv >hashes.txt
awk -F, 'NR == 1 { for (c = 1; c <= NF; c++) if ($c == "final_weights_sha256") at = c } NR == 2 { print $at }' results/two/summary.csv >>hashes.txt
while read -r hash; do
    grep -q "$hash" "$DLEXP_SOURCE_DIR/tests/golden/README.md" || complain "tests/golden/README.md does not have dlexp's $hash"
done <hashes.txt
head -n 2 printed.txt | cut -d' ' -f1 >theirs.txt
if grep -qx promised printed.txt; then
    cmp -s hashes.txt theirs.txt || complain "expected PyTorch's weights to be dlexp's: $(paste hashes.txt theirs.txt)"
else
    echo "another PyTorch, OpenBLAS or processor than the one named there: hashes are not compared"
fi
# Accuracies after epoch 1 and 2, and of the loaded model; a few images may go the other way.
{ awk -F, 'NR > 1 { print $8 }' results/two/epochs.csv; awk -F, 'END { print $8 }' results/two/epochs.csv; } >accuracies.txt
{ head -n 2 printed.txt | cut -d' ' -f2; sed -n 3p printed.txt; } | paste accuracies.txt - |
    awk '{ d = $1 - $2; if (NF != 2 || d > 0.1 || d < -0.1) { print; bad = 1 } } END { exit bad || NR != 3 }' ||
    complain "accuracies: expected dlexp's, got $(head -n 3 printed.txt)"
finish
