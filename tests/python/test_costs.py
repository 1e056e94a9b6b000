"""What a call from Python may cost (tools/bench/python_calls.py prints it)."""

import os
import sys
import unittest

from python_testing import SOURCE, main

sys.path.insert(0, os.path.join(SOURCE, "tools", "bench"))
import python_calls  # noqa: E402


class Costs(unittest.TestCase):
    def test_a_step(self):
        for tracking in (True, False):
            c, python = python_calls.steps(python_calls.digits(tracking))
            self.assertLess(python - c, 2)

    def test_a_read(self):
        sim = python_calls.digits()
        for name in ("hidden1.value.x", "input.value.x", "hidden1.forward"):
            copy, read = python_calls.reads(sim, name)
            self.assertLess(read, 1 + copy)


if __name__ == "__main__":
    main()
