#!/usr/bin/env python3
"""Models as text, as a user meets them: `locus models`, and netlists that bring models along."""

import json
import os
import re

from testing import NETLISTS, Scratch, locus, main

SWISH = """[[activation]]
name = "swish"
f = "x * sigmoid(x)"
derivative = "sigmoid(x) + y * (1 - sigmoid(x))"
"""

LEAKY = """[[model]]
name = "leaky"
kind = "neuron"
[model.parameters]
leak = { default = 0.25, above = 0, at_most = 1, meaning = "fraction lost a tick" }
f = "tanh"
[model.ports]
drive = "summed input"
[model.state]
v = "potential"
rate = "f(v)"
[model.rules]
step = "v <- v + leak * (drive - v)"
clamp = "v <- value"
emit = "rate <- f(v)"
"""

TRACED = """[[model]]
name = "traced-hebbian"
kind = "synapse"
[model.parameters]
alpha = 0.01
lambda = { default = 0.5, at_least = 0, at_most = 1 }
[model.sees]
post = ["v", "rate"]
[model.state]
theta = "weight"
trace = { meaning = "eligibility", per_lane = true }
[model.rules]
learn = '''
e = lambda * trace + pre * post.rate
trace <- e
theta <- theta + alpha * sum(e * (post.v - theta * post.rate))
'''
"""

CIRCUIT = """
[circuit]
lanes = 2
[[population]]
name = "in"
model = "leaky"
size = 64
[[population]]
name = "out"
model = "leaky"
size = 10
[[projection]]
name = "w"
from = "in.rate"
to = "out.drive"
synapse = "traced-hebbian"
post = { rate = "out.rate", v = "out.v" }
weights = { init = "uniform", scale = 0.1, seed = 1 }
[[stimulus]]
population = "in"
role = "input"
[[stimulus]]
population = "out"
role = "teacher"
answer = "out.rate"
[stimuli]
data = "digits"
train_limit = 60
test_limit = 20
"""


class Models(Scratch):
    def hash_of(self, *arguments, **environment):
        os.environ.update(environment)
        try:
            code, _, err = locus("run", *arguments, "--json", "o.json")
        finally:
            for name in environment:
                del os.environ[name]
        self.assertEqual((code, err), (0, ""))
        with open("o.json", encoding="utf-8") as file:
            return json.load(file)["weights_sha256"]

    def test_a_text_that_was_printed_is_a_model(self):
        for name in re.findall(r"^  ([a-z-]+) ", locus("models")[1], re.M):
            code, text, _ = locus("models", name, "--text")
            self.assertEqual(code, 0)
            self.write("copy.toml", text.replace(f'"{name}"', '"copy"', 1))
            code, out, err = locus("models", "--check", "copy.toml")
            self.assertEqual((code, err), (0, ""), name)
            self.assertRegex(out, r"^copy\.toml: (neuron|synapse) model copy is right\n$")

    def test_what_a_synapse_sees(self):
        for model, sees in {"gated-hebbian": "pre, post, gate (its modulator; 1 if there is none)",
                            "tsodyks-markram": "pre"}.items():
            self.assertIn(f"\nsees\n  {sees}\n", locus("models", model)[1])

    def test_what_is_read(self):
        self.assertIn("  react    quiet          error, tolerance, quiet, quiet_ticks\n", locus("models", "phi", "--reads")[1])
        self.write("mine.toml", TRACED)
        out = locus("models", "traced-hebbian", "--of", "mine.toml", "--reads")[1]
        reads = {field: set(names.split(", ")) for field, names in re.findall(r"^  learn +(\w+) +(.*)$", out, re.M)}
        self.assertEqual(reads, {"trace": {"lambda", "trace", "pre", "post.rate"},
                                 "theta": {"lambda", "trace", "pre", "post.rate", "post.v", "theta", "alpha"}})

    def test_a_parameter_without_a_meaning(self):
        self.write("mine.toml", LEAKY)
        out = locus("models", "leaky", "--of", "mine.toml")[1]
        self.assertIn("  leak           fraction lost a tick; default 0.25; a number > 0 and <= 1\n"
                      "  f              default tanh; sigmoid | tanh |", out)

    def test_a_netlist_brings_models_along(self):
        self.write("mine.toml", LEAKY + TRACED)
        self.write("inline.toml", LEAKY + TRACED + CIRCUIT)
        self.write("beside.toml", 'models = ["mine.toml"]\n' + CIRCUIT)
        self.write("long.toml", locus("expand", "beside.toml")[1])
        hashes = {self.hash_of(name) for name in ("inline.toml", "beside.toml", "long.toml")}
        hashes |= {self.hash_of("inline.toml", *more) for more in (["--threads", "2"], ["--no-tracking"])}
        hashes.add(self.hash_of("inline.toml", LOCUS_SIMD="scalar"))
        self.assertEqual(locus("run", "inline.toml", "--checkpoint", "c.h5", "--updates", "7")[0], 0)
        hashes.add(self.hash_of("inline.toml", "--resume", "c.h5"))
        self.assertEqual(len(hashes), 1)

    def test_what_synapses_keep_is_recorded(self):
        self.write("inline.toml", LEAKY + TRACED + CIRCUIT)
        self.assertEqual(locus("run", "inline.toml", "--trace", "t.h5", "--set", 'trace.record=["w"]')[0], 0)
        self.assertRegex(locus("trace", "info", "t.h5")[1], r"w\.trace +640 synapses, every frame; eligibility")
        self.assertRegex(locus("trace", "show", "t.h5", "--select", "w.trace[3][5]", "--ticks", "0:3")[1], r"w\.trace\[3\]\[5\]")

    def test_an_activation_of_ones_own_keeps_the_bits_of_backpropagation(self):
        self.write("swish.toml", SWISH)
        code, out, err = locus("run", os.path.join(NETLISTS, "digits.toml"), "--set", 'models=["swish.toml"]', "--set",
                               "circuit.activation=swish", "--updates", "20", "--against", "bp", "--no-test")
        self.assertEqual((code, err), (0, ""))
        self.assertIn("weights bit-identical to backpropagation after 20 updates: yes", out)

    def test_interpreted_models_have_the_bits_of_compiled_ones(self):
        self.assertEqual(self.hash_of("small.toml"), self.hash_of("small.toml", LOCUS_MODELS="interpreted"))
        os.environ["LOCUS_MODELS"] = "quickly"
        try:
            self.fails(2, 'LOCUS_MODELS = "quickly": expected compiled or interpreted', "run", "small.toml")
        finally:
            del os.environ["LOCUS_MODELS"]

    def test_a_mistake_is_shown_where_it_is(self):
        self.write("wrong.toml", LEAKY.replace("(drive - v)", "(drve - v)") + CIRCUIT)
        code, _, err = locus("run", "wrong.toml")
        self.assertEqual(code, 2)
        self.assertIn('wrong.toml:13:26: model[0].rules.step: "drve" is not known here (did you mean "drive"?)\n'
                      "    v <- v + leak * (drve - v)\n"
                      "                     ^~~~\n", err)
        self.write("same.toml", LEAKY.replace('"leaky"', '"phi"'))
        self.write("clash.toml", 'models = ["same.toml"]\n' + CIRCUIT.replace('"leaky"', '"phi"'))
        self.fails(2, r'"phi": Locus has a model of this name', "run", "clash.toml")

    def test_a_weight_that_differs_from_lane_to_lane_wants_one_lane(self):
        self.write("wide.toml", LEAKY + TRACED.replace('kind = "synapse"', 'kind = "synapse"\nweight = "trace"') + CIRCUIT)
        self.fails(2, r"which differs from lane to lane: set circuit\.lanes = 1", "run", "wide.toml")
        self.assertEqual(locus("run", "wide.toml", "--set", "circuit.lanes=1")[0], 0)


main()
