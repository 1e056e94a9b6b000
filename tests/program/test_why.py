#!/usr/bin/env python3
"""`locus trace why`: every number that it tells is the trace's, by ==, and every chain ends outside."""

import functools
import json
import os
import re
from fractions import Fraction

from testing import NETLISTS, SMALL, Scratch, locus, main, numbers_in

# A neuron that leaks and spikes, one that hears it later, and a synapse whose reward comes late.
SPIKING = """
[[model]]
name  = "lif"
kind  = "neuron"
title = "leaky neuron that spikes"
[model.parameters]
leak      = { default = 0.875, meaning = "what is left after a tick" }
threshold = { default = 1.0, meaning = "spikes from there on" }
[model.ports]
drive = "input"
[model.state]
v     = "potential"
spike = { event = true, meaning = "above the threshold" }
[model.rules]
step = '''
u = fma(leak, if(spike > 0, 0, v), drive)
v     <- u
spike <- if(u >= threshold, 1, 0)
'''
%s
[circuit]
lanes = 1
[[population]]
name = "source"
model = "point-value"
size = 3
[[population]]
name = "reward"
model = "controller"
size = 1
[[population]]
name = "cell"
model = "lif"
size = 2
[[population]]
name = "reader"
model = "lif"
size = 1
params = { threshold = 0.5 }
[[projection]]
name = "drive"
from = "source.rate"
to = "cell.drive"
connect = "all-to-all"
synapse = "eligibility-hebbian"
weights = { init = "constant", scale = 0.375 }
post = "cell.spike"
gate = "reward.signal"
gate_at = "everywhere"
params = { alpha = 0.1, lambda = 0.75 }
[[projection]]
name = "late"
from = "cell.spike"
to = "reader.drive"
connect = "all-to-all"
delay = 3
synapse = "fixed"
weights = { init = "constant", scale = 0.625 }
[[stimulus]]
population = "source"
role = "input"
[[stimulus]]
population = "reward"
role = "control"
onset = 6
ticks = 1
[stimuli]
data = { inputs = [[1, 0.5, 0.25], [0.25, 1, 0.5]], targets = [[0], [0]] }
predict = 4
teach = 12
rest = 0
epochs = 4
"""
NOISY = """
[[population]]
name = "hiss"
model = "noise"
size = 2
[[projection]]
name = "hissing"
from = "hiss.rate"
to = "cell.drive"
connect = "one-to-one"
"""


class Why(Scratch):
    lane = 0

    def record(self, netlist, *options):
        code, out, err = locus("run", netlist, "--trace", "t.h5", "--force", *options)
        self.assertEqual(code, 0, (out, err))
        self.frames = functools.cache(lambda path: numbers_in("t.h5", "/trace/" + path))
        code, out, _ = locus("trace", "info", "t.h5", "--json")
        self.info = json.loads(out)
        self.sizes = {p["name"]: p["size"] for p in self.info["populations"]}
        self.columns = {v["name"]: v["columns"] for v in self.info["variables"]}
        self.ticks = self.info["ticks"][1]

    def frame(self, variable, column, tick):
        """A number of a trace with a frame for every tick."""
        group, field = variable.rsplit(".", 1)
        lanes = self.info["lanes"] if group in self.sizes else 1
        at = (tick * self.columns[variable] + column) * lanes + (self.lane if lanes > 1 else 0)
        return 0.0 if tick < 0 else self.frames(f"{group}/{field}")[at]

    def number(self, name, tick):
        """Of "hidden1.phi[2].spike" or "hidden1.forward[2][1].theta" in a circuit without grids; None: not recorded."""
        found = re.fullmatch(r"(.+?)\[(\d+)\](?:\[(\d+)\])?\.(\w+)", name)
        variable = f"{found[1]}.{found[4]}"
        if variable not in self.columns:
            return None
        column = int(found[2])
        if found[3] is not None:
            forward = self.columns[variable] // self.sources(found[1])
            self.assertEqual(forward * self.sources(found[1]), self.columns[variable])
            column = column * self.sources(found[1]) + int(found[3])
        return self.frame(variable, column, tick)

    @functools.cache
    def sources(self, projection):
        return max(numbers_in("t.h5", f"/scales/{projection}/source")) + 1

    def why(self, event, *options):
        code, out, err = locus("trace", "why", "t.h5", event, "--json", *options)
        self.assertEqual((code, err), (0, ""), event)
        told = json.loads(out)
        self.lane = told["lane"]
        self.check(told)
        return told

    def check(self, told):
        """Against the trace; and that every step stands after the one that it explains, not later in time."""
        steps = told["steps"]
        self.assertIsNone(steps[0]["of"])
        for n, s in enumerate(steps):
            if n > 0:
                self.assertLess(s["of"], n)
                self.assertLessEqual(s["tick"], steps[s["of"]]["tick"])
            if s["kind"] in ("state", "spike") and s["value"] is not None:
                there = self.number(s["entity"], s["tick"])
                if there is not None:
                    self.assertEqual(there, s["value"], s)
                    self.assertEqual(self.number(s["entity"], s["tick"] - 1), s["before"], s)
            if s["kind"] == "change":
                self.assertEqual(self.number(s["entity"], s["tick"]), s["before"], s)
                if s["tick"] + 1 < self.ticks:
                    self.assertEqual(self.number(s["entity"], s["tick"] + 1), s["value"], s)
            if s["kind"] in ("message", "gate"):
                self.assertIsNotNone(s["from"])
                self.assertIn("local", s)
        children = {s["of"] for s in steps}
        for n, s in enumerate(steps):
            if n not in children and "told as step" not in s["text"] and not told["more"]:
                self.assertIn(s["kind"], ("stimulus", "noise", "initial"), (told["sentence"], s))

    def ends(self, told, kind):
        return [s for s in told["steps"] if s["kind"] == kind]

    def changes_of(self, variable):
        """[(tick, column)] at which a weight learnt."""
        width, all_frames = self.columns[variable], self.frames("/".join(variable.rsplit(".", 1)))
        return [(t, k) for t in range(self.ticks - 1) for k in range(width)
                if all_frames[t * width + k] != all_frames[(t + 1) * width + k]]

    def test_every_weight_change_of_xor(self):
        for options in ([], ["--messages"]):
            self.record(os.path.join(NETLISTS, "xor.toml"), "--updates", "8", *options)
            seen = 0
            for projection in ("hidden1.forward", "output.forward"):
                for tick, k in self.changes_of(projection + ".theta")[:6]:
                    width = self.sources(projection)
                    post, pre = divmod(k, width)
                    told = self.why(f"{projection}[{post}][{pre}]@{tick}")
                    seen += 1
                    change, reads = told["steps"][0], [s for s in told["steps"] if s["of"] == 0]
                    self.assertEqual(change["kind"], "change")
                    gate, after, before = reads
                    self.assertEqual([gate["kind"], gate["value"], gate["local"]], ["gate", 1.0, True])
                    self.assertRegex(gate["from"], r"\.phi\[%d\]\.spike$" % post)
                    self.assertTrue(after["local"] and before["local"])
                    # theta <- fma(alpha, sum(gate * post * pre), theta), exactly
                    product = float(Fraction(gate["value"] * after["value"]) * Fraction(before["value"]))
                    self.assertEqual(change["value"], float(Fraction(0.1) * Fraction(product) + Fraction(change["before"])))
                    self.assertTrue(self.ends(told, "stimulus"), told["sentence"])
                    self.assertEqual(told["logged_messages"] > 0, bool(options))
                    self.assertGreater(told["compared"], 0)
            self.assertGreater(seen, 8)

    def test_the_teacher_makes_the_first_spike(self):
        self.record(os.path.join(NETLISTS, "xor.toml"), "--updates", "4")
        first = min(int(t) for t in numbers_in("t.h5", "/spikes/output.phi/timestamps"))
        told = self.why(f"output.phi[0]@{first}")
        self.assertEqual([told["steps"][0]["kind"], told["steps"][-1]["kind"]], ["spike", "stimulus"])
        self.assertEqual(told["steps"][-1]["entity"], "output.value[0]")
        self.assertRegex(told["steps"][-1]["text"], r"held from outside \(teacher\) since tick %d: sample \d+, label" % first)
        self.assertIn("It goes back to output.value[0] (from outside", told["sentence"])
        code, out, _ = locus("trace", "why", "t.h5", f"output.phi[0]@{first}")
        self.assertEqual(code, 0)
        self.assertIn("output.error[0].eps -> output.phi[0].error", out)
        self.assertRegex(out, r"run anew from tick 0: [\d ]+ numbers of ticks \d+ to \d+ are those of the trace")

    def test_variables_and_branches(self):
        self.record("small.toml")
        moved = [t for t in range(1, self.ticks) if self.frame("hidden1.value.x", 1, t) != self.frame("hidden1.value.x", 1, t - 1)]
        self.assertGreater(len(moved), 3)
        for tick in moved[:5]:
            told = self.why(f"hidden1.value.x[1]@{tick}")
            everything = self.why(f"hidden1.value.x[1]@{tick}", "--all")
            self.assertGreaterEqual(len(everything["steps"]), len(told["steps"]))
            few = self.why(f"hidden1.value.x[1]@{tick}", "--all", "--most", "3")
            self.assertEqual((len(few["steps"]), few["more"]), (3, True))
        # A neuron without a field's name: whatever changed.
        self.assertTrue(self.why(f"hidden1.value[1]@{moved[0]}")["steps"][0]["entity"].startswith("hidden1.value[1]."))

    def test_digits(self):
        self.record(os.path.join(NETLISTS, "digits.toml"), "--updates", "3", "--no-test", "--set",
                    'trace.record=["*"]')
        for projection in ("hidden1.forward", "output.forward"):
            changes = self.changes_of(projection + ".theta")
            for tick, k in (changes[0], changes[len(changes) // 2], changes[-1]):
                post, pre = divmod(k, self.sources(projection))
                told = self.why(f"{projection}[{post}][{pre}]@{tick}")
                self.assertTrue(self.ends(told, "stimulus"))
                self.assertEqual({s["local"] for s in told["steps"] if s["kind"] == "gate"}, {True})

    def test_backpropagation_is_not_local(self):
        self.record(os.path.join(NETLISTS, "xor.toml"), "--updates", "4", "--set", "learning.rule=bp")
        tick, k = self.changes_of("hidden1.forward.theta")[0]
        post, pre = divmod(k, self.sources("hidden1.forward"))
        told = self.why(f"hidden1.forward[{post}][{pre}]@{tick}")
        self.assertIn(False, [s["local"] for s in told["steps"]], "the weights of the forward synapses are used backwards")

    def test_spikes_delays_and_a_late_reward(self):
        self.write("spiking.toml", SPIKING % "")
        self.record("spiking.toml")
        reader = [int(t) for t in numbers_in("t.h5", "/spikes/reader/timestamps")]
        for tick in reader[:4]:
            told = self.why(f"reader[0]@{tick}")
            heard = next(s for s in told["steps"] if s["kind"] == "message")
            # It stepped with what had arrived the tick before, and that had left three ticks earlier.
            self.assertEqual((heard["tick"], heard["projection"]), (tick - 1, "late"))
            self.assertIn("3 ticks before", heard["text"])
            spike = next(s for s in told["steps"] if s["kind"] == "spike" and s["entity"].startswith("cell["))
            self.assertEqual(spike["tick"], tick - 4)
            self.assertEqual(told["steps"][-1]["kind"], "stimulus")
            self.assertTrue(told["steps"][-1]["entity"].startswith("source["))
        changes = self.changes_of("drive.theta")
        self.assertTrue(changes)
        for tick, k in changes[:4]:
            post, pre = divmod(k, 3)
            told = self.why(f"drive[{post}][{pre}]@{tick}")
            gate = next(s for s in told["steps"] if s["kind"] == "gate")
            self.assertEqual((gate["from"], gate["local"]), ("reward[0].signal", None), "control, judged apart")
            self.assertIn("control", gate["text"])

    def test_noise(self):
        self.write("noisy.toml", SPIKING % NOISY)
        self.record("noisy.toml")
        spikes = [int(t) for t in numbers_in("t.h5", "/spikes/cell/timestamps")]
        told = [self.why(f"cell.v[0]@{t}") for t in range(2, 12)]
        self.assertTrue(spikes)
        self.assertTrue(any(self.ends(each, "noise") for each in told))

    def test_from_a_checkpoint(self):
        self.record("small.toml", "--checkpoint", "c.h5", "--every-updates", "100")
        tick, k = self.changes_of("hidden1.forward.theta")[0]
        post, pre = divmod(k, self.sources("hidden1.forward"))
        event = f"hidden1.forward[{post}][{pre}]@{tick}"
        self.fails(2, r"--from c\.h5: that checkpoint is of tick 72, after tick %d" % tick, "trace", "why", "t.h5", event,
                   "--from", "c.h5")
        self.assertEqual(locus("run", "small.toml", "--checkpoint", "d.h5", "--updates", "6", "--trace", "u.h5")[0], 0)
        late, k = self.changes_of("hidden1.forward.theta")[-1]
        post, pre = divmod(k, self.sources("hidden1.forward"))
        event = f"hidden1.forward[{post}][{pre}]@{late}"
        self.assertGreater(late, 36)
        whole, part = self.why(event), self.why(event, "--from", "d.h5")
        self.assertEqual((whole["run_from"], part["run_from"]), (0, 36))
        self.assertEqual(whole["steps"][0], part["steps"][0])

    def test_lanes_and_float(self):
        self.record("small.toml", "--set", "circuit.lanes=2", "--set", "circuit.precision=f32")
        tick, k = self.changes_of("hidden1.forward.theta")[0]
        post, pre = divmod(k, self.sources("hidden1.forward"))
        told = self.why(f"hidden1.forward[{post}][{pre}]@{tick}")
        self.assertRegex(told["steps"][0]["text"], r"of 2 lanes, [01] is followed")
        self.assertEqual(told["steps"][0]["before"], self.frame("hidden1.forward.theta", k, tick))
        self.assertEqual(told["steps"][0]["value"], self.frame("hidden1.forward.theta", k, tick + 1))
        other = self.why(f"hidden1.forward[{post}][{pre}]@{tick}", "--lane", str(1 - told["lane"]))
        self.assertNotEqual(other["lane"], told["lane"])
        self.fails(2, r"--lane 2: the circuit has lanes 0 to 1", "trace", "why", "t.h5", f"hidden1.value.x[0]@{tick}",
                   "--lane", "2")

    def test_what_was_not_asked_well(self):
        self.record("small.toml")
        why = ("trace", "why", "t.h5")
        self.fails(2, r'no population, projection or variable "hiden1\.phi" \(did you mean "hidden1\.phi"\?\)', *why,
                   "hiden1.phi[0]@3")
        self.fails(2, r'variable "hidden1\.value\.y"', *why, "hidden1.value.y[0]@3")
        self.fails(2, r"which neuron\? 0 to 2, such as hidden1\.phi\[0\]", *why, "hidden1.phi@3")
        self.fails(2, r"neuron 7", *why, "hidden1.phi[7]@3")
        self.fails(2, r"name one neuron", *why, "hidden1.phi[0:2]@3")
        self.fails(2, r"\[POST\]\[PRE\]", *why, "hidden1.forward[0]@3")
        self.fails(2, r"say in which tick", *why, "hidden1.phi[0]")
        self.fails(2, r'the tick "x"', *why, "hidden1.phi[0]@x")
        self.fails(2, r'tick 900 was not recorded; "t\.h5" has ticks 0 to 71', *why, "hidden1.phi[0]@900")
        self.fails(2, r"the question is missing: .*usage: locus trace why", "trace", "why", "t.h5")
        self.fails(2, r"plain link", *why, "output.error.eps->output.phi.error[0][0]@3")
        spikes = sorted(int(t) for t in numbers_in("t.h5", "/spikes/output.phi/timestamps"))
        between = spikes[1] + 1
        self.fails(2, r"output\.phi\.spike\[0\] did not spike in tick %d; it spiked in tick %d before that and in tick %d "
                      r"next" % (between, spikes[1], spikes[2]), *why, f"output.phi.spike[0]@{between}")
        changes = [t for t, k in self.changes_of("output.forward.theta") if k == 0]
        quiet = changes[0] + 1
        self.fails(2, r"did not change in tick %d; it changed in tick %d before that and in tick %d next"
                   % (quiet, changes[0], changes[1]), *why, f"output.forward[0][0]@{quiet}")
        self.fails(2, r"did not change in tick 0; it never changed before that.*changed in tick %d next" % changes[0], *why,
                   "output.forward[0][0]@0")

    def test_windows(self):
        self.record("small.toml", "--set", "trace.record=['eps']", "--set", "trace.presentations=[[1, 2], [4, 5]]")
        self.fails(2, r'tick 3 was not recorded; "t\.h5" has ticks 6 to 11, 24 to 29$', "trace", "why", "t.h5",
                   "output.phi[0]@3")
        code, out, err = locus("trace", "why", "t.h5", "output.phi[0]@10")
        self.assertEqual((code, err), (0, ""))
        self.assertIn("output.phi[0].spike spiked in tick 10", out)

    def test_another_circuit_than_the_trace(self):
        self.write("data.csv", "x0,x1,y0\n0,0,0\n0,1,1\n1,0,1\n1,1,0\n")
        self.write("own.toml", SMALL.replace(
            "data = { inputs = [[0, 0], [0, 1], [1, 0], [1, 1]], targets = [[0], [1], [1], [0]] }",
            'data = "csv:data.csv"'))
        code, _, err = locus("run", "own.toml", "--trace", "own.h5")
        if code != 0:
            self.fail(err)
        self.write("data.csv", "x0,x1,y0\n0,0,0\n0,1,-1\n1,0,0.5\n1,1,0\n")
        self.fails(1, r'"own\.h5": its netlist, run anew, does not give what the trace holds.* at tick \d+ is .* in the trace '
                      r"and .* anew", "trace", "why", "own.h5", "output.phi[0]@10")


if __name__ == "__main__":
    main()
