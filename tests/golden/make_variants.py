#!/usr/bin/env python3
"""Golden numbers for what `dlexp batchnorm` varies beside rate and seed: PyTorch's optimizers with weight decay,
schedules, layers and batches.

Command, from the root of the project (Debian 12: apt-get install python3-torch python3-numpy):

    /usr/bin/python3 tests/golden/make_variants.py

Writes beside itself: variant_optimizers.csv, variant_schedules.csv, variant_layers.csv, variant_batches.csv,
variant_validation.csv, schedule_rates.csv and variant_made_with.csv. Names of parts (optimizers schedules layers
batches validation rates) as arguments make only those.
"""

import copy
import math
import os
import sys

from make_batchnorm import (LOGGED_STEPS, PINNED, BLAS, TRAIN_SEED, check_blas, environment, load, number,
                            parameter_hashes, train_batch, write)

# OpenBLAS reads its settings when torch is loaded.
if __name__ == "__main__" and PINNED not in os.environ:
    os.execve(sys.executable, [sys.executable, *sys.argv], environment(BLAS))

import torch
from torch import nn
from torch.optim.lr_scheduler import CosineAnnealingLR, StepLR
from torch.utils.data import DataLoader, Subset

NORMS = {"none": None, "batchnorm": nn.BatchNorm1d, "layernorm": nn.LayerNorm}
HOMEWORK_NORMS = ("none", "batchnorm")
ACTIVATIONS = {"relu": nn.ReLU, "sigmoid": nn.Sigmoid, "tanh": nn.Tanh}
OPTIMIZERS = {
    "sgd": lambda p, **o: torch.optim.SGD(p, **o),
    "momentum": lambda p, **o: torch.optim.SGD(p, momentum=0.9, **o),
    "nesterov": lambda p, **o: torch.optim.SGD(p, momentum=0.9, nesterov=True, **o),
    "rmsprop": lambda p, **o: torch.optim.RMSprop(p, **o),
    "adam": lambda p, **o: torch.optim.Adam(p, **o),
    "adamw": lambda p, **o: torch.optim.AdamW(p, **o),
}
RATES = {"sgd": "0.1", "momentum": "0.01", "nesterov": "0.01", "rmsprop": "0.001", "adam": "0.001", "adamw": "0.001"}
SCHEDULE_EPOCHS = 5
VALIDATION_COLUMNS = ("validation_loss", "validation_accuracy_percent", "best_epoch", "best_test_accuracy_percent",
                      "evals")


# ---- a case: what is not the default, by the name of dlexp's option, and the norm

def optimizer_cases():
    for seed in (TRAIN_SEED, 33):
        for norm in HOMEWORK_NORMS:
            for optimizer in ("nesterov", "adamw"):
                yield {"optimizer": optimizer}, norm, seed
            for optimizer in RATES:
                yield {"optimizer": optimizer, "weight-decay": "0.0005"}, norm, seed


def schedule_cases():
    for optimizer, schedule in (("momentum", {"schedule": "step", "step-size": "2"}),
                                ("momentum", {"schedule": "cosine"}),
                                ("momentum", {"schedule": "cosine", "lr-min": "0.0001"}),
                                ("adam", {"schedule": "step", "step-size": "2", "gamma": "0.5"})):
        for norm in HOMEWORK_NORMS:
            yield {"optimizer": optimizer, **schedule, "epochs": SCHEDULE_EPOCHS}, norm, TRAIN_SEED
    for schedule in ({"schedule": "step", "step-size": "2"}, {"schedule": "cosine", "lr-min": "0.0001"}):
        yield {"protocol": "notebook", **schedule, "epochs": SCHEDULE_EPOCHS}, None, TRAIN_SEED


def layer_cases():
    for optimizer in ("momentum", "adam"):
        for norm in NORMS:
            for activation in ACTIVATIONS:
                if activation != "relu" or norm == "layernorm":
                    yield {"optimizer": optimizer, "activation": activation}, norm, TRAIN_SEED
    for optimizer in ("sgd", "momentum", "adam"):
        yield {"optimizer": optimizer, "hidden": "none"}, "none", TRAIN_SEED


def batch_cases():
    for batch in ("64", "7000"):
        for drop_last in ({}, {"drop-last": ""}):
            for norm in HOMEWORK_NORMS:
                yield {"optimizer": "momentum", "batch": batch, **drop_last}, norm, TRAIN_SEED


def validation_cases():
    for options in ({"optimizer": "momentum", "validation": "10000", "eval-every": "400"},
                    {"optimizer": "adam", "batch": "64", "drop-last": "", "validation": "9999", "eval-every": "780"}):
        for norm in HOMEWORK_NORMS:
            yield {**options, "epochs": 2}, norm, TRAIN_SEED


# ---- training

def make_net(case, norm, inputs=784, classes=10):
    hidden = case.get("hidden", "128,64")
    layers = []
    for width in map(int, hidden.split(",") if hidden != "none" else ()):
        layers.append(nn.Linear(inputs, width))
        if NORMS[norm]:
            layers.append(NORMS[norm](width))
        layers.append(ACTIVATIONS[case.get("activation", "relu")]())
        inputs = width
    return nn.Sequential(*layers, nn.Linear(inputs, classes))


def make_optimizer(case, net, lr):
    decay = {"weight_decay": float(case["weight-decay"])} if "weight-decay" in case else {}
    return OPTIMIZERS[case.get("optimizer", "momentum")](net.parameters(), lr=float(lr), **decay)


def make_scheduler(case, optimizer):
    if case.get("schedule") == "step":
        return StepLR(optimizer, step_size=int(case["step-size"]), gamma=float(case.get("gamma", "0.1")))
    if case.get("schedule") == "cosine":
        return CosineAnnealingLR(optimizer, T_max=case["epochs"], eta_min=float(case.get("lr-min", "0")))
    return None


def loader(case, count, shuffle, drop_last=False):
    return DataLoader(range(count), batch_size=int(case.get("batch", "60")), shuffle=shuffle, drop_last=drop_last)


def train_epoch(net, optimizer, batches, images, labels, after=lambda: None):
    """Losses of the batches, their sum over the images, images that were right, images seen."""
    losses, total, right, seen = [], 0.0, 0, 0
    for batch in batches:
        loss, correct = train_batch(net, optimizer, images[batch], labels[batch])
        losses.append(loss)
        total += loss * len(batch)
        right += correct
        seen += len(batch)
        after()
    return losses, total, right, seen


def test(net, batches, images, labels):
    """Sum of the losses, images that were right."""
    loss, right = 0.0, 0
    with torch.no_grad():
        for batch in batches:
            output = net(images[batch])
            loss += nn.functional.cross_entropy(output, labels[batch], reduction="sum").item()
            right += (output.argmax(1) == labels[batch]).sum().item()
    return loss, right


def first_losses(losses, epoch):
    return " ".join(map(number, losses[:LOGGED_STEPS])) if epoch == 1 else ""


def run_fair(case, norm, seed, train_set, test_set):
    """A row for each epoch. --drop-last concerns the training set alone."""
    lr = RATES[case["optimizer"]]
    torch.manual_seed(seed)
    net = make_net(case, norm)
    optimizer = make_optimizer(case, net, lr)
    scheduler = make_scheduler(case, optimizer)
    train_loader = loader(case, len(train_set[0]), True, "drop-last" in case)
    test_loader = loader(case, len(test_set[0]), False)
    for epoch in range(1, case.get("epochs", 1) + 1):
        net.train()
        losses, total, right, seen = train_epoch(net, optimizer, train_loader, *train_set)
        net.eval()
        test_loss, test_right = test(net, test_loader, *test_set)
        count = len(test_set[0])
        yield (norm, lr, seed, epoch, repr(optimizer.param_groups[0]["lr"]), number(total / seen),
               number(100 * right / seen), number(test_loss / count), number(100 * test_right / count),
               *parameter_hashes(net), first_losses(losses, epoch))
        if scheduler:
            scheduler.step()


def run_validation(case, norm, seed, train_set, test_set):
    """The last of the training images are held out, and choose the epoch; the test set is looked at once, at the end.
    Looks between epochs go through slices, as a loader would draw."""
    lr = RATES[case["optimizer"]]
    size, every = int(case.get("batch", "60")), int(case["eval-every"])
    count = len(train_set[0])
    kept, held = Subset(range(count), range(count - int(case["validation"]))), \
        Subset(range(count), range(count - int(case["validation"]), count))
    torch.manual_seed(seed)
    net = make_net(case, norm)
    optimizer = make_optimizer(case, net, lr)
    train_loader = DataLoader(kept, batch_size=size, shuffle=True, drop_last="drop-last" in case)
    validation_loader = DataLoader(held, batch_size=size)
    test_loader = loader(case, len(test_set[0]), False)
    step, best, evals = 0, None, []

    def score(tested, batches, images):
        tested.eval()
        loss, right = test(tested, batches, *images)
        tested.train()
        total = held if images is train_set else images[0]
        return number(loss / len(total)), number(100 * right / len(total))

    def look():
        nonlocal step
        step += 1
        if step % every == 0 and step % len(train_loader) != 0:
            slices = (range(i, min(i + size, count)) for i in range(count - len(held), count, size))
            evals.append(":".join((str(step), *score(net, map(list, slices), train_set))))

    for epoch in range(1, case["epochs"] + 1):
        losses, total, right, seen = train_epoch(net, optimizer, train_loader, *train_set, look)
        validation = score(net, validation_loader, train_set)
        evals.append(":".join((str(step), *validation)))
        if best is None or float(validation[1]) > float(best[0]):
            best = validation[1], epoch, copy.deepcopy(net)
        last = epoch == case["epochs"]
        tested = score(net, test_loader, test_set) if last else ("", "")
        yield (norm, lr, seed, epoch, repr(optimizer.param_groups[0]["lr"]), number(total / seen),
               number(100 * right / seen), *tested, *parameter_hashes(net), first_losses(losses, epoch), *validation,
               *((best[1], score(best[2], test_loader, test_set)[1], " ".join(evals)) if last else ("", "", "")))


def run_notebook(case, norms, rates, seed, train_set, test_set):
    """The homework's notebook (make_batchnorm.py) with a schedule that begins anew with each rate, as the optimizer."""
    torch.manual_seed(seed)
    train_loader, test_loader = loader(case, len(train_set[0]), True), loader(case, len(test_set[0]), True)
    next(iter(test_loader))
    nets = {norm: make_net(case, norm) for norm in norms}
    for lr in rates:
        for norm in norms:
            net = nets[norm]
            optimizer = make_optimizer(case, net, lr)
            scheduler = make_scheduler(case, optimizer)
            right = seen = test_right = test_seen = 0
            for epoch in range(1, case["epochs"] + 1):
                losses, _, correct, images = train_epoch(net, optimizer, train_loader, *train_set)
                right, seen = right + correct, seen + images
                test_right, test_seen = test_right + test(net, test_loader, *test_set)[1], test_seen + len(test_set[0])
                yield (norm, lr, seed, epoch, repr(optimizer.param_groups[0]["lr"]), number(sum(losses) / 1000),
                       number(100 * right / seen), "", number(100 * test_right / test_seen), *parameter_hashes(net),
                       first_losses(losses, epoch))
                scheduler.step()


def options(case):
    """As dlexp batchnorm takes them."""
    return " ".join(f"--{name} {value}".strip() for name, value in case.items())


def make_variants(part, cases, train_set, test_set):
    rows = []
    for case, norm, seed in cases:
        if norm is None:
            new = run_notebook(case, HOMEWORK_NORMS, ("0.01", "0.05"), seed, train_set, test_set)
        else:
            new = (run_validation if "validation" in case else run_fair)(case, norm, seed, train_set, test_set)
        for row in new:
            rows.append((options(case), *row))
            print(*rows[-1][:9], flush=True)
            if not float(rows[-1][6]) < 2.5:
                sys.exit("make_variants.py: expected a loss below 2.5 (chance is 2.3): where a run diverges, rounding decides")
    write(f"variant_{part}.csv", ("options", "norm", "lr", "seed", "epoch", "learning_rate", "train_loss",
                                  "train_accuracy_percent", "test_loss", "test_accuracy_percent", "sha256",
                                  "running_sha256", "first_train_losses",
                                  *(VALIDATION_COLUMNS if part == "validation" else ())), rows)


# ---- rates of schedules

def step_rates(lr, epochs, step_size, gamma):
    """StepLR, chained: the rate of before is multiplied where a step is due."""
    rates = [lr]
    for t in range(1, epochs):
        rates.append(rates[-1] * gamma if t % step_size == 0 else rates[-1])
    return rates


def cosine_rates(lr, epochs, lr_min):
    """CosineAnnealingLR with T_max the epochs, recursive; the closed form rounds differently."""
    rates = [lr]
    for t in range(1, epochs):
        rates.append((1 + math.cos(math.pi * t / epochs)) / (1 + math.cos(math.pi * (t - 1) / epochs))
                     * (rates[-1] - lr_min) + lr_min)
    return rates


def torch_rates(make, lr, epochs):
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=lr)
    scheduler = make(optimizer)
    rates = []
    for _ in range(epochs):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return rates


def make_rates():
    rows = []
    for lr in ("0.01", "0.5", "0.001", "0.1"):
        for epochs in (1, 2, 3, 5, 15, 100):
            for step_size, gamma in ((1, "0.9"), (2, "0.1"), (30, "0.5")):
                theirs = torch_rates(lambda o: StepLR(o, step_size, float(gamma)), float(lr), epochs)
                assert theirs == step_rates(float(lr), epochs, step_size, float(gamma))
                rows.append(("step", lr, epochs, step_size, gamma, "", " ".join(map(repr, theirs))))
            for lr_min in ("0", "0.0001"):
                theirs = torch_rates(lambda o: CosineAnnealingLR(o, epochs, float(lr_min)), float(lr), epochs)
                assert theirs == cosine_rates(float(lr), epochs, float(lr_min))
                rows.append(("cosine", lr, epochs, "", "", lr_min, " ".join(map(repr, theirs))))
    write("schedule_rates.csv", ("schedule", "lr", "epochs", "step_size", "gamma", "lr_min", "rates"), rows)


def main(parts):
    cases = {"optimizers": optimizer_cases, "schedules": schedule_cases, "layers": layer_cases, "batches": batch_cases,
             "validation": validation_cases}
    unknown = set(parts) - {*cases, "rates"}
    if unknown:
        sys.exit(f"unknown part: {', '.join(sorted(unknown))}")
    torch.set_num_threads(1)
    print(f"torch {torch.__version__}")
    if not parts or "rates" in parts:
        make_rates()
    wanted = [part for part in cases if not parts or part in parts]
    if not wanted:
        return
    check_blas("variant_made_with.csv")
    train_set, test_set = load("train"), load("t10k")
    for part in wanted:
        make_variants(part, cases[part](), train_set, test_set)


if __name__ == "__main__":
    main(sys.argv[1:])
