"""What a call from Python may cost (tools/bench/python_calls.py prints it)."""

import os
import sys
import unittest

from python_testing import SOURCE, main

sys.path.insert(0, os.path.join(SOURCE, "tools", "bench"))
import python_calls  # noqa: E402


# Microseconds more than without Python. On a machine with nothing else to do a step takes 0.5 more and a read 1; slower and
# busy ones need more. What these find is work that grows: a lookup of all names, a second copy, a conversion each number.
SLACK = 4


def fastest(measure):
    """How much more Python costs, in the quietest of some tries."""
    return min(python - alone for alone, python in (measure() for _ in range(4)))


class Costs(unittest.TestCase):
    def test_a_step(self):
        for tracking in (True, False):
            sim = python_calls.digits(tracking)
            self.assertLess(fastest(lambda: python_calls.steps(sim)), 2 + SLACK)

    def test_a_read(self):
        sim = python_calls.digits()
        for name in ("hidden1.value.x", "input.value.x", "hidden1.forward"):
            self.assertLess(fastest(lambda: python_calls.reads(sim, name)), 1 + SLACK)


if __name__ == "__main__":
    main()
