#!/usr/bin/env python3
"""Makes relaxed.h5: what relaxed predictive coding learns on a small network, by NumPy, as the program of Millidge, Tschantz,
Seth and Buckley (2020) has it (github.com/BerenMillidge/RelaxedPredictiveCoding: infer_pc, update_weights,
update_error_weights), without its clamps, its factors of 2 and its biases. Needs NumPy and h5py:

    python3 relaxed.py relaxed.h5

Weights have the shape [post][pre], batches a row for each sample, all numbers are float64.
"""

import sys

import h5py
import numpy as np

LAYERS, BATCH, UPDATES, STEPS, GAMMA, ALPHA, PSI = [6, 5, 4, 3], 3, 2, 12, 0.2, 0.1, 0.05
NAMES = ["input", "hidden1", "hidden2", "output"]
RELU, TANH = "relu", "tanh"


def f(u, kind):
    return np.maximum(u, 0) if kind == RELU else np.tanh(u)


def slope(u, kind):
    return (u > 0) * 1.0 if kind == RELU else 1 - np.tanh(u) ** 2


def learn(weights, x, y, kind, backwards, slopes, errors):
    """One batch. `backwards`: weights of their own; `errors`: None, "descent", "ascent" or "none"."""
    last = len(LAYERS) - 1
    w = [None] + [weights[NAMES[k] + ".forward"] for k in range(1, last + 1)]
    back = [None, None] + [weights[NAMES[k - 1] + ".feedback"] if backwards else w[k].T for k in range(2, last + 1)]
    psi = [weights[NAMES[k] + ".comparison"] if errors and 0 < k < last else np.eye(LAYERS[k]) for k in range(last + 1)]
    mu, u, outs = [x], [None], [None]
    for k in range(1, last + 1):
        u.append(mu[k - 1] @ w[k].T)
        outs.append(f(u[k], kind) if k < last else u[k])
        mu.append(outs[k])
    mu[last] = y
    e = [None] + [mu[k] - outs[k] @ psi[k].T for k in range(1, last + 1)]
    df = [None] + [slope(u[k], kind) if k < last else np.ones_like(u[k]) for k in range(1, last + 1)]
    for _ in range(STEPS):
        for k in range(1, last):
            mu[k] = mu[k] - GAMMA * (e[k] - (e[k + 1] * df[k + 1] if slopes else e[k + 1]) @ back[k + 1].T)
        e = [None] + [mu[k] - outs[k] @ psi[k].T for k in range(1, last + 1)]
    sent = [x] + outs[1:]
    for k in range(1, last + 1):
        change = ALPHA * (e[k] * df[k]).T @ sent[k - 1]
        weights[NAMES[k] + ".forward"] = w[k] + change
        if k > 1:
            weights[NAMES[k - 1] + ".feedback"] = back[k] + change.T
        if errors and errors != "none" and k < last:
            step = PSI if errors == "descent" else -PSI
            weights[NAMES[k] + ".comparison"] = psi[k] + step * e[k].T @ outs[k]


random = np.random.default_rng(7)
inputs = random.normal(size=(BATCH * UPDATES, LAYERS[0]))
targets = np.eye(LAYERS[-1])[random.integers(LAYERS[-1], size=BATCH * UPDATES)]
born = {}
for layer in range(1, len(LAYERS)):
    born[NAMES[layer] + ".forward"] = random.uniform(-0.8, 0.8, (LAYERS[layer], LAYERS[layer - 1]))
    if layer + 1 < len(LAYERS):
        born[NAMES[layer] + ".feedback"] = random.uniform(-0.8, 0.8, (LAYERS[layer], LAYERS[layer + 1]))
        born[NAMES[layer] + ".comparison"] = abs(random.normal(0, 0.05, (LAYERS[layer], LAYERS[layer])))

with h5py.File(sys.argv[1], "w", libver="latest") as file:
    for name, numbers in (("inputs", inputs), ("targets", targets), *born.items()):
        file.create_dataset(name, data=numbers, track_times=False)
    for activation in (RELU, TANH):
        for case, switches in {"standard": (False, True, None), "backwards": (True, True, None),
                               "slopes": (False, False, None), "descent": (False, True, "descent"),
                               "ascent": (False, True, "ascent"), "still": (False, True, "none"),
                               "all": (True, False, "descent")}.items():
            learnt = {name: numbers.copy() for name, numbers in born.items()}
            for n in range(UPDATES):
                rows = slice(n * BATCH, (n + 1) * BATCH)
                learn(learnt, inputs[rows], targets[rows], activation, *switches)
                for name, numbers in learnt.items():
                    file.create_dataset(f"{activation}/{case}/{n + 1}/{name}", data=numbers, track_times=False)
