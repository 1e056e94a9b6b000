#!/usr/bin/env python3
"""Draws what the causes of a module see: their weights onto its pixels, an image each. Needs h5py and Matplotlib:

    locus run netlists/rao-ballard.toml --save-weights weights.h5
    python3 netlists/fields.py weights.h5 error2.prediction fields.png
"""

import sys

import h5py
import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402

weights, projection, picture = sys.argv[1:]
with h5py.File(weights) as file:
    fields = file[projection][:].T.reshape(-1, 16, 16)  # [cause, column, row]: patches are stored column by column
rows = (len(fields) + 7) // 8
figure, axes = pyplot.subplots(rows, 8, figsize=(8, rows))
for axis, field in zip(axes.flat, fields):
    most = abs(field).max()
    axis.imshow(field.T, cmap="gray", vmin=-most, vmax=most)
for axis in axes.flat:
    axis.axis("off")
figure.subplots_adjust(0.01, 0.01, 0.99, 0.99, 0.06, 0.06)
figure.savefig(picture, dpi=60)
