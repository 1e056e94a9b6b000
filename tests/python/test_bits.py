"""Python's bits are the command line's."""

import hashlib
import json
import os
import subprocess
import unittest

import numpy as np
from python_testing import NETLISTS, PROGRAM, SOURCE, Scratch, main, netlist, program

import locus


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


class Bits(Scratch):
    def test_weights_of_every_netlist(self):
        with open(os.path.join(SOURCE, "tests", "fingerprints.json"), encoding="utf-8") as file:
            fingerprints = json.load(file)
        self.assertEqual(fingerprints.pop("bits_version"), locus.bits_version)
        self.assertEqual(sorted(fingerprints), sorted(f[:-5] for f in os.listdir(NETLISTS) if f.endswith(".toml")))
        for name, expected in fingerprints.items():
            with self.subTest(netlist=name):
                run = locus.run(netlist(name), updates=60, evaluate=False, trace=False, progress=False)
                self.assertEqual({key: run.results[key] for key in expected}, expected)
                self.assertEqual(run.simulator.weights_sha256(), expected["weights_sha256"])

    def test_traces_of_every_netlist(self):
        for name in sorted(f[:-5] for f in os.listdir(NETLISTS) if f.endswith(".toml")):
            with self.subTest(netlist=name):
                program(netlist(name), "--updates", "2", "--no-test", "--trace", "program.h5", "--force")
                locus.run(netlist(name), updates=2, evaluate=False, trace="python.h5", force=True, progress=False)
                self.assertEqual(sha256("program.h5"), sha256("python.h5"))
                os.remove("program.h5")
                os.remove("python.h5")

    def test_settings_and_what_is_recorded(self):
        settings = {"learning.alpha": 0.02, "stimuli.epochs": 3, "trace.record": ["error.eps", "theta"]}
        found = program(netlist("xor"), "--set", "learning.alpha=0.02", "--set", "stimuli.epochs=3", "--set",
                        'trace.record=["error.eps", "theta"]', "--trace", "program.h5")
        run = locus.load(netlist("xor"), {"learning.alpha": 0.02}).run(epochs=3, record=["error.eps", "theta"],
                                                                       trace="python.h5", progress=False)
        self.assertEqual(run.weights_sha256, found["weights_sha256"])
        with locus.open("program.h5") as a, locus.open("python.h5") as b:
            self.assertEqual(a.netlist, b.netlist)
            for name in a:
                np.testing.assert_array_equal(a[name].values, b[name].values)
        self.assertFalse(locus.diff("program.h5", "python.h5"))
        self.assertEqual(locus.load(netlist("xor"), settings).run(trace=False, progress=False).weights_sha256,
                         found["weights_sha256"])

    def test_data_from_arrays_are_those_of_a_file(self):
        net = locus.load(netlist("digits"))
        (x, t), (test_x, test_t) = net.data()
        classes = t.argmax(axis=1)
        own = net.run(updates=100, trace=False, progress=False)
        for targets, test_targets in ((t, test_t), (classes, test_t.argmax(axis=1))):
            run = net.run(data=(x, targets), test=(test_x, test_targets), updates=100, trace=False, progress=False)
            self.assertEqual(run.weights_sha256, own.weights_sha256)
            self.assertEqual(run.epochs, own.epochs)
        # The same by the program, from the files that numpy.save writes.
        np.save("x.npy", x.astype(np.float32))
        np.save("t.npy", classes)
        found = program(netlist("digits"), "--set", 'stimuli.data={ inputs = "npy:x.npy", targets = "npy:t.npy" }',
                        "--updates", "100")
        run = net.run(data=(x.astype(np.float32), classes), updates=100, trace=False, progress=False)
        self.assertEqual(run.weights_sha256, found["weights_sha256"])

    def test_small_data_stand_in_the_netlist(self):
        x, t = np.array([[0., 0], [0, 1], [1, 0], [1, 1]]), np.array([[0.], [1], [1], [0]])
        own = locus.run(netlist("xor"), epochs=2, progress=False)
        run = locus.run(netlist("xor"), epochs=2, data=(x, t), trace="t.h5", progress=False)
        self.assertEqual(run.weights_sha256, own.weights_sha256)
        with locus.open("t.h5") as trace:
            self.assertIn("inputs = [[0.0, 0.0], [0.0, 1.0]", trace.netlist)

    def test_what_the_audit_writes_can_be_verified(self):
        audit = locus.audit(netlist("xor"), updates=3, progress=False)
        subprocess.run([PROGRAM, "audit", netlist("xor"), "--updates", "3", "--json", "program.json"], check=True,
                       stdout=subprocess.DEVNULL)
        with open("program.json", encoding="utf-8") as file:
            self.assertEqual(json.load(file), audit.facts)
        with open("python.json", "w", encoding="utf-8") as file:
            file.write(audit.json)
        subprocess.run([PROGRAM, "audit", "--verify", "python.json"], check=True, stdout=subprocess.DEVNULL)

    def test_descriptions_of_every_netlist(self):
        for file in sorted(f for f in os.listdir(NETLISTS) if f.endswith(".toml")):
            with self.subTest(netlist=file):
                path = os.path.join(NETLISTS, file)
                out = subprocess.run([PROGRAM, "describe", path], capture_output=True, text=True, check=True).stdout
                description = locus.describe(path)
                self.assertEqual(str(description), out)
                self.assertIn(description.facts["populations"][0]["name"], description._repr_html_())
                self.assertEqual(locus.load(path).toml(), subprocess.run([PROGRAM, "expand", path], capture_output=True,
                                                                         text=True, check=True).stdout)

    def test_step_by_step_is_the_run(self):
        """The outside world by hand: the program's presentations of xor, epoch by epoch."""
        net = locus.load(netlist("xor"))
        (x, t), _ = net.data()
        sim = net.simulator()
        for epoch in range(3):
            for sample in net.order(epoch):
                sim.clamp("input.value", x[sample])
                sim.run(4)
                sim.clamp("output.value", t[sample])
                sim.run(2)
                sim.release("output.value")
                sim.run(2)
        self.assertEqual(sim.weights_sha256(), net.run(epochs=3, progress=False).weights_sha256)


if __name__ == "__main__":
    main()
