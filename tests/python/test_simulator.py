"""A simulator in Python: reading and writing, copies, threads, callbacks, lifetimes."""

import gc
import os
import pathlib
import signal
import subprocess
import sys
import textwrap
import threading
import time

import numpy as np
from python_testing import PACKAGE, Scratch, main, netlist

import locus


def xor(**settings):
    return locus.load(netlist("xor"), {k.replace("__", "."): v for k, v in settings.items()})


class Simulators(Scratch):
    def test_reads_are_copies_of_the_declared_shape(self):
        sim = locus.load(netlist("digits"), {"circuit.lanes": 5}).simulator()
        self.assertEqual((sim.lanes, sim.precision, sim.tick), (5, "f64", 0))
        for name in sim.fields:
            values = sim[name]
            self.assertEqual((values.ndim, values.shape[1], values.dtype), (2, 5, np.float64))
        weights = sim["hidden1.forward"]
        self.assertEqual(weights.shape, (32, 64))
        weights[:] = 0
        self.assertTrue(sim["hidden1.forward"].any())
        np.testing.assert_array_equal(sim["hidden1.forward"], sim["hidden1.forward.theta"])
        self.assertEqual(locus.load(netlist("digits"), {"circuit.precision": "f32"}).simulator()["input.value.x"].dtype,
                         np.float32)

    def test_unknown_names_suggest_others(self):
        sim = xor().simulator()
        for name, near in (("hidden1.valeu.x", "hidden1.value.x"), ("hidden1.forwrd", "hidden1.forward")):
            with self.assertRaisesRegex(locus.UsageError, f'did you mean "{near}"'):
                sim[name]
        for wrong in ("", ".", "x", "hidden1.", ".x", "hidden1.forward.", "\0", "é"):
            with self.assertRaises(locus.UsageError):
                sim[wrong]
        with self.assertRaisesRegex(locus.UsageError, "can be clamped"):
            sim.clamp("hidden1.error", [0.0] * 4)

    def test_clamps_hold_until_they_are_released(self):
        sim = xor(circuit__lanes=2).simulator()
        values = np.array([[0.25, 1.0], [0.5, -1.0]])
        sim.clamp("input.value", values)
        sim.run(3)
        np.testing.assert_array_equal(sim["input.value.x"], values)
        sim.clamp("input.value", [7.0, 8.0], lane=1)
        sim.step()
        np.testing.assert_array_equal(sim["input.value.x"], [[0.25, 7.0], [0.5, 8.0]])
        sim.release("input.value")
        sim.run(20)
        self.assertFalse(np.array_equal(sim["input.value.x"][:, 1], [7.0, 8.0]))
        for wrong in (values[:1], values.T[0], [[1.0, np.nan], [0.0, 0.0]], [[1.0, np.inf], [0.0, 0.0]], 1.0, []):
            with self.assertRaises(locus.UsageError):
                sim.clamp("input.value", wrong)
        with self.assertRaisesRegex(locus.UsageError, "lane 2"):
            sim.clamp("input.value", [0.0, 0.0], lane=2)
        with self.assertRaises((TypeError, ValueError)):
            sim.clamp("input.value", [["a", "b"], ["c", "d"]])
        with self.assertRaises((TypeError, ValueError)):
            sim.clamp("input.value", [0.0, 0.0], lane=-1)

    def test_layout_and_type_of_what_is_given_do_not_matter(self):
        values = np.arange(8.0).reshape(2, 4)
        results = []
        for given in (values, np.asfortranarray(values), values.astype(np.float32), np.repeat(values, 2, axis=0)[::2],
                      values.tolist(), values.astype(int)):
            sim = xor(circuit__lanes=4).simulator()
            sim.clamp("input.value", given)
            sim.run(4)
            results.append(sim["output.value.x"])
        for other in results[1:]:
            np.testing.assert_array_equal(other, results[0])

    def test_weights_are_written_and_the_tracking_hears_of_it(self):
        sims = [xor().simulator(tracking=tracking) for tracking in (True, False)]
        for sim in sims:
            sim.set_learning(False)
            sim.clamp("input.value", [1.0, 0.5])
            sim.run(100)  # nothing moves any more
            before = sim["output.value.x"]
            sim["hidden1.forward"] = sim["hidden1.forward"] * 2
            sim.run(30)
            self.assertFalse(np.array_equal(before, sim["output.value.x"]))
        for name in sims[0].fields:
            np.testing.assert_array_equal(sims[0][name], sims[1][name])
        for name, values, error in (("hidden1.forward", np.zeros((3, 4)), "shape"), ("hidden1.value.x", np.zeros((4, 1)), "clamp"),
                                    ("hidden1.forward", np.full((4, 2), np.nan), "finite")):
            with self.assertRaisesRegex(locus.UsageError, error):
                sims[0][name] = values

    def test_states_of_synapses(self):
        net = locus.load(netlist("digits-bp-adam"))
        sim = net.simulator()
        m = sim["hidden1.forward.m"]
        self.assertEqual(m.shape, sim["hidden1.forward"].shape)
        sim["hidden1.forward.m"] = m + 1
        np.testing.assert_array_equal(sim["hidden1.forward.m"], m + 1)

    def test_sparse_weights_and_kernels(self):
        sim = locus.load(netlist("digits-conv")).simulator()
        kernels = [name for name in sim.projections if sim[name].ndim == 2]
        self.assertTrue(kernels)
        for name in sim.projections:
            ends = sim.connections(name)
            self.assertEqual(ends.shape[1], 2)
            if sim[name].ndim == 1:
                self.assertEqual(len(ends), len(sim[name]))
        xor_sim = xor().simulator()
        ends = xor_sim.connections("hidden1.forward")
        np.testing.assert_array_equal(ends[:, 0], np.repeat(np.arange(4), 2))
        np.testing.assert_array_equal(ends[:, 1], np.tile(np.arange(2), 4))

    def test_perturbing_one_neuron(self):
        sim = xor().simulator()
        sim.clamp("input.value", [1.0, 0.0])
        sim.run(10)
        other = sim.copy()
        sim.perturb("hidden1.value.a", 2, 5.0)
        sim.step()
        other.step()
        different = np.flatnonzero(sim["hidden1.value.a"] != other["hidden1.value.a"])
        np.testing.assert_array_equal(different, [2])
        self.assertEqual(sim["hidden1.value.a"][2, 0], 5.0)
        for neuron, lane, value in ((4, 0, 0.0), (0, 1, 0.0), (0, 0, np.nan)):
            with self.assertRaises(locus.UsageError):
                sim.perturb("hidden1.value.x", neuron, value, lane)
        with self.assertRaises(locus.UsageError):
            sim.perturb("hidden1.forward", 0, 0.0)

    def test_copies_share_nothing_and_go_on_alike(self):
        sim = xor().simulator()
        sim.clamp("input.value", [1.0, 0.0])
        sim.run(5)
        sim.clamp("output.value", [1.0])
        other = sim.copy()  # with what is imposed
        del sim
        gc.collect()
        again = other.copy().copy()
        other.run(30)
        again.run(30)
        for name in other.fields:
            np.testing.assert_array_equal(other[name], again[name])
        self.assertEqual(other.weights_sha256(), again.weights_sha256())
        again.run(1)
        self.assertEqual((other.tick, again.tick), (35, 36))

    def test_states_in_files(self):
        sim = xor().simulator()
        sim.clamp("input.value", [1.0, 0.0])
        sim.run(5)
        sim.save("s.h5")
        sim.run(7)
        other = xor().simulator(threads=2, tracking=False)
        other.load("s.h5")
        self.assertEqual(other.tick, 5)
        other.run(7)
        for name in sim.fields:
            np.testing.assert_array_equal(sim[name], other[name])
        with self.assertRaisesRegex(locus.UsageError, "exists"):
            sim.save("s.h5")
        sim.save("s.h5", force=True)
        with self.assertRaises(locus.RunError):
            locus.load(netlist("digits")).simulator().load("s.h5")
        with self.assertRaises(locus.RunError):
            xor(circuit__precision="f32").simulator().load("s.h5")
        with open("bad.h5", "wb") as file:
            file.write(b"no state")
        for bad in ("bad.h5", "none.h5"):
            with self.assertRaises(locus.RunError):
                other.load(bad)
        other.run(1)
        self.assertEqual(other.tick, 13)
        with self.assertRaises(locus.RunError):
            sim.save("no/such/folder/s.h5")

    def test_callbacks_see_each_tick_and_may_act(self):
        sim = xor().simulator()
        ticks = []

        def look(s):
            ticks.append(s.tick)
            s.clamp("input.value", [float(len(ticks) % 2), 1.0])

        sim.run(6, on_tick=look)
        self.assertEqual(ticks, [1, 2, 3, 4, 5, 6])
        self.assertEqual(sim.tick, 6)

    def test_what_a_callback_raises_ends_the_run_between_two_ticks(self):
        sim = xor().simulator()

        def fail(s):
            if s.tick == 3:
                raise KeyError("enough")

        with self.assertRaisesRegex(KeyError, "enough"):
            sim.run(10, on_tick=fail)
        self.assertEqual(sim.tick, 3)
        sim.run(2)
        self.assertEqual(sim.tick, 5)
        with self.assertRaisesRegex(locus.RunError, "callback"):
            sim.run(1, on_tick=lambda s: s.run(1))
        for wrong in (-1, 2**62):
            with self.assertRaises(locus.UsageError):
                sim.run(wrong)

    def test_simulators_outlive_what_made_them(self):
        sims = []
        for _ in range(3):
            net = xor()
            sims.append(net.simulator())
            run = net.run(epochs=1, trace=False, progress=False)
            sims.append(run.simulator)
            sims.append(run.simulator.copy())
            del net, run
        gc.collect()
        for sim in sims:
            sim.run(10)
            self.assertTrue(np.isfinite(sim["output.value.x"]).all())

    def test_two_simulators_in_two_threads(self):
        net = locus.load(netlist("digits"), {"circuit.lanes": 1})
        (x, t), _ = net.data()
        results = {}

        def work(which):
            sim = net.simulator(threads=1 + which)
            for k in range(20):
                sim.clamp("input.value", x[k])
                sim.run(8)
                sim.clamp("output.value", t[k])
                sim.run(4)
                sim.release("output.value")
            results[which] = sim.weights_sha256()

        threads = [threading.Thread(target=work, args=(k,)) for k in range(2)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        work(2)
        self.assertEqual(len(set(results.values())), 1)

    def test_others_go_on_and_a_second_thread_is_told(self):
        sim = locus.load(netlist("digits"), {"circuit.lanes": 20}).simulator(tracking=False)
        began, done = threading.Event(), threading.Event()

        def work():
            sim.run(1, on_tick=lambda s: began.set())
            sim.run(3000)
            done.set()

        thread = threading.Thread(target=work)
        thread.start()
        began.wait()
        counted = refused = 0
        while not done.is_set():
            counted += 1
            try:
                sim["output.value.x"]
            except locus.RunError as error:
                self.assertIn("another thread", str(error))
                refused += 1
            time.sleep(0.001)
        thread.join()
        self.assertGreater(counted, 3)  # the GIL was free
        self.assertGreater(refused, 0)
        self.assertEqual(sim.tick, 3001)

    def test_interrupt_between_two_ticks(self):
        script = textwrap.dedent("""
            import sys; sys.path.insert(0, sys.argv[1])
            import locus
            sim = locus.load(sys.argv[2], {"circuit.lanes": 20}).simulator(tracking=False)
            print("ready", flush=True)
            try:
                sim.run(10**9)
            except KeyboardInterrupt:
                before = sim.tick
                sim.run(5)
                print("interrupted", sim.tick - before)
        """)
        process = subprocess.Popen([sys.executable, "-c", script, PACKAGE, netlist("digits")], stdout=subprocess.PIPE, text=True)
        self.assertEqual(process.stdout.readline(), "ready\n")
        time.sleep(0.3)
        os.kill(process.pid, signal.SIGINT)
        out, _ = process.communicate(timeout=60)
        self.assertEqual((out, process.returncode), ("interrupted 5\n", 0))

    def test_infinite_numbers(self):
        net = xor(learning__alpha=1e308)
        sim = net.simulator()
        with self.assertRaises(locus.NonFiniteError) as caught:
            for _ in range(50):
                sim.clamp("input.value", [1.0, 1.0])
                sim.run(4)
                sim.clamp("output.value", [1.0])
                sim.run(2)
                sim.release("output.value")
        self.assertRegex(caught.exception.where, r"tick \d+: -?(inf|nan)")
        with self.assertRaises(locus.RunError):
            sim.run(1)

    def test_only_real_numbers_go_in(self):
        sim = locus.load(netlist("xor")).simulator()
        for odd in (np.array([1 + 2j, 0]), ["1", "2"], np.array([1, None], object), [10**400, 0], {"a": 1}, None,
                    np.array(["2020", "2021"], "M8[Y]")):
            with self.assertRaisesRegex(locus.UsageError, "input.value: expected numbers"):
                sim.clamp("input.value", odd)
            with self.assertRaisesRegex(locus.UsageError, "hidden1.forward: expected numbers"):
                sim["hidden1.forward"] = odd
        for even in (np.array([True, False]), np.arange(8.0)[::4] / 4, np.arange(2.0)[::-1], np.arange(2, dtype=">f4"), (0, 1)):
            sim.clamp("input.value", even)
            sim.step()
            np.testing.assert_array_equal(sim["input.value.x"].ravel(), np.asarray(even, float))
            sim.release("input.value")

    def test_names_and_numbers_that_cannot_be(self):
        net = locus.load(netlist("xor"))
        with self.assertRaises(TypeError):
            locus.Simulator(None)
        with self.assertRaisesRegex(locus.UsageError, "threads = 257: expected at most 256"):
            net.simulator(threads=257)
        for count in ("updates", "every_updates", "threads", "trace_limit"):
            for wrong in (-1, 0.5, "1"):
                with self.assertRaisesRegex(locus.UsageError, f"{count} = .*: expected a whole number"):
                    net.run(**{count: wrong})
        with self.assertRaisesRegex(locus.UsageError, "seed = -1: expected a whole number"):
            net.audit(seed=-1)
        for name in ("trace", "checkpoint", "resume", "against", "save_weights"):
            with self.assertRaisesRegex(locus.UsageError, "no NUL"):
                net.run(**{name: "a\0b"})
        sim = net.simulator()
        with self.assertRaises(TypeError):
            sim.save("a\0b")
        self.assertFalse(os.path.exists("a"))
        os.mkdir("Ü")
        sim.save(pathlib.Path("Ü") / "ß.h5")
        sim.load(pathlib.Path("Ü") / "ß.h5")


if __name__ == "__main__":
    main()
