#!/usr/bin/env python3
"""Golden numbers for `dlexp batchnorm`: initial weights, data order, losses and the notebook protocol of PyTorch.

Command, from the root of the project (Debian 12: apt-get install python3-torch python3-numpy):

    /usr/bin/python3 tests/golden/make_batchnorm.py

Writes beside itself: batchnorm_weights.csv, batchnorm_order.csv, batchnorm_steps.csv, batchnorm_epochs.csv,
notebook.csv, notebook_steps.csv and notebook_order.csv. Names of parts (weights order train notebook) as arguments make
only those. `stability` writes no file: it repeats the 100 steps in float64, and with the pixels in another order, and
prints how far rounding alone moves the losses.
"""

import csv
import gzip
import hashlib
import struct
import sys
import time
from pathlib import Path

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
STEPS_SEED = 33  # only its first steps: of seeds 2..41, the one whose losses rounding moves least (README.md)
OPTIMIZERS = {
    ("momentum", "0.01"): lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.9),
    ("sgd", "0.1"): lambda p: torch.optim.SGD(p, lr=0.1),
    ("rmsprop", "0.001"): lambda p: torch.optim.RMSprop(p, lr=0.001),
    ("adam", "0.001"): lambda p: torch.optim.Adam(p, lr=0.001),
}


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


def first_losses(train, norm, optimizer_key, seed, dtype=torch.float32, pixels=None):
    """The losses of the first steps only; `pixels` reorders the inputs together with the weights that read them."""
    torch.manual_seed(seed)
    net = Net(norm).to(dtype)
    if pixels is not None:
        with torch.no_grad():
            net.classifier[0].weight.copy_(net.classifier[0].weight[:, pixels].clone())
    optimizer = OPTIMIZERS[optimizer_key](net.parameters())
    losses = []
    for _, batch in zip(range(LOGGED_STEPS), index_loader(len(train[0]), True)):
        images = train[0][batch] if pixels is None else train[0][batch][:, pixels]
        losses.append(train_batch(net, optimizer, images.to(dtype), train[1][batch])[0])
    return losses


def make_train(train, test):
    """The reference script: train mode for the train set, eval mode under no_grad for the whole test set."""
    steps, epochs = [], []
    for norm in NORMS:
        for (optimizer_name, lr), make_optimizer in OPTIMIZERS.items():
            run = (norm, optimizer_name, lr, TRAIN_SEED)
            torch.manual_seed(TRAIN_SEED)
            net = Net(norm)
            optimizer = make_optimizer(net.parameters())
            train_loader, test_loader = index_loader(len(train[0]), True), index_loader(len(test[0]), False)
            for epoch in range(1, EPOCHS + 1):
                start = time.perf_counter()
                net.train()
                losses, right = [], 0
                for batch in train_loader:
                    loss, correct = train_batch(net, optimizer, train[0][batch], train[1][batch])
                    losses.append(loss)
                    right += correct
                if epoch == 1:
                    steps += [(*run, step, number(loss)) for step, loss in enumerate(losses[:LOGGED_STEPS], start=1)]
                trained = time.perf_counter()
                net.eval()
                test_loss, test_right = 0.0, 0
                with torch.no_grad():
                    for batch in test_loader:
                        output, labels = net(test[0][batch]), test[1][batch]
                        test_loss += nn.functional.cross_entropy(output, labels, reduction="sum").item()
                        test_right += (output.argmax(1) == labels).sum().item()
                epochs.append((
                    *run, epoch, number(sum(losses) / len(losses)), number(100 * right / len(train[0])),
                    number(test_loss / len(test[0])), number(100 * test_right / len(test[0])),
                ))
                print(*epochs[-1], f"({trained - start:.2f} s train, {time.perf_counter() - trained:.2f} s test)",
                      flush=True)
    for norm in NORMS:
        for optimizer in OPTIMIZERS:
            losses = first_losses(train, norm, optimizer, STEPS_SEED)
            steps += [(norm, *optimizer, STEPS_SEED, step, number(loss)) for step, loss in enumerate(losses, start=1)]
    key = ("norm", "optimizer", "lr", "seed")
    write("batchnorm_steps.csv", (*key, "step", "train_loss"), steps)
    write("batchnorm_epochs.csv", (*key, "epoch", "train_loss", "train_accuracy_percent", "test_loss",
                                   "test_accuracy_percent"), epochs)


def make_notebook(train, test):
    """The homework's notebook, kept with its quirks: both loaders shuffled, one test batch drawn before the models are
    made, no eval() (the test pass normalises by, and updates, batch statistics), lr 0.5 continues from the weights of
    lr 0.01 with a fresh optimizer, counters never reset (accuracies over epochs 1..k), loss = sum of the batch losses
    / 1000."""
    rows, steps, orders = [], [], []
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
    key = ("segment", "norm", "lr", "seed")
    write("notebook.csv", (*key, "epoch", "train_loss", "train_accuracy_percent", "test_accuracy_percent"), rows)
    write("notebook_steps.csv", (*key, "step", "train_loss"), steps)
    write("notebook_order.csv", ("segment", "epoch", "set", "sha256"), orders)


def show_stability(train):
    """How far rounding alone moves the logged losses: the same steps from the same weights in float64, and in float32
    with the pixels (and the weights' columns) in another order, so that only the order of the sums differs."""
    generator = torch.Generator().manual_seed(1)
    orders = [torch.randperm(train[0].shape[1], generator=generator) for _ in range(12)]
    for seed in (TRAIN_SEED, STEPS_SEED):
        for norm in NORMS:
            for optimizer in OPTIMIZERS:
                losses = np.array(first_losses(train, norm, optimizer, seed))
                others = [first_losses(train, norm, optimizer, seed, dtype=torch.float64)]
                others += [first_losses(train, norm, optimizer, seed, pixels=pixels) for pixels in orders]
                relative = abs(np.array(others) / losses - 1)
                parted = [int(np.argmax(r > 1e-5)) + 1 for r in relative if (r > 1e-5).any()]
                print(f"seed {seed}, {norm} {' '.join(optimizer)}: worst {relative.max():.2g}; "
                      f"{len(parted)} of {len(others)} beyond 1e-5, from step {parted}", flush=True)


def main(parts):
    unknown = set(parts) - {"weights", "order", "train", "notebook", "stability"}
    if unknown:
        sys.exit(f"unknown part: {', '.join(sorted(unknown))}")
    torch.set_num_threads(1)
    print(f"torch {torch.__version__}, numpy {np.__version__}")
    if "AVX" not in torch.__config__.show().split("CPU capability usage:")[-1].split("\n")[0]:
        print("warning: no AVX2/AVX-512 kernels: uniform_ rounds twice here and the weights differ", file=sys.stderr)
    train, test = load("train"), load("t10k")
    check_index_loader(train, test)
    if not parts or "weights" in parts:
        make_weights()
    if not parts or "order" in parts:
        make_order(train, test)
    if "stability" in parts:
        show_stability(train)
    if not parts or "train" in parts:
        make_train(train, test)
    if not parts or "notebook" in parts:
        make_notebook(train, test)


if __name__ == "__main__":
    main(sys.argv[1:])
