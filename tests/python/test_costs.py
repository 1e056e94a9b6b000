"""What a call from Python may cost (tools/python/measure.py prints it)."""

import os
import sys
import unittest

from python_testing import SOURCE, main

sys.path.insert(0, os.path.join(SOURCE, "tools", "python"))
import measure  # noqa: E402


class Costs(unittest.TestCase):
    def test_a_step(self):
        for tracking in (True, False):
            c, python = measure.steps(measure.digits(tracking))
            self.assertLess(python - c, 2)

    def test_a_read(self):
        sim = measure.digits()
        for name in ("hidden1.value.x", "input.value.x", "hidden1.forward"):
            copy, read = measure.reads(sim, name)
            self.assertLess(read, 1 + copy)


if __name__ == "__main__":
    main()
