"""Sweeps in Python: the program's file, tables and figures; Ctrl-C, going on, failures."""

import csv
import io
import os
import signal
import subprocess
import sys
import textwrap
import time
import unittest.mock
import warnings
from contextlib import redirect_stderr

import h5py
import numpy as np
from python_testing import PACKAGE, PROGRAM, Scratch, main, netlist

import locus

OVER = {"learning.alpha": [0.05, 0.1], "circuit.activation": ["tanh", "sigmoid"]}
WORDS = ["--over", "learning.alpha=0.05,0.1", "--over", "circuit.activation=tanh,sigmoid", "--seeds", "2",
         "--updates", "12"]


def content(path):
    """All that a file of a sweep has but what depends on the clock; files with the same are equal byte by byte but for it."""
    found = {}

    def note(name, thing):
        found[name, ""] = thing[()].tobytes() if isinstance(thing, h5py.Dataset) and thing.dtype.kind != "O" else \
            list(thing[()]) if isinstance(thing, h5py.Dataset) else None
        found.update({(name, k): v.tobytes() if hasattr(v, "tobytes") else v for k, v in thing.attrs.items()})

    with h5py.File(path) as file:
        note("/", file)
        file.visititems(note)
    del found["cells/seconds", ""]
    return found


def by_program(*arguments, code=0):
    done = subprocess.run([PROGRAM, "sweep", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    return done.stdout


def rows_of(path):
    with open(path, encoding="utf-8") as file:
        return list(csv.DictReader(file))


def same(frame, rows, but=()):
    """Whether a frame has the numbers and texts of a CSV file."""
    assert list(frame.columns) == list(rows[0]), (list(frame.columns), list(rows[0]))
    assert len(frame) == len(rows)
    for name in frame.columns:
        for ours, theirs in zip(frame[name], [row[name] for row in rows]):
            if name not in but:
                equal = ours == theirs if isinstance(ours, str) else ours != ours if theirs == "" else ours == float(theirs)
                assert equal, (name, ours, theirs)


class Sweeps(Scratch):
    def test_the_file_and_the_tables_are_the_programs(self):
        by_program(netlist("xor"), *WORDS, "--out", "program.h5", "--csv", "cells.csv", "--table", "table.csv",
                   "--against", "circuit.activation=sigmoid")
        found = locus.sweep(netlist("xor"), OVER, seeds=2, updates=12, out="python.h5", progress=False,
                            against={"circuit.activation": "sigmoid"})
        self.assertEqual(content("python.h5"), content("program.h5"))
        self.assertEqual(os.path.getsize("python.h5"), os.path.getsize("program.h5"))
        same(found.cells, rows_of("cells.csv"), but=("seconds",))
        same(found.table, rows_of("table.csv"))
        with h5py.File("program.h5") as file:
            np.testing.assert_array_equal(found.curve("loss"), file["curves/loss"][:])
        # Either goes on with the other's file: nothing is left to do.
        self.assertIn("8 are done already", by_program(netlist("xor"), *WORDS, "--out", "python.h5"))
        before = os.stat("program.h5").st_mtime_ns
        again = locus.sweep(locus.load(netlist("xor")), {k: ",".join(map(str, v)) for k, v in OVER.items()}, seeds=[1, 2],
                            updates=12, out="program.h5", progress=False)
        self.assertEqual((len(again.cells), os.stat("program.h5").st_mtime_ns), (8, before))

    def test_a_cell_is_a_run(self):
        found = locus.sweep(netlist("xor"), {"learning.alpha": np.logspace(-2, -1, 3)}, updates=9, progress=False)
        for row in found.cells.itertuples():
            run = locus.run(netlist("xor"), settings={"learning.alpha": row[2]}, updates=9, progress=False)
            self.assertEqual(run.weights_sha256, row.weights_sha256)
        self.assertEqual(found.cells["learning.alpha"].tolist(), np.logspace(-2, -1, 3).tolist())
        self.assertNotIn("seed", found.cells)
        self.assertEqual(found.keys, ["learning.alpha"])

    def test_netlists_are_an_axis_whatever_they_are_made_of(self):
        short = locus.Netlist(locus.load(netlist("xor")).text, name="of text", settings={"learning.alpha": 0.2})
        built = locus.netlist.with_data(short.set({"learning.alpha": 0.3}),
                                        (np.array([[0, 0], [0, 1], [1, 0], [1, 1]], float), np.array([[0.0], [1], [1], [0]])))
        built.name = "with arrays"
        found = locus.sweep([netlist("xor"), short, built], seeds=[7], settings={"stimuli.epochs": 1}, progress=False)
        self.assertEqual(found.cells["netlist"].tolist(), [netlist("xor"), "of text", "with arrays"])
        for net, hash_there in zip((locus.load(netlist("xor")), short, built), found.cells["weights_sha256"]):
            settings = {"stimuli.epochs": 1, "weights.seed": 7, "stimuli.shuffle": 7,
                        "circuit.noise_seed": 7}
            self.assertEqual(net.run(settings=settings, progress=False).weights_sha256, hash_there)
        with self.assertRaisesRegex(locus.UsageError, "two cells are the same netlist"):
            locus.sweep([netlist("xor"), locus.Netlist(locus.load(netlist("xor")).text)], progress=False)
        with self.assertRaisesRegex(locus.UsageError, '"of text" is there twice'):
            locus.sweep([short, short], progress=False)

    def test_differences_table_and_picture(self):
        found = locus.sweep(netlist("xor"), {"learning.alpha": [0.05, 0.1], "circuit.activation": ["tanh", "relu"]}, seeds=3,
                            updates=12, progress=False)
        self.assertNotIn("loss difference mean", found.table)
        held = found.against({"learning.alpha": 0.05})
        cells = found.cells.set_index(["learning.alpha", "circuit.activation", "seed"])["loss"]
        by_hand = (cells[0.1] - cells[0.05]).groupby("circuit.activation", sort=False)
        table = held.table.set_index(["learning.alpha", "circuit.activation"]).loc[0.1]
        np.testing.assert_allclose(table["loss difference mean"], by_hand.mean()[table.index], rtol=1e-12)
        np.testing.assert_allclose(table["loss difference sd"], by_hand.std()[table.index], rtol=1e-12)
        for text in ("learning.alpha", "relu", " ± ", "<table"):
            self.assertIn(text, held._repr_html_())
        self.assertRegex(repr(found), r"Sweep\(learning.alpha x circuit.activation: 12 cells, 12 done\)")
        axes = found.plot().axes[0]
        self.assertEqual(axes.get_xlabel(), "learning.alpha")
        self.assertEqual([t.get_text() for t in axes.get_legend().get_texts()], ["tanh", "relu"])
        self.assertEqual([t.get_text() for t in found.plot("loss").axes[0].get_xticklabels()], ["0.05", "0.1"])
        np.testing.assert_array_equal(found.plot("loss").axes[0].lines[0].get_ydata(),
                                      found.table.query("`circuit.activation` == 'tanh'")["loss mean"])
        with self.assertRaisesRegex(locus.UsageError, '"nothing": no cell has it'):
            found.plot("nothing")
        with self.assertRaisesRegex(locus.UsageError, '"nothing" is no curve'):
            found.curve("nothing")
        named = locus.sweep(netlist("xor"), {"circuit.activation": "tanh,relu"}, updates=4, progress=False)
        self.assertEqual([t.get_text() for t in named.plot().axes[0].get_xticklabels()], ["tanh", "relu"])
        path = named.file
        kept = named.against({"circuit.activation": "relu"})
        del named
        self.assertTrue(os.path.exists(path))
        del kept
        self.assertFalse(os.path.exists(path))

    def test_shards_are_joined(self):
        for k in (1, 2, 3):
            locus.sweep(netlist("xor"), OVER, seeds=2, updates=12, out=f"part-{k}.h5", shard=f"{k}/3", progress=False)
        joined = locus.join_sweeps([f"part-{k}.h5" for k in (1, 2, 3)], "all.h5")
        by_program(netlist("xor"), *WORDS, "--out", "program.h5")
        self.assertEqual(content("all.h5"), content("program.h5"))
        self.assertEqual(set(joined.cells["state"]), {"done"})
        self.assertEqual(locus.Sweep("part-1.h5").cells["state"].tolist().count("missing"), 5)
        with self.assertRaisesRegex(locus.RunError, "exists"):
            locus.join_sweeps(["part-1.h5"], "all.h5")
        locus.join_sweeps(["part-1.h5", "part-2.h5"], "all.h5", force=True)
        with self.assertRaises(locus.UsageError):
            locus.join_sweeps([], "all.h5")

    def test_what_fails_is_a_warning_and_the_others_go_on(self):
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            found = locus.sweep(netlist("xor"), {"learning.alpha": [0.1, 1e200]}, updates=12, progress=False,
                                settings={"circuit.activation": "relu"})
        self.assertEqual(found.cells["state"].tolist(), ["done", "failed"])
        self.assertEqual(len(told), 1)
        self.assertRegex(str(told[0].message), r"\(learning.alpha=1e\+200\) failed: ")
        self.assertEqual(told[0].filename, __file__)
        self.assertEqual(str(told[0].message).partition("failed: ")[2], found.cells["message"][1])
        self.assertTrue(np.isnan(found.cells["loss"][1]))

    def test_mistakes(self):
        def refused(pattern, *arguments, kind=locus.UsageError, **options):
            with self.assertRaisesRegex(kind, pattern) as caught:
                locus.sweep(*arguments, **{"progress": False, **options})
            return caught.exception

        xor = netlist("xor")
        refused("expected a netlist", [])
        refused("unknown|no key|not a key|does not know", xor, {"learning.alpa": [1]})
        refused("first argument", xor, {"netlist": ["a.toml"]})
        for values in (0.1, {"a": 1}, b"1", None):
            refused("expected a list of values", xor, {"learning.alpha": values})
        refused("at least one value", xor, {"learning.alpha": []})
        refused("there twice", xor, {"learning.alpha": [0.1, 0.1]})
        refused("log", xor, {"learning.alpha": "-1:1:log5"})
        refused("expected", xor, {"learning.alpha": ["high"]})
        for seeds in (0, -1, [-1], [0.5], [2**63], []):
            refused("seeds", xor, seeds=seeds)
        refused("the seed 1 is there twice", xor, seeds=[1, 1])
        refused("--shard 3/2", xor, shard="3/2")
        refused("does not vary", xor, {"learning.alpha": [0.1, 0.2]}, against={"circuit.rule": "bp"})
        refused("jobs = -1: expected a whole number from 0 to 1024", xor, jobs=-1)
        refused("threads = 0.5: expected", xor, threads=0.5)
        refused("no NUL", xor, out="a\0b")
        refused("no/such/folder", xor, out="no/such/folder/s.h5", kind=locus.RunError)
        with open("mine.toml", "w", encoding="utf-8") as file:
            file.write(locus.load(xor).text)
        refused("same file", "mine.toml", out="mine.toml", force=True)
        error = refused("xyz", "mine.toml", {"circuit.activation": ["tanh", "xyz"]})
        self.assertRegex(str(error), "circuit.activation=xyz")
        with self.assertRaises(FileNotFoundError):
            locus.sweep("nowhere.toml")
        locus.sweep("mine.toml", {"learning.alpha": [0.1, 0.2]}, updates=2, out="s.h5", progress=False)
        refused("another sweep: learning.alpha is 0.1, 0.2 there, 0.3 now", "mine.toml", {"learning.alpha": [0.3]}, updates=2,
                out="s.h5")
        self.assertEqual(len(locus.sweep("mine.toml", {"learning.alpha": [0.3]}, updates=2, out="s.h5", force=True,
                                         progress=False).cells), 1)
        with open("broken.h5", "wb") as file:
            file.write(b"no sweep")
        with self.assertRaises(locus.RunError):
            locus.Sweep("broken.h5")
        with self.assertRaises(locus.RunError):
            locus.Sweep("nowhere.h5")

    def test_progress(self):
        err = io.StringIO()
        with redirect_stderr(err):
            locus.sweep(netlist("xor"), OVER, updates=4, progress=True)
        self.assertRegex(err.getvalue(), r"\[#*\.*\] 4 of 4 runs: 100 %")
        self.assertTrue(err.getvalue().endswith("\r\033[K"))

    def test_odd_values_and_names(self):
        os.mkdir("Ordner ü")
        path = "Ordner ü/zwei, drei.toml"
        with open(path, "w", encoding="utf-8") as file:
            file.write(locus.load(netlist("xor")).text)
        found = locus.sweep(path, {"circuit.layers": [[2, 4, 1], [2, 3, 1]], "learning.alpha": (0.1, np.float32(0.5)),
                                   "circuit.precision": ["f32", "f64"]}, updates=4, out="Ordner ü/s ü.h5", progress=False)
        self.assertEqual(len(set(found.cells["weights_sha256"])), 8)
        self.assertEqual(found.cells["circuit.layers"].tolist()[::4], ["[2, 4, 1]", "[2, 3, 1]"])
        self.assertEqual(found.netlists, [path])

    def script(self, text, *arguments):
        return subprocess.Popen([sys.executable, "-c", textwrap.dedent(text), PACKAGE, netlist("digits"), *arguments],
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    LONG = """
        import sys; sys.path.insert(0, sys.argv[1])
        import locus
        s = locus.sweep(sys.argv[2], {"learning.alpha": "1e-4:1e-2:log8"}, seeds=2, jobs=2, out="s.h5", progress=False,
                        settings={"stimuli.epochs": 1, "stimuli.train_limit": 700})
        print(s.stopped, s.cells["state"].tolist().count("done"))
    """

    @staticmethod
    def at_work():
        """Processes of sweeps in this folder."""
        found = []
        for process in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{process}/cmdline", "rb") as file:
                    if b"_sweep_process" in file.read() and os.readlink(f"/proc/{process}/cwd") == os.getcwd():
                        found.append(process)
            except OSError:
                pass  # it ended meanwhile, or is another's
        return found

    def done_so_far(self):
        try:
            with h5py.File("s.h5", "r", locking=False) as file:
                return int((file["cells/state"][:] == 1).sum())
        except OSError:
            return 0

    def wait_for(self, cells):
        until = time.monotonic() + 120
        while self.done_so_far() < cells and time.monotonic() < until:
            time.sleep(0.02)

    def test_interrupts_and_deaths_lose_nothing(self):
        process = self.script(self.LONG)
        self.wait_for(2)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=120)
        self.assertEqual((err, process.returncode, out.split()[0]), ("", 0, "True"))
        self.assertGreaterEqual(int(out.split()[1]), 2)
        self.assertLess(int(out.split()[1]), 16)
        # Whoever asked is killed: what runs ends too, and the file is whole.
        process = self.script(self.LONG)
        self.wait_for(int(out.split()[1]) + 1)
        process.kill()
        process.communicate()
        until = time.monotonic() + 30
        while self.at_work() and time.monotonic() < until:
            time.sleep(0.02)
        self.assertFalse(self.at_work())
        out, err = self.script(self.LONG).communicate(timeout=300)
        self.assertEqual((err, out), ("", "False 16\n"))
        whole = locus.Sweep("s.h5")
        row = whole.cells.iloc[5]
        run = locus.run(netlist("digits"), settings={
            "learning.alpha": row["learning.alpha"], "stimuli.epochs": 1, "stimuli.train_limit": 700, "weights.seed": row["seed"],
            "stimuli.shuffle": row["seed"], "circuit.noise_seed": row["seed"]}, progress=False, trace=False)
        self.assertEqual(run.weights_sha256, row["weights_sha256"])

    def test_a_second_interrupt_raises(self):
        def impatient(*_):
            raise KeyboardInterrupt

        with unittest.mock.patch.object(locus.sweep.__globals__["_Process"], "answers", impatient):
            with self.assertRaises(KeyboardInterrupt):
                locus.sweep(netlist("xor"), OVER, progress=False)
        self.assertEqual(signal.getsignal(signal.SIGINT), signal.default_int_handler)

    def test_the_death_of_its_process_is_told(self):
        def kill(self):
            self._process.kill()
            yield from answers(self)

        made = locus.sweep.__globals__["_Process"]
        answers = made.answers
        with unittest.mock.patch.object(made, "answers", kill):
            with self.assertRaisesRegex(locus.RunError, r"died \(SIGKILL\); the same call goes on"):
                locus.sweep(netlist("xor"), OVER, progress=False)


if __name__ == "__main__":
    main()
