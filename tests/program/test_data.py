#!/usr/bin/env python3
"""Data sets that must be fetched, arrays in files, and data that are written out."""

import json
import os
import re
import struct
import subprocess
import sys

from testing import NETLISTS, SMALL, SOURCE, Scratch, locus, main


def npy(descr, shape, data, fortran_order=False):
    """A NumPy file, format 1.0."""
    header = f"{{'descr': '{descr}', 'fortran_order': {fortran_order}, 'shape': {shape}, }}".encode()
    header += b" " * (63 - (10 + len(header)) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + data


class Data(Scratch):
    """tools/data without a network: what is there and right is kept, what is damaged is not."""

    def data(self, *arguments):
        environment = {**os.environ, "https_proxy": "http://127.0.0.1:1", "PATH": "/nowhere"}
        done = subprocess.run([sys.executable, os.path.join(SOURCE, "tools", "data"), *arguments], capture_output=True,
                              text=True, timeout=60, env=environment)
        return done.returncode, done.stdout, done.stderr

    def test_a_set_that_cannot_be_fetched(self):
        code, out, err = self.data("fetch", "mnist", "--to", "d")
        self.assertEqual((code, out), (1, ""))
        self.assertRegex(err, r"^tools/data: cannot fetch https://registry\.npmjs\.org/.*is there a network\?\n$")
        self.assertEqual(os.listdir("d/mnist"), [])

    def test_damaged_files_are_not_there(self):
        os.makedirs("d/mnist")
        self.write("d/mnist/train-labels-idx1-ubyte", "damaged")
        code, out, _ = self.data("list", "--to", "d")
        self.assertEqual(code, 0)
        self.assertRegex(out, r"(?m)^mnist +not there: d/mnist$")

    def test_a_run_names_the_fetch(self):
        self.fails(1, r'data = "mnist": nowhere/mnist does not exist: fetch the set with tools/data fetch mnist', "run",
                   "small.toml", "--set", "stimuli.data=mnist", env={**os.environ, "LOCUS_DATA": "nowhere"})


class Arrays(Scratch):
    """xor, from files of all kinds: the same bits as from the netlist."""

    def setUp(self):
        super().setUp()
        self.bytes("x.npy", npy(">f4", (4, 2), struct.pack(">8f", 0, 0, 0, 1, 1, 0, 1, 1)))
        self.bytes("x-columns.npy", npy("<i2", (4, 2), struct.pack("<8h", 0, 0, 1, 1, 0, 1, 0, 1), True))
        self.bytes("y.npy", npy("<f8", (4,), struct.pack("<4d", 0, 1, 1, 0)))
        self.bytes("labels.npy", npy("|u1", (4,), bytes([0, 1, 1, 0])))
        self.write("arrays.toml", re.sub("data = .*", 'data = { inputs = "npy:x.npy", targets = "npy:y.npy" }', SMALL))

    def bytes(self, name, content):
        with open(name, "wb") as file:
            file.write(content)

    def hash_of(self, netlist, *more):
        code, _, err = locus("run", netlist, "--json", "o.json", *more)
        self.assertEqual(code, 0, err)
        with open("o.json", encoding="utf-8") as file:
            return json.load(file)["weights_sha256"]

    def test_the_same_bits_from_wherever(self):
        expected = self.hash_of("small.toml")
        self.assertEqual(self.hash_of("arrays.toml"), expected)
        self.assertEqual(self.hash_of("arrays.toml", "--set", "stimuli.data.inputs=npy:x-columns.npy"), expected)
        self.assertEqual(self.hash_of("arrays.toml", "--set", "stimuli.data.targets=[[0], [1], [1], [0]]"), expected)
        code, out, err = locus("data", "export", "small.toml", "--out", "d.h5")
        self.assertEqual(code, 0, err)
        self.assertEqual(out, "wrote d.h5: 4 training samples and 0 for the test, inputs 2, targets 1\n"
                              "order: 3 epochs of 4 presentations, 1 lane\n")
        for part in ("inputs", "targets"):
            self.assertEqual(self.hash_of("arrays.toml", "--set", f"stimuli.data.{part}=hdf5:d.h5:/train/{part}"), expected)

    def test_files_are_beside_the_netlist_in_whatever_folder(self):
        expected = self.hash_of("small.toml")
        os.mkdir("elsewhere")
        os.chdir("elsewhere")
        self.assertEqual(self.hash_of("../arrays.toml"), expected)
        code, out, err = locus("expand", "../arrays.toml")
        self.assertEqual(code, 0, err)
        self.assertIn(f'inputs = "npy:{os.path.realpath("..")}/x.npy"', out)
        self.fails(1, r"elsewhere/x\.npy: cannot be read as a file", "run", "../arrays.toml", "--set",
                   "stimuli.data.inputs=npy:x.npy")

    def test_labels_become_one_hot_targets(self):
        text = re.sub(r"layers = .*", "layers = [2, 3, 2]", SMALL)
        self.write("rows.toml", re.sub("data = .*", 'data = { inputs = "npy:x.npy", targets = [[1, 0], [0, 1], [0, 1], '
                                                    "[1, 0]] }", text))
        expected = self.hash_of("rows.toml")
        for targets in ('"npy:labels.npy"', "[0, 1, 1, 0]"):
            self.write("labels.toml", re.sub("data = .*", 'data = { inputs = "npy:x.npy", targets = ' + targets + " }", text))
            self.assertEqual(self.hash_of("labels.toml"), expected)

    def test_what_is_wrong_is_said_in_one_line(self):
        whole = npy("<f8", (4, 2), struct.pack("<8d", *range(8)))
        for content, complaint in (
                (whole[:-1], r"w\.npy: truncated after 63 bytes of data: 4 x 2 f8 must have 64"),
                (whole + b"\0", r"w\.npy: more than 64 bytes of data: must end there"),
                (b"PK" + whole, r"w\.npy: no NumPy file"),
                (npy("|O", (4, 2), b""), r"w\.npy: its elements are Python objects"),
                (npy("<f8", (2, 2, 2, 1), whole[-64:]), r"w\.npy: 4 dimensions: must have 1 to 3"),
                (npy("<f8", (8, 1), whole[-64:]), r"targets \(npy:.*y\.npy\) has 4 samples and inputs .* 8: must be as many"),
                (npy("<f8", (2, 2), struct.pack("<4d", 0, 1, float("nan"), 0)), r"w\.npy: \[1\]\[0\] is nan: must be finite")):
            self.bytes("w.npy", content)
            self.fails(1, complaint, "run", "arrays.toml", "--set", "stimuli.data.inputs=npy:w.npy")
        self.bytes("w.npy", npy("<f8", (4, 3), bytes(96)))
        self.fails(2, r'"input\.value" has 2 neurons, but the inputs of data "npy:.*w\.npy" have 3 columns', "run",
                   "arrays.toml", "--set", "stimuli.data.inputs=npy:w.npy")
        self.fails(1, r"no such dataset|there is no dataset", "run", "arrays.toml", "--set",
                   "stimuli.data.inputs=hdf5:" + os.path.join(NETLISTS, "sine.h5") + ":nothing")
        self.fails(1, r"not an HDF5 file", "run", "arrays.toml", "--set", "stimuli.data.inputs=hdf5:x.npy:x")
        self.fails(2, r"stimuli\.data\.inputs = \"x\.npy\": expected rows of numbers", "run", "arrays.toml", "--set",
                   "stimuli.data.inputs=x.npy")
        self.fails(2, r'"output\.value" has a teacher, but the data "npy:.*" have no targets', "run", "arrays.toml", "--set",
                   'stimuli.data={ inputs = "npy:x.npy" }')

    def test_no_output_takes_the_place_of_the_data(self):
        for words in (("run", "arrays.toml", "--json", "x.npy"), ("data", "export", "arrays.toml", "--out", "y.npy")):
            self.fails(2, r"is the same file as the data", *words)

    def test_export_writes_the_order_of_each_epoch(self):
        more = ["--set", "circuit.lanes=3", "--set", "stimuli.shuffle=5", "--set", "stimuli.epochs=2"]
        self.assertEqual(locus("data", "export", "small.toml", *more)[0], 0)
        dump = subprocess.run(["h5dump", "-y", "-d", "/order", "small-data.h5"], capture_output=True, text=True, check=True)
        self.assertIn("( 2, 1, 3 )", dump.stdout)
        order = [int(n) for n in re.findall(r"\b\d+\b", dump.stdout.split("DATA {", 1)[1])]
        trace = ["--set", 'trace.record=["value.x"]', "--trace", "t.h5"]
        self.assertEqual(locus("run", "small.toml", *more, *trace)[0], 0)
        dump = subprocess.run(["h5dump", "-y", "-d", "/presentations/sample", "t.h5"], capture_output=True, text=True,
                              check=True)
        shown = [int(n) for n in re.findall(r"\b\d+\b", dump.stdout.split("DATA {", 1)[1].split("}", 1)[0])]
        self.assertEqual(order, shown)
        again = self.hash_file("small-data.h5")
        self.assertEqual(locus("data", "export", "small.toml", *more)[0], 0)
        self.assertEqual(self.hash_file("small-data.h5"), again)

    @staticmethod
    def hash_file(name):
        with open(name, "rb") as file:
            return file.read()

    def test_export_refuses_what_a_run_would_refuse(self):
        self.fails(2, r"the inputs of data .* have 3 columns", "data", "export", "small.toml", "--set",
                   "stimuli.data={ inputs = [[1, 2, 3]], targets = [[1]] }")


class Frames(Scratch):
    def test_a_run_says_what_is_shown(self):
        code, out, err = locus("run", os.path.join(NETLISTS, "sine.toml"), "--updates", "1", "--no-trace")
        self.assertEqual((code, err), (0, ""))
        self.assertIn("a presentation: 1 ticks of input, 39 with the teacher, 0 of rest; 40 frames of input and 39 of "
                      "targets, 1 tick each; 10 epochs\n", out)

    def test_a_picture_shows_a_whole_presentation(self):
        self.assertEqual(locus("run", os.path.join(NETLISTS, "movie.toml"), "--updates", "2", "--trace", "m.h5")[0], 0)
        self.assertEqual(locus("trace", "plot", "m.h5", "--script", "m.gp")[0], 0)
        with open("m.gp", encoding="utf-8") as file:
            self.assertIn("set xrange [-0.5:31.5]", file.read())

    def test_movies_without_their_times(self):
        movie = os.path.join(NETLISTS, "movie.toml")
        self.fails(2, r"stimuli\.frame_ticks = 9: the inputs have 4 frames, but a presentation .* may take only 32 ticks", "run",
                   movie, "--set", "stimuli.frame_ticks=9")
        self.fails(2, r"stimuli\.frame_ticks = 8: the data \"digits\" have no frames", "run",
                   os.path.join(NETLISTS, "digits.toml"), "--set", "stimuli.frame_ticks=8")


if __name__ == "__main__":
    main()
