"""Whole runs in Python: callbacks, checkpoints, traces, Ctrl-C."""

import io
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from contextlib import redirect_stderr

import h5py
import numpy as np
from python_testing import PACKAGE, PROGRAM, Scratch, main, netlist, program

import locus


class Runs(Scratch):
    def test_results(self):
        run = locus.run(netlist("xor"), epochs=4, against="bp", progress=False)
        self.assertTrue(run.against["bit_identical"])
        self.assertEqual([e["epoch"] for e in run.epochs], [1, 2, 3, 4])
        frame = run.to_pandas()
        self.assertEqual((frame.index.name, len(frame), frame["updates"].iloc[-1]), ("epoch", 4, 16))
        self.assertIn("<table", run._repr_html_())
        self.assertEqual(run["output.value.x"].shape, (1, 1))
        self.assertFalse(run.stopped)
        with self.assertRaises(locus.UsageError):
            run.trace

    def test_no_epochs(self):
        run = locus.run(netlist("xor"), epochs=0, progress=False)
        self.assertEqual((run.epochs, len(run.to_pandas())), ([], 0))

    def test_callbacks(self):
        rows, seen = [], []
        run = locus.run(netlist("xor"), epochs=3, progress=False, on_epoch=rows.append,
                        on_presentation=lambda r: seen.append((r.presentations, r.simulator.tick)))
        self.assertEqual(rows, run.epochs)
        self.assertEqual(seen, [(k, 8 * k) for k in range(1, 13)])

    def test_a_callback_may_change_weights_between_presentations(self):
        frozen = None

        def freeze(r):
            nonlocal frozen
            if frozen is None:
                frozen = r.simulator["hidden1.forward"]
            r.simulator["hidden1.forward"] = frozen

        run = locus.run(netlist("xor"), epochs=3, progress=False, on_presentation=freeze)
        np.testing.assert_array_equal(run["hidden1.forward"], frozen)

    def test_what_a_callback_raises_ends_the_run_cleanly(self):
        def fail(r):
            if r.presentations == 6:
                raise ZeroDivisionError("enough")

        for which in ("on_presentation", "on_epoch"):
            options = {which: fail if which == "on_presentation" else lambda row: 1 / 0}
            with self.assertRaises(ZeroDivisionError):
                locus.run(netlist("xor"), epochs=30, trace="t.h5", checkpoint="c.h5", force=True, progress=False, **options)
            with h5py.File("t.h5") as file:
                self.assertEqual(file.attrs["complete"], 0)
                self.assertIn("ZeroDivisionError", file.attrs["ended"])
            rest = locus.run(resume="c.h5", settings={"stimuli.epochs": 30}, trace=False, progress=False)
            self.assertEqual(rest.weights_sha256, locus.run(netlist("xor"), epochs=30, progress=False).weights_sha256)

    def test_a_run_that_cannot_begin(self):
        native = locus._locus.Run(locus.load(netlist("xor")).native, [], locus._locus.CheckpointRequest(),
                                  locus._locus.TraceRequest())
        for use in (native.results, lambda: native.simulator):
            with self.assertRaisesRegex(locus.UsageError, "not begun"):
                use()
        self.assertEqual(native.presentations, 0)
        native.go()
        with self.assertRaisesRegex(locus.UsageError, "over"):
            native.go()

    def test_a_run_cannot_run_itself(self):
        with self.assertRaises(locus.RunError):
            locus.run(netlist("xor"), epochs=1, progress=False, on_presentation=lambda r: r.go())

    def test_checkpoints_go_on_to_the_same_bits_here_and_in_the_program(self):
        whole = locus.run(netlist("xor"), epochs=10, progress=False)
        locus.run(netlist("xor"), epochs=10, updates=13, checkpoint="c.h5", progress=False)
        found = program("--resume", "c.h5")
        self.assertEqual(found["weights_sha256"], whole.weights_sha256)
        again = locus.run(netlist("xor"), epochs=10, resume="c.h5", progress=False)
        self.assertEqual((again.weights_sha256, again.epochs), (whole.weights_sha256, whole.epochs))
        subprocess.run([PROGRAM, "run", netlist("xor"), "--set", "stimuli.epochs=10", "--updates", "9", "--checkpoint",
                        "d.h5"], check=True, stdout=subprocess.DEVNULL)
        self.assertEqual(locus.run(resume="d.h5", progress=False).weights_sha256, whole.weights_sha256)
        with self.assertRaisesRegex(locus.UsageError, "another netlist"):
            locus.run(netlist("xor"), epochs=10, settings={"learning.alpha": 1}, resume="c.h5", progress=False)
        with self.assertRaisesRegex(locus.UsageError, "exists"):
            locus.run(netlist("xor"), checkpoint="c.h5", progress=False)

    def test_files_have_one_use(self):
        with self.assertRaisesRegex(locus.UsageError, "same file"):
            locus.run(netlist("xor"), trace="a.h5", checkpoint="a.h5", progress=False)
        with self.assertRaises(locus.RunError):
            locus.run(netlist("xor"), save_weights="no/such/folder/w.h5", progress=False)

    def test_saved_weights(self):
        run = locus.run(netlist("xor"), epochs=2, save_weights="w.h5", progress=False)
        with h5py.File("w.h5") as file:
            np.testing.assert_array_equal(file["hidden1.forward"][:], run["hidden1.forward"])
        sim = locus.load(netlist("xor"), {"weights.file": "w.h5"}).simulator()
        np.testing.assert_array_equal(sim["hidden1.forward"], run["hidden1.forward"])

    def test_records_without_a_file_go_with_the_run(self):
        run = locus.run(netlist("xor"), epochs=1, record="error.eps", progress=False)
        path = run.trace.path
        self.assertEqual(run.trace["output.error.eps"].shape, (32, 1))
        del run
        self.assertFalse(os.path.exists(path))
        with self.assertRaisesRegex(locus.UsageError, "nothing"):
            locus.run(netlist("xor"), record="nothing.like.this", progress=False)
        with self.assertRaisesRegex(locus.UsageError, "more than the limit"):
            locus.run(netlist("xor"), record="x", trace_limit=10, progress=False)

    def test_progress(self):
        err = io.StringIO()
        with redirect_stderr(err):
            locus.run(netlist("xor"), updates=20, progress=True, on_presentation=lambda r: time.sleep(0.02))
        self.assertRegex(err.getvalue(), r"\[#*\.*\] epoch \d: \d+ %")
        self.assertTrue(err.getvalue().endswith("\r\033[K"))

    def test_two_runs_in_two_threads(self):
        net = locus.load(netlist("xor"))
        hashes = []

        def work():
            hashes.append(net.run(epochs=20, record="theta", progress=False).weights_sha256)

        threads = [threading.Thread(target=work) for _ in range(4)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        self.assertEqual(len(hashes), 4)
        self.assertEqual(set(hashes), {net.run(epochs=20, progress=False).weights_sha256})

    def interrupted(self, script, signals, which=signal.SIGINT):
        process = subprocess.Popen([sys.executable, "-c", textwrap.dedent(script), PACKAGE, netlist("digits")],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.assertEqual(process.stdout.readline(), "ready\n")
        for _ in range(signals):
            time.sleep(0.4)
            os.kill(process.pid, which)
        out, err = process.communicate(timeout=120)
        return out, err, process.returncode

    def test_the_first_interrupt_ends_a_run_with_what_it_has_come_to(self):
        out, err, code = self.interrupted("""
            import sys; sys.path.insert(0, sys.argv[1])
            import locus
            ready = lambda r: r.presentations == 3 and print("ready", flush=True)
            run = locus.run(sys.argv[2], epochs=100000, checkpoint="c.h5", trace="t.h5", record="phi.spike", progress=False,
                            trace_limit=10**15, on_presentation=ready)
            print(run.stopped, run.results["presentations"])
            run.simulator.run(5)
            print(locus.run(sys.argv[2], updates=2, evaluate=False, trace=False, progress=False).stopped)
        """, 1)
        self.assertEqual((err, code), ("", 0))
        stopped, presentations, other = out.split()
        self.assertEqual((stopped, other), ("True", "False"))
        with h5py.File("t.h5") as file:
            self.assertEqual(file.attrs["ended"], "interrupted by the user")
        with h5py.File("c.h5") as file:
            self.assertEqual(file["progress"].attrs["presentations"], int(presentations))

    def test_the_second_interrupt_raises(self):
        out, err, code = self.interrupted("""
            import sys, time; sys.path.insert(0, sys.argv[1])
            import locus
            def slow(r):
                print("ready", flush=True)
                time.sleep(60)
            try:
                locus.run(sys.argv[2], trace=False, progress=False, on_presentation=slow)
            except KeyboardInterrupt:
                print("raised")
            try:
                time.sleep(60)
            except KeyboardInterrupt:
                print("as before")
        """, 3)
        self.assertEqual((out, err, code), ("raised\nas before\n", "", 0))

    def test_a_termination_writes_the_checkpoint_first(self):
        out, err, code = self.interrupted("""
            import sys; sys.path.insert(0, sys.argv[1])
            import locus
            ready = lambda r: r.presentations == 3 and print("ready", flush=True)
            locus.run(sys.argv[2], epochs=100000, checkpoint="c.h5", trace=False, progress=False, on_presentation=ready)
        """, 1, signal.SIGTERM)
        self.assertEqual((out, err, code), ("", "", -signal.SIGTERM))
        with h5py.File("c.h5") as file:
            self.assertGreater(file["progress"].attrs["presentations"], 3)

    def test_a_callback_may_stop_the_run(self):
        run = locus.run(netlist("xor"), progress=False, on_presentation=lambda r: r.presentations == 7 and r.stop())
        self.assertTrue(run.stopped)
        self.assertEqual(run.results["presentations"], 7)


if __name__ == "__main__":
    main()
