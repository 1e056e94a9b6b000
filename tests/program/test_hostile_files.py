#!/usr/bin/env python3
"""Damaged files of all kinds."""

import random

from testing import Scratch, locus, main


class HostileFiles(Scratch):
    def test_damaged_files_are_an_error_or_numbers(self):
        self.assertEqual(locus("run", "small.toml", "--trace", "t.h5")[0], 0)
        with open("t.h5", "rb") as file:
            good = file.read()
        generator = random.Random(5)
        refused = 0
        for i in range(40):
            bad = bytearray(good)
            if i % 4 == 0:
                del bad[generator.randrange(len(bad)):]
            else:
                near = bad.find((b"GCOL", b"TREE", b"HEAP")[i % 3], generator.randrange(len(bad) // 2))
                for _ in range(8):
                    bad[min(len(bad) - 1, max(near, 0) + generator.randrange(512))] ^= 1 << generator.randrange(8)
            with open("bad.h5", "wb") as file:
                file.write(bad)
            for arguments in (("trace", "info", "bad.h5"), ("trace", "diff", "t.h5", "bad.h5")):
                code, out, err = locus(*arguments)
                self.assertIn(code, (0, 1, 2), err)
                if err:
                    self.assertRegex(err, r'^locus: cannot read "[^\n]*bad\.h5"[^\n]*\n$')
                    refused += 1
        self.assertGreater(refused, 10)

    def test_what_is_no_trace(self):
        self.fails(1, r'cannot read "small\.toml": not an HDF5 file', "trace", "info", "small.toml")
        self.fails(1, r'cannot read "gone\.h5": No such file', "trace", "show", "gone.h5")
        self.assertEqual(locus("run", "small.toml", "--save-weights", "w.h5")[0], 0)
        self.fails(1, r'cannot read "w\.h5": this HDF5 file is no trace', "trace", "plot", "w.h5")


if __name__ == "__main__":
    main()
