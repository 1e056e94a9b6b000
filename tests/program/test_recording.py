#!/usr/bin/env python3
"""What can be recorded, and what a trace says of it to who was not there."""

import json
import os
import re

from testing import Scratch, locus, main


class Recording(Scratch):
    def trace(self, *arguments):
        code, out, err = locus("trace", *arguments)
        self.assertEqual((code, err), (0, ""), (arguments, out))
        return out

    def run_small(self, *arguments):
        code, _, err = locus("run", "small.toml", "--trace", "t.h5", "--force", *arguments)
        self.assertEqual((code, err), (0, ""))

    def variables(self):
        return [v["name"] for v in json.loads(self.trace("info", "t.h5", "--json"))["variables"]]

    def test_the_same_patterns_choose_what_is_recorded_and_what_is_shown(self):
        self.run_small("--set", 'trace.record=["*"]')
        everything = "t.h5"
        os.rename("t.h5", "all.h5")
        for pattern in ("hidden1.value", "hidden1.value.x[0,2]", "phi", "kind:weights", "kind:phi", "hidden1.forward[1]",
                        "theta[::2][1:]", "output.*", "value.x[ :1 ]"):
            self.run_small("--set", f'trace.record=["{pattern}"]')
            shown = self.trace("show", "all.h5", "--select", pattern, "--csv")
            self.assertEqual(self.trace("show", everything, "--csv"), shown, pattern)
        for pattern, complaint in (("hidden1.valeu", r'did you mean "hidden1\.value\.[a-z]+"'), ("kind:psi", r"phi"),
                                   ("x[", "expected numbers"), ("x[3:3]", "holds nothing"), ("x[a]", "expected numbers")):
            self.fails(2, complaint, "run", "small.toml", "--trace", "t.h5", "--force", "--set",
                       f'trace.record=["{pattern}"]')
            self.fails(2, complaint, "trace", "show", "all.h5", "--select", pattern)

    def test_names_that_no_file_can_hold_are_refused_before_the_run(self):
        text = locus("expand", "small.toml")[1]
        for name in (".", "..", "a/b", "/", "", "a b", "\\u001b"):
            self.write("bad.toml", text.replace("hidden1.phi", name))
            self.fails(2, r"name = \".*\": expected a name", "run", "bad.toml", "--trace", "t.h5")
            self.assertFalse(os.path.exists("t.h5"))
        self.write("good.toml", text.replace("hidden1.phi", "..>-_."))
        self.assertEqual(locus("run", "good.toml", "--trace", "t.h5")[0], 0)
        self.assertIn("..>-_..spike", self.variables())

    def test_a_trace_says_which_sample_a_tick_belongs_to(self):
        self.run_small("--set", "stimuli.shuffle=3", "--set", "circuit.lanes=2")
        # 6 ticks a presentation, 2 of the 4 samples in each, 3 epochs.
        self.assertRegex(self.trace("info", "t.h5"), r"(?m)^presentations: 0 to 5, epochs 1 to 3; ")
        self.assertEqual(json.loads(self.trace("info", "t.h5", "--json"))["presentations"], 6)
        rows = self.trace("show", "t.h5", "--samples", "--lanes", ":", "--csv", "--select", "input.value.x").splitlines()
        self.assertEqual(rows[0], "tick,presentation,sample lane 0,label lane 0,sample lane 1,label lane 1,"
                         "input.value.x[0] lane 0,input.value.x[0] lane 1,input.value.x[1] lane 0,input.value.x[1] lane 1")
        inputs = {0: (0, 0), 1: (0, 1), 2: (1, 0), 3: (1, 1)}
        seen = []
        for row in rows[1:]:
            tick, presentation, s0, l0, s1, l1, *x = (float(n) for n in row.split(","))
            self.assertEqual(presentation, tick // 6)
            self.assertEqual((l0, l1), (int(s0 in (1, 2)), int(s1 in (1, 2))))
            self.assertEqual(((x[0], x[2]), (x[1], x[3])), (inputs[s0], inputs[s1]), row)
            if tick % 6 == 0:
                seen += [s0, s1]
        for epoch in range(3):
            self.assertEqual(sorted(seen[4 * epoch:4 * epoch + 4]), [0, 1, 2, 3])
        # Another part of the run tells the same.
        os.rename("t.h5", "all.h5")
        self.run_small("--set", "stimuli.shuffle=3", "--set", "circuit.lanes=2", "--set", "trace.from=15", "--set",
                       "trace.until=40")
        part = self.trace("show", "t.h5", "--samples", "--csv", "--lanes", "1", "--select",
                          "input.value.x").splitlines()
        whole = self.trace("show", "all.h5", "--samples", "--csv", "--lanes", "1", "--select",
                           "input.value.x").splitlines()
        self.assertEqual(part[1:], whole[16:41])
        self.assertRegex(self.trace("info", "t.h5"), r"(?m)^recorded ticks: 15 to 39$")

    def test_presentations_go_on_after_a_checkpoint(self):
        self.run_small("--set", "stimuli.shuffle=3")
        os.rename("t.h5", "all.h5")
        self.assertEqual(locus("run", "small.toml", "--set", "stimuli.shuffle=3", "--updates", "5", "--checkpoint",
                               "c.h5")[0], 0)
        self.assertEqual(locus("run", "--resume", "c.h5", "--trace", "t.h5")[0], 0)
        rest = self.trace("show", "t.h5", "--samples", "--csv", "--select", "output.value.x").splitlines()
        whole = self.trace("show", "all.h5", "--samples", "--csv", "--select", "output.value.x").splitlines()
        self.assertEqual(rest[1:], whole[1 + 30:])

    def test_an_open_end_is_shown_as_one(self):
        self.run_small()
        self.assertNotIn("recorded ticks", self.trace("info", "t.h5"))
        self.run_small("--set", "trace.from=7")
        self.assertRegex(self.trace("info", "t.h5"), r"(?m)^recorded ticks: 7 on$")

    def test_a_trace_whose_model_had_another_parameter(self):
        self.run_small("--set", "learning.phi.quiet_ticks=2")
        with open("t.h5", "rb") as file:
            data = file.read()
        # As if the parameter had been called so when this was recorded.
        self.assertGreater(data.count(b"quiet_ticks"), 5)
        with open("old.h5", "wb") as file:
            file.write(data.replace(b"quiet_ticks", b"quiet_tocks"))
        self.fails(2, "quiet_tocks", "run", "small.toml", "--set", "learning.phi.quiet_tocks=2")
        self.assertIn("quiet_tocks = 2", self.trace("info", "old.h5"))
        self.assertIn("quiet_tocks", self.trace("info", "old.h5", "--netlist"))
        self.assertEqual(self.trace("show", "old.h5", "--csv"), self.trace("show", "t.h5", "--csv"))
        self.assertRegex(self.trace("export", "--sonata", "old", "old.h5"), r"wrote old/circuit_config\.json: 15 nodes")
        self.trace("export", "--sonata", "new", "t.h5")
        texts = {}
        for folder in ("old", "new"):
            for place, _, names in os.walk(folder):
                for name in names:
                    if name.endswith(".h5"):
                        continue
                    with open(os.path.join(place, name), encoding="utf-8") as file:
                        texts[os.path.join(place, name)] = file.read()
        self.assertGreater(len(texts), 10)
        for name, text in texts.items():
            if name.startswith("old"):
                self.assertEqual(text, texts["new" + name[3:]].replace("quiet_ticks", "quiet_tocks"))
        phi = json.loads(texts["old/components/point_neuron_models/hidden1.phi.json"])
        self.assertEqual(phi["quiet_tocks"], 2)


if __name__ == "__main__":
    main()
