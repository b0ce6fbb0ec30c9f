"""Seconds a training epoch in numpy by hand (its BLAS does the products), one thread: what `dlexp bench --epochs N` does.

All arrays of a step are made once; initial weights and shuffles have the same distributions as dlexp's, not the same values.
"""
import time

import numpy as np

import mnist

EPS, RUNNING = np.float32(1e-5), np.float32(0.1)
args = mnist.arguments(__doc__).parse_args()
if args.norm == "layernorm" or args.activation != "relu" or args.optimizer != "momentum" or args.weight_decay != 0:
    raise SystemExit("numpy_epoch.py has BatchNorm, ReLU and momentum only")
random = np.random.default_rng(args.seed)
x, y, test_x, test_y = mnist.load(args.data)
sizes = mnist.widths(args, x.shape[1], int(y.max()) + 1)
lr, momentum = np.float32(args.lr), np.float32(args.momentum)


class Parameter:
    def __init__(self, value):
        self.value = value.astype(np.float32)
        self.gradient, self.velocity, self.step = (np.zeros_like(self.value) for _ in range(3))

    def update(self):
        self.velocity *= momentum
        self.velocity += self.gradient
        np.multiply(self.velocity, lr, out=self.step)
        self.value -= self.step


class Layer:
    def __init__(self, fan_in, fan_out, hidden):
        bound = 1 / np.sqrt(fan_in)
        self.hidden, self.norm = hidden, hidden and args.norm == "batchnorm"
        self.w = Parameter(random.uniform(-bound, bound, (fan_in, fan_out)))
        self.b = Parameter(random.uniform(-bound, bound, fan_out))
        self.parameters = [self.w, self.b]
        if self.norm:
            self.gamma, self.beta = Parameter(np.ones(fan_out)), Parameter(np.zeros(fan_out))
            self.parameters += [self.gamma, self.beta]
            self.mean, self.var = np.zeros(fan_out, np.float32), np.ones(fan_out, np.float32)
        self.z = np.empty((args.batch, fan_out), np.float32)
        self.dx = np.empty((args.batch, fan_in), np.float32)

    def forward(self, x):
        rows = len(x)
        self.x = x
        z = np.dot(x, self.w.value, out=self.z[:rows])
        z += self.b.value
        if self.norm:
            mean = z.mean(0)
            z -= mean
            var = np.einsum("bf,bf->f", z, z) / np.float32(rows)
            self.rstd = 1 / np.sqrt(var + EPS)
            z *= self.rstd
            self.xhat = z
            self.mean += RUNNING * (mean - self.mean)
            self.var += RUNNING * (var * np.float32(rows / (rows - 1)) - self.var)
            z = z * self.gamma.value
            z += self.beta.value
        if self.hidden:
            np.maximum(z, 0, out=z)
        self.y = z
        return z

    def backward(self, dy, first):
        rows = len(dy)
        if self.hidden:
            dy *= self.y > 0
        if self.norm:
            np.sum(dy, 0, out=self.beta.gradient)
            np.einsum("bf,bf->f", dy, self.xhat, out=self.gamma.gradient)
            dy -= self.beta.gradient / np.float32(rows)
            dy -= self.xhat * (self.gamma.gradient / np.float32(rows))
            dy *= self.gamma.value * self.rstd
        np.dot(self.x.T, dy, out=self.w.gradient)
        np.sum(dy, 0, out=self.b.gradient)
        return None if first else np.dot(dy, self.w.value.T, out=self.dx[:rows])

    def evaluate(self, x):
        z = x @ self.w.value + self.b.value
        if self.norm:
            z = (z - self.mean) / np.sqrt(self.var + EPS) * self.gamma.value + self.beta.value
        return np.maximum(z, 0) if self.hidden else z


layers = [Layer(a, b, i + 2 < len(sizes)) for i, (a, b) in enumerate(zip(sizes, sizes[1:]))]
images = np.empty((args.batch, sizes[0]), np.float32)
places = np.arange(args.batch)


def step(chosen):
    rows = len(chosen)
    value = np.take(x, chosen, 0, out=images[:rows], mode="clip")
    for layer in layers:
        value = layer.forward(value)
    value -= value.max(1, keepdims=True)
    np.exp(value, out=value)
    value /= value.sum(1, keepdims=True)
    value[places[:rows], y[chosen]] -= 1
    value /= np.float32(rows)
    for layer in reversed(layers):
        value = layer.backward(value, layer is layers[0])
    for layer in layers:
        for parameter in layer.parameters:
            parameter.update()


if args.seconds > 0:
    order = random.permutation(len(x))
    mnist.time_steps(lambda first: step(order[first : first + args.batch]), args, len(x))
    raise SystemExit

seconds = []
for epoch in range(args.epochs):
    start = time.perf_counter()
    order = random.permutation(len(x))
    for first in range(0, len(x), args.batch):
        step(order[first : first + args.batch])
    seconds.append(time.perf_counter() - start)
value = test_x
for layer in layers:
    value = layer.evaluate(value)
mnist.report(seconds, 100.0 * float(np.mean(value.argmax(1) == test_y)))
