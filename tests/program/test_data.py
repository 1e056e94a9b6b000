#!/usr/bin/env python3
"""Data sets that must be fetched."""

import os
import subprocess
import sys

from testing import SOURCE, Scratch, main


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


if __name__ == "__main__":
    main()
