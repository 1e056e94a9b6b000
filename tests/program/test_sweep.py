#!/usr/bin/env python3
"""`locus sweep`: many runs of a netlist, in one file."""

import csv
import io
import json
import os
import random
import re
import shutil
import signal
import subprocess
import time

from testing import NETLISTS, PROGRAM, Scratch, locus, main

try:
    import h5py
except ImportError:
    h5py = None

DIGITS = os.path.join(NETLISTS, "digits.toml")
# 24 cells of some tens of milliseconds.
SWEEP = ["sweep", DIGITS, "--over", "learning.alpha=1e-4:1e-2:log4", "--over", "circuit.activation=tanh,relu",
         "--seeds", "3", "--set", "stimuli.train_limit=400", "--set", "stimuli.epochs=1", "--jobs", "2"]


def rows_of(file):
    """The table of cells, by h5py if it is there; not-a-number is None."""
    if h5py:
        with h5py.File(file, "r") as f:
            names = f["cells"].attrs["columns"].split(",")
            columns = [[v.decode() if isinstance(v, bytes) else v.item() for v in f["cells"][name][:]] for name in names]
        return [{n: None if v != v else v for n, v in zip(names, row)} for row in zip(*columns)]
    code, out, err = locus("sweep", "--join", file, "--out", file, "--csv", "-")
    assert code in (0, 1), err
    states = {"missing": 0, "done": 1, "failed": 2, "died": 3}
    return [{**row, "state": states[row["state"]]} for row in csv.DictReader(io.StringIO(out))]


def untimed(rows):
    return [{name: value for name, value in row.items() if name != "seconds"} for row in rows]


def children_of(process):
    """The processes that compute cells."""
    try:
        with open(f"/proc/{process.pid}/task/{process.pid}/children", encoding="ascii") as file:
            return [int(pid) for pid in file.read().split()]
    except FileNotFoundError:
        return []


def kill(process):
    """Kills a sweep, and waits until its workers are gone too, who hold the lock of its file for a moment longer.
    Returns its exit code."""
    process.send_signal(signal.SIGSTOP)  # so that it starts no others
    workers = children_of(process)
    process.kill()
    code = process.wait()
    until = time.monotonic() + 30
    while any(os.path.exists(f"/proc/{worker}") for worker in workers) and time.monotonic() < until:
        time.sleep(0.001)
    return code


class Sweep(Scratch):
    def sweep(self, *arguments, code=0):
        """Runs a sweep of the small netlist into s.h5; returns what it printed."""
        got, out, err = locus("sweep", "small.toml", "--out", "s.h5", *arguments)
        self.assertEqual(got, code, err)
        return out

    def test_cells_are_single_runs(self):
        self.sweep("--over", "learning.alpha=0.05,0.1", "--over", "circuit.activation=tanh,relu", "--seeds", "2,7")
        rows = rows_of("s.h5")
        self.assertEqual([int(r["cell"]) for r in rows], list(range(8)))
        for r in rows:
            code, _, err = locus("run", "small.toml", "--no-trace", "--json", "r.json",
                                 "--set", f"learning.alpha={r['learning.alpha']}",
                                 "--set", f"circuit.activation={r['circuit.activation']}",
                                 "--set", f"weights.seed={r['seed']}", "--set", f"circuit.noise_seed={r['seed']}")
            self.assertEqual(code, 0, err)
            with open("r.json", encoding="utf-8") as file:
                run = json.load(file)
            self.assertEqual(r["weights_sha256"], run["weights_sha256"])
            for name in ("ticks", "messages", "links", "spikes", "updates", "presentations"):
                self.assertEqual(int(r[name]), run[name])
            self.assertEqual(float(r["loss"]), run["epochs"][-1]["loss"])
            self.assertEqual(float(r["train_accuracy"]), run["epochs"][-1]["train_accuracy"])
            self.assertFalse(r["test_accuracy"])  # there is no test set
        self.assertEqual(len({r["weights_sha256"] for r in rows}), 8)

    def test_long_forms_and_several_netlists(self):
        _, long, _ = locus("expand", "small.toml")
        self.write("long.toml", long.replace("epochs = 3", "epochs = 2"))
        code, out, err = locus("sweep", "small.toml", "long.toml", "--seeds", "2", "--out", "s.h5")
        self.assertEqual(code, 0, err)
        self.assertRegex(out, r"small\.toml, long\.toml: 4 cells \(netlist x 2, 2 seeds\)")
        rows = rows_of("s.h5")
        self.assertEqual([r["netlist"] for r in rows], ["small.toml"] * 2 + ["long.toml"] * 2)
        self.assertEqual([int(r["epochs"]) for r in rows], [3, 3, 2, 2])
        self.fails(2, r"the netlist is named already", "sweep", "small.toml", "--over", "netlist=long.toml")
        code, _, err = locus("sweep", "--over", "netlist=small.toml,long.toml", "--seeds", "2", "--out", "o.h5")
        self.assertEqual(code, 0, err)
        self.assertEqual(untimed(rows_of("o.h5")), untimed(rows))
        # A projection of the long form, and a neuron's parameter.
        code, _, err = locus("sweep", "long.toml", "--over", "projection.output.forward.params.alpha=0.1,0.2", "--out", "p.h5")
        self.assertEqual(code, 0, err)
        self.assertEqual(len({r["weights_sha256"] for r in rows_of("p.h5")}), 2)

    def test_what_is_wrong_is_told_before_anything_runs(self):
        wrong = [(["--over", "learning.alpha"], r"expected KEY=VALUE"),
                 (["--over", "learning.alpha=0.1,"], r"a value is empty"),
                 (["--over", "learning.alpha=1:2:log1"], r"no number of values"),
                 (["--over", "learning.alpha=0.1,fast"], r"--over learning\.alpha=fast: .*number"),
                 (["--over", "learning.alfa=0.1,0.2"], r"--over learning\.alfa=0\.1: .*alpha"),
                 (["--over", "circuit.layers=[2, 3, 1],[3, 3, 1]"], r"--over circuit\.layers=\[3, 3, 1\]: .*"),
                 (["--over", "circuit.lanes=1,9"], r"--over circuit\.lanes=9: .*4 training samples"),
                 (["--over", "learning.alpha=0.1,1e-1"], r"two cells are the same netlist"),
                 (["--over", "learning.alpha=1", "--over", "learning.alpha=2"], r"learning\.alpha is varied twice"),
                 (["--seeds", "0"], r"--seeds 0"), (["--seeds", "1,1"], r"the seed 1 is there twice"),
                 (["--seeds", "x"], r"--seeds x"), (["--shard", "3/2"], r"--shard 3/2"), (["--shard", "x"], r"K/N"),
                 (["--jobs", "0"], r"--jobs 0"), (["--against", "learning.alpha=1"], r"does not vary"),
                 (["--over", "learning.alpha=1,2", "--against", "learning.alpha=3"], r"3 is no value"),
                 (["--over", "netlist=small.toml"], r"named already"), (["small.toml"], r"there twice"),
                 (["--plot", "p.png"], r"nothing is varied"), (["--score", "loss"], r"--plot"),
                 (["--csv", "-", "--table", "-"], r"standard output"), (["--csv", "small.toml"], r"is the same file"), (["--csv", "s.h5"], r"is the same file"),
                 (["--out", "no/where.h5"], r"no/where\.h5"), (["--set", "weights.seed=x"], r"weights\.seed"),
                 (["nowhere.toml"], r"nowhere\.toml"), (["--join", "--seeds", "2"], r"--seeds")]
        for arguments, pattern in wrong:
            with self.subTest(arguments=arguments):
                code, out, err = locus("sweep", "small.toml", *([] if "--out" in arguments else ["--out", "s.h5"]), *arguments)
                self.assertIn(code, (1, 2), err)
                self.assertRegex(err, pattern)
                self.assertEqual(out, "")
                self.assertFalse(os.path.exists("s.h5"))
        self.fails(2, r"netlist is missing", "sweep", "--seeds", "2")

    def test_cells_that_fail_are_told_and_the_others_go_on(self):
        code, out, err = locus("sweep", "small.toml", "--over", "learning.alpha=0.1,1e200,0.2", "--seeds", "2", "--out", "s.h5")
        self.assertEqual(code, 1)
        self.assertRegex(err, r"(?m)^\(learning\.alpha=1e200, seed 1\) failed: .*inf|nan")
        self.assertRegex(err, r"(?m)^2 cells failed$")
        self.assertRegex(out, r"(?m)^1e200 +0 +2 ")
        rows = rows_of("s.h5")
        self.assertEqual([int(r["state"]) for r in rows], [1, 1, 2, 2, 1, 1])
        self.assertTrue(rows[2]["message"])
        self.assertFalse(rows[2]["loss"])
        code, out, err = locus("sweep", "small.toml", "--over", "learning.alpha=0.1,1e200,0.2", "--seeds", "2", "--out", "s.h5")
        self.assertEqual(code, 1)
        self.assertRegex(out, "; 6 are done already")
        self.assertEqual(rows_of("s.h5"), rows)

    def test_the_file_of_another_question_is_refused(self):
        self.sweep("--over", "learning.alpha=0.1,0.2")
        for arguments, pattern in ((["--over", "learning.alpha=0.1,0.3"], r"learning\.alpha is 0\.1, 0\.2 there, 0\.1, 0\.3 now"),
                                   (["--over", "learning.alpha=0.1,0.2", "--seeds", "2"], r"its seeds are none, now 1, 2"),
                                   (["--over", "learning.alpha=0.1,0.2", "--set", "circuit.bias=false"], r"circuit\.bias"),
                                   (["--over", "learning.alpha=0.1,0.2", "--no-test"], r"score the test set")):
            self.fails(2, r'"s\.h5" has the results of another sweep: .*' + pattern + ".*--force", "sweep", "small.toml",
                       "--out", "s.h5", *arguments)
        self.sweep("--over", "learning.alpha=0.1,0.3", "--force")
        self.assertEqual([float(r["learning.alpha"]) for r in rows_of("s.h5")], [0.1, 0.3])
        with open("s.h5", "r+b") as file:
            file.truncate(2000)
        self.fails(1, r"s\.h5", "sweep", "small.toml", "--over", "learning.alpha=0.1,0.3", "--out", "s.h5")
        self.write("s.h5", "text")
        self.fails(1, r"s\.h5.*not an HDF5 file", "sweep", "small.toml", "--over", "learning.alpha=0.1,0.3", "--out", "s.h5")
        self.assertEqual(locus("run", "small.toml", "--no-trace", "--save-weights", "w.h5")[0], 0)
        self.fails(1, r"w\.h5.*not the file of a sweep", "sweep", "--join", "w.h5", "--out", "o.h5")

    def test_seeds_of_set_stay(self):
        self.sweep("--seeds", "2", "--set", "weights.seed=5")
        rows = rows_of("s.h5")
        self.assertEqual(rows[0]["weights_sha256"], rows[1]["weights_sha256"])  # nothing else of it is drawn

    def test_tables(self):
        out = self.sweep("--over", "learning.alpha=0.05,0.1", "--over", "circuit.activation=tanh,relu", "--seeds", "3",
                         "--against", "circuit.activation=relu", "--csv", "cells.csv", "--table", "means.csv")
        with open("cells.csv", encoding="utf-8") as file:
            cells = list(csv.DictReader(file))
        with open("means.csv", encoding="utf-8") as file:
            means = list(csv.DictReader(file))
        self.assertEqual((len(cells), len(means)), (12, 4))
        losses = [[float(c["loss"]) for c in cells[3 * n:3 * n + 3]] for n in range(4)]
        for n, row in enumerate(means):
            mean = sum(losses[n]) / 3
            self.assertAlmostEqual(float(row["loss mean"]), mean, delta=1e-12)
            sd = (sum((x - mean) ** 2 for x in losses[n]) / 2) ** 0.5
            self.assertAlmostEqual(float(row["loss sd"]), sd, delta=1e-12)
            self.assertEqual(row["loss n"], "3")
            self.assertRegex(out, rf"(?m)^{row['learning.alpha']} +{row['circuit.activation']} +3 +{re.escape(f'{mean:.4g} ± {sd:.4g}')}")
        differences = [a - b for a, b in zip(losses[0], losses[1])]
        self.assertAlmostEqual(float(means[0]["loss difference mean"]), sum(differences) / 3, delta=1e-12)
        self.assertEqual(means[1]["loss difference mean"], "")
        self.assertRegex(out, r"differences from circuit\.activation=relu, seed by seed")
        code, text, _ = locus("sweep", "--join", "s.h5", "--out", "s.h5", "--csv", "-")
        self.assertEqual((code, text.splitlines()[-12:]), (0, [",".join(c.values()) for c in cells]))

    def test_picture(self):
        self.sweep("--over", "learning.alpha=1e-3:1e-1:log3", "--over", "circuit.activation=tanh,relu", "--seeds", "2")
        if shutil.which("gnuplot") is None:
            self.skipTest("no gnuplot")
        for name, arguments in (("p.png", []), ("p.svg", ["--score", "loss"])):
            code, _, err = locus("sweep", "--join", "s.h5", "--out", "s.h5", "--plot", name, *arguments)
            self.assertEqual(code, 0, err)
            with open(name, "rb") as file:
                self.assertIn(file.read(4), (b"\x89PNG", b"<?xm"))
        self.fails(2, r"--score test_accuracy: no cell has it", "sweep", "--join", "s.h5", "--out", "s.h5", "--plot", "q.png",
                   "--score", "test_accuracy")

    # ---- interruptions ---------------------------------------------------------------------------------------------

    def undisturbed(self):
        code, _, err = locus(*SWEEP, "--out", "whole.h5")
        self.assertEqual((code, err), (0, ""))
        rows = rows_of("whole.h5")
        self.assertEqual([int(r["state"]) for r in rows], [1] * 24)
        return rows

    def test_killed_at_random_moments_nothing_is_lost_or_repeated(self):
        whole = self.undisturbed()
        moments = random.Random(18)
        known = {}
        for attempt in range(60):
            with subprocess.Popen([PROGRAM, *SWEEP, "--out", "s.h5"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
                time.sleep(moments.uniform(0, 0.6))
                for child in children_of(run)[:1] if attempt % 2 else []:
                    try:
                        os.kill(child, signal.SIGKILL)
                        time.sleep(0.05)
                    except ProcessLookupError:
                        pass
                ended = kill(run)
            if os.path.exists("s.h5"):
                rows = rows_of("s.h5")
                for n, row in enumerate(rows):
                    if n in known:
                        self.assertEqual(row, known[n])  # with the seconds of the first time
                    if int(row["state"]) == 1:
                        known[n] = row
                    else:
                        self.assertIn(int(row["state"]), (0, 3))
            if ended == 0:
                break
        code, _, err = locus(*SWEEP, "--out", "s.h5")
        self.assertEqual((code, err), (0, ""))
        self.assertEqual(untimed(rows_of("s.h5")), untimed(whole))
        for n, row in known.items():
            self.assertEqual(rows_of("s.h5")[n], row)
        same = subprocess.run(["h5diff", "--exclude-path", "/cells/seconds", "s.h5", "whole.h5"], capture_output=True, text=True)
        self.assertEqual((same.returncode, "differences found" in same.stdout), (0, False), same.stdout)

    def test_a_killed_cell_is_told_and_run_again(self):
        whole = self.undisturbed()
        with subprocess.Popen([PROGRAM, *SWEEP, "--out", "s.h5"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
            killed = False
            while run.poll() is None and not killed:
                for child in children_of(run):
                    if os.path.exists("s.h5"):  # it checks netlists before
                        os.kill(child, signal.SIGKILL)
                        killed = True
                        break
                time.sleep(0.002)
            _, err = run.communicate()
        self.assertTrue(killed)
        self.assertEqual(run.returncode, 1)
        self.assertRegex(err, r"(?m)^\(learning\.alpha=.*, seed \d\) died: killed")
        self.assertRegex(err, r"(?m)^1 cell died; the same command tries again$")
        self.assertEqual(sorted(int(r["state"]) for r in rows_of("s.h5")), [1] * 23 + [3])
        code, out, err = locus(*SWEEP, "--out", "s.h5")
        self.assertEqual((code, err), (0, ""))
        self.assertRegex(out, "; 23 are done already")
        self.assertEqual(untimed(rows_of("s.h5")), untimed(whole))

    def test_ctrl_c_keeps_what_is_done(self):
        for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            # Seconds of work, so that the signal comes before the end.
            with subprocess.Popen([PROGRAM, *SWEEP, "--set", "stimuli.epochs=60", "--out", "s.h5", "--force"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  text=True, start_new_session=True) as run:
                begun = run.stdout.readline()
                self.assertRegex(begun, r"digits\.toml: 24 cells \(learning\.alpha x 4, circuit\.activation x 2, 3 seeds\), 2 at once")
                time.sleep(0.3)
                os.killpg(run.pid, number) if number == signal.SIGINT else run.send_signal(number)
                _, err = run.communicate()
            self.assertEqual(run.returncode, code, err)
            self.assertRegex(err, r"(?m)^interrupted: \d+ cells? left; the same command goes on$")
            self.assertEqual({int(r["state"]) for r in rows_of("s.h5")} - {0, 1}, set())

    def test_one_sweep_at_a_time_writes_a_file(self):
        with subprocess.Popen([PROGRAM, *SWEEP, "--out", "s.h5"], stdout=subprocess.PIPE) as run:
            run.stdout.readline()
            os.kill(run.pid, signal.SIGSTOP)
            try:
                self.fails(1, r"s\.h5.*open in another program", *SWEEP, "--out", "s.h5")
            finally:
                os.kill(run.pid, signal.SIGCONT)
            run.communicate()
            self.assertEqual(run.returncode, 0)

    # ---- parts -----------------------------------------------------------------------------------------------------

    def test_parts_are_joined_to_the_whole(self):
        whole = self.undisturbed()
        parts = []
        for k in range(1, 6):
            parts.append(f"part-{k}.h5")
            code, out, err = locus(*SWEEP, "--shard", f"{k}/5", "--out", parts[-1])
            self.assertEqual((code, err), (0, ""))
            self.assertRegex(out, rf", shard {k}/5, 2 at once")
            self.assertEqual(sum(int(r["state"]) for r in rows_of(parts[-1])), 5 if k < 5 else 4)
        code, _, err = locus("sweep", "--join", *parts, "--out", "s.h5")
        self.assertEqual((code, err), (0, ""))
        self.assertEqual(untimed(rows_of("s.h5")), untimed(whole))
        same = subprocess.run(["h5diff", "--exclude-path", "/cells/seconds", "s.h5", "whole.h5"], capture_output=True, text=True)
        self.assertEqual((same.returncode, "differences found" in same.stdout), (0, False), same.stdout)
        self.fails(2, r'"s\.h5" exists', "sweep", "--join", *parts, "--out", "s.h5")
        code, _, err = locus("sweep", "--join", *parts[:-1], "--out", "most.h5")
        self.assertEqual((code, err), (1, "4 cells missing\n"))
        code, out, err = locus(*SWEEP, "--out", "most.h5")
        self.assertEqual((code, err), (0, ""))
        self.assertRegex(out, "; 20 are done already")
        self.assertEqual(untimed(rows_of("most.h5")), untimed(whole))
        self.assertEqual(locus("sweep", "small.toml", "--seeds", "2", "--out", "other.h5")[0], 0)
        self.fails(2, r'"other\.h5" is of another sweep than "part-1\.h5"', "sweep", "--join", parts[0], "other.h5", "--out", "o.h5")


if __name__ == "__main__":
    main()
