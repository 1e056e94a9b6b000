#!/usr/bin/env python3
"""`tools/gallery` and the pictures of README.md's gallery."""

import os
import re
import subprocess
import sys
import unittest

from testing import PROGRAM, SOURCE, Scratch, main, thorough

GALLERY = os.path.join(SOURCE, "tools", "gallery")


def python_that_draws():
    """A Python with h5py and Matplotlib: the one that runs this, or the system's."""
    for python in (sys.executable, "/usr/bin/python3"):
        if os.path.exists(python) and subprocess.run([python, "-c", "import h5py, matplotlib"],
                                                     capture_output=True).returncode == 0:
            return python
    return None


class Gallery(Scratch):
    def gallery(self, *arguments, python=sys.executable):
        return subprocess.run([python, GALLERY, *arguments], capture_output=True, text=True, timeout=300)

    def test_every_picture_is_there_and_in_the_readme(self):
        names = self.gallery("--list").stdout.split()
        self.assertGreater(len(names), 10)
        with open(os.path.join(SOURCE, "README.md"), encoding="utf-8") as file:
            shown = re.findall(r"\(docs/gallery/(.+?)\.png\)", file.read())
        self.assertEqual(sorted(shown), sorted(names))
        folder = os.path.join(SOURCE, "docs", "gallery")
        self.assertEqual(sorted(os.listdir(folder)), sorted(name + ".png" for name in names))
        self.assertLess(sum(os.path.getsize(os.path.join(folder, file)) for file in os.listdir(folder)), 500_000)

    def test_a_wrong_name(self):
        done = self.gallery("digits", "digit")
        self.assertEqual(done.returncode, 2)
        self.assertIn("no picture is called digit; there are digits, ", done.stderr)

    @unittest.skipIf(python_that_draws() is None, "needs a Python with h5py and Matplotlib")
    @thorough
    def test_all_are_drawn_in_the_small_form(self):
        python = python_that_draws()
        done = self.gallery("--quick", "--locus", PROGRAM, "--out", "o", python=python)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        names = self.gallery("--list").stdout.split()
        for name in names:
            with open(f"o/{name}.png", "rb") as file:
                self.assertEqual(file.read(8), b"\x89PNG\r\n\x1a\n")
        self.assertEqual(len(done.stdout.splitlines()), len(names))

    @unittest.skipIf(python_that_draws() is None, "needs a Python with h5py and Matplotlib")
    def test_a_run_that_fails_is_told(self):
        done = self.gallery("--quick", "--locus", "/bin/false", "--out", "o", "digits", python=python_that_draws())
        self.assertEqual(done.returncode, 1)
        self.assertIn("/bin/false run ", done.stderr)


if __name__ == "__main__":
    main()
