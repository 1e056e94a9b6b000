#!/usr/bin/env python3
"""Makes rao_ballard.h5: what the two levels of Rao and Ballard (1999) learn of a few small images, by NumPy, as model.py of
github.com/miyosuda/predictive_coding has it, with fewer pixels and causes, and learning rates that fall after every 45
updates. Needs NumPy and h5py:

    python3 rao_ballard.py rao_ballard.h5
"""

import sys

import h5py
import numpy as np

PIXELS, CAUSES, TOP, IMAGES, TICKS, EVERY = 6, 4, 5, 3, 30, 45
S2, S2TD, A1, A2, L1, L2 = 1.0, 10.0, 1.0, 0.05, 0.02, 1e-5
K1 = 0.005  # ten times theirs: fewer pixels


def present(images, us, uh, rate, ticks_that_learn):
    """Changes us and uh; returns how far the learning rate has fallen."""
    r, rh = np.zeros((3, CAUSES)), np.zeros(TOP)
    for tick in range(TICKS):
        r_td = (uh @ rh).reshape(3, CAUSES)
        error = np.array([images[j] - us[j] @ r[j] for j in range(3)])
        error_td = r_td - r
        dr = np.array([K1 / S2 * us[j].T @ error[j] for j in range(3)]) + K1 / S2TD * error_td - K1 * A1 * r
        drh = 10 * K1 / S2TD * uh.T @ -error_td.ravel() - 10 * K1 * A2 * rh
        if tick in ticks_that_learn:
            k2 = rate.now()
            for j in range(3):
                us[j] += k2 / S2 * np.outer(error[j], r[j]) - k2 * L1 * us[j]
            uh += 10 * k2 / S2TD * np.outer(-error_td.ravel(), rh) - 10 * k2 * L2 * uh
        r, rh = r + dr, rh + drh


class Rate:
    def __init__(self):
        self.k2, self.updates = 0.005, 0

    def now(self):
        k2 = self.k2
        self.updates += 1
        if self.updates % EVERY == 0:
            self.k2 /= 1.015
        return k2


random = np.random.default_rng(11)
mask = random.uniform(0.5, 1, PIXELS)
inputs = random.normal(0, 5, (IMAGES, 2 * PIXELS))
born = random.uniform(-3.5, 3.5, (3, PIXELS, CAUSES)), random.uniform(-3.5, 3.5, (3 * CAUSES, TOP))


def save(group, us, uh):
    for j in range(3):
        group.create_dataset(f"error{j + 1}.prediction", data=us[j], track_times=False)
        group.create_dataset(f"surprise{j + 1}.prediction", data=uh[j * CAUSES:(j + 1) * CAUSES], track_times=False)


with h5py.File(sys.argv[1], "w", libver="latest") as file:
    file.create_dataset("inputs", data=inputs, track_times=False)
    file.create_dataset("mask", data=mask[None, :], track_times=False)
    save(file, *born)
    for case, learning in (("always", range(TICKS)), ("settled", (TICKS - 1,))):
        weights, falling = [numbers.copy() for numbers in born], Rate()
        for image in range(IMAGES):
            squares = [inputs[image, 3 * j:3 * j + PIXELS] * mask for j in range(3)]
            present(squares, *weights, falling, learning)
            save(file.create_group(f"{case}/{image + 1}"), *weights)
