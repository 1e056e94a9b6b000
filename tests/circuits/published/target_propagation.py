#!/usr/bin/env python3
"""Makes target_propagation.h5: what difference target propagation and plain target propagation learn on a small network, by
NumPy, as Lee, Zhang, Fischer and Bengio (2015) and their program conti_dtp.py have it. The noise is what Locus draws, which
is the same on every machine. Needs NumPy, h5py and the program:

    python3 target_propagation.py LOCUS target_propagation.h5

Batches are matrices with a row for each sample, weights have the shape [post][pre], all numbers are float64.
"""

import os
import subprocess
import sys
import tempfile

import h5py
import numpy as np

LAYERS, BATCH, UPDATES = [6, 5, 4, 4, 3], 3, 4
NAMES = ["input", "hidden1", "hidden2", "hidden3", "output"]
ALPHA, INVERSE, STRIDE, SIGMA = 0.1, 0.2, 0.5, 0.3
RMSPROP = {"momentum": 0.9, "decay": 0.95, "stabilizer": 0.001, "scale": 1 / BATCH}

NETLIST = """
[circuit]
template = "target-propagation"
layers = {layers}
activation = "tanh"
output = "{output}"
bias = true
lanes = {batch}
[weights]
file = "{file}"
[learning]
rule = "{rule}"
alpha = {alpha}
stride = {stride}
inverse = {{ alpha = {inverse}, sigma = {sigma} }}
[stimuli]
data = {{ inputs = "hdf5:{file}:inputs", targets = "hdf5:{file}:targets" }}
encode = "rate"
predict = 20
teach = 5
"""


class Plain:
    """Steps along minus the gradient of the sum over the batch."""

    def __init__(self, rate):
        self.rate = rate

    def __call__(self, name, weights, gradient):
        weights[name] += self.rate[name.split(".")[1] == "inverse"] * gradient


class Rmsprop(Plain):
    """util.py of the authors' program, with the sign turned."""

    def __init__(self, rate):
        super().__init__(rate)
        self.state = {}

    def __call__(self, name, weights, gradient):
        inc, avg, sqr = self.state.get(name, (0, 0, 0))
        gradient = RMSPROP["scale"] * gradient
        avg = RMSPROP["decay"] * avg + (1 - RMSPROP["decay"]) * gradient
        sqr = RMSPROP["decay"] * sqr + (1 - RMSPROP["decay"]) * gradient**2
        normalised = gradient / np.sqrt(sqr - avg**2 + RMSPROP["stabilizer"])
        inc = RMSPROP["momentum"] * inc + self.rate[name.split(".")[1] == "inverse"] * normalised
        self.state[name] = inc, avg, sqr
        weights[name] += inc


def learn(weights, x, y, noise, difference, softmax, step):
    w, b = (lambda k: weights[NAMES[k] + ".forward"]), (lambda k: weights[NAMES[k] + ".bias"][:, 0])
    v, c = (lambda k: weights[NAMES[k] + ".inverse"]), (lambda k: weights[NAMES[k] + ".inverse.bias"][:, 0])
    depth = len(LAYERS) - 1
    h = [x]
    for k in range(1, depth):
        h.append(np.tanh(h[-1] @ w(k).T + b(k)))
    # Inverses reconstruct what was sent with noise from the answer of the layer above.
    for k in range(1, depth - 1):
        sent = h[k] + noise[k]
        answer = np.tanh(sent @ w(k + 1).T + b(k + 1))
        g = np.tanh(answer @ v(k).T + c(k))
        surprise = (1 - g**2) * (sent - g)
        step(NAMES[k] + ".inverse", weights, surprise.T @ answer)
        step(NAMES[k] + ".inverse.bias", weights, surprise.sum(0)[:, None])
    out = h[-1] @ w(depth).T + b(depth)
    if softmax:
        out = np.exp(out) / np.exp(out).sum(1, keepdims=True)
    error = y - out
    target = {depth - 1: h[depth - 1] + STRIDE * error @ w(depth)}
    for k in range(depth - 2, 0, -1):
        g = np.tanh(h[k + 1] @ v(k).T + c(k))
        to = np.tanh(target[k + 1] @ v(k).T + c(k))
        target[k] = h[k] - g + to if difference else to
    delta = [(1 - h[k] ** 2) * (target[k] - h[k]) for k in range(1, depth)] + [error]
    for k in range(1, depth + 1):
        step(NAMES[k] + ".forward", weights, delta[k - 1].T @ h[k - 1])
        step(NAMES[k] + ".bias", weights, delta[k - 1].sum(0)[:, None])


def drawn_noise(program, netlist, folder):
    """Of each update, and each layer with inverse synapses."""
    trace = os.path.join(folder, "noise.h5")
    with open(os.path.join(folder, "n.toml"), "w", encoding="utf-8") as out:
        out.write(netlist + '[trace]\nrecord = ["noise.rate"]\n')
    subprocess.run([program, "run", out.name, "--trace", trace, "--no-test"], check=True, stdout=subprocess.DEVNULL)
    drawn = [{} for _ in range(UPDATES)]
    with h5py.File(trace) as file:
        for k in range(1, len(LAYERS) - 2):
            frames = file[f"trace/{NAMES[k]}.noise/rate"][:].reshape(UPDATES, -1, LAYERS[k], BATCH)
            for n, presentation in enumerate(frames):
                (tick,) = np.flatnonzero(presentation.any(axis=(1, 2)))
                drawn[n][k] = presentation[tick].T
    return drawn


def main():
    program, path = sys.argv[1:]
    random = np.random.default_rng(4)
    x = random.normal(size=(BATCH * UPDATES, LAYERS[0]))
    y = np.eye(LAYERS[-1])[random.integers(LAYERS[-1], size=BATCH * UPDATES)]
    born = {}
    for k in range(1, len(LAYERS)):
        born[NAMES[k] + ".forward"] = random.uniform(-0.8, 0.8, (LAYERS[k], LAYERS[k - 1]))
        born[NAMES[k] + ".bias"] = random.uniform(-0.2, 0.2, (LAYERS[k], 1))
        if 0 < k < len(LAYERS) - 2:
            born[NAMES[k] + ".inverse"] = random.uniform(-0.8, 0.8, (LAYERS[k], LAYERS[k + 1]))
            born[NAMES[k] + ".inverse.bias"] = random.uniform(-0.2, 0.2, (LAYERS[k], 1))
    with h5py.File(path, "w", libver="latest") as out:
        for name, numbers in (("inputs", x), ("targets", y), *born.items()):
            out.create_dataset(name, data=numbers, track_times=False)
    settings = {"layers": LAYERS, "batch": BATCH, "file": os.path.abspath(path), "alpha": ALPHA, "stride": STRIDE,
                "inverse": INVERSE, "sigma": SIGMA}
    for case, rule, output, kind in (("difference", "difference", "linear", Plain), ("plain", "plain", "linear", Plain),
                                     ("softmax", "difference", "softmax", Plain),
                                     ("rmsprop", "difference", "linear", Rmsprop)):
        with tempfile.TemporaryDirectory() as folder:
            noise = drawn_noise(program, NETLIST.format(rule=rule, output=output, **settings), folder)
        weights, step = {name: numbers.copy() for name, numbers in born.items()}, kind({False: ALPHA, True: INVERSE})
        with h5py.File(path, "a", libver="latest") as out:
            for n in range(UPDATES):
                rows = slice(n * BATCH, (n + 1) * BATCH)
                learn(weights, x[rows], y[rows], noise[n], rule == "difference", output == "softmax", step)
                for name, numbers in weights.items():
                    out.create_dataset(f"{case}/{n + 1}/{name}", data=numbers, track_times=False)


main()
