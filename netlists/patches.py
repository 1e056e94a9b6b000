#!/usr/bin/env python3
"""Makes patches.h5: patches of images of overlapping discs ("dead leaves": Lee, Mumford and Huang 2001), which share with
photographs edges, occlusion and a spectrum that falls with the square of the frequency. Needs NumPy, SciPy and h5py:

    netlists/patches.py patches.h5

Images are filtered as Rao and Ballard's are by retina and LGN, by a difference of Gaussians. A patch has 26 columns of 16
pixels, column by column, so that three squares of 16 x 16, 5 pixels apart, are the columns 0 to 256, 80 to 336 and 160 to
416 of its row. `mask` is the Gaussian by which a square's pixels are weighed.
"""

import sys

import h5py
import numpy
from scipy.ndimage import gaussian_filter

SIDE, TRAIN, TEST, HEIGHT, WIDTH = 256, 400, 80, 16, 26

draw = numpy.random.default_rng(1)


def leaves():
    """Discs of random brightness, the first on top, whose radii r have the density r^-3 from 3 to 60 pixels."""
    image, free = numpy.zeros((SIDE, SIDE)), numpy.ones((SIDE, SIDE), dtype=bool)
    y, x = numpy.mgrid[:SIDE, :SIDE]
    while free.any():
        low, high = 3.0 ** -2, 60.0 ** -2
        radius = (low - draw.random() * (low - high)) ** -0.5
        cy, cx = draw.uniform(-60, SIDE + 60, 2)
        disc = free & ((y - cy) ** 2 + (x - cx) ** 2 < radius ** 2)
        image[disc] = draw.random()
        free &= ~disc
    return gaussian_filter(image, 0.7)


def filtered(image):
    return gaussian_filter(image, 1.3) - gaussian_filter(image, 2.6)


def patches(count):
    """Cut from as many images as there are hundreds, at random places; bytes, of which 127 is the largest."""
    rows = []
    for _ in range((count + 99) // 100):
        image = filtered(leaves())
        for _ in range(min(100, count - len(rows))):
            y, x = draw.integers(0, SIDE - HEIGHT), draw.integers(0, SIDE - WIDTH)
            rows.append(image[y:y + HEIGHT, x:x + WIDTH].T.ravel())
    return numpy.array(rows)


def mask(width=0.4):
    at = (numpy.arange(16) - 8) / 8
    return numpy.exp(-(at[:, None] ** 2 + at[None, :] ** 2) / (2 * width ** 2)).ravel()


if __name__ == "__main__":
    train, test = patches(TRAIN), patches(TEST)
    with h5py.File(sys.argv[1], "w") as out:
        for name, rows in (("train", train), ("test", test)):
            whole = numpy.clip(numpy.rint(rows / train.std() * 20), -127, 127).astype(numpy.int8)
            out.create_dataset(name, data=whole, compression="gzip", compression_opts=9, shuffle=True)
        out.create_dataset("mask", data=mask()[None, :])
