"""Seconds a training epoch in PyTorch, one thread: what `dlexp bench --epochs N` does, from the same weights in the same batches.

--loader hand: batches by indexing two tensors.  --loader dataloader: a DataLoader that collates single rows of the two tensors.
--loader images: a DataLoader that collates single images, each made as torchvision.datasets.MNIST with ToTensor() makes it, which
is what the homework did.
"""
import time

import numpy as np
import torch

import mnist

parser = mnist.arguments(__doc__)
parser.add_argument("--loader", choices=("hand", "dataloader", "images"), default="hand")
args = parser.parse_args()
torch.set_num_threads(1)

x, y, test_x, test_y = (torch.from_numpy(part.copy()) for part in mnist.load(args.data))
y, test_y = y.long(), test_y.long()
sizes = mnist.widths(args, x.shape[1], int(y.max()) + 1)
torch.manual_seed(args.seed)
norms = {"batchnorm": torch.nn.BatchNorm1d, "layernorm": torch.nn.LayerNorm}
activations = {"relu": torch.nn.ReLU, "sigmoid": torch.nn.Sigmoid, "tanh": torch.nn.Tanh}
layers = []
for i, (fan_in, fan_out) in enumerate(zip(sizes, sizes[1:])):
    layers.append(torch.nn.Linear(fan_in, fan_out))
    if i + 2 < len(sizes):
        layers += [norms[args.norm](fan_out)] if args.norm in norms else []
        layers.append(activations[args.activation]())
net = torch.nn.Sequential(*layers)
optimizer = {
    "momentum": lambda p: torch.optim.SGD(p, lr=args.lr, momentum=args.momentum, weight_decay=args.weight_decay),
    "adam": lambda p: torch.optim.Adam(p, lr=args.lr, weight_decay=args.weight_decay),
    "adamw": lambda p: torch.optim.AdamW(p, lr=args.lr),
}[args.optimizer](net.parameters())
criterion = torch.nn.CrossEntropyLoss()


class Images(torch.utils.data.Dataset):
    """torchvision.datasets.MNIST and torchvision.transforms.ToTensor, line by line."""

    def __init__(self, pixels, targets):
        side = int(pixels.shape[1] ** 0.5)
        self.data = (pixels * 255).round().to(torch.uint8).view(-1, side, side)
        self.targets = targets

    def __len__(self):
        return len(self.data)

    def __getitem__(self, index):
        from PIL import Image

        image, target = self.data[index], int(self.targets[index])
        image = Image.fromarray(image.numpy(), mode="L")
        image = torch.from_numpy(np.array(image, np.uint8, copy=True))
        image = image.view(*image.shape, 1).permute((2, 0, 1)).contiguous()
        return image.to(dtype=torch.float32).div(255), target


rows = Images(x, y) if args.loader == "images" else torch.utils.data.TensorDataset(x, y)
loader = torch.utils.data.DataLoader(rows, batch_size=args.batch, shuffle=True)


def draw():
    return torch.empty((), dtype=torch.int64).random_().item()


def batches():
    if args.loader != "hand":
        for images, labels in loader:
            yield images.view(len(images), -1), labels
        return
    draw()  # the two draws of a DataLoader, so that the batches are the same
    order = torch.randperm(len(x), generator=torch.Generator().manual_seed(draw()))
    for chosen in order.split(args.batch):
        yield x[chosen], y[chosen]


def step(images, labels):
    optimizer.zero_grad()
    criterion(net(images), labels).backward()
    optimizer.step()


if args.seconds > 0:
    order = torch.randperm(len(x))
    mnist.time_steps(lambda first: step(x[order[first : first + args.batch]], y[order[first : first + args.batch]]), args, len(x))
    raise SystemExit

seconds = []
for epoch in range(args.epochs):
    net.train()
    start = time.perf_counter()
    for images, labels in batches():
        step(images, labels)
    seconds.append(time.perf_counter() - start)
    draw()  # the test set's loader
net.eval()
with torch.no_grad():
    correct = int((net(test_x).argmax(1) == test_y).sum())
mnist.report(seconds, 100.0 * correct / len(test_y))
