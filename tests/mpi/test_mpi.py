#!/usr/bin/env python3
"""A circuit that several processes run together has the bits of one that runs alone: traces, weights, results, checkpoints.

usage: test_mpi.py PROGRAM SOURCE [unittest options]     PROGRAM: built with MPI (tools/build mpi)
"""

import json
import os
import re
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "program"))
from testing import NETLISTS, PROGRAM, Scratch, main  # noqa: E402

# On a machine with fewer processors than ranks, by root or not.
OPEN_MPI = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1", "OMPI_MCA_rmaps_base_oversubscribe": "1",
            "OMPI_MCA_hwloc_base_binding_policy": "none"}


def command(ranks, *words):
    return ["mpirun", "-n", str(ranks), PROGRAM, *words]


def run(ranks, *words, code=0):
    done = subprocess.run(command(ranks, *words), env={**os.environ, **OPEN_MPI}, capture_output=True, text=True, check=False,
                          timeout=600)
    if done.returncode != code:
        raise AssertionError(f"{' '.join(words)} on {ranks} ranks: {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done


def content(path):
    with open(path, "rb") as file:
        return file.read()


class Ranks(Scratch):
    def same(self, netlist, ranks, threads, *more):
        names = ("t.h5", "w.h5")
        words = ["run", netlist, "--updates", "4", "--no-test", "--force", "--trace", "t.h5", "--save-weights", "w.h5", "--json",
                 "r.json", "--threads", str(threads), *more]
        run(ranks, *words)
        with open("r.json", encoding="utf-8") as file:
            result = json.load(file)
        return [content(name) for name in names] + [result["result"] if "result" in result else result["weights_sha256"]]

    def test_same_bits(self):
        for name in ("digits", "digits-bp", "digits-conv", "short-term-plasticity", "digits-kolen-pollack", "xor"):
            netlist = os.path.join(NETLISTS, name + ".toml")
            alone = self.same(netlist, 1, 1)
            for ranks, threads in ((2, 1), (3, 2), (4, 1), (7, 1)) if name == "digits" else ((3, 1),):
                with self.subTest(netlist=name, ranks=ranks, threads=threads):
                    self.assertEqual(alone, self.same(netlist, ranks, threads))

    def test_checkpoints(self):
        netlist = os.path.join(NETLISTS, "digits.toml")
        run(1, "run", netlist, "--updates", "9", "--no-test", "--no-trace", "--save-weights", "all.h5")
        run(4, "run", netlist, "--updates", "3", "--no-test", "--no-trace", "--checkpoint", "c.h5")
        run(3, "run", "--resume", "c.h5", "--updates", "6", "--no-test", "--no-trace", "--checkpoint", "d.h5")
        run(1, "run", "--resume", "d.h5", "--updates", "9", "--no-test", "--no-trace", "--save-weights", "parts.h5")
        self.assertEqual(content("all.h5"), content("parts.h5"))

    def test_a_test_set_and_a_twin(self):
        netlist = os.path.join(NETLISTS, "xor.toml")
        words = ["run", netlist, "--updates", "8", "--no-trace", "--against", "bp"]
        self.assertEqual(self.outcome(run(1, *words)), self.outcome(run(2, *words)))

    def test_each_rank_knows_its_own_connections_alone(self):
        # Windows with a weight each, so that connections lie sparse; nothing asks rank 0 for the ends of all.
        words = ["run", os.path.join(NETLISTS, "digits-patches.toml"), "--updates", "3", "--no-test", "--no-trace"]
        self.assertEqual(self.outcome(run(1, *words)), self.outcome(run(4, *words)))

    @staticmethod
    def outcome(done):
        """What is printed, without times."""
        return [line.split(" in ")[0] if " in " in line else line for line in done.stdout.splitlines()]

    def test_wrong_usage_is_said_once(self):
        done = run(3, "run", "there-is-no-such.toml", code=2)
        self.assertEqual(done.stderr.count("there-is-no-such.toml"), 1, done.stderr)
        done = run(3, "run", os.path.join(NETLISTS, "xor.toml"), "--trace", "t.h5", "--set", 'trace.record=["value.x[3"]', code=2)
        self.assertEqual(done.stderr.count("expected numbers and ranges"), 1, done.stderr)
        self.assertNotIn("rank", done.stderr.split("-----")[0])
        self.assertFalse(os.path.exists("t.h5"))

    def test_other_commands_run_alone(self):
        done = subprocess.run(command(2, "describe", os.path.join(NETLISTS, "xor.toml")), env={**os.environ, **OPEN_MPI},
                              capture_output=True, text=True, check=False, timeout=60)
        self.assertEqual(done.returncode, 2)
        self.assertIn("runs in one process", done.stderr)

    def test_a_rank_that_dies_ends_all(self):
        netlist = os.path.join(NETLISTS, "digits.toml")
        with subprocess.Popen(command(3, "run", netlist, "--set", "stimuli.epochs=500", "--no-test", "--no-trace", "--checkpoint",
                                      "c.h5", "--every-updates", "1"), env={**os.environ, **OPEN_MPI}, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True) as running:
            until = time.monotonic() + 60
            while not os.path.exists("c.h5") and time.monotonic() < until:
                time.sleep(0.1)
            time.sleep(1)
            ranks = subprocess.run(["pgrep", "-P", str(running.pid)], capture_output=True, text=True,
                                   check=False).stdout.split()
            self.assertEqual(len(ranks), 3)
            os.kill(int(ranks[-1]), signal.SIGKILL)
            out, err = running.communicate(timeout=60)
        self.assertNotEqual(running.returncode, 0)
        self.assertTrue(out + err)
        resume = ("run", "--resume", "c.h5", "--no-test", "--no-trace", "--set", "stimuli.epochs=500", "--updates")
        done = int(re.search(r"resumed from c\.h5 after (\d+) presentations", run(1, *resume, "1").stdout)[1])
        self.assertIn("10 more", run(1, *resume, str(done + 10)).stdout)


if __name__ == "__main__":
    main()
