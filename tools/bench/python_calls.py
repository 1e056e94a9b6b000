"""What a call from Python costs: tools/python/run tools/bench/python_calls.py

A step: sim.step() in a loop against sim.run(n), whose loop is C++'s, on digits with 1 lane. A read: sim["hidden1.value.x"]
and larger fields, beside a copy of as many bytes by NumPy. The fastest of many rounds, in microseconds.
"""

import os
import time

import numpy as np

import locus

NETLISTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "netlists")


def fastest(work, calls, rounds=30):
    """Microseconds of a call, in the fastest of the rounds."""
    best = float("inf")
    for _ in range(rounds):
        begin = time.perf_counter()
        work(calls)
        best = min(best, time.perf_counter() - begin)
    return 1e6 * best / calls


def steps(sim):
    """(a step from C++, a step from Python)"""

    def python(n):
        step = sim.step
        for _ in range(n):
            step()

    return fastest(sim.run, 2000), fastest(python, 2000)


def reads(sim, name):
    """(a copy by NumPy, a read)"""
    values = sim[name]

    def copy(n):
        for _ in range(n):
            values.copy()

    def read(n):
        for _ in range(n):
            sim[name]

    return fastest(copy, 2000), fastest(read, 2000)


def digits(tracking=True):
    """In the course of a run of real inputs, so that there is something to compute."""
    net = locus.load(os.path.join(NETLISTS, "digits.toml"), {"circuit.lanes": 1})
    sim = net.simulator(tracking=tracking)
    (x, _), _ = net.data()
    sim.clamp("input.value", x[0])
    sim.run(8)
    return sim


def main():
    print(f"{'':<44}{'without Python':>16}{'from Python':>16}{'more':>10}")
    for title, tracking in (("a step of digits, settled", True), ("a step of digits, all computed", False)):
        c, p = steps(digits(tracking))
        print(f"{title:<44}{c:>13.2f} us{p:>13.2f} us{p - c:>7.2f} us")
    sim = digits()
    for name in ("hidden1.value.x", "input.value.x", "hidden1.forward"):
        c, p = reads(sim, name)
        print(f"{f'a read of {name}, {np.prod(sim[name].shape)} numbers':<44}{c:>13.2f} us{p:>13.2f} us{p - c:>7.2f} us")


if __name__ == "__main__":
    main()
