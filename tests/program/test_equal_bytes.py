#!/usr/bin/env python3
"""Equal runs write equal files, byte for byte, on however many threads."""

import hashlib
import os

from testing import NETLISTS, Scratch, locus, main


class EqualBytes(Scratch):
    def hashes(self, *arguments, file, runs=4):
        found = set()
        for run in range(runs):
            code, _, err = locus(*arguments, file, "--threads", str(1 + run % 3), "--force", "--no-test")
            self.assertEqual(code, 0, err)
            with open(file, "rb") as content:
                found.add(hashlib.sha256(content.read()).hexdigest())
        return found

    def test_traces(self):
        for precision in ("f32", "f64"):
            arguments = ["run", os.path.join(NETLISTS, "digits-zil.toml"), "--updates", "30", "--set",
                         f"circuit.precision={precision}"]
            self.assertEqual(len(self.hashes(*arguments, "--trace", file="t.h5")), 1)
            self.assertEqual(len(self.hashes(*arguments, "--set", "trace.record=[]", "--set",
                                             'trace.on_change=["x", "theta"]', "--trace", file="t.h5")), 1)

    def test_weights_and_checkpoints(self):
        for option in ("--save-weights", "--checkpoint"):
            arguments = ["run", os.path.join(NETLISTS, "digits.toml"), "--no-trace", "--updates", "5"]
            self.assertEqual(len(self.hashes(*arguments, option, file="f.h5", runs=3)), 1)


if __name__ == "__main__":
    main()
