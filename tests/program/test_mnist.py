#!/usr/bin/env python3
"""The netlists that need MNIST, on images of its size in MNIST's files, which are drawn here."""

import json
import os
import random
import re
import struct
import subprocess

from testing import NETLISTS, Scratch, locus, main

SIDE, CLASSES = 28, 10


def idx(kind, sizes, numbers):
    """An IDX file of bytes."""
    return struct.pack(f">HBB{len(sizes)}I", 0, kind, len(sizes), *sizes) + bytes(numbers)


def images(labels, draw):
    """A bright bar for each label, at a place of its own, on a ground of few grey pixels."""
    for label in labels:
        for row in range(SIDE):
            for column in range(SIDE):
                bar = abs(row - 2 - 2.4 * label) < 2 and 4 <= column < 24
                yield draw.randrange(150, 256) if bar else draw.randrange(60) if draw.random() < 0.1 else 0


def netlist(name):
    return os.path.join(NETLISTS, "mnist", name + ".toml")


class Mnist(Scratch):
    def setUp(self):
        super().setUp()
        draw = random.Random(1)
        os.mkdir("images")
        for part, count in (("train", 60), ("t10k", 20)):
            labels = [draw.randrange(CLASSES) for _ in range(count)]
            for name, content in ((f"{part}-labels-idx1-ubyte", idx(8, [count], labels)),
                                  (f"{part}-images-idx3-ubyte", idx(8, [count, SIDE, SIDE], images(labels, draw)))):
                with open(os.path.join("images", name), "wb") as file:
                    file.write(content)
        self.data = ["--set", "stimuli.data=idx:images"]

    def run_on_it(self, file, *arguments):
        """(output, result) of a run with few lanes."""
        code, out, err = locus("run", file, *self.data, "--set", "circuit.lanes=6", "--json", "o.json", *arguments)
        self.assertEqual((code, err), (0, ""), out)
        with open("o.json", encoding="utf-8") as result:
            return out, json.load(result)

    def test_without_the_data_the_fetch_is_named(self):
        for name in ("mnist-conv", "mnist-patches", "mnist-equilibrium"):
            self.fails(1, r"nowhere/mnist does not exist: fetch the set with tools/data fetch mnist", "run", netlist(name),
                       env={**os.environ, "LOCUS_DATA": "nowhere"})

    def test_the_convolutional_network_has_the_weights_of_the_paper(self):
        self.run_on_it(netlist("mnist-conv"), "--updates", "1", "--no-test", "--save-weights", "w.h5")
        listed = subprocess.run(["h5ls", "w.h5"], capture_output=True, text=True, check=True).stdout
        weights = {name: int(rows) * int(columns) for name, rows, columns
                   in re.findall(r"^(\S+(?:forward|bias)) +Dataset \{(\d+), (\d+)\}$", listed, re.M)}
        self.assertEqual(weights, {"hidden1.forward": 10 * 3 * 3, "hidden1.bias": 10,
                                   "hidden2.forward": 5 * 10 * 3 * 3, "hidden2.bias": 5,
                                   "hidden3.forward": 605 * 50, "hidden3.bias": 50, "hidden4.forward": 50 * 30,
                                   "hidden4.bias": 30, "output.forward": 30 * 10, "output.bias": 10})
        self.assertEqual(sum(weights.values()), 32695)

    def test_the_convolutional_network_can_be_drawn(self):
        code, out, err = locus("describe", netlist("mnist-conv"), "--dot", "conv.dot")
        self.assertEqual((code, err), (0, ""), out)
        with open("conv.dot", encoding="utf-8") as file:
            drawn = file.read()
        for name in ("hidden1.pool", "hidden1.unit", "output.normaliser", "output.softmax"):
            self.assertIn(name, drawn)

    def test_the_convolutional_network_learns_by_all_three_rules(self):
        for rule in ("fixed-prediction", "exact", "strict"):
            with self.subTest(rule):
                _, result = self.run_on_it(netlist("mnist-conv"), "--set", f"learning.rule={rule}", "--set",
                                           "stimuli.epochs=4")
                epochs = result["epochs"]
                self.assertLess(epochs[-1]["loss"], 0.8 * epochs[0]["loss"])
        out, result = self.run_on_it(netlist("mnist-conv"), "--set", "learning.rule=exact", "--updates", "3", "--against",
                                     "bp", "--no-test")
        self.assertTrue(result["against"]["bit_identical"], out)

    def test_patches_and_kernels_learn_what_backpropagation_learns(self):
        shapes = ["--set", "circuit.layers=[[28, 28], [8, 12, 12], [16, 5, 5], 10]",
                  "--set", "circuit.connect.hidden1={ window = [5, 5], stride = [2, 2] }",
                  "--set", "circuit.connect.hidden2={ window = [4, 4], stride = [2, 2] }",
                  "--set", "learning.alpha=0.0005"]  # as digits-conv.toml says
        for file, more in ((netlist("mnist-patches"), []), (os.path.join(NETLISTS, "digits-conv.toml"), shapes)):
            with self.subTest(file):
                _, result = self.run_on_it(file, *more, "--against", "bp", "--updates", "5", "--no-test", "--no-trace")
                self.assertTrue(result["against"]["bit_identical"])

    def test_an_audit_says_what_is_not_local(self):
        code, out, err = locus("audit", netlist("mnist-patches"), *self.data, "--updates", "2",
                               "--require", "local-plasticity=2,local-computation,full-autonomy")
        self.assertEqual((code, err), (0, ""), out)


if __name__ == "__main__":
    main()
