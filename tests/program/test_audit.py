#!/usr/bin/env python3
"""`locus audit`: rows, files, exit codes."""

import hashlib
import json
import os
import re

from testing import SMALL, Scratch, locus, main


GROWING = """
[stimuli]
data = { inputs = [[1], [0.8]], targets = [[-0.5], [0.2]] }
predict = 4
teach = 4
rest = 2
epochs = 3
[[population]]
name = "in"
model = "two-compartment-value"
size = 1
params = { activation = "identity" }
[[population]]
name = "out"
model = "two-compartment-value"
size = 1
params = { gamma = 1, activation = "identity" }
[[population]]
name = "err"
model = "error"
size = 1
[[projection]]
name = "value"
from = "out.b"
to = "err.value"
connect = "one-to-one"
[[projection]]
name = "prediction"
from = "err.mu"
to = "out.prediction"
connect = "one-to-one"
[[projection]]
name = "forward"
from = "in.rate"
to = "err.prediction"
connect = "all-to-all"
synapse = "gated-hebbian"
weights = { init = "glorot-uniform", scale = 1, seed = 1 }
post = "err.eps"
params = { alpha = 4 }
[[stimulus]]
population = "in"
role = "input"
[[stimulus]]
population = "out"
role = "teacher"
answer = "out.x"
"""


class Audit(Scratch):
    def test_one_row_a_circuit_and_the_exit_code_of_what_is_required(self):
        tied = [word for key in ("learning.rule=bp", "stimuli.teach=3") for word in ("--set", key)]
        code, out, err = locus("audit", "small.toml", "small.toml", "--require", "local-plasticity,full-autonomy")
        self.assertEqual((code, err), (0, ""))
        self.assertEqual(len(re.findall(r"^small\.toml +✔ bit-identical( +✔)+", out, re.M)), 2, out)
        code, out, _ = locus("audit", "small.toml", "--require", "full-autonomy", *tied)
        self.assertEqual(code, 1)
        self.assertIn("required, but does not hold: full-autonomy of small.toml", out)
        self.fails(2, r'--require local-plastic: .*did you mean "local-plasticity"', "audit", "small.toml", "--require",
                   "local-plastic")

    def test_files_for_programs_and_for_the_eye(self):
        arguments = ("audit", "small.toml", "--set", "circuit.feedback_weights=tied")
        code, out, _ = locus(*arguments, "--json", "-")
        self.assertEqual(code, 0)
        verdicts = json.loads(out)["circuits"][0]["verdicts"]
        self.assertEqual(verdicts["equivalence"]["result"], "holds")
        path = [step["entity"] for step in verdicts["local-computation"]["evidence"][0]["path"]]
        self.assertEqual(path, ["output.forward[0][0]", "hidden1.value[0]"])
        self.assertRegex(locus(*arguments, "--dot", "-")[1], r"(?s)^digraph audit \{.*output\.forward\[0\]\[0\]")
        self.fails(1, r'cannot write "no/such/o\.json"', *arguments, "--json", "no/such/o.json")

    def test_the_long_form_needs_a_twin(self):
        for name, keys in (("long.toml", []), ("bp.toml", ["--set", "learning.rule=bp", "--set", "stimuli.teach=3"])):
            self.write(name, locus("expand", "small.toml", *keys)[1])
        self.assertRegex(locus("audit", "long.toml")[1], r"long\.toml +- no twin +✔")
        self.assertRegex(locus("audit", "long.toml", "--twin", "bp.toml")[1], r"long\.toml +✔ bit-identical +✔")

    def test_a_model_alone(self):
        code, out, err = locus("audit", "--model", "phi", "--model", "gated-hebbian", "--json", "m.json")
        self.assertEqual((code, err), (0, ""))
        self.assertRegex(out, r"(?m)^phi\n  ✔ pure by its text\n  watched: nothing was evaluated")
        with open("m.json", encoding="utf-8") as file:
            models = json.load(file)["models"]
        self.assertEqual([(m["model"], m["pure"], m["findings"]) for m in models],
                         [("phi", True, []), ("gated-hebbian", True, [])])
        self.assertEqual([m["by_text"] for m in models], [True, True])
        self.fails(2, r'--model ph: no such model \(did you mean "phi"', "audit", "--model", "ph")
        self.fails(2, r"--model looks at models alone", "audit", "small.toml", "--model", "phi")

    def test_a_class_can_be_required(self):
        for level, code in (("2", 0), ("3", 0), ("4", 0), ("1", 1), ("0", 1)):
            got, out, _ = locus("audit", "small.toml", "--require", f"local-plasticity={level}")
            self.assertEqual(got, code, out)
        self.assertRegex(out, r"required, but does not hold: local-plasticity=0 \(hidden1.forward has class 2, .*\) of small.toml")
        for wrong in ("=5", "=-1", "=", "=two", "=2.0"):
            self.fails(2, f"--require local-plasticity{wrong}: expected a class from 0 to 4", "audit", "small.toml",
                       "--require", f"local-plasticity{wrong}")
        self.fails(2, "only local-plasticity has classes", "audit", "small.toml", "--require", "full-autonomy=2")

    def test_what_is_required_is_named_and_measured(self):
        self.fails(2, r'--require "": must not be empty', "audit", "small.toml", "--require", "")
        for words in ("equivalence,,full-autonomy", ",equivalence", "equivalence,"):
            self.fails(2, f'--require "{words}": a criterion is missing', "audit", "small.toml", "--require", words)
        self.write("long.toml", locus("expand", "small.toml")[1])
        code, out, _ = locus("audit", "long.toml", "--require", "equivalence,local-plasticity")
        self.assertEqual(code, 1)
        self.assertEqual(re.findall("required, but .*", out),
                         ["required, but not measured: equivalence of long.toml"])

    def test_as_many_presentations_are_traced_as_it_takes_to_learn(self):
        for targets, traced in (("[[1], [1], [1], [0]]", 1), ("[[0], [1], [1], [0]]", 2), ("[[0], [0], [0], [1]]", 4)):
            self.write("late.toml", SMALL.replace("[[0], [1], [1], [0]]", targets).replace("[0, 1], [1, 0], ", "[0, 0], [0, 0], "))
            _, out, _ = locus("audit", "late.toml", "--updates", "1", "--presentations", "1")
            self.assertIn(f" in {traced} presentation", out)

    def test_what_diverges_only_in_the_audit_is_not_measured(self):
        """An error that changes its sign and grows in each tick: two presentations bear it, longer ones do not."""
        self.write("growing.toml", GROWING)
        code, out, err = locus("audit", "growing.toml", "--require", "local-plasticity=0,local-computation")
        self.assertEqual(code, 0, err)
        self.assertRegex(out, r"full autonomy: not measured: the circuit diverges when presentations are longer")
        self.assertEqual(locus("audit", "growing.toml", "--require", "full-autonomy")[0], 1)
        self.fails(1, "the run cannot go on", "audit", "growing.toml", "--set", "projection.forward.params.alpha=1e200")

    def test_one_of_something_is_no_plural(self):
        self.write("first.toml", SMALL.replace("[[0], [1]", "[[1], [1]"))
        code, out, _ = locus("audit", "first.toml", "--updates", "1", "--presentations", "1")
        self.assertEqual(code, 0)
        self.assertIn("in 1 presentation (6 ticks)", out)
        self.assertIn("runs of 1 update,", out)
        self.assertIsNone(re.search(r"\b1 (epochs|weight updates|updates|hops|presentations|ticks|weights|runs)\b", out), out)
        for wrong in ("0", "1001", "x"):
            self.fails(2, "--presentations", "audit", "small.toml", "--presentations", wrong)

    def test_angles_to_another_circuit(self):
        self.write("random.toml", locus("expand", "small.toml", "--set", "circuit.feedback_weights=fixed-random")[1])
        code, out, err = locus("audit", "random.toml", "--angle", "small.toml", "--updates", "4")
        self.assertEqual((code, err), (0, ""))
        self.assertIn("updates against those of small.toml", out)
        self.assertRegex(out, r"\n    output\.forward +0° +0° +1\n")
        angles = json.loads(locus("audit", "random.toml", "--angle", "small.toml", "--json", "-")[1])["circuits"][0]["angles"]
        self.assertEqual((angles["updates"], angles["projections"]["output.forward"]["largest"]), (20, 0))
        self.fails(2, "--angle", "audit", "random.toml", "--angle")
        self.write("wide.toml", locus("expand", "small.toml", "--set", "circuit.layers=[2, 5, 1]")[1])
        self.fails(2, r'"hidden1\.forward" joins 2 -> 3, all-to-all here and 2 -> 5', "audit", "random.toml", "--angle",
                   "wide.toml")

    def test_verdicts_can_be_verified(self):
        arguments = ("audit", "small.toml", "--updates", "2", "--presentations", "1", "--seed", "3", "--angle", "small.toml",
                     "--set", "learning.alpha=0.05", "--json", "v.json")
        self.assertEqual(locus(*arguments)[0], 0)
        with open("v.json", encoding="utf-8") as file:
            verdicts = json.load(file)
        text = locus("expand", "small.toml", "--set", "learning.alpha=0.05")[1].encode()
        self.assertEqual(verdicts["circuits"][0]["netlist_sha256"], hashlib.sha256(text).hexdigest())
        self.assertEqual((verdicts["seed"], verdicts["options"]["presentations"], verdicts["options"]["updates"]), (3, 1, 2))
        self.assertIn("bits_version", verdicts)
        self.assertEqual(locus("audit", "--verify", "v.json"), (0, "v.json: the same (1 circuit)\n", ""))
        os.mkdir("elsewhere")
        self.assertEqual(locus("audit", "--verify", "../v.json", cwd="elsewhere")[:2],
                         (0, "../v.json: the same (1 circuit)\n"))
        self.fails(2, "--verify takes netlists and options from its file: --seed", "audit", "--verify", "v.json", "--seed", "1")
        self.fails(2, "--verify takes .*: a netlist", "audit", "small.toml", "--verify", "v.json")

        verdicts["circuits"][0]["verdicts"]["equivalence"]["result"] = "fails"
        self.write("forged.json", json.dumps(verdicts))
        code, out, err = locus("audit", "--verify", "forged.json")
        self.assertEqual((code, out, err),
                         (1, "small.toml: verdicts.equivalence.result: fails in the file, holds now\n", ""))

        with open("small.toml", encoding="utf-8") as file:
            changed = file.read().replace("predict = 4", "predict = 5")
        self.write("small.toml", changed)
        code, out, _ = locus("audit", "--verify", "v.json")
        self.assertEqual(code, 1)
        self.assertRegex(out, r"small\.toml has changed: the sha256 of its long form is [0-9a-f]{64}, not [0-9a-f]{64}")

    def test_files_that_are_no_verdicts(self):
        self.assertEqual(locus("audit", "small.toml", "--updates", "1", "--json", "v.json")[0], 0)
        with open("v.json", encoding="utf-8") as file:
            text = file.read()
        for content, complaint in (("", "holds no JSON, or not all of it"), (text[:-20], "holds no JSON, or not all of it"),
                                   ("[" * 100000, "holds no JSON, or not all of it"), ("[]", "it holds no object"),
                                   ("{}", '"format" is not'), ('{"circuits": []}', "files of earlier versions"),
                                   (text.replace('"updates"', '"upd"', 1), r'"options\.updates" is missing'),
                                   (text.replace('"updates": 1', '"updates": -1'), r'"options\.updates" = -1'),
                                   (text.replace('"updates": 1', '"updates": 1e99'), r'"options\.updates" = 1e'),
                                   (text.replace('"netlist_sha256"', '"sha"'), 'no "netlist_sha256"'),
                                   (text.replace('"circuits"', '"others"'), 'it has no "circuits"')):
            self.write("bad.json", content)
            self.fails(1, f'"bad.json" .*{complaint}', "audit", "--verify", "bad.json")
        self.fails(1, 'cannot read "none.json"', "audit", "--verify", "none.json")
        self.fails(1, 'cannot read "."', "audit", "--verify", ".")

    def test_explanations(self):
        code, out, _ = locus("audit", "--explain", "local-plasticity")
        self.assertEqual(code, 0)
        self.assertIn("two end neurons", out)
        self.assertIn("(class 3)", out)
        self.fails(2, r"--explain plasticity: no such criterion", "audit", "--explain", "plasticity")


if __name__ == "__main__":
    main()
