#!/usr/bin/python3
"""Writes sim/data/digits_data.inc from scikit-learn's copy of the digits (Debian: python3-sklearn).

Usage: tools/make_digits.py > sim/data/digits_data.inc
"""

import sys

from sklearn.datasets import load_digits

BASE_17 = "0123456789abcdefg"

HEADER = """\
// Made by tools/make_digits.py; do not edit.
// E. Alpaydin, C. Kaynak (1998), "Optical Recognition of Handwritten Digits", UCI Machine Learning Repository,
// CC BY 4.0, https://doi.org/10.24432/C50P49: the test part of that set, as distributed with scikit-learn.
// One image a line: 64 pixels (8 rows of 8, top left first) in base 17 (0..9 a..g), then the label.
"""


def main():
    digits = load_digits()
    pixels = digits.data.astype(int)
    if pixels.shape != (1797, 64) or (pixels != digits.data).any() or pixels.min() != 0 or pixels.max() != 16:
        sys.exit("make_digits.py: not 1797 images of 64 integers in 0..16")
    sys.stdout.write(HEADER)
    for image, label in zip(pixels, digits.target):
        sys.stdout.write('"%s%d",\n' % ("".join(BASE_17[pixel] for pixel in image), label))


if __name__ == "__main__":
    main()
