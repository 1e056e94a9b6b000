"""audit_update: rules whose class is known, honest and dishonest."""

import importlib.util
import unittest

import numpy as np
from python_testing import main

import locus

RNG = np.random.default_rng(3)
X, Y = RNG.normal(size=4), RNG.normal(size=3)
PARAMS = {"W1": RNG.normal(size=(5, 4)), "b1": RNG.normal(size=5), "W2": RNG.normal(size=(3, 5)), "B": RNG.normal(size=(5, 3))}


def graph():
    """Feedback alignment: the errors of the output come to the hidden layer over connections of their own."""
    return (locus.Graph(input="in", target="error")
            .synapses("W1", "in", "hidden", modulators=["hidden error"]).biases("b1", "hidden", modulators=["hidden error"])
            .synapses("W2", "hidden", "out", modulators=["error"]).synapses("B", "error", "hidden error")
            .link("out", "error").link("hidden", "hidden error"))


def numpy_rule(feedback):
    def update(p, x, y):
        h = np.tanh(p["W1"] @ x + p["b1"])
        e = y - p["W2"] @ h
        d = (feedback(p) @ e) * (1 - h * h)
        return {"W1": p["W1"] + 0.1 * np.outer(d, x), "b1": p["b1"] + 0.1 * d, "W2": p["W2"] + 0.1 * np.outer(e, h), "B": p["B"]}

    return update


class Rules(unittest.TestCase):
    def check(self, update, params, classes, declared, **options):
        audit = locus.audit_update(update, params, X, Y, declared, **options)
        self.assertEqual(audit.classes, classes, repr(audit))
        self.assertEqual(audit.verdict, f"consistent with class {max(classes.values())} over {audit.probes} probes")
        self.assertNotIn("local", repr(audit))
        return audit

    def test_feedback_alignment(self):
        audit = self.check(numpy_rule(lambda p: p["B"]), PARAMS, {"W1": 2, "b1": 2, "W2": 2}, graph())
        self.assertIn("<table", audit._repr_html_())

    def test_backpropagation_in_its_disguise(self):
        audit = self.check(numpy_rule(lambda p: p["W2"].T), PARAMS, {"W1": 4, "b1": 4, "W2": 2}, graph())
        self.assertIn("at 0", audit.findings[0].example)

    def test_backpropagation_that_says_so(self):
        declared = (locus.Graph(input="in", target="error")
                    .synapses("W1", "in", "hidden", modulators=["hidden error"]).biases("b1", "hidden", modulators=["hidden error"])
                    .synapses("W2", "hidden", "out", modulators=["error"]).synapses("W2", "error", "hidden error", transposed=True)
                    .link("out", "error").link("hidden", "hidden error"))
        whole = numpy_rule(lambda p: p["W2"].T)

        def update(p, x, y):
            return {k: v for k, v in whole({**p, "B": PARAMS["B"]}, x, y).items() if k != "B"}

        self.check(update, {k: v for k, v in PARAMS.items() if k != "B"}, {"W1": 4, "b1": 4, "W2": 2}, declared)

    def test_what_it_cannot_see(self):
        """Sign-symmetric feedback: B takes the signs of W2, which only changes how strong a declared connection is."""
        self.check(numpy_rule(lambda p: np.abs(p["B"]) * np.sign(p["W2"].T)), PARAMS, {"W1": 2, "b1": 2, "W2": 2}, graph())

    def test_classes_0_to_4(self):
        w = {"W": RNG.normal(size=(3, 4))}
        plain = locus.Graph(input="in", target="teacher").synapses("W", "in", "out")
        self.check(lambda p, x, y: {"W": p["W"] + 0.1 * np.outer(p["W"] @ x, x)}, w, {"W": 0}, plain)
        self.check(lambda p, x, y: {"W": p["W"] * 0.9}, w, {"W": 0}, plain)

        def momentum(p, x, y):
            m = 0.9 * p["m"] + np.outer(p["W"] @ x, x)
            return {"W": p["W"] + 0.1 * m, "m": m}

        kept = locus.Graph(input="in", target="teacher").synapses("W", "in", "out").state("m", of="W")
        self.check(momentum, {**w, "m": np.zeros((3, 4))}, {"W": 1, "m": 1}, kept)
        modulated = locus.Graph(input="in", target="teacher").synapses("W", "in", "out", modulators=["teacher"])
        self.check(lambda p, x, y: {"W": p["W"] + np.outer(y, x)}, w, {"W": 2}, modulated)
        reward = locus.Graph(input="in", target="teacher").synapses("W", "in", "out", broadcast=["teacher"])
        self.check(lambda p, x, y: {"W": p["W"] + y.sum() * np.outer(p["W"] @ x, x)}, w, {"W": 3}, reward)
        self.check(lambda p, x, y: {"W": p["W"] / (1 + np.linalg.norm(p["W"]))}, w, {"W": 4}, plain)
        self.check(lambda p, x, y: {"W": p["W"] + np.outer(y, x)}, w, {"W": 4}, plain)

    def test_samples_together_and_the_other_layout(self):
        x, y = RNG.normal(size=(6, 4)), RNG.normal(size=(6, 3))
        declared = (locus.Graph(input="in", target="error").synapses("W", "in", "out", modulators=["error"], transposed=True)
                    .link("out", "error"))
        audit = locus.audit_update(lambda p, x, y: {"W": p["W"] + x.T @ (y - x @ p["W"])}, {"W": RNG.normal(size=(4, 3))}, x, y,
                                   declared)
        self.assertEqual(audit.classes, {"W": 2})

    def test_probes_are_counted_and_bounded(self):
        calls = 0
        rule = numpy_rule(lambda p: p["B"])

        def update(p, x, y):
            nonlocal calls
            calls += 1
            return rule(p, x, y)

        audit = locus.audit_update(update, PARAMS, X, Y, graph(), probes=100)
        self.assertEqual(audit.probes, 100)
        self.assertLess(calls, 120)

    def test_what_is_given_stays_as_it_is(self):
        def update(p, x, y):
            p["W"] += np.outer(y, x)
            return p

        w = np.zeros((3, 4))
        declared = locus.Graph(input="in", target="t").synapses("W", "in", "out", modulators=["t"])
        self.assertEqual(locus.audit_update(update, {"W": w}, X, Y, declared).classes, {"W": 2})
        self.assertFalse(w.any())

    def test_mistakes(self):
        w = {"W": np.zeros((3, 4))}
        declared = locus.Graph(input="in", target="t").synapses("W", "in", "out")
        for update, params, g, words in (
                (lambda p, x, y: {"W": p["W"] + np.random.rand(3, 4)}, w, declared, "fix the seeds"),
                (lambda p, x, y: {}, w, declared, "returned no"),
                (lambda p, x, y: {"W": p["W"].T}, w, declared, "shape"),
                (lambda p, x, y: p, {**w, "b": np.zeros(3)}, declared, "does not say"),
                (lambda p, x, y: p, {}, declared, "no parameter"),
                (lambda p, x, y: p, {"W": np.zeros((3, 5))}, declared, "neurons"),
                (lambda p, x, y: p, {"W": np.zeros((3, 4), int)}, declared, "floating-point")):
            with self.assertRaisesRegex(locus.UsageError, words):
                locus.audit_update(update, params, X, Y, g)
        with self.assertRaisesRegex(locus.UsageError, "declare"):
            locus.Graph(input="in", target="t").state("m", of="W")

    @unittest.skipUnless(importlib.util.find_spec("torch"), "PyTorch is not installed: apt install python3-torch")
    def test_in_pytorch(self):
        import torch

        params = {k: torch.tensor(v) for k, v in PARAMS.items()}

        def alignment(p, x, y):
            h = torch.tanh(p["W1"] @ x + p["b1"])
            e = y - p["W2"] @ h
            d = (p["B"] @ e) * (1 - h * h)
            return {"W1": p["W1"] + 0.1 * torch.outer(d, x), "b1": p["b1"] + 0.1 * d, "W2": p["W2"] + 0.1 * torch.outer(e, h),
                    "B": p["B"]}

        def backpropagation(p, x, y):
            weights = {k: v.clone().requires_grad_() for k, v in p.items()}
            loss = ((y - weights["W2"] @ torch.tanh(weights["W1"] @ x + weights["b1"])) ** 2).sum() / 2
            loss.backward()
            return {k: (v - 0.1 * v.grad if v.grad is not None else v).detach() for k, v in weights.items()}

        x, y = torch.tensor(X), torch.tensor(Y)
        for update, level in ((alignment, 2), (backpropagation, 4)):
            audit = locus.audit_update(update, params, x, y, graph())
            self.assertEqual(audit.classes, {"W1": level, "b1": level, "W2": 2}, repr(audit))


if __name__ == "__main__":
    main()
