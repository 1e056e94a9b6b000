"""Netlists in Python: loading, settings, building, errors with places."""

import os
import warnings

import numpy as np
from python_testing import NETLISTS, Scratch, main, netlist

import locus

TINY = """
[circuit]
template = "predictive-coding"
layers = [2, 3, 1]
[stimuli]
data = { inputs = [[0, 0], [0, 1], [1, 0], [1, 1]], targets = [[0], [1], [1], [0]] }
"""


class Netlists(Scratch):
    def test_every_long_form_can_be_built_again(self):
        for file in sorted(os.listdir(NETLISTS)):
            if file.endswith(".toml"):
                with self.subTest(netlist=file):
                    net = locus.load(os.path.join(NETLISTS, file))
                    again = locus.Netlist(net.toml(), name=net.name, folder=NETLISTS)
                    self.assertEqual(again.toml(), net.toml())
                    self.assertFalse(locus.diff(net, again))

    def test_files_are_found_beside_the_netlist(self):
        net = locus.load(netlist("sine"))
        self.assertEqual(len(net.data()[0]), 2)
        with open("n.toml", "w", encoding="utf-8") as file:
            file.write(TINY.replace("[stimuli]", "[trace]\nfile = 't.h5'\n[stimuli]"))
        run = locus.run("n.toml", epochs=1, progress=False)
        self.assertTrue(os.path.exists("t.h5"))
        self.assertEqual(run.results["trace"], "t.h5")

    def test_errors_have_places(self):
        with open("n.toml", "w", encoding="utf-8") as file:
            file.write(TINY + "epochs = -1\n")
        with self.assertRaises(locus.UsageError) as caught:
            locus.load("n.toml")
        e = caught.exception
        self.assertEqual((e.file, e.line, e.column), ("n.toml", 7, 10))
        self.assertIn("n.toml:7:10", str(e))
        self.assertIsInstance(e, ValueError)
        for setting, word in (({"stimuli.epoch": 3}, 'did you mean "epochs"'), ({"circuit.lanes": "many"}, "lanes")):
            with self.assertRaisesRegex(locus.UsageError, word) as caught:
                locus.Netlist(TINY, settings=setting).check()
            self.assertIn("--set", caught.exception.file)
        with self.assertRaises(FileNotFoundError):
            locus.load("none.toml")
        for text in ("", "[[", "[circuit]\ntemplate = 3", "\0", "x = nan"):
            with self.assertRaises(locus.UsageError):
                locus.Netlist(text).check()

    def test_a_mistake_in_what_was_built_is_told_where_it_was_made(self):
        net = locus.Netlist(lanes=1)
        net.population("a", "point-value", 2)
        net.population("b", "point-valeu", 2)  # here
        line = self.test_a_mistake_in_what_was_built_is_told_where_it_was_made.__code__.co_firstlineno + 3
        with self.assertRaisesRegex(locus.UsageError, "point-valeu") as caught:
            net.simulator()
        self.assertEqual((os.path.basename(caught.exception.file or ""), caught.exception.line),
                         (os.path.basename(__file__), line))

    def test_settings(self):
        net = locus.load(netlist("xor"), {"learning.alpha": np.float64(0.25)})
        self.assertEqual(net.set(lanes=2).lanes, 2)
        self.assertEqual(net.lanes, 1)
        self.assertIn("alpha = 0.25", net.toml())
        self.assertEqual(locus.load(netlist("xor"), ["learning.alpha=0.25"]).toml(), net.toml())
        long = locus.Netlist(net.toml())
        self.assertIn("gamma = 0.5", long.set({"population.hidden1.value.params.gamma": 0.5}).toml())
        for wrong in ("learning.alpha=1", {"a": object()}):
            with self.assertRaises(TypeError):
                net.set(wrong)

    def test_warnings_are_pythons(self):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            locus.Netlist(TINY, settings={"stimuli.predict": 0}).check()
        self.assertTrue(any("predict" in str(w.message) for w in caught))

    def test_a_circuit_built_by_calls_is_that_of_its_text(self):
        net = locus.load(netlist("xor"))
        text = net.toml()
        import tomllib
        said = tomllib.loads(text)
        built = locus.Netlist(name="built", **said["circuit"])
        built.presentation(**said["stimuli"])
        for p in said["population"]:
            built.population(p["name"], p["model"], p.get("size"), shape=p.get("shape"), **p.get("params", {}))
        for p in said["projection"]:
            params = p.pop("params", {})
            keys = {k: v for k, v in p.items() if k not in ("name", "from", "to")}
            built.projection(p["name"], p["from"], p["to"], **keys, **params)
        for s in said["stimulus"]:
            built.stimulus(s.pop("population"), s.pop("role"), **s)
        self.assertEqual(built.toml(), text)
        self.assertEqual(built.run(epochs=3, progress=False).weights_sha256,
                         net.run(epochs=3, progress=False).weights_sha256)

    def test_weights_from_arrays(self):
        net = locus.Netlist(locus.load(netlist("xor")).toml())
        weights = np.linspace(-1, 1, 8).reshape(4, 2)
        sim = net.set({"projection.hidden1.forward.weights": {"values": weights}}).simulator()
        np.testing.assert_array_equal(sim["hidden1.forward"], weights)

    def test_data(self):
        net = locus.Netlist(TINY)
        (x, t), (test_x, test_t) = net.data()
        self.assertEqual((x.shape, t.shape, len(test_x), len(test_t)), ((4, 2), (4, 1), 0, 0))
        self.assertEqual(sorted(net.set({"stimuli.shuffle": 1}).order(3)), [0, 1, 2, 3])
        (frames, _), _ = locus.load(netlist("movie")).data()
        self.assertEqual(frames.ndim, 3)
        for data in ((np.array([["a"]]), None), (np.array([[np.nan, 1.0]]), np.array([[1.0]])),
                     (np.zeros((3, 2)), np.zeros((2, 1))), (np.zeros((0, 2)), np.zeros((0, 1))),
                     (np.zeros((4, 3)), np.zeros((4, 1))), (np.full((2000, 2), np.inf), np.zeros((2000, 1)))):
            with self.assertRaises(locus.Error, msg=str(data)):
                net.run(data=data, epochs=1, progress=False)

    def test_models(self):
        names = dict(locus.models())
        self.assertIn("gated-hebbian", names)
        self.assertIn("synapse", names["gated-hebbian"])


if __name__ == "__main__":
    main()
