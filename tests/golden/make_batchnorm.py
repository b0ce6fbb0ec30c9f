#!/usr/bin/env python3
"""Golden numbers for `dlexp batchnorm`: initial weights, data order, losses and the notebook protocol of PyTorch.

Command, from the root of the project (Debian 12: apt-get install python3-torch python3-numpy):

    /usr/bin/python3 tests/golden/make_batchnorm.py

Writes beside itself: batchnorm_weights.csv, batchnorm_order.csv, batchnorm_steps.csv, batchnorm_epochs.csv,
batchnorm_parameters.csv, notebook.csv, notebook_steps.csv, notebook_order.csv and batchnorm_made_with.csv. Names of
parts (weights order train notebook homework) as arguments make only those; the last three together make
batchnorm_parameters.csv.

    /usr/bin/python3 tests/golden/make_batchnorm.py compare build/dlexp

writes no file: it compares the first 100 losses of many seeds with those of dlexp, for several kernels of OpenBLAS.

    /usr/bin/python3 tests/golden/make_batchnorm.py rates build/dlexp

does the same for more learning rates, a line for each, with whatever PyTorch 1 or 2 there is, 2 threads of OpenBLAS, and its
Cooperlake kernels where the CPU has AVX-512 with bf16; it compares the initial weights, too.
"""

import csv
import ctypes
import gzip
import hashlib
import io
import os
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

# OpenBLAS reads these when torch is loaded, so they are set by starting again. Two threads: with one it cuts long sums
# at other places. Cooperlake by name: 0.3.21 takes Prescott's kernels on an Intel CPU that is newer than itself.
BF16 = os.path.exists("/proc/cpuinfo") and "avx512_bf16" in Path("/proc/cpuinfo").read_text()
BLAS = {"OPENBLAS_NUM_THREADS": "2", "OPENBLAS_CORETYPE": "COOPERLAKE" if BF16 else ""}
PINNED = "DLEXP_GOLDEN_BLAS"


def environment(blas):
    return {k: v for k, v in {**os.environ, **blas, PINNED: "1"}.items() if v}


if __name__ == "__main__" and PINNED not in os.environ:
    os.execve(sys.executable, [sys.executable, *sys.argv], environment(BLAS))

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

HERE = Path(__file__).resolve().parent
DATA = HERE.parent.parent / "data" / "mnist"

BATCH = 60
EPOCHS = 2
LOGGED_STEPS = 100
NOTEBOOK_STEPS = 20
NORMS = ("none", "batchnorm")

WEIGHT_CASES = [(seed, (128, 64)) for seed in (1234, 1, 0, 4294967297, -1)] + [(1234, (32,)), (1234, (300, 100, 50))]
ORDER_SEEDS = (1234, 7)
TRAIN_SEED = 1234
STEPS_SEEDS = (1234, 33)
PARAMETER_SEEDS = {1: (1234, 33, 1, 2), 2: (1234, 33)}  # by epoch
COMPARED_SEEDS = range(1, 25)
RATES = {"momentum": ("0.001", "0.01", "0.1", "0.5"), "sgd": ("0.01", "0.1", "0.5"), "rmsprop": ("0.0001", "0.001"),
         "adam": ("0.0001", "0.001", "0.01")}
MAKE = {
    "momentum": lambda p, lr: torch.optim.SGD(p, lr=lr, momentum=0.9),
    "sgd": lambda p, lr: torch.optim.SGD(p, lr=lr),
    "rmsprop": lambda p, lr: torch.optim.RMSprop(p, lr=lr),
    "adam": lambda p, lr: torch.optim.Adam(p, lr=lr),
}
OPTIMIZERS = (("momentum", "0.01"), ("sgd", "0.1"), ("rmsprop", "0.001"), ("adam", "0.001"))


def read_idx(name):
    raw = gzip.decompress((DATA / name).read_bytes())
    dims = struct.unpack(f">{raw[3]}I", raw[4 : 4 + 4 * raw[3]])
    return np.frombuffer(raw, dtype=np.uint8, offset=4 + 4 * raw[3]).reshape(dims)


def load(part):
    """Images as (n, 784) float32 in 0..1, divided as ToTensor does it, and labels."""
    images = torch.from_numpy(read_idx(f"{part}-images-idx3-ubyte.gz").copy()).to(torch.float32).div(255)
    labels = torch.from_numpy(read_idx(f"{part}-labels-idx1-ubyte.gz").astype(np.int64))
    return images.reshape(len(images), -1), labels


class Net(nn.Module):
    """The homework's two nets, for any hidden sizes."""

    def __init__(self, norm, hidden=(128, 64), inputs=784, classes=10):
        super().__init__()
        layers = []
        for width in hidden:
            layers.append(nn.Linear(inputs, width))
            if norm == "batchnorm":
                layers.append(nn.BatchNorm1d(width))
            layers.append(nn.ReLU())
            inputs = width
        layers.append(nn.Linear(inputs, classes))
        self.classifier = nn.Sequential(*layers)

    def forward(self, x):
        return self.classifier(x)


def index_loader(count, shuffle):
    """A real DataLoader over 0..count-1: same draws and same batches as one over the images, far cheaper to collate."""
    return DataLoader(range(count), batch_size=BATCH, shuffle=shuffle)


def write(name, header, rows):
    with open(HERE / name, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
    print(f"{name}: {len(rows)} rows", flush=True)


def number(value):
    return f"{value:.9g}"


def check_index_loader(train, test):
    """The loaders over indices must give the images, and leave the generator, as loaders over the images do."""
    outcomes = []
    for by_index in (False, True):
        torch.manual_seed(TRAIN_SEED)
        Net("none")
        if by_index:
            loaders = index_loader(len(train[0]), True), index_loader(len(test[0]), False)
        else:
            loaders = (
                DataLoader(TensorDataset(*train), batch_size=BATCH, shuffle=True),
                DataLoader(TensorDataset(*test), batch_size=BATCH, shuffle=False),
            )
        digest = hashlib.sha256()
        for _ in range(3):
            for data, loader in zip((train, test), loaders):
                for step, batch in enumerate(loader):
                    images, labels = (data[0][batch], data[1][batch]) if by_index else batch
                    digest.update(images.numpy().tobytes() + labels.numpy().tobytes())
                    if step == 4:
                        break
        outcomes.append((digest.hexdigest(), torch.get_rng_state()))
    assert outcomes[0][0] == outcomes[1][0] and torch.equal(outcomes[0][1], outcomes[1][1])


def make_weights():
    rows = []
    for norm in NORMS:
        for seed, hidden in WEIGHT_CASES:
            torch.manual_seed(seed)
            values = [p.detach().numpy() for p in Net(norm, hidden).parameters()]
            digest = hashlib.sha256(b"".join(v.astype("<f4").tobytes() for v in values)).hexdigest()
            rows.append((norm, seed, "-".join(map(str, hidden)), digest, sum(v.size for v in values)))
    write("batchnorm_weights.csv", ("norm", "seed", "hidden", "sha256", "count"), rows)


def order_hash(batches):
    """SHA-256 of the indices in the order visited, as little-endian int32."""
    order = torch.cat(batches).numpy()
    assert np.array_equal(np.sort(order), np.arange(len(order)))
    return hashlib.sha256(order.astype("<i4").tobytes()).hexdigest()


def make_order(train, test):
    rows = []
    for seed in ORDER_SEEDS:
        for norm in NORMS:
            torch.manual_seed(seed)
            Net(norm)
            train_loader, test_loader = index_loader(len(train[0]), True), index_loader(len(test[0]), False)
            for epoch in range(1, EPOCHS + 1):
                rows.append((seed, norm, epoch, order_hash(list(train_loader))))
                for _ in test_loader:
                    pass
    write("batchnorm_order.csv", ("seed", "norm", "epoch", "sha256"), rows)


def train_batch(net, optimizer, images, labels):
    """One step; the loss, and how many were right before it."""
    output = net(images)
    loss = nn.functional.cross_entropy(output, labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item(), (output.argmax(1) == labels).sum().item()


def first_losses(train, norm, optimizer_name, lr, seed):
    """The losses of the first steps only."""
    torch.manual_seed(seed)
    net = Net(norm)
    optimizer = MAKE[optimizer_name](net.parameters(), float(lr))
    loader = index_loader(len(train[0]), True)
    return [train_batch(net, optimizer, train[0][batch], train[1][batch])[0]
            for _, batch in zip(range(LOGGED_STEPS), loader)]


def tensors_hash(tensors):
    return hashlib.sha256(b"".join(t.detach().numpy().astype("<f4").tobytes() for t in tensors)).hexdigest()


def parameter_hashes(net):
    """Of module.parameters(), and of the running means and variances in state_dict's order; empty without any."""
    running = [t for name, t in net.state_dict().items() if "running" in name]
    return tensors_hash(net.parameters()), tensors_hash(running) if running else ""


def make_train(train, test):
    """The reference script: train mode for the train set, eval mode under no_grad for the whole test set. Returns the
    hashes of the parameters."""
    steps, epochs, parameters = [], [], []
    for seed in PARAMETER_SEEDS[1]:
        for norm in NORMS:
            for optimizer_name, lr in OPTIMIZERS:
                run = (norm, optimizer_name, lr, seed)
                torch.manual_seed(seed)
                net = Net(norm)
                optimizer = MAKE[optimizer_name](net.parameters(), float(lr))
                train_loader, test_loader = index_loader(len(train[0]), True), index_loader(len(test[0]), False)
                for epoch in (e for e in PARAMETER_SEEDS if seed in PARAMETER_SEEDS[e]):
                    start = time.perf_counter()
                    net.train()
                    losses, right = [], 0
                    for batch in train_loader:
                        loss, correct = train_batch(net, optimizer, train[0][batch], train[1][batch])
                        losses.append(loss)
                        right += correct
                    if epoch == 1 and seed in STEPS_SEEDS:
                        steps += [(*run, step, number(loss)) for step, loss in enumerate(losses[:LOGGED_STEPS], 1)]
                    parameters.append(("fair", *run, epoch, *parameter_hashes(net)))
                    trained = time.perf_counter()
                    net.eval()
                    test_loss, test_right = 0.0, 0
                    with torch.no_grad():
                        for batch in test_loader:
                            output, labels = net(test[0][batch]), test[1][batch]
                            test_loss += nn.functional.cross_entropy(output, labels, reduction="sum").item()
                            test_right += (output.argmax(1) == labels).sum().item()
                    row = (
                        *run, epoch, number(sum(losses) / len(losses)), number(100 * right / len(train[0])),
                        number(test_loss / len(test[0])), number(100 * test_right / len(test[0])),
                    )
                    if seed == TRAIN_SEED:
                        epochs.append(row)
                    print(*row, f"({trained - start:.2f} s train, {time.perf_counter() - trained:.2f} s test)",
                          flush=True)
    key = ("norm", "optimizer", "lr", "seed")
    write("batchnorm_steps.csv", (*key, "step", "train_loss"), steps)
    write("batchnorm_epochs.csv", (*key, "epoch", "train_loss", "train_accuracy_percent", "test_loss",
                                   "test_accuracy_percent"), epochs)
    return parameters


def make_homework(train):
    """The four runs of the homework with fresh nets, as dlexp does them by default: the hashes at their end."""
    epochs, parameters = 15, []
    for norm in NORMS:
        for lr in ("0.01", "0.5"):
            torch.manual_seed(TRAIN_SEED)
            net = Net(norm)
            optimizer = torch.optim.SGD(net.parameters(), lr=float(lr), momentum=0.9)
            for _ in range(epochs):
                for batch in index_loader(len(train[0]), True):
                    train_batch(net, optimizer, train[0][batch], train[1][batch])
                next(iter(index_loader(1, False)))  # a test pass draws, too
            parameters.append(("fair", norm, "momentum", lr, TRAIN_SEED, epochs, *parameter_hashes(net)))
            print(*parameters[-1], flush=True)
    return parameters


def make_notebook(train, test):
    """The homework's notebook, kept with its quirks: both loaders shuffled, one test batch drawn before the models are
    made, no eval() (the test pass normalises by, and updates, batch statistics), lr 0.5 continues from the weights of
    lr 0.01 with a fresh optimizer, counters never reset (accuracies over epochs 1..k), loss = sum of the batch losses
    / 1000. Returns the hashes of each segment's last parameters."""
    rows, steps, orders, parameters = [], [], [], []
    torch.manual_seed(TRAIN_SEED)
    train_loader, test_loader = index_loader(len(train[0]), True), index_loader(len(test[0]), True)
    next(iter(test_loader))
    nets = {norm: Net(norm) for norm in NORMS}
    segments = [(norm, lr) for lr in ("0.01", "0.5") for norm in NORMS]
    for segment, (norm, lr) in enumerate(segments, start=1):
        net = nets[norm]
        optimizer = torch.optim.SGD(net.parameters(), lr=float(lr), momentum=0.9)
        count = right = test_count = test_right = 0
        for epoch in range(1, EPOCHS + 1):
            running_loss = 0.0
            visited = {"train": [], "test": []}
            for step, batch in enumerate(train_loader, start=1):
                loss, correct = train_batch(net, optimizer, train[0][batch], train[1][batch])
                running_loss += loss
                right += correct
                count += len(batch)
                visited["train"].append(batch)
                if epoch == 1 and step <= NOTEBOOK_STEPS:
                    steps.append((segment, norm, lr, TRAIN_SEED, step, number(loss)))
            for batch in test_loader:
                with torch.no_grad():  # the notebook kept the graph here, which changes no number
                    output = net(test[0][batch])
                test_right += (output.argmax(1) == test[1][batch]).sum().item()
                test_count += len(batch)
                visited["test"].append(batch)
            orders += [(segment, epoch, part, order_hash(batches)) for part, batches in visited.items()]
            rows.append((segment, norm, lr, TRAIN_SEED, epoch, number(running_loss / 1000), number(100 * right / count),
                         number(100 * test_right / test_count)))
            print(*rows[-1], flush=True)
        parameters.append(("notebook", norm, "momentum", lr, TRAIN_SEED, EPOCHS, *parameter_hashes(net)))
    key = ("segment", "norm", "lr", "seed")
    write("notebook.csv", (*key, "epoch", "train_loss", "train_accuracy_percent", "test_accuracy_percent"), rows)
    write("notebook_steps.csv", (*key, "step", "train_loss"), steps)
    write("notebook_order.csv", ("segment", "epoch", "set", "sha256"), orders)
    return parameters


def openblas():
    """The library that torch loaded: its configuration, kernels and threads; None without one."""
    paths = [line.split()[-1] for line in open("/proc/self/maps") if "libopenblas" in line]
    if not paths:
        return None
    library = ctypes.CDLL(paths[0])
    library.openblas_get_config.restype = library.openblas_get_corename.restype = ctypes.c_char_p
    version = " ".join(library.openblas_get_config().decode().split()[:2])
    return version, library.openblas_get_corename().decode(), library.openblas_get_num_threads()


def check_blas(made_with):
    """Sums are rounded by the kernels that OpenBLAS has for the CPU; dlexp computes as those named here."""
    blas = openblas()
    if blas is None:
        sys.exit("make_batchnorm.py: expected a torch that computes with OpenBLAS (Debian: libopenblas0-pthread)")
    version, core, threads = blas
    if core != "Cooperlake":
        sys.exit("make_batchnorm.py: expected OpenBLAS to take its Cooperlake kernels, which need an x86-64 CPU "
                 "with AVX-512 and bf16 (Cooper Lake, Sapphire Rapids, Zen 4 and later), got "
                 f"{core}: those add products up in another order")
    if threads != 2:
        sys.exit(f"make_batchnorm.py: expected 2 threads of OpenBLAS, got {threads}: a machine with one processor "
                 "cannot make these numbers")
    rows = (("torch", torch.__version__), ("numpy", np.__version__), ("blas", version), ("blas_kernels", core),
            ("blas_threads", threads), ("torch_threads", torch.get_num_threads()))
    write(made_with, ("what", "which"), rows)


def print_losses(train):
    """For `compare`: the losses with the BLAS that the environment asks for, as bytes of float32."""
    version, core, threads = openblas()
    print(f"{version} {core}, threads: {threads}", file=sys.stderr, flush=True)
    for seed in COMPARED_SEEDS:
        for norm in NORMS:
            for key in OPTIMIZERS:
                sys.stdout.buffer.write(np.array(first_losses(train, norm, *key, seed), "<f4").tobytes())


def dlexp_losses(dlexp):
    """The same from dlexp: (seed, norm, optimizer, step)."""
    losses = np.zeros((len(COMPARED_SEEDS), len(NORMS), len(OPTIMIZERS), LOGGED_STEPS), np.float32)
    for o, (optimizer, lr) in enumerate(OPTIMIZERS):
        with tempfile.TemporaryDirectory() as out:
            subprocess.run(
                [dlexp, "batchnorm", "--quiet", "--optimizer", optimizer, "--lr", lr, "--epochs", "1",
                 "--log-every", "1", "--seeds", f"{COMPARED_SEEDS[0]}..{COMPARED_SEEDS[-1]}", "--out", out],
                check=True, stdout=subprocess.DEVNULL)
            for row in csv.DictReader(io.StringIO((Path(out) / "steps.csv").read_text())):
                seed, norm, step = COMPARED_SEEDS.index(int(row["seed"])), NORMS.index(row["norm"]), int(row["step"])
                if step <= LOGGED_STEPS:
                    losses[seed, norm, o, step - 1] = row["train_loss"]
    return losses


def compare_rates(dlexp, train):
    """For `rates`: how far the first losses lie apart, a line for each optimizer, rate and norm."""
    version, core, threads = openblas() or ("another BLAS", "unknown", "?")
    print(f"torch {torch.__version__}, {version} {core}, threads: {threads}; seeds {COMPARED_SEEDS[0]} to {COMPARED_SEEDS[-1]}, "
          f"{LOGGED_STEPS} losses each")
    print("optimizer,lr,norm,runs,same_initial_weights,beyond_1e-5,median_of_worst,worst", flush=True)
    for optimizer, rates in RATES.items():
        with tempfile.TemporaryDirectory() as out:
            subprocess.run(
                [dlexp, "batchnorm", "--quiet", "--optimizer", optimizer, "--lr", ",".join(rates), "--epochs", "1",
                 "--log-every", "1", "--seeds", f"{COMPARED_SEEDS[0]}..{COMPARED_SEEDS[-1]}", "--out", out],
                check=True, stdout=subprocess.DEVNULL)
            losses, initial = {}, {}
            for row in csv.DictReader(io.StringIO((Path(out) / "steps.csv").read_text())):
                losses.setdefault((row["norm"], float(row["lr"]), int(row["seed"])), []).append(float(row["train_loss"]))
            for row in csv.DictReader(io.StringIO((Path(out) / "summary.csv").read_text())):
                initial[row["norm"], int(row["seed"])] = row["initial_weights_sha256"]
        for lr in rates:
            for norm in NORMS:
                apart, same = [], 0
                for seed in COMPARED_SEEDS:
                    torch.manual_seed(seed)
                    same += tensors_hash(Net(norm).parameters()) == initial[norm, seed]
                    theirs = np.array(first_losses(train, norm, optimizer, lr, seed))
                    ours = np.array(losses[norm, float(lr), seed][:LOGGED_STEPS])
                    apart.append(abs(ours / theirs - 1).max())
                apart = np.array(apart)
                print(f"{optimizer},{lr},{norm},{apart.size},{same},{(apart > 1e-5).sum()},{np.median(apart):.2g},"
                      f"{apart.max():.2g}", flush=True)


def compare(dlexp):
    """How many runs leave 1e-5 within the first steps, by OpenBLAS's kernels and threads."""
    ours = dlexp_losses(dlexp)
    for core in (BLAS["OPENBLAS_CORETYPE"], "SKYLAKEX", "HASWELL"):
        for threads in ("2", "1"):
            blas = {"OPENBLAS_NUM_THREADS": threads, "OPENBLAS_CORETYPE": core}
            done = subprocess.run([sys.executable, __file__, "losses"], env=environment(blas), stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE)
            if done.returncode != 0:  # kernels of another CPU
                print(f"{core}: not on this machine ({done.returncode})")
                continue
            theirs = np.frombuffer(done.stdout, "<f4").reshape(ours.shape)
            worst = abs(ours.astype(np.float64) / theirs - 1).max(axis=3)
            print(f"{done.stderr.decode().strip()}: {(worst > 1e-5).sum()} of {worst.size} runs beyond 1e-5, "
                  f"median of the worst loss {np.median(worst):.2g}, worst {worst.max():.2g}", flush=True)


def main(parts):
    if parts[:1] == ["compare"] and len(parts) == 2:
        return compare(parts[1])
    torch.set_num_threads(1)
    if parts[:1] == ["rates"] and len(parts) == 2:
        return compare_rates(parts[1], load("train"))
    if parts == ["losses"]:
        return print_losses(load("train"))
    unknown = set(parts) - {"weights", "order", "train", "notebook", "homework"}
    if unknown:
        sys.exit(f"unknown part: {', '.join(sorted(unknown))}")
    print(f"torch {torch.__version__}, numpy {np.__version__}")
    if "AVX" not in torch.__config__.show().split("CPU capability usage:")[-1].split("\n")[0]:
        print("warning: no AVX2/AVX-512 kernels: uniform_ rounds twice here and the weights differ", file=sys.stderr)
    trained = {"train", "notebook", "homework"} & set(parts) if parts else {"train", "notebook", "homework"}
    if trained:
        check_blas("batchnorm_made_with.csv")
    train, test = load("train"), load("t10k")
    check_index_loader(train, test)
    if not parts or "weights" in parts:
        make_weights()
    if not parts or "order" in parts:
        make_order(train, test)
    parameters = make_train(train, test) if "train" in trained else []
    parameters += make_homework(train) if "homework" in trained else []
    parameters += make_notebook(train, test) if "notebook" in trained else []
    if len(trained) == 3:
        write("batchnorm_parameters.csv", ("protocol", "norm", "optimizer", "lr", "seed", "epoch", "sha256",
                                           "running_sha256"), parameters)
    return None


if __name__ == "__main__":
    main(sys.argv[1:])
