"""What a call from Python may cost (tools/bench/python_calls.py prints it)."""

import os
import sys
import unittest

from python_testing import SOURCE, main

sys.path.insert(0, os.path.join(SOURCE, "tools", "bench"))
import python_calls  # noqa: E402


# A step may take 2 microseconds more than without Python, a read 1 (0.5 and 0.9 where tools/bench/python_calls.py was last
# run). A slow and busy machine is allowed so many times as much.
SLOWER = 3


def fastest(measure):
    """How much more Python costs, in the quietest of some tries."""
    return min(python - alone for alone, python in (measure() for _ in range(4)))


class Costs(unittest.TestCase):
    def test_a_step(self):
        for tracking in (True, False):
            sim = python_calls.digits(tracking)
            self.assertLess(fastest(lambda: python_calls.steps(sim)), 2 * SLOWER)

    def test_a_read(self):
        sim = python_calls.digits()
        for name in ("hidden1.value.x", "input.value.x", "hidden1.forward"):
            self.assertLess(fastest(lambda: python_calls.reads(sim, name)), 1 * SLOWER)


if __name__ == "__main__":
    main()
