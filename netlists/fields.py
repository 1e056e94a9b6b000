#!/usr/bin/env python3
"""Draws what the causes of a module see: their weights onto its pixels, an image each. Needs h5py and Matplotlib:

    locus run netlists/rao-ballard.toml --save-weights weights.h5
    python3 netlists/fields.py weights.h5 error2.prediction fields.png
"""

import argparse


def draw(weights, projection, picture):
    import h5py
    import matplotlib
    matplotlib.use("Agg")
    from matplotlib import pyplot

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


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", help="a file of weights")
    parser.add_argument("projection", help="onto the pixels, such as error2.prediction")
    parser.add_argument("picture", help="a PNG to write")
    given = parser.parse_args()
    draw(given.weights, given.projection, given.picture)
